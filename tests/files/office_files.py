"""More lists and forms as offices send them, each with all that it says; every name and number is invented.

Every maker returns (filename, content, wanted) as those of `county_files` do.
"""

import io
import re
from collections.abc import Callable, Sequence
from typing import Any

from county_files import Made, Said
from messy import saved, workbook

_MOTORS, _FOODS, _VALVES = "岚溪硕力电机有限公司", "岚溪禾香食品厂", "岚溪通恒阀门有限公司"
_HEADER = ["序号", "企业名称", "需求名称", "需求描述", "拟投入（万元）", "联系人", "联系电话"]
_ROWS: list[list[object]] = [
    [1, _MOTORS, "定子槽满率", "槽满率低于62%", 120, "葛平", "13857490001"],
    [2, _FOODS, "水饺皮开裂", "冻裂率超过5%", "面议", "邢露", "0578-2349002"],
    [3, _VALVES, "密封面堆焊", "硬度不均", "40-60", "鲁一山", "13857490003"],
]
_AMOUNTS: list[Any] = [(120, 120), "面议", (40, 60)]
_PHONES = ["13857490001", "0578-2349002", "13857490003"]


def _need(**values: Any) -> Said:
    return {"kind": "need", **values}


def _wanted(*numbers: int, **more: Any) -> list[Said]:
    return [
        _need(
            enterprise_name=_ROWS[number][1],
            title=_ROWS[number][2],
            problem=_ROWS[number][3],
            budget=_AMOUNTS[number],
            contact_name=_ROWS[number][5],
            contact_mobile=[_PHONES[number]],
            **more,
        )
        for number in numbers
    ]


def _made(rows: Sequence[Sequence[object]], wanted: list[Said], *, merges: Sequence[str] = ()) -> Made:
    return "清单.xlsx", workbook(rows, merges=merges), wanted


def header_of_four_levels_whose_groups_reach_down() -> Made:
    rows = [
        ["技术难题汇总表"],
        ["序号", "企业情况", "", "难题情况", "", "", "联系方式", ""],
        ["", "企业名称", "属地", "难题名称", "资金", "", "姓名", "手机"],
        ["", "", "", "", "总投入", "其中：自筹", "", ""],
        ["", "", "", "", "（万元）", "（万元）", "", ""],
        [1, _MOTORS, "城东街道", "定子槽满率", 120, 80, "葛平", "13857490001"],
    ]
    wanted = [
        _need(
            enterprise_name=_MOTORS,
            region="城东街道",
            title="定子槽满率",
            budget=(120, 120),
            contact_name="葛平",
            contact_mobile=["13857490001"],
        )
    ]
    merges = ["A1:H1", "A2:A5", "B2:C2", "D2:F2", "G2:H2", "B3:B5", "C3:C5", "D3:D5", "E3:F3", "G3:G5"]
    return _made(rows, wanted, merges=[*merges, "H3:H5"])


def a_word_of_the_second_level_is_the_unit() -> Made:
    rows = [
        ["企业名称", "需求名称", "需求内容", "", "拟投入"],
        ["", "", "需求描述", "技术指标", "元"],
        [_MOTORS, "定子槽满率", "手工嵌线", "槽满率≥75%", 1_200_000],
    ]
    wanted = [
        _need(
            enterprise_name=_MOTORS,
            title="定子槽满率",
            problem="手工嵌线",
            indicators="槽满率≥75%",
            budget=(120, 120),
        )
    ]
    return _made(rows, wanted, merges=["A1:A2", "B1:B2", "C1:D1"])


def totals_in_rows_that_a_town_is_merged_over() -> Made:
    rows = [
        ["所属镇", "序号", "企业名称", "需求名称", "需求描述"],
        ["城东镇", 1, _MOTORS, "定子槽满率", "槽满率低于62%"],
        ["", "小计", "1家", "1项", ""],
        ["南岭镇", 1, _VALVES, "密封面堆焊", "硬度不均"],
        ["", "小　计", "1家", "1项", ""],
    ]
    wanted = [
        _need(region=town, enterprise_name=_ROWS[at][1], title=_ROWS[at][2], problem=_ROWS[at][3])
        for town, at in (("城东镇", 0), ("南岭镇", 2))
    ]
    return _made(rows, wanted, merges=["A2:A3", "A4:A5"])


