"""What a handler is given: its message, and the one transaction that ends its delivery."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from matchmaker.bus import outbox
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


@dataclass(slots=True, kw_only=True)
class Work:
    """One claimed delivery.

    Do slow and outside work first, then open `writing()` once: its rows, the messages it records
    and "done" are saved together. A handler that returns without having opened it has failed.
    """

    claim: outbox.Claim
    database: Database
    settings: Settings
    finished: bool = field(default=False)

    @property
    def message_id(self) -> int:
        """The id of the message, the cause of whatever this handler records."""
        return self.claim.message_id

    def reading(self) -> AbstractContextManager[Session]:
        """Give a session for a short look; it holds nothing up."""
        return self.database.reading()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give the session whose commit also marks the delivery done."""
        with self.database.writing() as session:
            yield session
            outbox.finish(session, self.claim)
        self.finished = True
