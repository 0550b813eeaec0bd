"""Evaluation: measures as defined, scores that do not peek at the grades, and what graded pairs teach."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from matchmaker.cli import main
from matchmaker.resources import folder
from nlp.embedding import load_encoder
from nlp.evaluate import Tools, rank_corpus, read_rows, score_pairs, write_rows
from nlp.index import Library, Passage, Query, passage_vectors, query_vectors
from nlp.known import KnownGrades, Pairs
from nlp.learning import fit
from nlp.measures import measure_pairs, measure_retrieval, ndcg
from nlp.nearby import Nearby
from nlp.scale import Scale, expected_level, median_level, read_weights
from nlp.text import join, segmenter

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


@pytest.fixture(scope="module")
def tools() -> Tools:
    config = folder("config")
    return Tools(
        encoder=load_encoder(way="direct"),
        segmenter=segmenter(config / "dictionary.txt", config / "stopwords.txt"),
        weights=read_weights(config / "weights.toml"),
    )


def test_scores_are_the_same_with_shuffled_levels_and_without_any(tools: Tools) -> None:
    levels = [pair["level"] for pair in PAIRS]
    random.Random(1).shuffle(levels)
    shuffled = [pair | {"level": level} for pair, level in zip(PAIRS, levels, strict=True)]
    bare = [{key: value for key, value in pair.items() if key != "level"} for pair in PAIRS]

    first, second, third = (list(score_pairs(NEEDS, pairs, tools)) for pairs in (PAIRS, shuffled, bare))

    assert first == second == third


def test_a_pair_is_judged_by_the_numbers_that_serve_proposals(tools: Tools) -> None:
    passages = [Passage(key=place, title=title) for place, title in enumerate(sorted(TITLES))]
    background = [join(need["title"], need["text"]) for need in NEEDS]
    library = Library(
        passages,
        passage_vectors(tools.encoder, passages),
        segmenter=tools.segmenter,
        weights=tools.weights,
        background=background,
    )
    served = {}
    for need in NEEDS:
        query = Query(title=need["title"], text=need["text"])
        scores = library.score(query, query_vectors(tools.encoder, [query])[0])
        reached = tools.weights.scale.reached(scores.blended).sum(axis=1)
        served |= {(need["need_id"], key): value for key, value in zip(scores.keys, reached, strict=True)}

    judged = list(score_pairs(NEEDS, PAIRS, tools))

    places = {title: place for place, title in enumerate(sorted(TITLES))}
    expected = [served[pair["need_id"], places[pair["achievement_title"]]] for pair in PAIRS]
    assert [row["score"] for row in judged] == pytest.approx(expected, abs=1e-3)


def test_measures_are_those_of_their_definition() -> None:
    assert ndcg([4, 1, 1]) == 1.0
    assert ndcg([1, 4]) == pytest.approx(1 / 1.584962500721156)
    ranking = [{"query_id": "q", "ranking": ["b", "a"]}]
    found = measure_retrieval([{"query_id": "q", "relevant": ["a"]}], ranking)
    assert found["mrr10"].mean == 0.5


def test_candidates_of_different_folds_are_not_compared() -> None:
    pairs = [{"need_id": "n", "achievement_id": str(place), "level": 1 + place % 4} for place in range(12)]
    rows = [
        {**pair, "score": pair["level"] + 10 * (place // 6), "fold": place // 6}
        for place, pair in enumerate(pairs)
    ]

    found = measure_pairs(pairs, rows)

    assert (found["ndcg10"].mean, found["ndcg10"].cases) == (1.0, 2)


def test_the_level_given_is_the_median_of_the_chances() -> None:
    reached = np.array([[0.9, 0.6, 0.1], [0.4, 0.2, 0.1], [0.99, 0.9, 0.7]])

    assert median_level(reached).tolist() == [3, 1, 4]
    assert expected_level(reached).tolist() == pytest.approx([2.6, 1.7, 3.59])


def test_a_fit_finds_the_part_that_matters_and_gives_no_weight_below_zero() -> None:
    chance = np.random.default_rng(5)
    parts = chance.random((600, 3))
    margin = 12 * parts[:, 0] - 4 * parts[:, 2] + chance.logistic(size=600)
    levels = 1.0 + (margin > 2) + (margin > 6) + (margin > 9)

    weights = fit(("useful", "idle", "misleading"), parts, levels)

    assert weights.parts["useful"] > 5
    assert weights.parts["misleading"] == 0.0
    assert weights.scale.weak_from < weights.scale.fair_from < weights.scale.strong_from


def test_a_rejected_achievement_pulls_down_its_likes_more_than_others() -> None:
    alike = np.array([[1.0, 0.95, 0.1], [0.95, 1.0, 0.1], [0.1, 0.1, 1.0]])
    graded = _pairs(needs=[0, 1], achievements=[0, 0], expected=[3.0, 2.0])
    known = KnownGrades(
        graded, np.array([1.0, 2.0]), achievements_alike=alike, needs_alike=np.array([[1.0, 0.2], [0.2, 1.0]])
    )

    asked = _pairs(needs=[0, 0, 0], achievements=[0, 1, 2], expected=[3.0, 3.0, 3.0])
    same, like, other = known.expected(asked)

    assert same < like < other < 3


def _pairs(needs: list[int], achievements: list[int], expected: list[float]) -> Pairs:
    """Return pairs whose parts are all alike."""
    return Pairs(
        needs=np.array(needs),
        achievements=np.array(achievements),
        parts=np.zeros((len(needs), 2)),
        expected=np.array(expected),
    )


def _strict_and_kind(levels: tuple[int, int, int, int]) -> tuple[KnownGrades, Pairs]:
    """Return what twenty grades each of a strict need 0 and a kind need 1 teach, and three asked pairs.

    The last is of a need without grades. `levels` are two that need 0 gives in turn, then those of need 1.
    """
    unlike = np.full((22, 22), 0.1) + 0.9 * np.eye(22)
    needs, achievements = [0] * 20 + [1] * 20, [*range(20), *range(20)]
    given = np.array([*levels[:2] * 10, *levels[2:] * 10], dtype=float)
    known = KnownGrades(
        _pairs(needs, achievements, [2.0] * 40), given, achievements_alike=unlike, needs_alike=np.eye(3)
    )
    return known, _pairs([0, 1, 2], [20, 20, 20], [2.0, 2.0, 2.0])


def test_a_need_whose_graders_were_strict_is_judged_strictly_and_one_without_grades_by_the_texts() -> None:
    known, asked = _strict_and_kind((1, 2, 3, 4))

    strict, kind, unknown = known.reached(asked).sum(axis=1)

    assert strict < unknown < kind
    assert median_level(known.reached(asked))[:2].tolist() in ([1, 3], [1, 4], [2, 3], [2, 4])


def test_the_grade_of_the_very_same_title_counts_most() -> None:
    known, _ = _strict_and_kind((1, 4, 2, 2))

    refused, praised = known.reached(_pairs([0, 0], [0, 1], [2.0, 2.0])).sum(axis=1)

    assert refused < praised


def test_a_title_that_other_needs_graders_praised_is_judged_higher() -> None:
    needs, achievements = (places.ravel() for places in np.indices((10, 12)))
    levels = np.where(achievements < 6, 4.0, 1.0)
    left_out = (needs == 0) & np.isin(achievements, (0, 6))
    nearby = Nearby(
        needs[~left_out],
        achievements[~left_out],
        levels[~left_out],
        alike=np.full((12, 12), 0.1) + 0.9 * np.eye(12),
        needs_alike=np.full((10, 10), 0.1) + 0.9 * np.eye(10),
    )
    nearby.learn(np.zeros((118, 1)))

    praised, refused = nearby.reached(np.array([0, 0]), np.array([0, 6]), np.zeros((2, 1))).sum(axis=1)

    assert praised > refused + 1


def test_what_was_learnt_is_the_same_twice_and_in_any_company() -> None:
    first, asked = _strict_and_kind((1, 2, 3, 4))
    second, _ = _strict_and_kind((1, 2, 3, 4))

    together = first.reached(asked)
    alone = np.concatenate([second.reached(asked.some(slice(place, place + 1))) for place in range(3)])

    assert np.allclose(together, alone, atol=1e-9)
    assert ((together >= 0) & (together <= 1)).all()
    assert (np.diff(together, axis=1) <= 1e-9).all()


def test_cut_points_of_a_whole_library_lie_higher() -> None:
    scale = Scale(weak_from=1.0, fair_from=2.0, strong_from=3.0, open_library=-0.5)

    assert scale.open_cuts == (1.5, 2.5, 3.5)


def test_keywords_find_the_document_they_describe(tools: Tools) -> None:
    corpus = [
        {"doc_id": "coating", "text": "在模具钢表面制备氮化铬铝复合涂层，抗热疲劳性能提高一倍。"},
        {"doc_id": "fish", "text": "大黄鱼弧菌病三十分钟快速检测试剂盒。"},
        {"doc_id": "reading", "text": "中小学生中文阅读能力测评系统。"},
    ]
    queries = [
        {"query_id": "q1", "query": "热裂，压铸模", "relevant": ["coating"]},
        {"query_id": "q2", "query": "水产病害诊断", "relevant": ["fish"]},
    ]

    found = list(rank_corpus(queries, corpus, tools))

    assert [row["ranking"][0] for row in found] == ["coating", "fish"]
    assert all(sorted(row["ranking"]) == ["coating", "fish", "reading"] for row in found)


def test_the_command_writes_the_same_bytes_whatever_the_levels_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATCHMAKER_DATA__FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("MATCHMAKER_MATCHING__WAY", "direct")
    write_rows(tmp_path / "needs.jsonl", NEEDS)
    written = []
    for number, levels in enumerate(([1, 2, 3, 4] * 3, [4, 3, 2, 1] * 3, None)):
        rows = [
            {key: value for key, value in pair.items() if key != "level"}
            | ({} if levels is None else {"level": levels[place]})
            for place, pair in enumerate(PAIRS)
        ]
        write_rows(tmp_path / "pairs.jsonl", rows)
        out = tmp_path / f"{number}.jsonl"
        command = [
            "evaluate",
            "--json",
            "pairs",
            str(tmp_path / "needs.jsonl"),
            str(tmp_path / "pairs.jsonl"),
        ]
        assert main([*command, "--scores", str(out)]) == 0
        written.append(out.read_bytes())
        said = capsys.readouterr()
        assert "评分 12/12" in said.err
        assert ("ndcg10" in json.loads(said.out)) == (levels is not None)

    assert written[0] == written[1] == written[2]


@pytest.mark.slow
def test_real_graded_pairs_are_ranked_far_better_than_by_chance(shared: Path, tools: Tools) -> None:
    data = shared / "data" / "bdci2019"
    needs = read_rows(data / "needs.jsonl")
    ids = sorted({pair["need_id"] for pair in read_rows(data / "pairs.jsonl")})[::12]
    pairs = [pair for pair in read_rows(data / "pairs.jsonl") if pair["need_id"] in ids]
    scored = score_pairs([need for need in needs if need["need_id"] in ids], pairs, tools)

    assert measure_pairs(pairs, list(scored))["ndcg10"].mean >= 0.55
