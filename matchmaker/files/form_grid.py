"""Labels and their values in a form: beside each other, above each other, or in one cell."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from matchmaker.files.book import Cell, Merge, Sheet
from matchmaker.files.headers import RecordKind, is_known, likely_fields

_LONGEST_LABEL = 40
_LONGEST_UNLISTED_LABEL = 24
_FEWEST_LABELS = 3
_LABELS_TO_A_ROW = 4
TOP_ROWS = 2_000
"""As many rows tell whether a sheet holds forms."""
_FIRST_ROWS = 20
_LABELLED = re.compile(
    r"\s*(?:[一二三四五六七八九十\d]{1,3}[、.．)）]\s*)?([^：:，。；\s][^：:，。；\n]{0,19}?)\s*[：:][^\S\n]*(.*)",
    re.DOTALL,
)
# What is printed on a form for people to write on: underscores, blanks, and dots by the row.
_FILLING = re.compile(r"^(?:[\s_＿]|[…‥]{3,}|[.．·]{4,})+|(?:[\s_＿]|[…‥]{3,}|[.．·]{4,})+$")

_FRAMED = re.compile(r"[【〖\[]\s*([^【】〖〗\[\]]{2,12}?)\s*[】〗\]]\s*[:：]?[ \t]*")
_LINE_LEFT = re.compile(r"[_＿]{2,}")

# Another label in the same line stands after a gap: 联系人：张三____ 联系电话：138…
_NEXT_LABEL = re.compile(r"[\s_＿…；;，,]+([^\s：:，。；_＿…]{2,12}?)\s*[：:]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A label with its value; `spot` is the row and column of the value, `group` what stands over several.

    Of 联系人 merged over the rows 姓名 and 手机 it is 联系人.
    """

    label: str
    group: str = ""
    value: Cell
    spot: tuple[int, int]


class Grid:
    """The cells of a sheet with what its merged ranges cover, and the cells that are listed labels."""

    def __init__(self, sheet: Sheet, *, top: bool = False) -> None:
        self.rows = sheet.rows[:TOP_ROWS] if top else sheet.rows
        self.merges: dict[tuple[int, int], Merge] = {
            (merge.first_row, merge.first_column): merge for merge in sheet.merges
        }
        self.listed = {
            (row, column): str(cell)
            for row, cells in enumerate(self.rows)
            for column, cell in enumerate(cells)
            if isinstance(cell, str) and len(cell) <= _LONGEST_LABEL and is_known(cell)
        }
        self.used = {column for cells in self.rows for column, cell in enumerate(cells) if cell != ""}

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell, "" outside the sheet."""
        cells = self.rows[row] if row < len(self.rows) else []
        return cells[column] if column < len(cells) else ""

    def filled(self, row: int) -> list[int]:
        """Return the columns of a row in which something stands."""
        return [column for column, cell in enumerate(self.rows[row]) if cell != ""]

    def after(self, row: int, column: int) -> int:
        """Return the column right of a cell and what it covers, columns empty from top to bottom left out."""
        merge = self.merges.get((row, column))
        beside = (merge.last_column if merge else column) + 1
        while beside < len(self.rows[row]) and beside not in self.used and not self._is_covered(row, beside):
            beside += 1
        return beside

    def right_of(self, place: tuple[int, int]) -> tuple[int, int]:
        """Return the place right of a cell."""
        return place[0], self.after(*place)

    def below(self, row: int, column: int) -> int:
        """Return the row under a cell and what it covers."""
        merge = self.merges.get((row, column))
        return (merge.last_row if merge else row) + 1

    def _is_covered(self, row: int, column: int) -> bool:
        return (row, column) in self.merges


def labels_beside(grid: Grid) -> list[Pair]:
    """Return the pairs of a sheet whose labels stand left of their values; none when it has none.

    Labels that no list has count where listed ones stand: a question on the paper is lost otherwise.
    """
    labels = dict(grid.listed)
    if not _looks_like_forms(grid, labels):
        if not _has_anchors(grid):
            return []
        labels |= _unlisted(grid)
        if not _looks_like_forms(grid, labels):
            return []
    labels |= _unlisted(grid)
    groups = _groups(grid, labels)
    return [
        Pair(label=labels[place], group=groups.get(place, ""), value=value, spot=spot)
        for place in sorted(labels)
        if labels[place] != groups.get(grid.right_of(place))
        for value, spot in [_value_beside(grid, labels, *place)]
    ]


def _groups(grid: Grid, labels: dict[tuple[int, int], str]) -> dict[tuple[int, int], str]:
    """Return the labels right of another one that is merged over several rows, with that one's text."""
    return {
        (below, column): text
        for (row, start), text in labels.items()
        if (merge := grid.merges.get((row, start))) is not None and merge.last_row > merge.first_row
        for column in [merge.last_column + 1]
        if (row, column) in labels
        for below in range(row, merge.last_row + 1)
        if (below, column) in labels
    }


