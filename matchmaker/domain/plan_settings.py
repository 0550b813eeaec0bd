"""What the organiser sets for a plan: kept with each version, and checked in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from matchmaker.domain.plan import PlanBounds, Venue
from matchmaker.domain.problems import Problem

# field → (name, least, most): the figures of the form
FIGURES: Mapping[str, tuple[str, int, int]] = {
    "events": ("活动场数", 1, 400),
    "least_needs": ("每场最少需求数", 1, 60),
    "most_needs": ("每场最多需求数", 1, 200),
    "per_day": ("每天最多场数", 1, 10),
    "apart_days": ("同专题间隔的工作日", 0, 60),
    "per_firm": ("每家企业最多场数", 1, 50),
    "per_expert": ("每位专家最多场数", 1, 50),
    "experts_per_event": ("每场专家人数", 0, 100),
    "far_km": ("相距多远算远", 10, 5000),
}
LONGEST_DAYS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSettings(PlanBounds):
    """What a plan is made with. `closed` are days without events, `worked` extra working days.

    `again`: needs that had an event before and are still open may come to another.
    """

    from_day: date
    to_day: date
    venues: tuple[Venue, ...]
    starts_at: time = time(14, 0)
    far_km: int = 300
    closed: frozenset[date] = field(default_factory=frozenset)
    worked: frozenset[date] = field(default_factory=frozenset)
    again: bool = False


def check_settings(settings: PlanSettings) -> list[Problem]:
    """Return everything that keeps these settings from being planned with."""
    return list(_problems(settings))


def _problems(settings: PlanSettings) -> Iterator[Problem]:
    if settings.to_day < settings.from_day:
        yield Problem(field="to_day", code="order", message="结束日期不能早于开始日期，请核对。")
    elif (settings.to_day - settings.from_day).days > LONGEST_DAYS:
        message = f"一次最多规划 {LONGEST_DAYS} 天，请缩短起止日期。"
        yield Problem(field="to_day", code="long", message=message)
    for name, (words, least, most) in FIGURES.items():
        value = getattr(settings, name)
        if not least <= value <= most:
            yield Problem(field=name, code="range", message=f"{words}请填 {least} 到 {most} 之间的整数。")
    if settings.most_needs < settings.least_needs:
        yield Problem(field="most_needs", code="order", message="每场最多需求数不能少于最少需求数，请核对。")
    names = [venue.name for venue in settings.venues]
    if not names:
        yield Problem(field="venues", code="missing", message="请至少填写一个场地和它能容纳的人数。")
    if len(set(names)) < len(names):
        yield Problem(field="venues", code="twice", message="有两个场地同名，请改成不同的名称。")
    if any(not 1 <= venue.capacity <= 5000 for venue in settings.venues):
        yield Problem(field="venues", code="range", message="场地的容纳人数请填 1 到 5000 之间的整数。")


def settings_to_json(settings: PlanSettings) -> dict[str, Any]:
    """Return the settings as plain JSON values."""
    return {
        "from_day": settings.from_day.isoformat(),
        "to_day": settings.to_day.isoformat(),
        "starts_at": settings.starts_at.strftime("%H:%M"),
        **{name: getattr(settings, name) for name in FIGURES},
        "again": settings.again,
        "closed": sorted(day.isoformat() for day in settings.closed),
        "worked": sorted(day.isoformat() for day in settings.worked),
        "venues": [
            {
                "name": venue.name,
                "place": venue.place,
                "capacity": venue.capacity,
                "closed": sorted(day.isoformat() for day in venue.closed),
            }
            for venue in settings.venues
        ],
    }


def settings_from_json(told: Mapping[str, Any]) -> PlanSettings:
    """Return the settings that `settings_to_json` wrote."""
    return PlanSettings(
        from_day=date.fromisoformat(told["from_day"]),
        to_day=date.fromisoformat(told["to_day"]),
        starts_at=time.fromisoformat(told["starts_at"]),
        closed=_days(told["closed"]),
        worked=_days(told["worked"]),
        again=told["again"],
        venues=tuple(
            Venue(
                name=venue["name"],
                place=venue["place"],
                capacity=venue["capacity"],
                closed=_days(venue["closed"]),
            )
            for venue in told["venues"]
        ),
        **{name: told[name] for name in FIGURES},
    )


def _days(written: list[str]) -> frozenset[date]:
    return frozenset(date.fromisoformat(day) for day in written)
