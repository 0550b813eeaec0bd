"""An event of the sample that is running right now, so that its desk can be tried at any hour."""

import json
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.demo.rows import Book
from matchmaker.domain.states import EventState, InvitationState, PairingState
from matchmaker.services.event_items import NEEDS_FOR_EVENTS
from matchmaker.services.firm_codes import give_codes
from matchmaker.store.queries.pairings import met_before, seats_of
from matchmaker.store.tables import (
    Campaign,
    Event,
    EventItem,
    Invitation,
    Need,
    Pairing,
    PairingList,
    Theme,
)

_THEMES = ("electronics", "new_material", "equipment", "hardware", "lighting", "auto_parts", "mold")
_MINUTES, _SLOTS, _TABLES = 20, 9, 8
_PER_FIRM = 4
_FIGURES = {"tables": _TABLES, "slots": _SLOTS, "per_enterprise": _PER_FIRM + 1, "per_expert": 6}


def load_today(session: Session, book: Book) -> None:
    """Add an event whose second slot is running: a published list, some guests here, some not yet."""
    event = _event(session, book)
    pairs = _pairs(session, book, event)
    needs, achievements = [need for need, _answer in pairs], [answer for _need, answer in pairs]
    for kind, ids in (("need", [need.id for need in needs]), ("achievement", achievements)):
        session.add_all(
            EventItem(event_id=event.id, subject_kind=kind, subject_id=key, added_by="hand") for key in ids
        )
    session.flush()
    give_codes(session, event.id)
    _invite(session, event, needs, achievements)
    _pair(session, event, needs, achievements)


def _event(session: Session, book: Book) -> Event:
    minutes = clock.now().minute % _MINUTES + _MINUTES
    begins = (clock.now() - timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    campaign_id = session.scalars(select(Campaign.id).order_by(Campaign.id.desc())).first()
    row = Event(
        campaign_id=campaign_id,
        theme_id=session.scalar(select(Theme.id).where(Theme.slug == _THEMES[0])),
        kind="themed",
        title="先进制造与新材料现场对接（正在进行）",
        status=EventState.OPEN,
        held_on=clock.local(begins).date(),
        starts_at=begins,
        venue="县科技服务大厅一楼",
        town="",
        capacity=60,
        slot_minutes=_MINUTES,
        description="示例：活动正在进行，可以试用“现场”里的签到、缺席、迟到和换桌。",
        created_at=book.moment(-20),
        **_FIGURES,
    )
    session.add(row)
    session.flush()
    return row


def _pairs(session: Session, book: Book, event: Event) -> list[tuple[Need, int]]:
    """Return open needs of different firms, each with an achievement that answers it and its own expert.

    They have not met before, so that a draw of the event finds proposals among what is on its table.
    """
    folder = Path(__file__).parent
    answers = {
        book.needs[entry["need"]]: [book.achievements[key] for key in entry["answers"]]
        for entry in json.loads((folder / "relevance.json").read_text(encoding="utf-8"))
    }
    rows = session.scalars(
        select(Need)
        .where(
            Need.id.in_([key for key in answers if book.themes_of.get(key) in _THEMES]),
            Need.status.in_(NEEDS_FOR_EVENTS),
            Need.contact_id.is_not(None),
        )
        .order_by(Need.id)
    ).all()
    seats = seats_of(session, {key for row in rows for key in answers[row.id]})
    met = met_before(session, event_id=event.id)
    found: list[tuple[Need, int]] = []
    firms, experts = set[int](), set[int]()
    for row in rows:
        came = (key for key in answers[row.id] if key in seats and seats[key].person_id is not None)
        fresh = (key for key in came if (row.id, seats[key].key) not in met)
        answer = next((key for key in fresh if seats[key].key not in experts), None)
        if answer is not None and row.organisation_id not in firms:
            firms.add(row.organisation_id)
            experts.add(seats[answer].key)
            found.append((row, answer))
    return found[:_TABLES]


def _invite(session: Session, event: Event, needs: list[Need], achievements: list[int]) -> None:
    seats = seats_of(session, achievements)
    guests = [
        *((need.organisation_id, need.contact_id, "enterprise") for need in needs),
        *((seats[key].organisation_id, seats[key].person_id, "expert") for key in achievements),
    ]
    for place, (organisation_id, person_id, role) in enumerate(guests):
        here = place % 4 != 3
        session.add(
            Invitation(
                event_id=event.id,
                organisation_id=organisation_id,
                person_id=person_id,
                role=role,
                status=InvitationState.CHECKED_IN if here else InvitationState.ACCEPTED,
                invited_at=event.starts_at - timedelta(days=7),
                checked_in_at=event.starts_at - timedelta(minutes=20 - place) if here else None,
            )
        )


def _pair(session: Session, event: Event, needs: list[Need], achievements: list[int]) -> None:
    """Publish a list in which each firm meets one expert per round, at its own table."""
    listed = PairingList(
        event_id=event.id,
        number=1,
        published_at=event.starts_at - timedelta(days=3),
        settings=dict(_FIGURES),
        result={"meetings": len(needs) * _PER_FIRM},  # put together by hand: nothing to prove
        created_at=event.starts_at - timedelta(days=4),
    )
    session.add(listed)
    session.flush()
    seats = seats_of(session, achievements)
    for round_number in range(_PER_FIRM):
        for place, need in enumerate(needs):
            key = achievements[(place + round_number) % len(achievements)]
            session.add(
                Pairing(
                    list_id=listed.id,
                    event_id=event.id,
                    need_id=need.id,
                    achievement_id=key,
                    expert_id=seats[key].person_id,
                    value=6000,
                    reason="示例安排",
                    status=PairingState.INVITED,
                    slot=round_number + 1,
                    table_number=place + 1,
                )
            )
