"""The papers of an event: pages, Word files and workbooks, read back and compared."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from event_cast import Cast, make_cast
from factories import People
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select

from matchmaker import clock
from matchmaker.domain.states import Disclosure
from matchmaker.services.papers import PAPERS, TABULAR
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import (
    Achievement,
    ContactAccess,
    Event,
    EventItem,
    Invitation,
    Need,
    Pairing,
    PairingList,
    Person,
)

Browser = Callable[[int], FlaskClient]
SECRETS = ("周一诺 138", "压铸模具涂层", "两万模次", "远航汽配")


@pytest.fixture
def cast(database: Database, people: People) -> Cast:
    with database.writing() as session:
        return make_cast(session, people)


@pytest.fixture
def office(people: People, cast: Cast, sign_in: Browser) -> FlaskClient:
    """The organiser's browser; guests are on the list and the pairs are drawn."""
    browser = sign_in(people.organiser)
    browser.post(f"/events/{cast.event}/people/plan")
    browser.post(f"/events/{cast.event}/pairing/draw", data={})
    return browser


def opened(content: bytes) -> Any:
    import docx

    return docx.Document(io.BytesIO(content))


def loaded(content: bytes) -> Any:
    import openpyxl

    return openpyxl.load_workbook(io.BytesIO(content))


def words(content: bytes) -> list[str]:
    document = opened(content)
    return [paragraph.text for paragraph in document.paragraphs if paragraph.text.strip()]


def tables(content: bytes) -> list[list[list[str]]]:
    document = opened(content)
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


def cells(content: bytes) -> list[list[Any]]:
    return [list(row) for row in loaded(content).active.values]


@pytest.mark.parametrize("kind", PAPERS)
def test_every_paper_is_a_page_and_a_word_file(office: FlaskClient, cast: Cast, kind: str) -> None:
    at = f"/events/{cast.event}/papers/{kind}"
    page, file, book = office.get(at), office.get(f"{at}.docx"), office.get(f"{at}.xlsx")

    assert (page.status_code, file.status_code) == (200, 200)
    assert opened(file.data).core_properties.title
    assert book.status_code == (200 if kind in TABULAR else 404)


def test_the_page_of_materials_leads_to_all_of_them(office: FlaskClient, cast: Cast) -> None:
    page = office.get(f"/events/{cast.event}/materials").get_data(as_text=True)

    for kind in PAPERS:
        assert f'href="/events/{cast.event}/papers/{kind}"' in page
        assert f'href="/events/{cast.event}/papers/{kind}.docx"' in page


def test_without_a_list_the_papers_that_need_none_are_there(
    people: People, cast: Cast, sign_in: Browser
) -> None:
    browser = sign_in(people.organiser)
    at = f"/events/{cast.event}/papers"

    assert browser.get(f"{at}/handout").status_code == 404
    assert browser.get(f"{at}/agenda").status_code == 200
    assert "对接清单" not in text_of(browser.get(f"{at}/all"))
    assert "先生成配对清单" in text_of(browser.get(f"/events/{cast.event}/materials"))


def test_what_is_handed_out_names_nobody_who_is_not_disclosed(office: FlaskClient, cast: Cast) -> None:
    for kind in ("handout", "plan", "agenda", "table-cards"):
        page = text_of(office.get(f"/events/{cast.event}/papers/{kind}"))
        file = str(words(office.get(f"/events/{cast.event}/papers/{kind}.docx").data))
        for secret in SECRETS:
            assert secret not in page + file


def test_a_masked_owner_is_named_on_the_firms_own_paper_once_both_accept_and_never_to_the_hall(
    database: Database, office: FlaskClient, cast: Cast
) -> None:
    with database.writing() as session:
        session.get_one(Achievement, cast.coating).disclosure = Disclosure.MASKED
        shown = EventItem.subject_kind == "achievement", EventItem.subject_id == cast.coating
        session.scalars(select(EventItem).where(*shown)).one().presented = True
    at = f"/events/{cast.event}/papers"

    def told() -> dict[str, bool]:
        papers = {kind: text_of(office.get(f"{at}/{kind}")) for kind in ("handout", "plan", "table-cards")}
        of_firms = [
            row for row in cells(office.get(f"{at}/schedules.xlsx").data) if str(row[0]).endswith("有限公司")
        ]
        papers |= {"agenda": text_of(office.get(f"{at}/agenda")), "schedules": str(of_firms)}
        return {kind: "江州大学" in words or "沈知行" in words for kind, words in papers.items()}

    assert told() == dict.fromkeys(("handout", "plan", "table-cards", "agenda", "schedules"), False)
    with database.writing() as session:
        for pairing in session.scalars(select(Pairing)):
            pairing.need_answer = pairing.achievement_answer = "accepted"
    assert told() == {
        "handout": False, "plan": False, "table-cards": False, "agenda": False, "schedules": True
    }  # fmt: skip


