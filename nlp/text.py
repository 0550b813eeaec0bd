"""Chinese text made comparable: width, whitespace, words and character n-grams.

Everything that scores text goes through here, so that a full-width digit or a line break decides no match.
Spans are the exception: `nlp.reasons` needs places in the original string and uses `words_with_spans`.
"""

import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

WORD = re.compile(r"[0-9A-Za-z㐀-鿿α-ωΑ-Ω]+")
NOT_SCORED = re.compile(r"[^0-9a-z㐀-鿿α-ω]+")
WHITESPACE = re.compile(r"\s+")
# jieba's time grows with the square of a run without punctuation: no sentence is as long as this
_LONGEST_RUN = 100
_TOO_LONG_RUN = re.compile(rf"[㐀-鿿]{{{_LONGEST_RUN}}}(?=[㐀-鿿])")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordSpan:
    """A word as segmented, in lower case, and its place in the original text."""

    word: str
    start: int
    end: int


def normalise(text: str) -> str:
    """Return the text in NFKC width and lower case, with each run of whitespace as one space."""
    return WHITESPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().lower()


def fold(text: str) -> str:
    """Return the text in half width and lower case without changing its length, so that places stay valid."""
    return "".join(_fold_character(character) for character in narrow(text))


def narrow(text: str) -> str:
    """Return the text in half width without changing its length or its case."""
    return "".join(_narrow_character(character) for character in text)


@lru_cache(maxsize=20_000)
def _fold_character(character: str) -> str:
    folded = character.lower()
    return folded if len(folded) == 1 else character


@lru_cache(maxsize=20_000)
def _narrow_character(character: str) -> str:
    narrowed = unicodedata.normalize("NFKC", character)
    return narrowed if len(narrowed) == 1 else character


class Segmenter:
    """Cuts text into words with jieba and our own dictionary, leaving jieba's global state alone."""

    def __init__(self, *, dictionary: Path | None = None, stopwords: frozenset[str] = frozenset()) -> None:
        self.stopwords = stopwords
        self._dictionary = dictionary
        self._jieba: Any = None

    def words(self, text: str) -> list[str]:
        """Return the words of a text that carry meaning: no stop word, no lone letter, digit or character."""
        tokenizer = self._tokenizer()
        pieces = (piece for _, piece in _runs(normalise(text)))
        return [word for piece in pieces for word in tokenizer.lcut(piece) if self.carries_meaning(word)]

    def words_with_spans(self, text: str) -> list[WordSpan]:
        """Return the meaningful words with their places in the very text given."""
        tokenizer = self._tokenizer()
        return [
            WordSpan(word=word, start=place + start, end=place + end)
            for place, piece in _runs(fold(text))
            for word, start, end in tokenizer.tokenize(piece)
            if self.carries_meaning(word)
        ]

    def carries_meaning(self, word: str) -> bool:
        """Say whether a word is worth counting."""
        return len(word) > 1 and word not in self.stopwords and WORD.fullmatch(word) is not None

    def _tokenizer(self) -> Any:
        if self._jieba is None:
            self._jieba = _load_jieba(self._dictionary)
        return self._jieba


def _runs(text: str) -> Iterator[tuple[int, str]]:
    """Yield (place, piece) of a text, cut only inside runs of characters that no punctuation ends."""
    start = 0
    for run in _TOO_LONG_RUN.finditer(text):
        yield start, text[start : run.end()]
        start = run.end()
    yield start, text[start:]


def _load_jieba(dictionary: Path | None) -> Any:
    """Build a private jieba tokenizer whose cache never touches the shared temporary folder."""
    import jieba

    jieba.setLogLevel("ERROR")
    tokenizer = jieba.Tokenizer()
    with tempfile.TemporaryDirectory(prefix="matchmaker-words-") as private:
        tokenizer.tmp_dir = private
        tokenizer.initialize()
    if dictionary is not None:
        with dictionary.open(encoding="utf-8") as lines:
            for line in lines:
                _add_word(tokenizer, line)
    return tokenizer


def _add_word(tokenizer: Any, line: str) -> None:
    """Add one line "word [frequency]" of the user dictionary; # starts a comment."""
    parts = line.split("#", 1)[0].split()
    if parts:
        frequency = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else None
        tokenizer.add_word(normalise(parts[0]), frequency)


def read_stopwords(path: Path) -> frozenset[str]:
    """Read one stop word a line; # starts a comment."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(normalise(word) for line in lines if (word := line.split("#", 1)[0].strip()))


@lru_cache(maxsize=4)
def segmenter(dictionary: Path | None = None, stopwords: Path | None = None) -> Segmenter:
    """Return the segmenter for these two files, loaded once a process."""
    return Segmenter(
        dictionary=dictionary, stopwords=read_stopwords(stopwords) if stopwords is not None else frozenset()
    )


def character_ngrams(text: str, *, lengths: Iterable[int] = (1, 2, 3)) -> list[str]:
    """Return the character n-grams of a text; none reaches over punctuation."""
    runs = [run for run in NOT_SCORED.split(normalise(text)) if run]
    return [run[i : i + size] for size in lengths for run in runs for i in range(len(run) - size + 1)]


def join(title: str, text: str) -> str:
    """Return title and text as the one passage that is encoded and indexed."""
    return f"{title.strip()}。{text.strip()}" if title.strip() and text.strip() else (title or text).strip()
