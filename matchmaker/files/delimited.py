"""Delimited text — .csv, .tsv, .txt — to rows, with what could not be read marked and kept apart."""

import csv
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from matchmaker.files.book import Choice, Fault, Limits, Question
from matchmaker.files.encodings import LABELS, detect, without_mark
from matchmaker.files.headers import count_known
from matchmaker.files.refusals import refused

DELIMITERS = {
    ",": "逗号 ,",
    ";": "分号 ;",
    "\t": "制表符",
    "|": "竖线 |",
    "，": "全角逗号 ，",
    "；": "全角分号 ；",
}
_GAPS, _WHOLE_LINES = "gaps", "lines"
"""Two answers that are no mark: gaps of two blanks and more, and no columns at all."""
_MARK_OF = {_GAPS: "\t", _WHOLE_LINES: "\x1f"}
_LABELS = {**DELIMITERS, _GAPS: "连续空格", _WHOLE_LINES: "不分列，每行一格"}
_GAP = re.compile(r"(?<=\S)(?:[ \u3000\xa0]{2,}|\u3000)(?=\S)")
_MOST_UNCLOSED = 20
_HEADER_LINES = 5
_HEADER_WORDS = 3
# Text files have no cell types: what a spreadsheet would run as a formula leaves with an apostrophe in front.
_KEPT_FROM_RUNNING = re.compile(r"'(?='*\s*[=+\-@＝＋－＠\t\r])")
# How some systems keep Excel from turning a long number into 1.38E+10: ="13800000000", ="KY2023001".
_TEXT_AS_FORMULA = re.compile(r'\A="([^"]*)"\Z')


@dataclass(frozen=True, slots=True, kw_only=True)
class Delimited:
    """The rows of a delimited file, in file order; a blank line is an empty row."""

    rows: list[list[str]]
    faults: tuple[Fault, ...]
    questions: tuple[Question, ...]
    encoding: str
    delimiter: str


def read_delimited(
    content: bytes, *, encoding: str | None, delimiter: str | None, limits: Limits
) -> Delimited:
    """Return the rows of a text file; `encoding` and `delimiter` None are found out.

    Raises FileRefused for an unknown encoding, no content, or too many rows or columns. Lines that
    do not fit the encoding, unclosed quotes and NUL characters become faults of their rows.
    """
    questions: list[Question] = []
    body = without_mark(content)
    if encoding is None:
        found = detect(content)
        encoding = found.encoding
        if not found.certain:
            questions.append(_which_encoding(body, found.candidates))
    text, bad_lines = _decode(body, encoding)
    if not text.strip():
        raise refused("empty_file", "文件里没有任何文字，请检查后重新上传。")
    if text.startswith("sep=") and (mark := text[4:5]):
        text, delimiter = "\n" + text.partition("\n")[2], mark
    if delimiter is None:
        delimiter, rival = _find_delimiter(text)
        if rival or delimiter in ("，", "；", _GAPS):
            questions.append(_which_delimiter(text, delimiter))
    if delimiter == _GAPS:
        text = _GAP.sub("\t", text)
    rows, faults = _records(text, _MARK_OF.get(delimiter, delimiter), bad_lines, limits)
    return Delimited(
        rows=rows, faults=tuple(faults), questions=tuple(questions), encoding=encoding, delimiter=delimiter
    )


def _decode(body: bytes, encoding: str) -> tuple[str, set[int]]:
    """Return the text and the numbers (from 0) of the lines that are not in this encoding."""
    try:
        return body.decode(encoding), set()
    except UnicodeDecodeError:
        pass
    except LookupError as fault:
        raise refused("unknown_encoding", f"没有“{encoding}”这种文字编码，请重新选择。") from fault
    if encoding.startswith(("utf-16", "utf-32")):
        text = body.decode(encoding, "replace")
        return text, {number for number, line in enumerate(_lines(text)) if "\ufffd" in line}
    lines, bad = [], set()
    for number, line in enumerate(body.splitlines(keepends=True)):
        try:
            lines.append(line.decode(encoding))
        except UnicodeDecodeError:
            lines.append(_some_text(line, encoding))
            bad.add(number)
    return "".join(lines), bad


