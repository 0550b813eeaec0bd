"""Amounts whose unit stands in a column of its own: 35 beside 万元."""

from collections.abc import Mapping, Sequence

from matchmaker.domain.parsed import plain_text
from matchmaker.domain.values import unit_of_header
from matchmaker.files import evidence
from matchmaker.files.book import Cell
from matchmaker.files.findings import Column
from matchmaker.files.headers import Field, clean_header

_HEADERS = frozenset({"单位", "计量单位", "金额单位", "资金单位", "货币单位"})


def units_beside(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], known: Mapping[str, Field]
) -> dict[int, int]:
    """Return column of amounts → column of their units: the nearest one, for amounts that name none."""
    units = [column.index for column in columns if not column.fields and _holds_units(column, rows)]
    bare = [
        column.index
        for column in columns
        if column.fields and known[column.fields[0]].type == "money" and unit_of_header(column.header) is None
    ]
    pairs: dict[int, int] = {}
    for unit in units if bare else ():
        nearest = min(bare, key=lambda money: (abs(money - unit), money > unit))
        pairs[nearest] = unit
    return pairs


def _holds_units(column: Column, rows: Sequence[Sequence[Cell]]) -> bool:
    if clean_header(column.header) not in _HEADERS:
        return False
    said = evidence.filled([row[column.index] for row in rows if column.index < len(row)])
    return bool(said) and all(unit_of_header(plain_text(cell)) is not None for cell in said)


def with_units(cells: list[Cell], pairs: Mapping[int, int]) -> list[Cell]:
    """Return a row in which each bare amount is followed by its unit."""
    joined = list(cells)
    for money, unit in pairs.items():
        if max(money, unit) < len(cells) and _is_bare(cells[money]) and cells[unit] != "":
            joined[money] = f"{plain_text(cells[money])}{plain_text(cells[unit])}"
    return joined


def _is_bare(cell: Cell) -> bool:
    text = plain_text(cell)
    return text[-1:].isdigit() and unit_of_header(text) is None
