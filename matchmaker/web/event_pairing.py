"""The pairing list of an event: versions, proof in words, what-if, rules by hand, publishing, export."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker import clock
from matchmaker.domain.day_rules import DayRules
from matchmaker.errors import InvalidInput, NotFound, WrongState
from matchmaker.services.events import slot_words
from matchmaker.services.pairing_export import handout_edition, internal_edition
from matchmaker.services.pairing_guests import unasked
from matchmaker.services.pairing_lists import (
    FOR_PAIRING,
    draw,
    drop_rule,
    get_ready,
    publish_list,
    set_rule,
)
from matchmaker.services.pairing_question import BAN, FIGURES_OF_EVENT, FIGURES_OF_VERSION, PIN
from matchmaker.services.pairing_what_if import Newcomer, add_expert, newcomers
from matchmaker.services.timetable_search import (
    RUNNING,
    SEARCH_SECONDS,
    WAITING,
    search_of,
    stop_search,
)
from matchmaker.services.timetable_search import take_timetable as service_take_timetable
from matchmaker.store.queries.day_rules import rules_now
from matchmaker.store.queries.events import EventLine, rule_lines
from matchmaker.store.queries.pairings import (
    PairingLine,
    Version,
    pairing_lines,
    published_list,
    versions_of,
    waiting_for_proposals,
)
from matchmaker.store.tables import Event, PairingList
from matchmaker.web.access import Audience, allow
from matchmaker.web.event_form import whole_number
from matchmaker.web.event_people import say_who_is_unheard
from matchmaker.web.events import blueprint, line_of, tabs_of
from matchmaker.web.frame import actor_here, database_here, reads, session_here
from matchmaker.web.pairing_difference import difference_of
from matchmaker.web.pairing_map import cells_of, draws_map, heat_of, options_of
from matchmaker.web.parts import EXCEL, Column


@blueprint.get("/events/<int:event_id>/pairing")
@allow(Audience.ORGANISER)
def pairing(event_id: int) -> ResponseReturnValue:
    """Show one version of the list: the asked one, else the newest."""
    session, line = session_here(), line_of(event_id)
    if line.event.status in FOR_PAIRING:
        get_ready()
    versions = versions_of(session, event_id)
    chosen = _chosen(versions)
    lines = pairing_lines(session, list_id=chosen.list_id) if chosen else []
    standing = published_list(session, event_id)
    return render_template(
        "events/pairing.html",
        line=line,
        event=line.event,
        tabs=tabs_of(line, "pairing"),
        versions=versions,
        chosen=chosen,
        standing=standing,
        lines=lines,
        slots={entry.id: slot_words(line.event, entry.pairing.slot) for entry in lines},
        heat=heat_of(chosen.row, lines) if chosen and draws_map(chosen.row) else None,
        cells=cells_of(chosen.row) if chosen else 0,
        difference=difference_of(versions, chosen, lines) if chosen else None,
        said=_said(standing, chosen),
        unasked=_unasked(chosen),
        limits=dict.fromkeys(FIGURES_OF_VERSION, 0) | (chosen.row.settings if chosen else _own_limits(line)),
        rules=rule_lines(session, event_id),
        options=options_of(chosen.row, lines) if chosen and "options" in chosen.row.result else [],
        newcomers=_newcomers(event_id, chosen),
        waiting=waiting_for_proposals(session, event_id),
        day_changed=bool(chosen and chosen == versions[0] and _is_outdated(line.event, chosen.row)),
        **(_search(chosen.row) if chosen else {}),
        columns=_columns(),
    )


def _said(standing: PairingList | None, chosen: Version | None) -> dict[tuple[int, int], PairingLine]:
    """Return what a draft's pairs were answered on the list that holds, by need and achievement."""
    if standing is None or chosen is None or chosen.published:
        return {}
    return {
        (line.need.id, line.achievement.id): line
        for line in pairing_lines(session_here(), list_id=standing.id)
        if line.pairing.need_answer or line.pairing.achievement_answer
    }


def _unasked(chosen: Version | None) -> list[str]:
    """Return who a draft would ask to a meeting without having asked them to the event."""
    if chosen is None or chosen.published:
        return []
    return [one.name for one in unasked(session_here(), chosen.list_id)]


def _is_outdated(event: Event, row: PairingList) -> bool:
    """Say whether the event's pauses or orders are no longer those that a version was drawn under."""
    return DayRules.of_json(row.day) != rules_now(session_here(), event, slots=row.settings.get("slots"))


def _search(row: PairingList) -> dict[str, Any]:
    """Return what the page says of the search for a better timetable."""
    search = search_of(row) if row.published_at is None else {}
    began = search.get("began")
    gone = (clock.now() - datetime.fromisoformat(began)).total_seconds() if began else 0
    return {"search": search, "search_seconds": round(gone), "search_most": round(SEARCH_SECONDS)}


