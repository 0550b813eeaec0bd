"""Place the meetings of an event in slots and at tables."""

import time
from collections import Counter
from dataclasses import replace

from matchmaker.domain.timetable import (
    Placement,
    TimetableProblem,
    TimetableResult,
    Unplaced,
    measure,
)
from matchmaker.domain.timetable_check import check_timetable_problem
from matchmaker.solvers.assigning import assign_slots
from matchmaker.solvers.break_proof import BreakProof, race_for_breaks
from matchmaker.solvers.colouring import colour_freely
from matchmaker.solvers.earliness import move_up
from matchmaker.solvers.grid import Grid, build_grid, total_gaps
from matchmaker.solvers.seating import seat_meetings
from matchmaker.solvers.smoothing import smooth

# Search effort per meeting; with it the answer is the same on a slow machine, only later.
MOVES_PER_MEETING = 1_000
MOVES_MOST = 250_000
POLISH_MOVES = 4_000
# Above this many meetings the proof of fewest breaks does not end within any useful time.
PROOF_MEETINGS = 400
# Moves are counted, not seconds: a busy machine gets the same timetable later. The clock only guards
# against one that stands still.
GUARD_SECONDS = 20.0
# Where a search that has time begins anew.
OTHER_STARTS = (2, 3)
# A break must never be traded for a shorter wait once breaks are minimal.
BREAKS_FIRST = 1_000


def place_timetable(
    problem: TimetableProblem, *, limit_seconds: float = 5.0, published: tuple[Placement, ...] = ()
) -> TimetableResult:
    """Return a timetable without conflicts, with few breaks and short waits, or why not.

    With `published` (an earlier timetable) the fewest meetings move; then breaks are made few by the
    rest, and the bound speaks of timetables in which those stay. The answer is repeatable unless the
    proof finds fewer breaks than annealing does: then it is one of several equally good; how far the
    bound gets is a matter of time. What cannot be placed is listed with its reason; when everybody is
    there all day, caps up to the slots and enough tables, that is nothing.
    """
    if problems := check_timetable_problem(problem):
        return TimetableResult(problems=tuple(problems))
    stop = time.monotonic() + limit_seconds
    grid = build_grid(problem)
    ids = sorted(meeting.meeting_id for meeting in problem.meetings)
    earlier = {placement.meeting_id: placement for placement in published}
    if earlier:
        stay = {n: earlier[meeting_id].slot for n, meeting_id in enumerate(ids) if meeting_id in earlier}
        slots = first_slots(grid, stay=stay, seconds=limit_seconds)
        slots, bound = _fewest_breaks(_held(grid, slots, stay), slots, stop=stop)
    else:
        slots = first_slots(grid, stay={}, seconds=limit_seconds)
        slots, bound = _fewest_breaks(grid, slots, stop=stop)
        slots = move_up(grid, slots)
    result = _finish(problem, dict(zip(ids, slots, strict=True)), published=earlier)
    breaks = total_gaps(grid, slots)[0]
    return replace(result, breaks_bound=bound, proved=bound == breaks)


def _held(grid: Grid, slots: list[int], stay: dict[int, int]) -> Grid:
    """Return the grid in which what kept its slot may have no other."""
    allowed = tuple(
        1 << slots[meeting] if slots[meeting] >= 0 and stay.get(meeting) == slots[meeting] else free
        for meeting, free in enumerate(grid.allowed)
    )
    return replace(grid, allowed=allowed)


def first_slots(grid: Grid, *, stay: dict[int, int], seconds: float) -> list[int]:
    """Return slots without conflicts (-1: cannot be placed): König if it applies, else CP-SAT."""
    if not stay:
        coloured = colour_freely(grid)
        if coloured is not None:
            return coloured
    assignment = assign_slots(grid, stay=stay, work=seconds, seconds=4 * seconds)
    return assignment.slots if assignment else _first_come(grid)


def _first_come(grid: Grid) -> list[int]:
    """Place settled, then heavy meetings first, each in its earliest possible slot: the last resort."""
    busy = [0] * len(grid.people)
    room = list(grid.capacity)
    slots = [-1] * len(grid.pairs)
    for meeting in sorted(
        range(len(slots)), key=lambda one: (one not in grid.settled, -grid.weights[one], one)
    ):
        first, second = grid.pairs[meeting]
        free = grid.allowed[meeting] & ~(busy[first] | busy[second])
        choices = (slot for slot in range(grid.slot_count) if free >> slot & 1 and room[slot])
        slot = next((slot for slot in choices if grid.in_order(_put(slots, meeting, slot))), None)
        if slot is not None:
            slots[meeting] = slot
            room[slot] -= 1
            busy[first] |= 1 << slot
            busy[second] |= 1 << slot
    return slots


def _put(slots: list[int], meeting: int, slot: int) -> list[int]:
    return [slot if one == meeting else old for one, old in enumerate(slots)]


