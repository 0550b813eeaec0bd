"""What if one more expert came: who could be asked, and putting that expert on the event's table."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import ACHIEVEMENTS_IN_LIBRARY, Disclosure, Grade, MatchState
from matchmaker.errors import NotFound
from matchmaker.services.event_items import NEEDS_FOR_EVENTS, add_item
from matchmaker.services.invitations import plan_invitations
from matchmaker.services.never_match import bars_of
from matchmaker.store.engine import one_at_a_time
from matchmaker.store.queries.pairings import Seat, declined_experts, seats_of
from matchmaker.store.queries.withdrawals import withdrawn_now
from matchmaker.store.tables import Achievement, EventItem, Match, Need

_GOOD = (Grade.STRONG, Grade.FAIR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody who is not on the table and has good matches for it.

    `firms` are the enterprises they could talk with, `unserved` how many of those have no meeting yet.
    """

    seat: Seat
    needs: int
    firms: int
    unserved: int
    achievement_ids: tuple[int, ...]


def newcomers(
    session: Session, *, event_id: int, unserved: Collection[int] = (), most: int = 30
) -> list[Newcomer]:
    """Return who else could be asked, those first who would serve most firms that have no meeting."""
    pairs = _good_pairs(session, event_id)
    seats = seats_of(session, {achievement_id for _, _, achievement_id in pairs})
    away = _there(session, event_id) | declined_experts(session, event_id)
    withdrawn = withdrawn_now(session)
    by_key: dict[int, list[tuple[int, int, int]]] = {}
    for need_id, firm_id, achievement_id in pairs:
        seat = seats.get(achievement_id)
        gone = seat and withdrawn.expert(organisation_id=seat.organisation_id, person_id=seat.person_id)
        if seat is not None and seat.key not in away and not gone:
            by_key.setdefault(seat.key, []).append((need_id, firm_id, achievement_id))
    found = [_newcomer(seats[own[0][2]], own, unserved) for own in by_key.values()]
    return sorted(found, key=lambda one: (-one.unserved, -one.firms, -one.needs, one.seat.key))[:most]


def _newcomer(seat: Seat, own: list[tuple[int, int, int]], unserved: Collection[int]) -> Newcomer:
    firms = {firm_id for _, firm_id, _ in own}
    return Newcomer(
        seat=seat,
        needs=len({need_id for need_id, _, _ in own}),
        firms=len(firms),
        unserved=len(firms & set(unserved)),
        achievement_ids=tuple(sorted({achievement_id for _, _, achievement_id in own})),
    )


def add_expert(session: Session, actor: Actor, *, event_id: int, expert_key: int) -> Newcomer | None:
    """Put what an expert has for the event on its table, and the expert on the list of guests.

    Returns None, and changes nothing, for somebody who is on the table already. Raises NotFound for
    somebody who could not be asked.
    """
    one_at_a_time(session, f"expert-{event_id}")
    if expert_key in _there(session, event_id):
        return None
    found = newcomers(session, event_id=event_id, most=100_000)
    chosen = next((one for one in found if one.seat.key == expert_key), None)
    if chosen is None:
        raise NotFound()
    for achievement_id in chosen.achievement_ids:
        add_item(session, actor, event_id=event_id, kind="achievement", subject_id=achievement_id)
    session.flush()  # the guests are read from the table
    plan_invitations(session, actor, event_id=event_id)
    return chosen


def _good_pairs(session: Session, event_id: int) -> list[tuple[int, int, int]]:
    """Return (need, firm, achievement) of good matches of the table's needs that may be made."""
    rows = session.execute(
        select(Match.need_id, Need.organisation_id, Match.achievement_id)
        .join(Need, Need.id == Match.need_id)
        .join(EventItem, (EventItem.subject_kind == "need") & (EventItem.subject_id == Need.id))
        .join(Achievement, Achievement.id == Match.achievement_id)
        .where(
            EventItem.event_id == event_id,
            Need.status.in_(NEEDS_FOR_EVENTS),
            Match.current,
            Match.grade.in_(_GOOD),
            Match.status != MatchState.REJECTED,
            Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY),
            Achievement.disclosure != Disclosure.INTERNAL,
        )
        .order_by(Match.need_id, Match.achievement_id)
    ).all()
    bars = bars_of(session, sorted({row.need_id for row in rows}))
    return [
        (need_id, firm_id, achievement_id)
        for need_id, firm_id, achievement_id in rows
        if not bars.why(need_id, achievement_id)
    ]


def _there(session: Session, event_id: int) -> set[int]:
    on_table = session.scalars(
        select(EventItem.subject_id).where(
            EventItem.event_id == event_id, EventItem.subject_kind == "achievement"
        )
    )
    return {seat.key for seat in seats_of(session, on_table).values()}
