"""Long lists that are made in the background to be downloaded."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.domain.export_state import ExportState
from matchmaker.store.tables.types import Moment, Row, text_enum


class ListExport(Row):
    """A list that somebody asked for: `purpose` is what its contacts are for, "" without contacts.

    `rows_done` of `rows_total` is how far it is; `beat_at` shows that somebody works on it, `attempts`
    fences off who was given up for dead.
    """

    __tablename__ = "list_export"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    form: Mapped[str] = mapped_column(String(4))
    purpose: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[ExportState] = mapped_column(text_enum(ExportState), index=True)
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    beat_at: Mapped[datetime | None] = mapped_column(Moment)
    asked_at: Mapped[datetime] = mapped_column(Moment)


class ListExportFile(Row):
    """The file, as long as it is kept; apart, for the export's row is written at every step."""

    __tablename__ = "list_export_file"

    export_id: Mapped[int] = mapped_column(ForeignKey("list_export.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
