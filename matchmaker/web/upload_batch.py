"""Several previews imported at one click."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.states import UploadState
from matchmaker.errors import Refused
from matchmaker.services.upload_import import confirm_upload
from matchmaker.services.uploads import may_decide
from matchmaker.store.queries.uploads import uploads_for
from matchmaker.store.tables import Upload
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.uploads import blueprint


@blueprint.post("/uploads/confirm")
@allow(Audience.ENTERPRISE, Audience.UNIVERSITY, Audience.ORGANISER)
def confirm_ready() -> ResponseReturnValue:
    """Import every preview that waits for nothing but a yes; the others keep waiting, and why is said."""
    session, actor, said = session_here(), actor_here(), []
    source = request.form.get("consent_source", "")
    done = 0
    for line in reversed(uploads_for(session, actor)):
        if line.state is not UploadState.PREVIEWED or not may_decide(session.get_one(Upload, line.id), actor):
            continue
        try:
            with session.begin_nested():
                done += _imported(line.id, source=source)
        except Refused as refused:
            said.append(f"“{line.filename}”：{_why(refused)}")
    if done:
        flash(_("已开始导入 %(n)s 份清单，有问题的行留在各自的清单里", n=done), "success")
    for words in said:
        flash(words, "warning")
    return redirect(url_for("uploads.index"), 303)


def _imported(upload_id: int, *, source: str) -> bool:
    """Import one preview; when the list before it has changed a verdict, by today's verdicts."""
    session, actor = session_here(), actor_here()
    done = confirm_upload(session, actor, upload_id=upload_id, consent_source=source)
    if done.outdated:
        done = confirm_upload(session, actor, upload_id=upload_id, consent_source=source)
    return not done.outdated


def _why(refused: Refused) -> str:
    problems = getattr(refused, "problems", ())
    return str(problems[0].message) if problems else refused.message
