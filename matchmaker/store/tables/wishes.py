"""What guests wish for before a draw, and what an organiser made of a list afterwards."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.store.tables.types import Json, Moment, Row


class MeetingWish(Row):
    """Somebody of one side asks to meet: this need about this achievement. `side`: need or achievement."""

    __tablename__ = "meeting_wish"
    __table_args__ = (UniqueConstraint("event_id", "side", "need_id", "achievement_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    side: Mapped[str] = mapped_column(String(12))
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    achievement_id: Mapped[int] = mapped_column(ForeignKey("achievement.id"), index=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class PairingEdit(Row):
    """A pairing list read back from its edited workbook: a proposal until `made_list_id` names its version.

    `rows` are what the workbook says, without contacts: key, firm, need, achievement, slot, table,
    follower, remark, and where each stood.
    """

    __tablename__ = "pairing_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("pairing_list.id"))
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[dict[str, Any]] = mapped_column(Json)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    made_list_id: Mapped[int | None] = mapped_column(ForeignKey("pairing_list.id"))
