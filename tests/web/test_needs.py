"""The pages about needs, seen by the enterprise, the organiser, and strangers."""

from collections.abc import Callable

import pytest
from factories import People, make_need, make_organisation
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select

from matchmaker.domain.disclosure import NeedFaces, short_name_in, view_of
from matchmaker.domain.permissions import ANYONE
from matchmaker.domain.states import ConsentScope, Disclosure, NeedState
from matchmaker.store.engine import Database
from matchmaker.store.tables import Consent, Need
from matchmaker.store.tables import Message as MessageRow
from matchmaker.web.frame import MatchmakerApp

FORM = {
    "title": "压铸模具表面抗热裂涂层",
    "problem": "压铸模具连续生产两万模次后表面出现龟裂，铸件报废率上升。",
    "key_points": "寿命≥10万模次，硬度≥3000HV",
    "coop_modes": ["joint", "service"],
    "fields": ["40"],
    "budget_text": "30-50万",
    "period_text": "2027年底前",
    "contact_name": "周一诺",
    "contact_phone": "13800000001",
    "disclosure": "masked",
    "consent_internal": "1",
    "need_type": "rnd",
}
Browser = Callable[[int], FlaskClient]


def _need(database: Database) -> Need:
    with database.reading() as session:
        return session.scalars(select(Need)).one()


def test_an_enterprise_posts_a_need_and_is_answered_at_once(
    database: Database, people: People, sign_in: Browser
) -> None:
    response = sign_in(people.enterprise_user).post("/needs/new", data=FORM)

    need = _need(database)
    assert response.status_code == 303
    assert response.location == f"/needs/{need.id}"
    assert (need.status, need.organisation_id, need.budget_min_fen, need.budget_max_fen) == (
        NeedState.SUBMITTED,
        people.huaxing,
        30_000_000,
        50_000_000,
    )
    assert (need.coop_modes, need.fields, str(need.period_to)) == (["joint", "service"], ["40"], "2027-12-31")
    with database.reading() as session:
        ticks = {row.scope: row.granted for row in session.scalars(select(Consent))}
        told = session.scalars(select(MessageRow)).one()
    assert ticks == {
        ConsentScope.INTERNAL: True,
        ConsentScope.CONTACT_AFTER_ACCEPT: False,
        ConsentScope.PUBLIC_DISPLAY: False,
    }
    assert (told.name, told.payload) == ("NeedPosted", {"need_id": need.id, "text_version": 1})


def test_a_form_with_problems_names_them_all_and_keeps_every_word(people: People, sign_in: Browser) -> None:
    response = sign_in(people.enterprise_user).post(
        "/needs/new", data={"title": "新型密封材料", "problem": "漏", "contact_name": "周一诺"}
    )

    page = text_of(response)
    assert response.status_code == 422
    assert "新型密封材料" in page
    for sentence in ("请写清遇到的主要问题", "请至少填写联系电话或电子邮箱", "需要同意主办方"):
        assert sentence in page


def test_secret_material_is_stopped_even_in_a_draft(
    database: Database, people: People, sign_in: Browser
) -> None:
    response = sign_in(people.enterprise_user).post(
        "/needs/new", data=FORM | {"problem": "本项目为绝密级装备配套，指标不便展开说明。", "act": "draft"}
    )

    assert response.status_code == 422
    assert "涉密内容不得录入" in text_of(response)
    with database.reading() as session:
        assert session.scalars(select(Need)).all() == []


def test_a_draft_may_be_half_empty_and_is_submitted_later(
    database: Database, people: People, sign_in: Browser
) -> None:
    browser = sign_in(people.enterprise_user)
    browser.post("/needs/new", data={"title": "还没想好的需求", "act": "draft"})
    draft = _need(database)
    assert draft.status is NeedState.DRAFT

    browser.post(f"/needs/{draft.id}/edit", data=FORM | {"version": str(draft.version)})

    assert _need(database).status is NeedState.SUBMITTED


def test_a_stale_form_is_refused_and_overwrites_nothing(
    database: Database, people: People, sign_in: Browser
) -> None:
    browser = sign_in(people.enterprise_user)
    browser.post("/needs/new", data=FORM)
    need = _need(database)

    response = browser.post(
        f"/needs/{need.id}/edit", data=FORM | {"title": "另一个名称", "version": str(need.version - 1)}
    )

    assert response.status_code == 409
    assert _need(database).title == FORM["title"]


