"""The library as lists in our own column order: what comes out goes in again as the same.

Who may have which rows and contacts stands here, what a column says in `list_columns`.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, count
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session, aliased

from matchmaker import wording
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import AchievementState, NeedState, RecordType
from matchmaker.errors import InvalidInput, NotAllowed
from matchmaker.files.columns import field_choices
from matchmaker.files.exports import ColumnSpec, SheetSpec, csv_bytes, workbook
from matchmaker.files.headers import RecordKind
from matchmaker.services.contacts import log_export
from matchmaker.services.forgetting import FORGOTTEN
from matchmaker.services.list_columns import (
    ACHIEVEMENT,
    CONTACT,
    CONTRACT,
    NEED,
    PEOPLE,
    UNITS,
    WIDE,
    Line,
    Text,
)
from matchmaker.store.tables import Achievement, Event, Need, Organisation, Person, TechContract

# the parts of a split need stand for it
_NOT_LISTED = (NeedState.DRAFT, NeedState.WITHDRAWN, NeedState.DUPLICATE, NeedState.SPLIT)
_AT_ONCE = 500  # things in memory
_GONE = (AchievementState.WITHDRAWN, AchievementState.DUPLICATE)


Heard = Callable[[int], None]
"""Is told every now and then how many rows are written, and may raise to stop the writing."""


def _nobody(_done: int) -> None:
    """Hear nothing: for lists that are made while somebody waits."""


class Format(StrEnum):
    """The files a list comes out as."""

    XLSX = "xlsx"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """A list that can be uploaded again, and the ids of those whose contacts leave with it."""

    content: bytes
    people: frozenset[int]
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """A kind of list: its columns, and its lines on one sheet or several, read as they are written."""

    kind: RecordKind
    texts: Mapping[str, Text]
    sheets: Sequence[tuple[str, Iterable[Line]]]


def needs_list(
    session: Session,
    actor: Actor,
    *,
    contacts: bool = False,
    form: Format = Format.XLSX,
    heard: Heard = _nobody,
) -> ListFile:
    """Return the needs an actor owns, the organiser all, as a file that can be uploaded again.

    Contacts are the owner's to export; the organiser gets them on demand, and `log_list` keeps what for
    before the file leaves. A long list takes its time: ask while others may write.
    """
    query = (
        select(Need, Organisation, Person)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .outerjoin(Person, Person.id == Need.contact_id)
        .where(Need.status.not_in(_NOT_LISTED))
        .order_by(Need.id)
    )
    lines = _lines(session, _of_actor(query, actor, Need.organisation_id))
    listed = _List(kind=RecordKind.NEED, texts=NEED, sheets=[("企业技术需求清单", lines)])
    return _file(actor, listed, contacts=contacts, form=form, heard=heard)


def achievements_list(
    session: Session,
    actor: Actor,
    *,
    contacts: bool = False,
    form: Format = Format.XLSX,
    heard: Heard = _nobody,
) -> ListFile:
    """Return the achievements an actor owns, the organiser all, one sheet per library; as `needs_list`."""
    query = (
        select(Achievement, Organisation, Person)
        .outerjoin(Organisation, Organisation.id == Achievement.organisation_id)
        .outerjoin(Person, Person.id == Achievement.contact_id)
        .where(Achievement.status.not_in(_GONE))
        .order_by(Achievement.id)
    )
    query = _of_actor(query, actor, Achievement.organisation_id)
    kinds = [kind for kind in RecordType if session.execute(_of_kind(query, kind).limit(1)).first()]
    sheets = [
        (wording.label("record_type", kind), _lines(session, _of_kind(query, kind)))
        for kind in kinds or list(RecordType)[:1]
    ]
    listed = _List(kind=RecordKind.ACHIEVEMENT, texts=ACHIEVEMENT, sheets=sheets)
    return _file(actor, listed, contacts=contacts, form=form, heard=heard)


def people_list(
    session: Session,
    actor: Actor,
    *,
    contacts: bool = False,
    form: Format = Format.XLSX,
    heard: Heard = _nobody,
) -> ListFile:
    """Return the people of an actor's own organisation, the organiser all; as `needs_list`.

    Who was deleted on request, and who belongs to no organisation, is not listed.
    """
    query = (
        select(Person, Organisation, Person)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.name != FORGOTTEN)
        .order_by(Organisation.id, Person.id)
    )
    lines = _lines(session, _of_actor(query, actor, Person.organisation_id))
    listed = _List(kind=RecordKind.PEOPLE, texts=PEOPLE, sheets=[("人员名单", lines)])
    return _file(actor, listed, contacts=contacts, form=form, heard=heard)


def contracts_list(
    session: Session,
    actor: Actor,
    *,
    contacts: bool = False,
    form: Format = Format.XLSX,
    heard: Heard = _nobody,
) -> ListFile:
    """Return all technology contracts for the organiser, without whom nobody sees them together."""
    if not actor.organises:
        raise NotAllowed()
    buyer, seller = aliased(Organisation), aliased(Organisation)
    query = (
        select(TechContract, buyer.name, seller.name, Need.code, Event.title)
        .join(buyer, buyer.id == TechContract.buyer_id)
        .join(seller, seller.id == TechContract.seller_id)
        .outerjoin(Need, Need.id == TechContract.need_id)
        .outerjoin(Event, Event.id == TechContract.event_id)
        .order_by(TechContract.id)
    )
    lines = [
        Line(
            thing=contract,
            more={"buyer": bought, "seller": sold, "need": code or "", "event": event or ""},
        )
        for contract, bought, sold, code, event in session.execute(query)
    ]
    listed = _List(kind=RecordKind.CONTRACT, texts=CONTRACT, sheets=[("技术合同台账", lines)])
    return _file(actor, listed, contacts=contacts, form=form, heard=heard)


def listed_count(session: Session, actor: Actor, kind: str) -> int:
    """Return how many rows the list of a kind would have for this actor."""
    table, owner, listed = _COUNTED[kind]
    return session.scalar(_of_actor(select(func.count(table.id)).where(listed), actor, owner)) or 0


_COUNTED: Mapping[str, tuple[Any, Any, ColumnElement[bool]]] = {
    "needs": (Need, Need.organisation_id, Need.status.not_in(_NOT_LISTED)),
    "achievements": (Achievement, Achievement.organisation_id, Achievement.status.not_in(_GONE)),
    "people": (Person, Person.organisation_id, Person.name != FORGOTTEN),
    "contracts": (TechContract, TechContract.buyer_id, true()),
}


def _of_actor(query: Select[*tuple[Any, ...]], actor: Actor, owner: Any) -> Select[*tuple[Any, ...]]:
    return query if actor.organises else query.where(owner.in_(actor.organisation_ids))


def _of_kind(query: Select[*tuple[Any, ...]], kind: RecordType) -> Select[*tuple[Any, ...]]:
    return query.where(Achievement.record_type == kind)


def _lines(session: Session, query: Select[*tuple[Any, ...]]) -> Generator[Line]:
    with session.execute(query.execution_options(yield_per=_AT_ONCE)) as found:
        for row in found:
            yield Line(thing=row[0], owner=row[1], contact=row[2])


def _file(actor: Actor, listed: _List, *, contacts: bool, form: Format, heard: Heard) -> ListFile:
    shown_contacts, people = contacts or not actor.organises, set[int]()
    shown = {name: text for name, text in listed.texts.items() if shown_contacts or name not in CONTACT}
    zh = dict(field_choices(listed.kind))
    columns = [
        ColumnSpec(key=name, header=zh[name] + UNITS.get(name, ""), width=48 if name in WIDE else 18)
        for name in shown
    ]

    written = count()

    def rows(lines: Iterable[Line]) -> Iterator[dict[str, object]]:
        for line in lines:
            if (done := next(written)) % _AT_ONCE == 0:
                heard(done)
            if shown_contacts and line.contact:
                people.add(line.contact.id)
            yield {name: text(line) for name, text in shown.items()}

    sheets = [SheetSpec(name=name, columns=columns, rows=rows(lines)) for name, lines in listed.sheets]
    try:
        if form is Format.XLSX:
            content = workbook(sheets, row_by_row=True)
        else:
            content = csv_bytes(replace(sheets[0], rows=chain.from_iterable(sheet.rows for sheet in sheets)))
    finally:  # who stops amid the rows leaves a query open, which PostgreSQL minds
        for _, lines in listed.sheets:
            if isinstance(lines, Generator):
                lines.close()
    return ListFile(content=content, people=frozenset(people), rows=next(written))


def log_list(session: Session, actor: Actor, file: ListFile, *, purpose: str) -> None:
    """Keep whose contacts leave with a list, and what for."""
    log_export(session, actor, file.people, f"导出清单：{purpose.strip()}")


LISTS = {
    "needs": needs_list,
    "achievements": achievements_list,
    "people": people_list,
    "contracts": contracts_list,
}
"""Every list that goes out and in again, by the word of its address."""


def check_purpose(purpose: str) -> None:
    """Raise InvalidInput when the organiser asks for contacts without saying what for."""
    if not purpose.strip():
        message = "请写明导出完整联系方式的用途，会留下记录。"
        raise InvalidInput([Problem(field="purpose", code="missing", message=message)])