def _looks_like_forms(grid: Grid, labels: dict[tuple[int, int], str]) -> bool:
    """Whether labels run down the sheet with values beside them."""
    rows = Counter(row for row, _ in labels)
    if len(rows) < _FEWEST_LABELS or max(rows.values()) > _LABELS_TO_A_ROW:
        return False
    answered = sum(_value_beside(grid, labels, *place)[0] != "" for place in labels)
    filled = sum(cell != "" for cells in grid.rows for cell in cells)
    return answered * 2 >= len(labels) and len(labels) * 4 >= filled


def _has_anchors(grid: Grid) -> bool:
    """Whether a few listed labels stand below each other, none beside another as in a header."""
    rows = Counter(row for row, _ in grid.listed)
    columns = Counter(column for _, column in grid.listed)
    beside_each_other = any(count * 2 > len(grid.filled(row)) > 2 for row, count in rows.items())
    return len(rows) >= 2 and max(columns.values()) >= 2 and not beside_each_other


def _unlisted(grid: Grid) -> dict[tuple[int, int], str]:
    """Return cells that stand where labels stand, and have a value at their right."""
    counts = Counter(column for _, column in grid.listed)
    label_columns = {column for column, count in counts.items() if count >= 2}
    return {
        (row, column): str(grid.cell(row, column))
        for row in range(len(grid.rows))
        for column in _unlisted_in_row(grid, row, label_columns)
    }


def _unlisted_in_row(grid: Grid, row: int, label_columns: set[int]) -> Iterator[int]:
    """Yield them from left to right; what stands right of a label is its value, never a label."""
    value_of = -1
    paired = False
    for column in grid.filled(row):
        if (row, column) in grid.listed:
            value_of, paired = grid.after(row, column), True
            continue
        stands_right = column in label_columns or (paired and _is_likely(str(grid.cell(row, column))))
        if stands_right and column != value_of and _could_be_label(grid, row, column):
            yield column
            value_of, paired = grid.after(row, column), True


def _could_be_label(grid: Grid, row: int, column: int) -> bool:
    cell, beside = grid.cell(row, column), grid.after(row, column)
    if not isinstance(cell, str) or not 2 <= len(cell.strip()) <= _LONGEST_UNLISTED_LABEL:
        return False
    sentence = re.search(r"[，。；！？,;]|\d{3}", cell)
    return not sentence and grid.cell(row, beside) != "" and (row, beside) not in grid.listed


def _is_likely(text: str) -> bool:
    return any(likely_fields(kind, text) for kind in RecordKind)


def _value_beside(
    grid: Grid, labels: dict[tuple[int, int], str], row: int, column: int
) -> tuple[Cell, tuple[int, int]]:
    """Return the cell right of a label, or below it when the label covers its whole row."""
    after = grid.after(row, column)
    if after < len(grid.rows[row]) and (row, after) not in labels:
        return _whole_answer(grid, labels, row, after), (row, after)
    below = grid.below(row, column)
    alone = len(grid.filled(row)) == 1
    if alone and below < len(grid.rows) and (below, column) not in labels:
        return grid.cell(below, column), (below, column)
    return "", (row, column)


_BOX = re.compile(r"[□☐☑☒✓✔√■]")
_UNIT = re.compile("[百千]?[万亿]?元|个?月|年")


def _with_lines_below(grid: Grid, labels: dict[tuple[int, int], str], row: int, column: int) -> Cell:
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


def _whole_answer(grid: Grid, labels: dict[tuple[int, int], str], row: int, column: int) -> Cell:
    """Return a value with what belongs to it in the next cells: words behind a box, the unit of a number."""
    first = _with_lines_below(grid, labels, row, column)
    rest = [place for place in grid.filled(row) if place > column]
    texts = [str(grid.cell(row, place)).strip() for place in rest]
    if isinstance(first, str) and _BOX.fullmatch(first.strip()):
        upto = next((at for at, place in enumerate(rest) if (row, place) in labels), len(rest))
        return " ".join([first.strip(), *texts[:upto]])
    if (
        re.fullmatch(r"[\d.,]+", str(first))
        and texts
        and _UNIT.fullmatch(texts[0])
        and (row, rest[0]) not in labels
    ):
        return f"{int(first) if isinstance(first, float) and first.is_integer() else first}{texts[0]}"
    return first


