"""What an event's day asks of its timetable: pauses in which nobody meets, and meetings before others.

Slots are counted from 1 here, minutes from midnight of the event's day.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeAlias

from matchmaker.domain.problems import Problem

MeetingKey: TypeAlias = tuple[int, int]
"""(need id, expert key): a meeting through all versions of a list, as the solver counts people."""
OrderKey: TypeAlias = tuple[MeetingKey, MeetingKey]
"""(the earlier meeting, the later one)."""
_NAME_MOST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A part of the day in which nobody sits down to a meeting: lunch, an opening, tea."""

    name: str
    begins: int
    ends: int

    @property
    def words(self) -> str:
        """Write it down: 午餐（12:00–13:00）."""
        return f"{self.name}（{clock_of(self.begins)}–{clock_of(self.ends)}）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """When meetings may be: from `begins`, `slots` slots of `slot_minutes` minutes."""

    begins: int
    slot_minutes: int
    slots: int

    @property
    def ends(self) -> int:
        """The minute at which the last slot is over."""
        return self.begins + self.slots * self.slot_minutes

    @property
    def words(self) -> str:
        """Write it down: 09:00–12:00."""
        return f"{clock_of(self.begins)}–{clock_of(self.ends)}"

    def slots_in(self, pause: Pause) -> range:
        """Return the slots that a pause takes, wholly or in part."""
        first = max(0, pause.begins - self.begins) // self.slot_minutes
        last = -(-(pause.ends - self.begins) // self.slot_minutes)
        return range(first + 1, min(self.slots, last) + 1)


def clock_of(minute: int) -> str:
    """Write a minute of the day as wall-clock time."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRules:
    """The pauses of a day with the slots they take, and the orders of meetings."""

    pauses: tuple[tuple[Pause, tuple[int, ...]], ...] = ()
    orders: tuple[OrderKey, ...] = ()

    @property
    def paused(self) -> Mapping[int, str]:
        """Return slot → the name of its pause."""
        return {slot: pause.name for pause, slots in self.pauses for slot in slots}

    @property
    def shut(self) -> frozenset[int]:
        """The slots in pauses, counted from 0 as the timetable counts them."""
        return frozenset(slot - 1 for slot in self.paused)

    def precedences(self, meetings: Mapping[MeetingKey, int]) -> tuple[tuple[int, int], ...]:
        """Return the orders of meetings that there are, as (earlier, later) ids."""
        return tuple(
            (meetings[earlier], meetings[later])
            for earlier, later in self.orders
            if earlier in meetings and later in meetings
        )

    def as_json(self) -> dict[str, Any]:
        """Return what a list keeps."""
        return {
            "pauses": [
                {"name": pause.name, "begins": pause.begins, "ends": pause.ends, "slots": list(slots)}
                for pause, slots in self.pauses
            ],
            "orders": [[list(earlier), list(later)] for earlier, later in self.orders],
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "DayRules":
        """Return what `as_json` wrote; nothing for a list that was made without."""
        return cls(
            pauses=tuple(
                (
                    Pause(name=one["name"], begins=one["begins"], ends=one["ends"]),
                    tuple(one["slots"]),
                )
                for one in kept.get("pauses", ())
            ),
            orders=tuple(
                ((earlier[0], earlier[1]), (later[0], later[1])) for earlier, later in kept.get("orders", ())
            ),
        )


def rules_of(pauses: Iterable[Pause], day: Day, orders: Iterable[OrderKey]) -> DayRules:
    """Return the rules of a day; a pause beyond a shortened day takes no slot and is left out."""
    taken = ((pause, tuple(day.slots_in(pause))) for pause in sorted(pauses, key=lambda one: one.begins))
    return DayRules(
        pauses=tuple((pause, slots) for pause, slots in taken if slots), orders=tuple(sorted(set(orders)))
    )


def pauses_in_words(day: DayRules) -> str:
    """Write the pauses of a day in one line, "" when there are none."""
    told = "、".join(pause.words for pause, _slots in day.pauses)
    return f"其间不安排洽谈：{told}。" if told else ""


def check_pause(pause: Pause, others: Iterable[Pause], day: Day) -> list[Problem]:
    """Return everything that speaks against one more pause."""
    found = list(_bad_pause(pause, day))
    if found:
        return found
    clash = next((one for one in others if one.begins < pause.ends and pause.begins < one.ends), None)
    if clash is not None:
        message = f"与{clash.words}重叠，请改开时间，或先删去那一条。"
        return [Problem(field="begins", code="overlap", message=message)]
    taken = {slot for one in (*others, pause) for slot in day.slots_in(one)}
    if len(taken) >= day.slots:
        message = f"加上这一条，{day.words} 的 {day.slots} 个时段就全被占满，请缩短它，或先增加时段。"
        return [Problem(field="ends", code="full", message=message)]
    return []


def _bad_pause(pause: Pause, day: Day) -> Iterator[Problem]:
    if not pause.name:
        yield Problem(field="name", code="missing", message="请写明这段时间做什么，如：午餐。")
    if len(pause.name) > _NAME_MOST:
        yield Problem(field="name", code="long", message=f"名称最多 {_NAME_MOST} 个字，请缩短。")
    if pause.ends <= pause.begins:
        yield Problem(field="ends", code="order", message="结束时间要晚于开始时间，请改正。")
    elif pause.begins < day.begins or pause.ends > day.ends:
        message = f"{pause.words}不在本场洽谈时间 {day.words} 之内，请改时间，或在“修改”里增加时段。"
        yield Problem(field="begins", code="outside", message=message)


def left_outside(pauses: Iterable[Pause], day: Day) -> list[Problem]:
    """Return the pauses that a changed day no longer holds, or that leave it without a slot."""
    rows = list(pauses)
    found = [
        Problem(
            field="start",
            code="pause_outside",
            message=f"{pause.words}不在新的洽谈时间 {day.words} 之内，请先在“概况”里改或删去它。",
        )
        for pause in rows
        if pause.begins < day.begins or pause.ends > day.ends
    ]
    if not found and rows and len({slot for pause in rows for slot in day.slots_in(pause)}) >= day.slots:
        message = "休息和活动占满了全部时段，请增加时段，或先在“概况”里缩短它们。"
        return [Problem(field="slots", code="pause_full", message=message)]
    return found


def circle_in(orders: Iterable[OrderKey]) -> list[MeetingKey]:
    """Return the meetings of a circle in the orders, each before the next; empty when there is none."""
    sorter = TopologicalSorter[MeetingKey]()
    for earlier, later in orders:
        sorter.add(later, earlier)
    try:
        sorter.prepare()
    except CycleError as circle:
        return list(circle.args[1])
    return []
