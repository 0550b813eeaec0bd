"""The campaign planner: its settings, the proposal as board, calendar and journeys, and one planned event."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker import clock
from matchmaker.domain.plan_settings import settings_from_json
from matchmaker.domain.plan_state import STANDING, WORKED_ON, PlanState
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import EventState
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.services import planning, planning_moves
from matchmaker.services.planning_question import calendar_of
from matchmaker.services.planning_topics import topic_from_json
from matchmaker.store.queries import plans as queries
from matchmaker.store.queries.events import themes_in_order
from matchmaker.store.queries.organisations import town_names
from matchmaker.store.tables import Event, Plan, PlanEvent
from matchmaker.web.access import Audience, allow
from matchmaker.web.event_campaign import campaign_asked, campaign_tabs
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.planner_form import BLANK_ROWS, one_day, read_settings, values_of_settings, values_typed
from matchmaker.web.planner_view import VIEWS, Card, bands_of, board_of, calendar_weeks, cards_of
from matchmaker.web.presentation import word

blueprint = Blueprint("planner", __name__)
_PAGES = ("board", "calendar", "journeys", "left", "versions")


@blueprint.get("/planner")
@allow(Audience.ORGANISER)
def index() -> ResponseReturnValue:
    """Lead to a campaign's plan being made or the one that stands; else say what planning is."""
    session, series = session_here(), campaign_asked()
    made = queries.plans_of(session, series.id) if series else []
    chosen = next((plan for plan in made if plan.status in WORKED_ON), None) or next(
        (plan for plan in made if plan.status in STANDING), made[0] if made else None
    )
    if chosen is not None:
        return redirect(url_for("planner.show", plan_id=chosen.id))
    return render_template(
        "planner/index.html",
        needs=len(queries.needs_to_plan(session)),
        series=series,
        rounds=campaign_tabs("planner.index", series.id if series else None),
    )


@blueprint.get("/planner/new")
@allow(Audience.ORGANISER)
def new() -> ResponseReturnValue:
    """Show the settings, those of the newest plan or those the campaign suggests."""
    settings = planning.usual_settings(session_here(), campaign_asked())
    return _form_page(values_of_settings(settings), [])


@blueprint.post("/planner/new")
@allow(Audience.ORGANISER)
def create() -> ResponseReturnValue:
    """Ask for a plan with the settings typed; it is based on the one that stands, if any."""
    session = session_here()
    try:
        settings, series = read_settings(request.form), campaign_asked()
        standing = queries.standing_plan(session, series.id) if series else None
        plan = planning.ask_for_plan(
            session,
            actor_here(),
            settings,
            base_id=standing.id if standing else None,
            campaign_id=series.id if series else None,
        )
    except InvalidInput as refused:
        session.rollback()
        return _form_page(values_typed(request.form), list(refused.problems)), 422
    return redirect(url_for("planner.show", plan_id=plan.id), 303)


def _form_page(values: dict[str, Any], problems: list[Problem]) -> str:
    session, series = session_here(), campaign_asked()
    return render_template(
        "planner/form.html",
        series=series,
        rounds=campaign_tabs("planner.new", series.id if series else None),
        form=values,
        problems=problems,
        blank_rows=BLANK_ROWS,
        towns=town_names(session),
        needs=len(queries.needs_to_plan(session)),
        needs_again=len(queries.needs_to_plan(session, again=True)),
    )


@blueprint.get("/planner/<int:plan_id>")
@allow(Audience.ORGANISER)
def show(plan_id: int) -> ResponseReturnValue:
    """Show a plan: its progress, or what it changes, its figures and one of its views."""
    session, plan = session_here(), planning.plan_of(session_here(), actor_here(), plan_id)
    page = request.args.get("view", "board")
    if page not in _PAGES:
        raise NotFound()
    rows = queries.plan_events(session, plan.id)
    cards = _cards(plan, rows)
    shown: dict[str, Any] = {"page": page, "cards": cards, "tabs": _tabs(plan, page)}
    if page == "board":
        shown |= _board(plan, cards, rows)
    elif page == "calendar":
        shown |= _calendar(plan, cards, rows)
    elif page == "journeys":
        found = queries.journeys_by_university(session, plan.id)
        shown["journeys"] = [(name, bands_of(days)) for name, days in found]
    elif page == "left":
        shown["left"] = queries.planned_needs(session, plan.id, None)
    else:
        shown["versions"] = queries.plans_of(session, plan.campaign_id)
    return render_template("planner/show.html", **_head(plan), **shown)


