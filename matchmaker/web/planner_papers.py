"""A plan on paper and in a workbook."""

from io import BytesIO

from flask import render_template, send_file
from flask.typing import ResponseReturnValue

from matchmaker.services import planning, planning_export
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.planner import blueprint

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/planner/<int:plan_id>/export.xlsx")
@allow(Audience.ORGANISER)
def export(plan_id: int) -> ResponseReturnValue:
    """Send the plan as a workbook: events, calendar, what changed."""
    plan = planning.plan_of(session_here(), actor_here(), plan_id)
    content = planning_export.plan_workbook(session_here(), actor_here(), plan_id=plan_id)
    name = f"专场规划第{plan.number}版.xlsx"
    return send_file(BytesIO(content), mimetype=_XLSX, as_attachment=True, download_name=name)


@blueprint.get("/planner/<int:plan_id>/sheet")
@allow(Audience.ORGANISER)
def sheet(plan_id: int) -> ResponseReturnValue:
    """Show the plan as a list to be printed."""
    session, actor = session_here(), actor_here()
    return render_template(
        "planner/sheet.html",
        plan=planning.plan_of(session, actor, plan_id),
        lines=planning_export.event_lines(session, actor, plan_id),
    )
