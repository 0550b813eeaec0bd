"""Desk sheets to print, and the page where they are keyed in."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.day_rules import pauses_in_words
from matchmaker.domain.desk import StepKind
from matchmaker.domain.problems import Problem
from matchmaker.errors import InvalidInput
from matchmaker.files.qr import qr_image
from matchmaker.services.desk import Desk, open_desk
from matchmaker.services.desk_badges import badge_address, badge_number
from matchmaker.services.desk_paper import RESULTS, Keyed, Sheet, key_in, sheet_by_code, sheets_of
from matchmaker.services.papers_read import dossier
from matchmaker.web.access import Audience, allow
from matchmaker.web.desk import blueprint
from matchmaker.web.desk_keying import TypedLine, entry_of, faults_of, typed_lines
from matchmaker.web.events import line_of, tabs_of
from matchmaker.web.frame import actor_here, session_here, settings_here


def result_words() -> list[tuple[str, str]]:
    """Return (id, words) of what is ticked on a sheet."""
    return [
        ("intent", _("有合作意向")),
        ("follow_up", _("继续跟进")),
        ("no_interest", _("暂无意向")),
        ("held", _("已洽谈")),
        ("firm_absent", _("企业未到")),
        ("expert_absent", _("专家未到")),
    ]


@blueprint.get("/events/<int:event_id>/desk/sheets")
@allow(Audience.ORGANISER)
def sheets(event_id: int) -> ResponseReturnValue:
    """Show every table's sheet, ready to print."""
    desk = open_desk(session_here(), actor_here(), event_id)
    return render_template(
        "desk/sheets.html",
        event=desk.event,
        sheets=sheets_of(desk),
        results=result_words(),
        steps=desk.version,
        pauses=pauses_in_words(desk.day),
    )


@blueprint.get("/events/<int:event_id>/desk/badges")
@allow(Audience.ORGANISER)
def badges(event_id: int) -> ResponseReturnValue:
    """Show badges with their QR codes, ten on a sheet."""
    desk = open_desk(session_here(), actor_here(), event_id)
    settings = settings_here()
    called = dossier(session_here(), actor_here(), settings, event_id=event_id).aliases
    houses = [called.get(guest.organisation_id, guest.organisation) for guest in desk.guests]
    people = [
        (
            guest.person or house,
            house if guest.person else "",
            badge_number(guest.invitation_id),
            qr_image(badge_address(settings, guest.invitation_id)),
        )
        for guest, house in zip(desk.guests, houses, strict=True)
    ]
    return render_template("desk/badges.html", event=desk.event, people=people, site=settings.public_url)


@blueprint.get("/events/<int:event_id>/desk/keying")
@allow(Audience.ORGANISER)
def keying(event_id: int) -> ResponseReturnValue:
    """Ask for a sheet's code, or show that sheet to fill in."""
    desk = open_desk(session_here(), actor_here(), event_id)
    code = request.args.get("code", "").strip()[:30]
    try:
        sheet = sheet_by_code(desk, code) if code else None
    except InvalidInput as refused:
        return _page(desk, None, code=code, problems=refused.problems), 422
    return _page(desk, sheet, code=code)


@blueprint.post("/events/<int:event_id>/desk/keying")
@allow(Audience.ORGANISER)
def save_keying(event_id: int) -> ResponseReturnValue:
    """Take a sheet's results; contradictions come back to be looked at."""
    code, typed = request.form.get("code", ""), typed_lines(request.form)
    override = {int(word) for word in request.form.getlist("override") if word.isdecimal() and len(word) < 12}
    try:
        problems = _faults(event_id, code, typed)
        wrong = {int(problem.field.rpartition("-")[2]) for problem in problems}
        entries = [entry_of(key, line) for key, line in typed.items() if key not in wrong]
        keyed = key_in(
            session_here(), actor_here(), event_id=event_id, code=code, entries=entries, override=override
        )
    except InvalidInput as refused:
        session_here().rollback()
        flash(refused.message, "error")
        return redirect(url_for("desk.keying", event_id=event_id), 303)
    if entries or not problems:
        flash(
            _(
                "桌单 %(code)s：新记 %(new)s 场，已有相同记录 %(same)s 场",
                code=code,
                new=len(keyed.new),
                same=len(keyed.same),
            ),
            "success" if typed else "warning",
        )
    if not keyed.conflicts and not problems:
        return redirect(url_for("desk.keying", event_id=event_id), 303)
    session_here().flush()
    desk = open_desk(session_here(), actor_here(), event_id)
    shown = _page(
        desk, sheet_by_code(desk, code), code=code, problems=tuple(problems), keyed=keyed, typed=typed
    )
    return shown, 422 if problems and not entries else 200


def _faults(event_id: int, code: str, typed: Mapping[int, TypedLine]) -> list[Problem]:
    """Return what is wrong with the typed lines. Raises InvalidInput for an unknown code."""
    sheet = sheet_by_code(open_desk(session_here(), actor_here(), event_id), code)
    lines = {line.row.pairing_id: line for line in sheet.lines}
    return [problem for key, line in typed.items() for problem in faults_of(line, lines.get(key))]


def _page(
    desk: Desk,
    sheet: Sheet | None,
    *,
    code: str,
    problems: tuple[object, ...] = (),
    keyed: Keyed | None = None,
    typed: Mapping[int, TypedLine] | None = None,
) -> str:
    line = line_of(desk.event.id)
    words = dict(result_words())
    page: str = render_template(
        "desk/keying.html",
        event=desk.event,
        line=line,
        tabs=tabs_of(line, "desk"),
        sheet=sheet,
        code=code,
        problems=problems,
        keyed=keyed,
        typed=typed or {},
        results=[(key, words[key]) for key in RESULTS],
        words=words,
        recent=[
            step for step in reversed(desk.steps) if step.kind is StepKind.PAPER and step.undone_by is None
        ][:10],
    )
    return page