def test_a_firms_schedule_names_the_expert_and_an_experts_hides_the_firm(
    office: FlaskClient, cast: Cast
) -> None:
    rows = cells(office.get(f"/events/{cast.event}/papers/schedules.xlsx").data)
    of_firm = [row[3:] for row in rows if row[0] == "远航汽配有限公司"]
    of_expert = [row for row in rows if str(row[0]).startswith("沈知行")]

    assert of_firm == [
        ["江州大学机械工程学院", "沈知行 教授", "汽配表面处理——多弧离子镀氮铝铬钛复合涂层制备技术"]
    ]
    assert len(of_expert) == 2
    assert all("华星" not in str(row) and "远航" not in str(row) for row in of_expert)
    pages = words(office.get(f"/events/{cast.event}/papers/schedules.docx").data)
    assert sum(line.startswith("您共有") for line in pages) == 4


def test_a_masked_firm_is_named_on_the_experts_own_paper_once_both_accept_and_never_to_the_hall(
    database: Database, office: FlaskClient, cast: Cast
) -> None:
    with database.writing() as session:
        for pairing in session.scalars(select(Pairing)):
            pairing.need_answer = pairing.achievement_answer = "accepted"
    at = f"/events/{cast.event}/papers"
    of_experts = [row for row in cells(office.get(f"{at}/schedules.xlsx").data) if "教授" in str(row[0])]
    for_the_hall = text_of(office.get(f"{at}/handout")) + text_of(office.get(f"{at}/table-cards"))

    assert "华星" in str(of_experts)
    assert "华星" not in for_the_hall


def test_telephones_on_the_sign_in_sheet_are_masked(
    database: Database, office: FlaskClient, cast: Cast
) -> None:
    with database.reading() as session:
        phone = session.scalars(select(Person.phone).where(Person.name == "周一诺")).one()
    rows = cells(office.get(f"/events/{cast.event}/papers/sign-in.xlsx").data)
    (grid,) = tables(office.get(f"/events/{cast.event}/papers/sign-in.docx").data)

    assert rows[0] == ["序号", "单位", "姓名", "职务/职称", "手机", "签字/签到时间", "备注"]
    assert grid[0] == rows[0]
    (huaxing,) = [row for row in rows if row[2] == "周一诺"]
    assert huaxing[4] == f"{phone[:3]}****{phone[-4:]}"
    assert len(rows) == len(grid) == 1 + 4 + 6


def test_the_plan_says_what_is_missing_instead_of_making_it_up(office: FlaskClient, cast: Cast) -> None:
    said = words(office.get(f"/events/{cast.event}/papers/plan.docx").data)

    headings = [line for line in said if line[0] in "一二三四五六七八九十" and "、" in line[:3]]
    assert [line.partition("、")[2] for line in headings] == [
        "活动目的",
        "时间和地点",
        "组织单位",
        "参会对象",
        "主题领域",
        "议程",
        "需求与成果",
        "任务分工",
        "经费预算",
        "宣传报道",
        "安全保障",
    ]
    assert "承办单位：【待填】。" in said
    assert "企业代表 2 人，高校院所专家 2 人，合计约 4 人。会场可容纳 60 人。" in said


def test_the_agenda_ends_its_opening_when_the_meetings_begin(office: FlaskClient, cast: Cast) -> None:
    rows = cells(office.get(f"/events/{cast.event}/papers/agenda.xlsx").data)

    assert [row[:2] for row in rows[1:]] == [
        ["13:00–13:15", "签到"],
        ["13:15–13:20", "领导致辞"],
        ["13:20–13:30", "政策宣讲"],
        ["13:30–13:45", "企业技术需求发布"],
        ["13:45–14:00", "科技成果推介"],
        ["14:00–15:00", "一对一洽谈（2 桌，每轮 20 分钟，共 3 轮）"],
        ["15:00–15:15", "签约、授牌"],
        ["15:15–16:15", "企业走访"],
    ]