@blueprint.get("/events/<int:event_id>/pairing/<int:list_id>/search")
@allow(Audience.ORGANISER)
def timetable_search(event_id: int, list_id: int) -> ResponseReturnValue:
    """Answer how the search goes; once it has ended the browser loads the page again."""
    row = _version_of(event_id, list_id)
    chosen = next(one for one in versions_of(session_here(), event_id) if one.list_id == row.id)
    found = _search(row)
    page = render_template("events/_search.html", event=line_of(event_id).event, chosen=chosen, **found)
    if found["search"].get("state") in (WAITING, RUNNING):
        return page
    return page, 200, {"HX-Refresh": "true"}


@blueprint.post("/events/<int:event_id>/pairing/<int:list_id>/search/stop")
@allow(Audience.ORGANISER)
def stop_timetable_search(event_id: int, list_id: int) -> ResponseReturnValue:
    """Give the search up."""
    row = _version_of(event_id, list_id)
    if stop_search(session_here(), actor_here(), list_id=row.id):
        flash(_("已停止，现在的时间表不变。"), "info")
    return redirect(url_for("events.pairing", event_id=event_id, v=row.number), 303)


@blueprint.post("/events/<int:event_id>/pairing/<int:list_id>/search/take")
@allow(Audience.ORGANISER)
def take_timetable(event_id: int, list_id: int) -> ResponseReturnValue:
    """Change over to the better timetable that was found."""
    row = _version_of(event_id, list_id)
    if service_take_timetable(session_here(), actor_here(), list_id=row.id):
        flash(_("已换用更好的时间表，配对没有变。"), "success")
    return redirect(url_for("events.pairing", event_id=event_id, v=row.number), 303)


def _newcomers(event_id: int, chosen: Version | None) -> list[tuple[int, str]]:
    """Return (key, words) of the experts who could be asked as well."""
    unserved = [one["id"] for one in chosen.row.result.get("unserved", ())] if chosen else []
    return [
        (one.seat.key, _words_of(one))
        for one in newcomers(session_here(), event_id=event_id, unserved=unserved)
    ]


def _words_of(one: Newcomer) -> str:
    who = " ".join(part for part in (one.seat.name, one.seat.title) if part)
    if one.seat.organisation and one.seat.organisation != one.seat.name:
        who = f"{who} · {one.seat.organisation}"
    can = _("能谈 %(firms)s 家企业的 %(needs)s 条需求", firms=one.firms, needs=one.needs)
    if one.unserved:
        can = f"{can} · {_('其中 %(n)s 家还没有洽谈', n=one.unserved)}"
    return f"{who} — {can}"


def _chosen(versions: list[Version]) -> Version | None:
    asked = whole_number(request.args.get("v"))
    if asked is None:
        return versions[0] if versions else None
    found = next((version for version in versions if version.number == asked), None)
    if found is None:
        raise NotFound()
    return found


def _own_limits(line: EventLine) -> dict[str, int]:
    return {name: getattr(line.event, name) for name in FIGURES_OF_EVENT}


def _columns() -> list[Column]:
    return [
        Column(key="pair", title=_("企业与需求")),
        Column(key="partner", title=_("专家与成果")),
        Column(key="grade", title=_("匹配")),
        Column(key="slot", title=_("时间与桌号")),
        Column(key="status", title=_("答复")),
        Column(key="acts", title=""),
    ]


@blueprint.post("/events/<int:event_id>/pairing/draw")
@allow(Audience.ORGANISER)
@reads
def draw_pairing(event_id: int) -> ResponseReturnValue:
    """Draw a new version under the figures of the form; the solver runs outside any transaction."""
    return draw_and_show(
        event_id, {name: whole_number(request.form.get(name)) for name in FIGURES_OF_VERSION}
    )


def draw_and_show(event_id: int, limits: dict[str, int | None]) -> ResponseReturnValue:
    """Draw a new version and show it, or why it could not be drawn."""
    try:
        draw(database_here(), actor_here(), event_id=event_id, limits=limits)
    except (InvalidInput, WrongState) as refused:
        flash(refused.message, "error")
    else:
        flash(_("已生成新的一版配对清单，请核对。"), "success")
    return redirect(url_for("events.pairing", event_id=event_id), 303)


