"""What guests have wished for, and when they cannot come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.states import EventState, InvitationState, PairingState
from matchmaker.store.queries.pairings import standing_list_ids
from matchmaker.store.tables import Achievement, Event, Invitation, MeetingWish, Need, Pairing, PairingList

ANOTHER_TIME = "another"
"""What a side answers that would meet, but not in the slot it was given."""
_AWAY = (InvitationState.DECLINED, InvitationState.ABSENT)
PartyKey = tuple[str, int]
"""("enterprise", organisation id), or ("expert", person id, or minus the organisation's)."""


def away_slots_of(session: Session, event_id: int) -> Mapping[PartyKey, frozenset[int]]:
    """Return per side the slots (from 1) in which nobody of it can sit down.

    An enterprise that sends two people is away only when both are; an expert also while meetings of
    another event hold them.
    """
    rows = session.scalars(select(Invitation).where(Invitation.event_id == event_id).order_by(Invitation.id))
    found: dict[PartyKey, frozenset[int]] = {}
    for row in rows:
        if row.status in _AWAY or row.role not in ("enterprise", "expert"):
            continue
        key = _party(row)
        slots = frozenset(row.away_slots)
        found[key] = found[key] & slots if key in found else slots
    for expert, slots in slots_elsewhere(session, event_id).items():
        found[expert] = found.get(expert, frozenset()) | slots
    return {key: slots for key, slots in found.items() if slots}


def slots_elsewhere(session: Session, event_id: int) -> Mapping[PartyKey, frozenset[int]]:
    """Return in which of an event's slots experts sit at another event of the day, as published there."""
    event = session.get_one(Event, event_id)
    rows = session.execute(
        select(Pairing.expert_id, Pairing.slot, Event)
        .join(Event, Event.id == Pairing.event_id)
        .where(
            Event.id != event.id,
            Event.held_on == event.held_on,
            Event.status == EventState.OPEN,
            Pairing.list_id.in_(standing_list_ids(session)),
            Pairing.expert_id.is_not(None),
            Pairing.slot.is_not(None),
            Pairing.status.not_in((PairingState.REJECTED, PairingState.DECLINED)),
        )
        .order_by(Pairing.id)
    )
    found: dict[PartyKey, frozenset[int]] = {}
    for expert_id, slot, other in rows:
        length = timedelta(minutes=other.slot_minutes)
        begins = other.starts_at + ((slot or 1) - 1) * length
        taken = _slots_between(event, begins, begins + length)
        if taken and expert_id is not None:
            key = ("expert", expert_id)
            found[key] = found.get(key, frozenset()) | frozenset(taken)
    return found


def slots_asked_otherwise(session: Session, event_id: int) -> Mapping[PartyKey, frozenset[int]]:
    """Return per side the slots (from 1) of published meetings for which it asked for another time."""
    rows = session.execute(
        select(Pairing, Need.organisation_id, Achievement.organisation_id)
        .join(PairingList, PairingList.id == Pairing.list_id)
        .join(Need, Need.id == Pairing.need_id)
        .join(Achievement, Achievement.id == Pairing.achievement_id)
        .where(
            Pairing.event_id == event_id,
            PairingList.published_at.is_not(None),
            Pairing.slot.is_not(None),
            or_(Pairing.need_answer == ANOTHER_TIME, Pairing.achievement_answer == ANOTHER_TIME),
        )
        .order_by(Pairing.id)
    )
    found: dict[PartyKey, frozenset[int]] = {}
    for row, firm_id, home_id in rows:
        keys: list[PartyKey] = []
        if row.need_answer == ANOTHER_TIME:
            keys.append(("enterprise", firm_id))
        if row.achievement_answer == ANOTHER_TIME:
            keys.append(("expert", row.expert_id or -(home_id or 0)))
        for key in keys:
            found[key] = found.get(key, frozenset()) | {row.slot or 0}
    return found


def _slots_between(event: Event, begins: datetime, ends: datetime) -> range:
    """Return the slots of an event, from 1, that share some time with another span of its day."""
    length = timedelta(minutes=event.slot_minutes)
    first, last = (begins - event.starts_at) // length + 1, -((event.starts_at - ends) // length)
    return range(max(1, first), last + 1)


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
