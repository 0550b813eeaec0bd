"""Runs of characters are counted as the plain definition counts them, however they are packed."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.grams import BITS, Grams
from nlp.text import character_ngrams

MASK = (1 << BITS) - 1


def _unpacked(code: int) -> str:
    letters = ""
    while code:
        letters, code = letters + chr(code & MASK), code >> BITS
    return letters


def _counted(grams: Grams, counts: object) -> list[dict[str, int]]:
    names = [_unpacked(int(code)) for code in grams._codes]
    return [
        {names[place]: int(count) for place, count in zip(row.indices, row.data, strict=True)}
        for row in counts  # type: ignore[attr-defined]
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_every_run_of_every_text_is_counted(texts: list[str]) -> None:
    grams = Grams()

    counts = grams.learn(texts)

    assert _counted(grams, counts) == [dict(Counter(character_ngrams(text))) for text in texts]


def test_texts_in_many_steps_are_counted_like_few() -> None:
    texts = [f"第{number}种硬质涂层，硬度3200HV" for number in range(5000)]
    grams = Grams()

    counts = grams.learn(texts)

    assert _counted(grams, counts[[0, 2500, 4999]]) == [
        dict(Counter(character_ngrams(texts[place]))) for place in (0, 2500, 4999)
    ]


def test_unknown_runs_are_passed_over_and_lengths_are_known() -> None:
    grams = Grams()
    grams.learn(["涂层ab"])

    counts = grams.count(["层涂涂层", "", "陶瓷"])

    assert _counted(grams, counts) == [{"涂": 2, "层": 2, "涂层": 1}, {}, {}]
    assert [len(_unpacked(int(code))) for code in grams._codes] == grams.lengths().tolist()


def test_before_anything_was_learnt_nothing_is_known() -> None:
    grams = Grams()

    assert grams.learn([]).shape == (0, 0)
    assert grams.count(["涂层"]).shape == (1, 0)
    assert np.array_equal(grams.lengths(), [])
