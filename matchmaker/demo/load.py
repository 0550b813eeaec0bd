"""Loads the sample campaign into an empty database, with days counted from today.

Rows are written as they are in the files, past the services: the sample shows a campaign in full
swing, whose history cannot be acted out. What follows from it (proposals, reminders) is computed by
the same jobs as in a bureau's own campaign.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock, wording
from matchmaker.bus import outbox
from matchmaker.demo.accounts import keep_passwords, load_accounts
from matchmaker.demo.events import load_events
from matchmaker.demo.outcomes import load_outcomes
from matchmaker.demo.rows import Book
from matchmaker.demo.today import load_today
from matchmaker.domain.achievements import patent_keys, title_key
from matchmaker.domain.dates import parse_period
from matchmaker.domain.identifiers import normal_org_name
from matchmaker.domain.messages import AchievementsImported, NeedsImported
from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.states import (
    AchievementState,
    ApprovalState,
    ConsentScope,
    Disclosure,
    NeedState,
    OrganisationKind,
    RecordType,
)
from matchmaker.domain.values import parse_money
from matchmaker.services.consents import record_consents
from matchmaker.services.settings_seed import seed_themes
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import (
    Achievement,
    AchievementPatent,
    AchievementPerson,
    Need,
    Organisation,
    Person,
)

_FOLDER = Path(__file__).parent
_WAN_FEN = 1_000_000
_KINDS = {
    "government": OrganisationKind.GOVERNMENT,
    "service": OrganisationKind.SERVICE,
    "institute": OrganisationKind.INSTITUTE,
    "university": OrganisationKind.UNIVERSITY,
    "enterprise": OrganisationKind.ENTERPRISE,
    "association": OrganisationKind.ASSOCIATION,
}
_CITY = "澜州市"


def load_if_empty(database: Database, settings: Settings) -> dict[str, str]:
    """Fill an empty database; return login → password of the sample accounts, made for this installation.

    A database that has organisations is left alone, and nothing is returned.
    """
    with database.writing() as session:
        if session.scalar(select(Organisation.id).limit(1)) is not None:
            return {}
        passwords = load(session)
    keep_passwords(settings, passwords)
    return passwords


def load(session: Session) -> dict[str, str]:
    """Write the whole sample campaign."""
    book = Book(today=clock.today())
    seed_themes(session)
    _organisations(session, book)
    _people(session, book)
    _needs(session, book)
    _achievements(session, book)
    load_events(session, book, read_file("events.json"))
    load_outcomes(session, book, read_file("outcomes.json"))
    load_today(session, book)
    passwords = load_accounts(session, book)
    session.flush()
    needs, achievements = tuple(book.needs.values()), tuple(book.achievements.values())
    outbox.record(session, SYSTEM, AchievementsImported(upload_id=0, achievement_ids=achievements))
    outbox.record(session, SYSTEM, NeedsImported(upload_id=0, need_ids=needs))
    return passwords


def read_file(name: str) -> Any:
    """Return one file of the sample."""
    return json.loads((_FOLDER / name).read_text(encoding="utf-8"))


def _records(name: str) -> Iterator[dict[str, Any]]:
    for place in sorted((_FOLDER / name).glob("*.json")):
        yield from json.loads(place.read_text(encoding="utf-8"))


def _organisations(session: Session, book: Book) -> None:
    for entry in read_file("organisations.json"):
        kind = OrganisationKind(entry["unit_kind"]) if entry.get("unit_kind") else _KINDS[entry["org_type"]]
        row = Organisation(
            kind=kind,
            name=entry["name"],
            normalised_name=normal_org_name(entry["name"]),
            uscc=entry.get("uscc"),
            parent_id=book.organisations.get(entry["parent"]) if entry.get("parent") else None,
            status=ApprovalState.APPROVED,
            city=_CITY if entry.get("town") else "",
            town=entry.get("town") or "",
            address=entry.get("address") or "",
            profile="\n".join(filter(None, (entry.get("intro"), entry.get("main_products")))),
            industry=entry.get("industry") or "",
            size=entry.get("size") or "",
            local=bool(entry.get("town")),
            source="demo",
            created_at=book.moment(-90),
        )
        session.add(row)
        session.flush()
        book.organisations[entry["key"]] = row.id
        book.themes_of[row.id] = entry.get("theme") or ""


def _people(session: Session, book: Book) -> None:
    for entry in read_file("people.json"):
        row = Person(
            organisation_id=book.organisations[entry["organisation"]],
            name=entry["name"],
            role={"expert": "expert"}.get(entry["role"], "contact"),
            title=entry.get("title") or "",
            position=entry.get("position") or "",
            phone=" / ".join(filter(None, (entry.get("mobile"), entry.get("tel")))),
            email=entry.get("email") or "",
            fields=entry.get("fields") or [],
            expertise=entry.get("intro") or "",
            source="demo",
            created_at=book.moment(-90),
        )
        session.add(row)
        session.flush()
        book.people[entry["key"]] = row.id
        ticks = dict.fromkeys((ConsentScope.INTERNAL, ConsentScope.CONTACT_AFTER_ACCEPT), True)
        record_consents(
            session, SYSTEM, subject_kind="person", subject_id=row.id, ticks=ticks, channel="demo"
        )


def _needs(session: Session, book: Book) -> None:
    for entry in _records("needs"):
        row = _need(book, entry)
        session.add(row)
        session.flush()
        row.code = f"N{book.today:%Y}{row.id:05d}"
        book.needs[entry["key"]] = row.id
        ticks = {
            ConsentScope.INTERNAL: True,
            ConsentScope.CONTACT_AFTER_ACCEPT: True,
            ConsentScope.PUBLIC_DISPLAY: entry["disclosure"] in ("public", "masked"),
        }
        record_consents(session, SYSTEM, subject_kind="need", subject_id=row.id, ticks=ticks, channel="demo")


def _need(book: Book, entry: dict[str, Any]) -> Need:
    money = parse_money(entry["budget_text"], unit_fen=_WAN_FEN).value if entry.get("budget_text") else None
    period = parse_period(entry["period_text"]).value if entry.get("period_text") else None
    submitted = entry.get("submitted_day")
    created = book.moment(submitted if submitted is not None else -2)
    return Need(
        organisation_id=book.organisations[entry["organisation"]],
        status=NeedState(entry["status"]),
        title=entry["title"],
        problem=entry.get("problem") or "",
        key_points=entry.get("key_points") or "",
        goal=entry.get("goal") or "",
        background=entry.get("tried") or "",
        conditions=entry.get("conditions") or "",
        need_type=entry["need_type"],
        activity_type=entry.get("activity_type") or "",
        coop_modes=entry["coop_modes"],
        fields=entry["fields"],
        field_text="、".join(wording.field_names().get(code, code) for code in entry["fields"]),
        keywords=entry["keywords"],
        budget_text=entry.get("budget_text") or "",
        budget_min_fen=money.low_fen if money else None,
        budget_max_fen=money.high_fen if money else None,
        period_text=entry.get("period_text") or "",
        period_from=period.start if period else None,
        period_to=period.end if period else None,
        town=book.town_of(entry["organisation"]),
        wished_partner=entry.get("preferred_partner") or "",
        contact_id=book.people.get(entry.get("contact") or ""),
        disclosure=Disclosure(entry["disclosure"]),
        public_title=entry.get("public_title")
        or (entry["title"] if entry.get("published_day") is not None else ""),
        public_text=entry.get("public_text")
        or (
            "\n\n".join(filter(None, (entry.get("problem"), entry.get("key_points"))))
            if entry.get("published_day") is not None
            else ""
        ),
        return_reason=entry.get("return_reason") or "",
        source=entry["source"],
        created_at=created,
        updated_at=created,
        submitted_at=book.moment_or_none(submitted),
        accepted_at=book.moment_or_none(entry.get("accepted_day")),
        published_at=book.moment_or_none(entry.get("published_day")),
    )


def _achievements(session: Session, book: Book) -> None:
    for entry in _records("achievements"):
        row = _achievement(book, entry)
        session.add(row)
        session.flush()
        book.achievements[entry["key"]] = row.id
        for maker in entry["people"]:
            session.add(
                AchievementPerson(
                    achievement_id=row.id, person_id=book.people[maker["person"]], place=maker["order"]
                )
            )
        for number in patent_keys(entry["patent_nos"]):
            session.add(AchievementPatent(achievement_id=row.id, number=number))


def _achievement(book: Book, entry: dict[str, Any]) -> Achievement:
    money = parse_money(entry["price_text"], unit_fen=_WAN_FEN).value if entry.get("price_text") else None
    added = book.moment(-85)
    makers = [book.names[maker["person"]] for maker in entry["people"]] + list(
        entry.get("other_authors") or []
    )
    return Achievement(
        record_type=RecordType(entry["record_type"]),
        status=AchievementState(entry["status"]),
        organisation_id=book.organisations[entry["organisation"]],
        owner_text="",
        title=entry["title"],
        title_key=title_key(entry["title"]),
        summary=entry["summary"],
        application=entry.get("application") or "",
        keywords=entry["keywords"],
        fields=entry["fields"],
        field_text="、".join(wording.field_names().get(code, code) for code in entry["fields"]),
        authors_text="、".join(dict.fromkeys(makers)),
        maturity=entry.get("maturity") or "",
        tech_level=entry.get("tech_level") or "",
        ach_form=entry.get("form") or "",
        coop_modes=entry["coop_modes"],
        price_text=entry.get("price_text") or "",
        price_min_fen=money.low_fen if money else None,
        price_max_fen=money.high_fen if money else None,
        ip_type=(entry.get("ip_types") or [""])[0],
        patent_nos=entry["patent_nos"],
        classification=entry.get("source_title") or "",
        completed_on=date.fromisoformat(entry["completed_on"]) if entry.get("completed_on") else None,
        contact_id=book.people[entry["people"][0]["person"]] if entry["people"] else None,
        disclosure=Disclosure(entry["disclosure"]),
        source="demo",
        created_at=added,
        updated_at=added,
        accepted_at=added,
        published_at=added,
    )
