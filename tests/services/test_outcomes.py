"""From a meeting's outcome to a registered contract, and what is owed on the way."""

from datetime import date, timedelta

import pytest
from factories import People, make_achievement, make_need
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus.deliver import deliver_due
from matchmaker.domain import figures
from matchmaker.domain.figures import Period
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import (
    AgreementKind,
    ContractKind,
    ContractState,
    Direction,
    EventState,
    IntentLevel,
    MeetingOutcome,
    NeedState,
    PairingState,
    Role,
)
from matchmaker.errors import InvalidInput, NotAllowed
from matchmaker.services import contracts, outcomes
from matchmaker.services.contracts import AgreementDraft, ContractDraft
from matchmaker.services.debts import find_debts
from matchmaker.services.outcomes import IntentDraft
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.queries import tracking
from matchmaker.store.tables import (
    Campaign,
    Debt,
    Event,
    Intent,
    Need,
    Notice,
    Pairing,
    PairingList,
    TechContract,
)

ORGANISER = Actor(user_id=None, name="组织者", roles=frozenset({Role.ORGANISER}))
THIS_YEAR = Period(start=date(2000, 1, 1), end=date(2100, 1, 1))


def _pairing(session: Session, people: People, *, days_ago: int = 0) -> Pairing:
    need = make_need(
        session,
        organisation_id=people.huaxing,
        status=NeedState.PUBLISHED,
        contact_id=people.huaxing_contact,
    )
    achievement = make_achievement(session, organisation_id=people.jiangda_college)
    today = clock.today()
    campaign = Campaign(name="百日百场", starts_on=today, ends_on=today, created_at=clock.now())
    session.add(campaign)
    session.flush()
    event = Event(
        campaign_id=campaign.id,
        title="模具专场",
        status=EventState.HELD,
        held_on=today - timedelta(days=days_ago),
        starts_at=clock.now(),
        created_at=clock.now(),
    )
    session.add(event)
    session.flush()
    drawn = PairingList(
        event_id=event.id, number=1, published_at=clock.now(), settings={}, result={}, created_at=clock.now()
    )
    session.add(drawn)
    session.flush()
    pairing = Pairing(
        list_id=drawn.id,
        event_id=event.id,
        need_id=need.id,
        achievement_id=achievement.id,
        status=PairingState.SCHEDULED,
    )
    session.add(pairing)
    session.flush()
    return pairing


def _contract(people: People, **changes: object) -> ContractDraft:
    values: dict[str, object] = {
        "kind": ContractKind.DEVELOPMENT,
        "title": "压铸模具涂层开发",
        "buyer_id": people.huaxing,
        "seller_id": people.jiangda,
        "amount_total_fen": 50_000_000,
        "amount_tech_fen": 40_000_000,
        "signed_on": clock.today() - timedelta(days=40),
    }
    return ContractDraft(**(values | changes))  # type: ignore[arg-type]


def test_an_intent_said_at_a_meeting_is_counted_once_however_often_it_is_said(
    database: Database, people: People
) -> None:
    with database.writing() as session:
        pairing = _pairing(session, people)
        for _time in range(2):
            outcomes.record_outcome(
                session, ORGANISER, pairing_id=pairing.id, outcome=MeetingOutcome.INTENT, by="现场工作人员"
            )

    with database.reading() as session:
        (intent,) = session.scalars(select(Intent)).all()
        assert (intent.level, intent.enterprise_id, intent.partner_id) == (
            IntentLevel.VERBAL,
            people.huaxing,
            people.jiangda,
        )
        assert session.get_one(Pairing, pairing.id).status is PairingState.INTENDED
        assert session.get_one(Need, pairing.need_id).status is NeedState.INTENDED
        assert figures.intents_reached(tracking.intent_facts(session), THIS_YEAR).count == 1


def test_signing_raises_the_intention_and_adds_none(database: Database, people: People) -> None:
    with database.writing() as session:
        pairing = _pairing(session, people)
        outcomes.record_outcome(
            session, ORGANISER, pairing_id=pairing.id, outcome=MeetingOutcome.INTENT, by="王工"
        )
        intent = session.scalars(select(Intent)).one()
        contracts.sign_contract(
            session, ORGANISER, _contract(people, intent_id=intent.id, need_id=pairing.need_id)
        )

    with database.reading() as session:
        assert session.scalars(select(Intent.level)).all() == [IntentLevel.CONTRACT]
        assert session.get_one(Need, pairing.need_id).status is NeedState.CONTRACTED
        contract = session.scalars(select(TechContract)).one()
        assert (contract.status, contract.direction) == (ContractState.SIGNED, Direction.IN)
        assert figures.intents_reached(tracking.intent_facts(session), THIS_YEAR).count == 1


