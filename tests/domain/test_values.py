"""Money, periods, dates, phones and lists as people write them."""

import json
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from matchmaker.domain.money import amount_words
from matchmaker.domain.numerals import chinese_number
from matchmaker.domain.period_words import period_words
from matchmaker.domain.persons import person_names, split_contact
from matchmaker.domain.problems import Severity
from matchmaker.domain.values import (
    Money,
    Period,
    Phone,
    parse_bool,
    parse_date,
    parse_datetime,
    parse_money,
    parse_period,
    parse_phones,
    split_list,
    unit_of_header,
)

WAN = 1_000_000


def exactly(yuan: int) -> Money:
    return Money(low_fen=yuan * 100, high_fen=yuan * 100)


def between(low: int, high: int) -> Money:
    return Money(low_fen=low * 100, high_fen=high * 100)


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("50", exactly(500_000)),
        (50.0, exactly(500_000)),
        ("100万元", exactly(1_000_000)),
        ("12万5", exactly(125_000)),
        ("1 200 000元", exactly(1_200_000)),
        ("5 000元", exactly(5_000)),
        ("1 200元", exactly(1_200)),
        ("200万-300", between(2_000_000, 3_000_000)),
        ("30-50万", between(300_000, 500_000)),
        ("30万～50万元", between(300_000, 500_000)),
        ("0.5—1亿元", between(50_000_000, 100_000_000)),
        ("5000元-1万元", between(5_000, 10_000)),
        ("￥1,200,000", exactly(1_200_000)),
        ("80 万", exactly(800_000)),
        ("３０万", exactly(300_000)),
        ("200万元以内", Money(high_fen=200 * WAN)),
        ("不超过300万", Money(high_fen=300 * WAN)),
        ("上限300万", Money(high_fen=300 * WAN)),
        ("下限300万", Money(low_fen=300 * WAN)),
        ("不低于30万元", Money(low_fen=30 * WAN)),
        ("300万以上", Money(low_fen=300 * WAN)),
        ("三十万元", exactly(300_000)),
        ("三十万元到五十万元", between(300_000, 500_000)),
        ("伍拾万元整", exactly(500_000)),
        ("人民币伍拾万元整（￥500,000）", exactly(500_000)),
        ("￥500,000.00（伍拾万元整）", exactly(500_000)),
        ("大写：捌拾伍万元整 小写：850000元", exactly(850_000)),
        ("50 万元整", exactly(500_000)),
        ("1.5百万", exactly(1_500_000)),
        ("3千万元", exactly(30_000_000)),
        ("2亿3000万", exactly(230_000_000)),
        ("500000元", exactly(500_000)),
        ("约50万元左右", exactly(500_000)),
        ("面议", Money(negotiable=True)),
        ("50w", exactly(500_000)),
        ("50（万元）", exactly(500_000)),
        ("１２０萬", exactly(1_200_000)),
        ("两万五", exactly(25_000)),
        ("面議", Money(negotiable=True)),
        ("-1", Money(negotiable=True)),
        ("待定", Money(negotiable=True)),
    ],
)
def test_amounts_under_a_header_in_wan(text: object, money: Money) -> None:
    parsed = parse_money(text, unit_fen=unit_of_header("拟投入\n资金（万元）"))

    assert (parsed.value, parsed.problems) == (money, ())


@pytest.mark.parametrize(
    ("came", "low", "high", "words"),
    [
        (60.0, 60_000_000, 60_000_000, "60"),
        ("30-50万", 30_000_000, 50_000_000, "30-50万"),
        (600000.0, 60_000_000, 60_000_000, "60万元"),
        ("800000-1200000", 80_000_000, 120_000_000, "80-120万元"),
        ("5", None, 500_000_000, "不超过500万元"),
        ("面议", None, None, "面议"),
        (None, None, None, ""),
    ],
)
def test_an_amount_is_shown_again_so_that_a_form_reads_it_as_it_was_understood(
    came: object, low: int | None, high: int | None, words: str
) -> None:
    assert amount_words(came, low, high) == words
    read = parse_money(words, unit_fen=1_000_000).value or Money()
    assert (read.low_fen, read.high_fen) == (low, high)


