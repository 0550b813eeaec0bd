"""What the organiser does with a plan: stop, keep, drop, apply, re-plan, and change it by hand."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matchmaker.domain.plan_state import PlanMode
from matchmaker.domain.problems import Problem
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.services import (
    campaign_copies,
    planning,
    planning_apply,
    planning_moves,
    planning_topic_edits,
)
from matchmaker.web.access import Audience, allow
from matchmaker.web.event_campaign import campaign_asked
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.planner import blueprint, event_page, move_page, topics_page
from matchmaker.web.planner_form import one_day


def _to_plan(plan_id: int, *, view: str | None = None) -> Response:
    return redirect(url_for("planner.show", plan_id=plan_id, view=view), 303)


def _to_event(plan_id: int, number: int) -> Response:
    return redirect(url_for("planner.event", plan_id=plan_id, number=number), 303)


@blueprint.post("/planner/<int:plan_id>/cancel")
@allow(Audience.ORGANISER)
def cancel(plan_id: int) -> ResponseReturnValue:
    """Stop the work on a plan."""
    if planning.cancel_plan(session_here(), actor_here(), plan_id=plan_id):
        flash(_("已停止计算。"), "info")
    return _to_plan(plan_id)


@blueprint.post("/planner/<int:plan_id>/keep")
@allow(Audience.ORGANISER)
def keep(plan_id: int) -> ResponseReturnValue:
    """Make a finished plan the one that stands."""
    if planning.keep_plan(session_here(), actor_here(), plan_id=plan_id):
        flash(_("已采用这一版。确认无误后写入活动日程。"), "success")
    return _to_plan(plan_id)


@blueprint.post("/planner/<int:plan_id>/drop")
@allow(Audience.ORGANISER)
def drop(plan_id: int) -> ResponseReturnValue:
    """Put a finished plan aside and go back to the one that stands."""
    session, actor = session_here(), actor_here()
    if planning.drop_plan(session, actor, plan_id=plan_id):
        flash(_("已放弃这一版，原来的规划没有变。"), "info")
    campaign_id = planning.plan_of(session, actor, plan_id).campaign_id
    return redirect(url_for("planner.index", campaign=campaign_id), 303)


@blueprint.post("/planner/<int:plan_id>/apply")
@allow(Audience.ORGANISER)
def apply(plan_id: int) -> ResponseReturnValue:
    """Write the plan into the calendar of events."""
    done = planning_apply.apply_plan(session_here(), actor_here(), plan_id=plan_id)
    if done.made or done.moved or done.changed or done.gone:
        words = _(
            "已写入活动日程：新建草稿 %(made)s 场，改期 %(moved)s 场，"
            "更新需求和成果 %(changed)s 场，取消 %(gone)s 场。",
            made=done.made,
            moved=done.moved,
            changed=done.changed,
            gone=done.gone,
        )
    else:
        words = _("活动日程已经与规划一致，没有改动。")
    flash(words, "success")
    return _to_plan(plan_id)


@blueprint.post("/planner/<int:plan_id>/replan")
@allow(Audience.ORGANISER)
def replan(plan_id: int) -> ResponseReturnValue:
    """Ask for a version with the fewest changes of days, or with the needs grouped anew."""
    word = request.form.get("mode", PlanMode.DAYS.value)
    if word not in set(PlanMode):
        raise NotFound()
    plan = planning.replan(session_here(), actor_here(), plan_id=plan_id, mode=PlanMode(word))
    return _to_plan(plan.id)


@blueprint.post("/planner/<int:plan_id>/forbid")
@allow(Audience.ORGANISER)
def forbid(plan_id: int) -> ResponseReturnValue:
    """Close a day for the whole campaign and ask for a version without it."""
    day = one_day(request.form.get("day"))
    if day is None:
        flash(_("请选择不办活动的日期。"), "error")
        return _to_plan(plan_id, view="calendar")
    return _to_plan(planning.forbid_day(session_here(), actor_here(), plan_id=plan_id, day=day).id)


@blueprint.post("/planner/<int:plan_id>/events/<int:number>/pin")
@allow(Audience.ORGANISER)
def pin(plan_id: int, number: int) -> ResponseReturnValue:
    """Hold an event on its day, or let it go."""
    pinned = request.form.get("pinned") != "0"
    planning.set_pin(session_here(), actor_here(), plan_id=plan_id, number=number, pinned=pinned)
    flash(_("已固定日期，重排时不会动它。") if pinned else _("已取消固定。"), "success")
    return _to_event(plan_id, number)


@blueprint.post("/planner/<int:plan_id>/events/<int:number>/close")
@allow(Audience.ORGANISER)
def close(plan_id: int, number: int) -> ResponseReturnValue:
    """Close a day to one event, or open all its days again."""
    session, actor = session_here(), actor_here()
    day = one_day(request.form.get("day"))
    try:
        if request.form.get("open"):
            planning.open_days(session, actor, plan_id=plan_id, number=number)
        elif day is None:
            problem = Problem(field="closed_day", code="missing", message=_("请选择这场不能用的日期。"))
            raise InvalidInput([problem])
        else:
            planning.close_day(session, actor, plan_id=plan_id, number=number, day=day)
    except InvalidInput as refused:
        session.rollback()
        typed = day.isoformat() if day else ""
        return event_page(plan_id, number, refused.problems, closing=typed), 422
    flash(_("已记下。点“重排其余日期”让它换到别的日子。"), "success")
    return _to_event(plan_id, number)


@blueprint.post("/planner/<int:plan_id>/events/<int:number>/rename")
@allow(Audience.ORGANISER)
def rename(plan_id: int, number: int) -> ResponseReturnValue:
    """Give a planned event another title."""
    session, title = session_here(), request.form.get("title", "")
    try:
        planning.rename_event(session, actor_here(), plan_id=plan_id, number=number, title=title)
    except InvalidInput as refused:
        session.rollback()
        return event_page(plan_id, number, refused.problems, retitled=title), 422
    flash(_("已保存"), "success")
    return _to_event(plan_id, number)


@blueprint.post("/planner/<int:plan_id>/events/<int:number>/move")
@allow(Audience.ORGANISER)
def move(plan_id: int, number: int) -> ResponseReturnValue:
    """Save a move as previewed, or pin the event there and ask for the rest to be planned around it."""
    session, actor = session_here(), actor_here()
    day = one_day(request.form.get("day"))
    if day is None:
        raise NotFound()
    if request.form.get("rest"):
        note = _("第 %(n)s 场改到 %(day)s，其余变动最少", n=number, day=day.isoformat())
        planning.editable_event(session, actor, plan_id=plan_id, number=number)
        plan = planning.replan(session, actor, plan_id=plan_id, pins={number: day}, note=note)
        return _to_plan(plan.id)
    try:
        planning_moves.save_move(session, actor, plan_id=plan_id, number=number, day=day)
    except InvalidInput:
        session.rollback()
        return move_page(plan_id, number, day), 422
    flash(_("已改到 %(day)s，并固定在这天。", day=day.isoformat()), "success")
    return _to_plan(plan_id, view="calendar")


@blueprint.post("/planner/<int:plan_id>/topics")
@allow(Audience.ORGANISER)
def change_topics(plan_id: int) -> ResponseReturnValue:
    """Rename, merge or split topics."""
    session, actor, form = session_here(), actor_here(), request.form
    keys, act = form.getlist("keys"), form.get("act", "rename")
    try:
        if act == "merge":
            plan = planning_topic_edits.merge_topics(session, actor, plan_id=plan_id, keys=keys)
            return _to_plan(plan.id)
        if act == "split":
            plan = planning_topic_edits.split_topics(session, actor, plan_id=plan_id, keys=keys)
            return _to_plan(plan.id)
        names = {name.removeprefix("name-"): form[name] for name in form if name.startswith("name-")}
        planning_topic_edits.rename_topics(session, actor, plan_id=plan_id, names=names)
    except InvalidInput as refused:
        session.rollback()
        return topics_page(plan_id, refused.problems), 422
    flash(_("已保存"), "success")
    return redirect(url_for("planner.topics", plan_id=plan_id), 303)


@blueprint.post("/planner/campaign-copy")
@allow(Audience.ORGANISER)
def copy_campaign() -> ResponseReturnValue:
    """Start a new campaign like the current one."""
    session, series = session_here(), campaign_asked()
    if series is None:
        raise NotFound()
    copied = campaign_copies.clone_campaign(
        session,
        actor_here(),
        campaign_id=series.id,
        starts_on=one_day(request.form.get("starts_on")),
        with_events=bool(request.form.get("with_events")),
    )
    flash(_("已建好新一轮系列活动，带入 %(n)s 场草稿。请核对名称和日期。", n=copied.events), "success")
    return redirect(url_for("events.campaign"), 303)
