"""Answers the question of an event's list: who meets whom, proved, and when and where. Pure computing."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from matchmaker.domain.pairing import PairingProblem, PairingResult
from matchmaker.domain.pairing_parts import in_parts
from matchmaker.domain.pairing_proof import check_certificate, check_pairing
from matchmaker.domain.timetable import Meeting, Placement, TimetableProblem, TimetableResult, weights_of
from matchmaker.errors import InvalidInput
from matchmaker.services.pairing_question import Limits, Question

_TIMETABLE_SECONDS = 5.0
# Pairs times parts of the day that are still answered within about two seconds.
_MOST_PARTED = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The solver's answer to a question, checked, and placed in slots and at tables."""

    pairing: PairingResult
    timetable: TimetableResult
    faults: tuple[str, ...]

    @property
    def proved(self) -> bool:
        """Whether the independent check found every rule kept and the pairing optimal."""
        return not self.faults


def solve(question: Question, *, published: dict[tuple[int, int], tuple[int, int]] | None = None) -> Drawn:
    """Answer a question. Pure computing; `published` are (slot, table) of pairs that people know already."""
    drawn = _answered(question, question.problem, published or {})
    if not drawn.timetable.unplaced or not question.presences:
        return drawn
    # Some could not sit down where both are there: who is there when must count in the choice, too.
    slots = frozenset(range(question.limits.slots)) - question.day.shut
    parted = in_parts(question.problem, question.presences, slots=slots)
    if len(parted.candidates) * len(parted.sessions) > _MOST_PARTED:
        return drawn
    try:
        again = _answered(question, parted, published or {})
    except InvalidInput:  # what both sides have accepted fits the day only without its hours
        return drawn
    return max(again, drawn, key=lambda one: _held(question.problem, one))


def _answered(
    question: Question, problem: PairingProblem, published: Mapping[tuple[int, int], tuple[int, int]]
) -> Drawn:
    from matchmaker.solvers.pairing import solve_pairing

    result = solve_pairing(problem)
    if result.problems:
        raise InvalidInput(result.problems)
    faults = (*check_pairing(problem, result), *check_certificate(problem, result))
    return Drawn(pairing=result, timetable=_place(question, result, published), faults=faults)


def _held(problem: PairingProblem, drawn: Drawn) -> tuple[int, int, int, list[int], int]:
    """Return how good those meetings are that have a place: those asked for by hand, then by the aims."""
    placed = {one.meeting_id for one in drawn.timetable.placements}
    pairs = [pair for number, pair in enumerate(drawn.pairing.pairs) if number in placed]
    firms, experts = Counter(pair.enterprise_id for pair in pairs), Counter(pair.expert_id for pair in pairs)
    short = sum(max(0, one.minimum - firms[one.enterprise_id]) for one in problem.enterprises)
    short += sum(max(0, one.minimum - experts[one.expert_id]) for one in problem.experts)
    counts = sorted(firms[one.enterprise_id] for one in problem.enterprises)
    asked_for = sum(pair.pinned for pair in pairs)
    return asked_for, len(firms), -short, counts, sum(pair.value for pair in pairs)


def _place(
    question: Question, result: PairingResult, published: Mapping[tuple[int, int], tuple[int, int]]
) -> TimetableResult:
    """Place the pairs; a meeting's id is its place in the result."""
    from matchmaker.solvers.timetable import place_timetable

    weights = weights_of([(pair.value, pair.pinned) for pair in result.pairs])
    meetings = tuple(
        Meeting(
            meeting_id=number,
            enterprise_id=pair.enterprise_id,
            expert_id=pair.expert_id,
            weight=weights[number],
        )
        for number, pair in enumerate(result.pairs)
    )
    limits = question.limits
    problem = TimetableProblem(
        slot_count=limits.slots,
        tables=tuple(range(1, limits.tables + 1)),
        meetings=meetings,
        presences=question.presences,
        pauses=question.day.shut,
        precedences=question.day.precedences(
            {(pair.need_id, pair.expert_id): number for number, pair in enumerate(result.pairs)}
        ),
    )
    keys = {number: (pair.need_id, pair.expert_id) for number, pair in enumerate(result.pairs)}
    known = known_placements(published, keys, limits)
    return place_timetable(problem, limit_seconds=_TIMETABLE_SECONDS, published=known)


def known_placements(
    published: Mapping[tuple[int, int], tuple[int, int]],
    keys: Mapping[int, tuple[int, int]],
    limits: Limits,
) -> tuple[Placement, ...]:
    """Return where people know their meetings to be; `keys` are meeting → (need id, expert key)."""
    return tuple(
        Placement(meeting_id=meeting, slot=published[key][0] - 1, table=published[key][1])
        for meeting, key in keys.items()
        if key in published and published[key][0] <= limits.slots and published[key][1] <= limits.tables
    )
