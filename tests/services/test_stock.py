"""The library in memory follows the database: what changed is added, versions roll, encoders change over."""

from collections.abc import Sequence

import numpy as np
import pytest
from factories import People, make_achievement, make_need
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.bus.deliver import deliver_due
from matchmaker.bus.work import Work
from matchmaker.domain.messages import AchievementsImported, NeedPosted
from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.states import AchievementState
from matchmaker.services import proposals
from matchmaker.services.library import Desk, desk_for
from matchmaker.services.proposals import compute, keep_up
from matchmaker.services.scoring import Computed, reckoned_with, shipped
from matchmaker.services.stock import ANEW_BELOW
from matchmaker.services.texts import achievement_texts, library_versions
from matchmaker.services.vectors import store_vectors
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.queries.wider import Reckoning, reckoning
from matchmaker.store.tables import Achievement, Match, RankerFit, Vector, WiderSearch
from nlp.index import Query

MANY = ANEW_BELOW + 20
NEED = Query(title="第7号模具涂层", text="模具表面涂层要耐热，硬度3200HV。")
ASKED = np.eye(2, 384, dtype=np.float32)


def _fill(session: Session, desk: Desk, people: People, count: int, *, encoder: str = "") -> list[int]:
    """Add achievements with made-up vectors."""
    ids = [
        make_achievement(
            session,
            organisation_id=people.jiangda,
            title=f"第{number}号模具涂层",
            summary=f"硬度{number}HV的涂层",
        ).id
        for number in range(count)
    ]
    _encode(session, desk, ids, encoder=encoder)
    return ids


def _encode(session: Session, desk: Desk, ids: list[int], *, encoder: str = "", width: int = 384) -> None:
    rows = np.random.default_rng(len(ids)).standard_normal((len(ids), width)).astype(np.float32)
    texts = achievement_texts(session, ids)
    store_vectors(session, encoder or desk.encoder.fingerprint, "achievement", texts, rows / np.sqrt(width))


def _scores(desk: Desk, session: Session) -> dict[int, float]:
    found = desk.library(session).score(NEED, ASKED)
    return dict(zip(found.keys, found.blended.tolist(), strict=True))


def _again(settings: Settings) -> Desk:
    """Return the desk of a process that has just started."""
    before = desk_for(settings)
    return Desk(settings=settings, segmenter=before.segmenter, weights=before.weights)


def test_what_changed_is_added_and_moves_no_other_score(
    database: Database, settings: Settings, people: People
) -> None:
    desk = desk_for(settings)
    with database.writing() as session:
        ids = _fill(session, desk, people, MANY)
        before, library = _scores(desk, session), desk.library(session)
    with database.writing() as session:
        new = make_achievement(session, organisation_id=people.jiangda, title="第7号模具涂层")
        session.get_one(Achievement, ids[0]).title = "大黄鱼弧菌病检测"
        session.get_one(Achievement, ids[1]).status = AchievementState.WITHDRAWN
        session.get_one(
            Achievement, ids[2]
        ).status = AchievementState.ACCEPTED  # shown no more, still matched

    with database.reading() as session:
        after = _scores(desk, session)
        assert desk.library(session) is library
        assert after.keys() == library_versions(session).keys()
        assert desk.missing(session) == achievement_texts(session, [new.id])

    assert {key: after[key] for key in ids[2:]} == {key: before[key] for key in ids[2:]}
    assert after[ids[0]] != before[ids[0]]
    assert (desk.has_vector(ids[2]), desk.has_vector(ids[0]), desk.has_vector(new.id)) == (True, False, False)


def test_a_vector_that_comes_later_is_taken_in(
    database: Database, settings: Settings, people: People
) -> None:
    desk = desk_for(settings)
    with database.writing() as session:
        ids = _fill(session, desk, people, MANY)
        session.get_one(Achievement, ids[0]).title = "换了题目的涂层"
        session.flush()
        before, library = _scores(desk, session), desk.library(session)
        assert desk.missing(session) == achievement_texts(session, ids[:1])
        _encode(session, desk, ids[:1])
    with database.reading() as session:
        after = _scores(desk, session)

        assert desk.library(session) is library
        assert (desk.has_vector(ids[0]), desk.missing(session)) == (True, [])
    assert after[ids[0]] != before[ids[0]]
    assert {key: after[key] for key in ids[1:]} == {key: before[key] for key in ids[1:]}


