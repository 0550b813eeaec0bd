"""Pages for anyone: the front page, the privacy notice, the help."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchmaker import clock
from matchmaker.domain.disclosure import view_of
from matchmaker.domain.permissions import ANYONE, Actor
from matchmaker.domain.states import AchievementState, Role
from matchmaker.services.consents import current_notice_version, notice_sections
from matchmaker.store.queries import achievements, front, headline, needs, tracking
from matchmaker.store.queries.achievements import AchievementFilter
from matchmaker.store.queries.needs import NeedFilter
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here, settings_here
from matchmaker.web.presentation import link, opens
from matchmaker.web.registration import bureau_name
from matchmaker.web.visitors import same_for_visitors

blueprint = Blueprint("public", __name__)
_NEWEST = 6
_DOORS = ("needs.new", "uploads.index", "needs.index")


@blueprint.get("/")
@allow(Audience.ANYONE)
def home() -> ResponseReturnValue:
    """Show the campaign to visitors; people with work here go straight to it, unless they ask to stay."""
    own = "" if "stay" in request.args else _own_start(actor_here())
    if own:
        return redirect(own)
    session, today = session_here(), clock.today()
    campaign = tracking.current_campaign(session, today=today)
    need_total, lines = needs.need_lines(
        session, NeedFilter(outside_only=True), sort="-published", most=_NEWEST
    )
    published = AchievementFilter(states=(AchievementState.PUBLISHED,))
    achievement_total = achievements.number_found(session, ANYONE, published)
    same_for_visitors(max(need_total, achievement_total))
    return render_template(
        "public/home.html",
        series=campaign,
        coming=front.coming_events(session, today=today),
        events=headline.headline(session, campaign, today=today).events,
        need_total=need_total,
        newest_needs=[(line, view_of(ANYONE, line.faces)) for line in lines],
        achievement_total=achievement_total,
        newest_achievements=achievements.achievement_lines(session, ANYONE, published, most=_NEWEST),
        suppliers=front.supply_organisations(session),
        doors=[endpoint for endpoint in _DOORS if opens(endpoint)],
    )


def _own_start(actor: Actor) -> str:
    if actor.organises:
        return link("organiser.board")
    if Role.ENTERPRISE in actor.roles:
        return link("needs.mine")
    return link("matches.mine") if Role.UNIVERSITY in actor.roles else ""


@blueprint.get("/privacy")
@allow(Audience.ANYONE)
def privacy() -> ResponseReturnValue:
    """Show the notice that the forms ask consent to."""
    return render_template(
        "public/privacy.html",
        sections=notice_sections(bureau=bureau_name(), retention=settings_here().retention),
        notice_version=current_notice_version(),
        own_data=url_for("accounts.mine"),
    )


@blueprint.get("/help", endpoint="help")
@allow(Audience.ANYONE)
def guide() -> ResponseReturnValue:
    """Say what to do first, by role."""
    settings = settings_here()
    return render_template(
        "public/help.html",
        home_folder=settings.home if actor_here().organises else "",
        upload_days=settings.retention.upload_days,
        upload_megabytes=settings.web.upload_megabytes,
    )
