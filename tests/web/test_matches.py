"""Who sees a proposal, and what they may say of it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from factories import People, make_achievement, make_need
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.states import Disclosure, Grade, MatchState, NeedState
from matchmaker.store.engine import Database
from matchmaker.store.tables import Achievement, AchievementPerson, Match, WiderSearch
from matchmaker.web.frame import MatchmakerApp

Browser = Callable[[int], FlaskClient]
REASONS = [
    {
        "kind": "quote",
        "tone": "ok",
        "text": "两份文本都谈到“涂层”",
        "quotes": [["需求", "涂层"], ["成果", "涂层"]],
        "need_words": ["涂层"],
        "achievement_words": ["涂层"],
    },
    {
        "kind": "met",
        "tone": "ok",
        "text": "需要 硬度 ≥3000HV，成果为 硬度 3200HV：达到",
        "quotes": [],
        "need_words": ["硬度"],
        "achievement_words": [],
    },
    {"kind": "signal", "tone": "ok", "text": "合作方式相合：联合开发", "quotes": [], "need_words": []},
]


def _match(database: Database, people: People, **need: object) -> tuple[int, int]:
    with database.writing() as session:
        row = make_need(session, organisation_id=people.huaxing, **need)
        achievement = make_achievement(session, organisation_id=people.jiangda)
        match = _propose(session, row.id, achievement.id, score=0.8)
        row.proposed_version = 1
    return match.id, row.id


def _propose(session: Session, need_id: int, achievement_id: int, *, score: float) -> Match:
    match = Match(
        need_id=need_id,
        achievement_id=achievement_id,
        score=score,
        grade=Grade.STRONG,
        parts={"probability": 0.7},
        reasons=REASONS,
        need_version=1,
        achievement_version=1,
        engine="tests",
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(match)
    session.flush()
    return match


@pytest.mark.parametrize(
    ("status", "disclosure", "chosen", "university_sees"),
    [
        (NeedState.ACCEPTED, Disclosure.PUBLIC, False, 404),
        (NeedState.ACCEPTED, Disclosure.PUBLIC, True, 404),
        (NeedState.PUBLISHED, Disclosure.PUBLIC, False, 200),
        (NeedState.PUBLISHED, Disclosure.MASKED, False, 200),
        (NeedState.PUBLISHED, Disclosure.TARGETED, False, 404),
        (NeedState.PUBLISHED, Disclosure.TARGETED, True, 200),
        (NeedState.PUBLISHED, Disclosure.INTERNAL, True, 404),
    ],
)
def test_a_proposal_is_seen_by_the_university_only_as_far_as_the_need_is_disclosed(
    database: Database,
    people: People,
    sign_in: Browser,
    status: NeedState,
    disclosure: Disclosure,
    chosen: bool,
    university_sees: int,
) -> None:
    match_id, _need_id = _match(
        database, people, status=status, disclosure=disclosure, public_title="公开标题"
    )
    if chosen:
        with database.writing() as session:
            session.get_one(Match, match_id).status = MatchState.SHORTLISTED

    seen = {
        name: sign_in(user).get(f"/matches/{match_id}").status_code
        for name, user in (
            ("university", people.university_user),
            ("other university", people.other_university_user),
            ("other enterprise", people.other_enterprise_user),
            ("owner", people.enterprise_user),
            ("organiser", people.organiser),
        )
    }

    assert seen == {
        "university": university_sees,
        "other university": 404,
        "other enterprise": 404,
        "owner": 200,
        "organiser": 200,
    }
    listed = "公开标题" in text_of(sign_in(people.university_user).get("/matches/mine"))
    assert listed == (university_sees == 200)


@pytest.mark.parametrize(
    ("disclosure", "chosen", "firm_sees", "owner_named"),
    [
        (Disclosure.PUBLIC, False, 200, True),
        (Disclosure.MASKED, False, 200, False),
        (Disclosure.MASKED, True, 200, False),
        (Disclosure.TARGETED, False, 404, False),
        (Disclosure.TARGETED, True, 200, True),
        (Disclosure.INTERNAL, True, 404, False),
    ],
)
def test_a_proposal_is_seen_by_the_firm_only_as_far_as_the_achievement_is_disclosed(
    database: Database,
    people: People,
    sign_in: Browser,
    disclosure: Disclosure,
    chosen: bool,
    firm_sees: int,
    owner_named: bool,
) -> None:
    match_id, need_id = _match(database, people)
    with database.writing() as session:
        match = session.get_one(Match, match_id)
        match.status = MatchState.SHORTLISTED if chosen else MatchState.PROPOSED
        session.get_one(Achievement, match.achievement_id).disclosure = disclosure
        session.add(
            AchievementPerson(achievement_id=match.achievement_id, person_id=people.jiangda_expert, place=1)
        )
    firm, organiser = sign_in(people.enterprise_user), sign_in(people.organiser)

    proposal, listed = firm.get(f"/matches/{match_id}"), text_of(firm.get(f"/needs/{need_id}/matches?part=1"))

    assert proposal.status_code == firm_sees
    assert ("多弧离子镀" in listed) == (firm_sees == 200)
    count = "已推荐 1 项" if firm_sees == 200 else "暂无较强的匹配"
    assert count in text_of(firm.get(f"/needs/{need_id}"))
    assert count in text_of(firm.get("/needs/mine"))
    for page in (listed, text_of(proposal)):
        assert ("江州大学" in page) == owner_named
        assert ("沈知行" in page) == owner_named
    inside = text_of(organiser.get(f"/matches/{match_id}"))
    assert "江州大学" in inside
    assert "沈知行" in inside
    assert "已推荐 1 项" in text_of(organiser.get(f"/needs/{need_id}"))


def test_a_masked_need_never_shows_its_firm_or_its_own_words_outside(
    database: Database, people: People, sign_in: Browser
) -> None:
    match_id, _need_id = _match(
        database,
        people,
        status=NeedState.PUBLISHED,
        public_title="公开标题",
        public_text="某企业的涂层难题。",
    )

    page = text_of(sign_in(people.university_user).get(f"/matches/{match_id}"))

    assert "某企业的<mark>涂层</mark>难题" in page
    assert "合作方式相合" in page
    for secret in ("华星模具", "两万模次", "3000HV", "压铸模具表面抗热裂涂层技术"):
        assert secret not in page


def test_the_workbench_offers_what_waits_and_takes_decisions_back(
    database: Database, people: People, sign_in: Browser
) -> None:
    match_id, need_id = _match(database, people)
    organiser = sign_in(people.organiser)

    assert "多弧离子镀" in text_of(organiser.get(f"/matches?queue=waiting&need={need_id}"))
    organiser.post(f"/matches/{match_id}/shortlist")
    assert "压铸模具表面" not in text_of(organiser.get("/matches?queue=waiting"))
    organiser.post(f"/matches/{match_id}/reconsider")
    assert organiser.post(f"/matches/{match_id}/reject", data={"reason": ""}).status_code == 422
    organiser.post(f"/matches/{match_id}/reject", data={"reason": "技术方向不符"})

    with database.reading() as session:
        row = session.get_one(Match, match_id)
    assert (row.status, row.decision_reason) == (MatchState.REJECTED, "技术方向不符")
    assert "多弧离子镀" not in text_of(
        sign_in(people.enterprise_user).get(f"/needs/{need_id}/matches?part=1")
    )


def test_a_need_still_being_computed_says_so_and_asks_again_by_itself(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        need_id = make_need(session, organisation_id=people.huaxing).id

    part = text_of(sign_in(people.enterprise_user).get(f"/needs/{need_id}/matches?part=1"))

    assert "正在寻找合适的成果" in part
    assert "load delay:2s" in part


def test_a_need_without_a_good_match_is_told_what_to_do(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        need_id = make_need(session, organisation_id=people.huaxing, proposed_version=1).id

    organiser, owner = sign_in(people.organiser), sign_in(people.enterprise_user)
    assert "没有合适的成果" in text_of(organiser.get(f"/needs/{need_id}/matches?part=1"))
    assert "您也可以先补上这两点" in text_of(owner.get(f"/needs/{need_id}/matches?part=1"))

    assert organiser.post(f"/needs/{need_id}/route", data={"route": "wait"}).status_code == 422
    assert owner.post(f"/needs/{need_id}/route", data={"route": "long_term"}).status_code == 403
    organiser.post(f"/needs/{need_id}/route", data={"route": "long_term", "note": "列入明年攻关清单"})

    part = text_of(owner.get(f"/needs/{need_id}/matches?part=1"))
    assert "列为长期攻关课题" in part
    assert "列入明年攻关清单" in part
    assert "列为长期攻关课题" in text_of(organiser.get("/matches?queue=none"))


def test_asking_the_firm_sends_it_the_questions_with_a_link_and_its_answer_comes_back(
    app: MatchmakerApp, database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        need_id = make_need(session, organisation_id=people.huaxing, proposed_version=1, background="").id
    organiser = sign_in(people.organiser)

    organiser.post(f"/needs/{need_id}/route", data={"route": "ask_firm", "note": "成果库里没有接近的"})
    page = text_of(organiser.get(f"/needs/{need_id}/questions"))
    (address,) = re.findall(r"(/a/[\w.-]+)", page)
    fields = re.findall(r'name="(answer_[a-z]+)"', text_of(app.test_client().get(address)))
    app.test_client().post(address, data=dict.fromkeys(fields, "试过渗氮，剥落。"))

    assert "成果库里没有接近的" in page
    assert len(fields) == 2
    assert "试过渗氮，剥落。" in text_of(organiser.get(f"/needs/{need_id}/questions"))
    answer = organiser.post(f"/needs/{need_id}/route", data={"route": "ask_firm", "note": "再问一次"})
    assert (answer.status_code, "先采用或不采用" in text_of(answer)) == (409, True)


def test_alike_patents_of_one_expert_fold_and_other_houses_stay_in_sight(
    database: Database, people: People, sign_in: Browser
) -> None:
    match_id, need_id = _match(database, people)
    with database.writing() as session:
        for number, owner in enumerate((people.jiangda, people.jiangda, people.haiyuan)):
            title = f"一种多弧离子镀氮铝铬钛复合涂层装置{number}"
            achievement = make_achievement(session, organisation_id=owner, title=title)
            _propose(session, need_id, achievement.id, score=0.7 - number / 100)

    organiser = sign_in(people.organiser)

    part = text_of(organiser.get(f"/needs/{need_id}/matches?part=1"))
    assert "另有 2 项同类成果" in part
    assert part.count('class="card card-body"') == 2
    detail = text_of(organiser.get(f"/matches/{match_id}"))
    assert "还有谁能做" in detail
    assert "海州理工学院" in detail


def test_two_houses_kept_apart_are_out_of_every_list_at_once(
    database: Database, people: People, sign_in: Browser
) -> None:
    match_id, need_id = _match(database, people)
    organiser = sign_in(people.organiser)
    pair = {"enterprise_id": people.huaxing, "partner_id": people.jiangda}

    assert organiser.post("/matches/never", data=pair | {"reason": " "}).status_code == 422
    assert organiser.post("/matches/never", data={"reason": "竞争"}).status_code == 422
    assert sign_in(people.enterprise_user).get("/matches/never").status_code == 403
    organiser.post("/matches/never", data=pair | {"reason": "江大与其对手共建"})

    assert "江大与其对手共建" in text_of(organiser.get("/matches/never"))
    assert organiser.post(f"/matches/{match_id}/shortlist").status_code == 409
    assert "多弧离子镀" not in text_of(organiser.get(f"/needs/{need_id}/matches?part=1"))
    assert "江大与其对手共建" in text_of(organiser.get(f"/matches/{match_id}"))


def test_a_search_of_all_needs_shows_each_reader_only_what_is_disclosed(
    database: Database, people: People, sign_in: Browser
) -> None:
    shown = {"status": NeedState.PUBLISHED, "public_title": "公开标题"}
    with database.writing() as session:
        key = make_achievement(session, organisation_id=people.jiangda).id
        needs = [
            make_need(session, organisation_id=people.huaxing, title="隐名的难题", **shown).id,
            make_need(
                session,
                organisation_id=people.huaxing,
                title="定向的难题",
                disclosure=Disclosure.TARGETED,
                status=NeedState.PUBLISHED,
            ).id,
        ]
    university, organiser = sign_in(people.university_user), sign_in(people.organiser)
    address = f"/achievements/{key}/matches"

    assert sign_in(people.other_university_user).post(f"{address}/search").status_code == 404
    assert university.post(f"{address}/search").status_code == 303
    assert "正在比较全部需求" in text_of(university.get(address))
    with database.writing() as session:
        session.scalars(select(WiderSearch)).one().asked_at = clock.now() - timedelta(minutes=4)
    late = university.get(address).text
    assert "等了几分钟，还没有结果" in late
    assert "delay:2s" not in late
    assert f'action="{address}/search"' in late
    with database.writing() as session:
        row = session.scalars(select(WiderSearch)).one()
        row.found_at = clock.now()
        row.found = [
            {"need_id": need, "achievement_id": key, "score": 0.7, "grade": "fair", "probability": 0.6}
            for need in needs
        ]
    theirs, ours = text_of(university.get(address)), text_of(organiser.get(address))

    assert "公开标题" in theirs
    for secret in ("隐名的难题", "定向的难题", "华星模具"):
        assert secret not in theirs
        assert secret in ours
    organiser.post(f"/needs/{needs[1]}/others/{key}/choose")
    with database.reading() as session:
        chosen = session.scalars(select(Match)).one()
    assert (chosen.need_id, chosen.status) == (needs[1], MatchState.SHORTLISTED)


def test_an_organiser_grades_by_hand_and_everybody_sees_who_said_so_but_only_organisers_why(
    database: Database, people: People, sign_in: Browser
) -> None:
    match_id, need_id = _match(database, people, status=NeedState.PUBLISHED)
    organiser = sign_in(people.organiser)
    data = {"grade": "weak", "reason": "只适用于小件"}

    done = text_of(organiser.post(f"/matches/{match_id}/grade", data=data, follow_redirects=True))
    pages = {
        name: text_of(sign_in(user).get(f"/matches/{match_id}"))
        for name, user in (("owner", people.enterprise_user), ("university", people.university_user))
    }
    listed = text_of(sign_in(people.organiser).get(f"/needs/{need_id}/matches"))
    back = text_of(
        sign_in(people.organiser).post(f"/matches/{match_id}/grade/computed", follow_redirects=True)
    )

    assert "等级由主办方评定：只适用于小件" in done
    assert "系统算出：强，匹配分 80。" in done
    assert "改评为“弱”：只适用于小件" in done
    assert listed.count("主办方评定</span>") == 1
    for page in pages.values():
        assert "等级由主办方评定。" in page
        assert "只适用于小件" not in page
    assert "恢复系统算出的“强”" in back
    assert "系统算出：强" not in back


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"grade": "weak", "reason": ""}, "请写明改评的理由"),
        ({"grade": "better", "reason": "对"}, "请选择等级：强、较强、弱或无。"),
    ],
)
def test_a_grade_without_a_reason_or_of_another_word_is_refused(
    database: Database, people: People, sign_in: Browser, data: dict[str, str], said: str
) -> None:
    match_id, _need_id = _match(database, people)

    page = sign_in(people.organiser).post(f"/matches/{match_id}/grade", data=data, follow_redirects=True)

    assert said in text_of(page)
    with database.reading() as session:
        assert session.get_one(Match, match_id).grade is Grade.STRONG
