"""One of each thing, so that every address of the application leads somewhere."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from factories import People, make_achievement, make_need, make_people, make_person, make_user
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter, Rule

from matchmaker import clock
from matchmaker.domain import states as s
from matchmaker.domain.export_state import ExportState
from matchmaker.domain.plan import Venue
from matchmaker.domain.plan_settings import PlanSettings, settings_to_json
from matchmaker.domain.plan_state import PlanMode, PlanState
from matchmaker.files.workdays import china_workdays
from matchmaker.store import tables as t
from matchmaker.store.engine import CheckedSession, Database
from matchmaker.store.tables.types import Row

LINK_KEY = "an-answer-link-of-the-tests"
CONTENT = b"%PDF-1.4 nothing"


class Forgetful(Database):
    """A database whose writes are flushed, so that they can fail, and then forgotten."""

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with CheckedSession(self._writers, expire_on_commit=False) as session:
            yield session
            session.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The cast, and the id of one thing per argument name of an address.

    Firm things belong to 华星 and university things to 江大; none of them is published.
    """

    people: People
    ids: dict[str, Any]

    def address(self, app: Flask, rule: Rule) -> str:
        """Return a rule's address with these ids; where it lists the words it takes, the first of them."""
        values = dict(self.ids)
        for name, converter in rule._converters.items():
            if isinstance(converter, AnyConverter):
                values[name] = min(converter.items)
        values["subject_id"] = values.get(f"{values['kind']}_id", values["subject_id"])
        missing = rule.arguments - set(values)
        assert not missing, f"{rule.rule}: put an id for {sorted(missing)} into tests/world.py"
        with app.test_request_context():
            _subdomain, path = rule.build({name: values[name] for name in rule.arguments}) or ("", "")
        return path


def make_world(session: Session) -> World:
    """Add the cast and one of each thing."""
    people = make_people(session)
    ids: dict[str, Any] = {"organisation_id": people.huaxing, "person_id": people.huaxing_contact}
    ids |= _accounts(session, people)
    ids |= _library(session, people)
    ids |= _uploads(session, people)
    ids |= _campaign(session, people, ids)
    ids |= _outcomes(session, people, ids)
    ids |= _messages(session, people)
    return World(people=people, ids=ids)


def _add(session: Session, row: Row) -> Any:
    session.add(row)
    session.flush()
    return row.id  # type: ignore[attr-defined]


def _accounts(session: Session, people: People) -> dict[str, Any]:
    waiting = make_user(
        session,
        s.Role.ENTERPRISE,
        organisation_id=people.huaxing,
        person_id=make_person(session, organisation_id=people.huaxing).id,
        status=s.ApprovalState.WAITING,
    )
    alias = t.OrganisationAlias(
        organisation_id=people.huaxing, alias="华星模具厂", normalised_alias="华星模具厂"
    )
    return {
        "user_id": waiting.id,
        "alias_id": _add(session, alias),
        "kind": "person",
        "subject_id": people.huaxing_contact,
    }


def _library(session: Session, people: People) -> dict[str, Any]:
    hidden: dict[str, Any] = {"disclosure": s.Disclosure.INTERNAL}
    need = make_need(session, organisation_id=people.huaxing, contact_id=people.huaxing_contact, **hidden)
    achievement = make_achievement(
        session,
        organisation_id=people.jiangda,
        status=s.AchievementState.SUBMITTED,
        accepted_at=None,
        published_at=None,
        **hidden,
    )
    made = t.AchievementPerson(achievement_id=achievement.id, person_id=people.jiangda_expert)
    session.add(made)
    match = t.Match(
        need_id=need.id,
        achievement_id=achievement.id,
        score=0.7,
        grade=s.Grade.STRONG,
        parts={},
        reasons=[],
        need_version=1,
        achievement_version=1,
        engine="tests",
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    rule = t.NeverMatch(
        enterprise_id=people.huaxing, partner_id=people.haiyuan, reason="竞争对手", at=clock.now()
    )
    merged = t.Merge(
        kind="need",
        kept_id=need.id,
        gone_id=need.id,
        kept_label="涂层",
        gone_label="涂层",
        gone={"status": "submitted", "duplicate_of_id": None},
        at=clock.now(),
    )
    return {
        "need_id": need.id,
        "achievement_id": achievement.id,
        "merge_id": _add(session, merged),
        "match_id": _add(session, match),
        "edition_id": _add(session, _edition()),
        "group_id": _add(session, t.NeedGroup(name="模具涂层", created_at=clock.now())),
        "never_id": _add(session, rule),
        "fit_id": _add(session, _fit()),
    }


def _edition() -> t.NeedListEdition:
    return t.NeedListEdition(
        scope="all",
        scope_name="全部产业",
        number=1,
        issued_on=clock.today(),
        entries=[],
        differences={"added": [], "withdrawn": [], "changed": []},
        created_at=clock.now(),
    )


def _fit() -> t.RankerFit:
    quality = {"ndcg10": 0.7, "log_loss": 0.6}
    return t.RankerFit(
        evidence="e" * 64,
        observations=60,
        needs=12,
        coefficients={},
        measures={"before": quality, "after": quality, "levels": {}},
        kept=True,
        fitted_at=clock.now(),
    )


def _uploads(session: Session, people: People) -> dict[str, Any]:
    upload = t.Upload(
        user_id=people.enterprise_user,
        organisation_id=people.huaxing,
        filename="需求汇总.xlsx",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        state=s.UploadState.PREVIEWED,
        kind="need",
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=7),
    )
    upload_id = _add(session, upload)
    session.add(t.UploadFile(upload_id=upload_id, content=CONTENT))
    row = t.UploadRow(
        upload_id=upload_id,
        position=1,
        sheet="汇总表",
        row_number=5,
        kind="need",
        values={
            "plain": {"title": "压铸模具涂层", "org": "华星模具有限公司"},
            "raw": {"title": "压铸模具涂层", "org": "华星模具有限公司"},
            "layout": "f" * 64,
            "record_type": "",
            "where": "汇总表!A5",
            "stopped": False,
            "problems": [],
            "table": 0,
            "editable": True,
        },
        verdict=s.Verdict.NEW,
    )
    export = t.ListExport(
        user_id=people.enterprise_user,
        kind="needs",
        form="xlsx",
        purpose="",
        state=ExportState.READY,
        asked_at=clock.now(),
    )
    export_id = _add(session, export)
    session.add(t.ListExportFile(export_id=export_id, content=CONTENT))
    return {"upload_id": upload_id, "row_id": _add(session, row), "position": 1, "export_id": export_id}


