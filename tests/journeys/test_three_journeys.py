"""The three journeys from end to end: pages in, jobs run in-line, pages out."""

import io
import re
from collections.abc import Callable
from typing import Any

from event_cast import make_theme
from factories import People, make_achievement, make_person
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select

from jobs.runner import Runner
from matchmaker import clock
from matchmaker.domain.states import IntentLevel, InvitationState, MatchState, NeedState, PairingState
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import (
    Achievement,
    AchievementPerson,
    Event,
    Intent,
    Invitation,
    Match,
    Need,
    Notice,
    Pairing,
    PairingList,
    TechContract,
)
from matchmaker.store.tables.types import Row
from matchmaker.web.frame import MatchmakerApp

SignIn = Callable[[int], FlaskClient]
NEED = {
    "title": "压铸模具表面抗热裂涂层",
    "problem": "铝合金压铸模具生产约两万模次后型腔表面出现龟裂，铸件毛刺多，每月停机修模三次。",
    "key_points": "涂层硬度≥3000HV，厚度3-5μm，模具寿命提高50%以上。",
    "need_type": "rnd",
    "coop_modes": ["joint"],
    "budget_text": "30-50万",
    "contact_name": "周一诺",
    "contact_phone": "13800000001",
    "disclosure": "masked",
    "consent_internal": "1",
    "consent_contact_after_accept": "1",
    "consent_public_display": "1",
}
ACHIEVEMENTS = [
    ["成果名称", "成果简介", "完成单位", "完成人", "成熟度"],
    [
        "压铸模具抗热疲劳复合涂层技术",
        "在压铸模具型腔表面制备氮铝铬钛硬质涂层，硬度3200HV，减少龟裂，模具寿命提高一倍。",
        "江州大学",
        "沈知行",
        "中试",
    ],
    ["淡水鱼苗越冬保温方法", "用双层棚膜和循环水保持池水温度，越冬成活率提高。", "江州大学", "", "小试"],
]


def work(database: Database, settings: Settings) -> None:
    """Do what the jobs process would: deliveries, then each job once, then what those set off."""
    Runner(database, settings).run_once()


def one(database: Database, kind: type[Row], *where: Any) -> Any:
    with database.reading() as session:
        return session.scalars(select(kind).where(*where).limit(2)).one()


def notices_to(database: Database, user_id: int) -> list[str]:
    with database.reading() as session:
        wanted = select(Notice.kind).where(Notice.user_id == user_id, Notice.channel == "inbox")
        return list(session.scalars(wanted.order_by(Notice.id)))


def turnover(page: str) -> str:
    """The deduplicated turnover as a page shows it."""
    found = re.search(r"技术交易额.*?stat-value num[^>]*>([^<]*)", page, re.DOTALL)
    return found.group(1).strip() if found else ""


def workbook(rows: list[list[str]]) -> io.BytesIO:
    import openpyxl

    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    content.seek(0)
    return content


def test_an_enterprise_posts_a_need_and_is_told_who_may_solve_it(
    database: Database, settings: Settings, people: People, sign_in: SignIn
) -> None:
    with database.writing() as session:
        coating = make_achievement(session, organisation_id=people.jiangda).id
        make_achievement(
            session, organisation_id=people.haiyuan, title="淡水鱼苗越冬保温", summary="双层棚膜保温。"
        )
    firm, bureau = sign_in(people.enterprise_user), sign_in(people.organiser)

    posted = firm.post("/needs/new", data=NEED)
    need = one(database, Need)
    waiting = text_of(firm.get(f"/needs/{need.id}/matches?part=1"))
    work(database, settings)
    proposed = text_of(firm.get(f"/needs/{need.id}/matches?part=1"))

    assert (posted.status_code, posted.location) == (303, f"/needs/{need.id}")
    assert "正在寻找合适的成果" in waiting
    assert "正在寻找合适的成果" not in proposed
    assert "多弧离子镀氮铝铬钛复合涂层制备技术" in proposed
    assert "淡水鱼苗越冬保温" not in proposed
    assert "matches_proposed" in notices_to(database, people.enterprise_user)
    assert "need_posted" in notices_to(database, people.organiser)
    assert sign_in(people.other_enterprise_user).get(f"/needs/{need.id}").status_code == 404

    match = one(database, Match, Match.achievement_id == coating)
    bureau.post(f"/needs/{need.id}/accept")
    bureau.post(f"/matches/{match.id}/shortlist")
    work(database, settings)

    assert one(database, Need).status is NeedState.ACCEPTED
    assert one(database, Match, Match.id == match.id).status is MatchState.SHORTLISTED
    assert "need_decided" in notices_to(database, people.enterprise_user)


