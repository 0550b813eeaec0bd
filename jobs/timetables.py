"""Looks for better timetables of lists that were drawn a moment ago."""

from matchmaker.services.timetable_search import search_timetables
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def search(database: Database, _settings: Settings) -> None:
    """Search on where the draw had to stop; other jobs go on meanwhile."""
    search_timetables(database)
