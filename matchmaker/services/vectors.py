"""The vectors of needs and achievements in the database, each with the fingerprint of its encoder."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.states import ACHIEVEMENTS_IN_LIBRARY
from matchmaker.services.texts import Text
from matchmaker.store.queries.uploads import chunks
from matchmaker.store.tables import Achievement, Vector

FloatArray = NDArray[np.float32]


def stored_vectors(
    session: Session, encoder: str, kind: str, hashes: Mapping[int, str]
) -> dict[int, FloatArray]:
    """Return the vectors of those texts that are unchanged since they were encoded."""
    wanted = select(Vector.subject_id, Vector.text_hash, Vector.vector).where(
        Vector.encoder == encoder, Vector.subject_kind == kind
    )
    return {
        subject_id: np.frombuffer(vector, dtype="<f4")
        for some in chunks(hashes)
        for subject_id, text_hash, vector in session.execute(wanted.where(Vector.subject_id.in_(some)))
        if hashes[subject_id] == text_hash
    }


def store_vectors(
    session: Session, encoder: str, kind: str, texts: Sequence[Text], vectors: FloatArray
) -> None:
    """Save vectors; one that is already there is replaced."""
    found = select(Vector).where(
        Vector.encoder == encoder,
        Vector.subject_kind == kind,
        Vector.subject_id.in_([text.key for text in texts]),
    )
    rows = {row.subject_id: row for row in session.scalars(found)}
    for text, vector in zip(texts, vectors, strict=True):
        row = rows.get(text.key) or Vector(encoder=encoder, subject_kind=kind, subject_id=text.key)
        row.text_hash, row.vector = text.hash, vector.astype("<f4").tobytes()
        session.add(row)


def never_encoded(session: Session, encoder: str, *, most: int) -> list[int]:
    """Return achievements of the library that this encoder has never seen, oldest first."""
    seen = exists().where(
        Vector.encoder == encoder,
        Vector.subject_kind == "achievement",
        Vector.subject_id == Achievement.id,
    )
    wanted = (
        select(Achievement.id)
        .where(Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY), ~seen)
        .order_by(Achievement.id)
    )
    return list(session.scalars(wanted.limit(most)))


def best_covered(session: Session, encoder: str) -> str:
    """Return the encoder whose vectors cover most of the library: `encoder`, unless another knows more."""
    if not others_known(session, encoder):
        return encoder
    counted = session.execute(
        select(Vector.encoder, func.count().label("texts"))
        .join(Achievement, Achievement.id == Vector.subject_id)
        .where(Vector.subject_kind == "achievement", Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY))
        .group_by(Vector.encoder)
    )
    covered = {row.encoder: row.texts for row in counted}
    return max(covered, key=lambda name: (covered[name], name == encoder, name), default=encoder)


def others_known(session: Session, encoder: str) -> bool:
    """Say whether vectors of other encoders are there."""
    other = select(Vector.id).where(or_(Vector.encoder < encoder, Vector.encoder > encoder)).limit(1)
    return session.scalar(other) is not None


def forget_others(session: Session, encoder: str) -> None:
    """Delete the vectors of other encoders; for when everything is encoded by this one."""
    session.execute(delete(Vector).where(Vector.encoder != encoder))
