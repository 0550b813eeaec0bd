"""Reads and imports large lists, row by row."""

from matchmaker.services import upload_steps
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def work(database: Database, settings: Settings) -> None:
    """Do what uploads wait for, one after the other."""
    for upload_id in upload_steps.waiting_uploads(database):
        upload_steps.advance(database, upload_id)
