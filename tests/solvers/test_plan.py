"""Whole plans of made-up campaigns, each looked at by the independent checker."""

import os
import signal
import time
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from bench.plan_instances import make_campaign
from matchmaker.domain.plan import (
    PlanAnswer,
    PlanEvent,
    PlanNeed,
    PlanQuestion,
    PlanRules,
    Venue,
    fit_of,
)
from matchmaker.domain.plan_check import check_plan
from matchmaker.solvers.plan_beside import closer_bound
from matchmaker.solvers.plan_choice import choose_groups
from matchmaker.solvers.plan_days import place_events
from matchmaker.solvers.plan_groups import group_needs
from matchmaker.solvers.plan_prices import best_events
from matchmaker.solvers.plan_steps import NoPlan, Word, make_plan
from matchmaker.solvers.plan_universe import universe_of
from matchmaker.solvers.planning import Cancelled, plan_in_child


@pytest.fixture(scope="module")
def question() -> PlanQuestion:
    return make_campaign(needs=90, events=6, experts=40, seed=3, days=40)


@pytest.fixture(scope="module")
def answer(question: PlanQuestion) -> PlanAnswer:
    return make_plan(question, tell=lambda _word: True)


def test_a_plan_keeps_every_rule_and_names_its_gap(question: PlanQuestion, answer: PlanAnswer) -> None:
    assert check_plan(question, answer) == []
    assert answer.figures.gap <= 0.001
    assert 0 < answer.figures.seats_value <= answer.figures.seats_bound
    assert [slot.day for slot in answer.slots] == sorted(slot.day for slot in answer.slots)


def test_a_few_needs_are_grouped_as_well_as_trying_everything_shows() -> None:
    cities: tuple[dict[str, int], ...] = (
        {"甲": 900},
        {"乙": 400},
        {"甲": 500},
        {"乙": 800},
        {},
        {"甲": 300, "乙": 600},
    )
    needs = tuple(
        PlanNeed(
            need_id=n, firm_id=n, town="镇", topics={"一": 500 + 90 * n, "二": 950 - 100 * n}, cities=own
        )
        for n, own in enumerate(cities, 1)
    )
    rules = PlanRules(days=(), events=2, least_needs=2, most_needs=4, experts_per_event=0)
    question = PlanQuestion(rules=rules, needs=needs, venues=(Venue(name="厅", place="镇", capacity=90),))

    found = group_needs(question)

    assert found.value == _best_by_trying(needs) == round(found.bound)


def _best_by_trying(needs: tuple[PlanNeed, ...]) -> int:
    groups = [(topic, city) for topic in ("一", "二") for city in ("", "甲", "乙")]
    best = 0
    for one, other in combinations([*groups, *groups], 2):
        for size in range(2, 5):
            for mine in combinations(needs, size):
                rest = [need for need in needs if need not in mine]
                if 2 <= len(rest) <= 4:
                    best = max(best, _worth(list(mine), *one) + _worth(rest, *other))
    return best


def _worth(needs: list[PlanNeed], topic: str, city: str) -> int:
    """Return what the needs are worth together; far below nothing when one does not belong."""
    fits = [fit_of(need, topic=topic, city=city, place="镇") for need in needs]
    return sum(fits) if all(fits) else -100_000


def test_a_replan_moves_only_what_a_closed_day_touches(question: PlanQuestion, answer: PlanAnswer) -> None:
    days = {slot.number: slot.day for slot in answer.slots}
    closed = days[1]
    kept = tuple(replace(event, was_on=days[event.number]) for event in answer.events)
    open_days = tuple(day for day in question.rules.days if day != closed)
    again = replace(question, rules=replace(question.rules, days=open_days), events=kept)

    found = make_plan(again, tell=lambda _word: True)

    moved = {slot.number for slot in found.slots if slot.day != days[slot.number]}
    assert moved == {number for number, day in days.items() if day == closed}
    assert check_plan(again, found) == []


