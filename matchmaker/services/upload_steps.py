"""The background part of large lists: reading, importing and taking back in many short transactions.

`Upload.rows_done` is written with the rows themselves, under the condition that it is what this
process last saw: a killed process loses at most the batch it was at, and two at once do nothing twice.
"""

import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from matchmaker.bus import outbox
from matchmaker.domain.imports import Deed
from matchmaker.domain.messages import UploadWorkedOff
from matchmaker.domain.permissions import SYSTEM, Actor
from matchmaker.domain.states import UPLOADS_AT_WORK, UploadState, Verdict
from matchmaker.services.accounts import actor_of
from matchmaker.services.upload_import import bring_in_rows, finish_import, meet_rows
from matchmaker.services.upload_judging import Batch, Judging
from matchmaker.services.upload_kinds import KINDS, fresh_memory, judge_rows
from matchmaker.services.upload_reading import Reading, read_list
from matchmaker.services.upload_undo import take_back_batch, take_back_rows
from matchmaker.services.uploads import deed_of, fresh_row, memories, take_summary
from matchmaker.store.engine import Database
from matchmaker.store.queries.list_rows import (
    DONE,
    rows_with_ids,
    store_rows,
    write_back,
)
from matchmaker.store.queries.uploads import file_of
from matchmaker.store.tables import Upload, UploadBatch, UploadRow

_FORGOTTEN_ROWS = 2_000  # of an earlier reading, removed in one transaction
_FEWEST_ROWS, _MOST_ROWS = 50, 500  # in one transaction, by what the machine can do
_HOLD_SECONDS = 0.06  # so long may one keep others from writing; they wait for two at most
_KEPT = "kept"  # deed of a row that could not be taken back: somebody works with it already
MOST_TRIES = 5  # at one place: a power cut may well come twice, a program's fault comes every time
_IDLE_ROWS = 1_000  # whose deed is forgotten in one transaction: 0.02 s
_BREATH_SECONDS = 0.025  # between two transactions: who waits on SQLite asks again that often


def waiting_uploads(database: Database) -> list[int]:
    """Return the uploads that there is something to do for, the longest waiting first.

    One that came no further in several tries rests until somebody stops it on its page.
    """
    with database.reading() as session:
        query = select(Upload).where(Upload.state.in_(UPLOADS_AT_WORK)).order_by(Upload.id)
        return [upload.id for upload in session.scalars(query) if not is_stuck(upload)]


def is_stuck(upload: Upload) -> bool:
    """Tell whether the tries at what the upload now waits for are used up."""
    return bool(_tries(upload) >= MOST_TRIES)


def _tries(upload: Upload) -> int:
    told = upload.summary.get("tries", {})
    return int(told["count"]) if told.get("at") == _place(upload) else 0


def _place(upload: Upload) -> list[Any]:
    # a reading always begins anew, with a count below zero
    return [upload.state.value, max(upload.rows_done, 0) if upload.state is not UploadState.WAITING else 0]


def note_try(database: Database, upload_id: int) -> None:
    """Count a try at the place where the upload stands; a list that gets on is not counted against."""
    with database.writing() as session:
        upload = session.get_one(Upload, upload_id)
        tries = {"at": _place(upload), "count": _tries(upload) + 1}
        upload.summary = {**upload.summary, "tries": tries}


def advance(database: Database, upload_id: int, *, most_rows: int = _MOST_ROWS) -> None:
    """Do all that an upload waits for: read its file, import its rows, or take them back.

    No transaction stores or imports more than `most_rows` rows, and few enough to be over soon.
    Whoever stops it on the page is obeyed at the next batch. Killed in the middle and called again,
    it goes on where it was; only a reading begins anew.
    """
    with database.reading() as session:
        upload = session.get_one(Upload, upload_id)
        state, actor = upload.state, _actor(session, upload)
    step = {UploadState.WAITING: _read, UploadState.IMPORTING: _import, UploadState.UNDOING: _take_back}.get(
        state
    )
    if step is not None:
        pace = _Pace(most_rows=most_rows, rows=min(_FEWEST_ROWS, most_rows))
        step(_Course(database=database, upload_id=upload_id, actor=actor, state=state, pace=pace))


def _tell(session: Session, course: "_Course", upload: Upload) -> None:
    message = UploadWorkedOff(upload_id=upload.id, state=upload.state.value)
    outbox.record(session, course.actor, message)


def _actor(session: Session, upload: Upload) -> Actor:
    return SYSTEM if upload.user_id is None else actor_of(session, upload.user_id)


