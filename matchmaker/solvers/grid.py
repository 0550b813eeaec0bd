"""A timetable question as small integers and bit masks, for the search routines."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from matchmaker.domain.timetable import Person, TimetableProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Meetings and people by position; a mask has bit t set for slot t.

    `allowed` is a mask per meeting, `open` one per person, `capacity` the usable tables per slot,
    `orders` are (earlier, later) meetings; those `settled` are in their only slot, whoever else must go.
    """

    slot_count: int
    pairs: tuple[tuple[int, int], ...]
    weights: tuple[int, ...]
    allowed: tuple[int, ...]
    open: tuple[int, ...]
    people: tuple[Person, ...]
    capacity: tuple[int, ...]
    orders: tuple[tuple[int, int], ...] = ()
    settled: frozenset[int] = frozenset()

    def meetings_of(self) -> list[list[int]]:
        """Return each person's meetings, by position."""
        found: list[list[int]] = [[] for _ in self.people]
        for meeting, pair in enumerate(self.pairs):
            for person in pair:
                found[person].append(meeting)
        return found

    @property
    def is_free(self) -> bool:
        """Whether every meeting may be in every slot that has tables, in any order."""
        day = mask_of(slot for slot in range(self.slot_count) if self.capacity[slot])
        return not self.orders and all(mask == day for mask in self.allowed)

    def in_order(self, slots: Sequence[int]) -> bool:
        """Whether slots (-1: none) keep every order of two meetings."""
        return all(
            slots[earlier] < slots[later] or slots[earlier] < 0 or slots[later] < 0
            for earlier, later in self.orders
        )

    def part(self, meetings: Sequence[int]) -> "Grid":
        """Return the grid with some of its meetings, in the order given."""
        place = {meeting: at for at, meeting in enumerate(meetings)}
        return replace(
            self,
            pairs=tuple(self.pairs[one] for one in meetings),
            weights=tuple(self.weights[one] for one in meetings),
            allowed=tuple(self.allowed[one] for one in meetings),
            orders=tuple(
                (place[earlier], place[later])
                for earlier, later in self.orders
                if earlier in place and later in place
            ),
            settled=frozenset(place[one] for one in self.settled if one in place),
        )


def mask_of(slots: Iterable[int]) -> int:
    """Return the mask of some slots."""
    mask = 0
    for slot in slots:
        mask |= 1 << slot
    return mask


def slots_of(mask: int) -> list[int]:
    """Return the slots of a mask in order."""
    return [slot for slot in range(mask.bit_length()) if mask >> slot & 1]


def build_grid(problem: TimetableProblem) -> Grid:
    """Number meetings by id and people by side and id, and turn rules into masks."""
    meetings = sorted(problem.meetings, key=lambda one: one.meeting_id)
    open_slots = problem.open_slots()
    people = sorted(open_slots)
    number = {person: index for index, person in enumerate(people)}
    fixed = {placement.meeting_id: placement.slot for placement in problem.fixed}
    capacity = [len(problem.open_tables(slot)) for slot in range(problem.slot_count)]
    open_masks = [mask_of(open_slots[person]) for person in people]
    day = mask_of(slot for slot, tables in enumerate(capacity) if tables)
    allowed = []
    for meeting in meetings:
        mask = day if meeting.slots is None else day & mask_of(meeting.slots)
        for person in meeting.people:
            mask &= open_masks[number[person]]
        if meeting.meeting_id in fixed:
            mask = 1 << fixed[meeting.meeting_id]
        allowed.append(mask)
    place = {meeting.meeting_id: at for at, meeting in enumerate(meetings)}
    return Grid(
        slot_count=problem.slot_count,
        pairs=tuple((number[one.people[0]], number[one.people[1]]) for one in meetings),
        weights=tuple(one.weight for one in meetings),
        allowed=tuple(allowed),
        open=tuple(open_masks),
        people=tuple(people),
        capacity=tuple(capacity),
        orders=tuple(
            sorted(
                (place[earlier], place[later])
                for earlier, later in set(problem.precedences)
                if earlier in place and later in place
            )
        ),
        settled=frozenset(place[one] for one in fixed if one in place),
    )


@lru_cache(maxsize=200_000)
def gaps(open_mask: int, busy: int) -> tuple[int, int]:
    """Return breaks and waiting slots of a person busy in some of the open slots."""
    breaks = waiting = 0
    idle = 0
    for slot in slots_of(busy | (open_mask & ((1 << busy.bit_length()) - 1))):
        if busy >> slot & 1:
            breaks += idle > 0
            waiting += idle
            idle = 0
        elif busy & ((1 << slot) - 1):
            idle += 1
    return breaks, waiting


def total_gaps(grid: Grid, slots: list[int]) -> tuple[int, int]:
    """Return breaks and waiting slots over all people; a slot of -1 means not placed."""
    busy: dict[int, int] = defaultdict(int)
    for pair, slot in zip(grid.pairs, slots, strict=True):
        if slot >= 0:
            for person in pair:
                busy[person] |= 1 << slot
    found = [gaps(grid.open[person], mask) for person, mask in busy.items()]
    return sum(breaks for breaks, _ in found), sum(waiting for _, waiting in found)
