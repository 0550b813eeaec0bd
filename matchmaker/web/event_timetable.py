"""The timetable of a drawn list: tables × slots, meetings dragged or moved by a form, checked at once."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.day_rules import DayRules
from matchmaker.domain.problems import Problem
from matchmaker.domain.saying import later
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.services.events import slot_words
from matchmaker.services.pairing_lists import FOR_PAIRING
from matchmaker.services.timetable_moves import Waiter, move_meeting, waiters_of
from matchmaker.services.timetable_search import meeting_name
from matchmaker.store.queries.day_rules import OrderLine, order_lines
from matchmaker.store.queries.pairings import PairingLine, pairing_lines
from matchmaker.store.tables import Event, PairingList
from matchmaker.web.access import Audience, allow
from matchmaker.web.event_form import whole_number
from matchmaker.web.events import blueprint, line_of, tabs_of
from matchmaker.web.frame import actor_here, session_here


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """A version's timetable as the page draws it; `cells` are by (table, slot), `paused` by slot, from 0."""

    row: PairingList
    movable: bool
    tables: list[str]
    slots: list[str]
    paused: dict[int, str]
    cells: dict[tuple[int, int], dict[str, Any]]
    without: list[str]
    waiters: list[Waiter]
    meetings: list[tuple[str, str]]
    orders: list[OrderLine]
    pairs: list[tuple[str, str]]


@blueprint.get("/events/<int:event_id>/pairing/<int:list_id>/timetable")
@allow(Audience.ORGANISER)
def timetable(event_id: int, list_id: int) -> ResponseReturnValue:
    """Show where and when the meetings of a version are, and who waits."""
    return _page(event_id, list_id)


def _page(event_id: int, list_id: int) -> str:
    line, row = line_of(event_id), _row(event_id, list_id)
    return render_template(
        "events/timetable.html",
        line=line,
        event=line.event,
        tabs=tabs_of(line, "pairing"),
        table=_timetable(line.event, row),
        dragged=False,
    )


def _row(event_id: int, list_id: int) -> PairingList:
    row = session_here().get(PairingList, list_id)
    if row is None or row.event_id != event_id:
        raise NotFound()
    return row


def _timetable(event: Event, row: PairingList) -> Timetable:
    lines = pairing_lines(session_here(), list_id=row.id)
    tables, slots = row.settings.get("tables", event.tables), row.settings.get("slots", event.slots)
    return Timetable(
        row=row,
        movable=row.published_at is None and event.status in FOR_PAIRING,
        tables=[_("%(n)s 号桌", n=number) for number in range(1, tables + 1)],
        slots=[slot_words(event, number) for number in range(1, slots + 1)],
        paused={slot - 1: name for slot, name in DayRules.of_json(row.day).paused.items()},
        cells={
            (line.pairing.table_number - 1, line.pairing.slot - 1): _cell(line)
            for line in lines
            if line.pairing.slot is not None and line.pairing.table_number is not None
        },
        without=[meeting_name(line) for line in lines if line.pairing.slot is None],
        waiters=waiters_of(session_here(), row, lines) if row.settings else [],
        meetings=[
            (str(line.id), f"{meeting_name(line)} {slot_words(event, line.pairing.slot)}") for line in lines
        ],
        orders=order_lines(session_here(), event.id),
        pairs=[(f"{line.need.id}-{line.achievement.id}", meeting_name(line)) for line in lines],
    )


def _cell(line: PairingLine) -> dict[str, Any]:
    expert = line.seat.name if line.seat else ""
    return {"id": line.id, "title": line.enterprise.name, "note": expert, "state": "planned", "url": ""}


_NAMES = ("item", "table", "slot")
_MISSING = (later("请选择要移动的一场。"), later("请选择桌号。"), later("请选择改到哪个时段。"))


@blueprint.post("/events/<int:event_id>/pairing/<int:list_id>/timetable")
@allow(Audience.ORGANISER)
def place_meeting(event_id: int, list_id: int) -> ResponseReturnValue:
    """Move one meeting; a drag is answered with the grid, or with what the move would break."""
    form, dragged = request.form, bool(request.headers.get("HX-Request"))
    table, _comma, slot = form.get("place", "").partition(",")
    asked = (form.get("item"), table or form.get("table"), slot or form.get("slot"))
    numbers = [whole_number(word) for word in asked]
    if None in numbers:
        raise InvalidInput(
            [
                Problem(field=name, code="missing", message=words)
                for name, words, number in zip(_NAMES, _MISSING, numbers, strict=True)
                if number is None
            ]
        )
    pairing_id, at_table, at_slot = (number or 0 for number in numbers)
    move_meeting(
        session_here(),
        actor_here(),
        list_id=_row(event_id, list_id).id,
        pairing_id=pairing_id,
        slot=at_slot + 1,
        table=at_table + 1,
    )
    if not dragged:
        flash(_("已移动，时间表如下"), "success")
    if dragged:
        event = line_of(event_id).event
        return render_template(
            "events/_grid.html",
            event=event,
            table=_timetable(event, _row(event_id, list_id)),
            dragged=True,
        )
    return redirect(url_for("events.timetable", event_id=event_id, list_id=list_id), 303)
