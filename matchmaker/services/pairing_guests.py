"""Who has a meeting on a pairing list without having been asked to the event."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import InvitationState
from matchmaker.services.invitations import Guest, invite, put_on_list
from matchmaker.store.queries.pairings import PairingLine, pairing_lines
from matchmaker.store.queries.withdrawals import withdrawn_now
from matchmaker.store.tables import Event, Invitation, PairingList


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """Somebody of a list who is still to be asked; `invitation_id`: planned already."""

    guest: Guest
    name: str
    invitation_id: int | None


def unasked(session: Session, list_id: int) -> list[Unasked]:
    """Return who has a meeting on a version and was not asked to its event, firms first, each once.

    Who took their consent back is not among them.
    """
    row = session.get_one(PairingList, list_id)
    rows = session.scalars(
        select(Invitation).where(Invitation.event_id == row.event_id).order_by(Invitation.id)
    ).all()
    withdrawn, found = withdrawn_now(session), dict[Guest, Unasked]()
    for guest, name in _sitting(pairing_lines(session, list_id=list_id)):
        own = [one for one in rows if _is_of(one, guest)]
        if guest in found or any(one.status is not InvitationState.PLANNED for one in own):
            continue
        if not withdrawn.guest(**asdict(guest)):
            planned = own[0].id if own else None
            found[guest] = Unasked(guest=guest, name=name, invitation_id=planned)
    return sorted(found.values(), key=lambda one: (one.guest.role != "enterprise", one.name))


def _sitting(lines: list[PairingLine]) -> Iterator[tuple[Guest, str]]:
    for line in lines:
        firm = line.enterprise
        yield Guest(organisation_id=firm.id, person_id=line.need.contact_id, role="enterprise"), firm.name
        home = line.achievement.organisation_id or (line.expert.organisation_id if line.expert else None)
        if home is not None:
            guest = Guest(organisation_id=home, person_id=line.pairing.expert_id, role="expert")
            yield guest, line.seat.name if line.seat else line.achievement.title


def _is_of(row: Invitation, guest: Guest) -> bool:
    """Say whether an invitation is this guest's: a firm is asked as a whole, an expert in person."""
    if row.role != guest.role:
        return False
    if guest.role == "enterprise" or guest.person_id is None:
        return row.organisation_id == guest.organisation_id
    return row.person_id == guest.person_id


def ask_the_unasked(session: Session, actor: Actor, event: Event, *, list_id: int) -> int:
    """Invite who has a meeting on a version and was not asked yet; return how many. The event is open."""
    ids = [
        one.invitation_id if one.invitation_id is not None else put_on_list(session, event, one.guest).id
        for one in unasked(session, list_id)
    ]
    return invite(session, actor, event_id=event.id, invitation_ids=ids) if ids else 0
