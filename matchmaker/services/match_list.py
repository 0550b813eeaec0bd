"""Turns a need's proposals into what a list shows: families folded, hands spread, what fell out last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from matchmaker.domain.families import Kin, fold, spread
from matchmaker.domain.states import Grade, MatchState
from matchmaker.services.never_match import bars_of, unsuitable
from matchmaker.store.queries.families import kin_of
from matchmaker.store.queries.matches import MatchLine
from matchmaker.store.queries.wider import OtherLine, other_lines
from matchmaker.store.tables import Achievement


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchEntry:
    """One place in a list: the proposal, near-identical ones of the same hand, and why it may not be."""

    line: MatchLine
    alike: tuple[MatchLine, ...] = ()
    barred: str = ""

    @property
    def stands(self) -> bool:
        """Whether the proposal may still lead to a meeting."""
        return not self.barred and self.line.match.status is not MatchState.REJECTED


def entries_of(session: Session, lines: Sequence[MatchLine]) -> list[MatchEntry]:
    """Return the entries of one need's list.

    What somebody decided on stands alone, so that no decision hides in a fold; what was rejected,
    called unsuitable or barred comes last. One hand has at most three of the first ten places.
    """
    bars = bars_of(session, sorted({line.need.id for line in lines}))
    kin = kin_of(session, [line.achievement.id for line in lines])
    reasons = {
        line.id: bars.why(line.need.id, line.achievement.id) or unsuitable(line.match) for line in lines
    }
    standing = [line for line in lines if not reasons[line.id] and line.match.status != MatchState.REJECTED]
    entries = list(_folded(standing, [kin[line.achievement.id] for line in standing]))
    order = spread([kin[entry.line.achievement.id].group for entry in entries])
    fallen = [line for line in lines if line not in standing]
    return [entries[place] for place in order] + [
        MatchEntry(line=line, barred=reasons[line.id]) for line in fallen
    ]


def _folded(lines: Sequence[MatchLine], kin: Sequence[Kin]) -> Iterator[MatchEntry]:
    decided = [line.match.status is not MatchState.PROPOSED or line.match.need_side for line in lines]
    open_ones = [place for place in range(len(lines)) if not decided[place]]
    families = [
        [open_ones[place] for place in family] for family in fold([kin[place] for place in open_ones])
    ]
    families += [[place] for place in range(len(lines)) if decided[place]]
    for family in sorted(families):
        yield MatchEntry(line=lines[family[0]], alike=tuple(lines[place] for place in family[1:]))


def grades_standing(entries: Sequence[MatchEntry]) -> list[Grade]:
    """Return the grades that the verdict on a need is drawn from."""
    return [entry.line.match.grade for entry in entries if entry.stands]


def beyond(session: Session, need_id: int, *, public_only: bool) -> list[OtherLine]:
    """Return the best of each institution that came near a need; barred ones are left out."""
    bars = bars_of(session, [need_id])
    lines = other_lines(session, need_id, public_only=public_only)
    return [line for line in lines if not bars.why(need_id, line.achievement.id)]


def who_else(others: Sequence[OtherLine], achievement: Achievement, *, most: int = 8) -> list[OtherLine]:
    """Return the best of the other institutions, best first: not of the achievement's own owner."""
    own = achievement.organisation_id or achievement.owner_text
    kept = [one for one in others if (one.achievement.organisation_id or one.achievement.owner_text) != own]
    return kept[:most]