@pytest.mark.parametrize("text", ["伍拾万元整（￥800,000）", "大写：捌拾万元整 小写：850000元"])
def test_an_amount_in_words_and_in_other_digits_is_asked_about(text: str) -> None:
    parsed = parse_money(text)

    assert (parsed.value, [one.code for one in parsed.problems]) == (None, ["money_unreadable"])
    assert "大小写不一致" in parsed.problems[0].message


@pytest.mark.parametrize("text", ["", "-", "/", "无", None, "  "])
def test_an_empty_amount_is_nothing_and_no_problem(text: object) -> None:
    assert parse_money(text).value is None
    assert parse_money(text).problems == ()


def test_a_header_in_yuan_makes_bare_numbers_yuan() -> None:
    unit = unit_of_header("投入经费(元)")

    assert parse_money("1,000,000.00", unit_fen=unit).value == exactly(1_000_000)
    assert parse_money("500000", unit_fen=unit).value == exactly(500_000)


@pytest.mark.parametrize(
    ("text", "unit_fen", "code"),
    [
        ("100", None, "money_without_unit"),
        ("500000", WAN, "money_huge"),
        ("12000", WAN, "money_huge"),
        ("50万（含设备20万）", WAN, "money_from_words"),
        ("50.5万元/年", WAN, "money_yearly"),
        ("投入50万元（含设备）", None, "money_from_words"),
        ("设备/软件投入50万元", None, "money_from_words"),
        ("100（其中自筹60）", WAN, "money_from_words"),
    ],
)
def test_a_guessed_amount_is_marked_as_a_guess(text: str, unit_fen: int | None, code: str) -> None:
    parsed = parse_money(text, unit_fen=unit_fen)

    assert parsed.value is not None
    assert [(problem.code, problem.severity) for problem in parsed.problems] == [(code, Severity.GUESS)]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("100余万元", 1_000_000, None),
        ("百余万元", 1_000_000, None),
        ("上百万元", 1_000_000, None),
        ("100万余元", 1_000_000, None),
        ("三十多万元", 300_000, None),
        ("约五十来万", 500_000, None),
        ("2000余元", 2_000, None),
        ("近百万", 1_000_000, 1_000_000),
        ("将近50万元", 500_000, 500_000),
        ("50-100余万元", 500_000, 1_000_000),
    ],
)
def test_a_round_amount_is_read_as_a_guess(text: str, low: int, high: int | None) -> None:
    parsed = parse_money(text)

    assert parsed.value == Money(low_fen=low * 100, high_fen=high and high * 100)
    assert [(problem.code, problem.severity) for problem in parsed.problems] == [
        ("money_rounded", Severity.GUESS)
    ]


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("不到30万元", Money(high_fen=30_000_000)),
        ("不足10万", Money(high_fen=10_000_000)),
        ("多于50万元", Money(low_fen=50_000_000)),
        ("不多于50万元", Money(high_fen=50_000_000)),
    ],
)
def test_one_end_of_an_amount(text: str, money: Money) -> None:
    assert (parse_money(text).value, parse_money(text).problems) == (money, ())


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("几十万", 20, 90),
        ("十几万元", 11, 19),
        ("数百万元", 200, 900),
        ("约二十几万", 21, 29),
        ("几万元左右", 2, 9),
    ],
)
def test_an_amount_of_some_tens_is_guessed_as_all_that_may_be_called_so(
    text: str, low: int, high: int
) -> None:
    parsed = parse_money(text)

    assert parsed.value == Money(low_fen=low * 1_000_000, high_fen=high * 1_000_000)
    assert [problem.severity for problem in parsed.problems] == [Severity.GUESS]


@pytest.mark.parametrize("text", ["几十", "上万", "百万", "多"])
def test_what_names_no_number_is_no_amount(text: str) -> None:
    parsed = parse_money(text)

    assert (parsed.value, [problem.code for problem in parsed.problems]) == (None, ["money_unreadable"])


@pytest.mark.parametrize(
    "text",
    [
        "50万台币",
        "500万韩元",
        "10万新币",
        "3万欧",
        "1万刀",
        "10万加元",
        "50万日圆",
        "20余万美元",
        "100万卢布",
    ],
)
def test_no_foreign_money_becomes_yuan(text: str) -> None:
    parsed = parse_money(text, unit_fen=WAN)

    assert (parsed.value, [problem.code for problem in parsed.problems]) == (None, ["foreign_currency"])


