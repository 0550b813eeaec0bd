"""The campaign planner's question and answer: needs into themed events, events onto days, experts to events.

Three steps, each with an aim that can be stated and a bound or a check of its own:

1. grouping: every need goes to at most one event of a topic, a partner city and a place, where the sum
   of `fit_of` is largest;
2. days: every event gets a working day and a venue; `moved`, then journeys and uneven weeks, are fewest;
3. experts: seats go to those whose achievements fit best, at the price of `JOURNEY_PRICE` a journey.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

# What one placed need is worth: being on the programme at all, then how well topic, city and town fit.
PLACED, TOPIC_SHARE, CITY_SHARE, TOWN_SHARE = 1000, 600, 300, 100
FIT_MAX = 1000
# What a journey costs beside the seats it fills: a lone expert with a fair match still comes.
JOURNEY_PRICE = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNeed:
    """A need to be placed. `topics` and `cities` map to how well they fit, 1 to FIT_MAX."""

    need_id: int
    firm_id: int
    town: str
    topics: Mapping[str, int]
    cities: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """A hall: how many people it holds, where it stands, and on which days it is not to be had."""

    name: str
    place: str
    capacity: int
    closed: frozenset[date] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBounds:
    """How many of what a plan may have, as the organiser sets it.

    `apart_days` counts working days between two events of one topic; `per_firm` and `per_expert`
    count events of the whole campaign; a firm and an expert come to one event a day at most.
    """

    events: int = 12
    least_needs: int = 6
    most_needs: int = 30
    per_day: int = 2
    apart_days: int = 3
    per_firm: int = 3
    per_expert: int = 4
    experts_per_event: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRules(PlanBounds):
    """The bounds of a plan, and in their order the days on which events may be held."""

    days: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """An event that stands in the calendar already and is not planned here."""

    day: date
    venue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEvent:
    """A themed event. `size` is how many people its hall must hold.

    `pinned_on` holds it on a day, `closed` are days it may not have. Before a re-plan it was number
    `was`, on the day `was_on`, in the hall `was_in`.
    """

    number: int
    topic: str
    city: str
    place: str
    need_ids: tuple[int, ...]
    firm_ids: frozenset[int]
    size: int
    pinned_on: date | None = None
    closed: frozenset[date] = field(default_factory=frozenset)
    was_on: date | None = None
    was_in: str = ""
    was: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The day and the venue of an event."""

    number: int
    day: date
    venue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanExpert:
    """An expert who could come. `needs` maps a need's id to how well an achievement of theirs fits it."""

    expert_id: int
    university_id: int
    needs: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """An expert at an event; `value` is what the expert has for its needs."""

    expert_id: int
    number: int
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanQuestion:
    """Everything a plan depends on. With `events` given the grouping is kept and only days are sought.

    `earlier` are the events of the version that is grouped anew: those found again keep what they had.
    `far` holds pairs of places that nobody should be asked to reach on consecutive days.
    """

    rules: PlanRules
    needs: tuple[PlanNeed, ...]
    venues: tuple[Venue, ...]
    experts: tuple[PlanExpert, ...] = ()
    busy: tuple[Busy, ...] = ()
    far: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    events: tuple[PlanEvent, ...] | None = None
    earlier: tuple[PlanEvent, ...] = ()
    kept_seats: frozenset[tuple[int, int]] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was reached, and the bound that no plan can pass: `value` at most `bound`, `cost` at least."""

    value: int = 0
    bound: float = 0.0
    cost: int = 0
    cost_bound: float = 0.0
    seats_value: int = 0
    seats_bound: int = 0
    seconds: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def gap(self) -> float:
        """How much the grouping could at most be better, as a share of its value."""
        return max(0.0, self.bound - self.value) / self.value if self.value else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAnswer:
    """A whole plan. `left_out` are needs that found no event, `remarks` what a person should know."""

    events: tuple[PlanEvent, ...]
    slots: tuple[Slot, ...]
    seats: tuple[Seat, ...]
    left_out: tuple[int, ...]
    figures: Figures
    remarks: tuple[str, ...] = ()


def fit_of(need: PlanNeed, *, topic: str, city: str, place: str) -> int:
    """Return what a need is worth in an event; 0 when topic or partner city is not one of its own."""
    fit = need.topics.get(topic, 0)
    if not fit or (city and city not in need.cities):
        return 0
    near = FIT_MAX if place and place == need.town else 0
    shares = TOPIC_SHARE * fit + CITY_SHARE * need.cities.get(city, 0) + TOWN_SHARE * near
    return PLACED + shares // FIT_MAX


def spacing(events: Iterable[PlanEvent], rules: PlanRules) -> dict[str, int]:
    """Return topic → working days between two of its events: as asked, or as many as there is room for.

    A topic with n events among D days can be spaced by (D - 1) // (n - 1) at most.
    """
    counts: dict[str, int] = defaultdict(int)
    for event in events:
        counts[event.topic] += 1
    room = len(rules.days) - 1
    return {
        topic: min(rules.apart_days, room // (number - 1)) if number > 1 else rules.apart_days
        for topic, number in sorted(counts.items())
    }


def journeys(slots: Iterable[tuple[str | int, date]]) -> int:
    """Count journeys: runs of calendar-adjacent days on which a city or university is at an event."""
    days_of: dict[str | int, set[date]] = defaultdict(set)
    for traveller, day in slots:
        days_of[traveller].add(day)
    return sum(day - timedelta(days=1) not in own for own in days_of.values() for day in own)


def week_targets(days: Sequence[date], number: int) -> dict[date, float]:
    """Return Monday → how many events its week should have, in proportion to its working days."""
    counts: dict[date, int] = defaultdict(int)
    for day in days:
        counts[day - timedelta(days=day.weekday())] += 1
    return {monday: number * count / len(days) for monday, count in sorted(counts.items())}
