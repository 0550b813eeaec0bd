"""Looks beyond the proposals: which needs an achievement, or everything an expert made, could answer.

A need's best achievement of each institution near it is stored with its proposals; the other direction is
computed when somebody asks, by the process that holds the library, against the open needs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.bus.work import Work
from matchmaker.domain.messages import ProposalsDue, WiderSearchAsked
from matchmaker.domain.permissions import Actor, may_see_inside
from matchmaker.domain.states import NEEDS_OPEN_FOR_MATCHING, MatchState
from matchmaker.errors import NotAllowed, NotFound
from matchmaker.services.library import Desk, desk_for
from matchmaker.services.matches import decide, may_be_chosen
from matchmaker.services.scoring import (
    Asked,
    Judged,
    Shelf,
    asked_of,
    blended_of,
    good_enough,
    judge,
    shelf_of,
)
from matchmaker.services.texts import need_text
from matchmaker.settings import Settings
from matchmaker.store.queries.wider import library_of_maker, search_of, searches_given_up
from matchmaker.store.tables import Achievement, Match, Need, Person, WiderSearch

# So many needs, the closest in meaning, are compared in full; the others are only closer by chance.
_LOOKED_AT = 300
_MOST_FOUND = 30
_NEEDS_AT_ONCE = 2000
# A search takes seconds; whoever waits longer than this is told so and may ask again.
_PATIENCE = timedelta(minutes=3)
Found = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchStand:
    """Whether a search's result comes soon, never, or later than it should; none of them: it is there."""

    waits: bool = False
    given_up: bool = False
    late: bool = False


def stand_of(session: Session, row: WiderSearch) -> SearchStand:
    """Say how a search stands. One that was given up or is late may be asked again."""
    if row.asked_at is None or not row.waits:
        return SearchStand()
    if searches_given_up(session, row.subject_kind, row.subject_id, since=row.asked_at):
        return SearchStand(given_up=True)
    late = clock.now() - row.asked_at > _PATIENCE
    return SearchStand(waits=not late, late=late)


def ask(session: Session, actor: Actor, *, kind: str, subject_id: int) -> WiderSearch:
    """Ask which open needs an achievement, or what a person made, could answer; asking twice asks once.

    A search that was given up, or that nobody answered for minutes, is asked again.
    Raises NotFound for whoever is neither the organiser nor of the house.
    """
    subject = (
        session.get(Achievement, subject_id) if kind == "achievement" else session.get(Person, subject_id)
    )
    if subject is None or not may_see_inside(actor, subject.organisation_id):
        raise NotFound()
    row = search_of(session, kind, subject_id) or WiderSearch(subject_kind=kind, subject_id=subject_id)
    if row.id is None or not stand_of(session, row).waits:
        row.asked_at = clock.now()
        session.add(row)
        outbox.record(session, actor, WiderSearchAsked(subject_kind=kind, subject_id=subject_id))
    return row


def search_when_asked(work: Work, message: WiderSearchAsked) -> None:
    """Compare every open need with what was asked about, and keep the best."""
    began, desk = clock.now(), desk_for(work.settings)
    with work.reading() as session:
        keys = _keys_of(session, message.subject_kind, message.subject_id)
        found = needs_answered(session, desk, work.settings, keys)
    with work.writing() as session:
        row = search_of(session, message.subject_kind, message.subject_id)
        if row is not None:
            asked_again = row.asked_at is not None and row.asked_at > began
            row.found, row.engine = found, desk.engine
            row.found_at = began if asked_again else clock.now()


def _keys_of(session: Session, kind: str, subject_id: int) -> list[int]:
    return [subject_id] if kind == "achievement" else library_of_maker(session, subject_id)


def keep_owners(session: Session, need_id: int, reckoned_with: str, judged: Sequence[Judged]) -> None:
    """Store the best of each institution near a need, and what it was reckoned with; twice is once."""
    found = [_plain(need_id, one) for one in judged]
    row = search_of(session, "need", need_id) or WiderSearch(subject_kind="need", subject_id=need_id)
    if row.id is None or (row.found, row.engine) != (found, reckoned_with):
        row.found, row.engine, row.found_at = found, reckoned_with, clock.now()
        session.add(row)


def needs_answered(session: Session, desk: Desk, settings: Settings, keys: Sequence[int]) -> Found:
    """Return the open needs that any of these achievements could answer, each once, best first.

    What may never be brought together is left out. Takes part in no transaction that writes.
    """
    ids = list(
        session.scalars(select(Need.id).where(Need.status.in_(NEEDS_OPEN_FOR_MATCHING)).order_by(Need.id))
    )
    with desk.lock:
        shelf = shelf_of(session, desk, settings)
        held = [key for key in keys if shelf.library.holds(key)]
        if not held or not ids:
            return []
        asked = asked_of(session, desk, _needs(session, _closest(shelf, ids, held)))
        vectors = np.stack([one.vectors for one in asked])
        compared = shelf.library.score_many([one.query for one in asked], vectors, among=held)
        best = [
            (one, judged)
            for one, scores in zip(asked, compared, strict=True)
            for judged in _best_of(shelf, one, scores)
        ]
    best.sort(key=lambda pair: (-pair[1].score.score, pair[0].need.id))
    return [_plain(one.need.id, judged) for one, judged in best[:_MOST_FOUND]]


