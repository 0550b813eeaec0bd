"""What the pages about accounts and about seen contacts show."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from matchmaker import clock
from matchmaker.domain.states import ApprovalState, Role
from matchmaker.store.tables import ContactAccess, Organisation, Person, User, UserRole
from matchmaker.store.tables import Role as RoleRow


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """Which accounts a list shows; `states` are ids of approval_status or "disabled"."""

    search: str = ""
    states: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLine:
    """An account in the list."""

    id: int
    name: str
    email: str
    phone: str
    organisation: str
    organisation_id: int | None
    roles: tuple[Role, ...]
    status: ApprovalState
    active: bool
    created_at: datetime
    last_sign_in_at: datetime | None


_SEER = aliased(User)
_SEEN = aliased(User)
_SEER_PLACE = aliased(Organisation)
_PLACE = aliased(Organisation)
_ORDER = {
    "name": User.name,
    "organisation": Organisation.name,
    "created": User.created_at,
    "seen": User.last_sign_in_at,
}


def count_users(session: Session, wanted: UserFilter) -> int:
    """Return how many accounts the filter lets through."""
    return session.scalar(_users(select(func.count()).select_from(User), wanted)) or 0


def users_page(
    session: Session, wanted: UserFilter, *, sort: str = "", offset: int = 0, limit: int = 50
) -> list[UserLine]:
    """Return one page of accounts; without a known `sort` the waiting come first, then the newest."""
    column = _ORDER.get(sort.lstrip("-"))
    waiting_first = (User.status != ApprovalState.WAITING, User.created_at.desc())
    order = waiting_first if column is None else (column.desc() if sort.startswith("-") else column,)
    rows = session.execute(
        _users(select(User, Organisation.name), wanted).order_by(*order, User.id).offset(offset).limit(limit)
    )
    return [_user_line(user, organisation) for user, organisation in rows]


def _users(query: Any, wanted: UserFilter) -> Any:
    query = query.outerjoin(Organisation, Organisation.id == User.organisation_id)
    for word in wanted.search.split():
        fields = (User.name, User.email, User.phone, Organisation.name)
        query = query.where(or_(*(field.contains(word, autoescape=True) for field in fields)))
    if wanted.states:
        query = query.where(or_(*(_in_state(state) for state in wanted.states)))
    if wanted.roles:
        held = select(UserRole.user_id).join(RoleRow, RoleRow.id == UserRole.role_id)
        query = query.where(User.id.in_(held.where(RoleRow.name.in_(wanted.roles))))
    return query


def _in_state(state: str) -> ColumnElement[bool]:
    if state == "disabled":
        return User.active.is_(False)
    if state not in list(ApprovalState):
        return User.id.is_(None)
    return (User.status == ApprovalState(state)) & User.active.is_(True)


def _user_line(user: User, organisation: str | None) -> UserLine:
    return UserLine(
        id=user.id,
        name=user.name,
        email=user.email,
        phone=user.phone,
        organisation=organisation or "",
        organisation_id=user.organisation_id,
        roles=tuple(sorted(user.role_names)),
        status=user.status,
        active=user.active,
        created_at=user.created_at,
        last_sign_in_at=user.last_sign_in_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFilter:
    """Which looks at contacts a list shows; the days are local, both included."""

    search: str = ""
    actions: tuple[str, ...] = ()
    from_day: date | None = None
    to_day: date | None = None
    subject: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLine:
    """Somebody saw or exported a contact."""

    id: int
    at: datetime
    who: str
    who_organisation: str
    subject_kind: str
    subject_id: int
    subject: str
    subject_organisation: str
    action: str
    purpose: str


def count_accesses(session: Session, wanted: AccessFilter) -> int:
    """Return how many looks the filter lets through."""
    return session.scalar(_accesses(func.count(ContactAccess.id), wanted=wanted)) or 0


def accesses_page(
    session: Session, wanted: AccessFilter, *, offset: int = 0, limit: int | None = 50
) -> list[AccessLine]:
    """Return one page of looks, newest first; the names of the seen are unmasked."""
    columns = (
        ContactAccess,
        _SEER.name,
        _SEER_PLACE.name,
        func.coalesce(Person.name, _SEEN.name),
        _PLACE.name,
    )
    query = _accesses(*columns, wanted=wanted).order_by(ContactAccess.at.desc(), ContactAccess.id.desc())
    return [_access_line(*row) for row in session.execute(query.offset(offset).limit(limit))]


def _accesses(*columns: Any, wanted: AccessFilter) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(ContactAccess)
        .outerjoin(_SEER, _SEER.id == ContactAccess.user_id)
        .outerjoin(_SEER_PLACE, _SEER_PLACE.id == _SEER.organisation_id)
        .outerjoin(Person, (ContactAccess.subject_kind == "person") & (Person.id == ContactAccess.subject_id))
        .outerjoin(_SEEN, (ContactAccess.subject_kind == "user") & (_SEEN.id == ContactAccess.subject_id))
        .outerjoin(_PLACE, _PLACE.id == func.coalesce(Person.organisation_id, _SEEN.organisation_id))
    )
    for word in wanted.search.split():
        fields = (_SEER.name, Person.name, _SEEN.name, _PLACE.name, ContactAccess.purpose)
        query = query.where(or_(*(field.contains(word, autoescape=True) for field in fields)))
    if wanted.actions:
        query = query.where(ContactAccess.action.in_(wanted.actions))
    if wanted.from_day:
        query = query.where(ContactAccess.at >= clock.from_local(wanted.from_day))
    if wanted.to_day:
        query = query.where(ContactAccess.at < clock.from_local(wanted.to_day + timedelta(days=1)))
    if wanted.subject:
        kind, subject_id = wanted.subject
        query = query.where(ContactAccess.subject_kind == kind, ContactAccess.subject_id == subject_id)
    return query


def _access_line(
    row: ContactAccess, who: str | None, who_place: str | None, subject: str | None, place: str | None
) -> AccessLine:
    return AccessLine(
        id=row.id,
        at=row.at,
        who=who or "",
        who_organisation=who_place or "",
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        subject=subject or "",
        subject_organisation=place or "",
        action=row.action,
        purpose=row.purpose,
    )
