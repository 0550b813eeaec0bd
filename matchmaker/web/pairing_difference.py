"""What a version of a pairing list changes against the one before, in words."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from matchmaker.domain.day_rules import DayRules
from matchmaker.domain.pairing_change import PairingChange
from matchmaker.services.day_rules import changes_of_day
from matchmaker.services.pairing_lists import change_between
from matchmaker.services.pairing_rows import slot_cell
from matchmaker.services.timetable_search import meeting_name
from matchmaker.store.queries.pairings import PairingLine, Version, pairing_lines
from matchmaker.store.tables import Event
from matchmaker.web.events import line_of
from matchmaker.web.frame import session_here


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a version changes against the one before it, in words.

    `moved` are meetings of both with their places before and now, `swapped` those with another achievement;
    `day`: pauses and orders, new or gone.
    """

    since: int
    added: list[str]
    dropped: list[str]
    moved: list[tuple[str, str, str]]
    swapped: list[tuple[str, str, str]]
    newly_served: list[str]
    no_longer_served: list[str]
    day: list[tuple[bool, str]]


def difference_of(versions: list[Version], chosen: Version, lines: list[PairingLine]) -> Difference | None:
    """Return what a version changes against the one before it; None for the first."""
    before = next((version for version in versions if version.number < chosen.number), None)
    if before is None:
        return None
    earlier = pairing_lines(session_here(), list_id=before.list_id)
    change = change_between(earlier, lines)
    day = changes_of_day(
        DayRules.of_json(before.row.day),
        DayRules.of_json(chosen.row.day),
        {(line.need.id, line.expert_key): meeting_name(line) for line in (*earlier, *lines)},
    )
    moved = list(_moved(line_of(before.row.event_id).event, earlier, lines))
    swapped = list(_swapped(earlier, lines))
    return _in_words(before.number, change, [*earlier, *lines], moved=moved, swapped=swapped, day=list(day))


def _moved(
    event: Event, earlier: list[PairingLine], now: list[PairingLine]
) -> Iterator[tuple[str, str, str]]:
    """Yield what both versions have elsewhere: (who, the place before, the place now)."""
    places = {(line.need.id, line.expert_key): slot_cell(event, line) for line in earlier}
    for line in now:
        key, place = (line.need.id, line.expert_key), slot_cell(event, line)
        if places.get(key, place) != place:
            yield meeting_name(line), places[key] or "—", place or "—"


def _swapped(earlier: list[PairingLine], now: list[PairingLine]) -> Iterator[tuple[str, str, str]]:
    """Yield the meetings of both that are about another achievement: (who, which before, which now)."""
    known = {(line.need.id, line.expert_key): line.achievement for line in earlier}
    for line in now:
        before = known.get((line.need.id, line.expert_key), line.achievement)
        if before.id != line.achievement.id:
            yield meeting_name(line), before.title, line.achievement.title


def _in_words(
    since: int,
    change: PairingChange,
    lines: list[PairingLine],
    *,
    moved: list[tuple[str, str, str]],
    swapped: list[tuple[str, str, str]],
    day: list[tuple[bool, str]],
) -> Difference:
    by_pair = {(line.need.id, line.expert_key): line for line in lines}
    touched = [by_pair[pair.need_id, pair.expert_id] for pair in (*change.added, *change.dropped)]
    often = Counter(meeting_name(line) for line in touched)
    # two meetings of the same people differ in what they are about
    words = {
        (line.need.id, line.expert_key): meeting_name(line)
        if often[meeting_name(line)] == 1
        else f"{meeting_name(line)}（{line.need.title}）"
        for line in touched
    }
    firms = {line.enterprise.id: line.enterprise.name for line in lines}
    return Difference(
        since=since,
        added=[words[pair.need_id, pair.expert_id] for pair in change.added],
        dropped=[words[pair.need_id, pair.expert_id] for pair in change.dropped],
        moved=moved,
        swapped=swapped,
        newly_served=[firms[key] for key in change.newly_served],
        no_longer_served=[firms[key] for key in change.no_longer_served],
        day=day,
    )
