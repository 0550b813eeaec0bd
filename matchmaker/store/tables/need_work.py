"""Work on needs: questions to their firms, what changed, groups of one problem, frozen lists."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.domain.states import EnquiryState
from matchmaker.store.tables.types import Json, Moment, Row, text_enum


class NeedEnquiry(Row):
    """Questions put to a need's firm, and what it answered.

    `questions` are {code, text, example} in their order, `answers` code → text. `proposal` is what
    the answers would make of the need's fields: {field, before, after} each; decided, it keeps what
    was really written. `channel` says how the answers came: link, phone or form.
    """

    __tablename__ = "need_enquiry"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    state: Mapped[EnquiryState] = mapped_column(text_enum(EnquiryState), index=True)
    questions: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    remark: Mapped[str] = mapped_column(Text, default="")
    answers: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    proposal: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    channel: Mapped[str] = mapped_column(String(10), default="")
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    answered_by: Mapped[str] = mapped_column(String(60), default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class NeedChange(Row):
    """What one save changed in a need that was already handed in: {field, before, after} each."""

    __tablename__ = "need_change"
    __table_args__ = (Index(None, "need_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    cause: Mapped[str] = mapped_column(String(20))
    fields: Mapped[list[dict[str, str]]] = mapped_column(Json)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    who: Mapped[str] = mapped_column(String(60), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)


class NeedPart(Row):
    """One of the needs into which a text with several problems was split; the original stays, uncounted."""

    __tablename__ = "need_part"

    id: Mapped[int] = mapped_column(primary_key=True)
    original_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("need.id"), unique=True)
    position: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column(Moment)


class NeedGroup(Row):
    """One problem that several firms have (共性需求), confirmed and named by the organiser."""

    __tablename__ = "need_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    summary: Mapped[str] = mapped_column(Text, default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class NeedGroupMember(Row):
    """A need in a group; a need is in one group at most."""

    __tablename__ = "need_group_member"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("need_group.id"), index=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), unique=True)
    added_at: Mapped[datetime] = mapped_column(Moment)


class NeedsApart(Row):
    """Two needs that the organiser said are not one problem; they are not suggested together again."""

    __tablename__ = "needs_apart"
    __table_args__ = (UniqueConstraint("first_id", "second_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class NeedListEdition(Row):
    """One frozen edition of the list of needs (需求清单) of a theme or field.

    `entries` are the needs as outsiders might read them that day; `differences` compare with the
    edition before: added, withdrawn and changed, each a list of titles with what changed.
    """

    __tablename__ = "need_list_edition"
    __table_args__ = (UniqueConstraint("scope", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(60))
    scope_name: Mapped[str] = mapped_column(String(80))
    number: Mapped[int] = mapped_column()
    issued_on: Mapped[date] = mapped_column()
    entries: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    differences: Mapped[dict[str, Any]] = mapped_column(Json)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
