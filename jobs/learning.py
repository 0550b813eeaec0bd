"""Learns every night from what people did with proposals."""

from matchmaker.services.proposals import learn_here
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def learn_nightly(database: Database, settings: Settings) -> None:
    """Re-fit the score when there is something new to learn from."""
    learn_here(database, settings)
