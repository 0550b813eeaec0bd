"""Learning from decisions: enough or not, kept or not, the same twice, and back with one click."""

import itertools
from typing import Any

import pytest
from factories import People, make_achievement, make_need
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.bus.deliver import deliver_due
from matchmaker.domain.learned import Learned, Told
from matchmaker.domain.matching import Cuts
from matchmaker.domain.messages import AchievementsImported
from matchmaker.domain.permissions import SYSTEM, Actor
from matchmaker.domain.reasons import shown_inside, shown_to
from matchmaker.domain.states import Grade, MatchState
from matchmaker.errors import NotAllowed, WrongState
from matchmaker.services.learned import learned_in_use
from matchmaker.services.learning import Verdict, evidence_of, learn, return_to_shipped, usable, use_fit
from matchmaker.services.library import desk_for
from matchmaker.services.proposals import learn_here
from matchmaker.services.similar import similar_of
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Match, Need, RankerFit

SHIPPED = Learned(
    parts={"char": 10.0, "semantic_full": 10.0}, signals=1.0, cuts=Cuts(weak=7.0, fair=10.0, strong=12.0)
)
STRANGER = Actor(user_id=None)


def _decided(database: Database, people: People, *, needs: int, telling: str) -> None:
    """Add needs with six decided proposals each: people choose by the part named `telling`."""
    misleading = {"char": "semantic_full", "semantic_full": "char"}[telling]
    with database.writing() as session:
        achievements = [
            make_achievement(session, organisation_id=people.jiangda, title=f"成果{number}").id
            for number in range(6)
        ]
        for number in range(needs):
            need = make_need(session, organisation_id=people.huaxing, title=f"需求{number}")
            need.proposed_version = need.text_version
            for place, achievement_id in enumerate(achievements):
                good = place >= 3
                wobble = ((number * 7 + place * 3) % 5) / 50
                parts = {
                    telling: (0.65 if good else 0.35) + wobble,
                    misleading: (0.3 if good else 0.55) + wobble,
                }
                session.add(
                    Match(
                        need_id=need.id,
                        achievement_id=achievement_id,
                        score=0.5,
                        grade=Grade.FAIR,
                        parts=parts,
                        reasons=[],
                        status=MatchState.SHORTLISTED if good else MatchState.REJECTED,
                        decision_reason="" if good else "技术方向不符",
                        decided_at=clock.now(),
                        need_version=1,
                        achievement_version=1,
                        engine="tests",
                        created_at=clock.now(),
                        updated_at=clock.now(),
                    )
                )


def _fits(database: Database) -> list[RankerFit]:
    with database.reading() as session:
        return list(session.scalars(select(RankerFit).order_by(RankerFit.id)))


def test_too_few_observations_teach_nothing_and_say_how_many_are_missing(
    database: Database, people: People
) -> None:
    _decided(database, people, needs=4, telling="char")

    report = learn(database, SHIPPED)

    assert report.verdict is Verdict.TOO_FEW
    assert report.evidence.missing == ("36 条意见", "8 条不同的需求")
    assert _fits(database) == []


def test_a_fit_that_is_no_worse_is_used_and_every_need_is_computed_anew(
    database: Database, people: People
) -> None:
    _decided(database, people, needs=14, telling="char")

    report = learn(database, SHIPPED)

    (fit,) = _fits(database)
    assert (report.verdict, fit.in_use, fit.observations, fit.needs) == (Verdict.KEPT, True, 84, 14)
    assert fit.measures["after"]["ndcg10"] >= fit.measures["before"]["ndcg10"]
    assert fit.measures["after"]["log_loss"] < fit.measures["before"]["log_loss"]
    with database.reading() as session:
        learned = learned_in_use(session)
        assert learned is not None
        assert learned.parts["char"] > learned.parts["semantic_full"] >= 0
        assert session.scalars(select(Need.proposed_version)).all() == [None] * 14


def test_the_same_observations_give_the_same_fit_and_no_second_one(
    database: Database, people: People
) -> None:
    _decided(database, people, needs=14, telling="char")
    first = learn(database, SHIPPED)

    again = learn(database, SHIPPED)

    assert (again.verdict, again.fit_id) == (Verdict.KNOWN, first.fit_id)
    coefficients = _fits(database)[0].coefficients
    with database.writing() as session:
        session.delete(session.get_one(RankerFit, first.fit_id))
    learn(database, SHIPPED)
    assert [fit.coefficients for fit in _fits(database)] == [coefficients]


def test_a_fit_that_makes_held_back_needs_worse_is_not_used(database: Database, people: People) -> None:
    """Every fifth is taught by the others the opposite of what it holds, so nothing learnt carries over."""
    _decided(database, people, needs=15, telling="char")
    with database.writing() as session:
        ids = session.scalars(select(Need.id).order_by(Need.id)).all()
        fold = {str(need_id): place % 5 for place, need_id in enumerate(sorted(map(str, ids)))}
        for match in session.scalars(select(Match).order_by(Match.id)):
            if fold[str(match.need_id)] == 0:
                match.parts = {"char": match.parts["semantic_full"], "semantic_full": match.parts["char"]}
        kept = SHIPPED.cuts

    report = learn(database, Learned(parts={"char": 2.0, "semantic_full": 2.0}, signals=1.0, cuts=kept))

    fits = _fits(database)
    assert [fit.in_use for fit in fits] == [report.verdict is Verdict.KEPT]
    worse = fits[0].measures["after"]["ndcg10"] < fits[0].measures["before"]["ndcg10"]
    assert worse
    assert report.verdict is Verdict.REFUSED
    with database.writing() as session, pytest.raises(WrongState):
        use_fit(session, SYSTEM, fit_id=fits[0].id)


