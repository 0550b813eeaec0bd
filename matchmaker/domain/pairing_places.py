"""Time and table as people type them into a cell of the pairing list."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from matchmaker.domain.numerals import chinese_number

_NUMERALS = re.compile(r"[一二三四五六七八九十两]+")
_AFTERNOON, _MORNING = re.compile(r"下午|晚上|pm", re.IGNORECASE), re.compile(r"上午|早上|am", re.IGNORECASE)
# 14:20, 14:20:00, 2点20, 2点过20分, 2点半; the 3 of 2点3号桌 is a table.
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})\s*(?:[:]\s*(\d{2})(?::\d{2})?(?!\d)"
    r"|[点时](?!段)\s*(?:整|(半)|过?\s*(\d{1,2})(?!\d|\s*[号#桌台])\s*分?)?)"
)
_ROUND = re.compile(r"第\s*(\d+)\s*(?:时段|轮|段)")
_TABLE = re.compile(
    r"(?<![A-Za-z0-9.-])(\d+)\s*[号#]?\s*(?:洽谈|对接)?\s*[桌台]|[桌台]\s*[号#]?\s*:?\s*(\d+)(?:\s*号)?"
)
# 14:00–14:20 is a slot, 14:00 → 14:20 is one time instead of another.
_INSTEAD = re.compile(r"→|⇒|->|改")


@dataclass(frozen=True, slots=True)
class _Said:
    """What a cell says: times like 14:20, numbers of slots, tables, and whether numbers are left over."""

    text: str
    times: tuple[str, ...]
    rounds: frozenset[int]
    tables: frozenset[int]
    more: bool


def place_in(text: str, starts: Sequence[str]) -> tuple[int | None, int | None]:
    """Return (slot, table) that a cell names, both None for an empty one. `starts` are 14:00, 14:20 …

    Raises ValueError with a Chinese sentence for words that name neither, or only one of the two.
    """
    if not text.strip():
        return None, None
    said, example = _said(text), f"“{starts[0]} 1 号桌”"
    shown = f"“{text[:30]}”"
    slot = _slot_in(said, starts)
    if len(said.tables) > 1 or not _is_one_slot(said, starts):
        raise ValueError(f"{shown}写了不止一个时间或桌号，请只留一个，写成{example}这样")
    table = next(iter(said.tables), None)
    if said.more or (slot is None and table is None):
        raise ValueError(f"{shown}看不出时间和桌号，请写成{example}这样")
    if slot is None or table is None:
        raise ValueError(f"{shown}只写了{'桌号' if slot is None else '时间'}，请把时间和桌号都写上")
    return slot, table


def _said(text: str) -> _Said:
    """Take times, then slots, then tables out of a cell: the 20 of 14:20 桌3 is no table's number."""
    text = _NUMERALS.sub(lambda found: f" {chinese_number(found[0]) or found[0]} ", normalize("NFKC", text))
    late = bool(_AFTERNOON.search(text)) and not _MORNING.search(text)
    times = tuple(_clock(found, late=late) for found in _TIME.finditer(text))
    rest = _TIME.sub("|", text)
    rounds = frozenset(map(int, _ROUND.findall(rest)))
    rest = _ROUND.sub("|", rest)
    tables = frozenset(int(before or after) for before, after in _TABLE.findall(rest))
    more = any(sign.isdigit() for sign in _TABLE.sub("|", rest))
    return _Said(text=text, times=times, rounds=rounds, tables=tables, more=more)


def _clock(found: re.Match[str], *, late: bool) -> str:
    hour = int(found[1])
    minute = "30" if found[3] else found[2] or found[4] or "0"
    return f"{hour % 12 + 12 if late else hour:02d}:{int(minute):02d}"


def _slot_in(said: _Said, starts: Sequence[str]) -> int | None:
    if said.rounds:
        return min(said.rounds)
    if not said.times:
        return None
    if (asked := said.times[0]) not in starts:
        raise ValueError(f"{asked} 不是洽谈时段的开始时间，各时段从 {'、'.join(starts)} 开始")
    return starts.index(asked) + 1


def _is_one_slot(said: _Said, starts: Sequence[str]) -> bool:
    """Whether a cell names one slot: by its number, its beginning, or beginning and end (14:00–14:20)."""
    rounds, times = said.rounds, said.times
    if len(rounds) > 1 or len(times) > 2:
        return False
    if rounds and times and tuple(starts[min(rounds) - 1 : min(rounds)]) != times[:1]:
        return False
    if len(times) < 2 or times[0] == times[1]:
        return True
    if _INSTEAD.search(said.text):
        return False
    later = starts[starts.index(times[0]) + 1 :] if times[0] in starts else ()
    return tuple(later[:1]) == times[1:] if later else times[1] not in starts
