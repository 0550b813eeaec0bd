"""Lines below a list that say who sent it and when: 某某局（章）, 二〇二六年三月一日."""

import re
from collections.abc import Sequence

from matchmaker.files.book import Cell
from matchmaker.files.layout import is_blank

_MOST_LINES = 4
_MOST_CELLS = 2
_LONGEST = 60
_STAMP = re.compile(r".{0,30}[（(]\s*(?:公?章|盖章|签章|签字|单位公章|加盖公章)\s*[)）]\s*[:：]?\s*")
_DAY = re.compile(
    r"(?:日期\s*[:：]?)?\s*(?:(?:19|20)\d\d|[二两][〇○Ｏ零０oO0][〇○零一二三四五六七八九]{2}|\d{0,4}\s+)"
    r"\s*[年./-]\s*[\d一二三四五六七八九十]{0,3}\s*[月./-]\s*[\d一二三四五六七八九十]{0,3}\s*日?\s*"
)
_OFFICE = re.compile(
    r"[^\d:：，。,]{2,26}(?:局|委员会|委|厅|办公室|中心|大学|学院|处|研究院|协会|政府|公司|部)"
)


def signature_lines(rows: Sequence[Sequence[Cell]]) -> int:
    """Return how many of the last rows sign the list; 0 where none bears a date or a place for the stamp.

    The name of an office counts only above or below one of those, and alone in its row: a firm beside
    something else is a record.
    """
    count, sure = 0, False
    for cells in reversed(rows[-_MOST_LINES:]):
        said = [cell for cell in cells if not is_blank(cell)]
        if not said or len(said) > _MOST_CELLS or not all(isinstance(cell, str) for cell in said):
            break
        texts = [str(cell).strip() for cell in said]
        if any(len(text) > _LONGEST for text in texts):
            break
        signed = all(_STAMP.fullmatch(text) or _DAY.fullmatch(text) for text in texts)
        if not signed and not (len(texts) == 1 and _OFFICE.fullmatch(texts[0])):
            break
        count += 1
        sure = sure or signed
    return count if sure else 0
