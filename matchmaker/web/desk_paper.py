"""Desk sheets to print, and the page where they are keyed in."""

import re
from collections.abc import Iterator

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.day_rules import pauses_in_words
from matchmaker.domain.desk import StepKind
from matchmaker.errors import InvalidInput
from matchmaker.files.qr import qr_image
from matchmaker.services.desk import Desk, open_desk
from matchmaker.services.desk_badges import badge_address, badge_number
from matchmaker.services.desk_paper import RESULTS, Entry, Keyed, Sheet, key_in, sheet_by_code, sheets_of
from matchmaker.web.access import Audience, allow
from matchmaker.web.desk import blueprint
from matchmaker.web.events import line_of, tabs_of
from matchmaker.web.frame import actor_here, session_here, settings_here

_CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]?([0-5]\d)")


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
    people = [
        (
            guest.person or guest.organisation,
            guest.organisation if guest.person else "",
            badge_number(guest.invitation_id),
            qr_image(badge_address(settings, guest.invitation_id)),
        )
        for guest in desk.guests
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
    code, entries = request.form.get("code", ""), list(_entries())
    override = {int(word) for word in request.form.getlist("override") if word.isdecimal() and len(word) < 12}
    try:
        keyed = key_in(
            session_here(), actor_here(), event_id=event_id, code=code, entries=entries, override=override
        )
    except InvalidInput as refused:
        session_here().rollback()
        flash(refused.message, "error")
        return redirect(url_for("desk.keying", event_id=event_id), 303)
    flash(
        _(
            "桌单 %(code)s：新记 %(new)s 场，已有相同记录 %(same)s 场",
            code=code,
            new=len(keyed.new),
            same=len(keyed.same),
        ),
        "success",
    )
    if not keyed.conflicts:
        return redirect(url_for("desk.keying", event_id=event_id), 303)
    session_here().flush()
    desk = open_desk(session_here(), actor_here(), event_id)
    return _page(desk, sheet_by_code(desk, code), code=code, keyed=keyed, typed=entries)


def _entries() -> Iterator[Entry]:
    """Yield what was keyed in per meeting; lines left empty are left out."""
    for name, value in request.form.items():
        key = name.removeprefix("result-")
        if name.startswith("result-") and key.isdecimal() and len(key) < 12 and value:
            times = [_clock(request.form.get(f"{word}-{key}", "")) for word in ("began", "ended")]
            note = request.form.get(f"note-{key}", "")[:300].strip()
            span = f"{times[0]}–{times[1]}" if any(times) else ""
            yield Entry(
                pairing_id=int(key), result=value, note="；".join(part for part in (note, span) if part)
            )


def _clock(text: str) -> str:
    found = _CLOCK.fullmatch(text.strip())
    return f"{int(found[1]):02d}:{found[2]}" if found else ""


def _page(
    desk: Desk,
    sheet: Sheet | None,
    *,
    code: str,
    problems: tuple[object, ...] = (),
    keyed: Keyed | None = None,
    typed: list[Entry] | None = None,
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
        typed={entry.pairing_id: entry for entry in typed or ()},
        results=[(key, words[key]) for key in RESULTS],
        words=words,
        recent=[
            step for step in reversed(desk.steps) if step.kind is StepKind.PAPER and step.undone_by is None
        ][:10],
    )
    return page
