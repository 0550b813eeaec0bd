"""Two entries of one thing made one, and pairs that a person said are two."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.store.tables.types import Json, Moment, Row


class Merge(Row):
    """One merging, with all that is needed to take it back.

    `moved` lists what pointed at the one that went: table, column, ids. `before` holds the fields of
    the kept one that changed, as they were; `gone` the state of the one that went (for a person, whose
    row goes, all of it). `rule` is "" when a person decided.
    """

    __tablename__ = "merge"
    __table_args__ = (Index(None, "kind", "kept_id"), Index(None, "kind", "gone_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    kept_id: Mapped[int] = mapped_column()
    gone_id: Mapped[int] = mapped_column()
    kept_label: Mapped[str] = mapped_column(String(300))
    gone_label: Mapped[str] = mapped_column(String(300))
    rule: Mapped[str] = mapped_column(String(20), default="")
    moved: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    before: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    gone: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class DoublesFound(Row):
    """How many pairs of a kind were found at the last look, for libraries too large to look at once more."""

    __tablename__ = "doubles_found"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column(Moment)


class KeptApart(Row):
    """Two entries that look alike and are two: they are not put side by side again."""

    __tablename__ = "kept_apart"
    __table_args__ = (UniqueConstraint("kind", "low_id", "high_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    low_id: Mapped[int] = mapped_column()
    high_id: Mapped[int] = mapped_column()
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment)