def test_a_header_with_the_letters_of_a_currency_is_none() -> None:
    assert unit_of_header("更新元件投入（万元）") == WAN


def test_an_amount_in_a_foreign_currency_is_not_taken_for_yuan() -> None:
    parsed = parse_money("20万美元", unit_fen=WAN)

    assert parsed.value is None
    assert [problem.message for problem in parsed.problems] == [
        "“20万美元”是外币，金额没有记入（原文保留），请按汇率折成人民币填写，如“150万元”。"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "三五十万",
        "3.5.5万",
        "5×10^5元",
        "百万级",
        "万元",
        "100-50万",
        "见附件",
        "30万、50万",
        "50 100万",
        "50 100",
        "300 500元",
        "1000元/吨",
        "15万元/年×3年",
        "50万元+30万元",
        "9" * 200,
    ],
)
def test_an_unreadable_amount_gives_no_value_and_says_how_to_write_it(text: str) -> None:
    parsed = parse_money(text, unit_fen=WAN)

    assert parsed.value is None
    assert [problem.severity for problem in parsed.problems] == [Severity.WARNING]
    assert "请写成“50万元”" in parsed.problems[0].message


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2026年1月至2027年12月", Period(start=date(2026, 1, 1), end=date(2027, 12, 31))),
        ("2026.3-2027.3", Period(start=date(2026, 3, 1), end=date(2027, 3, 31))),
        ("2025/3/1-2026/3/1", Period(start=date(2025, 3, 1), end=date(2026, 3, 1))),
        ("2026-01-01至2026-12-31", Period(start=date(2026, 1, 1), end=date(2026, 12, 31))),
        ("2026年3月-12月", Period(start=date(2026, 3, 1), end=date(2026, 12, 31))),
        ("自2026年1月起至2026年12月止", Period(start=date(2026, 1, 1), end=date(2026, 12, 31))),
        ("2027年底前", Period(end=date(2027, 12, 31))),
        ("2026年6月底前", Period(end=date(2026, 6, 30))),
        ("2026.12", Period(end=date(2026, 12, 31))),
        ("2028年2月", Period(end=date(2028, 2, 29))),
        ("20261231", Period(end=date(2026, 12, 31))),
        ("二〇二六年十二月", Period(end=date(2026, 12, 31))),
        ("2026年三月一日", Period(end=date(2026, 3, 1))),
        ("2026/3/1 0:00:00", Period(end=date(2026, 3, 1))),
        ("2026年第三季度", Period(start=date(2026, 7, 1), end=date(2026, 9, 30))),
        ("2026Q1", Period(start=date(2026, 1, 1), end=date(2026, 3, 31))),
        ("2026H2", Period(start=date(2026, 7, 1), end=date(2026, 12, 31))),
        ("至2026年底", Period(end=date(2026, 12, 31))),
        (2026.3, Period(end=date(2026, 3, 31))),
        (2026, Period(end=date(2026, 12, 31))),
        ("自签订之日起一年", Period(months=12)),
        ("2026年上半年", Period(start=date(2026, 1, 1), end=date(2026, 6, 30))),
        (45992, Period(end=date(2025, 12, 1))),
        (datetime.fromisoformat("2026-05-01T09:00"), Period(end=date(2026, 5, 1))),
        ("一年", Period(months=12)),
        ("两年半", Period(months=30)),
        ("18个月", Period(months=18)),
        ("3个月内", Period(months=3)),
        ("1-2年", Period(months=24)),
        ("半年", Period(months=6)),
        ("长期", Period(open_ended=True)),
        ("长期有效", Period(open_ended=True)),
        ("2026年6月上旬", Period(end=date(2026, 6, 10))),
        ("2026年6月中旬", Period(end=date(2026, 6, 20))),
        ("2026年2月下旬前", Period(end=date(2026, 2, 28))),
        ("预计2026年底", Period(end=date(2026, 12, 31))),
        ("力争2026年6月前完成", Period(end=date(2026, 6, 30))),
        ("2026年度", Period(end=date(2026, 12, 31))),
        ("项目启动后3个月", Period(months=3)),
        ("合同生效后12个月", Period(months=12)),
        ("签订合同后6个月内", Period(months=6)),
        ("60个日历日", Period(months=2)),
    ],
)
def test_time_limits(text: object, period: Period) -> None:
    parsed = parse_period(text)

    assert (parsed.value, parsed.problems) == (period, ())


