"""New meetings for people who lost one today, nobody else moving."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from matchmaker.domain.timetable import (
    Meeting,
    Person,
    Placement,
    TimetableProblem,
)
from matchmaker.solvers.assigning import assign_slots
from matchmaker.solvers.earliness import each_earlier
from matchmaker.solvers.grid import Grid, build_grid
from matchmaker.solvers.timetable import seated


def find_replacements(
    problem: TimetableProblem,
    *,
    placements: tuple[Placement, ...],
    spare: tuple[Meeting, ...],
    lost: tuple[Meeting, ...],
    now_slot: int,
    limit_seconds: float = 1.0,
    at_most: Sequence[tuple[Collection[int], int]] = (),
) -> tuple[Placement, ...]:
    """Return new meetings for people who lost one, nobody else moving: the most weight that fits.

    `spare` are candidate meetings with ids of their own; a person gets no more of them than it
    lost, and only people who lost one are considered. Of each group of spare ids in `at_most` only
    so many are taken: caps of those who lost nothing, or one meeting for the same two people.
    """
    allowance: dict[Person, int] = {}
    for meeting in lost:
        for person in meeting.people:
            allowance[person] = allowance.get(person, 0) + 1
    wanted = sorted(
        (one for one in spare if any(person in allowance for person in one.people)),
        key=lambda one: one.meeting_id,
    )
    grid = _what_is_left(problem, placements, wanted, now_slot=now_slot)
    groups = _groups(wanted, allowance, at_most)
    known = _first_fit(grid, groups)
    found = assign_slots(grid, stay={}, work=limit_seconds, seconds=limit_seconds, at_most=groups, hint=known)
    best = (
        known
        if found is None or placed_weight(grid, found.slots) < placed_weight(grid, known)
        else found.slots
    )
    early = each_earlier(grid, best, range(len(best)))
    slots = {one.meeting_id: slot for one, slot in zip(wanted, early, strict=True) if slot >= 0}
    return _seats(problem, placements, wanted, slots)


def _what_is_left(
    problem: TimetableProblem, placements: tuple[Placement, ...], wanted: Sequence[Meeting], *, now_slot: int
) -> Grid:
    """Return the grid of the wanted meetings alone: what stands takes its people's slots and its tables."""
    meetings = {meeting.meeting_id: meeting for meeting in problem.meetings}
    busy: dict[Person, int] = {}
    taken: Counter[int] = Counter()
    for place in placements:
        taken[place.slot] += 1
        for person in meetings[place.meeting_id].people:
            busy[person] = busy.get(person, 0) | 1 << place.slot
    grid = build_grid(replace(problem, meetings=tuple(wanted), fixed=()))
    gone = (1 << now_slot) - 1
    slots = {place.meeting_id: place.slot for place in placements}
    return replace(
        grid,
        allowed=tuple(
            mask
            & ~gone
            & ~busy.get(one.people[0], 0)
            & ~busy.get(one.people[1], 0)
            & between(problem.precedences, slots, one.meeting_id, grid.slot_count)
            for one, mask in zip(wanted, grid.allowed, strict=True)
        ),
        capacity=tuple(max(0, tables - taken[slot]) for slot, tables in enumerate(grid.capacity)),
    )


def between(orders: Sequence[tuple[int, int]], slots: dict[int, int], meeting: int, slot_count: int) -> int:
    """Return the mask of slots that meetings in known slots leave another, by the orders between them."""
    mask = (1 << slot_count) - 1
    for earlier, later in orders:
        if later == meeting and slots.get(earlier, -1) >= 0:
            mask &= -1 << (slots[earlier] + 1)
        if earlier == meeting and slots.get(later, -1) >= 0:
            mask &= (1 << slots[later]) - 1
    return mask


def _groups(
    wanted: Sequence[Meeting],
    allowance: dict[Person, int],
    at_most: Sequence[tuple[Collection[int], int]],
) -> list[tuple[list[int], int]]:
    """Return by position the meetings of which only so many may be taken: losses made good, and caps."""
    number = {one.meeting_id: n for n, one in enumerate(wanted)}
    own: dict[Person, list[int]] = {person: [] for person in allowance}
    for n, meeting in enumerate(wanted):
        for person in meeting.people:
            if person in own:
                own[person].append(n)
    losses = [(meetings, allowance[person]) for person, meetings in own.items() if meetings]
    caps = [([number[key] for key in sorted(group) if key in number], most) for group, most in at_most]
    return [*losses, *((group, most) for group, most in caps if group)]


def _first_fit(grid: Grid, groups: Sequence[tuple[list[int], int]]) -> list[int]:
    """Return slots (-1: none) with the heaviest first, each in its earliest: an answer when time is short."""
    inside: dict[int, list[int]] = {}
    for key, (group, _most) in enumerate(groups):
        for n in group:
            inside.setdefault(n, []).append(key)
    left = [most for _group, most in groups]
    busy, room, slots = [0] * len(grid.people), list(grid.capacity), [-1] * len(grid.pairs)
    for n in sorted(range(len(slots)), key=lambda one: (-grid.weights[one], one)):
        first, second = grid.pairs[n]
        free = grid.allowed[n] & ~busy[first] & ~busy[second]
        choices = (slot for slot in range(grid.slot_count) if free >> slot & 1 and room[slot])
        slot = next((slot for slot in choices if grid.in_order([*slots[:n], slot, *slots[n + 1 :]])), None)
        if slot is None or any(left[key] < 1 for key in inside.get(n, ())):
            continue
        slots[n] = slot
        room[slot] -= 1
        busy[first] |= 1 << slot
        busy[second] |= 1 << slot
        for key in inside.get(n, ()):
            left[key] -= 1
    return slots


def _seats(
    problem: TimetableProblem,
    placements: tuple[Placement, ...],
    wanted: Sequence[Meeting],
    slots: dict[int, int],
) -> tuple[Placement, ...]:
    """Give the new meetings tables; what stands keeps its own."""
    standing = {one.meeting_id: one for one in placements}
    meetings = tuple(one for one in problem.meetings if one.meeting_id in standing)
    everything = replace(
        problem,
        meetings=(*meetings, *(one for one in wanted if one.meeting_id in slots)),
        fixed=placements,
        closed_tables=problem.closed_tables - {(one.table, one.slot) for one in placements},
        pauses=problem.pauses - {one.slot for one in placements},
    )
    every_slot = slots | {key: one.slot for key, one in standing.items()}
    seats, _moved = seated(everything, every_slot, published=standing)
    return tuple(one for one in seats if one.meeting_id not in standing)


def placed_weight(grid: Grid, slots: list[int]) -> int:
    """Return the weight of the meetings that have a slot."""
    return sum(weight for weight, slot in zip(grid.weights, slots, strict=True) if slot >= 0)
