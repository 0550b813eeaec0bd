"""Notices: from a message to rows, one per person and channel, and from a row to the mail server.

Written in the transaction of the delivery that planned them, so a notice exists exactly once.
Sending is at least once: a notice that a crash caught in SENDING becomes UNKNOWN and goes out again
under the same Message-ID.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from matchmaker import clock, wording
from matchmaker.bus.outbox import wait
from matchmaker.bus.work import Work
from matchmaker.channels import mail
from matchmaker.domain.mail_choices import last_words
from matchmaker.domain.messages import Message
from matchmaker.domain.showing import money
from matchmaker.domain.states import ApprovalState, NoticeState
from matchmaker.domain.states import Role as RoleName
from matchmaker.errors import ChannelError, NotFound, WrongState
from matchmaker.resources import folder
from matchmaker.services.mail_choices import wants_mail
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.queries.withdrawals import Withdrawn
from matchmaker.store.tables import Notice, Person, Role, User, UserRole

log = logging.getLogger(__name__)
# letters that carry a key: once they are sent or given up, nobody needs to read them here
_SECRET = ("password_reset",)
_FORGOTTEN = "（链接只发给收件人，这里不保留）"
_DUE = (NoticeState.NEW, NoticeState.RETRY, NoticeState.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom to tell: a user gets an inbox notice and mail, a person without account gets mail."""

    user_id: int | None = None
    person_id: int | None = None
    address: str = ""
    name: str = ""

    @property
    def key(self) -> str:
        """Names the recipient in a notice's unique key."""
        return f"u{self.user_id}" if self.user_id is not None else f"p{self.person_id}-{self.address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One thing to tell one recipient; `kind` names the folder of its words under templates/notices.

    `key` says what it is about, so that telling it twice is impossible; the recipient and the channel
    are added to it. `link` is the page it leads to (a path).
    """

    kind: str
    key: str
    recipient: Recipient
    context: Mapping[str, Any]
    link: str = ""
    calendar: bytes | None = None
    event_id: int | None = None
    channels: tuple[str, ...] = ("inbox", "mail")
    due_at: datetime | None = field(default=None)


Planner = Callable[[Session, Settings, Any], Sequence[Plan]]


def plan_with(planner: Planner, work: Work, message: Message) -> None:
    """Plan the notices of one message and save them with the end of its delivery."""
    with work.writing() as session:
        for plan in planner(session, work.settings, message):
            save_plan(session, work.settings, plan, message_id=work.message_id)


def save_plan(session: Session, settings: Settings, plan: Plan, *, message_id: int | None = None) -> int:
    """Write the notices of a plan; return how many were new. A notice that is there stays as it is."""
    new = 0
    for channel in plan.channels:
        key = f"{plan.kind}:{plan.key}:{plan.recipient.key}:{channel}"[:160]
        unwanted = channel == "mail" and not wants_mail(
            session, user_id=plan.recipient.user_id, kind=plan.kind
        )
        if unwanted or not _reaches(plan.recipient, channel, settings) or _exists(session, key):
            continue
        session.add(_notice(plan, channel, key, settings, message_id))
        session.flush()  # the next plan, in the same transaction, must find it
        new += 1
    return new


def _reaches(recipient: Recipient, channel: str, settings: Settings) -> bool:
    if channel == "inbox":
        return recipient.user_id is not None
    return bool(recipient.address and settings.mail.host)


def _exists(session: Session, key: str) -> bool:
    return session.scalar(select(Notice.id).where(Notice.key == key)) is not None


def _notice(plan: Plan, channel: str, key: str, settings: Settings, message_id: int | None) -> Notice:
    moment = clock.now()
    words = render(plan, settings)
    inbox = channel == "inbox"
    return Notice(
        key=key,
        kind=plan.kind,
        channel=channel,
        user_id=plan.recipient.user_id,
        person_id=plan.recipient.person_id,
        address="" if inbox else plan.recipient.address,
        subject=words.subject[:200],
        body=words.body,
        html="" if inbox else words.html,
        link=plan.link,
        calendar=None if inbox else plan.calendar,
        state=NoticeState.SENT if inbox else NoticeState.NEW,
        due_at=plan.due_at or moment,
        sent_at=moment if inbox else None,
        message_id=message_id,
        event_id=plan.event_id,
        created_at=moment,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A notice's subject, plain text and HTML."""

    subject: str
    body: str
    html: str