def test_only_registered_contracts_carry_turnover_and_local_ones_count_once(
    database: Database, people: People
) -> None:
    registered = {"registration_no": "20261234567890", "registered_on": clock.today()}
    with database.writing() as session:
        contracts.sign_contract(session, ORGANISER, _contract(people))
        contracts.sign_contract(session, ORGANISER, _contract(people, **registered))
        contracts.sign_contract(
            session,
            ORGANISER,
            _contract(
                people,
                seller_id=people.yuanhang,
                registration_no="20261234567891",
                registered_on=clock.today(),
                amount_tech_fen=10_000_000,
            ),
        )
        contracts.sign_agreement(
            session,
            ORGANISER,
            AgreementDraft(
                kind=AgreementKind.FRAMEWORK,
                title="战略合作",
                enterprise_id=people.huaxing,
                partner_id=people.jiangda,
                signed_on=clock.today(),
                amount_fen=999_000_000,
            ),
        )

    with database.reading() as session:
        facts = tracking.contract_facts(session)
    turnover = figures.turnover(facts, THIS_YEAR)
    assert (turnover.exported, turnover.absorbed, turnover.local, turnover.total) == (
        10_000_000,
        50_000_000,
        10_000_000,
        50_000_000,
    )
    assert figures.contracts_registered(facts, THIS_YEAR).count == 2
    assert figures.contract_value(facts, THIS_YEAR) == 100_000_000
    assert figures.contracts_waiting(facts).count == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount_tech_fen": 60_000_000}, "技术交易额不能大于合同总额"),
        ({"amount_total_fen": None}, "请填写合同总额"),
        ({"amount_total_fen": -1}, "金额不能为负数"),
        ({"signed_on": None}, "请填写合同签订日期"),
        ({"registration_no": "2026"}, "登记编号和登记日期要一起填写"),
        ({"title": " "}, "请填写合同（项目）名称"),
    ],
)
def test_a_contract_with_a_problem_is_refused_in_words(
    database: Database, people: People, changes: dict[str, object], sentence: str
) -> None:
    with database.writing() as session, pytest.raises(InvalidInput, match=sentence):
        contracts.sign_contract(session, ORGANISER, _contract(people, **changes))


def test_the_same_registration_number_is_counted_once_and_refused_twice(
    database: Database, people: People
) -> None:
    with database.writing() as session:
        first = contracts.sign_contract(session, ORGANISER, _contract(people))
        second = contracts.sign_contract(session, ORGANISER, _contract(people))
        contracts.register_contract(
            session,
            ORGANISER,
            contract_id=first.id,
            registration_no="20260001",
            registered_on=clock.today(),
            amount_tech_fen=1_000_000,
        )
        with pytest.raises(InvalidInput, match="同一合同只能计一次"):
            contracts.register_contract(
                session,
                ORGANISER,
                contract_id=second.id,
                registration_no="20260001",
                registered_on=clock.today(),
                amount_tech_fen=1_000_000,
            )


def test_nobody_but_the_organiser_records(database: Database, people: People) -> None:
    enterprise = Actor(user_id=people.enterprise_user, organisation_ids=frozenset({people.huaxing}))
    with database.writing() as session, pytest.raises(NotAllowed):
        contracts.sign_contract(session, enterprise, _contract(people))


def test_what_is_owed_is_opened_once_asked_and_closed_when_recorded(
    database: Database, settings: Settings, people: People
) -> None:
    with database.writing() as session:
        pairing = _pairing(session, people, days_ago=3)
        contract = contracts.sign_contract(session, ORGANISER, _contract(people))
        draft = IntentDraft(
            enterprise_id=people.yuanhang,
            partner_id=people.haiyuan,
            matter="减振支架",
            level=IntentLevel.WRITTEN,
            reached_on=clock.today() - timedelta(days=95),
        )
        outcomes.record_intent(session, ORGANISER, draft).last_news_on = clock.today() - timedelta(days=95)
        session.flush()
        assert find_debts(session, settings) == 3
        assert find_debts(session, settings) == 0
    deliver_due(database, settings)

    with database.writing() as session:
        kinds = list(session.scalars(select(Debt.kind).order_by(Debt.kind)))
        asked = set(session.scalars(select(Notice.kind)))
        outcomes.record_outcome(
            session, ORGANISER, pairing_id=pairing.id, outcome=MeetingOutcome.FOLLOW_UP, note="下月到厂"
        )
        intent = session.scalars(select(Intent).where(Intent.matter == "减振支架")).one()
        outcomes.record_news(session, ORGANISER, intent_id=intent.id, note="样件试装")
        contracts.register_contract(
            session,
            ORGANISER,
            contract_id=contract.id,
            registration_no="20260009",
            registered_on=clock.today(),
            amount_tech_fen=1_000_000,
        )
    with database.reading() as session:
        assert tracking.open_debts(session, today=clock.today()) == []
    assert kinds == ["intent_news", "outcome", "registration"]
    assert asked >= {"ask_outcome", "ask_intent_news", "ask_registration"}
