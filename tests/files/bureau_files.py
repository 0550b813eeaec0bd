"""Lists as other systems export them and bureaus gather them, each with what it says; all invented.

Every maker returns (filename, content, wanted) as those of `county_files` do.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from county_files import Made, Said
from messy import delimited, fill, saved, workbook

_MOTORS, _FOODS, _VALVES = "澄湾硕力电机有限公司", "澄湾禾香食品厂", "澄湾通恒阀门有限公司"
_UNIVERSITY = "澄湾理工大学"


def _made(rows: Sequence[Sequence[object]], wanted: list[Said], *, merges: Sequence[str] = ()) -> Made:
    return "清单.xlsx", workbook(rows, merges=merges), wanted


def _need(**values: Any) -> Said:
    return {"kind": "need", **values}


def _achievement(**values: Any) -> Said:
    return {"kind": "achievement", **values}


def texts_kept_as_formulas_below_names_of_a_database() -> Made:
    rows = [
        ["ACH_ID", "ACH_NAME", "LEADER_NAME", "LEADER_TEL"],
        ["成果编号", "成果名称", "负责人", "联系电话"],
        ['="KY2025001"', "银浆低温烧结", "晏砚", '="13967110001"'],
    ]
    wanted = [
        _achievement(
            achievement_no="KY2025001", title="银浆低温烧结", leader="晏砚", contact_mobile=["13967110001"]
        )
    ]
    return "导出.csv", delimited(rows, encoding="gb18030"), wanted


def patents_found_by_a_search() -> Made:
    rows = [
        ["标题", "摘要", "[标]当前申请(专利权)人", "发明人", "IPC主分类号", "简单法律状态"],
        ["断纬检测装置", "包括探头。", _UNIVERSITY, "宗政远 | 晏晴", "D03D51/34", "有效"],
    ]
    wanted = [
        _achievement(
            title="断纬检测装置",
            summary="包括探头。",
            org=_UNIVERSITY,
            completers=["宗政远", "晏晴"],
            ip_status="有效",
        )
    ]
    return _made(rows, wanted)


def words_that_stand_upright_in_a_narrow_column() -> Made:
    rows = [
        ["所属\n领域", "企业名称", "需求名称"],
        ["电\n子\n信\n息", _MOTORS, "定子槽满率"],
        ["", _FOODS, "开裂"],
    ]
    wanted = [
        _need(tech_field="电子信息", tech_field_codes=["10"], enterprise_name=row[1], title=row[2])
        for row in rows[1:]
    ]
    return _made(rows, wanted, merges=["A2:A3"])


def amounts_with_their_units_in_a_column() -> Made:
    rows = [
        ["企业名称", "需求名称", "投入资金", "单位"],
        [_MOTORS, "定子槽满率", 35, "万元"],
        [_FOODS, "水饺皮开裂", 500_000, "元"],
        [_VALVES, "密封面堆焊", "面议", "万元"],
    ]
    budgets: list[Any] = [(35, 35), (50, 50), "面议"]
    wanted = [
        _need(enterprise_name=row[0], title=row[1], budget=budget)
        for row, budget in zip(rows[1:], budgets, strict=True)
    ]
    return _made(rows, wanted)


def ends_of_a_range_in_two_columns() -> Made:
    rows = [
        ["企业名称", "需求名称", "拟投入资金下限（万元）", "拟投入资金上限（万元）"],
        [_MOTORS, "定子槽满率", 30, 50],
        [_FOODS, "水饺皮开裂", 10, 10],
    ]
    wanted = [_need(enterprise_name=row[0], title=row[1], budget=(row[2], row[3])) for row in rows[1:]]
    return _made(rows, wanted)


def levels_of_readiness_with_words() -> Made:
    said = [
        ("TRL6（中试验证）", "pilot", 6),
        ("8（试生产）", "small_batch", 8),
        ("完成中试，TRL7", "pilot", 7),
    ]
    rows = [["成果名称", "技术成熟度"], *([f"成果{at}号", words] for at, (words, _, _) in enumerate(said))]
    wanted = [
        _achievement(title=f"成果{at}号", stage=stage, trl=level) for at, (_, stage, level) in enumerate(said)
    ]
    return _made(rows, wanted)


def advice_beside_the_list() -> Made:
    rows = [
        ["企业名称", "需求名称", "联系电话", "", "填表说明："],
        [_MOTORS, "定子槽满率", "13857490001", "", "1.企业名称填写全称；"],
        ["", "", "", "", "2.于9月10日前报送。"],
        [_FOODS, "水饺皮开裂", "0578-2349002"],
    ]
    wanted = [
        _need(enterprise_name=row[0], title=row[1], contact_mobile=[row[2]]) for row in (rows[1], rows[3])
    ]
    return _made(rows, wanted)


def lines_that_name_the_fields_of_the_rows_below() -> Made:
    rows = [
        ["序号", "企业名称", "需求名称", "需求描述"],
        ["一", "电子信息领域（2项）"],
        ["（一）城东镇"],
        [1, _MOTORS, "定子槽满率", "低于62%"],
        ["（二）南岭镇"],
        [2, _VALVES, "密封面堆焊", "硬度不均"],
        ["二", "其他领域（1项）"],
        [1, _FOODS, "水饺皮开裂", "冻裂率超过5%"],
    ]
    field = {"tech_field": "电子信息", "tech_field_codes": ["10"]}
    told: list[Said] = [{**field, "region": "城东镇"}, {**field, "region": "南岭镇"}, {}]
    wanted = [
        _need(enterprise_name=row[1], title=row[2], problem=row[3], **more)
        for row, more in zip((rows[3], rows[5], rows[7]), told, strict=True)
    ]
    return _made(rows, wanted)


def firms_over_their_needs() -> Made:
    rows = [
        ["序号", "需求名称", "需求描述"],
        [f"一、{_MOTORS}"],
        [1, "定子槽满率", "低于62%"],
        [2, "转子动平衡", "节拍90秒"],
        [f"二、{_FOODS}"],
        [1, "水饺皮开裂", "冻裂率超过5%"],
    ]
    wanted = [
        _need(enterprise_name=firm, title=row[1], problem=row[2])
        for firm, row in ((_MOTORS, rows[2]), (_MOTORS, rows[3]), (_FOODS, rows[5]))
    ]
    return _made(rows, wanted, merges=["A2:C2", "A5:C5"])


def signed_with_a_stamp_and_a_date_on_the_right() -> Made:
    rows = [
        ["企业名称", "需求名称", "需求描述"],
        [_MOTORS, "定子槽满率", "低于62%"],
        [_FOODS, "水饺皮开裂", "冻裂率超过5%"],
        ["", "", "澄湾县科学技术局（章）"],
        ["", "", "二〇二六年三月一日"],
    ]
    return _made(rows, [_need(enterprise_name=row[0], title=row[1], problem=row[2]) for row in rows[1:3]])


def experts_with_positions_and_addresses_in_other_cells() -> Made:
    rows = [
        ["姓名", "单位", "研究方向", "联系方式"],
        ["宗政远（博导）", _UNIVERSITY, "超精密磨削", "13967110011 zzy@cw.cn"],
        ["晏 晴(女)", _UNIVERSITY, "连续流", "0576-88330012"],
    ]
    more: list[Said] = [
        {"position": "博导", "mobile": ["13967110011"], "email": "zzy@cw.cn"},
        {"mobile": ["0576-88330012"]},
    ]
    wanted: list[Said] = [
        {"kind": "people", "name": name, "org": row[1], "research_field": row[2], **said}
        for name, row, said in zip(("宗政远", "晏晴"), rows[1:], more, strict=True)
    ]
    return _made(rows, wanted)


def contracts_named_by_their_part() -> Made:
    rows = [
        ["合同名称", "甲方", "乙方", "合同类型", "合同金额", "签订时间"],
        ["余热回收", _MOTORS, _UNIVERSITY, "委托开发", "¥1,200,000.00", "2026-03-01"],
        ["断纬检测专利", _VALVES, _UNIVERSITY, "专利权转让合同", "人民币捌万元整", "2026-04-02"],
        ["饲料配方", _FOODS, _UNIVERSITY, "服务", "8万元", "2026-05-03"],
    ]
    kinds: list[Said] = [
        {"contract_type": "development", "contract_subtype": "委托开发"},
        {"contract_type": "transfer", "contract_subtype": "专利权转让"},
        {"contract_type": "service"},
    ]
    wanted: list[Said] = [
        {
            "kind": "contract",
            "title": row[0],
            "buyer": row[1],
            "seller": row[2],
            **kind,
            "amount_total": (amount, amount),
            "signed_on": row[5],
        }
        for row, kind, amount in zip(rows[1:], kinds, (120, 8, 8), strict=True)
    ]
    return _made(rows, wanted)


def counts_on_a_sheet_of_their_own() -> Made:
    import openpyxl

    book = openpyxl.Workbook()
    rows = [["乡镇", "企业名称", "需求名称"], ["石塘镇", _MOTORS, "定子槽满率"]]
    fill(book.active, [["乡镇", "企业数", "需求数", "拟投入合计（万元）"], ["石塘镇", 1, 1, 35]], name="统计")
    fill(book.create_sheet(), rows, name="明细")
    return "汇编.xlsx", saved(book), [_need(region="石塘镇", enterprise_name=_MOTORS, title="定子槽满率")]


def contracts_below_lines_of_their_kind() -> Made:
    rows = [
        ["合同名称", "买方", "卖方", "成交额（万元）", "签订日期"],
        ["一、技术开发合同"],
        ["磨削单元", _MOTORS, _UNIVERSITY, 120, "2026-03-01"],
        ["二、技术服务类"],
        ["矿机检测", _VALVES, _UNIVERSITY, 8, "2026-04-02"],
    ]
    wanted: list[Said] = [
        {
            "kind": "contract",
            "title": row[0],
            "buyer": row[1],
            "seller": row[2],
            "amount_total": (row[3], row[3]),
            "signed_on": row[4],
            "contract_type": kind,
        }
        for row, kind in ((rows[2], "development"), (rows[4], "service"))
    ]
    return _made(rows, wanted)


def a_firm_and_its_code_in_one_cell() -> Made:
    rows = [
        ["企业名称及统一社会信用代码", "需求名称", "联系电话"],
        [f"{_MOTORS}\n91330100MA27XA0K14", "定子槽满率", "13857490001"],
        [f"{_FOODS}（信用代码：91330100MA27XA0K14）", "水饺皮开裂", "0578-2349002"],
    ]
    wanted = [
        _need(enterprise_name=firm, uscc="91330100MA27XA0K14", title=row[1], contact_mobile=[row[2]])
        for firm, row in zip((_MOTORS, _FOODS), rows[1:], strict=True)
    ]
    return _made(rows, wanted)


def numbers_whose_area_code_stands_before_them() -> Made:
    rows = [
        ["企业名称", "需求名称", "联系人", "区号", "电话"],
        [_MOTORS, "定子槽满率", "葛平", "0578", "2349001"],
        [_FOODS, "水饺皮开裂", "邢露", 578, 2349002],
        [_VALVES, "密封面堆焊", "鲁一山", "0578", "13857490003"],
    ]
    phones = ("0578-2349001", "0578-2349002", "13857490003")
    wanted = [
        _need(enterprise_name=row[0], title=row[1], contact_name=row[2], contact_mobile=[phone])
        for row, phone in zip(rows[1:], phones, strict=True)
    ]
    return _made(rows, wanted)


def days_in_three_columns() -> Made:
    rows = [
        ["合同名称", "合同类别", "委托方", "受托方", "签订日期", "", "", "合同金额（万元）"],
        ["", "", "", "", "年", "月", "日", ""],
        ["磨削单元", "技术开发", _MOTORS, _UNIVERSITY, 2026, 3, 1, 120],
    ]
    wanted: list[Said] = [
        {
            "kind": "contract",
            "title": "磨削单元",
            "contract_type": "development",
            "buyer": _MOTORS,
            "seller": _UNIVERSITY,
            "signed_on": "2026-03-01",
            "amount_total": (120, 120),
        }
    ]
    merges = ["E1:G1", *(f"{column}1:{column}2" for column in "ABCDH")]
    return _made(rows, wanted, merges=merges)


def choices_named_by_their_number() -> Made:
    rows = [
        ["成果名称", "成熟度（1.实验室 2.小试 3.中试 4.产业化）", "合作方式（①转让②许可③联合开发）"],
        ["声纹诊断", 3, "①②"],
        ["避碰雷达", "2", "③"],
        ["茶渣基质", "产业化", ""],
    ]
    modes: list[Said] = [{"coop_mode": ["transfer", "license"]}, {"coop_mode": ["joint"]}, {}]
    wanted = [
        _achievement(title=row[0], stage=stage, **mode)
        for row, stage, mode in zip(rows[1:], ("pilot", "small_trial", "industrial"), modes, strict=True)
    ]
    return _made(rows, wanted)


def ticks_below_a_merged_word() -> Made:
    rows = [
        ["企业名称", "需求名称", "合作方式", "", "", "联系电话"],
        ["", "", "技术转让", "联合开发", "委托研发", ""],
        [_MOTORS, "定子槽满率", "", "√", "√", "13857490001"],
        [_FOODS, "水饺皮开裂", "√", "", "", "0578-2349002"],
    ]
    wanted = [
        _need(enterprise_name=row[0], title=row[1], coop_mode=modes, contact_mobile=[row[5]])
        for row, modes in zip(rows[2:], (["joint", "commission"], ["transfer"]), strict=True)
    ]
    return _made(rows, wanted, merges=["A1:A2", "B1:B2", "C1:E1", "F1:F2"])


def names_of_a_database_with_marks_of_a_page() -> Made:
    rows = [
        ["id", "company", "title(需求名称)", "content", "linkman", "mobile"],
        ["1", _MOTORS, "定子槽满率", "<p>低于<b>62%</b></p><p>要到&nbsp;75%</p>", "葛平", "13857490001"],
        ["2", _FOODS, "水饺皮开裂", "", "邢露", "NULL"],
    ]
    wanted = [
        _need(
            enterprise_name=_MOTORS,
            title="定子槽满率",
            problem="低于62%\n要到 75%",
            contact_name="葛平",
            contact_mobile=["13857490001"],
        ),
        _need(enterprise_name=_FOODS, title="水饺皮开裂", contact_name="邢露"),
    ]
    return "need.csv", delimited(rows), wanted


def time_limits_in_two_columns_and_contacts_with_labels() -> Made:
    rows = [
        ["企业名称", "需求名称", "需求时限（起）", "需求时限（止）", "联系人/电话/微信"],
        [_MOTORS, "定子槽满率", "2026.1", "2027.6", "葛平，办公：0578-2349001，手机：13857490001"],
    ]
    period = {"start": "2026-01-01", "end": "2027-06-30", "months": None, "open_ended": False}
    wanted = [
        _need(
            enterprise_name=_MOTORS,
            title="定子槽满率",
            period=period,
            contact_name="葛平",
            contact_mobile=["0578-2349001", "13857490001"],
        )
    ]
    return _made(rows, wanted)


def needs_below_firms_with_their_contacts() -> Made:
    rows = [
        ["序号", "需求名称", "公开方式", "需求描述"],
        [f"一、{_MOTORS}（联系人：葛平 13857490001，每周二可来访）"],
        [1, "定子槽满率", "隐去企业名称后公开", "低于62%"],
        [f"二、{_FOODS}"],
        [1, "水饺皮开裂", "完全公开", "冻裂率超过5%"],
    ]
    wanted = [
        _need(enterprise_name=firm, title=row[1], confidentiality=choice, problem=row[3])
        for firm, row, choice in ((_MOTORS, rows[2], "masked"), (_FOODS, rows[4], "public"))
    ]
    return _made(rows, wanted, merges=["A2:D2", "A4:D4"])


def leaders_with_their_titles() -> Made:
    rows = [
        ["成果名称", "负责人及职称", "许可使用费"],
        ["缓释微球", "卢照（教授）", "5万元/年"],
        ["口溶膜", "骆宾", "面议"],
    ]
    wanted = [
        _achievement(title="缓释微球", leader="卢照", leader_title="senior", price=(5, 5)),
        _achievement(title="口溶膜", leader="骆宾", price="面议"),
    ]
    return _made(rows, wanted)


def contracts_of_a_month_to_a_sheet_with_their_sums() -> Made:
    import openpyxl

    book = openpyxl.Workbook()
    fill(book.active, [["月份", "合同数", "成交额（万元）"], ["1月", 1, 50], ["合计", 1, 50]], name="一览")
    header = ["合同名称", "合同类别", "卖方名称", "买方名称", "签订日期", "合同成交额（万元）"]
    row = ["磨削单元", "技术开发", _UNIVERSITY, _MOTORS, "2026-01-08", 50]
    fill(book.create_sheet(), [header, row], name="1月")
    wanted: list[Said] = [
        {
            "kind": "contract",
            "title": "磨削单元",
            "contract_type": "development",
            "seller": _UNIVERSITY,
            "buyer": _MOTORS,
            "signed_on": "2026-01-08",
            "amount_total": (50, 50),
        }
    ]
    return "合同.xlsx", saved(book), wanted


def _named(maker: Callable[[], Made]) -> str:
    return re.sub("_", " ", maker.__name__)


BUREAU_FILES = {
    _named(maker): maker
    for maker in (
        texts_kept_as_formulas_below_names_of_a_database,
        patents_found_by_a_search,
        words_that_stand_upright_in_a_narrow_column,
        amounts_with_their_units_in_a_column,
        ends_of_a_range_in_two_columns,
        levels_of_readiness_with_words,
        advice_beside_the_list,
        lines_that_name_the_fields_of_the_rows_below,
        firms_over_their_needs,
        signed_with_a_stamp_and_a_date_on_the_right,
        experts_with_positions_and_addresses_in_other_cells,
        contracts_named_by_their_part,
        counts_on_a_sheet_of_their_own,
        contracts_below_lines_of_their_kind,
        a_firm_and_its_code_in_one_cell,
        numbers_whose_area_code_stands_before_them,
        days_in_three_columns,
        choices_named_by_their_number,
        ticks_below_a_merged_word,
        names_of_a_database_with_marks_of_a_page,
        time_limits_in_two_columns_and_contacts_with_labels,
        needs_below_firms_with_their_contacts,
        leaders_with_their_titles,
        contracts_of_a_month_to_a_sheet_with_their_sums,
    )
}
