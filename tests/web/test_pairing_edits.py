"""The internal edition goes out as a workbook, is edited there, and comes back as a new version."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from event_cast import Cast, make_cast, make_event
from factories import People
from flask.testing import FlaskClient
from reading import text_of
from sqlalchemy import select

from matchmaker import clock
from matchmaker.services.pairing_edits import difference
from matchmaker.store.engine import Database
from matchmaker.store.tables import Event, EventItem, Match, Pairing, PairingEdit, PairingList, PairingRule

Browser = Callable[[int], FlaskClient]
FIRM, NEED, ACHIEVEMENT, OWNER, SLOT, PHONE, FOLLOWER, REMARK, KEY = 2, 4, 8, 9, 14, 15, 18, 19, 20


@dataclass(slots=True)
class Desk:
    """The organiser's browser with a drawn list, and ways to edit its workbook."""

    browser: FlaskClient
    database: Database
    cast: Cast

    def lists(self) -> list[PairingList]:
        with self.database.reading() as session:
            return list(session.scalars(select(PairingList).order_by(PairingList.number)))

    def rows(self) -> list[tuple[int, int, int | None, int | None]]:
        """The pairs of the newest version: need, achievement, slot, table."""
        with self.database.reading() as session:
            found = session.scalars(
                select(Pairing)
                .where(Pairing.list_id == self.lists()[-1].id)
                .order_by(Pairing.place, Pairing.need_id, Pairing.achievement_id)
            )
            return [(row.need_id, row.achievement_id, row.slot, row.table_number) for row in found]

    def workbook(self) -> Any:
        import openpyxl

        at = f"/events/{self.cast.event}/pairing/{self.lists()[-1].id}/internal.xlsx"
        answer = self.browser.post(at, data={"note": "改时间"})
        return openpyxl.load_workbook(io.BytesIO(answer.data))

    def row_of(self, sheet: Any, need_id: int, achievement_id: int) -> int:
        """The number of the row of a pair."""
        (found,) = [
            row[0].row for row in sheet.iter_rows() if row[-1].value == f"N{need_id}-A{achievement_id}"
        ]
        return int(found)

    def send(self, book: Any, *, event: int | None = None) -> str:
        """Send a workbook in; return the page it leads to."""
        target = io.BytesIO()
        book.save(target)
        answer = self.browser.post(
            f"/events/{event or self.cast.event}/pairing/edited",
            data={"file": (io.BytesIO(target.getvalue()), "对接清单.xlsx")},
        )
        assert answer.status_code == 303
        return str(answer.location)

    def page(self, address: str) -> str:
        return text_of(self.browser.get(address))


@pytest.fixture
def desk(database: Database, people: People, sign_in: Browser) -> Desk:
    with database.writing() as session:
        cast = make_cast(session, people)
    browser = sign_in(people.organiser)
    browser.post(f"/events/{cast.event}/pairing/draw", data={})
    return Desk(browser=browser, database=database, cast=cast)


def test_a_workbook_sent_back_unchanged_changes_nothing(desk: Desk) -> None:
    page = desk.send(desk.workbook())

    assert "没有改动" in desk.page(page)
    assert "没有导入的改动" not in desk.page(page)
    assert desk.browser.post(page, data={"reason": "试试"}).status_code == 409
    assert len(desk.lists()) == 1


def test_a_workbook_that_lost_all_its_rows_is_asked_about_before_it_empties_the_list(desk: Desk) -> None:
    book = desk.workbook()
    sheet = book["对接清单"]
    for one in ((desk.cast.huaxing_need, desk.cast.coating), (desk.cast.huaxing_need, desk.cast.casting)):
        sheet.delete_rows(desk.row_of(sheet, *one))
    sheet.delete_rows(desk.row_of(sheet, desk.cast.yuanhang_need, desk.cast.coating))

    page = desk.send(book)
    shown = desk.page(page)
    refused = desk.browser.post(page, data={"reason": "重排"})
    accepted = desk.browser.post(page, data={"reason": "重排", "despite": "1"})

    assert "采用后一场洽谈也没有了" in shown
    assert refused.status_code == 422
    assert "一场洽谈也没有了。请核对是不是传错或误删" in text_of(refused)
    assert accepted.status_code == 303
    assert desk.rows() == []


