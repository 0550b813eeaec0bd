"""What guests have wished for, and when they cannot come."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.states import InvitationState
from matchmaker.store.tables import Invitation, MeetingWish

_AWAY = (InvitationState.DECLINED, InvitationState.ABSENT)
PartyKey = tuple[str, int]
"""("enterprise", organisation id), or ("expert", person id, or minus the organisation's)."""


def away_slots_of(session: Session, event_id: int) -> Mapping[PartyKey, frozenset[int]]:
    """Return per side the slots (from 1) in which nobody of it can sit down.

    An enterprise that sends two people is away only when both are.
    """
    rows = session.scalars(select(Invitation).where(Invitation.event_id == event_id).order_by(Invitation.id))
    found: dict[PartyKey, frozenset[int]] = {}
    for row in rows:
        if row.status in _AWAY or row.role not in ("enterprise", "expert"):
            continue
        key = _party(row)
        slots = frozenset(row.away_slots)
        found[key] = found[key] & slots if key in found else slots
    return {key: slots for key, slots in found.items() if slots}


def _party(row: Invitation) -> PartyKey:
    if row.role == "enterprise":
        return "enterprise", row.organisation_id
    return "expert", row.person_id or -row.organisation_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """Which sides asked for a pair, and what they said."""

    sides: frozenset[str]
    notes: tuple[str, ...]


def wishes_of(session: Session, event_id: int) -> dict[tuple[int, int], Wished]:
    """Return (need id, achievement id) → who asked for that pair at an event."""
    rows = session.scalars(
        select(MeetingWish).where(MeetingWish.event_id == event_id).order_by(MeetingWish.id)
    ).all()
    found: dict[tuple[int, int], list[MeetingWish]] = {}
    for row in rows:
        found.setdefault((row.need_id, row.achievement_id), []).append(row)
    return {
        key: Wished(
            sides=frozenset(row.side for row in group), notes=tuple(row.note for row in group if row.note)
        )
        for key, group in found.items()
    }
