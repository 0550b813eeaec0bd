"""Long lists that go out: made in the background with progress, stopped on demand, kept for a day.

Like a plan, an export is claimed: `attempts` grows with every claim, and whoever lost the claim, or was
stopped, finds that out at the next beat. The file, its state and the note of whose contacts leave with it
are saved together.
"""

import logging
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.export_state import AT_WORK, ExportState
from matchmaker.domain.permissions import Actor
from matchmaker.errors import NotAllowed, NotFound, Refused
from matchmaker.services.accounts import actor_of
from matchmaker.services.list_export import LISTS, Format, ListFile, check_purpose, listed_count, log_list
from matchmaker.store.engine import Database
from matchmaker.store.tables import ListExport, ListExportFile
from matchmaker.store.taking import take_oldest

log = logging.getLogger(__name__)
LONG = 2_000
"""A list of more rows than that takes more than about two seconds; nobody waits for it in a request."""
KEPT = timedelta(days=1)


class _Stopped(Exception):
    """Somebody stopped the export, or another process has taken it over."""


def is_long(session: Session, actor: Actor, kind: str) -> bool:
    """Whether the list of a kind is too long to be made while somebody waits for it."""
    return listed_count(session, actor, kind) > LONG


def ask_for_list(session: Session, actor: Actor, *, kind: str, form: Format, purpose: str = "") -> ListExport:
    """Have a list made in the background; the same one that is still at work is not begun again.

    With a `purpose` the organiser gets it with contacts. Raises NotAllowed where nobody is signed in or a
    list of all contracts is not theirs to have.
    """
    if actor.user_id is None or (not actor.organises and (purpose or kind == "contracts")):
        raise NotAllowed()
    if purpose:
        check_purpose(purpose)
    same = (
        ListExport.user_id == actor.user_id,
        ListExport.kind == kind,
        ListExport.form == form.value,
        ListExport.purpose == purpose,
        ListExport.state.in_(AT_WORK),
    )
    known = session.scalars(select(ListExport).where(*same).order_by(ListExport.id)).first()
    if known is not None:
        return known
    made = ListExport(
        user_id=actor.user_id,
        kind=kind,
        form=form.value,
        purpose=purpose,
        state=ExportState.WAITING,
        rows_total=listed_count(session, actor, kind),
        asked_at=clock.now(),
    )
    session.add(made)
    session.flush()
    return made


def find_export(session: Session, actor: Actor, export_id: int) -> ListExport:
    """Return an export that this user asked for. Raises NotFound for everybody else's."""
    export = session.get(ListExport, export_id)
    if export is None or actor.user_id is None or export.user_id != actor.user_id:
        raise NotFound()
    return export


def file_of(session: Session, actor: Actor, export_id: int) -> bytes:
    """Return the file of a finished export. Raises NotFound when there is none."""
    export = find_export(session, actor, export_id)
    content = session.scalar(select(ListExportFile.content).where(ListExportFile.export_id == export.id))
    if content is None:
        raise NotFound()
    return content


def stop_export(session: Session, actor: Actor, export_id: int) -> ListExport:
    """Stop the making of a list; one that has ended stays as it is."""
    export = find_export(session, actor, export_id)
    if export.state in AT_WORK:
        export.state = ExportState.STOPPED
    return export


def prune_exports(session: Session) -> None:
    """Delete exports of yesterday with their files: they hold contacts, and are soon made again."""
    old = select(ListExport.id).where(ListExport.asked_at < clock.now() - KEPT)
    session.execute(delete(ListExportFile).where(ListExportFile.export_id.in_(old)))
    session.execute(delete(ListExport).where(ListExport.asked_at < clock.now() - KEPT))


def work_on_exports(database: Database) -> int:
    """Make every list that waits, one after the other; return how many were taken up."""
    taken = 0
    while (claim := _take_up(database)) is not None:
        taken += 1
        _make(database, *claim)
    return taken


def _take_up(database: Database) -> tuple[int, int] | None:
    return take_oldest(
        database,
        ListExport,
        waiting=ListExport.state == ExportState.WAITING,
        running=ListExport.state == ExportState.RUNNING,
        begin=_begin,
        fail=_give_up,
    )


def _begin(export: ListExport) -> None:
    export.state, export.rows_done = ExportState.RUNNING, 0


def _give_up(export: ListExport) -> None:
    export.state = ExportState.FAILED


def _make(database: Database, export_id: int, attempt: int) -> None:
    def heard(done: int) -> None:
        with database.writing() as session:
            _beat(session, export_id, attempt, rows_done=done)

    try:
        with database.reading() as session:
            export = session.get_one(ListExport, export_id)
            if export.state is not ExportState.RUNNING:
                return
            actor = actor_of(session, export.user_id)
            contacts, form = bool(export.purpose), Format(export.form)
            made = LISTS[export.kind](session, actor, contacts=contacts, form=form, heard=heard)
        with database.writing() as session:
            _save(session, actor, made, export_id=export_id, attempt=attempt)
    except _Stopped:
        log.info("export stopped", extra={"export_id": export_id})
    except Refused as refused:
        log.warning("export refused", extra={"export_id": export_id}, exc_info=refused)
        with database.writing() as session:
            session.get_one(ListExport, export_id).state = ExportState.FAILED


def _beat(session: Session, export_id: int, attempt: int, **values: object) -> None:
    """Note how far an export is. Raises _Stopped when it is no longer this worker's to make."""
    mine = (
        ListExport.id == export_id,
        ListExport.state == ExportState.RUNNING,
        ListExport.attempts == attempt,
    )
    noted = session.execute(
        update(ListExport)
        .where(*mine)
        .values(beat_at=clock.now(), **values)
        .returning(ListExport.id)
        .execution_options(synchronize_session=False)
    ).first()
    if noted is None:
        raise _Stopped()


def _save(session: Session, actor: Actor, made: ListFile, *, export_id: int, attempt: int) -> None:
    """Keep the file, and before it can leave whose contacts do."""
    _beat(session, export_id, attempt, state=ExportState.READY, rows_done=made.rows)
    session.add(ListExportFile(export_id=export_id, content=made.content))
    purpose = session.scalar(select(ListExport.purpose).where(ListExport.id == export_id))
    if purpose:
        log_list(session, actor, made, purpose=purpose)
