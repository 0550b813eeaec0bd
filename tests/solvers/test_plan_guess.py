"""What a topic would take, guessed: it can really be taken, and on small topics it is the best."""

from itertools import combinations_with_replacement

import numpy as np
import pytest

from matchmaker.solvers.plan_guess import Guesser
from matchmaker.solvers.plan_universe import Universe

# Four needs of as many firms, three groups of three kinds, worth by need and group; 0 is no way.
WORTH = np.array([[9.0, 0.0, 5.0], [8.0, 7.0, 0.0], [0.0, 6.0, 4.0], [3.0, 6.0, 9.0]])


def _topic(*, most: int = 4, firm: tuple[int, ...] = (0, 1, 2, 3), per_firm: int = 9) -> Guesser:
    group, need = np.nonzero(WORTH.T)
    universe = Universe(
        needs=4,
        firm=np.array(firm),
        per_firm=per_firm,
        events=3,
        groups=(("题", "甲", ""), ("题", "乙", ""), ("题", "丙", "")),
        most=np.full(3, most),
        group=group,
        need=need,
        value=WORTH[need, group],
    )
    return Guesser(np.array([10, 11, 12]), universe)


@pytest.mark.parametrize("event", [0.5, 2.0, 5.0, 9.0, 30.0])
def test_the_groups_guessed_earn_as_much_as_trying_all_shows(event: float) -> None:
    prices = np.array([1.0, 0.0, 2.0, 0.0])
    gain = np.where(WORTH > 0, np.maximum(0.0, WORTH - prices[:, None]), 0.0)
    every = [list(own) for many in (1, 2, 3) for own in combinations_with_replacement(range(3), many)]
    best = max([0.0, *(gain[:, own].max(axis=1).sum() - event * len(own) for own in every)])

    found = _topic().guess(event, prices, np.zeros(4))

    assert found.worth - float(found.needs @ prices) - event * found.events == pytest.approx(best)


def test_a_full_group_keeps_those_who_would_lose_most() -> None:
    topic = _topic(most=1)
    topic.remember((10, 11))

    found = topic.guess(6.5, np.zeros(4), np.zeros(4))

    assert found.needs.sum() == found.events
    assert found.worth <= 9.0 + 7.0 + 9.0


def test_a_firm_pays_once_for_all_its_needs_in_one_kind() -> None:
    topic = _topic(firm=(0, 0, 0, 0), per_firm=1)

    found = topic.guess(10.0, np.zeros(4), np.array([1.0]))

    assert (found.events, found.firms.tolist(), found.worth) == (1, [1.0], 20.0)


def test_where_nothing_pays_nothing_is_taken() -> None:
    found = _topic().guess(1.0, np.full(4, 50.0), np.zeros(4))

    assert (found.worth, found.events, found.needs.tolist()) == (0.0, 0, [0.0] * 4)
