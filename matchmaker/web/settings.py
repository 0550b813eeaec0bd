"""What the bureau sets for itself: the campaign, themes, towns."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from matchmaker.domain.dates import parse_date
from matchmaker.domain.problems import Problem
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.services import settings as service
from matchmaker.store.queries.organisations import town_names
from matchmaker.store.tables import Campaign, Theme
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here, settings_here

blueprint = Blueprint("settings", __name__, url_prefix="/settings")
_TARGETS = ("target_events", "target_intents", "target_contracts")


@blueprint.get("")
@allow(Audience.ADMIN)
def index() -> ResponseReturnValue:
    return _page()


def _page(
    *, problems: list[Problem] | None = None, form: dict[str, str] | None = None, towns: str | None = None
) -> str:
    session = session_here()
    campaign = session.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(1)).first()
    return render_template(
        "settings/index.html",
        series=campaign,
        form=form or (_campaign_form(campaign) if campaign else {}),
        themes=session.scalars(select(Theme).order_by(Theme.place, Theme.id)).all(),
        towns="\n".join(town_names(session)) if towns is None else towns,
        settings=settings_here(),
        problems=problems or [],
    )


def _campaign_form(row: Campaign) -> dict[str, str]:
    names = ("name", "slogan", "starts_on", "ends_on", *_TARGETS, "version")
    return {name: str(getattr(row, name)) for name in names}


@blueprint.post("/campaign/<int:campaign_id>")
@allow(Audience.ADMIN)
def save_campaign(campaign_id: int) -> ResponseReturnValue:
    form = {key: value.strip() for key, value in request.form.items()}
    events, intents, contracts = (_whole(form.get(name, "")) for name in _TARGETS)
    try:
        service.edit_campaign(
            session_here(),
            actor_here(),
            campaign_id=campaign_id,
            version=_whole(form.get("version", "")) or 0,
            name=form.get("name", ""),
            slogan=form.get("slogan", ""),
            starts_on=parse_date(form.get("starts_on", "")).value,
            ends_on=parse_date(form.get("ends_on", "")).value,
            targets=(events, intents, contracts),
        )
    except InvalidInput as error:
        blank = dict.fromkeys(("name", "slogan", "starts_on", "ends_on", *_TARGETS, "version"), "")
        return _page(problems=list(error.problems), form=blank | form), 422
    flash(_("系列活动已保存。"), "success")
    return redirect(url_for("settings.index"), 303)


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 8 else None


@blueprint.post("/themes")
@allow(Audience.ADMIN)
def add_theme() -> ResponseReturnValue:
    try:
        theme = service.add_theme(session_here(), actor_here(), name=request.form.get("name", "").strip())
    except InvalidInput as error:
        wrong = [Problem(field="theme_name", code=p.code, message=p.message) for p in error.problems]
        return _page(problems=wrong), 422
    flash(_("主题已新增。再给它写几个词，需求和成果才能自动归入。"), "success")
    return redirect(url_for("settings.theme", theme_id=theme.id), 303)


@blueprint.get("/themes/<int:theme_id>")
@allow(Audience.ADMIN)
def theme(theme_id: int) -> ResponseReturnValue:
    row = session_here().get(Theme, theme_id)
    if row is None:
        raise NotFound()
    return _theme_page(row, row.name, "\n".join(row.words), [])


@blueprint.post("/themes/<int:theme_id>")
@allow(Audience.ADMIN)
def save_theme(theme_id: int) -> ResponseReturnValue:
    name, words = request.form.get("name", "").strip(), request.form.get("words", "")
    try:
        service.edit_theme(
            session_here(), actor_here(), theme_id=theme_id, name=name, words=service.split_words(words)
        )
    except InvalidInput as error:
        row = session_here().get_one(Theme, theme_id)
        return _theme_page(row, name, words, list(error.problems)), 422
    flash(_("主题已保存。"), "success")
    return redirect(url_for("settings.index"), 303)


def _theme_page(row: Theme, name: str, words: str, problems: list[Problem]) -> str:
    return render_template("settings/theme.html", theme=row, name=name, words=words, problems=problems)


@blueprint.post("/themes/<int:theme_id>/move")
@allow(Audience.ADMIN)
def move_theme(theme_id: int) -> ResponseReturnValue:
    up = request.form.get("direction") == "up"
    service.move_theme(session_here(), actor_here(), theme_id=theme_id, up=up)
    return redirect(url_for("settings.index") + "#themes", 303)


@blueprint.post("/towns")
@allow(Audience.ADMIN)
def save_towns() -> ResponseReturnValue:
    text = request.form.get("towns", "")
    try:
        service.set_towns(session_here(), actor_here(), names=service.split_words(text))
    except InvalidInput as error:
        return _page(problems=list(error.problems), towns=text), 422
    flash(_("乡镇街道名单已保存。"), "success")
    return redirect(url_for("settings.index"), 303)