def test_who_said_no_gets_no_letter_and_no_badge(database: Database, office: FlaskClient, cast: Cast) -> None:
    with database.writing() as session:
        guest = session.scalars(select(Invitation).where(Invitation.role == "expert")).first()
        assert guest is not None
        guest.status = "declined"  # type: ignore[assignment]

    letters = words(office.get(f"/events/{cast.event}/papers/invitations.docx").data)
    badges = cells(office.get(f"/events/{cast.event}/papers/badges.xlsx").data)

    assert letters.count("邀 请 函") == 3
    assert len(badges) == 1 + 3


def test_formulas_stay_words(database: Database, office: FlaskClient, cast: Cast) -> None:
    with database.writing() as session:
        session.get_one(Need, cast.yuanhang_need).title = '=HYPERLINK("http://x","点我")'

    book = loaded(office.get(f"/events/{cast.event}/papers/schedules.xlsx").data)
    typed = [cell for row in book.active.iter_rows() for cell in row if "HYPERLINK" in str(cell.value)]

    assert typed
    assert {cell.data_type for cell in typed} == {"s"}


def test_the_internal_edition_needs_a_purpose_and_is_logged(
    database: Database, office: FlaskClient, cast: Cast
) -> None:
    at = f"/events/{cast.event}/papers/internal"

    assert office.post(at).status_code == 422
    page = text_of(office.post(at, data={"note": "当天签到"}))
    file = office.post(at, data={"note": "当天签到", "form": "docx"})

    assert "用途：当天签到" in page
    assert "华星模具有限公司" in page
    assert "周一诺 138" in str(tables(file.data))
    with database.reading() as session:
        assert len(session.scalars(select(ContactAccess)).all()) == 6


def test_the_bureaus_own_template_is_used(settings: Settings, office: FlaskClient, cast: Cast) -> None:
    import docx

    letterhead = docx.Document()
    letterhead.add_paragraph("县科技局文件（{{活动名称}}）")
    place = settings.data.folder / "templates"
    place.mkdir()
    letterhead.save(str(place / "agenda.docx"))

    agenda = words(office.get(f"/events/{cast.event}/papers/agenda.docx").data)
    plan = words(office.get(f"/events/{cast.event}/papers/plan.docx").data)

    assert agenda[:2] == ["县科技局文件（模具产业专场对接会）", "模具产业专场对接会议程"]
    assert plan[0] == "模具产业专场对接会活动方案"
    assert "用本单位的模板" in text_of(office.get(f"/events/{cast.event}/materials"))


def test_everything_for_the_day_prints_at_once(office: FlaskClient, cast: Cast) -> None:
    page = office.get(f"/events/{cast.event}/papers/all").get_data(as_text=True)

    assert page.count("<section") == 1 + 1 + 4 + 1 + 1 + 4 + 1
    assert "活动方案" not in page


def test_the_internal_workbook_keeps_every_reason_on_a_sheet_of_its_own(
    database: Database, office: FlaskClient, cast: Cast
) -> None:
    with database.reading() as session:
        listed = session.scalars(select(PairingList)).one()
    answer = office.post(f"/events/{cast.event}/pairing/{listed.id}/internal.xlsx", data={"note": "签到联系"})
    book = loaded(answer.data)

    assert [(sheet.title, sheet.sheet_state) for sheet in book] == [
        ("对接清单", "visible"),
        ("推荐理由", "visible"),
        ("代号对照", "visible"),
        ("清单来源（勿改）", "hidden"),
    ]
    reasons = [list(row) for row in book["推荐理由"].values]
    assert reasons[0] == ["序号", "企业名称", "技术需求名称", "推荐成果名称", "类别", "理由"]
    assert len(reasons) == 1 + 2 * 3
    assert book["对接清单"].column_dimensions["T"].hidden
    keys = [row[-1].value for row in book["对接清单"].iter_rows(min_row=3, max_row=5)]
    assert set(keys) == {
        f"N{cast.huaxing_need}-A{cast.casting}",
        f"N{cast.huaxing_need}-A{cast.coating}",
        f"N{cast.yuanhang_need}-A{cast.coating}",
    }