@pytest.mark.parametrize(
    ("text", "months"), [("90个工作日", 4), ("5个工作日内", 1), ("6个月（可延长）", 6), ("2年（24个月）", 24)]
)
def test_a_time_limit_that_was_rounded_or_shortened_is_a_guess(text: str, months: int) -> None:
    parsed = parse_period(text)

    assert parsed.value == Period(months=months)
    assert [(problem.code, problem.severity) for problem in parsed.problems] == [
        ("period_from_words", Severity.GUESS)
    ]


@pytest.mark.parametrize("text", ["2026年中旬", "6月中旬", "2026年6月15日中旬"])
def test_a_third_of_a_month_needs_its_month_and_year(text: str) -> None:
    assert parse_period(text).value is None


def test_words_counted_from_now_need_to_know_the_day() -> None:
    assert parse_period("明年6月底前", today=date(2026, 3, 1)).value == Period(end=date(2027, 6, 30))
    assert parse_period("明年6月底前").value is None


@pytest.mark.parametrize("text", ["2026-03-09起", "自2026年3月9日起", "2026.3.9以后", "2026年3月9日开始"])
def test_a_time_limit_may_have_a_first_day_only(text: str) -> None:
    assert parse_period(text).value == Period(start=date(2026, 3, 9))


def test_a_season_is_taken_for_a_year_and_marked_as_a_guess() -> None:
    parsed = parse_period("两个生产季")

    assert parsed.value == Period(months=24)
    assert [problem.severity for problem in parsed.problems] == [Severity.GUESS]
    assert parse_period("2个季度").value == Period(months=6)


@pytest.mark.parametrize(
    "text", ["2027年至2025年", "等通知", "2026年13月", "2026.13", 2026.13, "3.1", "三月初"]
)
def test_an_impossible_time_limit_is_unreadable(text: object) -> None:
    parsed = parse_period(text)

    assert parsed.value is None
    assert [problem.severity for problem in parsed.problems] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("raw", "day", "guessed"),
    [
        ("2026年 3月 9日", date(2026, 3, 9), False),
        ("2026/3/9", date(2026, 3, 9), False),
        ("20260309", date(2026, 3, 9), False),
        (45000.0, date(2023, 3, 15), False),
        ("45000", date(2023, 3, 15), True),
        ("2026.3", date(2026, 3, 1), True),
        (202603.0, date(2026, 3, 1), True),
        ("二○二六年三月", date(2026, 3, 1), True),
        ("26/3/1", date(2026, 3, 1), True),
        ("2026、3、1", date(2026, 3, 1), False),
        ("2026—3—1", date(2026, 3, 1), False),
        ("'2026-03-01.", date(2026, 3, 1), False),
        ("2026-3-1上午", date(2026, 3, 1), False),
        ("2026年3月1日 星期日", date(2026, 3, 1), False),
        ("2026年3月1日（周日）", date(2026, 3, 1), False),
        ("2026年4月30日17:00", date(2026, 4, 30), False),
        (date(2026, 3, 9), date(2026, 3, 9), False),
    ],
)
def test_dates(raw: object, day: date, guessed: bool) -> None:
    parsed = parse_date(raw)

    assert parsed.value == day
    assert [problem.severity for problem in parsed.problems] == ([Severity.GUESS] if guessed else [])


def test_a_day_that_does_not_exist_is_no_date() -> None:
    assert parse_date("2026-02-30").value is None


@pytest.mark.parametrize("text", ["12/3/26", "03/01/2026", "26/13/1"])
def test_a_day_whose_parts_could_be_in_any_order_is_asked_about(text: str) -> None:
    assert [problem.severity for problem in parse_date(text).problems] == [Severity.WARNING]


def test_a_moment_keeps_its_hour() -> None:
    assert parse_datetime("2026-03-09 14:30").value == datetime.fromisoformat("2026-03-09T14:30")
    assert parse_datetime("2026年3月9日").value == datetime.fromisoformat("2026-03-09T00:00")


MOBILE = Phone(number="13800000000", mobile=True)


