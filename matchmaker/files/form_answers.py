"""What answers a label of a form: the cell beside it, and what belongs to it in the next cells and rows."""

import re
from collections.abc import Mapping
from itertools import pairwise

from matchmaker.files.book import Cell
from matchmaker.files.form_cells import Grid, asks_for_a_contact, asks_for_people
from matchmaker.files.headers import RecordKind, clean_header, fields, look_up
from matchmaker.files.leftovers import is_hint
from matchmaker.files.row_judge import is_unit
from matchmaker.files.ticks import LONE_TICK

Labels = Mapping[tuple[int, int], str]

_BOX = re.compile(r"[□☐☑☒✓✔√■🗹]")
_TICKED_BEHIND = re.compile(r"([^\s□☐☑√✓✔]{2,12})\s*[（(]?\s*[√✓✔☑]\s*[)）]?")
_UNIT = re.compile("[百千]?[万亿]?元|个?月|年")
_CALLED = re.compile(r"[(（]?\+?\d[\d\-－—() （）]{6,18}(?:\.0)?")
_GAP = "  "


def value_beside(grid: Grid, labels: Labels, row: int, column: int) -> tuple[Cell, tuple[int, int]]:
    """Return the answer right of a label and its place, or below it when the label covers its whole row."""
    after = grid.after(row, column)
    if (row, column) in grid.tables:
        return _table(grid, *grid.tables[row, column], people=asks_for_people(labels[row, column])), (
            row,
            after,
        )
    if after < len(grid.rows[row]) and (row, after) not in labels:
        answer = _whole_answer(grid, labels, (row, column), after)
        behind = _behind_blank(grid, labels, row, after) if answer == "" else after
        return answer if behind == after else _whole_answer(grid, labels, (row, column), behind), (
            row,
            behind,
        )
    if (under := _under_heads(grid, labels, row, column)) is not None:
        return grid.cell(*under), under
    below = grid.below(row, column)
    alone = len(grid.filled(row)) == 1
    if alone and below < len(grid.rows) and (below, column) not in labels:
        return grid.cell(below, column), (below, column)
    return "", (row, column)


def _under_heads(grid: Grid, labels: Labels, row: int, column: int) -> tuple[int, int] | None:
    """Return the place below a label where labels stand side by side, their answers in the row below."""
    heads = [at for at in grid.filled(row) if (row, at) in labels]
    first = next(
        (at for at in heads if grid.merges.get((row, at)) is None or grid.below(row, at) == row + 1), 0
    )
    heads = [at for at in heads if at >= first]
    beside = all(grid.after(row, left) == right for left, right in pairwise(heads))
    if len(heads) < 2 or not beside or grid.filled(row)[-len(heads) :] != heads or row + 1 >= len(grid.rows):
        return None
    told = [at for at in grid.filled(row + 1) if at >= first]
    answers = told and set(told) <= set(heads) and not any((row + 1, at) in labels for at in told)
    return (row + 1, column) if answers and column in told else None


def _table(grid: Grid, rows: range, first: int, *, people: bool) -> str:
    """Return a small table as lines of text; of a list of `people` their names."""
    if people:
        names = (at for at in grid.filled(rows[0]) if clean_header(str(grid.cell(rows[0], at))) == "姓名")
        at = next(names, first)
        return "、".join(str(grid.cell(row, at)).strip() for row in rows[1:] if grid.cell(row, at) != "")
    lines = ([str(grid.cell(row, at)) for at in grid.filled(row) if at >= first] for row in rows)
    return "\n".join(_GAP.join(" ".join(cell.split()) for cell in line) for line in lines)


def _whole_answer(grid: Grid, labels: Labels, label: tuple[int, int], column: int) -> Cell:
    """Return a value with what belongs to it in the next cells: ticked options, the unit of a number."""
    row = label[0]
    options = _options(grid, labels, label, column)
    if options is not None:
        return options
    first = _with_lines_below(grid, labels, row, column)
    rest = [place for place in grid.filled(row) if place > column]
    texts = [str(grid.cell(row, place)).strip() for place in rest]
    if isinstance(first, str) and _BOX.fullmatch(first.strip()):
        upto = next((at for at, place in enumerate(rest) if (row, place) in labels), len(rest))
        return " ".join([first.strip(), *texts[:upto]])
    beside = next((at for at, place in enumerate(rest) if (row, place) in labels), len(rest))
    if (more := _more_of_it(str(first).strip(), texts[:beside], labels[label])) is not None:
        return more
    if (
        re.fullmatch(r"[\d.,]+", str(first))
        and texts
        and _UNIT.fullmatch(texts[0])
        and (row, rest[0]) not in labels
    ):
        return f"{int(first) if isinstance(first, float) and first.is_integer() else first}{texts[0]}"
    return first


