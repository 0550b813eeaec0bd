"""Repairs: the past stays, only what must moves, what is lost could not be saved."""

from collections import Counter
from dataclasses import replace
from itertools import product

from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.domain.timetable import (
    Meeting,
    Placement,
    Presence,
    Side,
    TimetableProblem,
    TimetableResult,
    Unplaced,
    measure,
)
from matchmaker.domain.timetable_check import check_timetable
from matchmaker.solvers.repair import repair_timetable
from matchmaker.solvers.replacements import find_replacements
from matchmaker.solvers.timetable import place_timetable

NOW = 2
SLOTS = 8

DAY = TimetableProblem(
    slot_count=SLOTS,
    tables=(1, 2, 3, 4),
    meetings=tuple(
        Meeting(meeting_id=10 * enterprise + expert, enterprise_id=enterprise, expert_id=expert)
        for enterprise in range(1, 5)
        for expert in range(1, 5)
    ),
)
PUBLISHED = place_timetable(DAY).placements


def away(side: Side, person_id: int, *, back: int = SLOTS) -> tuple[Presence, ...]:
    slots = frozenset(slot for slot in range(SLOTS) if slot < NOW or slot >= back)
    return (Presence(side=side, person_id=person_id, slots=slots),)


def test_nothing_changes_when_nothing_happened() -> None:
    result = repair_timetable(DAY, published=PUBLISHED, now_slot=NOW)

    assert result == TimetableResult(
        placements=PUBLISHED, measures=measure(DAY, PUBLISHED), fewest_moved=True
    )


def test_a_meeting_asked_for_in_addition_takes_nobodys_place() -> None:
    full = replace(DAY, slot_count=4, tables=(1, 2, 3, 4, 5))
    placed = place_timetable(full).placements
    guest = [Meeting(meeting_id=900 + n, enterprise_id=9, expert_id=n, weight=1000) for n in range(1, 5)]
    day = replace(full, meetings=(*full.meetings, *guest))

    result = repair_timetable(day, published=placed, now_slot=NOW, extra={one.meeting_id for one in guest})

    assert result.placements == placed
    assert {left.meeting_id for left in result.unplaced} == {one.meeting_id for one in guest}


def test_a_missing_expert_loses_meetings_and_nobody_else_moves() -> None:
    changed = replace(DAY, presences=away(Side.EXPERT, 2))

    result = repair_timetable(changed, published=PUBLISHED, now_slot=NOW)

    ahead = {one.meeting_id for one in PUBLISHED if one.slot >= NOW}
    reason = "双方没有同时在场且有桌可用的时段，请调整到场时间或取消这场洽谈。"
    assert result.unplaced == tuple(
        Unplaced(meeting_id=meeting_id, reason=reason) for meeting_id in sorted(ahead) if meeting_id % 10 == 2
    )
    assert result.moved == ()
    assert check_timetable(changed, result) == []


def test_a_meeting_that_comes_later_keeps_its_table_if_that_is_free() -> None:
    meetings = tuple(Meeting(meeting_id=n, enterprise_id=n, expert_id=n) for n in (1, 2, 3))
    problem = TimetableProblem(slot_count=4, tables=(1, 2, 3), meetings=meetings)
    published = tuple(Placement(meeting_id=n, slot=1, table=n) for n in (1, 2, 3))
    late = replace(problem, presences=(Presence(side=Side.EXPERT, person_id=3, slots=frozenset({0, 2, 3})),))

    result = repair_timetable(late, published=published, now_slot=1)

    assert [(one.meeting_id, one.table) for one in result.placements] == [(1, 1), (2, 2), (3, 3)]


def test_a_late_enterprise_keeps_all_meetings_if_the_day_allows() -> None:
    changed = replace(DAY, presences=away(Side.ENTERPRISE, 1, back=3))

    result = repair_timetable(changed, published=PUBLISHED, now_slot=NOW)

    assert check_timetable(changed, result) == []
    assert result.unplaced == ()
    assert {one for one in PUBLISHED if one.slot < NOW} <= set(result.placements)


def test_a_lost_table_sends_its_meetings_elsewhere() -> None:
    changed = replace(DAY, closed_tables=frozenset((1, slot) for slot in range(NOW, SLOTS)))

    result = repair_timetable(changed, published=PUBLISHED, now_slot=NOW)

    assert check_timetable(changed, result) == []
    assert result.unplaced == ()


