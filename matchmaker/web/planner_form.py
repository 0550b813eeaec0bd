"""The planner's form: settings as typed, and back."""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from werkzeug.datastructures import MultiDict

from matchmaker.domain.dates import parse_date
from matchmaker.domain.plan import Venue
from matchmaker.domain.plan_settings import FIGURES, PlanSettings
from matchmaker.domain.problems import Problem
from matchmaker.errors import InvalidInput

BLANK_ROWS = 3
_BETWEEN_DAYS = re.compile(r"[\s,，、;；]+")


def values_of_settings(settings: PlanSettings) -> dict[str, Any]:
    """Return what the form shows."""
    return {
        "from_day": settings.from_day.isoformat(),
        "to_day": settings.to_day.isoformat(),
        "starts_at": settings.starts_at.strftime("%H:%M"),
        "again": settings.again,
        "closed": _written(settings.closed),
        "worked": _written(settings.worked),
        **{name: str(getattr(settings, name)) for name in FIGURES},
        "venues": [
            (venue.name, venue.place, str(venue.capacity), _written(venue.closed))
            for venue in settings.venues
        ],
    }


def values_typed(form: MultiDict[str, str]) -> dict[str, Any]:
    """Return what was typed, to be shown again."""
    names = ("from_day", "to_day", "starts_at", "closed", "worked", *FIGURES)
    rows = _rows(form)
    return {name: form.get(name, "") for name in names} | {"again": bool(form.get("again")), "venues": rows}


def read_settings(form: MultiDict[str, str]) -> PlanSettings:
    """Return the settings typed. Raises InvalidInput for what cannot be read."""
    problems: list[Problem] = []
    from_day = _day(form.get("from_day", ""), "from_day", problems)
    to_day = _day(form.get("to_day", ""), "to_day", problems)
    figures = {name: _number(form, name, problems) for name in FIGURES}
    closed = _days(form.get("closed", ""), "closed", problems)
    worked = _days(form.get("worked", ""), "worked", problems)
    venues = _venues(form, problems)
    starts_at = _time(form.get("starts_at", ""), problems)
    if problems or from_day is None or to_day is None:
        raise InvalidInput(problems)
    return PlanSettings(
        from_day=from_day,
        to_day=to_day,
        starts_at=starts_at,
        closed=closed,
        worked=worked,
        venues=venues,
        again=bool(form.get("again")),
        **figures,
    )


def one_day(word: str | None) -> date | None:
    """Return a day that a link or a date field names, or None."""
    return parse_date(word).value if word and len(word) < 20 else None


def _written(days: frozenset[date]) -> str:
    return "，".join(day.isoformat() for day in sorted(days))


def _rows(form: MultiDict[str, str]) -> list[tuple[str, ...]]:
    columns = [form.getlist(name) for name in ("venue_name", "venue_place", "venue_capacity", "venue_closed")]
    rows = list(zip(*columns, strict=False))[:60]
    return [row for row in rows if any(cell.strip() for cell in row)]


def _venues(form: MultiDict[str, str], problems: list[Problem]) -> tuple[Venue, ...]:
    venues = []
    for number, (name, place, capacity, closed) in enumerate(_rows(form), 1):
        where = f"第 {number} 个场地"
        if not name.strip() or not capacity.strip().isdecimal() or len(capacity) > 6:
            message = f"{where}请写明名称和容纳人数（整数）。"
            problems.append(Problem(field="venues", code="unreadable", message=message))
            continue
        days = _days(closed, "venues", problems)
        venues.append(Venue(name=name.strip(), place=place.strip(), capacity=int(capacity), closed=days))
    return tuple(venues)


def _day(word: str, name: str, problems: list[Problem]) -> date | None:
    day = one_day(word.strip())
    if day is None:
        problems.append(Problem(field=name, code="unreadable", message="请填写日期，如 2026-12-01。"))
    return day


def _days(words: str, name: str, problems: list[Problem]) -> frozenset[date]:
    found = set()
    for word in _BETWEEN_DAYS.split(words.strip()):
        day = one_day(word)
        if day is not None:
            found.add(day)
        elif word:
            message = f"“{word[:20]}”不是日期。多个日期用逗号隔开，如 2026-12-01，2026-12-02。"
            problems.append(Problem(field=name, code="unreadable", message=message))
    return frozenset(found)


def _number(form: Mapping[str, str], name: str, problems: list[Problem]) -> int:
    word = form.get(name, "").strip()
    if word.isdecimal() and len(word) < 7:
        return int(word)
    words, least, most = FIGURES[name]
    message = f"{words}请填 {least} 到 {most} 之间的整数。"
    problems.append(Problem(field=name, code="unreadable", message=message))
    return 0


def _time(word: str, problems: list[Problem]) -> time:
    found = re.fullmatch(r"([01]?\d|2[0-3])[:：]([0-5]\d)", word.strip())
    if found is None:
        message = "请填写开始时间，如 14:00。"
        problems.append(Problem(field="starts_at", code="unreadable", message=message))
        return time(14, 0)
    return time(int(found[1]), int(found[2]))
