"""What the system keeps about a person: shown, handed out, corrected, and their consents changed."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, or_, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.accounts import check_contact, normal_email, normal_phone
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ConsentScope
from matchmaker.errors import InvalidInput, NotAllowed
from matchmaker.services.consents import MY_DATA, record_consents
from matchmaker.services.forgetting import correct_names, end_links
from matchmaker.store.tables import Organisation, Person, Row, User

# secrets, files, what other people wrote, and what a merging kept of other people
_LEFT_OUT = frozenset(
    {"password", "fs_uniquifier", "key_hash", "content", "answer_note", "outcome_note", "last_error"}
    | {"before", "after", "gone"}
)
# of these only one's own row: other rows name a user because he approved or invited somebody
_OWN_ROW = {"user_account": "user_id", "person": "person_id"}
_SUBJECTS = ("user", "person")


def everything_about_me(session: Session, actor: Actor) -> dict[str, Any]:
    """Return every row that names the actor, by table, ready for JSON.

    A row names the actor when a foreign key leads to the account or to the person behind it, or when
    it is a consent, a contact access or a change about either. A new table is covered by itself.
    """
    if actor.user_id is None:
        raise NotAllowed()
    found: dict[str, Any] = {"exported_at": clock.now().isoformat()}
    organisation = session.get(Organisation, actor.organisation_id) if actor.organisation_id else None
    found["organisation"] = None if organisation is None else organisation.name
    for table in Row.metadata.sorted_tables:
        condition = _mine(table, actor)
        if condition is None:
            continue
        columns = [column for column in table.columns if column.name not in _LEFT_OUT]
        query = select(*columns).where(condition).order_by(*table.primary_key.columns)
        rows = [_plain(row) for row in session.execute(query).mappings()]
        if rows:
            found[table.name] = rows
    return found


def _mine(table: Table, actor: Actor) -> ColumnElement[bool] | None:
    if table.name in _OWN_ROW:
        own_row: ColumnElement[bool] = table.c.id == getattr(actor, _OWN_ROW[table.name])
        return own_row
    me = {"user_account": actor.user_id, "person": actor.person_id}
    conditions: list[ColumnElement[bool]] = [
        column == me[key.column.table.name]
        for column in table.columns
        for key in column.foreign_keys
        if me.get(key.column.table.name) is not None
    ]
    if "subject_kind" in table.c:
        ids = dict(zip(_SUBJECTS, (actor.user_id, actor.person_id), strict=True))
        conditions += [
            and_(table.c.subject_kind == kind, table.c.subject_id == i) for kind, i in ids.items() if i
        ]
    return or_(*conditions) if conditions else None


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): _value(value) for key, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value


def correct_contact(
    session: Session, actor: Actor, *, name: str, phone: str, email: str, position: str
) -> None:
    """Write the actor's own corrections to the account and to the contact behind it.

    Whether the password was given for a new address is the caller's business. Raises InvalidInput.
    """
    if actor.user_id is None:
        raise NotAllowed()
    address = normal_email(email)
    problems = check_contact(name=name, phone=phone, email=address, email_required=True)
    holder = session.scalar(select(User.id).where(User.email == address))
    if holder not in (None, actor.user_id):
        message = "这个邮箱已被另一个账号使用，请换一个。"
        problems.append(Problem(field="email", code="email_taken", message=message))
    if problems:
        raise InvalidInput(problems)
    number = normal_phone(phone)
    user = session.get_one(User, actor.user_id)
    user.name, user.phone, user.email = name, number, address
    person = session.get(Person, user.person_id) if user.person_id else None
    if person is not None:
        person.name, person.phone, person.email, person.position = name, number, address, position
        correct_names(session, person_id=person.id, name=name)


def change_consents(session: Session, actor: Actor, *, ticks: Mapping[ConsentScope, bool]) -> None:
    """Keep what the actor now agrees to; what was agreed before stays on record as withdrawn.

    Who takes back the first consent is asked nothing more: open answer links end, and
    `store/queries/withdrawals.py` keeps them out of new invitations, meetings and questions.
    """
    if actor.user_id is None:
        raise NotAllowed()
    subjects = [("user", actor.user_id)]
    if actor.person_id is not None:
        subjects.append(("person", actor.person_id))
        if not ticks.get(ConsentScope.INTERNAL, True):
            end_links(session, person_id=actor.person_id)
    for kind, subject_id in subjects:
        record_consents(
            session, actor, subject_kind=kind, subject_id=subject_id, ticks=ticks, channel=MY_DATA
        )
