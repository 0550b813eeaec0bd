"""Labels and their values in a form: beside each other, above each other, or in one cell."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from matchmaker.files.form_answers import Labels, is_tick, value_beside
from matchmaker.files.form_cells import Grid, Pair, heads_others
from matchmaker.files.form_lines import is_likely, labelled_lines, labelled_parts
from matchmaker.files.headers import SERIAL_HEADERS, clean_header, is_known, names_title
from matchmaker.files.leftovers import is_hint, written_across
from matchmaker.files.row_judge import is_unit

_LONGEST_UNLISTED_LABEL = 24
_LONGEST_HEAD = 12
_FEWEST_LABELS = 3
_LABELS_TO_A_ROW = 4
_FIRST_ROWS = 20


def labels_beside(grid: Grid) -> list[Pair]:
    """Return the pairs of a sheet whose labels stand left of their values; none when it has none.

    Labels that no list has count where listed ones stand: a question on the paper is lost otherwise.
    """
    labels = dict(grid.listed)
    if _holds_a_list(grid):
        return []
    if not _looks_like_forms(grid, labels):
        if not _has_anchors(grid):
            return []
        labels |= _unlisted(grid)
        if not _looks_like_forms(grid, labels):
            return []
    labels |= _unlisted(grid)
    heads = dict(_heads(grid, labels))
    groups = _groups(grid, labels, heads)
    pairs = [
        Pair(label=labels[place], group=groups.get(place, ""), value=value, spot=spot)
        for place in sorted(labels)
        if place not in heads
        for value, spot in [value_beside(grid, labels, *place)]
        if value != "" or not _heads_rows(grid, place)
    ]
    told = [part for pair in pairs for part in spread(pair)]
    return sorted([*told, *_labelled_between(grid, labels, groups, pairs)], key=lambda pair: pair.spot)


def _holds_a_list(grid: Grid) -> bool:
    """Whether a firm's data stand above a list of its needs: 序号, 需求名称, 需求内容 over rows of them.

    Lists in a form about something else, as of an expert's achievements, are part of its answers.
    """
    named = {
        place for place, text in grid.listed.items() if names_title(text) or clean_header(text) in _NAMES
    }
    rows = {row for row, _ in named}
    return len(rows) == 1 and _heads_list(grid, rows.pop(), named)


def _heads_list(grid: Grid, row: int, named: set[tuple[int, int]]) -> bool:
    columns = grid.filled(row)
    counted = clean_header(str(grid.cell(row, columns[0]))) in SERIAL_HEADERS
    heads = columns[1:] if counted else columns
    if len(named) > 1 or len(heads) < 2 or not all((row, at) in grid.listed for at in heads):
        return False
    below = 0
    for told in map(grid.filled, range(row + 1, len(grid.rows))):
        at = row + 1 + below
        if (
            len(told) < 2
            or not set(told) <= set(columns)
            or any((at, column) in grid.listed for column in told)
        ):
            break
        below += 1
    return below >= (1 if counted else 2)


def _heads_rows(grid: Grid, place: tuple[int, int]) -> bool:
    """Whether a label without an answer is the heading of what stands below: merged over the whole width."""
    merge = grid.merges.get(place)
    return merge is not None and merge.first_column == 0 and merge.last_column >= max(grid.used)


def spread(pair: Pair) -> list[Pair]:
    """Return the labels and values written in one answer: 姓名：张三 手机：138… beside 联系人信息."""
    text = pair.value
    if not isinstance(text, str) or not heads_others(pair.label):
        return [pair]
    parts = list(labelled_lines(text))
    if len(parts) < 2 or not text.lstrip().startswith(parts[0][0]):
        return [pair]
    group = f"{pair.group}{pair.label}"
    return [Pair(label=label, group=group, value=value, spot=pair.spot) for label, value in parts]


def _labelled_between(grid: Grid, labels: Labels, groups: Labels, pairs: list[Pair]) -> Iterator[Pair]:
    """Yield the pairs of cells that say 手机：138… by themselves, right of other labels or below them."""
    taken = {pair.spot for pair in pairs} | set(labels) | grid.inside
    for row in range(len(grid.rows)):
        group = ""
        for column in grid.filled(row):
            group = groups.get((row, column), group)
            text = grid.cell(row, column)
            free = (row, column) not in taken and column not in grid.explained
            if free and isinstance(text, str) and not is_hint(text):
                for label, value in labelled_lines(text):
                    yield Pair(label=label, group=group, value=value, spot=(row, column))


_NAMES = ("姓名", "名字")


def _groups(grid: Grid, labels: Labels, heads: Labels) -> dict[tuple[int, int], str]:
    """Return the labels right of one that stands over several, with that one's text: 联系人 of 姓名 and 手机.

    It is merged over their rows, or 姓名 stands right of it; the next such label begins another group.
    """
    rows = {place: _rows_of(grid, place) for place in heads}
    return {
        (row, column): written_across(text)
        for place, text in sorted(heads.items())
        for row, column in labels
        if row in rows[place] and column > place[1]
        if not any(row in rows[other] and place[1] < other[1] <= column for other in heads)
    }


def _heads(grid: Grid, labels: Labels) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the labels that head others: merged over their rows, or whatever stands left of 姓名.

    What is merged over rows of labels at the left edge heads them, though no list has it: 企业概况.
    """
    for place, span in grid.merges.items():
        head, edge = grid.cell(*place), grid.filled(place[0])[:1] == [place[1]]
        upright = edge and span.last_row > span.first_row and grid.right_of(place) in labels
        if upright and isinstance(head, str) and len(written_across(head)) <= _LONGEST_HEAD:
            yield place, head
    yield from _heads_of_one_row(grid, labels)
    for (row, column), text in labels.items():
        merge = grid.merges.get((row, column))
        if merge is not None and merge.last_row > merge.first_row and grid.right_of((row, column)) in labels:
            yield (row, column), text
        left = next((at for at in reversed(grid.filled(row)) if at < column), None)
        if clean_header(text) in _NAMES and left is not None and (row, column) == grid.right_of((row, left)):
            head = grid.cell(row, left)
            if isinstance(head, str) and len(head) <= _LONGEST_UNLISTED_LABEL:
                yield (row, left), head


