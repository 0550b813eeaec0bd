"""Seeing a full contact, and the log of who saw what."""

from datetime import date

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker import clock
from matchmaker.domain.dates import parse_date
from matchmaker.domain.saying import later
from matchmaker.domain.showing import masked_name
from matchmaker.errors import NotFound
from matchmaker.files.exports import CellKind, ColumnSpec, SheetSpec, workbook
from matchmaker.services import contacts
from matchmaker.store.queries.accounts import AccessFilter, accesses_page, count_accesses
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.parts import Column, ListState

blueprint = Blueprint("contacts", __name__, url_prefix="/contacts")
ACTIONS = {contacts.VIEW: later("查看"), contacts.EXPORT: later("导出")}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.post("/<kind>/<int:subject_id>/reveal")
@allow(Audience.SIGNED_IN)
def reveal(kind: str, subject_id: int) -> ResponseReturnValue:
    """Answer with the full contact: a piece of the page for htmx, a page of its own without JavaScript."""
    if kind not in ("person", "user"):
        raise NotFound()
    contact = contacts.reveal(
        session_here(),
        actor_here(),
        kind="person" if kind == "person" else "user",
        subject_id=subject_id,
        purpose=request.form.get("purpose", "").strip() or _("查看联系方式"),
    )
    template = "accounts/_contact.html" if request.headers.get("HX-Request") else "accounts/contact.html"
    return render_template(template, contact=contact)


@blueprint.get("/log")
@allow(Audience.ADMIN)
def log() -> ResponseReturnValue:
    wanted = AccessFilter(
        search=request.args.get("q", ""),
        actions=tuple(request.args.getlist("action")),
        from_day=_day("from"),
        to_day=_day("to"),
    )
    session = session_here()
    state = ListState.read(
        request.path, request.args.items(multi=True), total=count_accesses(session, wanted)
    )
    if request.args.get("format") == "xlsx":
        return _export(wanted)
    rows = accesses_page(session, wanted, offset=(state.page - 1) * state.per_page, limit=state.per_page)
    columns = [
        Column(key="at", title=_("时间")),
        Column(key="who", title=_("谁")),
        Column(key="action", title=_("做了什么")),
        Column(key="subject", title=_("谁的联系方式")),
        Column(key="purpose", title=_("用途")),
    ]
    groups = [("action", _("动作"), [(action, _(words)) for action, words in ACTIONS.items()])]
    return render_template(
        "accounts/contact_log.html", state=state, rows=rows, columns=columns, groups=groups, actions=ACTIONS
    )


def _day(name: str) -> date | None:
    return parse_date(request.args.get(name, "")).value


def _export(wanted: AccessFilter) -> Response:
    """Write the log as a workbook; names of the seen are masked as on the page."""
    columns = [
        ColumnSpec(key="at", header="时间", kind=CellKind.DATETIME),
        ColumnSpec(key="who", header="查看人"),
        ColumnSpec(key="who_organisation", header="查看人单位", width=28),
        ColumnSpec(key="action", header="动作"),
        ColumnSpec(key="subject", header="被查看人"),
        ColumnSpec(key="subject_organisation", header="被查看人单位", width=28),
        ColumnSpec(key="purpose", header="用途", width=40),
    ]
    rows = [
        {
            "at": clock.local(line.at).replace(tzinfo=None),
            "who": line.who,
            "who_organisation": line.who_organisation,
            "action": ACTIONS.get(line.action, line.action),
            "subject": masked_name(line.subject),
            "subject_organisation": line.subject_organisation,
            "purpose": line.purpose,
        }
        for line in accesses_page(session_here(), wanted, limit=None)
    ]
    content = workbook([SheetSpec(name="联系方式查看记录", columns=columns, rows=rows)])
    answer = Response(content, mimetype=_XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="contact-log-{clock.today():%Y%m%d}.xlsx"'
    return answer
