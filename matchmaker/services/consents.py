"""The privacy notice, and who agreed to what under which version of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import ConsentScope
from matchmaker.resources import folder
from matchmaker.settings import Retention
from matchmaker.store.bulk import insert_rows
from matchmaker.store.queries.withdrawals import withdrawn_now
from matchmaker.store.tables import Consent, User

MY_DATA = "my_data"  # the channel of answers given on 我的账号与数据


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSection:
    """One heading of the notice and what stands under it."""

    heading: str
    paragraphs: tuple[str, ...]


def record_consents(
    session: Session,
    actor: Actor,
    *,
    subject_kind: str,
    subject_id: int,
    ticks: Mapping[ConsentScope, bool],
    channel: str,
) -> None:
    """Keep every tick, given or not, under the present version of the notice.

    An answer that is the same as the standing one under the same version is not written again;
    a changed one withdraws what stood before. `subject_kind` is need, achievement, user, person
    or upload; `channel` says where the tick was made (web_form, excel, paper …).
    """
    for scope, granted in ticks.items():
        standing = _standing(session, subject_kind, subject_id, scope)
        if standing and (standing.granted, standing.notice_version) == (granted, current_notice_version()):
            continue
        if standing:
            standing.withdrawn_at = clock.now()
        session.add(
            Consent(
                subject_kind=subject_kind,
                subject_id=subject_id,
                scope=scope,
                granted=granted,
                notice_version=current_notice_version(),
                channel=channel,
                user_id=actor.user_id,
                at=clock.now(),
            )
        )
    session.flush()  # the next question, in the same transaction, must find these


def agree_again(
    session: Session,
    actor: Actor,
    *,
    ticks: Mapping[ConsentScope, bool],
    channel: str,
    person_id: int | None = None,
) -> None:
    """Let who had taken the first consent back, and gives it on a form now, be arranged for again.

    The actor speaks for themselves, an organiser for the person at the desk who said so (`person_id`).
    """
    if not ticks.get(ConsentScope.INTERNAL):
        return
    subjects = (
        {"person": person_id} if actor.organises else {"user": actor.user_id, "person": actor.person_id}
    )
    withdrawn = withdrawn_now(session)
    if not withdrawn.told(user_id=subjects.get("user"), person_id=subjects["person"]):
        return
    for kind, subject_id in subjects.items():
        if subject_id is not None:
            yes = {ConsentScope.INTERNAL: True}
            record_consents(
                session, actor, subject_kind=kind, subject_id=subject_id, ticks=yes, channel=channel
            )


def has_consent(session: Session, subject_kind: str, subject_id: int, scope: ConsentScope) -> bool:
    """Say whether the standing answer for one scope is yes."""
    standing = _standing(session, subject_kind, subject_id, scope)
    return standing is not None and standing.granted


def standing_consents(session: Session, subject_kind: str, subject_id: int) -> Sequence[Consent]:
    """Return the answers that stand for a subject, one per scope that was asked, in order of asking."""
    return session.scalars(
        select(Consent)
        .where(
            Consent.subject_kind == subject_kind,
            Consent.subject_id == subject_id,
            Consent.withdrawn_at.is_(None),
        )
        .order_by(Consent.id)
    ).all()


def ticks_shown(session: Session, actor: Actor, *, subject_kind: str, subject_id: int) -> dict[str, bool]:
    """Return the ticks of a submission for its form: who withdrew has to give the first one anew."""
    ticks = {row.scope.value: row.granted for row in standing_consents(session, subject_kind, subject_id)}
    if withdrawn_now(session).told(user_id=actor.user_id, person_id=actor.person_id):
        ticks[ConsentScope.INTERNAL.value] = False
    return ticks


def may_hand_over(session: Session, *, submission: str, submission_id: int, person_id: int | None) -> bool:
    """Say whether a contact may be passed on once both sides accepted.

    The person's own word counts (as a person, or on 我的账号与数据), else the tick of the need or
    achievement they stand for. Who was never asked has not agreed: the bureau passes messages on.
    """
    own = _own_word(session, person_id) if person_id is not None else None
    if own is not None:
        return own.granted
    return has_consent(session, submission, submission_id, ConsentScope.CONTACT_AFTER_ACCEPT)


def _own_word(session: Session, person_id: int) -> Consent | None:
    accounts = select(User.id).where(User.person_id == person_id)
    as_person = (Consent.subject_kind == "person") & (Consent.subject_id == person_id)
    on_my_data = (
        (Consent.subject_kind == "user") & Consent.subject_id.in_(accounts) & (Consent.channel == MY_DATA)
    )
    return session.scalars(
        select(Consent)
        .where(
            Consent.scope == ConsentScope.CONTACT_AFTER_ACCEPT,
            Consent.withdrawn_at.is_(None),
            or_(as_person, on_my_data),
        )
        .order_by(Consent.id.desc())
        .limit(1)
    ).first()


def first_consents(
    session: Session,
    actor: Actor,
    *,
    subject_kind: str,
    ticks: Mapping[int, Mapping[ConsentScope, bool]],
    channel: str,
) -> None:
    """Keep the ticks of many submissions, by their ids, that have none yet: new rows of a list."""
    moment = clock.now()
    insert_rows(
        session,
        Consent,
        (
            {
                "subject_kind": subject_kind,
                "subject_id": subject_id,
                "scope": scope,
                "granted": granted,
                "notice_version": current_notice_version(),
                "channel": channel,
                "user_id": actor.user_id,
                "at": moment,
            }
            for subject_id, ticked in ticks.items()
            for scope, granted in ticked.items()
        ),
    )


def _standing(session: Session, subject_kind: str, subject_id: int, scope: ConsentScope) -> Consent | None:
    return session.scalars(
        select(Consent)
        .where(
            Consent.subject_kind == subject_kind,
            Consent.subject_id == subject_id,
            Consent.scope == scope,
            Consent.withdrawn_at.is_(None),
        )
        .order_by(Consent.id.desc())
        .limit(1)
    ).first()


def current_notice_version() -> str:
    """Return the version of the notice that forms show now; it stands in config/privacy_notice.md."""
    found = re.search(r"^版本：(\S+)", _notice_text(), re.MULTILINE)
    if found is None:
        raise ValueError("config/privacy_notice.md has no line 版本：")
    return found[1]


def notice_sections(*, bureau: str, retention: Retention) -> tuple[NoticeSection, ...]:
    """Return the notice with the organiser's name and the periods of this installation filled in."""
    text = _notice_text().replace("{bureau}", bureau)
    text = text.replace("{contact_months}", str(retention.contact_months))
    text = text.replace("{upload_days}", str(retention.upload_days))
    parts = re.split(r"^## +", text, flags=re.MULTILINE)[1:]
    return tuple(_section(part) for part in parts)


def _section(part: str) -> NoticeSection:
    heading, _, body = part.partition("\n")
    return NoticeSection(
        heading=heading.strip(),
        paragraphs=tuple(p.strip() for p in body.split("\n\n") if p.strip()),
    )


@lru_cache
def _notice_text() -> str:
    return (folder("config") / "privacy_notice.md").read_text(encoding="utf-8")
