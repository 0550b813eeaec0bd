"""The books of what is owed for a message."""

import threading

import pytest
from sqlalchemy import select

from matchmaker.bus import outbox
from matchmaker.domain.messages import NeedPosted
from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.states import DeliveryState
from matchmaker.store.engine import Database
from matchmaker.store.tables import Delivery

POSTED = NeedPosted(need_id=41, text_version=1)
BOTH = {"NeedPosted": ("first", "second")}


def _record(database: Database) -> None:
    with database.writing() as session:
        outbox.record(session, SYSTEM, POSTED)
        outbox.fan_out(session, BOTH)


def _states(database: Database) -> list[tuple[str, DeliveryState, int]]:
    with database.reading() as session:
        rows = session.execute(
            select(Delivery.handler, Delivery.state, Delivery.attempts).order_by(Delivery.id)
        )
        return [tuple(row) for row in rows]


def test_a_message_is_fanned_out_once_into_one_delivery_per_handler(database: Database) -> None:
    _record(database)
    with database.writing() as session:
        assert outbox.fan_out(session, BOTH) == 0

    assert _states(database) == [
        ("first", DeliveryState.WAITING, 0),
        ("second", DeliveryState.WAITING, 0),
    ]


def test_a_rolled_back_change_leaves_no_message(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.writing() as session:
        outbox.record(session, SYSTEM, POSTED)
        raise ZeroDivisionError
    with database.reading() as session:
        assert not outbox.anything_new(session)


def test_a_claim_carries_the_message_and_counts_the_attempt(database: Database) -> None:
    _record(database)
    with database.writing() as session:
        claim = outbox.claim(session)

    assert claim is not None
    assert (claim.handler, claim.attempt, claim.message) == ("first", 1, POSTED)


def test_a_rescued_worker_cannot_finish(database: Database) -> None:
    _record(database)
    with database.writing() as session:
        old = outbox.claim(session)
    assert old is not None
    with database.writing() as session:
        outbox.rescue(session, claimed_before=outbox.clock.now())
    with database.writing() as session:
        outbox.claim(session)
        outbox.claim(session)
    with pytest.raises(outbox.ClaimLost), database.writing() as session:
        outbox.finish(session, old)


def test_a_failing_delivery_waits_longer_each_time_and_is_given_up(database: Database) -> None:
    assert [outbox.wait(attempt).total_seconds() for attempt in (1, 2, 3, 9)] == [5, 20, 80, 3600]
    _record(database)
    with database.writing() as session:
        claim = outbox.claim(session)
        assert claim is not None
        assert not outbox.put_off(session, claim, "SMTP 不通", attempts=5)
    with database.writing() as session:
        other = outbox.claim(session)
        assert other is not None
        outbox.give_up(session, other, "没有这个收件人")

    assert _states(database) == [("first", DeliveryState.WAITING, 1), ("second", DeliveryState.GIVEN_UP, 1)]


def test_four_threads_claim_two_hundred_deliveries_without_a_double(database: Database) -> None:
    with database.writing() as session:
        for _number in range(100):
            outbox.record(session, SYSTEM, POSTED)
        while outbox.fan_out(session, BOTH):
            pass
    taken: list[int] = []

    def work() -> None:
        while True:
            with database.writing() as session:
                claim = outbox.claim(session)
            if claim is None:
                return
            taken.append(claim.delivery_id)

    threads = [threading.Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == len(set(taken)) == 200
