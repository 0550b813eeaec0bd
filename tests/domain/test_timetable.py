"""The checker sees every broken rule of a hand-made timetable; waits are counted as people feel them."""

from dataclasses import replace

import pytest

from matchmaker.domain.timetable import (
    Measures,
    Meeting,
    Placement,
    Presence,
    Side,
    TimetableProblem,
    TimetableResult,
    Unplaced,
    idle_runs,
    measure,
)
from matchmaker.domain.timetable_check import check_timetable, check_timetable_problem

DAY = TimetableProblem(
    slot_count=4,
    tables=(1, 2),
    meetings=(
        Meeting(meeting_id=1, enterprise_id=1, expert_id=5),
        Meeting(meeting_id=2, enterprise_id=1, expert_id=6, slots=frozenset({2, 3})),
        Meeting(meeting_id=3, enterprise_id=2, expert_id=5),
    ),
    presences=(Presence(side=Side.EXPERT, person_id=6, slots=frozenset({1, 3})),),
    pauses=frozenset({2}),
    closed_tables=frozenset({(2, 0)}),
)
PLACES = (
    Placement(meeting_id=1, slot=0, table=1),
    Placement(meeting_id=2, slot=3, table=2),
    Placement(meeting_id=3, slot=1, table=1),
)
GOOD = TimetableResult(
    placements=PLACES, measures=Measures(waiting_slots=1, breaks=1, table_changes=1), breaks_bound=1
)


def test_a_good_timetable_passes() -> None:
    assert check_timetable_problem(DAY) == []
    assert check_timetable(DAY, GOOD) == []


@pytest.mark.parametrize(
    ("index", "placement", "word"),
    [
        (0, Placement(meeting_id=9, slot=0, table=1), "unknown"),
        (0, Placement(meeting_id=3, slot=3, table=1), "twice"),
        (0, Placement(meeting_id=1, slot=2, table=1), "pause"),
        (0, Placement(meeting_id=1, slot=4, table=1), "pause"),
        (1, Placement(meeting_id=2, slot=0, table=1), "away"),
        (1, Placement(meeting_id=2, slot=1, table=2), "session"),
        (0, Placement(meeting_id=1, slot=0, table=2), "closed"),
        (0, Placement(meeting_id=1, slot=0, table=7), "closed"),
        (2, Placement(meeting_id=3, slot=0, table=1), "person"),
        (2, Placement(meeting_id=3, slot=3, table=2), "table"),
    ],
)
def test_each_broken_rule_is_seen(index: int, placement: Placement, word: str) -> None:
    placements = tuple(placement if n == index else one for n, one in enumerate(PLACES))

    complaints = check_timetable(DAY, replace(GOOD, placements=placements))

    assert any(complaint.endswith(f": {word}") for complaint in complaints)


def test_a_forgotten_meeting_a_moved_fixture_and_wrong_figures_are_seen() -> None:
    forgotten = replace(GOOD, placements=PLACES[:2])
    fixed = replace(DAY, fixed=(Placement(meeting_id=3, slot=3, table=1),))
    told = Measures(waiting_slots=0, breaks=0, table_changes=0)

    assert (
        check_timetable(DAY, forgotten)[0] == "placed and unplaced meetings are not all meetings, once each"
    )
    assert check_timetable(fixed, GOOD) == ["fixed meeting 3 was moved"]
    assert check_timetable(DAY, replace(GOOD, measures=told, breaks_bound=0)) == [
        "the measures told are not those of the timetable"
    ]
    assert check_timetable(DAY, replace(GOOD, breaks_bound=2)) == ["the bound for breaks is above the breaks"]


def test_a_meeting_left_out_with_its_reason_is_no_complaint() -> None:
    left = TimetableResult(
        placements=PLACES[:2],
        unplaced=(Unplaced(meeting_id=3, reason="桌位已满"),),
        measures=measure(DAY, PLACES[:2]),
    )

    assert check_timetable(DAY, left) == []


def test_slots_away_and_pauses_are_no_waiting() -> None:
    open_slots = frozenset({0, 1, 2, 4, 5, 6})

    assert idle_runs(open_slots, {0, 2, 6}) == [1, 2]
    assert idle_runs(open_slots, {2, 4}) == []
    assert idle_runs(open_slots, {5}) == []


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"slot_count": 0}, ["no_seats"]),
        ({"tables": ()}, ["no_seats"]),
        ({"tables": (1, 1)}, ["repeated"]),
        ({"meetings": DAY.meetings + DAY.meetings[:1]}, ["repeated"]),
        ({"precedences": ((1, 2), (2, 3), (3, 1))}, ["circle"]),
        ({"precedences": ((1, 1),)}, ["circle"]),
        ({"precedences": ((1, 99),)}, ["unknown"]),
        ({"fixed": (Placement(meeting_id=2, slot=1, table=1),)}, ["session"]),
        ({"fixed": (Placement(meeting_id=1, slot=0, table=2),)}, ["closed"]),
    ],
)
def test_bad_questions_are_named(changes: dict[str, object], codes: list[str]) -> None:
    day = replace(DAY, **changes)  # type: ignore[arg-type]  # keyword names are the fields

    assert [problem.code for problem in check_timetable_problem(day)] == codes
