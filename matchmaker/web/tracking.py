"""The ledger of what came of it, the meetings' outcomes, and the list of what is owed."""

from datetime import date
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker import clock, wording
from matchmaker.domain import figures
from matchmaker.domain.figures import Period
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import MeetingOutcome
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.files.exports import CellKind, ColumnSpec, SheetSpec, workbook
from matchmaker.services import outcomes as service
from matchmaker.store.queries import tracking as queries
from matchmaker.store.tables import Pairing
from matchmaker.web.access import Audience, allow
from matchmaker.web.events import line_of, tabs_of
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.presentation import link
from matchmaker.web.visitors import same_while_nothing_changes

blueprint = Blueprint("tracking", __name__)
_RUNGS = ("intent", "agreement", "contract", "registered")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/tracking")
@allow(Audience.ORGANISER)
def index() -> ResponseReturnValue:
    """Show every deal on its rung, with the totals by the metric rules."""
    asked = request.args.get("rung")
    shown = (asked,) if asked in _RUNGS else _RUNGS
    deals = queries.deals(session_here(), search=request.args.get("q", "")[:100])
    if request.args.get("format") == "xlsx":
        return _workbook([deal for deal in deals if deal.rung in shown])
    rungs = [(rung, [deal for deal in deals if deal.rung == rung]) for rung in shown]
    same_while_nothing_changes()
    return render_template(
        "tracking/index.html",
        rungs=rungs,
        only=asked if asked in _RUNGS else None,
        as_list=request.args.get("view") == "list",
        pages={(deal.rung, deal.row_id): _page_of(deal) for deal in deals},
        totals=totals(),
        search=request.args.get("q", ""),
        year=clock.today().year,
    )


def _page_of(deal: queries.Deal) -> str:
    kind = "contract" if deal.rung == "registered" else deal.rung
    return link(f"tracking.{kind}", **{f"{kind}_id": deal.row_id})


def totals() -> dict[str, Any]:
    """Return this year's figures, each with the ids behind it."""
    session, today = session_here(), clock.today()
    year = Period(start=date(today.year, 1, 1), end=date(today.year, 12, 31))
    contracts = queries.contract_facts(session)
    return {
        "intents": figures.intents_reached(queries.intent_facts(session), year),
        "agreements": figures.agreements_signed(queries.agreement_facts(session), year),
        "contracts": figures.contracts_registered(contracts, year),
        "value_fen": figures.contract_value(contracts, year),
        "turnover": figures.turnover(contracts, year),
        "waiting": figures.contracts_waiting(contracts),
    }


@blueprint.get("/tracking/debts")
@allow(Audience.ORGANISER)
def debts() -> ResponseReturnValue:
    """Show what is owed, longest first."""
    lines = queries.open_debts(session_here(), today=clock.today())
    return render_template("tracking/debts.html", lines=lines)


@blueprint.get("/tracking/events/<int:event_id>")
@allow(Audience.ORGANISER)
def event(event_id: int) -> ResponseReturnValue:
    """Show an event's meetings, each with its outcome or a place to record it."""
    talks = queries.talks_of_event(session_here(), event_id)
    line = line_of(event_id)
    return render_template(
        "tracking/event.html", event=line.event, line=line, tabs=tabs_of(line, "results"), talks=talks
    )


@blueprint.get("/tracking/pairings/<int:pairing_id>")
@allow(Audience.ORGANISER)
def talk(pairing_id: int) -> ResponseReturnValue:
    """Go to one meeting's place on its event's page."""
    pairing = session_here().get(Pairing, pairing_id)
    if pairing is None:
        raise NotFound()
    return redirect(url_for("tracking.event", event_id=pairing.event_id, _anchor=f"talk-{pairing_id}"))


@blueprint.post("/tracking/pairings/<int:pairing_id>/outcome")
@allow(Audience.ORGANISER)
def outcome(pairing_id: int) -> ResponseReturnValue:
    """Record what a meeting came to."""
    word = request.form.get("outcome", "")
    if word not in set(MeetingOutcome):
        raise InvalidInput([Problem(field="outcome", code="missing", message="请选择洽谈结果。")])
    pairing = service.record_outcome(
        session_here(),
        actor_here(),
        pairing_id=pairing_id,
        outcome=MeetingOutcome(word),
        note=request.form.get("note", ""),
    )
    flash(_("已记录洽谈结果"), "success")
    return redirect(url_for("tracking.event", event_id=pairing.event_id, _anchor=f"talk-{pairing_id}"), 303)


_RUNG_NAMES = {
    "intent": "合作意向",
    "agreement": "签约协议",
    "contract": "技术合同（未登记）",
    "registered": "已登记技术合同",
}
_STATE_LISTS = {"intent": "intent_level", "agreement": "agreement_kind"}


def _workbook(deals: list[queries.Deal]) -> Response:
    columns = (
        ColumnSpec(key="rung", header="阶段"),
        ColumnSpec(key="title", header="事项或合同名称", width=40),
        ColumnSpec(key="enterprise", header="企业", width=28),
        ColumnSpec(key="partner", header="院校", width=28),
        ColumnSpec(key="on", header="日期", kind=CellKind.DATE),
        ColumnSpec(key="amount_fen", header="金额（万元）", kind=CellKind.WAN),
        ColumnSpec(key="state", header="状态"),
    )
    rows = [
        {
            "rung": _RUNG_NAMES[deal.rung],
            "title": deal.title,
            "enterprise": deal.enterprise,
            "partner": deal.partner,
            "on": deal.on,
            "amount_fen": deal.amount_fen,
            "state": wording.label(_STATE_LISTS.get(deal.rung, "contract_status"), deal.state),
        }
        for deal in deals
    ]
    content = workbook(
        [SheetSpec(name="跟踪台账", columns=columns, rows=rows, title=f"跟踪台账（{clock.today()}）")]
    )
    return send_file(BytesIO(content), mimetype=_XLSX, as_attachment=True, download_name="跟踪台账.xlsx")
