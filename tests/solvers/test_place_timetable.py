"""Timetables over random events: nobody in two places, König's bound reached, waits never worse."""

from dataclasses import replace
from itertools import product

from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from pysat.examples.rc2 import RC2

from matchmaker.domain.timetable import (
    Meeting,
    Placement,
    Presence,
    Side,
    TimetableProblem,
    measure,
)
from matchmaker.domain.timetable_check import check_timetable, check_timetable_problem
from matchmaker.solvers.assigning import assign_slots
from matchmaker.solvers.break_formula import build_formula
from matchmaker.solvers.break_proof import prove_breaks
from matchmaker.solvers.colouring import colour_freely
from matchmaker.solvers.grid import Grid, build_grid, slots_of, total_gaps
from matchmaker.solvers.smoothing import smooth
from matchmaker.solvers.timetable import place_timetable


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Meeting, ...]:
    pairs = draw(st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8)), max_size=24))
    return tuple(
        Meeting(meeting_id=n, enterprise_id=enterprise, expert_id=expert)
        for n, (enterprise, expert) in enumerate(pairs, 1)
    )


def busiest(meetings: tuple[Meeting, ...]) -> int:
    people = [person for meeting in meetings for person in meeting.people]
    return max((people.count(person) for person in people), default=1)


@st.composite
def windows(draw: st.DrawFn) -> TimetableProblem:
    """Draw events with absences, a pause, a lost table, orders, fixed meetings, and more than may fit."""
    meetings = draw(graphs())
    sides = st.sampled_from(list(Side))
    presences = draw(
        st.lists(
            st.builds(
                lambda side, person, slots: Presence(side=side, person_id=person, slots=slots),
                sides,
                st.integers(1, 8),
                st.frozensets(st.integers(0, 5)),
            ),
            max_size=4,
        )
    )
    numbers = st.integers(1, max(1, len(meetings)))
    orders = draw(st.lists(st.tuples(numbers, numbers), max_size=3))
    problem = TimetableProblem(
        slot_count=6,
        tables=tuple(range(1, draw(st.integers(1, 5)) + 1)),
        meetings=meetings,
        presences=tuple(presences),
        pauses=draw(st.frozensets(st.integers(0, 5), max_size=1)),
        closed_tables=draw(st.frozensets(st.tuples(st.just(1), st.integers(0, 5)), max_size=2)),
        precedences=tuple((min(pair), max(pair)) for pair in orders if len(set(pair)) == 2),
    )
    for _ in range(draw(st.integers(0, 2))):
        place = Placement(
            meeting_id=draw(numbers), slot=draw(st.integers(0, 5)), table=draw(st.integers(1, 5))
        )
        one_more = replace(problem, fixed=(*problem.fixed, place))
        problem = problem if check_timetable_problem(one_more) else one_more
    return problem


