"""Who took part in what: people whose contacts are no longer needed."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.states import InvitationState
from matchmaker.store.tables import (
    Achievement,
    AchievementPerson,
    Agreement,
    Campaign,
    Debt,
    Intent,
    Invitation,
    Need,
    Pairing,
    Person,
    TechContract,
    User,
)

_CAME = (InvitationState.ACCEPTED, InvitationState.CHECKED_IN)
_DEALS = (Intent, Agreement, TechContract)


def _takes_part() -> ColumnElement[bool]:
    """Say of a person that a meeting, an event or a deal needs them: then the contact is kept."""
    invited = select(Invitation.id).where(Invitation.person_id == Person.id, Invitation.status.in_(_CAME))
    seated = select(Pairing.id).where(Pairing.expert_id == Person.id)
    asked = select(Pairing.id).join(Need, Need.id == Pairing.need_id).where(Need.contact_id == Person.id)
    offered = (
        select(Pairing.id)
        .join(Achievement, Achievement.id == Pairing.achievement_id)
        .where(Achievement.contact_id == Person.id)
    )
    made = (
        select(Pairing.id)
        .join(AchievementPerson, AchievementPerson.achievement_id == Pairing.achievement_id)
        .where(AchievementPerson.person_id == Person.id)
    )
    dealt = [
        select(deal.id).join(Need, Need.id == deal.need_id).where(Need.contact_id == Person.id)
        for deal in _DEALS
    ]
    owes = select(Debt.id).where(Debt.person_id == Person.id)
    return or_(*(exists(query) for query in (invited, seated, asked, offered, made, *dealt, owes)))


_HAS_ACCOUNT = exists(select(User.id).where(User.person_id == Person.id, User.active))


def no_longer_needed(since: datetime) -> Sequence[ColumnElement[bool]]:
    """Say of people that their contacts may go: they never took part, and nothing of theirs is newer."""
    named = [
        select(table.id).where(table.contact_id == Person.id, table.created_at >= since)
        for table in (Need, Achievement)
    ]
    return (
        or_(Person.phone != "", Person.email != ""),
        Person.created_at < since,
        ~_takes_part(),
        ~_HAS_ACCOUNT,
        *(~exists(query) for query in named),
    )


def last_campaign_day(session: Session) -> date | None:
    """Return the day on which the last campaign ends, None before there is one."""
    return session.scalar(select(func.max(Campaign.ends_on)))
