"""Heaps of texts by their vectors, and the words that tell them apart."""

import numpy as np

from nlp.heaps import cluster, telling_words


def test_near_vectors_share_a_heap_and_heaps_are_numbered_by_their_first() -> None:
    dice = np.random.default_rng(5)
    middles = np.eye(8, dtype=np.float32)[[2, 5, 2, 5, 5, 2]]

    found = cluster(middles + 0.05 * dice.standard_normal((6, 8)).astype(np.float32), count=2)

    assert found == [0, 1, 0, 1, 1, 0]
    assert cluster(middles, count=1) == [0] * 6
    assert cluster(middles[:2], count=3) == [0, 1]


def test_telling_words_are_common_here_rare_elsewhere_and_never_of_one_text_alone() -> None:
    heaps = [
        [["模具", "涂层", "寿命"], ["模具", "涂层", "秘密配方"], ["模具", "涂层技术", "涂层技术"]],
        [["模具", "冷却水路"], ["模具", "冷却水路", "打印"]],
    ]

    # 模具 stands in every text of both and tells nothing
    assert telling_words(heaps, most=2, least_texts=2) == [("涂层",), ("冷却水路",)]
    assert telling_words(heaps, most=2, among=[{"涂层技术"}, {"打印", "模具"}]) == [("涂层技术",), ("打印",)]
    assert telling_words([[]]) == [()]