def test_a_new_version_is_made_beside_the_old_and_equals_a_fresh_start(
    database: Database, settings: Settings, people: People
) -> None:
    desk = desk_for(settings)
    with database.writing() as session:
        _fill(session, desk, people, MANY)
        old = desk.library(session)
        _fill(session, desk, people, MANY // 5)

    with database.reading() as session:
        assert desk.library(session) is old  # serves while the new one is made
        assert desk._renewal is not None
        desk._renewal.join(timeout=60)
        renewed = _scores(desk, session)

        assert desk.library(session) is not old
        assert renewed == _scores(_again(settings), session)


def test_a_library_that_grew_to_twice_its_size_is_read_again_at_once(
    database: Database, settings: Settings, people: People
) -> None:
    desk = desk_for(settings)
    with database.writing() as session:
        _fill(session, desk, people, 3)
        desk.library(session)
        _fill(session, desk, people, MANY)

        assert _scores(desk, session) == _scores(_again(settings), session)


def test_after_a_restart_nothing_is_encoded_again(
    database: Database, settings: Settings, people: People
) -> None:
    with database.writing() as session:
        make_achievement(session, organisation_id=people.jiangda)
        outbox.record(session, SYSTEM, AchievementsImported(upload_id=0, achievement_ids=(1,)))
    deliver_due(database, settings)
    with database.reading() as session:
        before = session.scalars(select(Vector.id)).all()

    started = _again(settings)
    keep_up(database, started)

    with database.reading() as session:
        assert len(before) == 1
        assert session.scalars(select(Vector.id)).all() == before
        assert started.missing(session) == []
        assert not outbox.anything_new(session)


def test_while_a_new_encoder_reads_the_library_the_vectors_of_the_old_one_serve(
    database: Database, settings: Settings, people: People
) -> None:
    desk = desk_for(settings)
    with database.writing() as session:
        _fill(session, desk, people, 3)
        need = make_need(session, organisation_id=people.huaxing)
        outbox.record(session, SYSTEM, NeedPosted(need_id=need.id, text_version=1))
    deliver_due(database, settings)
    with database.writing() as session:
        session.execute(update(Vector).values(encoder="earlier-encoder"))
        fresh = make_need(session, organisation_id=people.huaxing, title="另一条涂层需求")
        session.flush()
        outbox.record(session, SYSTEM, NeedPosted(need_id=fresh.id, text_version=1))

    deliver_due(database, settings)
    with database.reading() as session:
        assert _engines(session, fresh.id) == {"earlier-encoder"}
        assert {match.parts["meaning_known"] for match in _matches(session, fresh.id)} == {0.0}
        assert desk.has_vector(1)

    keep_up(database, desk)
    deliver_due(database, settings)
    keep_up(database, desk)
    with database.reading() as session:
        own = desk.encoder.fingerprint
        assert [_engines(session, key) for key in (need.id, fresh.id)] == [{own}, {own}]
        assert {match.parts["meaning_known"] for match in _matches(session, fresh.id)} == {1.0}
        assert session.scalars(select(Vector.encoder).distinct()).all() == [own]


def test_when_other_weights_count_every_open_need_is_computed_anew_once(
    database: Database, settings: Settings, people: People
) -> None:
    desk = desk_for(settings)
    with database.writing() as session:
        _fill(session, desk, people, 3)
        needs = [make_need(session, organisation_id=people.huaxing, title=f"涂层需求{n}").id for n in (1, 2)]
        outbox.record(session, SYSTEM, NeedPosted(need_id=needs[0], text_version=1))
        outbox.record(session, SYSTEM, NeedPosted(need_id=needs[1], text_version=1))
    while deliver_due(database, settings):
        pass
    keep_up(database, desk)
    with database.reading() as session:
        assert not outbox.anything_new(session)
        now = reckoned_with(session, desk)
    with database.writing() as session:  # as an earlier version of the program left it
        first = select(WiderSearch).where(WiderSearch.subject_id == needs[0])
        session.scalars(first).one().engine = "earlier-weights"

    keep_up(database, desk)
    with database.reading() as session:
        assert reckoning(session) == Reckoning(open=2, waiting=1, first=False)
    while deliver_due(database, settings):
        pass
    keep_up(database, desk)

    with database.reading() as session:
        assert reckoning(session) == Reckoning(open=2, waiting=0, first=False)
        assert set(session.scalars(select(WiderSearch.engine))) == {now}
        assert not outbox.anything_new(session)


def test_a_need_that_was_being_computed_when_other_weights_came_is_computed_once_more(
    database: Database, settings: Settings, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_for(settings)
    with database.writing() as session:
        _fill(session, desk, people, 3)
        need_id = make_need(session, organisation_id=people.huaxing).id
        outbox.record(session, SYSTEM, NeedPosted(need_id=need_id, text_version=1))
        assert reckoning(session) == Reckoning(open=1, waiting=1, first=True)

    def meanwhile(work: Work, need_ids: Sequence[int]) -> list[Computed]:
        computed = compute(work, need_ids)
        monkeypatch.undo()
        with database.writing() as session:
            session.add(_fit(desk))
        return computed

    monkeypatch.setattr(proposals, "compute", meanwhile)
    deliver_due(database, settings)

    with database.reading() as session:
        assert reckoning(session) == Reckoning(open=1, waiting=1, first=False)
    keep_up(database, desk)
    while deliver_due(database, settings):
        pass
    with database.reading() as session:
        assert reckoning(session) == Reckoning(open=1, waiting=0, first=False)
        assert set(session.scalars(select(WiderSearch.engine))) == {reckoned_with(session, desk)}


def _fit(desk: Desk) -> RankerFit:
    """Return a fit in use that changes nothing but its name."""
    return RankerFit(
        evidence="a" * 64,
        observations=60,
        needs=12,
        coefficients=shipped(desk).to_plain(),
        measures={},
        kept=True,
        in_use=True,
        fitted_at=clock.now(),
    )


def _matches(session: Session, need_id: int) -> list[Match]:
    return list(session.scalars(select(Match).where(Match.need_id == need_id, Match.current)))


def _engines(session: Session, need_id: int) -> set[str]:
    return {match.engine.rpartition("/")[0] for match in _matches(session, need_id)}


def test_after_a_large_import_proposals_come_by_words_first(
    database: Database, settings: Settings, people: People
) -> None:
    with database.writing() as session:
        need = make_need(session, organisation_id=people.huaxing)
        plain = {"title": "模具涂层", "summary": ""}
        ids = [make_achievement(session, organisation_id=people.jiangda, **plain).id for _number in range(70)]
        outbox.record(session, SYSTEM, AchievementsImported(upload_id=1, achievement_ids=tuple(ids)))

    seen = []
    while deliver_due(database, settings, most=1):
        with database.reading() as session:
            known = {match.parts["meaning_known"] for match in _matches(session, need.id)}
            seen.append((session.scalar(select(func.count(Vector.id))), known))

    assert (0, {0.0}) in seen or (1, {0.0}) in seen
    assert seen[-1][1] == {1.0}


def test_a_step_of_encoding_ends_with_its_time_and_what_it_left_waits_for_the_next(
    database: Database, settings: Settings, people: People
) -> None:
    desk = desk_for(settings)
    with database.writing() as session:
        ids = [
            make_achievement(session, organisation_id=people.jiangda, title=f"涂层{number}").id
            for number in range(12)
        ]
        texts = achievement_texts(session, ids)

    some = desk.encode_achievements(texts, seconds=0.0)
    with database.writing() as session:
        desk.store(session, "achievement", texts[: len(some)], some)

    assert 0 < len(some) < len(texts)
    with database.reading() as session:
        assert [text.key for text in desk.missing(session)] == ids[len(some) :]
    np.testing.assert_array_equal(some, desk.encode_achievements(texts)[: len(some)])


def test_a_library_made_ready_answers_as_one_that_was_not(
    database: Database, settings: Settings, people: People
) -> None:
    with database.writing() as session:
        desk = desk_for(settings)
        _fill(session, desk, people, 12)
        plain = _scores(desk, session)
        ready = _again(settings)
        ready.library(session).make_ready()

        assert _scores(ready, session) == plain
