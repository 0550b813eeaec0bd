"""Uploaded lists: received and judged, looked at and decided about; upload_import and upload_undo go on."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain import imports
from matchmaker.domain.imports import Decision, Deed
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem, Severity
from matchmaker.domain.states import UploadState, Verdict
from matchmaker.errors import Conflict, NotFound, WrongState
from matchmaker.services.upload_kinds import judge_rows
from matchmaker.services.upload_reading import Reading, ReadRow
from matchmaker.store.queries.list_rows import ListRow, store_rows
from matchmaker.store.queries.uploads import chunks, remembered_mappings
from matchmaker.store.tables import Upload, UploadFile, UploadRow

PREVIEW_LASTS = timedelta(days=7)

SMALL_BYTES = 400_000
"""A file up to this size is read while its sender waits; a larger one by the background process."""

SMALL_ROWS = 300
"""So many rows are imported or taken back in one transaction; more of them in many, in the background."""


def find_upload(session: Session, actor: Actor, upload_id: int) -> Upload:
    """Return an upload the actor may see. Raises NotFound."""
    upload = session.get(Upload, upload_id)
    if upload is None or not (actor.organises or _is_own(upload, actor)):
        raise NotFound()
    return upload


def _is_own(upload: Upload, actor: Actor) -> bool:
    return actor.user_id is not None and upload.user_id == actor.user_id


def may_decide(upload: Upload, actor: Actor) -> bool:
    """Say whether the actor may confirm or undo: the uploader, and for the bureau's lists the bureau."""
    return _is_own(upload, actor) or (actor.organises and upload.answers.get("scope") == "bureau")


def upload_to_decide(session: Session, actor: Actor, upload_id: int) -> Upload:
    """Return an upload that the actor may confirm, correct or undo. Raises NotFound or WrongState."""
    upload = find_upload(session, actor, upload_id)
    if not may_decide(upload, actor):
        raise WrongState("这份清单由上传它的单位确认；您可以查看，审核请到成果库或需求受理。")
    return upload


