"""What was struck out and what was put in, as a reader would mark it on paper."""

import time

import pytest

from matchmaker.domain.word_changes import Fate, word_changes

MARKS = {Fate.SAME: "{}", Fate.REMOVED: "[-{}-]", Fate.ADDED: "[+{}+]"}


def marked(before: str, after: str) -> str:
    return "".join(MARKS[piece.fate].format(piece.text) for piece in word_changes(before, after))


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("模具开裂。", "模具开裂。", "模具开裂。"),
        ("华星模具有限公司的模具裂。", "某企业的模具裂。", "[-华星模具有限公司-][+某企业+]的模具裂。"),
        ("寿命5000模次。需要延寿。", "需要延寿。", "[-寿命5000模次。-]需要延寿。"),
        ("硬度58HRC", "硬度62HRC以上", "硬度[-58-][+62+]HRC[+以上+]"),
        ("", "新写的。", "[+新写的。+]"),
        ("全部删去。", "", "[-全部删去。-]"),
        ("第一句。\n第二句。", "第一句。\n\n第二句改过。", "第一句。[-\n-][+\n\n+]第二句[+改过+]。"),
    ],
)  # fmt: skip
def test_changed_words_are_marked(before: str, after: str, shown: str) -> None:
    assert marked(before, after) == shown


def test_both_texts_can_be_read_from_the_pieces_and_long_ones_take_no_time() -> None:
    before = "压铸模在两万模次后出现龟裂，修模费用高；" * 250
    after = "压铸模在三万模次后出现裂纹；修模费用较高。" * 240
    started = time.process_time()
    pieces = word_changes(before, after)

    assert "".join(piece.text for piece in pieces if piece.fate is not Fate.ADDED) == before
    assert "".join(piece.text for piece in pieces if piece.fate is not Fate.REMOVED) == after
    assert time.process_time() - started < 2