def test_removed_moved_and_noted_rows_are_shown_and_then_become_a_new_version(desk: Desk) -> None:
    cast = desk.cast
    before = {row[:2]: row[2:] for row in desk.rows()}
    book = desk.workbook()
    sheet = book["对接清单"]
    sheet.cell(desk.row_of(sheet, cast.yuanhang_need, cast.coating), REMARK).value = "自带样件"
    sheet.cell(desk.row_of(sheet, cast.yuanhang_need, cast.coating), FOLLOWER).value = "李科"
    sheet.delete_rows(desk.row_of(sheet, cast.huaxing_need, cast.casting))
    moved = desk.row_of(sheet, cast.huaxing_need, cast.coating)
    free = next(
        slot
        for slot in (1, 2, 3)
        if slot
        not in {before[cast.huaxing_need, cast.coating][0], before[cast.yuanhang_need, cast.coating][0]}
    )
    start = ("14:00", "14:20", "14:40")[free - 1]
    sheet.cell(moved, SLOT).value = f"2号桌 {start}"

    page = desk.send(book)
    shown = desk.page(page)
    refused = desk.browser.post(page, data={"reason": " "})
    accepted = desk.browser.post(page, data={"reason": "企业要求换时间"})
    again = desk.browser.post(page, data={"reason": "企业要求换时间"})

    for words in ("删去", "改时间或桌号", "自带样件", "跟进人：李科", start):
        assert words in shown
    assert refused.status_code == 422
    assert accepted.location == again.location == f"/events/{cast.event}/pairing?v=2"
    assert desk.rows() == [
        (cast.huaxing_need, cast.coating, free, 2),
        (cast.yuanhang_need, cast.coating, *before[cast.yuanhang_need, cast.coating]),
    ]
    second = desk.lists()[-1]
    assert second.number == 2
    assert second.published_at is None
    told = second.result["edited"]
    assert (told["since"], told["why"], told["file"]) == (1, "企业要求换时间", "对接清单.xlsx")
    assert told["removed"] == ["华星模具有限公司：压铸模具涂层 × 真空压铸工艺"]
    assert second.result["meetings"] == 2
    listed = desk.page(f"/events/{cast.event}/pairing?v=2")
    assert "人工修改" in listed
    assert "企业要求换时间" in listed
    assert "核验没有通过" not in listed
    assert len(desk.lists()) == 2


def test_remarks_go_out_again_and_survive_a_new_draw(desk: Desk) -> None:
    cast = desk.cast
    book = desk.workbook()
    sheet = book["对接清单"]
    sheet.cell(desk.row_of(sheet, cast.yuanhang_need, cast.coating), REMARK).value = "自带样件"
    desk.browser.post(desk.send(book), data={"reason": "补备注"})

    desk.browser.post(f"/events/{cast.event}/pairing/draw", data={})
    sheet = desk.workbook()["对接清单"]

    assert sheet.cell(desk.row_of(sheet, cast.yuanhang_need, cast.coating), REMARK).value == "自带样件"
    assert "没有改动" in desk.page(desk.send(desk.workbook()))


def test_the_order_of_the_rows_is_taken_over(desk: Desk) -> None:
    book = desk.workbook()
    sheet = book["对接清单"]
    rows = [[cell.value for cell in sheet[number]] for number in (3, 4, 5)]
    for number, values in zip((3, 4, 5), reversed(rows), strict=True):
        for column, value in enumerate(values, 1):
            sheet.cell(number, column).value = value

    page = desk.send(book)
    assert "行的顺序改了" in desk.page(page)
    desk.browser.post(page, data={"reason": "先大后小"})

    sheet = desk.workbook()["对接清单"]
    assert [sheet.cell(number, KEY).value for number in (3, 4, 5)] == [row[KEY - 1] for row in reversed(rows)]


