"""A file as rows that can be judged: reads it with everything a person has answered about it so far.

Slow (a child process parses the file), so never inside a transaction.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from matchmaker.domain.problems import Problem
from matchmaker.domain.states import RecordType, UploadState
from matchmaker.files.book import Book, Question
from matchmaker.files.exports import Said, problem_workbook
from matchmaker.files.findings import Column, Findings, Record, RecordKind, TableFindings, layout_of
from matchmaker.files.findings import Mapping as ColumnMapping
from matchmaker.files.reading import read_file
from matchmaker.files.records import find_records
from matchmaker.files.refusals import FileRefused

IMPORTED_KINDS = (RecordKind.NEED, RecordKind.ACHIEVEMENT, RecordKind.PEOPLE, RecordKind.CONTRACT)
_SKIPPED_SHOWN = 200
_CONTACT_FIELDS = (
    "contact_name",
    "contact_mobile",
    "contact_tel",
    "contact_email",
    "mobile",
    "email",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """One record, ready to be stored as a row of an upload."""

    sheet: str
    row_number: int
    kind: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reading came to: REFUSED with one sentence, ASKING with a question, or PREVIEWED with rows."""

    state: UploadState
    refusal: str = ""
    question: dict[str, Any] | None = None
    summary: dict[str, Any] | None = None
    rows: tuple[ReadRow, ...] = ()


def read_list(
    content: bytes,
    filename: str,
    *,
    answers: Mapping[str, Any],
    remembered: Iterable[Mapping[str, Any]] = (),
) -> Reading:
    """Read a file with the answers given so far and the column mappings confirmed earlier.

    `answers` may hold encoding, delimiter, kind (of the whole file), and by the fingerprint of a
    table kinds, mappings and record_types; cells are corrected cells. What was chosen for this file
    goes before what is remembered.
    """
    try:
        book = _book(content, filename, answers)
    except FileRefused as refusal:
        return Reading(state=UploadState.REFUSED, refusal=refusal.message)
    if book.question is not None and not answers.get(book.question.code):
        return Reading(state=UploadState.ASKING, question=_question(book.question))
    found = _find(book, answers, remembered)
    unknown = [table for table in found.tables if table.kind is None]
    if unknown and not any(table.kind in IMPORTED_KINDS and table.row_count for table in found.tables):
        return Reading(state=UploadState.ASKING, question=_kind_question(unknown))
    return _preview(found, answers)


def findings_of(
    content: bytes,
    filename: str,
    *,
    answers: Mapping[str, Any],
    remembered: Iterable[Mapping[str, Any]] = (),
) -> Findings:
    """Return the findings themselves, for the workbook of problem rows. Raises FileRefused."""
    return _find(_book(content, filename, answers), answers, remembered)


def parked_list(content: bytes, filename: str, *, answers: Mapping[str, Any], said: Said) -> bytes:
    """Return the rows that an import left behind as a workbook that reads like the list itself.

    `said` is what stands in their way. Raises FileRefused.
    """
    return problem_workbook(findings_of(content, filename, answers=answers), said)


def _book(content: bytes, filename: str, answers: Mapping[str, Any]) -> Book:
    book = read_file(
        content,
        filename,
        encoding=answers.get("encoding") or None,
        delimiter=answers.get("delimiter") or None,
    )
    return _corrected(book, answers.get("cells", []))


def _corrected(book: Book, cells: Sequence[Mapping[str, Any]]) -> Book:
    """Return the book with the cells that a person corrected on the preview page."""
    by_sheet: dict[str, list[Mapping[str, Any]]] = {}
    for cell in cells:
        by_sheet.setdefault(str(cell["sheet"]), []).append(cell)
    sheets = []
    for sheet in book.sheets:
        wanted = by_sheet.get(sheet.name.strip(), [])
        rows = [list(row) for row in sheet.rows] if wanted else sheet.rows
        for cell in wanted:
            row, column = int(cell["row"]) - 1, int(cell["column"])
            if row < len(rows):
                rows[row].extend([""] * (column + 1 - len(rows[row])))
                rows[row][column] = str(cell["value"])
        sheets.append(replace(sheet, rows=rows))
    return replace(book, sheets=tuple(sheets))


def _find(book: Book, answers: Mapping[str, Any], remembered: Iterable[Mapping[str, Any]]) -> Findings:
    kind = RecordKind(answers["kind"]) if answers.get("kind") else None
    stored = {entry["fingerprint"]: entry for entry in remembered} | dict(answers.get("mappings", {}))
    mappings = {key: ColumnMapping.from_json(json.dumps(entry)) for key, entry in stored.items()}
    for fingerprint, wanted in answers.get("kinds", {}).items():
        if fingerprint not in answers.get("mappings", {}):
            mappings |= _guessed(book, fingerprint, RecordKind(wanted))
    hidden = answers.get("hidden")
    found = find_records(book, kind=kind, mappings=mappings.values(), drop_hidden=hidden == "drop")
    if not hidden:
        return found
    return replace(found, questions=tuple(asked for asked in found.questions if asked.code != "hidden"))


