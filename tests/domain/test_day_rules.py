"""Pauses and orders of meetings, as rules alone."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.day_rules import Day, DayRules, Pause, check_pause, circle_in, rules_of

DAY = Day(begins=9 * 60, slot_minutes=20, slots=12)


@given(st.integers(9 * 60, 13 * 60 - 1), st.integers(1, 240))
def test_a_pause_takes_exactly_the_slots_it_overlaps(begins: int, minutes: int) -> None:
    pause = Pause(name="茶歇", begins=begins, ends=begins + minutes)

    overlapped = [
        slot for slot in range(1, 13) if 540 + 20 * (slot - 1) < pause.ends and pause.begins < 540 + 20 * slot
    ]

    assert list(DAY.slots_in(pause)) == overlapped


@given(st.sets(st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=8))
def test_a_circle_is_found_just_when_no_row_keeps_the_orders(pairs: set[tuple[int, int]]) -> None:
    orders = [((one, 0), (two, 0)) for one, two in sorted(pairs)]

    left, open_orders = {one for pair in pairs for one in pair}, set(pairs)
    while free := left - {two for _one, two in open_orders}:
        left -= free
        open_orders = {(one, two) for one, two in open_orders if one in left}
    circle = circle_in(orders)

    assert bool(circle) == bool(left)
    assert all((one, two) in orders for one, two in pairwise(circle))


def test_what_a_list_keeps_is_read_back_the_same() -> None:
    lunch = Pause(name="午餐", begins=720, ends=750)
    rules = rules_of([lunch], DAY, [((4, -2), (3, 7)), ((4, -2), (3, 7))])

    assert rules == DayRules(pauses=((lunch, (10, 11)),), orders=(((4, -2), (3, 7)),))
    assert DayRules.of_json(rules.as_json()) == rules
    assert DayRules.of_json({}) == DayRules()


def test_pauses_may_follow_each_other_without_a_gap() -> None:
    opening = Pause(name="开幕式", begins=540, ends=560)

    assert check_pause(Pause(name="合影", begins=560, ends=580), [opening], DAY) == []
