"""What an empty installation is given at its first start."""

from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def prepare(database: Database, settings: Settings) -> None:
    """Load the sample campaign, or print the first-run token of the bureau's own database."""
