"""Reminds guests of the events ahead."""

from matchmaker.services.event_notices import plan_reminders
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def remind(database: Database, settings: Settings) -> None:
    """Plan what is due; running twice plans nothing twice."""
    with database.writing() as session:
        plan_reminders(session, settings)
