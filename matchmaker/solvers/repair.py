"""Mend a running event's timetable: somebody is missing or late, a table is lost, a guest walks in."""

import time
from collections.abc import Collection
from dataclasses import dataclass, replace

from matchmaker.domain.timetable import (
    Placement,
    Side,
    TimetableProblem,
    TimetableResult,
    measure,
)
from matchmaker.solvers.assigning import assign_slots, load_solver
from matchmaker.solvers.earliness import each_earlier
from matchmaker.solvers.grid import Grid, build_grid
from matchmaker.solvers.replacements import between, placed_weight
from matchmaker.solvers.timetable import explain, seated, warnings_of

# How far around the broken meetings others may move; None: everywhere.
HOPS: tuple[int | None, ...] = (0, 1, 2, None)
# With so few meetings ahead all may move at once, which shows how few of them must; the search begins
# from what their neighbours alone allow.
FEW, FEW_HOPS = 120, (0, 1, None)
# For meetings that nobody was promised so many others move at most: two, or this share of those ahead.
MOVED_AT_MOST = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rest:
    """What is still ahead: the question without the past, and what was published for it."""

    problem: TimetableProblem
    published: dict[int, Placement]
    held: tuple[Placement, ...]


def repair_timetable(
    problem: TimetableProblem,
    *,
    published: tuple[Placement, ...],
    now_slot: int,
    extra: Collection[int] = (),
    limit_seconds: float = 2.0,
) -> TimetableResult:
    """Return a timetable for the changed problem that loses the least and then moves the least.

    A meeting that nothing has hit is lost only where that saves more than the heaviest meeting is worth;
    for those that are `extra` (of a walk-in, of somebody who came after all) none is lost at all.
    `problem` is the truth now: shorter presences for people late or missing (slots already held
    stay in them), closed tables, more meetings for walk-ins. Placements before `now_slot` never
    change. Freedom grows from the broken meetings outward until nothing is lost or time is up, so
    `moved` is minimal whenever the broken meetings alone found room, and in small halls.
    """
    stop = time.monotonic() + limit_seconds
    rest = _ahead(problem, published, now_slot)
    doomed = _doomed(rest.problem)
    open_problem = replace(
        rest.problem,
        meetings=tuple(one for one in rest.problem.meetings if one.meeting_id not in doomed),
    )
    slots, fewest = _mend(open_problem, rest.published, extra=extra, stop=stop)
    slots |= dict.fromkeys(doomed, -1)
    return replace(_whole(problem, rest, slots), fewest_moved=fewest)


def _ahead(problem: TimetableProblem, published: tuple[Placement, ...], now_slot: int) -> _Rest:
    held = tuple(placement for placement in published if placement.slot < now_slot)
    gone = {placement.meeting_id for placement in held}
    return _Rest(
        problem=replace(
            problem,
            meetings=tuple(one for one in problem.meetings if one.meeting_id not in gone),
            pauses=problem.pauses | frozenset(range(now_slot)),
            fixed=tuple(one for one in problem.fixed if one.slot >= now_slot),
        ),
        published={one.meeting_id: one for one in published if one.slot >= now_slot},
        held=held,
    )


def _doomed(problem: TimetableProblem) -> set[int]:
    """Return the meetings that no slot suits any more."""
    ids = sorted(meeting.meeting_id for meeting in problem.meetings)
    allowed = build_grid(problem).allowed
    return {meeting_id for meeting_id, mask in zip(ids, allowed, strict=True) if not mask}


def _mend(
    problem: TimetableProblem, published: dict[int, Placement], *, extra: Collection[int], stop: float
) -> tuple[dict[int, int], bool]:
    """Return slots by meeting id (-1: lost), freeing ever more meetings until the least are lost.

    Also whether of those that could have stayed the fewest move.
    """
    ids = sorted(meeting.meeting_id for meeting in problem.meetings)
    grid = build_grid(problem)
    stay = {n: published[meeting_id].slot for n, meeting_id in enumerate(ids) if meeting_id in published}
    more = {n for n, meeting_id in enumerate(ids) if meeting_id in extra}
    broken = _broken(problem, grid, ids, published, more=more)
    grid = replace(grid, weights=_worth(grid, broken, more))
    could_stay = {n for n in stay if _can_stay(problem, grid, n, published[ids[n]])}
    # Whose table is lost must be told anyway: in another slot it is no move more.
    hit = broken | (stay.keys() - could_stay)
    least = _unavoidable(grid)
    slots = [-1 if n in broken else stay[n] for n in range(len(ids))]
    few, proved = len(ids) <= FEW, False
    for hops in FEW_HOPS if few else HOPS:
        if slots.count(-1) <= least and not (few and _moved(slots, stay, hit)):
            break
        stop += load_solver()  # a cold start must not cost anybody a meeting
        seconds = stop - time.monotonic()
        if seconds <= 0:
            break
        free = sorted(range(len(ids)) if hops is None else _around(grid, broken, hops))
        # The widest search gets all that is left, the others half: one may not end in time.
        share = seconds if hops is None else seconds / 2
        mended, best = _free_some(grid, slots, free, stay=stay, hit=hit, seconds=share)
        promised = [
            [n for n, slot in enumerate(one) if slot < 0 and n not in more] for one in (slots, mended)
        ]
        too_many = _moved(mended, stay, hit) > max(2, MOVED_AT_MOST * len(ids))
        if not (too_many and more and len(promised[0]) <= len(promised[1])):
            slots, proved = mended, best and hops is None
    slots = each_earlier(grid, slots, [n for n in hit if slots[n] != stay.get(n)])
    others = any(slots[n] not in (-1, stay[n]) for n in broken & could_stay)
    fewest = not others and (proved or not _moved(slots, stay, hit)) and not more
    return dict(zip(ids, slots, strict=True)), fewest