def hints_below_the_header() -> Made:
    hints = ["自动生成", "填全称", "限30字以内", "限500字以内", "单位：万元", "填姓名", "11位手机号"]
    return _made([_HEADER, hints, *_ROWS], _wanted(0, 1, 2))


def the_header_again_in_english() -> Made:
    english = ["No.", "Company", "Need title", "Description", "Budget", "Contact person", "Tel"]
    return _made([_HEADER, english, *_ROWS], _wanted(0, 1, 2))


def names_that_begin_as_totals_do() -> Made:
    rows = [["企业名称", "需求名称", "需求描述", "拟投入", "联系人"]]
    firms = [("小计量仪器厂", "总计时器误差"), ("合计算力公司", "共计算法加速"), ("例如意食品厂", "保鲜")]
    wanted = [_need(enterprise_name=firm, title=title) for firm, title in firms]
    rows += [list(firm) for firm in firms]
    rows += [["合计金额", "", "", "178.5"], ["共计三项"]]
    return _made(rows, wanted)


def _form(at: int) -> list[list[object]]:
    labels = ["企业名称", "需求名称", "需求描述", "拟投入（万元）", "联系人", "联系电话"]
    return [[label, value] for label, value in zip(labels, _ROWS[at][1:], strict=True)]


def two_forms_side_by_side() -> Made:
    rows = [["技术需求表", ""], *_form(0)]
    right = [["技术需求表", ""], *_form(1)]
    return _made([[*a, "", *b] for a, b in zip(rows, right, strict=True)], _wanted(0, 1), merges=["A1:B1"])


def one_form_with_two_needs() -> Made:
    rows = [
        ["企业名称", _MOTORS, "所在乡镇", "城东镇"],
        ["技术需求一"],
        ["需求名称", "定子槽满率", "拟投入资金", "120万元"],
        ["需求描述", "槽满率低于62%"],
        ["技术需求二"],
        ["需求名称", "转子动平衡", "拟投入资金", "80万元"],
        ["需求描述", "节拍90秒"],
        ["联系人", "葛平", "手机", "13857490001"],
    ]
    firm = {"enterprise_name": _MOTORS, "region": "城东镇"}
    person = {"contact_name": "葛平", "contact_mobile": ["13857490001"]}
    wanted = [
        _need(**firm, title="定子槽满率", budget=(120, 120), problem="槽满率低于62%", **person),
        _need(**firm, title="转子动平衡", budget=(80, 80), problem="节拍90秒", **person),
    ]
    return _made(rows, wanted, merges=["A2:D2", "B4:D4", "A5:D5", "B7:D7"])


def form_with_people_in_groups_and_boxes_in_cells() -> Made:
    rows = [
        ["企业名称", "", _MOTORS],
        ["需求名称", "", "定子槽满率"],
        ["合作方式", "", "□", "技术转让", "☑", "联合开发"],
        ["拟投入资金", "", 120, "万元"],
        ["联系人", "姓名", "葛平"],
        ["", "手机", "13857490001"],
        ["法定代表人", "姓名", "葛天"],
        ["", "电话", "13857490009"],
    ]
    wanted = [
        _need(
            enterprise_name=_MOTORS,
            title="定子槽满率",
            coop_mode=["joint"],
            budget=(120, 120),
            contact_name="葛平",
            contact_mobile=["13857490001"],
            legal_rep="葛天",
        )
    ]
    merges = ["A1:B1", "A2:B2", "A3:B3", "A4:B4", "A5:A6", "A7:A8"]
    return _made(rows, wanted, merges=merges)


def records_side_by_side_with_a_firm_over_two() -> Made:
    rows = [
        ["企业名称", _MOTORS, "", _FOODS],
        ["需求名称", "定子槽满率", "转子动平衡", "水饺皮开裂"],
        ["需求描述", "槽满率低于62%", "节拍90秒", "冻裂率超过5%"],
        ["拟投入（万元）", 120, "80-100", "面议"],
        ["联系人", "葛平", "", "邢露"],
        ["联系电话", "13857490001", "", "0578-2349002"],
    ]
    second = {**_wanted(0)[0], "title": "转子动平衡", "problem": "节拍90秒", "budget": (80, 100)}
    wanted = [*_wanted(0), second, *_wanted(1)]
    return _made(rows, wanted, merges=["B1:C1", "B5:C5", "B6:C6"])


