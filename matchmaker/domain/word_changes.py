"""What became of a text, word by word: what stayed, what was struck out, what was put in."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby

_SENTENCE = re.compile(r"[^。；;！!？?\n]*(?:[。；;！!？?]+|\n+|$)")
_WORD = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_SHORTEST_KEPT = 2  # a lone character between two changes is read more easily as part of them
_MOST_WORDS = 3000  # longer than any need; beyond it a passage is told as exchanged, not compared


class Fate(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text with one fate; in order, what was struck out stands before what took its place."""

    fate: Fate
    text: str


def word_changes(before: str, after: str) -> tuple[Piece, ...]:
    """Return the pieces of both texts in reading order.

    All that is same or removed makes up `before`, all that is same or added `after`.
    """
    found = _compared(_SENTENCE.findall(before), _SENTENCE.findall(after), deeper=True)
    return tuple(_in_runs(_smooth(list(_in_runs(found)))))


def _in_runs(pieces: Iterable[Piece]) -> Iterator[Piece]:
    told = (piece for piece in pieces if piece.text)
    for fate, run in groupby(told, key=lambda piece: piece.fate):
        yield Piece(fate=fate, text="".join(piece.text for piece in run))


def _compared(before: Sequence[str], after: Sequence[str], *, deeper: bool) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        old, new = "".join(before[start:end]), "".join(after[other_start:other_end])
        if tag == "equal":
            yield Piece(fate=Fate.SAME, text=old)
        elif deeper and old and new and len(old) + len(new) <= _MOST_WORDS:
            yield from _compared(_WORD.findall(old), _WORD.findall(new), deeper=False)
        else:
            yield from _exchanged(old, new)


def _exchanged(old: str, new: str) -> Iterator[Piece]:
    if old:
        yield Piece(fate=Fate.REMOVED, text=old)
    if new:
        yield Piece(fate=Fate.ADDED, text=new)


def _smooth(pieces: Sequence[Piece]) -> list[Piece]:
    """Take what lies between two firm pieces together: first all that was struck out, then all put in."""
    smooth: list[Piece] = []
    old, new = "", ""
    for place, piece in enumerate(pieces):
        between = 0 < place < len(pieces) - 1
        firm = piece.fate is Fate.SAME and (
            not between or len(piece.text) >= _SHORTEST_KEPT or "\n" in piece.text
        )
        if firm:
            smooth += [*_exchanged(old, new), piece]
            old, new = "", ""
        else:
            old += piece.text if piece.fate is not Fate.ADDED else ""
            new += piece.text if piece.fate is not Fate.REMOVED else ""
    return [*smooth, *_exchanged(old, new)]
