"""Encoders: text in, unit vectors out. Two ways into the shipped weights, and a door for any other model.

The way changes speed, never meaning: both give the same vectors within rounding, so vectors stored by one
installation stay valid when torch appears or goes. The fingerprint says which vectors may be compared.
"""

import hashlib
import os
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Kind = Literal["query", "passage"]
Way = Literal["auto", "sentence-transformers", "direct"]


class Encoder(Protocol):
    """What everything else may know about an encoder."""

    @property
    def fingerprint(self) -> str:
        """Name what the vectors mean; vectors of different fingerprints must not be compared."""

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""

    @property
    def way(self) -> str:
        """Return "sentence-transformers" or "direct"."""

    def encode(self, texts: Sequence[str], *, kind: Kind) -> NDArray[np.float32]:
        """Return an array (texts, dimension) of unit vectors, in the order given."""


class EncoderError(Exception):
    """The encoder cannot be loaded; the message is a Chinese sentence saying what to do."""


class DirectEncoder:
    """The shipped weights through numpy alone."""

    way = "direct"

    def __init__(self) -> None:
        from nlp.direct import DirectNetwork
        from nlp.weights import PREFIXES, fingerprint, load_weights

        weights = load_weights()
        self.fingerprint = fingerprint()
        self.dimension = weights.shape.width
        self._network = DirectNetwork(weights)
        self._prefixes = PREFIXES

    def encode(self, texts: Sequence[str], *, kind: Kind) -> NDArray[np.float32]:
        """Return unit vectors."""
        return self._network.encode(texts, prefix=self._prefixes[kind])


class SentenceEncoder:
    """The shipped weights, or a named model, through sentence-transformers."""

    way = "sentence-transformers"

    def __init__(self, name: str = "") -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        # read when torch is loaded: where others want the processor, spinning threads cost many times more
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from nlp import sentence
        from nlp.weights import fingerprint, load_weights

        sentence.limit_threads()
        self._encode = sentence.encode
        self._model = sentence.load_named(name) if name else sentence.build_shipped(load_weights())
        self.fingerprint = named_fingerprint(name, self._model) if name else fingerprint()
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str], *, kind: Kind) -> NDArray[np.float32]:
        """Return unit vectors."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return self._encode(self._model, texts, kind)


def named_fingerprint(name: str, model: Any) -> str:
    """Name another model by what it answers, so that a retrained folder of the same name is told apart."""
    probe = model.encode(["技术需求", "科技成果"], normalize_embeddings=True, show_progress_bar=False)
    rounded = np.round(np.asarray(probe, dtype=np.float64), 2) + 0.0
    return f"{name.rstrip('/').rsplit('/', 1)[-1]}-{hashlib.sha256(rounded.tobytes()).hexdigest()[:16]}"


def available_way(way: Way = "auto") -> tuple[str, str]:
    """Return the way `load_encoder` would take and a Chinese sentence saying why, without importing torch."""
    missing = [name for name in ("torch", "sentence_transformers") if find_spec(name) is None]
    if way == "direct":
        return "direct", "按设置使用内置直算方式（numpy），不加载 PyTorch。"
    if not missing:
        return (
            "sentence-transformers",
            "已安装 PyTorch 和 sentence-transformers，语义编码使用 sentence-transformers。",
        )
    names = "、".join({"torch": "PyTorch"}.get(name, "sentence-transformers") for name in missing)
    return "direct", f"未安装 {names}，语义编码改用内置直算方式（numpy），结果一致，速度较慢。"


def load_encoder(name: str = "", *, way: Way = "auto") -> Encoder:
    """Load the shipped encoder, or the sentence-transformers model `name` (a folder or a cached hub name)."""
    usable, reason = available_way(way)
    if way == "sentence-transformers" and usable != way:
        raise EncoderError(f"设置要求使用 sentence-transformers，但{reason}请安装后重试，或把方式改为 auto。")
    if not name:
        return SentenceEncoder() if usable == "sentence-transformers" else DirectEncoder()
    if usable != "sentence-transformers":
        raise EncoderError(
            f"外部模型“{name}”需要 sentence-transformers，但{reason}请安装后重试，或清空模型名称。"
        )
    try:
        return SentenceEncoder(name)
    except (OSError, ValueError) as error:
        raise EncoderError(f"无法载入模型“{name}”：请检查文件夹是否存在且完整（{error}）。") from error
