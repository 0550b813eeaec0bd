"""Words of a list as the ids that the library keeps: technology fields, industries, joined texts."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from matchmaker import resources, wording
from matchmaker.domain.identifiers import normal_title
from matchmaker.domain.problems import Problem, Severity
from matchmaker.domain.states import Disclosure
from matchmaker.domain.values import split_list
from matchmaker.store.queries.list_rows import ListRow


@dataclass(slots=True, kw_only=True)
class Memory:
    """What one list has named so far. When `quiet`, only verdicts are asked for.

    `seen` holds key → place; `firms` code → what tells that firm from others, as its first name gave it.
    """

    seen: dict[str, str] = field(default_factory=dict)
    firms: dict[str, str] = field(default_factory=dict)
    quiet: bool = False


Said = TypeVar("Said")


def read_once(row: ListRow, read: Callable[[Mapping[str, Any]], Said]) -> Said:
    """Return what a row says, worked out when it is judged and not again when it is brought in.

    That happens while nobody else may write. Kept with the row, and read anew once its values are others.
    """
    kept = row.said
    if kept is None or kept[0] is not row.values:
        kept = row.said = (row.values, read(row.values))
    said: Said = kept[1]
    return said


_DAYS = frozenset({"period_from", "period_to", "completed_on"})
_TYPED = _DAYS | {"disclosure"}
_OF_THE_CONTACT = frozenset({"contact_name", "contact_phone", "contact_email"})


def filled(values: Mapping[str, object]) -> dict[str, object]:
    """Return only what is not blank."""
    return {name: value for name, value in values.items() if value not in (None, "", [], ())}


def stored_value(column: str, value: object) -> object:
    """Return a plain JSON value as a column takes it."""
    if column == "disclosure" and value is not None:
        return Disclosure(str(value))
    if column in _DAYS and isinstance(value, str):
        return date.fromisoformat(value[:10])
    return value


def as_columns(values: Mapping[str, object]) -> dict[str, Any]:
    """Return what a row says as the columns of its own table take it, its contact left out."""
    columns = {name: value for name, value in values.items() if name not in _OF_THE_CONTACT}
    for name in _TYPED & columns.keys():
        columns[name] = stored_value(name, columns[name])
    return columns


def values_to_restore(thing: object, changes: Mapping[str, Sequence[object]]) -> dict[str, object]:
    """Return the old values of what an import changed, but for fields that somebody changed since."""
    return {
        name: old
        for name, (old, new) in changes.items()
        if name not in _OF_THE_CONTACT and getattr(thing, name) == stored_value(name, new)
    }


def joined(*parts: object) -> str:
    """Return words and lists of words as one line."""
    words = [
        str(word) for part in parts for word in (part if isinstance(part, list | tuple) else [part]) if word
    ]
    return "、".join(dict.fromkeys(words))


def cut_title(title: object, *rest: object, most: int) -> tuple[str, str]:
    """Return a title as far as its column holds it, and the text, which begins with a title that was cut."""
    words = str(title or "")
    parts = [words] if len(words) > most else []
    return words[:most], "\n".join([*parts, *(str(part) for part in rest if part)])


def title_missing(stored: Mapping[str, Any], *, what: str) -> list[Problem]:
    """Return that a row has no title, where the file did not say so itself: no column was taken for it."""
    said = any(
        problem["field"] == "title" and problem["severity"] == Severity.ERROR
        for problem in stored["problems"]
    )
    if said or str(stored["plain"].get("title") or "").strip():
        return []
    message = f"没有{what}：请在“各列的含义”里指定哪一列是{what}，再按这样重新读取。"
    return [Problem(field="title", code="title_missing", message=message, where=stored["where"])]


def cut_remark(stored: Mapping[str, Any], *, most: int, into: str) -> list[Problem]:
    """Say that a title was cut, and in which column it stands whole."""
    length = len(str(stored["plain"].get("title") or ""))
    if length <= most:
        return []
    message = f"名称有 {length} 个字，只留前 {most} 个字；全文放在“{into}”的开头，一个字不少。请把名称改短。"
    return [
        Problem(
            field="title",
            code="title_cut",
            message=message,
            where=stored["where"],
            severity=Severity.WARNING,
        )
    ]


def field_codes(*found: object) -> list[str]:
    """Return the codes of the national high-tech fields that words, codes or lists of them name."""
    codes: dict[str, None] = {}
    for part in found:
        for word in part if isinstance(part, list | tuple) else (part or "",):
            codes |= dict.fromkeys(_codes_of(word))
    return list(codes)


@lru_cache(maxsize=1024)  # a list names few fields
def _codes_of(text: object) -> tuple[str, ...]:
    found = (_codes_by_word().get(_field_key(word)) for word in split_list(text))
    return tuple(code for code in found if code)


def _field_key(word: str) -> str:
    return normal_title(word).replace("及", "与").removesuffix("技术")


@lru_cache
def _codes_by_word() -> dict[str, str]:
    table: dict[str, str] = {}
    for row in resources.config_rows("tech_market_fields"):
        for word in (row["name"], *row["aliases"].split(";")):
            if row["hightech_2016_code"]:
                table.setdefault(_field_key(word), row["hightech_2016_code"].split(";")[0])
    for code, name, _parent in wording.fields():
        for word in (name, code):
            table.setdefault(_field_key(word), code)
    table.pop("", None)
    return table


_CODE = re.compile(r"[A-T]?\d{2,4}|[A-T]")


def industry_code(word: object) -> str:
    """Return the code of an industry (GB/T 4754) that a cell names by code or by name, else ""."""
    text = str(word or "").strip()
    return _industry_code(text) if text else ""


@lru_cache(maxsize=1024)
def _industry_code(text: str) -> str:
    return text if _CODE.fullmatch(text) else _industries().get(normal_title(text), "")


@lru_cache
def _industries() -> dict[str, str]:
    rows = resources.config_rows("gbt4754_2017_level1_2")
    return {normal_title(row["name"]): row["code"] for row in rows}