def _campaign(session: Session, people: People, ids: dict[str, Any]) -> dict[str, Any]:
    theme_id = _add(session, t.Theme(slug="mold", name="模具", words=["模具"], place=1))
    today = clock.today()
    campaign_id = _add(
        session,
        t.Campaign(
            name="百日百场", starts_on=today, ends_on=today + timedelta(days=99), created_at=clock.now()
        ),
    )
    event = t.Event(
        campaign_id=campaign_id,
        theme_id=theme_id,
        title="模具专场对接会",
        status=s.EventState.OPEN,
        held_on=today + timedelta(days=20),
        starts_at=clock.now() + timedelta(days=20),
        created_at=clock.now(),
    )
    event_id = _add(session, event)
    pairs = {"need_id": ids["need_id"], "achievement_id": ids["achievement_id"]}
    drawn = {
        "served": 1,
        "enterprises": 1,
        "meetings": 1,
        "seats": 1,
        "total_value": 70,
        "unserved": [],
        "left_out": [],
        "price": None,
        "certificate": {"checked": True, "note": "", "faults": []},
        "timetable": {"proved": True, "unplaced": [], "warnings": []},
        "firms": [[people.huaxing, "华星模具有限公司"]],
        "experts": [[people.jiangda_expert, "沈知行", "教授", "江州大学"]],
        "options": [
            [ids["need_id"], people.jiangda_expert, ids["achievement_id"], 70, False, ids["match_id"]]
        ],
    }
    limits = {"per_enterprise": 3, "per_expert": 6, "tables": 10, "slots": 6}
    version = t.PairingList(
        event_id=event_id, number=1, settings=limits, result=drawn, created_at=clock.now()
    )
    list_id = _add(session, version)
    edit = t.PairingEdit(
        event_id=event_id,
        list_id=list_id,
        filename="对接清单.xlsx",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        rows={"rows": [], "not_taken": []},
        at=clock.now(),
    )
    wish = t.MeetingWish(event_id=event_id, side="need", at=clock.now(), **pairs)
    invitation = t.Invitation(
        event_id=event_id,
        organisation_id=people.huaxing,
        person_id=people.huaxing_contact,
        role="enterprise",
        status=s.InvitationState.INVITED,
    )
    pairing = t.Pairing(
        list_id=list_id,
        event_id=event_id,
        match_id=ids["match_id"],
        expert_id=people.jiangda_expert,
        status=s.PairingState.SHORTLISTED,
        **pairs,
    )
    rule = t.PairingRule(event_id=event_id, kind="pin", reason="点名要见", at=clock.now(), **pairs)
    pause = t.EventPause(event_id=event_id, name="午餐", begins=12 * 60, ends=13 * 60)
    order = t.MeetingOrder(
        event_id=event_id,
        at=clock.now(),
        **{f"{side}_{name}": key for side in ("earlier", "later") for name, key in pairs.items()},
    )
    item = t.EventItem(event_id=event_id, subject_kind="need", subject_id=ids["need_id"])
    plan_id = _plan(session, campaign_id, theme_id, ids["need_id"])
    return {
        "theme_id": theme_id,
        "campaign_id": campaign_id,
        "event_id": event_id,
        "list_id": list_id,
        "plan_id": plan_id,
        "number": 1,
        "invitation_id": _add(session, invitation),
        "pairing_id": _add(session, pairing),
        "rule_id": _add(session, rule),
        "pause_id": _add(session, pause),
        "order_id": _add(session, order),
        "edit_id": _add(session, edit),
        "wish_id": _add(session, wish),
        "item_id": _add(session, item),
        "word": "yes",
        "who": f"enterprise-{people.huaxing}",
        "proposal_id": 1,
    }


