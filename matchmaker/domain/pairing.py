"""Who meets whom at an event: the question, the answer, and what "best" means.

The order of aims is fixed and lexicographic: as many enterprises with at least one meeting as can
be; then the smallest shortfall from the promised minima; then fair meeting counts; then the total
value of the chosen pairs. Pins, bans and caps are hard. Solving is in `matchmaker.solvers.pairing`,
the independent checks are in `matchmaker.domain.pairing_proof`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from matchmaker.domain.problems import Problem

# Shares of 0–1 become integers of this size, so that sums are exact.
VALUE_MAX = 10_000
# A level of meetings may weigh so much more than the next in one aim: solvers count in floats.
LEVEL_WEIGHT = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A part of the day that meetings are dealt out to separately, such as 上午."""

    name: str
    slots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise:
    """`open_slots` counts per session the slots someone of the enterprise is there; None: all of them."""

    enterprise_id: int
    name: str
    cap: int
    minimum: int = 0
    open_slots: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expert:
    """The person across the table, an expert or the owner of an achievement."""

    expert_id: int
    name: str
    cap: int
    minimum: int = 0
    university: str = ""
    open_slots: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    need_id: int
    enterprise_id: int
    title: str
    cap: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A pair that may meet; `value` is 0 to VALUE_MAX."""

    need_id: int
    expert_id: int
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A pair that must meet, even when it is no candidate (its value is then 0)."""

    need_id: int
    expert_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """An enterprise and an expert who must not meet, over one need or, with None, over any."""

    enterprise_id: int
    expert_id: int
    reason: str
    need_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingProblem:
    """Everything `solve_pairing` needs to know.

    `same_pair_cap` limits the meetings of one enterprise with one expert over all its needs,
    `university_cap` those of one enterprise with experts of one university (None: no limit).
    """

    enterprises: tuple[Enterprise, ...]
    needs: tuple[Need, ...]
    experts: tuple[Expert, ...]
    candidates: tuple[Candidate, ...]
    tables: int
    sessions: tuple[Session, ...]
    pins: tuple[Pin, ...] = ()
    bans: tuple[Ban, ...] = ()
    same_pair_cap: int | None = 1
    university_cap: int | None = None

    @property
    def people(self) -> "tuple[Enterprise | Expert, ...]":
        return (*self.enterprises, *self.experts)

    @property
    def slots(self) -> int:
        return sum(session.slots for session in self.sessions)

    @property
    def seats(self) -> int:
        return self.tables * self.slots

    @property
    def is_split(self) -> bool:
        """Whether meetings must be dealt out to sessions: somebody misses a part of the day."""
        if len(self.sessions) < 2:
            return False
        return any(person.open_slots is not None for person in self.people)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPair:
    """One meeting to hold; `session` is an index into the sessions, None when any will do."""

    need_id: int
    enterprise_id: int
    expert_id: int
    value: int
    pinned: bool = False
    session: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """An enterprise without a meeting, and why.

    When seats are short, `enterprise_ids` can only meet `expert_ids`, who have `seats` seats left
    in all, fewer than there are enterprises (Hall's condition); otherwise these are empty.
    """

    enterprise_id: int
    code: str
    reason: str
    enterprise_ids: tuple[int, ...] = ()
    expert_ids: tuple[int, ...] = ()
    seats: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """A promised minimum that could not be kept; exactly one of the two ids is set."""

    name: str
    minimum: int
    met: int
    reason: str
    enterprise_id: int | None = None
    expert_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessPrice:
    """What serving everybody costs, against the pairing that only maximises value."""

    value_only_total: int
    value_only_served: int
    value_only_meetings: int
    total: int
    served: int
    meetings: int

    @property
    def lost_share(self) -> float:
        """The share (0–1) of the best possible value given up for coverage and fairness."""
        if not self.value_only_total:
            return 0.0
        return 1 - self.total / self.value_only_total


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """One linear aim: what a solution gains per served enterprise, kept minimum, meeting, value.

    The k-th meeting of an enterprise (k from 1) also gains `fair * (top + 1 - k)`. These falling
    steps are strictly concave, and on the count vectors of a flow (an M-natural-convex set) every
    strictly concave sum has the same best vector, the leximin one (Frank and Murota, "Decreasing
    minimization on M-convex sets", 2022). So any positive `fair` means exactly fair counts there.

    Caps that cross the flow take that away. Then `steps` are the gains of the first, second, …
    meeting of an enterprise: who has most enterprises with one meeting, then with two, then with
    three, has the leximin counts, whatever the caps.
    """

    served: int
    minimum: int
    fair: int
    top: int
    value: int
    steps: tuple[int, ...] = ()

    def enterprise_gain(self, k: int, *, minimum: int) -> int:
        """Return the gain of an enterprise's k-th meeting; never rises with k."""
        kept = self.minimum if k <= minimum else 0
        step = self.steps[k - 1] if k <= len(self.steps) else 0
        return (self.served if k == 1 else 0) + kept + self.fair * (self.top + 1 - k) + step

    def expert_gain(self, k: int, *, minimum: int) -> int:
        """Return the gain of an expert's k-th meeting."""
        return self.minimum if k <= minimum else 0

    def total(self, problem: PairingProblem, pairs: tuple[ChosenPair, ...]) -> int:
        """Return what a set of pairs gains under this aim."""
        gain = self.value * sum(pair.value for pair in pairs)
        by_enterprise, by_expert = meeting_counts(pairs)
        for enterprise in problem.enterprises:
            count = by_enterprise.get(enterprise.enterprise_id, 0)
            gain += sum(self.enterprise_gain(k, minimum=enterprise.minimum) for k in range(1, count + 1))
        for expert in problem.experts:
            gain += self.minimum * min(expert.minimum, by_expert.get(expert.expert_id, 0))
        return gain


