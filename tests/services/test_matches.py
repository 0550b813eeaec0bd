"""Proposals: computed from the texts, stored once, followed by people's decisions."""

import pytest
from factories import People, make_achievement, make_need
from sqlalchemy import select

from matchmaker.bus import outbox
from matchmaker.bus.deliver import deliver_due
from matchmaker.domain.messages import AchievementsImported, NeedPosted
from matchmaker.domain.permissions import SYSTEM, Actor
from matchmaker.domain.states import AchievementState, Grade, MatchState, Role
from matchmaker.errors import InvalidInput, NotAllowed, NotFound
from matchmaker.services import matches
from matchmaker.services.grades import grade_by_hand
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Achievement, Match, Need, Vector
from matchmaker.store.tables import Message as MessageRow

OTHERS = (
    (
        "海水养殖大黄鱼弧菌病快速检测试剂盒",
        "基于重组酶聚合酶扩增技术，三十分钟内检出弧菌，灵敏度达到10拷贝。",
    ),
    ("面向中小学的阅读素养测评系统", "建立分级阅读题库，自动生成测评报告。"),
)


def _post(database: Database, people: People) -> int:
    with database.writing() as session:
        coating = make_achievement(session, organisation_id=people.jiangda)
        ids = [coating.id] + [
            make_achievement(session, organisation_id=people.haiyuan, title=title, summary=summary).id
            for title, summary in OTHERS
        ]
        need = make_need(session, organisation_id=people.huaxing)
        outbox.record(session, SYSTEM, AchievementsImported(upload_id=0, achievement_ids=tuple(ids)))
        outbox.record(session, SYSTEM, NeedPosted(need_id=need.id, text_version=1))
    return need.id


def _matches(database: Database) -> list[Match]:
    with database.reading() as session:
        return list(session.scalars(select(Match).order_by(Match.score.desc())))


def test_a_posted_need_gets_graded_proposals_with_quotes_of_both_texts(
    database: Database, settings: Settings, people: People
) -> None:
    need_id = _post(database, people)

    deliver_due(database, settings)

    found = _matches(database)
    assert found[0].need_id == need_id
    assert found[0].grade in (Grade.STRONG, Grade.FAIR)
    quoted = next(reason for reason in found[0].reasons if reason["kind"] == "quote")
    assert "涂层" in "".join(quoted["need_words"])
    with database.reading() as session:
        assert session.get_one(Need, need_id).proposed_version == 1
        kinds = session.scalars(select(Vector.subject_kind).order_by(Vector.subject_kind)).all()
        assert kinds == ["achievement"] * 3 + ["need"]


def test_delivering_again_changes_nothing(database: Database, settings: Settings, people: People) -> None:
    need_id = _post(database, people)
    deliver_due(database, settings)
    before = [(match.id, match.score, match.reasons, match.version) for match in _matches(database)]

    with database.writing() as session:
        outbox.record(session, SYSTEM, NeedPosted(need_id=need_id, text_version=1))
    deliver_due(database, settings)

    assert before
    assert [(match.id, match.score, match.reasons, match.version) for match in _matches(database)] == before


def test_a_withdrawn_achievement_is_no_longer_proposed(
    database: Database, settings: Settings, people: People
) -> None:
    _post(database, people)
    deliver_due(database, settings)
    best = _matches(database)[0]
    with database.writing() as session:
        session.get_one(Achievement, best.achievement_id).status = AchievementState.WITHDRAWN
        session.flush()
        outbox.record(
            session, SYSTEM, AchievementsImported(upload_id=0, achievement_ids=(best.achievement_id,))
        )
    deliver_due(database, settings)

    with database.reading() as session:
        assert not session.get_one(Match, best.id).current


