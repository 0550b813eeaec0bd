"""Fewest breaks as weighted MaxSAT, after Bofill et al., JAIR 74 (2022), with our capacity rows.

Variables: a meeting is in a slot; a person is busy in a slot; a person has begun by a slot. A
break ends where a begun person is idle in one open slot and busy in the next; each costs 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matchmaker.solvers.grid import Grid, slots_of

if TYPE_CHECKING:
    from pysat.formula import WCNF


@dataclass(slots=True)
class Formula:
    """The clauses and, per meeting, the variable of each slot."""

    wcnf: "WCNF"
    places: list[dict[int, int]]


def build_formula(grid: Grid, *, implied: bool, precedences: Iterable[tuple[int, int]] = ()) -> Formula:
    """Write the clauses; `precedences` are (earlier, later) meeting positions.

    `implied` adds rows that every timetable keeps anyway (a person is busy in as many slots as it
    has meetings; a slot takes what the others cannot). They help where tables are tight and hurt
    where they are not.
    """
    writer = _Writer(grid)
    writer.place_meetings()
    for person, own in enumerate(grid.meetings_of()):
        writer.keep_person(person, own, implied=implied)
    writer.keep_tables(implied=implied)
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

    def count(self, literals: list[int], *, at_most: int | None = None, at_least: int | None = None) -> None:
        """Bound how many of the literals are true."""
        if at_most is not None and at_most < len(literals):
            self._card(self.encode.atmost, literals, at_most)
        if at_least is not None and at_least > 0:
            if at_least > len(literals):
                self.wcnf.append([])
            else:
                self._card(self.encode.atleast, literals, at_least)

    def _card(self, encode: Any, literals: list[int], bound: int) -> None:
        kind = self.few if len(literals) <= 8 or bound <= 1 else self.many
        cnf = encode(lits=literals, bound=bound, top_id=self.last, encoding=kind)
        self.last = max(self.last, cnf.nv)
        self.wcnf.extend(cnf.clauses)

    def place_meetings(self) -> None:
        for mask in self.grid.allowed:
            own = {slot: self.new() for slot in slots_of(mask)}
            self.places.append(own)
            self.add(*own.values())
            self.count(list(own.values()), at_most=1)

    def keep_person(self, person: int, own: list[int], *, implied: bool) -> None:
        """Never two meetings at once; busy, begun and breaks follow from the meetings."""
        busy: dict[int, int] = {}
        for slot in range(self.grid.slot_count):
            here = [self.places[meeting][slot] for meeting in own if slot in self.places[meeting]]
            if len(here) == 1:
                busy[slot] = here[0]
            elif here:
                self.count(here, at_most=1)
                busy[slot] = self.new()
                self.add(-busy[slot], *here)
                for literal in here:
                    self.add(-literal, busy[slot])
        self.busy.append(busy)
        if implied:
            self.count(list(busy.values()), at_most=len(own), at_least=len(own))
        if len(own) > 1:
            self._count_breaks(person, busy)

    def _count_breaks(self, person: int, busy: dict[int, int]) -> None:
        # Slots the person is away from are left out, so a wait across them is one break.
        line = [
            slot for slot in range(self.grid.slot_count) if self.grid.open[person] >> slot & 1 or slot in busy
        ]
        begun: int | None = None
        for before, slot in zip(line, line[1:], strict=False):
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

    def keep_tables(self, *, implied: bool) -> None:
        total = sum(min(tables, len(self.places)) for tables in self.grid.capacity)
        for slot, tables in enumerate(self.grid.capacity):
            here = [own[slot] for own in self.places if slot in own]
            self.count(here, at_most=tables)
            if implied:
                elsewhere = total - min(tables, len(self.places))
                self.count(here, at_least=len(self.places) - elsewhere)
                people = [busy[slot] for busy in self.busy if slot in busy]
                self.count(people, at_most=2 * tables)

    def keep_order(self, earlier: int, later: int) -> None:
        for slot, literal in self.places[later].items():
            before = [place for when, place in self.places[earlier].items() if when < slot]
            self.add(-literal, *before)