def _some_text(line: bytes, encoding: str) -> str:
    """Return a line of another encoding readable enough to be found again; its row is not imported."""
    for other in ("utf-8", "gb18030"):
        if other != encoding:
            try:
                return line.decode(other)
            except UnicodeDecodeError:
                continue
    return line.decode(encoding, "replace")


def _lines(text: str) -> list[str]:
    return io.StringIO(text, newline="").readlines()


def _records(
    text: str, delimiter: str, bad_lines: set[int], limits: Limits
) -> tuple[list[list[str]], list[Fault]]:
    csv.field_size_limit(max(len(text), 131_072))
    rows: list[list[str]] = []
    faults: list[Fault] = []
    lines = _lines(text)
    start, unclosed = 0, 0
    while start < len(lines):
        first = start
        for row, end in _parsed(lines, start, delimiter):
            if end == len(lines) and end - first > 0 and _is_unclosed(lines[first:end], delimiter):
                break
            _keep(row, lines=range(first, end), bad_lines=bad_lines, rows=rows, faults=faults, limits=limits)
            first = end
        if first >= len(lines):
            break
        unclosed += 1
        if unclosed > _MOST_UNCLOSED:
            raise refused(
                "unclosed_quotes",
                "文件里有很多没有配对的引号，行与行已经分不清，请用 Excel 打开后另存为 .xlsx 再上传。",
            )
        faults.append(Fault(row=len(rows), column=None, code="unclosed_quote"))
        salvaged = lines[first].rstrip("\r\n").replace('"', "").split(delimiter)
        kept = range(first, first + 1)
        _keep(salvaged, lines=kept, bad_lines=bad_lines, rows=rows, faults=faults, limits=limits)
        start = first + 1
    return rows, faults


def _parsed(lines: list[str], start: int, delimiter: str) -> Iterator[tuple[list[str], int]]:
    """Yield each record and the number of the line after it."""
    blanks = _quotes_after_blanks(lines, delimiter)
    reader = csv.reader(iter(lines[start:] if start else lines), delimiter=delimiter, skipinitialspace=blanks)
    for row in reader:
        yield row, start + reader.line_num


def _quotes_after_blanks(lines: list[str], delimiter: str) -> bool:
    """Whether quoted texts stand after a blank, as in: "a", "b"; they count as quoted then."""
    mark = re.escape(delimiter)
    quoted = [line for line in lines[:50] if re.search(f'{mark} +"[^"]*" *(?:{mark}|$)', line.rstrip("\r\n"))]
    return len(quoted) * 2 > len(lines[:50])


def _is_unclosed(lines: list[str], delimiter: str) -> bool:
    """Whether the last record ends inside a quote: everything from there on was swallowed by it."""
    try:
        for _ in csv.reader(iter(lines), delimiter=delimiter, strict=True):
            pass
    except csv.Error as fault:
        return "unexpected end" in str(fault)
    return False


def _keep(
    row: list[str],
    *,
    lines: range,
    bad_lines: set[int],
    rows: list[list[str]],
    faults: list[Fault],
    limits: Limits,
) -> None:
    if len(row) > limits.columns:
        raise refused(
            "too_many_columns", f"表格超过 {limits.columns} 列，不像正常的名单，请只保留需要的列再上传。"
        )
    if len(rows) >= limits.rows:
        raise refused("too_many_rows", f"表格超过 {limits.rows:,} 行，请拆成几个文件后分别上传。")
    if any('="' in cell for cell in row):
        row = [_TEXT_AS_FORMULA.sub(r"\1", cell) for cell in row]
    if any(cell.startswith("'") for cell in row):
        row = [cell[1:] if _KEPT_FROM_RUNNING.match(cell) else cell for cell in row]
    number = len(rows)
    if bad_lines and not bad_lines.isdisjoint(lines):
        faults.append(Fault(row=number, column=None, code="mixed_encoding"))
    rows.append(row)


