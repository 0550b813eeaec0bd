"""Meetings that could still be held today: for those who lost one, and for guests who walk in."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.day_rules import MeetingKey
from matchmaker.domain.desk import Truth
from matchmaker.domain.states import (
    ACHIEVEMENTS_IN_LIBRARY,
    InvitationState,
    MeetingOutcome,
    PairingState,
)
from matchmaker.domain.timetable import Meeting, Person, Side
from matchmaker.services.desk import OFF, Desk, guests_for
from matchmaker.services.event_items import NEEDS_FOR_EVENTS
from matchmaker.services.pairing_question import Option, options_among
from matchmaker.store.queries.desk import DeskRow
from matchmaker.store.queries.pairings import Seat, seats_of
from matchmaker.store.tables import Achievement, EventItem, Need, Organisation

# Ids of meetings that are no pairings yet; pairings count up from 1.
NEW_IDS = 10**9
_BEST = 40  # per person: more choice makes the search slower, not the answer better
_AWAY = (InvitationState.DECLINED, InvitationState.ABSENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """Candidate meetings, whose losses they may make good, and limits over groups of them.

    `words` says by meeting id what a proposal remembers of it, `keys` whom it is between.
    """

    meetings: tuple[Meeting, ...] = ()
    lost: tuple[Meeting, ...] = ()
    at_most: tuple[tuple[Collection[int], int], ...] = ()
    words: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    keys: Mapping[int, MeetingKey] = field(default_factory=dict)


def spare_after_loss(session: Session, desk: Desk, truth: Truth, *, lost: Iterable[int]) -> Spare:
    """Return what those who lost a meeting could talk about instead: good matches, no rule against them."""
    rows = [desk.by_id[key] for key in lost]
    freed = {person for row in rows for person in people_of(row) if not _misses_the_rest(desk, truth, person)}
    if not freed:
        return Spare()
    options = _options_for(session, desk, freed)
    return spare_of(session, desk, options, lost=[_meeting(row) for row in rows], freed=freed)


def lost_meetings(desk: Desk, person: Person) -> tuple[Meeting, ...]:
    """Return the meetings of a person that the desk cancelled and nobody has held since."""
    cancelled = {
        change["pairing"]
        for step in desk.steps
        if step.undone_by is None
        for change in step.changes
        if change["after"] is None
    }
    return tuple(
        _meeting(row)
        for row in desk.rows
        if row.pairing_id in cancelled
        and person in people_of(row)
        and row.slot is None
        and row.status is PairingState.LAPSED
        and row.outcome in (None, MeetingOutcome.NO_SHOW)
    )


def people_of(row: DeskRow) -> tuple[Person, Person]:
    """Return the two people of a pairing."""
    return (Side.ENTERPRISE, row.enterprise_id), (Side.EXPERT, row.expert_key)


def _meeting(row: DeskRow) -> Meeting:
    return Meeting(
        meeting_id=row.pairing_id,
        enterprise_id=row.enterprise_id,
        expert_id=row.expert_key,
        weight=1 + row.value,
    )


def on_table(session: Session, event_id: int, kind: str) -> dict[int, int]:
    """Return the needs or achievements of an event that may be paired, with their organisation."""
    subject = Need if kind == "need" else Achievement
    states = NEEDS_FOR_EVENTS if kind == "need" else ACHIEVEMENTS_IN_LIBRARY
    rows = session.execute(
        select(subject.id, subject.organisation_id)
        .join(EventItem, EventItem.subject_id == subject.id)
        .where(EventItem.event_id == event_id, EventItem.subject_kind == kind, subject.status.in_(states))
        .order_by(subject.id)
    )
    return {key: organisation_id or 0 for key, organisation_id in rows}


def _options_for(session: Session, desk: Desk, freed: set[Person]) -> list[Option]:
    """Return the options of the freed people only, for an event's whole table may be large."""
    needs = on_table(session, desk.event.id, "need")
    achievements = on_table(session, desk.event.id, "achievement")
    firms = {key for side, key in freed if side is Side.ENTERPRISE}
    experts = {key for side, key in freed if side is Side.EXPERT}
    own_needs = [need_id for need_id, firm in needs.items() if firm in firms]
    seats = seats_of(session, achievements) if experts else {}
    own_achievements = [key for key, seat in seats.items() if seat.key in experts]
    found: dict[tuple[int, int], Option] = {}
    if own_needs:
        found |= options_among(session, desk.event, need_ids=own_needs, achievement_ids=list(achievements))
    if own_achievements:
        found |= options_among(session, desk.event, need_ids=list(needs), achievement_ids=own_achievements)
    return [option for option in found.values() if not option.banned]


