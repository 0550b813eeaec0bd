"""Reads the files of `matchmaker evaluate`; what is wrong is said in one sentence, with file and line."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from matchmaker.errors import Refused

LEVELS = (1, 2, 3, 4)
_SHOWN = 60
Row = dict[str, Any]
Check = Callable[[Row], str]


def read_needs(path: Path) -> list[Row]:
    """Return the needs of a file, each id once; a need without `text` has only its title."""
    first: dict[str, tuple[int, Row]] = {}
    for number, told in _read(path, _need_problem):
        row = told | {"text": told.get("text") or ""}
        before, same = first.setdefault(_id(row["need_id"]), (number, row))
        if (same["title"], same["text"]) != (row["title"], row["text"]):
            words = f"need_id {row['need_id']} 与第 {before} 行相同，内容却不同。请只留一行"
            raise _refused(path, number, words)
    return [row for _, row in first.values()]


def read_pairs(path: Path, needs: Sequence[Mapping[str, Any]], *, graded: str = "") -> list[Row]:
    """Return the pairs of a file; `graded` names what needs every pair's level, "" for nothing.

    A level that is null, like one that is not there, is none.
    """
    known = {_id(need["need_id"]) for need in needs}
    rows = _read(path, _pair_problem)
    for number, row in rows:
        if _id(row["need_id"]) not in known:
            raise _refused(
                path, number, f"need_id {row['need_id']} 在需求文件里没有。请补上这条需求，或删去这一行"
            )
        if graded and row.get("level") is None:
            raise _refused(
                path, number, f"没有 level，而 {graded} 要从等级学习。请补上 1–4 的等级，或去掉 {graded}"
            )
    return [_tidy(row) for _, row in rows]


def _tidy(row: Row) -> Row:
    tidy = {name: value for name, value in row.items() if value is not None}
    return tidy | {"level": int(tidy["level"])} if "level" in tidy else tidy


def read_queries(path: Path) -> list[Row]:
    """Return the queries of a file with the ids of what answers them."""
    return [row for _, row in _read(path, _query_problem)]


def read_corpus(path: Path) -> list[Row]:
    """Return the documents of a file."""
    return [row for _, row in _read(path, _document_problem)]


def refuse_same_file(out: Path, *given: Path | None) -> None:
    """Raise Refused where the result would be written over a file that is read."""
    if any(one is not None and out.resolve() == one.resolve() for one in given):
        raise Refused(f"结果不能写到输入文件 {out.name} 上。请换一个文件名。")


def _read(path: Path, problem: Check) -> list[tuple[int, Row]]:
    """Return (line, row) of a file in JSON lines; raise Refused at the first wrong line, or for no line."""
    rows = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        try:
            words = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError:
            raise _refused(path, number, "不是 UTF-8 编码。请把文件另存为 UTF-8") from None
        if not words:
            continue
        row = _parsed(path, number, words)
        if found := problem(row):
            raise _refused(path, number, found)
        rows.append((number, row))
    if not rows:
        raise Refused(f"{path.name} 里没有一行数据。请检查是不是给错了文件。")
    return rows


def _parsed(path: Path, number: int, words: str) -> Row:
    try:
        row = json.loads(words)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        shown = words[:_SHOWN] + ("…" if len(words) > _SHOWN else "")
        raise _refused(path, number, f"不是一个完整的 JSON 对象：{shown}。每行要写成 {{…}}，中间不换行")
    return row


def _refused(path: Path, number: int, words: str) -> Refused:
    return Refused(f"{path.name} 第 {number} 行{'' if words.startswith(('不', '没')) else '的 '}{words}。")


def _need_problem(row: Row) -> str:
    return _no_id(row, "need_id") or _no_words(row, "title") or _no_words(row, "text", needed=False)


def _pair_problem(row: Row) -> str:
    level = row.get("level")
    whole = isinstance(level, int | float) and not isinstance(level, bool) and level in LEVELS
    return (
        _no_id(row, "need_id")
        or _no_id(row, "achievement_id")
        or _no_words(row, "achievement_title")
        or _no_words(row, "achievement_text", needed=False)
        or ("" if level is None or whole else f"level 是 {_shown(level)}，应是 1–4 的整数（4 为强）")
    )


def _query_problem(row: Row) -> str:
    answers = row.get("relevant")
    listed = isinstance(answers, list) and all(isinstance(one, str | int) for one in answers)
    wrong = "" if listed else 'relevant 应是文献编号的列表，如 ["d1"]'
    return _no_id(row, "query_id") or _no_words(row, "query") or wrong


def _document_problem(row: Row) -> str:
    return _no_id(row, "doc_id") or _no_words(row, "text")


def _no_id(row: Row, name: str) -> str:
    value = row.get(name)
    if value is None or value == "":
        return f"没有 {name}。请补上"
    known = isinstance(value, str | int) and not isinstance(value, bool)
    return "" if known else f"{name} 是 {_shown(value)}，应是文字或整数"


def _no_words(row: Row, name: str, *, needed: bool = True) -> str:
    value = row.get(name)
    if value is None:
        return f"没有 {name}。请补上" if needed else ""
    return "" if isinstance(value, str) else f"{name} 是 {_shown(value)}，应是文字"


def _shown(value: object) -> str:
    words = json.dumps(value, ensure_ascii=False)
    return words if len(words) <= _SHOWN else words[:_SHOWN] + "…"


def _id(value: object) -> str:
    """Return an id so that 1 and "1" stay two: evaluation looks them up as they are."""
    return repr(value)