def _plan(session: Session, campaign_id: int, theme_id: int, need_id: int) -> int:
    """Add a plan that stands, with one event; `number` 1 leads to it."""
    today = clock.today()
    day = china_workdays(today.year, today.year + 1).workdays(
        today + timedelta(days=30), today + timedelta(days=50)
    )[0]
    settings = PlanSettings(
        from_day=today,
        to_day=today + timedelta(days=99),
        venues=(Venue(name="会议中心", place="", capacity=90),),
    )
    topic = {"key": "mold", "name": "模具", "theme_id": theme_id, "words": ["模具"], "need_ids": [need_id]}
    figures = {"events": 1, "needs": 1, "left_out": 0, "seats": 0, "experts": 0, "journeys": 0}
    plan = t.Plan(
        campaign_id=campaign_id,
        number=1,
        status=PlanState.KEPT,
        mode=PlanMode.WHOLE,
        settings=settings_to_json(settings),
        topics=[topic],
        result=figures | {"value": 1600, "bound": 1600.0, "gap": 0.0, "broken": [], "remarks": []},
        created_at=clock.now(),
    )
    plan_id = _add(session, plan)
    event = t.PlanEvent(
        plan_id=plan_id,
        number=1,
        theme_id=theme_id,
        topic="mold",
        title="模具专场对接会",
        venue="会议中心",
        held_on=day,
        size=30,
    )
    event_id = _add(session, event)
    _add(
        session, t.PlanItem(plan_id=plan_id, plan_event_id=event_id, subject_kind="need", subject_id=need_id)
    )
    return int(plan_id)


def _outcomes(session: Session, people: People, ids: dict[str, Any]) -> dict[str, Any]:
    sides = {"enterprise_id": people.huaxing, "partner_id": people.jiangda}
    today = clock.today()
    intent = t.Intent(
        matter="压铸模具涂层",
        matter_key="压铸模具涂层",
        need_id=ids["need_id"],
        event_id=ids["event_id"],
        level=s.IntentLevel.VERBAL,
        reached_on=today,
        last_news_on=today,
        created_at=clock.now(),
        **sides,
    )
    agreement = t.Agreement(
        kind=s.AgreementKind.FRAMEWORK,
        title="产学研合作协议",
        signed_on=today,
        created_at=clock.now(),
        **sides,
    )
    contract = t.TechContract(
        kind=s.ContractKind.DEVELOPMENT,
        title="模具涂层开发",
        status=s.ContractState.SIGNED,
        buyer_id=people.huaxing,
        seller_id=people.jiangda,
        direction=s.Direction.IN,
        amount_total_fen=50_000_000,
        signed_on=today,
        created_at=clock.now(),
    )
    contract_id = _add(session, contract)
    evidence = t.Evidence(
        subject_kind="contract",
        subject_id=contract_id,
        filename="登记证明.pdf",
        media_type="application/pdf",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        content=CONTENT,
        at=clock.now(),
    )
    claim = t.NeedClaim(
        need_id=ids["need_id"],
        organisation_id=people.jiangda,
        plan="多弧离子镀打底，复合涂层两道，先做三副模具小试，四个月交验证报告。",
        status="open",
        created_at=clock.now(),
    )
    debt = t.Debt(
        kind="registration",
        subject_id=contract_id,
        organisation_id=people.huaxing,
        due_on=today,
        opened_at=clock.now(),
    )
    return {
        "intent_id": _add(session, intent),
        "agreement_id": _add(session, agreement),
        "contract_id": contract_id,
        "evidence_id": _add(session, evidence),
        "debt_id": _add(session, debt),
        "claim_id": _add(session, claim),
    }


def _messages(session: Session, people: People) -> dict[str, Any]:
    message = t.Message(
        name="AccountRegistered",
        version=1,
        payload={"user_id": people.enterprise_user},
        happened_at=clock.now(),
    )
    message_id = _add(session, message)
    session.add(t.Heartbeat(job="deliveries", at=clock.now()))
    delivery = t.Delivery(
        message_id=message_id, handler="nobody", state=s.DeliveryState.GIVEN_UP, due_at=clock.now()
    )
    notice = t.Notice(
        key="test",
        kind="account",
        channel="inbox",
        user_id=people.enterprise_user,
        subject="注册已通过",
        body="可以登录了。",
        state=s.NoticeState.SENT,
        due_at=clock.now(),
        created_at=clock.now(),
    )
    link = t.AnswerLink(
        key_hash=hashlib.sha256(LINK_KEY.encode()).hexdigest(),
        purpose="invitation",
        subject_id=1,
        person_id=people.huaxing_contact,
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=30),
    )
    return {
        "message_id": message_id,
        "delivery_id": _add(session, delivery),
        "notice_id": _add(session, notice),
        "link_id": _add(session, link),
        "key": LINK_KEY,
        "token": LINK_KEY,
    }
