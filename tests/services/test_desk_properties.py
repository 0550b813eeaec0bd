"""Whatever goes wrong: nothing that has begun is touched, nobody is in two places, and undo is exact."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from desk_cast import ORGANISER, make_hall, timetable
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker import clock
from matchmaker.domain.day_rules import DayRules, OrderKey, Pause
from matchmaker.domain.desk import TIMETABLE_KINDS, Step, StepKind, clashes, person_named, who_word
from matchmaker.domain.states import EventState, MeetingOutcome, PairingState
from matchmaker.domain.timetable import Meeting, Person, Side, TimetableProblem
from matchmaker.errors import Refused
from matchmaker.services.desk import Desk, open_desk
from matchmaker.services.desk_acts import arrive, end, start, undo
from matchmaker.services.desk_confirm import confirm
from matchmaker.services.desk_repair import Mended, Mishap, mend, propose
from matchmaker.solvers.timetable import place_timetable
from matchmaker.store.engine import Database
from matchmaker.store.queries.desk import DeskRow
from matchmaker.store.tables import DeskStep, Event, PairingList

SLOTS, TABLES, FIRMS, EXPERTS = 7, 4, 5, 5
BEGINS = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
PAIRS = [(firm, expert) for firm in range(1, FIRMS + 1) for expert in range(1, EXPERTS + 1) if firm != expert]
PLACES = place_timetable(
    TimetableProblem(
        slot_count=SLOTS,
        tables=tuple(range(1, TABLES + 1)),
        meetings=tuple(
            Meeting(meeting_id=n, enterprise_id=firm, expert_id=expert)
            for n, (firm, expert) in enumerate(PAIRS, 1)
        ),
    )
).placements


def row(pairing_id: int, slot: int, table: int, *, ended: bool) -> DeskRow:
    firm, expert = PAIRS[pairing_id - 1]
    return DeskRow(
        pairing_id=pairing_id,
        slot=slot + 1,
        table=table,
        status=PairingState.INVITED,
        outcome=MeetingOutcome.HELD if ended else None,
        outcome_by="",
        value=5000 + pairing_id,
        need_id=pairing_id,
        need="",
        enterprise_id=firm,
        enterprise=f"企业{firm}",
        contact="",
        achievement_id=pairing_id,
        achievement="",
        expert_id=expert,
        owner_id=None,
        expert=f"专家{expert}",
        expert_title="",
        home="",
    )


def desk_at(now: int, *, started: frozenset[int], ended: frozenset[int], day: DayRules | None = None) -> Desk:
    """A desk in the middle of a slot, some meetings having begun."""
    event = Event(
        id=1,
        status=EventState.OPEN,
        starts_at=BEGINS,
        slots=SLOTS,
        tables=TABLES,
        slot_minutes=20,
        held_on=BEGINS.date(),
    )
    begun = DeskStep(
        number=1, kind=StepKind.STARTED, who="", details={"pairings": sorted(started)}, changes=[]
    )
    return Desk(
        event=event,
        listed=PairingList(id=1, event_id=1, settings={}, day=(day or DayRules()).as_json()),
        rows=tuple(row(one.meeting_id, one.slot, one.table, ended=one.meeting_id in ended) for one in PLACES),
        guests=(),
        steps=(begun,),
        now=BEGINS + now * timedelta(minutes=20) + timedelta(minutes=7),
    )


people = st.one_of(
    st.tuples(st.just(Side.ENTERPRISE), st.integers(1, FIRMS)),
    st.tuples(st.just(Side.EXPERT), st.integers(1, EXPERTS)),
)
ids = st.frozensets(st.integers(1, len(PAIRS)), max_size=6)


@st.composite
def happenings(draw: st.DrawFn) -> tuple[Desk, Step]:
    now = draw(st.integers(-1, SLOTS - 2))
    past = frozenset(one.meeting_id for one in PLACES if one.slot <= now)
    slots = st.frozensets(st.integers(0, SLOTS - 1), max_size=2)
    desk = replace(
        desk_at(now, started=draw(ids) & past, ended=draw(ids) & past),
        unwanted=draw(st.dictionaries(people, slots, max_size=3)),
    )
    kind = draw(st.sampled_from([StepKind.ABSENT, StepKind.LATE, StepKind.TABLE_LOST]))
    step = Step(number=2, kind=kind, first=draw(st.integers(0, max(0, now))))
    if kind is StepKind.TABLE_LOST:
        return desk, replace(step, table=draw(st.integers(1, TABLES)), first=max(0, now))
    back = draw(st.integers(max(0, now) + 1, SLOTS)) if kind is StepKind.LATE else None
    return desk, replace(step, who=draw(people), back=back)


def sittings_after(desk: Desk, mended: Mended) -> list[tuple[Person, ...]]:
    places = {one.meeting_id: one for one in mended.placements}
    moved = [
        replace(one, slot=places[one.pairing_id].slot, table=places[one.pairing_id].table)
        for one in desk.sittings
        if one.pairing_id in places
    ]
    assert clashes(moved) == []
    return [one.people for one in moved]


def key(pairing_id: int) -> tuple[int, int]:
    return pairing_id, PAIRS[pairing_id - 1][1]


FREE = sorted(set(range(SLOTS)) - {one.slot for one in PLACES})
"""Slots in which nothing was placed may turn into pauses: the published list keeps its rules."""
HELD_ORDERS: list[OrderKey] = [
    (key(one.meeting_id), key(other.meeting_id))
    for one in PLACES
    for other in PLACES
    if one.slot < other.slot and (one.meeting_id + other.meeting_id) % 3 == 0
]


@st.composite
def days(draw: st.DrawFn) -> DayRules:
    orders = draw(st.lists(st.sampled_from(HELD_ORDERS), max_size=6, unique=True))
    lunch = Pause(name="午餐", begins=0, ends=20)
    slots = draw(st.lists(st.sampled_from(FREE), max_size=2, unique=True)) if FREE else []
    return DayRules(pauses=((lunch, tuple(slot + 1 for slot in sorted(slots))),), orders=tuple(orders))


@settings(max_examples=examples(60), deadline=None)
@given(happenings(), days())
def test_a_repair_keeps_pauses_and_orders(happening: tuple[Desk, Step], day: DayRules) -> None:
    desk, step = happening
    desk = replace(desk, listed=PairingList(id=1, event_id=1, settings={}, day=day.as_json()))

    mended = mend(desk, step, limit_seconds=0.5)

    begun = {one.pairing_id for one in desk.sittings if one.begun}
    slots = {one.meeting_id: one.slot for one in mended.placements}
    sittings_after(desk, mended)
    assert not begun & {change.pairing_id for change in mended.changes}
    assert not {one.slot for one in mended.placements if one.meeting_id not in begun} & day.shut
    for (earlier, _), (later, _) in day.orders:
        ahead = min(slots.get(earlier, -1), slots.get(later, -1)) >= max(0, desk.slot + 1)
        if ahead and not begun & {earlier, later}:
            assert slots[earlier] < slots[later]


@st.composite
def days_gone_wrong(draw: st.DrawFn) -> list[tuple[Step, Meeting | None]]:
    """Up to four things one after the other, a guest who walks in among them."""
    found: list[tuple[Step, Meeting | None]] = []
    for number in range(2, 2 + draw(st.integers(2, 4))):
        kind = draw(st.sampled_from(sorted(TIMETABLE_KINDS)))
        guest = Meeting(
            meeting_id=100 + number, enterprise_id=100 + number, expert_id=draw(st.integers(1, EXPERTS))
        )
        step = Step(
            number=number,
            kind=kind,
            who=draw(people) if kind not in (StepKind.TABLE_LOST, StepKind.WALK_IN) else None,
            table=draw(st.integers(1, TABLES)) if kind is StepKind.TABLE_LOST else None,
            back=draw(st.integers(2, SLOTS)) if kind is StepKind.LATE else None,
        )
        found.append((step, guest if kind is StepKind.WALK_IN else None))
    return found


@settings(max_examples=examples(40), deadline=None)
@given(days_gone_wrong(), days())
def test_one_mishap_after_another_touches_nothing_that_has_begun(
    happened: list[tuple[Step, Meeting | None]], day: DayRules
) -> None:
    desk = desk_at(-1, started=frozenset(), ended=frozenset(), day=day)
    for now, (told, guest) in enumerate(happened):
        step = replace(told, first=now)
        running = {one.pairing_id for one in desk.sittings if one.slot == now}
        desk = replace(desk_seen(desk, running), now=BEGINS + now * timedelta(minutes=20, seconds=1))
        held = {one.pairing_id: one.placement for one in desk.sittings if one.slot <= now or one.begun}

        mended = mend(desk, step, more=(guest,) if guest else (), limit_seconds=0.5)

        begun = {one.pairing_id for one in desk.sittings if one.begun}
        places = {one.meeting_id: one for one in mended.placements}
        assert {key: places.get(key) for key in held if key in begun} == {
            key: place for key, place in held.items() if key in begun
        }
        assert not {place.slot for key, place in places.items() if key not in held} & day.shut
        for (earlier, _), (later, _) in day.orders:
            if {earlier, later} <= places.keys() - held.keys():
                assert places[earlier].slot < places[later].slot
        desk = desk_after(desk, step, mended, guest)
        assert clashes(desk.sittings) == []


def desk_seen(desk: Desk, running: set[int]) -> Desk:
    """The desk once everything that was due has begun."""
    begun = DeskStep(
        number=desk.version, kind=StepKind.STARTED, who="", details={"pairings": sorted(running)}, changes=[]
    )
    return replace(desk, steps=(*desk.steps, begun))


def desk_after(desk: Desk, step: Step, mended: Mended, guest: Meeting | None) -> Desk:
    """The desk once a repair was confirmed."""
    places = {one.meeting_id: one for one in mended.placements}
    rows = [
        replace(one, slot=places[one.pairing_id].slot + 1, table=places[one.pairing_id].table)
        if one.pairing_id in places
        else replace(one, slot=None, table=None)
        for one in desk.rows
    ]
    if guest and guest.meeting_id in places:
        place = places[guest.meeting_id]
        rows.append(
            replace(
                desk.rows[0],
                pairing_id=guest.meeting_id,
                slot=place.slot + 1,
                table=place.table,
                need_id=guest.meeting_id,
                enterprise_id=guest.enterprise_id,
                expert_id=guest.expert_id,
            )
        )
    noted = DeskStep(
        number=step.number,
        kind=step.kind,
        who=who_word(step.who) if step.who else "",
        details={"first": step.first, "back": step.back, "table": step.table},
        changes=[],
    )
    return replace(desk, rows=tuple(rows), steps=(*desk.steps, noted))


@settings(max_examples=examples(60), deadline=None)
@given(happenings())
def test_a_repair_touches_only_what_it_may(happening: tuple[Desk, Step]) -> None:
    desk, step = happening

    mended = mend(desk, step, limit_seconds=0.5)

    begun = {one.pairing_id for one in desk.sittings if one.begun}
    next_slot = max(0, desk.slot + 1)
    sittings_after(desk, mended)
    for change in mended.changes:
        assert change.pairing_id not in begun
        assert change.pairing_id in mended.hit or (change.before and change.before.slot >= next_slot)
        if change.after is None:
            continue
        same_slot_next_table = step.kind is StepKind.TABLE_LOST and change.before is not None
        assert change.after.slot >= (desk.slot if same_slot_next_table else next_slot)
        assert (change.after.table, change.after.slot) not in mended.truth.closed
        people = {
            (Side.ENTERPRISE, PAIRS[change.pairing_id - 1][0]),
            (Side.EXPERT, PAIRS[change.pairing_id - 1][1]),
        }
        assert not any(change.after.slot in mended.truth.away.get(person, ()) for person in people)
        for person in people:
            own = {one.slot for one in desk.sittings if person in one.people}
            if same_slot_next_table and change.after.slot == desk.slot:
                continue
            assert change.after.slot not in desk.unwanted.get(person, frozenset()) - own
    untouched = {one.meeting_id for one in PLACES} - {change.pairing_id for change in mended.changes}
    assert {one for one in PLACES if one.meeting_id in untouched} <= set(mended.placements)
    assert not mended.hit & untouched


@settings(max_examples=examples(100), deadline=None)
@given(people, st.booleans())
def test_a_persons_word_is_read_back(person: Person, organisation: bool) -> None:
    whole = (person[0], -person[1] if organisation else person[1])

    assert person_named(who_word(whole)) == whole


@pytest.mark.parametrize("seed", range(2))
def test_taking_everything_back_restores_the_day_exactly(database: Database, seed: int) -> None:
    dice = random.Random(seed)
    with database.writing() as session:
        hall = make_hall(session, starts_at=clock.now() - timedelta(minutes=25))
        before = timetable(session, hall)
    taken = []
    for _ in range(6):
        number = something_happens(database, hall.event, dice, hall.firms, hall.experts)
        taken += [number] if number else []
        with database.reading() as session:
            assert clashes(open_desk(session, ORGANISER, hall.event).sittings) == []

    for number in reversed(taken):
        with database.writing() as session:
            undo(session, ORGANISER, event_id=hall.event, number=number)

    with database.reading() as session:
        after, desk = timetable(session, hall), open_desk(session, ORGANISER, hall.event)
    assert taken
    assert {key: after[key] for key in before} == before
    assert {value[:2] for key, value in after.items() if key not in before} <= {(None, None)}
    assert (desk.truth.away, desk.truth.closed, desk.truth.started, desk.truth.ended) == (
        {},
        frozenset(),
        frozenset(),
        frozenset(),
    )


def something_happens(
    database: Database, event_id: int, dice: random.Random, firms: list[int], experts: list[int]
) -> int | None:
    """Do one thing at the desk; return its step, or None when it was refused or already so."""
    who = dice.choice([f"enterprise-{dice.choice(firms)}", f"expert-{dice.choice(experts)}"])
    act = dice.choice(["absent", "late", "returned", "table_lost", "arrive", "start", "end"])
    with database.reading() as session:
        desk = open_desk(session, ORGANISER, event_id)
    one = dice.choice([one for one in desk.sittings if one.slot <= 1] or [*desk.sittings])
    try:
        if act in ("absent", "late", "returned", "table_lost"):
            mishap = Mishap(kind=StepKind(act), who=who, minutes=30, table=dice.randint(1, 4))
            key = propose(database, ORGANISER, event_id=event_id, mishap=mishap)
            with database.writing() as session:
                return confirm(session, ORGANISER, event_id=event_id, proposal_id=key).number
        with database.writing() as session:
            done: object
            if act == "arrive":
                done = arrive(session, ORGANISER, event_id=event_id, who=who)
            elif act == "start":
                done = start(session, ORGANISER, event_id=event_id, pairing_id=one.pairing_id)
            else:
                done = end(
                    session,
                    ORGANISER,
                    event_id=event_id,
                    pairing_id=one.pairing_id,
                    outcome=MeetingOutcome.FOLLOW_UP,
                )
            return open_desk(session, ORGANISER, event_id).version if done else None
    except Refused:
        return None
