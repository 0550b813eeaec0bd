"""Uploaded lists: received and judged, looked at, confirmed, undone.

The preview and the import judge with the same code; between them the library may have changed, and
then the preview is shown again instead of importing something nobody has seen.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain import imports
from matchmaker.domain.imports import Decision, Deed, Judgement
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem, Severity
from matchmaker.domain.states import ConsentScope, Role, UploadState, Verdict
from matchmaker.errors import Conflict, InvalidInput, NotFound, UploadExpired, WrongState
from matchmaker.services import import_achievements, import_needs, import_people
from matchmaker.services.consents import record_consents
from matchmaker.services.import_owners import Owners
from matchmaker.services.upload_reading import Reading, ReadRow
from matchmaker.store.queries.uploads import chunks, remembered_mappings, still_referenced
from matchmaker.store.tables import ColumnMemory, Organisation, Person, Upload, UploadRow

PREVIEW_LASTS = timedelta(days=7)

Judge = Callable[[Session, Actor, Upload, Sequence[UploadRow]], tuple[list[Judgement], list[list[Problem]]]]
BringIn = Callable[[Session, Actor, Upload, Sequence[tuple[UploadRow, Deed]]], Owners]
TakeBack = Callable[[Session, Actor, Upload, Sequence[UploadRow], Sequence[UploadRow]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKind:
    """What one kind of row can do: be judged, go in, say what holds it fast, come out again."""

    judge: Judge
    bring_in: BringIn
    blocked: Callable[[Session, Sequence[UploadRow]], set[int]]
    take_back: TakeBack


# people first: needs and achievements then find them
KINDS: Mapping[str, ListKind] = {
    name: ListKind(
        judge=module.judge, bring_in=module.bring_in, blocked=module.blocked, take_back=module.take_back
    )
    for name, module in (
        ("people", import_people),
        ("achievement", import_achievements),
        ("need", import_needs),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What confirming came to: `outdated` means nothing was imported and the preview must be seen again."""

    upload: Upload
    outdated: bool = False
    again: bool = False


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


def _upload_to_decide(session: Session, actor: Actor, upload_id: int) -> Upload:
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
    reading: Reading,
    organisation_id: int | None = None,
    consent_source: str = "",
    answers: Mapping[str, Any] | None = None,
) -> Upload:
    """Keep a file with the verdict on each of its rows; the library is untouched.

    `organisation_id` is the owner of rows that name none, for the organiser only: what anybody else
    uploads is their own organisation's.
    """
    moment = clock.now()
    upload = Upload(
        user_id=actor.user_id,
        organisation_id=organisation_id if actor.organises else actor.organisation_id,
        filename=filename[-200:],
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        state=UploadState.WAITING,
        answers={**(answers or {}), "scope": "bureau" if actor.organises else "own"},
        summary={},
        consent_source=consent_source.strip()[:200],
        created_at=moment,
        expires_at=moment + PREVIEW_LASTS,
    )
    session.add(upload)
    session.flush()  # rows point at the id
    _take_reading(session, actor, upload, reading)
    return upload


def answer_upload(
    session: Session,
    actor: Actor,
    *,
    upload_id: int,
    reading: Reading,
    answers: Mapping[str, Any],
    version: int,
) -> Upload:
    """Replace the rows of an open upload by a new reading of its file, made with these answers.

    Raises Conflict when somebody answered meanwhile, WrongState after the import.
    """
    upload = _upload_to_decide(session, actor, upload_id)
    if upload.state not in (UploadState.ASKING, UploadState.PREVIEWED):
        raise WrongState("这份清单已经处理完，不能再改选项；如需重来，请重新上传。")
    if upload.version != version:
        raise Conflict()
    session.execute(delete(UploadRow).where(UploadRow.upload_id == upload.id))
    upload.answers = {**upload.answers, **answers}
    _take_reading(session, actor, upload, reading)
    return upload


def _take_reading(session: Session, actor: Actor, upload: Upload, reading: Reading) -> None:
    upload.state, upload.refusal, upload.question = reading.state, reading.refusal, reading.question
    upload.summary = dict(reading.summary or {})
    kinds = upload.summary.get("kinds", [])
    upload.kind = kinds[0] if len(kinds) == 1 else "mixed" if kinds else ""
    if reading.state is UploadState.REFUSED:
        upload.content = None
        return
    rows = [_stored(upload, position, row) for position, row in enumerate(reading.rows)]
    judge_rows(session, actor, upload, rows)
    session.add_all(rows)
    _count(upload, rows)
    session.flush()  # pages are drawn from what is stored


def _stored(upload: Upload, position: int, row: ReadRow) -> UploadRow:
    return UploadRow(
        upload_id=upload.id,
        position=position,
        sheet=row.sheet,
        row_number=row.row_number,
        kind=row.kind,
        values=row.values,
        problems=row.values["problems"],
        verdict=Verdict.NEW,
        changes={},
    )


