"""Importing an uploaded list: what confirming its preview does.

The preview and the import judge with the same code; between them the library may have changed, and
then the preview is shown again instead of importing something nobody has seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.imports import Deed
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ConsentScope, UploadState
from matchmaker.errors import InvalidInput, UploadExpired, WrongState
from matchmaker.services.consents import record_consents
from matchmaker.services.upload_kinds import KINDS, judge_rows
from matchmaker.services.uploads import (
    SMALL_ROWS,
    count_verdicts,
    deed_of,
    memories,
    upload_to_decide,
)
from matchmaker.store.queries.list_rows import DONE, JUDGED, ListRow, rows_of_upload, write_back
from matchmaker.store.tables import ColumnMemory, Upload, UploadBatch, UploadRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What confirming came to.

    `outdated` means nothing was imported and the preview must be seen again, `begun` that the
    background process imports, row by row on the page.
    """

    upload: Upload
    outdated: bool = False
    again: bool = False
    begun: bool = False


def confirm_upload(
    session: Session, actor: Actor, *, upload_id: int, consent_source: str = "", most_rows: int = SMALL_ROWS
) -> Confirmation:
    """Import the good rows of a preview; problem rows stay parked with the upload.

    A list of more than `most_rows` rows is left to the background process.

    Confirming again changes nothing. When a verdict is no longer what the preview showed, nothing is
    imported, the preview is brought up to date and `outdated` says so. Raises UploadExpired,
    WrongState, and InvalidInput when contacts come in without a word on where they came from.
    """
    upload = upload_to_decide(session, actor, upload_id)
    if upload.state is UploadState.IMPORTED:
        return Confirmation(upload=upload, again=True)
    if upload.state is not UploadState.PREVIEWED:
        raise WrongState("这份清单现在不能导入：请先回答页面上的问题，或重新上传。")
    if upload.expires_at < clock.now():
        raise UploadExpired()
    _note_source(upload, consent_source)
    counts = upload.summary.get("counts", {})
    if sum(counts.values()) > most_rows:
        upload.rows_done, upload.rows_total = 0, sum(counts.values())
        upload.state = UploadState.IMPORTING
        return Confirmation(upload=upload, begun=True)
    rows = rows_of_upload(session, upload.id)
    if judge_rows(session, actor, upload, rows):
        write_back(session, rows, JUDGED)
        count_verdicts(upload, rows)
        return Confirmation(upload=upload, outdated=True)
    _bring_in(session, actor, upload, rows)
    return Confirmation(upload=upload)


def _note_source(upload: Upload, consent_source: str) -> None:
    upload.consent_source = (consent_source.strip() or upload.consent_source)[:200]
    if upload.summary.get("contacts") and not upload.consent_source:
        message = "清单里有联系方式，请写明这些联系方式从何而来（如：企业填报时同意提供）。"
        raise InvalidInput([Problem(field="consent_source", code="source_missing", message=message)])


def _bring_in(session: Session, actor: Actor, upload: Upload, rows: Sequence[ListRow]) -> None:
    work = [(row, deed_of(upload, row)) for row in rows]
    for name in KINDS:
        own = [(row, deed) for row, deed in work if row.kind == name]
        met = meet_rows(session, actor, upload, name, own)
        bring_in_rows(session, actor, upload, name, work=own, met=met)
    write_back(session, rows, DONE)
    finish_import(session, actor, upload)


def meet_rows(
    session: Session, actor: Actor, upload: Upload, kind: str, work: Sequence[tuple[ListRow, Deed]]
) -> Any:
    """Return what `bring_in_rows` is to be given: whom these rows speak of."""
    return KINDS[kind].meet(session, actor, upload, work) if _go_in(work) else None


def _go_in(work: Sequence[tuple[ListRow, Deed]]) -> bool:
    return any(deed in (Deed.ADD, Deed.UPDATE) for _, deed in work)


def bring_in_rows(
    session: Session,
    actor: Actor,
    upload: Upload,
    kind: str,
    *,
    work: Sequence[tuple[ListRow, Deed]],
    met: Any,
) -> None:
    """Import rows of one kind; each says what was done with it, and is still to be written back.

    What was added besides the rows, and what was learnt of known people, is kept.
    """
    if _go_in(work):
        met = KINDS[kind].bring_in(session, actor, upload, work, met)
        if met.made_organisations or met.people.made or met.people.learnt:
            session.add(
                UploadBatch(
                    upload_id=upload.id,
                    organisation_ids=met.made_organisations,
                    person_ids=met.people.made,
                    learnt=met.people.learnt,
                    at=clock.now(),
                )
            )
    for row, deed in work:
        row.deed = deed.value
    session.flush()


def finish_import(session: Session, actor: Actor, upload: Upload) -> None:
    """Close an import all of whose rows are done: count the deeds, keep consents and columns."""
    upload.state, upload.imported_at = UploadState.IMPORTED, clock.now()
    query = select(UploadRow.deed, func.count()).where(UploadRow.upload_id == upload.id)
    found = {row[0]: row[1] for row in session.execute(query.group_by(UploadRow.deed))}
    upload.summary = {**upload.summary, "done": {deed.value: found.get(deed.value, 0) for deed in Deed}}
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
