"""The desk on the day of an event: what happened, step by step, and what is true because of it.

Everything the desk knows follows from its steps. Taking a step back leaves it out of the account,
so an undo restores exactly what was true before. Slots are counted from 0 here, as the timetable
counts them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from matchmaker.domain.timetable import Meeting, Person, Placement, Presence, Side, TimetableProblem


class StepKind(StrEnum):
    """What can happen at the desk."""

    ARRIVED = "arrived"
    ABSENT = "absent"
    LATE = "late"
    RETURNED = "returned"
    TABLE_LOST = "table_lost"
    WALK_IN = "walk_in"
    STARTED = "started"
    ENDED = "ended"
    PAPER = "paper"
    UNDONE = "undone"


# These give a new timetable; the others only note what is going on.
TIMETABLE_KINDS = frozenset(
    {StepKind.ABSENT, StepKind.LATE, StepKind.RETURNED, StepKind.TABLE_LOST, StepKind.WALK_IN}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened and was not taken back. `first` and `back` are slots of an absence."""

    number: int
    kind: StepKind
    who: Person | None = None
    pairing_ids: tuple[int, ...] = ()
    table: int | None = None
    first: int = 0
    back: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What the desk's steps amount to."""

    away: Mapping[Person, frozenset[int]] = field(default_factory=dict)
    closed: frozenset[tuple[int, int]] = frozenset()
    started: frozenset[int] = frozenset()
    ended: frozenset[int] = frozenset()


def truth_of(steps: Iterable[Step], *, slot_count: int) -> Truth:
    """Return what is true after the steps, taken in order."""
    truth = Truth()
    for step in steps:
        truth = after(truth, step, slot_count=slot_count)
    return truth


def after(truth: Truth, step: Step, *, slot_count: int) -> Truth:
    """Return what is true once one more step was taken."""
    if step.kind in (StepKind.ABSENT, StepKind.LATE) and step.who is not None:
        gone = range(step.first, slot_count if step.back is None else step.back)
        return replace(truth, away={**truth.away, step.who: frozenset(gone)})
    here = step.kind in (StepKind.ARRIVED, StepKind.RETURNED)
    if here and step.who is not None and step.who in truth.away:
        still = frozenset(slot for slot in truth.away[step.who] if slot < step.first)
        return replace(truth, away={**truth.away, step.who: still})
    if step.kind is StepKind.TABLE_LOST and step.table is not None:
        lost = {(step.table, slot) for slot in range(step.first, slot_count)}
        return replace(truth, closed=truth.closed | lost)
    if step.kind is StepKind.STARTED:
        return replace(truth, started=truth.started | set(step.pairing_ids))
    if step.kind in (StepKind.ENDED, StepKind.PAPER):
        return replace(truth, ended=truth.ended | set(step.pairing_ids))
    return truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """A meeting that holds for the day, with its place. `begun`: started, ended or reported on."""

    pairing_id: int
    enterprise_id: int
    expert_id: int
    slot: int
    table: int
    weight: int = 1
    begun: bool = False

    @property
    def people(self) -> tuple[Person, Person]:
        return (Side.ENTERPRISE, self.enterprise_id), (Side.EXPERT, self.expert_id)

    @property
    def placement(self) -> Placement:
        return Placement(meeting_id=self.pairing_id, slot=self.slot, table=self.table)

    def meeting(self) -> Meeting:
        """Return it as the timetable's question has it."""
        return Meeting(
            meeting_id=self.pairing_id,
            enterprise_id=self.enterprise_id,
            expert_id=self.expert_id,
            weight=self.weight,
        )


def hit_by(sittings: Iterable[Sitting], truth: Truth) -> frozenset[int]:
    """Return the meetings that cannot be where they are: somebody is away or the table is closed.

    What has begun is never among them.
    """
    return frozenset(
        one.pairing_id
        for one in sittings
        if not one.begun
        and (
            (one.table, one.slot) in truth.closed
            or any(one.slot in truth.away.get(person, ()) for person in one.people)
        )
    )


