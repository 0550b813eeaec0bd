"""The programme topic by topic with whole events: a closer bound, and groups worth opening.

An event has one topic, so topics meet only in needs that fit several, in firms' caps and in the number
of events. These are priced (Lagrangian relaxation), and what is left of each topic is small enough to
be solved in whole events. All topics' worth, plus all prices, no grouping can pass; the linear
programme could still open halves of events within a topic. Prices are moved from pass to pass, by all
that topics answered so far: what several take costs more, what none takes costs less. Between answers,
quick guesses (`plan_guess`) show where to ask next; only answers prove a bound.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from matchmaker.domain.plan import PlanRules
from matchmaker.solvers.plan_bound import Programme, Relaxed, kinds_of, round_down
from matchmaker.solvers.plan_guess import Guesser
from matchmaker.solvers.plan_level import Answers
from matchmaker.solvers.plan_universe import Universe

if TYPE_CHECKING:
    from matchmaker.solvers.plan_universe import Reals, Wholes

# Topics with more ways of needs into kinds than this take minutes in whole events: halves are allowed.
MOST_WAYS = 900
GAP, BRANCHES = 1e-4, 50
# A need may cost anything from what its second topic would pay to what the first one does; near the
# lower end few topics take it twice and few go without: measured on made-up campaigns.
FIRST_SHARE = 0.1
# The bound is expected to end about here, as a share of the linear programme's: it sets the steps.
EXPECTED = 0.9985
# Prices move after each of so many blocks of topics, as what one takes matters most to its like.
BLOCKS = 2
# Guesses of all topics after each block, prices moved after each.
GUESSES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prices:
    """What a place on the programme costs: of an event, of each need, of one of each firm's visits."""

    event: float
    needs: "Reals"
    firms: "Reals"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What a topic takes at some prices: events, times each need and firm, open groups.

    It is worth no more than `worth` there, and what is taken is worth `earned`.
    """

    worth: float
    earned: float
    events: float
    needs: "Reals"
    firms: "Reals"
    opened: tuple[int, ...]


class Topics:
    """`bound` holds for every grouping there is; `opened` are the groups open at the last prices."""

    def __init__(self, universe: Universe, rules: PlanRules, relaxed: Relaxed) -> None:
        import numpy as np

        names = [topic for topic, _, _ in universe.groups]
        _, topic = np.unique(names, return_inverse=True)
        self.bound = relaxed.bound
        self.opened: list[int] = []
        self._universe, self._rules = universe, rules
        self._expected = EXPECTED * relaxed.bound
        self._parts = _parts(universe, topic)
        self._prices, several = _first_prices(universe, topic, relaxed)
        self._several = np.flatnonzero(several)
        self._answers = Answers(len(self._parts))
        self._guessers = [Guesser(groups, part) for groups, part in self._parts]

    def improve(self, passes: int) -> None:
        """Solve every topic so many times more, at better and better prices.

        The last pass has one set of prices and gives the bound; before it, prices move after each block
        of topics, and after each of some rounds of guesses. Raises ArithmeticError when HiGHS fails.
        """
        everyone = range(len(self._parts))
        if self.opened:
            self._settle()
        for _ in range(passes - 1):
            for block in range(BLOCKS):
                self._answer(everyone[block::BLOCKS])
                self._settle()
        taken = self._answer(everyone)
        worth = sum(one.worth for one in taken) + float(self._right() @ self._priced())
        self.bound = min(self.bound, round_down(worth))
        self.opened = sorted(group for one in taken for group in one.opened)

    def _answer(self, block: range) -> list[_Taken]:
        """Solve some topics at the prices of now, and keep what they answer."""
        prices = self._priced()
        solved = []
        for number in block:
            groups, universe = self._parts[number]
            taken = _solve(groups, universe, self._rules, self._prices)
            used = self._row(taken.events / self._universe.events**0.5, taken.needs, taken.firms)
            self._answers.add(number, taken.earned + float(used @ prices), used)
            self._guessers[number].remember(taken.opened)
            solved.append(taken)
        return solved

    def _settle(self) -> None:
        """Move prices, and again after each round of guesses."""
        self._move()
        for _ in range(GUESSES):
            self._guess()
            self._move()

    def _guess(self) -> None:
        """Keep what every topic would about answer at the prices of now."""
        prices = self._prices
        for number, guesser in enumerate(self._guessers):
            taken = guesser.guess(prices.event, prices.needs, prices.firms)
            used = self._row(taken.events / self._universe.events**0.5, taken.needs, taken.firms)
            self._answers.add(number, taken.worth, used)

    def _move(self) -> None:
        """Move prices to where all answers so far suggest the bound that is hoped for."""
        import numpy as np

        universe = self._universe
        found = self._answers.next_prices(self._priced(), self._right(), aim=self._expected)
        event, needs, firms = np.split(found, [1, 1 + len(self._several)])
        every = np.zeros(universe.needs)
        every[self._several] = needs
        self._prices = _Prices(event=float(event[0]) / universe.events**0.5, needs=every, firms=firms)

    def _row(self, event: float, needs: "Reals", firms: "Reals") -> "Reals":
        """Return one row of figures: of an event, of each need that fits several topics, of firms."""
        import numpy as np

        return np.concatenate([[event], needs[self._several], firms])

    def _priced(self) -> "Reals":
        # an event's price is moved by far more needs than another, so it is counted by its root
        prices = self._prices
        return self._row(prices.event * self._universe.events**0.5, prices.needs, prices.firms)

    def _right(self) -> "Reals":
        """What all topics together may use of each price."""
        import numpy as np

        universe = self._universe
        firms = np.full_like(self._prices.firms, universe.per_firm)
        return self._row(universe.events**0.5, np.ones(universe.needs), firms)


def _first_prices(universe: Universe, topic: "Wholes", relaxed: Relaxed) -> "tuple[_Prices, Wholes]":
    """Return prices as the linear programme suggests, and which needs fit several topics.

    A need of one topic costs nothing, for its topic sees to it that it is held once.
    """
    import numpy as np

    programme = relaxed.programme
    matrix, _ = programme.rows_at_most()
    reduced = (programme.gain - matrix.T @ relaxed.prices)[programme.places]
    first = relaxed.prices[programme.need_rows :][: universe.needs]
    asked = np.full((universe.needs, int(topic.max()) + 1), -np.inf)
    at = (programme.place_need, topic[programme.place_group])
    np.maximum.at(asked, at, first[programme.place_need] + reduced)
    several = np.isfinite(asked).sum(axis=1) > 1
    second = np.maximum(0.0, np.sort(asked, axis=1)[:, -2]) if asked.shape[1] > 1 else np.zeros(len(first))
    prices = _Prices(
        event=float(max(0.0, relaxed.prices[0])),
        needs=np.where(several, np.maximum(0.0, second + FIRST_SHARE * (first - second)), 0.0),
        firms=np.maximum(0.0, relaxed.prices[programme.firm_rows :]),
    )
    return prices, several


def _parts(universe: Universe, topic: "Wholes") -> "list[tuple[Wholes, Universe]]":
    """Return the groups of each topic and the universe of these alone, the largest topic first."""
    import numpy as np

    every = [np.flatnonzero(topic == one) for one in range(int(topic.max()) + 1)]
    of_way = topic[universe.group]
    parts = [
        (groups, _part(universe, groups, np.flatnonzero(of_way == one))) for one, groups in enumerate(every)
    ]
    return sorted(parts, key=lambda part: -len(part[1].need))


def _part(universe: Universe, groups: "Wholes", ways: "Wholes") -> Universe:
    """Return the universe of some groups alone, with some of their ways."""
    import numpy as np

    place = np.full(len(universe.groups), -1)
    place[groups] = np.arange(len(groups))
    return replace(
        universe,
        groups=tuple(universe.groups[group] for group in groups),
        most=universe.most[groups],
        group=place[universe.group[ways]],
        need=universe.need[ways],
        value=universe.value[ways],
    )


def _worthwhile(universe: Universe, prices: _Prices) -> "tuple[Wholes, Wholes]":
    """Return the groups and the ways that can pay at these prices: no best choice has others.

    A need's way pays where some place of its kind is worth more than the need costs, a kind where its
    best event is worth more than an event costs. Least sizes are left out, or others might fill up.
    """
    import numpy as np

    kind, kinds = kinds_of(universe)
    pair = universe.need * kinds + kind[universe.group]
    best = np.full(universe.needs * kinds, -np.inf)
    np.maximum.at(best, pair, universe.value - prices.needs[universe.need])
    paying = np.flatnonzero(best > 0)
    paying = paying[np.lexsort((-best[paying], paying % kinds))]
    inside = paying % kinds
    most = np.zeros(kinds)
    np.maximum.at(most, kind, universe.most.astype(float))
    fits = np.arange(len(paying)) - np.searchsorted(inside, inside) < most[inside]
    worth = np.bincount(inside[fits], weights=best[paying[fits]], minlength=kinds)
    pays = (worth > prices.event)[kind]
    return np.flatnonzero(pays), np.flatnonzero((best[pair] > 0) & pays[universe.group])


def _solve(groups: "Wholes", universe: Universe, rules: PlanRules, prices: _Prices) -> _Taken:
    """Solve one topic: of each kind (topic and city) whole copies; within one, towns differ little."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    needs, firms = np.zeros(universe.needs), np.zeros_like(prices.firms)
    own, ways = _worthwhile(universe, prices)
    if not len(own):
        return _Taken(worth=0.0, earned=0.0, events=0.0, needs=needs, firms=firms, opened=())
    groups, universe = groups[own], _part(universe, own, ways)
    programme = Programme(universe, replace(rules, least_needs=0))
    gain, whole = programme.gain.copy(), np.zeros(len(programme.gain))
    gain[: len(groups)] -= prices.event
    gain[programme.places] -= prices.needs[programme.place_need]
    gain[programme.calls] -= prices.firms[programme.call_firm]
    if len(programme.places) <= MOST_WAYS:
        whole[len(groups) : programme.whole] = 1
    matrix, right = programme.rows_at_most()
    answer = milp(
        -gain,
        integrality=whole,
        bounds=Bounds(np.zeros(len(gain)), programme.upper),
        constraints=[LinearConstraint(matrix, -np.inf, right)],
        options={"mip_rel_gap": GAP, "node_limit": BRANCHES},
    )
    bound = answer.mip_dual_bound if whole.any() else answer.fun
    if answer.x is None or bound is None:
        raise ArithmeticError(f"HiGHS found no events of a topic: {answer.message}")
    np.add.at(needs, programme.place_need, answer.x[programme.places])
    np.add.at(firms, programme.call_firm, answer.x[programme.calls])
    copies = answer.x[: len(groups)]
    return _Taken(
        worth=-float(bound),
        earned=-float(answer.fun),
        events=float(copies.sum()),
        needs=needs,
        firms=firms,
        opened=tuple(groups[copies > 0.5].tolist()),
    )
