"""A time in words that are read again as the same time."""

import re
from datetime import date

from matchmaker.domain.dates import parse_period

_SERIAL = re.compile(r"\d{5}")  # 46203, what a day is in a spreadsheet


def days_words(start: date | None, end: date | None) -> str:
    """Return 2026-01-02至2026-12-31, 2026-01-02起 or 2026-12-31; "" for none of both."""
    if start and end:
        return f"{start}至{end}"
    return f"{start}起" if start else str(end or "")


def period_words(came: str, start: date | None, end: date | None) -> str:
    """Return a cell's time as it came where it says the same of itself, otherwise anew.

    What a form shows again must be read as it was understood: 三季度 in a list of 2026 has no year here.
    """
    if not (start or end):
        return came
    read = parse_period(came).value
    same = read is not None and (read.start, read.end) == (start, end) and not _SERIAL.fullmatch(came)
    return came if same else days_words(start, end)
