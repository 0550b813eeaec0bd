"""The page that shows how often proposals were right, and the one that shows what was learnt."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from event_cast import make_cast, make_list, make_match
from factories import People, make_achievement, make_need
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select

from matchmaker import clock
from matchmaker.domain.hit_rate import Reached, each_once, line_of
from matchmaker.domain.states import (
    ContractKind,
    ContractState,
    Direction,
    Grade,
    IntentLevel,
    MeetingOutcome,
    PairingState,
)
from matchmaker.store.engine import Database
from matchmaker.store.queries.hits import hits
from matchmaker.store.tables import Achievement, Event, Intent, Match, Need, Pairing, RankerFit, TechContract
from matchmaker.store.tables import Message as MessageRow

Browser = Callable[[int], FlaskClient]


@pytest.fixture
def met(database: Database, people: People) -> None:
    """Three proposals at an event: one led to an intent, one was talked about, one was not taken up."""
    with database.writing() as session:
        cast = make_cast(session, people)
        for need_id in (cast.huaxing_need, cast.yuanhang_need):
            session.get_one(Need, need_id).fields = ["4001", "8002"]
        listed = make_list(session, cast.event, published_at=clock.now())
        accepted = {"need_answer": "accepted", "achievement_answer": "accepted"}
        common = {"list_id": listed.id, "event_id": cast.event}
        intended = Pairing(
            **common,
            **accepted,
            need_id=cast.huaxing_need,
            achievement_id=cast.coating,
            status=PairingState.INTENDED,
            outcome=MeetingOutcome.INTENT,
        )
        talked = Pairing(
            **common,
            **accepted,
            need_id=cast.yuanhang_need,
            achievement_id=cast.coating,
            status=PairingState.MET,
            outcome=MeetingOutcome.NO_INTEREST,
        )
        session.add_all([intended, talked])
        session.flush()
        session.add(
            Intent(
                enterprise_id=people.huaxing,
                partner_id=people.jiangda,
                matter="涂层",
                matter_key="涂层",
                pairing_id=intended.id,
                level=IntentLevel.WRITTEN,
                last_news_on=clock.today(),
                created_at=clock.now(),
            )
        )


def test_every_proposal_counts_once_with_how_far_it_came(database: Database, met: None) -> None:
    fields = ("40", "80")

    with database.reading() as session:
        by_field, by_event = hits(session, by="field"), hits(session, by="event")

    assert [(hit.grade, hit.reached, hit.groups) for hit in by_field] == [
        (Grade.STRONG, Reached.INTENT, fields),
        (Grade.FAIR, Reached.PROPOSED, fields),
        (Grade.FAIR, Reached.MET, fields),
    ]
    assert [(hit.grade, hit.reached, len(hit.groups)) for hit in by_event] == [
        (Grade.STRONG, Reached.INTENT, 1),
        (Grade.FAIR, Reached.MET, 1),
    ]


def test_a_pair_listed_under_two_events_counts_once_and_its_intent_where_the_two_met(
    database: Database, people: People, sign_in: Browser, met: None
) -> None:
    with database.writing() as session:
        intended = session.scalars(select(Pairing).where(Pairing.status == PairingState.INTENDED)).one()
        first = session.get_one(Event, intended.event_id)
        second = Event(
            campaign_id=first.campaign_id,
            title=first.title,
            status=first.status,
            held_on=first.held_on + timedelta(days=7),
            starts_at=first.starts_at + timedelta(days=7),
            created_at=clock.now(),
        )
        session.add(second)
        session.flush()
        listed = make_list(session, second.id, published_at=clock.now())
        session.add(
            Pairing(
                list_id=listed.id,
                event_id=second.id,
                need_id=intended.need_id,
                achievement_id=intended.achievement_id,
                status=PairingState.SHORTLISTED,
            )
        )

    with database.reading() as session:
        found = hits(session, by="event")
    reached = {hit.groups: hit.reached for hit in found if hit.grade is Grade.STRONG}
    assert reached == {(str(first.id),): Reached.INTENT, (str(second.id),): Reached.PROPOSED}
    assert line_of(each_once(found)).counts == (2, 2, 2, 1, 0)
    page = " ".join(text_of(sign_in(people.organiser).get("/matches/hits?by=event")).split())
    assert page.count("模具产业专场对接会（") == 2


def test_contracts_that_no_proposal_led_to_are_named_beside_the_rates(
    database: Database, people: People, sign_in: Browser, met: None
) -> None:
    with database.writing() as session:
        need = make_need(session, organisation_id=people.yuanhang, title="自行车车架轻量化")
        for number, need_id in enumerate((need.id, None), start=1):
            session.add(
                TechContract(
                    kind=ContractKind.DEVELOPMENT,
                    title=f"没有推荐的合同{number}",
                    status=ContractState.SIGNED,
                    buyer_id=people.yuanhang,
                    seller_id=people.jiangda,
                    direction=Direction.IN,
                    amount_total_fen=100,
                    signed_on=clock.today(),
                    need_id=need_id,
                    created_at=clock.now(),
                )
            )

    page = text_of(sign_in(people.organiser).get("/matches/hits"))

    assert "共 2 份，不计入上面的比例" in page
    for words in ("没有推荐的合同1", "自行车车架轻量化", "这条需求没有过推荐", "合同没有写明需求"):
        assert words in page


def test_the_hit_rate_page_has_a_count_beside_every_rate_and_is_the_organisers(
    people: People, sign_in: Browser, met: None
) -> None:
    page = " ".join(text_of(sign_in(people.organiser).get("/matches/hits")).split())

    assert '100 % <span class="muted num">1</span>' in page
    assert '50 % <span class="muted num">1</span>' in page
    assert "新材料" in page
    assert "模具产业专场对接会" in text_of(sign_in(people.organiser).get("/matches/hits?by=event"))
    for stranger in (people.enterprise_user, people.university_user):
        assert sign_in(stranger).get("/matches/hits").status_code == 403
        assert sign_in(stranger).get("/matches/learning").status_code == 403


def test_an_empty_library_has_no_rates(people: People, sign_in: Browser) -> None:
    assert "还没有可以统计的推荐" in text_of(sign_in(people.organiser).get("/matches/hits"))


def test_the_learning_page_shows_before_and_after_and_takes_it_back_with_one_click(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        fit = RankerFit(
            evidence="e" * 64,
            observations=84,
            needs=14,
            coefficients={"parts": {"char": 1.0}, "signals": 1.0, "cuts": [1.0, 2.0, 3.0]},
            measures={
                "before": {"ndcg10": 0.712, "log_loss": 0.61},
                "after": {"ndcg10": 0.755, "log_loss": 0.52},
            },
            kept=True,
            in_use=True,
            fitted_at=clock.now(),
        )
        session.add(fit)
        make_need(session, organisation_id=people.huaxing, proposed_version=1)
    organiser = sign_in(people.organiser)

    page = text_of(organiser.get("/matches/learning"))
    assert all(figure in page for figure in ("0.712", "0.755", "0.610", "0.520", "84"))
    assert "学习后的权重" in page
    organiser.post("/matches/learning/shipped")
    page = text_of(organiser.get("/matches/learning"))
    assert "还没有采用学习结果" in page
    organiser.post(f"/matches/learning/{fit.id}/use")
    assert "正在使用" in text_of(organiser.get("/matches/learning"))
    organiser.post("/matches/learning")

    with database.reading() as session:
        names = session.scalars(select(MessageRow.name).order_by(MessageRow.id)).all()
        assert names == ["ProposalsDue", "ProposalsDue", "LearningAsked"]
        assert session.scalars(select(Need.proposed_version)).all() == [None]


def test_bars_of_what_is_enough_to_learn_from_show_the_share_that_is_there(
    database: Database, people: People, sign_in: Browser, met: None
) -> None:
    with database.writing() as session:
        for match in session.scalars(select(Match)):
            match.parts = {"char": 1.0}

    page = " ".join(text_of(sign_in(people.organiser).get("/matches/learning")).split())

    said = re.findall(r'class="bar-fill" width="([\d.]+)" height="8"/></svg></td><td[^>]*>(\d+ / \d+)', page)
    assert said == [("3.3", "2 / 60"), ("16.7", "2 / 12")]


def test_an_experts_page_lists_the_needs_they_could_answer_to_their_own_house_only(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        cast = make_cast(session, people)
        second = make_achievement(session, organisation_id=people.jiangda_college, title="第二项成果")
        make_match(session, cast.huaxing_need, second.id, 0.5, Grade.FAIR)
    address = f"/experts/{people.jiangda_expert}"

    for user, seen in (
        (people.organiser, True),
        (people.university_user, True),
        (people.enterprise_user, False),
        (people.other_university_user, False),
    ):
        assert ("最可能帮上忙的需求" in text_of(sign_in(user).get(address))) is seen
    inside = text_of(sign_in(people.organiser).get(address))
    assert inside.count("压铸模具涂层") == 1


def test_an_experts_page_leads_their_house_to_no_proposal_of_another_house(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        cast = make_cast(session, people)
        elsewhere = session.get_one(Achievement, cast.casting).organisation_id
        session.get_one(Achievement, cast.coating).organisation_id = elsewhere
    address = f"/experts/{people.jiangda_expert}"

    linked = [
        re.findall(r'href="/matches/\d+"', sign_in(user).get(address).text)
        for user in (people.organiser, people.university_user)
    ]
    assert [len(links) for links in linked] == [2, 0]


def test_the_page_of_learning_says_how_far_the_new_proposals_are(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        for number in range(3):
            make_need(session, organisation_id=people.huaxing, title=f"需求{number}").proposed_version = 1
        make_need(session, organisation_id=people.huaxing).proposed_version = None
    office = sign_in(people.organiser)

    assert "已完成 3 / 4" in text_of(office.get("/matches/learning"))
    assert "已完成 3 / 4" in text_of(office.get("/matches/learning/progress"))
    with database.writing() as session:
        for need in session.scalars(select(Need)):
            need.proposed_version = need.text_version
    assert "已完成" not in text_of(office.get("/matches/learning"))
    assert office.get("/matches/learning/progress").headers["HX-Refresh"] == "true"
