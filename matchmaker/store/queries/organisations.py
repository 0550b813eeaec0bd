"""What the pages about organisations and people show."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from matchmaker.domain.states import ApprovalState, OrganisationKind
from matchmaker.store.tables import (
    Achievement,
    Need,
    Organisation,
    OrganisationAlias,
    Person,
    Town,
    User,
)

_PARENT = aliased(Organisation)


def town_names(session: Session) -> tuple[str, ...]:
    """Return the county's towns and streets in the bureau's order, for select fields."""
    return tuple(session.scalars(select(Town.name).order_by(Town.place, Town.id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationFilter:
    """Which organisations a list shows; merged ones only when asked for by state."""

    search: str = ""
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    towns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationLine:
    """An organisation in the list."""

    id: int
    name: str
    kind: OrganisationKind
    parent: str
    town: str
    uscc: str
    status: ApprovalState
    people: int
    needs: int
    achievements: int


def _count(column: Any) -> Any:
    return select(func.count()).where(column == Organisation.id).correlate(Organisation).scalar_subquery()


_PEOPLE = _count(Person.organisation_id)
_NEEDS = _count(Need.organisation_id)
_ACHIEVEMENTS = _count(Achievement.organisation_id)
_ORDER: dict[str, Any] = {
    "name": Organisation.name,
    "kind": Organisation.kind,
    "town": Organisation.town,
    "people": _PEOPLE,
    "needs": _NEEDS,
    "achievements": _ACHIEVEMENTS,
}


def counts_of(session: Session, organisation_id: int) -> tuple[int, int, int]:
    """Return how many people, needs and achievements hang on an organisation."""
    query = select(_PEOPLE, _NEEDS, _ACHIEVEMENTS).where(Organisation.id == organisation_id)
    people, needs, achievements = session.execute(query).one()
    return people, needs, achievements


def count_organisations(session: Session, wanted: OrganisationFilter) -> int:
    """Return how many organisations the filter lets through."""
    return session.scalar(_filtered(select(func.count()).select_from(Organisation), wanted)) or 0


def organisations_page(
    session: Session, wanted: OrganisationFilter, *, sort: str = "", offset: int = 0, limit: int | None = 50
) -> list[OrganisationLine]:
    """Return one page of organisations; without a known `sort` by name."""
    column = _ORDER.get(sort.lstrip("-"), Organisation.name)
    order = column.desc() if sort.startswith("-") else column
    query = _filtered(select(Organisation, _PARENT.name, _PEOPLE, _NEEDS, _ACHIEVEMENTS), wanted)
    query = query.outerjoin(_PARENT, _PARENT.id == Organisation.parent_id)
    rows = session.execute(query.order_by(order, Organisation.id).offset(offset).limit(limit))
    return [_line(*row) for row in rows]


def _filtered(query: Select[Any], wanted: OrganisationFilter) -> Select[Any]:
    for word in wanted.search.split():
        alias = select(OrganisationAlias.organisation_id).where(
            OrganisationAlias.alias.contains(word, autoescape=True)
        )
        person = select(Person.organisation_id).where(Person.name.contains(word, autoescape=True))
        query = query.where(
            or_(
                Organisation.name.contains(word, autoescape=True),
                Organisation.uscc.contains(word, autoescape=True),
                Organisation.id.in_(alias),
                Organisation.id.in_(person),
            )
        )
    if wanted.kinds:
        query = query.where(Organisation.kind.in_([k for k in OrganisationKind if k in wanted.kinds]))
    if wanted.towns:
        query = query.where(Organisation.town.in_(wanted.towns))
    states = [state for state in ApprovalState if state in wanted.states]
    states = states or [ApprovalState.WAITING, ApprovalState.APPROVED]
    return query.where(Organisation.status.in_(states))


def _line(
    row: Organisation, parent: str | None, people: int, needs: int, achievements: int
) -> OrganisationLine:
    return OrganisationLine(
        id=row.id,
        name=row.name,
        kind=row.kind,
        parent=parent or "",
        town=row.town,
        uscc=row.uscc or "",
        status=row.status,
        people=people,
        needs=needs,
        achievements=achievements,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """A person of an organisation, contact in full: mask it for readers from outside."""

    id: int
    name: str
    role: str
    title: str
    position: str
    phone: str
    email: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationView:
    """An organisation with what belongs to it: (id, name) pairs of aliases, parts and accounts."""

    organisation: Organisation
    parent: Organisation | None
    merged_into: Organisation | None
    aliases: tuple[tuple[int, str], ...]
    parts: tuple[tuple[int, str], ...]
    people: tuple[PersonLine, ...]
    accounts: tuple[tuple[int, str], ...]
    needs: int
    achievements: int


def organisation_view(session: Session, organisation: Organisation) -> OrganisationView:
    """Return everything the page of one organisation shows."""
    own = organisation.id
    return OrganisationView(
        organisation=organisation,
        parent=_get(session, organisation.parent_id),
        merged_into=_get(session, organisation.merged_into_id),
        aliases=_pairs(
            session, OrganisationAlias.id, OrganisationAlias.alias, OrganisationAlias.organisation_id, own
        ),
        parts=_pairs(session, Organisation.id, Organisation.name, Organisation.parent_id, own),
        people=tuple(_people(session, own)),
        accounts=_pairs(session, User.id, User.name, User.organisation_id, own),
        needs=session.scalar(select(func.count()).where(Need.organisation_id == own)) or 0,
        achievements=session.scalar(select(func.count()).where(Achievement.organisation_id == own)) or 0,
    )


def _get(session: Session, organisation_id: int | None) -> Organisation | None:
    return session.get(Organisation, organisation_id) if organisation_id else None


def _pairs(session: Session, key: Any, words: Any, owner: Any, own: int) -> tuple[tuple[int, str], ...]:
    rows = session.execute(select(key, words).where(owner == own).order_by(key))
    return tuple((row[0], row[1]) for row in rows)


def _people(session: Session, organisation_id: int) -> list[PersonLine]:
    rows = session.scalars(
        select(Person).where(Person.organisation_id == organisation_id).order_by(Person.role, Person.id)
    )
    return [
        PersonLine(
            id=row.id,
            name=row.name,
            role=row.role,
            title=row.title,
            position=row.position,
            phone=row.phone,
            email=row.email,
            source=row.source,
        )
        for row in rows
    ]


def organisation_choices(
    session: Session, *, kinds: frozenset[OrganisationKind] | None = None, top_only: bool = False
) -> list[tuple[str, str]]:
    """Return (id as text, name) of the approved organisations, by name, for select fields."""
    query = select(Organisation.id, Organisation.name).where(Organisation.status == ApprovalState.APPROVED)
    if kinds is not None:
        query = query.where(Organisation.kind.in_(sorted(kinds)))
    if top_only:
        query = query.where(Organisation.parent_id.is_(None))
    return [
        (str(row[0]), row[1]) for row in session.execute(query.order_by(Organisation.name, Organisation.id))
    ]
