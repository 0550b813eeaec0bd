"""Uploading lists through the pages."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from factories import People
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select
from werkzeug.test import TestResponse

from jobs import uploads as job
from matchmaker.domain.states import UploadState
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Achievement, Need, Person, Upload, UploadRow
from matchmaker.web.frame import MatchmakerApp

SignIn = Callable[[int], FlaskClient]
NEEDS = """企业名称,技术需求名称,需求描述,拟投入资金(万元),联系人,手机,是否愿意公开企业名称
华星模具有限公司,压铸模热裂纹控制,模具在两万模次后出现龟裂，需要提高表面抗热疲劳性能，寿命提高五成。,50,周一诺,13800000001,否
远航汽配有限公司,铝合金压铸件气孔检测,铸件内部气孔只能抽检，需要在线无损检测，节拍不超过二十秒每件。,面议,林晓,13800000002,是
"""


def send(client: FlaskClient, *files: tuple[str, str], **form: str) -> TestResponse:
    listed = [(io.BytesIO(content.encode("utf-8-sig")), name) for name, content in files]
    return client.post("/uploads", data={"files": listed, **form})


def test_a_need_list_is_previewed_confirmed_and_undone(
    people: People, sign_in: SignIn, database: Database
) -> None:
    client = sign_in(people.organiser)
    place = send(client, ("需求.csv", NEEDS), consent_source="企业填报时同意提供").headers["Location"]

    preview = text_of(client.get(place))
    assert "压铸模热裂纹控制" in preview
    assert "导入 2 行" in preview
    with database.reading() as session:
        assert session.scalars(select(Need)).all() == []

    assert client.post(f"{place}/confirm").status_code == 303
    assert "新增 2 条" in text_of(client.get(place))
    assert "已经导入过" in text_of(client.post(f"{place}/confirm", follow_redirects=True))
    with database.reading() as session:
        needs = session.scalars(select(Need).order_by(Need.id)).all()
        assert [(need.title, need.disclosure, need.budget_max_fen) for need in needs] == [
            ("压铸模热裂纹控制", "masked", 50_000_000),
            ("铝合金压铸件气孔检测", "public", None),
        ]

    assert client.post(f"{place}/undo").status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Need)).all() == []


def test_a_row_of_several_needs_goes_in_as_several_and_out_again(
    people: People, sign_in: SignIn, database: Database
) -> None:
    client = sign_in(people.organiser)
    text = (
        "企业名称,技术需求1,技术需求2,技术需求3,联系人,手机\n"
        "华星模具有限公司,压铸模热裂纹控制,,模面激光熔覆,周一诺,13800000001\n"
        "远航汽配有限公司,铸件气孔检测,,,林晓,13800000002\n"
    )
    place = send(client, ("需求.csv", text), consent_source="企业填报时同意提供").headers["Location"]

    preview = text_of(client.get(place))
    assert "导入 3 行" in preview
    assert "一行里有几项（“技术需求1”、“技术需求2”、“技术需求3”），已拆成一项一条" in preview

    client.post(f"{place}/confirm")
    with database.reading() as session:
        needs = session.scalars(select(Need).order_by(Need.id)).all()
        assert [need.title for need in needs] == ["压铸模热裂纹控制", "模面激光熔覆", "铸件气孔检测"]
        assert needs[0].organisation_id == needs[1].organisation_id != needs[2].organisation_id

    client.post(f"{place}/undo")
    with database.reading() as session:
        assert session.scalars(select(Need)).all() == []


def test_contacts_need_a_word_on_where_they_came_from(people: People, sign_in: SignIn) -> None:
    client = sign_in(people.organiser)
    place = send(client, ("需求.csv", NEEDS)).headers["Location"]

    refused = client.post(f"{place}/confirm")

    assert refused.status_code == 422
    assert "请写明这些联系方式从何而来" in text_of(refused)


def test_several_files_come_in_at_once_and_a_broken_one_says_why(
    people: People, sign_in: SignIn, database: Database
) -> None:
    client = sign_in(people.organiser)

    sent = send(client, ("需求.csv", NEEDS), ("坏.xlsx", "这不是表格"))
    page = text_of(client.get(sent.headers["Location"]))

    assert "收到 2 个文件，其中 1 个未能读取" in page
    with database.reading() as session:
        states = [(u.filename, u.state, bool(u.refusal)) for u in session.scalars(select(Upload))]
    assert states == [
        ("需求.csv", UploadState.PREVIEWED, False),
        ("坏.xlsx", UploadState.REFUSED, True),
    ]


def test_nothing_chosen_is_told_on_the_page(people: People, sign_in: SignIn) -> None:
    response = sign_in(people.organiser).post("/uploads", data={})

    assert response.status_code == 422
    assert "请先选择要上传的文件" in text_of(response)


def test_others_do_not_find_an_upload(people: People, sign_in: SignIn) -> None:
    place = send(sign_in(people.enterprise_user), ("需求.csv", NEEDS)).headers["Location"]

    assert sign_in(people.other_enterprise_user).get(place).status_code == 404
    assert sign_in(people.other_enterprise_user).post(f"{place}/confirm").status_code == 404
    assert sign_in(people.enterprise_user).get(place).status_code == 200


def test_an_enterprise_imports_only_for_itself(people: People, sign_in: SignIn, database: Database) -> None:
    client = sign_in(people.enterprise_user)
    place = send(client, ("需求.csv", NEEDS), consent_source="本单位").headers["Location"]

    assert "您只能为本单位" in text_of(client.get(place))
    client.post(f"{place}/confirm")
    with database.reading() as session:
        assert [need.organisation_id for need in session.scalars(select(Need))] == [people.huaxing]


ACHIEVEMENTS = """成果名称,完成单位,第一完成人,成果简介,成熟度,专利号
多弧离子镀复合涂层,江州大学,沈知行,在模具钢表面制备硬质涂层，硬度可达3200HV。,中试,ZL201910012345.6
低温等离子体除臭装置,江州大学,顾言,用于饲料厂废气治理。,小试,
"""


def test_a_university_list_waits_for_the_organiser(
    people: People, sign_in: SignIn, database: Database
) -> None:
    client = sign_in(people.university_user)
    place = send(client, ("成果.csv", ACHIEVEMENTS)).headers["Location"]
    assert "校验位不对" in text_of(client.get(place))
    client.post(f"{place}/confirm", data={"consent_source": "本校"})

    with database.reading() as session:
        found = session.scalars(select(Achievement).order_by(Achievement.id)).all()
        assert [(a.title, a.status, a.organisation_id, a.maturity) for a in found] == [
            ("多弧离子镀复合涂层", "submitted", people.jiangda, "pilot"),
            ("低温等离子体除臭装置", "submitted", people.jiangda, "small_trial"),
        ]


def test_a_corrected_column_is_read_again_and_remembered(
    people: People, sign_in: SignIn, database: Database
) -> None:
    client = sign_in(people.organiser)
    text = ACHIEVEMENTS.replace("成果简介", "说明文字内容")
    place = send(client, ("成果.csv", text)).headers["Location"]
    fields = ["title", "org", "leader", "summary", "stage", "patent_no"]
    form = {f"column-{index}": name for index, name in enumerate(fields)}
    form |= {"table": "0", "kind": "achievement", "record_type": "patent"}
    client.post(f"{place}/columns", data=form)
    client.post(f"{place}/confirm")

    again = send(client, ("成果第二季.csv", text)).headers["Location"]

    assert "您选的" in text_of(client.get(again))
    with database.reading() as session:
        rows = session.scalars(select(Achievement).order_by(Achievement.id)).all()
        assert [(row.record_type, row.summary) for row in rows] == [
            ("patent", "在模具钢表面制备硬质涂层，硬度可达3200HV。"),
            ("patent", "用于饲料厂废气治理。"),
        ]
        latest = session.scalars(select(Upload).order_by(Upload.id.desc())).first()
        assert latest is not None
        assert latest.summary["counts"]["same"] == 2


def test_a_problem_row_is_put_right_in_place(people: People, sign_in: SignIn, database: Database) -> None:
    client = sign_in(people.organiser)
    text = NEEDS.replace("压铸模热裂纹控制", "")
    place = send(client, ("需求.csv", text), consent_source="企业").headers["Location"]
    with database.reading() as session:
        upload = session.scalars(select(Upload)).one()
        assert upload.summary["counts"] == {"new": 1, "changed": 0, "same": 0, "problem": 1, "duplicate": 0}
        assert upload.summary["tables"][0]["columns"][1]["fields"] == ["title"]

    page = client.post(f"{place}/rows", data={"cell-0-1": "压铸模热裂纹控制"}, follow_redirects=True)

    assert "导入 2 行" in text_of(page)


def test_what_could_not_be_read_is_put_right_in_place_and_what_is_missing_is_said_once(
    people: People, sign_in: SignIn
) -> None:
    client = sign_in(people.organiser)
    text = (
        NEEDS.replace(",50,", ",很多钱,").replace("远航汽配有限公司", "").replace("是否愿意", "时辰,是否愿意")
    )
    text = text.replace("13800000001,", "13800000001,早上,").replace("13800000002,", "13800000002,晚上,")
    place = send(client, ("需求.csv", text), consent_source="企业").headers["Location"]
    before = text_of(client.get(place))

    after = text_of(client.post(f"{place}/rows", data={"cell-0-3": "50万元"}, follow_redirects=True))

    assert before.count("缺少企业名称") + before.count("没有写企业名称") == 1
    assert "没有导入的列：时辰" in before
    assert ("在这里改" in before, "在这里改" in after) == (True, False)
    assert ("“很多钱”不能识别为金额" in before, "“很多钱”不能识别为金额" in after) == (True, False)
    assert "下载有问题的行" in before
    whole = send(client, ("好.csv", NEEDS), consent_source="企业").headers["Location"]
    assert "下载有问题的行" not in text_of(client.get(whole))


def test_who_is_in_charge_is_asked_about_beside_a_telephone(people: People, sign_in: SignIn) -> None:
    client = sign_in(people.organiser)
    place = send(client, ("需求.csv", NEEDS.replace("联系人", "负责人"))).headers["Location"]

    assert "“负责人”列是“联系人”还是“法人代表”？现按“联系人”处理。" in text_of(client.get(place))


def test_the_problem_rows_come_as_a_workbook(people: People, sign_in: SignIn) -> None:
    client = sign_in(people.organiser)
    place = send(client, ("需求.csv", NEEDS.replace("压铸模热裂纹控制", ""))).headers["Location"]

    response = client.get(f"{place}/problems.xlsx")

    assert response.status_code == 200
    assert response.data.startswith(b"PK")


def test_a_visitor_may_not_confirm(app: MatchmakerApp) -> None:
    assert app.test_client().post("/uploads/1/confirm").status_code == 403


def test_the_list_of_uploads_is_each_persons_own(people: People, sign_in: SignIn) -> None:
    send(sign_in(people.enterprise_user), ("企业自己的.csv", NEEDS))

    seen = {
        who: "企业自己的.csv" in text_of(sign_in(who).get("/uploads"))
        for who in (
            people.enterprise_user,
            people.other_enterprise_user,
            people.university_user,
            people.organiser,
        )
    }

    assert seen == {
        people.enterprise_user: True,
        people.other_enterprise_user: False,
        people.university_user: False,
        people.organiser: True,
    }


def test_a_table_taken_for_the_wrong_kind_is_read_as_the_right_one(
    people: People, sign_in: SignIn, database: Database
) -> None:
    client = sign_in(people.organiser)
    place = send(client, ("需求.csv", NEEDS)).headers["Location"]
    client.post(f"{place}/columns", data={"table": "0", "kind": "achievement"})
    with database.reading() as session:
        assert session.scalars(select(Upload.kind)).all() == ["achievement"]

    client.post(f"{place}/columns", data={"table": "0", "kind": "need"})

    with database.reading() as session:
        assert session.scalars(select(Upload.kind)).all() == ["need"]
    assert "导入 2 行" in text_of(client.get(place))


def test_a_kind_nobody_could_tell_is_asked_for(people: People, sign_in: SignIn) -> None:
    client = sign_in(people.organiser)
    text = "甲,乙,丙\n高效气动激振器,某某机械厂,需要更大锤击力的气动激振器用于料仓疏通\n"
    place = send(client, ("不明.csv", text)).headers["Location"]

    page = text_of(client.get(place))

    assert "没能认出这份表列的是什么" in page
    answered = client.post(f"{place}/answer", data={"code": "kind", "value": "need"}, follow_redirects=True)
    assert "各列的含义" in text_of(answered)


def test_an_enterprise_cannot_import_achievements(people: People, sign_in: SignIn) -> None:
    client = sign_in(people.enterprise_user)

    page = text_of(client.get(send(client, ("成果.csv", ACHIEVEMENTS)).headers["Location"]))

    assert "您的账号不能导入这一类清单" in page


def test_rows_without_a_unit_belong_to_the_one_named_with_the_file(
    people: People, sign_in: SignIn, database: Database
) -> None:
    client = sign_in(people.organiser)
    text = "成果名称,成果简介,成熟度\n膜分离装置,用于印染废水回用，回用率七成。,中试\n"
    place = send(client, ("成果.csv", text), organisation="海州理工学院").headers["Location"]
    client.post(f"{place}/confirm")

    with database.reading() as session:
        assert [row.organisation_id for row in session.scalars(select(Achievement))] == [people.haiyuan]


def test_a_suspected_duplicate_waits_for_a_decision(
    people: People, sign_in: SignIn, database: Database
) -> None:
    client = sign_in(people.organiser)
    first = send(client, ("一.csv", NEEDS), consent_source="企业").headers["Location"]
    client.post(f"{first}/confirm")
    other = NEEDS.replace("技术需求名称,", "编号,技术需求名称,").replace("有限公司,", "有限公司,X2026-1,")
    second = send(client, ("二.csv", other.replace(",50,", ",80,")), consent_source="企业").headers[
        "Location"
    ]
    page = text_of(client.get(f"{second}?verdict=duplicate"))
    assert "来自另一份材料" in page

    client.post(f"{second}/decide", data={"ids": ["0"], "decision": "update"})
    assert "导入 1 行" in text_of(client.get(second))
    client.post(f"{second}/confirm")

    with database.reading() as session:
        needs = session.scalars(select(Need).order_by(Need.id)).all()
        assert [(need.budget_max_fen, need.text_version) for need in needs] == [(80_000_000, 1), (None, 1)]
    client.post(f"{second}/undo")
    with database.reading() as session:
        assert [need.budget_max_fen for need in session.scalars(select(Need).order_by(Need.id))] == [
            50_000_000,
            None,
        ]


# the test client keeps a large form in a temporary file that it leaves to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_real_lists_come_in_whole_through_the_pages(
    shared: Path, people: People, sign_in: SignIn, database: Database, settings: Settings
) -> None:
    client = sign_in(people.organiser)
    for name in ("企业技术需求征集汇总表.xlsx", "难题征集_网上导出.csv", "高校可转化成果目录.xlsx"):
        content = (shared / "samples" / name).read_bytes()
        form = {"files": [(io.BytesIO(content), name)], "consent_source": "填报时同意"}
        place = client.post("/uploads", data=form).headers["Location"]
        assert client.post(f"{place}/confirm").status_code == 303
    others = ("科技成果汇编.docx", "论文成果库导出.csv")
    files = [(io.BytesIO((shared / "samples" / name).read_bytes()), name) for name in others]
    client.post("/uploads", data={"files": files, "consent_source": "填报时同意"})
    job.work_off(settings.database_url)  # the larger ones are the background process's
    for number in (4, 5):
        assert client.post(f"/uploads/{number}/confirm").status_code == 303
    job.work_off(settings.database_url)

    with database.reading() as session:
        uploads = session.scalars(select(Upload).order_by(Upload.id))
        assert [upload.summary["done"]["add"] for upload in uploads] == [120, 109, 600, 40, 1500]


def test_rows_left_behind_are_corrected_after_the_import(
    people: People, sign_in: SignIn, database: Database
) -> None:
    client = sign_in(people.organiser)
    listed = (
        "企业名称,技术需求名称,需求描述,备注\n"
        "华星模具有限公司,热裂纹控制,两万模次后龟裂,急\n,气孔检测,只能抽检,缓\n"
    )
    place = send(client, ("需求.csv", listed)).location
    client.post(f"{place}/confirm")
    page = text_of(client.get(place))
    assert "修改留下的 1 行" in page

    child = client.post(f"{place}/parked").location.partition("?")[0]
    row = text_of(client.get(child))
    assert "缺少企业名称" in row
    assert "原文件位置" not in row
    client.post(f"{child}/rows", data={"cell-0-0": "远航汽配有限公司"})
    client.post(f"{child}/confirm")
    with database.reading() as session:
        found = [
            (need.organisation_id, need.title) for need in session.scalars(select(Need).order_by(Need.id))
        ]
    assert found == [(people.huaxing, "热裂纹控制"), (people.yuanhang, "气孔检测")]
    again = text_of(
        client.get(send(client, ("需求.csv", listed.replace("\n,气", "\n远航汽配有限公司,气"))).location)
    )
    assert "未变" in again


@pytest.mark.parametrize(
    ("answer", "titles"), [("keep", ["热裂纹控制", "气孔检测"]), ("drop", ["热裂纹控制"])]
)
def test_hidden_rows_come_in_or_stay_out_as_the_person_says(
    people: People, sign_in: SignIn, database: Database, answer: str, titles: list[str]
) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (
        ["企业名称", "技术需求名称", "需求描述"],
        ["华星模具有限公司", "热裂纹控制", "两万模次后龟裂"],
        ["华星模具有限公司", "气孔检测", "只能抽检"],
    ):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    target = io.BytesIO()
    book.save(target)
    client = sign_in(people.organiser)
    listed = {"files": (io.BytesIO(target.getvalue()), "需求.xlsx"), "consent_source": "同意"}
    place = client.post("/uploads", data=listed).location
    assert "在文件里是隐藏的，请确认要不要导入" in text_of(client.get(place))

    client.post(f"{place}/answer", data={"code": "hidden", "value": answer})
    assert "请确认要不要导入。</p>" not in text_of(client.get(place))
    client.post(f"{place}/confirm")
    with database.reading() as session:
        assert list(session.scalars(select(Need.title).order_by(Need.id))) == titles


def test_what_was_decided_about_a_row_stays_with_it_when_the_file_is_read_again(
    people: People, sign_in: SignIn, database: Database
) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (
        ["企业名称", "技术需求名称", "需求描述"],
        ["华星模具有限公司", "隐藏的一条", "去年就解决了"],
        ["华星模具有限公司", "热裂纹控制", "两万模次后龟裂"],
        ["华星模具有限公司", "气孔检测", "只能抽检"],
    ):
        book.active.append(row)
    book.active.row_dimensions[2].hidden = True
    target = io.BytesIO()
    book.save(target)
    client = sign_in(people.organiser)
    place = client.post("/uploads", data={"files": (io.BytesIO(target.getvalue()), "需求.xlsx")}).location

    client.post(f"{place}/decide", data={"ids": "1", "decision": "skip"})
    client.post(f"{place}/answer", data={"code": "hidden", "value": "drop"})
    assert "导入 1 行" in text_of(client.get(place))
    client.post(f"{place}/confirm")

    with database.reading() as session:
        assert list(session.scalars(select(Need.title))) == ["气孔检测"]


@pytest.mark.parametrize(
    ("who", "page", "kind", "words"),
    [
        ("organiser", "/organisations", "people", "下载人员名单"),
        ("organiser", "/experts", "people", "下载人员名单"),
        ("organiser", "/tracking", "contracts", "下载合同清单"),
        ("organiser", "/needs/review", "needs", "下载表格"),
        ("organiser", "/achievements", "achievements", "下载表格"),
        ("enterprise_user", "/needs/mine", "needs", "下载表格"),
        ("university_user", "/experts", "people", "下载本单位人员名单"),
    ],
)
def test_a_list_page_gives_its_list_as_a_file_that_goes_in_again(
    people: People, sign_in: SignIn, who: str, page: str, kind: str, words: str
) -> None:
    client = sign_in(getattr(people, who))

    shown = client.get(page).get_data(as_text=True)
    files = {form: client.get(f"/uploads/export/{kind}.{form}") for form in ("xlsx", "csv")}

    assert words in shown
    assert all(f'href="/uploads/export/{kind}.{form}"' in shown for form in files)
    assert [answer.status_code for answer in files.values()] == [200, 200]
    assert (files["xlsx"].data[:2], files["csv"].data[:3]) == (b"PK", b"\xef\xbb\xbf")


def test_people_with_contacts_leave_for_a_purpose_only(people: People, sign_in: SignIn) -> None:
    bureau = sign_in(people.organiser)

    plain = bureau.get("/uploads/export/people.csv").get_data(as_text=True)
    refused = bureau.post("/uploads/export/people.csv", data={"purpose": " "})
    full = bureau.post("/uploads/export/people.csv", data={"purpose": "逐家电话核对"}).get_data(as_text=True)

    assert (refused.status_code, "手机" in plain, "手机" in full) == (422, False, True)
    assert sign_in(people.enterprise_user).get("/uploads/export/contracts.csv").status_code == 403


def test_a_preview_tells_columns_and_changes_in_english(people: People, sign_in: SignIn) -> None:
    client = sign_in(people.organiser)
    first = send(client, ("需求.csv", NEEDS), consent_source="企业填报时同意提供").headers["Location"]
    client.post(f"{first}/confirm")
    again = NEEDS.replace(",50,", ",80,").replace("，节拍不超过二十秒每件", "，节拍不超过十秒每件")

    page = text_of(client.get(f"{send(client, ('需求二.csv', again)).headers['Location']}?lang=en"))

    for words in ("chosen by you", "budget (as written)", "problem", ">Mobile<"):
        assert words in page
    for words in ("您选的", "拟投入资金（原文）", "<b>需求描述"):
        assert words not in page


def test_one_button_takes_what_was_typed_into_every_row(
    people: People, sign_in: SignIn, database: Database
) -> None:
    client = sign_in(people.organiser)
    broken = """企业名称,技术需求名称,需求描述,联系人及电话
