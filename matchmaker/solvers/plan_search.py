"""Finds the best grouping with HiGHS: whole copies of groups first, then whole ways for them."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matchmaker.solvers.plan_model import Grouping, Model

if TYPE_CHECKING:
    from matchmaker.solvers.plan_model import Real

GAP = 0.0005  # closer takes minutes and gains less than the bound leaves open
EXACT, EXACT_BRANCHES = 1e-6, 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Copies per group, the ways taken (numbers of `grouping.ways`), and the bound."""

    copies: list[int]
    ways: list[int]
    bound: float


def search(grouping: Grouping) -> Found:
    """Return the best grouping found. Raises ArithmeticError when there is none at all."""
    firms = _firms_with_many_needs(grouping)
    columns, bound = Model(grouping, firms=firms).solve(gap=GAP)
    if columns is None:
        raise ArithmeticError("HiGHS found no grouping")
    copies = [round(share) for share in columns[: len(grouping.groups)]]
    return Found(copies=copies, ways=_whole_ways(grouping, columns, copies), bound=bound)


def _firms_with_many_needs(grouping: Grouping) -> frozenset[int]:
    """Return the firms that could be asked to more events than they may be."""
    counts = Counter(need.firm_id for need in grouping.needs)
    most = grouping.question.rules.per_firm
    return frozenset(firm for firm, number in counts.items() if number > most)


def _whole_ways(grouping: Grouping, columns: "Real", copies: list[int]) -> list[int]:
    """Return the ways taken: as they came out when they are whole, else settled for the copies held."""
    import numpy as np

    first = len(grouping.groups)
    shares = columns[first : first + len(grouping.ways)]
    if np.abs(shares - np.rint(shares)).max(initial=0.0) > EXACT:
        model = Model(grouping, firms=_firms_with_many_needs(grouping))
        model.lower[: model.first_way] = copies
        model.upper[: model.first_way] = copies
        model.whole[:] = 1
        settled, _ = model.solve(gap=EXACT, branches=EXACT_BRANCHES)
        if settled is None:
            raise ArithmeticError("HiGHS found no whole grouping")
        shares = settled[first : first + len(grouping.ways)]
    return [way for way in range(len(grouping.ways)) if shares[way] > 0.5]
