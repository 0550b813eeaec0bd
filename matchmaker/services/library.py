"""The achievements' texts and vectors at hand for scoring, in the process that scores.

Vectors that are still missing count as "no meaning yet": words and characters already match, and the page
says so. Another encoder re-reads everything in the background; until it has caught up, the vectors of the
earlier one serve.
"""

import hashlib
import json
import logging
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from pathlib import Path
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.resources import folder
from matchmaker.services.stock import Stock, Tools
from matchmaker.services.texts import Text, achievement_texts
from matchmaker.services.vectors import best_covered, never_encoded, store_vectors, stored_vectors
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Vector
from nlp.embedding import Encoder, Way, load_encoder
from nlp.index import Library, Passage, Query, passage_vectors, query_vectors
from nlp.remembered import RememberingSegmenter
from nlp.scale import TextWeights, read_weights
from nlp.text import segmenter

log = logging.getLogger(__name__)
ENCODE_AT_ONCE = 64
_AT_A_TIME = 8
_WORDS_KEPT = ".words/achievements.z"  # a dot: no backup needs it
FloatArray = NDArray[np.float32]


@dataclass(slots=True, kw_only=True)
class Desk:
    """One process's encoder, segmenter and library."""

    settings: Settings
    segmenter: RememberingSegmenter
    weights: TextWeights
    _stock: Stock | None = None
    _renewal: threading.Thread | None = None
    # held by whoever scores or changes the library: jobs look at it from another thread
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def encoder(self) -> Encoder:
        """The encoder, loaded at first use (seconds with torch)."""
        matching = self.settings.matching
        return _encoder(matching.encoder, matching.way)

    def warm_up(self, session: Session) -> None:
        """Load encoder, words and library, so that the first posted need does not wait for them."""
        self.encoder.encode(["预热"], kind="query")
        self.segmenter.words("预热")  # quoting needs the dictionary; the library's own words are remembered
        self.library(session)

    @property
    def serving(self) -> str:
        """The fingerprint of the vectors that the library holds: an earlier encoder's while ours are made."""
        return self._stock.tools.encoder if self._stock else self.encoder.fingerprint

    @property
    def engine(self) -> str:
        """Names what proposals were computed with."""
        return f"{self.serving}/{_weights_fingerprint()}"

    def missing(self, session: Session, *, most: int = ENCODE_AT_ONCE) -> list[Text]:
        """Return achievements whose vector is missing or stale, oldest first."""
        never = never_encoded(session, self.encoder.fingerprint, most=most)
        if never:
            return achievement_texts(session, never)
        self.library(session)
        with self.lock:
            held = self._stock.held if self._stock and self.serving == self.encoder.fingerprint else {}
            stale = [key for key, entry in held.items() if not entry.known]
        return achievement_texts(session, stale[:most])

    def encode_achievements(self, texts: Sequence[Text], *, seconds: float = inf) -> FloatArray:
        """Return one vector per text, of as many as the time allows, a few at least.

        Slow: never inside a transaction.
        """
        until, found = monotonic() + seconds, []
        for start in range(0, len(texts), _AT_A_TIME):
            some = texts[start : start + _AT_A_TIME]
            passages = [Passage(key=text.key, title=text.title, text=text.text) for text in some]
            found.append(passage_vectors(self.encoder, passages))
            if monotonic() > until:
                break
        return np.concatenate(found)

    def store(self, session: Session, kind: str, texts: Sequence[Text], vectors: FloatArray) -> None:
        """Save vectors of this encoder; one that is already there is replaced."""
        store_vectors(session, self.encoder.fingerprint, kind, texts, vectors)

    def need_vectors(self, session: Session, texts: Sequence[Text]) -> FloatArray:
        """Return (needs, 2, dimension): stored vectors where the text is unchanged, else encoded now."""
        hashes = {text.key: text.hash for text in texts}
        stored = stored_vectors(session, self.encoder.fingerprint, "need", hashes)
        fresh = [text for text in texts if text.key not in stored]
        if fresh:
            queries = [Query(title=text.title, text=text.text) for text in fresh]
            encoded = query_vectors(self.encoder, queries)
            stored |= {text.key: vector for text, vector in zip(fresh, encoded, strict=True)}
        shape = (2, self.encoder.dimension)
        return np.stack([stored[text.key].reshape(shape) for text in texts])

    def known_vectors(self, session: Session, texts: Sequence[Text]) -> FloatArray:
        """Return needs' vectors as far as they are stored, zeros for the others; nothing is encoded."""
        hashes = {text.key: text.hash for text in texts}
        stored = stored_vectors(session, self.serving, "need", hashes)
        width = self._stock.tools.dimension if self._stock else self.encoder.dimension
        nothing = np.zeros((2, width), dtype=np.float32)
        return np.stack([stored.get(text.key, nothing).reshape(nothing.shape) for text in texts])

    def asked_vectors(self, session: Session, texts: Sequence[Text]) -> FloatArray:
        """Return needs' vectors that can be compared with the library's; zeros where there are none.

        While an earlier encoder's vectors serve, it is not at hand to read a new need.
        """
        if self.serving == self.encoder.fingerprint or self._stock is None:
            return self.need_vectors(session, texts)
        return self.known_vectors(session, texts)

    def library(self, session: Session) -> Library:
        """Return the library as the database is now."""
        with self.lock:
            encoder = best_covered(session, self.encoder.fingerprint)
            stock = self._stock
            if stock is None or stock.tools.encoder != encoder or not stock.catch_up(session):
                self._stock = stock = Stock(session, self._tools(session, encoder))
                stock.library.make_ready()
            elif stock.aged:
                self._renew(stock.tools)
            return stock.library

    def texts_of(self, session: Session, keys: Collection[int]) -> dict[int, Text]:
        """Return the texts of some achievements."""
        return {text.key: text for text in achievement_texts(session, keys)}

    def has_vector(self, achievement_id: int) -> bool:
        """Say whether its meaning can be compared, or only its words so far."""
        held = self._stock.held.get(achievement_id) if self._stock else None
        return held is not None and held.known

    def _tools(self, session: Session, encoder: str) -> Tools:
        return Tools(
            encoder=encoder,
            dimension=self.encoder.dimension
            if encoder == self.encoder.fingerprint
            else _dimension(session, encoder),
            segmenter=self.segmenter,
            weights=self.weights,
        )

    def _renew(self, tools: Tools) -> None:
        """Make a new version of the library beside the one that serves."""
        if self._renewal is None or not self._renewal.is_alive():
            self._renewal = threading.Thread(
                target=self._make_anew, args=(tools,), name="library", daemon=True
            )
            self._renewal.start()

    def _make_anew(self, tools: Tools) -> None:
        database = Database(self.settings.database_url)
        try:
            with database.reading() as session:
                fresh = Stock(session, tools)
            fresh.library.make_ready()
        finally:
            database.close()
        with self.lock:
            self._stock = fresh
        log.info("library renewed", extra={"texts": len(fresh.held)})


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
    files = (config / "dictionary.txt", config / "stopwords.txt")
    words = RememberingSegmenter(
        segmenter(*files), place=settings.home / _WORDS_KEPT, mark=_fingerprint_of(*files)
    )
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
    return _fingerprint_of(config / "weights.toml", config / "signals.toml")


def _fingerprint_of(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _dimension(session: Session, encoder: str) -> int:
    """Return the length of another encoder's vectors of achievements."""
    some = select(Vector.vector).where(Vector.encoder == encoder, Vector.subject_kind == "achievement")
    return len(session.scalars(some.limit(1)).one()) // 4