def test_a_walk_in_gets_a_place_without_moving_anybody() -> None:
    changed = replace(DAY, meetings=(*DAY.meetings, Meeting(meeting_id=99, enterprise_id=9, expert_id=1)))

    result = repair_timetable(changed, published=PUBLISHED, now_slot=NOW)

    assert check_timetable(changed, result) == []
    assert result.unplaced == ()
    assert result.moved == ()


def test_the_lightest_meeting_goes_when_one_must() -> None:
    meetings = tuple(Meeting(meeting_id=n, enterprise_id=n, expert_id=1, weight=10 * n) for n in range(1, 5))
    problem = TimetableProblem(slot_count=5, tables=(1, 2), meetings=meetings)
    published = tuple(Placement(meeting_id=n, slot=n, table=1) for n in range(1, 5))
    late = replace(
        problem, presences=(Presence(side=Side.EXPERT, person_id=1, slots=frozenset({0, 2, 3, 4})),)
    )

    result = repair_timetable(late, published=published, now_slot=1)

    assert [unplaced.meeting_id for unplaced in result.unplaced] == [1]
    assert result.moved == ()


def test_a_meeting_that_nothing_has_hit_is_not_given_up_for_a_weightier_one() -> None:
    light = Meeting(meeting_id=1, enterprise_id=1, expert_id=1, weight=1)
    heavy = Meeting(meeting_id=2, enterprise_id=2, expert_id=2, weight=100)
    problem = TimetableProblem(slot_count=1, tables=(1, 2), meetings=(light, heavy))
    published = tuple(Placement(meeting_id=n, slot=0, table=n) for n in (1, 2))
    lost = replace(problem, closed_tables=frozenset({(2, 0)}))

    result = repair_timetable(lost, published=published, now_slot=0)

    assert [unplaced.meeting_id for unplaced in result.unplaced] == [2]
    assert result.moved == ()


@settings(max_examples=examples(60), deadline=None)
@given(
    st.sets(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=4, max_size=6),
    st.lists(st.integers(1, 9), min_size=6, max_size=6),
)
def test_a_lost_table_of_a_small_hall_moves_no_more_than_trying_everything_shows(
    pairs: set[tuple[int, int]], weights: list[int]
) -> None:
    meetings = tuple(
        Meeting(meeting_id=n, enterprise_id=enterprise, expert_id=expert, weight=weights[n])
        for n, (enterprise, expert) in enumerate(sorted(pairs))
    )
    problem = TimetableProblem(slot_count=3, tables=(1, 2), meetings=meetings)
    published = place_timetable(problem).placements
    lost = replace(problem, closed_tables=frozenset((2, slot) for slot in range(3)))

    result = repair_timetable(lost, published=published, now_slot=0)

    slots = {one.meeting_id: one.slot for one in result.placements}
    assert _price(lost, published, slots) == min(
        _price(lost, published, slots)
        for tried in product((None, 0, 1, 2), repeat=len(meetings))
        if _possible(meetings, slots := {n: slot for n, slot in enumerate(tried) if slot is not None})
    )


def _possible(meetings: tuple[Meeting, ...], slots: dict[int, int]) -> bool:
    """One table, so one meeting a slot, which keeps everybody in one place too."""
    return len(set(slots.values())) == len(slots) <= len(meetings)


def _price(
    problem: TimetableProblem, published: tuple[Placement, ...], slots: dict[int, int]
) -> tuple[int, int]:
    """Return the weight lost, heavier for meetings that kept their table, and how many of those moved."""
    load = Counter(one.slot for one in published)
    standing = {one.meeting_id for one in published if one.table != 2 or load[one.slot] == 1}
    heaviest = max(one.weight for one in problem.meetings)
    weight = {
        one.meeting_id: one.weight + (heaviest if one.meeting_id in standing else 0)
        for one in problem.meetings
    }
    moved = sum(
        one.slot != slots[one.meeting_id]
        for one in published
        if one.meeting_id in slots and one.meeting_id in standing
    )
    return sum(weight[n] for n in weight if n not in slots), moved