def test_rows_sorted_without_their_hidden_column_are_compared_by_what_they_say(desk: Desk) -> None:
    book = desk.workbook()
    sheet = book["对接清单"]
    rows = [[cell.value for cell in sheet[number]][: KEY - 1] for number in (3, 4, 5)]
    for number, values in zip((3, 4, 5), reversed(rows), strict=True):
        for column, value in enumerate(values, 1):
            sheet.cell(number, column).value = value

    shown = desk.page(desk.send(book))

    assert "行的顺序改了" in shown
    assert "没有导入" not in shown


def test_a_row_that_adds_the_others_up_is_no_pair(desk: Desk) -> None:
    book = desk.workbook()
    sheet = book["对接清单"]
    sheet.cell(6, 1).value, sheet.cell(6, FIRM).value = "合计", "3 场"

    assert "没有改动" in desk.page(desk.send(book))


def test_a_new_row_is_found_by_its_names_and_its_broken_rules_must_be_seen(
    desk: Desk, people: People
) -> None:
    cast = desk.cast
    with desk.database.writing() as session:
        rule = {"kind": "ban", "reason": "利益冲突", "at": clock.now(), "event_id": cast.event}
        session.add(PairingRule(need_id=cast.yuanhang_need, achievement_id=cast.casting, **rule))
    book = desk.workbook()
    sheet = book["对接清单"]
    # over the notes under the rows, as people do it
    for column, value in (
        (FIRM, "远航汽配有限公司"),
        (NEED, "汽配表面处理"),
        (ACHIEVEMENT, "真空压铸工艺"),
    ):
        sheet.cell(6, column).value = value

    page = desk.send(book)
    shown = desk.page(page)
    refused = desk.browser.post(page, data={"reason": "企业点名"})
    accepted = desk.browser.post(page, data={"reason": "企业点名", "despite": "1"})

    assert "这一对不可配对：利益冲突" in shown
    assert "未排时间" in shown
    assert refused.status_code == 422
    assert accepted.status_code == 303
    assert (cast.yuanhang_need, cast.casting, None, None) in desk.rows()
    assert desk.lists()[-1].result["edited"]["broken"] == [
        "远航汽配有限公司：汽配表面处理 × 真空压铸工艺：这一对不可配对：利益冲突"
    ]
    assert desk.browser.post(f"/events/{cast.event}/pairing/{desk.lists()[-1].id}/publish").status_code == 303


def test_two_places_at_once_cannot_be_taken_whatever_is_ticked(desk: Desk) -> None:
    cast = desk.cast
    book = desk.workbook()
    sheet = book["对接清单"]
    for achievement in (cast.coating, cast.casting):
        row = desk.row_of(sheet, cast.huaxing_need, achievement)
        sheet.cell(row, SLOT).value = "14:20–14:40 1 号桌"

    page = desk.send(book)

    assert "“华星模具有限公司”在同一时段有 2 场" in desk.page(page)
    assert "1 号桌在同一时段有 2 场" in desk.page(page)
    assert desk.browser.post(page, data={"reason": "就这样", "despite": "1"}).status_code == 422
    assert len(desk.lists()) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("14:10 1号桌", "不是洽谈时段的开始时间"),
        ("下午", "看不出时间和桌号"),
        ("14:20", "只写了时间"),
        ("第3轮 9号桌", "没有 9 号桌"),
        ("第4轮 1号桌", "没有第 4 时段"),
    ],
)
def test_a_time_that_cannot_be_read_is_named_with_its_row(desk: Desk, text: str, said: str) -> None:
    book = desk.workbook()
    book["对接清单"].cell(3, SLOT).value = text

    page = desk.send(book)

    assert said in desk.page(page)
    assert desk.browser.post(page, data={"reason": "x", "despite": "1"}).status_code == 422


@pytest.mark.parametrize(("column", "text"), [(SLOT, "下午"), (NEED, "压铸模具的涂层")])
def test_a_row_that_cannot_be_taken_is_not_told_to_be_gone(desk: Desk, column: int, text: str) -> None:
    book = desk.workbook()
    book["对接清单"].cell(3, column).value = text

    desk.send(book)

    with desk.database.reading() as session:
        found = difference(session, session.scalars(select(PairingEdit)).one())
    assert [problem.where for problem in found.problems if problem.where] != []
    assert found.counts == {"same": 2}


