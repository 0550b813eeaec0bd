"""Campaigns: the series that events belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.errors import Conflict, InvalidInput, NotAllowed, NotFound
from matchmaker.services.settings_seed import seed_campaign
from matchmaker.store.tables import Campaign

_FIRST_NAME = "百日百场对接活动"


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDraft:
    """What the form says of a campaign."""

    name: str
    slogan: str
    starts_on: date | None
    ends_on: date | None
    target_events: int | None
    target_intents: int | None
    target_contracts: int | None


def current_campaign(session: Session) -> Campaign | None:
    """Return the campaign that new events belong to: the newest one."""
    return session.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(1)).first()


def campaigns_of(session: Session) -> Sequence[Campaign]:
    """Return every campaign, the newest first."""
    return session.scalars(select(Campaign).order_by(Campaign.id.desc())).all()


def campaign_for_new_event(session: Session, *, day: date | None = None) -> Campaign:
    """Return the campaign that runs on a day, else the current one, made if there is none yet.

    Needs a writing session. While the next campaign is being prepared, events of this one go on.
    """
    running = (one for one in campaigns_of(session) if day and one.starts_on <= day <= one.ends_on)
    return next(running, None) or current_campaign(session) or seed_campaign(session, name=_FIRST_NAME)


def save_campaign(
    session: Session, actor: Actor, draft: CampaignDraft, *, campaign_id: int, version: int
) -> Campaign:
    """Change name, dates and targets of a campaign. Raises InvalidInput, Conflict."""
    if not actor.organises:
        raise NotAllowed()
    row = session.get(Campaign, campaign_id)
    if row is None:
        raise NotFound()
    if row.version != version:
        raise Conflict()
    problems = _problems(draft)
    if problems:
        raise InvalidInput(problems)
    row.name, row.slogan = draft.name.strip(), draft.slogan.strip()
    row.starts_on, row.ends_on = draft.starts_on or row.starts_on, draft.ends_on or row.ends_on
    row.target_events = draft.target_events or 0
    row.target_intents = draft.target_intents or 0
    row.target_contracts = draft.target_contracts or 0
    return row


def _problems(draft: CampaignDraft) -> list[Problem]:
    found = []
    if not draft.name.strip():
        found.append(Problem(field="name", code="missing", message="请填写系列活动的名称。"))
    if draft.starts_on is None:
        found.append(Problem(field="starts_on", code="missing", message="请填写开始日期。"))
    if draft.ends_on is None:
        found.append(Problem(field="ends_on", code="missing", message="请填写结束日期。"))
    if draft.starts_on and draft.ends_on and draft.ends_on < draft.starts_on:
        found.append(Problem(field="ends_on", code="order", message="结束日期不能早于开始日期，请核对。"))
    for name, value in (
        ("target_events", draft.target_events),
        ("target_intents", draft.target_intents),
        ("target_contracts", draft.target_contracts),
    ):
        if value is not None and value < 0:
            found.append(Problem(field=name, code="range", message="目标数不能是负数。"))
    return found
