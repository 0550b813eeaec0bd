"""Whom an organiser has to telephone about an event, as a workbook to tick off."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock, wording
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.showing import within_quotes
from matchmaker.errors import InvalidInput
from matchmaker.files.exports import ColumnSpec, SheetSpec, workbook
from matchmaker.services.contacts import log_export
from matchmaker.services.events import organiser_event
from matchmaker.services.reach import guests_to_phone
from matchmaker.settings import Settings
from matchmaker.store.queries.guests import GuestState
from matchmaker.store.queries.withdrawals import withdrawn_now
from matchmaker.store.tables import Person

_COLUMNS = (
    ColumnSpec(key="number", header="序号", width=6),
    ColumnSpec(key="house", header="单位", width=28),
    ColumnSpec(key="name", header="姓名", width=12),
    ColumnSpec(key="position", header="职务/职称", width=14),
    ColumnSpec(key="phone", header="电话", width=18),
    ColumnSpec(key="others", header="同单位可转告的人", width=30),
    ColumnSpec(key="role", header="身份", width=10),
    ColumnSpec(key="answer", header="答复（来/不来）", width=16),
    ColumnSpec(key="note", header="备注", width=22),
)
_MOST_OTHERS = 2


def phone_list(session: Session, actor: Actor, settings: Settings, *, event_id: int, purpose: str) -> bytes:
    """Return the list with full telephone numbers, logged and marked; needs a writing session.

    Where a guest has no number, colleagues who have one stand beside. Raises InvalidInput without a purpose.
    """
    event = organiser_event(session, actor, event_id)
    if not purpose.strip():
        message = "导出完整联系方式前，请写明用途，如：电话邀请。"
        raise InvalidInput([Problem(field="note", code="missing", message=message)])
    guests = guests_to_phone(session, settings, event.id)
    colleagues = {guest.id: list(_colleagues(session, guest)) for guest in guests}
    own = {guest.line.person.id for guest in guests if guest.line.person}
    people = own | {person.id for found in colleagues.values() for person in found}
    log_export(session, actor, people, f"导出电话名单“{event.title}”：{purpose.strip()}")
    starts = f"{clock.local(event.starts_at):%Y-%m-%d %H:%M}"
    made = f"{clock.local(clock.now()):%Y-%m-%d %H:%M}"
    mark = f"内部使用，请勿外传。导出人：{actor.name}；时间：{made}；用途：{purpose.strip()}"
    rows = [_row(number, guest, colleagues[guest.id]) for number, guest in enumerate(guests, 1)]
    sheet = SheetSpec(
        name="电话名单",
        columns=_COLUMNS,
        rows=rows,
        title=f"{mark}　“{within_quotes(event.title)}”（{starts}）电话名单：没有账号，也收不到邮件",
        printed=True,
    )
    return workbook([sheet])


def _row(number: int, guest: GuestState, colleagues: list[Person]) -> dict[str, object]:
    person = guest.line.person
    return {
        "number": number,
        "house": guest.line.organisation,
        "name": person.name if person else "",
        "position": (person.position or person.title) if person else "",
        "phone": person.phone if person else "",
        "others": "；".join(f"{one.name} {one.phone}" for one in colleagues),
        "role": wording.label("attendee_role", guest.line.invitation.role),
    }


def _colleagues(session: Session, guest: GuestState) -> Iterator[Person]:
    if guest.line.person is not None and guest.line.person.phone:
        return
    withdrawn = withdrawn_now(session)
    house = guest.line.invitation.organisation_id
    wanted = select(Person).where(Person.organisation_id == house, Person.phone != "").order_by(Person.id)
    asked = (one for one in session.scalars(wanted) if not withdrawn.told(user_id=None, person_id=one.id))
    for person, _place in zip(asked, range(_MOST_OTHERS), strict=False):
        yield person
