"""Large lists of invented contents, as workbooks: what bench/intake.py brings in."""

import io
import random
from collections.abc import Callable
from dataclasses import dataclass

WORDS = (
    "高强度耐磨涂层轻量化注塑模具精准成型低温快速固化视觉检测算法在线监测节能电机控制器表面处理工艺废水回用"
)
_FIELDS = ("新材料", "电子信息", "先进制造技术", "生物与新医药")
_COOPERATION = ("合作开发", "委托研发/技术服务", "技术转让")
_CHECK_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of list; `row` makes the n-th row, the same for the same chance."""

    title: str
    filename: str
    header: tuple[str, ...]
    row: Callable[[int, random.Random], list[object]]
    text_column: int


def workbook(kind: str, rows: int, *, changed: int = 0, seed: int = 11) -> bytes:
    """Return an .xlsx of this many rows, every text different, amounts and dates written in many ways.

    In every `changed`-th row the text says more than it does without: last quarter's list, kept up to date.
    """
    import xlsxwriter

    wanted, chance = KINDS[kind], random.Random(seed)
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "constant_memory": False})
    sheet = book.add_worksheet("汇总表")
    sheet.merge_range(0, 0, 0, len(wanted.header) - 1, wanted.title)
    sheet.write_row(1, 0, wanted.header)
    for number in range(1, rows + 1):
        row = wanted.row(number, chance)
        if changed and number % changed == 0:
            row[wanted.text_column] = f"{row[wanted.text_column]}本季度有新的进展。"
        sheet.write_row(number + 1, 0, row)
    book.close()
    return target.getvalue()


def _text(length: int, chance: random.Random) -> str:
    return "".join(chance.choices(WORDS, k=length))


def _need(number: int, chance: random.Random) -> list[object]:
    return [
        number,
        f"{_text(4, chance)}{number}有限公司",
        chance.choice(("桃花街道", "青山镇", "白溪乡", "沙浦镇")),
        f"{_text(12, chance)}{number}",
        chance.choice(("技术研发", "产品研发", "技术改造", "技术难题")),
        chance.choice(_FIELDS),
        f"{_text(chance.randint(40, 160), chance)}，误差≤{number % 97}μm",
        chance.choice(
            (50, f"{number % 300 + 1}万元", f"{number % 90 + 10}-{number % 90 + 60}万", "面议", "三十万元")
        ),
        chance.choice(
            ("2026年1月至2027年12月", "18个月", "2027年底前", "长期", f"2026.{number % 12 + 1}-2027.3")
        ),
        chance.choice(_COOPERATION),
        _text(2, chance),
        chance.choice(
            (13_000_000_000 + number, f"1380000{number % 10_000:04d} / 0574-6551{number % 10_000:04d}")
        ),
        "",
    ]


def _achievement(number: int, chance: random.Random) -> list[object]:
    unit = number * 7919 % 240
    makers = [_maker(unit, chance.randrange(60)) for _ in range(chance.randint(1, 4))]
    return [
        number,
        f"{_text(14, chance)}{number}",
        f"{WORDS[unit % len(WORDS)]}{WORDS[unit // len(WORDS)]}第{unit}大学",
        "、".join(dict.fromkeys(makers)),
        f"{_text(chance.randint(60, 240), chance)}，强度≥{number % 97}MPa",
        chance.choice(_FIELDS),
        chance.choice(("实验室阶段", "小试", "中试", "产业化")),
        chance.choice((_patent(number), _patent(number), "", "已授权发明专利2项")),
        chance.choice(_COOPERATION),
        chance.choice(
            (80, f"{number % 300 + 1}万元", f"{number % 90 + 10}-{number % 90 + 60}万", "面议", "三十万元")
        ),
        chance.choice(("2024年6月", "2025-03-15", "2023年", f"2022.{number % 12 + 1}")),
        makers[0],
        13_000_000_000 + unit * 60 + number % 60,
        "",
    ]


def _maker(unit: int, place: int) -> str:
    return f"{WORDS[unit % 40]}{WORDS[place % 40]}{WORDS[(unit + place) % 40]}"


def _patent(number: int) -> str:
    digits = f"20{number % 15 + 10}1{number:07d}"
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _CHECK_WEIGHTS, strict=True)) % 11
    return f"ZL{digits}.{'X' if rest == 10 else rest}"


KINDS = {
    "need": Kind(
        title="企业技术需求汇总表",
        filename="需求汇总表.xlsx",
        header=(
            "序号",
            "*企业全称（必填）",
            "所在乡镇(街道)",
            "技术需求名称",
            "需求类别",
            "技术领域",
            "需求内容及主要技术指标",
            "拟投入资金（万元）",
            "需求时限",
            "合作方式",
            "联系人",
            "手机/电话",
            "备注",
        ),
        row=_need,
        text_column=6,
    ),
    "achievement": Kind(
        title="高校院所科技成果汇总表",
        filename="成果汇总表.xlsx",
        header=(
            "序号",
            "成果名称",
            "完成单位",
            "完成人",
            "成果简介",
            "技术领域",
            "成熟度",
            "专利号",
            "合作方式",
            "转让价格（万元）",
            "完成时间",
            "联系人",
            "联系电话",
            "备注",
        ),
        row=_achievement,
        text_column=4,
    ),
}
