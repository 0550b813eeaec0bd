"""Taking an import back, whole; and stopping what the background process is at."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from matchmaker.domain.imports import Deed
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import UploadState
from matchmaker.errors import Conflict, WrongState
from matchmaker.services.import_persons import unlearn
from matchmaker.services.upload_kinds import KINDS
from matchmaker.services.uploads import SMALL_ROWS, deed_of, upload_to_decide
from matchmaker.store.queries.list_rows import ListRow, rows_of_upload, write_back
from matchmaker.store.queries.uploads import chunks, still_referenced
from matchmaker.store.tables import Organisation, Person, Upload, UploadBatch, UploadFile


def undo_upload(session: Session, actor: Actor, *, upload_id: int) -> Upload:
    """Take an import back: what it added goes, what it changed gets its old values.

    Raises WrongState when somebody already works with what it added, naming how many.
    """
    upload = upload_to_decide(session, actor, upload_id)
    if upload.state is not UploadState.IMPORTED:
        raise WrongState("这份清单没有导入，或已经撤销。")
    done = upload.summary.get("done", {})
    if done.get("add", 0) + done.get("update", 0) > SMALL_ROWS:
        upload.rows_done, upload.rows_total = 0, done["add"] + done["update"]
        upload.state = UploadState.UNDOING
        return upload
    rows = rows_of_upload(session, upload.id)
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
        take_back_rows(session, actor, upload, name, added=added, changed=changed)
    write_back(session, rows, ("target_id", "deed"))
    for batch in session.scalars(select(UploadBatch).where(UploadBatch.upload_id == upload.id)).all():
        take_back_batch(session, batch)
    upload.state = UploadState.UNDONE
    return upload


def take_back_rows(
    session: Session,
    actor: Actor,
    upload: Upload,
    kind: str,
    *,
    added: Sequence[ListRow],
    changed: Sequence[ListRow],
) -> None:
    """Take rows of one kind out of the library again; the rows are still to be written back."""
    if added or changed:
        KINDS[kind].take_back(session, actor, upload, added, changed)
    for row in (*added, *changed):
        row.deed = ""
    for row in added:
        row.target_id = None
    session.flush()  # the restored rows must no longer point at what goes


def _with_deed(upload: Upload, rows: Sequence[ListRow], kind: str, deed: Deed) -> list[ListRow]:
    return [row for row in rows if row.kind == kind and deed_of(upload, row) is deed]


def take_back_batch(session: Session, batch: UploadBatch) -> None:
    """Remove the people and organisations that came with an import and that nothing else uses.

    Of people who were known before, what the import had added is taken away.
    """
    known = [int(key) for key in batch.learnt]
    for part in chunks(known):
        for person in session.scalars(select(Person).where(Person.id.in_(part)).order_by(Person.id)):
            unlearn(person, batch.learnt[str(person.id)])
    session.flush()
    for table, ids in ((Person, batch.person_ids), (Organisation, batch.organisation_ids)):
        free = set(ids) - still_referenced(session, table, ids)
        for part in chunks(free):
            session.execute(delete(table).where(table.id.in_(part)))
    session.delete(batch)


def cancel_upload(session: Session, actor: Actor, *, upload_id: int) -> Upload:
    """Stop what the background process is at: a reading ends, an import is taken back to its preview.

    Raises WrongState when it is not at work. A statement with the state in its condition, for the
    background process writes the same row all the time.
    """
    upload = upload_to_decide(session, actor, upload_id)
    after = {UploadState.WAITING: UploadState.CANCELLED, UploadState.IMPORTING: UploadState.UNDOING}
    to = after.get(upload.state)
    if to is None:
        raise WrongState("这份清单现在没有在读取或导入，不用停止。")
    values: dict[str, Any] = {"state": to, "version": Upload.version + 1}
    if to is UploadState.CANCELLED:
        session.execute(delete(UploadFile).where(UploadFile.upload_id == upload.id))
    else:
        values |= {
            "rows_total": upload.rows_done,
            "rows_done": 0,
            "summary": {**upload.summary, "back_to": "previewed"},
        }
    stopped = session.execute(
        update(Upload).where(Upload.id == upload.id, Upload.state == upload.state).values(**values)
    )
    if not cast(CursorResult[Any], stopped).rowcount:
        raise Conflict()
    session.refresh(upload)
    return upload
