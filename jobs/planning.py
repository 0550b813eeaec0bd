"""Makes the campaign plans that somebody asked for."""

from matchmaker.services.planning_run import work_on_plans
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def plan(database: Database, settings: Settings) -> None:
    """Work through the plans that wait; a plan takes up to a minute, other jobs go on meanwhile."""
    work_on_plans(database, settings)
