"""Full contacts: who may see one, and the log of who did."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.permissions import Actor, may_see_inside
from matchmaker.domain.states import ConsentScope, PairingState
from matchmaker.errors import NotAllowed, NotFound
from matchmaker.store.tables import (
    Achievement,
    AchievementPerson,
    Consent,
    ContactAccess,
    Need,
    Organisation,
    Pairing,
    Person,
    User,
)

Kind = Literal["person", "user"]
MY_DATA = "my_data"  # the channel of answers given on 我的账号与数据
VIEW = "view"
EXPORT = "export"

# 双方接受 and what can only follow it; 已排入议程 and later count only with both answers (see _accepted)
_AFTER_BOTH = (PairingState.ACCEPTED_BOTH, PairingState.INTENDED, PairingState.SIGNED)
_WITH_ANSWERS = (PairingState.SCHEDULED, PairingState.MET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact in full."""

    name: str
    organisation: str
    position: str
    phone: str
    email: str


def reveal(session: Session, actor: Actor, *, kind: Kind, subject_id: int, purpose: str) -> Contact:
    """Return a full contact and log that the actor saw it.

    Open to the organiser, to the contact's own organisation, and to the other side of a pairing
    that both sides accepted, unless the person has withdrawn that consent. One's own contact is not
    logged. Raises NotFound for an unknown one, NotAllowed for one that is closed to the actor.
    """
    people = kind == "person"
    row: Person | User | None = session.get(Person, subject_id) if people else session.get(User, subject_id)
    if row is None or actor.user_id is None:
        raise NotFound()
    if not may_reveal(session, actor, row):
        raise NotAllowed("联系方式在双方都接受对接之后才会开放。需要提前联系请找主办方。")
    own = row.id == (actor.person_id if people else actor.user_id)
    if not own:
        _log(session, actor, kind=kind, subject_id=row.id, action=VIEW, purpose=purpose)
    organisation = session.get(Organisation, row.organisation_id) if row.organisation_id else None
    return Contact(
        name=row.name,
        organisation=organisation.name if organisation else "",
        position=getattr(row, "position", ""),
        phone=row.phone,
        email=row.email,
    )


def may_reveal(session: Session, actor: Actor, row: Person | User) -> bool:
    """Say whether the actor may see this contact in full."""
    if may_see_inside(actor, row.organisation_id):
        return True
    if isinstance(row, User) or _withdrawn(session, row):
        return False
    return bool(actor.organisation_ids) and session.scalar(_shared_pairing(actor, row).limit(1)) is not None


def _shared_pairing(actor: Actor, person: Person) -> Select[int]:
    """Return the accepted pairings in which the actor's side meets this person's need or achievement."""
    mine = tuple(actor.organisation_ids)
    made = select(AchievementPerson.achievement_id).where(AchievementPerson.person_id == person.id)
    theirs_need = Need.contact_id == person.id
    theirs_achievement = or_(
        Achievement.contact_id == person.id, Pairing.expert_id == person.id, Achievement.id.in_(made)
    )
    return (
        select(Pairing.id)
        .join(Need, Need.id == Pairing.need_id)
        .join(Achievement, Achievement.id == Pairing.achievement_id)
        .where(
            or_(
                theirs_need & Achievement.organisation_id.in_(mine),
                theirs_achievement & Need.organisation_id.in_(mine),
            ),
            _accepted(),
        )
    )


def _accepted() -> ColumnElement[bool]:
    both = (Pairing.need_answer == "accepted") & (Pairing.achievement_answer == "accepted")
    return or_(Pairing.status.in_(_AFTER_BOTH), Pairing.status.in_(_WITH_ANSWERS) & both)


def _withdrawn(session: Session, person: Person) -> bool:
    """Say whether the person's newest answer about passing contacts on is a no from 我的账号与数据."""
    accounts = select(User.id).where(User.person_id == person.id)
    newest = session.scalars(
        select(Consent)
        .where(
            Consent.scope == ConsentScope.CONTACT_AFTER_ACCEPT,
            or_(
                (Consent.subject_kind == "person") & (Consent.subject_id == person.id),
                (Consent.subject_kind == "user") & Consent.subject_id.in_(accounts),
            ),
        )
        .order_by(Consent.id.desc())
        .limit(1)
    ).first()
    return newest is not None and newest.channel == MY_DATA and not newest.granted


def log_export(
    session: Session, actor: Actor, subject_ids: Iterable[int], purpose: str, *, kind: Kind = "person"
) -> None:
    """Log that these full contacts leave the system, in the request that makes the file."""
    for subject_id in sorted(set(subject_ids)):
        _log(session, actor, kind=kind, subject_id=subject_id, action=EXPORT, purpose=purpose)


def _log(session: Session, actor: Actor, *, kind: str, subject_id: int, action: str, purpose: str) -> None:
    session.add(
        ContactAccess(
            user_id=actor.user_id,
            subject_kind=kind,
            subject_id=subject_id,
            action=action,
            purpose=purpose[:200],
            at=clock.now(),
        )
    )
