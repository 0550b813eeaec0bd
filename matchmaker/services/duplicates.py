"""Entries that may be one thing: put side by side for a person; certain ones merged by rule."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain import duplicates as rules
from matchmaker.domain.duplicates import Entry, Pair
from matchmaker.domain.permissions import SYSTEM
from matchmaker.errors import WrongState
from matchmaker.services.merging import merge
from matchmaker.store.engine import Database
from matchmaker.store.queries.duplicates import (
    ENTRIES,
    count_entries,
    imported_as_new,
    need_entries,
    pairs_kept_apart,
)
from matchmaker.store.tables import DoublesFound

_RULES: Mapping[str, Callable[[Sequence[Entry]], list[Pair]]] = {
    "organisation": rules.same_organisations,
    "need": rules.same_needs,
    "achievement": rules.same_achievements,
    "person": rules.same_people,
}
KINDS = tuple(_RULES)
_AT_A_TIME = 200
_LOOKED_AT_ONCE = 1_000  # entries of a kind; a tenth of a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Certain:
    """A pair that the rules call certain."""

    kind: str
    pair: Pair


def likely_pairs(session: Session, kind: str) -> list[Pair]:
    """Return the pairs of a kind that a person should look at, certain ones first.

    Left out is what a person has said to be two: side by side, or by importing the later one as new.
    """
    apart = pairs_kept_apart(session, kind)
    own = imported_as_new(session, kind)
    found = _RULES[kind](ENTRIES[kind](session))
    return [pair for pair in found if (pair.low, pair.high) not in apart and pair.high not in own]


def shared_needs(session: Session) -> list[Pair]:
    """Return needs of different firms in the same words: 共性需求, shown beside each other, never merged."""
    return rules.shared_needs(need_entries(session))


def doubles_waiting(session: Session) -> dict[str, int]:
    """Return how many pairs of each kind wait for a person.

    Looked for anew, or, in a library too large for the time a page may take, as the last look found it.
    """
    return {kind: _doubles(session, kind) for kind in KINDS}


def _doubles(session: Session, kind: str) -> int:
    if count_entries(session, kind) <= _LOOKED_AT_ONCE:
        return len(likely_pairs(session, kind))
    last = session.get(DoublesFound, kind)
    return last.number if last else 0


def merge_certain(database: Database) -> int:
    """Merge what is one by rule, the older entry kept, each pair in a transaction of its own.

    Notes how many pairs of each kind are left for a person. Returns how many were merged.
    """
    found = _look(database)
    certain = [
        Certain(kind=kind, pair=pair) for kind, pairs in found.items() for pair in pairs if pair.certain
    ]
    merged = sum(_merged(database, one) for one in certain[:_AT_A_TIME])
    left = _look(database) if merged else found
    with database.writing() as session:
        for kind, pairs in left.items():
            session.merge(DoublesFound(kind=kind, number=len(pairs), at=clock.now()))
    return merged


def _look(database: Database) -> dict[str, list[Pair]]:
    with database.reading() as session:
        return {kind: likely_pairs(session, kind) for kind in KINDS}


def _merged(database: Database, certain: Certain) -> bool:
    pair = certain.pair
    try:
        with database.writing() as session:
            merge(session, SYSTEM, kind=certain.kind, kept_id=pair.low, gone_id=pair.high, rule=pair.why[:20])
    except WrongState:  # an earlier pair took one of the two, or both stand in one event: a person looks
        return False
    return True
