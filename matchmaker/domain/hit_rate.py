"""How often proposals were right: of those made, how many were accepted, met, meant and signed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from matchmaker.domain.states import Grade

GRADES = (Grade.STRONG, Grade.FAIR, Grade.WEAK)


class Reached(IntEnum):
    """How far a proposal has come; whoever reached a stage counts at all before it."""

    PROPOSED = 0
    ACCEPTED = 1
    MET = 2
    INTENT = 3
    CONTRACT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One proposal with what came of it; `groups` are the events or fields that it counts under.

    `pair` tells the same proposal under two events: in what counts all together it counts once.
    """

    grade: Grade
    reached: Reached
    groups: tuple[str, ...] = ()
    pair: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Counts of one group by stage, each at least the next."""

    counts: tuple[int, ...]

    def share(self, stage: Reached) -> float | None:
        """Return what share of the proposals came as far as this stage; None without proposals."""
        return self.counts[stage] / self.counts[0] if self.counts[0] else None


def line_of(hits: Iterable[Hit]) -> Line:
    """Count hits by stage."""
    reached = [hit.reached for hit in hits]
    return Line(counts=tuple(sum(one >= stage for one in reached) for stage in Reached))


def each_once(hits: Iterable[Hit]) -> list[Hit]:
    """Return every proposal once, with the furthest it came under any of its groups."""
    furthest: dict[tuple[int, int], Hit] = {}
    for hit in hits:
        if hit.pair not in furthest or furthest[hit.pair].reached < hit.reached:
            furthest[hit.pair] = hit
    return list(furthest.values())


def by_grade(hits: Sequence[Hit]) -> Mapping[Grade, Line]:
    """Return a line per grade, the strongest first."""
    return {grade: line_of(hit for hit in hits if hit.grade is grade) for grade in GRADES}


def by_group(hits: Sequence[Hit]) -> Mapping[str, Mapping[Grade, Line]]:
    """Return per group a line per grade, the group with most proposals first, equal ones by name."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        for group in hit.groups:
            groups.setdefault(group, []).append(hit)
    ordered = sorted(groups.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    return {group: by_grade(members) for group, members in ordered}