def _waiting(plan: Plan) -> Plan | None:
    """Return the newest version that is worked out and waits, seen from the plan that stands."""
    if plan.status not in STANDING:
        return None
    made = queries.plans_of(session_here(), plan.campaign_id)
    newer = (one for one in made if one.status is PlanState.READY and one.number > plan.number)
    return max(newer, key=lambda one: one.number, default=None)


def _head(plan: Plan) -> dict[str, Any]:
    """Return what the top of a plan's page needs."""
    changes = planning.changes_of(session_here(), plan) if plan.status is PlanState.READY else []
    return {
        "plan": plan,
        "rounds": campaign_tabs("planner.index", plan.campaign_id),
        "states": state_words(),
        "standing": plan.status in STANDING,
        "waiting": _waiting(plan),
        "working": plan.status in WORKED_ON,
        "changes": changes,
        "progress": progress_of(plan),
        "settings": settings_from_json(plan.settings),
    }


def state_words() -> dict[str, tuple[str, str]]:
    """Return plan state → (its name, the tone of its badge)."""
    return {
        "waiting": (_("排队中"), "info"),
        "running": (_("正在计算"), "info"),
        "ready": (_("待采用"), "warn"),
        "kept": (_("已采用"), "ok"),
        "applied": (_("已写入日程"), "ok"),
        "replaced": (_("已被替换"), "neutral"),
        "dropped": (_("已放弃"), "neutral"),
        "failed": (_("没有排成"), "bad"),
        "cancelled": (_("已停止"), "neutral"),
    }


def progress_of(plan: Plan) -> dict[str, Any]:
    """Return how far the work is, in steps, and what is being done in words."""
    told = plan.progress
    steps = ("reading", "topics", "grouping", "days", "experts")
    words = {
        "reading": _("读取需求"),
        "topics": _("归纳专题"),
        "grouping": _("需求归组"),
        "days": _("排日期和场地"),
        "experts": _("安排专家"),
    }
    stage = told.get("stage", "")
    note = words.get(stage, _("等待后台开始"))
    if stage == "reading" and told.get("total"):
        note += f" {told['done']} / {told['total']}"
    if stage == "days" and told.get("best") is not None:
        bound = max(0, round(told.get("bound") or 0))
        note += " · " + _("目前最好 %(best)s，下界 %(bound)s", best=told["best"], bound=bound)
    if plan.beat_at is not None:
        note += " · " + _("已用 %(n)s 秒", n=round((clock.now() - plan.created_at).total_seconds()))
    return {"done": steps.index(stage) if stage in steps else 0, "total": len(steps), "note": note}


def _tabs(plan: Plan, page: str) -> list[tuple[str, str, bool, int | None]]:
    words = {
        "board": (_("看板"), None),
        "calendar": (_("日历"), None),
        "journeys": (_("高校出行"), plan.result.get("journeys")),
        "left": (_("未排入"), plan.result.get("left_out")),
        "versions": (_("各版规划"), None),
    }
    return [
        (title, url_for("planner.show", plan_id=plan.id, view=key), key == page, count)
        for key, (title, count) in words.items()
    ]


def _cards(plan: Plan, rows: Sequence[PlanEvent]) -> list[Card]:
    session = session_here()
    counts = {
        kind: {key: len(own) for key, own in queries.plan_items(session, plan.id, kind).items() if key}
        for kind in ("need", "expert")
    }
    real = {row.id: session.get(Event, row.event_id) for row in rows if row.event_id is not None}
    opened = frozenset(key for key, event in real.items() if event and event.status is not EventState.DRAFT)
    return cards_of(rows, counts["need"], counts["expert"], opened)


def _board(plan: Plan, cards: Sequence[Card], rows: Sequence[PlanEvent]) -> dict[str, Any]:
    by = request.args.get("by", "theme")
    if by not in VIEWS:
        raise NotFound()
    themes = dict(themes_in_order(session_here()))
    names: dict[str, Callable[[PlanEvent], str]] = {
        "theme": lambda row: word(themes.get(row.theme_id or 0)) or _("综合"),
        "town": lambda row: row.town or _("不限乡镇"),
        "city": lambda row: row.city or _("各地高校"),
        "topic": lambda row: word(row.title.split("专场对接会")[0]),
    }
    settings, column_of = settings_from_json(plan.settings), {row.number: names[by](row) for row in rows}
    columns, weeks = board_of(cards, column_of, first=settings.from_day, last=settings.to_day)
    return {"by": by, "columns": columns, "weeks": weeks}