def test_badges_carry_a_number_that_the_desk_can_look_up(
    database: Database, office: FlaskClient, cast: Cast
) -> None:
    with database.reading() as session:
        ids = list(session.scalars(select(Invitation.id).order_by(Invitation.id)))
    rows = cells(office.get(f"/events/{cast.event}/papers/badges.xlsx").data)

    assert sorted(row[0] for row in rows[1:]) == [f"{key:04d}" for key in ids]


def test_papers_say_the_day_in_words(office: FlaskClient, cast: Cast) -> None:
    day = clock.today()

    page = text_of(office.get(f"/events/{cast.event}/papers/invitations"))

    assert f"{day.year}年" in page
    assert "（星期" in page


def test_only_tables_that_are_used_get_a_card_and_before_a_list_every_one(
    people: People, cast: Cast, sign_in: Browser, database: Database
) -> None:
    browser, at = sign_in(people.organiser), f"/events/{cast.event}/papers/table-cards"
    before = browser.get(at).text.count('<section class="sheet')
    browser.post(f"/events/{cast.event}/pairing/draw", data={"per_enterprise": "1", "per_expert": "2"})
    with database.writing() as session:
        for pairing in session.scalars(select(Pairing)):
            pairing.table_number = 2

    after = browser.get(at).text

    assert (before, after.count('<section class="sheet')) == (2, 1)
    assert '<div class="tent-number">2</div>' in after


def test_a_masked_firm_goes_by_one_code_on_all_papers_and_keeps_it_when_another_leaves(
    database: Database, people: People, office: FlaskClient, cast: Cast
) -> None:
    at = f"/events/{cast.event}"

    def shown() -> dict[str, set[str]]:
        kinds = ("handout", "table-cards", "schedules", "badges", "name-cards")
        return {
            kind: set(re.findall(r"企业A\d\d", text_of(office.get(f"{at}/papers/{kind}")))) for kind in kinds
        }

    def inside() -> list[list[Any]]:
        with database.reading() as session:
            listed = session.scalars(select(PairingList.id).order_by(PairingList.id.desc())).first()
        book = loaded(office.post(f"{at}/pairing/{listed}/internal.xlsx", data={"note": "签到"}).data)
        return [list(row) for row in book["代号对照"].values]

    both = {"企业A01", "企业A02"}
    assert shown() == dict.fromkeys(("handout", "table-cards", "schedules", "badges", "name-cards"), both)
    assert inside() == [
        ["代号", "企业名称"], ["企业A01", "华星模具有限公司"], ["企业A02", "远航汽配有限公司"]
    ]  # fmt: skip
    assert "华星模具有限公司" not in text_of(office.get(f"{at}/desk/badges"))

    with database.writing() as session:
        for row in session.scalars(select(EventItem).where(EventItem.subject_id == cast.huaxing_need)):
            if row.subject_kind == "need":
                session.delete(row)
    office.post(f"{at}/pairing/draw", data={})
    assert inside() == [["代号", "企业名称"], ["企业A02", "远航汽配有限公司"]]

    with database.writing() as session:
        session.get_one(Need, cast.yuanhang_need).disclosure = Disclosure.PUBLIC
    assert "企业A02" not in text_of(office.get(f"{at}/papers/handout"))
    assert "远航汽配有限公司" in text_of(office.get(f"{at}/papers/badges"))


@pytest.mark.parametrize(
    ("begins", "visits", "signing", "arrival"),
    [
        (14, "15:15–16:15", "15:00–15:15", "13:00–13:15"),
        (16, "【待填】", "17:00–17:15", "15:00–15:15"),
        (21, "【待填】", "22:00–22:15", "20:00–20:15"),
        (23, "【待填】", "【待填】", "22:00–22:15"),
        (6, "【待填】", "07:00–07:15", "【待填】"),
    ],
)
def test_the_agenda_prints_no_hour_at_which_nobody_would_be_there(
    database: Database, office: FlaskClient, cast: Cast, begins: int, visits: str, signing: str, arrival: str
) -> None:
    with database.writing() as session:
        event = session.get_one(Event, cast.event)
        event.starts_at = clock.from_local(event.held_on, begins)

    rows = cells(office.get(f"/events/{cast.event}/papers/agenda.xlsx").data)

    told = {row[1]: row[0] for row in rows}
    assert (told["企业走访"], told["签约、授牌"], told["签到"]) == (visits, signing, arrival)
