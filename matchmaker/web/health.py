"""Whether the service is well, for people and for supervisors."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from matchmaker import clock
from matchmaker.store.tables import Heartbeat
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import session_here, settings_here
from nlp.embedding import available_way

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@allow(Audience.ANYONE)
def check() -> ResponseReturnValue:
    """Answer 200 while the database answers and the background process has a pulse, else 503."""
    pulse = session_here().get(Heartbeat, "deliveries")
    age = None if pulse is None else (clock.now() - pulse.at).total_seconds()
    well = age is not None and age < max(30.0, settings_here().jobs.delivery_seconds * 10)
    way, words = available_way(settings_here().matching.way)
    state = {
        "status": "ok" if well else "degraded",
        "instance": settings_here().instance,
        "jobs_seconds_ago": None if age is None else round(age, 1),
        "encoder": way,
        "encoder_says": words,
    }
    return state, 200 if well else 503
