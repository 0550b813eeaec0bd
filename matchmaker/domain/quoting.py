"""Chooses what to quote of a text: the sentences that hold the telling words, cut short and marked.

Quotes together stay within a share of the text, so that a reader who may not have the whole text
still learns why it fits.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_SHARE = 0.2
MOST_QUOTES = 2
LEAST = 8  # fewer characters round a word only look cut off
_SENTENCE = re.compile(r"[^。！？!?；;\n\r]+")
_CLAUSE = re.compile(r"[^，,：:、]+[，,：:、]?")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Words that carried a match: where they stand in the text, and how much they weigh."""

    span: Span
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A piece of a text; `marks` are places within the piece."""

    start: int
    text: str
    marks: tuple[Span, ...]

    @property
    def words(self) -> list[str]:
        """Return the marked words as they stand."""
        return [self.text[start:end] for start, end in self.marks]


def excerpts(
    text: str, telling: Sequence[Telling], *, most: int = MOST_QUOTES, allowance: int | None = None
) -> list[Excerpt]:
    """Return up to `most` quotes in the order of the text, at most `allowance` characters together.

    Each is a sentence, or the clauses, or in a very short text only the characters, round the
    heaviest words that are not quoted yet. Without an allowance it is a fifth of the text.
    """
    left = int(len(text) * MOST_SHARE) if allowance is None else allowance
    chosen: list[Span] = []
    for word in sorted(telling, key=lambda one: (-one.weight, one.span)):
        if len(chosen) == most:
            break
        length = word.span[1] - word.span[0]
        if not 0 < length <= left or any(_cross(word.span, taken) for taken in chosen):
            continue
        piece = _piece(text, word.span, left, telling)
        if any(_cross(piece, taken) for taken in chosen):
            piece = word.span
        chosen.append(piece)
        left -= piece[1] - piece[0]
    return [_excerpt(text, piece, telling) for piece in sorted(chosen)]


def _piece(text: str, word: Span, room: int, telling: Sequence[Telling]) -> Span:
    """Return the largest of sentence, clauses and characters round a word that fits the room."""
    sentence = _around(_SENTENCE, text, word, (0, len(text)))
    if sentence[1] - sentence[0] <= room:
        return sentence
    clause = _around(_CLAUSE, text, word, sentence)
    if clause[1] - clause[0] > room:
        return _characters(word, clause, room)
    return _grown(text, clause, sentence, room, telling)


def _around(pattern: re.Pattern[str], text: str, word: Span, within: Span) -> Span:
    """Return the match of a pattern that holds the word; a word across a border takes both sides."""
    found = [match.span() for match in pattern.finditer(text, *within) if _cross(match.span(), word)] or [
        word
    ]
    return _trimmed(text, (min(found[0][0], word[0]), max(found[-1][1], word[1])))


def _trimmed(text: str, span: Span) -> Span:
    start, end = span
    while start < end and text[start] in " \t　，,：:、":
        start += 1
    while end > start and text[end - 1] in " \t　，,：:、":
        end -= 1
    return start, end


def _grown(text: str, clause: Span, sentence: Span, room: int, telling: Sequence[Telling]) -> Span:
    """Add the neighbouring clauses that hold telling words while there is room."""
    grown = clause
    for match in _CLAUSE.finditer(text, *sentence):
        wider = (min(grown[0], match.start()), max(grown[1], match.end()))
        holds = any(_inside(one.span, match.span()) for one in telling)
        if holds and wider[1] - wider[0] <= room:
            grown = wider
    return _trimmed(text, grown)


def _characters(word: Span, clause: Span, room: int) -> Span:
    """Return the word with as much on both sides as the room allows; a few characters tell nothing more."""
    spare = room - (word[1] - word[0])
    if spare < LEAST:
        return word
    start = max(clause[0], word[0] - spare // 2)
    end = min(clause[1], word[1] + (spare - (word[0] - start)))
    return max(clause[0], end - room), end


def _excerpt(text: str, piece: Span, telling: Sequence[Telling]) -> Excerpt:
    start, end = piece
    inside = sorted({one.span for one in telling if _inside(one.span, piece)})
    marks: list[Span] = []
    for left, right in inside:
        if not marks or left - start >= marks[-1][1]:
            marks.append((left - start, right - start))
    return Excerpt(start=start, text=text[start:end], marks=tuple(marks))


def _cross(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _inside(one: Span, other: Span) -> bool:
    return other[0] <= one[0] and one[1] <= other[1]
