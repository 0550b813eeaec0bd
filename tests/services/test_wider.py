"""Beyond the proposals: the best of every house for a need, and the needs an achievement could answer."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from event_cast import make_match
from factories import People, make_achievement, make_need, make_organisation
from sqlalchemy import select

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.bus.deliver import deliver_due
from matchmaker.domain.messages import AchievementsImported
from matchmaker.domain.permissions import SYSTEM, Actor
from matchmaker.domain.states import AchievementState, Grade, MatchState, NeedState, OrganisationKind, Role
from matchmaker.errors import NotAllowed, NotFound, Unprocessable, WrongState
from matchmaker.services import wider
from matchmaker.services.match_list import entries_of
from matchmaker.services.matches import decide
from matchmaker.services.never_match import keep_apart
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.queries.matches import matches_of_need
from matchmaker.store.queries.wider import need_lines, other_lines, search_of
from matchmaker.store.tables import Achievement, AchievementPerson, Match, Need, StateChange, WiderSearch

ORGANISER = Actor(user_id=None, roles=frozenset({Role.ORGANISER}))
SUMMARY = "在压铸模具表面制备抗热裂硬质涂层，连续生产八万模次不龟裂，硬度3200HV。"


def _library(database: Database, people: People, *, houses: int) -> list[int]:
    """Add one need, and in each of many houses two coatings that answer it."""
    with database.writing() as session:
        make_need(session, organisation_id=people.huaxing)
        ids = []
        for number in range(houses):
            house = make_organisation(session, name=f"第{number}工业大学", kind=OrganisationKind.UNIVERSITY)
            for way in ("磁控溅射", "化学气相沉积"):
                title = f"压铸模具{way}抗热裂涂层{'甲乙丙丁戊己庚辛壬癸子丑寅卯'[number]}"
                row = make_achievement(session, organisation_id=house.id, title=title, summary=SUMMARY)
                ids.append(row.id)
        outbox.record(session, SYSTEM, AchievementsImported(upload_id=0, achievement_ids=(ids[0],)))
    return ids


def test_every_house_of_the_library_is_named_not_only_those_proposed(
    database: Database, settings: Settings, people: People
) -> None:
    _library(database, people, houses=14)

    deliver_due(database, settings)

    with database.reading() as session:
        need = session.scalars(select(Need)).one()
        lines = other_lines(session, need.id, public_only=False)
        proposed = session.scalars(select(Match).where(Match.current)).all()
    assert len({line.achievement.organisation_id for line in lines}) == len(lines) == 14
    assert len({match.achievement_id for match in proposed}) < 28
    assert [line.score for line in lines] == sorted((line.score for line in lines), reverse=True)
    assert any(line.match_id is None for line in lines)


def test_what_the_organiser_chooses_there_becomes_a_proposal_with_reasons_and_stays(
    database: Database, settings: Settings, people: People
) -> None:
    _library(database, people, houses=14)
    deliver_due(database, settings)
    with database.reading() as session:
        need = session.scalars(select(Need)).one()
        other = next(
            line for line in other_lines(session, need.id, public_only=False) if line.match_id is None
        )
    key = other.achievement.id

    with database.writing() as session:
        with pytest.raises(NotAllowed):
            wider.choose(session, Actor(user_id=None), need_id=need.id, achievement_id=key)
        with pytest.raises(NotFound):
            wider.choose(session, ORGANISER, need_id=need.id, achievement_id=10**6)
        wider.choose(session, ORGANISER, need_id=need.id, achievement_id=key)
        wider.choose(session, ORGANISER, need_id=need.id, achievement_id=key)
    deliver_due(database, settings)

    with database.reading() as session:
        chosen = session.scalars(select(Match).where(Match.achievement_id == key)).one()
    assert (chosen.status, chosen.current, chosen.score) == (MatchState.SHORTLISTED, True, other.score)
    assert [reason for reason in chosen.reasons if reason["kind"] == "quote"]


def test_an_achievement_and_an_expert_find_the_needs_they_could_answer_among_all(
    database: Database, settings: Settings, people: People
) -> None:
    ids = _library(database, people, houses=3)
    with database.writing() as session:
        make_need(
            session,
            organisation_id=people.yuanhang,
            title="大黄鱼弧菌病快速检测",
            problem="养殖大黄鱼暴发弧菌病，希望现场三十分钟内检出病原。",
            key_points="",
        )
        session.add_all(
            AchievementPerson(achievement_id=key, person_id=people.jiangda_expert) for key in ids[:2]
        )
    ours = Actor(user_id=people.university_user, organisation_ids=frozenset({people.jiangda_college}))
    stranger = Actor(user_id=people.enterprise_user, organisation_ids=frozenset({people.huaxing}))

    with database.writing() as session:
        with pytest.raises(NotFound):
            wider.ask(session, stranger, kind="person", subject_id=people.jiangda_expert)
        wider.ask(session, ours, kind="person", subject_id=people.jiangda_expert)
        wider.ask(session, ORGANISER, kind="achievement", subject_id=ids[0])
        assert wider.ask(session, ORGANISER, kind="achievement", subject_id=ids[0]).waits
    deliver_due(database, settings)

    with database.reading() as session:
        for kind, subject in (("person", people.jiangda_expert), ("achievement", ids[0])):
            row = search_of(session, kind, subject)
            assert row is not None
            assert not row.waits
            assert [line.need.organisation_id for line in need_lines(session, row.found)] == [people.huaxing]


def test_houses_kept_apart_are_found_in_neither_direction_and_cannot_be_chosen(
    database: Database, settings: Settings, people: People
) -> None:
    ids = _library(database, people, houses=3)
    deliver_due(database, settings)
    with database.writing() as session:
        need = session.scalars(select(Need)).one()
        barred = other_lines(session, need.id, public_only=False)[0].achievement
        owner = barred.organisation_id or 0
        keep_apart(session, ORGANISER, enterprise_id=people.huaxing, partner_id=owner, reason="有未了的纠纷")
        with pytest.raises(WrongState):
            wider.choose(session, ORGANISER, need_id=need.id, achievement_id=barred.id)
    with database.writing() as session:
        wider.ask(session, ORGANISER, kind="achievement", subject_id=barred.id)
    deliver_due(database, settings)

    with database.reading() as session:
        others = other_lines(session, need.id, public_only=False)
        found = search_of(session, "achievement", barred.id)
    assert owner not in {line.achievement.organisation_id for line in others}
    assert others
    assert found is not None
    assert found.found == []
    assert found.found_at is not None
    assert found.found_at <= clock.now()
    assert set(ids)


def test_a_hundred_and_twenty_patents_of_one_hand_fold_into_one_entry_and_others_stay_in_sight(
    database: Database, settings: Settings, people: People
) -> None:
    with database.writing() as session:
        make_need(session, organisation_id=people.huaxing)
        for number in range(120):
            title = f"一种压铸模具表面抗热裂涂层的制备方法{number}"
            make_achievement(session, organisation_id=people.jiangda, title=title, summary=SUMMARY)
        other = make_achievement(
            session,
            organisation_id=people.haiyuan,
            title="模具钢激光表面改性",
            summary="对压铸模具表面激光强化，减少热裂纹。",
        )
        outbox.record(session, SYSTEM, AchievementsImported(upload_id=0, achievement_ids=(other.id,)))

    deliver_due(database, settings)

    with database.reading() as session:
        entries = entries_of(session, matches_of_need(session, session.scalars(select(Need.id)).one()))
    assert [len(entry.alike) for entry in entries] == [5, 0]
    assert entries[0].line.match.parts["family"] == 120
    assert entries[1].line.achievement.id == other.id


@pytest.mark.parametrize("end", ["given up", "late"])
def test_a_search_that_never_ends_says_so_and_can_be_asked_again(
    database: Database, settings: Settings, people: People, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    with database.writing() as session:
        key = make_achievement(session, organisation_id=people.jiangda).id
        first = wider.ask(session, ORGANISER, kind="achievement", subject_id=key)
        assert wider.stand_of(session, first) == wider.SearchStand(waits=True)
        if end == "late":
            first.asked_at = clock.now() - timedelta(minutes=4)
    if end == "given up":
        monkeypatch.setattr(wider, "needs_answered", _broken)
        deliver_due(database, settings)
        monkeypatch.undo()

    with database.writing() as session:
        row = search_of(session, "achievement", key)
        assert row is not None
        ended = wider.SearchStand(given_up=end == "given up", late=end == "late")
        assert wider.stand_of(session, row) == ended
        wider.ask(session, ORGANISER, kind="achievement", subject_id=key)
        assert wider.stand_of(session, row) == wider.SearchStand(waits=True)
    deliver_due(database, settings)

    with database.reading() as session:
        row = search_of(session, "achievement", key)
        assert row is not None
        assert wider.stand_of(session, row) == wider.SearchStand()


def _broken(*_given: object) -> None:
    raise Unprocessable("the library cannot be read")


def _found(database: Database, people: People) -> tuple[int, int]:
    with database.writing() as session:
        need = make_need(session, organisation_id=people.huaxing)
        achievement = make_achievement(session, organisation_id=people.jiangda)
        entry = {"need_id": need.id, "achievement_id": achievement.id, "score": 0.7, "grade": "fair"}
        session.add(
            WiderSearch(subject_kind="need", subject_id=need.id, found=[entry | {"probability": 0.6}])
        )
    return need.id, achievement.id


@pytest.mark.parametrize("proposed", [False, True])
@pytest.mark.parametrize("gone", ["need", "achievement"])
def test_what_has_closed_or_left_the_library_is_not_chosen_by_a_form_made_by_hand(
    database: Database, people: People, gone: str, proposed: bool
) -> None:
    need_id, key = _found(database, people)
    with database.writing() as session:
        match = make_match(session, need_id, key, 0.7, Grade.FAIR) if proposed else None
        if gone == "need":
            session.get_one(Need, need_id).status = NeedState.WITHDRAWN
        else:
            session.get_one(Achievement, key).status = AchievementState.WITHDRAWN

    with database.writing() as session:
        with pytest.raises(WrongState, match="不能选定"):
            wider.choose(session, ORGANISER, need_id=need_id, achievement_id=key)
        if match is not None:
            with pytest.raises(WrongState, match="不能选定"):
                decide(session, ORGANISER, match_id=match.id, to=MatchState.SHORTLISTED)
    with database.reading() as session:
        assert not session.scalars(select(Match).where(Match.status == MatchState.SHORTLISTED)).all()


@pytest.mark.parametrize("proposed", [False, True])
def test_two_who_choose_at_once_end_in_one_proposal_chosen_once(
    database: Database, people: People, proposed: bool
) -> None:
    need_id, key = _found(database, people)
    if proposed:
        with database.writing() as session:
            make_match(session, need_id, key, 0.7, Grade.FAIR)
    together = threading.Barrier(4)

    def choose() -> int:
        together.wait()
        with database.writing() as session:
            return wider.choose(session, ORGANISER, need_id=need_id, achievement_id=key).id

    with ThreadPoolExecutor(4) as pool:
        chosen = {one.result() for one in [pool.submit(choose) for _ in range(4)]}

    with database.reading() as session:
        assert {row.id for row in session.scalars(select(Match))} == chosen
        assert [row.to_state for row in session.scalars(select(StateChange))] == ["shortlisted"]
