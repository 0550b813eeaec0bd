"""Looks every day for answers that are owed."""

from matchmaker.services.debts import find_debts
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def look(database: Database, settings: Settings) -> None:
    """Open what is newly owed."""
    with database.writing() as session:
        find_debts(session, settings)