def test_a_pinned_event_gets_its_day(question: PlanQuestion, answer: PlanAnswer) -> None:
    days = {slot.number: slot.day for slot in answer.slots}
    target = next(day for day in question.rules.days if day not in days.values())
    kept = tuple(
        replace(event, was_on=days[event.number], pinned_on=target if event.number == 2 else None)
        for event in answer.events
    )

    found = make_plan(replace(question, events=kept), tell=lambda _word: True)

    assert {slot.number: slot.day for slot in found.slots}[2] == target
    assert check_plan(replace(question, events=kept), found) == []


def test_events_found_again_in_a_new_grouping_keep_day_hall_and_pin(
    question: PlanQuestion, answer: PlanAnswer
) -> None:
    slots = {slot.number: slot for slot in answer.slots}
    target = next(day for day in question.rules.days if day not in {slot.day for slot in answer.slots})
    earlier = tuple(
        replace(
            event,
            was=event.number,
            was_on=slots[event.number].day,
            was_in=slots[event.number].venue,
            pinned_on=target if event.number == 2 else None,
        )
        for event in answer.events
    )
    fewer = replace(question, needs=question.needs[2:], earlier=earlier)

    found = make_plan(fewer, tell=lambda _word: True)

    came_from = {event.number: event.was for event in found.events}
    again = {came_from[slot.number]: slot for slot in found.slots}
    assert set(again) == set(slots)
    assert again[2].day == target
    assert {key for key, slot in again.items() if slot.day != slots[key].day} == {2}
    assert {key for key, slot in again.items() if slot.venue != slots[key].venue} <= {2}
    assert check_plan(fewer, found) == []


def test_a_pin_whose_event_is_gone_is_named(question: PlanQuestion, answer: PlanAnswer) -> None:
    day = question.rules.days[0]
    gone = replace(answer.events[0], number=77, need_ids=(10_001,), was_on=day, pinned_on=day)

    found = make_plan(replace(question, earlier=(gone,)), tell=lambda _word: True)

    assert found.remarks[-1].startswith(f"原第 77 场固定在 {day}")


def test_a_replanned_event_stays_in_its_hall_though_a_smaller_one_would_do() -> None:
    day, other = date(2027, 3, 1), date(2027, 3, 2)
    halls = tuple(Venue(name=name, place="镇", capacity=size) for name, size in (("小", 30), ("大", 90)))
    rules = PlanRules(days=(day, other), events=2, apart_days=0)
    small, large = (
        PlanEvent(
            number=number,
            topic=f"题{number}",
            city="",
            place="镇",
            need_ids=(),
            firm_ids=frozenset(),
            size=size,
            was_on=day,
            was_in=hall,
        )
        for number, size, hall in ((1, 20, "大"), (2, 60, "小"))
    )
    question = PlanQuestion(rules=rules, needs=(), venues=halls)

    alone = place_events(question, (small,), report=lambda _cost, _bound: True)
    both = place_events(question, (small, large), report=lambda _cost, _bound: True)

    assert [(slot.day, slot.venue) for slot in alone.slots] == [(day, "大")]
    assert [(slot.day, slot.venue) for slot in both.slots] == [(day, "小"), (day, "大")]


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"days": ()}, "没有可用的工作日"),
        ({"per_day": 0}, "最多还能排 0 场"),
        ({"least_needs": 60}, "凑得够 60 条需求"),
    ],
)
def test_rules_that_cannot_be_kept_are_refused_in_words(
    question: PlanQuestion, rules: dict[str, object], words: str
) -> None:
    asked = replace(question, rules=replace(question.rules, **rules))  # type: ignore[arg-type]

    with pytest.raises(NoPlan, match=words):
        make_plan(asked, tell=lambda _word: True)


