"""Names found by the first letters of their pinyin."""

import pytest

from nlp.pinyin import initials, starts_with_initials


def test_every_reading_of_a_character_counts() -> None:
    assert initials("曾A-1") == (frozenset("cz"), frozenset("a"), frozenset(), frozenset("1"))


@pytest.mark.parametrize(
    ("name", "letters", "found"),
    [
        ("沈知行", "sz", True),
        ("沈知行", "SZX", True),
        ("沈知行", "zx", False),
        ("单鑫", "sx", True),
        ("华星模具有限公司", "hxmj", True),
        ("王", "wa", False),
        ("王", "", False),
    ],
)
def test_names_are_found_by_their_first_letters(name: str, letters: str, found: bool) -> None:
    assert starts_with_initials(name, letters) is found
