"""Sends due notices."""

from matchmaker.services import notices
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def send(database: Database, settings: Settings) -> None:
    """Hand over everything that is due, one connection per batch."""
    while notices.send_due(database, settings) == settings.mail.batch:
        pass