RowKey: TypeAlias = tuple[str, int, int | str]
"""A cap over pairs that the flow cannot express: ("pair" | "university" | "session" | …, whose, which)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Prices that bound the gain of every pairing from above (linear programming duality).

    A pair is worth more than nothing only where its gain beats the prices of the seats it takes.
    All prices are integers, `scale` times too large. `multipliers` say how much of each earlier
    aim is mixed into this one, on the same scale.
    """

    aim: Weights
    multipliers: tuple[int, ...]
    scale: int
    seat_price: int
    enterprise_prices: dict[int, int]
    need_prices: dict[int, int]
    expert_prices: dict[int, int]
    session_prices: dict[tuple[int, int], int]
    row_prices: dict[RowKey, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverBound:
    """What an aim reached and the solver's own bound for it, where no prices prove it."""

    aim: Weights
    reached: int
    bound: float

    @property
    def gap(self) -> float:
        """How much more the bound leaves room for, as a share of what was reached."""
        return max(0.0, self.bound - self.reached) / max(1, abs(self.reached))


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One proof per aim, most important first; `note` says in Chinese how optimality was shown.

    Aims that no prices prove stand in `bounds` with what the solver says of them.
    """

    proofs: tuple[Proof, ...]
    note: str
    bounds: tuple[SolverBound, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingResult:
    """The chosen pairs in id order and their reasons; with `problems` it is a refusal without pairs."""

    pairs: tuple[ChosenPair, ...] = ()
    unserved: tuple[Unserved, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    price: FairnessPrice | None = None
    certificate: Certificate | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def served_count(self) -> int:
        return len({pair.enterprise_id for pair in self.pairs})

    @property
    def total_value(self) -> int:
        return sum(pair.value for pair in self.pairs)


def in_id_order(problem: PairingProblem) -> PairingProblem:
    """Return the question with everything in id order: what is said of it must not depend on another."""
    return replace(
        problem,
        enterprises=tuple(sorted(problem.enterprises, key=lambda one: one.enterprise_id)),
        needs=tuple(sorted(problem.needs, key=lambda one: one.need_id)),
        experts=tuple(sorted(problem.experts, key=lambda one: one.expert_id)),
        candidates=tuple(sorted(problem.candidates, key=lambda one: (one.need_id, one.expert_id))),
        pins=tuple(sorted(problem.pins, key=lambda one: (one.need_id, one.expert_id))),
        bans=tuple(
            sorted(
                problem.bans,
                key=lambda one: (one.enterprise_id, one.expert_id, one.need_id or 0, one.reason),
            )
        ),
    )


def meeting_counts(
    pairs: tuple[ChosenPair, ...],
) -> tuple[dict[int, int], dict[int, int]]:
    """Return the meetings per enterprise id and per expert id."""
    by_enterprise: dict[int, int] = {}
    by_expert: dict[int, int] = {}
    for pair in pairs:
        by_enterprise[pair.enterprise_id] = by_enterprise.get(pair.enterprise_id, 0) + 1
        by_expert[pair.expert_id] = by_expert.get(pair.expert_id, 0) + 1
    return by_enterprise, by_expert


def open_in(problem: PairingProblem, person: Enterprise | Expert, session: int) -> int:
    """Return how many meetings the person can attend in one session."""
    slots = problem.sessions[session].slots
    return slots if person.open_slots is None else min(slots, person.open_slots[session])


def day_cap(problem: PairingProblem, person: Enterprise | Expert) -> int:
    """Return how many meetings the person can attend in all: the cap, but never beyond the open slots.

    This is what lets a timetable always exist when everybody is there all day: nobody has more
    meetings than there are slots.
    """
    present = sum(open_in(problem, person, session) for session in range(len(problem.sessions)))
    return min(person.cap, present)


def allowed_candidates(problem: PairingProblem) -> Iterator[Candidate]:
    """Yield the candidates that no ban forbids, in id order, pins included."""
    enterprise_of = {need.need_id: need.enterprise_id for need in problem.needs}
    whole = {(ban.enterprise_id, ban.expert_id) for ban in problem.bans if ban.need_id is None}
    single = {(ban.need_id, ban.expert_id) for ban in problem.bans if ban.need_id is not None}
    values = {(pin.need_id, pin.expert_id): 0 for pin in problem.pins}
    values |= {(candidate.need_id, candidate.expert_id): candidate.value for candidate in problem.candidates}
    for (need_id, expert_id), value in sorted(values.items()):
        banned = (enterprise_of[need_id], expert_id) in whole or (
            need_id,
            expert_id,
        ) in single
        if not banned:
            yield Candidate(need_id=need_id, expert_id=expert_id, value=value)


def stage_aims(problem: PairingProblem, *, by_levels: bool = False) -> tuple[Weights, ...]:
    """Return the aims one after the other, each only among the best of the one before.

    `by_levels`: fair counts as caps that cross the flow need them.
    """
    top = _top(problem)
    aims = [Weights(served=1, minimum=0, fair=0, top=top, value=0)]
    if _promised(problem):
        aims.append(Weights(served=0, minimum=1, fair=0, top=top, value=0))
    aims += _level_aims(problem) if by_levels else [Weights(served=0, minimum=0, fair=1, top=top, value=0)]
    aims.append(Weights(served=0, minimum=0, fair=0, top=top, value=1))
    return tuple(aims)


def _level_aims(problem: PairingProblem) -> Iterator[Weights]:
    """Yield the aims "most enterprises with two meetings, then with three, …", several in one.

    An enterprise's meetings count up to the level; those up to lower levels are settled by then. One
    aim has as many levels as whole numbers of `LEVEL_WEIGHT` keep apart.
    """
    top, apart = _top(problem), len(problem.enterprises) + 1
    levels = list(range(2, top + 1))
    while levels:
        weights = [1]
        while len(weights) < len(levels) and weights[0] * apart <= LEVEL_WEIGHT:
            weights.insert(0, weights[0] * apart)
        heights = dict(zip(levels, weights, strict=False))
        steps = tuple(
            sum(weight for level, weight in heights.items() if k <= level) for k in range(1, top + 1)
        )
        yield Weights(served=0, minimum=0, fair=0, top=top, value=0, steps=steps)
        levels = levels[len(weights) :]


def combined_aim(problem: PairingProblem) -> Weights:
    """Return one aim equal to all stages at once: each weight outgrows all lesser gains together.

    With M meetings at most, value at most 10 000 each and at most `top` meetings per enterprise:
    value < fair = 10 000·M + 1; all fair steps < fair·top·M + fair = minimum (or served); all
    minima < minimum·(promised + 1) = served. For 2000 meetings, top 8 and 500 promised: 2e7,
    3.2e11, 1.6e14. The flow solver multiplies the largest by its node count; `served` times a few
    thousand nodes stays under 2^63 ≈ 9.2e18, and beyond that the solver goes aim by aim instead.
    """
    meetings = min(
        problem.seats,
        sum(day_cap(problem, enterprise) for enterprise in problem.enterprises),
    )
    top, promised = _top(problem), _promised(problem)
    fair = VALUE_MAX * meetings + 1
    minimum = fair * (top * meetings + 1)
    return Weights(
        served=minimum * (promised + 1),
        minimum=minimum if promised else 0,
        fair=fair,
        top=top,
        value=1,
    )


def value_aim(problem: PairingProblem) -> Weights:
    """Return the aim that only looks at value, for showing what fairness costs."""
    return Weights(served=0, minimum=0, fair=0, top=_top(problem), value=1)


def _top(problem: PairingProblem) -> int:
    return max((day_cap(problem, enterprise) for enterprise in problem.enterprises), default=0)


def _promised(problem: PairingProblem) -> int:
    return sum(person.minimum for person in problem.people)
