"""Uploaded lists: the file, and every row with its verdict."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.domain.states import UploadState, Verdict
from matchmaker.store.tables.types import Json, Moment, Row, text_enum


class Upload(Row):
    """What was understood of a file, and what became of it.

    `question` holds what a person must choose before rows can be read (encoding, columns);
    `answers` what was chosen; `summary` the counts by verdict and what was passed over.
    `rows_done` of `rows_total` is how far the background process has come with what it is at.
    """

    __tablename__ = "upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[UploadState] = mapped_column(text_enum(UploadState), index=True)
    kind: Mapped[str] = mapped_column(String(20), default="")
    record_type: Mapped[str] = mapped_column(String(20), default="")
    question: Mapped[dict[str, Any] | None] = mapped_column(Json)
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    summary: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    refusal: Mapped[str] = mapped_column(Text, default="")
    consent_source: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    imported_at: Mapped[datetime | None] = mapped_column(Moment)
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class UploadFile(Row):
    """The file itself, as long as it is kept; apart, for the upload's row is written at every step."""

    __tablename__ = "upload_file"

    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class UploadRow(Row):
    """One record of an upload: what the file says, what we read, what will happen, what happened.

    `deed` is "" until the import has come to the row; then it says what was done with it.
    """

    __tablename__ = "upload_row"
    __table_args__ = (
        Index(None, "upload_id", "verdict"),
        Index(None, "upload_id", "position"),
        Index(None, "upload_id", "deed", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column()
    sheet: Mapped[str] = mapped_column(String(100))
    row_number: Mapped[int] = mapped_column()
    kind: Mapped[str] = mapped_column(String(20))
    values: Mapped[dict[str, Any]] = mapped_column(Json)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    verdict: Mapped[Verdict] = mapped_column(text_enum(Verdict))
    changes: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    target_id: Mapped[int | None] = mapped_column()
    deed: Mapped[str] = mapped_column(String(10), default="")


class UploadBatch(Row):
    """One transaction of an import: the organisations and people that it added besides its rows.

    `learnt` is what it added about people who were known: id → column → what came to it.
    """

    __tablename__ = "upload_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id", ondelete="CASCADE"), index=True)
    organisation_ids: Mapped[list[int]] = mapped_column(Json, default=list)
    person_ids: Mapped[list[int]] = mapped_column(Json, default=list)
    learnt: Mapped[dict[str, dict[str, str]]] = mapped_column(Json, default=dict)
    at: Mapped[datetime] = mapped_column(Moment)


class ColumnMemory(Row):
    """A column mapping that an uploader confirmed for one header, replayed at the next file."""

    __tablename__ = "column_memory"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(Json)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment)