def render(plan: Plan, settings: Settings) -> Words:
    """Return the words of a notice. Raises jinja2 errors for a missing template or value."""
    environment = _environment()
    context = {
        "name": plan.recipient.name,
        "site": settings.site,
        "page": f"{settings.public_url}{plan.link}" if plan.link else "",
        "last_words": last_words(plan.kind, has_account=plan.recipient.user_id is not None),
        **plan.context,
    }
    subject, body, html = (
        environment.get_template(f"{plan.kind}/{part}").render(context)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    return Words(subject=" ".join(subject.split()), body=body.strip() + "\n", html=html)


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder("templates") / "notices"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        day=lambda value: f"{clock.local(value):%Y年%m月%d日}",
        moment=lambda value: f"{clock.local(value):%Y年%m月%d日 %H:%M}",
        money=money,
    )
    environment.globals["label"] = wording.label
    return environment


def users_of(session: Session, organisation_ids: Sequence[int]) -> list[Recipient]:
    """Return the active accounts of organisations as recipients."""
    rows = session.scalars(
        select(User)
        .where(User.organisation_id.in_(organisation_ids), User.active, User.status == ApprovalState.APPROVED)
        .order_by(User.id)
    )
    return [_user(row) for row in rows]


def organisers(session: Session) -> list[Recipient]:
    """Return the bureau's active organisers and admins."""
    rows = session.scalars(
        select(User)
        .join(UserRole, UserRole.user_id == User.id)
        .join(Role, Role.id == UserRole.role_id)
        .where(Role.name.in_((RoleName.ORGANISER, RoleName.ADMIN)), User.active)
        .distinct()
        .order_by(User.id)
    )
    return [_user(row) for row in rows]


def user_recipient(session: Session, user_id: int) -> Recipient | None:
    """Return one account as a recipient, active or not."""
    row = session.get(User, user_id)
    return None if row is None else _user(row)


def _user(row: User) -> Recipient:
    return Recipient(user_id=row.id, person_id=row.person_id, address=row.email, name=row.name)


def person_recipient(session: Session, person_id: int | None) -> Recipient | None:
    """Return a person as a recipient: by their account when they have one, else by mail."""
    person = session.get(Person, person_id) if person_id is not None else None
    if person is None:
        return None
    user = session.scalars(
        select(User).where(User.person_id == person.id, User.active).order_by(User.id)
    ).first()
    if user is not None:
        return Recipient(
            user_id=user.id, person_id=person.id, address=person.email or user.email, name=person.name
        )
    return Recipient(person_id=person.id, address=person.email, name=person.name)


def still_asked(withdrawn: Withdrawn, recipients: Iterable[Recipient]) -> list[Recipient]:
    """Return those who have not taken the consent back: the others are asked nothing new."""
    return [one for one in recipients if not withdrawn.told(user_id=one.user_id, person_id=one.person_id)]


def with_contact(recipients: Sequence[Recipient], contact: Recipient | None) -> list[Recipient]:
    """Add a contact to a list unless they are in it already, as a user or by address."""
    if contact is None or (contact.user_id is None and not contact.address):
        return list(recipients)
    known = {r.user_id for r in recipients if r.user_id is not None} | {r.address for r in recipients}
    if contact.user_id in known or contact.address in known:
        return list(recipients)
    return [*recipients, contact]


def unread_count(session: Session, user_id: int) -> int:
    """Return how many inbox notices a user has not opened."""
    return (
        session.scalar(
            select(func.count()).where(
                Notice.user_id == user_id, Notice.channel == "inbox", Notice.read_at.is_(None)
            )
        )
        or 0
    )


def mark_read(session: Session, *, user_id: int, notice_ids: Sequence[int] | None = None) -> None:
    """Mark inbox notices read: the named ones, or all of this user."""
    wanted = update(Notice).where(
        Notice.user_id == user_id, Notice.channel == "inbox", Notice.read_at.is_(None)
    )
    if notice_ids is not None:
        wanted = wanted.where(Notice.id.in_(notice_ids))
    session.execute(wanted.values(read_at=clock.now()))


