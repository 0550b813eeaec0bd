"""Answer links: signed, expiring, for one purpose, so that people without an account can answer.

The token carries the row's id under the installation's own signature; the row says what it is for,
until when, and whether it was used. Opening a link changes nothing; only the answer does.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.errors import NotFound
from matchmaker.settings import Settings
from matchmaker.store.tables import AnswerLink

_SALT = "answer-link"
SPENT = "这个链接已经用过或已过期。如需修改答复，请联系主办方。"


class Purpose(StrEnum):
    """What one link may be used for."""

    INVITATION = "invitation"
    PAIRING = "pairing"
    OUTCOME = "outcome"
    INTENT = "intent"
    REGISTRATION = "registration"
    NEED_QUESTIONS = "need_questions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An open link: what it is for, about what, and for whom. `side` is need or achievement on pairings."""

    link_id: int
    purpose: Purpose
    subject_id: int
    side: str
    person_id: int | None
    used: bool


def make_link(
    session: Session,
    settings: Settings,
    *,
    purpose: Purpose,
    subject_id: int,
    side: str = "",
    person_id: int | None = None,
) -> str:
    """Make a link and return its full address. Each call makes a new one; older ones stay valid."""
    moment = clock.now()
    row = AnswerLink(
        key_hash="",
        purpose=purpose.value,
        subject_id=subject_id,
        side=side,
        person_id=person_id,
        created_at=moment,
        expires_at=moment + timedelta(days=settings.follow_up.link_days),
    )
    row.key_hash = hashlib.sha256(f"{purpose}:{subject_id}:{side}:{person_id}:{moment}".encode()).hexdigest()
    session.add(row)
    session.flush()  # the token signs the id
    return address_of(settings, row.id)


def address_of(settings: Settings, link_id: int) -> str:
    """Return the full address of a link that was made."""
    return f"{settings.public_url}/a/{_signer(settings).dumps(link_id)}"


def open_link(session: Session, settings: Settings, token: str) -> Link:
    """Return what a token opens. Raises NotFound when it was forged, has expired, or is unknown."""
    try:
        link_id = _signer(settings).loads(token)
    except BadSignature as error:
        raise NotFound(SPENT) from error
    row = session.get(AnswerLink, link_id) if isinstance(link_id, int) else None
    if row is None or row.expires_at < clock.now():
        raise NotFound(SPENT)
    return Link(
        link_id=row.id,
        purpose=Purpose(row.purpose),
        subject_id=row.subject_id,
        side=row.side,
        person_id=row.person_id,
        used=row.used_at is not None,
    )


def mark_used(session: Session, link: Link) -> None:
    """Spend a link, in the transaction of its answer. Raises NotFound when it was spent meanwhile."""
    spent = session.execute(
        update(AnswerLink)
        .where(AnswerLink.id == link.link_id, AnswerLink.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(AnswerLink.id)
    ).one_or_none()
    if spent is None:
        raise NotFound(SPENT)


def revoke(session: Session, *, purpose: Purpose, subject_id: int) -> None:
    """Spend every open link about a subject: the answer came another way."""
    session.execute(
        update(AnswerLink)
        .where(
            AnswerLink.purpose == purpose.value,
            AnswerLink.subject_id == subject_id,
            AnswerLink.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )


def open_links(session: Session, *, purpose: Purpose, subject_id: int) -> list[AnswerLink]:
    """Return links about a subject that still work."""
    return list(
        session.scalars(
            select(AnswerLink)
            .where(
                AnswerLink.purpose == purpose.value,
                AnswerLink.subject_id == subject_id,
                AnswerLink.used_at.is_(None),
                AnswerLink.expires_at > clock.now(),
            )
            .order_by(AnswerLink.id)
        )
    )


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt=_SALT)
