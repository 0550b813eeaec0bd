"""Fewest breaks as weighted MaxSAT, after Bofill et al., JAIR 74 (2022), with our capacity rows.

Variables: a meeting is in a slot; a person is busy in a slot; a person has begun by a slot. A
break ends where a begun person is idle in one open slot and busy in the next; each costs 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from matchmaker.solvers.grid import Grid, slots_of

if TYPE_CHECKING:
    from pysat.formula import WCNF

# Up to so many literals a plain counter is smaller than a sorting network.
FEW = 8


@dataclass(slots=True)
class Formula:
    """The clauses and, per meeting, the variable of each slot."""

    wcnf: "WCNF"
    places: list[dict[int, int]]


def build_formula(grid: Grid, *, tight: bool, precedences: Iterable[tuple[int, int]] = ()) -> Formula:
    """Write the clauses; `precedences` are (earlier, later) meeting positions.

    `tight` adds rows that follow from full tables (a slot takes what the others cannot, and twice
    as many people as tables). They help where nearly every table is in use and hurt elsewhere.
    """
    writer = _Writer(grid)
    writer.place_meetings()
    for person, own in enumerate(grid.meetings_of()):
        writer.keep_person(person, own, tight=tight)
    writer.keep_tables(tight=tight)
    for earlier, later in precedences:
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
        self.places: list[dict[int, int]] = []
        self.busy: list[dict[int, int]] = []

    def new(self) -> int:
        self.last += 1
        return self.last

    def add(self, *literals: int) -> None:
        self.wcnf.append(list(literals))

    def at_most(self, literals: list[int], bound: int) -> None:
        if bound < len(literals):
            self._card(self.encode.atmost, literals, bound)

    def at_least(self, literals: list[int], bound: int) -> None:
        if bound > len(literals):
            self.wcnf.append([])
        elif bound > 0:
            self._card(self.encode.atleast, literals, bound)

    def exactly(self, literals: list[int], bound: int, *, tight: bool) -> None:
        if tight or bound > len(literals):
            self.at_most(literals, bound)
            self.at_least(literals, bound)
        elif literals:
            # One counter for both directions has half the clauses; where tables are tight, the
            # two sorting networks above were quicker all the same.
            self._card(self.encode.equals, literals, bound, kind=self.few)

    def _card(self, encode: Any, literals: list[int], bound: int, *, kind: int | None = None) -> None:
        if kind is None:
            kind = self.few if len(literals) <= FEW or bound <= 1 else self.many
        cnf = encode(lits=literals, bound=bound, top_id=self.last, encoding=kind)
        self.last = max(self.last, cnf.nv)
        self.wcnf.extend(cnf.clauses)

    def place_meetings(self) -> None:
        for mask in self.grid.allowed:
            own = {slot: self.new() for slot in slots_of(mask)}
            self.places.append(own)
            self.add(*own.values())
            self.at_most(list(own.values()), 1)

    def keep_person(self, person: int, own: list[int], *, tight: bool) -> None:
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
        self.exactly(list(busy.values()), len(own), tight=tight)
        if len(own) > 1:
            self._count_breaks(person, busy)

    def _count_breaks(self, person: int, busy: dict[int, int]) -> None:
        # Slots the person is away from are left out, so a wait across them is one break.
        line = [
            slot for slot in range(self.grid.slot_count) if self.grid.open[person] >> slot & 1 or slot in busy
        ]
        begun: int | None = None
        for before, slot in pairwise(line):
            begun = self._begun(begun, busy.get(before))
            if begun is None or slot not in busy or begun == busy.get(before):
                continue
            idle = [busy[before]] if before in busy else []
            ending = self.new()
            self.add(-begun, *idle, -busy[slot], ending)
            self.wcnf.append([-ending], weight=1)

    def _begun(self, begun: int | None, busy: int | None) -> int | None:
        if busy is None or begun is None:
            return busy if begun is None else begun
        now = self.new()
        self.add(-begun, now)
        self.add(-busy, now)
        self.add(-now, begun, busy)
        return now

    def keep_tables(self, *, tight: bool) -> None:
        total = sum(min(tables, len(self.places)) for tables in self.grid.capacity)
        for slot, tables in enumerate(self.grid.capacity):
            here = [own[slot] for own in self.places if slot in own]
            self.at_most(here, tables)
            if tight:
                elsewhere = total - min(tables, len(self.places))
                self.at_least(here, len(self.places) - elsewhere)
                people = [busy[slot] for busy in self.busy if slot in busy]
                self.at_most(people, 2 * tables)

    def keep_order(self, earlier: int, later: int) -> None:
        for slot, literal in self.places[later].items():
            before = [place for when, place in self.places[earlier].items() if when < slot]
            self.add(-literal, *before)