def judge_rows(session: Session, actor: Actor, upload: Upload, rows: Sequence[UploadRow]) -> bool:
    """Write the verdict on every row as of now; say whether any differs from what stood there."""
    differs = False
    for name, kind in KINDS.items():
        own = [row for row in rows if row.kind == name]
        if not own:
            continue
        if name not in allowed_kinds(actor):
            judgements, remarks = _not_theirs(own)
        else:
            judgements, remarks = kind.judge(session, actor, upload, own)
        for row, judgement, said in zip(own, judgements, remarks, strict=True):
            differs |= _write_verdict(row, judgement, said)
    return differs


def allowed_kinds(actor: Actor) -> frozenset[str]:
    """Return the kinds of rows an actor may import: enterprises needs, universities achievements."""
    if actor.organises:
        return frozenset(KINDS)
    kinds = {"people"}
    kinds |= {"need"} if Role.ENTERPRISE in actor.roles else set()
    kinds |= {"achievement"} if Role.UNIVERSITY in actor.roles else set()
    return frozenset(kinds)


def _not_theirs(rows: Sequence[UploadRow]) -> tuple[list[Judgement], list[list[Problem]]]:
    message = "您的账号不能导入这一类清单：企业导入需求，高校院所导入成果。"
    problems = [
        [Problem(field="", code="kind_not_allowed", message=message, where=row.values["where"])]
        for row in rows
    ]
    return [Judgement(verdict=Verdict.PROBLEM) for _ in rows], problems


def _write_verdict(row: UploadRow, judgement: Judgement, remarks: Sequence[Problem]) -> bool:
    changes = {name: [old, new] for name, (old, new) in judgement.changes.items()}
    differs = (row.verdict, row.target_id, dict(row.changes)) != (
        judgement.verdict,
        judgement.target_id,
        changes,
    )
    row.verdict, row.target_id, row.changes = judgement.verdict, judgement.target_id, changes
    said = [_as_json(problem) for problem in remarks]
    if judgement.remark:
        said.append(
            _as_json(
                Problem(
                    field="",
                    code=f"row_{judgement.verdict}",
                    message=judgement.remark,
                    where=row.values["where"],
                    severity=Severity.WARNING,
                )
            )
        )
    row.problems = [*row.values["problems"], *said]
    return differs


def _as_json(problem: Problem) -> dict[str, str]:
    return {
        "field": problem.field,
        "code": problem.code,
        "message": problem.message,
        "where": problem.where,
        "severity": problem.severity.value,
    }


def _count(upload: Upload, rows: Iterable[UploadRow]) -> None:
    counts = dict.fromkeys((verdict.value for verdict in Verdict), 0)
    for row in rows:
        counts[row.verdict.value] += 1
    upload.summary = {**upload.summary, "counts": counts}


def rows_of(session: Session, upload: Upload) -> list[UploadRow]:
    """Return all rows of an upload in file order."""
    query = select(UploadRow).where(UploadRow.upload_id == upload.id).order_by(UploadRow.position)
    return list(session.scalars(query))


def decision_of(upload: Upload, row: UploadRow) -> Decision | None:
    """Return what a person decided about a row, None for the default."""
    found = upload.answers.get("decisions", {}).get(str(row.position))
    return Decision(found) if found else None


def deed_of(upload: Upload, row: UploadRow) -> Deed:
    """Return what the import does, or did, with a row."""
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
    upload = _upload_to_decide(session, actor, upload_id)
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


def confirm_upload(
    session: Session, actor: Actor, *, upload_id: int, consent_source: str = ""
) -> Confirmation:
    """Import the good rows of a preview; problem rows stay parked with the upload.

    Confirming again changes nothing. When a verdict is no longer what the preview showed, nothing is
    imported, the preview is brought up to date and `outdated` says so. Raises UploadExpired,
    WrongState, and InvalidInput when contacts come in without a word on where they came from.
    """
    upload = _upload_to_decide(session, actor, upload_id)
    if upload.state is UploadState.IMPORTED:
        return Confirmation(upload=upload, again=True)
    if upload.state is not UploadState.PREVIEWED:
        raise WrongState("这份清单现在不能导入：请先回答页面上的问题，或重新上传。")
    if upload.expires_at < clock.now():
        raise UploadExpired()
    _note_source(upload, consent_source)
    rows = rows_of(session, upload)
    if judge_rows(session, actor, upload, rows):
        _count(upload, rows)
        return Confirmation(upload=upload, outdated=True)
    _bring_in(session, actor, upload, rows)
    return Confirmation(upload=upload)


def _note_source(upload: Upload, consent_source: str) -> None:
    upload.consent_source = (consent_source.strip() or upload.consent_source)[:200]
    if upload.summary.get("contacts") and not upload.consent_source:
        message = "清单里有联系方式，请写明这些联系方式从何而来（如：企业填报时同意提供）。"
        raise InvalidInput([Problem(field="consent_source", code="source_missing", message=message)])


