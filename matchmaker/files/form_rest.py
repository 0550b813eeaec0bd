"""What a form says beside its labels and answers: nothing that somebody wrote may be lost."""

import re
from collections.abc import Iterator, Sequence

from matchmaker.files.book import Sheet
from matchmaker.files.form_cells import Grid, Pair
from matchmaker.files.form_grid import is_signature
from matchmaker.files.headers import is_known
from matchmaker.files.leftovers import is_hint, is_prompt
from matchmaker.files.row_judge import is_note, is_unit

_WORDS = re.compile(r"[^\W_]")
_FEWEST_CHARACTERS = 4
# What is printed on forms: for whom to sign, what offices think, headings of parts.
_PRINTED = re.compile(
    r"意见|盖章|公章|签[字名章]|承诺|声明|照片|附件|同意推荐|(?:情况|信息|概况|资料|部分|栏|表|卡|书)\s*(?:[（(][^）)]*[）)])?[:：]?\s*$"
)
_SQUEEZED = re.compile(r"[\s　:：_＿□☐☑☒✓✔√■]+")


def said_beside(sheet: Sheet, pairs: Sequence[Pair]) -> Iterator[tuple[str, str]]:
    """Yield where something stands in a form that is no label and in no answer, and what."""
    if sheet.labelled or not pairs:
        return
    grid = Grid(sheet)
    told = sorted({_squeezed(text) for pair in pairs for text in _texts(pair)}, key=len, reverse=True)
    whole = "\n".join(told)
    labels = {pair.spot for pair in pairs}
    first = min(row for row, _ in labels)
    last = max(row for row, _ in labels)
    for row in range(first, min(len(grid.rows), last + 1)):
        if row in grid.guides or is_signature(grid, row):
            continue
        rest: list[tuple[int, str]] = []
        for column in grid.filled(row):
            cell = str(grid.cell(row, column)).strip()
            spare = (row, column) not in labels | grid.inside and column not in grid.explained
            if spare and not _is_printed(grid, row, column, cell) and _says_more(cell, whole, told):
                rest.append((column, cell))
        if rest:  # 出生年月 and 1978.03 beside it are one remark
            yield sheet.where(row, rest[0][0]), " ".join(cell for _, cell in rest)


def _texts(pair: Pair) -> Iterator[str]:
    yield from (pair.label, pair.group)
    yield from str(pair.value).splitlines()


def _squeezed(text: str) -> str:
    return _SQUEEZED.sub("", text)


def _is_printed(grid: Grid, row: int, column: int, cell: str) -> bool:
    """Whether a cell is part of the paper: a label nobody answered, a heading, a hint, what is signed."""
    if is_known(cell) or is_note(cell) or is_hint(cell) or is_prompt(cell) or is_unit(cell):
        return True
    return bool(_PRINTED.search(cell))


def _says_more(cell: str, whole: str, told: Sequence[str]) -> bool:
    return len(_WORDS.findall(_without(cell, whole, told))) >= _FEWEST_CHARACTERS


def _without(cell: str, whole: str, told: Sequence[str]) -> str:
    """Return what is left of a cell without all that was read."""
    rest = _squeezed(cell)
    if rest in whole:
        return ""
    for text in told:
        if len(text) > 1:
            rest = rest.replace(text, "")
    return rest