@pytest.mark.parametrize(
    ("raw", "phones"),
    [
        ("13800000000", (MOBILE,)),
        (13800000000.0, (MOBILE,)),
        ("138-0000-0000", (MOBILE,)),
        ("+86 138 0000 0000", (MOBILE,)),
        ("138000 00000", (MOBILE,)),
        ("１３８００００００００", (MOBILE,)),
        ("0574-65510000", (Phone(number="0574-65510000", mobile=False),)),
        ("(0574)65510000", (Phone(number="0574-65510000", mobile=False),)),
        ("86-574-65510000", (Phone(number="0574-65510000", mobile=False),)),
        ("+86(0)574 6551 0000", (Phone(number="0574-65510000", mobile=False),)),
        ("010-12345678", (Phone(number="010-12345678", mobile=False),)),
        ("65510000转8001", (Phone(number="65510000", mobile=False, extension="8001"),)),
        ("0574-65510000-801", (Phone(number="0574-65510000", mobile=False, extension="801"),)),
        ("手机13800000000/座机65510000", (MOBILE, Phone(number="65510000", mobile=False))),
        ("13800000000 13800000000", (MOBILE,)),
        ("400-800-1234", (Phone(number="400-800-1234", mobile=False),)),
    ],
)
def test_telephones(raw: object, phones: tuple[Phone, ...]) -> None:
    parsed = parse_phones(raw)

    assert (parsed.value, parsed.problems) == (phones, ())


def test_a_month_that_may_have_lost_its_last_digit_is_marked_as_a_guess() -> None:
    """Typed as 2026.10 into a cell of numbers, October comes out as 2026.1."""
    assert parse_period(2026.1).value == Period(end=date(2026, 1, 31))
    assert parse_date(2026.1).value == date(2026, 1, 1)
    for parsed in (parse_period(2026.1), parse_date(2026.1)):
        assert [(problem.code, problem.severity) for problem in parsed.problems] == [
            ("october_or_january", Severity.GUESS)
        ]
    assert parse_period("2026.1").problems == ()


def test_a_second_line_of_which_only_the_end_is_written_is_named() -> None:
    parsed = parse_phones("0574-65510000/9")

    assert parsed.value == (Phone(number="0574-65510000", mobile=False),)
    assert [(problem.code, problem.severity) for problem in parsed.problems] == [
        ("phone_left_over", Severity.GUESS)
    ]


def test_a_number_cut_to_powers_of_ten_is_lost_and_said_so() -> None:
    parsed = parse_phones("1.38E+10")

    assert parsed.value is None
    assert [problem.code for problem in parsed.problems] == ["phone_truncated"]


@pytest.mark.parametrize("raw", [57465510000.0, "574-65510000"])
def test_a_line_that_lost_its_zero_is_mended_as_a_guess(raw: object) -> None:
    parsed = parse_phones(raw)

    assert parsed.value == (Phone(number="0574-65510000", mobile=False),)
    assert [problem.severity for problem in parsed.problems] == [Severity.GUESS]


@pytest.mark.parametrize(
    ("raw", "name", "rest"),
    [
        ("张三 13800000000", "张三", "13800000000"),
        ("李四（13800000000）", "李四", "13800000000)"),
        ("联系人：王五 0574-65510000", "王五", "0574-65510000"),
        ("13800000000", "", "13800000000"),
        ("赵六", "赵六", ""),
        ("13800000000张三", "张三", "13800000000张三"),
        ("钱七（总经理）13800000000", "钱七(总经理)", "13800000000"),
        ("13800000000（冷主任）", "冷主任", "13800000000(冷主任)"),
        ("张　三 13800000000", "张三", "13800000000"),
        ("13800000000（微信同号）", "", "13800000000(微信同号)"),
    ],
)
def test_a_person_beside_a_number(raw: str, name: str, rest: str) -> None:
    assert split_contact(raw) == (name, rest)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("张 三", ("张三",)),
        ("欧阳　兰", ("欧阳兰",)),
        ("张三 李四", ("张三", "李四")),
        ("Lee Ming", ("Lee Ming",)),
        ("第五 伦 教授", ("第五 伦 教授",)),
    ],
)
def test_a_name_that_is_spaced_out_is_one_and_two_names_are_two(text: str, names: tuple[str, ...]) -> None:
    assert person_names(text) == names


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ("电子信息;新材料", ("电子信息", "新材料")),
        ("技术转让、联合开发", ("技术转让", "联合开发")),
        ("①轻量化②降噪", ("轻量化", "降噪")),
        ("1.轻量化 2.降噪", ("轻量化", "降噪")),
        ("(1)成本；(2)寿命", ("成本", "寿命")),
        ("工艺（切、磨）、检测", ("工艺（切、磨）", "检测")),
        ("5.5kW", ("5.5kW",)),
        ("甲、甲、乙", ("甲", "乙")),
        ("", ()),
    ],
)
def test_lists(raw: str, parts: tuple[str, ...]) -> None:
    assert split_list(raw) == parts


