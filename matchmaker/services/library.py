"""Keeps the achievements' texts and vectors at hand for scoring, in the process that scores.

The library is rebuilt from the database whenever an achievement's text has changed, so that the
same data give the same scores whatever came first. Vectors that are still missing count as "no
meaning yet": words and characters already match, and the page says so.
"""

import hashlib
import json
import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.domain.states import ACHIEVEMENTS_IN_LIBRARY
from matchmaker.resources import folder
from matchmaker.settings import Settings
from matchmaker.store.tables import Achievement, Need, Vector
from nlp.embedding import Encoder, Way, load_encoder
from nlp.index import Library, Passage, Query, passage_vectors, query_vectors
from nlp.scale import TextWeights, read_weights
from nlp.text import Segmenter, segmenter

log = logging.getLogger(__name__)
ENCODE_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What matching reads of one need or achievement."""

    key: int
    title: str
    text: str
    wanted: str = ""  # of a need: the part that says what must be reached, not how things are now

    @property
    def hash(self) -> str:
        """Tells whether the text changed."""
        return hashlib.sha256(f"{self.title}\0{self.text}".encode()).hexdigest()


def need_text(need: Need) -> Text:
    """Return what matching reads of a need, most telling parts first."""
    parts = (
        need.problem,
        need.key_points,
        need.goal,
        need.background,
        need.conditions,
        " ".join(need.keywords),
    )
    wanted = "\n".join(filter(str.strip, (need.key_points, need.goal, need.conditions)))
    text = "\n".join(filter(str.strip, parts))
    return Text(key=need.id, title=need.title, text=text, wanted=wanted)


def achievement_text(achievement: Achievement) -> Text:
    """Return what matching reads of an achievement."""
    parts = (achievement.summary, achievement.application, " ".join(achievement.keywords))
    return Text(
        key=achievement.id, title=achievement.title, text="\n".join(part for part in parts if part.strip())
    )


@dataclass(slots=True)
class Desk:
    """One process's encoder, segmenter and library."""

    settings: Settings
    segmenter: Segmenter
    weights: TextWeights
    _library: Library | None = None
    _texts: dict[int, Text] = field(default_factory=dict)
    _with_vector: frozenset[int] = frozenset()
    _stamp: tuple[object, ...] = ()
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def encoder(self) -> Encoder:
        """The encoder, loaded at first use (seconds with torch)."""
        matching = self.settings.matching
        return _encoder(matching.encoder, matching.way)

    def warm_up(self, session: Session) -> None:
        """Load encoder, words and library, so that the first posted need does not wait for them."""
        self.encoder.encode(["预热"], kind="query")
        self.library(session)

    @property
    def engine(self) -> str:
        """Names what proposals were computed with."""
        return f"{self.encoder.fingerprint}/{_weights_fingerprint()}"

    def missing(self, session: Session, *, most: int = ENCODE_AT_ONCE) -> list[Text]:
        """Return achievements whose vector is missing or stale, oldest first."""
        known = _vector_hashes(session, self.encoder.fingerprint, "achievement")
        texts = (achievement_text(row) for row in _library_rows(session))
        return [text for text in texts if known.get(text.key) != text.hash][:most]

    def encode_achievements(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Return one vector per text. Slow: never inside a transaction."""
        passages = [Passage(key=text.key, title=text.title, text=text.text) for text in texts]
        return passage_vectors(self.encoder, passages)

    def store(self, session: Session, kind: str, texts: Sequence[Text], vectors: NDArray[np.float32]) -> None:
        """Save vectors; one that is already there is replaced."""
        found = select(Vector).where(
            Vector.encoder == self.encoder.fingerprint,
            Vector.subject_kind == kind,
            Vector.subject_id.in_([text.key for text in texts]),
        )
        rows = {row.subject_id: row for row in session.scalars(found)}
        for text, vector in zip(texts, vectors, strict=True):
            row = rows.get(text.key) or Vector(
                encoder=self.encoder.fingerprint, subject_kind=kind, subject_id=text.key
            )
            row.text_hash, row.vector = text.hash, vector.astype("<f4").tobytes()
            session.add(row)

    def need_vectors(self, session: Session, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Return (needs, 2, dimension): stored vectors where the text is unchanged, else encoded now."""
        stored = _vectors(session, self.encoder.fingerprint, "need", {text.key: text.hash for text in texts})
        fresh = [text for text in texts if text.key not in stored]
        if fresh:
            queries = [Query(title=text.title, text=text.text) for text in fresh]
            encoded = query_vectors(self.encoder, queries)
            stored |= {text.key: vector for text, vector in zip(fresh, encoded, strict=True)}
        shape = (2, self.encoder.dimension)
        return np.stack([stored[text.key].reshape(shape) for text in texts])

    def library(self, session: Session) -> Library:
        """Return the library as the database is now."""
        with self._lock:
            stamp = _stamp(session, self.encoder.fingerprint)
            if self._library is None or stamp != self._stamp:
                self._texts = {text.key: text for text in map(achievement_text, _library_rows(session))}
                hashes = {key: text.hash for key, text in self._texts.items()}
                vectors = _vectors(session, self.encoder.fingerprint, "achievement", hashes)
                self._library = self._build(list(self._texts.values()), vectors)
                self._with_vector, self._stamp = frozenset(vectors), stamp
            return self._library

    def text_of(self, achievement_id: int) -> Text:
        """Return the text of an achievement of the library last asked for."""
        return self._texts[achievement_id]

    def has_vector(self, achievement_id: int) -> bool:
        """Say whether meaning was compared for it, or only words so far."""
        return achievement_id in self._with_vector

    def _build(self, texts: Sequence[Text], vectors: dict[int, NDArray[np.float32]]) -> Library:
        nothing = np.zeros(self.encoder.dimension, dtype=np.float32)
        matrix = (
            np.stack([vectors.get(text.key, nothing) for text in texts]) if texts else nothing[None, :][:0]
        )
        passages = [Passage(key=text.key, title=text.title, text=text.text) for text in texts]
        return Library(passages, matrix, segmenter=self.segmenter, weights=self.weights)


def desk_for(settings: Settings) -> Desk:
    """Return this process's desk for an installation; made once."""
    key = json.dumps([settings.database_url, settings.matching.model_dump()], sort_keys=True)
    with _DESKS_LOCK:
        if key not in _DESKS:
            _DESKS[key] = _new_desk(settings)
        return _DESKS[key]


_DESKS: dict[str, Desk] = {}
_DESKS_LOCK = threading.Lock()


def _new_desk(settings: Settings) -> Desk:
    config = folder("config")
    words = segmenter(config / "dictionary.txt", config / "stopwords.txt")
    return Desk(settings=settings, segmenter=words, weights=read_weights(config / "weights.toml"))


_ENCODERS: dict[tuple[str, Way], Encoder] = {}
_ENCODERS_LOCK = threading.Lock()


def _encoder(name: str, way: Way) -> Encoder:
    with _ENCODERS_LOCK:
        if (name, way) not in _ENCODERS:
            encoder = load_encoder(name, way=way)
            log.info("encoder loaded", extra={"way": encoder.way, "encoder": encoder.fingerprint})
            _ENCODERS[name, way] = encoder
        return _ENCODERS[name, way]


@lru_cache
def _weights_fingerprint() -> str:
    config = folder("config")
    content = b"".join((config / name).read_bytes() for name in ("weights.toml", "signals.toml"))
    return hashlib.sha256(content).hexdigest()[:12]


def _stamp(session: Session, encoder: str) -> tuple[object, ...]:
    """Return what changes whenever the library must be rebuilt, without reading a text."""
    rows = session.execute(
        select(Achievement.id, Achievement.version)
        .where(Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY))
        .order_by(Achievement.id)
    )
    vectors = session.execute(
        select(func.count(), func.max(Vector.id)).where(
            Vector.encoder == encoder, Vector.subject_kind == "achievement"
        )
    ).one()
    return (hash(tuple(map(tuple, rows))), *vectors)


def _library_rows(session: Session) -> Iterable[Achievement]:
    return session.scalars(
        select(Achievement).where(Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY)).order_by(Achievement.id)
    )


def _vector_hashes(session: Session, encoder: str, kind: str) -> dict[int, str]:
    rows = session.execute(
        select(Vector.subject_id, Vector.text_hash).where(
            Vector.encoder == encoder, Vector.subject_kind == kind
        )
    )
    return {row.subject_id: row.text_hash for row in rows}


def _vectors(
    session: Session, encoder: str, kind: str, hashes: dict[int, str]
) -> dict[int, NDArray[np.float32]]:
    rows = session.execute(
        select(Vector.subject_id, Vector.text_hash, Vector.vector).where(
            Vector.encoder == encoder, Vector.subject_kind == kind
        )
    )
    return {
        subject_id: np.frombuffer(vector, dtype="<f4")
        for subject_id, text_hash, vector in rows
        if hashes.get(subject_id) == text_hash
    }