@blueprint.post("/events/<int:event_id>/pairing/expert")
@allow(Audience.ORGANISER)
@reads
def draw_with_expert(event_id: int) -> ResponseReturnValue:
    """Put one more expert on the table and draw again under the last version's figures."""
    word = request.form.get("expert", "")
    key = whole_number(word.removeprefix("-"))
    if key is None:
        flash(_("请选择一位专家。"), "error")
        return redirect(url_for("events.pairing", event_id=event_id), 303)
    with database_here().writing() as session:
        expert_key = -key if word.startswith("-") else key
        added = add_expert(session, actor_here(), event_id=event_id, expert_key=expert_key)
    if added is None:
        flash(_("这位专家已经加入本场，没有重复添加。清单里还没有他时，请点“重新配对”。"), "info")
        return redirect(url_for("events.pairing", event_id=event_id), 303)
    name = added.seat.name or added.seat.organisation
    # said before the draw: whatever becomes of that, the expert is there
    flash(
        _(
            "已把 %(name)s 加入本场和邀请名单。下面没有新的一版清单时，不用再添加，点“重新配对”即可。",
            name=name,
        ),
        "info",
    )
    return draw_and_show(event_id, last_limits(event_id))


@blueprint.post("/events/<int:event_id>/pairing/rule")
@allow(Audience.ORGANISER)
@reads
def add_rule(event_id: int) -> ResponseReturnValue:
    """Pin or ban a pair with its reason, then draw again under the last version's figures."""
    form = request.form
    need_id, _dash, achievement_id = form.get("pair", "").partition("-")
    reason = "；".join(part for part in (form.get("reason", ""), form.get("note", "").strip()) if part)
    with database_here().writing() as session:
        set_rule(
            session,
            actor_here(),
            event_id=event_id,
            need_id=whole_number(need_id) or 0,
            achievement_id=whole_number(achievement_id) or 0,
            kind=PIN if form.get("kind") == PIN else BAN,
            reason=reason,
            everywhere=bool(form.get("everywhere")),
        )
    return draw_and_show(event_id, last_limits(event_id))


def last_limits(event_id: int) -> dict[str, int | None]:
    """Return the figures of the newest version."""
    with database_here().reading() as session:
        newest = next(iter(versions_of(session, event_id)), None)
    return {name: newest.row.settings.get(name) for name in FIGURES_OF_VERSION} if newest else {}


@blueprint.post("/events/<int:event_id>/pairing/rules/<int:rule_id>/drop")
@allow(Audience.ORGANISER)
def remove_rule(event_id: int, rule_id: int) -> ResponseReturnValue:
    """Take a pin or ban back; it counts from the next draw on."""
    drop_rule(session_here(), actor_here(), event_id=event_id, rule_id=rule_id)
    flash(_("已取消这条规定，重新配对后生效"), "success")
    return redirect(url_for("events.pairing", event_id=event_id), 303)


@blueprint.post("/events/<int:event_id>/pairing/<int:list_id>/publish")
@allow(Audience.ORGANISER)
def publish_pairing(event_id: int, list_id: int) -> ResponseReturnValue:
    """Freeze a version and send it out."""
    _version_of(event_id, list_id)
    row = publish_list(session_here(), actor_here(), list_id=list_id)
    flash(_("第 %(n)s 版已发布，正在通知双方", n=row.number), "success")
    say_who_is_unheard(event_id)
    return redirect(url_for("events.pairing", event_id=event_id), 303)


@blueprint.get("/events/<int:event_id>/pairing/<int:list_id>/handout.xlsx")
@allow(Audience.ORGANISER)
def export_handout(event_id: int, list_id: int) -> ResponseReturnValue:
    """Hand out the edition without names that are to stay inside."""
    row = _version_of(event_id, list_id)
    return _download(handout_edition(session_here(), actor_here(), list_id=row.id), row, _("发放版"))


@blueprint.post("/events/<int:event_id>/pairing/<int:list_id>/internal.xlsx")
@allow(Audience.ORGANISER)
def export_internal(event_id: int, list_id: int) -> ResponseReturnValue:
    """Hand out the edition with full contacts, for a purpose that is logged."""
    row = _version_of(event_id, list_id)
    purpose = request.form.get("purpose", "") or request.form.get("note", "")
    content = internal_edition(session_here(), actor_here(), list_id=row.id, purpose=purpose)
    return _download(content, row, _("内部版"))


def _version_of(event_id: int, list_id: int) -> PairingList:
    row = session_here().get(PairingList, list_id)
    if row is None or row.event_id != event_id:
        raise NotFound()
    return row


def _download(content: bytes, row: PairingList, edition: str) -> Response:
    answer = Response(content, mimetype=EXCEL)
    name = quote(f"对接清单-第{row.number}版-{edition}-{clock.today():%Y%m%d}.xlsx")
    answer.headers["Content-Disposition"] = f"attachment; filename=\"pairing.xlsx\"; filename*=UTF-8''{name}"
    return answer
