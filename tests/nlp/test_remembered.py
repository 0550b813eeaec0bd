"""How texts were cut is remembered from one start to the next, and a bad file costs nothing but time."""

from pathlib import Path

import pytest

from nlp.remembered import RememberingSegmenter
from nlp.text import Segmenter

TEXT = "多弧离子镀 硬质涂层，硬度3200HV"


class Scissors(Segmenter):
    """Cuts at punctuation and counts how often it was asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.cuts = 0

    def words(self, text: str) -> list[str]:
        self.cuts += 1
        return text.replace("，", " ").split()


def test_a_kept_text_is_cut_once_even_after_a_restart(tmp_path: Path) -> None:
    first, second = Scissors(), Scissors()
    before = RememberingSegmenter(first, place=tmp_path / "words" / "cut.z", mark="a")
    before.keep([TEXT, "", TEXT])
    before.save()

    after = RememberingSegmenter(second, place=tmp_path / "words" / "cut.z", mark="a")

    assert before.words(TEXT) == after.words(TEXT) == ["多弧离子镀", "硬质涂层", "硬度3200HV"]
    assert after.words("") == []
    assert (first.cuts, second.cuts) == (2, 0)


def test_what_is_only_asked_is_not_remembered(tmp_path: Path) -> None:
    segmenter = RememberingSegmenter(Scissors(), place=tmp_path / "cut.z")

    segmenter.words(TEXT)
    segmenter.save()

    assert not (tmp_path / "cut.z").exists()


def test_texts_that_are_gone_leave_the_file(tmp_path: Path) -> None:
    place = tmp_path / "cut.z"
    before = RememberingSegmenter(Scissors(), place=place)
    before.keep([TEXT])
    before.save()
    now = RememberingSegmenter(Scissors(), place=place)
    now.keep(["新的文本"])
    now.save()

    scissors = Scissors()
    RememberingSegmenter(scissors, place=place).words(TEXT)

    assert scissors.cuts == 1


@pytest.mark.parametrize("content", [b"", b"no archive", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_a_broken_file_or_another_dictionary_is_passed_over(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "cut.z"
    place.write_bytes(content)
    RememberingSegmenter(Scissors(), place=place, mark="a").keep([TEXT])
    kept = RememberingSegmenter(Scissors(), place=place, mark="a")
    kept.keep([TEXT])
    kept.save()
    scissors = Scissors()

    assert RememberingSegmenter(scissors, place=place, mark="b").words(TEXT) == kept.words(TEXT)
    assert scissors.cuts == 1