华星模具有限公司,,模具在两万模次后出现龟裂，需要提高表面抗热疲劳性能。,周一诺 13800000001
远航汽配有限公司,,铸件内部气孔只能抽检，需要在线无损检测，节拍不超过二十秒每件。,林晓 13800000002
"""
    place = send(client, ("需求.csv", broken), consent_source="同意").headers["Location"]
    page = client.get(f"{place}?verdict=problem").text
    typed = dict(re.findall(r'name="(cell-[^"]+)"[^>]* value="([^"]*)"', page))
    assert set(typed) == {"cell-0-1", "cell-1-1"}

    form = typed | {"cell-0-1": "热裂纹控制", "cell-1-1": "气孔检测", "verdict": "problem"}
    assert client.post(f"{place}/rows", data=form).location == f"{place}?verdict=problem"
    assert "有问题的行都改好了" in client.get(f"{place}?verdict=problem").text
    client.post(f"{place}/confirm")

    with database.reading() as session:
        needs = session.scalars(select(Need).order_by(Need.id)).all()
        assert [(need.title, session.get_one(Person, need.contact_id).name) for need in needs] == [
            ("热裂纹控制", "周一诺"),
            ("气孔检测", "林晓"),
        ]


AGAIN = """手机,是否愿意公开企业名称,需求描述,技术需求名称,企业名称,联系人,拟投入资金(万元)
13800000001,否,模具在两万模次后出现龟裂，需要提高表面抗热疲劳性能，寿命提高一倍。,压铸模热裂纹控制,华星模具有限公司,周一诺,80
13800000002,是,铸件内部气孔只能抽检，需要在线无损检测，节拍不超过二十秒每件。,,远航汽配有限公司,林晓,面议
"""


def test_a_list_sent_again_in_another_order_changes_what_it_brought_and_its_parked_rows_come_back(
    people: People, sign_in: SignIn, database: Database
) -> None:
    client = sign_in(people.organiser)
    first = send(client, ("一季度.csv", NEEDS), consent_source="企业填报时同意提供").location
    client.post(f"{first}/confirm")
    second = send(client, ("二季度.csv", AGAIN), consent_source="企业填报时同意提供").location
    assert _rows_of(database, second) == [
        ("changed", ["budget_max_fen", "budget_min_fen", "budget_text", "problem"]),
        ("problem", []),
    ]

    client.post(f"{second}/confirm")
    assert _needs_in(database) == [
        ("压铸模热裂纹控制", "寿命提高一倍。", 80_000_000),
        ("铝合金压铸件气孔检测", "节拍不超过二十秒每件。", None),
    ]

    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(client.get(f"{second}/problems.xlsx").data))
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    assert [row[header.index("原文件位置")].value for row in sheet.iter_rows(min_row=2)] == ["第 3 行"]
    sheet.cell(2, header.index("技术需求名称") + 1).value = "铝合金压铸件气孔检测"
    sheet.cell(2, header.index("拟投入资金(万元)") + 1).value = "30"
    saved = io.BytesIO()
    book.save(saved)
    saved.seek(0)
    third = client.post(
        "/uploads", data={"files": [(saved, "改好.xlsx")], "consent_source": "企业填报时同意提供"}
    ).location
    assert _rows_of(database, third) == [("changed", ["budget_max_fen", "budget_min_fen", "budget_text"])]

    client.post(f"{third}/confirm")
    for place in (third, second):
        assert client.post(f"{place}/undo").status_code == 303
    assert _needs_in(database) == [
        ("压铸模热裂纹控制", "寿命提高五成。", 50_000_000),
        ("铝合金压铸件气孔检测", "节拍不超过二十秒每件。", None),
    ]


def _rows_of(database: Database, place: str) -> list[tuple[str, list[str]]]:
    with database.reading() as session:
        rows = session.scalars(
            select(UploadRow)
            .where(UploadRow.upload_id == int(place.rsplit("/", 1)[1]))
            .order_by(UploadRow.id)
        )
        return [(row.verdict, sorted(row.changes)) for row in rows]


def _needs_in(database: Database) -> list[tuple[str, str, int | None]]:
    with database.reading() as session:
        needs = session.scalars(select(Need).order_by(Need.id))
        return [(need.title, need.problem.rpartition("，")[2], need.budget_max_fen) for need in needs]
