"""What the day asks of the timetable: pauses on the event's page, orders of meetings on the timetable's."""

from datetime import time

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.errors import InvalidInput
from matchmaker.services.day_rules import PairKey, add_order, add_pause, drop_order, drop_pause
from matchmaker.web.access import Audience, allow
from matchmaker.web.event_form import hour_of, whole_number
from matchmaker.web.event_pairing import draw_and_show, last_limits
from matchmaker.web.events import blueprint, detail_page
from matchmaker.web.frame import actor_here, database_here, reads, session_here


@blueprint.post("/events/<int:event_id>/pauses")
@allow(Audience.ORGANISER)
def enter_pause(event_id: int) -> ResponseReturnValue:
    """Add a part of the day in which nobody meets."""
    form = request.form
    begins, ends = (_time(form.get(name, "")) for name in ("begins", "ends"))
    try:
        add_pause(
            session_here(),
            actor_here(),
            event_id=event_id,
            name=form.get("name", ""),
            begins=begins,
            ends=ends,
        )
    except InvalidInput as refused:
        session_here().rollback()
        return detail_page(event_id, pause=form.to_dict(), problems=refused.problems), 422
    flash(_("已记下，重新配对后生效；已发布的清单不变。"), "success")
    return redirect(url_for("events.detail", event_id=event_id, _anchor="pauses"), 303)


def _time(word: str) -> time | None:
    return hour_of(word.replace("：", ":"))


@blueprint.post("/events/<int:event_id>/pauses/<int:pause_id>/remove")
@allow(Audience.ORGANISER)
def remove_pause(event_id: int, pause_id: int) -> ResponseReturnValue:
    """Take a pause away."""
    name = drop_pause(session_here(), actor_here(), event_id=event_id, pause_id=pause_id)
    flash(_("已删去“%(name)s”，重新配对后生效；已发布的清单不变。", name=name), "success")
    return redirect(url_for("events.detail", event_id=event_id, _anchor="pauses"), 303)


@blueprint.post("/events/<int:event_id>/orders")
@allow(Audience.ORGANISER)
@reads
def enter_order(event_id: int) -> ResponseReturnValue:
    """Put one meeting before another, then draw again under the last version's figures."""
    earlier, later = (_pair(request.form.get(name, "")) for name in ("earlier", "later"))
    with database_here().writing() as session:
        add_order(session, actor_here(), event_id=event_id, earlier=earlier, later=later)
    return draw_and_show(event_id, last_limits(event_id))


def _pair(word: str) -> PairKey | None:
    numbers = [whole_number(part) for part in word.split("-")]
    need, achievement = numbers if len(numbers) == 2 else (None, None)
    return (need, achievement) if need and achievement else None


@blueprint.post("/events/<int:event_id>/orders/<int:order_id>/remove")
@allow(Audience.ORGANISER)
def remove_order(event_id: int, order_id: int) -> ResponseReturnValue:
    """Take an order of two meetings away; it counts from the next draw on."""
    drop_order(session_here(), actor_here(), event_id=event_id, order_id=order_id)
    flash(_("已取消这条先后次序，重新配对后生效"), "success")
    return redirect(url_for("events.pairing", event_id=event_id), 303)