@pytest.mark.parametrize(
    ("raw", "answer"), [("是", True), ("√", True), (True, True), ("否", False), ("", None)]
)
def test_yes_and_no(raw: object, answer: bool | None) -> None:
    assert parse_bool(raw).value == answer


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("三十五", 35),
        ("一百零二", 102),
        ("十", 10),
        ("两亿三千万", 230_000_000),
        ("二〇二六", 2026),
        ("三五十万", None),
        ("一百五", 150),
        ("十五", 15),
        ("一百零五", 105),
        ("万", None),
        ("甲", None),
    ],
)
def test_chinese_numerals(text: str, number: int | None) -> None:
    assert chinese_number(text) == number


def test_the_collected_cases_are_read_as_stated(shared: Path) -> None:
    cases = json.loads((shared / "domain" / "value_parsing_cases.json").read_text(encoding="utf-8"))

    wrong = [case for case in cases["money"] if not _money_is_right(case)]
    wrong += [case for case in cases["period"] if not _period_is_right(*case)]
    wrong += [case for case in cases["split"] if list(split_list(case[0])) != case[1]]
    wrong += [raw for raw in cases["phone"] if (parse_phones(raw).value is None) != ("E+" in raw)]

    assert wrong == []


def _money_is_right(case: list[object]) -> bool:
    if isinstance(case[1], dict):
        money = parse_money(case[0], unit_fen=unit_of_header(str(case[1].get("header", "")))).value
        wanted = (case[2], case[2])
    else:
        money, wanted = parse_money(case[0]).value, (case[1], case[2])
    assert money is not None
    found = tuple(None if end is None else end // 100 for end in (money.low_fen, money.high_fen))
    return found == wanted


def _period_is_right(raw: object, wanted: dict[str, object]) -> bool:
    period = parse_period(raw).value
    assert period is not None
    found: dict[str, object] = {"from": period.start, "to": period.end, "months": period.months}
    found["open"] = period.open_ended or None
    found["excel_serial"] = period.end if "excel_serial" in wanted else None
    if "excel_serial" in wanted:
        found["to"] = None
    return {key: str(value) for key, value in found.items() if value is not None} == {
        key: str(value) for key, value in wanted.items()
    }


@pytest.mark.parametrize(
    "parse", [parse_money, parse_period, parse_date, parse_phones, split_list, split_contact]
)
@pytest.mark.parametrize(
    "pattern", ["1", "1万", "2026年", "2026-", "一", "0574-", "138", "(1)", "、", " ", "年至", "不超过"]
)
def test_no_text_makes_a_parser_slow(parse: Callable[[object], object], pattern: str) -> None:
    text = pattern * (100_000 // len(pattern)) + "！"

    # processor time, for other tests run beside this one; what grows with the square takes minutes
    started = time.process_time()
    parse(text)

    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("came", "start", "end", "words"),
    [
        ("2026年6月中旬", None, date(2026, 6, 20), "2026年6月中旬"),
        ("三季度", date(2026, 7, 1), date(2026, 9, 30), "2026-07-01至2026-09-30"),
        ("6月", None, date(2026, 6, 30), "2026-06-30"),
        ("46203", None, date(2026, 6, 30), "2026-06-30"),
        ("6个月", None, None, "6个月"),
        ("自2026年3月起", date(2026, 3, 1), None, "自2026年3月起"),
        ("3月起", date(2026, 3, 1), None, "2026-03-01起"),
    ],
)
def test_a_time_is_shown_again_so_that_a_form_reads_it_as_it_was_understood(
    came: str, start: date | None, end: date | None, words: str
) -> None:
    assert period_words(came, start, end) == words
    read = parse_period(words).value or Period()
    assert (read.start, read.end) == (start, end)