def _guessed(book: Book, fingerprint: str, kind: RecordKind) -> dict[str, ColumnMapping]:
    """Return the mapping that one table would have as a list of this kind."""
    tables = find_records(book, kind=kind).tables
    found = (table.mapping for table in tables if table.fingerprint == fingerprint)
    return {mapping.fingerprint: mapping for mapping in found if mapping is not None}


def _question(question: Question) -> dict[str, Any]:
    return {
        "code": question.code,
        "text": question.text,
        "choices": [
            {"value": choice.value, "label": choice.label, "preview": list(choice.preview)}
            for choice in question.choices
        ],
    }


def _kind_question(tables: Sequence[TableFindings]) -> dict[str, Any]:
    headers = "、".join(column.header for column in tables[0].columns if column.header)[:120]
    return {
        "code": "kind",
        "text": f"没能认出这份表列的是什么（表头：{headers or '没有找到表头'}）。请选择：",
        "choices": [
            {"value": "need", "label": "企业技术需求（难题）", "preview": []},
            {"value": "achievement", "label": "科技成果（项目、专利、论文）", "preview": []},
            {"value": "people", "label": "人员（联系人、专家）", "preview": []},
            {"value": "contract", "label": "技术合同（登记台账）", "preview": []},
        ],
    }


def _preview(found: Findings, answers: Mapping[str, Any]) -> Reading:
    rows = [
        _row(record, table, number, answers, layout=layout)
        for number, table in enumerate(found.tables)
        if table.kind in IMPORTED_KINDS
        for layout in [layout_of(table)]
        for record in table.records
    ]
    kinds = [kind.value for kind in IMPORTED_KINDS if any(row.kind == kind for row in rows)]
    summary = {
        "tables": [_table(table, number, answers) for number, table in enumerate(found.tables)],
        "notices": list(found.notices),
        "questions": [_question(question) for question in found.questions],
        "problems": [_problem(problem) for problem in found.stray_problems],
        "contacts": sum(_has_contact(row) for row in rows),
        "kinds": kinds,
    }
    return Reading(state=UploadState.PREVIEWED, summary=summary, rows=tuple(rows))


# a header may turn an answer round, or say that a column is there where a cell is blank
_HEADERS_KEPT = {RecordKind.NEED: ("confidentiality",), RecordKind.PEOPLE: ("tech_field",)}


def _row(
    record: Record, table: TableFindings, number: int, answers: Mapping[str, Any], *, layout: str
) -> ReadRow:
    headers = {name: column.header for column in table.columns for name in column.fields}
    values = {
        "plain": record.plain(),
        "raw": {name: str(cell) for name, cell in record.raw.items()},
        "layout": layout,
        "record_type": record.values.get("record_type") or _record_type(table, answers),
        "where": record.where(),
        "stopped": not record.ok,
        "problems": [_problem(problem) for problem in record.problems],
        "table": number,
        "editable": record.spots is None,
    }
    if told := {name: headers[name] for name in _HEADERS_KEPT.get(record.kind, ()) if name in headers}:
        values["headers"] = told
    return ReadRow(sheet=record.sheet[:100], row_number=record.row, kind=record.kind.value, values=values)


def _record_type(table: TableFindings, answers: Mapping[str, Any]) -> str:
    chosen = answers.get("record_types", {}).get(table.fingerprint) or answers.get("record_type")
    if table.kind is not RecordKind.ACHIEVEMENT:
        return ""
    return str(chosen or table.record_type or RecordType.ACHIEVEMENT.value)


def _table(table: TableFindings, number: int, answers: Mapping[str, Any]) -> dict[str, Any]:
    mapping = table.mapping
    return {
        "number": number,
        "sheet": table.sheet,
        "title": table.title,
        "header_place": table.header_place,
        "kind": table.kind.value if table.kind else "",
        "kind_certain": table.kind_certain,
        "record_type": _record_type(table, answers),
        "columns": [_column(column) for column in table.columns],
        "records": len(table.records),
        "skipped": [
            {"where": line.where, "reason": line.reason.value, "text": line.text[:120]}
            for line in table.skipped[:_SKIPPED_SHOWN]
        ],
        "problems": [_problem(problem) for problem in table.problems],
        "fingerprint": table.fingerprint,
        "mapping": json.loads(mapping.to_json()) if mapping else None,
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "index": column.index,
        "header": column.header,
        "fields": list(column.fields),
        "how": column.how.value,
        "samples": list(column.samples),
        "doubt": column.doubt,
        "candidates": list(column.candidates),
    }


def _problem(problem: Problem) -> dict[str, str]:
    return {
        "field": problem.field,
        "code": problem.code,
        "message": problem.message,
        "where": problem.where,
        "severity": problem.severity.value,
    }


def _has_contact(row: ReadRow) -> bool:
    return any(row.values["plain"].get(name) for name in _CONTACT_FIELDS)