def retry(session: Session, *, notice_id: int) -> None:
    """Send a given-up notice again, from its first attempt. Raises NotFound for any other.

    A letter whose key was forgotten cannot be sent again: raises WrongState.
    """
    if session.scalar(select(Notice.kind).where(Notice.id == notice_id)) in _SECRET:
        raise WrongState("找回密码的邮件里有一次性链接，不能重发。请本人在登录页重新申请，或由您代设密码。")
    again = session.execute(
        update(Notice)
        .where(Notice.id == notice_id, Notice.state == NoticeState.DEAD)
        .values(state=NoticeState.RETRY, attempts=0, due_at=clock.now(), last_error="")
        .returning(Notice.id)
    ).one_or_none()
    if again is None:
        raise NotFound("这条通知不在“发送失败”之列，不用重发。")


def send_due(database: Database, settings: Settings) -> int:
    """Send due mails over one connection; return how many were handed over.

    Claimed in one transaction and closed in another, with the attempt number as the fence.
    """
    if not settings.mail.host or not _anything_due(database):
        return 0
    with database.writing() as session:
        claimed = _claim(session, settings.mail.batch)
    if not claimed:
        return 0
    results = _hand_over(claimed, settings)
    with database.writing() as session:
        for notice, error in zip(claimed, results, strict=True):
            _close(session, notice, error, attempts=settings.jobs.attempts)
    return sum(error is None for error in results)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claimed:
    notice_id: int
    attempt: int
    secret: bool
    letter: mail.Letter


def _anything_due(database: Database) -> bool:
    with database.reading() as session:
        due = select(Notice.id).where(
            Notice.channel == "mail", Notice.state.in_(_DUE), Notice.due_at <= clock.now()
        )
        return session.scalar(due.limit(1)) is not None


def _claim(session: Session, most: int) -> list[_Claimed]:
    due = (
        select(Notice)
        .where(Notice.channel == "mail", Notice.state.in_(_DUE), Notice.due_at <= clock.now())
        .order_by(Notice.due_at, Notice.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    claimed = []
    for notice in session.scalars(due):
        notice.state, notice.claimed_at = NoticeState.SENDING, clock.now()
        notice.attempts += 1
        letter = mail.Letter(
            key=f"notice-{notice.id}",
            address=notice.address,
            subject=notice.subject,
            body=notice.body,
            html=notice.html,
            calendar=notice.calendar,
        )
        claimed.append(
            _Claimed(
                notice_id=notice.id,
                attempt=notice.attempts,
                secret=notice.kind in _SECRET,
                letter=letter,
            )
        )
    return claimed


def _hand_over(claimed: Sequence[_Claimed], settings: Settings) -> list[ChannelError | None]:
    results: list[ChannelError | None] = []
    try:
        with mail.connect(settings.mail) as connection:
            results.extend(_send_one(connection, each.letter) for each in claimed)
    except ChannelError as error:
        results += [error] * (len(claimed) - len(results))
    return results


def _send_one(connection: mail.Connection, letter: mail.Letter) -> ChannelError | None:
    try:
        connection.send(letter)
    except ChannelError as error:
        return error
    return None


def _close(session: Session, claimed: _Claimed, error: ChannelError | None, *, attempts: int) -> None:
    values: dict[str, Any] = {"state": NoticeState.SENT, "sent_at": clock.now(), "last_error": ""}
    if error is not None:
        given_up = error.permanent or claimed.attempt >= attempts
        values = {
            "state": NoticeState.DEAD if given_up else NoticeState.RETRY,
            "due_at": clock.now() + wait(claimed.attempt) * 6,
            "last_error": str(error)[:2000],
        }
        log.warning("notice not sent", extra={"notice_id": claimed.notice_id, "given_up": given_up})
    if claimed.secret and values["state"] is not NoticeState.RETRY:
        values |= {"body": _FORGOTTEN, "html": ""}
    session.execute(
        update(Notice)
        .where(
            Notice.id == claimed.notice_id,
            Notice.attempts == claimed.attempt,
            Notice.state == NoticeState.SENDING,
        )
        .values(**values)
    )


def rescue(session: Session, *, older_than: timedelta) -> int:
    """Let notices that a crash caught in sending go out again; return how many."""
    rescued = session.execute(
        update(Notice)
        .where(Notice.state == NoticeState.SENDING, Notice.claimed_at < clock.now() - older_than)
        .values(state=NoticeState.UNKNOWN, due_at=clock.now())
        .returning(Notice.id)
    ).all()
    return len(rescued)