def answers_with_a_column_for_each_choice() -> Made:
    header = ["1、企业名称", "2、需求名称", "3、合作方式(技术转让)", "3、合作方式(联合开发)", "4、联系电话"]
    rows = [[_MOTORS, "定子槽满率", 0, 1, "13857490001"], [_FOODS, "水饺皮开裂", 1, 1, "0578-2349002"]]
    modes = (["joint"], ["transfer", "joint"])
    wanted = [
        _need(enterprise_name=row[0], title=row[1], coop_mode=mode, contact_mobile=[row[4]])
        for row, mode in zip(rows, modes, strict=True)
    ]
    return _made([header, *rows], wanted)


def words_in_traditional_characters() -> Made:
    header = ["成果名稱", "完成單位", "成熟度", "合作方式", "轉讓價格（萬元）"]
    rows = [
        ["耐磨塗層", "岚溪科技大学", "中試", "技術轉讓", "面議"],
        ["凍乾粉", "岚溪农科院", "量產", "合作開發", "三十萬"],
    ]
    wanted: list[Said] = [
        {
            "kind": "achievement",
            "title": row[0],
            "org": row[1],
            "stage": stage,
            "coop_mode": mode,
            "price": price,
        }
        for row, stage, mode, price in zip(
            rows, ("pilot", "industrial"), (["transfer"], ["joint"]), ("面议", (30, 30)), strict=True
        )
    ]
    return _made([header, *rows], wanted)


