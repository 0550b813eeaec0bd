"""Several previews imported at one click."""

from collections.abc import Sequence
from functools import partial

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.problems import Problem
from matchmaker.domain.states import UploadState
from matchmaker.errors import Refused
from matchmaker.services.upload_import import Confirmation, confirm_upload
from matchmaker.services.uploads import SMALL_ROWS, may_decide, remarks_on
from matchmaker.store.queries.uploads import uploads_for
from matchmaker.store.tables import Upload
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.i18n import told
from matchmaker.web.presentation import colon
from matchmaker.web.uploads import blueprint


@blueprint.post("/uploads/confirm")
@allow(Audience.ENTERPRISE, Audience.UNIVERSITY, Audience.ORGANISER)
def confirm_ready() -> ResponseReturnValue:
    """Import every preview that waits for nothing but a yes; the others keep waiting, and why is said."""
    session, actor, said = session_here(), actor_here(), []
    source = request.form.get("consent_source", "")
    done, begun, room = 0, 0, SMALL_ROWS
    for line in reversed(uploads_for(session, actor)):
        if line.state is not UploadState.PREVIEWED or not may_decide(session.get_one(Upload, line.id), actor):
            continue
        try:
            with session.begin_nested():
                confirmed = _imported(line.id, source=source, most_rows=room)
            begun += confirmed.begun
            done += not confirmed.outdated and not confirmed.begun
            if not confirmed.begun and (remarks := remarks_on(session, line.id)):
                said.append(_to_check(line.filename, remarks))
            # what does not fit into one short transaction is left to the background process
            room -= 0 if confirmed.begun else sum(confirmed.upload.summary.get("counts", {}).values())
        except Refused as refused:
            said.append(f"“{line.filename}”：{_why(refused)}")
    if done:
        flash(_("已导入 %(n)s 份清单，有问题的行留在各自的清单里", n=done), "success")
    if begun:
        flash(_("另有 %(n)s 份清单在后台导入，进度见各自的页面", n=begun), "success")
    for words in said:
        flash(words, "warning")
    return redirect(url_for("uploads.index"), 303)


def _to_check(filename: str, remarks: Sequence[Problem]) -> str:
    """Say of how many rows something is to be checked, and the first of it: nobody has read the preview."""
    one = remarks[0]
    said = told(one.message)
    first = f"{one.where}{colon(said)}" if one.where else said
    rows = len(remarks)
    return str(_("“%(file)s”：%(n)s 行有需要核对的地方，如：%(first)s", file=filename, n=rows, first=first))


def _imported(upload_id: int, *, source: str, most_rows: int) -> Confirmation:
    """Import one preview; when the list before it has changed a verdict, by today's verdicts."""
    session, actor = session_here(), actor_here()
    confirm = partial(
        confirm_upload, session, actor, upload_id=upload_id, consent_source=source, most_rows=most_rows
    )
    done = confirm()
    return confirm() if done.outdated else done


def _why(refused: Refused) -> str:
    problems = getattr(refused, "problems", ())
    return str(problems[0].message) if problems else refused.message