def _find_delimiter(text: str) -> tuple[str, bool]:
    """Return the delimiter and whether another one fits the file just as well."""
    sample = _lines(text[:200_000])[:200]
    scores = {mark: _fit(sample, mark) for mark in DELIMITERS}
    ranked = sorted(scores, key=lambda mark: -scores[mark])
    best, second = ranked[0], ranked[1]
    sentences = best in ("，", "；") and scores[best] > 0 and not _is_even(sample, best)
    sentences = sentences and not _parts_a_header(sample, best)
    if sentences or scores[best] <= 0:
        gaps = [_GAP.sub("\t", line) for line in sample]
        return (_GAPS if _is_even(gaps, "\t") else _WHOLE_LINES if sentences else ","), False
    return best, scores[second] >= 0.9 * scores[best]


def _parts_a_header(sample: list[str], mark: str) -> bool:
    """Whether a mark stands between the words of a header in one of the first lines."""
    parted = ([part.strip(' "\r\n') for part in line.split(mark)] for line in sample[:_HEADER_LINES])
    return any(len(parts) >= _HEADER_WORDS and count_known(parts) * 2 > len(parts) for parts in parted)


def _is_even(sample: list[str], delimiter: str) -> bool:
    """Whether all lines but a few have the same number of parts, two at least; one line proves nothing."""
    widths = [line.count(delimiter) for line in sample if line.strip()]
    common = max(set(widths), key=widths.count, default=0)
    return common > 0 and len(widths) > 1 and widths.count(common) >= 0.9 * len(widths)


def _fit(sample: list[str], delimiter: str) -> float:
    """Return how well a delimiter fits: the commonest width, weighed by the rows of that width."""
    try:
        rows = [row for row in csv.reader(iter(sample), delimiter=delimiter) if row]
    except csv.Error:
        return 0.0
    widths = [len(row) for row in rows if any(cell.strip() for cell in row)]
    if not widths:
        return 0.0
    common = max(set(widths), key=lambda width: (widths.count(width), width))
    if common < 2:
        common = max(widths)
    share = widths.count(common) / len(widths)
    quoted_inside = sum(cell.count('"') % 2 for row in rows for cell in row) / len(rows)
    return math.sqrt(common - 1) * share * share * (0.5 if quoted_inside > 0.5 else 1.0)


def _preview(rows: list[list[str]]) -> tuple[str, ...]:
    return tuple(" ｜ ".join(cell[:20] for cell in row[:8]) for row in rows[:3])


def _which_encoding(body: bytes, candidates: tuple[str, ...]) -> Question:
    choices = []
    for encoding in candidates:
        lines = body[:2000].decode(encoding, "replace").splitlines()[:3]
        choices.append(
            Choice(value=encoding, label=LABELS[encoding], preview=tuple(line[:80] for line in lines))
        )
    text = "这个文件的文字编码无法确定。请看下面几种读法，选文字正常、没有乱码的一种。"
    return Question(code="encoding", text=text, choices=tuple(choices))


def _which_delimiter(text: str, best: str) -> Question:
    sample = _lines(text[:5_000])[:3]
    choices = []
    for mark in sorted(_LABELS, key=lambda mark: mark != best):
        if mark in (best, _WHOLE_LINES) or (mark in DELIMITERS and any(mark in line for line in sample)):
            lines = [_GAP.sub("\t", line) for line in sample] if mark == _GAPS else sample
            rows = list(csv.reader(iter(lines), delimiter=_MARK_OF.get(mark, mark)))
            choices.append(Choice(value=mark, label=_LABELS[mark], preview=_preview(rows)))
    question = f"各列之间像是用{_LABELS[best]}隔开的，但不能确定。请选择分列正确的一种。"
    return Question(code="delimiter", text=question, choices=tuple(choices))
