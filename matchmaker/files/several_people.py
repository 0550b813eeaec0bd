"""Cells of a list of people that name several: 柏林、苏木 with two telephones are two people of one firm."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from matchmaker.domain.parsed import plain_text
from matchmaker.domain.persons import (
    is_bare_name,
    name_and_title,
    person_name,
    split_contact,
    without_others,
    without_remark,
)
from matchmaker.domain.values import PHONE
from matchmaker.files.book import Cell, Spot
from matchmaker.files.findings import Column
from matchmaker.files.layout import Body

_APART = re.compile(r"\s*[、，,;；\n\r/／]+\s*")
_MAY_BE_SEVERAL = re.compile(r"[、，,;；\n\r/／]|[一-鿿]{2}\s+[一-鿿]{2}")
_BLANKS_APART = re.compile(r"[一-鿿·]{2,4}(?:\s+[一-鿿·]{2,4})+")
# 张三/Zhang San is one
_TWO_SCRIPTS = re.compile(r"[一-鿿·]+\s*[/／]\s*[A-Za-z.' -]+|[A-Za-z.' -]+[/／]\s*[一-鿿·]+")
_LONGEST = 200
# What each of several people has of their own, where as many stand in the cell.
_OF_EACH = frozenset({"position", "title_level", "department", "email", "gender", "role"})


def part_people(
    rows: Sequence[Body], columns: Sequence[Column]
) -> tuple[list[Body], dict[int, tuple[str, ...]]]:
    """Return the rows with one person to a row, and the names that a row held by its number from 0.

    Numbers, positions and addresses go to the people in their order where there are as many, numbers with
    names beside them to these; other numbers stay with the first, for nobody else may be called by them. All
    other cells say the same of each.
    """
    by_field = {column.fields[0]: column for column in columns if column.fields}
    naming = by_field.get("name")
    if naming is None:
        return list(rows), {}
    parted: list[Body] = []
    several: dict[int, tuple[str, ...]] = {}
    for row in rows:
        cell = row.cells[naming.index] if naming.index < len(row.cells) else ""
        pieces = _people_in(cell, with_numbers="mobile" in naming.fields) if _may_hold(cell) else []
        if len(pieces) < 2:
            parted.append(row)
            continue
        several[row.row] = tuple(without_remark(split_contact(piece)[0])[0] for piece in pieces)
        parted += _one_by_one(row, naming.index, pieces, by_field)
    return parted, several


def _may_hold(cell: Cell) -> bool:
    return isinstance(cell, str) and 4 < len(cell) <= _LONGEST and bool(_MAY_BE_SEVERAL.search(cell))


def _people_in(cell: Cell, *, with_numbers: bool) -> list[str]:
    text = without_others(str(cell).strip())
    if _TWO_SCRIPTS.fullmatch(text):
        return []
    apart = _BLANKS_APART.fullmatch(text) and " " in person_name(text)  # 慕容 雪飞 is one
    pieces = text.split() if apart else [one for one in _APART.split(text) if one]
    named = all(map(_is_person, pieces))
    return pieces if named or (with_numbers and all(all(split_contact(piece)) for piece in pieces)) else []


def _is_person(text: str) -> bool:
    """Whether a piece is a whole name: Smith, John is one of a single person."""
    name = name_and_title(without_remark(text)[0])[0]
    return is_bare_name(name) and (not name.isascii() or " " in name)


def _one_by_one(row: Body, naming: int, pieces: Sequence[str], by_field: dict[str, Column]) -> Iterator[Body]:
    own: dict[int, Sequence[Cell]] = {naming: pieces}
    for field, column in by_field.items():
        if column.index == naming or column.index >= len(row.cells):
            continue
        if parts := _parts_of(field, row.cells[column.index], pieces):
            own[column.index] = parts
    spots = row.spots or {naming: Spot(row.row, naming)}
    for number in range(len(pieces)):
        cells = list(row.cells)
        for index, parts in own.items():
            cells[index] = parts[number]
        yield replace(row, cells=cells, spots=spots, shares_row=True)


def _parts_of(field: str, cell: Cell, people: Sequence[str]) -> Sequence[Cell]:
    """Return what a cell says of each of several people; nothing where it says the same of all."""
    if cell == "":
        return ()
    count = len(people)
    if field == "mobile":
        text = plain_text(cell)
        if beside := _beside_names(text, people):
            return beside
        numbers = [found[0].strip() for found in PHONE.finditer(text)]
        return numbers if len(numbers) == count else [cell, *[""] * (count - 1)]
    if field not in _OF_EACH:
        return ()
    parts = [one for one in _APART.split(plain_text(cell)) if one]
    if len(parts) == count:
        return parts
    return [cell, *[""] * (count - 1)] if field == "email" else ()


def _beside_names(text: str, people: Sequence[str]) -> Sequence[Cell]:
    """Return the numbers that stand behind the names of people, or before them; nothing if others do."""
    names = [name_and_title(without_remark(one)[0])[0] for one in people]
    found = list(PHONE.finditer(text))
    if not any(name in text for name in names):
        return ()
    ends = [0, *(one.end() for one in found)]
    starts = [*(one.start() for one in found), len(text)]
    between = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    for told in (between[:-1], between[1:]):
        owners = [[name for name in names if name in words] for words in told]
        if all(len(named) == 1 for named in owners):
            owned = zip(owners, found, strict=True)
            told_of = [(named[0], one[0].strip()) for named, one in owned]
            return ["、".join(number for name, number in told_of if name == wanted) for wanted in names]
    return ()
