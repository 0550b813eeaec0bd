"""The form of a campaign: name, dates, targets."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.problems import Problem
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.services.campaigns import campaigns_of, current_campaign, save_campaign
from matchmaker.store.tables import Campaign
from matchmaker.web.access import Audience, allow
from matchmaker.web.event_form import (
    read_campaign,
    values_of_campaign,
    whole_number,
)
from matchmaker.web.events import blueprint
from matchmaker.web.frame import actor_here, session_here


@blueprint.get("/events/campaign")
@allow(Audience.ORGANISER)
def campaign() -> ResponseReturnValue:
    """Show a campaign's form: the asked one, else the newest."""
    row = campaign_asked()
    if row is None:
        flash(_("先建第一场活动，系列活动会随之建立。"), "info")
        return redirect(url_for("events.new"))
    return _campaign_page(row, values_of_campaign(row), [])


def campaign_asked() -> Campaign | None:
    """Return the campaign that address or form names, else the newest. Raises NotFound for another."""
    session, asked = session_here(), whole_number(request.values.get("campaign"))
    if asked is None:
        return current_campaign(session)
    row = session.get(Campaign, asked)
    if row is None:
        raise NotFound()
    return row


def campaign_tabs(endpoint: str, campaign_id: int | None) -> list[tuple[str, str, bool]]:
    """Return every campaign as (the day it begins, the address of a page for it, is it the shown one)."""
    return [
        (one.starts_on.isoformat(), url_for(endpoint, campaign=one.id), one.id == campaign_id)
        for one in campaigns_of(session_here())
    ]


def _campaign_page(row: Campaign, form: dict[str, Any], problems: list[Problem]) -> str:
    tabs = campaign_tabs("events.campaign", row.id)
    return render_template("events/campaign.html", series=row, form=form, problems=problems, tabs=tabs)


@blueprint.post("/events/campaign")
@allow(Audience.ORGANISER)
def save_campaign_form() -> ResponseReturnValue:
    """Take the campaign's name, dates and targets."""
    session, row = session_here(), campaign_asked()
    if row is None:
        raise NotFound()
    version = whole_number(request.form.get("version")) or 0
    try:
        save_campaign(session, actor_here(), read_campaign(request.form), campaign_id=row.id, version=version)
    except InvalidInput as refused:
        session.rollback()
        typed = {name: request.form.get(name, "") for name in values_of_campaign(row)}
        return _campaign_page(row, typed, list(refused.problems)), 422
    flash(_("已保存"), "success")
    return redirect(url_for("events.index"), 303)