def test_the_organiser_rejects_with_a_reason_and_nobody_else_may(
    database: Database, settings: Settings, people: People
) -> None:
    _post(database, people)
    deliver_due(database, settings)
    best = _matches(database)[0]
    organiser = Actor(user_id=people.organiser, roles=frozenset({Role.ORGANISER}))

    with database.writing() as session:
        with pytest.raises(InvalidInput):
            matches.decide(session, organiser, match_id=best.id, to=MatchState.REJECTED)
        with pytest.raises(NotAllowed):
            matches.decide(
                session, Actor(user_id=people.enterprise_user), match_id=best.id, to=MatchState.SHORTLISTED
            )
        matches.decide(session, organiser, match_id=best.id, to=MatchState.REJECTED, reason="已在合作")

    with database.reading() as session:
        stored = session.get_one(Match, best.id)
        assert (stored.status, stored.decision_reason) == (MatchState.REJECTED, "已在合作")
        last = session.scalars(select(MessageRow).order_by(MessageRow.id.desc())).first()
        assert last is not None
        assert last.payload == {
            "match_id": best.id,
            "side": "organiser",
            "accepted": False,
            "reason": "已在合作",
        }


def test_each_side_answers_for_itself_and_strangers_find_nothing(
    database: Database, settings: Settings, people: People
) -> None:
    _post(database, people)
    deliver_due(database, settings)
    best = _matches(database)[0]
    ours = Actor(user_id=people.enterprise_user, organisation_ids=frozenset({people.huaxing}))
    stranger = Actor(user_id=people.other_enterprise_user, organisation_ids=frozenset({people.yuanhang}))

    with database.writing() as session:
        with pytest.raises(NotFound):
            matches.answer(session, stranger, match_id=best.id, answer="interested")
        answered = matches.answer(session, ours, match_id=best.id, answer="question", reason="能否现场打样？")

    assert (answered.need_side, answered.need_side_reason) == ("question", "能否现场打样？")


def test_a_grade_by_hand_outlives_a_new_computation_that_goes_on_beside_it(
    database: Database, settings: Settings, people: People
) -> None:
    need_id = _post(database, people)
    deliver_due(database, settings)
    first = _matches(database)[0]
    with database.writing() as session:
        organiser = Actor(roles=frozenset({Role.ORGANISER}))
        grade_by_hand(session, organiser, match_id=first.id, grade=Grade.WEAK, reason="只适用于小件")
        session.get_one(Match, first.id).computed_score = 0.0  # as if other weights had reckoned it
        outbox.record(session, SYSTEM, NeedPosted(need_id=need_id, text_version=1))

    deliver_due(database, settings)

    with database.reading() as session:
        row = session.get_one(Match, first.id)
        assert (row.grade, round(row.score, 3), row.current) == (Grade.WEAK, 0.333, True)
        assert (row.computed_grade, row.computed_score) == (first.grade, first.score)


@pytest.mark.parametrize("withdrawn", [False, True], ids=["in the library", "withdrawn"])
def test_a_graded_pair_that_is_computed_no_longer_stays_as_long_as_the_achievement_is_there(
    database: Database, settings: Settings, people: People, withdrawn: bool
) -> None:
    need_id = _post(database, people)
    deliver_due(database, settings)
    first = _matches(database)[0]
    with database.writing() as session:
        organiser = Actor(roles=frozenset({Role.ORGANISER}))
        grade_by_hand(session, organiser, match_id=first.id, grade=Grade.WEAK, reason="双方谈过")
        if withdrawn:
            session.get_one(Achievement, first.achievement_id).status = AchievementState.WITHDRAWN
        need = session.get_one(Need, need_id)
        need.title, need.problem = "幼儿园营养午餐配送", "每天为三百名儿童配送午餐，需要温度记录。"
        need.key_points = need.goal = need.background = ""
        need.text_version = 2
        outbox.record(session, SYSTEM, NeedPosted(need_id=need_id, text_version=2))

    strict = settings.model_copy(
        update={"matching": settings.matching.model_copy(update={"floor": Grade.STRONG.value})}
    )
    deliver_due(database, strict)

    with database.reading() as session:
        current = list(session.scalars(select(Match.id).where(Match.current)))
    assert current == ([] if withdrawn else [first.id])  # nothing here has to do with lunches
