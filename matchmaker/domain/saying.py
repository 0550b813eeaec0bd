"""Sentences kept as a pattern and what fills it, so that a page can say them in its reader's language.

A pattern is Chinese with places like %(names)s. What fills a place is a word, or a list of words; a word with
a remark is a pair. Words of `NAMED` are names out of the program's own lists, which pages translate; all
others stand in somebody's text and stay as they are.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

NAMED = "names"


def later(words: str) -> str:
    """Return the words; marks what pages translate only when they show it."""
    return words


def said(pattern: str, given: Mapping[str, Any]) -> str:
    """Return the sentence in Chinese."""
    return filled(pattern, given, translated=later, joined="、".join, bracketed="{}（{}）".format)


def filled(
    pattern: str,
    given: Mapping[str, Any],
    *,
    translated: Callable[[str], str],
    joined: Callable[[Sequence[str]], str],
    bracketed: Callable[[str, str], str],
) -> str:
    """Return the sentence as a language writes it: its words, its lists, its brackets."""

    def word(one: Any, name: str) -> str:
        if not isinstance(one, str):
            return bracketed(str(one[0]), translated(str(one[1])))
        return translated(one) if name == NAMED else one

    values = {
        name: word(value, name) if isinstance(value, str) else joined([word(one, name) for one in value])
        for name, value in given.items()
    }
    return translated(pattern) % values
