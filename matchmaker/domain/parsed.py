"""The result of reading one cell: a value or none, and what is to be said about it."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Generic, TypeVar

from matchmaker.domain.problems import Problem, Severity

T_co = TypeVar("T_co", covariant=True)

BLANKS = frozenset(
    {
        "",
        "-",
        "--",
        "—",
        "——",
        "/",
        "\\",
        "无",
        "空",
        "暂无",
        "N/A",
        "n/a",
        "#N/A",
        "NULL",
        "null",
        "(null)",
        "nan",
        "NaN",
        "NaT",
        "None",
        "\\N",
        "(跳过)",
        "(空)",
    }
)


# No amount, date or period needs more; longer cells are not even tried, so no pattern can be made slow.
LONGEST_VALUE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed(Generic[T_co]):
    """What a cell says. `value` is None when it says nothing or cannot be read.

    The problems have no field and no place yet; a guess stands there as Severity.GUESS.
    """

    value: T_co | None
    problems: tuple[Problem, ...] = ()


# Zero-width spaces, marks of direction, soft hyphens, byte order marks: pasted along, seen by nobody.
# A pattern looks through a long text ten times faster than str.translate does.
_INVISIBLE = re.compile(r"[\xad\u200b\u200e\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069]")


def without_invisible(text: str) -> str:
    """Return a text without characters that have neither form nor width."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def plain_text(raw: object) -> str:
    """Return a cell as one line of half-width text, numbers without ".0", spaces put in order."""
    if isinstance(raw, str):
        if raw.isascii():
            return " ".join(raw.split()) if " " in raw or not raw.isprintable() else raw
        return " ".join(unicodedata.normalize("NFKC", without_invisible(raw)).split())
    if raw is None:
        return ""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e18:
        return str(int(raw))
    return str(raw)


def short(raw: object, length: int = 30) -> str:
    """Return a cell cut to what fits into a sentence."""
    text = plain_text(raw)
    return text if len(text) <= length else text[: length - 1] + "…"


def unreadable(raw: object, *, code: str, what: str, wanted: str) -> Problem:
    """Return the complaint that a cell cannot be read as `what`, with the ways of writing it that can."""
    return Problem(
        field="",
        code=code,
        message=f"“{short(raw)}”不能识别为{what}，请写成{wanted}。",
        severity=Severity.WARNING,
    )


def guess(message: str, *, code: str) -> Problem:
    """Return the remark that a value was guessed and should be looked at."""
    return Problem(field="", code=code, message=message, severity=Severity.GUESS)
