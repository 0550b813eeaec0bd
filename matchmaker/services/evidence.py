"""Papers that prove an intention, agreement, contract or solved need."""

import hashlib

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.services.outcomes import organisers_only, refuse
from matchmaker.store.tables import Evidence


def add_evidence(
    session: Session,
    actor: Actor,
    *,
    kind: str,
    subject_id: int,
    filename: str,
    media_type: str,
    content: bytes,
    note: str = "",
) -> Evidence:
    """Keep a paper of an intent, agreement, contract or solved need."""
    organisers_only(actor)
    if not content:
        refuse([Problem(field="file", code="empty", message="这个文件是空的，请重新选择。")])
    row = Evidence(
        subject_kind=kind,
        subject_id=subject_id,
        filename=filename[:200],
        media_type=media_type[:100],
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        note=note.strip()[:200],
        user_id=actor.user_id,
        at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row
