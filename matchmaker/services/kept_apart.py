"""Pairs of entries that look alike and are two, as a person said; merging passes the word on."""

from collections.abc import Iterable

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.errors import NotAllowed, NotFound
from matchmaker.services.merge_references import TABLES
from matchmaker.store.tables import KeptApart


def keep_apart(session: Session, actor: Actor, *, kind: str, one_id: int, other_id: int) -> bool:
    """Note that two entries are two things and say whether that is new; said twice, it is noted once."""
    if not actor.organises:
        raise NotAllowed()
    if kind not in TABLES:
        raise NotFound()
    low, high = sorted((one_id, other_id))
    known = select(KeptApart.id).where(
        KeptApart.kind == kind, KeptApart.low_id == low, KeptApart.high_id == high
    )
    if session.scalar(known) is not None:
        return False
    session.add(KeptApart(kind=kind, low_id=low, high_id=high, user_id=actor.user_id, at=clock.now()))
    return True


def inherit_apart(session: Session, actor: Actor, *, kind: str, kept_id: int, gone_id: int) -> list[int]:
    """Keep the kept entry apart from whatever the other one was kept apart from; return what is new."""
    rows = session.execute(
        select(KeptApart.low_id, KeptApart.high_id)
        .where(KeptApart.kind == kind, or_(KeptApart.low_id == gone_id, KeptApart.high_id == gone_id))
        .order_by(KeptApart.id)
    ).all()
    others = [high if low == gone_id else low for low, high in rows]
    return [
        other
        for other in others
        if other != kept_id and keep_apart(session, actor, kind=kind, one_id=kept_id, other_id=other)
    ]


def give_up(session: Session, *, kind: str, one_id: int, other_ids: Iterable[int]) -> None:
    """Forget that an entry was kept apart from these."""
    for other in other_ids:
        low, high = sorted((one_id, other))
        session.execute(
            delete(KeptApart).where(
                KeptApart.kind == kind, KeptApart.low_id == low, KeptApart.high_id == high
            )
        )
