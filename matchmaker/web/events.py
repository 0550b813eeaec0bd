"""Events: the list by week, one event's overview and table, its life, and the campaign."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker import clock
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import EventState, can_move
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.files.workdays import day_off
from matchmaker.services import event_items, events
from matchmaker.services.campaigns import current_campaign
from matchmaker.services.events import EventDraft
from matchmaker.services.pairing_lists import FOR_PAIRING
from matchmaker.store.queries import events as queries
from matchmaker.store.queries.day_rules import day_of, pauses_with_rows
from matchmaker.store.queries.events import EventFilter, EventLine
from matchmaker.store.queries.needs import history_of
from matchmaker.store.queries.organisations import town_names
from matchmaker.store.tables import Event, Theme
from matchmaker.web.access import Audience, allow
from matchmaker.web.event_form import (
    NEW_EVENT,
    read_event,
    values_of_event,
    values_of_form,
    whole_number,
)
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.parts import Column, ListState, local_path
from matchmaker.web.presentation import day as day_words
from matchmaker.web.presentation import label, link, word
from matchmaker.web.visitors import same_while_nothing_changes

blueprint = Blueprint("events", __name__)
_PER_PAGE = 50


@blueprint.get("/events")
@allow(Audience.ORGANISER)
def index() -> ResponseReturnValue:
    """List the events by week: this one and those to come, then the past."""
    session, arguments = session_here(), request.args
    asked = EventFilter(
        search=arguments.get("q", "")[:100],
        states=tuple(arguments.getlist("state")),
        themes=tuple(int(word) for word in arguments.getlist("theme") if word.isdecimal() and len(word) < 9),
        from_day=clock.today() if arguments.get("when") == "ahead" else None,
        unanswered=arguments.get("answers") == "waiting",
    )
    page = whole_number(arguments.get("page")) or 1
    total, lines = queries.event_lines(
        session, asked, ahead_from=_monday(clock.today()), first=(max(page, 1) - 1) * _PER_PAGE
    )
    counts = queries.state_counts(session)
    same_while_nothing_changes()
    return render_template(
        "events/index.html",
        weeks=_weeks(lines),
        state=ListState.read(request.path, arguments.items(multi=True), total=total, per_page=_PER_PAGE),
        state_groups=[
            (key.value, label("event_status", key), counts.get(key.value, 0)) for key in EventState
        ],
        themes=[(str(key), word(name), None) for key, name in queries.themes_in_order(session)],
        series=current_campaign(session),
        columns=_columns(),
    )


def _columns() -> list[Column]:
    return [
        Column(key="title", title=_("活动")),
        Column(key="day", title=_("日期")),
        Column(key="state", title=_("状态")),
        Column(key="table", title=_("需求 / 成果"), end=True, optional=True),
        Column(key="guests", title=_("确认 / 邀请"), end=True),
        Column(key="pairing", title=_("配对")),
    ]


def _weeks(lines: list[EventLine]) -> list[tuple[date, date, bool, list[EventLine]]]:
    """Return (Monday, Sunday, whether it is this week, events) of each week in the list."""
    this = _monday(clock.today())
    return [
        (monday, monday + timedelta(days=6), monday == this, list(group))
        for monday, group in groupby(lines, key=lambda line: _monday(line.event.held_on))
    ]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@blueprint.get("/events/new")
@allow(Audience.ORGANISER)
def new() -> ResponseReturnValue:
    """Show the empty form."""
    return _form_page(dict(NEW_EVENT), problems=[], event=None)


@blueprint.post("/events/new")
@allow(Audience.ORGANISER)
def create() -> ResponseReturnValue:
    """Plan an event."""
    draft = _named_after_theme(read_event(request.form))
    try:
        row = events.create_event(session_here(), actor_here(), draft)
        found = event_items.collect_items(session_here(), actor_here(), event_id=row.id)
    except InvalidInput as refused:
        session_here().rollback()
        return _form_page(values_of_form(request.form), problems=list(refused.problems), event=None), 422
    if found.needs or found.achievements:
        flash(
            _(
                "已建好“%(title)s”，汇入需求 %(needs)s 条、成果 %(found)s 项。下一步：核对后发布并邀请。",
                title=row.title,
                needs=found.needs,
                found=found.achievements,
            ),
            "success",
        )
    else:
        flash(_("已建好“%(title)s”。下一步：汇入需求和成果。", title=row.title), "success")
    _remark_on_day(row.held_on)
    return redirect(url_for("events.items", event_id=row.id), 303)


def _remark_on_day(day: date) -> None:
    """Say that an event is on a day off: some are meant to be, so it is not refused."""
    why = day_off(day)
    if why:
        flash(
            _(
                "%(day)s是%(why)s，不上班。请确认企业和专家能到，或改到工作日。",
                day=day_words(day),
                why=_("周末") if why == "weekend" else _("节假日"),
            ),
            "warning",
        )


def _named_after_theme(draft: EventDraft) -> EventDraft:
    """Return a draft that was left without a name, named after its theme if it has one."""
    theme = session_here().get(Theme, draft.theme_id) if draft.theme_id else None
    if draft.title.strip() or theme is None:
        return draft
    return replace(draft, title=f"{theme.name}专场对接会"[:120])


@blueprint.get("/events/<int:event_id>/edit")
@allow(Audience.ORGANISER)
def edit(event_id: int) -> ResponseReturnValue:
    """Show the form with what is stored."""
    event = events.event_of(session_here(), event_id)
    return _form_page(values_of_event(event), problems=[], event=event)


@blueprint.post("/events/<int:event_id>/edit")
@allow(Audience.ORGANISER)
def save(event_id: int) -> ResponseReturnValue:
    """Take a changed event."""
    session, version = session_here(), whole_number(request.form.get("version")) or 0
    draft = read_event(request.form)
    try:
        events.edit_event(session, actor_here(), draft, event_id=event_id, version=version)
    except InvalidInput as refused:
        session.rollback()
        event = events.event_of(session, event_id)
        return _form_page(values_of_form(request.form), problems=list(refused.problems), event=event), 422
    flash(_("活动已保存。桌数或时段改过的，请重新配对。"), "success")
    if draft.held_on is not None:
        _remark_on_day(draft.held_on)
    return redirect(url_for("events.detail", event_id=event_id), 303)


def _form_page(values: dict[str, Any], *, problems: list[Problem], event: Event | None) -> str:
    session = session_here()
    return render_template(
        "events/form.html",
        form=values,
        problems=problems,
        event=event,
        themes=[(str(key), word(name)) for key, name in queries.themes_in_order(session)],
        towns=town_names(session),
    )


@blueprint.get("/events/<int:event_id>")
@allow(Audience.ORGANISER)
def detail(event_id: int) -> ResponseReturnValue:
    """Show an event: what it is, what is ready, what happened."""
    return detail_page(event_id, pause={}, problems=[])


def detail_page(event_id: int, *, pause: Mapping[str, str], problems: Sequence[Problem]) -> str:
    """Return the page of an event; `pause` is what was typed for one more, with its problems."""
    line = line_of(event_id)
    event = line.event
    day, pauses = day_of(event), pauses_with_rows(session_here(), event_id)
    return render_template(
        "events/detail.html",
        line=line,
        event=event,
        tabs=tabs_of(line, "detail"),
        moves=[state for state in EventState if can_move(event.status, state)],
        readiness=_readiness(line),
        ends_at=events.event_end(event),
        pauses=[(row.id, one, list(day.slots_in(one))) for row, one in pauses],
        open_slots=event.slots - len({slot for _row, one in pauses for slot in day.slots_in(one)}),
        pausable=event.status in FOR_PAIRING,
        pause=pause,
        problems=problems,
        held_possible=event.held_on <= clock.today(),
        history=history_of(session_here(), "event", event_id),
    )


def line_of(event_id: int) -> EventLine:
    """Return an event with its figures. Raises NotFound."""
    line = queries.event_line(session_here(), event_id)
    if line is None:
        raise NotFound()
    return line


def tabs_of(line: EventLine, here: str) -> list[tuple[str, str, bool, int | None]]:
    """Return the tabs of an event; the results are shown where there is a page for them."""
    key = line.event.id
    tabs: list[tuple[str, str, bool, int | None]] = [
        (_("概况"), url_for("events.detail", event_id=key), here == "detail", None),
        (
            _("需求与成果"),
            url_for("events.items", event_id=key),
            here == "items",
            line.needs + line.achievements or None,
        ),
        (
            _("参会"),
            url_for("events.people", event_id=key),
            here == "people",
            sum(line.invitations.values()) or None,
        ),
        (_("配对清单"), url_for("events.pairing", event_id=key), here == "pairing", None),
        (_("材料"), url_for("events.materials", event_id=key), here == "materials", None),
        (_("现场"), url_for("desk.board", event_id=key), here == "desk", None),
    ]
    results = link("tracking.event", event_id=key)
    return [*tabs, (_("结果"), results, here == "results", None)] if results else tabs


def _readiness(line: EventLine) -> list[tuple[str, str, str, str]]:
    """Return (words, state, note, address) of each step towards the day."""
    asked, coming = line.asked, line.coming
    items, people, pairing = (
        url_for(f"events.{page}", event_id=line.event.id) for page in ("items", "people", "pairing")
    )
    out = line.event.status in (EventState.OPEN, EventState.HELD)
    drawn = "done" if line.published else "current" if line.lists else "todo"
    confirmed = "done" if asked and coming == asked else "current" if coming else "todo"
    return [
        (_("需求"), "done" if line.needs else "todo", str(line.needs), items),
        (_("成果"), "done" if line.achievements else "todo", str(line.achievements), items),
        (_("发布活动"), "done" if out else "todo", "", ""),
        (_("发出邀请"), "done" if asked else "todo", str(asked), people),
        (_("确认参加"), confirmed, str(coming), people),
        (_("配对清单"), drawn, "", pairing),
    ]


@blueprint.post("/events/<int:event_id>/state")
@allow(Audience.ORGANISER)
def change_state(event_id: int) -> ResponseReturnValue:
    """Open, hold, put off or call off an event."""
    word = request.form.get("to", "")
    if word not in set(EventState):
        raise NotFound()
    reason = "；".join(
        part for part in (request.form.get("reason", ""), request.form.get("note", "")) if part
    )
    to = EventState(word)
    events.move_event(session_here(), actor_here(), event_id=event_id, to=to, reason=reason)
    flash(_("活动现在是“%(state)s”", state=label("event_status", to)), "success")
    return redirect(url_for("events.detail", event_id=event_id), 303)


@blueprint.post("/events/<int:event_id>/clone")
@allow(Audience.ORGANISER)
def clone(event_id: int) -> ResponseReturnValue:
    """Copy an event and go to the copy's form."""
    row = events.clone_event(session_here(), actor_here(), event_id=event_id)
    found = event_items.collect_items(session_here(), actor_here(), event_id=row.id)
    flash(
        _(
            "已复制，按主题汇入需求 %(needs)s 条、成果 %(found)s 项。请改好名称和日期。",
            needs=found.needs,
            found=found.achievements,
        ),
        "success",
    )
    return redirect(url_for("events.edit", event_id=row.id), 303)


