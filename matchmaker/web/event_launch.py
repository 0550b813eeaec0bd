"""Publish an event and invite its guests at one click."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.services.event_launch import launch_event
from matchmaker.web.access import Audience, allow
from matchmaker.web.event_people import say_who_is_unheard
from matchmaker.web.events import blueprint
from matchmaker.web.frame import actor_here, session_here


@blueprint.post("/events/<int:event_id>/launch")
@allow(Audience.ORGANISER)
def launch(event_id: int) -> ResponseReturnValue:
    """Publish, list the guests, invite them; then show who was asked."""
    done = launch_event(session_here(), actor_here(), event_id=event_id)
    flash(_("活动已发布，已邀请 %(n)s 位。下一步：生成配对清单。", n=done.invited), "success")
    say_who_is_unheard(event_id)
    return redirect(url_for("events.people", event_id=event_id), 303)