@dataclass(slots=True, kw_only=True)
class _Pace:
    """How many rows go into one transaction: as many as the machine can do before others have to wait."""

    most_rows: int = _MOST_ROWS
    rows: int = _FEWEST_ROWS
    started: float = 0.0
    began: float = 0.0
    ended: float = 0.0
    reading: float = 0.0

    def breathe(self) -> None:
        """Wait until others have had the database long enough; what is read meanwhile counts."""
        time.sleep(max(0.0, self.ended + _BREATH_SECONDS - self.reading - time.monotonic()))
        self.started = time.monotonic()

    def begin(self) -> None:
        """Take in that from here on others have to wait."""
        self.began = time.monotonic()

    def fit(self, *, rows: int) -> None:
        """Take in that a transaction with this many rows, which kept others from writing, is over."""
        self.ended, self.reading = time.monotonic(), self.began - self.started
        fitting = int(rows * min(_HOLD_SECONDS / max(self.ended - self.began, 0.001), 2.0))
        self.rows = min(max(fitting, _FEWEST_ROWS), self.most_rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """One upload in one state: what the steps share."""

    database: Database
    upload_id: int
    actor: Actor
    state: UploadState
    pace: _Pace = field(default_factory=_Pace)

    def mark(self, session: Session, *, before: int, after: int, **values: Any) -> bool:
        """Write how far it is; False when it was stopped, or another process has gone on.

        Nothing of the transaction is kept then.
        """
        changed = session.execute(
            update(Upload)
            .where(Upload.id == self.upload_id, Upload.state == self.state, Upload.rows_done == before)
            .values(rows_done=after, **values)
        )
        self.pace.begin()
        if cast(CursorResult[Any], changed).rowcount == 1:
            return True
        session.rollback()
        return False


def _read(course: _Course) -> None:
    with course.database.reading() as session:
        upload = session.get_one(Upload, course.upload_id)
        content, filename, answers = file_of(session, upload.id) or b"", upload.filename, dict(upload.answers)
        before, remembered = upload.rows_done, memories(session, course.actor)
    reading = read_list(content, filename, answers=answers, remembered=remembered)
    if not _forget_rows(course, before=before, total=len(reading.rows)):
        return
    counts = _store_rows(course, reading)
    if counts is None:
        return
    with course.database.writing() as session:
        total = len(reading.rows)
        if course.mark(session, before=total, after=total):
            upload = session.get_one(Upload, course.upload_id)
            take_summary(session, upload, reading)
            upload.summary = {**upload.summary, "counts": {v.value: counts[v] for v in Verdict}}
            _tell(session, course, upload)


def _forget_rows(course: _Course, *, before: int, total: int) -> bool:
    """Remove what an earlier reading has left; False when it was stopped or somebody else reads it.

    The count goes below zero first: from then on no other reading can store or finish, and this one
    removes nothing once another has taken its place.
    """
    some = select(UploadRow.id).where(UploadRow.upload_id == course.upload_id).limit(_FORGOTTEN_ROWS)
    mine, gone = min(before, 0) - 1, 1
    with course.database.writing() as session:
        if not course.mark(session, before=before, after=mine, rows_total=total):
            return False
    while gone:
        with course.database.writing() as session:
            if not course.mark(session, before=mine, after=mine):
                return False
            removed = session.execute(delete(UploadRow).where(UploadRow.id.in_(some.scalar_subquery())))
            gone = cast(CursorResult[Any], removed).rowcount
        time.sleep(_BREATH_SECONDS)
    with course.database.writing() as session:
        return course.mark(session, before=mine, after=0)


def _store_rows(course: _Course, reading: Reading) -> Counter[Verdict] | None:
    """Judge and store every row; None when it was stopped."""
    memory, counts = fresh_memory(), Counter[Verdict]()
    start = 0
    while start < len(reading.rows):
        part = reading.rows[start : start + course.pace.rows]
        rows = [fresh_row(course.upload_id, start + place, row) for place, row in enumerate(part)]
        with course.database.reading() as session:
            judge_rows(session, course.actor, session.get_one(Upload, course.upload_id), rows, memory)
        course.pace.breathe()
        with course.database.writing() as session:
            if not course.mark(session, before=start, after=start + len(rows)):
                return None
            store_rows(session, rows)
        course.pace.fit(rows=len(rows))
        counts.update(row.verdict for row in rows)
        start += len(rows)
    return counts


def _import(course: _Course) -> None:
    with course.database.reading() as session:
        upload = session.get_one(Upload, course.upload_id)
        done, left = upload.rows_done, upload.rows_total - upload.rows_done
    with Judging(course.database, course.actor, course.upload_id).helped(left) as judging:
        for batch in chain.from_iterable(judging.batches(kind, lambda: course.pace.rows) for kind in KINDS):
            course.pace.breathe()
            if not course.database.write_after_reading(
                partial(_import_batch, course=course, batch=batch, done=done)
            ):
                return
            course.pace.fit(rows=len(batch.rows))
            done += len(batch.rows)
    with course.database.writing() as session:
        upload = session.get_one(Upload, course.upload_id, with_for_update=True)
        if upload.state is course.state and not _next_ids(session, course.upload_id, ""):
            finish_import(session, course.actor, upload)
            _tell(session, course, upload)


def _import_batch(session: Session, *, course: _Course, batch: Batch, done: int) -> bool:
    """Bring in some rows after so many that are done; False when it was stopped, or another has gone on."""
    upload = session.get_one(Upload, course.upload_id)
    work = [(row, Deed.PARK if row.id in batch.outdated else deed_of(upload, row)) for row in batch.rows]
    met = meet_rows(session, course.actor, upload, batch.kind, work)
    if not course.mark(session, before=done, after=done + len(batch.rows)):
        return False
    bring_in_rows(session, course.actor, upload, batch.kind, work=work, met=met)
    changed = [row for row in batch.rows if row.deed == Deed.UPDATE or row.id in batch.outdated]
    write_back(session, batch.rows, ("target_id", "deed"))
    write_back(session, changed, DONE)
    if batch.outdated:
        _count(session, upload, "outdated", len(batch.outdated))
    return True


def _next_ids(session: Session, upload_id: int, deed: str, kind: str = "", *, most: int = 1) -> list[int]:
    query = select(UploadRow.id).where(UploadRow.upload_id == upload_id, UploadRow.deed == deed)
    if kind:
        query = query.where(UploadRow.kind == kind)
    return list(session.scalars(query.order_by(UploadRow.id).limit(most)))


def _count(session: Session, upload: Upload, name: str, more: int) -> None:
    session.refresh(upload)  # it was read before others had to wait
    upload.summary = {**upload.summary, name: upload.summary.get(name, 0) + more}


def _take_back(course: _Course) -> None:
    for kind in reversed(list(KINDS)):
        for deed in (Deed.UPDATE, Deed.ADD):
            if not _take_back_kind(course, kind, deed):
                return
    for step in (_remove_a_batch, _free_some):
        while course.database.write_after_reading(partial(step, upload_id=course.upload_id)):
            time.sleep(_BREATH_SECONDS)
    with course.database.writing() as session:
        upload = session.get_one(Upload, course.upload_id, with_for_update=True)
        if upload.state is not course.state:
            return
        back_to = UploadState(upload.summary.get("back_to", UploadState.UNDONE))
        upload.summary = {key: value for key, value in upload.summary.items() if key != "back_to"}
        upload.state, upload.rows_done = back_to, 0
        _tell(session, course, upload)


def _take_back_kind(course: _Course, kind: str, deed: Deed) -> bool:
    """Take back all rows of one kind that were added, or changed; False when another process has gone on."""
    while True:
        course.pace.breathe()
        taken = course.database.write_after_reading(
            partial(_take_back_some, course=course, kind=kind, deed=deed)
        )
        if not taken:
            return taken is not None
        course.pace.fit(rows=taken)


def _take_back_some(session: Session, *, course: _Course, kind: str, deed: Deed) -> int | None:
    """Return how many rows were taken back, 0 when none was left; None when another process has gone on."""
    upload = session.get_one(Upload, course.upload_id)
    ids = _next_ids(session, upload.id, deed.value, kind, most=course.pace.rows)
    if not ids:
        return 0
    rows = rows_with_ids(session, ids)
    held = KINDS[kind].blocked(session, rows) if deed is Deed.ADD else set()
    if not course.mark(session, before=upload.rows_done, after=upload.rows_done + len(ids)):
        return None
    free = [row for row in rows if row.target_id not in held]
    added, changed = (free, []) if deed is Deed.ADD else ([], free)
    take_back_rows(session, course.actor, upload, kind, added=added, changed=changed)
    for row in rows:
        row.deed = _KEPT if row.target_id in held else row.deed
    write_back(session, rows, ("target_id", "deed"))
    if held:
        _count(session, upload, "kept", len(held))
    return len(ids)


def _remove_a_batch(session: Session, *, upload_id: int) -> bool:
    query = select(UploadBatch).where(UploadBatch.upload_id == upload_id)
    batch = session.scalars(query.order_by(UploadBatch.id.desc()).limit(1)).first()
    if batch is not None:
        take_back_batch(session, batch)
    return batch is not None


def _free_some(session: Session, *, upload_id: int) -> bool:
    """Let rows with which nothing was done wait for a deed again; say whether there were any."""
    idle = UploadRow.upload_id == upload_id, UploadRow.deed.in_([Deed.PARK, Deed.NOTHING])
    ids = list(session.scalars(select(UploadRow.id).where(*idle).limit(_IDLE_ROWS)))
    if ids:
        session.execute(update(UploadRow).where(UploadRow.id.in_(ids)).values(deed=""))
    return bool(ids)
