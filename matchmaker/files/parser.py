"""The child process: reads one file from standard input, writes frames to standard output.

A frame is four bytes of length and that much JSON. The first line of input is the job, the rest the
file. Nothing here trusts the file: the limits of the process are set before anything is opened.
"""

import json
import re
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from matchmaker.files.book import Limits
from matchmaker.files.gate import Format
from matchmaker.files.refusals import FileRefused

Frame = dict[str, Any]
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def main() -> None:
    """Read a job and a file, write frames; the last one is {"end": true} or the refusal."""
    job = json.loads(sys.stdin.buffer.readline())
    limits = Limits(**job["limits"])
    _limit_this_process(limits)
    content = sys.stdin.buffer.read()
    try:
        for frame in _frames(content, job, limits):
            _write(frame)
        _write({"end": True})
    except FileRefused as refusal:
        _write({"refused": [refusal.problem.code, refusal.problem.message]})
    except MemoryError:
        _write({"refused": ["too_much_memory", ""]})


def _limit_this_process(limits: Limits) -> None:
    """Cap memory and processor time; on Windows there is no such call and the parent watches instead."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _frames(content: bytes, job: Frame, limits: Limits) -> Iterator[Frame]:
    form = Format(job["format"])
    if form is Format.TEXT:
        from matchmaker.files.spreadsheets import CHUNK_ROWS

        yield from _delimited_frames(content, job, limits, CHUNK_ROWS)
        return
    if form is Format.DOCX:
        from matchmaker.files.documents import document_frames

        frames = document_frames(content, limits)
    else:
        from matchmaker.files.spreadsheets import workbook_frames

        frames = workbook_frames(content, form, limits)
    yield from _checked(_unescaped(frames) if form is Format.XLSX else frames, limits)


def _unescaped(frames: Iterator[Frame]) -> Iterator[Frame]:
    """Turn what .xlsx writes as _x000D_ (a character XML cannot hold) into the character again."""
    for frame in frames:
        for row in frame.get("rows", ()):
            if "_x" in _texts(row):
                row[:] = [_unescape(cell) if type(cell) is str else cell for cell in row]
        yield frame


def _unescape(cell: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell)


def _texts(row: list[Any]) -> str:
    """Return the texts of a row in one piece: looked through at once, most rows need no second look."""
    return "".join([cell for cell in row if type(cell) is str])


def _delimited_frames(content: bytes, job: Frame, limits: Limits, chunk_rows: int) -> Iterator[Frame]:
    from matchmaker.files.delimited import read_delimited

    text = read_delimited(content, encoding=job["encoding"], delimiter=job["delimiter"], limits=limits)
    questions = [
        [asked.code, asked.text, [[choice.value, choice.label, choice.preview] for choice in asked.choices]]
        for asked in text.questions
    ]
    yield {"encoding": text.encoding, "delimiter": text.delimiter, "questions": questions}
    faults = [[fault.row, fault.column, fault.code] for fault in text.faults]
    rows = ({"rows": text.rows[start : start + chunk_rows]} for start in range(0, len(text.rows), chunk_rows))
    yield {"sheet": "", "visible": True, "merges": [], "place": "text", "ragged": True, "faults": faults}
    yield from _checked(rows, limits)


def _checked(frames: Iterator[Frame], limits: Limits) -> Iterator[Frame]:
    """Cut cells beyond the limit, and mark them and those with characters no database may hold.

    Only chunks in which something could be wrong are gone through cell by cell: most have nothing.
    """
    passed = 0
    for frame in frames:
        rows = frame.get("rows", ())
        if "sheet" in frame:
            passed = 0
        if rows and _suspicious(rows, limits.cell_characters):
            frame["faults"] = [
                _cut(row, column, passed + number, limits)
                for number, row in enumerate(rows)
                for column, cell in enumerate(row)
                if type(cell) is str and (len(cell) > limits.cell_characters or not _storable(cell))
            ]
        passed += len(rows)
        yield frame


def _suspicious(rows: list[list[Any]], longest: int) -> bool:
    for row in rows:
        text = _texts(row)
        if not _storable(text) or len(text) > longest:
            return True
    return False


def _cut(row: list[Any], column: int, number: int, limits: Limits) -> list[Any]:
    """Put what can be kept of a cell in its place and return the fault."""
    code = "cell_too_long" if len(row[column]) > limits.cell_characters else "bad_character"
    row[column] = _storable_part(row[column][: limits.cell_characters])
    return [number, column, code]


def _storable(text: str) -> bool:
    """Whether there is neither NUL nor half of a surrogate pair: PostgreSQL refuses both."""
    return not _UNSTORABLE.search(text)


def _storable_part(cell: str) -> str:
    return _UNSTORABLE.sub("", cell)


def _write(frame: Frame) -> None:
    body = json.dumps(frame, ensure_ascii=False, check_circular=False, default=_as_json).encode("utf-8")
    sys.stdout.buffer.write(len(body).to_bytes(4, "big") + body)
    sys.stdout.buffer.flush()


def _as_json(cell: object) -> object:
    """Write the cells JSON has no form for; `child.revived` reads them."""
    if isinstance(cell, datetime):
        return {"datetime": cell.isoformat()}
    if isinstance(cell, date):
        return {"date": cell.isoformat()}
    if isinstance(cell, time):
        return {"time": cell.isoformat()}
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
