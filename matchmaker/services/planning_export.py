"""A plan as a workbook: its events, the calendar by week, and what differs from the version before."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from matchmaker.domain.permissions import Actor
from matchmaker.domain.plan_change import Change, ChangeKind
from matchmaker.domain.saying import later
from matchmaker.domain.workdays import week_of
from matchmaker.files.exports import CellKind, ColumnSpec, SheetSpec, workbook
from matchmaker.services.planning import changes_of, plan_of
from matchmaker.store.queries.plans import plan_events, plan_items
from matchmaker.store.tables import PlanEvent

WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")
NO_EXPERT = later("还没有合适的专家")
_CHANGES = {
    ChangeKind.NEW: "新增",
    ChangeKind.GONE: "去掉",
    ChangeKind.MOVED: "改期",
    ChangeKind.OTHER: "人员或场地",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One event of the plan as a list shows it, by day."""

    place: int
    number: int
    day: date
    title: str
    venue: str
    town: str
    city: str
    needs: int
    experts: int

    @property
    def weekday(self) -> str:
        """The day of the week, in one character."""
        return WEEKDAYS[self.day.weekday()]

    @property
    def remark(self) -> str:
        """What a reader of the list should see to."""
        return "" if self.experts else NO_EXPERT


def event_lines(session: Session, actor: Actor, plan_id: int) -> list[EventLine]:
    """Return a plan's events by day, counted from 1. Raises NotAllowed, NotFound."""
    plan = plan_of(session, actor, plan_id)
    counts = {kind: _counts(session, plan.id, kind) for kind in ("need", "expert")}
    rows = sorted(plan_events(session, plan.id), key=lambda row: (row.held_on, row.number))
    return [
        _line(place, row, needs=counts["need"][row.id], experts=counts["expert"][row.id])
        for place, row in enumerate(rows, 1)
    ]


def _counts(session: Session, plan_id: int, kind: str) -> Counter[int]:
    found = plan_items(session, plan_id, kind)
    return Counter({key: len(own) for key, own in found.items() if key is not None})


def _line(place: int, row: PlanEvent, *, needs: int, experts: int) -> EventLine:
    return EventLine(
        place=place,
        number=row.number,
        day=row.held_on,
        title=row.title,
        venue=row.venue,
        town=row.town,
        city=row.city,
        needs=needs,
        experts=experts,
    )


def plan_workbook(session: Session, actor: Actor, *, plan_id: int) -> bytes:
    """Return the .xlsx of a plan. Raises NotAllowed, NotFound."""
    plan = plan_of(session, actor, plan_id)
    lines = event_lines(session, actor, plan_id)
    sheets = [_list_sheet(lines, title=f"专场规划第 {plan.number} 版"), _calendar_sheet(lines)]
    changes = changes_of(session, plan)
    if plan.base_id is not None:
        sheets.append(_change_sheet(changes))
    return workbook(sheets)


def _list_sheet(lines: Sequence[EventLine], *, title: str) -> SheetSpec:
    columns = [
        ColumnSpec(key="place", header="序号", width=6, kind=CellKind.INTEGER),
        ColumnSpec(key="day", header="日期", width=12, kind=CellKind.DATE),
        ColumnSpec(key="weekday", header="星期", width=6),
        ColumnSpec(key="title", header="活动", width=44),
        ColumnSpec(key="venue", header="场地", width=20),
        ColumnSpec(key="town", header="乡镇或城市", width=12),
        ColumnSpec(key="city", header="合作高校所在", width=14),
        ColumnSpec(key="needs", header="需求", width=8, kind=CellKind.INTEGER),
        ColumnSpec(key="experts", header="专家", width=8, kind=CellKind.INTEGER),
        ColumnSpec(key="remark", header="备注", width=22),
    ]
    names = [column.key for column in columns]
    rows = [{name: getattr(line, name) for name in names} for line in lines]
    return SheetSpec(name="活动清单", columns=columns, rows=rows, title=title)


def _calendar_sheet(lines: Sequence[EventLine]) -> SheetSpec:
    columns = [ColumnSpec(key="week", header="周（周一）", width=12, kind=CellKind.DATE)]
    columns += [ColumnSpec(key=str(n), header=f"周{name}", width=26) for n, name in enumerate(WEEKDAYS)]
    return SheetSpec(name="日历", columns=columns, rows=calendar_rows(lines))


def calendar_rows(lines: Sequence[EventLine]) -> list[Mapping[str, object]]:
    """Return one row per week, those without events too: what is on each of its days, in words."""
    if not lines:
        return []
    on: dict[date, list[str]] = defaultdict(list)
    for line in lines:
        on[line.day].append(f"{line.day:%m-%d} {line.title} @ {line.venue}")
    monday, last, rows = week_of(lines[0].day), lines[-1].day, list[Mapping[str, object]]()
    while monday <= last:
        own = {str(n): "\n".join(on[monday + timedelta(days=n)]) for n in range(7)}
        rows.append({"week": monday, **own})
        monday += timedelta(days=7)
    return rows


def _change_sheet(changes: Sequence[Change]) -> SheetSpec:
    columns = [
        ColumnSpec(key="title", header="活动", width=44),
        ColumnSpec(key="kind", header="变化", width=12),
        ColumnSpec(key="before", header="原来", width=30),
        ColumnSpec(key="after", header="这一版", width=30),
        ColumnSpec(key="needs", header="需求进出", width=12),
        ColumnSpec(key="experts", header="专家进出", width=12),
    ]
    return SheetSpec(name="与上一版相比", columns=columns, rows=[_change_row(change) for change in changes])


def _change_row(change: Change) -> dict[str, object]:
    sides = {"before": change.before, "after": change.after}
    title = next(event.title for event in (change.after, change.before) if event is not None)
    return {
        "title": title,
        "kind": _CHANGES[change.kind],
        **{key: f"{event.day} {event.venue}" if event else "" for key, event in sides.items()},
        "needs": f"{change.needs_in} 进 {change.needs_out} 出",
        "experts": f"{change.experts_in} 进 {change.experts_out} 出",
    }