def test_one_click_returns_to_the_shipped_weights_and_later_fits_wait_for_another(
    database: Database, people: People
) -> None:
    _decided(database, people, needs=14, telling="char")
    learn(database, SHIPPED)
    with database.writing() as session:
        with pytest.raises(NotAllowed):
            return_to_shipped(session, STRANGER)
        return_to_shipped(session, SYSTEM)
        return_to_shipped(session, SYSTEM)
    with database.reading() as session:
        assert learned_in_use(session) is None

    with database.writing() as session:
        match = session.scalars(select(Match).order_by(Match.id)).first()
        assert match is not None
        match.status, match.decision_reason = MatchState.REJECTED, "成熟度不够"
    report = learn(database, SHIPPED)

    assert report.verdict is Verdict.KEPT
    assert [fit.in_use for fit in _fits(database)] == [False, False]
    with database.writing() as session:
        use_fit(session, SYSTEM, fit_id=report.fit_id or 0)
    assert [fit.in_use for fit in _fits(database)] == [False, True]


def test_observations_of_an_older_engine_are_left_out(database: Database, people: People) -> None:
    _decided(database, people, needs=2, telling="char")
    with database.writing() as session:
        for match in itertools.islice(session.scalars(select(Match).order_by(Match.id)), 6):
            match.engine, match.updated_at = "older", clock.now().replace(year=2020)

    with database.reading() as session:
        evidence = evidence_of(usable(session))

    assert (evidence.observations, evidence.needs) == (6, 1)
    assert evidence.stages == {"organiser": 6}


def test_what_was_said_of_some_coatings_moves_the_others_of_the_same_need_and_is_explained(
    database: Database, settings: Settings, people: People
) -> None:
    """Sprayed layers are turned down for every need, plated ones taken: the words alone cannot tell."""
    with database.writing() as session:
        ids = _layers(session, people)
        outbox.record(session, SYSTEM, AchievementsImported(upload_id=0, achievement_ids=(1,)))
    deliver_due(database, settings)
    with database.writing() as session:
        held_back = _judge(session, ids)

    report = learn_here(database, settings)
    deliver_due(database, settings)

    assert report.verdict is Verdict.KEPT
    with database.reading() as session:
        learned = learned_in_use(session)
        assert learned is not None
        assert learned.told
        after = {key: _score(session, key) for key in held_back}
        liked = [after[key][0] - before for key, (before, good) in held_back.items() if good]
        disliked = [after[key][0] - before for key, (before, good) in held_back.items() if not good]
        assert sum(liked) / len(liked) > sum(disliked) / len(disliked)
        said = [reason for _, reasons in after.values() for reason in reasons if reason["kind"] == "judged"]
    assert said
    assert all("相近成果已有意见" in reason["text"] for reason in said)
    assert shown_inside(said) == []
    assert shown_to(said, "涂层") == []
    with database.writing() as session:
        return_to_shipped(session, SYSTEM)
    deliver_due(database, settings)
    with database.reading() as session:
        assert {key: _score(session, key)[0] for key in held_back} == {
            key: before for key, (before, _good) in held_back.items()
        }


def _layers(session: Session, people: People) -> list[int]:
    """Add 12 needs for layers on something, and eight layers for each, half of them plated."""
    ids = []
    for thing in (
        "压铸模具",
        "冲压模具",
        "塑料模具",
        "齿轮",
        "轴承",
        "刀具",
        "活塞环",
        "叶片",
        "阀门",
        "螺杆",
        "导轨",
        "辊筒",
    ):
        make_need(
            session,
            organisation_id=people.huaxing,
            title=f"{thing}表面耐磨层",
            problem=f"{thing}表面磨损快。",
        )
        for number, way in enumerate(
            ("电镀", "化学镀", "离子镀", "真空镀", "热喷涂", "冷喷涂", "等离子喷涂", "电弧喷涂")
        ):
            row = make_achievement(
                session,
                organisation_id=people.jiangda if number % 2 else people.haiyuan,
                title=f"{thing}表面{way}耐磨层制备",
                summary=f"采用{way}工艺在{thing}表面制备耐磨层。",
            )
            ids.append(row.id)
    return ids


def _judge(session: Session, ids: list[int]) -> dict[int, tuple[float, bool]]:
    """Choose plated layers and turn down sprayed ones, but for two of each need; return those as they are."""
    held_back = {}
    for match in session.scalars(select(Match).where(Match.current).order_by(Match.id)):
        place = ids.index(match.achievement_id)
        own = match.need_id - min(session.scalars(select(Need.id))) == place // 8
        good = place % 8 < 4
        if own and place % 4 == 3:
            held_back[match.id] = (match.score, good)
        elif own:
            match.status = MatchState.SHORTLISTED if good else MatchState.REJECTED
            match.decision_reason, match.decided_at = "" if good else "技术方向不符", clock.now()
    return held_back


def _score(session: Session, match_id: int) -> tuple[float, list[dict[str, Any]]]:
    """Return a pair's score and reasons; one that is proposed no longer has come down to nothing."""
    match = session.get_one(Match, match_id)
    return (match.score, match.reasons) if match.current else (0.0, [])


def test_a_judgement_of_a_need_that_is_gone_speaks_for_nothing(
    database: Database, settings: Settings, people: People
) -> None:
    with database.writing() as session:
        achievement = make_achievement(session, organisation_id=people.jiangda)
        key = achievement.id
    told = (Told(need_id=999, achievement_id=key, level=2, pull=0.5),)

    desk = desk_for(settings)
    with database.reading() as session, desk.lock:
        assert similar_of(session, desk, desk.library(session), told) is None
