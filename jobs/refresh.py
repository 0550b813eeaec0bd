"""Looks whether texts wait for a vector, as after a change of the encoder, or needs for proposals."""

from matchmaker.services.library import desk_for
from matchmaker.services.proposals import keep_up
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def refresh(database: Database, settings: Settings) -> None:
    """Start the steps where something is owed."""
    keep_up(database, desk_for(settings))
