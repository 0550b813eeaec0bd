"""Where comments hang on the cells of .xlsx and .xlsb. Runs inside the child process."""

import html
import posixpath
import re
import struct
import zipfile
from collections.abc import Iterator

from matchmaker.files.book import Fault, column_number

OUR_AUTHOR = "百日百场核对"
"""Who wrote the comments of our own workbooks of parked rows: those are no words of the sender."""

CODE = "comment"
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*/comments\"[^>]*>")
_TARGET = re.compile(rb'\bTarget="([^"]+)"')
_AUTHOR = re.compile(rb"<(?:\w+:)?author(?:\s*/>|>([^<]*)<)")
_COMMENT = re.compile(rb"(<(?:\w+:)?comment\b[^>]*>)(.*?)(?=<(?:\w+:)?comment\b|\Z)", re.DOTALL)
_WORDS = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)<")
LONGEST_KEPT = 400  # characters of a comment that are shown: what it is about, not a text of its own
_PLACE = re.compile(rb'\bref="([A-Z]{1,3})(\d{1,7})"')
_AUTHOR_ID = re.compile(rb'\bauthorId="(\d{1,6})"')
_BEGIN_COMMENT = b"\xfb\x04"  # record 635 of [MS-XLSB]


def commented_cells(archive: zipfile.ZipFile, member: str) -> list[Fault]:
    """Return a fault for each cell of one sheet that the sender hung a comment on."""
    part = _part_of(archive, member)
    if part is None:
        return []
    content = archive.read(part)
    if part.endswith(".bin"):
        return [Fault(row=row, column=column, code=CODE) for row, column in _in_binary(content)]
    return list(_in_xml(content))


def _part_of(archive: zipfile.ZipFile, member: str) -> str | None:
    folder, name = posixpath.split(member)
    names = archive.namelist()
    relations = f"{folder}/_rels/{name}.rels"
    found = _RELATION.search(archive.read(relations)) if relations in names else None
    target = _TARGET.search(found[0]) if found else None
    if target is None:
        return None
    path = target[1].decode("utf-8", "replace")
    part = path.lstrip("/") if path.startswith("/") else posixpath.normpath(posixpath.join(folder, path))
    return part if part in names else None


def _in_xml(content: bytes) -> Iterator[Fault]:
    authors = [name.decode("utf-8", "replace") for name in _AUTHOR.findall(content)]
    ours = str(authors.index(OUR_AUTHOR)).encode() if OUR_AUTHOR in authors else None
    for element, inside in _COMMENT.findall(content):
        place, author = _PLACE.search(element), _AUTHOR_ID.search(element)
        if not place or (author and author[1] == ours):
            continue
        by = authors[int(author[1])] if author and int(author[1]) < len(authors) else ""
        words = html.unescape(b"".join(_WORDS.findall(inside)).decode("utf-8", "replace"))
        column = column_number(place[1].decode())
        yield Fault(row=int(place[2]) - 1, column=column, code=CODE, text=said_in(words, by=by))


def said_in(words: str, *, by: str = "") -> str:
    """Return the words of a comment as one line, without its author's name that Excel writes before."""
    said = re.sub(r"\s+", " ", words).strip()
    if by.strip():
        said = re.sub(rf"^{re.escape(by.strip())}\s*[:：]\s*", "", said)
    return said[:LONGEST_KEPT]


def _in_binary(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the cells of records that begin a comment: length 36, author, first and last row, columns."""
    at = content.find(_BEGIN_COMMENT + b"\x24")
    while at >= 0 and at + 23 <= len(content):
        row, _, column = struct.unpack_from("<3I", content, at + 7)
        yield row, column
        at = content.find(_BEGIN_COMMENT + b"\x24", at + 39)
