"""Remembers how texts were cut into words, because cutting takes most of the time of building a library.

What is remembered may be kept in a file from one start to the next. The file is a convenience: a missing,
foreign or broken one only costs the time of cutting again.
"""

import hashlib
import os
import zlib
from collections.abc import Iterable
from pathlib import Path

from nlp.text import Segmenter

KEY_BYTES = 12


class RememberingSegmenter(Segmenter):
    """Cuts like `base`; texts that `keep` was told of are cut once."""

    def __init__(self, base: Segmenter, *, place: Path | None = None, mark: str = "") -> None:
        """Read what an earlier process left at `place`, if it was written under the same `mark`."""
        super().__init__(stopwords=base.stopwords)
        self._base, self._place, self._mark = base, place, mark
        self._known: dict[str, str] = {} if place is None else _read(place, mark)
        self._asked_for: set[str] = set()
        self._unsaved = 0

    def words(self, text: str) -> list[str]:
        """Return the words of a text that carry meaning."""
        found = self._known.get(_key(text))
        return self._base.words(text) if found is None else found.split()

    def keep(self, texts: Iterable[str]) -> None:
        """Remember the words of these texts."""
        for text in texts:
            key = _key(text)
            self._asked_for.add(key)
            if key not in self._known:
                self._known[key] = " ".join(self._base.words(text))
                self._unsaved += 1

    def save(self, *, from_new: int = 1) -> None:
        """Write what `keep` was told of in this process, once so many texts are new."""
        if self._place is None or self._unsaved < from_new:
            return
        self._known = {key: words for key, words in self._known.items() if key in self._asked_for}
        lines = "".join(f"{key}\t{words}\n" for key, words in self._known.items())
        self._place.parent.mkdir(parents=True, exist_ok=True)
        passing = self._place.with_suffix(f".{os.getpid()}")
        passing.write_bytes(zlib.compress(f"{self._mark}\n{lines}".encode(), level=1))
        passing.replace(self._place)
        self._unsaved = 0

    def _tokenizer(self) -> object:
        return self._base._tokenizer()


def _key(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).hexdigest()


def _read(place: Path, mark: str) -> dict[str, str]:
    try:
        written, _, lines = zlib.decompress(place.read_bytes()).decode().partition("\n")
    except (OSError, zlib.error, UnicodeDecodeError):
        return {}
    if written != mark:
        return {}
    return dict(line.split("\t", 1) for line in lines.splitlines() if "\t" in line)
