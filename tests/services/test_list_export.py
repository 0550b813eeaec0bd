"""What goes in comes out equal, and going in again changes nothing."""

import io
from pathlib import Path

import pytest
from factories import People
from lists_in import taken_in
from sqlalchemy import select

from jobs.uploads import work_off
from matchmaker.domain.permissions import SYSTEM, Actor
from matchmaker.domain.states import Role
from matchmaker.services.list_export import achievements_list, log_list, needs_list
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import ContactAccess, Need, Upload, UploadRow

NEEDS = (
    "企业名称,统一社会信用代码,乡镇街道,需求名称,需求类型,技术领域,需求描述,技术指标,拟投入资金（元）,需求时限,"
    "合作方式,是否公开,联系人,手机\n"
    '华星模具有限公司,,临江街道,热裂纹控制,技术攻关,新材料,"两万模次后龟裂，\n需要提高表面抗热疲劳性能。",'
    "寿命≥5万模次,500000,2026年1月至2027年12月,合作开发、委托开发,公开,郑文清,13800000001\n"
    "远航汽配有限公司,,南溪镇,气孔检测,,先进制造与自动化,=1+1 只能抽检，需要在线无损检测,节拍≤20秒,面议,长期,"
    "技术咨询,名称隐藏,林晓,13800000002 / 0574-65510001\n"
)
ACHIEVEMENTS = (
    "成果名称,完成单位,完成人,成果简介,技术领域,成熟度,专利号,转让价格（万元）,合作方式,完成时间,联系人,联系电话\n"
    "梯度涂层,江州大学,沈知行、陆知远,在模具表面制备梯度涂层。,新材料,中试,ZL201910123456.3,30-50,技术转让,"
    "2024-05,沈知行,13800000003\n"
    "在线气孔检测,海州理工学院,顾南舟,用声学方法检测气孔。,电子信息,小试,,面议,合作开发,2025,顾南舟,13800000004\n"
)


def cells_of(content: bytes) -> list[list[str]]:
    import openpyxl

    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return [[str(cell.value or "") for cell in row] for row in sheet.iter_rows()]


def rows(database: Database, upload_id: int) -> list[tuple[str, dict[str, object], list[dict[str, str]]]]:
    with database.reading() as session:
        query = select(UploadRow).where(UploadRow.upload_id == upload_id).order_by(UploadRow.position)
        return [(row.verdict.value, dict(row.changes), row.problems) for row in session.scalars(query)]


def test_an_amount_in_yuan_stays_that_amount_when_its_form_is_saved_unchanged(database: Database) -> None:
    taken_in(database, NEEDS.encode("utf-8-sig"), "需求.csv")
    with database.reading() as session:
        words = list(session.scalars(select(Need.budget_text).order_by(Need.id)))
    assert words == ["50万元", "面议"]


def test_a_list_of_needs_comes_out_as_it_went_in(people: People, database: Database) -> None:
    taken_in(database, NEEDS.encode("utf-8-sig"), "需求.csv")
    with database.reading() as session:
        content = needs_list(session, SYSTEM, contacts=True).content
    again = rows(database, taken_in(database, content, "导出.xlsx", confirm=False))

    assert [(verdict, changes) for verdict, changes, _ in again] == [("same", {}), ("same", {})]
    header, first_row, _ = cells_of(content)
    first = dict(zip(header, first_row, strict=True))
    assert first["需求描述"] == "两万模次后龟裂，\n需要提高表面抗热疲劳性能。"
    assert (first["拟投入资金（万元）"], first["手机"]) == ("50万元", "13800000001")


def test_a_list_of_achievements_comes_out_as_it_went_in(people: People, database: Database) -> None:
    taken_in(database, ACHIEVEMENTS.encode("utf-8-sig"), "成果.csv")
    with database.reading() as session:
        content = achievements_list(session, SYSTEM, contacts=True).content
    again = rows(database, taken_in(database, content, "导出.xlsx", confirm=False))

    assert [(verdict, changes) for verdict, changes, _ in again] == [("same", {}), ("same", {})]


def test_contacts_are_the_owners_or_logged(people: People, database: Database) -> None:
    taken_in(database, NEEDS.encode("utf-8-sig"), "需求.csv")
    bureau = Actor(user_id=people.organiser, roles=frozenset({Role.ORGANISER}))
    firm = Actor(
        user_id=people.enterprise_user,
        roles=frozenset({Role.ENTERPRISE}),
        organisation_id=people.huaxing,
        organisation_ids=frozenset({people.huaxing}),
    )
    with database.writing() as session:
        files = [
            needs_list(session, bureau),
            needs_list(session, firm),
            needs_list(session, bureau, contacts=True),
        ]
        log_list(session, bureau, files[2], purpose=" 逐家核对 ")
        logged = {(row.subject_id, row.purpose) for row in session.scalars(select(ContactAccess))}
        people_there = set(session.scalars(select(Need.contact_id)))
    cells = [[cell for row in cells_of(file.content) for cell in row] for file in files]
    assert ["13800000001" in found for found in cells] == [False, True, True]
    assert "远航汽配有限公司" not in cells[1]
    assert [len(file.people) for file in files] == [0, 1, 2]
    assert logged == {(person, "导出清单：逐家核对") for person in people_there}


@pytest.mark.parametrize("name", ["企业技术需求征集汇总表.xlsx", "高校可转化成果目录.xlsx"])
def test_real_lists_come_out_as_they_went_in(
    shared: Path, people: People, database: Database, settings: Settings, name: str
) -> None:
    upload_id = taken_in(database, (shared / "samples" / name).read_bytes(), name)
    work_off(settings.database_url)
    make = needs_list if "需求" in name else achievements_list
    with database.writing() as session:
        imported = session.get_one(Upload, upload_id).summary["done"]["add"]
        content = make(session, SYSTEM, contacts=True).content
    again = rows(database, taken_in(database, content, "导出.xlsx", confirm=False))
    different = [(verdict, changes, problems) for verdict, changes, problems in again if verdict != "same"]
    assert (different, len(again)) == ([], imported)
