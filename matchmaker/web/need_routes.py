"""The needs that nothing answered: which way each of them goes on, as a list and as a workbook."""

from collections import Counter
from collections.abc import Sequence

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker import clock
from matchmaker.domain.saying import later
from matchmaker.domain.states import Route
from matchmaker.files.exports import CellKind, ColumnSpec, SheetSpec, workbook
from matchmaker.services.verdicts import institutions_for
from matchmaker.store.queries.need_routes import RouteLine, route_lines
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import session_here
from matchmaker.web.matches import blueprint
from matchmaker.web.parts import Column, ListState
from matchmaker.web.presentation import label

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STATES = {
    "waiting": later("还没有较强的匹配"),
    "matched": later("后来有了较强的匹配"),
    "closed": later("需求已结束"),
}


@blueprint.get("/matches/routes")
@allow(Audience.ORGANISER)
def routes() -> ResponseReturnValue:
    """Show the needs on every route, narrowed by route, state and words; with format=xlsx as a workbook."""
    asked = request.args
    lines = route_lines(
        session_here(),
        routes=asked.getlist("route"),
        states=asked.getlist("state"),
        search=asked.get("q", "")[:100],
    )
    if asked.get("format") == "xlsx":
        return _export(lines)
    state = ListState.read(request.path, asked.items(multi=True), total=len(lines), per_page=50)
    everything = route_lines(session_here())
    by_route, by_state = (
        Counter(line.route.route for line in everything),
        Counter(line.state for line in everything),
    )
    return render_template(
        "matches/routes.html",
        rows=lines[(state.page - 1) * state.per_page : state.page * state.per_page],
        state=state,
        columns=_columns(),
        states=_STATES,
        institutions=institutions_for,
        route_groups=[(route.value, label("need_route", route), by_route[route]) for route in Route],
        state_groups=[(key, _(words), by_state[key]) for key, words in _STATES.items()],
    )


def _columns() -> list[Column]:
    return [
        Column(key="title", title=_("需求")),
        Column(key="route", title=_("下一步")),
        Column(key="state", title=_("现状")),
        Column(key="note", title=_("说明")),
        Column(key="institutions", title=_("可以征询的机构"), optional=True),
        Column(key="at", title=_("记录"), optional=True),
    ]


def _export(lines: Sequence[RouteLine]) -> Response:
    columns = [
        ColumnSpec(key="code", header="需求编号", width=18),
        ColumnSpec(key="title", header="技术需求名称", width=40),
        ColumnSpec(key="firm", header="企业", width=28),
        ColumnSpec(key="town", header="乡镇", width=12),
        ColumnSpec(key="route", header="下一步", width=18),
        ColumnSpec(key="state", header="现状", width=20),
        ColumnSpec(key="status", header="需求状态", width=12),
        ColumnSpec(key="note", header="说明", width=40),
        ColumnSpec(key="institutions", header="可以征询的机构", width=40),
        ColumnSpec(key="who", header="记录人", width=12),
        ColumnSpec(key="at", header="记录时间", kind=CellKind.DATETIME),
    ]
    rows = [
        {
            "code": line.need.code,
            "title": line.need.title,
            "firm": line.firm,
            "town": line.need.town,
            "route": label("need_route", line.route.route),
            "state": _STATES[line.state] + ("（需求文本后来改过）" if line.outdated else ""),
            "status": label("need_status", line.need.status),
            "note": line.route.note,
            "institutions": _asked_of(line),
            "who": line.decided_by,
            "at": clock.local(line.route.at).replace(tzinfo=None),
        }
        for line in lines
    ]
    content = workbook([SheetSpec(name="暂无匹配的需求", columns=columns, rows=rows)])
    answer = Response(content, mimetype=_XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="need-routes-{clock.today():%Y%m%d}.xlsx"'
    return answer


def _asked_of(line: RouteLine) -> str:
    """Return which kinds of institution may be asked, where the need is to be looked for outside."""
    return "；".join(institutions_for(line.need.fields)) if line.route.route is Route.LOOK_OUTSIDE else ""
