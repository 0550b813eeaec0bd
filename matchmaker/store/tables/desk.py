"""The desk on the day: what happened, step by step, and proposals that wait for a yes."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.domain.desk import StepKind
from matchmaker.store.tables.types import Json, Moment, Row, text_enum


class DeskStep(Row):
    """One thing that happened at an event's desk; what was taken back names the step that did it.

    `number` counts from 1 within the event: it is also the desk's version. `details` says what
    was entered, `changes` which pairings it moved, from where to where and in which state before,
    so that an undo can put everything back.
    """

    __tablename__ = "desk_step"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    number: Mapped[int] = mapped_column()
    kind: Mapped[StepKind] = mapped_column(text_enum(StepKind))
    who: Mapped[str] = mapped_column(String(40), default="")
    words: Mapped[str] = mapped_column(String(300), default="")
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    undone_by: Mapped[int | None] = mapped_column()
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    user_name: Mapped[str] = mapped_column(String(60), default="")
    at: Mapped[datetime] = mapped_column(Moment)


class DeskProposal(Row):
    """A repair that was computed and waits to be confirmed; `base` is the step it was computed after."""

    __tablename__ = "desk_proposal"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    base: Mapped[int] = mapped_column()
    kind: Mapped[StepKind] = mapped_column(text_enum(StepKind))
    mishap: Mapped[dict[str, Any]] = mapped_column(Json)
    result: Mapped[dict[str, Any]] = mapped_column(Json)
    step_number: Mapped[int | None] = mapped_column()
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment)