@blueprint.get("/events/<int:event_id>/items")
@allow(Audience.ORGANISER)
def items(event_id: int) -> ResponseReturnValue:
    """Show the needs and achievements on the event's table."""
    session, line, search = session_here(), line_of(event_id), request.args.get("find", "")[:100]
    found = {
        kind: queries.addable(session, event_id, kind, search) if search.strip() else []
        for kind in ("need", "achievement")
    }
    return render_template(
        "events/items.html",
        line=line,
        event=line.event,
        tabs=tabs_of(line, "items"),
        needs=queries.item_lines(session, event_id, "need"),
        achievements=queries.item_lines(session, event_id, "achievement"),
        search=search,
        found=found,
        need_columns=_item_columns(_("需求"), Column(key="state", title=_("状态"))),
        achievement_columns=_item_columns(_("成果"), Column(key="presented", title=_("现场推介"))),
    )


def _item_columns(what: str, second: Column) -> tuple[Column, ...]:
    way = Column(key="way", title=_("怎么来的"), optional=True)
    return Column(key="title", title=what), second, way


@blueprint.post("/events/<int:event_id>/items/collect")
@allow(Audience.ORGANISER)
def collect(event_id: int) -> ResponseReturnValue:
    """Bring in what belongs to the theme."""
    new = event_items.collect_items(session_here(), actor_here(), event_id=event_id)
    flash(_("新汇入需求 %(needs)s 条、成果 %(found)s 项", needs=new.needs, found=new.achievements), "success")
    return redirect(url_for("events.items", event_id=event_id), 303)


