"""Guests who walk in, and tables that are lost: the desk's two smaller forms."""

import secrets
from dataclasses import asdict
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.desk import StepKind
from matchmaker.errors import InvalidInput, NotFound, WrongState
from matchmaker.services.desk import open_desk
from matchmaker.services.desk_register import NewGuest, guest_of, is_written_here, register_need, written_here
from matchmaker.services.desk_repair import Mishap
from matchmaker.services.desk_walk_in import find_subjects, partners, title_of
from matchmaker.web.access import Audience, allow
from matchmaker.web.desk import blueprint, propose_and_show
from matchmaker.web.desk_view import Hall
from matchmaker.web.event_form import whole_number
from matchmaker.web.events import line_of, tabs_of
from matchmaker.web.frame import actor_here, reads, session_here

_NEW = ("organisation", "person", "phone", "title", "problem")
_FORMS, _FORMS_KEPT = "walk_in_forms", 20  # which need each form of this browser wrote down


@blueprint.get("/events/<int:event_id>/desk/walk-in")
@allow(Audience.ORGANISER)
def walk_in(event_id: int) -> ResponseReturnValue:
    """Find what a guest brings in the library, or take it down; then choose whom to meet."""
    return _page(event_id, form=dict.fromkeys(_NEW, "") | {"form_key": secrets.token_hex(8)}, problems=())


@blueprint.get("/events/<int:event_id>/desk/walk-in/<int:need_id>")
@allow(Audience.ORGANISER)
def written_guest(event_id: int, need_id: int) -> ResponseReturnValue:
    """Show the form again that wrote a need down at this desk, to correct it."""
    desk = open_desk(session_here(), actor_here(), event_id)
    need = written_here(session_here(), event_id=desk.event.id, need_id=need_id)
    known = asdict(guest_of(session_here(), need))
    form = {name: known[name] for name in (*_NEW, "agreed")} | {"need_id": str(need.id)}
    return _page(event_id, form=form, problems=())


def _page(event_id: int, *, form: dict[str, Any], problems: tuple[Any, ...]) -> str:
    session, search = session_here(), request.args.get("q", "").strip()[:60]
    desk = open_desk(session, actor_here(), event_id)
    mishap = _mishap(request.args)
    line = line_of(event_id)
    page: str = render_template(
        "desk/walk_in.html",
        event=desk.event,
        line=line,
        tabs=tabs_of(line, "desk"),
        search=search,
        found=find_subjects(session, search) if search else [],
        mishap=mishap,
        chosen=title_of(session, mishap) if mishap else "",
        written=mishap is not None and is_written_here(session, event_id=event_id, mishap=mishap),
        partners=partners(session, desk, mishap) if mishap else [],
        form=form,
        problems=problems,
    )
    return page


def _mishap(values: Any) -> Mishap | None:
    subject, subject_id = values.get("subject", ""), whole_number(values.get("subject_id"))
    if subject not in ("need", "achievement") or subject_id is None:
        return None
    wishes = [word.removeprefix("-") for word in values.getlist("wishes")]
    if not all(word.isdecimal() and len(word) < 12 for word in wishes):
        return None
    return Mishap(
        kind=StepKind.WALK_IN,
        subject=subject,
        subject_id=subject_id,
        wishes=tuple(int(word) for word in values.getlist("wishes")),
    )


@blueprint.post("/events/<int:event_id>/desk/walk-in")
@allow(Audience.ORGANISER)
@reads
def propose_guest(event_id: int) -> ResponseReturnValue:
    """Compute meetings for a guest; the solver runs outside any writing transaction."""
    mishap = _mishap(request.form)
    if mishap is None:
        raise NotFound()
    return propose_and_show(event_id, mishap)


@blueprint.post("/events/<int:event_id>/desk/walk-in/new")
@allow(Audience.ORGANISER)
def new_guest(event_id: int) -> ResponseReturnValue:
    """Take down an enterprise and its need that are not in the library, then go on to whom it meets."""
    texts = {name: request.form.get(name, "").strip()[:500] for name in _NEW}
    own = {name: request.form.get(name, "")[:20] for name in ("form_key", "need_id")}
    guest = NewGuest(**texts, agreed=bool(request.form.get("agreed")))
    before = _written_before(**own)
    try:
        need = register_need(session_here(), actor_here(), event_id=event_id, guest=guest, need_id=before)
    except InvalidInput as refused:
        session_here().rollback()
        return _page(event_id, form=texts | own, problems=tuple(refused.problems)), 422
    except WrongState as refused:
        session_here().rollback()
        flash(refused.message, "warning")
        return redirect(url_for("desk.walk_in", event_id=event_id), 303)
    _remember(own["form_key"], need.id)
    flash(_("已登记需求“%(title)s”。请选想见的人。", title=need.title), "success")
    return redirect(url_for("desk.walk_in", event_id=event_id, subject="need", subject_id=need.id), 303)


def _written_before(*, form_key: str, need_id: str) -> int | None:
    """Return the need that this very form wrote before: opened to correct it, or gone back to."""
    return whole_number(need_id) or browser_session.get(_FORMS, {}).get(form_key)


def _remember(form_key: str, need_id: int) -> None:
    forms = {**browser_session.get(_FORMS, {}), form_key: need_id} if form_key else {}
    browser_session[_FORMS] = dict(list(forms.items())[-_FORMS_KEPT:])


@blueprint.get("/events/<int:event_id>/desk/tables")
@allow(Audience.ORGANISER)
def lost_table(event_id: int) -> ResponseReturnValue:
    """Ask which table cannot be used any more."""
    desk = open_desk(session_here(), actor_here(), event_id)
    line = line_of(event_id)
    return render_template(
        "desk/tables.html", event=desk.event, line=line, tabs=tabs_of(line, "desk"), hall=Hall(desk)
    )
