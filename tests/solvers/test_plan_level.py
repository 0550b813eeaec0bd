"""Prices of the planner's bound: where all answers of topics so far suggest to look next."""

import numpy as np
import pytest

from matchmaker.solvers.plan_level import Answers

ONE_OF_EACH = np.ones(1)


def test_what_two_topics_take_costs_more_just_half_the_way_to_the_bound_that_is_hoped_for() -> None:
    answers = Answers(2)
    for topic in (0, 1):
        answers.add(topic, 10.0, np.ones(1))

    found = answers.next_prices(np.zeros(1), ONE_OF_EACH, aim=12.0)

    assert found.tolist() == [pytest.approx(4.0, abs=0.2)]


def test_no_price_passes_the_point_from_which_on_nobody_takes_the_need() -> None:
    answers = Answers(2)
    for topic in (0, 1):
        answers.add(topic, 10.0, np.ones(1))
        answers.add(topic, 0.0, np.zeros(1))

    found = answers.next_prices(np.zeros(1), ONE_OF_EACH, aim=-5.0)

    assert found.tolist() == [pytest.approx(10.0, abs=0.01)]


def test_what_nobody_takes_gets_cheaper_but_never_less_than_free() -> None:
    answers = Answers(1)
    answers.add(0, 0.0, np.zeros(1))

    found = answers.next_prices(np.full(1, 6.0), ONE_OF_EACH, aim=-6.0)

    assert found.tolist() == [pytest.approx(0.0, abs=0.2)]
    assert found.min() >= 0


def test_prices_stay_until_every_topic_has_answered() -> None:
    answers = Answers(2)
    answers.add(0, 10.0, np.ones(1))

    assert answers.next_prices(np.full(1, 3.0), ONE_OF_EACH, aim=1.0).tolist() == [3.0]