def _fewest_breaks(grid: Grid, slots: list[int], *, stop: float) -> tuple[list[int], int]:
    """Return better slots and a lower bound for breaks: annealing first, then the proof if due.

    Which meetings have a place is settled: the bound speaks of these.
    """
    placed = [meeting for meeting, slot in enumerate(slots) if slot >= 0]
    if len(placed) < len(slots):
        fewer, bound = _fewest_breaks(grid.part(placed), [slots[one] for one in placed], stop=stop)
        better = dict(zip(placed, fewer, strict=True))
        return [better.get(meeting, -1) for meeting in range(len(slots))], bound
    moves = min(MOVES_MOST, MOVES_PER_MEETING * len(slots))
    start = slots
    slots = smooth(grid, start, moves=moves, seconds=GUARD_SECONDS)
    breaks = total_gaps(grid, slots)[0]
    if breaks == 0 or len(slots) > PROOF_MEETINGS:
        return slots, 0
    proof = race_for_breaks(grid, seconds=max(0.1, stop - time.monotonic()), known=breaks)
    if proof.slots is not None and (best := total_gaps(grid, proof.slots)[0]) < breaks:
        # Which of two searches ends first is chance: a walk that gets as far goes before its answer.
        walks = (smooth(grid, start, moves=moves, seconds=GUARD_SECONDS, seed=seed) for seed in OTHER_STARTS)
        slots = next((walk for walk in walks if total_gaps(grid, walk)[0] <= best), slots)
    return _fewer(grid, slots, proof), proof.bound


def _fewer(grid: Grid, slots: list[int], proof: BreakProof) -> list[int]:
    """Return the slots or those of the proof, with shorter waits where the breaks are fewest."""
    if proof.slots is not None and total_gaps(grid, proof.slots)[0] < total_gaps(grid, slots)[0]:
        slots = proof.slots
    if total_gaps(grid, slots)[0] == proof.bound:
        slots = smooth(grid, slots, moves=POLISH_MOVES, seconds=1.0, break_cost=BREAKS_FIRST)
    return slots


def _finish(
    problem: TimetableProblem, slots: dict[int, int], *, published: dict[int, Placement]
) -> TimetableResult:
    placements, moved = seated(problem, slots, published=published)
    result = TimetableResult(
        placements=placements,
        unplaced=explain(problem, slots),
        measures=measure(problem, placements),
        moved=moved,
    )
    return replace(result, warnings=warnings_of(result))


def seated(
    problem: TimetableProblem, slots: dict[int, int], *, published: dict[int, Placement]
) -> tuple[tuple[Placement, ...], tuple[int, ...]]:
    """Return placements for the placed meetings (id → slot, -1: none) and the ids that moved."""
    placed = {meeting_id: slot for meeting_id, slot in slots.items() if slot >= 0}
    placements = seat_meetings(problem, placed, published=published)
    moved = (
        placement.meeting_id
        for placement in placements
        if placement.meeting_id in published and published[placement.meeting_id] != placement
    )
    return placements, tuple(sorted(moved))


def explain(problem: TimetableProblem, slots: dict[int, int]) -> tuple[Unplaced, ...]:
    """Return the meetings without a slot, each with its reason."""
    placed = {meeting_id: slot for meeting_id, slot in slots.items() if slot >= 0}
    return tuple(_why(problem, meeting_id, placed) for meeting_id in sorted(slots) if slots[meeting_id] < 0)


def _why(problem: TimetableProblem, meeting_id: int, placed: dict[int, int]) -> Unplaced:
    """Return why a meeting has no place, judged against the finished timetable."""

    def because(reason: str, orders: tuple[tuple[int, int], ...] = ()) -> Unplaced:
        return Unplaced(meeting_id=meeting_id, reason=reason, orders=orders)

    meetings = {meeting.meeting_id: meeting for meeting in problem.meetings}
    meeting = meetings[meeting_id]
    open_slots = problem.open_slots()
    common = frozenset.intersection(*(open_slots[person] for person in meeting.people))
    if meeting.slots is not None:
        common &= meeting.slots
    common = frozenset(slot for slot in common if problem.open_tables(slot))
    if not common:
        return because("双方没有同时在场且有桌可用的时段，请调整到场时间或取消这场洽谈。")
    taken = {
        person: {
            placed[m.meeting_id] for m in problem.meetings if m.meeting_id in placed and person in m.people
        }
        for person in meeting.people
    }
    free = [slot for slot in sorted(common) if all(slot not in taken[person] for person in meeting.people)]
    if not free:
        return because("双方同时在场的时段都已各有洽谈，请减少一方的场次或增加时段。")
    room = Counter(placed.values())
    free = [slot for slot in free if room[slot] < len(problem.open_tables(slot))]
    if free:
        orders = tuple(pair for pair in problem.precedences if meeting_id in pair)
        return because("双方都空闲且有桌的时段不合先后要求，请取消这条先后要求或增加时段。", orders)
    return because("双方都空闲的时段桌位已满，请增加洽谈桌或时段。")


def warnings_of(result: TimetableResult) -> tuple[str, ...]:
    """Return what a clerk should know before publishing."""
    found = []
    if result.unplaced:
        found.append(f"有 {len(result.unplaced)} 场洽谈没有排上，原因见清单。")
    if result.measures and result.measures.breaks:
        found.append(f"有 {result.measures.breaks} 处等候，合计 {result.measures.waiting_slots} 个时段。")
    if result.measures and result.measures.table_changes:
        found.append(f"企业中途换桌共 {result.measures.table_changes} 次，增加洽谈桌可以减少。")
    return tuple(found)
