"""Consent and who saw what: what cannot be reconstructed later."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.domain.states import ConsentScope
from matchmaker.store.tables.types import Moment, Row, text_enum


class Consent(Row):
    """One tick, given or refused, under one version of the notice. Never changed, only withdrawn.

    `subject_kind` and `subject_id` name the submission: need, achievement, user, person, upload.
    """

    __tablename__ = "consent"
    __table_args__ = (Index(None, "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column()
    scope: Mapped[ConsentScope] = mapped_column(text_enum(ConsentScope))
    granted: Mapped[bool] = mapped_column()
    notice_version: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


class ContactAccess(Row):
    """Somebody saw or exported a full contact: who, whose, why, when."""

    __tablename__ = "contact_access"
    __table_args__ = (Index(None, "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column()
    action: Mapped[str] = mapped_column(String(10))
    purpose: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime] = mapped_column(Moment, index=True)
