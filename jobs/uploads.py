"""Reads and imports large lists, in a process of its own: the clock and the matching go on meanwhile."""

import logging
import os
from multiprocessing import get_context

from matchmaker.garbage import collect_seldom
from matchmaker.services import upload_steps
from matchmaker.settings import Settings
from matchmaker.store.engine import Database

log = logging.getLogger(__name__)
_NICE = 3  # twice the share for the pages; more, and a busy PC would hardly get on with a list
_CACHE_MB = 64  # 100,000 rows went in in 22 s with it, in 31 s with 16 or with 2


def work(database: Database, settings: Settings) -> None:
    """Have done what uploads wait for; nothing is started when none does.

    The process is a daemon: it ends with this one. Killed at any point, it loses one batch of rows.
    """
    if not upload_steps.waiting_uploads(database):
        return
    child = get_context("spawn").Process(
        target=_work_off_giving_way, args=(settings.database_url,), daemon=True
    )
    child.start()
    child.join()
    if child.exitcode:
        raise RuntimeError(f"the process for large lists ended with {child.exitcode}")


def work_off(database_url: str) -> None:
    """Do what uploads wait for, one after the other; one that fails keeps no other waiting."""
    collect_seldom()
    database, failed = Database(database_url, cache_mb=_CACHE_MB), False
    try:
        for upload_id in upload_steps.waiting_uploads(database):
            try:
                upload_steps.note_try(database, upload_id)
                upload_steps.advance(database, upload_id)
            except Exception:  # whatever is wrong with this list, the next one is not to blame
                failed = True
                log.exception("a list could not be worked off", extra={"upload_id": upload_id})
    finally:
        database.close()
    if failed:
        raise SystemExit(1)


def _work_off_giving_way(database_url: str) -> None:
    if hasattr(os, "nice"):
        os.nice(_NICE)  # who asks for a page goes first wherever both want the processor
    work_off(database_url)