def memories(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Return the column mappings that the actor's organisation confirmed before."""
    return remembered_mappings(session, actor.organisation_id)


def receive_upload(
    session: Session,
    actor: Actor,
    *,
    filename: str,
    content: bytes,
    reading: Reading | None,
    organisation_id: int | None = None,
    consent_source: str = "",
    answers: Mapping[str, Any] | None = None,
) -> Upload:
    """Keep a file with the verdict on each of its rows; the library is untouched.

    Without a reading it waits for the background process to read it. `organisation_id` is the owner
    of rows that name none, for the organiser only: what anybody else uploads is their own
    organisation's.
    """
    moment = clock.now()
    upload = Upload(
        user_id=actor.user_id,
        organisation_id=organisation_id if actor.organises else actor.organisation_id,
        filename=filename[-200:],
        sha256=hashlib.sha256(content).hexdigest(),
        state=UploadState.WAITING,
        answers={**(answers or {}), "scope": "bureau" if actor.organises else "own"},
        summary={},
        consent_source=consent_source.strip()[:200],
        created_at=moment,
        expires_at=moment + PREVIEW_LASTS,
    )
    session.add(upload)
    session.flush()  # rows and the file point at the id
    session.add(UploadFile(upload_id=upload.id, content=content))
    if reading is not None:
        _take_reading(session, actor, upload, reading)
    return upload


def answer_upload(
    session: Session,
    actor: Actor,
    *,
    upload_id: int,
    reading: Reading | None,
    answers: Mapping[str, Any],
    version: int,
) -> Upload:
    """Replace the rows of an open upload by a new reading of its file, made with these answers.

    Without a reading the background process makes it. Raises Conflict when somebody answered
    meanwhile, WrongState after the import.
    """
    upload = upload_to_decide(session, actor, upload_id)
    if upload.state not in (UploadState.ASKING, UploadState.PREVIEWED):
        raise WrongState("这份清单已经处理完，不能再改选项；如需重来，请重新上传。")
    if upload.version != version:
        raise Conflict()
    upload.answers = {**upload.answers, **answers, **_decisions_by_place(session, upload)}
    if reading is None:
        upload.state, upload.rows_done, upload.rows_total = UploadState.WAITING, 0, 0
        return upload
    session.execute(delete(UploadRow).where(UploadRow.upload_id == upload.id))
    _take_reading(session, actor, upload, reading)
    return upload


_Place = tuple[str, int, int]
_PLACED = "placed_decisions"  # what was decided about rows of the reading before, until the next one is here


def _decisions_by_place(session: Session, upload: Upload) -> dict[str, Any]:
    """Return the decisions by where their rows stand in the file: another reading numbers its rows anew."""
    decisions = upload.answers.get("decisions", {})
    if not decisions:
        return {}
    query = select(UploadRow.sheet, UploadRow.row_number).where(UploadRow.upload_id == upload.id)
    rows = session.execute(query.order_by(UploadRow.position))
    places = _places((row.sheet, row.row_number) for row in rows)
    placed = [
        [*places[int(position)], decision]
        for position, decision in decisions.items()
        if int(position) < len(places)
    ]
    return {"decisions": {}, _PLACED: placed}


def _places(rows: Iterable[tuple[str, int]]) -> list[_Place]:
    """Return sheet, row and which of the records in that row, for records in the order of the file."""
    met: Counter[tuple[str, int]] = Counter()
    places = []
    for sheet, number in rows:
        places.append((sheet, number, met[sheet, number]))
        met[sheet, number] += 1
    return places


def _decide_again(upload: Upload, reading: Reading) -> None:
    """Give the decisions to the rows of a new reading that stand where the decided ones stood."""
    placed = upload.answers.get(_PLACED, ())
    if not placed or reading.state is not UploadState.PREVIEWED:
        return
    places = _places((row.sheet, row.row_number) for row in reading.rows)
    position_of = {place: position for position, place in enumerate(places)}
    decisions = {
        str(position_of[sheet, number, nth]): decision
        for sheet, number, nth, decision in placed
        if (sheet, number, nth) in position_of
    }
    upload.answers = {**upload.answers, "decisions": decisions, _PLACED: []}


def _take_reading(session: Session, actor: Actor, upload: Upload, reading: Reading) -> None:
    take_summary(session, upload, reading)
    if reading.state is UploadState.REFUSED:
        return
    rows = [fresh_row(upload.id, position, row) for position, row in enumerate(reading.rows)]
    judge_rows(session, actor, upload, rows)
    store_rows(session, rows)
    count_verdicts(upload, rows)


def take_summary(session: Session, upload: Upload, reading: Reading) -> None:
    """Give an upload what was read of its file, but for the rows; a refused file is not kept."""
    upload.state, upload.refusal, upload.question = reading.state, reading.refusal, reading.question
    upload.summary = dict(reading.summary or {})
    _decide_again(upload, reading)
    kinds = upload.summary.get("kinds", [])
    upload.kind = kinds[0] if len(kinds) == 1 else "mixed" if kinds else ""
    if reading.state is UploadState.REFUSED:
        session.execute(delete(UploadFile).where(UploadFile.upload_id == upload.id))


def fresh_row(upload_id: int, position: int, row: ReadRow) -> ListRow:
    """Return one read record as a row of an upload, not yet judged or stored."""
    return ListRow(
        upload_id=upload_id,
        position=position,
        sheet=row.sheet,
        row_number=row.row_number,
        kind=row.kind,
        values=row.values,
        problems=row.values["problems"],
        verdict=Verdict.NEW,
        changes={},
    )


def count_verdicts(upload: Upload, rows: Iterable[ListRow]) -> None:
    """Write how many rows bear each verdict."""
    counts = dict.fromkeys((verdict.value for verdict in Verdict), 0)
    for row in rows:
        counts[row.verdict.value] += 1
    upload.summary = {**upload.summary, "counts": counts}


def problems_of_parked(session: Session, upload: Upload) -> dict[tuple[str, int], list[Problem]]:
    """Return (sheet, row) → what stands in the way, of the rows that are not imported."""
    query = select(UploadRow).where(UploadRow.upload_id == upload.id)
    if upload.state is UploadState.IMPORTED:
        query = query.where(UploadRow.deed == Deed.PARK)
    else:
        query = query.where(UploadRow.verdict.in_([Verdict.PROBLEM, Verdict.DUPLICATE]))
    return {
        (row.sheet, row.row_number): [_problem(said) for said in row.problems]
        for row in session.scalars(query.order_by(UploadRow.position))
        if row.problems
    }


def remarks_on(session: Session, upload_id: int) -> list[Problem]:
    """Return the first remark on every row that has any, imported or parked, in the order of the list."""
    rows = session.scalars(
        select(UploadRow.problems).where(UploadRow.upload_id == upload_id).order_by(UploadRow.position)
    )
    return [_problem(said[0]) for said in rows if said]


def _problem(said: Mapping[str, str]) -> Problem:
    return Problem(
        field=said["field"],
        code=said["code"],
        message=said["message"],
        where=said["where"],
        severity=Severity(said["severity"]),
    )


def answers_of(upload: Upload) -> dict[str, Any]:
    """Return what was chosen and recognised for the tables of an upload, for another file like it."""
    tables = [table for table in upload.summary.get("tables", []) if table["mapping"] is not None]
    return {
        "mappings": {table["fingerprint"]: table["mapping"] for table in tables},
        "record_types": {table["fingerprint"]: table["record_type"] for table in tables},
    }


def decision_of(upload: Upload, row: ListRow | UploadRow) -> Decision | None:
    """Return what a person decided about a row, None for the default."""
    found = upload.answers.get("decisions", {}).get(str(row.position))
    return Decision(found) if found else None


def deed_of(upload: Upload, row: ListRow | UploadRow) -> Deed:
    """Return what the import does, or did, with a row."""
    if row.deed:
        return Deed(row.deed) if row.deed in list(Deed) else Deed.ADD
    return imports.deed(row.verdict, decision_of(upload, row), has_target=row.target_id is not None)


def rows_to_import(session: Session, upload: Upload) -> int:
    """Return how many rows the import will add or change, after what was decided about some."""
    counts = upload.summary.get("counts", {})
    total: int = counts.get("new", 0) + counts.get("changed", 0)
    positions = [int(position) for position in upload.answers.get("decisions", {})]
    for part in chunks(positions):
        decided = select(UploadRow).where(UploadRow.upload_id == upload.id, UploadRow.position.in_(part))
        for row in session.scalars(decided):
            total -= row.verdict in (Verdict.NEW, Verdict.CHANGED)
            total += deed_of(upload, row) in (Deed.ADD, Deed.UPDATE)
    return total


def decide_rows(
    session: Session,
    actor: Actor,
    *,
    upload_id: int,
    positions: Sequence[int],
    decision: Decision | None,
) -> int:
    """Keep what a person wants done with some rows (None: the default again); return how many."""
    upload = upload_to_decide(session, actor, upload_id)
    if upload.state is not UploadState.PREVIEWED:
        raise WrongState("这份清单已经处理完，不能再改。")
    decisions = dict(upload.answers.get("decisions", {}))
    for position in positions:
        if decision is None:
            decisions.pop(str(position), None)
        else:
            decisions[str(position)] = decision.value
    upload.answers = {**upload.answers, "decisions": decisions}
    return len(positions)


def expire_uploads(session: Session, *, keep_days: int) -> int:
    """Drop previews past their time with their rows, and the files of imports older than `keep_days`.

    For the housekeeping job. Return how many previews were dropped.
    """
    moment = clock.now()
    stale = session.scalars(
        select(Upload).where(
            Upload.state.in_([UploadState.CANCELLED, UploadState.ASKING, UploadState.PREVIEWED]),
            Upload.expires_at < moment,
        )
    ).all()
    for upload in stale:
        upload.state = UploadState.EXPIRED
        session.execute(delete(UploadFile).where(UploadFile.upload_id == upload.id))
        session.execute(delete(UploadRow).where(UploadRow.upload_id == upload.id))
    old = select(Upload.id).where(
        Upload.state.in_([UploadState.IMPORTED, UploadState.UNDONE, UploadState.REFUSED]),
        Upload.created_at < moment - timedelta(days=keep_days),
    )
    session.execute(delete(UploadFile).where(UploadFile.upload_id.in_(old.scalar_subquery())))
    return len(stale)
