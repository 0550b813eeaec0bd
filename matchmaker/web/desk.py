"""The live desk of an event: who is here, what runs, what goes wrong; made for a telephone in the hall."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker import clock
from matchmaker.domain.desk import StepKind, person_named, who_word
from matchmaker.domain.states import MeetingOutcome
from matchmaker.errors import Conflict, InvalidInput, NotFound, WrongState
from matchmaker.services import desk_acts
from matchmaker.services.desk import Desk, clock_words, open_desk, slot_at
from matchmaker.services.desk_badges import invitation_of_badge
from matchmaker.services.desk_confirm import change_lines, confirm, is_stale, mishap_words, proposal_of
from matchmaker.services.desk_repair import Mishap, get_ready, mishap_of, propose
from matchmaker.services.desk_walk_in import propose_walk_in
from matchmaker.store.queries.desk import desk_mark
from matchmaker.web.access import Audience, allow
from matchmaker.web.desk_view import Face, Hall
from matchmaker.web.event_form import whole_number
from matchmaker.web.events import line_of, tabs_of
from matchmaker.web.frame import actor_here, database_here, reads, session_here, settings_here
from matchmaker.web.parts import local_path

blueprint = Blueprint("desk", __name__)
_VIEWS = ("now", "people", "log")
_MINUTES = (10, 20, 30, 60)
_OUTCOMES = (
    MeetingOutcome.INTENT,
    MeetingOutcome.FOLLOW_UP,
    MeetingOutcome.NO_INTEREST,
    MeetingOutcome.HELD,
)


@blueprint.get("/events/<int:event_id>/desk")
@allow(Audience.ORGANISER)
def board(event_id: int) -> ResponseReturnValue:
    """Show the hall: tables, people, or what happened; 204 to a page that shows all of it already."""
    mark = _mark(event_id)
    if request.args.get("part") == "live" and request.args.get("seen") == mark:
        return "", 204
    try:
        desk = open_desk(session_here(), actor_here(), event_id)
    except WrongState as refused:
        return _not_yet(event_id, refused.message)
    get_ready()
    view = request.args.get("view", "now")
    hall, search = Hall(desk), request.args.get("q", "").strip()[:40]
    template = "desk/_live.html" if request.args.get("part") == "live" else "desk/board.html"
    return render_template(
        template,
        **_frame(desk, "desk"),
        hall=hall,
        view=view if view in _VIEWS else "now",
        search=search,
        found=hall.found(search) if search else hall.everybody,
        mark=mark,
        undoable=desk_acts.undoable(session_here(), desk),
        now_words=_now_words(desk),
    )


def _not_yet(event_id: int, message: str) -> ResponseReturnValue:
    line = line_of(event_id)
    return render_template(
        "desk/not_yet.html", line=line, event=line.event, tabs=tabs_of(line, "desk"), message=message
    )


def _mark(event_id: int) -> str:
    """Return what changes whenever the live part would look different."""
    event = line_of(event_id).event
    newest, here = desk_mark(session_here(), event_id)
    minute = int((clock.now() - event.starts_at).total_seconds() // 60)
    running = 0 <= slot_at(event, clock.now()) < event.slots
    return f"{newest}.{here}.{minute if running else slot_at(event, clock.now())}"


def _frame(desk: Desk, here: str) -> dict[str, Any]:
    line = line_of(desk.event.id)
    return {"desk": desk, "event": desk.event, "line": line, "tabs": tabs_of(line, here)}


def _now_words(desk: Desk) -> str:
    slot, event = desk.slot, desk.event
    words: str = _("洽谈时间已过，可以补录结果")
    if slot < 0:
        day = "" if event.held_on == clock.today() else f"{event.held_on:%m-%d} "
        words = _("还没开始，%(at)s 第一段", at=day + clock_words(event, 0))
    elif slot < desk.slot_count:
        words = _running_words(desk)
    return words


def _running_words(desk: Desk) -> str:
    slot, event = desk.slot, desk.event
    if pause := desk.day.paused.get(slot + 1):
        return f"{clock_words(event, slot)}–{clock_words(event, slot + 1)} {pause}"
    words: str = _(
        "第 %(n)s 段 %(begins)s–%(ends)s",
        n=slot + 1,
        begins=clock_words(event, slot),
        ends=clock_words(event, slot + 1),
    )
    return words


@blueprint.get("/d/<token>")
@allow(Audience.ORGANISER)
def badge(token: str) -> ResponseReturnValue:
    """Open the page of whoever wears a badge."""
    row = invitation_of_badge(session_here(), settings_here(), token)
    return redirect(url_for("desk.person", event_id=row.event_id, who=f"guest-{row.id}"))


@blueprint.get("/events/<int:event_id>/desk/people/<who>")
@allow(Audience.ORGANISER)
def person(event_id: int, who: str) -> ResponseReturnValue:
    """Show one person with large buttons: here, not coming, late by so much; and their day."""
    desk = open_desk(session_here(), actor_here(), event_id)
    hall = Hall(desk)
    face = _face(hall, who)
    return render_template(
        "desk/person.html",
        **_frame(desk, "desk"),
        face=face,
        who=who,
        in_timetable=person_named(face.who) is not None,
        talks=hall.talks_of(face),
        minutes=_MINUTES,
    )


def _face(hall: Hall, who: str) -> Face:
    """Return who is meant: by the timetable's word, or by an invitation. Raises NotFound."""
    if who.startswith("guest-"):
        guest = next((one for one in hall.desk.guests if f"guest-{one.invitation_id}" == who), None)
        found = desk_acts.person_of(hall.desk, guest) if guest else None
        if found in hall.faces:
            return hall.faces[found]
        face = next((one for one in hall.others if one.who == who), None)
    else:
        named = person_named(who)
        face = hall.faces.get(named) if named else None
    if face is None:
        raise NotFound()
    return face


