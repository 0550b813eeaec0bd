"""Rows that hold several things: 技术需求1, 技术需求2 beside each other, maybe with columns of their own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from matchmaker.files.book import Spot
from matchmaker.files.headers import (
    SERIAL_HEADERS,
    RecordKind,
    clean_header,
    fields,
    look_up,
    names_title,
    said_in_full,
)
from matchmaker.files.layout import Body, Header, RawTable, is_blank

_COUNT = re.compile(
    r"第?[(（]?(?<!\d)(?:([1-9]|1\d)|([一二三四五六七八九十]))(?!\d|级|次|期)[)）]?(?:[项条个](?!级))?"
)
_LONGEST = 30
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbered:
    """A header that counts: 技术需求2 is the second of 技术需求."""

    header: Header
    bare: tuple[str, ...]
    number: int


def split_repeated(table: RawTable) -> None:
    """Make a row of each thing that stands in a row, where headers count them from 1 on.

    All other columns say the same of each. The first column of each name keeps its place and loses its
    number; cells of the others are moved there and keep their addresses.
    """
    sets = _sets(table.headers)
    if not sets:
        return
    first = {key: found for own in reversed(sets) for key, found in own.items()}
    bare = {found.header.index: found.bare for found in first.values()}
    others = {found.header.index for own in sets for found in own.values()} - bare.keys()
    table.several = tuple(own["title"].header.text for own in sets if "title" in own)
    ids = _columns_of_ids(table.headers) - others
    table.headers = tuple(
        Header(
            index=header.index,
            parts=bare.get(header.index, ("",) if header.index in others else header.parts),
        )
        for header in table.headers
    )
    moves = [{found.header.index: first[key].header.index for key, found in later.items()} for later in sets]
    table.body = [one for row in table.body for one in _split(row, moves, ids)]


def _sets(headers: Sequence[Header]) -> list[dict[str, _Numbered]]:
    """Return the columns of each thing by what they name, the title under "title"; none for one thing."""
    numbered = [found for header in headers if (found := _numbered(header)) is not None]
    title = next((found.bare for found in numbered if _is_title(found.bare)), None)
    title = title or next((found.bare for found in numbered if _is_text(found.bare)), None)
    if title is None or any(_is_title(header.parts) for header in headers if _numbered(header) is None):
        return []
    sets: list[dict[str, _Numbered]] = []
    names = {found.bare for found in numbered if found.bare == title or _goes_with(found.bare)}
    for number in range(1, len(numbered) + 1):
        own = {
            "title" if found.bare == title else "/".join(found.bare): found
            for found in numbered
            if found.number == number and found.bare in names
        }
        if "title" not in own and (len(sets) < 2 or not own):
            break
        sets.append(own)
    return sets if len(sets) > 1 else []


def _numbered(header: Header) -> _Numbered | None:
    for level, written in enumerate(header.parts):
        part = "".join(written.split())
        if len(part) > _LONGEST:
            continue
        found = _COUNT.search(part)
        rest = (part[: found.start()] + part[found.end() :]).strip() if found else ""
        if found is None or not rest:
            continue
        parts = (*header.parts[:level], rest, *header.parts[level + 1 :])
        number = int(found[1]) if found[1] else _NUMERALS.index(found[2]) + 1
        return _Numbered(header=header, bare=_in_one(parts), number=number)
    return None


def _in_one(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return 需求名称 for 名称 under 需求, for the number that parted the groups is gone."""
    joined = said_in_full(parts[-2], parts[-1]) if len(parts) > 1 else parts[-1]
    return (*parts[:-1], joined)


def _is_title(parts: tuple[str, ...]) -> bool:
    return names_title(parts[-1])


def _is_text(parts: tuple[str, ...]) -> bool:
    """Whether a column holds the text of a need, which may be all that is said of it."""
    return look_up(RecordKind.NEED, parts)[:1] == ("problem",)


_OF_THE_FIRM = frozenset({"phone", "person", "person_list", "email"})


def _goes_with(parts: tuple[str, ...]) -> bool:
    """Whether a numbered column may tell of one thing: 需求描述1; a second telephone is the firm's."""
    named = [fields(kind)[name].type for kind in RecordKind for name in look_up(kind, parts)[:1]]
    return _OF_THE_FIRM.isdisjoint(named)


def _columns_of_ids(headers: Sequence[Header]) -> set[int]:
    """Return the columns that number the rows: what a row numbers once are not several things."""
    return {
        header.index
        for header in headers
        if clean_header(header.parts[-1]) in SERIAL_HEADERS
        or any(
            fields(kind)[name].type == "id" for kind in RecordKind for name in look_up(kind, header.parts)[:1]
        )
    }


def _split(row: Body, moves: Sequence[dict[int, int]], ids: set[int]) -> list[Body]:
    own = {column for move in moves for column in move}
    shared = ["" if column in own else cell for column, cell in enumerate(row.cells)]
    made: list[Body] = []
    for move in moves:
        filled = {
            column: place
            for column, place in move.items()
            if column < len(row.cells) and not is_blank(row.cells[column])
        }
        if not filled:
            continue
        cells = ["" if made and column in ids else cell for column, cell in enumerate(shared)]
        for column, place in filled.items():
            cells[place] = row.cells[column]
        moved = {place: Spot(row.row, column) for column, place in move.items() if column != place}
        made.append(Body(row=row.row, cells=cells, spots=moved or row.spots, shares_row=True))
    return made or [row]
