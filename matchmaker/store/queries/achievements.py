"""The achievement library: one filter for the list, its counts and its export; one achievement in full."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import AchievementState, Disclosure
from matchmaker.store.queries.hidden_words import text_contains
from matchmaker.store.queries.history import history_of
from matchmaker.store.tables import (
    Achievement,
    AchievementPatent,
    AchievementPerson,
    Match,
    Organisation,
    Person,
)

SHOWN = (Disclosure.PUBLIC, Disclosure.MASKED)
SORTS: Mapping[str, Any] = {
    "title": Achievement.title,
    "owner": Achievement.owner_text,
    "updated": Achievement.updated_at,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AchievementFilter:
    """What a reader asked for; empty parts do not narrow. `search` words must all be found."""

    search: str = ""
    record_types: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    maturities: tuple[str, ...] = ()
    coop_modes: tuple[str, ...] = ()
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AchievementLine:
    """One achievement in a list. `owner` is the organisation's name, else the words of the list."""

    id: int
    title: str
    record_type: str
    status: AchievementState
    owner: str
    owner_text: str
    organisation_id: int | None
    organisation_kind: str
    disclosure: Disclosure
    authors_text: str
    maturity: str
    fields: Sequence[str]
    field_text: str
    coop_modes: Sequence[str]
    patent_nos: Sequence[str]
    price_text: str
    summary: str
    contact_id: int | None
    contact_name: str
    contact_phone: str
    completed_on: date | None
    updated_at: datetime


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which this reader may know an achievement."""
    shown = (Achievement.status == AchievementState.PUBLISHED) & Achievement.disclosure.in_(SHOWN)
    if actor.organises:
        return Achievement.id.is_not(None)
    if actor.organisation_ids:
        return or_(shown, Achievement.organisation_id.in_(actor.organisation_ids))
    return shown


def visible_with_owner(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which this reader may also know whose an achievement is."""
    if actor.organises:
        return visible(actor)
    own = Achievement.organisation_id.in_(actor.organisation_ids)
    return visible(actor) & or_(Achievement.disclosure != Disclosure.MASKED, own)


def achievement_lines(
    session: Session,
    actor: Actor,
    asked: AchievementFilter,
    *,
    sort: str = "",
    first: int = 0,
    most: int = 50,
    total: int | None = None,
) -> list[AchievementLine]:
    """Return one page of the library as this reader may see it.

    With `total`, how many the filter finds, pages near the end of the newest are read from that end.
    """
    if total == 0:
        return []
    page = select(Achievement.id).where(visible(actor), *_conditions(asked, actor))
    if total is not None and not _sorted_by(sort) and first > total // 2:
        last = min(first + most, total)
        page = page.order_by(Achievement.id.asc()).limit(last - first).offset(total - last)
        ids = list(session.scalars(page))[::-1]
    else:
        ids = list(session.scalars(page.order_by(*_order(sort)).limit(most).offset(first)))
    rows = {row[0].id: row for row in session.execute(_lines().where(Achievement.id.in_(ids)))}
    return [_line(rows[key]) for key in ids]


def every_line(session: Session, actor: Actor, asked: AchievementFilter) -> Iterator[AchievementLine]:
    """Yield the whole filtered list, for the export."""
    query = _lines().where(visible(actor), *_conditions(asked, actor)).order_by(Achievement.id)
    return (_line(row) for row in session.execute(query.execution_options(yield_per=500)))


