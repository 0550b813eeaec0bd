"""Learning from decisions: enough or not, kept or not, the same twice, and back with one click."""

import itertools

import pytest
from factories import People, make_achievement, make_need
from sqlalchemy import select

from matchmaker import clock
from matchmaker.domain.learned import Learned
from matchmaker.domain.matching import Cuts
from matchmaker.domain.permissions import SYSTEM, Actor
from matchmaker.domain.states import Grade, MatchState
from matchmaker.errors import NotAllowed, WrongState
from matchmaker.services.learned import learned_in_use
from matchmaker.services.learning import Verdict, evidence_of, learn, return_to_shipped, usable, use_fit
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
