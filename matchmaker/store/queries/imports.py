"""What rows of a list are compared with: needs, achievements and people as plain values."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Integer, Select, String, and_, bindparam, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from matchmaker.domain.imports import Known
from matchmaker.domain.states import AchievementState, NeedState, RecordType
from matchmaker.store.queries.uploads import CHUNK, chunks
from matchmaker.store.tables import (
    Achievement,
    AchievementPatent,
    Need,
    Organisation,
    Person,
    TechContract,
    UploadRow,
)

NEED_COLUMNS = (
    "title",
    "problem",
    "key_points",
    "goal",
    "background",
    "need_type",
    "activity_type",
    "coop_modes",
    "fields",
    "field_text",
    "industry",
    "keywords",
    "budget_text",
    "budget_min_fen",
    "budget_max_fen",
    "period_text",
    "period_from",
    "period_to",
    "town",
    "wished_partner",
    "disclosure",
    "external_id",
)
ACHIEVEMENT_COLUMNS = (
    "title",
    "owner_text",
    "summary",
    "application",
    "keywords",
    "fields",
    "field_text",
    "industry",
    "authors_text",
    "maturity",
    "tech_level",
    "ach_form",
    "coop_modes",
    "price_text",
    "price_min_fen",
    "price_max_fen",
    "ip_type",
    "patent_nos",
    "classification",
    "completed_on",
    "region",
    "disclosure",
)
Thing = TypeVar("Thing", Need, Achievement, Person, TechContract)
PERSON_COLUMNS = ("name", "role", "title", "position", "phone", "email", "fields", "expertise")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something in the library with its owner, ready to be compared.

    `patents` are normalised numbers; `group` keeps papers apart from other achievements; `row_id` is
    its own id, where `known` names the one that it was merged into.
    """

    row_id: int = 0
    organisation_id: int | None
    organisation: str
    known: Known
    patents: tuple[str, ...] = ()
    group: str = ""


def known_needs(
    session: Session,
    *,
    organisation_ids: Collection[int],
    title_keys: Iterable[str],
    text_keys: Iterable[str],
    numbers: Iterable[str],
) -> list[Entry]:
    """Return those needs of these organisations with one of these titles, texts or numbers, by their ids.

    The withdrawn are left out. One that was merged away stands for the kept one: a list that names it
    again adds nothing.
    """
    wanted = frozenset(organisation_ids)
    ids: set[int] = set()
    for column, keys in (
        (Need.title_key, title_keys),
        (Need.text_key, text_keys),
        (Need.external_id, numbers),
    ):
        ids |= _needs_with(session, column, keys, wanted)
    found = [entry for part in chunks(sorted(ids)) for entry in _needs_of(session, part)]
    return sorted(found, key=lambda entry: entry.known.id)


def _needs_with(session: Session, column: Any, keys: Iterable[str], owners: frozenset[int]) -> set[int]:
    """Return the needs of these owners that one key of a kind leads to."""
    found: set[int] = set()
    if not owners:
        return found
    for part in chunks(key for key in keys if key):
        query = select(Need.id, Need.organisation_id).where(column.in_(part))
        if len(owners) <= CHUNK:
            query = query.where(Need.organisation_id.in_(owners))
        found |= {need_id for need_id, owner in session.execute(query) if owner in owners}
    return found


def _needs_of(session: Session, ids: Sequence[int]) -> list[Entry]:
    query = (
        select(Need, Organisation.name, Person, UploadRow.values["layout"].as_string())
        .join(Organisation, Organisation.id == Need.organisation_id)
        .outerjoin(Person, Person.id == Need.contact_id)
        .outerjoin(UploadRow, UploadRow.id == Need.upload_row_id)
        .where(
            or_(
                Need.status.not_in([NeedState.WITHDRAWN, NeedState.DUPLICATE]),
                and_(Need.status == NeedState.DUPLICATE, Need.duplicate_of_id.is_not(None)),
            ),
            Need.id.in_(ids),
        )
        .order_by(Need.status == NeedState.DUPLICATE, Need.id)
    )
    return [
        Entry(
            organisation_id=need.organisation_id,
            organisation=firm,
            known=Known(
                id=_stands_for(need),
                label=need.title,
                values=_values(need, NEED_COLUMNS) | _contact(person),
                layout=_layout(need, layout),
            ),
        )
        for need, firm, person, layout in session.execute(query)
    ]


