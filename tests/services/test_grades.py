"""A grade given by hand: beside the computed one, with a reason, logged, reversible, and used everywhere."""

import pytest
from factories import People, make_achievement, make_need
from sqlalchemy import select

from matchmaker import clock
from matchmaker.domain.messages import MatchGraded
from matchmaker.domain.observations import Level, Stage
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import Grade, MatchState, NeedState, Role
from matchmaker.errors import InvalidInput, NotAllowed, NotFound
from matchmaker.services.grades import back_to_computed, grade_by_hand
from matchmaker.services.merge_references import hand_over
from matchmaker.store.engine import Database
from matchmaker.store.queries.history import history_of
from matchmaker.store.queries.hits import hits
from matchmaker.store.queries.matches import matches_of_achievement, matches_of_need, proposal_queue
from matchmaker.store.queries.observations import observations
from matchmaker.store.tables import Match, Message

ORGANISER = Actor(name="李科", roles=frozenset({Role.ORGANISER}))
REASON = "企业当面确认过，设备可以直接用"


@pytest.fixture
def match_ids(database: Database, people: People) -> list[int]:
    """Two proposals of one published need, computed 较强 and 弱."""
    with database.writing() as session:
        need = make_need(session, organisation_id=people.huaxing, status=NeedState.PUBLISHED)
        need.proposed_version = need.text_version
        rows = [
            Match(
                need_id=need.id,
                achievement_id=make_achievement(session, organisation_id=owner).id,
                score=score,
                grade=grade,
                parts={},
                reasons=[],
                need_version=1,
                achievement_version=1,
                engine="tests",
                created_at=clock.now(),
                updated_at=clock.now(),
            )
            for owner, score, grade in ((people.jiangda, 0.6, Grade.FAIR), (people.haiyuan, 0.2, Grade.WEAK))
        ]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def graded(database: Database, match_id: int, grade: Grade, reason: str = REASON) -> None:
    with database.writing() as session:
        grade_by_hand(session, ORGANISER, match_id=match_id, grade=grade, reason=reason)


def told(database: Database, match_id: int) -> tuple[object, ...]:
    with database.reading() as session:
        row = session.get_one(Match, match_id)
        return row.grade, row.score, row.computed_grade, row.computed_score, row.grade_reason


def test_a_grade_by_hand_counts_in_order_and_in_what_is_good_and_the_computed_one_stays_beside_it(
    database: Database, match_ids: list[int]
) -> None:
    graded(database, match_ids[1], Grade.STRONG)

    assert told(database, match_ids[1]) == (Grade.STRONG, 1.0, Grade.WEAK, 0.2, REASON)
    with database.reading() as session:
        need_id = session.get_one(Match, match_ids[0]).need_id
        lines = matches_of_need(session, need_id)
        [entry] = proposal_queue(session)[1]
    assert [line.id for line in lines] == [match_ids[1], match_ids[0]]
    assert (entry.best, entry.good) == (1.0, 2)


def test_back_to_the_computed_grade_leaves_only_the_log(database: Database, match_ids: list[int]) -> None:
    before = told(database, match_ids[0])
    graded(database, match_ids[0], Grade.NONE)
    graded(database, match_ids[0], Grade.WEAK, "工艺不同")

    for _again in range(2):
        with database.writing() as session:
            back_to_computed(session, ORGANISER, match_id=match_ids[0])

    assert told(database, match_ids[0]) == before
    with database.reading() as session:
        log = [(to, why) for _at, to, why, _who in history_of(session, "match_grade", match_ids[0])]
        names = session.scalars(select(Message.name).order_by(Message.id)).all()
    assert log == [("fair", ""), ("weak", "工艺不同"), ("none", REASON)]
    assert names == [MatchGraded.__name__] * 3


def test_saying_the_same_again_changes_nothing(database: Database, match_ids: list[int]) -> None:
    for _again in range(2):
        graded(database, match_ids[0], Grade.NONE)

    with database.reading() as session:
        assert len(history_of(session, "match_grade", match_ids[0])) == 1


def test_only_an_organiser_grades_and_says_why(database: Database, match_ids: list[int]) -> None:
    stranger = Actor(name="路人", roles=frozenset({Role.UNIVERSITY}))
    for actor, match_id, reason, error in (
        (stranger, match_ids[0], REASON, NotAllowed),
        (ORGANISER, 999_999, REASON, NotFound),
        (ORGANISER, match_ids[0], "  ", InvalidInput),
    ):
        with pytest.raises(error), database.writing() as session:
            grade_by_hand(session, actor, match_id=match_id, grade=Grade.NONE, reason=reason)
    with pytest.raises(NotAllowed), database.writing() as session:
        back_to_computed(session, stranger, match_id=match_ids[0])


def test_hit_rates_judge_what_was_computed_and_learning_hears_what_was_said(
    database: Database, match_ids: list[int]
) -> None:
    graded(database, match_ids[1], Grade.STRONG)

    with database.reading() as session:
        found = hits(session, by="field")
        heard = [(one.match.id, one.level, one.stage) for one in observations(session)]
    assert [hit.grade for hit in found] == [Grade.FAIR, Grade.WEAK]
    assert heard == [(match_ids[1], Level.STRONG, Stage.ORGANISER)]


def test_a_graded_pair_follows_an_achievement_that_is_merged(
    database: Database, people: People, match_ids: list[int]
) -> None:
    graded(database, match_ids[1], Grade.STRONG)
    with database.writing() as session:
        gone = session.get_one(Match, match_ids[1]).achievement_id
        kept = make_achievement(session, organisation_id=people.haiyuan, title="另一条")

        hand_over(session, "achievement", gone_id=gone, kept_id=kept.id)

    with database.reading() as session:
        [line] = matches_of_achievement(session, kept.id)
        assert (line.id, line.match.grade) == (match_ids[1], Grade.STRONG)
        assert line.match.status is MatchState.PROPOSED
