"""Quotes lie in both texts and stay short; indicators are read and compared in compatible units."""

import pytest

from matchmaker.resources import folder
from nlp.compared import Outcome, compare
from nlp.indicators import indicators
from nlp.reasons import quotes
from nlp.text import segmenter

NEED = (
    "压铸模具抗热裂涂层",
    "压铸模具连续生产两万模次后表面龟裂，需要耐温220℃以上、硬度≥3000HV的涂层，降低修模成本。" * 2,
)
ACHIEVEMENT = (
    "多弧离子镀涂层技术",
    "在压铸模具表面制备复合涂层，硬度可达3200HV，耐温180～220℃，已在三家企业应用，降低成本。" * 2,
)


def test_quotes_are_the_very_words_of_both_texts_and_at_most_a_fifth_of_each() -> None:
    config = folder("config")
    words = segmenter(config / "dictionary.txt", config / "stopwords.txt")

    found = quotes(*NEED, *ACHIEVEMENT, segmenter=words)

    assert found
    for quote in found:
        ours = NEED[0] if quote.need_field == "title" else NEED[1]
        theirs = ACHIEVEMENT[0] if quote.achievement_field == "title" else ACHIEVEMENT[1]
        assert ours[slice(*quote.need_span)].lower() == quote.words.lower()
        assert theirs[slice(*quote.achievement_span)].lower() == quote.words.lower()
    for spans, texts in (
        ([quote.need_span for quote in found], NEED),
        ([quote.achievement_span for quote in found], ACHIEVEMENT),
    ):
        assert sum(end - start for start, end in spans) <= 0.2 * sum(map(len, texts))


def test_a_bare_number_in_both_texts_is_no_common_ground() -> None:
    config = folder("config")
    words = segmenter(config / "dictionary.txt", config / "stopwords.txt")

    found = quotes(
        "压铸件气孔率控制",
        "壳体压铸件内部气孔多，一次合格率只有82%，加工后漏气报废。" * 2,
        "压铸型腔复合膜层",
        "型腔表面制备膜层，划痕法临界载荷82牛，压铸件脱模顺畅。" * 2,
        segmenter=words,
    )

    assert "压铸" in "".join(quote.words for quote in found)
    assert not any(quote.words.isdigit() for quote in found)


def test_units_and_words_that_everybody_uses_are_no_common_ground() -> None:
    config = folder("config")
    words = segmenter(config / "dictionary.txt", config / "stopwords.txt")

    found = quotes(
        "电池托盘焊接变形控制",
        "托盘焊后平面度三毫米，希望提高到一毫米，节拍十一分钟，解决变形问题。" * 2,
        "搅拌摩擦焊主轴监测",
        "每五毫米焊缝给出一次判定，十分钟提高一次精度，适用于托盘，解决漏检问题。" * 2,
        segmenter=words,
    )

    assert {quote.words for quote in found} <= {"托盘", "焊"}
    assert "托盘" in {quote.words for quote in found}


@pytest.mark.parametrize(
    ("need", "achievement", "word", "common"),
    [
        ("中性笔墨水断墨", "锌铝片涂层通过中性盐雾试验", "中性", False),
        ("中性笔墨水断墨", "中性笔油墨的增稠", "中性", True),
        ("大型铸件的缩松", "大型储罐的腐蚀", "大型", False),
        ("水性涂料附着力", "木器用水性，耐水白", "水性", True),
        ("橡胶垫弹性不足", "弹性体配方", "弹性", True),
        ("智能仓储调度", "智能手表表带", "智能", False),
    ],
)
def test_a_word_that_only_says_of_what_kind_a_thing_is_is_common_ground_with_the_thing_alone(
    need: str, achievement: str, word: str, common: bool
) -> None:
    config = folder("config")
    words = segmenter(config / "dictionary.txt", config / "stopwords.txt")

    found = quotes("难题", f"{need}。" * 4, "成果", f"{achievement}。" * 4, segmenter=words)

    assert any(word in quote.words for quote in found) == common


@pytest.mark.parametrize(
    ("needed", "stated", "outcome"),
    [
        ("硬度≥3000HV", "硬度可达3200HV", Outcome.MET),
        ("硬度≥3000HV", "硬度2500HV", Outcome.NOT_MET),
        ("硬度≥3000HV", "已在三家企业应用", Outcome.NOT_STATED),
        ("涂层厚度≤5μm", "涂层厚度0.003mm", Outcome.MET),
    ],
)
def test_indicators_are_compared_in_compatible_units(needed: str, stated: str, outcome: Outcome) -> None:
    assert [entry.outcome for entry in compare(indicators(needed), indicators(stated))] == [outcome]
