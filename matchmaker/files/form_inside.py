"""Labels and their values in one cell of a form, 名称：内容, alone or among labels beside their answers."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from matchmaker.files.form_answers import value_beside
from matchmaker.files.form_cells import Grid, Pair, asks_for_text
from matchmaker.files.form_grid import is_signature
from matchmaker.files.form_lines import labelled_lines, labelled_parts, written
from matchmaker.files.leftovers import is_hint
from matchmaker.files.row_judge import is_note

_FEWEST_LABELS = 3
_FIRST_ROWS = 20


def labels_inside(grid: Grid) -> list[Pair]:
    """Return the pairs of a sheet whose cells say 名称：内容, several lines of them or one."""
    if not any(True for row in range(min(_FIRST_ROWS, len(grid.rows))) for _ in _labelled_cells(grid, row)):
        return []
    found: list[Pair] = []
    for row in range(len(grid.rows)):
        pairs = list(_labelled_cells(grid, row))
        if pairs or not found or not _goes_on(grid, row, found[-1]):
            found += pairs
            continue
        text = str(grid.cell(row, found[-1].spot[1]))
        found[-1] = replace(found[-1], value=f"{found[-1].value}\n{text}".strip())
    filled = sum(len(grid.filled(row)) for row in range(len(grid.rows)))
    cells = {pair.spot for pair in found}
    rows = {row for row, _ in cells}
    enough = len(found) >= _FEWEST_LABELS and len(rows) >= 2 and len(cells) * 2 >= filled
    answered = sum(bool(str(pair.value).strip()) for pair in found)
    beside = any((row, column) not in cells for row in rows for column in grid.filled(row))
    told = answered * 2 >= len(found) if beside else answered  # else the values stand beside
    if not (enough and told):
        return []
    found += _beside(grid, rows)
    taken = {pair.spot for pair in found}
    return sorted([*found, *_unlisted_inside(grid, taken)], key=lambda pair: pair.spot)


def labels_mixed(grid: Grid) -> list[Pair]:
    """Return the pairs of a sheet with labels beside their answers and labels in one cell with them."""
    found = cells_inside(grid)
    cells = {pair.spot for pair in found}
    rows = {row for row, _ in cells}
    beside = _beside(grid, rows)
    filled = sum(len(grid.filled(row)) for row in range(len(grid.rows)))
    enough = len(cells) >= _FEWEST_LABELS and len(rows) >= _FEWEST_LABELS and bool(beside)
    if not enough or (len(cells) + 2 * len(beside)) * 2 < filled:
        return []
    taken = cells | {pair.spot for pair in beside}
    return sorted([*found, *beside, *_unlisted_inside(grid, taken)], key=lambda pair: pair.spot)


def _beside(grid: Grid, rows: Collection[int]) -> list[Pair]:
    """Return the listed labels in other rows than these with what stands beside them."""
    answers = ((text, value_beside(grid, grid.listed, *place)) for place, text in grid.listed.items())
    return [
        Pair(label=text, value=value, spot=spot)
        for text, (value, spot) in answers
        if value != "" and spot[0] not in rows and spot not in grid.listed
    ]


def _unlisted_inside(grid: Grid, taken: Collection[tuple[int, int]]) -> Iterator[Pair]:
    """Yield what cells say as 可提供条件：……, by labels that no list has, where others say 企业名称：……."""
    for row in range(min(row for row, _ in taken), len(grid.rows)):
        for column in grid.filled(row):
            text = grid.cell(row, column)
            if (
                (row, column) in taken
                or not isinstance(text, str)
                or is_note(text)
                or is_signature(grid, row)
            ):
                continue
            for label, value in labelled_parts(text):
                if value.strip() and not is_hint(value):
                    yield Pair(label=label, value=written(value), spot=(row, column))


def cells_inside(grid: Grid) -> list[Pair]:
    """Return the known labels of all cells that say 名称：内容, answered or not."""
    return [pair for row in range(len(grid.rows)) for pair in _labelled_cells(grid, row)]


def _goes_on(grid: Grid, row: int, above: Pair) -> bool:
    """Whether a row holds but one text, below an answer of several lines: the next of its lines."""
    text = grid.cell(row, above.spot[1])
    alone = grid.filled(row) == [above.spot[1]] and isinstance(text, str)
    ended = row and not grid.filled(row - 1)
    return (
        alone
        and not ended
        and asks_for_text(above.label)
        and not is_signature(grid, row)
        and not is_note(str(text))
    )


def _labelled_cells(grid: Grid, row: int) -> Iterator[Pair]:
    for column in grid.filled(row):
        text = grid.cell(row, column)
        if isinstance(text, str):
            for label, value in labelled_lines(text):
                yield Pair(label=label, value=value, spot=(row, column))
