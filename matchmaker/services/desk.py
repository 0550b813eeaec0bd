"""The desk of an event on its day: what is true now, who is here, what has begun, what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.day_rules import DayRules
from matchmaker.domain.desk import Sitting, StepKind, Truth, truth_of
from matchmaker.domain.permissions import Actor
from matchmaker.domain.saying import later
from matchmaker.domain.states import EventState, PairingState
from matchmaker.domain.timetable import Person, Placement, Side
from matchmaker.errors import Conflict, NotFound, WrongState
from matchmaker.services.events import event_end, organiser_event, slot_start
from matchmaker.store.engine import one_at_a_time
from matchmaker.store.queries.desk import (
    DeskRow,
    GuestRow,
    desk_rows,
    guest_rows,
    standing_steps,
    steps_of,
)
from matchmaker.store.queries.pairings import published_list
from matchmaker.store.queries.wishes import away_slots_of
from matchmaker.store.tables import DeskStep, Event, Pairing, PairingList

OFF = frozenset({PairingState.REJECTED, PairingState.DECLINED})
STALE = "有人刚改过现场的安排，请看最新的情况，再办一次。"


@dataclass(frozen=True)  # no slots: cached_property needs a place to keep what it found
class Desk:
    """An event's desk at one moment: the list that holds, the steps so far, everybody on the list.

    `unwanted` are the slots (from 0) that guests said do not suit them.
    """

    event: Event
    listed: PairingList
    rows: tuple[DeskRow, ...]
    guests: tuple[GuestRow, ...]
    steps: tuple[DeskStep, ...]
    now: datetime
    unwanted: Mapping[Person, frozenset[int]] = field(default_factory=dict)

    @property
    def version(self) -> int:
        """The number of the newest step."""
        return self.steps[-1].number if self.steps else 0

    @property
    def slot(self) -> int:
        """The running slot from 0; -1 before the event, `slot_count` or more after it."""
        return slot_at(self.event, self.now)

    @cached_property
    def slot_count(self) -> int:
        """How many slots the day has, as the published list was drawn."""
        used = max((row.slot or 0 for row in self.rows), default=0)
        return max(self.event.slots, int(self.listed.settings.get("slots", 0)), used)

    @cached_property
    def tables(self) -> tuple[int, ...]:
        """The tables' numbers."""
        used = max((row.table or 0 for row in self.rows), default=0)
        return tuple(range(1, max(self.event.tables, int(self.listed.settings.get("tables", 0)), used) + 1))

    @cached_property
    def day(self) -> DayRules:
        """The pauses and orders that the published list was drawn under."""
        return DayRules.of_json(self.listed.day or {})

    @cached_property
    def truth(self) -> Truth:
        """What the steps amount to."""
        return truth_of(standing_steps(self.steps), slot_count=self.slot_count)

    @cached_property
    def by_id(self) -> dict[int, DeskRow]:
        """The pairings by id."""
        return {row.pairing_id: row for row in self.rows}

    @cached_property
    def sittings(self) -> tuple[Sitting, ...]:
        """The meetings that hold, each with its place."""
        return tuple(
            Sitting(
                pairing_id=row.pairing_id,
                enterprise_id=row.enterprise_id,
                expert_id=row.expert_key,
                slot=row.slot - 1,
                table=row.table,
                weight=1 + row.value,
                begun=self.has_begun(row),
            )
            for row in self.rows
            if row.slot is not None and row.table is not None and row.status not in OFF
        )

    def has_begun(self, row: DeskRow) -> bool:
        """Whether a meeting was started, ended, or reported on."""
        begun = row.pairing_id in self.truth.started or row.pairing_id in self.truth.ended
        return begun or row.outcome is not None

    @cached_property
    def placements(self) -> tuple[Placement, ...]:
        """The timetable as it holds."""
        return tuple(one.placement for one in self.sittings)

    def is_over(self) -> bool:
        """Whether nothing can be rearranged any more."""
        return self.event.status is not EventState.OPEN or self.now >= event_end(self.event)

    def name_of(self, person: Person) -> str:
        """Return how somebody is called at the desk; "" for a stranger."""
        side, key = person
        for row in self.rows:
            if side is Side.ENTERPRISE and row.enterprise_id == key:
                return row.enterprise
            if side is Side.EXPERT and row.expert_key == key:
                return row.expert_name
        return next((guest.person or guest.organisation for guest in guests_for(self, person)), "")