def _best_of(shelf: Shelf, asked: Asked, scores: Any) -> list[Judged]:
    """Return the best of the achievements for one need, nothing where none is good enough."""
    blended = blended_of(shelf, scores)
    open_ones = [place for place, key in enumerate(scores.keys) if key not in asked.barred]
    if not open_ones:
        return []
    best = max(open_ones, key=lambda place: (blended[place], -scores.keys[place]))
    return [one for one in judge(shelf, asked, scores, blended, [best]) if good_enough(shelf, one)]


def _closest(shelf: Shelf, need_ids: Sequence[int], keys: Sequence[int]) -> list[int]:
    """Return the needs whose meaning is closest to any of the achievements; all where they are few."""
    if len(need_ids) <= _LOOKED_AT:
        return list(need_ids)
    theirs = shelf.library.vectors_of(keys)
    closeness: list[NDArray[np.float32]] = []
    for start in range(0, len(need_ids), _NEEDS_AT_ONCE):
        texts = [need_text(need) for need in _needs(shelf.session, need_ids[start : start + _NEEDS_AT_ONCE])]
        ours = shelf.desk.known_vectors(shelf.session, texts)
        closeness.append((ours @ theirs.T).sum(axis=1).max(axis=1))
    order = np.argsort(-np.concatenate(closeness), kind="stable")
    return sorted(need_ids[place] for place in order[:_LOOKED_AT].tolist())


def _needs(session: Session, need_ids: Iterable[int]) -> Sequence[Need]:
    return session.scalars(select(Need).where(Need.id.in_(list(need_ids))).order_by(Need.id)).all()


def _plain(need_id: int, judged: Judged) -> dict[str, Any]:
    return {
        "need_id": need_id,
        "achievement_id": judged.key,
        "score": round(judged.score.score, 6),
        "grade": judged.score.grade.value,
        "probability": round(judged.score.probability, 4),
    }


def choose(session: Session, actor: Actor, *, need_id: int, achievement_id: int) -> Match:
    """Pick an achievement for a need that a wider search found; reasons follow with the next computing.

    For the organiser. Choosing it twice, or at once, changes nothing more. Raises NotAllowed, NotFound where
    no search found the pair, WrongState for a pair that may not be brought together now or ever.
    """
    if not actor.organises:
        raise NotAllowed()
    match = _known(session, need_id, achievement_id)
    if match is None:
        match = _match_of(session, need_id, achievement_id)
    chosen = decide(session, actor, match_id=match.id, to=MatchState.SHORTLISTED)
    chosen.current = True
    session.execute(update(Need).where(Need.id == need_id).values(proposed_version=None))
    outbox.record(session, actor, ProposalsDue())
    return chosen


def _match_of(session: Session, need_id: int, achievement_id: int) -> Match:
    """Add the proposal as the search found it."""
    need, achievement = session.get(Need, need_id), session.get(Achievement, achievement_id)
    entry = _entry(session, need_id, achievement_id)
    if need is None or achievement is None or entry is None:
        raise NotFound()
    may_be_chosen(need, achievement)
    match = Match(
        need_id=need_id,
        achievement_id=achievement_id,
        score=entry["score"],
        grade=entry["grade"],
        parts={"probability": entry["probability"]},
        reasons=[],
        status=MatchState.PROPOSED,
        need_version=need.text_version,
        achievement_version=achievement.text_version,
        engine="",
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(match)
    except IntegrityError:  # somebody else was quicker, or the proposals were just computed
        known = _known(session, need_id, achievement_id)
        if known is None:
            raise
        return known
    return match


def _known(session: Session, need_id: int, achievement_id: int) -> Match | None:
    """Return the proposal, locked: whoever chooses it at the same time waits here."""
    wanted = select(Match).where(Match.need_id == need_id, Match.achievement_id == achievement_id)
    return session.scalar(wanted.with_for_update())


def _entry(session: Session, need_id: int, achievement_id: int) -> dict[str, Any] | None:
    made = select(WiderSearch).where(
        ((WiderSearch.subject_kind == "need") & (WiderSearch.subject_id == need_id))
        | ((WiderSearch.subject_kind == "achievement") & (WiderSearch.subject_id == achievement_id))
        | (WiderSearch.subject_kind == "person")
    )
    for row in session.scalars(made.order_by(WiderSearch.id)):
        for entry in row.found:
            if (entry["need_id"], entry["achievement_id"]) == (need_id, achievement_id):
                return entry
    return None