def test_a_university_uploads_a_workbook_and_its_rows_meet_the_needs(
    database: Database, settings: Settings, people: People, sign_in: SignIn
) -> None:
    firm, university = sign_in(people.enterprise_user), sign_in(people.university_user)
    firm.post("/needs/new", data=NEED)
    work(database, settings)
    need = one(database, Need)
    before = text_of(firm.get(f"/needs/{need.id}/matches?part=1"))

    place = university.post("/uploads", data={"files": [(workbook(ACHIEVEMENTS), "成果.xlsx")]}).location
    preview = text_of(university.get(place))
    with database.reading() as session:
        untouched = session.scalars(select(Achievement)).all()
    confirmed = university.post(f"{place}/confirm", data={"consent_source": "成果汇编"})
    again = university.post(f"{place}/confirm", follow_redirects=True)
    work(database, settings)
    coating = one(database, Achievement, Achievement.title == ACHIEVEMENTS[1][0])
    sign_in(people.organiser).post(f"/achievements/{coating.id}/accept")
    work(database, settings)

    assert "没有合适的成果" in before
    assert "导入 2 行" in preview
    assert untouched == []
    assert confirmed.status_code == 303
    assert "已经导入过" in text_of(again)
    assert "压铸模具抗热疲劳复合涂层技术" in text_of(firm.get(f"/needs/{need.id}/matches?part=1"))
    assert sign_in(people.other_university_user).get(place).status_code == 404


def test_an_event_goes_from_its_theme_to_a_registered_contract(
    database: Database, settings: Settings, people: People, sign_in: SignIn, app: MatchmakerApp
) -> None:
    import openpyxl

    with database.writing() as session:
        theme = make_theme(session)
        coating = make_achievement(session, organisation_id=people.jiangda, title="压铸模具复合涂层")
        session.add(AchievementPerson(achievement_id=coating.id, person_id=people.jiangda_expert, place=1))
        make_person(session, organisation_id=people.jiangda, name="联络员")
    firm, bureau = sign_in(people.enterprise_user), sign_in(people.organiser)
    firm.post("/needs/new", data=NEED)
    work(database, settings)
    need = one(database, Need)
    bureau.post(f"/needs/{need.id}/accept")
    bureau.post(f"/needs/{need.id}/publish", data={"public_title": need.title, "public_text": need.problem})
    bureau.post(f"/matches/{one(database, Match, Match.current).id}/shortlist")

    day = clock.today()
    form = {"title": "模具专场对接会", "theme_id": theme.id, "kind": "themed", "held_on": day.isoformat()}
    sizes = {"tables": 2, "slots": 3, "slot_minutes": 20, "per_enterprise": 2, "per_expert": 2}
    bureau.post("/events/new", data=form | sizes | {"start": "14:00", "venue": "会展中心", "capacity": 60})
    event = one(database, Event)
    at = f"/events/{event.id}"
    bureau.post(f"{at}/items/collect")
    bureau.post(f"{at}/state", data={"to": "open"})
    bureau.post(f"{at}/people/plan")
    bureau.post(f"{at}/people/invite", data={"scope": "all"})
    work(database, settings)
    letter = one(database, Notice, Notice.user_id == people.enterprise_user, Notice.kind == "invitation")
    link = re.search(r"/a/[\w.\-]+", letter.body)
    assert link is not None
    app.test_client().post(link.group(), data={"choice": "yes"})
    bureau.post(f"{at}/pairing/draw")
    drawn = one(database, PairingList)
    bureau.post(f"{at}/pairing/{drawn.id}/publish")
    work(database, settings)
    handout = openpyxl.load_workbook(io.BytesIO(bureau.get(f"{at}/pairing/{drawn.id}/handout.xlsx").data))

    pairing = one(database, Pairing)
    assert (pairing.need_id, pairing.expert_id) == (need.id, people.jiangda_expert)
    assert (pairing.slot is not None, pairing.status) == (True, PairingState.INVITED)
    assert handout.active.max_row >= 3
    assert "13800000001" not in str(list(handout.active.values))
    guest = one(database, Invitation, Invitation.organisation_id == people.huaxing)
    assert guest.status is InvitationState.ACCEPTED

    bureau.post(f"/tracking/pairings/{pairing.id}/outcome", data={"outcome": "intent", "note": "先做小试"})
    intent = one(database, Intent)
    sides = {"buyer_id": people.huaxing, "seller_id": people.jiangda, "intent_id": intent.id}
    deal = {"title": "模具涂层开发", "kind": "development", "amount_total": "50", "amount_tech": "40"}
    signed = bureau.post("/tracking/contracts/new", data=deal | sides | {"signed_on": day.isoformat()})
    contract = one(database, TechContract)
    unregistered = text_of(bureau.get("/tracking"))
    registration = {"registration_no": "2026330000123456", "registered_on": day.isoformat()}
    bureau.post(f"/tracking/contracts/{contract.id}/register", data=registration | {"amount_tech": "40"})
    totals = text_of(bureau.get("/tracking"))

    assert signed.status_code == 303
    assert one(database, Intent).level is IntentLevel.CONTRACT
    assert turnover(unregistered) == "0 万元"
    assert turnover(totals) == "40 万元"
    assert turnover(text_of(bureau.get("/organiser"))) == "40 万元"