@settings(max_examples=examples(150), deadline=None)
@given(graphs())
def test_koenigs_bound_is_reached(meetings: tuple[Meeting, ...]) -> None:
    slot_count = busiest(meetings)
    tables = -(-len(meetings) // slot_count) or 1
    problem = TimetableProblem(slot_count=slot_count, tables=tuple(range(1, tables + 1)), meetings=meetings)

    slots = colour_freely(build_grid(problem))

    assert slots is not None
    assert max((slots.count(slot) for slot in slots), default=0) <= tables
    seats = [
        (person, slot) for meeting, slot in zip(meetings, slots, strict=True) for person in meeting.people
    ]
    assert len(set(seats)) == len(seats)


@settings(max_examples=examples(60), deadline=None)
@given(windows())
def test_nobody_is_in_two_places_and_every_rule_holds(problem: TimetableProblem) -> None:
    grid = build_grid(problem)
    assignment = assign_slots(grid, stay={}, work=5, seconds=20)

    result = place_timetable(replace(problem, slot_count=6), limit_seconds=0.2)

    assert check_timetable(problem, result) == []
    assert assignment is not None
    assert len(result.placements) == sum(slot >= 0 for slot in assignment.slots)


@settings(max_examples=examples(40), deadline=None)
@given(windows())
def test_smoothing_keeps_every_meeting_and_never_adds_waits(problem: TimetableProblem) -> None:
    grid = build_grid(problem)
    assignment = assign_slots(grid, stay={}, work=5, seconds=20)
    assert assignment is not None

    smoothed = smooth(grid, assignment.slots, moves=300, seconds=5)

    def cost(slots: list[int]) -> int:
        breaks, waiting = total_gaps(grid, slots)
        return 4 * breaks + waiting

    assert cost(smoothed) <= cost(assignment.slots)
    assert [slot >= 0 for slot in smoothed] == [slot >= 0 for slot in assignment.slots]
    for person, own in enumerate(grid.meetings_of()):
        used = [smoothed[meeting] for meeting in own if smoothed[meeting] >= 0]
        assert len(set(used)) == len(used), grid.people[person]
    assert all(slot < 0 or grid.allowed[n] >> slot & 1 for n, slot in enumerate(smoothed))
    assert grid.in_order(smoothed)
    assert all(smoothed.count(slot) <= tables for slot, tables in enumerate(grid.capacity))


def round_robin(size: int, slot_count: int, tables: int) -> TimetableProblem:
    """Every enterprise meets every expert."""
    return TimetableProblem(
        slot_count=slot_count,
        tables=tuple(range(1, tables + 1)),
        meetings=tuple(
            Meeting(meeting_id=size * enterprise + expert, enterprise_id=enterprise, expert_id=expert)
            for enterprise in range(size)
            for expert in range(size)
        ),
    )


def test_everybody_stays_seated_when_there_are_tables_enough() -> None:
    problem = round_robin(4, 5, 4)

    result = place_timetable(problem)

    assert check_timetable(problem, result) == []
    assert (result.unplaced, result.proved) == ((), True)
    assert result.measures is not None
    assert (result.measures.breaks, result.measures.table_changes) == (0, 0)


def test_unavoidable_breaks_are_proved_minimal() -> None:
    # The expert sees 甲 only early and 乙 only late, and is there all day.
    problem = TimetableProblem(
        slot_count=4,
        tables=(1,),
        meetings=(
            Meeting(meeting_id=1, enterprise_id=1, expert_id=9),
            Meeting(meeting_id=2, enterprise_id=2, expert_id=9),
        ),
        presences=(
            Presence(side=Side.ENTERPRISE, person_id=1, slots=frozenset({0})),
            Presence(side=Side.ENTERPRISE, person_id=2, slots=frozenset({3})),
        ),
    )

    result = place_timetable(problem)

    assert result.placements == (
        Placement(meeting_id=1, slot=0, table=1),
        Placement(meeting_id=2, slot=3, table=1),
    )
    assert (result.measures, result.breaks_bound, result.proved) == (
        measure(problem, result.placements),
        1,
        True,
    )
    assert result.warnings == ("有 1 处等候，合计 2 个时段。",)


def test_what_cannot_be_placed_says_why() -> None:
    one = Meeting(meeting_id=1, enterprise_id=1, expert_id=1)
    two = Meeting(meeting_id=2, enterprise_id=2, expert_id=1)
    three = Meeting(meeting_id=3, enterprise_id=3, expert_id=3, weight=5)
    away = Presence(side=Side.ENTERPRISE, person_id=2, slots=frozenset())
    problem = TimetableProblem(slot_count=1, tables=(1,), meetings=(one, two, three), presences=(away,))

    result = place_timetable(problem)

    assert [placement.meeting_id for placement in result.placements] == [3]
    assert [(unplaced.meeting_id, unplaced.reason) for unplaced in result.unplaced] == [
        (1, "双方都空闲的时段桌位已满，请增加洽谈桌或时段。"),
        (2, "双方没有同时在场且有桌可用的时段，请调整到场时间或取消这场洽谈。"),
    ]


def test_a_published_timetable_moves_as_little_as_possible() -> None:
    problem = round_robin(4, 6, 4)
    published = place_timetable(problem).placements
    lost = published[0]
    changed = replace(
        problem,
        presences=(Presence(side=Side.EXPERT, person_id=lost.meeting_id % 4, slots=frozenset(range(1, 6))),),
    )

    result = place_timetable(changed, published=published)

    assert check_timetable(changed, result) == []
    assert result.unplaced == ()
    assert lost.meeting_id in result.moved
    assert len(result.moved) <= 3


def test_fixed_meetings_stay_and_clashing_ones_are_refused() -> None:
    problem = round_robin(2, 3, 2)
    stays = Placement(meeting_id=3, slot=2, table=2)
    clashing = Placement(meeting_id=2, slot=2, table=1)

    result = place_timetable(replace(problem, fixed=(stays,)))
    refused = place_timetable(replace(problem, fixed=(stays, clashing)))

    assert stays in result.placements
    assert check_timetable(replace(problem, fixed=(stays,)), result) == []
    assert [one.message for one in refused.problems] == [
        "固定在第 3 时段 1 号桌的洽谈（编号 2）有一方同时另有洽谈，请改到别的时段或取消固定。"
    ]


def test_the_same_question_has_the_same_answer() -> None:
    problem = round_robin(5, 7, 4)

    assert place_timetable(problem) == place_timetable(replace(problem, meetings=problem.meetings[::-1]))


def test_a_proof_of_breaks_agrees_with_trying_everything() -> None:
    problem = round_robin(3, 4, 3)
    closed = replace(
        problem, presences=(Presence(side=Side.EXPERT, person_id=0, slots=frozenset({0, 2, 3})),)
    )
    grid = build_grid(closed)

    loose, tight = (prove_breaks(grid, seconds=20, tight=flag) for flag in (False, True))

    assert loose.slots is not None
    assert loose.bound == tight.bound == total_gaps(grid, loose.slots)[0]


@given(problem=windows())
@settings(max_examples=examples(25), deadline=None)
def test_both_sets_of_clauses_find_what_trying_everything_finds(problem: TimetableProblem) -> None:
    grid = build_grid(replace(problem, meetings=problem.meetings[:5]))

    fewest = fewest_breaks(grid)

    assert [proved_breaks(grid, tight=flag) for flag in (False, True)] == [fewest, fewest]


def fewest_breaks(grid: Grid) -> int | None:
    """Return the fewest breaks over every way to place the meetings, None if there is none."""
    found = []
    for slots in product(*(slots_of(mask) for mask in grid.allowed)):
        seats = [(person, slot) for pair, slot in zip(grid.pairs, slots, strict=True) for person in pair]
        crowded = any(slots.count(slot) > room for slot, room in enumerate(grid.capacity))
        if len(set(seats)) == len(seats) and not crowded and grid.in_order(slots):
            found.append(total_gaps(grid, list(slots))[0])
    return min(found, default=None)


def proved_breaks(grid: Grid, *, tight: bool) -> int | None:
    """Solve the clauses in this process; the breaks are counted from the slots."""
    formula = build_formula(grid, tight=tight)
    with RC2(formula.wcnf, solver="cd15") as solver:
        model = solver.compute()
        if model is None:
            return None
        slots = [next(slot for slot, var in own.items() if var in model) for own in formula.places]
        assert total_gaps(grid, slots)[0] == solver.cost
        return int(solver.cost)


def test_people_who_share_no_meeting_all_begin_with_the_first_slot() -> None:
    pairs = [(1, 11), (2, 12), (3, 13), (4, 14), (4, 15), (5, 16), (6, 16)]
    problem = TimetableProblem(
        slot_count=6,
        tables=tuple(range(1, 11)),
        meetings=tuple(
            Meeting(meeting_id=n, enterprise_id=enterprise, expert_id=expert)
            for n, (enterprise, expert) in enumerate(pairs, 1)
        ),
    )

    found = place_timetable(problem)

    assert sorted(placement.slot for placement in found.placements) == [0, 0, 0, 0, 0, 1, 1]


def test_one_meeting_after_another_is_kept_or_said_why_not() -> None:
    day = TimetableProblem(
        slot_count=2,
        tables=(1, 2, 3),
        meetings=tuple(Meeting(meeting_id=n, enterprise_id=n, expert_id=n) for n in (1, 2, 3)),
        precedences=((3, 1), (1, 2)),
    )

    two = place_timetable(day)
    three = place_timetable(replace(day, slot_count=3))

    assert [place.meeting_id for place in three.placements] == [3, 1, 2]
    assert three.unplaced == ()
    assert len(two.placements) == 2
    assert [left.reason for left in two.unplaced] == [
        "双方都空闲且有桌的时段不合先后要求，请取消这条先后要求或增加时段。"
    ]
    assert check_timetable(day, two) == []


def test_a_fixed_meeting_stays_though_heavier_ones_want_its_place() -> None:
    day = TimetableProblem(
        slot_count=1,
        tables=(1,),
        meetings=(
            Meeting(meeting_id=1, enterprise_id=1, expert_id=1, weight=1),
            Meeting(meeting_id=2, enterprise_id=2, expert_id=2, weight=9),
        ),
        fixed=(Placement(meeting_id=1, slot=0, table=1),),
    )

    result = place_timetable(day)

    assert result.placements == day.fixed
    assert [left.meeting_id for left in result.unplaced] == [2]