def test_a_remark_with_a_classified_word_is_named_and_not_kept(desk: Desk) -> None:
    book = desk.workbook()
    book["对接清单"].cell(3, REMARK).value = "带上绝密图纸"
    book["对接清单"].cell(3, PHONE).value = "机密"

    address = desk.send(book)
    page = desk.page(address)

    assert "“备注”里有涉密字样，这一格没有保存" in page
    assert not [word for word in ("绝密图纸", "机密") if word in page]
    assert desk.browser.post(address, data={"reason": "x", "despite": "1"}).status_code == 422
    with desk.database.reading() as session:
        assert "绝密图纸" not in str(session.scalars(select(PairingEdit)).one().rows)


def test_names_that_nobody_knows_and_doubled_rows_are_named(desk: Desk) -> None:
    book = desk.workbook()
    sheet = book["对接清单"]
    for column, value in enumerate([cell.value for cell in sheet[3]], 1):
        sheet.cell(6, column).value = value
    sheet.cell(7, FIRM).value = "不存在的公司"
    sheet.cell(7, NEED).value = "没有的需求"
    sheet.cell(7, ACHIEVEMENT).value = "没有的成果"

    page = desk.page(desk.send(book))

    assert "对接清单 第 6 行：与对接清单 第 3 行是同一对" in page
    assert "对接清单 第 7 行：“不存在的公司”的需求“没有的需求”不在本场" in page
    assert "成果“没有的成果”不在本场" in page


def test_another_achievement_typed_over_a_row_is_one_pair_less_and_one_more(desk: Desk) -> None:
    cast = desk.cast
    book = desk.workbook()
    sheet = book["对接清单"]
    row = desk.row_of(sheet, cast.yuanhang_need, cast.coating)
    sheet.cell(row, ACHIEVEMENT).value = "真空压铸工艺"

    page = desk.send(book)
    desk.browser.post(page, data={"reason": "换专家", "despite": "1"})

    told = desk.lists()[-1].result["edited"]
    assert told["removed"] == ["远航汽配有限公司：汽配表面处理 × 多弧离子镀氮铝铬钛复合涂层制备技术"]
    assert told["added"] == ["远航汽配有限公司：汽配表面处理 × 真空压铸工艺"]


def test_what_is_not_taken_over_is_said_and_no_telephone_is_kept(desk: Desk) -> None:
    book = desk.workbook()
    sheet = book["对接清单"]
    sheet.cell(3, PHONE).value = "周一诺 13999999999"
    sheet.cell(3, 3).value = "别的镇"

    shown = desk.page(desk.send(book))

    assert "“企业联系人/电话”与系统里不同，没有导入" in shown
    assert "“所在乡镇”与系统里不同，改成了“别的镇”，没有导入" in shown
    with desk.database.reading() as session:
        kept = str(session.scalars(select(PairingEdit.rows)).all())
    assert "13999999999" not in kept
    assert "周一诺" not in kept


def test_a_pair_that_was_pinned_although_something_spoke_against_it_breaks_no_rule(desk: Desk) -> None:
    cast = desk.cast
    with desk.database.writing() as session:
        session.get_one(Match, cast.strong).need_side = "unsuitable"
        session.get_one(Match, cast.strong).need_side_reason = "太贵"
    pin = {"pair": f"{cast.huaxing_need}-{cast.coating}", "kind": "pin", "note": "企业改口了"}
    desk.browser.post(f"/events/{cast.event}/pairing/rule", data=pin)
    assert (cast.huaxing_need, cast.coating) in {row[:2] for row in desk.rows()}

    page = desk.page(desk.send(desk.workbook()))

    assert "没有改动" in page
    assert "太贵" not in page