@blueprint.post("/events/<int:event_id>/items/add")
@allow(Audience.ORGANISER)
def add_item(event_id: int) -> ResponseReturnValue:
    """Put one need or achievement on the table by hand."""
    kind, subject_id = request.form.get("kind", ""), whole_number(request.form.get("subject_id"))
    if kind not in ("need", "achievement") or subject_id is None:
        raise NotFound()
    event_items.add_item(
        session_here(),
        actor_here(),
        event_id=event_id,
        kind="need" if kind == "need" else "achievement",
        subject_id=subject_id,
    )
    flash(_("已加入"), "success")
    here = url_for("events.items", event_id=event_id)
    return redirect(local_path(request.form.get("next"), here), 303)


@blueprint.post("/events/<int:event_id>/items/remove")
@allow(Audience.ORGANISER)
def remove_items(event_id: int) -> ResponseReturnValue:
    """Take the ticked things off the table."""
    gone = event_items.remove_items(session_here(), actor_here(), event_id=event_id, item_ids=ticked())
    flash(_("已移出 %(n)s 项", n=gone), "success")
    return redirect(url_for("events.items", event_id=event_id), 303)


@blueprint.post("/events/<int:event_id>/items/presented")
@allow(Audience.ORGANISER)
def present_items(event_id: int) -> ResponseReturnValue:
    """Tick the chosen achievements as presented, or take the tick back."""
    changed = event_items.set_presented(
        session_here(),
        actor_here(),
        event_id=event_id,
        item_ids=ticked(),
        presented=request.form.get("presented") != "0",
    )
    flash(_("已更新 %(n)s 项成果的推介标记", n=changed), "success")
    return redirect(url_for("events.items", event_id=event_id), 303)


def ticked() -> list[int]:
    """Return the ids that were ticked in a list."""
    return [int(word) for word in request.form.getlist("ids") if word.isdecimal() and len(word) < 12][:2000]
