"""What is quoted of a text: sentences round the telling words, marked, never more than a fifth."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.quoting import Excerpt, Telling, excerpts

TEXT = (
    "压铸模具在连续生产两万模次后表面龟裂。"
    "我们需要抗热裂涂层，硬度不低于三千维氏。"
    "预算五十万元，希望年内用上；设备由本厂提供，场地也已备好，工人可以配合试验，样件随时能寄送。"
)


def _telling(*words: tuple[str, float]) -> list[Telling]:
    return [
        Telling(span=(TEXT.index(word), TEXT.index(word) + len(word)), weight=weight)
        for word, weight in words
    ]


def test_the_sentence_with_the_heaviest_word_is_quoted_whole_with_its_words_marked() -> None:
    found = excerpts(TEXT, _telling(("涂层", 5), ("硬度", 2)), allowance=20)

    assert found == [
        Excerpt(start=19, text="我们需要抗热裂涂层，硬度不低于三千维氏", marks=((7, 9), (10, 12)))
    ]
    assert found[0].words == ["涂层", "硬度"]


def test_a_sentence_too_long_for_the_room_is_cut_at_its_commas() -> None:
    found = excerpts(TEXT, _telling(("涂层", 5), ("硬度", 2)), allowance=10)

    assert [piece.text for piece in found] == ["我们需要抗热裂涂层"]


def test_two_quotes_stand_in_the_order_of_the_text() -> None:
    found = excerpts(TEXT, _telling(("场地", 9), ("龟裂", 1)), allowance=40)

    assert [piece.words for piece in found] == [["龟裂"], ["场地"]]


def test_nothing_telling_or_no_room_quotes_nothing() -> None:
    assert excerpts(TEXT, []) == []
    assert excerpts(TEXT, _telling(("涂层", 5)), allowance=1) == []
    assert excerpts("", [Telling(span=(0, 0), weight=1)]) == []


@given(
    st.text(alphabet="涂层硬度，。；a 1", max_size=80),
    st.lists(st.tuples(st.integers(0, 80), st.integers(1, 6), st.floats(0, 9)), max_size=8),
)
def test_quotes_are_pieces_of_the_text_apart_from_each_other_and_at_most_a_fifth(
    text: str, places: list[tuple[int, int, float]]
) -> None:
    telling = [
        Telling(span=(start, start + size), weight=weight)
        for start, size, weight in places
        if start + size <= len(text)
    ]

    found = excerpts(text, telling)

    assert sum(len(piece.text) for piece in found) <= len(text) / 5
    for piece in found:
        assert text[piece.start : piece.start + len(piece.text)] == piece.text
        assert all(0 <= start < end <= len(piece.text) for start, end in piece.marks)
    ends = [(piece.start, piece.start + len(piece.text)) for piece in found]
    assert all(one[1] <= other[0] for one, other in pairwise(ends))
