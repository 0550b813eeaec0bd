"""What happened, what is still owed for it, and the pulse of the background process."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.domain.states import DeliveryState
from matchmaker.store.tables.types import Json, Moment, Row, text_enum


class Message(Row):
    """A fact in the past tense; never changed but for the mark that it was fanned out."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    version: Mapped[int] = mapped_column()
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    cause_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    happened_at: Mapped[datetime] = mapped_column(Moment)
    fanned_out_at: Mapped[datetime | None] = mapped_column(Moment, index=True)


class Delivery(Row):
    """What is owed to one handler for one message. `attempts` fences off a worker that was rescued."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("message_id", "handler"), Index(None, "state", "due_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    handler: Mapped[str] = mapped_column(String(60))
    state: Mapped[DeliveryState] = mapped_column(text_enum(DeliveryState))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(Moment)
    claimed_at: Mapped[datetime | None] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    last_error: Mapped[str] = mapped_column(Text, default="")


class Heartbeat(Row):
    """When each job last ran, and how it ended."""

    __tablename__ = "heartbeat"

    job: Mapped[str] = mapped_column(String(60), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    seconds: Mapped[float] = mapped_column(default=0.0)
    error: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")


class Lease(Row):
    """Which process ticks: one row per name, taken when the old one has run out."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime] = mapped_column(Moment)
