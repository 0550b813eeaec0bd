"""Everything people did with proposals, pair by pair, as acts that a rule turns into a grade."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from matchmaker.domain.observations import (
    Act,
    Level,
    Stage,
    contract_act,
    grade_act,
    intent_act,
    level_of,
    meeting_act,
    organiser_act,
    pairing_act,
    sides_act,
)
from matchmaker.domain.states import MatchState
from matchmaker.store.tables import Intent, Match, Pairing, TechContract

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One pair with the grade that people gave it, and what the proposal was computed from."""

    match: Match
    level: Level
    stage: Stage


def observations(session: Session) -> list[Observation]:
    """Return one observation a proposal that anything telling was done with, by need and achievement."""
    acts: dict[Pair, list[Act]] = {}
    for pair, act in _acts(session):
        acts.setdefault(pair, []).append(act)
    found = []
    for match in session.scalars(select(Match).order_by(Match.need_id, Match.achievement_id)):
        said = level_of(acts.get((match.need_id, match.achievement_id), ()))
        if said is not None:
            found.append(Observation(match=match, level=said[0], stage=said[1]))
    return found


def _acts(session: Session) -> Iterator[tuple[Pair, Act]]:
    yield from _of_matches(session)
    yield from _of_pairings(session)
    yield from _of_intents(session)
    yield from _of_contracts(session)


def _of_matches(session: Session) -> Iterator[tuple[Pair, Act]]:
    said = select(Match).where(
        or_(
            Match.status != MatchState.PROPOSED,
            Match.graded_at.is_not(None),
            Match.need_side != "",
            Match.achievement_side != "",
        )
    )
    for match in session.scalars(said.order_by(Match.id)):
        pair = (match.need_id, match.achievement_id)
        yield pair, organiser_act(match.status, match.decision_reason, match.decided_at)
        if match.graded_at is not None:
            yield pair, grade_act(match.grade, match.graded_at)
        yield (
            pair,
            sides_act(
                match.need_side,
                match.need_side_reason,
                match.achievement_side,
                match.achievement_side_reason,
            ),
        )


def _of_pairings(session: Session) -> Iterator[tuple[Pair, Act]]:
    """The newest version of each pair in each event speaks; older versions were replaced by it."""
    newest = select(func.max(Pairing.id)).group_by(Pairing.event_id, Pairing.need_id, Pairing.achievement_id)
    for row in session.scalars(select(Pairing).where(Pairing.id.in_(newest)).order_by(Pairing.id)):
        pair = (row.need_id, row.achievement_id)
        yield pair, pairing_act(row.need_answer, row.achievement_answer, row.answer_note)
        yield pair, meeting_act(row.outcome, row.outcome_at)


def _of_intents(session: Session) -> Iterator[tuple[Pair, Act]]:
    rows = session.execute(
        select(
            func.coalesce(Intent.need_id, Pairing.need_id),
            func.coalesce(Intent.achievement_id, Pairing.achievement_id),
            Intent.level,
            Intent.created_at,
        )
        .outerjoin(Pairing, Pairing.id == Intent.pairing_id)
        .order_by(Intent.id)
    )
    for need_id, achievement_id, level, at in rows:
        if need_id is not None and achievement_id is not None:
            yield (need_id, achievement_id), _at(intent_act(level), at)


def _of_contracts(session: Session) -> Iterator[tuple[Pair, Act]]:
    intent, pairing = aliased(Intent), aliased(Pairing)
    rows = session.execute(
        select(
            func.coalesce(TechContract.need_id, intent.need_id, pairing.need_id),
            func.coalesce(TechContract.achievement_id, intent.achievement_id, pairing.achievement_id),
            TechContract.status,
            TechContract.created_at,
        )
        .outerjoin(intent, intent.id == TechContract.intent_id)
        .outerjoin(pairing, pairing.id == intent.pairing_id)
        .order_by(TechContract.id)
    )
    for need_id, achievement_id, state, at in rows:
        if need_id is not None and achievement_id is not None:
            yield (need_id, achievement_id), _at(contract_act(state), at)


def _at(act: Act, at: datetime) -> Act:
    return Act(stage=act.stage, level=act.level, at=at)
