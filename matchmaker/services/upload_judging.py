"""Rows of an import judged as of today, the next ones while the last are written: by a process of its own.

It only reads. What it has judged, the import writes under the condition that nobody else has gone on.
"""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy.orm import Session

from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import Verdict
from matchmaker.frames import read_frame, write_frame
from matchmaker.services.import_values import Memory
from matchmaker.services.upload_kinds import KINDS, judge_rows
from matchmaker.services.uploads import decision_of
from matchmaker.store.engine import Database
from matchmaker.store.queries.list_rows import ListRow, rows_without_deed
from matchmaker.store.tables import Upload

WORTH_A_PROCESS = 3_000
"""So many rows are worth the second that a process takes to start."""

_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows of one kind without a deed, as they are judged today.

    `outdated` are the ids of those for which the preview is no longer true.
    """

    kind: str
    rows: Sequence[ListRow]
    outdated: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The next rows of a kind: those after a row's id, and at most how many."""

    kind: str
    after: int
    most: int


def judge_next(database: Database, actor: Actor, upload_id: int, wanted: Wanted) -> Batch | None:
    """Return the next rows, ready to be brought in; None when there are no more."""
    with database.reading() as session:
        rows = rows_without_deed(session, upload_id, wanted.kind, after=wanted.after, most=wanted.most)
        if not rows:
            return None
        upload = session.get_one(Upload, upload_id)
        outdated = _judge_again(session, actor, upload, rows)
    fresh = (row for row in rows if row.verdict is Verdict.NEW and row.id not in outdated)
    KINDS[wanted.kind].prepare([row for row in fresh if decision_of(upload, row) is None])
    return Batch(kind=wanted.kind, rows=rows, outdated=frozenset(outdated))


def _judge_again(session: Session, actor: Actor, upload: Upload, rows: Sequence[ListRow]) -> set[int]:
    """Return the ids of rows for which the preview is no longer true, and give these today's verdict.

    Rows that a person has decided about are taken as decided.
    """
    rows = [
        row
        for row in rows
        if row.verdict in (Verdict.NEW, Verdict.CHANGED) and decision_of(upload, row) is None
    ]
    shown = [(row.verdict, row.target_id, dict(row.changes)) for row in rows]
    remarks = [row.problems for row in rows]
    silent = {name: Memory(quiet=True) for name in KINDS}  # remarks have been made in the preview
    judge_rows(session, actor, upload, rows, silent)
    outdated = set()
    for row, before, said in zip(rows, shown, remarks, strict=True):
        if (row.verdict, row.target_id, dict(row.changes)) == before:
            row.problems = said
        else:
            outdated.add(row.id)
    return outdated


class _Ahead:
    """The process that judges the next rows; until it is ready, and once it is gone, nothing can be asked."""

    def __init__(self, database: Database, actor: Actor, upload_id: int) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "matchmaker.services.judging_worker"],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            creationflags=_NO_WINDOW,
        )
        self._ready = threading.Event()
        url = database.engine.url.render_as_string(hide_password=False)
        threading.Thread(target=self._begin, args=((url, actor, upload_id),), daemon=True).start()

    def _begin(self, about: tuple[str, Actor, int]) -> None:
        with contextlib.suppress(OSError, EOFError, ValueError):  # it is gone already
            write_frame(self._pipe(self._child.stdin), about)
            read_frame(self._pipe(self._child.stdout))
            self._ready.set()

    def ask(self, wanted: Wanted) -> bool:
        """Let it begin with these rows; False when it cannot."""
        if self._ready.is_set():
            with contextlib.suppress(OSError):
                write_frame(self._pipe(self._child.stdin), wanted)
                return True
        return False

    def answer(self) -> Batch | None:
        """Return what was asked for. Raises EOFError when it is gone."""
        found: Batch | None = read_frame(self._pipe(self._child.stdout))
        return found

    def end(self) -> None:
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            with contextlib.suppress(OSError):
                self._pipe(pipe).close()

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:  # pragma: no cover -- both were asked for
            raise EOFError
        return pipe


class Judging:
    """Gives the rows of one import in order, judged; of a long one the next while the last are written."""

    def __init__(self, database: Database, actor: Actor, upload_id: int) -> None:
        self._database, self._actor, self._upload_id = database, actor, upload_id
        self._ahead: _Ahead | None = None

    @contextlib.contextmanager
    def helped(self, rows: int) -> Iterator["Judging"]:
        """Have a process of its own judge ahead, if so many rows are worth it; it is gone at the end."""
        if rows >= WORTH_A_PROCESS:
            self._ahead = _Ahead(self._database, self._actor, self._upload_id)
        try:
            yield self
        finally:
            if self._ahead is not None:
                self._ahead.end()

    def batches(self, kind: str, most: Callable[[], int]) -> Iterator[Batch]:
        """Yield the rows of a kind until none is left, each time as many at most as then is said."""
        wanted, asked = Wanted(kind=kind, after=0, most=most()), False
        while (batch := self._next(wanted, asked=asked)) is not None:
            wanted = Wanted(kind=kind, after=batch.rows[-1].id, most=most())
            asked = self._ahead is not None and self._ahead.ask(wanted)
            yield batch

    def _next(self, wanted: Wanted, *, asked: bool) -> Batch | None:
        if asked and self._ahead is not None:
            with contextlib.suppress(EOFError, OSError):
                return self._ahead.answer()
            self._ahead.end()
            self._ahead = None
        return judge_next(self._database, self._actor, self._upload_id, wanted)