def test_removing_a_pinned_pair_is_told(desk: Desk) -> None:
    cast = desk.cast
    with desk.database.writing() as session:
        rule = {"kind": "pin", "reason": "县长点名", "at": clock.now(), "event_id": cast.event}
        session.add(PairingRule(need_id=cast.yuanhang_need, achievement_id=cast.coating, **rule))
    book = desk.workbook()
    sheet = book["对接清单"]
    sheet.delete_rows(desk.row_of(sheet, cast.yuanhang_need, cast.coating))

    page = desk.send(book)
    desk.browser.post(page, data={"reason": "企业不来了", "despite": "1"})

    assert "必须配对的：县长点名" in desk.page(page)
    unserved = desk.lists()[-1].result["unserved"]
    assert [(one["name"], one["reason"]) for one in unserved] == [
        ("远航汽配有限公司", "人工修改清单时去掉了它的洽谈")
    ]


def test_files_that_are_not_ours_are_refused_with_one_sentence(desk: Desk) -> None:
    import openpyxl

    other = openpyxl.Workbook()
    other.active.append(["序号", "企业名称", "技术需求名称"])
    without = desk.workbook()
    del without["清单来源（勿改）"]
    renamed = desk.workbook()
    renamed["清单来源（勿改）"]["B5"] = "2020-01-01T00:00:00+00:00"
    for book in (other, without, renamed):
        assert "不是从本系统导出的内部版对接清单" in desk.page(desk.send(book))
    shorn = desk.workbook()
    shorn["对接清单"].delete_cols(FIRM)
    assert "缺少" in (said := desk.page(desk.send(shorn))) or "找不到标题行" in said
    twice = desk.workbook()
    twice.copy_worksheet(twice["对接清单"])
    twice["对接清单"].title = "我的清单"
    assert "文件里有 2 张对接清单" in desk.page(desk.send(twice))
    broken = desk.browser.post(
        f"/events/{desk.cast.event}/pairing/edited",
        data={"file": (io.BytesIO(b"not a workbook"), "x.xlsx")},
        follow_redirects=True,
    )
    assert broken.status_code == 200
    with desk.database.reading() as session:
        assert session.scalars(select(PairingEdit)).all() == []


def test_renamed_sheets_and_columns_taken_out_change_nothing(desk: Desk) -> None:
    book = desk.workbook()
    for column in (KEY, REMARK, FOLLOWER, SLOT):
        book["对接清单"].delete_cols(column)
    book["对接清单"].insert_cols(3)
    renamed = desk.workbook()
    renamed["对接清单"].title = "改过的"
    renamed["清单来源（勿改）"].title = "Sheet9"

    shorn, other = desk.page(desk.send(book)), desk.page(desk.send(renamed))

    assert "没有改动" in shorn
    assert "没有改动" in other
    for title in ("洽谈时间/桌号", "跟进人", "备注"):
        assert f"文件里没有“{title}”这一列，这一列照旧" in shorn


def test_a_copy_of_the_sheet_is_not_passed_over(desk: Desk) -> None:
    book = desk.workbook()
    copy = book.copy_worksheet(book["对接清单"])
    copy.cell(3, REMARK).value = "改在副本里"

    assert "文件里有 2 张对接清单" in desk.page(desk.send(book))


def test_a_column_that_is_there_twice_is_asked_about(desk: Desk) -> None:
    book = desk.workbook()
    book["对接清单"].cell(2, 25).value = "备注"
    book["对接清单"].cell(3, 25).value = "哪一列算数"

    assert "“备注”列有两列" in desk.page(desk.send(book))


@pytest.mark.parametrize("keyed", [True, False])
def test_what_is_not_taken_over_is_said_also_without_the_hidden_column(desk: Desk, keyed: bool) -> None:
    book = desk.workbook()
    sheet = book["对接清单"]
    sheet.cell(3, 10).value = "别的专家"
    if not keyed:
        sheet.delete_cols(KEY)

    assert "“专家(职称)”与系统里不同，改成了“别的专家”，没有导入" in desk.page(desk.send(book))


