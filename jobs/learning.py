"""Learns every night from what people did with proposals."""

from matchmaker.services.learning import learn
from matchmaker.services.library import desk_for
from matchmaker.services.scoring import shipped
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


def learn_nightly(database: Database, settings: Settings) -> None:
    """Re-fit the score when there is something new to learn from."""
    learn(database, shipped(desk_for(settings)))
