"""Goes on looking for a better timetable of a drawn list after the draw has answered.

A draw answers within seconds; large halls need longer. What is found meanwhile is an offer beside the
list: nobody's timetable changes until an organiser takes it. Where the search stands is kept with
the list, under "search" of its timetable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.day_rules import DayRules
from matchmaker.domain.permissions import Actor
from matchmaker.domain.timetable import (
    Meeting,
    Placement,
    TimetableProblem,
    TimetableResult,
    measure,
    weights_of,
)
from matchmaker.errors import NotFound, WrongState
from matchmaker.services.events import organiser_event
from matchmaker.services.pairing_hours import Hours
from matchmaker.services.pairing_lists import FOR_PAIRING, published_placements
from matchmaker.services.pairing_question import Limits
from matchmaker.services.pairing_solving import known_placements
from matchmaker.services.timetable_words import told_of
from matchmaker.store.engine import Database
from matchmaker.store.queries.pairings import PairingLine, pairing_lines, versions_of
from matchmaker.store.tables import Event, Pairing, PairingList

SEARCH_SECONDS = 45.0
WAITING, RUNNING, DONE, STOPPED = "waiting", "running", "done", "stopped"
# A search that began longer ago than this belongs to a dead process.
_DEAD = timedelta(seconds=4 * SEARCH_SECONDS)
_DRAWN_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A list whose timetable is looked at again: the problem, and what stands now."""

    list_id: int
    began: str
    problem: TimetableProblem
    now: tuple[Placement, ...]
    known: tuple[Placement, ...]
    names: Mapping[int, str]


def search_of(row: PairingList) -> Mapping[str, Any]:
    """Return where the search for a better timetable of a list stands; empty when there is none."""
    found: Mapping[str, Any] = row.result.get("timetable", {}).get("search", {})
    return found


def search_timetables(database: Database, *, seconds: float = SEARCH_SECONDS) -> int:
    """Look once more at every list that waits for it, one after the other; return how many."""
    from matchmaker.solvers.timetable import place_timetable

    done = 0
    while (task := _claim(database)) is not None:
        found = place_timetable(task.problem, limit_seconds=seconds, published=task.known)
        with database.writing() as session:
            _keep(session, task, found)
        done += 1
    return done


def _claim(database: Database) -> _Task | None:
    with database.reading() as session:
        if not _waiting(session):
            return None
    with database.writing() as session:
        row = next(iter(_waiting(session)), None)
        if row is None:
            return None
        began = clock.now().isoformat()
        _note(row, {"state": RUNNING, "began": began})
        return _task(session, row, began)


def _waiting(session: Session) -> list[PairingList]:
    """Return the lists to look at: unpublished, the newest of their event, drawn not long ago."""
    rows = session.scalars(
        select(PairingList)
        .join(Event, Event.id == PairingList.event_id)
        .where(
            PairingList.published_at.is_(None),
            PairingList.created_at > clock.now() - _DRAWN_WITHIN,
            Event.status.in_(FOR_PAIRING),
        )
        .order_by(PairingList.id)
    )
    return [row for row in rows if _is_due(row) and versions_of(session, row.event_id)[0].list_id == row.id]


def _is_due(row: PairingList) -> bool:
    search = search_of(row)
    if search.get("state") == RUNNING:
        return bool(search["began"] < (clock.now() - _DEAD).isoformat())
    return search.get("state") == WAITING


def _task(session: Session, row: PairingList, began: str) -> _Task:
    lines = pairing_lines(session, list_id=row.id)
    keys = {line.id: (line.need.id, line.expert_key) for line in lines}
    published = published_placements(session, row.event_id)
    return _Task(
        list_id=row.id,
        began=began,
        problem=problem_of(session, row, lines),
        now=placed([line.pairing for line in lines]),
        known=known_placements(published, keys, Limits(**row.settings)),
        names={line.id: meeting_name(line) for line in lines},
    )


