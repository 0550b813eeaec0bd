"""Proposals for the campaign's calendar: versions of a plan, its events, and who belongs to each."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.domain.plan_state import PlanMode, PlanState
from matchmaker.store.tables.types import Json, Moment, Row, text_enum


class Plan(Row):
    """One version of the plan. `base_id` is the version that it changes.

    `topics` are what needs are grouped by, `result` figures and remarks, `progress` where the
    background work is; `beat_at` shows that somebody works on it, `attempts` fences off who was
    given up for dead.
    """

    __tablename__ = "plan"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int] = mapped_column()
    base_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"))
    status: Mapped[PlanState] = mapped_column(text_enum(PlanState), index=True)
    mode: Mapped[PlanMode] = mapped_column(text_enum(PlanMode))
    note: Mapped[str] = mapped_column(Text, default="")
    settings: Mapped[dict[str, Any]] = mapped_column(Json)
    topics: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    result: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    progress: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    attempts: Mapped[int] = mapped_column(default=0)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    beat_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    applied_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class PlanEvent(Row):
    """An event as planned. `closed` are days it may not have; `event_id` the event once it was created."""

    __tablename__ = "plan_event"
    __table_args__ = (UniqueConstraint("plan_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column()
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"))
    topic: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(120))
    city: Mapped[str] = mapped_column(String(40), default="")
    town: Mapped[str] = mapped_column(String(60), default="")
    venue: Mapped[str] = mapped_column(String(120), default="")
    held_on: Mapped[date] = mapped_column()
    size: Mapped[int] = mapped_column()
    pinned: Mapped[bool] = mapped_column(default=False)
    closed: Mapped[list[str]] = mapped_column(Json, default=list)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)


class PlanItem(Row):
    """A need or an expert of a planned event; `plan_event_id` None: a need that found no event."""

    __tablename__ = "plan_item"
    __table_args__ = (UniqueConstraint("plan_event_id", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    plan_event_id: Mapped[int | None] = mapped_column(ForeignKey("plan_event.id", ondelete="CASCADE"))
    subject_kind: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int] = mapped_column(index=True)
    value: Mapped[int] = mapped_column(default=0)
