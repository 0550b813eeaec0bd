"""What the bureau sets for itself: themes, towns, the campaign."""

import re
from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.errors import Conflict, InvalidInput, NotAllowed, NotFound
from matchmaker.store.tables import Campaign, Theme, Town


def add_theme(session: Session, actor: Actor, *, name: str) -> Theme:
    """Add a theme at the end of the list."""
    _check_admin(actor)
    _check_theme_name(session, name, own_id=None)
    last = session.scalar(select(func.max(Theme.place))) or 0
    number = (session.scalar(select(func.max(Theme.id))) or 0) + 1
    theme = Theme(slug=f"own-{number}", name=name, place=last + 1)
    session.add(theme)
    session.flush()  # the page goes on to the new theme
    return theme


def edit_theme(session: Session, actor: Actor, *, theme_id: int, name: str, words: Sequence[str]) -> None:
    """Give a theme its name and its words; words are kept once each, in their order."""
    _check_admin(actor)
    theme = session.get(Theme, theme_id)
    if theme is None:
        raise NotFound()
    _check_theme_name(session, name, own_id=theme.id)
    theme.name, theme.words = name, list(dict.fromkeys(word for word in words if word))


def move_theme(session: Session, actor: Actor, *, theme_id: int, up: bool) -> None:
    """Move a theme one place up or down; at the end of the list nothing happens."""
    _check_admin(actor)
    themes = list(session.scalars(select(Theme).order_by(Theme.place, Theme.id)))
    here = next((i for i, theme in enumerate(themes) if theme.id == theme_id), None)
    if here is None:
        raise NotFound()
    there = min(max(0, here - 1 if up else here + 1), len(themes) - 1)
    themes[here], themes[there] = themes[there], themes[here]
    for place, theme in enumerate(themes, start=1):
        theme.place = place


def _check_theme_name(session: Session, name: str, *, own_id: int | None) -> None:
    taken = select(Theme.id).where(Theme.name == name, Theme.id != (own_id or 0))
    if not name or len(name) > 60:
        message = "请填写主题名称，不超过 60 字。"
    elif session.scalar(taken) is not None:
        message = f"已经有名为“{name}”的主题。"
    else:
        return
    raise InvalidInput([Problem(field="name", code="theme_name", message=message)])


def split_words(text: str) -> list[str]:
    """Return the words of a text field: one a line, or between commas or 、."""
    return [word for word in re.split(r"[\s,，、;；]+", text) if word]


def set_towns(session: Session, actor: Actor, *, names: Sequence[str]) -> None:
    """Replace the list of towns, in this order. Records keep the town they already name."""
    _check_admin(actor)
    wanted = list(dict.fromkeys(names))
    if long := [name for name in wanted if len(name) > 60]:
        message = f"“{long[0][:20]}…”太长，请每行只写一个乡镇或街道。"
        raise InvalidInput([Problem(field="towns", code="town_long", message=message)])
    known = {town.name: town for town in session.scalars(select(Town).order_by(Town.id))}
    for name, town in known.items():
        if name not in wanted:
            session.delete(town)
    for place, name in enumerate(wanted, start=1):
        town = known.get(name) or Town(name=name)
        town.place = place
        session.add(town)


def edit_campaign(
    session: Session,
    actor: Actor,
    *,
    campaign_id: int,
    version: int,
    name: str,
    slogan: str,
    starts_on: date | None,
    ends_on: date | None,
    targets: tuple[int | None, int | None, int | None],
) -> None:
    """Set the campaign's name, days and targets (events, intents, contracts).

    Raises InvalidInput, and Conflict when somebody saved it meanwhile.
    """
    _check_admin(actor)
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound()
    if campaign.version != version:
        raise Conflict()
    problems = _campaign_problems(name, starts_on, ends_on, targets)
    if problems or starts_on is None or ends_on is None:
        raise InvalidInput(problems)
    campaign.name, campaign.slogan = name, slogan
    campaign.starts_on, campaign.ends_on = starts_on, ends_on
    events, intents, contracts = (target or 0 for target in targets)
    campaign.target_events, campaign.target_intents, campaign.target_contracts = events, intents, contracts


def _campaign_problems(
    name: str, starts_on: date | None, ends_on: date | None, targets: tuple[int | None, ...]
) -> list[Problem]:
    checks = (
        (not name, "name", "请填写系列活动名称。"),
        (starts_on is None, "starts_on", "请填写开始日期，如 2026-03-01。"),
        (ends_on is None, "ends_on", "请填写结束日期，如 2026-06-08。"),
        (bool(starts_on and ends_on and ends_on < starts_on), "ends_on", "结束日期不能早于开始日期。"),
        (any(t is None or t < 0 for t in targets), "target_events", "目标数请填 0 或正整数。"),
    )
    return [
        Problem(field=field, code=f"{field}_wrong", message=message)
        for wrong, field, message in checks
        if wrong
    ]


def _check_admin(actor: Actor) -> None:
    if not actor.administers:
        raise NotAllowed()
