"""Long lists made in the background: asked for, how far they are, the file."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchmaker.domain.export_state import AT_WORK
from matchmaker.services import list_jobs
from matchmaker.services.list_export import LISTS, Format
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here

blueprint = Blueprint("exports", __name__)
_PEOPLE = (Audience.ENTERPRISE, Audience.UNIVERSITY, Audience.ORGANISER)
MEDIA_TYPES = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv",
}


def list_response(content: bytes, kind: str, form: Format) -> Response:
    """Return a list as a file to be saved."""
    headers = {"Content-Disposition": f"attachment; filename={kind}.{form}"}
    return Response(content, mimetype=MEDIA_TYPES[form], headers=headers)


@blueprint.post("/exports")
@allow(*_PEOPLE)
def ask() -> ResponseReturnValue:
    """Have a long list made."""
    kind, form = request.form.get("kind", ""), request.form.get("form", "")
    if kind not in LISTS or form not in list(Format):
        abort(404)
    export = list_jobs.ask_for_list(session_here(), actor_here(), kind=kind, form=Format(form))
    return redirect(url_for("exports.detail", export_id=export.id), 303)


@blueprint.get("/exports/<int:export_id>")
@allow(*_PEOPLE)
def detail(export_id: int) -> ResponseReturnValue:
    """Show how far a list is, or where to take it."""
    export = list_jobs.find_export(session_here(), actor_here(), export_id)
    return render_template("exports/detail.html", export=export)


@blueprint.get("/exports/<int:export_id>/progress")
@allow(*_PEOPLE)
def progress(export_id: int) -> ResponseReturnValue:
    """Say how far it is; when it has ended, have the page shown anew."""
    export = list_jobs.find_export(session_here(), actor_here(), export_id)
    if export.state in AT_WORK:
        return render_template("exports/_progress.html", export=export)
    return Response(headers={"HX-Refresh": "true"})


@blueprint.get("/exports/<int:export_id>/file")
@allow(*_PEOPLE)
def download(export_id: int) -> ResponseReturnValue:
    """Give the file."""
    export = list_jobs.find_export(session_here(), actor_here(), export_id)
    content = list_jobs.file_of(session_here(), actor_here(), export_id)
    return list_response(content, export.kind, Format(export.form))


@blueprint.post("/exports/<int:export_id>/stop")
@allow(*_PEOPLE)
def stop(export_id: int) -> ResponseReturnValue:
    """Stop the making."""
    list_jobs.stop_export(session_here(), actor_here(), export_id)
    return redirect(url_for("exports.detail", export_id=export_id), 303)