def numbers_that_show_words() -> Made:
    """The cells hold 0.62, 50 and 12; what people see is 62%, 50万元 and 12个月."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["企业名称", "需求名称", "技术指标", "拟投入（元）", "完成时限"])
    sheet.append([_MOTORS, "定子槽满率", 0.62, 50, 12])
    for place, form in (("C2", "0%"), ("D2", '#,##0.00"万元"'), ("E2", '0"个月"')):
        sheet[place].number_format = form
    period = {"start": None, "end": None, "months": 12, "open_ended": False}
    wanted = [
        _need(enterprise_name=_MOTORS, title="定子槽满率", indicators="62%", budget=(50, 50), period=period)
    ]
    return "清单.xlsx", saved(book), wanted


def sheet_that_goes_on_without_a_header() -> Made:
    import openpyxl

    book = openpyxl.Workbook()
    first, second = book.active, book.create_sheet("续")
    assert first is not None
    first.append(_HEADER)
    first.append(_ROWS[0])
    for row in _ROWS[1:]:
        second.append(row)
    return "清单.xlsx", saved(book), _wanted(0, 1, 2)


def booklet_with_framed_labels() -> Made:
    import docx

    document = docx.Document()
    for number, title, stage in (("一", "铺丝头", "中试"), ("二", "环氧固化剂", "小试")):
        document.add_heading(f"{number}、{title}", 2)
        document.add_paragraph(f"【项目简介】{title}的简介。")
        document.add_paragraph(f"【成熟度】{stage}")
        document.add_paragraph("【联系人】季布  【联系电话】13905790001")
    target = io.BytesIO()
    document.save(target)
    wanted: list[Said] = [
        {
            "kind": "achievement",
            "title": title,
            "summary": f"{title}的简介。",
            "stage": stage,
            "contact_name": "季布",
            "contact_mobile": ["13905790001"],
        }
        for title, stage in (("铺丝头", "pilot"), ("环氧固化剂", "small_trial"))
    ]
    return "汇编.docx", target.getvalue(), wanted


def form_whose_answer_is_a_table() -> Made:
    import docx

    document = docx.Document()
    table = document.add_table(rows=0, cols=2)
    for label, value in (*_form(0)[:3], ("技术指标", ""), *_form(0)[3:]):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = str(label), str(value)
    inner = table.cell(3, 1).add_table(rows=2, cols=3)
    for row, words in enumerate((("指标", "现有值", "目标值"), ("槽满率", "62%", "75%"))):
        for column, word in enumerate(words):
            inner.cell(row, column).text = word
    target = io.BytesIO()
    document.save(target)
    return "需求.docx", target.getvalue(), _wanted(0, indicators="指标  现有值  目标值\n槽满率  62%  75%")


def labels_above_with_a_signature_in_two_cells() -> Made:
    _, firm, title, problem, money, name, phone = _ROWS[0]
    rows = [
        ["技术需求征集表"],
        ["企业名称", "需求名称", "需求描述"],
        [firm, title, problem],
        ["拟投入（万元）", "联系人", "联系电话"],
        [money, name, phone],
        ["负责人签字：", "", "（盖章）"],
    ]
    return _made(rows, _wanted(0))


def another_header_right_below_the_rows() -> Made:
    rows = [_HEADER, *_ROWS[:2], ["需求名称", "企业名称", "联系电话"], ["低温密封", _VALVES, "13857490003"]]
    third = _need(title="低温密封", enterprise_name=_VALVES, contact_mobile=["13857490003"])
    return _made(rows, [*_wanted(0, 1), third])


def header_of_two_levels_and_units_again_on_every_page() -> Made:
    header: list[list[object]] = [
        ["企业信息", "", "需求信息", "", "联系方式", ""],
        ["企业名称", "所在乡镇", "需求名称", "拟投入资金", "姓名", "电话"],
        ["", "", "", "（万元）", "", ""],
    ]
    rows = [*header]
    wanted = []
    for at in range(3):
        _, firm, title, _, money, name, phone = _ROWS[at]
        rows += [["第 1 页 共 3 页"], *header] if at else []
        rows.append([firm, "城东镇", title, money, name, phone])
        said = _wanted(at, region="城东镇")[0]
        wanted.append({key: value for key, value in said.items() if key != "problem"})
    return _made(rows, wanted, merges=["A1:B1", "C1:D1", "E1:F1"])


def lines_of_towns_in_a_table_that_begins_in_column_c() -> Made:
    rows = [_HEADER, ["一、城东镇"], _ROWS[0], ["南岭镇"], *_ROWS[1:], ["小计", "", "2项"]]
    wanted = [*_wanted(0, region="城东镇"), *_wanted(1, 2, region="南岭镇")]
    return _made([["", "", *row] for row in rows], wanted)


def signatures_in_two_cells() -> Made:
    rows = [_HEADER, *_ROWS, [], ["填表人：李靖", "", "", "", "审核：魏徵"]]
    return _made(rows, _wanted(0, 1, 2))


def labels_with_colons_beside_their_values() -> Made:
    rows = [["技术需求表"], *([f"{label}：", value] for label, value in _form(0))]
    return _made(rows, _wanted(0), merges=["A1:B1"])


def a_label_merged_over_lines_of_its_answer() -> Made:
    rows = [*_form(0)[:2], ["需求描述", "1.槽满率低"], ["", "2.绕线断"], ["", "3.返工多"], *_form(0)[3:]]
    wanted = [{**_wanted(0)[0], "problem": "1.槽满率低\n2.绕线断\n3.返工多"}]
    return _made(rows, wanted, merges=["A3:A5"])


def one_need_to_a_sentence() -> Made:
    import docx

    document = docx.Document()
    document.add_paragraph("技术难题清单")
    for number in range(3):
        _, firm, title, problem, _, name, phone = _ROWS[number]
        thing = f"企业名称：{firm}；难题名称：{title}；难题描述：{problem}"
        document.add_paragraph(f"{number + 1}. {thing}；联系人：{name}；电话：{phone}")
    target = io.BytesIO()
    document.save(target)
    wanted = [{name: value for name, value in said.items() if name != "budget"} for said in _wanted(0, 1, 2)]
    return "清单.docx", target.getvalue(), wanted


def _named(maker: Callable[[], Made]) -> str:
    return re.sub("_", " ", maker.__name__)


OFFICE_FILES = {
    _named(maker): maker
    for maker in (
        header_of_four_levels_whose_groups_reach_down,
        a_word_of_the_second_level_is_the_unit,
        totals_in_rows_that_a_town_is_merged_over,
        hints_below_the_header,
        the_header_again_in_english,
        names_that_begin_as_totals_do,
        two_forms_side_by_side,
        one_form_with_two_needs,
        form_with_people_in_groups_and_boxes_in_cells,
        records_side_by_side_with_a_firm_over_two,
        answers_with_a_column_for_each_choice,
        words_in_traditional_characters,
        numbers_that_show_words,
        sheet_that_goes_on_without_a_header,
        booklet_with_framed_labels,
        form_whose_answer_is_a_table,
        labels_above_with_a_signature_in_two_cells,
        another_header_right_below_the_rows,
        header_of_two_levels_and_units_again_on_every_page,
        lines_of_towns_in_a_table_that_begins_in_column_c,
        signatures_in_two_cells,
        labels_with_colons_beside_their_values,
        a_label_merged_over_lines_of_its_answer,
        one_need_to_a_sentence,
    )
}
