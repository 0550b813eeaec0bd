"""Lists into the library and out again, below the pages."""

import json
from collections import Counter
from pathlib import Path

import pytest
from factories import People, make_achievement, make_need
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.cli import main
from matchmaker.domain.permissions import SYSTEM, Actor
from matchmaker.domain.states import Grade, NeedState, Role, UploadState
from matchmaker.errors import InvalidInput, NotFound, UploadExpired, WrongState
from matchmaker.services.upload_import import confirm_upload
from matchmaker.services.upload_reading import read_list
from matchmaker.services.upload_undo import undo_upload
from matchmaker.services.uploads import expire_uploads, find_upload, receive_upload
from matchmaker.store.engine import Database
from matchmaker.store.tables import (
    Achievement,
    AchievementPatent,
    Match,
    Message,
    Need,
    Organisation,
    Person,
    Upload,
    UploadRow,
    WiderSearch,
)

HEADER = "企业名称,技术需求名称,需求描述,拟投入资金(万元),联系人,手机\n"
CRACKS = (
    "华星模具有限公司,压铸模热裂纹控制,模具在两万模次后出现龟裂，需要提高表面抗热疲劳性能，寿命提高五成。"
)
PORES = "新远制造有限公司,铝合金压铸件气孔检测,铸件内部气孔只能抽检，需要在线无损检测，节拍不超过二十秒每件。"


def organiser(people: People) -> Actor:
    return Actor(user_id=people.organiser, roles=frozenset({Role.ORGANISER}), organisation_id=people.bureau)


def upload_of(
    database: Database, actor: Actor, text: str, *, name: str = "需求.csv", organisation_id: int | None = None
) -> int:
    content = text.encode("utf-8-sig")
    reading = read_list(content, name, answers={})
    with database.writing() as session:
        return receive_upload(
            session,
            actor,
            filename=name,
            content=content,
            reading=reading,
            consent_source="企业填报时同意",
            organisation_id=organisation_id,
        ).id


def confirmed(database: Database, actor: Actor, upload_id: int) -> bool:
    """Confirm; say whether the preview was outdated."""
    with database.writing() as session:
        return confirm_upload(session, actor, upload_id=upload_id).outdated


def verdicts(session: Session, upload_id: int) -> list[str]:
    query = select(UploadRow.verdict).where(UploadRow.upload_id == upload_id).order_by(UploadRow.position)
    return [verdict.value for verdict in session.scalars(query)]