def test_what_a_new_row_says_beside_the_pair_is_said_not_to_be_taken(desk: Desk) -> None:
    book = desk.workbook()
    sheet = book["对接清单"]
    values = {FIRM: "远航汽配有限公司", NEED: "汽配表面处理", ACHIEVEMENT: "真空压铸工艺", 10: "陌生专家"}
    for column, value in values.items():
        sheet.cell(6, column).value = value
    sheet.cell(7, 10).value = "只写了专家"

    page = desk.page(desk.send(book))

    assert "第 6 行是新加的行，“专家(职称)”没有导入，以系统里的为准" in page
    assert "第 7 行 没有写企业、需求和成果，没有导入" in page


@pytest.mark.parametrize(
    "text", ["14:00 → 14:20 1号桌", "14:00 1号桌改2号桌", "14:00、14:40 1号桌", "第1轮 14:20 1号桌"]
)
def test_two_times_or_tables_in_a_cell_are_not_chosen_from(desk: Desk, text: str) -> None:
    book = desk.workbook()
    book["对接清单"].cell(3, SLOT).value = text

    address = desk.send(book)

    assert "写了不止一个时间或桌号" in desk.page(address)
    assert desk.browser.post(address, data={"reason": "x", "despite": "1"}).status_code == 422


def test_words_that_are_too_long_are_not_cut(desk: Desk) -> None:
    book = desk.workbook()
    book["对接清单"].cell(3, FOLLOWER).value = "李" * 61

    assert "“跟进人”超过 60 字，请改短" in desk.page(desk.send(book))


def test_a_typo_in_a_new_row_is_answered_with_what_was_most_likely_meant(desk: Desk) -> None:
    book = desk.workbook()
    sheet = book["对接清单"]
    sheet.cell(6, FIRM).value = "远航汽车配件有限公司"
    sheet.cell(6, NEED).value = "汽配表面处里"
    sheet.cell(6, ACHIEVEMENT).value = "真空压铸工义"

    page = desk.page(desk.send(book))

    assert "是不是“远航汽配有限公司：汽配表面处理”？" in page
    assert "是不是“真空压铸工艺”？" in page


def test_a_list_of_another_event_is_sent_to_its_own(desk: Desk) -> None:
    with desk.database.writing() as session:
        other = make_event(session, title="另一场").id

    page = desk.page(desk.send(desk.workbook(), event=other))

    assert "这份清单是“模具产业专场对接会”的" in page


def test_the_same_file_twice_is_one_proposal_and_an_old_one_is_told(desk: Desk) -> None:
    book = desk.workbook()
    sheet = book["对接清单"]
    sheet.cell(3, REMARK).value = "改"
    target = io.BytesIO()
    book.save(target)
    addresses = set()
    for _n in range(2):
        answer = desk.browser.post(
            f"/events/{desk.cast.event}/pairing/edited",
            data={"file": (io.BytesIO(target.getvalue()), "对接清单.xlsx")},
        )
        addresses.add(answer.location)
    desk.browser.post(f"/events/{desk.cast.event}/pairing/draw", data={})

    assert len(addresses) == 1
    assert "之后又有了第 2 版" in desk.page(addresses.pop())


def test_an_event_that_is_over_takes_no_edited_list(desk: Desk) -> None:
    book = desk.workbook()
    target = io.BytesIO()
    book.save(target)
    with desk.database.writing() as session:
        session.get_one(Event, desk.cast.event).status = "held"  # type: ignore[assignment]

    answer = desk.browser.post(
        f"/events/{desk.cast.event}/pairing/edited",
        data={"file": (io.BytesIO(target.getvalue()), "对接清单.xlsx")},
    )

    assert answer.status_code == 409


def test_a_pair_off_the_table_still_stands_when_its_row_was_left_alone(desk: Desk) -> None:
    with desk.database.writing() as session:
        for item in session.scalars(select(EventItem)):
            session.delete(item)
    book = desk.workbook()
    book["对接清单"].cell(3, REMARK).value = "留"

    page = desk.send(book)

    assert desk.browser.post(page, data={"reason": "x", "despite": "1"}).status_code == 303
    assert len(desk.rows()) == 3
