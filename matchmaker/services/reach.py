"""Whom the system can tell anything at all: without account and mail only the telephone is left."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.states import InvitationState
from matchmaker.services.event_letters import guests_of, reachable
from matchmaker.services.notices import person_recipient, users_of, with_contact
from matchmaker.settings import Settings
from matchmaker.store.tables import Invitation, Need

_ASKED = (InvitationState.INVITED, InvitationState.ACCEPTED)


def firm_hears(session: Session, settings: Settings, need: Need) -> bool:
    """Say whether anybody of a need's firm would get a notice about it."""
    contact = person_recipient(session, need.contact_id)
    told = with_contact(users_of(session, [need.organisation_id]), contact)
    return any(reachable(one, settings) for one in told)


def guests_unheard(session: Session, settings: Settings, event_id: int) -> int:
    """Count the guests of an event who were asked, or said yes, and get no notice."""
    rows = session.scalars(
        select(Invitation).where(Invitation.event_id == event_id, Invitation.status.in_(_ASKED))
    )
    return sum(not any(reachable(one, settings) for one in guests_of(session, row)) for row in rows)
