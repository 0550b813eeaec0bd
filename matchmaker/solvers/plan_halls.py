"""What a day has room for: halls that are free, events that fit into them, and who gets which."""

from collections.abc import Iterable
from datetime import date

from matchmaker.domain.plan import PlanEvent, PlanQuestion, Venue


def left_on(question: PlanQuestion, day: date) -> int:
    """Return how many more events a day may have, halls aside."""
    return question.rules.per_day - sum(busy.day == day for busy in question.busy)


def fits(venue: Venue, event: PlanEvent) -> bool:
    """Tell whether a hall is large enough and stands where the event is to be."""
    return venue.capacity >= event.size and event.place in ("", venue.place)


def free_halls(question: PlanQuestion, day: date) -> list[Venue]:
    """Return the halls that are open and not taken on a day."""
    taken = {busy.venue for busy in question.busy if busy.day == day}
    return [venue for venue in question.venues if day not in venue.closed and venue.name not in taken]


def days_of(question: PlanQuestion, event: PlanEvent) -> list[date]:
    """Return the days an event could have if it were alone."""
    open_days = [day for day in question.rules.days if day not in event.closed]
    wanted = open_days if event.pinned_on is None else [event.pinned_on]
    return [
        day
        for day in wanted
        if day in question.rules.days
        and left_on(question, day) > 0
        and any(fits(venue, event) for venue in free_halls(question, day))
    ]


def hand_out(halls: Iterable[Venue], events: Iterable[PlanEvent]) -> dict[int, Venue] | None:
    """Return event number → hall for the events of one day; None when the halls do not suffice.

    The largest event first takes the smallest hall that holds it; those bound to a place choose
    before the others, or a small event would take their hall.
    """
    free = sorted(halls, key=lambda venue: (venue.capacity, venue.name))
    found: dict[int, Venue] = {}
    for event in sorted(events, key=lambda event: (event.place == "", -event.size, event.number)):
        hall = next((venue for venue in free if fits(venue, event)), None)
        if hall is None:
            return None
        free.remove(hall)
        found[event.number] = hall
    return found