def _bring_in(session: Session, actor: Actor, upload: Upload, rows: Sequence[UploadRow]) -> None:
    work = [(row, deed_of(upload, row)) for row in rows]
    made: dict[str, list[int]] = {"organisations": [], "people": []}
    for name, kind in KINDS.items():
        own = [(row, deed) for row, deed in work if row.kind == name]
        if any(deed in (Deed.ADD, Deed.UPDATE) for _, deed in own):
            met = kind.bring_in(session, actor, upload, own)
            made["organisations"] += met.made_organisations
            made["people"] += met.people.made
    upload.state, upload.imported_at = UploadState.IMPORTED, clock.now()
    upload.summary = {
        **upload.summary,
        "made": made,
        "done": {deed.value: sum(done is deed for _, done in work) for deed in Deed},
    }
    if upload.summary.get("contacts"):
        ticks = {ConsentScope.INTERNAL: True}
        record_consents(
            session, actor, subject_kind="upload", subject_id=upload.id, ticks=ticks, channel="import"
        )
    _remember(session, actor, upload)


def _remember(session: Session, actor: Actor, upload: Upload) -> None:
    """Keep the confirmed column mapping of each table for the next file with the same header."""
    known = {entry["fingerprint"]: entry for entry in memories(session, actor)}
    for table in upload.summary.get("tables", []):
        mapping = table["mapping"]
        if mapping is None or not table["records"] or known.get(mapping["fingerprint"]) == mapping:
            continue
        known[mapping["fingerprint"]] = mapping
        session.add(
            ColumnMemory(
                organisation_id=actor.organisation_id,
                fingerprint=mapping["fingerprint"],
                mapping=mapping,
                user_id=actor.user_id,
                at=clock.now(),
            )
        )


def undo_upload(session: Session, actor: Actor, *, upload_id: int) -> Upload:
    """Take an import back: what it added goes, what it changed gets its old values.

    Raises WrongState when somebody already works with what it added, naming how many.
    """
    upload = _upload_to_decide(session, actor, upload_id)
    if upload.state is not UploadState.IMPORTED:
        raise WrongState("这份清单没有导入，或已经撤销。")
    rows = rows_of(session, upload)
    by_kind = {
        name: (_with_deed(upload, rows, name, Deed.ADD), _with_deed(upload, rows, name, Deed.UPDATE))
        for name in KINDS
    }
    held = sum(len(KINDS[name].blocked(session, added)) for name, (added, _) in by_kind.items() if added)
    if held:
        raise WrongState(
            f"有 {held} 条已经有人受理、修改、配对或排进活动，不能整批撤销。请在列表中逐条撤回不需要的记录。"
        )
    for name in reversed(list(KINDS)):
        added, changed = by_kind[name]
        if added or changed:
            KINDS[name].take_back(session, actor, upload, added, changed)
    _remove_made(session, upload)
    added_ids = [row.id for added, _ in by_kind.values() for row in added]
    for part in chunks(added_ids):
        session.execute(update(UploadRow).where(UploadRow.id.in_(part)).values(target_id=None))
    upload.state = UploadState.UNDONE
    return upload


def _with_deed(upload: Upload, rows: Sequence[UploadRow], kind: str, deed: Deed) -> list[UploadRow]:
    return [row for row in rows if row.kind == kind and deed_of(upload, row) is deed]


def _remove_made(session: Session, upload: Upload) -> None:
    """Remove the people and organisations that came with the import and that nothing else uses."""
    made = upload.summary.get("made", {})
    session.flush()  # the restored rows must no longer point at what goes
    for table, ids in ((Person, made.get("people", [])), (Organisation, made.get("organisations", []))):
        free = set(ids) - still_referenced(session, table, ids)
        for part in chunks(free):
            session.execute(delete(table).where(table.id.in_(part)))


def expire_uploads(session: Session, *, keep_days: int) -> int:
    """Drop previews past their time with their rows, and the files of imports older than `keep_days`.

    For the housekeeping job. Return how many previews were dropped.
    """
    moment = clock.now()
    stale = session.scalars(
        select(Upload).where(
            Upload.state.in_([UploadState.WAITING, UploadState.ASKING, UploadState.PREVIEWED]),
            Upload.expires_at < moment,
        )
    ).all()
    for upload in stale:
        upload.state, upload.content = UploadState.EXPIRED, None
        session.execute(delete(UploadRow).where(UploadRow.upload_id == upload.id))
    session.execute(
        update(Upload)
        .where(
            Upload.state.in_([UploadState.IMPORTED, UploadState.UNDONE, UploadState.REFUSED]),
            Upload.created_at < moment - timedelta(days=keep_days),
        )
        .values(content=None)
    )
    return len(stale)