def total(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_same_kind_of_list_changes_what_it_brought(people: People, database: Database) -> None:
    actor = organiser(people)
    first = upload_of(
        database, actor, f"{HEADER}{CRACKS},50,周一诺,13800000001\n{PORES},面议,林晓,13800000002\n"
    )
    confirmed(database, actor, first)
    again = f"{HEADER}{CRACKS}必须保密。,80,周一诺,13800000001\n{PORES},面议,林晓,13800000002\n"
    second = upload_of(database, actor, again)

    with database.reading() as session:
        assert verdicts(session, second) == ["changed", "same"]
        row = session.scalars(select(UploadRow).where(UploadRow.upload_id == second)).first()
        assert row is not None
        assert row.changes["budget_max_fen"] == [50_000_000, 80_000_000]
    confirmed(database, actor, second)
    with database.reading() as session:
        need = session.scalars(select(Need).order_by(Need.id)).first()
        assert need is not None
        assert (need.budget_max_fen, need.text_version, need.problem[-5:]) == (80_000_000, 2, "必须保密。")
        messages = session.execute(select(Message.name, Message.payload).order_by(Message.id)).all()
    assert [(name, payload["need_ids"]) for name, payload in messages] == [
        ("NeedsImported", [1, 2]),
        ("NeedsImported", [1]),
    ]


def test_after_an_undo_the_same_list_again_shows_the_same_changes(people: People, database: Database) -> None:
    actor = organiser(people)
    confirmed(database, actor, upload_of(database, actor, f"{HEADER}{CRACKS},50,周一诺,13800000001\n"))
    again = f"{HEADER}{CRACKS}必须保密。,80,周一诺,13800000001\n"
    second = upload_of(database, actor, again)
    confirmed(database, actor, second)
    with database.writing() as session:
        undo_upload(session, actor, upload_id=second)

    third = upload_of(database, actor, again)

    with database.reading() as session:
        assert verdicts(session, third) == ["changed"]


@pytest.mark.parametrize(
    ("header", "row", "what"),
    [
        (
            "企业名称,技术指标,拟投入资金,联系人,手机",
            "华星模具有限公司,模具两万模次后龟裂,50,周一诺,13800000001",
            "需求",
        ),
        (
            "完成单位,成果简介,专利号,成熟度,第一完成人",
            "江州大学,涂层硬度三千二百,ZL202010000001.3,中试,沈知行",
            "成果",
        ),
    ],
)
def test_rows_for_which_no_column_gives_a_title_wait_for_one(
    people: People, database: Database, header: str, row: str, what: str
) -> None:
    actor = organiser(people)
    upload = upload_of(database, actor, f"{header}\n{row}\n{row}\n")

    with database.reading() as session:
        assert verdicts(session, upload) == ["problem", "problem"]
        said = session.scalars(select(UploadRow).where(UploadRow.upload_id == upload)).all()
    assert all(f"指定哪一列是{what}名称" in str(one.problems) for one in said)
    assert not confirmed(database, actor, upload)
    with database.reading() as session:
        assert (total(session, Need), total(session, Achievement)) == (0, 0)


def test_a_title_that_is_too_long_is_kept_whole_and_told(people: People, database: Database) -> None:
    title = "压铸模热裂纹控制" * 30
    problem = "模具在两万模次后出现龟裂，需要提高表面抗热疲劳性能。"
    text = f"{HEADER}华星模具有限公司,{title},{problem},50,周一诺,13800000001\n"
    first = upload_of(database, organiser(people), text)
    confirmed(database, organiser(people), first)
    second = upload_of(database, organiser(people), text)

    with database.reading() as session:
        need = session.scalars(select(Need)).one()
        assert need.title == title[:200]
        assert need.problem == f"{title}\n{problem}"
        row = session.scalars(select(UploadRow).where(UploadRow.upload_id == first)).one()
        assert [problem["message"] for problem in row.problems if problem["code"] == "title_cut"] == [
            "名称有 240 个字，只留前 200 个字；全文放在“主要问题”的开头，一个字不少。请把名称改短。"
        ]
        assert verdicts(session, second) == ["same"]


def test_a_name_that_numbers_several_needs_is_told_of(people: People, database: Database) -> None:
    text = HEADER + "华星模具有限公司,1.压铸模热裂纹控制；2.铝合金压铸件气孔检测,两项都要在今年完成。,,,\n"
    upload_id = upload_of(database, organiser(people), text)
    with database.reading() as session:
        row = session.scalars(select(UploadRow).where(UploadRow.upload_id == upload_id)).one()

    assert [problem["message"] for problem in row.problems] == [
        "名称这一格像是写了 2 项需求：先整条导入，受理时可以拆开。"
    ]


def test_a_list_never_overwrites_what_somebody_typed_in(people: People, database: Database) -> None:
    with database.writing() as session:
        make_need(session, organisation_id=people.huaxing, title="压铸模热裂纹控制", source="web_form")
    upload = upload_of(database, organiser(people), f"{HEADER}{CRACKS},50,周一诺,13800000001\n")

    with database.reading() as session:
        assert verdicts(session, upload) == ["duplicate"]


def test_the_same_text_of_another_firm_is_a_need_of_its_own(people: People, database: Database) -> None:
    actor = organiser(people)
    confirmed(database, actor, upload_of(database, actor, f"{HEADER}{CRACKS},50,周一诺,13800000001\n"))
    other = CRACKS.replace("华星模具", "远航汽配")
    upload = upload_of(database, actor, f"{HEADER}{other},50,林晓,13800000002\n")

    with database.reading() as session:
        assert verdicts(session, upload) == ["new"]
        row = session.scalars(select(UploadRow).where(UploadRow.upload_id == upload)).one()
        assert [problem["code"] for problem in row.problems] == ["shared_need"]


def test_a_preview_that_is_no_longer_true_is_shown_again(people: People, database: Database) -> None:
    actor = organiser(people)
    upload = upload_of(database, actor, f"{HEADER}{CRACKS},50,周一诺,13800000001\n")
    with database.writing() as session:
        make_need(session, organisation_id=people.huaxing, title="压铸模热裂纹控制")

    assert confirmed(database, actor, upload) is True
    with database.reading() as session:
        assert verdicts(session, upload) == ["duplicate"]
        assert total(session, Need) == 1
    assert confirmed(database, actor, upload) is False


def test_a_firm_under_two_names_with_one_code_brings_a_need_once(people: People, database: Database) -> None:
    header = "企业名称,统一社会信用代码,技术需求名称,需求描述\n"
    code, told = "9133022600000001XY", "压铸件壁厚不均处有气孔，只能抽检，希望在线检测。"
    rows = [
        f"{name},{code},压铸件气孔在线检测,{told}" for name in ("新帆铸造有限公司", "新帆铸造科技有限公司")
    ]
    actor = organiser(people)

    upload_id = upload_of(database, actor, header + "\n".join(rows))
    confirmed(database, actor, upload_id)

    with database.reading() as session:
        assert verdicts(session, upload_id) == ["new", "duplicate"]
        assert total(session, Need) == 1


def test_confirming_twice_imports_once(people: People, database: Database) -> None:
    actor = organiser(people)
    upload = upload_of(database, actor, f"{HEADER}{CRACKS},50,周一诺,13800000001\n")
    confirmed(database, actor, upload)
    with database.writing() as session:
        second = confirm_upload(session, actor, upload_id=upload)
        assert (second.again, second.upload.summary["done"]["add"]) == (True, 1)
    with database.reading() as session:
        assert (total(session, Need), total(session, Message)) == (1, 1)


def test_undo_leaves_no_trace_but_the_upload(people: People, database: Database) -> None:
    actor = organiser(people)
    with database.reading() as session:
        before = [total(session, table) for table in (Need, Person, Organisation)]
    upload = upload_of(
        database, actor, f"{HEADER}{CRACKS},50,王小满,13800000001\n{PORES},面议,林晓,13800000002\n"
    )
    confirmed(database, actor, upload)

    with database.writing() as session:
        undo_upload(session, actor, upload_id=upload)
    with database.reading() as session:
        assert [total(session, table) for table in (Need, Person, Organisation)] == before
        assert session.get_one(Upload, upload).state is UploadState.UNDONE


def told_of(database: Database, person_id: int) -> tuple[str, str]:
    with database.reading() as session:
        person = session.get_one(Person, person_id)
        return person.phone, person.email


def knows_wang(database: Database, people: People, *, phone: str) -> int:
    with database.writing() as session:
        person = session.get_one(Person, people.huaxing_contact)
        person.name, person.phone, person.email = "王小满", phone, ""
        return person.id


@pytest.mark.parametrize("phone", ["", "13900000009"], ids=["nothing known", "another number known"])
def test_undo_takes_away_the_number_and_address_that_a_list_taught_about_a_known_person(
    people: People, database: Database, phone: str
) -> None:
    actor, person = organiser(people), knows_wang(database, people, phone=phone)
    both = f"王小满,{phone}、13800000001" if phone else "王小满,13800000001"
    upload = upload_of(database, actor, f"{HEADER[:-1]},邮箱\n{CRACKS},50,{both},wang@example.com\n")
    confirmed(database, actor, upload)
    learnt = told_of(database, person)

    with database.writing() as session:
        undo_upload(session, actor, upload_id=upload)

    assert learnt == ("、".join(filter(None, [phone, "13800000001"])), "wang@example.com")
    assert told_of(database, person) == (phone, "")


def test_two_lists_that_taught_something_are_undone_in_any_order(people: People, database: Database) -> None:
    actor, person = organiser(people), knows_wang(database, people, phone="13900000009")
    other = PORES.replace("新远制造有限公司", "华星模具有限公司")
    lists = []
    for row, number in ((CRACKS, "13800000001"), (other, "13700000002")):
        text = f"{HEADER}{row},50,王小满,13900000009、{number}\n"
        lists.append(upload_of(database, actor, text))
        confirmed(database, actor, lists[-1])
    both = told_of(database, person)

    left = []
    for upload in lists:
        with database.writing() as session:
            undo_upload(session, actor, upload_id=upload)
        left.append(told_of(database, person)[0])

    assert both[0] == "13900000009、13800000001、13700000002"
    assert left == ["13900000009、13700000002", "13900000009"]


def test_undo_keeps_the_address_that_somebody_corrected_after_the_list(
    people: People, database: Database
) -> None:
    actor, person = organiser(people), knows_wang(database, people, phone="13800000001")
    upload = upload_of(
        database, actor, f"{HEADER[:-1]},邮箱\n{CRACKS},50,王小满,13800000001,wang@example.com\n"
    )
    confirmed(database, actor, upload)
    with database.writing() as session:
        session.get_one(Person, person).email = "xiaoman@example.com"

    with database.writing() as session:
        undo_upload(session, actor, upload_id=upload)

    assert told_of(database, person) == ("13800000001", "xiaoman@example.com")


def test_undo_takes_open_proposals_along_but_stops_at_a_decided_one(
    people: People, database: Database
) -> None:
    actor = organiser(people)
    upload = upload_of(database, actor, f"{HEADER}{CRACKS},50,周一诺,13800000001\n")
    confirmed(database, actor, upload)
    moment = clock.now()
    with database.writing() as session:
        achievement = make_achievement(session, organisation_id=people.jiangda)
        need = session.scalars(select(Need)).one()
        match = Match(
            need_id=need.id,
            achievement_id=achievement.id,
            score=0.8,
            grade=Grade.STRONG,
            parts={},
            reasons=[],
            need_version=1,
            achievement_version=1,
            engine="test",
            decided_at=moment,
            created_at=moment,
            updated_at=moment,
        )
        session.add(match)
        session.add(WiderSearch(subject_kind="need", subject_id=need.id))
    with pytest.raises(WrongState, match="有 1 条已经有人"), database.writing() as session:
        undo_upload(session, actor, upload_id=upload)

    with database.writing() as session:
        session.scalars(select(Match)).one().decided_at = None
    with database.writing() as session:
        undo_upload(session, actor, upload_id=upload)
    with database.reading() as session:
        assert [total(session, table) for table in (Need, Match, WiderSearch)] == [0, 0, 0]


def test_an_accepted_need_stops_the_undo(people: People, database: Database) -> None:
    actor = organiser(people)
    upload = upload_of(database, actor, f"{HEADER}{CRACKS},50,周一诺,13800000001\n")
    confirmed(database, actor, upload)
    with database.writing() as session:
        session.scalars(select(Need)).one().status = NeedState.ACCEPTED

    with pytest.raises(WrongState), database.writing() as session:
        undo_upload(session, actor, upload_id=upload)


def test_undo_keeps_what_somebody_changed_since(people: People, database: Database) -> None:
    actor = organiser(people)
    text = f"{HEADER}{CRACKS},50,周一诺,13800000001\n"
    confirmed(database, actor, upload_of(database, actor, text))
    second = upload_of(database, actor, text.replace(",50,", ",80,").replace("五成", "六成"))
    confirmed(database, actor, second)
    with database.writing() as session:
        session.scalars(select(Need)).one().problem = "企业自己改过的文字"
    with database.writing() as session:
        undo_upload(session, actor, upload_id=second)

    with database.reading() as session:
        need = session.scalars(select(Need)).one()
        assert (need.problem, need.budget_max_fen) == ("企业自己改过的文字", 50_000_000)


def test_an_old_preview_cannot_be_confirmed_and_is_dropped(people: People, database: Database) -> None:
    actor = organiser(people)
    upload = upload_of(database, actor, f"{HEADER}{CRACKS},50,周一诺,13800000001\n")
    with database.writing() as session:
        session.get_one(Upload, upload).expires_at = clock.now()

    with pytest.raises(UploadExpired):
        confirmed(database, actor, upload)
    with database.writing() as session:
        assert expire_uploads(session, keep_days=180) == 1
        assert (session.get_one(Upload, upload).state, total(session, UploadRow)) == (UploadState.EXPIRED, 0)


def test_contacts_without_a_source_are_refused(people: People, database: Database) -> None:
    actor = organiser(people)
    upload = upload_of(database, actor, f"{HEADER}{CRACKS},50,周一诺,13800000001\n")
    with database.writing() as session:
        session.get_one(Upload, upload).consent_source = ""

    with pytest.raises(InvalidInput, match="从何而来"):
        confirmed(database, actor, upload)


def test_a_stranger_does_not_find_the_upload(people: People, database: Database) -> None:
    upload = upload_of(database, organiser(people), f"{HEADER}{CRACKS},50,周一诺,13800000001\n")
    stranger = Actor(user_id=people.enterprise_user, roles=frozenset({Role.ENTERPRISE}))

    with pytest.raises(NotFound), database.reading() as session:
        find_upload(session, stranger, upload)


WORKS = "成果名称,完成单位,第一完成人,成果简介,专利号,手机\n"


def test_a_patent_number_finds_the_same_achievement_under_another_title(
    people: People, database: Database
) -> None:
    row = "多弧离子镀复合涂层,江州大学、海州理工学院,沈知行,制备硬质涂层。,ZL201910123456.X,13800000003"
    first = f"{WORKS}{row}\n"
    confirmed(database, SYSTEM, upload_of(database, SYSTEM, first, name="成果.csv"))
    with database.reading() as session:
        found = session.scalars(select(Achievement)).one()
        assert (found.organisation_id, found.owner_text) == (people.jiangda, "江州大学、海州理工学院")
        assert session.scalars(select(AchievementPatent.number)).all() == ["201910123456.X"]
    other = f"{WORKS}一种复合涂层制备方法,江州大学,沈知行,同一项技术。,2019 1 0123456.X,13800000003\n"

    second = upload_of(database, SYSTEM, other, name="另一份.csv")

    with database.reading() as session:
        assert verdicts(session, second) == ["duplicate"]


def test_a_number_with_a_wrong_check_digit_makes_nobody_a_duplicate(
    people: People, database: Database
) -> None:
    rows = "".join(f"涂层技术{n},江州大学,沈知行,简介{n}。,ZL201910123456.9,\n" for n in "甲乙丙")
    upload = upload_of(database, SYSTEM, WORKS + rows, name="成果.csv")

    with database.reading() as session:
        assert verdicts(session, upload) == ["new", "new", "new"]
        row = session.scalars(select(UploadRow).where(UploadRow.upload_id == upload)).first()
        assert row is not None
        assert [problem["code"] for problem in row.problems] == ["patent_check_digit"]


def test_two_rows_of_one_file_that_are_one_thing_are_told(people: People, database: Database) -> None:
    rows = "涂层技术,江州大学,沈知行,简介。,,\n涂层 技术,江州大学,顾言,简介二。,,\n"
    upload = upload_of(database, SYSTEM, WORKS + rows, name="成果.csv")

    with database.reading() as session:
        assert verdicts(session, upload) == ["new", "duplicate"]


def test_a_university_cannot_touch_anothers_achievement(people: People, database: Database) -> None:
    with database.writing() as session:
        make_achievement(session, organisation_id=people.haiyuan, title="海水淡化膜")
    university = Actor(
        user_id=people.university_user,
        roles=frozenset({Role.UNIVERSITY}),
        organisation_id=people.jiangda,
        organisation_ids=frozenset({people.jiangda, people.jiangda_college}),
    )
    text = f"{WORKS}海水淡化膜,海州理工学院,沈知行,新的简介。,,\n"
    upload = upload_of(database, university, text, name="成果.csv")
    confirmed(database, university, upload)

    with database.reading() as session:
        rows = session.scalars(select(Achievement).order_by(Achievement.id)).all()
        assert [(row.organisation_id, row.status) for row in rows] == [
            (people.haiyuan, "published"),
            (people.jiangda, "submitted"),
        ]


def jiangda(people: People) -> Actor:
    return Actor(
        user_id=people.university_user,
        roles=frozenset({Role.UNIVERSITY}),
        organisation_id=people.jiangda,
        organisation_ids=frozenset({people.jiangda, people.jiangda_college}),
    )


@pytest.mark.parametrize(
    ("columns", "unit"),
    [
        ("成果名称,成果简介", None),
        ("成果名称,完成单位,成果简介", "机械工程学院"),
        ("成果名称,完成单位,成果简介", "江州大学机械工程学院"),
    ],
)
def test_a_universitys_list_knows_what_its_college_has_already(
    people: People, database: Database, columns: str, unit: str | None
) -> None:
    with database.writing() as session:
        make_achievement(session, organisation_id=people.jiangda_college, title="压铸真空系统")
    cells = ["压铸真空系统", *([unit] if unit else []), "真空度更高的新简介。"]
    other = ["全新的成果", *([unit] if unit else []), "另一项的简介。"]
    text = f"{columns}\n{','.join(cells)}\n{','.join(other)}\n"

    upload = upload_of(database, jiangda(people), text, name="成果.csv")
    confirmed(database, jiangda(people), upload)

    with database.reading() as session:
        assert verdicts(session, upload) == ["duplicate", "new"]
        owners = session.scalars(select(Achievement.organisation_id).order_by(Achievement.id)).all()
    assert owners == [people.jiangda_college, people.jiangda_college if unit else people.jiangda]


def test_a_title_that_the_university_has_itself_is_not_its_colleges(
    people: People, database: Database
) -> None:
    with database.writing() as session:
        for owner in (people.jiangda_college, people.jiangda):
            make_achievement(session, organisation_id=owner, title="压铸真空系统")
    text = "成果名称,成果简介\n压铸真空系统,真空度更高的新简介。\n"

    upload = upload_of(database, jiangda(people), text, name="成果.csv")

    with database.reading() as session:
        row = session.scalars(select(UploadRow).where(UploadRow.upload_id == upload)).one()
        own = select(Achievement.id).where(Achievement.organisation_id == people.jiangda)
        assert row.target_id == session.scalars(own).one()


@pytest.mark.parametrize(
    ("line", "owner"),
    [("填报单位：江州大学机械工程学院", "jiangda_college"), ("填报单位：江州市科学技术局", "jiangda")],
)
def test_the_unit_named_above_a_list_without_that_column_owns_it(
    people: People, database: Database, line: str, owner: str
) -> None:
    text = (
        f"江州大学成果清单,\n{line},\n成果名称,成果简介\n压铸真空系统,真空度更高。\n薄壁件压铸,一次成形。\n"
    )

    upload = upload_of(database, jiangda(people), text, name="成果.csv")
    confirmed(database, jiangda(people), upload)

    with database.reading() as session:
        owners = set(session.scalars(select(Achievement.organisation_id)))
    assert owners == {getattr(people, owner)}


def test_people_come_in_with_where_their_data_came_from(people: People, database: Database) -> None:
    text = "姓名,单位,职务,职称,研究方向,手机\n顾言,江州大学,系主任,教授,等离子体表面工程,13800000009\n"
    content = text.encode()
    reading = read_list(content, "专家名单.csv", answers={"kind": "people"})
    with database.writing() as session:
        upload = receive_upload(
            session,
            SYSTEM,
            filename="专家名单.csv",
            content=content,
            reading=reading,
            consent_source="学校科研处提供",
        )
        confirm_upload(session, SYSTEM, upload_id=upload.id)
    with database.reading() as session:
        person = session.scalars(select(Person).where(Person.name == "顾言")).one()
        assert (person.organisation_id, person.role, person.title, person.source_note) == (
            people.jiangda,
            "expert",
            "教授",
            "学校科研处提供",
        )


SAMPLES = {
    "企业技术需求征集汇总表.xlsx": {"new": 120},
    "难题征集_网上导出.csv": {"new": 109, "duplicate": 10},
    "高校可转化成果目录.xlsx": {"new": 600},
    "科技成果汇编.docx": {"new": 40},
    "论文成果库导出.csv": {"new": 1500},
}


def test_real_lists_come_in_whole_through_the_command_line(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MATCHMAKER_DATA__FOLDER", str(tmp_path))
    files = [str(shared / "samples" / name) for name in SAMPLES]

    assert main(["import", "--own", "--confirm", "--json", *files]) == 0

    told = json.loads(capsys.readouterr().out)
    found = {
        Path(result["file"]).name: {key: number for key, number in result["counts"].items() if number}
        for result in told
    }
    assert found == SAMPLES
    database = Database(f"sqlite:///{tmp_path / 'own' / 'matchmaker.db'}")
    with database.reading() as session:
        kinds = Counter(kind.value for kind in session.scalars(select(Achievement.record_type)))
        assert (total(session, Need), kinds) == (229, {"achievement": 640, "paper": 1500})
        disclosed = session.execute(select(Need.disclosure, func.count()).group_by(Need.disclosure)).all()
        assert {value.value for value, _ in disclosed} == {"masked", "public"}
    database.close()


def test_the_contact_of_an_achievement_of_no_unit_is_kept_and_is_nobody_else_of_that_name(
    people: People, database: Database
) -> None:
    text = (
        "成果名称,成果简介,联系人,联系电话\n海藻多糖提取,冷提法,汤海潮,13900000703\n"
        "鱼胶冻干,真空法,汤海潮,13900000703\n贝壳粉改性,煅烧,汤海潮,13900000999\n"
    )
    first = upload_of(database, organiser(people), text, name="成果.csv")
    assert not confirmed(database, organiser(people), first)

    with database.reading() as session:
        found = session.execute(
            select(Achievement.title, Person.name, Person.phone, Person.organisation_id, Person.id)
            .join(Person, Person.id == Achievement.contact_id)
            .order_by(Achievement.id)
        ).all()
        rows = session.scalars(select(UploadRow.problems).where(UploadRow.upload_id == first)).all()
    assert [tuple(row[:4]) for row in found] == [
        ("海藻多糖提取", "汤海潮", "13900000703", None),
        ("鱼胶冻干", "汤海潮", "13900000703", None),
        ("贝壳粉改性", "汤海潮", "13900000999", None),
    ]
    assert (found[0].id == found[1].id, found[0].id == found[2].id) == (True, False)
    assert [said["code"] for problems in rows for said in problems] == []

    text = text.replace("13900000999", "13900000777")
    changed = upload_of(database, organiser(people), text, name="成果2.csv")
    with database.reading() as session:
        assert sorted(verdicts(session, changed)) == ["changed", "same", "same"]
    assert not confirmed(database, organiser(people), changed)
    with database.reading() as session:
        assert session.get_one(Person, found[2].id).phone == "13900000777"
        assert session.get_one(Person, found[0].id).phone == "13900000703"


def test_an_achievement_of_no_unit_is_the_same_when_its_list_comes_again(
    people: People, database: Database
) -> None:
    text = "成果名称,成果简介,联系人,联系电话\n海藻多糖提取,冷提法,汤海潮,13900000703\n"
    first = upload_of(database, organiser(people), text, name="成果.csv")
    assert not confirmed(database, organiser(people), first)
    again = upload_of(database, organiser(people), text, name="成果.csv")

    with database.reading() as session:
        assert verdicts(session, again) == ["same"]
