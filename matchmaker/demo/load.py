"""Loads the sample campaign into an empty database, with days counted from today.

Rows are written as they are in the files, past the services: the sample shows a campaign in full
swing, whose history cannot be acted out. What follows from it (proposals, reminders) is computed by
the same jobs as in a bureau's own campaign.
"""

import json
import secrets
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock, wording
from matchmaker.bus import outbox
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
    EventState,
    InvitationState,
    NeedState,
    OrganisationKind,
    RecordType,
)
from matchmaker.domain.states import Role as RoleName
from matchmaker.domain.values import parse_money
from matchmaker.services.consents import record_consents
from matchmaker.services.settings_seed import seed_themes
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import (
    Achievement,
    AchievementPatent,
    AchievementPerson,
    Campaign,
    Event,
    EventItem,
    Invitation,
    Need,
    Organisation,
    Person,
    Role,
    Theme,
    User,
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
    _keep(settings, passwords)
    return passwords


def load(session: Session) -> dict[str, str]:
    """Write the whole sample campaign."""
    book = Book(today=clock.today())
    seed_themes(session)
    _organisations(session, book)
    _people(session, book)
    _needs(session, book)
    _achievements(session, book)
    _events(session, book)
    load_outcomes(session, book, read_file("outcomes.json"))
    load_today(session, book)
    passwords = _accounts(session, book)
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


def _events(session: Session, book: Book) -> None:
    plan = read_file("events.json")
    campaign = _campaign(session, book, plan["campaign"])
    themes = {theme.slug: theme.id for theme in session.scalars(select(Theme))}
    states = {"held": EventState.HELD, "open": EventState.OPEN, "planned": EventState.DRAFT}
    for entry in plan["events"]:
        hour, minute = map(int, entry["start_time"].split(":"))
        held_on = book.day(entry["day"])
        row = Event(
            campaign_id=campaign.id,
            theme_id=themes.get(entry.get("theme") or ""),
            kind=entry["kind"],
            title=entry["title"],
            status=states[entry["status"]],
            held_on=held_on,
            starts_at=clock.from_local(held_on, hour, minute),
            venue=entry["venue"],
            town=entry["town"],
            capacity=entry["capacity"],
            tables=entry["tables"],
            slots=entry["slots"],
            slot_minutes=entry["slot_minutes"],
            per_enterprise=entry["max_meetings_per_enterprise"],
            per_expert=entry["max_meetings_per_expert"],
            description=entry.get("summary") or "",
            created_at=book.moment(-80),
        )
        session.add(row)
        session.flush()
        book.events[entry["key"]] = row.id
        _items(session, book, row, entry)
        _invitations(session, book, row, entry)


def _campaign(session: Session, book: Book, entry: dict[str, Any]) -> Campaign:
    row = Campaign(
        name=entry["title"],
        slogan=entry["slogan"],
        starts_on=book.day(entry["start_day"]),
        ends_on=book.day(entry["end_day"]),
        target_events=entry["goals"]["events"],
        target_intents=entry["goals"]["intents"],
        target_contracts=8,
        created_at=book.moment(-90),
    )
    session.add(row)
    session.flush()
    return row


def _items(session: Session, book: Book, event: Event, entry: dict[str, Any]) -> None:
    presented = {book.achievements[key] for key in entry["presented"]}
    for need_key in entry["needs"]:
        session.add(
            EventItem(
                event_id=event.id, subject_kind="need", subject_id=book.needs[need_key], added_by="hand"
            )
        )
    held = event.status is EventState.HELD
    for achievement_id in sorted(presented):
        session.add(
            EventItem(
                event_id=event.id,
                subject_kind="achievement",
                subject_id=achievement_id,
                added_by="hand",
                presented=held,
            )
        )


def _invitations(session: Session, book: Book, event: Event, entry: dict[str, Any]) -> None:
    attended = set(entry.get("attended_people") or ())
    for key in entry["people"]:
        person = session.get_one(Person, book.people[key])
        if person.organisation_id is None or book.roles[key] not in ("enterprise", "expert"):
            continue
        session.add(
            Invitation(
                event_id=event.id,
                organisation_id=person.organisation_id,
                person_id=person.id,
                role=book.roles[key],
                status=_answer(event, attended=key in attended),
                invited_at=event.starts_at - timedelta(days=14)
                if event.status is not EventState.DRAFT
                else None,
                checked_in_at=event.starts_at
                if key in attended and event.status is EventState.HELD
                else None,
            )
        )


def _answer(event: Event, *, attended: bool) -> InvitationState:
    if event.status is EventState.HELD:
        return InvitationState.CHECKED_IN if attended else InvitationState.ABSENT
    return InvitationState.INVITED if event.status is EventState.OPEN else InvitationState.PLANNED


def _accounts(session: Session, book: Book) -> dict[str, str]:
    wanted = (
        ("organiser@demo.example", RoleName.ORGANISER, _first(book, "organiser")),
        ("admin@demo.example", RoleName.ADMIN, None),
        ("enterprise@demo.example", RoleName.ENTERPRISE, _first(book, "enterprise")),
        ("university@demo.example", RoleName.UNIVERSITY, _first(book, "expert")),
    )
    return {login: _account(session, book, login, role, person) for login, role, person in wanted}


def _first(book: Book, role: str) -> str:
    return next(key for key, found in book.roles.items() if found == role)


def _account(session: Session, book: Book, login: str, role: RoleName, person_key: str | None) -> str:
    from argon2 import PasswordHasher

    password = secrets.token_urlsafe(9)
    person = session.get(Person, book.people[person_key]) if person_key else None
    organisation_id = person.organisation_id if person else book.organisations["bureau"]
    if role is RoleName.UNIVERSITY and organisation_id is not None:
        organisation_id = session.get_one(Organisation, organisation_id).parent_id or organisation_id
    user = User(
        email=login,
        name=person.name if person else "系统管理员",
        password=PasswordHasher().hash(password),
        fs_uniquifier=secrets.token_hex(32),
        status=ApprovalState.APPROVED,
        organisation_id=organisation_id,
        person_id=person.id if person else None,
        created_at=book.moment(-90),
        approved_at=book.moment(-90),
    )
    user.roles = [_role(session, role)]
    session.add(user)
    session.flush()
    return password


def _role(session: Session, name: RoleName) -> Role:
    row = session.scalar(select(Role).where(Role.name == name.value))
    if row is None:
        row = Role(name=name.value, description=wording.label("role", name.value))
        session.add(row)
    return row


def _keep(settings: Settings, passwords: dict[str, str]) -> None:
    place = settings.home / "accounts.txt"
    lines = [f"{login}\t{password}\n" for login, password in passwords.items()]
    place.write_text("".join(lines), encoding="utf-8")
    place.chmod(0o600)