def open_desk(session: Session, actor: Actor, event_id: int, *, writing: bool = False) -> Desk:
    """Return an event's desk as it is now. Raises NotAllowed, NotFound, WrongState without a list.

    `writing`: nobody else may change this desk until the transaction ends.
    """
    event = organiser_event(session, actor, event_id)
    if writing:
        one_at_a_time(session, f"desk-{event_id}")
    listed = published_list(session, event.id)
    if listed is None:
        raise WrongState(
            later("这场活动还没有发布配对清单，现场台要等清单发布以后才能用。请先到“配对清单”里发布。")
        )
    return Desk(
        event=event,
        listed=listed,
        rows=tuple(desk_rows(session, listed.id)),
        guests=tuple(guest_rows(session, event.id)),
        steps=tuple(steps_of(session, event.id)),
        now=clock.now(),
        unwanted={
            (Side(side), key): frozenset(slot - 1 for slot in slots)
            for (side, key), slots in away_slots_of(session, event.id).items()
        },
    )


def slot_at(event: Event, moment: datetime) -> int:
    """Return the slot (from 0) that a moment falls in; -1 before the event begins."""
    return max(-1, (moment - event.starts_at) // timedelta(minutes=event.slot_minutes))


def clock_words(event: Event, slot: int) -> str:
    """Write when a slot (from 0) begins: 09:20."""
    return f"{clock.local(slot_start(event, slot + 1)):%H:%M}"


def place_words(event: Event, place: Placement | None) -> str:
    """Write a place in the timetable: 09:20 3 号桌."""
    return "" if place is None else f"{clock_words(event, place.slot)} {place.table} 号桌"


def meeting_words(row: DeskRow) -> str:
    """Write who meets whom."""
    return f"{row.enterprise} × {row.expert_name}"


def guests_for(desk: Desk, person: Person) -> list[GuestRow]:
    """Return the invitations that stand for somebody of the timetable."""
    side, key = person
    if side is Side.ENTERPRISE:
        return [one for one in desk.guests if one.organisation_id == key and one.role != "expert"]
    if key > 0:
        return [one for one in desk.guests if one.person_id == key]
    return [one for one in desk.guests if one.organisation_id == -key and one.person_id is None]


def _next_number(session: Session, event_id: int) -> int:
    newest = session.scalar(select(func.max(DeskStep.number)).where(DeskStep.event_id == event_id))
    return (newest or 0) + 1


def note_step(
    session: Session,
    actor: Actor,
    *,
    event_id: int,
    kind: StepKind,
    words: str,
    who: str = "",
    details: dict[str, Any] | None = None,
    changes: Sequence[dict[str, Any]] = (),
) -> DeskStep:
    """Write down what happened, with who and when; the desk was opened for writing before."""
    row = DeskStep(
        event_id=event_id,
        number=_next_number(session, event_id),
        kind=kind,
        who=who,
        words=words[:300],
        details=details or {},
        changes=list(changes),
        user_id=actor.user_id,
        user_name=actor.name[:60],
        at=clock.now(),
    )
    session.add(row)
    session.flush()  # the next step of this request counts on from it
    return row


def pairing_of(session: Session, desk: Desk, pairing_id: int, *, seen: str = "") -> Pairing:
    """Return a pairing of the desk's list. Raises NotFound, Conflict when it is not where the page had it.

    `seen` is "slot-table" as the page showed it; "" when the page does not depend on it.
    """
    row = session.get(Pairing, pairing_id)
    if row is None or row.list_id != desk.listed.id:
        raise NotFound()
    if seen and seen != f"{row.slot}-{row.table_number}":
        raise Conflict(STALE)
    return row
