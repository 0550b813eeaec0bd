"""Claims (揭榜): offers of universities to solve published needs."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.domain.claims import ClaimState
from matchmaker.store.tables.types import Moment, Row, text_enum


class NeedClaim(Row):
    """One organisation's offer for one need: its plan, perhaps an achievement, and what was decided."""

    __tablename__ = "need_claim"
    __table_args__ = (UniqueConstraint("need_id", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    achievement_id: Mapped[int | None] = mapped_column(ForeignKey("achievement.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    plan: Mapped[str] = mapped_column(Text)
    status: Mapped[ClaimState] = mapped_column(text_enum(ClaimState), index=True)
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
