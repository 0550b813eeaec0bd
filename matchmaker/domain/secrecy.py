"""Words that may not be taken in, and where in a text they stand."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from matchmaker.domain.problems import Problem

_AROUND = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class SecrecyWords:
    """The words that stop a text, and ordinary phrases that contain one of them."""

    words: tuple[str, ...]
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One forbidden word: `line` counts from 1, `excerpt` is the word with what stands around it."""

    word: str
    line: int
    excerpt: str


def find_secrets(text: str, secrecy: SecrecyWords) -> list[Hit]:
    """Return every forbidden word of a text in its order; blanks inside a word do not hide it.

    Where a forbidden word and an allowed phrase begin at one place, the longer one counts.
    """
    if not _spaced(secrecy.words).search(text):
        return []
    forbidden = frozenset(secrecy.words)
    return [
        Hit(
            word=word,
            line=text.count("\n", 0, found.start()) + 1,
            excerpt=_excerpt(text, found.start(), found.end()),
        )
        for found in _spaced(secrecy.words + secrecy.allowed).finditer(text)
        if (word := re.sub(r"\s", "", found.group())) in forbidden
    ]


@lru_cache
def _spaced(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(r"[ \t　]*".join(map(re.escape, word)) for word in longest_first) or r"(?!)")


def _excerpt(text: str, start: int, end: int) -> str:
    before = text[max(0, start - _AROUND) : start].rpartition("\n")[2]
    after = text[end : end + _AROUND].partition("\n")[0]
    return before + text[start:end] + after


def secret_problems(
    texts: Mapping[str, str], labels: Mapping[str, str], secrecy: SecrecyWords, *, where: str = ""
) -> list[Problem]:
    """Return one problem per text with a forbidden word, naming the word, its line and its surroundings."""
    return [
        Problem(field=name, code="secret", message=_sentence(labels.get(name, name), hits), where=where)
        for name, text in texts.items()
        if (hits := find_secrets(text, secrecy))
    ]


def _sentence(label: str, hits: Sequence[Hit]) -> str:
    places = "、".join(f"第 {hit.line} 行“{hit.excerpt}”里的“{hit.word}”" for hit in hits[:3])
    return f"“{label}”{places}：涉密内容不得录入本系统，请删去涉密部分，或改走保密渠道报送。"