@blueprint.post("/events/<int:event_id>/desk/arrive")
@allow(Audience.ORGANISER)
def arrive(event_id: int) -> ResponseReturnValue:
    """Check somebody in."""
    step = desk_acts.arrive(session_here(), actor_here(), event_id=event_id, who=request.form.get("who", ""))
    flash(step.words if step else _("已经签到过了"), "success")
    return _back(event_id)


@blueprint.get("/events/<int:event_id>/desk/meetings/<int:pairing_id>")
@allow(Audience.ORGANISER)
def meeting(event_id: int, pairing_id: int) -> ResponseReturnValue:
    """Show one meeting with all that can be said of it."""
    desk = open_desk(session_here(), actor_here(), event_id)
    hall = Hall(desk)
    talk = next((one for one in hall.talks if one.pairing_id == pairing_id), None)
    if talk is None:
        raise NotFound("这场洽谈已经不在时间表上，请看现场台最新的安排。")
    return render_template(
        "desk/meeting.html",
        **_frame(desk, "desk"),
        talk=talk,
        outcomes=_OUTCOMES,
        begun=desk.has_begun(desk.by_id[pairing_id]),
    )


@blueprint.post("/events/<int:event_id>/desk/meetings/<int:pairing_id>/start")
@allow(Audience.ORGANISER)
def start(event_id: int, pairing_id: int) -> ResponseReturnValue:
    """Note that a meeting has begun."""
    session, actor, seen = session_here(), actor_here(), request.form.get("seen", "")
    try:
        new = desk_acts.start(session, actor, event_id=event_id, pairing_id=pairing_id, seen=seen)
    except Conflict as refused:
        session.rollback()
        flash(refused.message, "warning")
        return _back(event_id)
    flash(_("已记下开始") if new else _("别人已经记过了"), "success")
    return _back(event_id)


@blueprint.post("/events/<int:event_id>/desk/meetings/<int:pairing_id>/end")
@allow(Audience.ORGANISER)
def end(event_id: int, pairing_id: int) -> ResponseReturnValue:
    """Note that a meeting is over, and what came of it."""
    session, form = session_here(), request.form
    word = form.get("outcome", "")
    if word not in {one.value for one in _OUTCOMES}:
        raise NotFound()
    try:
        new = desk_acts.end(
            session,
            actor_here(),
            event_id=event_id,
            pairing_id=pairing_id,
            outcome=MeetingOutcome(word),
            note=form.get("note", "")[:500],
            seen=form.get("seen", ""),
        )
    except (Conflict, InvalidInput) as refused:
        session.rollback()
        flash(refused.message, "warning")
        return _back(event_id)
    flash(_("已记下结果") if new else _("别人已经记过了"), "success")
    return _back(event_id)


@blueprint.post("/events/<int:event_id>/desk/undo")
@allow(Audience.ORGANISER)
def undo(event_id: int) -> ResponseReturnValue:
    """Take a step back."""
    session = session_here()
    try:
        step = desk_acts.undo(
            session,
            actor_here(),
            event_id=event_id,
            number=whole_number(request.form.get("number")) or 0,
        )
    except (Conflict, WrongState) as refused:
        session.rollback()
        flash(refused.message, "warning")
        return _back(event_id)
    flash(_("已%(what)s，一切恢复到那之前", what=step.words), "success")
    return _back(event_id)


