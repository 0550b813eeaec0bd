"""Evaluation: measures as defined, and scores that do not peek at the grades."""

import random
from pathlib import Path

import pytest

from matchmaker.resources import folder
from nlp.embedding import load_encoder
from nlp.evaluate import read_rows, score_pairs
from nlp.measures import measure_pairs, measure_retrieval, ndcg
from nlp.scale import read_weights
from nlp.text import segmenter

NEEDS = [
    {"need_id": "n1", "title": "压铸模具抗热裂涂层", "text": "模具两万模次后龟裂。"},
    {"need_id": "n2", "title": "大黄鱼病害快速检测", "text": "养殖现场半小时内出结果。"},
]
TITLES = [
    "多弧离子镀硬质涂层",
    "弧菌检测试剂盒",
    "阅读测评系统",
    "模具钢热处理工艺",
    "鱼类疫苗",
    "铝合金压铸件",
]
PAIRS = [
    {
        "need_id": need["need_id"],
        "achievement_id": f"a{place}",
        "achievement_title": title,
        "level": 1 + place % 4,
    }
    for need in NEEDS
    for place, title in enumerate(TITLES)
]


def _scored(pairs: list[dict[str, object]]) -> list[dict[str, object]]:
    config = folder("config")
    return list(
        score_pairs(
            NEEDS,
            pairs,
            load_encoder(way="direct"),
            segmenter=segmenter(config / "dictionary.txt", config / "stopwords.txt"),
            weights=read_weights(config / "weights.toml"),
        )
    )


def test_scores_are_the_same_with_shuffled_levels_and_without_any() -> None:
    levels = [pair["level"] for pair in PAIRS]
    random.Random(1).shuffle(levels)
    shuffled = [pair | {"level": level} for pair, level in zip(PAIRS, levels, strict=True)]
    bare = [{key: value for key, value in pair.items() if key != "level"} for pair in PAIRS]

    assert _scored(PAIRS) == _scored(shuffled) == _scored(bare)


def test_measures_are_those_of_their_definition() -> None:
    assert ndcg([4, 1, 1]) == 1.0
    assert ndcg([1, 4]) == pytest.approx(1 / 1.584962500721156)
    ranking = [{"query_id": "q", "ranking": ["b", "a"]}]
    found = measure_retrieval([{"query_id": "q", "relevant": ["a"]}], ranking)
    assert found["mrr10"].mean == 0.5


@pytest.mark.slow
def test_real_graded_pairs_are_ranked_far_better_than_by_chance(shared: Path) -> None:
    data = shared / "data" / "bdci2019"
    needs = read_rows(data / "needs.jsonl")
    ids = sorted({pair["need_id"] for pair in read_rows(data / "pairs.jsonl")})[::12]
    pairs = [pair for pair in read_rows(data / "pairs.jsonl") if pair["need_id"] in ids]
    config = folder("config")
    scored = score_pairs(
        [need for need in needs if need["need_id"] in ids],
        pairs,
        load_encoder(),
        segmenter=segmenter(config / "dictionary.txt", config / "stopwords.txt"),
        weights=read_weights(config / "weights.toml"),
    )

    assert measure_pairs(pairs, list(scored))["ndcg10"].mean >= 0.55
