"""What came of the proposals, for the page that shows how often they were right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, exists, func, null, or_, select
from sqlalchemy.orm import Session, aliased

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
from matchmaker.store.tables import (
    Achievement,
    Event,
    Intent,
    Match,
    Need,
    Organisation,
    Pairing,
    TechContract,
)

By = Literal["field", "event"]
Pair = tuple[int, int]
_MET = (PairingState.MET, PairingState.INTENDED, PairingState.SIGNED)
_TALKED = tuple(outcome for outcome in MeetingOutcome if outcome is not MeetingOutcome.NO_SHOW)
_VOID = (ContractState.DRAFT, ContractState.TERMINATED, ContractState.REVOKED)
# the need it was merged into, or its parts, are counted
_STOOD_FOR = (NeedState.DUPLICATE, NeedState.SPLIT)
_FIELD_DIGITS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """That a pair came so far; `event_id` at which event, None where no event had a part in it."""

    pair: Pair
    stage: Reached
    event_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherContract:
    """A contract that no proposal led to; `need_title` is empty where it names no need."""

    id: int
    title: str
    buyer: str
    seller: str
    need_id: int | None
    need_title: str
    need_had_proposals: bool


def hits(session: Session, *, by: By) -> list[Hit]:
    """Return every proposal that stands, was decided on or came to something, with how far it came.

    By field, a proposal counts under each first-level field of its need. By event, it counts under
    each event whose published list holds it, with what came of it there: an intention or a contract
    counts at the event where the two met, not at another that also listed them. Proposals of no event
    are left out.
    """
    came: dict[Pair, list[Came]] = {}
    for one in _came(session):
        came.setdefault(one.pair, []).append(one)
    events = _events_of(session) if by == "event" else {}
    found = []
    for need_id, achievement_id, grade, current, fields in _proposals(session):
        pair = (need_id, achievement_id)
        if not current and pair not in came:
            continue
        if by == "event":
            stages = by_event(events.get(pair, ()), came.get(pair, ()))
            found += [
                Hit(grade=grade, reached=stage, groups=(str(event_id),), pair=pair)
                for event_id, stage in stages.items()
            ]
        else:
            reached = max((one.stage for one in came.get(pair, ())), default=Reached.PROPOSED)
            found.append(Hit(grade=grade, reached=reached, groups=_firsts(fields), pair=pair))
    return found


def by_event(events: Sequence[int], came: Sequence[Came]) -> Mapping[int, Reached]:
    """Return event → how far a pair came there; `events` list the pair, in the order of their days.

    What names no event of these is credited to the last one at which the two met, else to the last.
    """
    stages = dict.fromkeys(events, Reached.PROPOSED)
    for one in came:
        if one.event_id in stages:
            stages[one.event_id] = max(stages[one.event_id], one.stage)
    met = [event for event, stage in stages.items() if stage >= Reached.MET]
    for last in (met or list(stages))[-1:]:
        elsewhere = [one.stage for one in came if one.event_id not in stages]
        stages[last] = max([stages[last], *elsewhere])
    return stages


def _proposals(session: Session) -> Iterator[tuple[int, int, Any, bool, Sequence[str]]]:
    """Yield (need, achievement, grade, stands or was decided on, fields of the need)."""
    rows = session.execute(
        select(
            Match.need_id,
            Match.achievement_id,
            func.coalesce(Match.computed_grade, Match.grade),  # what was computed is judged here
            or_(Match.current, Match.status != MatchState.PROPOSED),
            Need.fields,
        )
        .join(Need, Need.id == Match.need_id)
        .join(Achievement, Achievement.id == Match.achievement_id)
        .where(Need.status.not_in(_STOOD_FOR), Achievement.status != AchievementState.DUPLICATE)
        .order_by(Match.id)
    )
    for need_id, achievement_id, grade, current, fields in rows:
        yield need_id, achievement_id, grade, bool(current), fields


def _firsts(fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code[:_FIELD_DIGITS] for code in fields))


def _came(session: Session) -> Iterator[Came]:
    yield from _accepted(session)
    yield from _met(session)
    yield from _intended(session)
    yield from _contracted(session)


def _accepted(session: Session) -> Iterator[Came]:
    both_in_list = select(Pairing.need_id, Pairing.achievement_id, Pairing.event_id).where(
        Pairing.need_answer == "accepted",
        Pairing.achievement_answer == "accepted",
        Pairing.status != PairingState.DECLINED,
    )
    both_said_so = select(Match.need_id, Match.achievement_id, null()).where(
        Match.need_side == "interested", Match.achievement_side == "interested"
    )
    for wanted in (both_in_list, both_said_so):
        yield from _read(session, wanted, Reached.ACCEPTED)


def _met(session: Session) -> Iterator[Came]:
    talked = select(Pairing.need_id, Pairing.achievement_id, Pairing.event_id).where(
        or_(Pairing.status.in_(_MET), Pairing.outcome.in_(_TALKED))
    )
    yield from _read(session, talked, Reached.MET)


def _intended(session: Session) -> Iterator[Came]:
    wanted = (
        select(
            func.coalesce(Intent.need_id, Pairing.need_id),
            func.coalesce(Intent.achievement_id, Pairing.achievement_id),
            func.coalesce(Intent.event_id, Pairing.event_id),
        )
        .outerjoin(Pairing, Pairing.id == Intent.pairing_id)
        .where(Intent.level.in_(COUNTED_INTENTS))
    )
    yield from _read(session, wanted, Reached.INTENT)


def _contracted(session: Session) -> Iterator[Came]:
    wanted = select(
        func.coalesce(TechContract.need_id, Intent.need_id, Pairing.need_id),
        func.coalesce(TechContract.achievement_id, Intent.achievement_id, Pairing.achievement_id),
        func.coalesce(TechContract.event_id, Intent.event_id, Pairing.event_id),
    )
    yield from _read(session, _of_contracts(wanted), Reached.CONTRACT)


def _of_contracts(wanted: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        wanted.select_from(TechContract)
        .outerjoin(Intent, Intent.id == TechContract.intent_id)
        .outerjoin(Pairing, Pairing.id == Intent.pairing_id)
        .where(TechContract.status.not_in(_VOID))
    )


def _read(session: Session, wanted: Select[*tuple[Any, ...]], stage: Reached) -> Iterator[Came]:
    """Yield what those rows of (need, achievement, event) say that name both."""
    for need_id, achievement_id, event_id in session.execute(wanted):
        if need_id is not None and achievement_id is not None:
            yield Came(pair=(need_id, achievement_id), stage=stage, event_id=event_id)


def other_contracts(session: Session) -> list[OtherContract]:
    """Return the contracts that no proposal led to, newest first: the rates do not count them."""
    buyer, seller = aliased(Organisation), aliased(Organisation)
    need_of = func.coalesce(TechContract.need_id, Intent.need_id, Pairing.need_id)
    achievement_of = func.coalesce(TechContract.achievement_id, Intent.achievement_id, Pairing.achievement_id)
    proposed = exists().where(Match.need_id == need_of, Match.achievement_id == achievement_of)
    any_proposal = exists().where(Match.need_id == need_of)
    wanted = _of_contracts(
        select(TechContract.id, TechContract.title, buyer.name, seller.name, need_of, any_proposal)
    )
    rows = session.execute(
        wanted.join(buyer, buyer.id == TechContract.buyer_id)
        .join(seller, seller.id == TechContract.seller_id)
        .where(~proposed)
        .order_by(TechContract.signed_on.desc(), TechContract.id.desc())
    ).all()
    named = select(Need.id, Need.title).where(Need.id.in_({row[4] for row in rows if row[4]}))
    titles = {row.id: row.title for row in session.execute(named)}
    return [
        OtherContract(
            id=row[0],
            title=row[1],
            buyer=row[2],
            seller=row[3],
            need_id=row[4],
            need_title=titles.get(row[4], ""),
            need_had_proposals=bool(row[5]),
        )
        for row in rows
    ]


def event_names(session: Session, event_ids: Sequence[int]) -> dict[str, str]:
    """Return event → its title, with the day where two have the same title."""
    rows = session.execute(select(Event.id, Event.title, Event.held_on).where(Event.id.in_(event_ids))).all()
    titles = [title for _, title, _ in rows]
    return {
        str(key): f"{title}（{held_on}）" if titles.count(title) > 1 and held_on else title
        for key, title, held_on in rows
    }


def _events_of(session: Session) -> dict[Pair, list[int]]:
    rows = session.execute(
        select(Pairing.need_id, Pairing.achievement_id, Event.id)
        .join(Event, Event.id == Pairing.event_id)
        .where(Pairing.list_id.in_(standing_list_ids(session)))
        .order_by(Event.held_on, Event.id)
    )
    events: dict[Pair, list[int]] = {}
    for need_id, achievement_id, event_id in rows:
        listed = events.setdefault((need_id, achievement_id), [])
        if event_id not in listed:
            listed.append(event_id)
    return events
