"""What a list remembers of its timetable."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from matchmaker.domain.timetable import TimetableResult, Unplaced


def told_of(timetable: TimetableResult, names: Mapping[int, str]) -> dict[str, Any]:
    """Return what a list remembers of its timetable, as JSON; `names` are meeting id → who meets whom."""
    return {
        **(asdict(timetable.measures) if timetable.measures else {}),
        "proved": timetable.proved,
        "breaks_bound": timetable.breaks_bound,
        "unplaced": [f"{names[one.meeting_id]}：{_unplaced_words(one, names)}" for one in timetable.unplaced],
        "warnings": list(timetable.warnings),
    }


def _unplaced_words(one: Unplaced, names: Mapping[int, str]) -> str:
    """Say why a meeting has no place, with the meetings whose order keeps it out."""
    told = [
        f"要排在“{names[other]}”之{'后' if other == earlier else '前'}"
        for earlier, later in one.orders
        for other in (earlier, later)
        if other != one.meeting_id and other in names
    ]
    return f"{one.reason.rstrip('。')}（{'，'.join(told)}）" if told else one.reason
