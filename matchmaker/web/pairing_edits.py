"""An edited pairing list comes back from Excel: sent in, looked at as a difference, taken over."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.problems import Problem
from matchmaker.errors import InvalidInput
from matchmaker.files.refusals import FileRefused
from matchmaker.services.pairing_edit_reading import read_edited_list
from matchmaker.services.pairing_edit_saving import accept_edit
from matchmaker.services.pairing_edits import difference, edit_of, propose_edit
from matchmaker.store.tables import PairingList
from matchmaker.web.access import Audience, allow
from matchmaker.web.events import blueprint, line_of, tabs_of
from matchmaker.web.frame import actor_here, database_here, reads, session_here
from matchmaker.web.parts import Column

_KINDS = ("removed", "added", "moved", "noted")


@blueprint.post("/events/<int:event_id>/pairing/edited")
@allow(Audience.ORGANISER)
@reads
def send_edited(event_id: int) -> ResponseReturnValue:
    """Read an edited list and go to what it would change; nothing is changed by this."""
    sent = request.files.get("file")
    back = redirect(url_for("events.materials", event_id=event_id), 303)
    if sent is None or not sent.filename:
        flash(_("请先选择改好的 Excel 文件"), "error")
        return back
    try:
        edited = read_edited_list(sent.read(), sent.filename)
        with database_here().writing() as session:
            edit_id = propose_edit(session, actor_here(), event_id=event_id, edited=edited).id
    except FileRefused as refused:
        flash(refused.message, "error")
        return back
    return redirect(url_for("events.edited_list", event_id=event_id, edit_id=edit_id), 303)


@blueprint.get("/events/<int:event_id>/pairing/edited/<int:edit_id>")
@allow(Audience.ORGANISER)
def edited_list(event_id: int, edit_id: int) -> ResponseReturnValue:
    """Show what an edited list would change, and what it would break."""
    return _page(event_id, edit_id, reason="", problems=[])


def _page(event_id: int, edit_id: int, *, reason: str, problems: list[Problem]) -> str:
    session, line = session_here(), line_of(event_id)
    edit = edit_of(session, actor_here(), event_id=event_id, edit_id=edit_id)
    found = difference(session, edit)
    made = session.get(PairingList, edit.made_list_id) if edit.made_list_id else None
    return render_template(
        "papers/edited.html",
        line=line,
        event=line.event,
        tabs=tabs_of(line, "pairing"),
        edit=edit,
        found=found,
        made=made,
        changes=[change for kind in _KINDS for change in found.changes if change.kind == kind],
        same=[one for one in found.changes if one.kind == "same" and (one.breaks or one.clashes)],
        kinds={"removed": _("删去"), "added": _("新增"), "moved": _("改时间或桌号"), "noted": _("改备注")},
        tones={"removed": "bad", "added": "ok", "moved": "info", "noted": "neutral", "same": "neutral"},
        columns=[
            Column(key="pair", title=_("企业与需求")),
            Column(key="partner", title=_("专家与成果")),
            Column(key="slot", title=_("时间与桌号")),
            Column(key="breaks", title=_("违反的规定")),
        ],
        reason=reason,
        problems=problems,
    )


@blueprint.post("/events/<int:event_id>/pairing/edited/<int:edit_id>")
@allow(Audience.ORGANISER)
def accept_edited(event_id: int, edit_id: int) -> ResponseReturnValue:
    """Make the edited list a new version."""
    reason = request.form.get("reason", "")
    try:
        made = accept_edit(
            session_here(),
            actor_here(),
            event_id=event_id,
            edit_id=edit_id,
            reason=reason,
            despite=bool(request.form.get("despite")),
        )
    except InvalidInput as refused:
        session_here().rollback()
        return _page(event_id, edit_id, reason=reason, problems=list(refused.problems)), 422
    flash(_("已成为第 %(n)s 版，核对后再发布。", n=made.number), "success")
    return redirect(url_for("events.pairing", event_id=event_id, v=made.number), 303)