def _heads_of_one_row(grid: Grid, labels: Labels) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield what stands over one row of labels in the column of those that are merged over several."""
    columns = {column for row, column in grid.merges if _stands_over(grid, row, column)}
    for row in range(len(grid.rows)):
        edge = next(iter(grid.filled(row)), -1)
        if edge in columns and grid.below(row, edge) == row + 1 and grid.right_of((row, edge)) in labels:
            head = grid.cell(row, edge)
            if isinstance(head, str) and len(written_across(head)) <= _LONGEST_HEAD:
                yield (row, edge), head


def _rows_of(grid: Grid, place: tuple[int, int]) -> range:
    return range(place[0], grid.below(*place))


def _looks_like_forms(grid: Grid, labels: dict[tuple[int, int], str]) -> bool:
    """Whether labels run down the sheet with values beside them."""
    rows = Counter(row for row, _ in labels)
    if _is_short_part(grid, rows):
        return True
    if len(rows) < _FEWEST_LABELS or max(rows.values()) > _LABELS_TO_A_ROW:
        return False
    answered = sum(_is_answered(grid, labels, place) for place in labels)
    rows_filled = (
        len(set(grid.filled(row)) - grid.explained) for row in range(len(grid.rows)) if row not in grid.guides
    )
    filled = sum(rows_filled) - len(grid.inside)
    return answered * 2 >= len(labels) and len(labels) * 4 >= filled


def _is_short_part(grid: Grid, rows: Mapping[int, int]) -> bool:
    """Whether a table is two rows of one or two labels, an answer behind each: a part of a form."""
    if len(grid.rows) != 2 or len(rows) != 2:
        return False
    columns = [grid.filled(row) for row in rows]
    alternate = (
        len(at) in (2, 4)
        and [(row, column) in grid.listed for column in at] == [True, False] * (len(at) // 2)
        for row, at in zip(rows, columns, strict=True)
    )
    return all(alternate) and columns[0] == columns[1]


def _is_answered(grid: Grid, labels: Labels, place: tuple[int, int]) -> bool:
    """Whether a label has an answer as forms have it; labels side by side over answers are lists, too."""
    value, spot = value_beside(grid, labels, *place)
    return value != "" and (spot[0] == place[0] or len(grid.filled(place[0])) == 1)


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
    heads = {place for place in grid.merges if _stands_over(grid, *place)}
    headed = {(row, grid.after(*place)) for place in heads for row in _rows_of(grid, place)}
    return {
        (row, column): str(grid.cell(row, column))
        for row in range(len(grid.rows))
        if row not in grid.guides
        for column in _unlisted_in_row(grid, row, label_columns, heads, headed)
    }


def _unlisted_in_row(
    grid: Grid, row: int, label_columns: set[int], heads: set[tuple[int, int]], headed: set[tuple[int, int]]
) -> Iterator[int]:
    """Yield them from left to right; what stands right of a label is its value, never a label.

    `heads` stand over labels and are none, those that begin right of them (`headed`) are.
    """
    value_of = -1
    paired = False
    for column in grid.filled(row):
        if (row, column) in grid.inside:
            continue
        if (row, column) in heads:
            continue
        if (row, column) in grid.listed:
            value_of, paired = grid.after(row, column), True
            continue
        stands_right = (
            column in label_columns
            or (row, column) in headed
            or (paired and is_likely(str(grid.cell(row, column))))
        )
        if stands_right and column != value_of and _could_be_label(grid, row, column):
            yield column
            value_of, paired = grid.after(row, column), True


def _stands_over(grid: Grid, row: int, column: int) -> bool:
    """Whether a cell at the left edge is merged over rows of labels, so that none of them is its value."""
    rows = _rows_of(grid, (row, column))
    if len(rows) < 2 or rows[-1] >= len(grid.rows) or grid.filled(row)[:1] != [column]:
        return False
    beside = grid.after(row, column)
    if any((below, beside) in grid.listed for below in rows):
        return True
    upright = written_across(text := str(grid.cell(row, column))) != text
    return upright and all(len([at for at in grid.filled(below) if at >= beside]) >= 2 for below in rows)


def _could_be_label(grid: Grid, row: int, column: int) -> bool:
    cell, beside = grid.cell(row, column), grid.after(row, column)
    if not isinstance(cell, str) or not 2 <= len(cell.strip()) <= _LONGEST_UNLISTED_LABEL:
        return False
    if not re.search(r"[^\W\d]", cell) or is_unit(cell):
        return False  # an amount and its unit
    if _heads_its_answer(grid, row, column):
        return True
    asked = cell.strip().rstrip("?？") if is_likely(cell) else cell
    sentence = re.search(r"[，。；！？,;]|\d{3}", asked)
    value = str(grid.cell(row, beside))
    if any(is_known(label) and said.strip() for label, said in labelled_parts(cell)):
        return False  # 填报单位：某某公司 is both
    if {(row - 1, column), (row - 1, beside)} <= grid.listed.keys():
        return False  # 张三 below 联系人, with 电话 beside it
    return not sentence and value != "" and not is_tick(value) and (row, beside) not in grid.listed


_COUNTED = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}|\d{1,2})[、.．]|[(（][一二三四五六七八九十\d]{1,2}[)）]"
)


def _heads_its_answer(grid: Grid, row: int, column: int) -> bool:
    """Whether a counted line has its answer in the next row, as listed ones have: 五、时间要求."""
    if not _COUNTED.match(str(grid.cell(row, column)).strip()) or not _is_alone_above(grid, row, column):
        return False
    others = (at for at in grid.listed if at[1] == column and _COUNTED.match(grid.listed[at].strip()))
    return sum(_is_alone_above(grid, *at) for at in others) >= 2


def _is_alone_above(grid: Grid, row: int, column: int) -> bool:
    """Whether a cell has its row to itself, and so has a text below it that is no label."""
    below = grid.below(row, column)
    return (
        grid.filled(row) == [column]
        and below < len(grid.rows)
        and grid.filled(below) == [column]
        and (below, column) not in grid.listed
        and not _COUNTED.match(str(grid.cell(below, column)).strip())
    )


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
    return fits and all(len(grid.filled(row)) <= 1 or is_signature(grid, row) for row in left)


_DATE_LINE = re.compile(r"\s*(?:\d{4})?\s*年\s*\d{0,2}\s*月\s*\d{0,2}\s*日\s*")
_SIGNATURE = re.compile(
    _DATE_LINE.pattern
    + r"|\s*[^：:]{0,12}(?:签字|签名|盖章|公章|填表人|制表人|审核人?|经办人|日期)[^：:]{0,6}[)）]?"
    r"\s*(?:[：:].*)?",
    re.DOTALL,
)


def is_date_line(text: str) -> bool:
    """Whether a text is but the place of a date, filled in or not: 年 月 日."""
    return bool(_DATE_LINE.fullmatch(text))


def is_signature(grid: Grid, row: int) -> bool:
    """Whether a row is the foot of a form: 负责人签字：, （盖章）."""
    return all(_SIGNATURE.fullmatch(str(grid.cell(row, column))[:60]) for column in grid.filled(row))
