"""Reads and imports large lists, in a process of its own: the clock and the matching go on meanwhile."""

from multiprocessing import get_context

from matchmaker.services import upload_steps
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def work(database: Database, settings: Settings) -> None:
    """Have done what uploads wait for; nothing is started when none does.

    The process is a daemon: it ends with this one. Killed at any point, it loses one batch of rows.
    """
    if not upload_steps.waiting_uploads(database):
        return
    child = get_context("spawn").Process(target=work_off, args=(settings.database_url,), daemon=True)
    child.start()
    child.join()
    if child.exitcode:
        raise RuntimeError(f"the process for large lists ended with {child.exitcode}")


def work_off(database_url: str) -> None:
    """Do what uploads wait for, one after the other, in this process."""
    database = Database(database_url)
    try:
        for upload_id in upload_steps.waiting_uploads(database):
            upload_steps.advance(database, upload_id)
    finally:
        database.close()
