"""Fewest breaks as MaxSAT, after Bofill et al., JAIR 74 (2022), with rows and costs of our own.

Variables: a meeting is in a slot; a person is busy in a slot; a person has begun by a slot. A
break ends where a begun person is idle in one open slot and busy in the next. The search is not
charged per ending but per person: 1 for having a break at all, 1 more for a second one, and so on.
That leaves few things to blame for a clash, and whoever has no break is busy in one unbroken run,
which clauses of their own make the search see at once.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from matchmaker.solvers.grid import Grid, slots_of

if TYPE_CHECKING:
    from pysat.formula import WCNF

# Up to so many literals a plain counter is smaller than a sorting network, and up to so many a
# totalizer, which sees more, is not yet too large.
FEW, MIDDLING = 8, 120


@dataclass(slots=True)
class Formula:
    """The clauses and, per meeting, the variable of each slot."""

    wcnf: "WCNF"
    places: list[dict[int, int]]


def build_formula(grid: Grid, *, tight: bool) -> Formula:
    """Write the clauses.

    `tight` counts people instead of meetings against the tables, from above and below (a slot takes
    what the others cannot). That helps where nearly every table is in use and mostly hurts elsewhere.
    """
    writer = _Writer(grid)
    writer.place_meetings()
    for person, own in enumerate(grid.meetings_of()):
        writer.keep_person(person, own)
    writer.keep_tables(tight=tight)
    for earlier, later in grid.orders:
        writer.keep_order(earlier, later)
    return Formula(wcnf=writer.wcnf, places=writer.places)


class _Writer:
    def __init__(self, grid: Grid) -> None:
        from pysat.card import CardEnc, EncType
        from pysat.formula import WCNF

        self.grid = grid
        self.wcnf = WCNF()
        self.last = 0
        self.encode: Any = CardEnc
        self.few, self.many = EncType.seqcounter, EncType.cardnetwrk
        self.people, self.middling = EncType.kmtotalizer, EncType.totalizer
        # Neighbours in a counter should be neighbours in life: sorted by people, meetings of one person
        # stand together, and the search ends in seconds where in any other order it took minutes.
        self.order = sorted(range(len(grid.pairs)), key=lambda one: (grid.pairs[one], one))
        self.places: list[dict[int, int]] = [{} for _ in grid.pairs]
        self.busy: list[dict[int, int]] = []

    def new(self) -> int:
        self.last += 1
        return self.last

    def add(self, *literals: int) -> None:
        self.wcnf.append(list(literals))

    def at_most(self, literals: list[int], bound: int, *, kind: int | None = None) -> None:
        if bound < len(literals):
            self._card(self.encode.atmost, literals, bound, kind=kind)

    def at_least(self, literals: list[int], bound: int, *, kind: int | None = None) -> None:
        if bound > len(literals):
            self.wcnf.append([])
        elif bound > 0:
            self._card(self.encode.atleast, literals, bound, kind=kind)

    def exactly(self, literals: list[int], bound: int) -> None:
        if bound > len(literals):
            self.wcnf.append([])
        elif literals:
            # One counter for both directions has half the clauses.
            self._card(self.encode.equals, literals, bound, kind=self.few)

    def _card(self, encode: Any, literals: list[int], bound: int, *, kind: int | None = None) -> None:
        if len(literals) <= FEW or bound <= 1:
            kind = self.few
        if kind is None:
            kind = self.middling if len(literals) <= MIDDLING else self.many
        cnf = encode(lits=literals, bound=bound, top_id=self.last, encoding=kind)
        self.last = max(self.last, cnf.nv)
        self.wcnf.extend(cnf.clauses)

    def place_meetings(self) -> None:
        for meeting in self.order:
            own = {slot: self.new() for slot in slots_of(self.grid.allowed[meeting])}
            self.places[meeting] = own
            self.add(*own.values())
            self.at_most(list(own.values()), 1)

    def keep_person(self, person: int, own: list[int]) -> None:
        """Never two meetings at once; busy, begun and breaks follow from the meetings."""
        busy: dict[int, int] = {}
        for slot in range(self.grid.slot_count):
            here = [self.places[meeting][slot] for meeting in own if slot in self.places[meeting]]
            if len(here) == 1:
                busy[slot] = here[0]
            elif here:
                self.at_most(here, 1)
                busy[slot] = self.new()
                self.add(-busy[slot], *here)
                for literal in here:
                    self.add(-literal, busy[slot])
        self.busy.append(busy)
        # Follows from the rest, but spares the search from finding out: busy as often as it has meetings.
        self.exactly(list(busy.values()), len(own))
        if len(own) > 1:
            # Slots the person is away from are left out, so a wait across them is one break.
            open_slots = self.grid.open[person]
            line = [slot for slot in range(self.grid.slot_count) if open_slots >> slot & 1 or slot in busy]
            self._count_breaks([busy.get(slot) for slot in line], len(own))

    def _count_breaks(self, line: list[int | None], meetings: int) -> None:
        """Charge the breaks of a person who is busy `meetings` times on a line of open slots."""
        begun: list[int | None] = []
        for busy in line:
            begun.append(self._begun(begun[-1] if begun else None, busy))
        latest = len(line) - meetings
        if latest < 0 or (start := begun[latest]) is None:
            self.wcnf.append([])
            return
        self.add(start)
        levels = self._levels(self._endings(line, begun), min(meetings - 1, latest))
        for level in levels:
            self.wcnf.append([-level], weight=1)
        self._run_unbroken(line, begun, meetings, unless=levels[:1])

    def _endings(self, line: list[int | None], begun: list[int | None]) -> list[int]:
        """Return a literal per slot where a wait may end, true if one does."""
        endings = []
        for (before, slot), since in zip(pairwise(line), begun, strict=False):
            if since is None or slot is None or since == before:
                continue
            ending = self.new()
            self.add(-since, *([] if before is None else [before]), -slot, ending)
            endings.append(ending)
        return endings

    def _levels(self, endings: list[int], most: int) -> list[int]:
        """Return literals for "at least one ending", "at least two" …, up to the most there can be."""
        levels: list[int] = []
        for ending in endings:
            counted = [self.new() for _ in range(min(most, len(levels) + 1))]
            for old, now in zip(levels, counted, strict=False):
                self.add(-old, now)
            for now, lower in zip(counted, [None, *levels], strict=False):
                self.add(-ending, *([] if lower is None else [-lower]), now)
            if not most:
                self.add(-ending)
            levels = counted
        for lower, higher in pairwise(levels):
            self.add(-higher, lower)
        return levels

    def _run_unbroken(
        self, line: list[int | None], begun: list[int | None], meetings: int, *, unless: list[int]
    ) -> None:
        """Whoever begins and has no break is busy for as many slots as meetings, and then no more."""
        for place, busy in enumerate(line):
            since = begun[place]
            ended = begun[place - meetings] if place >= meetings else None
            if ended is not None and busy is not None:
                self.add(*unless, -ended, -busy)
            if since is not None and since != busy:
                going_on = [literal for literal in (busy, ended) if literal is not None]
                self.add(*unless, -since, *going_on)

    def _begun(self, begun: int | None, busy: int | None) -> int | None:
        if busy is None or begun is None:
            return busy if begun is None else begun
        now = self.new()
        self.add(-begun, now)
        self.add(-busy, now)
        self.add(-now, begun, busy)
        return now

    def keep_tables(self, *, tight: bool) -> None:
        meetings = len(self.places)
        total = sum(min(tables, meetings) for tables in self.grid.capacity)
        for slot, tables in enumerate(self.grid.capacity):
            if not tight:
                inside = (self.places[meeting] for meeting in self.order)
                self.at_most([own[slot] for own in inside if slot in own], tables)
                continue
            # Two people to a meeting; people are fewer than meetings, which makes smaller counters.
            people = [busy[slot] for busy in self.busy if slot in busy]
            elsewhere = total - min(tables, meetings)
            self.at_most(people, 2 * tables, kind=self.people)
            self.at_least(people, 2 * (meetings - elsewhere), kind=self.people)

    def keep_order(self, earlier: int, later: int) -> None:
        for slot, literal in self.places[later].items():
            before = [place for when, place in self.places[earlier].items() if when < slot]
            self.add(-literal, *before)
