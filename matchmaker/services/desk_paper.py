"""Desk sheets: one paper per table for when the network is gone, and keying them in later without doubles.

A sheet's code says which event, table and state of the timetable it was printed from, so that what
was written on an old print is still understood after the timetable has changed.
"""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from matchmaker.domain.desk import StepKind
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import InvitationState, MeetingOutcome
from matchmaker.errors import InvalidInput
from matchmaker.services.desk import Desk, clock_words, guests_for, note_step, open_desk
from matchmaker.services.desk_acts import come
from matchmaker.services.desk_spare import people_of
from matchmaker.services.outcome_undo import outcome_after, outcome_before
from matchmaker.services.outcomes import record_outcome
from matchmaker.store.queries.desk import DeskRow
from matchmaker.store.tables import Invitation, Pairing

# No I and O: they are read as 1 and 0.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
# What is ticked on paper → what it is in the ledger, and what is added to the note.
RESULTS: Mapping[str, tuple[MeetingOutcome, str]] = {
    "intent": (MeetingOutcome.INTENT, ""),
    "follow_up": (MeetingOutcome.FOLLOW_UP, ""),
    "no_interest": (MeetingOutcome.NO_INTEREST, ""),
    "held": (MeetingOutcome.HELD, ""),
    "firm_absent": (MeetingOutcome.NO_SHOW, "企业未到"),
    "expert_absent": (MeetingOutcome.NO_SHOW, "专家未到"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """A meeting as the sheet has it; `moved` says where it is now, if that is elsewhere."""

    row: DeskRow
    begins: str
    ends: str
    moved: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table's paper."""

    code: str
    table: int
    version: int
    lines: tuple[SheetLine, ...]


def sheet_code(event_id: int, table: int, version: int) -> str:
    """Return the code printed on a sheet: 12-05-7K, the letter checking the figures."""
    return f"{event_id}-{table:02d}-{version}{_check_letter(event_id, table, version)}"


def _check_letter(*figures: int) -> str:
    total = sum((place + 2) * int(digit) for place, digit in enumerate("".join(f"{n:06d}" for n in figures)))
    return _LETTERS[total % len(_LETTERS)]


def read_code(text: str) -> tuple[int, int, int] | None:
    """Return (event, table, version) of a typed code; None when it was mistyped."""
    plain = unicodedata.normalize("NFKC", text).upper().replace(" ", "").replace("—", "-")
    parts, letter = plain[:-1].split("-"), plain[-1:]
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) < 7 for part in parts):
        return None
    event_id, table, version = map(int, parts)
    return (event_id, table, version) if letter == _check_letter(event_id, table, version) else None


def sheets_of(desk: Desk) -> list[Sheet]:
    """Return the sheets of all tables that have meetings, as the timetable is now."""
    return [sheet for table in desk.tables if (sheet := _sheet(desk, table, desk.version)).lines]


def sheet_by_code(desk: Desk, code: str) -> Sheet:
    """Return a sheet as it was printed. Raises InvalidInput for a code of nothing here."""
    read = read_code(code)
    if read is None or read[0] != desk.event.id or read[2] > desk.version or read[1] not in desk.tables:
        message = "没有这张桌单：请照纸右上角的编号原样输入，如 12-05-7K。别场活动的桌单要到那一场去补录。"
        raise InvalidInput([Problem(field="code", code="unknown", message=message)])
    return _sheet(desk, read[1], read[2])


def _sheet(desk: Desk, table: int, version: int) -> Sheet:
    places = places_at(desk, version)
    lines = [
        (place[0], _line(desk, desk.by_id[key], place[0] - 1))
        for key, place in places.items()
        if place is not None and place[1] == table and key in desk.by_id
    ]
    lines.sort(key=lambda entry: (entry[0], entry[1].row.pairing_id))
    return Sheet(
        code=sheet_code(desk.event.id, table, version),
        table=table,
        version=version,
        lines=tuple(line for _slot, line in lines),
    )


def places_at(desk: Desk, version: int) -> dict[int, list[int] | None]:
    """Return the timetable after a step of the past: pairing → [slot, table], counted from 1."""
    places: dict[int, list[int] | None] = {
        row.pairing_id: [row.slot, row.table] for row in desk.rows if row.slot and row.table
    }
    for step in reversed(desk.steps):
        if step.number > version:
            places |= {change["pairing"]: change["before"] for change in step.changes}
    return places


