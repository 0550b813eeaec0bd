"""A library of texts and vectors that follows the database without starting over for every change.

What changed is added with the statistics as they were frozen, so that one more achievement costs the same
in a small and in a large library and moves no other score. When a tenth of the texts has changed, a new
version with fresh statistics is made in the background while this one serves.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from matchmaker.services.texts import Text, achievement_texts, library_versions
from matchmaker.services.vectors import stored_vectors
from nlp.index import Library, Passage
from nlp.remembered import RememberingSegmenter
from nlp.scale import TextWeights
from nlp.text import join

FloatArray = NDArray[np.float32]
ANEW_BELOW = 500  # so few texts are read again at every change, so that what came first never matters
AGED_SHARE = 0.1
OUTGROWN_SHARE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a library is made with; `encoder` is the fingerprint of the vectors."""

    encoder: str
    dimension: int
    segmenter: RememberingSegmenter
    weights: TextWeights


@dataclass(slots=True, kw_only=True)
class Held:
    """One achievement as the library has it: row version, text, and whether its vector is there."""

    version: int
    hash: str
    known: bool


class Stock:
    """One version of the library, and what it was made of."""

    def __init__(self, session: Session, tools: Tools) -> None:
        """Read every text and vector."""
        self.tools = tools
        versions = library_versions(session)
        texts = achievement_texts(session, versions)
        vectors = stored_vectors(session, tools.encoder, "achievement", {t.key: t.hash for t in texts})
        self.held = {t.key: Held(version=versions[t.key], hash=t.hash, known=t.key in vectors) for t in texts}
        self.library = Library(
            self._passages(texts),
            self._matrix(texts, vectors),
            segmenter=tools.segmenter,
            weights=tools.weights,
        )
        self._frozen, self._moved = len(texts), 0
        tools.segmenter.save(from_new=ANEW_BELOW)

    @property
    def aged(self) -> bool:
        """Whether fresh statistics would be better."""
        return self._moved > self._frozen * AGED_SHARE

    def catch_up(self, session: Session) -> bool:
        """Take in what changed since; return False where it is better to start over."""
        versions = library_versions(session)
        gone = self.held.keys() - versions.keys()
        told = [key for key, version in versions.items() if self._version(key) != version]
        texts = achievement_texts(session, told)
        changed = [text for text in texts if not self._has(text)]
        self._moved += len(gone) + len(changed)
        small = max(len(versions), self._frozen) <= ANEW_BELOW
        if self._moved > self._frozen * OUTGROWN_SHARE or (small and (gone or changed)):
            return False
        for text in texts:
            if self._has(text):
                self.held[text.key].version = versions[text.key]
        self._drop(gone)
        self._take(session, changed, versions)
        self._take_vectors(session)
        return True

    def _version(self, key: int) -> int | None:
        return self.held[key].version if key in self.held else None

    def _has(self, text: Text) -> bool:
        return text.key in self.held and self.held[text.key].hash == text.hash

    def _drop(self, gone: Collection[int]) -> None:
        self.library.remove(gone)
        for key in gone:
            del self.held[key]

    def _take(self, session: Session, texts: Sequence[Text], versions: Mapping[int, int]) -> None:
        if not texts:
            return
        hashes = {text.key: text.hash for text in texts}
        vectors = stored_vectors(session, self.tools.encoder, "achievement", hashes)
        self.library.add(self._passages(texts), self._matrix(texts, vectors))
        for text in texts:
            self.held[text.key] = Held(version=versions[text.key], hash=text.hash, known=text.key in vectors)

    def _take_vectors(self, session: Session) -> None:
        """Take the vectors that have come for texts that waited."""
        waiting = {key: held.hash for key, held in self.held.items() if not held.known}
        vectors = stored_vectors(session, self.tools.encoder, "achievement", waiting)
        if vectors:
            self.library.know(list(vectors), np.stack(list(vectors.values())))
        for key in vectors:
            self.held[key].known = True

    def _passages(self, texts: Sequence[Text]) -> list[Passage]:
        self.tools.segmenter.keep(join(text.title, text.text) for text in texts)
        return [Passage(key=text.key, title=text.title, text=text.text) for text in texts]

    def _matrix(self, texts: Sequence[Text], vectors: Mapping[int, FloatArray]) -> FloatArray:
        matrix = np.zeros((len(texts), self.tools.dimension), dtype=np.float32)
        for place, text in enumerate(texts):
            if text.key in vectors:
                matrix[place] = vectors[text.key]
        return matrix
