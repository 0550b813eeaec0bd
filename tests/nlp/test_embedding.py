"""The shipped encoder: two ways into the same weights."""

import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from nlp.embedding import EncoderError, available_way, load_encoder

TEXTS = [
    "压铸模具表面抗热裂涂层",
    "A coating for die-casting moulds, 3000 HV",
    "",
    "①轻量化②降噪😀",
    "铝合金压铸件气孔率控制在2%以下，" * 60,
]


@pytest.fixture(scope="module")
def direct() -> object:
    return load_encoder(way="direct")


def test_vectors_are_unit_rows_in_the_order_given(direct) -> None:  # type: ignore[no-untyped-def]
    vectors = direct.encode(TEXTS, kind="passage")

    assert vectors.shape == (len(TEXTS), direct.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    alone = np.vstack([direct.encode([text], kind="passage") for text in TEXTS])
    assert np.allclose(vectors, alone, atol=2e-3)


def test_the_same_text_gives_the_same_vector(direct) -> None:  # type: ignore[no-untyped-def]
    assert np.array_equal(direct.encode(TEXTS, kind="query"), direct.encode(TEXTS, kind="query"))


def test_nothing_to_encode_gives_no_rows(direct) -> None:  # type: ignore[no-untyped-def]
    assert direct.encode([], kind="query").shape == (0, direct.dimension)


def test_alike_texts_are_nearer_than_unlike_ones(direct) -> None:  # type: ignore[no-untyped-def]
    need, alike, unlike = direct.encode(
        ["模具表面容易开裂，要提高寿命", "一种抗热疲劳的压铸模涂层", "大黄鱼弧菌病快速检测试剂盒"],
        kind="passage",
    )

    assert need @ alike > need @ unlike


@pytest.mark.slow
def test_both_ways_agree(direct) -> None:  # type: ignore[no-untyped-def]
    if find_spec("torch") is None or find_spec("sentence_transformers") is None:
        pytest.skip("sentence-transformers is not installed: there is only the direct way here")
    other = load_encoder(way="sentence-transformers")

    cosines = (direct.encode(TEXTS, kind="passage") * other.encode(TEXTS, kind="passage")).sum(axis=1)

    assert other.fingerprint == direct.fingerprint
    assert cosines.min() >= 0.999


def test_the_way_is_said_without_loading_anything() -> None:
    way, words = available_way("direct")

    assert (way, "numpy" in words) == ("direct", True)


def test_another_model_needs_sentence_transformers() -> None:
    with pytest.raises(EncoderError):
        load_encoder("no-such-folder", way="direct")


@pytest.mark.slow
def test_threads_of_the_encoder_sleep_while_they_wait() -> None:
    if find_spec("torch") is None or find_spec("sentence_transformers") is None:
        pytest.skip("sentence-transformers is not installed: there is only the direct way here")
    code = "from nlp.embedding import load_encoder; load_encoder(way='sentence-transformers')"
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "OMP_DISPLAY_ENV": "true"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "OMP_WAIT_POLICY = 'PASSIVE'" in told.stderr
