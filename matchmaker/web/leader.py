"""The leader's board: read from afar, changed by nobody."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker import clock
from matchmaker.domain import figures
from matchmaker.domain.figures import Period
from matchmaker.store.queries import front, headline, signings, tracking
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import session_here

blueprint = Blueprint("leader", __name__)
_TOWNS = 10


@blueprint.get("/board")
@allow(Audience.ORGANISER)
def board() -> ResponseReturnValue:
    """Show the five numbers, the funnel, the towns, the next event and what was signed lately."""
    session, today = session_here(), clock.today()
    campaign = tracking.current_campaign(session, today=today)
    return render_template(
        "leader/board.html",
        series=campaign,
        now=clock.now(),
        numbers=headline.headline(session, campaign, today=today),
        funnel_rows=_funnel(),
        towns=[(line.town, line.needs, "") for line in tracking.needs_by_town(session)[:_TOWNS]],
        coming=front.coming_events(session, today=today, most=3),
        signings=signings.latest_signings(session),
    )


def _funnel() -> list[tuple[str, int, str]]:
    """Return (stage, number, no link): a board that hangs on a wall leads nowhere."""
    session = session_here()
    counts, ever = tracking.funnel_counts(session), Period()
    intents = figures.intents_reached(tracking.intent_facts(session), ever).count
    signed = figures.agreements_signed(tracking.agreement_facts(session), ever).count
    registered = figures.contracts_registered(tracking.contract_facts(session), ever).count
    return [
        (_("受理需求"), counts["needs_collected"], ""),
        (_("公开需求"), counts["needs_published"], ""),
        (_("一对一洽谈"), counts["meetings"], ""),
        (_("合作意向"), intents, ""),
        (_("签约"), signed, ""),
        (_("登记合同"), registered, ""),
        (_("难题解决"), counts["solved"], ""),
    ]
