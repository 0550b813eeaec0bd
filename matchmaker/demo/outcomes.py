"""What came of the sample campaign's meetings."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.demo.rows import Book
from matchmaker.domain.states import (
    AgreementKind,
    ContractKind,
    ContractState,
    Direction,
    IntentLevel,
    MeetingOutcome,
    NeedState,
    PairingState,
)
from matchmaker.store.tables import (
    Achievement,
    Agreement,
    Event,
    Intent,
    Need,
    Organisation,
    Pairing,
    PairingList,
    TechContract,
)

_OUTCOMES = {
    "met": MeetingOutcome.FOLLOW_UP,
    "intended": MeetingOutcome.INTENT,
    "signed": MeetingOutcome.INTENT,
    "lapsed": MeetingOutcome.NO_INTEREST,
}


def load_outcomes(session: Session, book: Book, outcomes: dict[str, Any]) -> None:
    """Write pairings held, intents, agreements, contracts, and the solved need."""
    pairings = _pairings(session, book, outcomes["pairings"])
    intents = _intents(session, book, outcomes["intents"], pairings)
    agreements = _agreements(session, book, outcomes["agreements"], intents)
    _contracts(session, book, outcomes["contracts"], agreements)
    for entry in outcomes["solved"]:
        if entry["level"] == "solved":
            need = session.get_one(Need, book.needs[entry["need"]])
            need.status, need.solved_at = NeedState.SOLVED, book.moment(entry["confirmed_day"])
            need.solved_confirmed_by = book.names[entry["confirmed_by"]]
    session.flush()


def _pairings(session: Session, book: Book, entries: list[dict[str, Any]]) -> dict[str, int]:
    lists: dict[int, PairingList] = {}
    found: dict[str, int] = {}
    for entry in entries:
        event = session.get_one(Event, book.events[entry["event"]])
        if event.id not in lists:
            lists[event.id] = _list(session, event, sum(e["event"] == entry["event"] for e in entries))
        row = Pairing(
            list_id=lists[event.id].id,
            event_id=event.id,
            need_id=book.needs[entry["need"]],
            achievement_id=book.achievements[entry["achievement"]],
            expert_id=book.people.get(entry.get("expert") or ""),
            status=PairingState(entry["status"]),
            slot=entry["slot"],
            table_number=entry["table"],
            need_answer="accepted",
            achievement_answer="accepted",
            outcome=_OUTCOMES[entry["status"]],
            outcome_note=entry["note"],
            outcome_at=event.starts_at,
            outcome_by="现场工作人员",
        )
        session.add(row)
        session.flush()
        found[entry["key"]] = row.id
    return found


def _list(session: Session, event: Event, meetings: int) -> PairingList:
    row = PairingList(
        event_id=event.id,
        number=1,
        published_at=event.starts_at,
        settings={"per_enterprise": event.per_enterprise, "per_expert": event.per_expert},
        result={"meetings": meetings},
        created_at=event.created_at,
    )
    session.add(row)
    session.flush()
    return row


def _intents(
    session: Session, book: Book, entries: list[dict[str, Any]], pairings: dict[str, int]
) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in entries:
        need = session.get_one(Need, book.needs[entry["need"]])
        day = book.day(entry["day"])
        level = IntentLevel(entry["level"])
        row = Intent(
            enterprise_id=need.organisation_id,
            partner_id=_university(session, book, entry["achievement"]),
            matter=need.title,
            matter_key=f"need-{need.id}-{book.achievements[entry['achievement']]}",
            need_id=need.id,
            achievement_id=book.achievements[entry["achievement"]],
            pairing_id=pairings.get(entry.get("pairing") or ""),
            event_id=book.events.get(entry.get("event") or ""),
            level=level,
            reached_on=day if level not in (IntentLevel.NONE, IntentLevel.CONTACTED) else None,
            witness=book.names.get(entry.get("witness") or "", ""),
            note=entry.get("note") or "",
            last_news_on=day,
            created_at=book.moment(entry["day"]),
        )
        session.add(row)
        session.flush()
        found[entry["key"]] = row.id
    return found


def _university(session: Session, book: Book, achievement_key: str) -> int:
    achievement = session.get_one(Achievement, book.achievements[achievement_key])
    owner = session.scalars(select(Organisation).where(Organisation.id == achievement.organisation_id)).one()
    return owner.parent_id or owner.id


def _agreements(
    session: Session, book: Book, entries: list[dict[str, Any]], intents: dict[str, int]
) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in entries:
        row = Agreement(
            kind=AgreementKind(entry["kind"]),
            title=entry["title"],
            enterprise_id=book.organisations[entry["enterprise"]],
            partner_id=book.organisations[entry["institution"]],
            intent_id=intents.get(entry.get("intent") or ""),
            need_id=book.needs.get(entry.get("need") or ""),
            event_id=book.events.get(entry.get("event") or ""),
            signed_on=book.day_or_none(entry.get("signed_day")),
            valid_to=book.day_or_none(entry.get("valid_until_day")),
            note=entry.get("note") or "",
            created_at=book.moment(entry.get("signed_day") or 0),
        )
        session.add(row)
        session.flush()
        found[entry["key"]] = row.id
    return found


def _contracts(
    session: Session, book: Book, entries: list[dict[str, Any]], agreements: dict[str, int]
) -> None:
    for entry in entries:
        session.add(
            TechContract(
                kind=ContractKind(entry["kind"]),
                subtype=entry.get("subtype") or "",
                title=entry["title"],
                status=ContractState(entry["status"]),
                buyer_id=book.organisations[entry["buyer"]],
                seller_id=book.organisations[entry["seller"]],
                direction=Direction(entry["direction"]),
                amount_total_fen=entry["amount_total_fen"],
                amount_tech_fen=entry.get("amount_tech_fen"),
                signed_on=book.day(entry["signed_day"]),
                registration_no=entry.get("registration_no"),
                registered_on=book.day_or_none(entry.get("registered_day")),
                agreement_id=agreements.get(entry.get("agreement") or ""),
                need_id=book.needs.get(entry.get("need") or ""),
                achievement_id=book.achievements.get(entry.get("achievement") or ""),
                created_at=book.moment(entry["signed_day"]),
            )
        )
