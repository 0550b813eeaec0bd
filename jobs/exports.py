"""Makes the long lists that somebody asked to download."""

from matchmaker.services.list_jobs import work_on_exports
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def make(database: Database, _settings: Settings) -> None:
    """Make the lists that wait; one takes up to a minute, other jobs go on meanwhile."""
    work_on_exports(database)
