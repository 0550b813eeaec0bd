"""Whom the system can tell anything at all: without account and mail only the telephone is left."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.states import InvitationState
from matchmaker.services.event_letters import reachable
from matchmaker.services.notices import person_recipient, users_of, with_contact
from matchmaker.settings import Settings
from matchmaker.store.queries.guests import GuestState, guest_states, guests_told
from matchmaker.store.tables import Invitation, Need

_ASKED = (InvitationState.INVITED, InvitationState.ACCEPTED)


def firm_hears(session: Session, settings: Settings, need: Need) -> bool:
    """Say whether anybody of a need's firm would get a notice about it."""
    contact = person_recipient(session, need.contact_id)
    told = with_contact(users_of(session, [need.organisation_id]), contact)
    return any(reachable(one, settings) for one in told)


def guests_unheard(session: Session, settings: Settings, event_id: int) -> set[int]:
    """Return the invitations of guests who were asked, or said yes, and get no notice."""
    asked = session.scalars(
        select(Invitation.id).where(Invitation.event_id == event_id, Invitation.status.in_(_ASKED))
    )
    return set(asked) - guests_told(session, event_id, by_mail=bool(settings.mail.host))


def guests_to_phone(session: Session, settings: Settings, event_id: int) -> list[GuestState]:
    """Return the guests who must be telephoned: still to be asked, or owing an answer, and not told by us."""
    told = guests_told(session, event_id, by_mail=bool(settings.mail.host))
    found = guest_states(session, event_id, told=told)
    return [guest for guest in found if guest.to_phone]
