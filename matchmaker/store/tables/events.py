"""Campaigns, events, who comes, and the pairing lists."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.domain.states import EventState, InvitationState, MeetingOutcome, PairingState
from matchmaker.store.tables.types import Json, Moment, Row, text_enum


class Theme(Row):
    """A lead industry of the county; seeded from config/themes.json, then the bureau's own."""

    __tablename__ = "theme"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    fields: Mapped[list[str]] = mapped_column(Json, default=list)
    industries: Mapped[list[str]] = mapped_column(Json, default=list)
    words: Mapped[list[str]] = mapped_column(Json, default=list)
    place: Mapped[int] = mapped_column(default=0)


class Campaign(Row):
    """A series of events, such as 百日百场."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    slogan: Mapped[str] = mapped_column(String(200), default="")
    starts_on: Mapped[date] = mapped_column()
    ends_on: Mapped[date] = mapped_column()
    target_events: Mapped[int] = mapped_column(default=100)
    target_intents: Mapped[int] = mapped_column(default=0)
    target_contracts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Event(Row):
    """One occasion (对接会、专场). Slots are counted from `starts_at`, `slot_minutes` each."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20), default="themed")
    title: Mapped[str] = mapped_column(String(120))
    status: Mapped[EventState] = mapped_column(text_enum(EventState), index=True)
    held_on: Mapped[date] = mapped_column(index=True)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    venue: Mapped[str] = mapped_column(String(120), default="")
    town: Mapped[str] = mapped_column(String(60), default="")
    capacity: Mapped[int] = mapped_column(default=60)
    tables: Mapped[int] = mapped_column(default=10)
    slots: Mapped[int] = mapped_column(default=6)
    slot_minutes: Mapped[int] = mapped_column(default=20)
    per_enterprise: Mapped[int] = mapped_column(default=3)
    per_expert: Mapped[int] = mapped_column(default=6)
    description: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class EventPause(Row):
    """A part of an event in which nobody meets: lunch, an opening. Minutes from midnight of its day."""

    __tablename__ = "event_pause"
    __table_args__ = (UniqueConstraint("event_id", "begins"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    name: Mapped[str] = mapped_column(String(30))
    begins: Mapped[int] = mapped_column()
    ends: Mapped[int] = mapped_column()


class EventFirm(Row):
    """The number behind a firm's code (代号) at one event; it never changes, for papers name it."""

    __tablename__ = "event_firm"
    __table_args__ = (UniqueConstraint("event_id", "organisation_id"), UniqueConstraint("event_id", "number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    number: Mapped[int] = mapped_column()


class EventItem(Row):
    """A need or an achievement on the event's table: candidate, and whether it was presented (推介)."""

    __tablename__ = "event_item"
    __table_args__ = (UniqueConstraint("event_id", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(index=True)
    added_by: Mapped[str] = mapped_column(String(10), default="theme")
    presented: Mapped[bool] = mapped_column(default=False)


class EventItemRemoved(Row):
    """A need or an achievement that somebody took off the event's table: collecting leaves it off."""

    __tablename__ = "event_item_removed"
    __table_args__ = (UniqueConstraint("event_id", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column()
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class Invitation(Row):
    """One person (or organisation) asked to an event, and the answer.

    `away_slots` are slots (from 1) in which the guest cannot sit down.
    """

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("event_id", "organisation_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    status: Mapped[InvitationState] = mapped_column(text_enum(InvitationState))
    answer_note: Mapped[str] = mapped_column(Text, default="")
    invited_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    checked_in_at: Mapped[datetime | None] = mapped_column(Moment)
    away_slots: Mapped[list[int]] = mapped_column(Json, default=list)
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class PairingRule(Row):
    """A pin or a ban by hand, with its reason. `event_id` None: for every event."""

    __tablename__ = "pairing_rule"
    __table_args__ = (UniqueConstraint("event_id", "need_id", "achievement_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    achievement_id: Mapped[int] = mapped_column(ForeignKey("achievement.id"))
    kind: Mapped[str] = mapped_column(String(5))
    reason: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class MeetingOrder(Row):
    """One meeting of an event that comes before another, whenever both are on a list."""

    __tablename__ = "meeting_order"
    __table_args__ = (
        UniqueConstraint(
            "event_id", "earlier_need_id", "earlier_achievement_id", "later_need_id", "later_achievement_id",
            name="uq_meeting_order_pairs",
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    earlier_need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    earlier_achievement_id: Mapped[int] = mapped_column(ForeignKey("achievement.id"))
    later_need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    later_achievement_id: Mapped[int] = mapped_column(ForeignKey("achievement.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class PairingList(Row):
    """A version of an event's pairing list; a published one is frozen.

    `settings` are the limits it was drawn under, `result` the proof: figures, unserved enterprises
    with their reasons, the price of fairness. `day` are the pauses and orders of meetings that its
    timetable keeps, whatever the event says since.
    """

    __tablename__ = "pairing_list"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    number: Mapped[int] = mapped_column()
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    settings: Mapped[dict[str, Any]] = mapped_column(Json)
    result: Mapped[dict[str, Any]] = mapped_column(Json)
    day: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)


class Pairing(Row):
    """A match chosen for an event in one version of its list; with slot and table it is a meeting.

    `slot` and `table_number` count from 1. `value` is the integer the solver maximised. `place` is
    where a list ordered by hand has it; `follower` and `remark` are the organiser's own.
    """

    __tablename__ = "pairing"
    __table_args__ = (UniqueConstraint("list_id", "need_id", "achievement_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("pairing_list.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    match_id: Mapped[int | None] = mapped_column(ForeignKey("match.id"))
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    achievement_id: Mapped[int] = mapped_column(ForeignKey("achievement.id"), index=True)
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    value: Mapped[int] = mapped_column(default=0)
    pinned: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    follower: Mapped[str] = mapped_column(String(60), default="")
    remark: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[int | None] = mapped_column()
    status: Mapped[PairingState] = mapped_column(text_enum(PairingState), index=True)
    slot: Mapped[int | None] = mapped_column()
    table_number: Mapped[int | None] = mapped_column()
    need_answer: Mapped[str] = mapped_column(String(10), default="")
    achievement_answer: Mapped[str] = mapped_column(String(10), default="")
    answer_note: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[MeetingOutcome | None] = mapped_column(text_enum(MeetingOutcome))
    outcome_note: Mapped[str] = mapped_column(Text, default="")
    outcome_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome_by: Mapped[str] = mapped_column(String(60), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class AnswerLink(Row):
    """A signed, expiring, single-purpose address by which somebody without an account answers.

    Only the sha256 of the key is stored. `purpose` is invitation, pairing, outcome, intent or
    registration; `subject_id` what it is about.
    """

    __tablename__ = "answer_link"
    __table_args__ = (Index(None, "purpose", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column()
    side: Mapped[str] = mapped_column(String(12), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
