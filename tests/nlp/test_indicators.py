"""Indicators are read as a reader would read them, from sentences as firms write them."""

import time
from pathlib import Path

import pytest

from nlp.amounts import value_of, written
from nlp.compared import Doubt, Outcome, compare
from nlp.indicators import Indicator, indicators, told_by_name
from nlp.offered import offered

SENTENCES = [
    tuple(line.rsplit(" => ", 1))
    for line in (Path(__file__).with_name("indicators.txt")).read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
SIGNS = {"at_least": "≥", "at_most": "≤", "within": "±", "equal": "="}


def in_words(one: Indicator) -> str:
    if one.relation.value == "between":
        return f"{one.quantity} {one.low:g}..{one.high:g} {one.unit}".strip()
    bound = one.low if one.relation.value in ("at_least", "equal") else one.high
    assert bound is not None
    number = f"{bound:.0f}" if bound == int(bound) else f"{bound:g}"
    return f"{one.quantity} {SIGNS[one.relation.value]} {number} {one.unit}".strip()


@pytest.mark.parametrize(("sentence", "truth"), SENTENCES)
def test_a_sentence_is_read_as_it_was_meant(sentence: str, truth: str) -> None:
    assert [in_words(one) for one in indicators(sentence)] == ([] if truth == "-" else truth.split(" | "))


def test_the_place_of_an_indicator_is_its_words_in_the_original() -> None:
    text = "一、寿命要求：疲劳寿命不少于１０万次；二、Ｒａ≤０．８μｍ，硬度（ＨＲＣ）≥58。"

    assert [text[slice(*one.span)] for one in indicators(text)] == [
        "疲劳寿命不少于１０万次",
        "Ｒａ≤０．８μｍ",
        "硬度（ＨＲＣ）≥58",
    ]


@pytest.mark.parametrize(
    ("needed", "stated", "outcome"),
    [
        ("电寿命≥5万次", "电寿命达到60000次", Outcome.MET),
        ("处理成本不高于30元/吨", "处理成本0.04元/公斤", Outcome.NOT_MET),
        ("生产节拍每分钟120件", "生产节拍7200件/小时", Outcome.MET),
        ("导热系数≤0.035W/(m·K)", "导热系数为0.03W/(m·K)", Outcome.MET),
        ("次品率降到百分之三以下", "次品率由8%降到2.5%", Outcome.MET),
    ],
)  # fmt: skip
def test_amounts_in_other_units_are_compared(needed: str, stated: str, outcome: Outcome) -> None:
    assert [entry.outcome for entry in compare(indicators(needed), indicators(stated))] == [outcome]


PAIRS = [
    tuple(line.rsplit(" | ", 2))
    for line in (Path(__file__).with_name("compared.txt")).read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
OUTCOMES = {"+": Outcome.MET, "-": Outcome.NOT_MET, "?": Outcome.NOT_STATED}


@pytest.mark.parametrize(("needed", "stated", "truth"), PAIRS)
def test_what_is_asked_is_met_not_met_or_not_stated(needed: str, stated: str, truth: str) -> None:
    wanted = indicators(needed)
    figures = offered(stated, asked=told_by_name(wanted))

    compared = compare(wanted, figures.reached, hoped=figures.hoped)

    assert [entry.outcome for entry in compared] == [OUTCOMES[truth]]


@pytest.mark.parametrize(
    ("words", "value", "again"),
    [
        ("1,200.5", 1200.5, "1200.5"),
        ("10^6", 1e6, "1000000"),
        ("1×10^-6", 1e-6, "10⁻⁶"),
        ("2.5×10⁻⁷", 2.5e-7, "2.5×10⁻⁷"),
        ("零下30", -30, "-30"),
        ("百分之九十五点五", 95.5, "95.5"),
        ("两万", 20000, "20000"),
        ("半", 0.5, "0.5"),
    ],
)
def test_numbers_are_read_and_written(words: str, value: float, again: str) -> None:
    assert (value_of(words), written(value)) == (value, again)


@pytest.mark.parametrize("text", ["一", "（", "10^", "百分之", "1,", "≥", "9", "由5提高到"])
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    indicators(text * (20_000 // len(text)))
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("needed", "stated", "doubt"),
    [
        ("耐温不低于200℃", "耐温180-220℃", Doubt.PARTLY),
        ("产品合格率≥98%", "一次合格率99%", Doubt.NAMES),
        ("粒度≥800目", "粒度15μm", Doubt.UNITS),
        ("产量≥10t/d", "产量500kg/h", Doubt.HOURS),
        ("-20℃下容量保持率≥80%", "25℃下容量保持率95%", Doubt.CONDITIONS),
        ("夜间识别率≥98%", "识别率99%", Doubt.CONDITIONS),
        ("硬度≥3000HV", "A型硬度2800HV，B型硬度3200HV", Doubt.VARIED),
        ("效率≥90%", "预计效率可达92%", Doubt.HOPED),
        ("板长3m", "板长4m", Doubt.EITHER),
        ("效率≥90%", "能耗降低5%", Doubt.NONE),
    ],
)
def test_why_a_figure_does_not_settle_it_is_told(needed: str, stated: str, doubt: Doubt) -> None:
    figures = offered(stated)

    compared = compare(indicators(needed), figures.reached, hoped=figures.hoped)

    assert [(entry.outcome, entry.doubt) for entry in compared] == [(Outcome.NOT_STATED, doubt)]
