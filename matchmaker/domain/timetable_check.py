"""Checks of a timetable question before solving, and of any timetable after; nothing from the solver."""

from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from matchmaker.domain.problems import Problem
from matchmaker.domain.timetable import Placement, TimetableProblem, TimetableResult, measure


def check_timetable_problem(problem: TimetableProblem) -> list[Problem]:
    """Return every reason to refuse the question: no slots, repeated ids, fixed placements that clash."""
    found = [*_bad_figures(problem), *_bad_precedences(problem)]
    return found or [*_bad_fixed(problem)]


def _bad_figures(problem: TimetableProblem) -> Iterator[Problem]:
    if problem.slot_count < 1 or not problem.tables:
        yield Problem(
            field="tables", code="no_seats", message="至少要有一个时段和一张洽谈桌，请先设好场地和时间。"
        )
    if len(set(problem.tables)) != len(problem.tables):
        yield Problem(field="tables", code="repeated", message="桌号有重复，请改成互不相同的桌号。")
    ids = Counter(meeting.meeting_id for meeting in problem.meetings)
    for meeting_id, count in sorted(ids.items()):
        if count > 1:
            yield Problem(
                field="meetings",
                code="repeated",
                message=f"洽谈 {meeting_id} 出现了 {count} 次，请删去重复。",
            )


def _bad_precedences(problem: TimetableProblem) -> Iterator[Problem]:
    """Yield orders of meetings that are none: of a meeting not on the list, or going round in a circle."""
    known = {meeting.meeting_id for meeting in problem.meetings}
    for pair in problem.precedences:
        for meeting_id in pair:
            if meeting_id not in known:
                yield Problem(
                    field="precedences",
                    code="unknown",
                    message=f"先后要求里的洽谈 {meeting_id} 不在本次洽谈名单里，请删去这一条。",
                )
    sorter = TopologicalSorter[int]()
    for earlier, later in problem.precedences:
        sorter.add(later, earlier)
    try:
        sorter.prepare()
    except CycleError as circle:
        names = " → ".join(str(meeting_id) for meeting_id in circle.args[1])
        yield Problem(
            field="precedences",
            code="circle",
            message=f"先后要求绕成了一圈（{names}），没有一种顺序能满足，请删去其中一条。",
        )


def _bad_fixed(problem: TimetableProblem) -> Iterator[Problem]:
    for complaint, placement in _broken(problem, problem.fixed):
        yield Problem(
            field="fixed",
            code=complaint,
            message=(
                f"固定在第 {placement.slot + 1} 时段 {placement.table} 号桌的洽谈"
                f"（编号 {placement.meeting_id}）"
                f"{_WORDS[complaint]}，请改到别的时段或取消固定。"
            ),
        )


_WORDS = {
    "unknown": "不在本次洽谈名单里",
    "twice": "被固定了不止一次",
    "pause": "落在休息或活动之外的时段",
    "away": "有一方不在场",
    "session": "不在它该在的时段",
    "closed": "所在的桌当时不可用",
    "person": "有一方同时另有洽谈",
    "table": "与另一场洽谈同桌同时",
    "order": "不在它该跟着的那场之后",
}


def _broken(problem: TimetableProblem, placements: tuple[Placement, ...]) -> Iterator[tuple[str, Placement]]:
    """Yield each broken rule's slug with the placement that breaks it."""
    meetings = {meeting.meeting_id: meeting for meeting in problem.meetings}
    open_slots = problem.open_slots()
    seen: set[tuple[object, ...]] = set()
    for placement in placements:
        meeting = meetings.get(placement.meeting_id)
        if meeting is None:
            yield "unknown", placement
            continue
        if ("meeting", meeting.meeting_id) in seen:
            yield "twice", placement
        if placement.slot in problem.pauses or not 0 <= placement.slot < problem.slot_count:
            yield "pause", placement
        elif any(placement.slot not in open_slots[person] for person in meeting.people):
            yield "away", placement
        if meeting.slots is not None and placement.slot not in meeting.slots:
            yield "session", placement
        if (
            placement.table not in problem.tables
            or (placement.table, placement.slot) in problem.closed_tables
        ):
            yield "closed", placement
        if any((person, placement.slot) in seen for person in meeting.people):
            yield "person", placement
        if ("table", placement.table, placement.slot) in seen:
            yield "table", placement
        seen |= {(person, placement.slot) for person in meeting.people}
        seen |= {("meeting", meeting.meeting_id), ("table", placement.table, placement.slot)}
    yield from (("order", placement) for placement in _out_of_order(problem, placements))


def _out_of_order(problem: TimetableProblem, placements: tuple[Placement, ...]) -> Iterator[Placement]:
    places = {placement.meeting_id: placement for placement in placements}
    for earlier, later in problem.precedences:
        if earlier in places and later in places and places[earlier].slot >= places[later].slot:
            yield places[later]


def check_timetable(problem: TimetableProblem, result: TimetableResult) -> list[str]:
    """Return every broken rule as an English sentence; empty means the timetable may be published."""
    if result.problems:
        return ["a refused question has placements"] if result.placements else []
    complaints = [
        f"meeting {placement.meeting_id} in slot {placement.slot} at table {placement.table}: {word}"
        for word, placement in _broken(problem, result.placements)
    ]
    placed = [placement.meeting_id for placement in result.placements]
    left = [unplaced.meeting_id for unplaced in result.unplaced]
    if sorted(placed + left) != sorted(meeting.meeting_id for meeting in problem.meetings):
        complaints.append("placed and unplaced meetings are not all meetings, once each")
    complaints += [
        f"fixed meeting {placement.meeting_id} was moved"
        for placement in problem.fixed
        if placement not in result.placements
    ]
    if not complaints and result.measures != measure(problem, result.placements):
        complaints.append("the measures told are not those of the timetable")
    if result.measures and result.breaks_bound > result.measures.breaks:
        complaints.append("the bound for breaks is above the breaks")
    return complaints
