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
    )
}
