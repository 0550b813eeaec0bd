"""What an edited pairing list changes, and what it would break."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from matchmaker.domain.pairing_edit import PairKey, Room
from matchmaker.domain.problems import Problem
from matchmaker.services.pairing_question import Option
from matchmaker.store.queries.pairings import PairingLine, Seat
from matchmaker.store.tables import PairingEdit, PairingList


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row of the difference. `kind`: added, removed, moved, noted, same.

    `breaks` are rules that may be overruled, `clashes` what cannot be at all.
    """

    kind: str
    firm: str
    need: str
    achievement: str
    expert: str
    before: str
    after: str
    notes: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The pair in one line."""
        return f"{self.firm}：{self.need} × {self.achievement}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One row of the new version."""

    key: PairKey
    enterprise_id: int
    seat: Seat
    line: PairingLine | None
    option: Option | None
    slot: int | None
    table: int | None
    follower: str
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditDiff:
    """What an edited list would change. With `problems` it cannot be taken as it is."""

    edit: PairingEdit
    base: PairingList
    room: Room
    changes: tuple[Change, ...]
    wanted: tuple[Wanted, ...]
    problems: tuple[Problem, ...]
    reordered: bool
    not_taken: tuple[str, ...]
    newest: int

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows of each kind."""
        return Counter(change.kind for change in self.changes)

    @property
    def broken(self) -> list[str]:
        """Every rule that the new version would break, with the pair it is about."""
        return [f"{change.words}：{words}" for change in self.changes for words in change.breaks]

    @property
    def emptied(self) -> bool:
        """Whether no meeting would be left: a workbook that lost its rows looks the same as one meant so."""
        return not self.wanted and bool(self.counts.get("removed"))

    @property
    def nothing(self) -> bool:
        """Whether the workbook says what the list said already."""
        return not self.reordered and set(self.counts) <= {"same"}
