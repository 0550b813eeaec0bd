"""When and where each meeting of an event is held: the question, the answer and its measures.

Slots are numbered from 0 over the whole day. Solving is in `matchmaker.solvers.timetable`, the
independent check in `matchmaker.domain.timetable_check`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias

from matchmaker.domain.problems import Problem


class Side(StrEnum):
    """Enterprises stay seated at a table, experts walk."""

    ENTERPRISE = "enterprise"
    EXPERT = "expert"


Person: TypeAlias = tuple[Side, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A pair that must meet; `slots` limits when (a session, say), `weight` ranks if some must go."""

    meeting_id: int
    enterprise_id: int
    expert_id: int
    weight: int = 1
    slots: frozenset[int] | None = None

    @property
    def people(self) -> tuple[Person, Person]:
        return (Side.ENTERPRISE, self.enterprise_id), (Side.EXPERT, self.expert_id)


def weights_of(chosen: Sequence[tuple[int, bool]]) -> list[int]:
    """Return the weights of meetings of (value, asked for by hand): one asked for outweighs the others."""
    everything = sum(1 + value for value, _asked in chosen)
    return [1 + value + everything * asked for value, asked in chosen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """The only slots in which a person is there; people without one are there all day."""

    side: Side
    person_id: int
    slots: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    meeting_id: int
    slot: int
    table: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetableProblem:
    """Meetings to place. `pauses` are slots for nobody; `fixed` placements stay as they are.

    `closed_tables` are (table, slot) where a table cannot be used: lost, or lent out. `precedences`
    are (earlier, later) meeting ids: the second comes in a later slot than the first, if both have one.
    """

    slot_count: int
    tables: tuple[int, ...]
    meetings: tuple[Meeting, ...]
    presences: tuple[Presence, ...] = ()
    pauses: frozenset[int] = frozenset()
    fixed: tuple[Placement, ...] = ()
    closed_tables: frozenset[tuple[int, int]] = frozenset()
    precedences: tuple[tuple[int, int], ...] = ()

    def open_tables(self, slot: int) -> list[int]:
        """Return the tables usable in one slot, in order."""
        if slot in self.pauses:
            return []
        return [table for table in sorted(self.tables) if (table, slot) not in self.closed_tables]

    def open_slots(self) -> dict[Person, frozenset[int]]:
        """Return for every person in a meeting the slots in which a meeting may be put."""
        day = frozenset(range(self.slot_count)) - self.pauses
        found = {person: day for meeting in self.meetings for person in meeting.people}
        for presence in self.presences:
            person = (presence.side, presence.person_id)
            if person in found:
                found[person] &= presence.slots
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """How a timetable feels. An idle slot counts only between a person's first and last meeting,
    and only if the person is there and it is no pause; a break is an unbroken run of them."""

    waiting_slots: int
    breaks: int
    table_changes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """A meeting without a place, why, and the (earlier, later) orders that keep it out of free slots."""

    meeting_id: int
    reason: str
    orders: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetableResult:
    """Placements in slot and table order. `breaks_bound` is a proved lower bound for the breaks of
    any timetable in which the same meetings have a place; `proved` says the breaks reach it. `moved` are
    meetings whose slot or table differs from the published timetable; `fewest_moved` says that of those
    that could have stayed no fewer can move without losing more."""

    placements: tuple[Placement, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    measures: Measures | None = None
    breaks_bound: int = 0
    proved: bool = False
    warnings: tuple[str, ...] = ()
    moved: tuple[int, ...] = ()
    fewest_moved: bool = False
    problems: tuple[Problem, ...] = ()


def measure(problem: TimetableProblem, placements: Iterable[Placement]) -> Measures:
    """Return waiting, breaks and table changes of a timetable."""
    meetings = {meeting.meeting_id: meeting for meeting in problem.meetings}
    busy: dict[Person, set[int]] = defaultdict(set)
    seats: dict[int, list[int]] = defaultdict(list)
    for placement in sorted(placements, key=lambda one: one.slot):
        meeting = meetings[placement.meeting_id]
        for person in meeting.people:
            busy[person].add(placement.slot)
        seats[meeting.enterprise_id].append(placement.table)
    open_slots = problem.open_slots()
    gaps = [gap for person, slots in busy.items() for gap in idle_runs(open_slots[person], slots)]
    return Measures(
        waiting_slots=sum(gaps),
        breaks=len(gaps),
        table_changes=sum(before != after for tables in seats.values() for before, after in pairwise(tables)),
    )


def idle_runs(open_slots: frozenset[int], busy: set[int]) -> list[int]:
    """Return the lengths of a person's waits, in order; slots the person is away do not count."""
    runs, idle = [], 0
    for slot in range(min(busy), max(busy) + 1):
        if slot in busy:
            runs += [idle] if idle else []
            idle = 0
        elif slot in open_slots:
            idle += 1
    return runs
