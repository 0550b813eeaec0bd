"""Organisations and the people in them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.domain.states import ApprovalState, OrganisationKind
from matchmaker.store.tables.types import Json, Moment, Row, text_enum


class Organisation(Row):
    """A firm, a university, one of its colleges, the bureau. `parent_id` leads to the university."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[OrganisationKind] = mapped_column(text_enum(OrganisationKind), index=True)
    name: Mapped[str] = mapped_column(String(200))
    normalised_name: Mapped[str] = mapped_column(String(200), index=True)
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    status: Mapped[ApprovalState] = mapped_column(text_enum(ApprovalState), index=True)
    province: Mapped[str] = mapped_column(String(40), default="")
    city: Mapped[str] = mapped_column(String(40), default="")
    town: Mapped[str] = mapped_column(String(60), default="", index=True)
    address: Mapped[str] = mapped_column(String(200), default="")
    website: Mapped[str] = mapped_column(String(200), default="")
    profile: Mapped[str] = mapped_column(Text, default="")
    industry: Mapped[str] = mapped_column(String(8), default="")
    size: Mapped[str] = mapped_column(String(20), default="")
    local: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(String(40), default="web_form")
    source_note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class OrganisationAlias(Row):
    """Another name of an organisation, normalised; one name leads to one organisation."""

    __tablename__ = "organisation_alias"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    alias: Mapped[str] = mapped_column(String(200))
    normalised_alias: Mapped[str] = mapped_column(String(200), unique=True)


class Person(Row):
    """A contact, an expert, a commissioner. `source` says where the contact came from."""

    __tablename__ = "person"
    __table_args__ = (Index(None, "organisation_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    role: Mapped[str] = mapped_column(String(20), default="contact", index=True)
    title: Mapped[str] = mapped_column(String(40), default="")
    position: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    email: Mapped[str] = mapped_column(String(120), default="")
    fields: Mapped[list[str]] = mapped_column(Json, default=list)
    expertise: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(40), default="web_form")
    source_note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Town(Row):
    """A town or street (乡镇街道) of the county, as the forms offer it; the bureau keeps the list."""

    __tablename__ = "town"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    place: Mapped[int] = mapped_column(default=0)
