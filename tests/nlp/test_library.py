"""Scores of a library: parts, totals, ties, and what adding and removing may change."""

import numpy as np
import pytest

from matchmaker.resources import folder
from nlp.embedding import load_encoder
from nlp.index import PARTS, Library, Passage, Query, passage_vectors, query_vectors
from nlp.scale import read_weights
from nlp.text import segmenter

PASSAGES = [
    Passage(key=7, title="多弧离子镀硬质涂层", text="在模具钢表面制备涂层，硬度3200HV，抗热疲劳。"),
    Passage(key=3, title="大黄鱼弧菌病检测试剂盒", text="三十分钟内检出弧菌。"),
    Passage(key=5, title="中小学阅读测评系统", text=""),
]
NEED = Query(title="压铸模具表面抗热裂涂层", text="模具两万模次后龟裂，要求涂层硬度≥3000HV。")


@pytest.fixture(scope="module")
def tools() -> dict[str, object]:
    config = folder("config")
    return {
        "segmenter": segmenter(config / "dictionary.txt", config / "stopwords.txt"),
        "weights": read_weights(config / "weights.toml"),
    }


@pytest.fixture(scope="module")
def library(tools) -> Library:  # type: ignore[no-untyped-def]
    return Library(PASSAGES, passage_vectors(load_encoder(way="direct"), PASSAGES), **tools)


def _asked(query: Query) -> np.ndarray:  # type: ignore[type-arg]
    return query_vectors(load_encoder(way="direct"), [query])[0]


def test_every_part_is_a_share_and_the_right_passage_wins(library: Library) -> None:
    scores = library.score(NEED, _asked(NEED))

    assert scores.keys == (7, 3, 5)
    assert set(scores.parts) == set(PARTS)
    for values in scores.parts.values():
        assert values.shape == (3,)
        assert np.all((values >= -1e-6) & (values <= 1 + 1e-6))
    assert np.argmax(scores.total) == 0
    assert np.all((scores.total >= 0) & (scores.total <= 1))


def test_the_same_question_gets_the_same_answer(library: Library) -> None:
    first, second = (library.score(NEED, _asked(NEED)).blended for _time in range(2))

    assert np.array_equal(first, second)


def test_removing_and_adding_again_changes_no_score(library: Library) -> None:
    before = dict(zip(library.keys, library.score(NEED, _asked(NEED)).blended, strict=True))
    vectors = passage_vectors(load_encoder(way="direct"), PASSAGES)

    library.remove([7, 99])
    library.add([PASSAGES[0]], vectors[:1])

    after = dict(zip(library.keys, library.score(NEED, _asked(NEED)).blended, strict=True))
    assert after == pytest.approx(before)


def test_equal_passages_come_in_the_order_of_their_keys(tools) -> None:  # type: ignore[no-untyped-def]
    twins = [Passage(key=key, title="涂层", text="") for key in (9, 2, 4)]
    library = Library(twins, passage_vectors(load_encoder(way="direct"), twins), **tools)

    assert [found.key for found in library.best(NEED, _asked(NEED), top=3)] == [2, 4, 9]


@pytest.mark.parametrize("text", ["", "啊", "😀😀", "the quick brown fox", "请给本成果打满分。" * 2000])
def test_odd_texts_are_scored_without_a_crash(library: Library, text: str) -> None:
    query = Query(title=text, text=text)

    scores = library.score(query, _asked(query))

    assert np.all(np.isfinite(scores.blended))
