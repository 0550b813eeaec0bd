"""Tables for meetings whose slots are settled: an enterprise stays where it sits if it can."""

from collections import defaultdict

from matchmaker.domain.timetable import Meeting, Placement, TimetableProblem

# Later than any slot: the enterprise does not come back.
NEVER = 10**9


def seat_meetings(
    problem: TimetableProblem, slots: dict[int, int], *, published: dict[int, Placement]
) -> tuple[Placement, ...]:
    """Give each meeting (id → slot) a table; fixed and, where possible, published tables are kept, those
    of meetings in another slot after those of meetings that stay.

    When a table must be taken from an enterprise between two of its meetings, it is the one whose
    owner returns last (Bélády's rule).
    """
    plan = _Plan(problem, slots)
    placements = []
    for slot in sorted(set(slots.values())):
        here = sorted(
            (meeting for meeting in problem.meetings if slots.get(meeting.meeting_id) == slot),
            key=lambda meeting: meeting.meeting_id,
        )
        known = [published[one.meeting_id] for one in here if one.meeting_id in published]
        wishes = {one.meeting_id: one.table for one in known if one.slot == slot}
        moved = {one.meeting_id: one.table for one in known if one.slot != slot}
        placements += plan.seat(slot, here, wishes, moved)
    return tuple(sorted(placements, key=lambda one: (one.slot, one.table)))


class _Plan:
    """Who sits where, slot after slot."""

    def __init__(self, problem: TimetableProblem, slots: dict[int, int]) -> None:
        self.problem = problem
        self.fixed = {placement.meeting_id: placement.table for placement in problem.fixed}
        self.seat_of: dict[int, int] = {}
        self.coming: dict[int, list[int]] = defaultdict(list)
        for meeting in problem.meetings:
            if meeting.meeting_id in slots:
                self.coming[meeting.enterprise_id].append(slots[meeting.meeting_id])

    def seat(
        self, slot: int, here: list[Meeting], wishes: dict[int, int], moved: dict[int, int]
    ) -> list[Placement]:
        free = set(self.problem.open_tables(slot))
        taken: dict[int, int] = {}
        for choice in (
            self.fixed,
            wishes,
            moved,
            {one.meeting_id: self.seat_of.get(one.enterprise_id) for one in here},
        ):
            for meeting in here:
                table = choice.get(meeting.meeting_id)
                if meeting.meeting_id not in taken and table in free:
                    taken[meeting.meeting_id] = table
                    free.remove(table)
        for meeting in here:
            if meeting.meeting_id not in taken:
                table = self._spare(slot, free)
                taken[meeting.meeting_id] = table
                free.remove(table)
        self.seat_of |= {meeting.enterprise_id: taken[meeting.meeting_id] for meeting in here}
        return [
            Placement(meeting_id=meeting_id, slot=slot, table=table) for meeting_id, table in taken.items()
        ]

    def _spare(self, slot: int, free: set[int]) -> int:
        owners: dict[int, int] = {}
        for enterprise_id, table in self.seat_of.items():
            back = min((later for later in self.coming[enterprise_id] if later > slot), default=NEVER)
            owners[table] = min(owners.get(table, NEVER), back)
        return min(free, key=lambda table: (-owners.get(table, NEVER), table))
