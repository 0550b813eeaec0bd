"""Merges what the rules call certainly one thing, and notes what a person should look at."""

from matchmaker.services.duplicates import merge_certain
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def merge(database: Database, settings: Settings) -> None:
    """Merge certain pairs; every one is in the log and can be taken back."""
    merge_certain(database)
