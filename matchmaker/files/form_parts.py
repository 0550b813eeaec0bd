"""Forms in two parts: the firm and whom to call in one table, what it asks for in the next one or several."""

from collections.abc import Iterable
from dataclasses import replace

from matchmaker.files.book import Spot
from matchmaker.files.headers import RecordKind, clean_header, is_contact, look_up, names_title
from matchmaker.files.layout import Body, Header, RawTable

_FEWEST_LABELS = 3
_OWNERS = {"enterprise_name", "org"}


def made_whole(tables: Iterable[RawTable]) -> list[RawTable]:
    """Return the tables of forms, each part without a title put before or behind the form it belongs to.

    A form that names its firm and no thing goes before those after it that name a thing and no firm; what
    names neither, and asks nothing a second time, goes behind the form above it.
    """
    whole: list[RawTable] = []
    first: RawTable | None = None
    used = False
    for table in tables:
        if first is not None and _needs(table, first):
            whole.append(_joined(first, table))
            used = True
            continue
        if first is not None and not used:
            whole.append(first)
        first, used = None, False
        if _names_firm(table) and not _names_thing(table) and not _is_person(table) and len(table.body) == 1:
            first = table
        elif whole and _ends(table, whole[-1]):
            whole[-1] = _joined(table, whole[-1], behind=True)
        else:
            whole.append(table)
    found = whole if first is None or used else [*whole, first]
    return [table for table in found if not _is_line(table)]


def _is_line(table: RawTable) -> bool:
    """Whether a table is but a line or two above or below others: 填报单位：…, 联系电话：…, of no thing."""
    few = table.sheet.labelled and len(table.headers) < _FEWEST_LABELS
    return few and not table.other_parts and not _names_thing(table)


def _needs(table: RawTable, first: RawTable) -> bool:
    """Whether a table names what is asked for and not whose it is, and nothing that the first part says."""
    return _names_thing(table) and not _names_firm(table) and not _words(table) & _words(first)


def _ends(table: RawTable, above: RawTable) -> bool:
    """Whether a table of one form can be the end of the one above it."""
    single = len(table.body) == 1 and len(above.body) == 1 and len(above.other_parts) < 2
    new = not _names_thing(table) and not _names_firm(table) and not _words(table) & _words(above)
    return single and new and _names_thing(above) and _known(table) == len(table.headers)


def _names_thing(table: RawTable) -> bool:
    return any(names_title(header.parts[-1]) for header in table.headers)


def _names_firm(table: RawTable) -> bool:
    return any(
        set(look_up(kind, header.parts)[:1]) & _OWNERS for kind in RecordKind for header in table.headers
    )


def _is_person(table: RawTable) -> bool:
    """Whether a form is about a person, who is more than the contact of something."""
    return any(
        look_up(RecordKind.PEOPLE, header.parts)[:1] == ("name",)
        and not look_up(RecordKind.NEED, header.parts)
        for header in table.headers
    )


def _words(table: RawTable) -> set[str]:
    return {clean_header(header.text) for header in table.headers}


def _known(table: RawTable) -> int:
    return sum(
        is_contact(header.parts[-1]) or any(look_up(kind, header.parts) for kind in RecordKind)
        for header in table.headers
    )


def _joined(part: RawTable, whole: RawTable, *, behind: bool = False) -> RawTable:
    """Return the forms of a table with another part's labels and answers before or behind theirs."""
    added = part.body[0]
    width = len(whole.headers)
    shift = 0 if behind else len(part.headers)
    headers = [*whole.headers, *part.headers] if behind else [*part.headers, *whole.headers]
    return replace(
        whole,
        title=f"{part.title} {whole.title}".strip(),
        headers=tuple(Header(index=at, parts=header.parts) for at, header in enumerate(headers)),
        body=[
            Body(
                row=body.row,
                cells=[*body.cells, *added.cells] if behind else [*added.cells, *body.cells],
                spots=_moved(body, shift) | _moved(added, width if behind else 0, part),
            )
            for body in whole.body
        ],
        other_parts=(*whole.other_parts, part.sheet),
    )


def _moved(body: Body, shift: int, part: RawTable | None = None) -> dict[int, Spot]:
    """Return the places of a form's answers under their new numbers."""
    spots = body.spots or {}
    return {
        at + shift: Spot(spot.row, spot.column, part.sheet if part else spot.sheet)
        for at, spot in spots.items()
    }
