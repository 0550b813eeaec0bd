"""What an event has on its table for a draw: needs, achievements, rules, who does not come."""

from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.states import ACHIEVEMENTS_IN_LIBRARY, InvitationState, PairingState
from matchmaker.services.event_items import NEEDS_FOR_EVENTS
from matchmaker.store.queries.pairings import (
    declined_experts,
    published_list,
)
from matchmaker.store.queries.withdrawals import silent_needs, withdrawn_now
from matchmaker.store.tables import (
    Achievement,
    EventItem,
    Invitation,
    Need,
    Organisation,
    Pairing,
    PairingRule,
)


def rules_of_pairs(session: Session, event_id: int) -> dict[tuple[int, int], PairingRule]:
    """Return the rule of each pair; one of this event overrides one for all events."""
    rows = session.scalars(
        select(PairingRule)
        .where(or_(PairingRule.event_id == event_id, PairingRule.event_id.is_(None)))
        .order_by(PairingRule.event_id.is_not(None), PairingRule.id)
    )
    return {(row.need_id, row.achievement_id): row for row in rows}


def accepted_pairs(session: Session, event_id: int) -> set[tuple[int, int]]:
    """Return pairs of the list that holds which both sides have accepted: a redraw keeps them."""
    standing = published_list(session, event_id)
    if standing is None:
        return set()
    rows = session.execute(
        select(Pairing.need_id, Pairing.achievement_id).where(
            Pairing.list_id == standing.id,
            Pairing.need_answer == "accepted",
            Pairing.achievement_answer == "accepted",
            Pairing.status != PairingState.DECLINED,
        )
    )
    return {(need_id, achievement_id) for need_id, achievement_id in rows}


def needs_on_table(session: Session, event_id: int) -> list[Need]:
    """Return the needs that may be talked about, by id."""
    return list(
        session.scalars(
            select(Need)
            .where(Need.id.in_(_on_table(session, event_id, "need")), Need.status.in_(NEEDS_FOR_EVENTS))
            .order_by(Need.id)
        )
    )


def achievements_on_table(session: Session, event_id: int) -> list[int]:
    """Return the ids of the achievements that may be talked about, in order."""
    return list(
        session.scalars(
            select(Achievement.id)
            .where(
                Achievement.id.in_(_on_table(session, event_id, "achievement")),
                Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY),
            )
            .order_by(Achievement.id)
        )
    )


def _on_table(session: Session, event_id: int, kind: str) -> list[int]:
    return list(
        session.scalars(
            select(EventItem.subject_id)
            .where(EventItem.event_id == event_id, EventItem.subject_kind == kind)
            .order_by(EventItem.subject_id)
        )
    )


def who_declined(session: Session, event_id: int) -> tuple[set[int], set[int]]:
    """Return enterprises of which nobody comes, and the keys of experts who do not come."""
    rows = session.scalars(
        select(Invitation).where(Invitation.event_id == event_id).order_by(Invitation.id)
    ).all()
    away = [row for row in rows if row.status in (InvitationState.DECLINED, InvitationState.ABSENT)]
    coming = {row.organisation_id for row in rows if row not in away and row.role == "enterprise"}
    firms = {row.organisation_id for row in away if row.role == "enterprise"} - coming
    return firms, declined_experts(session, event_id)


def firms_left_alone(session: Session, event_id: int, needs: Iterable[Need]) -> set[int]:
    """Return the firms that took their consent back for all their needs and have no agreed meeting here."""
    withdrawn, found = withdrawn_now(session), list(needs)
    if not withdrawn:
        return set()
    silent = silent_needs(session, {need.id for need in found}, withdrawn)
    agreed = {need_id for need_id, _ in accepted_pairs(session, event_id)}
    open_to = {need.organisation_id for need in found if need.id not in silent or need.id in agreed}
    return {need.organisation_id for need in found} - open_to


def firm_names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """Return organisation id → name."""
    wanted = select(Organisation.id, Organisation.name).where(Organisation.id.in_(sorted(set(ids))))
    return {row.id: row.name for row in session.execute(wanted)}
