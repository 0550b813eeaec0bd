"""Time and table as people type them into a cell of the pairing list."""

import re
from collections.abc import Sequence
from unicodedata import normalize

from matchmaker.domain.numerals import chinese_number

_TIME = re.compile(r"(\d{1,2})\s*[:：]\s*(\d{2})")
_ROUND = re.compile(r"第\s*(\d+)\s*(?:时段|轮|段)")
# 14:00–14:20 is a slot, 14:00 → 14:20 is one time instead of another.
_INSTEAD = re.compile(r"→|⇒|->|改")
_TABLE = re.compile(r"(?<![A-Za-z0-9.-])(\d+)\s*[号#]?\s*[桌台]|[桌台]\s*[号#]?\s*:?\s*(\d+)")
_HOUR = re.compile(r"(\d{1,2})\s*[点时](?!段)\s*(半|\d{1,2}(?!\s*[号#桌台\d]))?\s*分?")
_NUMERALS = re.compile(r"[一二三四五六七八九十两]+(?=\s*(?:号|桌|台|#|时段|轮|段|点))")
_AFTERNOON, _MORNING = re.compile(r"下午|晚上|pm", re.IGNORECASE), re.compile(r"上午|早上|am", re.IGNORECASE)


def place_in(text: str, starts: Sequence[str]) -> tuple[int | None, int | None]:
    """Return (slot, table) that a cell names, both None for an empty one. `starts` are 14:00, 14:20 …

    Raises ValueError with a Chinese sentence for words that name neither, or only one of the two.
    """
    if not text.strip():
        return None, None
    text = _plainly(text)
    slot, table = _slot_in(text, starts), _table_in(text)
    if len({*_tables_in(text)}) > 1 or not _is_one_slot(text, starts):
        raise ValueError(f"“{text[:30]}”写了不止一个时间或桌号，请只留一个，写成“{starts[0]} 1 号桌”这样")
    if slot is None and table is None:
        raise ValueError(f"“{text[:30]}”看不出时间和桌号，请写成“{starts[0]} 1 号桌”这样")
    if slot is None or table is None:
        raise ValueError(f"“{text[:30]}”只写了{'桌号' if slot is None else '时间'}，请把时间和桌号都写上")
    return slot, table


def _plainly(text: str) -> str:
    """Write full-width signs, 两点半, 下午2:20 and 二号桌 as 14:20 2号桌 would be written."""
    text = _NUMERALS.sub(lambda found: str(chinese_number(found[0]) or found[0]), normalize("NFKC", text))
    text = _HOUR.sub(lambda found: f"{found[1]}:{_minutes(found[2])} ", text)
    if not _AFTERNOON.search(text) or _MORNING.search(text):
        return text
    return _TIME.sub(lambda found: f"{int(found[1]) % 12 + 12}:{found[2]}", text)


def _minutes(word: str | None) -> str:
    return "30" if word == "半" else f"{int(word or 0):02d}"


def _slot_in(text: str, starts: Sequence[str]) -> int | None:
    if found := _ROUND.search(text):
        return int(found[1])
    found = _TIME.search(text)
    if found is None:
        return None
    asked = f"{int(found[1]):02d}:{found[2]}"
    if asked not in starts:
        raise ValueError(f"{asked} 不是洽谈时段的开始时间，各时段从 {'、'.join(starts)} 开始")
    return starts.index(asked) + 1


def _is_one_slot(text: str, starts: Sequence[str]) -> bool:
    """Whether a cell names one slot: by its number, its beginning, or beginning and end (14:00–14:20)."""
    rounds = {int(number) for number in _ROUND.findall(text)}
    times = [f"{int(hour):02d}:{int(minute):02d}" for hour, minute in _TIME.findall(text)]
    if len(rounds) > 1 or len(times) > 2:
        return False
    if rounds and times and starts[min(rounds) - 1 : min(rounds)] != times[:1]:
        return False
    if len(times) < 2 or times[0] == times[1]:
        return True
    if _INSTEAD.search(text):
        return False
    later = starts[starts.index(times[0]) + 1 :] if times[0] in starts else ()
    return list(later[:1]) == times[1:] if later else times[1] not in starts


def _table_in(text: str) -> int | None:
    return next(iter(_tables_in(text)), None)


def _tables_in(text: str) -> list[int]:
    return [int(before or after) for before, after in _TABLE.findall(text)]