def _more_of_it(first: str, texts: list[str], label: str) -> str | None:
    """Return options that have a cell each, boxes included, or a person with the number in the next cell."""
    if any(map(_TICKED_BEHIND.fullmatch, (first, *texts))):
        told = ((text, _TICKED_BEHIND.fullmatch(text)) for text in (first, *texts) if text)
        return " ".join(f"☑{found[1]}" if found else f"□{text}" for text, found in told)
    boxed = next((at for at, text in enumerate(texts) if not _BOX.match(text)), len(texts))
    if boxed and _BOX.match(first) and not _BOX.fullmatch(first):
        return " ".join([first, *texts[:boxed]])
    reached = next((at for at, text in enumerate(texts) if not _CALLED.fullmatch(text)), len(texts))
    if reached and first and not _CALLED.fullmatch(first) and asks_for_a_contact(label):
        return " ".join([first, *texts[:reached]])
    return None


def _behind_blank(grid: Grid, labels: Labels, row: int, column: int) -> int:
    """Return where an answer stands behind a cell left blank; the blank's own place when none does."""
    place = next((at for at in grid.filled(row) if at > column), column)
    told = str(grid.cell(row, place)).strip()
    printed = (row, place) in labels or is_unit(told) or is_hint(told) or told[:1] in ("（", "(")
    return column if printed else place


def _with_lines_below(grid: Grid, labels: Labels, row: int, column: int) -> Cell:
    """Return a value with the lines below it, as far down as its label is merged and it is not."""
    first = grid.cell(row, column)
    label = next(
        (grid.merges.get((row, at)) for at in range(column - 1, -1, -1) if (row, at) in labels), None
    )
    if label is None or grid.below(row, column) > label.last_row:
        return first
    lines = [grid.cell(below, column) for below in range(row + 1, label.last_row + 1)]
    if any((below, column) in labels for below in range(row + 1, label.last_row + 1)) or not any(lines):
        return first
    return "\n".join(str(line).strip() for line in (first, *lines) if line != "")


def _options(grid: Grid, labels: Labels, label: tuple[int, int], first: int) -> str | None:
    """Return options in cells of their own, with cells for ticks, as ☑转让 □许可; None if there are none.

    The cells for ticks stand before the options when the first of all is one, behind them otherwise.
    Where nothing is ticked, only words of a field of choices with a blank cell to each are options.
    """
    rows = [slots for row in _rows_of(grid, label) if (slots := _slots(grid, labels, row, first))]
    ticks = sum(is_tick(cell) for slots in rows for cell in slots)
    words = [cell for slots in rows for cell in slots if cell and not is_tick(cell)]
    if len(words) < 2 or not (ticks or _are_unticked(rows, words, labels[label])):
        return None
    before = not rows[0][0] or is_tick(rows[0][0])
    said = []
    for slots in rows:
        padded = ["", *slots, ""]
        for near, cell in pairwise(padded) if before else ((b, a) for a, b in pairwise(padded)):
            if cell and not is_tick(cell):
                said.append(f"{'☑' if is_tick(near) else '□'}{cell}")
    return " ".join(said)


def is_tick(cell: str) -> bool:
    """Whether a cell holds a tick and nothing else."""
    return bool(LONE_TICK.fullmatch(cell))


def _rows_of(grid: Grid, label: tuple[int, int]) -> range:
    merge = grid.merges.get(label)
    return range(label[0], (merge.last_row if merge else label[0]) + 1)


def _slots(grid: Grid, labels: Labels, row: int, first: int) -> list[str]:
    """Return the cells of a row up to the next label, each merged one once; an open box is a blank."""
    slots = []
    column, end = first, len(grid.rows[row]) if row < len(grid.rows) else 0
    while column < end and (row, column) not in labels:
        cell = str(grid.cell(row, column)).strip()
        slots.append("" if _BOX.fullmatch(cell) and not is_tick(cell) else cell)
        merge = grid.merges.get((row, column))
        column = (merge.last_column if merge else column) + 1
    return slots


def _are_unticked(rows: list[list[str]], words: list[str], label: str) -> bool:
    """Whether words are options of a field of choices that nobody ticked: a blank cell stands by each."""
    slots = [cell for row in rows for cell in row]
    blank = len(slots) - len(words)
    named = [fields(kind)[name].type for kind in RecordKind for name in look_up(kind, (label,))[:1]]
    return blank >= len(words) and any(type_.startswith("enum") for type_ in named)
