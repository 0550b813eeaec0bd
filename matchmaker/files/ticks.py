"""Boxes to tick on a form: of ☑联合开发 □技术转让 only what is ticked was said."""

import re

_TICKED = "☑☒✅✓✔√■▣🗹⊠"
_OPEN = "□☐◻▢❏❑"
_BRACKETED_TICK = re.compile(r"[(（]\s*[√✓✔]\s*[)）]|[\[【]\s*[√✓✔vVxX]\s*[\]】]")
_BRACKETED_OPEN = re.compile(r"[(（\[【]\s*[)）\]】]")
_BOX = re.compile(f"([{_TICKED}{_OPEN}])")
_REAL_BOX = re.compile(rf"[☑☒✅🗹⊠{_OPEN}]\s*\w|\w\s*[☑☒✅🗹⊠{_OPEN}]")
_LETTERED = re.compile(r"(?<![A-Za-z])[A-H]\s?[.．、)）]\s?")  # A.转让 B.委托开发√
# （ B ） A.技术转让 B.联合攻关: the letter is written into the brackets
_CHOSEN = re.compile(r"\s*[（(]\s*([A-H]{1,8})\s*[)）](?=\s*A[^A-Z]+B)")
_OPTION = re.compile(r"([A-H])\s?[.．、)）]?\s?([^A-H]+)")
LONE_TICK = re.compile(f"[{_TICKED}]|{_BRACKETED_TICK.pattern}")
"""What a cell holds that is there for a tick and has one."""


def has_box(text: str) -> bool:
    """Whether a box stands beside a word, ticked or not; a bare √ may be a sign, empty brackets are none."""
    return bool(
        _CHOSEN.match(text)
        or _REAL_BOX.search(text)
        or _BRACKETED_TICK.search(text)
        or (LONE_TICK.search(text) and len(_LETTERED.findall(text)) > 1)
    )


def ticked(text: str) -> str | None:
    """Return the ticked options joined by ；, "" when none is; None when the text has no boxes.

    Boxes stand before their words, or behind them all.
    """
    if text.isascii() and "[" not in text and "(" not in text:
        return None
    if letters := _CHOSEN.match(text):
        return "；".join(
            said.strip() for one, said in _OPTION.findall(text[letters.end() :]) if one in letters[1]
        )
    marked = _BRACKETED_OPEN.sub("□", _BRACKETED_TICK.sub("☑", text)).strip()
    pieces = [piece.strip(" \t\r\n、，,;；/") for piece in _BOX.split(marked)]
    marks, words = pieces[1::2], pieces[0::2]
    if not marks or not any(words):
        return None
    behind = bool(words[0]) and not (words[-1] and _stand_before(marked))
    words = words[:-1] if behind else words[1:]
    chosen = [word for mark, word in zip(marks, words, strict=True) if mark in _TICKED and word]
    if not any(mark in _OPEN for mark in marks):  # a tick alone belongs to the word next to it
        chosen = [word.split()[-1 if behind else 0] for word in chosen]
    return "；".join(_LETTERED.sub("", word, count=1) if _LETTERED.match(word) else word for word in chosen)


def _stand_before(marked: str) -> bool:
    """Whether boxes between words stand right before words: 方式 ☑转让 □许可."""
    before = re.search(rf"\s[{_TICKED}{_OPEN}]\S", marked)
    return bool(before) and not re.search(rf"[^\s：:][{_TICKED}{_OPEN}]", marked)
