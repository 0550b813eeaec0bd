"""Records messages, and keeps the books of what is still owed for them.

waiting ─a→ running ─b→ done
   ↑           ├─c→ waiting    (failed, due later)
   │           └─d→ given_up   (attempts used up, or a permanent error)
   └──────e────┘               (claim older than its limit: rescued)

a claim · b the handler committed · c retry with a growing wait · d a person must look · e housekeeping
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.messages import Message, read_message
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import DeliveryState
from matchmaker.errors import Unprocessable
from matchmaker.store.tables import Delivery
from matchmaker.store.tables import Message as MessageRow

_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A delivery this process has taken; `attempt` is its fencing token."""

    delivery_id: int
    attempt: int
    handler: str
    message_id: int
    name: str
    message_version: int
    payload: Mapping[str, Any]

    @property
    def message(self) -> Message:
        """The message itself. Raises KeyError or ValueError when this program cannot read it."""
        return read_message(self.name, self.message_version, self.payload)


class ClaimLost(Exception):
    """The delivery was rescued and given to another worker meanwhile."""


def record(session: Session, actor: Actor, message: Message, *, cause_id: int | None = None) -> int:
    """Save a message in the caller's transaction and return its id."""
    row = MessageRow(
        name=type(message).__name__,
        version=message.version,
        payload=message.payload(),
        actor_id=actor.user_id,
        cause_id=cause_id,
        happened_at=clock.now(),
    )
    session.add(row)
    session.flush()  # the id is the caller's handle for causes and keys
    return row.id


def anything_new(session: Session) -> bool:
    """Say whether a message waits to be fanned out."""
    return (
        session.scalar(select(MessageRow.id).where(MessageRow.fanned_out_at.is_(None)).limit(1)) is not None
    )


def anything_due(session: Session) -> bool:
    """Say whether a delivery is due."""
    due = select(Delivery.id).where(Delivery.state == DeliveryState.WAITING, Delivery.due_at <= clock.now())
    return session.scalar(due.limit(1)) is not None


def owed(session: Session, kind: type[Message]) -> bool:
    """Say whether a message of this kind is still to be worked off."""
    open_states = (DeliveryState.WAITING, DeliveryState.RUNNING)
    unfinished = exists().where(Delivery.message_id == MessageRow.id, Delivery.state.in_(open_states))
    wanted = select(MessageRow.id).where(
        MessageRow.name == kind.__name__, or_(MessageRow.fanned_out_at.is_(None), unfinished)
    )
    return session.scalar(wanted.limit(1)) is not None


def fan_out(session: Session, handlers_of: dict[str, tuple[str, ...]], *, limit: int = 100) -> int:
    """Turn new messages into one delivery per handler; return how many messages were fanned out.

    By state, never by "id greater than the last": a slower transaction's message would be passed over.
    """
    fresh = session.scalars(
        select(MessageRow)
        .where(MessageRow.fanned_out_at.is_(None))
        .order_by(MessageRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    moment = clock.now()
    for message in fresh:
        for handler in handlers_of.get(message.name, ()):
            session.add(
                Delivery(message_id=message.id, handler=handler, state=DeliveryState.WAITING, due_at=moment)
            )
        message.fanned_out_at = moment
    return len(fresh)


def claim(session: Session) -> Claim | None:
    """Take the oldest delivery that is due, or None. The attempt counts from the claim on."""
    due = (
        select(Delivery.id)
        .where(Delivery.state == DeliveryState.WAITING, Delivery.due_at <= clock.now())
        .order_by(Delivery.due_at, Delivery.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    # two statements: PostgreSQL may run a locking subquery again and claim more than one row
    delivery_id = session.scalar(due)
    if delivery_id is None:
        return None
    taken = session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.WAITING)
        .values(state=DeliveryState.RUNNING, attempts=Delivery.attempts + 1, claimed_at=clock.now())
        .returning(Delivery.id, Delivery.attempts, Delivery.handler, Delivery.message_id)
    ).one_or_none()
    if taken is None:
        return None
    row = session.get_one(MessageRow, taken.message_id)
    return Claim(
        delivery_id=taken.id,
        attempt=taken.attempts,
        handler=taken.handler,
        message_id=row.id,
        name=row.name,
        message_version=row.version,
        payload=row.payload,
    )


def finish(session: Session, claim: Claim) -> None:
    """Mark a delivery done, in the transaction of its effects. Raises ClaimLost for a rescued one."""
    _close(session, claim, state=DeliveryState.DONE, done_at=clock.now(), last_error="")


def put_off(session: Session, claim: Claim, error: str, *, attempts: int) -> bool:
    """Let a failed delivery wait, or give it up after `attempts` tries; return whether it was given up."""
    if claim.attempt >= attempts:
        give_up(session, claim, error)
        return True
    _close(
        session,
        claim,
        state=DeliveryState.WAITING,
        due_at=clock.now() + wait(claim.attempt),
        last_error=error,
    )
    return False


def give_up(session: Session, claim: Claim, error: str) -> None:
    """Stop trying; a person sees it in the list of given-up deliveries."""
    _close(session, claim, state=DeliveryState.GIVEN_UP, last_error=error)


def _close(session: Session, claim: Claim, **values: object) -> None:
    closed = session.execute(
        update(Delivery)
        .where(
            Delivery.id == claim.delivery_id,
            Delivery.attempts == claim.attempt,
            Delivery.state == DeliveryState.RUNNING,
        )
        .values(**values)
        .returning(Delivery.id)
    ).one_or_none()
    if closed is None:
        raise ClaimLost(f"delivery {claim.delivery_id} attempt {claim.attempt}")


def wait(attempt: int) -> timedelta:
    """Return the wait after a failed attempt: 5 s, 20 s, 80 s, … at most an hour."""
    return min(_FIRST_WAIT * float(4 ** max(0, attempt - 1)), _LONGEST_WAIT)


def rescue(session: Session, *, claimed_before: datetime) -> int:
    """Give deliveries of dead workers back; return how many."""
    rescued = session.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.RUNNING, Delivery.claimed_at < claimed_before)
        .values(state=DeliveryState.WAITING, due_at=clock.now())
        .returning(Delivery.id)
    ).all()
    return len(rescued)


def replay(session: Session, *, delivery_id: int) -> None:
    """Try a given-up delivery again from its first attempt. Raises Unprocessable for any other."""
    replayed = session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.GIVEN_UP)
        .values(state=DeliveryState.WAITING, attempts=0, due_at=clock.now(), last_error="")
        .returning(Delivery.id)
    ).one_or_none()
    if replayed is None:
        raise Unprocessable(f"delivery {delivery_id} was not given up")


def prune(session: Session, *, done_before: datetime) -> int:
    """Delete finished deliveries older than that (messages stay: they are the audit trail)."""
    gone = session.execute(
        delete(Delivery)
        .where(Delivery.state == DeliveryState.DONE, Delivery.done_at < done_before)
        .returning(Delivery.id)
    ).all()
    return len(gone)