def _line(desk: Desk, row: DeskRow, slot: int) -> SheetLine:
    moved = ""
    if row.slot is not None and row.slot - 1 != slot:
        moved = f"{clock_words(desk.event, row.slot - 1)} {row.table} 号桌"
    begins, ends = clock_words(desk.event, slot), clock_words(desk.event, slot + 1)
    return SheetLine(row=row, begins=begins, ends=ends, moved=moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What somebody keyed in for one meeting; `result` is a key of RESULTS."""

    pairing_id: int
    result: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """What became of a sheet: newly noted, there already, and in contradiction with what is there."""

    new: tuple[int, ...]
    same: tuple[int, ...]
    conflicts: tuple[int, ...]


def key_in(
    session: Session,
    actor: Actor,
    *,
    event_id: int,
    code: str,
    entries: Iterable[Entry],
    override: Collection[int] = (),
) -> Keyed:
    """Note what a sheet says. Said twice is noted once; a contradiction waits for `override`.

    Raises InvalidInput for an unknown code or a result that is none.
    """
    desk = open_desk(session, actor, event_id, writing=True)
    sheet = sheet_by_code(desk, code)
    on_sheet = {line.row.pairing_id: line.row for line in sheet.lines}
    new: list[Entry] = []
    same, conflicts = [], []
    for entry in entries:
        row = on_sheet.get(entry.pairing_id)
        if row is None or entry.result not in RESULTS:
            message = "提交的内容和这张桌单对不上，请重新打开桌单再填。"
            raise InvalidInput([Problem(field="code", code="mixed", message=message)])
        noted = session.get_one(Pairing, entry.pairing_id).outcome_note
        agrees = _agrees(row, entry.result, noted)
        if agrees and not _added(entry.note, noted):
            same.append(entry.pairing_id)
        elif not agrees and row.outcome is not None and entry.pairing_id not in override:
            conflicts.append(entry.pairing_id)
        else:
            new.append(entry)
    if new:
        _note(session, actor, desk, sheet, new)
    return Keyed(new=tuple(entry.pairing_id for entry in new), same=tuple(same), conflicts=tuple(conflicts))


def _agrees(row: DeskRow, result: str, noted: str) -> bool:
    """Say whether a result stands already; who did not come is part of it, where that was written down."""
    outcome, words = RESULTS[result]
    if row.outcome is not outcome:
        return False
    sides = {said for _outcome, said in RESULTS.values() if said and said in noted}
    return not words or not sides or words in sides


def _added(note: str, noted: str) -> list[str]:
    """Return the parts of a note that do not stand already."""
    return [part for part in note.strip().split("；") if part and part not in noted]


def _note(session: Session, actor: Actor, desk: Desk, sheet: Sheet, entries: list[Entry]) -> None:
    formers, came = [], []
    for entry in entries:
        pairing = session.get_one(Pairing, entry.pairing_id)
        former = outcome_before(session, pairing)
        outcome, words = RESULTS[entry.result]
        noted = pairing.outcome_note
        first = (_agrees(desk.by_id[pairing.id], entry.result, noted) and noted) or words
        note = "；".join(part for part in (first, *_added(entry.note, first)) if part)
        record_outcome(
            session, actor, pairing_id=pairing.id, outcome=outcome, note=note, by=f"桌单 {sheet.code}"
        )
        formers.append(outcome_after(session, former))
        if outcome is not MeetingOutcome.NO_SHOW:
            came += _came(session, actor, desk, desk.by_id[pairing.id])
    note_step(
        session,
        actor,
        event_id=desk.event.id,
        kind=StepKind.PAPER,
        words=f"补录桌单 {sheet.code}：{sheet.table} 号桌 {len(entries)} 场",
        details={
            "pairings": [entry.pairing_id for entry in entries],
            "outcomes": formers,
            "invitations": came,
            "code": sheet.code,
        },
    )


def _came(session: Session, actor: Actor, desk: Desk, row: DeskRow) -> list[list[Any]]:
    """Check both sides of a meeting in: whoever talked was here."""
    found = []
    for person in people_of(row):
        guests = guests_for(desk, person)
        rows = [session.get_one(Invitation, guest.invitation_id) for guest in guests]
        if rows and all(one.status is not InvitationState.CHECKED_IN for one in rows):
            found.append(come(session, actor, rows[0]))
    return found