@blueprint.post("/events/<int:event_id>/desk/propose")
@allow(Audience.ORGANISER)
@reads
def propose_change(event_id: int) -> ResponseReturnValue:
    """Compute a new timetable for what happened; the solver runs outside any writing transaction."""
    form = request.form
    kind, first = form.get("kind", ""), whole_number(form.get("first"))
    if kind not in (StepKind.ABSENT, StepKind.LATE, StepKind.RETURNED, StepKind.TABLE_LOST):
        raise NotFound()
    mishap = Mishap(
        kind=StepKind(kind),
        who=_timetable_word(event_id, form.get("who", "")),
        minutes=whole_number(form.get("minutes")),
        table=whole_number(form.get("table")),
        first=None if first is None else first - 1,
    )
    return propose_and_show(event_id, mishap)


def _timetable_word(event_id: int, who: str) -> str:
    """Return the timetable's word for somebody named by badge; other words as they are."""
    if not who.startswith("guest-"):
        return who
    desk = open_desk(session_here(), actor_here(), event_id)
    guest = next((one for one in desk.guests if f"guest-{one.invitation_id}" == who), None)
    found = desk_acts.person_of(desk, guest) if guest else None
    return who_word(found) if found else ""


def propose_and_show(event_id: int, mishap: Mishap) -> ResponseReturnValue:
    """Compute a proposal and go to its page; what cannot be is said where one came from."""
    solve = propose_walk_in if mishap.kind is StepKind.WALK_IN else propose
    try:
        key = solve(database_here(), actor_here(), event_id=event_id, mishap=mishap)
    except (InvalidInput, WrongState) as refused:
        flash(refused.message, "warning")
        return _back(event_id)
    return redirect(url_for("desk.proposal", event_id=event_id, proposal_id=key), 303)


@blueprint.get("/events/<int:event_id>/desk/proposals/<int:proposal_id>")
@allow(Audience.ORGANISER)
def proposal(event_id: int, proposal_id: int) -> ResponseReturnValue:
    """Show what would change, before it does: who, from where, to where."""
    desk = open_desk(session_here(), actor_here(), event_id)
    row = proposal_of(session_here(), desk, proposal_id)
    mishap = mishap_of(row.mishap)
    lines = list(change_lines(desk, row.result))
    return render_template(
        "desk/proposal.html",
        **_frame(desk, "desk"),
        row=row,
        mishap=mishap,
        what=mishap_words(desk, mishap, row.result),
        lines=lines,
        moved=[line for line in lines if line["after"]],
        lost=[line for line in lines if not line["after"]],
        added=[one | {"at": _at_words(desk, one["after"])} for one in row.result["added"]],
        stale=row.step_number is None and is_stale(desk, row),
        slots=[
            (n + 1, clock_words(desk.event, n)) for n in range(min(desk.slot_count, max(0, desk.slot) + 2))
        ],
    )


def _at_words(desk: Desk, place: list[int]) -> str:
    return f"{clock_words(desk.event, place[0] - 1)} {place[1]} 号桌"


@blueprint.post("/events/<int:event_id>/desk/proposals/<int:proposal_id>/confirm")
@allow(Audience.ORGANISER)
@reads
def confirm_change(event_id: int, proposal_id: int) -> ResponseReturnValue:
    """Make a proposal true; if the desk has moved on, compute it anew and ask again."""
    take = [int(word) for word in request.form.getlist("take") if word.isdecimal() and len(word) < 5]
    try:
        with database_here().writing() as session:
            step = confirm(session, actor_here(), event_id=event_id, proposal_id=proposal_id, take=take)
    except Conflict:
        flash(_("有人刚改过现场的安排。这是按最新情况重新算的方案，请再看一眼。"), "warning")
        with database_here().reading() as session:
            desk = open_desk(session, actor_here(), event_id)
            mishap = mishap_of(proposal_of(session, desk, proposal_id).mishap)
        return propose_and_show(event_id, mishap)
    flash(_("%(what)s：已调整，正在通知有关的人", what=step.words) if step.changes else step.words, "success")
    return redirect(url_for("desk.board", event_id=event_id), 303)


def _back(event_id: int) -> ResponseReturnValue:
    here = url_for("desk.board", event_id=event_id)
    return redirect(local_path(request.form.get("next"), here), 303)
