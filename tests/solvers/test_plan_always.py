"""Whatever the campaign: a plan keeps every rule, or says in words why there is none."""

from dataclasses import replace
from datetime import date, timedelta

from effort import examples
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from matchmaker.domain.plan import Busy, PlanAnswer, PlanExpert, PlanNeed, PlanQuestion, PlanRules, Venue
from matchmaker.domain.plan_check import check_plan
from matchmaker.solvers.plan_bound import relax
from matchmaker.solvers.plan_steps import NoPlan, make_plan
from matchmaker.solvers.plan_topics import Topics
from matchmaker.solvers.plan_universe import universe_of

FIRST = date(2026, 3, 2)
TOPICS, CITIES, TOWNS = ("模具", "食品", "纺织"), ("杭州", "沈阳"), ("城关镇", "西溪镇")
# shrinking would run the planner hundreds of times; a failing campaign is small as it is
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
FAR = frozenset({("城关镇", "沈阳"), ("沈阳", "城关镇"), ("杭州", "沈阳"), ("沈阳", "杭州")})


def fits(names: tuple[str, ...], least: int) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(st.sampled_from(names), st.integers(1, 1000), min_size=least, max_size=2)


def working_days() -> st.SearchStrategy[tuple[date, ...]]:
    steps = st.lists(st.integers(0, 30), min_size=1, max_size=14, unique=True)
    return steps.map(lambda own: tuple(FIRST + timedelta(days=step) for step in sorted(own)))


@st.composite
def campaigns(draw: st.DrawFn) -> PlanQuestion:
    needs = tuple(
        PlanNeed(
            need_id=number,
            firm_id=draw(st.integers(1, 8)),
            town=draw(st.sampled_from(TOWNS)),
            topics=draw(fits(TOPICS, 1)),
            cities=draw(fits(CITIES, 0)),
        )
        for number in range(1, draw(st.integers(1, 18)) + 1)
    )
    days = draw(working_days())
    venues = tuple(
        Venue(
            name=f"厅{number}",
            place=draw(st.sampled_from((*TOWNS, "沈阳", ""))),
            capacity=draw(st.integers(4, 30)),
            closed=frozenset(draw(st.lists(st.sampled_from(days), max_size=3))),
        )
        for number in range(draw(st.integers(1, 4)))
    )
    experts = tuple(
        PlanExpert(
            expert_id=number,
            university_id=number % 3,
            needs=draw(
                st.dictionaries(st.sampled_from([n.need_id for n in needs]), st.integers(1, 1000), max_size=6)
            ),
        )
        for number in range(draw(st.integers(0, 8)))
    )
    rules = PlanRules(
        days=days,
        events=draw(st.integers(1, 6)),
        least_needs=draw(st.integers(1, 3)),
        most_needs=draw(st.integers(3, 8)),
        per_day=draw(st.integers(1, 2)),
        apart_days=draw(st.integers(0, 4)),
        per_firm=draw(st.integers(1, 3)),
        per_expert=draw(st.integers(1, 3)),
        experts_per_event=draw(st.integers(0, 4)),
    )
    busy = tuple(
        Busy(day=day, venue="厅0") for day in draw(st.lists(st.sampled_from(days), max_size=2, unique=True))
    )
    return PlanQuestion(rules=rules, needs=needs, venues=venues, experts=experts, busy=busy, far=FAR)


def planned(question: PlanQuestion) -> PlanAnswer | None:
    """Return the plan; None when the planner says in words that there is none."""
    try:
        return make_plan(question, tell=lambda _word: True)
    except NoPlan:
        return None


@settings(
    max_examples=examples(150),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=PHASES,
)
@given(campaigns(), st.data())
def test_no_plan_and_no_replan_breaks_a_rule(question: PlanQuestion, data: st.DataObject) -> None:
    answer = planned(question)
    if answer is None:
        return
    assert check_plan(question, answer) == []
    assert answer.figures.value <= answer.figures.bound + 1e-6
    # the bounds of large campaigns hold for small ones too, whose best grouping is known
    universe = universe_of(question)
    relaxed = relax(universe, question.rules)
    topics = Topics(universe, question.rules, relaxed)
    for _ in range(2):  # whatever the prices
        topics.improve(1)
        assert answer.figures.value <= topics.bound <= relaxed.bound

    days = {slot.number: slot.day for slot in answer.slots}
    shut = data.draw(st.sampled_from(sorted(days.values())))
    kept = tuple(replace(event, was_on=days[event.number]) for event in answer.events)
    open_days = tuple(day for day in question.rules.days if day != shut)
    changed = replace(question, rules=replace(question.rules, days=open_days), events=kept)
    again = planned(changed)

    assert again is None or check_plan(changed, again) == []
