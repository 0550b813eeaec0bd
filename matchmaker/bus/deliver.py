"""Fans new messages out and runs claimed deliveries; one of the three broad excepts lives here."""

import logging

from matchmaker.bus import outbox
from matchmaker.bus.handlers import handler_named, names_by_message
from matchmaker.bus.work import Work
from matchmaker.errors import Unprocessable
from matchmaker.settings import Settings
from matchmaker.store.engine import Database

log = logging.getLogger(__name__)


def deliver_due(database: Database, settings: Settings, *, most: int = 1000) -> int:
    """Run what is due, oldest first, until nothing is or `most` were run; return how many."""
    done = 0
    while done < most:
        _fan_out(database)
        if not deliver_one(database, settings):
            break
        done += 1
    return done


def _fan_out(database: Database) -> None:
    with database.reading() as session:
        if not outbox.anything_new(session):
            return
    with database.writing() as session:
        outbox.fan_out(session, names_by_message())


def deliver_one(database: Database, settings: Settings) -> bool:
    """Claim and run one delivery; return False when none is due."""
    with database.reading() as session:
        if not outbox.anything_due(session):
            return False
    with database.writing() as session:
        claim = outbox.claim(session)
    if claim is None:
        return False
    _run(Work(claim=claim, database=database, settings=settings))
    return True


def _run(work: Work) -> None:
    claim = work.claim
    fields = {"delivery_id": claim.delivery_id, "handler": claim.handler, "attempt": claim.attempt}
    try:
        handler_named(claim.handler)(work, claim.message)
        if not work.finished:
            raise Unprocessable(f"handler {claim.handler} ended without saving")
        log.info("delivered", extra=fields)
    except outbox.ClaimLost:
        log.warning("delivery was rescued by another worker", extra=fields)
    except (Unprocessable, KeyError, TypeError) as error:
        log.error("delivery given up", extra=fields, exc_info=True)
        _close(work, error, permanent=True)
    except Exception as error:
        log.warning("delivery failed", extra=fields, exc_info=True)
        _close(work, error, permanent=False)


def _close(work: Work, error: Exception, *, permanent: bool) -> None:
    words = f"{type(error).__name__}: {error}"[:2000]
    with work.database.writing() as session:
        if permanent:
            outbox.give_up(session, work.claim, words)
        else:
            outbox.put_off(session, work.claim, words, attempts=work.settings.jobs.attempts)
