"""Full contacts: who may see one, and the log of who did."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.permissions import Actor, may_see_inside
from matchmaker.domain.states import PairingState
from matchmaker.errors import NotAllowed, NotFound
from matchmaker.services.consents import may_hand_over
from matchmaker.store.bulk import insert_rows
from matchmaker.store.tables import (
    Achievement,
    AchievementPerson,
    ContactAccess,
    Need,
    Organisation,
    Pairing,
    Person,
    User,
)

Kind = Literal["person", "user"]
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
    that both sides accepted, when the tick 双方接受后提供联系方式 was given with the need or the
    achievement and the person has not withdrawn it. One's own contact is not logged. Raises NotFound
    for an unknown one, NotAllowed for one that is closed to the actor.
    """
    people = kind == "person"
    row: Person | User | None = session.get(Person, subject_id) if people else session.get(User, subject_id)
    if row is None or actor.user_id is None:
        raise NotFound()
    if not may_reveal(session, actor, row):
        raise NotAllowed("联系方式在双方都接受对接之后才会开放。需要提前联系请找主办方。")
    own = row.id == (actor.person_id if people else actor.user_id)
    if not own:
        _log(session, actor, kind=kind, subject_ids=[row.id], action=VIEW, purpose=purpose)
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
    if isinstance(row, User) or not actor.organisation_ids:
        return False
    return any(
        may_hand_over(session, submission=kind, submission_id=subject_id, person_id=row.id)
        for kind, subject_id in _shared_submissions(session, actor, row)
    )


def _shared_submissions(session: Session, actor: Actor, person: Person) -> set[tuple[str, int]]:
    """Return this person's needs and achievements that the actor's side meets in an accepted pairing."""
    mine = tuple(actor.organisation_ids)
    made = select(AchievementPerson.achievement_id).where(AchievementPerson.person_id == person.id)
    theirs_need = Need.contact_id == person.id
    theirs_achievement = or_(
        Achievement.contact_id == person.id, Pairing.expert_id == person.id, Achievement.id.in_(made)
    )
    accepted = (
        select(Pairing.need_id, Pairing.achievement_id)
        .join(Need, Need.id == Pairing.need_id)
        .join(Achievement, Achievement.id == Pairing.achievement_id)
        .where(_accepted())
    )
    needs = session.execute(accepted.where(theirs_need, Achievement.organisation_id.in_(mine)))
    achievements = session.execute(accepted.where(theirs_achievement, Need.organisation_id.in_(mine)))
    return {("need", need_id) for need_id, _ in needs} | {("achievement", key) for _, key in achievements}


def _accepted() -> ColumnElement[bool]:
    both = (Pairing.need_answer == "accepted") & (Pairing.achievement_answer == "accepted")
    return or_(Pairing.status.in_(_AFTER_BOTH), Pairing.status.in_(_WITH_ANSWERS) & both)


def log_export(
    session: Session, actor: Actor, subject_ids: Iterable[int], purpose: str, *, kind: Kind = "person"
) -> None:
    """Log that these full contacts leave the system, in the request that makes the file."""
    _log(session, actor, kind=kind, subject_ids=sorted(set(subject_ids)), action=EXPORT, purpose=purpose)


def _log(
    session: Session, actor: Actor, *, kind: str, subject_ids: Iterable[int], action: str, purpose: str
) -> None:
    about = {
        "user_id": actor.user_id,
        "subject_kind": kind,
        "action": action,
        "purpose": purpose[:200],
        "at": clock.now(),
    }
    insert_rows(session, ContactAccess, ({**about, "subject_id": subject_id} for subject_id in subject_ids))