def _can_stay(problem: TimetableProblem, grid: Grid, n: int, place: Placement) -> bool:
    """Say whether nothing speaks against a meeting's place itself: both are there, the table is open."""
    return bool(grid.allowed[n] >> place.slot & 1) and place.table in problem.open_tables(place.slot)


def _moved(slots: list[int], stay: dict[int, int], broken: set[int]) -> int:
    """Return how many meetings that could have stayed are elsewhere; those `broken` could not."""
    return sum(slots[n] != slot for n, slot in stay.items() if n not in broken)


def _worth(grid: Grid, broken: set[int], more: set[int]) -> tuple[int, ...]:
    """Return weights by which untouched meetings go before broken ones, and all before the extra ones."""
    heaviest = max(grid.weights, default=0)
    unit = 1 + sum(grid.weights[n] for n in more)
    return tuple(
        weight if n in more else unit * (weight if n in broken else heaviest + weight)
        for n, weight in enumerate(grid.weights)
    )


def _free_some(
    grid: Grid,
    slots: list[int],
    free: list[int],
    *,
    stay: dict[int, int],
    hit: Collection[int],
    seconds: float,
) -> tuple[list[int], bool]:
    """Return slots in which only the free meetings differ, no worse than those given, nor with more moves.

    Also whether nothing better can be made of the free ones.
    """
    part = _part_left(grid, slots, free)
    found = assign_slots(
        part,
        stay={k: stay[n] for k, n in enumerate(free) if n in stay},
        work=seconds,
        seconds=seconds,
        hint=[slots[n] for n in free],
        hit=[k for k, n in enumerate(free) if n in hit],
    )
    mended, now = list(slots), [slots[n] for n in free]
    kept = {k: stay[n] for k, n in enumerate(free) if n in stay and n not in hit}

    def worth(tried: list[int]) -> tuple[int, int]:
        return placed_weight(part, tried), -_moved(tried, kept, set())

    if found is not None and worth(found.slots) >= worth(now):
        for n, slot in zip(free, found.slots, strict=True):
            mended[n] = slot
        return mended, found.proved
    return mended, False


def _part_left(grid: Grid, slots: list[int], free: list[int]) -> Grid:
    """Return the question of the free meetings alone, in what the others leave of people and tables."""
    freed = set(free)
    busy, room = [0] * len(grid.people), list(grid.capacity)
    standing = {n: slot for n, slot in enumerate(slots) if n not in freed}
    for n, slot in standing.items():
        if slot >= 0:
            room[slot] -= 1
            for person in grid.pairs[n]:
                busy[person] |= 1 << slot
    return replace(
        grid.part(free),
        allowed=tuple(
            grid.allowed[n]
            & ~busy[grid.pairs[n][0]]
            & ~busy[grid.pairs[n][1]]
            & between(grid.orders, standing, n, grid.slot_count)
            for n in free
        ),
        capacity=tuple(max(0, tables) for tables in room),
    )


def _unavoidable(grid: Grid) -> int:
    """Return how many meetings are lost whatever is done: people and tables have only so many slots."""
    lost = {Side.ENTERPRISE: 0, Side.EXPERT: 0}
    day = sum(1 << slot for slot, tables in enumerate(grid.capacity) if tables)
    for person, own in enumerate(grid.meetings_of()):
        lost[grid.people[person][0]] += max(0, len(own) - (grid.open[person] & day).bit_count())
    return max(*lost.values(), len(grid.pairs) - sum(grid.capacity))


def _broken(
    problem: TimetableProblem,
    grid: Grid,
    ids: list[int],
    published: dict[int, Placement],
    *,
    more: set[int],
) -> set[int]:
    """Return the meetings that cannot stay: new, at a slot no longer open, or without a table.

    A meeting whose table is lost stays in its slot as long as the slot has tables enough. Of a
    person with more meetings than slots all are open to change, so that the lightest is lost; those
    that are `more` than was promised do not count there.
    """
    open_counts = [mask.bit_count() for mask in grid.open]
    crowded = {p for p, own in enumerate(grid.meetings_of()) if len({*own} - more) > open_counts[p]}
    load = [0] * grid.slot_count
    for placement in published.values():
        load[placement.slot] += 1
    found = set()
    for n, meeting_id in enumerate(ids):
        old = published.get(meeting_id)
        if old is None or not grid.allowed[n] >> old.slot & 1 or crowded & set(grid.pairs[n]):
            found.add(n)
            continue
        overfull = load[old.slot] > grid.capacity[old.slot]
        if overfull and old.table not in problem.open_tables(old.slot):
            found.add(n)
    places = [published[meeting_id].slot if meeting_id in published else -1 for meeting_id in ids]
    return found | {later for earlier, later in grid.orders if 0 <= places[later] <= places[earlier]}


def _around(grid: Grid, broken: set[int], hops: int) -> set[int]:
    """Return the broken meetings and those within some hops of shared people."""
    own = grid.meetings_of()
    found = set(broken)
    for _ in range(hops):
        people = {person for meeting in found for person in grid.pairs[meeting]}
        found |= {meeting for person in people for meeting in own[person]}
    return found


def _whole(problem: TimetableProblem, rest: _Rest, slots: dict[int, int]) -> TimetableResult:
    """Put the past and the mended rest together."""
    placements, moved = seated(rest.problem, slots, published=rest.published)
    everything = tuple(sorted((*rest.held, *placements), key=lambda one: (one.slot, one.table)))
    result = TimetableResult(
        placements=everything,
        unplaced=explain(rest.problem, slots),
        measures=measure(problem, everything),
        moved=moved,
    )
    return replace(result, warnings=warnings_of(result))
