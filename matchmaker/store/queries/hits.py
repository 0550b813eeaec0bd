"""What came of the proposals, for the page that shows how often they were right."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.hit_rate import Hit, Reached
from matchmaker.domain.states import (
    COUNTED_INTENTS,
    AchievementState,
    ContractState,
    MatchState,
    MeetingOutcome,
    NeedState,
    PairingState,
)
from matchmaker.store.queries.pairings import standing_list_ids
from matchmaker.store.tables import Achievement, Event, Intent, Match, Need, Pairing, TechContract

By = Literal["field", "event"]
Pair = tuple[int, int]
_MET = (PairingState.MET, PairingState.INTENDED, PairingState.SIGNED)
_TALKED = tuple(outcome for outcome in MeetingOutcome if outcome is not MeetingOutcome.NO_SHOW)
_VOID = (ContractState.DRAFT, ContractState.TERMINATED, ContractState.REVOKED)
# the need it was merged into, or its parts, are counted
_STOOD_FOR = (NeedState.DUPLICATE, NeedState.SPLIT)
_FIELD_DIGITS = 2


def hits(session: Session, *, by: By) -> list[Hit]:
    """Return every proposal that stands or was decided on, with how far it came.

    By field, a proposal counts under each first-level field of its need. By event, it counts under
    each event whose published list holds it, and proposals of no event are left out.
    """
    reached = _reached(session)
    rows = session.execute(
        select(Match.need_id, Match.achievement_id, Match.grade, Need.fields)
        .join(Need, Need.id == Match.need_id)
        .join(Achievement, Achievement.id == Match.achievement_id)
        .where(
            or_(Match.current, Match.status != MatchState.PROPOSED),
            Need.status.not_in(_STOOD_FOR),
            Achievement.status != AchievementState.DUPLICATE,
        )
        .order_by(Match.id)
    )
    events = _events_of(session) if by == "event" else {}
    found = []
    for need_id, achievement_id, grade, fields in rows:
        pair = (need_id, achievement_id)
        groups = events.get(pair, ()) if by == "event" else _firsts(fields)
        if by == "field" or groups:
            found.append(Hit(grade=grade, reached=reached.get(pair, Reached.PROPOSED), groups=tuple(groups)))
    return found


def _firsts(fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code[:_FIELD_DIGITS] for code in fields))


def _reached(session: Session) -> dict[Pair, Reached]:
    furthest: dict[Pair, Reached] = {}
    for stage, pairs in (
        (Reached.ACCEPTED, _accepted(session)),
        (Reached.MET, _met(session)),
        (Reached.INTENT, _intended(session)),
        (Reached.CONTRACT, _contracted(session)),
    ):
        furthest |= dict.fromkeys(pairs, stage)
    return furthest


def _accepted(session: Session) -> Iterable[Pair]:
    both_in_list = select(Pairing.need_id, Pairing.achievement_id).where(
        Pairing.need_answer == "accepted",
        Pairing.achievement_answer == "accepted",
        Pairing.status != PairingState.DECLINED,
    )
    both_said_so = select(Match.need_id, Match.achievement_id).where(
        Match.need_side == "interested", Match.achievement_side == "interested"
    )
    for wanted in (both_in_list, both_said_so):
        yield from _pairs(session, wanted)


def _met(session: Session) -> Iterable[Pair]:
    talked = select(Pairing.need_id, Pairing.achievement_id).where(
        or_(Pairing.status.in_(_MET), Pairing.outcome.in_(_TALKED))
    )
    yield from _pairs(session, talked)


def _intended(session: Session) -> Iterable[Pair]:
    wanted = (
        select(
            func.coalesce(Intent.need_id, Pairing.need_id),
            func.coalesce(Intent.achievement_id, Pairing.achievement_id),
        )
        .outerjoin(Pairing, Pairing.id == Intent.pairing_id)
        .where(Intent.level.in_(COUNTED_INTENTS))
    )
    yield from _pairs(session, wanted)


def _contracted(session: Session) -> Iterable[Pair]:
    wanted = (
        select(
            func.coalesce(TechContract.need_id, Intent.need_id, Pairing.need_id),
            func.coalesce(TechContract.achievement_id, Intent.achievement_id, Pairing.achievement_id),
        )
        .outerjoin(Intent, Intent.id == TechContract.intent_id)
        .outerjoin(Pairing, Pairing.id == Intent.pairing_id)
        .where(TechContract.status.not_in(_VOID))
    )
    yield from _pairs(session, wanted)


def _pairs(session: Session, wanted: Select[*tuple[Any, ...]]) -> Iterable[Pair]:
    """Yield those rows of (need, achievement) that name both."""
    for need_id, achievement_id in session.execute(wanted):
        if need_id is not None and achievement_id is not None:
            yield need_id, achievement_id


def _events_of(session: Session) -> dict[Pair, list[str]]:
    rows = session.execute(
        select(Pairing.need_id, Pairing.achievement_id, Event.title)
        .join(Event, Event.id == Pairing.event_id)
        .where(Pairing.list_id.in_(standing_list_ids(session)))
        .order_by(Event.held_on, Event.id)
    )
    events: dict[Pair, list[str]] = {}
    for need_id, achievement_id, title in rows:
        events.setdefault((need_id, achievement_id), []).append(title)
    return events