def test_when_no_days_fit_the_rule_that_would_help_is_named(
    question: PlanQuestion, answer: PlanAnswer
) -> None:
    same = tuple(replace(event, topic="一样", pinned_on=None) for event in answer.events[:3])
    first = question.rules.days[0]
    near = tuple(
        replace(
            event, closed=frozenset(day for day in question.rules.days if day > first + timedelta(days=3))
        )
        for event in same
    )
    rules = replace(question.rules, apart_days=5)

    with pytest.raises(NoPlan, match="同专题间隔从 5 个工作日降到 0"):
        make_plan(
            replace(question, rules=rules, events=near),
            tell=lambda _word: True,
        )


def test_a_plan_made_again_in_a_process_that_tells_where_it_is_is_the_same(
    question: PlanQuestion, answer: PlanAnswer
) -> None:
    heard: list[str] = []

    def hear(word: Word | None) -> bool:
        heard.extend([word.stage] if word and word.stage not in heard else [])
        return True

    found = plan_in_child(question, hear=hear)

    assert heard == ["grouping", "days", "experts"]
    assert _without_seconds(found) == _without_seconds(answer)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="who our children are is read from /proc")
def test_a_child_that_aborts_is_followed_by_one_that_searches_in_one_line(
    question: PlanQuestion, answer: PlanAnswer
) -> None:
    given = replace(question, events=answer.events)
    aborted: list[int] = []

    def hear(word: Word | None) -> bool:
        if word and not aborted:
            aborted.extend(_children())
            for child in aborted:
                os.kill(child, signal.SIGABRT)
        return True

    found = plan_in_child(given, hear=hear)

    assert len(aborted) == 1
    careful = make_plan(given, tell=lambda _word: True, lines=1)
    assert _without_seconds(found) == _without_seconds(careful)
    assert check_plan(given, found) == []


def _children() -> list[int]:
    lists = Path("/proc/self/task").glob("*/children")
    found = [int(child) for one in lists for child in one.read_text().split()]
    return [child for child in found if b"plan_worker" in Path(f"/proc/{child}/cmdline").read_bytes()]


def _without_seconds(answer: PlanAnswer) -> PlanAnswer:
    return replace(answer, figures=replace(answer.figures, seconds=(0.0, 0.0, 0.0)))


def test_the_bound_of_a_large_campaign_holds_for_groups_that_were_not_searched() -> None:
    large = make_campaign(needs=300, events=16, experts=1, seed=5)
    universe = universe_of(large)
    best = np.zeros(universe.needs)
    np.maximum.at(best, universe.need, universe.value)

    choice = choose_groups(large)
    found = group_needs(large)
    priced = [best_events(universe, share * best).bound for share in (0.0, 0.5, 0.9, 1.0)]

    assert all(len(one.groups) < len(universe.groups) / 10 for one in choice.groupings)
    assert found.value <= found.bound <= choice.bound < min(priced)
    assert choice.topics is not None
    assert found.bound == closer_bound(choice.topics)
    assert found.bound < 1.005 * found.value


def test_the_best_of_all_groupings_is_found_and_proved_where_the_programme_comes_out_whole() -> None:
    found = group_needs(make_campaign(needs=500, events=25, experts=1, seed=1))

    assert found.value == found.bound


def test_a_bound_by_prices_holds_whatever_the_prices() -> None:
    small = make_campaign(needs=60, events=4, experts=1, seed=2)
    universe, value = universe_of(small), group_needs(small).value
    dice = np.random.default_rng(7)

    bounds = [best_events(universe, dice.uniform(0, 2000, universe.needs)).bound for _ in range(200)]

    assert min(bounds) >= value


def test_stopping_ends_the_work_at_once() -> None:
    large = make_campaign(needs=1500, events=80, experts=50, seed=1)
    began = time.monotonic()

    with pytest.raises(Cancelled):
        plan_in_child(large, hear=lambda word: word is not None)

    assert time.monotonic() - began < 20


def test_what_stops_a_plan_is_heard_from_the_other_process(question: PlanQuestion) -> None:
    with pytest.raises(NoPlan, match="没有可用的工作日"):
        plan_in_child(replace(question, rules=replace(question.rules, days=())), hear=lambda _word: True)
