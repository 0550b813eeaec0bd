"""What belongs to a theme: its words, its industries, its fields, weighed against the other themes.

A thing goes to the theme that fits it best and to those that fit nearly as well, so that a mould
for a lamp cover stands with the moulds and the lamps, and not with everything that is moulded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_IN_TITLE = 3
_IN_TEXT = 1
_IN_FIELD = 1  # only beside a word: surface treatment serves moulds as well as pens
_IN_INDUSTRY = 3
_ENOUGH = 2
_NEARLY = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeWords:
    """A theme as it is recognised in a text."""

    key: int
    words: Sequence[str]
    fields: Sequence[str] = ()
    industries: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A need or an achievement as far as themes look at it."""

    title: str
    text: str
    fields: Sequence[str] = ()
    industry: str = ""


def themes_of(thing: Described, themes: Iterable[ThemeWords]) -> frozenset[int]:
    """Return the keys of the themes a thing belongs to."""
    scores = {theme.key: _score(thing, theme) for theme in themes}
    best = max(scores.values(), default=0)
    return frozenset(key for key, score in scores.items() if score >= max(_ENOUGH, best * _NEARLY))


def _score(thing: Described, theme: ThemeWords) -> int:
    in_title = sum(word in thing.title for word in theme.words)
    in_text = sum(word in thing.text and word not in thing.title for word in theme.words)
    score = _IN_TITLE * in_title + _IN_TEXT * in_text
    if score and any(code.startswith(prefix) for code in thing.fields for prefix in theme.fields):
        score += _IN_FIELD
    if thing.industry and any(thing.industry.startswith(prefix) for prefix in theme.industries):
        score += _IN_INDUSTRY
    return score
