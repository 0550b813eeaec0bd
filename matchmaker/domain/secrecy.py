"""Words that may not be taken in, and where in a text they stand."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from matchmaker.domain.problems import Problem

_AROUND = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class SecrecyWords:
    """The words that stop a text, and ordinary phrases that contain one of them.

    Of two words that meet, 机密 or 绝密 may only seem to stand there. `preceding` gives all words with a
    last character (绝: 隔绝, 杜绝). Where there are too many, such a word counts before one of `compounds`
    (电机密封), unless one of `never_preceding` stands before its last character (按机密封装).
    """

    words: tuple[str, ...]
    allowed: tuple[str, ...] = ()
    compounds: tuple[str, ...] = ()
    preceding: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    never_preceding: Mapping[str, str] = field(default_factory=dict, hash=False)


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
        if (word := _bare(found.group())) in forbidden and not _only_meets(text, found, secrecy)
    ]


def _only_meets(text: str, found: re.Match[str], secrecy: SecrecyWords) -> bool:
    """Whether the end of one word and the beginning of the next look like a forbidden word: 隔绝密封."""
    word = _bare(found.group())
    before = text[max(0, found.start() - 1) : found.start()]
    if word[0] in secrecy.preceding:
        return before + word[0] in secrecy.preceding[word[0]]
    others = secrecy.never_preceding.get(word[0])
    if others is None or before in others or not "一" <= before <= "鿿":
        return False
    rest = word[1:] + _bare(text[found.end() : found.end() + _AROUND])
    return any(len(compound) >= len(word) and rest.startswith(compound) for compound in secrecy.compounds)


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


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