def test_the_organiser_returns_with_a_reason_that_the_enterprise_reads(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        need_id = make_need(session, organisation_id=people.huaxing).id
    organiser = sign_in(people.organiser)

    assert organiser.post(f"/needs/{need_id}/return", data={"reason": "", "note": ""}).status_code == 422
    organiser.post(f"/needs/{need_id}/return", data={"reason": "缺少量化指标", "note": "请补充寿命要求"})

    assert _need(database).status is NeedState.RETURNED
    page = text_of(sign_in(people.enterprise_user).get(f"/needs/{need_id}"))
    assert "缺少量化指标；请补充寿命要求" in page


def test_publishing_needs_a_public_text_without_the_firms_name(
    database: Database, people: People, sign_in: Browser, app: object
) -> None:
    with database.writing() as session:
        need_id = make_need(session, organisation_id=people.huaxing, status=NeedState.ACCEPTED).id
    organiser = sign_in(people.organiser)
    edition = {
        "public_title": "压铸模具涂层",
        "public_text": "华星模具有限公司需要涂层。",
        "disclosure": "masked",
    }

    refused = organiser.post(f"/needs/{need_id}/publish", data=edition)
    assert refused.status_code == 422
    assert "公开文本里还有企业名称" in text_of(refused)

    organiser.post(f"/needs/{need_id}/publish", data=edition | {"public_text": "某企业需要抗热裂涂层。"})

    need = _need(database)
    assert (need.status, need.public_text) == (NeedState.PUBLISHED, "某企业需要抗热裂涂层。")
    outside = text_of(sign_in(people.university_user).get(f"/needs/{need_id}"))
    assert "某企业需要抗热裂涂层" in outside
    for secret in ("华星模具", "两万模次", "3000HV"):
        assert secret not in outside


@pytest.mark.parametrize(
    ("problem", "offered", "hint"),
    [
        ("华星模具有限公司的模具开裂。", "本企业的模具开裂。", "已去掉企业名称"),
        ("模具开裂。", "模具开裂。", "请看看有没有能认出企业的名称"),
        ("", "模具涂层", "企业只写了名称，先用名称作公开文本"),
    ],
)
def test_the_public_text_begins_with_what_was_told_and_says_what_was_done_to_it(
    database: Database, people: People, sign_in: Browser, problem: str, offered: str, hint: str
) -> None:
    with database.writing() as session:
        need_id = make_need(
            session, organisation_id=people.huaxing, title="模具涂层", problem=problem, key_points="",
            goal="", background="", status=NeedState.ACCEPTED,
        ).id  # fmt: skip

    page = sign_in(people.organiser).get(f"/needs/{need_id}/publish").get_data(as_text=True)

    assert f">\n{offered}</textarea>" in page
    assert [words for words in ("已去掉企业名称", "请看看", "企业只写了名称") if words in page] == [
        words for words in ("已去掉企业名称", "请看看", "企业只写了名称") if hint.startswith(words)
    ]
    assert hint in page


def test_what_the_public_text_leaves_out_and_adds_is_marked_word_by_word(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        need = make_need(
            session, organisation_id=people.huaxing, title="模具涂层", problem="华星的模具开裂。每班停机。",
            key_points="", goal="", background="", status=NeedState.ACCEPTED,
        )  # fmt: skip
        need_id = need.id
    organiser = sign_in(people.organiser)
    edition = {"public_title": "模具涂层", "public_text": "某企业的模具开裂。", "disclosure": "masked"}
    shown = organiser.post(
        f"/needs/{need_id}/preview", data=edition, headers={"HX-Request": "true"}
    ).get_data(as_text=True)
    organiser.post(f"/needs/{need_id}/publish", data=edition)
    log = organiser.get(f"/needs/{need_id}").get_data(as_text=True)

    assert "<del>华星</del><ins>某企业</ins>的模具开裂。<del>每班停机。</del>" in shown
    assert "标题" not in shown
    assert '<dd class="prose"><ins>某企业的模具开裂。</ins></dd>' in log


@pytest.mark.parametrize(
    ("disclosure", "status", "seen"),
    [
        (Disclosure.PUBLIC, NeedState.PUBLISHED, 200),
        (Disclosure.MASKED, NeedState.PUBLISHED, 200),
        (Disclosure.TARGETED, NeedState.PUBLISHED, 404),
        (Disclosure.INTERNAL, NeedState.PUBLISHED, 404),
        (Disclosure.PUBLIC, NeedState.SUBMITTED, 404),
        (Disclosure.PUBLIC, NeedState.WITHDRAWN, 404),
    ],
)
def test_strangers_see_a_need_only_as_far_as_it_is_disclosed(
    database: Database, people: People, sign_in: Browser, disclosure: Disclosure, status: NeedState, seen: int
) -> None:
    with database.writing() as session:
        need_id = make_need(
            session,
            organisation_id=people.huaxing,
            disclosure=disclosure,
            status=status,
            public_title="公开标题",
        ).id

    for user in (people.university_user, people.other_enterprise_user):
        assert sign_in(user).get(f"/needs/{need_id}").status_code == seen
    assert sign_in(people.enterprise_user).get(f"/needs/{need_id}").status_code == 200


def test_another_enterprise_can_neither_edit_nor_withdraw(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        need_id = make_need(session, organisation_id=people.huaxing).id
    stranger = sign_in(people.other_enterprise_user)

    assert stranger.get(f"/needs/{need_id}/edit").status_code == 404
    assert stranger.post(f"/needs/{need_id}/edit", data=FORM).status_code == 404
    assert stranger.post(f"/needs/{need_id}/withdraw").status_code == 404
    assert _need(database).status is NeedState.SUBMITTED


def test_lists_open_for_everybody_concerned(database: Database, people: People, sign_in: Browser) -> None:
    with database.writing() as session:
        make_need(session, organisation_id=people.huaxing)

    assert "压铸模具表面抗热裂涂层技术" in text_of(sign_in(people.enterprise_user).get("/needs/mine"))
    assert "压铸模具表面抗热裂涂层技术" in text_of(
        sign_in(people.organiser).get("/needs/review?q=压铸&state=submitted")
    )
    assert "压铸模具" not in text_of(sign_in(people.other_enterprise_user).get("/needs"))


def test_accepting_many_takes_the_ticked_ones(database: Database, people: People, sign_in: Browser) -> None:
    with database.writing() as session:
        ids = [make_need(session, organisation_id=people.huaxing, title=f"需求{n}").id for n in range(3)]

    sign_in(people.organiser).post("/needs/accept", data={"ids": [str(ids[0]), str(ids[2])]})

    with database.reading() as session:
        states = list(session.scalars(select(Need.status).order_by(Need.id)))
    assert states == [NeedState.ACCEPTED, NeedState.SUBMITTED, NeedState.ACCEPTED]


def test_an_unsent_draft_is_its_enterprises_alone(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        need_id = make_need(
            session, organisation_id=people.huaxing, status=NeedState.DRAFT, title="还没想好"
        ).id
    organiser = sign_in(people.organiser)

    assert organiser.get(f"/needs/{need_id}").status_code == 404
    assert organiser.get(f"/needs/{need_id}/edit").status_code == 404
    assert "还没想好" not in text_of(organiser.get("/needs/review"))
    assert sign_in(people.enterprise_user).get(f"/needs/{need_id}").status_code == 200


def test_a_firm_that_hides_its_name_later_is_not_named_by_what_was_approved_before(
    app: MatchmakerApp, database: Database, people: People, sign_in: Browser
) -> None:
    firm, organiser, nobody = (
        sign_in(people.enterprise_user),
        sign_in(people.organiser),
        app.test_client(),
    )
    shown = {"disclosure": "public", "consent_public_display": "1"}
    firm.post("/needs/new", data=FORM | shown)
    need = _need(database)
    organiser.post(f"/needs/{need.id}/accept")
    approved = {"public_title": "华星模具有限公司求涂层", "public_text": "华星模具的压铸模龟裂。"}
    organiser.post(f"/needs/{need.id}/publish", data=approved | shown)
    assert "华星模具有限公司求涂层" in text_of(nobody.get(f"/needs/{need.id}"))

    firm.post(f"/needs/{need.id}/edit", data=FORM | {"version": str(_need(database).version)})

    page = text_of(nobody.get(f"/needs/{need.id}"))
    assert "本企业求涂层" in page
    assert "华星" not in page
    assert "本企业求涂层" not in text_of(nobody.get("/needs?q=华星模具"))


def test_a_text_approved_for_outside_names_no_firm_that_hides_its_name(people: People) -> None:
    faces = NeedFaces(
        **dict.fromkeys(("firm_size", "trade", "town", "title", "text", "budget_text"), ""),
        need_id=1,
        organisation_id=people.huaxing,
        firm="华星模具有限公司",
        public_title="华星模具求涂层",
        public_text="华星模具有限公司的压铸模龟裂。",
        budget_min_fen=None,
        budget_max_fen=None,
        disclosure=Disclosure.MASKED,
        status=NeedState.PUBLISHED,
    )

    masked, met = view_of(ANYONE, faces), view_of(ANYONE, faces, contacts_open=True)

    assert (masked.title, masked.text) == ("本企业求涂层", "本企业的压铸模龟裂。")
    assert (met.title, met.text) == ("华星模具求涂层", "华星模具有限公司的压铸模龟裂。")


def test_more_keywords_than_are_kept_are_refused_and_a_save_says_that_it_saved(
    database: Database, people: People, sign_in: Browser
) -> None:
    firm = sign_in(people.enterprise_user)
    many = FORM | {"keywords": "涂层、模具、压铸、龟裂、寿命、硬度"}

    refused = firm.post("/needs/new", data=many)
    assert refused.status_code == 422
    assert "关键词最多 5 个，现在有 6 个" in text_of(refused)
    firm.post("/needs/new", data=FORM, follow_redirects=True)
    changed = FORM | {"goal": "寿命翻番", "version": str(_need(database).version)}
    saved = text_of(firm.post(f"/needs/{_need(database).id}/edit", data=changed, follow_redirects=True))
    assert "已保存" in saved
    assert "已提交。" not in saved


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("求绿泉泵阀以外的办法", "绿泉泵阀"),
        ("浙江绿泉泵阀的老问题", "浙江绿泉泵阀"),
        ("求泵阀汽蚀的治理办法", ""),
    ],
)
def test_a_short_name_that_gives_a_hidden_firm_away_is_remarked_on(text: str, told: str) -> None:
    assert short_name_in(text, "浙江绿泉泵阀股份有限公司") == told
    assert short_name_in("临澜县的轴承", "临澜县轴承有限公司") == ""


def test_what_nobody_can_be_told_by_the_system_is_said_at_once(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        told = make_need(session, organisation_id=people.huaxing).id
        firm = make_organisation(session, name="没有账号的厂")
        unheard = make_need(session, organisation_id=firm.id).id
    organiser = sign_in(people.organiser)
    words = "这家企业没有账号，也收不到邮件，系统通知不到"

    pages = {
        need_id: text_of(
            organiser.post(f"/needs/{need_id}/return", data={"reason": "难题没有写清"}, follow_redirects=True)
        )
        for need_id in (told, unheard)
    }

    assert {need_id: words in page for need_id, page in pages.items()} == {told: False, unheard: True}


def test_publishing_to_more_readers_than_the_firm_chose_is_remarked_on(
    database: Database, people: People, sign_in: Browser
) -> None:
    with database.writing() as session:
        need_id = make_need(session, organisation_id=people.huaxing, status=NeedState.ACCEPTED).id
    organiser = sign_in(people.organiser)
    form = {"public_title": "求涂层", "public_text": "模具龟裂，求涂层。"}

    pages = [
        text_of(
            organiser.post(f"/needs/{need_id}/publish", data=form | {"disclosure": to}, follow_redirects=True)
        )
        for to in ("masked", "public", "targeted")
    ]

    assert ["请确认企业已经同意" in page for page in pages] == [False, True, False]


def test_a_form_whose_text_can_no_longer_be_changed_is_not_opened(
    database: Database, people: People, sign_in: Callable[[int], FlaskClient]
) -> None:
    with database.writing() as session:
        need = make_need(session, organisation_id=people.huaxing, status=NeedState.SOLVED)

    page = sign_in(people.enterprise_user).get(f"/needs/{need.id}/edit")

    assert page.status_code == 409
    assert "内容不能再改" in text_of(page)
