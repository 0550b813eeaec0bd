"""The in-app inbox."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from matchmaker.errors import NotFound
from matchmaker.services import notices as service
from matchmaker.store.tables import Notice
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.parts import ListState

blueprint = Blueprint("notices", __name__)
_PER_PAGE = 50


@blueprint.get("/notices")
@allow(Audience.SIGNED_IN)
def inbox() -> ResponseReturnValue:
    """Show this user's notices, newest first."""
    mine = select(Notice).where(Notice.user_id == actor_here().user_id, Notice.channel == "inbox")
    total = session_here().scalar(select(func.count()).select_from(mine.subquery())) or 0
    state = ListState.read(request.path, request.args.items(multi=True), total=total, per_page=_PER_PAGE)
    rows = session_here().scalars(
        mine.order_by(Notice.created_at.desc(), Notice.id.desc())
        .offset((state.page - 1) * _PER_PAGE)
        .limit(_PER_PAGE)
    )
    return render_template("inbox/index.html", rows=list(rows), state=state)


@blueprint.get("/notices/unread")
@allow(Audience.ANYONE)
def unread() -> ResponseReturnValue:
    """Answer the bell with the number of unread messages; with nothing when the session has ended."""
    if actor_here().user_id is None:
        return "", 204
    return render_template("inbox/_unread.html", unread=g.unread)


@blueprint.post("/notices/<int:notice_id>/open")
@allow(Audience.SIGNED_IN)
def open_notice(notice_id: int) -> ResponseReturnValue:
    """Mark a notice read and go to the page it is about."""
    notice = session_here().get(Notice, notice_id)
    user_id = actor_here().user_id
    if notice is None or user_id is None or notice.user_id != user_id:
        raise NotFound()
    service.mark_read(session_here(), user_id=user_id, notice_ids=[notice_id])
    return redirect(notice.link or url_for("notices.inbox"), 303)


@blueprint.post("/notices/read")
@allow(Audience.SIGNED_IN)
def read_all() -> ResponseReturnValue:
    """Mark every notice read."""
    user_id = actor_here().user_id
    if user_id is not None:
        service.mark_read(session_here(), user_id=user_id)
    return redirect(url_for("notices.inbox"), 303)
