"""A meeting of a drawn list put at another time or table by hand: checked at once, refused in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from matchmaker.domain.day_rules import DayRules
from matchmaker.domain.pairing_edit import (
    PairKey,
    Room,
    Sitting,
    against_rules,
    impossible,
    out_of_order,
)
from matchmaker.domain.permissions import Actor
from matchmaker.domain.timetable import Person, Side, idle_runs, measure
from matchmaker.errors import NotFound, WrongState
from matchmaker.services.pairing_lists import open_event
from matchmaker.services.pairing_question import FIGURES_OF_EVENT, Limits
from matchmaker.services.timetable_search import draft_list, placed, problem_of
from matchmaker.store.queries.pairings import PairingLine, pairing_lines
from matchmaker.store.queries.wishes import away_slots_of
from matchmaker.store.tables import PairingList


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiter:
    """Somebody who waits between meetings, and how many slots in all."""

    name: str
    slots: int


def move_meeting(
    session: Session, actor: Actor, *, list_id: int, pairing_id: int, slot: int, table: int
) -> None:
    """Put a meeting into a slot (from 1) at a table; a meeting that is there changes places with it.

    Raises WrongState, with what it would break, when somebody would be in two places or cannot come,
    and for a list that is published.
    """
    row = draft_list(session, actor, list_id)
    open_event(session, actor, row.event_id)
    lines = pairing_lines(session, list_id=list_id)
    moved = next((line for line in lines if line.id == pairing_id), None)
    if moved is None:
        raise NotFound()
    there = next((line for line in lines if _place(line) == (slot, table)), None)
    places = {line.id: _place(line) for line in lines}
    if there is not None:
        places[there.id] = _place(moved)
    places[moved.id] = (slot, table)
    _check(session, row, lines, places, touched={moved.id, *([there.id] if there else [])})
    for line in lines:
        line.pairing.slot, line.pairing.table_number = places[line.id]
    session.flush()  # what is measured is what is stored
    _measure(session, row)


def _place(line: PairingLine) -> tuple[int | None, int | None]:
    return line.pairing.slot, line.pairing.table_number


def _check(
    session: Session,
    row: PairingList,
    lines: Sequence[PairingLine],
    places: dict[int, tuple[int | None, int | None]],
    *,
    touched: set[int],
) -> None:
    sittings = {line.id: _sitting(line, *places[line.id]) for line in lines}
    day = DayRules.of_json(row.day)
    room = Room(**{name: row.settings[name] for name in FIGURES_OF_EVENT}, paused=day.paused)
    away = away_slots_of(session, row.event_id)
    clashes = impossible(list(sittings.values()), room)
    hours = {
        one.key: [words for words in found if "不方便" in words]
        for one in sittings.values()
        if (found := against_rules([one], room, bans={}, away=away).get(one.key))
    }
    unordered: dict[PairKey, list[str]] = {}
    for key, words in out_of_order(sittings.values(), day.orders):
        unordered.setdefault(key, []).append(words)
    wrong = [
        words
        for key in (sittings[one].key for one in sorted(touched))
        for words in (*clashes.get(key, ()), *hours.get(key, ()), *unordered.get(key, ()))
    ]
    if wrong:
        raise WrongState("；".join(dict.fromkeys(wrong)) + "，没有移动。")


def _sitting(line: PairingLine, slot: int | None, table: int | None) -> Sitting:
    return Sitting(
        key=(line.need.id, line.achievement.id),
        enterprise_id=line.enterprise.id,
        expert_id=line.expert_key,
        firm=line.enterprise.name,
        expert=line.seat.name if line.seat else "",
        slot=slot,
        table=table,
    )


def _measure(session: Session, row: PairingList) -> None:
    """Bring what the list says of its timetable up to date; a proof no longer holds, nor does a search."""
    lines = pairing_lines(session, list_id=row.id)
    found = measure(problem_of(session, row, lines), placed([line.pairing for line in lines]))
    old = row.result.get("timetable", {})
    told = {
        "breaks": found.breaks,
        "waiting_slots": found.waiting_slots,
        "table_changes": found.table_changes,
        "proved": old.get("breaks_bound", 0) == found.breaks,
        "breaks_bound": old.get("breaks_bound", 0),
        "unplaced": old.get("unplaced", []) if any(line.pairing.slot is None for line in lines) else [],
        "warnings": [],
    }
    row.result = row.result | {"timetable": told}


def waiters_of(session: Session, row: PairingList, lines: Sequence[PairingLine]) -> list[Waiter]:
    """Return who waits between meetings in a version, the longest first."""
    away = away_slots_of(session, row.event_id)
    paused = DayRules.of_json(row.day).paused
    slots = frozenset(range(1, Limits(**row.settings).slots + 1)).difference(paused)
    busy: dict[Person, set[int]] = {}
    names: dict[Person, str] = {}
    for line in lines:
        sides = (
            ((Side.ENTERPRISE, line.enterprise.id), line.enterprise.name),
            ((Side.EXPERT, line.expert_key), line.seat.name if line.seat else ""),
        )
        for person, name in sides:
            names[person] = name
            if line.pairing.slot is not None:
                busy.setdefault(person, set()).add(line.pairing.slot)
    waits = {
        person: sum(idle_runs(slots - away.get((person[0].value, person[1]), frozenset()), own))
        for person, own in busy.items()
    }
    found = [Waiter(name=names[person], slots=total) for person, total in waits.items() if total]
    return sorted(found, key=lambda one: (-one.slots, one.name))