def labels_above(grid: Grid) -> list[Pair]:
    """Return the pairs of a sheet in which each row of labels has one row of values below it.

    A header that comes again on every page is none: at least two rows of labels must differ.
    """
    rows = [row for row in range(len(grid.rows)) if _is_label_row(grid, row)]
    if not rows or len({tuple(grid.rows[row]) for row in rows}) < 2 or not _alternates(grid, rows):
        return []
    pairs = []
    for row in rows:
        for column in grid.filled(row):
            spot = (grid.below(row, column), column)
            pairs.append(Pair(label=str(grid.cell(row, column)), value=grid.cell(*spot), spot=spot))
    return pairs


def _is_label_row(grid: Grid, row: int) -> bool:
    columns = grid.filled(row)
    return bool(columns) and all((row, column) in grid.listed for column in columns)


def _alternates(grid: Grid, label_rows: list[int]) -> bool:
    """Whether each row of labels has a row of values below it, and all others are lines or signatures."""
    if not any(len(grid.filled(row)) >= 2 for row in label_rows):
        return False
    values = {grid.below(row, grid.filled(row)[0]) for row in label_rows}
    if values & set(label_rows) or max(values) >= len(grid.rows):
        return False
    left = (row for row in range(len(grid.rows)) if row not in values and row not in label_rows)
    fits = all(
        set(grid.filled(value)) <= set(grid.filled(row))
        for row in label_rows
        for value in [grid.below(row, grid.filled(row)[0])]
    )
    return fits and all(len(grid.filled(row)) <= 1 or _is_signature(grid, row) for row in left)


_SIGNATURE = re.compile(
    r"\s*[^：:]{0,12}(?:签字|签名|盖章|公章|填表人|制表人|审核人?|经办人|日期)[^：:]{0,6}[)）]?\s*(?:[：:].*)?",
    re.DOTALL,
)


def _is_signature(grid: Grid, row: int) -> bool:
    """Whether a row is the foot of a form: 负责人签字：, （盖章）."""
    return all(_SIGNATURE.fullmatch(str(grid.cell(row, column))[:60]) for column in grid.filled(row))


def labels_inside(grid: Grid) -> list[Pair]:
    """Return the pairs of a sheet whose cells say 名称：内容, several lines of them or one."""
    if not any(True for row in range(min(_FIRST_ROWS, len(grid.rows))) for _ in _labelled_cells(grid, row)):
        return []
    found = [pair for row in range(len(grid.rows)) for pair in _labelled_cells(grid, row)]
    filled = sum(len(grid.filled(row)) for row in range(len(grid.rows)))
    cells = {pair.spot for pair in found}
    rows = {row for row, _ in cells}
    enough = len(found) >= _FEWEST_LABELS and len(rows) >= 2 and len(cells) * 2 >= filled
    answered = sum(bool(str(pair.value).strip()) for pair in found)  # else the values stand beside
    return found if enough and answered * 2 >= len(found) else []


def _labelled_cells(grid: Grid, row: int) -> Iterator[Pair]:
    for column in grid.filled(row):
        text = grid.cell(row, column)
        if isinstance(text, str):
            for label, value in _labelled_lines(text):
                yield Pair(label=label, value=value, spot=(row, column))


def written(value: str) -> str:
    """Return what was written on a line of a form, without the line."""
    return _LINE_LEFT.sub("", _FILLING.sub("", value))


def _unframed(line: str) -> str:
    """Return a line with 【技术指标】 as 技术指标：, where the frame holds a listed label."""
    if not _FRAMED.search(line):
        return line
    return _FRAMED.sub(lambda found: f"  {found[1]}：" if is_known(found[1]) else found[0], line).strip()


def labelled_parts(line: str) -> list[tuple[str, str]]:
    """Return the labels of a line like 联系人：张三  联系电话：138… with their values."""
    whole = _LABELLED.fullmatch(_unframed(line))
    if whole is None:
        return []
    parts = []
    label, rest = whole[1], whole[2]
    for found in _NEXT_LABEL.finditer(whole[2]):
        if is_known(found[1]):
            value = whole[2][len(whole[2]) - len(rest) : found.start()]
            parts.append((label, written(value)))
            label, rest = found[1], whole[2][found.end() :]
    return [*parts, (label, rest)]


def _labelled_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield each known label at the start of a line with all that follows up to the next."""
    label, value = "", ""
    for line in text.splitlines():
        found = labelled_parts(line)
        if found and (is_known(found[0][0]) or (label and _is_likely(found[0][0]))):
            if label:
                yield label, written(value)
            yield from found[:-1]
            label, value = found[-1]
        else:
            value += "\n" + line
    if label:
        yield label, written(value)
