"""Needs, and the log of every move of every thing."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, validates

from matchmaker.domain.identifiers import need_text_key, need_title_key
from matchmaker.domain.states import Disclosure, NeedState
from matchmaker.store.tables.types import Json, Moment, Row, text_enum


class Need(Row):
    """A technology need of one enterprise; the public text stands apart from the original.

    `title_key` and `text_key` follow `title` and `problem`: lists are compared by them.
    `text_version` grows with every change of what matching reads; `proposed_version` is the text
    version whose proposals are stored (None: never computed).
    """

    __tablename__ = "need"
    __table_args__ = (
        Index(None, "status", "created_at"),
        Index(None, "status", "disclosure", "source"),
        Index(None, "title_key", "organisation_id"),
        Index(None, "text_key"),
        Index(None, "external_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str | None] = mapped_column(String(20), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    status: Mapped[NeedState] = mapped_column(text_enum(NeedState))
    title: Mapped[str] = mapped_column(String(200))
    title_key: Mapped[str] = mapped_column(String(200), default="")
    problem: Mapped[str] = mapped_column(Text, default="")
    text_key: Mapped[str] = mapped_column(String(32), default="")
    key_points: Mapped[str] = mapped_column(Text, default="")
    goal: Mapped[str] = mapped_column(Text, default="")
    background: Mapped[str] = mapped_column(Text, default="")
    conditions: Mapped[str] = mapped_column(Text, default="")
    need_type: Mapped[str] = mapped_column(String(20), default="rnd")
    activity_type: Mapped[str] = mapped_column(String(20), default="")
    coop_modes: Mapped[list[str]] = mapped_column(Json, default=list)
    fields: Mapped[list[str]] = mapped_column(Json, default=list)
    field_text: Mapped[str] = mapped_column(String(200), default="")
    industry: Mapped[str] = mapped_column(String(8), default="")
    keywords: Mapped[list[str]] = mapped_column(Json, default=list)
    budget_text: Mapped[str] = mapped_column(String(80), default="")
    budget_min_fen: Mapped[int | None] = mapped_column(BigInteger)
    budget_max_fen: Mapped[int | None] = mapped_column(BigInteger)
    period_text: Mapped[str] = mapped_column(String(80), default="")
    period_from: Mapped[date | None] = mapped_column()
    period_to: Mapped[date | None] = mapped_column()
    town: Mapped[str] = mapped_column(String(60), default="", index=True)
    wished_partner: Mapped[str] = mapped_column(String(200), default="")
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    disclosure: Mapped[Disclosure] = mapped_column(text_enum(Disclosure), default=Disclosure.MASKED)
    public_title: Mapped[str] = mapped_column(String(200), default="")
    public_text: Mapped[str] = mapped_column(Text, default="")
    return_reason: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(20), default="web_form")
    source_system: Mapped[str] = mapped_column(String(40), default="")
    external_id: Mapped[str] = mapped_column(String(60), default="")
    upload_row_id: Mapped[int | None] = mapped_column(ForeignKey("upload_row.id"), index=True)
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"), index=True)
    text_version: Mapped[int] = mapped_column(default=1)
    proposed_version: Mapped[int | None] = mapped_column()
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    solved_at: Mapped[datetime | None] = mapped_column(Moment)
    solved_confirmed_by: Mapped[str] = mapped_column(String(60), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @validates("title")
    def _take_title(self, _name: str, title: str) -> str:
        self.title_key = need_title_key(title)
        return title

    @validates("problem")
    def _take_problem(self, _name: str, problem: str) -> str:
        self.text_key = need_text_key(problem)
        return problem


class StateChange(Row):
    """A move of a need, achievement, match, pairing, event, contract …, by whom and why."""

    __tablename__ = "state_change"
    __table_args__ = (Index(None, "subject_kind", "subject_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column()
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment)
