"""Pairs that may never meet stay apart: in proposals, in pairing lists, after every new computation."""

from collections.abc import Callable

import pytest
from event_cast import Cast, make_cast, make_list
from factories import People
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.bus.deliver import deliver_due
from matchmaker.domain.messages import NeedPosted
from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.states import ContractKind, ContractState, Direction, MatchState, PairingState
from matchmaker.errors import InvalidInput, WrongState
from matchmaker.services import matches
from matchmaker.services.never_match import allow_again, bars_of, keep_apart, unsuitable
from matchmaker.services.pairing_lists import draw, set_rule
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Match, NeverMatch, Pairing, TechContract

Bar = Callable[[Session, Cast, People], None]


@pytest.fixture
def cast(database: Database, people: People) -> Cast:
    with database.writing() as session:
        return make_cast(session, people)


def _kept_apart(session: Session, cast: Cast, people: People) -> None:
    keep_apart(session, SYSTEM, enterprise_id=people.huaxing, partner_id=people.jiangda, reason="有纠纷")


def _contracted(session: Session, cast: Cast, people: People) -> None:
    session.add(
        TechContract(
            kind=ContractKind.DEVELOPMENT,
            title="涂层开发",
            status=ContractState.REGISTERED,
            buyer_id=people.huaxing,
            seller_id=people.jiangda_college,
            direction=Direction.IN,
            amount_total_fen=1_000_000,
            signed_on=clock.today(),
            need_id=cast.huaxing_need,
            created_at=clock.now(),
        )
    )


def _banned_everywhere(session: Session, cast: Cast, people: People) -> None:
    set_rule(
        session,
        SYSTEM,
        event_id=cast.event,
        need_id=cast.huaxing_need,
        achievement_id=cast.coating,
        kind="ban",
        reason="专利有争议",
        everywhere=True,
    )


def _declined_elsewhere(session: Session, cast: Cast, people: People) -> None:
    other = make_cast(session, people)
    list_id = _a_list(session, other.event)
    session.add(
        Pairing(
            list_id=list_id,
            event_id=other.event,
            need_id=cast.huaxing_need,
            achievement_id=cast.coating,
            status=PairingState.DECLINED,
            answer_note="企业：方向不同",
        )
    )


def _a_list(session: Session, event_id: int) -> int:
    return make_list(session, event_id).id


@pytest.mark.parametrize(
    ("bar", "words"),
    [
        (_kept_apart, "有纠纷"),
        (_contracted, "已经签约"),
        (_banned_everywhere, "专利有争议"),
        (_declined_elsewhere, "方向不同"),
    ],
)
def test_a_barred_pair_is_neither_proposed_nor_paired_even_when_pinned_and_after_a_new_run(
    database: Database, settings: Settings, people: People, cast: Cast, bar: Bar, words: str
) -> None:
    with database.writing() as session:
        bar(session, cast, people)
        if bar is not _banned_everywhere:
            set_rule(
                session,
                SYSTEM,
                event_id=cast.event,
                need_id=cast.huaxing_need,
                achievement_id=cast.coating,
                kind="pin",
                reason="领导点名",
            )
    for _ in range(2):
        with database.writing() as session:
            outbox.record(session, SYSTEM, NeedPosted(need_id=cast.huaxing_need, text_version=1))
        deliver_due(database, settings)

    list_id = draw(database, SYSTEM, event_id=cast.event, limits={})

    with database.reading() as session:
        assert words in bars_of(session, [cast.huaxing_need]).why(cast.huaxing_need, cast.coating)
        assert not session.get_one(Match, cast.strong).current
        drawn = session.scalars(
            select(Pairing.achievement_id).where(
                Pairing.list_id == list_id, Pairing.need_id == cast.huaxing_need
            )
        ).all()
        assert cast.coating not in drawn
    with database.writing() as session, pytest.raises(WrongState):
        matches.decide(session, SYSTEM, match_id=cast.strong, to=MatchState.SHORTLISTED)


def test_a_university_kept_apart_takes_its_colleges_with_it_and_leaves_others_alone(
    database: Database, people: People, cast: Cast
) -> None:
    with database.writing() as session:
        session.get_one(Match, cast.strong).status = MatchState.SHORTLISTED
        _kept_apart(session, cast, people)

    with database.reading() as session:
        bars = bars_of(session, [cast.huaxing_need, cast.yuanhang_need])
        chosen = session.get_one(Match, cast.strong)
    assert bars.why(cast.huaxing_need, cast.casting) == ""
    assert bars.why(cast.yuanhang_need, cast.coating) == ""
    assert (chosen.status, chosen.current) == (MatchState.REJECTED, False)
    assert "有纠纷" in chosen.decision_reason


def test_a_rule_is_kept_once_and_taken_back_for_good(
    database: Database, settings: Settings, people: People, cast: Cast
) -> None:
    with database.writing() as session:
        _kept_apart(session, cast, people)
        _kept_apart(session, cast, people)
        with pytest.raises(InvalidInput):
            keep_apart(
                session, SYSTEM, enterprise_id=people.huaxing, partner_id=people.huaxing, reason="同一家"
            )
        rules = session.scalars(select(NeverMatch)).all()
        assert len(rules) == 1
        allow_again(session, SYSTEM, rule_id=rules[0].id)
        allow_again(session, SYSTEM, rule_id=rules[0].id)
    deliver_due(database, settings)

    with database.reading() as session:
        assert session.get_one(Match, cast.strong).current


def test_what_one_side_calls_unsuitable_cannot_be_chosen_until_it_thinks_again(
    database: Database, people: People, cast: Cast
) -> None:
    with database.writing() as session:
        match = session.get_one(Match, cast.strong)
        match.achievement_side, match.achievement_side_reason = "unsuitable", "已转让"
        with pytest.raises(WrongState, match="已转让"):
            matches.decide(session, SYSTEM, match_id=cast.strong, to=MatchState.SHORTLISTED)
        assert unsuitable(match) == "院校答复不合适：已转让"
        match.achievement_side = "interested"
        chosen = matches.decide(session, SYSTEM, match_id=cast.strong, to=MatchState.SHORTLISTED)

    assert chosen.status is MatchState.SHORTLISTED
