"""What happened to one need, from the first click to the last notice."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from matchmaker.store.tables import (
    Agreement,
    Delivery,
    Intent,
    Match,
    Message,
    Need,
    Notice,
    Pairing,
    TechContract,
    UploadRow,
)

_BY_NEED = (
    ("match_id", Match),
    ("pairing_id", Pairing),
    ("intent_id", Intent),
    ("agreement_id", Agreement),
    ("contract_id", TechContract),
)


def about_need(session: Session, need_id: int) -> ColumnElement[bool]:
    """Return the condition on messages that speak of a need, or of what came of it."""
    conditions = [Message.payload["need_id"].as_integer() == need_id]
    for key, table in _BY_NEED:
        ids = session.scalars(select(table.id).where(table.need_id == need_id)).all()
        if ids:
            conditions.append(Message.payload[key].as_integer().in_(ids))
    upload = (
        select(UploadRow.upload_id).join(Need, Need.upload_row_id == UploadRow.id).where(Need.id == need_id)
    )
    upload_id = session.scalar(upload)
    if upload_id is not None:
        conditions.append(
            (Message.name == "NeedsImported") & (Message.payload["upload_id"].as_integer() == upload_id)
        )
    return or_(*conditions)


def deliveries_of(session: Session, message_ids: Iterable[int]) -> dict[int, list[Delivery]]:
    """Return message id → what it set off."""
    found: dict[int, list[Delivery]] = {message_id: [] for message_id in message_ids}
    rows = session.scalars(select(Delivery).where(Delivery.message_id.in_(found)).order_by(Delivery.id))
    for row in rows:
        found[row.message_id].append(row)
    return found


def notices_of(session: Session, message_ids: Iterable[int]) -> dict[int, list[Notice]]:
    """Return message id → the notices that were written for it."""
    found: dict[int, list[Notice]] = {message_id: [] for message_id in message_ids}
    rows = session.scalars(select(Notice).where(Notice.message_id.in_(found)).order_by(Notice.id))
    for row in rows:
        found[row.message_id or 0].append(row)
    return found
