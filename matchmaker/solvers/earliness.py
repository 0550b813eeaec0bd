"""Let meetings that nothing holds where they are begin as early as the room allows."""

from collections import Counter
from collections.abc import Collection

from matchmaker.solvers.grid import Grid, slots_of, total_gaps


def move_up(grid: Grid, slots: list[int]) -> list[int]:
    """Return slots with each group of linked meetings moved up as a whole, breaks and waits no worse.

    A search for few breaks does not care when a lone meeting is; the people in it do.
    """
    slots = list(slots)
    for group in sorted(_groups(grid, slots), key=lambda group: min(slots[one] for one in group)):
        for slot in range(min(slots[one] for one in group)):
            shifted = _shifted(grid, slots, group, by=slot - min(slots[one] for one in group))
            if shifted is not None and total_gaps(grid, shifted) <= total_gaps(grid, slots):
                slots = shifted
                break
    return slots


def each_earlier(grid: Grid, slots: list[int], loose: Collection[int]) -> list[int]:
    """Return slots with each loose meeting in its earliest free one, everybody else where they are.

    Whoever comes late, or has waited for a new place, is not kept waiting beside a free table.
    """
    slots, busy, load = list(slots), [0] * len(grid.people), Counter(slots)
    for pair, slot in zip(grid.pairs, slots, strict=True):
        for person in pair if slot >= 0 else ():
            busy[person] |= 1 << slot
    waiting = sorted((one for one in loose if slots[one] >= 0), key=lambda one: (slots[one], one))
    moved = True
    while moved:  # what one leaves another may take
        moved = False
        for one in waiting:
            first, second = grid.pairs[one]
            free = grid.allowed[one] & ~busy[first] & ~busy[second] & ((1 << slots[one]) - 1)
            for slot in slots_of(free):
                if load[slot] < grid.capacity[slot] and grid.in_order(
                    [*slots[:one], slot, *slots[one + 1 :]]
                ):
                    change = 1 << slots[one] | 1 << slot
                    busy[first] ^= change
                    busy[second] ^= change
                    load[slots[one]] -= 1
                    load[slot] += 1
                    slots[one], moved = slot, True
                    break
    return slots


def _groups(grid: Grid, slots: list[int]) -> list[list[int]]:
    """Return the placed meetings in groups: two are together when a chain of people links them."""
    leader = list(range(len(grid.people)))

    def find(person: int) -> int:
        while leader[person] != person:
            person = leader[person]
        return person

    placed = [meeting for meeting, slot in enumerate(slots) if slot >= 0]
    for meeting in placed:
        first, second = grid.pairs[meeting]
        leader[find(first)] = find(second)
    found: dict[int, list[int]] = {}
    for meeting in placed:
        found.setdefault(find(grid.pairs[meeting][0]), []).append(meeting)
    return list(found.values())


def _shifted(grid: Grid, slots: list[int], group: list[int], *, by: int) -> list[int] | None:
    """Return the slots with the group moved, or None when a rule or the tables forbid it."""
    moved = list(slots)
    for meeting in group:
        moved[meeting] += by
        if not grid.allowed[meeting] >> moved[meeting] & 1:
            return None
    crowded = any(moved.count(slot) > room for slot, room in enumerate(grid.capacity))
    return None if crowded or not grid.in_order(moved) else moved
