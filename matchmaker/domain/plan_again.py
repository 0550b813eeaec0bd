"""Events found again after their needs were grouped anew: they keep day, hall, pin and closed days."""

from collections.abc import Sequence
from dataclasses import replace

from matchmaker.domain.plan import PlanEvent


def found_again(events: Sequence[PlanEvent], earlier: Sequence[PlanEvent]) -> tuple[PlanEvent, ...]:
    """Return new events, each with what the event before it had of which it holds most needs.

    Two belong together when they share at least half the needs of the smaller one; pinned events choose
    first, then the larger overlap. Every event is found at most once.
    """
    came_from: dict[int, PlanEvent] = {}
    taken: set[int] = set()
    for _, _, old_number, number in sorted(_kin(events, earlier)):
        if old_number not in taken and number not in came_from:
            taken.add(old_number)
            came_from[number] = next(old for old in earlier if old.number == old_number)
    return tuple(
        _like(event, came_from[event.number]) if event.number in came_from else event for event in events
    )


def _kin(events: Sequence[PlanEvent], earlier: Sequence[PlanEvent]) -> list[tuple[bool, int, int, int]]:
    """Return (not pinned, minus shared needs, earlier number, new number) of all that may belong together."""
    known = [(event.number, frozenset(event.need_ids)) for event in events]
    return [
        (old.pinned_on is None, -shared, old.number, number)
        for old in earlier
        for number, needs in known
        if (shared := len(needs.intersection(old.need_ids)))
        and 2 * shared >= min(len(needs), len(old.need_ids))
    ]


def _like(event: PlanEvent, old: PlanEvent) -> PlanEvent:
    return replace(
        event,
        pinned_on=old.pinned_on,
        closed=old.closed,
        was_on=old.was_on,
        was_in=old.was_in,
        was=old.number,
    )