def lines_of_maker(session: Session, actor: Actor, person_id: int) -> list[AchievementLine]:
    """Return what one person made, as far as this reader may see it."""
    made = select(AchievementPerson.achievement_id).where(AchievementPerson.person_id == person_id)
    query = _lines().where(visible_with_owner(actor), Achievement.id.in_(made)).order_by(Achievement.id)
    return [_line(row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many achievements a filter finds, and by facet, value → number without the facet's own filter."""

    total: int
    by_facet: Mapping[str, Mapping[str, int]]


_FACETS = ("record_type", "status", "maturity")


def count_achievements(session: Session, actor: Actor, asked: AchievementFilter) -> Counts:
    """Return the number of what the filter finds, and the numbers by facet.

    Filters that say the same are asked once: without facets chosen that is one look over an index.
    """
    known: dict[AchievementFilter, list[tuple[dict[str, str], int]]] = {}

    def groups(wanted: AchievementFilter) -> list[tuple[dict[str, str], int]]:
        if wanted not in known:
            known[wanted] = _groups(session, actor, wanted)
        return known[wanted]

    by_facet: dict[str, dict[str, int]] = {}
    for name, loosened in (
        ("record_type", replace(asked, record_types=())),
        ("status", replace(asked, states=())),
        ("maturity", replace(asked, maturities=())),
    ):
        numbers = by_facet.setdefault(name, {})
        for values, number in groups(loosened):
            numbers[values[name]] = numbers.get(values[name], 0) + number
    return Counts(total=sum(number for _, number in groups(asked)), by_facet=by_facet)


def number_found(session: Session, actor: Actor, asked: AchievementFilter) -> int:
    """Return how many achievements the filter finds."""
    query = select(func.count()).select_from(Achievement)
    return session.scalar(query.where(visible(actor), *_conditions(asked, actor))) or 0


def _groups(session: Session, actor: Actor, asked: AchievementFilter) -> list[tuple[dict[str, str], int]]:
    columns = (Achievement.record_type, Achievement.status, Achievement.maturity)
    query = (
        select(*columns, func.count())
        .where(visible(actor), *_conditions(asked, actor))
        .group_by(Achievement.status, Achievement.disclosure, Achievement.record_type, Achievement.maturity)
    )
    return [
        (dict(zip(_FACETS, map(str, values), strict=True)), number)
        for *values, number in session.execute(query)
    ]


def ids_found(session: Session, actor: Actor, asked: AchievementFilter) -> list[int]:
    """Return the ids of everything the filter finds, for acts on the whole list."""
    query = select(Achievement.id).where(visible(actor), *_conditions(asked, actor)).order_by(Achievement.id)
    return list(session.scalars(query))


def _lines() -> Select[Achievement, Organisation, Person]:
    return (
        select(Achievement, Organisation, Person)
        .outerjoin(Organisation, Organisation.id == Achievement.organisation_id)
        .outerjoin(Person, Person.id == Achievement.contact_id)
    )


def _line(row: Any) -> AchievementLine:
    achievement, organisation, contact = row
    return AchievementLine(
        id=achievement.id,
        title=achievement.title,
        record_type=achievement.record_type.value,
        status=achievement.status,
        owner=organisation.name if organisation else achievement.owner_text,
        owner_text=achievement.owner_text,
        organisation_id=achievement.organisation_id,
        organisation_kind=organisation.kind.value if organisation else "",
        disclosure=achievement.disclosure,
        authors_text=achievement.authors_text,
        maturity=achievement.maturity,
        fields=achievement.fields,
        field_text=achievement.field_text,
        coop_modes=achievement.coop_modes,
        patent_nos=achievement.patent_nos,
        price_text=achievement.price_text,
        summary=achievement.summary,
        contact_id=achievement.contact_id,
        contact_name=contact.name if contact else "",
        contact_phone=contact.phone if contact else "",
        completed_on=achievement.completed_on,
        updated_at=achievement.updated_at,
    )


def _sorted_by(sort: str) -> Any:
    return SORTS.get(sort.removeprefix("-"))


def _order(sort: str) -> tuple[Any, ...]:
    column = _sorted_by(sort)
    if column is None:
        return (Achievement.id.desc(),)
    return (column.desc() if sort.startswith("-") else column.asc(), Achievement.id.desc())


def _conditions(asked: AchievementFilter, actor: Actor) -> list[ColumnElement[bool]]:
    found = [_contains(word, actor) for word in asked.search.split()]
    if asked.record_types:
        found.append(Achievement.record_type.in_(asked.record_types))
    if asked.states:
        found.append(Achievement.status.in_(asked.states))
    if asked.maturities:
        found.append(Achievement.maturity.in_(asked.maturities))
    if asked.fields:  # a code of the first level also finds those of the second
        found.append(or_(*(_listed(Achievement.fields, f'"{code}') for code in asked.fields)))
    if asked.coop_modes:
        found.append(or_(*(_listed(Achievement.coop_modes, f'"{mode}"') for mode in asked.coop_modes)))
    if asked.organisation_id is not None:
        below = select(Organisation.id).where(Organisation.parent_id == asked.organisation_id)
        owned = or_(
            Achievement.organisation_id == asked.organisation_id,
            Achievement.organisation_id.in_(below.scalar_subquery()),
        )
        found.append(owned & visible_with_owner(actor))
    return found


def _contains(word: str, actor: Actor) -> ColumnElement[bool]:
    who = (Achievement.owner_text, Achievement.authors_text)
    numbers = select(AchievementPatent.achievement_id).where(
        AchievementPatent.number.contains(word.upper().removeprefix("ZL"), autoescape=True)
    )
    owner = select(Organisation.id).where(Organisation.name.contains(word, autoescape=True))
    named = or_(
        *(column.contains(word, autoescape=True) for column in who),
        Achievement.organisation_id.in_(owner.scalar_subquery()),
    )
    return or_(
        Achievement.title.contains(word, autoescape=True),
        text_contains(Achievement.summary, word, actor, owner=Achievement.organisation_id),
        _listed(Achievement.keywords, word),
        Achievement.id.in_(numbers.scalar_subquery()),
        named & visible_with_owner(actor),
    )


def _listed(column: Any, text: str) -> ColumnElement[bool]:
    """Say whether a JSON list holds a text: rows of an older SQLite have Chinese escaped."""
    words = cast(column, String)
    escaped = json.dumps(text)[1:-1].replace('\\"', '"')
    return or_(words.contains(text, autoescape=True), words.contains(escaped, autoescape=True))


def owners_with_achievements(session: Session, actor: Actor, *, most: int = 12) -> list[tuple[int, str, int]]:
    """Return the organisations with the most achievements: id, name, number."""
    grouped = (Achievement.organisation_id, Achievement.status, Achievement.disclosure)
    numbers: dict[int, int] = {}
    # the whole index is counted and the few groups are sifted here: no row of the table is touched
    for owner_id, status, disclosure, number in session.execute(
        select(*grouped, func.count()).group_by(*grouped)
    ):
        if owner_id is not None and _shows_owner(actor, owner_id, status, disclosure):
            numbers[owner_id] = numbers.get(owner_id, 0) + number
    top = sorted(numbers, key=lambda owner_id: (-numbers[owner_id], owner_id))[:most]
    names = select(Organisation.id, Organisation.name).where(Organisation.id.in_(top))
    named = {row.id: row.name for row in session.execute(names)}
    return [(owner_id, named[owner_id], numbers[owner_id]) for owner_id in top]


def _shows_owner(actor: Actor, owner_id: int, status: AchievementState, disclosure: Disclosure) -> bool:
    """Say for one group what `visible_with_owner` says for rows."""
    if actor.organises or owner_id in actor.organisation_ids:
        return True
    return status is AchievementState.PUBLISHED and disclosure is Disclosure.PUBLIC


@dataclass(frozen=True, slots=True, kw_only=True)
class AchievementPage:
    """One achievement with everything around it."""

    achievement: Achievement
    organisation: Organisation | None
    contact: Person | None
    makers: Sequence[Person]
    history: Sequence[tuple[datetime, str, str, str]]
    match_count: int


def achievement_page(session: Session, actor: Actor, achievement_id: int) -> AchievementPage | None:
    """Return one achievement, None when there is none or this reader may not know it."""
    query = _lines().where(Achievement.id == achievement_id, visible(actor))
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    achievement, organisation, contact = row
    makers = (
        select(Person)
        .join(AchievementPerson, AchievementPerson.person_id == Person.id)
        .where(AchievementPerson.achievement_id == achievement_id)
        .order_by(AchievementPerson.place)
    )
    matches = select(func.count()).where(Match.achievement_id == achievement_id, Match.current)
    return AchievementPage(
        achievement=achievement,
        organisation=organisation,
        contact=contact,
        makers=session.scalars(makers).all(),
        history=history_of(session, "achievement", achievement_id),
        match_count=session.scalar(matches) or 0,
    )
