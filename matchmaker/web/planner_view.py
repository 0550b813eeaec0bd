"""The plan as the pages show it: a board by week, a calendar by day, journeys as bands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from matchmaker.domain.plan_settings import PlanSettings
from matchmaker.domain.workdays import WorkCalendar, days, week_of
from matchmaker.store.tables import Event, PlanEvent

BANDS = 8
VIEWS = ("theme", "town", "city", "topic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One event on the board. `band` tells partner cities apart by colour, 0 for none."""

    number: int
    title: str
    day: date
    venue: str
    town: str
    city: str
    needs: int
    experts: int
    pinned: bool
    band: int
    opened: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the calendar with what is on it; `free` is whether events may be held then."""

    day: date
    free: bool
    inside: bool
    swapped: bool
    cards: tuple[Card, ...]
    others: tuple[Event, ...]


def cards_of(
    rows: Sequence[PlanEvent], needs: Mapping[int, int], experts: Mapping[int, int], opened: frozenset[int]
) -> list[Card]:
    """Return a plan's events as cards, by day."""
    cities = sorted({row.city for row in rows} - {""})
    band = {city: number % BANDS + 1 for number, city in enumerate(cities)}
    cards = [
        Card(
            number=row.number,
            title=row.title,
            day=row.held_on,
            venue=row.venue,
            town=row.town,
            city=row.city,
            needs=needs.get(row.id, 0),
            experts=experts.get(row.id, 0),
            pinned=row.pinned,
            band=band.get(row.city, 0),
            opened=row.id in opened,
        )
        for row in rows
    ]
    return sorted(cards, key=lambda card: (card.day, card.number))


def board_of(
    cards: Sequence[Card], column_of: Mapping[int, str], *, first: date, last: date
) -> tuple[list[str], list[tuple[date, dict[str, list[Card]]]]]:
    """Return the column names, most events first, and per week (its Monday) the cards of each column.

    Weeks from the first to the last day are there without events too: an event can be dragged into them.
    """
    sizes: dict[str, int] = defaultdict(int)
    weeks: dict[date, dict[str, list[Card]]] = defaultdict(lambda: defaultdict(list))
    for day in days(week_of(first), last):
        weeks[week_of(day)].clear()
    for card in cards:
        name = column_of[card.number]
        sizes[name] += 1
        weeks[week_of(card.day)][name].append(card)
    columns = sorted(sizes, key=lambda name: (-sizes[name], name))
    return columns, sorted(weeks.items())


def calendar_weeks(
    settings: PlanSettings, calendar: WorkCalendar, cards: Sequence[Card], others: Sequence[Event]
) -> list[list[Day]]:
    """Return whole weeks from Monday to Sunday over the settings' period."""
    by_day: dict[date, list[Card]] = defaultdict(list)
    for card in cards:
        by_day[card.day].append(card)
    more: dict[date, list[Event]] = defaultdict(list)
    for event in others:
        more[event.held_on].append(event)
    first = week_of(min([settings.from_day, *by_day]))
    last = week_of(max([settings.to_day, *by_day])) + timedelta(days=6)
    shown = [
        Day(
            day=day,
            free=calendar.is_workday(day),
            inside=settings.from_day <= day <= settings.to_day,
            swapped=calendar.is_workday(day) != (day.weekday() < 5),
            cards=tuple(by_day[day]),
            others=tuple(more[day]),
        )
        for day in days(first, last)
    ]
    return [shown[start : start + 7] for start in range(0, len(shown), 7)]


def bands_of(days_of: Sequence[tuple[date, int]]) -> list[tuple[date, date, int]]:
    """Return a university's journeys as (first day, last day, how many seats)."""
    runs: list[tuple[date, date, int]] = []
    for day, seats in days_of:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = (runs[-1][0], day, runs[-1][2] + seats)
        else:
            runs.append((day, day, seats))
    return runs
