"""Amounts in the reader's language: what is worded in 万元 and 亿元 is said in yuan in English."""

import re
from decimal import Decimal

from matchmaker.domain import showing
from matchmaker.web.i18n import chosen_language

_NUMBER = r"-?[\d,]+(?:\.\d+)?"
_ONE = re.compile(rf"({_NUMBER}) (万元|亿元)")
_BAND = re.compile(rf"({_NUMBER})–({_NUMBER}) 万元")
_WORTH = {"万元": Decimal(10_000), "亿元": Decimal(100_000_000)}
# words before, words after, and both in English
_BOUNDS = (
    ("不超过 ", "", "up to {}"),
    ("", "以下", "under {}"),
    ("", "以上", "{} or more"),
)


def amount(words: str) -> str:
    """Return an amount as `domain/showing.py` words it, said in the reader's language; other words stay."""
    if chosen_language() == "zh":
        return words
    if words == "面议":
        return "negotiable"
    for before, after, pattern in _BOUNDS:
        inner = words.removeprefix(before).removesuffix(after)
        if len(inner) == len(words) - len(before) - len(after) and _plain(inner):
            return pattern.format(_plain(inner))
    return _plain(words) or words


def money(fen: int | None) -> str:
    """Write an amount in fen."""
    return amount(showing.money(fen))


def money_range(low_fen: int | None, high_fen: int | None, *, text: str = "") -> str:
    """Write a budget: a range, one bound, or the words of the form."""
    return amount(showing.money_range(low_fen, high_fen, text=text))


def _plain(words: str) -> str:
    """Return one amount, a band or a range in English, "" for anything else."""
    if found := _ONE.fullmatch(words):
        return f"{_in_yuan(found[1], found[2])} yuan"
    if found := _BAND.fullmatch(words):
        return f"{_in_yuan(found[1], '万元')} to {_in_yuan(found[2], '万元')} yuan"
    low, dash, high = words.partition(" — ")
    return f"{_plain(low)} to {_plain(high)}" if dash and _plain(low) and _plain(high) else ""


def _in_yuan(number: str, unit: str) -> str:
    value = Decimal(number.replace(",", "")) * _WORTH[unit]
    for least, word in ((Decimal(10**9), "billion"), (Decimal(10**6), "million")):
        if abs(value) >= least:
            return f"{(value / least).normalize():,f} {word}"
    return f"{value.normalize():,f}"