def spare_of(
    session: Session,
    desk: Desk,
    options: Sequence[Option],
    *,
    lost: Sequence[Meeting],
    freed: Collection[Person],
) -> Spare:
    """Return the candidates among the options that nothing speaks against, with the caps over them."""
    firm_of = _firms(session, {option.need_id for option in options})
    taken = _taken(desk)
    kept = [
        option
        for option in options
        if (option.need_id, option.achievement_id) not in taken.pairs
        and (firm_of[option.need_id], option.expert_key) not in taken.people
        and not _is_away(desk, (Side.ENTERPRISE, firm_of[option.need_id]))
        and not _is_away(desk, (Side.EXPERT, option.expert_key))
    ]
    kept = _best(kept, firm_of, freed)
    meetings = tuple(
        Meeting(
            meeting_id=NEW_IDS + n,
            enterprise_id=firm_of[option.need_id],
            expert_id=option.expert_key,
            weight=1 + option.value,
        )
        for n, option in enumerate(kept)
    )
    return Spare(
        meetings=meetings,
        lost=tuple(lost),
        at_most=tuple(_groups(desk, meetings, taken.counts, lost)),
        words=_words(session, kept, firm_of),
        keys={NEW_IDS + n: (option.need_id, option.expert_key) for n, option in enumerate(kept)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    pairs: frozenset[tuple[int, int]]
    people: frozenset[tuple[int, int]]
    counts: Counter[Person]


def _taken(desk: Desk) -> _Taken:
    """Return what is on the list already: pairs, who meets whom, and how many meetings each has."""
    rows = [row for row in desk.rows if row.status is not PairingState.REJECTED]
    meeting = [row for row in rows if row.status not in OFF and row.slot is not None]
    met = [row for row in rows if row.outcome not in (None, MeetingOutcome.NO_SHOW)]
    return _Taken(
        pairs=frozenset((row.need_id, row.achievement_id) for row in rows),
        people=frozenset((row.enterprise_id, row.expert_key) for row in (*meeting, *met)),
        counts=Counter(person for row in meeting for person in people_of(row)),
    )


def is_gone(desk: Desk, person: Person) -> bool:
    """Whether nobody can meet a person any more today: not come, declined, or away until the end."""
    return _is_away(desk, person) or _misses_the_rest(desk, desk.truth, person)


def _misses_the_rest(desk: Desk, truth: Truth, person: Person) -> bool:
    ahead = range(max(0, desk.slot + 1), desk.slot_count)
    return set(ahead) <= truth.away.get(person, frozenset())


def _is_away(desk: Desk, person: Person) -> bool:
    """Whether everybody who stands for a person has declined or did not come."""
    rows = guests_for(desk, person)
    return bool(rows) and all(row.status in _AWAY for row in rows)


def _best(options: Sequence[Option], firm_of: Mapping[int, int], freed: Collection[Person]) -> list[Option]:
    """Keep the best options of each freed person, in a repeatable order."""
    seen: Counter[Person] = Counter()
    kept = []
    for option in sorted(options, key=lambda one: (-one.value, one.need_id, one.expert_key)):
        people = {(Side.ENTERPRISE, firm_of[option.need_id]), (Side.EXPERT, option.expert_key)} & set(freed)
        if any(seen[person] < _BEST for person in people):
            kept.append(option)
            seen.update(people)
    return kept


def _groups(
    desk: Desk, meetings: Sequence[Meeting], counts: Counter[Person], lost: Sequence[Meeting]
) -> list[tuple[list[int], int]]:
    """Return the caps: so many meetings per person, and one for the same two people."""
    settings, event = desk.listed.settings, desk.event
    caps = {
        Side.ENTERPRISE: int(settings.get("per_enterprise") or event.per_enterprise),
        Side.EXPERT: int(settings.get("per_expert") or event.per_expert),
    }
    gone = Counter(person for meeting in lost for person in meeting.people)
    of_person: dict[Person, list[int]] = {}
    of_pair: dict[tuple[Person, Person], list[int]] = {}
    for meeting in meetings:
        of_pair.setdefault(meeting.people, []).append(meeting.meeting_id)
        for person in meeting.people:
            of_person.setdefault(person, []).append(meeting.meeting_id)
    capped = [
        (ids, max(0, caps[person[0]] - counts[person] + gone[person])) for person, ids in of_person.items()
    ]
    return [*capped, *((ids, 1) for ids in of_pair.values())]


def _firms(session: Session, need_ids: Iterable[int]) -> dict[int, int]:
    rows = session.execute(select(Need.id, Need.organisation_id).where(Need.id.in_(sorted(need_ids))))
    return {row.id: row.organisation_id for row in rows}


def _words(
    session: Session, options: Sequence[Option], firm_of: Mapping[int, int]
) -> dict[int, dict[str, Any]]:
    """Return what a proposal remembers of each candidate, by meeting id."""
    rows = session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(sorted(set(firm_of.values()))))
    )
    names = {row.id: row.name for row in rows}
    seats = seats_of(session, {option.achievement_id for option in options})
    return {
        NEW_IDS + n: {
            "need": option.need_id,
            "achievement": option.achievement_id,
            "expert": seats[option.achievement_id].person_id,
            "match": option.match_id,
            "value": option.value,
            "reason": option.reason,
            "words": f"{names[firm_of[option.need_id]]} × {_seat_name(seats[option.achievement_id])}",
        }
        for n, option in enumerate(options)
    }


def _seat_name(seat: Seat) -> str:
    return seat.name
