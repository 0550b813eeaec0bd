"""Filled-in forms: sheets and Word tables where a label stands beside its value, one record to a form."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from matchmaker.files.bands import beside_each_other
from matchmaker.files.book import Cell, Sheet, Spot
from matchmaker.files.form_cells import TOP_ROWS, Grid, Pair
from matchmaker.files.form_grid import (
    is_date_line,
    is_signature,
    labels_above,
    labels_beside,
    spread,
)
from matchmaker.files.form_inside import cells_inside, labels_inside, labels_mixed
from matchmaker.files.form_lines import written
from matchmaker.files.form_owners import with_owners
from matchmaker.files.form_rest import said_beside
from matchmaker.files.headers import RecordKind, clean_header, is_known, look_up, names_title, said_in_full
from matchmaker.files.layout import Body, Header, RawTable
from matchmaker.files.leftovers import is_hint, without_frame, without_hint
from matchmaker.files.row_judge import is_note, is_of_template, is_unit
from matchmaker.files.ticks import ticked

_FEWEST_LABELS = 3
_LONGEST_FORM = 200
_NAMED_KINDS = (RecordKind.NEED, RecordKind.ACHIEVEMENT)
_WIDEST_FORM = 100  # columns; forms drawn on squared paper have some dozens


@dataclass(slots=True)
class _Form:
    """The labels of one form in order, each with its value and where that stands."""

    labels: list[tuple[str, ...]] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    spots: list[tuple[int, int]] = field(default_factory=list)

    def add(self, pair: Pair) -> None:
        self.labels.append((pair.group, pair.label) if pair.group else (pair.label,))
        self.cells.append(_answered(pair.value) if isinstance(pair.value, str) else pair.value)
        self.spots.append(pair.spot)


def _answered(value: str) -> str:
    """Return what somebody wrote, without the hint, the frame or the line that was printed there."""
    answer = without_frame(without_hint(value))
    return written(answer) if "__" in answer and "@" not in answer else answer


def find_forms(sheet: Sheet) -> list[RawTable]:
    """Return the forms of a sheet as one table per layout: labels as its header, one row per form.

    A sheet is read as forms when its known labels stand below each other, at most four to a row,
    rather than side by side in one header row; when each row of labels has one row of values below;
    or when its cells say 名称：内容. None when it is not laid out so.
    """
    tables: dict[tuple[tuple[str, ...], ...], RawTable] = {}
    for part in beside_each_other(sheet):
        pairs = with_owners(_pairs(part))
        for form in _forms(pairs):
            _file(form, sheet, tables)
        if tables:
            list(tables.values())[-1].beside += said_beside(part, pairs)
    return list(tables.values())


def _pairs(sheet: Sheet) -> list[Pair]:
    """Return the labels of a sheet with their values; of a long one the top tells whether it holds forms."""
    if sheet.labelled:
        return list(_lines(sheet))
    if max(map(len, sheet.rows), default=0) > _WIDEST_FORM:
        return []
    grid = Grid(sheet, top=True)
    for labels in (labels_inside, labels_above, labels_beside, labels_mixed):
        if found := labels(grid):
            if labels is labels_above and _are_lists(found):
                return []
            return labels(Grid(sheet)) if len(sheet.rows) > TOP_ROWS else found
    return []


def _are_lists(pairs: list[Pair]) -> bool:
    """Whether one row of labels names a need and another an achievement: short lists below each other."""
    named: dict[int, set[RecordKind]] = {}
    for pair in pairs:
        kinds = {kind for kind in _NAMED_KINDS if "title" in look_up(kind, (pair.label,))}
        named.setdefault(pair.spot[0], set()).update(kinds)
    titled = [kinds for kinds in named.values() if kinds]
    return any(one.isdisjoint(other) for one, other in pairwise(titled))


def _lines(sheet: Sheet) -> Iterator[Pair]:
    """Yield the lines 名称：内容 of a text; 名称 below a line 企业信息： is 企业名称."""
    group = ""
    for row, (label, text) in enumerate(sheet.rows):
        group = str(label) if _is_section(str(label), text) else group
        named = said_in_full(group, str(label)) if group else str(label)
        yield from spread(Pair(label=named, value=text, spot=(row, 1)))


def _is_section(label: str, text: Cell) -> bool:
    """Whether a line without an answer heads the next ones: 企业信息：."""
    return (
        not str(text).strip() and not is_known(label) and bool(re.search("(?:信息|情况|概况|资料)$", label))
    )


def is_blank_form(sheet: Sheet) -> bool:
    """Whether a sheet is a form that nobody has filled in: beside its labels stand nothing or examples."""
    if len(sheet.rows) > _LONGEST_FORM:
        return False
    if sheet.labelled and all(_is_left(str(cell)) for row in sheet.rows for cell in row[1:]):
        return True  # lines like 企业名称：____ as they were printed
    if _shows_how(sheet):
        return True
    grid = Grid(sheet)
    inside = cells_inside(grid)
    if len(inside) > 1 and grid.listed.keys() <= {pair.spot for pair in inside}:
        printed = {pair.spot for pair in inside}
        return all(_is_left(str(pair.value)) for pair in inside) and _holds_no_more(grid, printed)
    return len({row for row, _ in grid.listed}) >= _FEWEST_LABELS and _holds_no_more(grid, grid.listed.keys())


def _holds_no_more(grid: Grid, labels: Collection[tuple[int, int]]) -> bool:
    """Whether beside and below these labels of a form stands nothing but what was printed there."""
    rows = {row for row, _ in labels}
    beside = (grid.cell(row, at) for row in rows for at in grid.filled(row) if (row, at) not in labels)
    apart = (row for row in range(min(rows), len(grid.rows)) if row not in rows and grid.filled(row))
    return all(_is_printed(str(cell)) for cell in beside) and all(_is_line(grid, row) for row in apart)


def _is_left(answer: str) -> bool:
    return not answer.strip() or is_date_line(answer) or _is_printed(answer)


def _shows_how(sheet: Sheet) -> bool:
    """Whether a form is filled in with examples alone: 示例：某某公司."""
    bodies = [body for table in find_forms(sheet) for body in table.body]
    return bool(bodies) and all(is_of_template(body.cells) for body in bodies)


def _is_printed(cell: str) -> bool:
    """Whether a cell beside a label is part of the form: boxes that nobody ticked, a unit, a hint."""
    return ticked(cell) == "" or is_unit(cell) or is_hint(cell)


def _is_line(grid: Grid, row: int) -> bool:
    """Whether a row heads a section of a form, or signs or explains it."""
    text = str(grid.cell(row, grid.filled(row)[0]))
    return (
        is_signature(grid, row)
        or is_note(text)
        or bool(re.match(r"[一二三四五六七八九十]{1,2}[、.．]", text))
    )


def join_alike(tables: list[RawTable]) -> list[tuple[RawTable, list[RawTable]]]:
    """Return the form tables by layout: a compilation has one table per achievement, all alike."""
    alike: dict[tuple[tuple[str, ...], ...], tuple[RawTable, list[RawTable]]] = {}
    for table in tables:
        key = tuple(header.parts for header in table.headers)
        alike.setdefault(key, (table, []))[1].append(table)
    return list(alike.values())


def _forms(pairs: list[Pair]) -> Iterator[_Form]:
    """Yield the forms from top to bottom; the first label, coming again, begins the next one."""
    whole: list[Pair] = []
    for pair in pairs:
        if whole and (pair.group, clean_header(pair.label)) == (whole[0].group, clean_header(whole[0].label)):
            yield from _things(whole)
            whole = []
        whole.append(pair)
    if whole:
        yield from _things(whole)


def _things(pairs: list[Pair]) -> Iterator[_Form]:
    """Yield a form, or one for each thing where it names several of one firm: 需求名称 twice, 企业名称 once.

    What stands before the first of them and behind the last belongs to all.
    """
    pairs = _without_counts(pairs)
    words = [clean_header(pair.label) for pair in pairs]
    counts = Counter(words)
    several = (
        word for pair, word in zip(pairs, words, strict=True) if counts[word] > 1 and names_title(pair.label)
    )
    count = counts[next(several, "")]
    begins = next((word for word in words if count and counts[word] == count), "")
    starts = [place for place, word in enumerate(words) if word == begins]
    earlier = set(words[starts[0] : starts[-1]]) if begins else set()
    ends = len(pairs)
    while begins and words[ends - 1] not in earlier:
        ends -= 1
    for start, stop in zip(starts or [0], [*starts[1:], ends], strict=True):
        form = _Form()
        for pair in (*pairs[: starts[0] if starts else 0], *pairs[start:stop], *pairs[ends:]):
            form.add(pair)
        yield form


_COUNTED = re.compile(r"(.{2,12}?)[（(]?(?:[一二三四五六七八九十]|\d{1,2})[)）]?")


def _without_counts(pairs: list[Pair]) -> list[Pair]:
    """Return 需求一 and 需求二 both as 需求, where several labels name things so."""
    pairs = _without_counted_groups(pairs)
    found = [_COUNTED.fullmatch(clean_header(pair.label)) for pair in pairs]
    counts = Counter(counted[1] for counted in found if counted)
    if not any(count > 1 and names_title(word) for word, count in counts.items()):
        return pairs
    return [
        replace(pair, label=counted[1]) if counted and counts[counted[1]] > 1 else pair
        for pair, counted in zip(pairs, found, strict=True)
    ]


def _without_counted_groups(pairs: list[Pair]) -> list[Pair]:
    """Return 名称 beside 需求一 and 需求二 both as 需求名称."""
    found = [_COUNTED.fullmatch(clean_header(pair.group)) for pair in pairs]
    groups: dict[str, set[str]] = {}
    for pair, counted in zip(pairs, found, strict=True):
        if counted:
            groups.setdefault(counted[1], set()).add(pair.group)
    several = {stem for stem, said in groups.items() if len(said) > 1 and names_title(stem)}
    return [
        replace(pair, group="", label=said_in_full(counted[1], pair.label))
        if counted and counted[1] in several
        else pair
        for pair, counted in zip(pairs, found, strict=True)
    ]


def _file(form: _Form, sheet: Sheet, tables: dict[tuple[tuple[str, ...], ...], RawTable]) -> None:
    key = tuple(form.labels)
    first_row = form.spots[0][0]
    if key not in tables:
        headers = tuple(Header(index=place, parts=parts) for place, parts in enumerate(form.labels))
        tables[key] = RawTable(
            sheet=sheet,
            title=sheet.heading,
            place=sheet.where(*form.spots[0]),
            headers=headers,
            first_data_row=first_row,
        )
    spots = {place: Spot(*spot) for place, spot in enumerate(form.spots)}
    tables[key].body.append(Body(row=first_row, cells=form.cells, spots=spots))
