"""Splitting a need: parts of their own, the original kept and linked, each counted once, and the way back."""

import pytest
from event_cast import make_cast
from factories import People, make_need
from sqlalchemy import select

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import NeedState, Role
from matchmaker.errors import Conflict, InvalidInput, NotAllowed, WrongState
from matchmaker.services.need_split import Part, join_again, split_need
from matchmaker.store.engine import Database
from matchmaker.store.queries.need_work import kin_of
from matchmaker.store.tables import EventItem, Message, Need, StateChange

ORGANISER = Actor(name="李科", roles=frozenset({Role.ORGANISER}))
PARTS = (
    Part(title="模具龟裂的延寿", problem="模具两万模次后表面龟裂。", budget_text="30万"),
    Part(title="压铸件气孔控制", problem="压铸件气孔多，泄漏率高。", key_points="泄漏率≤1%"),
)


@pytest.fixture
def need_id(database: Database, people: People) -> int:
    with database.writing() as session:
        return make_need(
            session,
            organisation_id=people.huaxing,
            contact_id=people.huaxing_contact,
            fields=["40"],
            town="临江街道",
            status=NeedState.ACCEPTED,
            accepted_at=clock.now(),
        ).id


def test_parts_take_what_the_original_says_and_are_counted_in_its_place(
    database: Database, people: People, need_id: int
) -> None:
    with database.writing() as session:
        split_need(session, ORGANISER, need_id=need_id, parts=PARTS)

    with database.reading() as session:
        original = session.get_one(Need, need_id)
        rows = session.scalars(select(Need).where(Need.id != need_id).order_by(Need.id)).all()
        kin = kin_of(session, need_id)
        told = session.scalars(select(Message.name)).all()
        back = [kin_of(session, row.id).original for row in rows]
    assert (original.status, original.title) == (NeedState.SPLIT, "压铸模具表面抗热裂涂层技术")
    assert [(row.title, row.status, row.accepted_at) for row in rows] == [
        (part.title, NeedState.ACCEPTED, original.accepted_at) for part in PARTS
    ]
    assert {(row.organisation_id, row.contact_id, row.town, tuple(row.fields)) for row in rows} == {
        (people.huaxing, people.huaxing_contact, "临江街道", ("40",))
    }
    assert [row.budget_min_fen for row in rows] == [30_000_000, None]
    assert [part.id for part in kin.parts] == [row.id for row in rows]
    assert [one.id for one in back if one] == [need_id, need_id]
    assert told == ["NeedPosted", "NeedPosted"]


def test_a_need_that_waits_gives_parts_that_wait(database: Database, people: People) -> None:
    with database.writing() as session:
        waiting = make_need(session, organisation_id=people.huaxing).id
        made = split_need(session, ORGANISER, need_id=waiting, parts=PARTS)
        assert {(row.status, row.accepted_at) for row in made} == {(NeedState.SUBMITTED, None)}


@pytest.mark.parametrize(
    "state", [NeedState.SUBMITTED, NeedState.RETURNED, NeedState.ACCEPTED, NeedState.PUBLISHED]
)
def test_taking_a_split_back_restores_the_original_and_withdraws_the_parts(
    database: Database, need_id: int, state: NeedState
) -> None:
    with database.writing() as session:
        session.get_one(Need, need_id).status = state
        session.flush()
        split_need(session, ORGANISER, need_id=need_id, parts=PARTS)
        join_again(session, ORGANISER, need_id=need_id)

    with database.reading() as session:
        states = session.scalars(select(Need.status).order_by(Need.id)).all()
        reasons = session.scalars(
            select(StateChange.reason).where(StateChange.subject_id == need_id).order_by(StateChange.id)
        ).all()
        assert kin_of(session, need_id).parts == ()
    assert states == [state, NeedState.WITHDRAWN, NeedState.WITHDRAWN]
    assert reasons == ["拆分为 2 条需求", "撤销拆分"]


def test_a_part_that_was_worked_on_is_not_taken_back(database: Database, need_id: int) -> None:
    with database.writing() as session:
        first, _second = split_need(session, ORGANISER, need_id=need_id, parts=PARTS)
        first.text_version += 1

        with pytest.raises(WrongState):
            join_again(session, ORGANISER, need_id=need_id)


def test_on_an_event_to_come_the_parts_stand_in_the_originals_place(
    database: Database, people: People, need_id: int
) -> None:
    with database.writing() as session:
        event_id = make_cast(session, people).event
        session.add(EventItem(event_id=event_id, subject_kind="need", subject_id=need_id))
        session.flush()
        made = {row.id for row in split_need(session, ORGANISER, need_id=need_id, parts=PARTS)}

        on_table = set(session.scalars(select(EventItem.subject_id).where(EventItem.subject_kind == "need")))
        join_again(session, ORGANISER, need_id=need_id)
        session.flush()
        after = set(session.scalars(select(EventItem.subject_id).where(EventItem.subject_kind == "need")))
    assert made <= on_table
    assert need_id not in on_table
    assert need_id in after
    assert not made & after


@pytest.mark.parametrize(
    ("parts", "codes"),
    [
        (PARTS[:1], ["count"]),
        ((PARTS[0], PARTS[0]), ["same"]),
        ((Part(title="", problem="短"), PARTS[0]), ["title", "problem"]),
        ((Part(title="甲", problem="某绝密装备的配套零件"), PARTS[0]), ["secret"]),
    ],
)
def test_parts_are_refused_with_every_reason(
    database: Database, need_id: int, parts: tuple[Part, ...], codes: list[str]
) -> None:
    with database.writing() as session, pytest.raises(InvalidInput) as refused:
        split_need(session, ORGANISER, need_id=need_id, parts=parts)
    assert [problem.code for problem in refused.value.problems] == codes


def test_only_the_organiser_splits_what_is_still_in_hand(
    database: Database, people: People, need_id: int
) -> None:
    owner = Actor(organisation_ids=frozenset({people.huaxing}))
    with database.writing() as session:
        matched = make_need(session, organisation_id=people.huaxing, status=NeedState.MATCHING).id
        with pytest.raises(NotAllowed):
            split_need(session, owner, need_id=need_id, parts=PARTS)
        with pytest.raises(WrongState):
            split_need(session, ORGANISER, need_id=matched, parts=PARTS)
        with pytest.raises(Conflict):
            split_need(session, ORGANISER, need_id=need_id, parts=PARTS, version=99)
