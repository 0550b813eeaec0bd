"""An event goes out at one word: published, its guests listed, all of them invited."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import EventState
from matchmaker.services.events import move_event, organiser_event
from matchmaker.services.invitations import invite, plan_invitations


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """How many guests came onto the list, and how many were asked."""

    listed: int
    invited: int


def launch_event(session: Session, actor: Actor, *, event_id: int) -> Launched:
    """Publish an event that is still planned, list its guests, and invite whoever was not asked yet.

    Called again it invites those who came onto the list since. Raises WrongState for an event that
    is over, postponed or cancelled.
    """
    event = organiser_event(session, actor, event_id)
    listed = plan_invitations(session, actor, event_id=event_id)
    if event.status is EventState.DRAFT:
        move_event(session, actor, event_id=event_id, to=EventState.OPEN)
    return Launched(listed=listed, invited=invite(session, actor, event_id=event_id))