def _calendar(plan: Plan, cards: Sequence[Card], rows: Sequence[PlanEvent]) -> dict[str, Any]:
    settings = settings_from_json(plan.settings)
    ours = {row.event_id for row in rows}
    days = [settings.from_day, settings.to_day, *(card.day for card in cards)]
    others = [
        event
        for event in queries.events_between(session_here(), min(days), max(days))
        if event.id not in ours
    ]
    return {"weeks": calendar_weeks(settings, calendar_of(settings), cards, others), "today": clock.today()}


@blueprint.get("/planner/<int:plan_id>/progress")
@allow(Audience.ORGANISER)
def progress(plan_id: int) -> ResponseReturnValue:
    """Answer the progress alone; once the work has ended the browser loads the page again."""
    plan = planning.plan_of(session_here(), actor_here(), plan_id)
    page = render_template(
        "planner/_progress.html", plan=plan, progress=progress_of(plan), states=state_words(), alone=True
    )
    if plan.status in WORKED_ON:
        return page
    return page, 200, {"HX-Refresh": "true"}


@blueprint.get("/planner/<int:plan_id>/events/<int:number>")
@allow(Audience.ORGANISER)
def event(plan_id: int, number: int) -> ResponseReturnValue:
    """Show one planned event with its needs and experts, and the forms that change it."""
    return event_page(plan_id, number)


def event_page(
    plan_id: int,
    number: int,
    problems: Sequence[Problem] = (),
    *,
    closing: str = "",
    retitled: str | None = None,
) -> str:
    """Render one planned event, with what was wrong with a change and what was typed: a day, a title."""
    session = session_here()
    plan = planning.plan_of(session, actor_here(), plan_id)
    row = planning.planned_event(session, actor_here(), plan_id, number)
    return render_template(
        "planner/event.html",
        plan=plan,
        row=row,
        needs=queries.planned_needs(session, plan.id, row.id),
        experts=queries.planned_experts(session, row.id),
        editable=plan.status in STANDING,
        settings=settings_from_json(plan.settings),
        problems=list(problems),
        closing=closing,
        retitled=retitled,
    )


@blueprint.get("/planner/<int:plan_id>/events/<int:number>/move")
@allow(Audience.ORGANISER)
def move_preview(plan_id: int, number: int) -> ResponseReturnValue:
    """Show what moving an event to a day, or into a week, would mean, before anything is saved."""
    day, monday = one_day(request.args.get("day")), one_day(request.args.get("week"))
    if monday is not None:
        move = planning_moves.preview_week(
            session_here(), actor_here(), plan_id=plan_id, number=number, monday=monday
        )
        if move is None:
            message = _("这一周没有可以办活动的日子。")
            return event_page(plan_id, number, [Problem(field="day", code="closed", message=message)])
        day = move.day
    if day is None:
        problem = Problem(field="day", code="missing", message=_("请选择要移到的日期。"))
        return event_page(plan_id, number, [problem])
    return move_page(plan_id, number, day)


def move_page(plan_id: int, number: int, day: date) -> str:
    """Render what a move would mean."""
    session, actor = session_here(), actor_here()
    move = planning_moves.preview_move(session, actor, plan_id=plan_id, number=number, day=day)
    plan = planning.plan_of(session, actor, plan_id)
    return render_template("planner/move.html", plan=plan, move=move, row=move.event)


@blueprint.get("/planner/<int:plan_id>/topics")
@allow(Audience.ORGANISER)
def topics(plan_id: int) -> ResponseReturnValue:
    """Show the topics that needs are grouped by, to be named, merged and split."""
    return topics_page(plan_id)


def topics_page(plan_id: int, problems: Sequence[Problem] = ()) -> str:
    """Render the topics, with what was wrong with a change."""
    plan = planning.plan_of(session_here(), actor_here(), plan_id)
    return render_template(
        "planner/topics.html",
        plan=plan,
        topics=[topic_from_json(told) for told in plan.topics],
        editable=plan.status in STANDING,
        problems=list(problems),
    )
