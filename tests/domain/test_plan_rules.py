"""Working days, distances, what a plan may not do, and what two versions differ in."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from matchmaker.domain.distance import far_pairs, kilometres
from matchmaker.domain.plan import (
    Busy,
    Figures,
    PlanAnswer,
    PlanEvent,
    PlanExpert,
    PlanNeed,
    PlanQuestion,
    PlanRules,
    Seat,
    Slot,
    Venue,
    journeys,
    spacing,
)
from matchmaker.domain.plan_change import ChangeKind, Standing, plan_changes
from matchmaker.domain.plan_check import check_plan
from matchmaker.files.workdays import china_workdays

MONDAY = date(2026, 3, 2)
WEEK = tuple(MONDAY + timedelta(days=n) for n in range(5))
HALL, SMALL = Venue(name="大厅", place="城关", capacity=80), Venue(name="小厅", place="武汉", capacity=20)
NEEDS = tuple(PlanNeed(need_id=n, firm_id=n, town="城关", topics={"模具": 800}) for n in (1, 2, 3, 4))


def _event(number: int, need_ids: tuple[int, ...], **changes: object) -> PlanEvent:
    event = PlanEvent(
        number=number,
        topic="模具",
        city="",
        place="城关",
        need_ids=need_ids,
        firm_ids=frozenset(need_ids),
        size=30,
    )
    return replace(event, **changes)  # type: ignore[arg-type]


def _question(**changes: object) -> PlanQuestion:
    question = PlanQuestion(
        rules=PlanRules(days=WEEK, events=2, least_needs=2, per_day=1, apart_days=2),
        needs=NEEDS,
        venues=(HALL, SMALL),
        experts=(PlanExpert(expert_id=7, university_id=1, needs={1: 900, 3: 700}),),
        far=frozenset({("城关", "武汉"), ("武汉", "城关")}),
    )
    return replace(question, **changes)  # type: ignore[arg-type]


def _answer(**changes: object) -> PlanAnswer:
    answer = PlanAnswer(
        events=(_event(1, (1, 2)), _event(2, (3, 4))),
        slots=(Slot(number=1, day=WEEK[0], venue="大厅"), Slot(number=2, day=WEEK[2], venue="大厅")),
        seats=(Seat(expert_id=7, number=1, value=900), Seat(expert_id=7, number=2, value=700)),
        left_out=(),
        figures=Figures(value=4 * 1580, bound=4 * 1580.0),
    )
    return replace(answer, **changes)  # type: ignore[arg-type]


def _slots(first: date, second: date, *, venue: str = "大厅") -> tuple[Slot, ...]:
    return Slot(number=1, day=first, venue="大厅"), Slot(number=2, day=second, venue=venue)


def test_a_plan_that_keeps_every_rule_has_no_problem() -> None:
    assert check_plan(_question(), _answer()) == []


@pytest.mark.parametrize(
    ("question", "answer", "codes"),
    [
        ({}, {"slots": _slots(WEEK[0], WEEK[1])}, {"apart"}),
        ({}, {"slots": _slots(WEEK[0], MONDAY + timedelta(days=5))}, {"closed_day"}),
        ({}, {"slots": _slots(WEEK[0], WEEK[2])[:1], "seats": ()}, {"no_day"}),
        ({}, {"slots": _slots(WEEK[0], WEEK[2], venue="小厅")}, {"venue_small"}),
        ({}, {"slots": _slots(WEEK[0], WEEK[2], venue="没有的厅")}, {"no_venue"}),
        ({}, {"slots": _slots(WEEK[0], WEEK[0])}, {"venue_twice", "per_day", "apart", "expert_day"}),
        ({"busy": (Busy(day=WEEK[2]),)}, {}, {"per_day"}),
        ({"busy": (Busy(day=WEEK[2], venue="大厅"),)}, {}, {"per_day", "venue_twice"}),
        ({"venues": (replace(HALL, closed=frozenset({WEEK[0]})),)}, {}, {"venue_closed"}),
        ({}, {"events": (_event(1, (1, 2)), _event(2, (3, 4), pinned_on=WEEK[3]))}, {"pin"}),
        ({}, {"events": (_event(1, (1, 2)), _event(2, (3, 4), closed=frozenset(WEEK)))}, {"event_closed"}),
        ({}, {"events": (_event(1, (1, 2)), _event(2, (3,)))}, {"need_lost", "size", "value"}),
        ({}, {"events": (_event(1, (1, 2)), _event(2, (2, 3, 4)))}, {"need_twice", "value", "bound"}),
        ({}, {"events": (_event(1, (1, 2)), _event(2, (3, 4), topic="灯具"))}, {"off_topic", "value"}),
        ({}, {"figures": Figures(value=1, bound=9e9)}, {"value"}),
        ({}, {"figures": Figures(value=6320, bound=6000.0)}, {"bound"}),
        ({}, {"seats": tuple(Seat(expert_id=n, number=1, value=1) for n in range(99))}, {"expert_seats"}),
    ],
)
def test_every_broken_rule_is_named(
    question: dict[str, object], answer: dict[str, object], codes: set[str]
) -> None:
    assert {problem.code for problem in check_plan(_question(**question), _answer(**answer))} == codes


def test_caps_on_firms_and_experts_and_far_places_are_counted() -> None:
    rules = PlanRules(days=WEEK, events=2, least_needs=2, per_day=2, apart_days=0, per_firm=1, per_expert=1)
    far_event = _event(2, (3, 4), place="武汉", size=10, firm_ids=frozenset({1, 4}))
    answer = _answer(
        events=(_event(1, (1, 2)), far_event),
        slots=_slots(WEEK[0], WEEK[1], venue="小厅"),
        figures=Figures(value=2 * 1580 + 2 * 1480, bound=1e5),
    )

    problems = check_plan(_question(rules=rules), answer)

    assert {problem.code for problem in problems} == {"per_firm", "per_expert", "far"}


def test_one_firm_is_not_asked_to_two_events_of_a_day() -> None:
    rules = PlanRules(days=WEEK, events=2, least_needs=2, per_day=2, apart_days=0)
    events = (_event(1, (1, 2)), _event(2, (3, 4), firm_ids=frozenset({1, 4}), place=""))
    big = replace(SMALL, capacity=60)
    answer = _answer(
        events=events,
        slots=_slots(WEEK[0], WEEK[0], venue="小厅"),
        seats=(),
        figures=Figures(value=2 * 1580 + 2 * 1480, bound=1e5),
    )

    codes = {problem.code for problem in check_plan(_question(rules=rules, venues=(HALL, big)), answer)}

    assert codes == {"firm_day"}


def test_a_topic_with_many_events_is_spaced_as_far_as_there_is_room() -> None:
    events = tuple(_event(n, (n,)) for n in range(1, 4))

    assert spacing(events, PlanRules(days=WEEK, events=9, apart_days=4)) == {"模具": 2}


def test_adjacent_days_are_one_journey() -> None:
    days = [("a", WEEK[0]), ("a", WEEK[1]), ("a", WEEK[3]), ("b", WEEK[3])]

    assert journeys(days) == 3


def test_the_calendar_knows_holidays_and_weekends_that_are_worked() -> None:
    calendar = china_workdays(2026, 2026)

    year = calendar.workdays(date(2026, 1, 1), date(2026, 12, 31))

    assert len(year) == 248
    assert calendar.is_workday(date(2026, 2, 14))  # a Saturday, for the Spring Festival
    assert not calendar.is_workday(date(2026, 2, 20))  # a Friday of the festival
    assert calendar.provisional(date(2026, 12, 1), date(2027, 3, 1)) == ()


def test_a_year_without_announced_swaps_is_provisional_and_the_bureaus_word_wins() -> None:
    first_of_may = date(2027, 5, 1)
    calendar = china_workdays(2026, 2030)

    changed = calendar.changed(off=frozenset({date(2027, 3, 8)}), worked=frozenset({first_of_may}))

    assert 2030 in calendar.provisional_years
    assert (changed.is_workday(first_of_may), changed.is_workday(date(2027, 3, 8))) == (True, False)


def test_cities_are_far_by_distance_and_towns_are_near_to_all() -> None:
    known = {"上海": (31.2, 121.5), "杭州": (30.3, 120.2), "武汉": (30.6, 114.3)}

    assert round(kilometres(known["上海"], known["杭州"]), -1) == 160
    assert far_pairs(frozenset({"上海", "杭州", "武汉", "城关镇"}), known, far_km=300) == {
        ("上海", "武汉"),
        ("武汉", "上海"),
        ("杭州", "武汉"),
        ("武汉", "杭州"),
    }


def test_versions_are_compared_event_by_event() -> None:
    def standing(number: int, day: date, *needs: int) -> Standing:
        return Standing(
            number=number, title=f"第{number}场", day=day, venue="大厅", need_ids=frozenset(needs)
        )

    before = [standing(1, WEEK[0], 1, 2), standing(2, WEEK[1], 3, 4), standing(3, WEEK[2], 5, 6)]
    after = [standing(1, WEEK[0], 1, 2), standing(5, WEEK[4], 3, 4, 9), standing(6, WEEK[3], 7, 8)]

    found = plan_changes(before, after)

    assert [(change.kind, change.needs_in, change.needs_out) for change in found] == [
        (ChangeKind.MOVED, 1, 0),
        (ChangeKind.NEW, 2, 0),
        (ChangeKind.GONE, 0, 2),
    ]