@settings(max_examples=examples(60), deadline=None)
@given(
    st.sets(st.tuples(st.integers(1, 4), st.integers(1, 3)), min_size=5, max_size=7),
    st.integers(1, 3),
    st.integers(0, 2),
)
def test_what_is_said_to_be_the_fewest_moves_is_what_trying_everything_shows(
    pairs: set[tuple[int, int]], table: int, first: int
) -> None:
    meetings = tuple(
        Meeting(meeting_id=n, enterprise_id=enterprise, expert_id=expert)
        for n, (enterprise, expert) in enumerate(sorted(pairs))
    )
    problem = TimetableProblem(slot_count=3, tables=(1, 2, 3), meetings=meetings)
    published = place_timetable(problem).placements
    lost = replace(problem, closed_tables=frozenset((table, slot) for slot in range(first, 3)))
    standing = {
        one.meeting_id: one.slot for one in published if (one.table, one.slot) not in lost.closed_tables
    }

    result = repair_timetable(lost, published=published, now_slot=0)

    slots = {one.meeting_id: one.slot for one in result.placements}
    least = min(
        (len(meetings) - len(tried), _elsewhere(standing, tried))
        for choice in product((None, 0, 1, 2), repeat=len(meetings))
        if _fits(lost, tried := {n: slot for n, slot in enumerate(choice) if slot is not None})
    )
    if result.fewest_moved and least[0] == 0:
        assert (len(result.unplaced), _elsewhere(standing, slots)) == least
    assert result.fewest_moved or least[1]


def _elsewhere(standing: dict[int, int], slots: dict[int, int]) -> int:
    return sum(slots.get(meeting_id, slot) != slot for meeting_id, slot in standing.items())


def _fits(problem: TimetableProblem, slots: dict[int, int]) -> bool:
    load = Counter(slots.values())
    busy = Counter(
        (person, slots[one.meeting_id])
        for one in problem.meetings
        if one.meeting_id in slots
        for person in one.people
    )
    return max(busy.values(), default=0) < 2 and all(
        load[slot] <= len(problem.open_tables(slot)) for slot in load
    )


@settings(max_examples=examples(60), deadline=None)
@given(
    st.sampled_from(list(Side)),
    st.integers(1, 4),
    st.integers(NOW, SLOTS),
    st.frozensets(st.tuples(st.integers(1, 4), st.integers(NOW, SLOTS - 1)), max_size=4),
)
def test_any_mishap_leaves_a_valid_timetable_and_the_past_alone(
    side: Side, person_id: int, back: int, closed: frozenset[tuple[int, int]]
) -> None:
    changed = replace(DAY, presences=away(side, person_id, back=back), closed_tables=closed)

    result = repair_timetable(changed, published=PUBLISHED, now_slot=NOW)

    assert check_timetable(changed, result) == []
    assert {one for one in PUBLISHED if one.slot < NOW} <= set(result.placements)


def test_those_who_lost_a_meeting_get_another_if_it_fits() -> None:
    changed = replace(DAY, presences=away(Side.EXPERT, 2))
    result = repair_timetable(changed, published=PUBLISHED, now_slot=NOW)
    gone = {unplaced.meeting_id for unplaced in result.unplaced}
    lost = tuple(meeting for meeting in DAY.meetings if meeting.meeting_id in gone)
    spare = tuple(
        Meeting(meeting_id=100 + meeting.enterprise_id, enterprise_id=meeting.enterprise_id, expert_id=7)
        for meeting in lost
    )

    found = find_replacements(changed, placements=result.placements, spare=spare, lost=lost, now_slot=NOW)

    together = replace(changed, meetings=(*changed.meetings, *spare))
    everything = (*result.placements, *found)
    checked = replace(result, placements=everything, measures=measure(together, everything))
    assert {one.meeting_id for one in found} == {one.meeting_id for one in spare}
    assert all(one.slot >= NOW for one in found)
    assert check_timetable(together, checked) == []


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 5)), unique=True, max_size=20), st.data())
def test_guests_on_top_cost_nobody_a_meeting_and_few_a_move(
    pairs: list[tuple[int, int]], data: st.DataObject
) -> None:
    meetings = tuple(
        Meeting(meeting_id=n, enterprise_id=firm, expert_id=expert)
        for n, (firm, expert) in enumerate(pairs, 1)
    )
    day = TimetableProblem(slot_count=6, tables=(1, 2, 3, 4), meetings=meetings)
    placed = place_timetable(day, limit_seconds=0.1).placements
    experts = data.draw(st.lists(st.integers(1, 5), unique=True, max_size=3))
    guest = tuple(Meeting(meeting_id=900 + n, enterprise_id=9, expert_id=n, weight=1000) for n in experts)
    whole = replace(day, meetings=(*meetings, *guest))

    extra = {one.meeting_id for one in guest}
    result = repair_timetable(whole, published=placed, now_slot=NOW, extra=extra)

    assert check_timetable(whole, result) == []
    assert {left.meeting_id for left in result.unplaced} - extra == {
        one.meeting_id for one in meetings if one.meeting_id not in {place.meeting_id for place in placed}
    }
    slots = {place.meeting_id: place.slot for place in placed}
    moved = [one for one in result.placements if slots.get(one.meeting_id, one.slot) != one.slot]
    assert len(moved) <= 2
