"""König's construction: when everybody is free all day, a timetable always exists and is quick to find.

Enterprises and experts are the two sides of a graph, meetings its edges, slots colours. As many
colours as the busiest person has meetings suffice (König 1916); classes can then be evened out
(de Werra 1971), so M meetings on S slots need only ceil(M / S) tables.
"""

from matchmaker.solvers.grid import Grid


def colour_freely(grid: Grid) -> list[int] | None:
    """Return a slot per meeting, or None when the grid is not free all day or has too few slots.

    Ties go by position, so the same grid gives the same slots.
    """
    colours = [slot for slot in range(grid.slot_count) if grid.capacity[slot]]
    busiest = max((len(own) for own in grid.meetings_of()), default=0)
    total = sum(grid.capacity)
    if not grid.is_free or busiest > len(colours) or len(grid.pairs) > total:
        return None
    colouring = _Colouring(grid)
    for meeting in range(len(grid.pairs)):
        colouring.add(meeting, colours)
    return colouring.slots if _even_out(colouring, grid, colours) else None


class _Colouring:
    """Who meets in which slot: `at[person][slot]` is the meeting there."""

    def __init__(self, grid: Grid) -> None:
        self.pairs = grid.pairs
        self.at: list[dict[int, int]] = [{} for _ in grid.people]
        self.slots = [-1] * len(grid.pairs)
        self.load = [0] * grid.slot_count
        self.capacity = grid.capacity

    def put(self, meeting: int, slot: int) -> None:
        self.slots[meeting] = slot
        self.load[slot] += 1
        for person in self.pairs[meeting]:
            self.at[person][slot] = meeting

    def lift(self, meeting: int) -> None:
        self.load[self.slots[meeting]] -= 1
        for person in self.pairs[meeting]:
            del self.at[person][self.slots[meeting]]

    def add(self, meeting: int, colours: list[int]) -> None:
        """Place a meeting; if no slot suits both, swap two slots along the path from one of them."""
        left, right = self.pairs[meeting]
        free_left = [slot for slot in colours if slot not in self.at[left]]
        both = [slot for slot in free_left if slot not in self.at[right]]
        # Filling evenly from the start leaves little to even out afterwards.
        common = max(both, key=lambda slot: (self.capacity[slot] - self.load[slot], -slot), default=None)
        if common is None:
            common = free_left[0]
            other = next(slot for slot in colours if slot not in self.at[right])
            # The path from `right` cannot end at `left`: it enters that side only in slot `common`.
            self.swap(self.path(right, common, other), common, other)
        self.put(meeting, common)

    def path(self, person: int, first: int, second: int) -> list[int]:
        """Return the meetings of the path that starts at a person and alternates between two slots."""
        found: list[int] = []
        slot = first
        while (meeting := self.at[person].get(slot)) is not None and (not found or meeting != found[0]):
            found.append(meeting)
            left, right = self.pairs[meeting]
            person = right if person == left else left
            slot = second if slot == first else first
        return found

    def swap(self, meetings: list[int], first: int, second: int) -> None:
        targets = [(meeting, second if self.slots[meeting] == first else first) for meeting in meetings]
        for meeting, _ in targets:
            self.lift(meeting)
        for meeting, slot in targets:
            self.put(meeting, slot)


def _even_out(colouring: _Colouring, grid: Grid, colours: list[int]) -> bool:
    """Move meetings from overfull slots to ones with room; False when unequal capacities prevent it."""
    members = {colour: {m for m, slot in enumerate(colouring.slots) if slot == colour} for colour in colours}
    while True:
        over = [colour for colour in colours if len(members[colour]) > grid.capacity[colour]]
        if not over:
            return True
        full = max(over, key=lambda colour: (len(members[colour]) - grid.capacity[colour], -colour))
        room = max(colours, key=lambda colour: (grid.capacity[colour] - len(members[colour]), -colour))
        path = _surplus_path(colouring, members[full], full, room)
        if path is None or len(members[room]) >= grid.capacity[room]:
            return False
        for meeting in path:
            members[colouring.slots[meeting]].remove(meeting)
        colouring.swap(path, full, room)
        for meeting in path:
            members[colouring.slots[meeting]].add(meeting)


def _surplus_path(colouring: _Colouring, meetings: set[int], full: int, room: int) -> list[int] | None:
    """Return a path that begins and ends in the full slot, so that swapping it moves one meeting."""
    for meeting in sorted(meetings):
        for person in colouring.pairs[meeting]:
            if room not in colouring.at[person]:
                path = colouring.path(person, full, room)
                if len(path) % 2:
                    return path
    return None
