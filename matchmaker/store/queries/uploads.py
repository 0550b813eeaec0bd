"""Reads for uploaded lists: the list of uploads, one preview, and what rows are compared with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.identifiers import normal_org_name
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import UploadState
from matchmaker.store.tables import (
    ColumnMemory,
    Organisation,
    OrganisationAlias,
    Upload,
    UploadFile,
    User,
)

CHUNK = 500  # values in one IN (…): well below what SQLite and PostgreSQL take


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield the distinct values in lists short enough for one IN."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), CHUNK):
        yield distinct[start : start + CHUNK]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLine:
    """One upload in the list of uploads."""

    id: int
    filename: str
    state: UploadState
    kind: str
    uploader: str
    organisation: str
    created_at: datetime
    counts: Mapping[str, int]
    refusal: str
    lacks_source: bool  # it holds contacts, and nobody said where they came from


def uploads_for(session: Session, actor: Actor, *, limit: int = 100) -> list[UploadLine]:
    """Return the latest uploads this actor may see, newest first."""
    query = (
        select(Upload, User.name, Organisation.name)
        .outerjoin(User, User.id == Upload.user_id)
        .outerjoin(Organisation, Organisation.id == Upload.organisation_id)
        .order_by(Upload.id.desc())
        .limit(limit)
    )
    if not actor.organises:
        query = query.where(Upload.user_id == actor.user_id)
    return [
        UploadLine(
            id=upload.id,
            filename=upload.filename,
            state=upload.state,
            kind=upload.kind,
            uploader=uploader or "系统",
            organisation=organisation or "",
            created_at=upload.created_at,
            counts=upload.summary.get("counts", {}),
            refusal=upload.refusal,
            lacks_source=bool(upload.summary.get("contacts")) and not upload.consent_source,
        )
        for upload, uploader, organisation in session.execute(query)
    ]


def has_file(session: Session, upload_id: int) -> bool:
    """Say whether the file itself is still kept, without reading it."""
    query = select(UploadFile.upload_id).where(UploadFile.upload_id == upload_id)
    return session.scalar(query) is not None


def file_of(session: Session, upload_id: int) -> bytes | None:
    """Return the file as it came, None when it is no longer kept."""
    return session.scalar(select(UploadFile.content).where(UploadFile.upload_id == upload_id))


def earlier_import(session: Session, actor: Actor, upload: Upload) -> Upload | None:
    """Return the latest import of the very same bytes before this upload that the actor may see."""
    query = (
        select(Upload)
        .where(
            Upload.sha256 == upload.sha256, Upload.state == UploadState.IMPORTED, Upload.id < (upload.id or 0)
        )
        .order_by(Upload.id.desc())
    )
    if not actor.organises:
        query = query.where(Upload.user_id == actor.user_id)
    return session.scalars(query.limit(1)).first()


def remembered_mappings(session: Session, organisation_id: int | None) -> list[dict[str, Any]]:
    """Return the column mappings an organisation confirmed, the latest per header."""
    query = select(ColumnMemory).order_by(ColumnMemory.id)
    if organisation_id is None:
        query = query.where(ColumnMemory.organisation_id.is_(None))
    else:
        query = query.where(ColumnMemory.organisation_id == organisation_id)
    return list({memory.fingerprint: memory.mapping for memory in session.scalars(query)}.values())


def organisations_by_name(session: Session, names: Iterable[str]) -> dict[str, int]:
    """Return normalised name → id of the living organisation, for names and aliases that are known."""
    keys = [key for key in (normal_org_name(name) for name in names) if key]
    found: dict[str, int] = {}
    merged: dict[int, int] = {}
    for part in chunks(keys):
        aliases = select(OrganisationAlias.normalised_alias, OrganisationAlias.organisation_id).where(
            OrganisationAlias.normalised_alias.in_(part)
        )
        for alias, organisation_id in session.execute(aliases):
            found.setdefault(alias, organisation_id)
        for row_id, name, into in session.execute(
            select(Organisation.id, Organisation.normalised_name, Organisation.merged_into_id)
            .where(Organisation.normalised_name.in_(part))
            .order_by(Organisation.id.desc())
        ):
            found[name] = row_id
            if into is not None:
                merged[row_id] = into
    return {name: _living(session, found_id, merged) for name, found_id in found.items()}


def organisations_by_uscc(session: Session, codes: Iterable[str]) -> dict[str, int]:
    """Return unified social credit code → id of the living organisation."""
    found: dict[str, int] = {}
    for part in chunks(code for code in codes if code):
        for code, row_id, into in session.execute(
            select(Organisation.uscc, Organisation.id, Organisation.merged_into_id).where(
                Organisation.uscc.in_(part)
            )
        ):
            if code is not None:
                found[code] = into or row_id
    return found


def _living(session: Session, organisation_id: int, merged: Mapping[int, int]) -> int:
    """Follow merges; rare, so one read per step is fine."""
    seen = {organisation_id}
    into = merged.get(organisation_id)
    while into is not None and into not in seen:
        seen.add(into)
        organisation_id = into
        into = session.scalar(select(Organisation.merged_into_id).where(Organisation.id == into))
    return organisation_id


def still_referenced(
    session: Session, table: type[Any], ids: Sequence[int], *, ignoring: Iterable[str] = ()
) -> set[int]:
    """Return those ids that a row of some other table points at.

    Every foreign key of the schema is asked, so that a table added later cannot be forgotten.
    `ignoring` names tables whose rows go together with the thing.
    """
    target, skipped = table.__table__, frozenset(ignoring)
    used: set[int] = set()
    for other in target.metadata.sorted_tables:
        if other.name in skipped:
            continue
        for column in other.columns:
            if not any(key.column.table is target for key in column.foreign_keys):
                continue
            for part in chunks(ids):
                used.update(session.scalars(select(column).where(column.in_(part)).distinct()))
    return used
