"""Achievements of the four libraries, and who made them."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.domain.states import AchievementState, Disclosure, RecordType
from matchmaker.store.tables.types import Json, Moment, Row, text_enum


class Achievement(Row):
    """A project, patent, paper or achievement; `title_key` is its normalised title."""

    __tablename__ = "achievement"
    __table_args__ = (
        Index(None, "title_key", "organisation_id"),
        Index(None, "status", "disclosure", "record_type", "maturity"),
        Index(None, "organisation_id", "status", "disclosure"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[RecordType] = mapped_column(text_enum(RecordType), index=True)
    status: Mapped[AchievementState] = mapped_column(text_enum(AchievementState), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    owner_text: Mapped[str] = mapped_column(String(300), default="")
    title: Mapped[str] = mapped_column(String(300))
    title_key: Mapped[str] = mapped_column(String(300))
    summary: Mapped[str] = mapped_column(Text, default="")
    application: Mapped[str] = mapped_column(Text, default="")
    keywords: Mapped[list[str]] = mapped_column(Json, default=list)
    fields: Mapped[list[str]] = mapped_column(Json, default=list)
    field_text: Mapped[str] = mapped_column(String(200), default="")
    industry: Mapped[str] = mapped_column(String(80), default="")
    authors_text: Mapped[str] = mapped_column(String(500), default="")
    maturity: Mapped[str] = mapped_column(String(20), default="")
    tech_level: Mapped[str] = mapped_column(String(20), default="")
    ach_form: Mapped[str] = mapped_column(String(20), default="")
    coop_modes: Mapped[list[str]] = mapped_column(Json, default=list)
    price_text: Mapped[str] = mapped_column(String(80), default="")
    price_min_fen: Mapped[int | None] = mapped_column(BigInteger)
    price_max_fen: Mapped[int | None] = mapped_column(BigInteger)
    ip_type: Mapped[str] = mapped_column(String(20), default="")
    patent_nos: Mapped[list[str]] = mapped_column(Json, default=list)
    classification: Mapped[str] = mapped_column(String(80), default="")
    completed_on: Mapped[date | None] = mapped_column()
    region: Mapped[str] = mapped_column(String(60), default="")
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    disclosure: Mapped[Disclosure] = mapped_column(text_enum(Disclosure), default=Disclosure.PUBLIC)
    source: Mapped[str] = mapped_column(String(20), default="excel")
    upload_row_id: Mapped[int | None] = mapped_column(ForeignKey("upload_row.id"), index=True)
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("achievement.id"), index=True)
    text_version: Mapped[int] = mapped_column(default=1)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class AchievementPatent(Row):
    """A normalised patent or application number of an achievement, for finding duplicates."""

    __tablename__ = "achievement_patent"
    __table_args__ = (UniqueConstraint("achievement_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    achievement_id: Mapped[int] = mapped_column(ForeignKey("achievement.id", ondelete="CASCADE"), index=True)
    number: Mapped[str] = mapped_column(String(30), index=True)


class AchievementPerson(Row):
    """A maker of an achievement, in the order of the list."""

    __tablename__ = "achievement_person"

    achievement_id: Mapped[int] = mapped_column(
        ForeignKey("achievement.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    place: Mapped[int] = mapped_column(default=1)
