"""Reads the forms about events, and fills them again."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from matchmaker import clock
from matchmaker.domain.dates import parse_date
from matchmaker.services.campaigns import CampaignDraft
from matchmaker.services.events import EventDraft
from matchmaker.store.tables import Campaign, Event

_EVENT_FIELDS = (
    "title",
    "kind",
    "theme_id",
    "held_on",
    "start",
    "venue",
    "town",
    "capacity",
    "tables",
    "slots",
    "slot_minutes",
    "per_enterprise",
    "per_expert",
    "description",
)
NEW_EVENT: Mapping[str, Any] = {
    "kind": "themed",
    "start": "14:00",
    "capacity": 60,
    "tables": 10,
    "slots": 6,
    "slot_minutes": 20,
    "per_enterprise": 3,
    "per_expert": 6,
}


def whole_number(word: str | None) -> int | None:
    """Return a typed whole number; None for anything else."""
    word = (word or "").strip()
    return int(word) if word.isdecimal() and len(word) < 9 else None


def read_event(form: Mapping[str, str]) -> EventDraft:
    """Return what an event's form says."""
    figures = {name: whole_number(form.get(name)) for name in _EVENT_FIELDS[7:13]}
    return EventDraft(
        title=form.get("title", ""),
        kind=form.get("kind", ""),
        theme_id=whole_number(form.get("theme_id")),
        held_on=_day(form.get("held_on", "")),
        start=hour_of(form.get("start", "")),
        venue=form.get("venue", ""),
        town=form.get("town", ""),
        description=form.get("description", "").replace("\r\n", "\n"),
        **figures,
    )


def values_of_form(form: Mapping[str, str]) -> dict[str, Any]:
    """Return what was typed, to show it again."""
    return {name: form.get(name, "") for name in _EVENT_FIELDS}


def values_of_event(event: Event) -> dict[str, Any]:
    """Return an event as its form shows it."""
    values = {name: getattr(event, name) for name in _EVENT_FIELDS if name != "start"}
    return values | {
        "held_on": event.held_on.isoformat(),
        "start": f"{clock.local(event.starts_at):%H:%M}",
        "theme_id": event.theme_id or "",
    }


def read_campaign(form: Mapping[str, str]) -> CampaignDraft:
    """Return what the campaign's form says."""
    return CampaignDraft(
        name=form.get("name", ""),
        slogan=form.get("slogan", ""),
        starts_on=_day(form.get("starts_on", "")),
        ends_on=_day(form.get("ends_on", "")),
        target_events=whole_number(form.get("target_events")),
        target_intents=whole_number(form.get("target_intents")),
        target_contracts=whole_number(form.get("target_contracts")),
    )


def values_of_campaign(row: Campaign) -> dict[str, Any]:
    """Return a campaign as its form shows it."""
    names = ("name", "slogan", "starts_on", "ends_on", "target_events", "target_intents", "target_contracts")
    return {name: getattr(row, name) for name in names}


def _day(word: str) -> date | None:
    return parse_date(word.strip()).value if word.strip() else None


def hour_of(word: str) -> time | None:
    """Return a typed time of the day; None for anything else."""
    try:
        return time.fromisoformat(word.strip())
    except ValueError:
        return None
