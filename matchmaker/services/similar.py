"""Lets what people said of some achievements speak for similar ones: learnt at night, used in every proposal.

The pulls are part of a learnt fit: without one, or after the return to the shipped weights, nothing is moved.
What may never be brought together is left out before, and a pair's own grade never moves the pair itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.learned import Told
from matchmaker.services.library import Desk
from matchmaker.services.texts import need_text
from matchmaker.store.queries.uploads import chunks
from matchmaker.store.tables import Need
from nlp import alike
from nlp.index import Library, Profile

Array = NDArray[np.float64]
_MOST_NAMED = 2
_UNLIKE = -50.0
_NAMED_FROM = 0.05  # levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """By how many levels pairs are moved, and the graded pairs of the same need that did most of it."""

    levels: Array
    named: tuple[tuple[Told, ...], ...]


@dataclass(slots=True, kw_only=True)
class Similar:
    """The graded pairs of a fit, made ready for one library."""

    library: Library
    told: Sequence[Told]
    profile: Profile
    need_vectors: NDArray[np.float32]
    centre: NDArray[np.float32]
    _theirs: Array = field(init=False)
    _needs: NDArray[np.int64] = field(init=False)
    _said: NDArray[np.int64] = field(init=False)
    _pulls: Array = field(init=False)

    def __post_init__(self) -> None:
        self._theirs = _centred(self.need_vectors, self.centre)
        self._needs = np.array([one.need_id for one in self.told])
        self._said = np.array([one.achievement_id for one in self.told])
        self._pulls = np.array([one.pull for one in self.told])

    def moves(self, need_id: int, need_vector: NDArray[np.float32], keys: Sequence[int]) -> Moves:
        """Return what the graded pairs say of a need's candidates."""
        same_need = self._needs == need_id
        near = alike.nearness(
            self.library.likeness_of(self.library.profile(keys), self.profile),
            _centred(need_vector[None], self.centre) @ self._theirs.T,
            same_need=same_need[None, :],
        )
        own = same_need[None, :] & (np.array(keys)[:, None] == self._said[None, :])
        shares = np.where(own, 0.0, near * self._pulls)
        levels = np.clip(shares.sum(axis=1), -alike.FARTHEST, alike.FARTHEST)
        return Moves(levels=levels, named=tuple(self._named(row, same_need) for row in shares))

    def _named(self, shares: Array, same_need: NDArray[np.bool_]) -> tuple[Told, ...]:
        """Return the judgements of the same need that weigh most in the direction of the whole."""
        way = np.sign(shares.sum())
        weights = np.where(same_need, shares * way, 0.0)
        best = np.argsort(-weights, kind="stable")[:_MOST_NAMED]
        return tuple(self.told[place] for place in best.tolist() if weights[place] >= _NAMED_FROM)


def similar_of(session: Session, desk: Desk, library: Library, told: Sequence[Told]) -> Similar | None:
    """Return the graded pairs ready for use; None where none of them is in the library any more."""
    there = {
        need_id
        for some in chunks({one.need_id for one in told})
        for need_id in session.scalars(select(Need.id).where(Need.id.in_(some)))
    }  # an import that was taken back takes its needs along
    held = [one for one in told if one.need_id in there and library.holds(one.achievement_id)]
    if not held:
        return None
    vectors, centre = need_vectors(session, desk, [one.need_id for one in held])
    profile = library.profile([one.achievement_id for one in held])
    return Similar(library=library, told=held, profile=profile, need_vectors=vectors, centre=centre)


def need_vectors(
    session: Session, desk: Desk, need_ids: Sequence[int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the vectors of needs, in the order given, and what they have in common."""
    needs = [
        need
        for some in chunks(sorted(need_ids))
        for need in session.scalars(select(Need).where(Need.id.in_(some)).order_by(Need.id))
    ]
    found = desk.known_vectors(session, [need_text(need) for need in needs])[:, 1]
    at = {need.id: place for place, need in enumerate(needs)}
    return found[[at[need_id] for need_id in need_ids]], found.mean(axis=0)


def nearness_of(session: Session, desk: Desk, pairs: Sequence[tuple[int, int]]) -> Array:
    """Return how far a surprise carries between graded pairs; one whose achievement is gone stands alone."""
    likeness = np.full((len(pairs), len(pairs)), _UNLIKE)
    with desk.lock:
        library = desk.library(session)
        held = [place for place, (_, key) in enumerate(pairs) if library.holds(key)]
        if held:
            profile = library.profile([pairs[place][1] for place in held])
            likeness[np.ix_(held, held)] = library.likeness_of(profile, profile)
    vectors, centre = need_vectors(session, desk, [need_id for need_id, _ in pairs])
    unit = _centred(vectors, centre)
    needs = np.array([need_id for need_id, _ in pairs])
    return alike.nearness(likeness, unit @ unit.T, same_need=needs[:, None] == needs[None, :])


def _centred(vectors: NDArray[np.float32], centre: NDArray[np.float32]) -> Array:
    moved = vectors.astype(np.float64) - centre
    moved[~vectors.any(axis=1)] = 0  # not encoded yet: like nothing
    moved /= np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return np.asarray(moved)
