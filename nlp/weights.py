"""The shipped encoder files: read, unpacked to single precision, tokenised. Needs numpy and `tokenizers`."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).resolve().parent / "data"
WEIGHTS_FILE = "encoder.npz"
TOKENIZER_FILE = "tokenizer.json"
BEGIN, PAD, END = 0, 1, 2
PREFIXES = {"query": "query: ", "passage": "passage: "}
MAX_TOKENS = 128
# The Unigram search is linear, but a pasted book should not be tokenised only to be cut.
CHARACTERS_READ = MAX_TOKENS * 6

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The sizes of the network."""

    width: int
    layers: int
    heads: int
    inner_width: int
    embedding_rows: int
    positions: int
    token_types: int
    layer_norm_epsilon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The unpacked network: tensor name -> single-precision array, as the derivation script names them."""

    shape: Shape
    tensors: dict[str, FloatArray]


@lru_cache(maxsize=1)
def load_weights(folder: Path = DATA) -> Weights:
    """Read and unpack the shipped weights; about 150 MB, kept for the process."""
    with np.load(folder / WEIGHTS_FILE, allow_pickle=False) as arrays:
        shape = Shape(**json.loads(arrays["header"].tobytes()))
        names = {name.removesuffix(".nibbles").removesuffix(".bytes") for name in arrays.files}
        plain = sorted(name for name in names if not name.endswith(".scale") and name != "header")
        tensors = {name: _unpack(arrays, name, shape) for name in plain}
    return Weights(shape=shape, tensors=tensors)


def _unpack(arrays: Any, name: str, shape: Shape) -> FloatArray:
    """Return one tensor; a packed byte holds weight j in its low and weight j + 16 in its high half."""
    if f"{name}.bytes" in arrays.files:
        return _scaled(arrays[f"{name}.bytes"].astype(np.float32), arrays[f"{name}.scale"])
    if f"{name}.nibbles" not in arrays.files:
        plain = np.asarray(arrays[name], dtype=np.float32)
        return plain.reshape(-1, shape.width) if name in ("emb.pos", "emb.type") else plain
    nibbles = arrays[f"{name}.nibbles"]
    halves = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=-1).astype(np.float32) - 8.0
    return _scaled(halves, arrays[f"{name}.scale"])


def _scaled(blocks: FloatArray, scale: NDArray[np.float16]) -> FloatArray:
    """Multiply each block by its scale and lay the blocks of a row side by side."""
    unpacked: FloatArray = (blocks * scale.astype(np.float32)[..., None]).reshape(len(blocks), -1)
    return unpacked


@lru_cache(maxsize=1)
def fingerprint(folder: Path = DATA) -> str:
    """Return a short name for what the vectors mean: it changes with the files and with how texts are cut."""
    digest = hashlib.sha256(f"{MAX_TOKENS} {sorted(PREFIXES.items())} mean".encode())
    for name in (WEIGHTS_FILE, TOKENIZER_FILE):
        digest.update((folder / name).read_bytes())
    return f"e5-small-zh-{digest.hexdigest()[:16]}"


@lru_cache(maxsize=1)
def load_tokenizer(folder: Path = DATA) -> Any:
    """Return the shipped `tokenizers.Tokenizer`."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(folder / TOKENIZER_FILE))


def token_ids(texts: Sequence[str], *, prefix: str) -> list[list[int]]:
    """Return each text's piece numbers with both end marks, cut to the length the encoder reads."""
    # half of a surrogate pair, as a broken file may hold it, is no text
    prepared = [(prefix + text[:CHARACTERS_READ]).encode(errors="replace").decode() for text in texts]
    encoded = load_tokenizer().encode_batch(prepared, add_special_tokens=False)
    return [[BEGIN, *one.ids[: MAX_TOKENS - 2], END] for one in encoded]
