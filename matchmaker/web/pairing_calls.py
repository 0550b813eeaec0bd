"""What the two sides of a meeting say on the telephone, written down by the organiser."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.services.pairing_answers import answer_by_telephone
from matchmaker.web.access import Audience, allow
from matchmaker.web.events import blueprint
from matchmaker.web.frame import actor_here, session_here


@blueprint.post("/events/<int:event_id>/pairing/answers/<int:pairing_id>")
@allow(Audience.ORGANISER)
def telephone_answer(event_id: int, pairing_id: int) -> ResponseReturnValue:
    """Keep what one side answered on the telephone: most guests have no account and get no mail."""
    side, _dash, answer = request.form.get("reason", "").partition("-")
    answer_by_telephone(
        session_here(),
        actor_here(),
        event_id=event_id,
        pairing_id=pairing_id,
        side=side,
        answer=answer,
        note=request.form.get("note", ""),
    )
    flash(_("电话答复已记下"), "success")
    return redirect(url_for("events.pairing", event_id=event_id) + "#list", 303)
