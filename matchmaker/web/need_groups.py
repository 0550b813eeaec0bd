"""共性需求: suggested groups, confirmed groups, one group with its needs."""

from flask import Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from matchmaker.domain.problems import Problem
from matchmaker.domain.states import EventState
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.services import need_groups as service
from matchmaker.services.need_groups import Suggestion
from matchmaker.store.queries.need_groups import MemberLine, group_lines, group_page, member_lines
from matchmaker.store.tables import Event
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.need_view import back, ticked, version
from matchmaker.web.needs import blueprint

_LONGEST_SEARCH = 100


@blueprint.get("/needs/groups")
@allow(Audience.ORGANISER)
def groups() -> ResponseReturnValue:
    """Show what may be one problem of several firms, and the groups that are confirmed."""
    return _groups_page([])


@blueprint.post("/needs/groups")
@allow(Audience.ORGANISER)
def make_group() -> ResponseReturnValue:
    """Confirm the ticked needs as one group, say that they are not one problem, or look for more of them."""
    session, form = session_here(), request.form
    if form.get("act") == "find":
        return _groups_page([])
    if form.get("act") == "apart":
        service.set_apart(session, actor_here(), need_ids=ticked())
        flash(_("已记下：这几条不是一个难题，不再一起推荐"), "success")
        return back(url_for("needs.groups"))
    try:
        group = service.make_group(session, actor_here(), name=form.get("name", ""), need_ids=ticked())
    except InvalidInput as refused:
        session.rollback()
        return _groups_page(list(refused.problems)), 422
    flash(_("已建立共性需求“%(name)s”", name=group.name), "success")
    return back(url_for("needs.group", group_id=group.id))


@blueprint.post("/needs/groups/compute")
@allow(Audience.ORGANISER)
def compute_groups() -> ResponseReturnValue:
    """Let what is missing for suggestions be computed."""
    service.compute_missing(session_here(), actor_here())
    return back(url_for("needs.groups"))


@blueprint.get("/needs/groups/progress")
@allow(Audience.ORGANISER)
def groups_progress() -> ResponseReturnValue:
    """Say how far the computing is; when it has ended, have the page shown anew."""
    computing = service.computing(session_here())
    if computing is None:
        return Response(headers={"HX-Refresh": "true"})
    return render_template("needs/_computing.html", computing=computing)


@blueprint.post("/needs/groups/stop")
@allow(Audience.ORGANISER)
def stop_groups() -> ResponseReturnValue:
    """Stop computing what is missing for suggestions."""
    still = service.stop_computing(session_here(), actor_here())
    flash(
        _("已停止。有 %(n)s 条还没有算过推荐，仍会在后台算完。", n=still) if still else _("已停止计算"),
        "info",
    )
    return back(url_for("needs.groups"))


@blueprint.get("/needs/groups/<int:group_id>")
@allow(Audience.ORGANISER)
def group(group_id: int) -> ResponseReturnValue:
    """Show one group with its needs, what may join it, and the events that it can go to."""
    return _group_page(group_id, [])


@blueprint.post("/needs/groups/<int:group_id>")
@allow(Audience.ORGANISER)
def change_group(group_id: int) -> ResponseReturnValue:
    """Rename and describe a group."""
    try:
        service.change_group(
            session_here(),
            actor_here(),
            group_id=group_id,
            name=request.form.get("name", ""),
            summary=request.form.get("summary", "").replace("\r\n", "\n"),
            version=version(),
        )
    except InvalidInput as refused:
        session_here().rollback()
        return _group_page(group_id, list(refused.problems)), 422
    flash(_("已保存"), "success")
    return back(url_for("needs.group", group_id=group_id))


@blueprint.post("/needs/groups/<int:group_id>/add")
@allow(Audience.ORGANISER)
def add_to_group(group_id: int) -> ResponseReturnValue:
    """Add the ticked needs to a group."""
    added = service.add_to_group(session_here(), actor_here(), group_id=group_id, need_ids=ticked())
    flash(_("已加入 %(n)s 条需求", n=added), "success")
    return back(url_for("needs.group", group_id=group_id))


@blueprint.post("/needs/groups/<int:group_id>/remove/<int:need_id>")
@allow(Audience.ORGANISER)
def remove_from_group(group_id: int, need_id: int) -> ResponseReturnValue:
    """Take a need out of a group."""
    service.remove_from_group(session_here(), actor_here(), group_id=group_id, need_id=need_id)
    flash(_("已移出"), "success")
    return back(url_for("needs.group", group_id=group_id))


@blueprint.post("/needs/groups/<int:group_id>/dissolve")
@allow(Audience.ORGANISER)
def dissolve_group(group_id: int) -> ResponseReturnValue:
    """End a group; its needs stay what they are."""
    service.dissolve_group(session_here(), actor_here(), group_id=group_id)
    flash(_("已解散，需求本身不变"), "success")
    return back(url_for("needs.groups"))


@blueprint.post("/needs/groups/<int:group_id>/event")
@allow(Audience.ORGANISER)
def put_group_on_event(group_id: int) -> ResponseReturnValue:
    """Put the needs of a group on an event's table, together."""
    chosen = request.form.get("event_id", "")
    if not chosen.isdecimal():
        raise NotFound(_("请先选择一场活动。"))
    new = service.put_group_on_event(session_here(), actor_here(), group_id=group_id, event_id=int(chosen))
    flash(_("已把这组的 %(n)s 条需求列入活动", n=new), "success")
    return back(url_for("events.items", event_id=int(chosen)))


def _groups_page(problems: list[Problem]) -> str:
    session = session_here()
    found = service.suggest_groups(session)
    return render_template(
        "needs/groups.html",
        suggestions=[(one, _lines(one)) for one in found.found],
        missing=found.missing,
        computing=service.computing(session) if found.missing else None,
        groups=group_lines(session),
        problems=problems,
        kept=request.form,
        chosen=_chosen(),
        results=_found_beside(ticked()),
    )


def _chosen() -> list[MemberLine]:
    """Return what was ticked by hand, to stay ticked while more is looked for."""
    by_hand = request.form.get("own") and ticked()
    return member_lines(session_here(), by_hand) if by_hand else []


def _found_beside(ticked_ids: list[int]) -> list[MemberLine]:
    search = request.form.get("find", "")[:_LONGEST_SEARCH].strip()
    found = member_lines(session_here(), (), search=search, without_group=True) if search else []
    return [line for line in found if line.id not in ticked_ids]


def _lines(suggestion: Suggestion) -> object:
    return member_lines(session_here(), suggestion.need_ids)


def _group_page(group_id: int, problems: list[Problem]) -> str:
    session = session_here()
    page = group_page(session, group_id)
    if page is None:
        raise NotFound()
    may_join = [one for one in service.suggest_groups(session).found if one.group_id == group_id]
    search = request.args.get("find", "")[:_LONGEST_SEARCH]
    return render_template(
        "needs/group.html",
        page=page,
        group=page.group,
        may_join=[(one, _lines(one)) for one in may_join],
        search=search,
        results=member_lines(session, (), search=search, without_group=True) if search.strip() else [],
        events=_events_to_come(),
        problems=problems,
    )


def _events_to_come() -> list[tuple[str, str]]:
    rows = session_here().execute(
        select(Event.id, Event.title, Event.held_on)
        .where(Event.status.in_((EventState.DRAFT, EventState.OPEN, EventState.POSTPONED)))
        .order_by(Event.held_on, Event.id)
    )
    return [(str(row.id), f"{row.held_on:%Y-%m-%d} {row.title}") for row in rows]