def seated_elsewhere(
    sittings: Sequence[Sitting], truth: Truth, *, tables: Sequence[int], slot: int
) -> dict[int, Placement]:
    """Return new tables in the running slot for meetings whose own table was closed under them.

    Both sides are in the hall at that moment, so the next table is nearer than the next slot.
    """
    taken = {one.table for one in sittings if one.slot == slot}
    free = [table for table in sorted(tables) if table not in taken and (table, slot) not in truth.closed]
    homeless = [
        one
        for one in sorted(sittings, key=lambda one: (-one.weight, one.pairing_id))
        if one.slot == slot
        and not one.begun
        and (one.table, slot) in truth.closed
        and not any(slot in truth.away.get(person, ()) for person in one.people)
    ]
    return {
        one.pairing_id: Placement(meeting_id=one.pairing_id, slot=slot, table=table)
        for one, table in zip(homeless, free, strict=False)
    }


def question_of(
    sittings: Sequence[Sitting],
    truth: Truth,
    *,
    slot_count: int,
    tables: Sequence[int],
    hit: Collection[int],
    next_slot: int,
    unwanted: Mapping[Person, frozenset[int]] | None = None,
    pauses: frozenset[int] = frozenset(),
    precedences: tuple[tuple[int, int], ...] = (),
) -> tuple[TimetableProblem, tuple[Placement, ...]]:
    """Return the question for the repair, and the placements that hold so far.

    Meetings that were hit before `next_slot` come without a placement, as if they were new; what
    has begun ahead of its time is fixed. Slots that somebody does not want are closed to new
    meetings of theirs; a meeting that is there already may stay. What has begun in a pause stays in it.
    """
    day, shut = frozenset(range(slot_count)), dict(truth.away)
    for person, slots in (unwanted or {}).items():
        own = {one.slot for one in sittings if person in one.people}
        shut[person] = shut.get(person, frozenset()) | (slots - own)
    for one in sittings:
        if one.begun:  # held before its time: whoever leaves afterwards does not undo it
            shut |= {person: shut[person] - {one.slot} for person in one.people if person in shut}
    problem = TimetableProblem(
        slot_count=slot_count,
        tables=tuple(sorted(tables)),
        meetings=tuple(one.meeting() for one in sittings),
        presences=tuple(
            Presence(side=side, person_id=person_id, slots=day - away)
            for (side, person_id), away in sorted(shut.items())
        ),
        fixed=tuple(one.placement for one in sittings if one.begun and one.slot >= next_slot),
        closed_tables=truth.closed - {(one.table, one.slot) for one in sittings if one.begun},
        pauses=pauses - {one.slot for one in sittings if one.begun},
        precedences=precedences,
    )
    held = (one for one in sittings if one.pairing_id not in hit or one.slot >= next_slot)
    return problem, tuple(one.placement for one in held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A meeting's place before and after a step; None: not on the timetable. Slots from 0."""

    pairing_id: int
    before: Placement | None
    after: Placement | None


def changes_between(before: Iterable[Placement], now: Iterable[Placement]) -> tuple[Change, ...]:
    """Return the meetings whose place differs, by the new place, lost ones last."""
    old = {one.meeting_id: one for one in before}
    new = {one.meeting_id: one for one in now}
    found = [
        Change(pairing_id=key, before=old.get(key), after=new.get(key))
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]
    return tuple(sorted(found, key=_in_order))


def _in_order(change: Change) -> tuple[bool, int, int, int]:
    place = change.after or change.before
    slot, table = (place.slot, place.table) if place else (0, 0)
    return change.after is None, slot, table, change.pairing_id


def clashes(sittings: Iterable[Sitting]) -> list[int]:
    """Return the meetings that have a person or a table at the same time as an earlier one."""
    seen: set[tuple[object, int]] = set()
    found = []
    for one in sorted(sittings, key=lambda one: one.pairing_id):
        keys = {(person, one.slot) for person in one.people} | {(one.table, one.slot)}
        if keys & seen:
            found.append(one.pairing_id)
        seen |= keys
    return found


def who_word(person: Person) -> str:
    """Write a person for an address: enterprise-5, expert-12, expert-o7 (an organisation)."""
    side, key = person
    return f"{side.value}-{key}" if key >= 0 else f"{side.value}-o{-key}"


def person_named(word: str) -> Person | None:
    """Read what `who_word` wrote; None for anything else."""
    side, _dash, key = word.partition("-")
    number = key.removeprefix("o")
    if side not in set(Side) or not number.isascii() or not number.isdecimal() or len(number) > 12:
        return None
    return Side(side), -int(number) if key.startswith("o") else int(number)