def _stands_for(thing: Need | Achievement) -> int:
    return (thing.duplicate_of_id or thing.id) if thing.status.value == "duplicate" else thing.id


def _layout(thing: Need | Achievement, layout: str | None) -> str:
    """Return the kind of list a thing came with; what was merged away is changed by none."""
    return "" if thing.status.value == "duplicate" else layout or ""


def owners_of_texts(session: Session, text_keys: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Return text key → (id, name) of the first owner of a living need with this text."""
    found: dict[str, tuple[int, str]] = {}
    for part in chunks(key for key in text_keys if key):
        query = (
            select(Need.text_key, Need.organisation_id, Organisation.name)
            .join(Organisation, Organisation.id == Need.organisation_id)
            .where(Need.text_key.in_(part), Need.status.not_in([NeedState.WITHDRAWN, NeedState.DUPLICATE]))
            .order_by(Need.id)
        )
        for key, owner_id, owner in session.execute(query):
            found.setdefault(key, (owner_id, owner))
    return found


def known_achievements(
    session: Session,
    *,
    titles: Sequence[str],
    patents: Sequence[str],
    own_ids: frozenset[int] | None,
) -> list[Entry]:
    """Return achievements of one of these title keys or patent numbers, in the order of their ids.

    `own_ids` are the organisations whose achievements the uploader may change; None: all.
    """
    numbers = _patents_by_achievement(session, patents)
    found: dict[int, Entry] = {}
    for part in chunks(titles):
        found |= {e.row_id: e for e in _achievements(session, Achievement.title_key.in_(part), own_ids)}
    missing = [key for key in numbers if key not in found]
    for part in chunks(missing):
        found |= {e.row_id: e for e in _achievements(session, Achievement.id.in_(part), own_ids)}
    ordered = sorted(found.values(), key=lambda entry: (entry.known.id, entry.row_id))
    return [replace(entry, patents=tuple(numbers.get(entry.row_id, ()))) for entry in ordered]


def _patents_by_achievement(session: Session, patents: Sequence[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for part in chunks(patents):
        for achievement_id, number in session.execute(
            select(AchievementPatent.achievement_id, AchievementPatent.number)
            .where(AchievementPatent.number.in_(part))
            .order_by(AchievementPatent.id)
        ):
            found.setdefault(achievement_id, []).append(number)
    return found


def _achievements(session: Session, condition: Any, own_ids: frozenset[int] | None) -> list[Entry]:
    query = (
        select(Achievement, Organisation.name, Person, UploadRow.values["layout"].as_string())
        .outerjoin(Organisation, Organisation.id == Achievement.organisation_id)
        .outerjoin(Person, Person.id == Achievement.contact_id)
        .outerjoin(UploadRow, UploadRow.id == Achievement.upload_row_id)
        .where(
            condition,
            or_(
                Achievement.status.not_in([AchievementState.WITHDRAWN, AchievementState.DUPLICATE]),
                and_(
                    Achievement.status == AchievementState.DUPLICATE, Achievement.duplicate_of_id.is_not(None)
                ),
            ),
        )
        .order_by(Achievement.status == AchievementState.DUPLICATE, Achievement.id)
    )
    return [
        Entry(
            row_id=row.id,
            organisation_id=row.organisation_id,
            organisation=owner or "",
            known=Known(
                id=_stands_for(row),
                label=row.title,
                values=_values(row, ACHIEVEMENT_COLUMNS) | _contact(person),
                layout=_layout(row, layout),
                own=own_ids is None or row.organisation_id in own_ids,
            ),
            group="paper" if row.record_type is RecordType.PAPER else "",
        )
        for row, owner, person, layout in session.execute(query)
    ]


def known_people(session: Session, *, organisation_ids: Sequence[int], names: Sequence[str]) -> list[Entry]:
    """Return the people of these organisations who bear one of these names."""
    found = []
    wanted = frozenset(names)
    for part in chunks(organisation_ids):
        query = (
            select(Person, Organisation.name)
            .join(Organisation, Organisation.id == Person.organisation_id)
            .where(Person.organisation_id.in_(part))
            .order_by(Person.id)
        )
        found += [
            Entry(
                organisation_id=person.organisation_id,
                organisation=organisation,
                known=Known(
                    id=person.id,
                    label=person.name,
                    values=_values(person, PERSON_COLUMNS),
                    layout=person.source if person.source == "import" else "",
                ),
            )
            for person, organisation in session.execute(query)
            if person.name in wanted
        ]
    return found


def _values(row: object, columns: Iterable[str]) -> dict[str, object]:
    return {name: _plain(getattr(row, name)) for name in columns}


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value


def _contact(person: Person | None) -> dict[str, object]:
    return {
        "contact_name": person.name if person else "",
        "contact_phone": person.phone if person else "",
        "contact_email": person.email if person else "",
    }


def rows_by_id(session: Session, table: type[Thing], ids: Iterable[int | None]) -> dict[int, Thing]:
    """Return id → row of one table, for the ids that still exist."""
    found: dict[int, Thing] = {}
    key: Any = table.id
    for part in chunks(value for value in ids if value is not None):
        found |= {row.id: row for row in session.scalars(select(table).where(key.in_(part)))}
    return found


class Standing(NamedTuple):
    """What tells whether somebody has worked with a need or achievement since it came in."""

    id: int
    status: StrEnum
    text_version: int
    created_at: datetime
    updated_at: datetime
    upload_row_id: int | None

    def untouched(self, upload_row_id: int, text_version: int) -> bool:
        """Say whether it is as this row of a list brought it in, with this version of its text."""
        unchanged = self.text_version == text_version and self.updated_at == self.created_at
        return unchanged and self.upload_row_id == upload_row_id


def standings(session: Session, table: type[Need | Achievement], ids: Iterable[int | None]) -> list[Standing]:
    """Return how things stand, of those ids that still exist."""
    columns = [getattr(table, name) for name in Standing._fields]
    return [
        Standing(*row)
        for part in chunks(value for value in ids if value is not None)
        for row in session.execute(select(*columns).where(table.id.in_(part)))
    ]


class NamedPerson(NamedTuple):
    """What lists may find of a person, and add to."""

    id: int
    organisation_id: int
    name: str
    role: str
    title: str
    phone: str
    email: str
    version: int


def people_named(session: Session, names: Sequence[tuple[int, str]]) -> Iterator[NamedPerson]:
    """Yield the people of these organisations with these names, by their ids.

    The pairs go as one JSON text: hundreds of parameters cost more than the search itself.
    """
    if not names:
        return
    pairs = {"pairs": json.dumps(names, ensure_ascii=False)}
    for row in session.execute(_people_named(session.get_bind().dialect.name), pairs):
        yield NamedPerson(*row)


@lru_cache
def _people_named(dialect: str) -> Select[Any]:
    pairs: Any = bindparam("pairs", type_=String())
    owner: Any
    name: Any
    if dialect == "postgresql":
        pair = func.jsonb_array_elements(cast(pairs, JSONB)).table_valued("value").c.value
        owner, name = cast(pair.op("->>")(0), Integer), pair.op("->>")(1)
    else:
        pair = func.json_each(pairs).table_valued("value").c.value
        owner, name = func.json_extract(pair, "$[0]"), func.json_extract(pair, "$[1]")
    columns = [getattr(Person, column) for column in NamedPerson._fields]
    return select(*columns).where(Person.organisation_id == owner, Person.name == name).order_by(Person.id)