def problem_of(session: Session, row: PairingList, lines: Sequence[PairingLine]) -> TimetableProblem:
    """Return the timetable problem of a drawn list; a meeting's id is its pairing's."""
    limits, day = Limits(**row.settings), DayRules.of_json(row.day)
    weights = weights_of([(line.pairing.value, line.pairing.pinned) for line in lines])
    return TimetableProblem(
        slot_count=limits.slots,
        tables=tuple(range(1, limits.tables + 1)),
        meetings=tuple(
            Meeting(
                meeting_id=line.id,
                enterprise_id=line.enterprise.id,
                expert_id=line.expert_key,
                weight=weight,
            )
            for line, weight in zip(lines, weights, strict=True)
        ),
        presences=Hours.of(session, row.event_id, slots=limits.slots).presences(),
        pauses=day.shut,
        precedences=day.precedences({(line.need.id, line.expert_key): line.id for line in lines}),
    )


def meeting_name(line: PairingLine) -> str:
    """Say who meets whom."""
    return f"{line.enterprise.name} × {line.seat.name if line.seat else line.achievement.title}"


def placed(pairings: Sequence[Pairing]) -> tuple[Placement, ...]:
    """Return where the meetings of a list are, by pairing id."""
    return tuple(
        Placement(meeting_id=row.id, slot=row.slot - 1, table=row.table_number)
        for row in sorted(pairings, key=lambda row: row.id)
        if row.slot is not None and row.table_number is not None
    )


def _keep(session: Session, task: _Task, found: TimetableResult) -> None:
    """Keep what was found as an offer, or what it proves of the timetable that stands."""
    row = session.get(PairingList, task.list_id, with_for_update=True)
    if row is None or row.published_at is not None or search_of(row).get("began") != task.began:
        return
    if search_of(row).get("state") != RUNNING or placed(_pairings(session, row)) != task.now:
        _note(row, {"state": STOPPED})
        return
    standing = measure(task.problem, task.now)
    better = found.measures is not None and (
        (len(found.unplaced), found.measures.breaks)
        < (len(task.problem.meetings) - len(task.now), standing.breaks)
    )
    if better:
        _note(row, {"state": DONE, "timetable": told_of(found, task.names), "places": _places(found)})
        return
    proved = found.proved and not len(found.unplaced) and found.breaks_bound == standing.breaks
    bound = max(found.breaks_bound, row.result["timetable"].get("breaks_bound", 0))
    _note(row, {"state": DONE}, proved=proved, breaks_bound=bound)


def _places(found: TimetableResult) -> list[list[int]]:
    return [[place.meeting_id, place.slot + 1, place.table] for place in found.placements]


def _note(row: PairingList, search: Mapping[str, Any], **changes: Any) -> None:
    timetable = row.result["timetable"] | changes | {"search": dict(search)}
    row.result = row.result | {"timetable": timetable}


def _pairings(session: Session, row: PairingList) -> Sequence[Pairing]:
    return session.scalars(select(Pairing).where(Pairing.list_id == row.id).order_by(Pairing.id)).all()


def stop_search(session: Session, actor: Actor, *, list_id: int) -> bool:
    """Give the search for a better timetable up; return False when it had ended already."""
    row = draft_list(session, actor, list_id)
    if search_of(row).get("state") not in (WAITING, RUNNING):
        return False
    _note(row, {"state": STOPPED})
    return True


def take_timetable(session: Session, actor: Actor, *, list_id: int) -> bool:
    """Bring a list's meetings to the better timetable that was found; return False when there is none."""
    row = draft_list(session, actor, list_id)
    search = search_of(row)
    if "places" not in search:
        return False
    places = {pairing_id: (slot, table) for pairing_id, slot, table in search["places"]}
    for pairing in _pairings(session, row):
        pairing.slot, pairing.table_number = places.get(pairing.id, (None, None))
    row.result = row.result | {"timetable": dict(search["timetable"])}
    return True


def draft_list(session: Session, actor: Actor, list_id: int) -> PairingList:
    """Return a list whose timetable may still change, locked. Raises NotFound, NotAllowed, WrongState."""
    row = session.get(PairingList, list_id, with_for_update=True)
    if row is None:
        raise NotFound()
    organiser_event(session, actor, row.event_id)
    if row.published_at is not None:
        raise WrongState("这一版已经发布，时间表不再改动。需要改动，请重新配对成新的一版。")
    return row
