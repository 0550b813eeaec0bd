"""Whatever somebody types is scored or plainly declined, the same every time, and no plea moves a score."""

import json

import numpy as np
import pytest
from paired import PLEAS, changes, library_of, ordinary, sample

from matchmaker.domain.matching import MatchScore
from matchmaker.domain.states import Grade
from matchmaker.resources import folder
from matchmaker.services.reasons import reasons_for
from matchmaker.services.texts import Text
from nlp.embedding import Encoder, load_encoder
from nlp.index import PARTS, Library, Passage, Query, query_vectors
from nlp.text import segmenter

ODD = {
    "nothing": "",
    "blanks": " \t\n　",
    "one character": "涂",
    "one letter": "x",
    "a digit": "7",
    "marks only": "……？！，、；（）",
    "emoji": "😀🔧🏭👨‍🔬🇨🇳",
    "English": "We need a wear-resistant coating for die-casting moulds, hardness above 3000 HV.",
    "mixed": "压铸mould表面coating🔥，硬度≥3000HV，ＡＢＣ１２３，Ünïcödé",
    "very long": "铝合金压铸件气孔率控制在2%以下，模具表面龟裂。" * 4167,
    "one word very often": "涂" * 100_000,
    "no end": "a" * 100_000,
    "unpaired halves": "涂层\ud83d硬度",
    "control characters": "涂层\x00\x07\u202e硬度\ufeff",
    "mark-up": "<script>alert(1)</script> {{ 7*7 }} %s %(n)s \\u0000",
    "plea": PLEAS[0] * 50,
}

LONG = 20_000  # scored and explained once only, to save time


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder(way="direct")


@pytest.fixture(scope="module")
def library(encoder: Encoder) -> Library:
    return library_of(encoder, sample(6)[1])


@pytest.mark.parametrize("name", ODD)
def test_any_text_is_scored_as_need_and_as_achievement_and_explained_the_same_twice(
    name: str, encoder: Encoder, library: Library
) -> None:
    content = ODD[name]
    query = Query(title=content[:200], text=content)
    passage = Passage(key=900, title=content[:200], text=content)
    vectors = query_vectors(encoder, [query])[0]
    assert np.isfinite(vectors).all()

    times = 1 if len(content) > LONG else 2
    as_need = [library.score(query, vectors) for _ in range(times)]
    library.add([passage], encoder.encode([content], kind="passage"))
    known = sample(1)[0][0]
    as_achievement = [
        library.score(known, query_vectors(encoder, [known])[0], among=[900]) for _ in range(times)
    ]
    library.remove([900])

    for once, again in ((scores[0], scores[-1]) for scores in (as_need, as_achievement)):
        assert set(once.parts) == set(PARTS)
        assert np.isfinite(once.blended).all()
        assert ((once.total >= 0) & (once.total <= 1)).all()
        assert np.array_equal(once.blended, again.blended)
    explained = [_explained(library, content) for _ in range(times)]
    assert explained[0] == explained[-1]


def _explained(library: Library, content: str) -> str:
    config = folder("config")
    words = segmenter(config / "dictionary.txt", config / "stopwords.txt")
    odd, known = Text(key=1, title=content[:200], text=content), sample(1)[1][0]
    plain = Text(key=2, title=known.title, text=known.text)
    score = MatchScore(score=0.5, grade=Grade.WEAK, probability=0.5, signals=())
    both = [
        reasons_for(library, words, need=need, achievement=achievement, score=score)
        for need, achievement in ((odd, plain), (plain, odd))
    ]
    for reason in (reason for reasons in both for reason in reasons):
        whole = {"需求": 0, "成果": 0}
        for whose, piece in reason.quotes:
            whole[whose] += len(piece)
        assert (
            max(whole.values()) <= (len(odd.title) + len(odd.text) + len(plain.title) + len(plain.text)) / 5
        )
    return json.dumps([[reason.text, reason.quotes] for reasons in both for reason in reasons])


def test_a_sentence_that_asks_for_full_marks_moves_a_score_no_more_than_any_other(encoder: Encoder) -> None:
    queries, passages = sample(6, apart=20)
    pleas = PLEAS[:3]

    moved = changes(encoder, queries, passages, [*pleas, *ordinary([len(plea) for plea in pleas], 2)])

    asking, plain = moved[:, : len(pleas)], moved[:, len(pleas) :]
    apart = asking.mean(axis=1) - plain.mean(axis=1)
    noise = plain.std(ddof=1)
    assert abs(apart.mean()) < 2 * noise / len(apart) ** 0.5 + 0.1
    assert asking.max() <= plain.max() + noise
    assert np.abs(asking).max() < 1  # never half the step from one grade to the next
