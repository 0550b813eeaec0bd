"""Texts longer than their column: refused with a sentence, on every database.

PostgreSQL would stop with an error that tells a person nothing, SQLite would keep what it should not.
"""

from typing import Any

from sqlalchemy import String, inspect
from sqlalchemy.orm import Session

from matchmaker.domain.parsed import short
from matchmaker.domain.problems import Problem
from matchmaker.errors import InvalidInput


def refuse_too_long(session: Session, _context: Any, _instances: Any) -> None:
    """Raise InvalidInput for new and changed texts that their columns cannot take."""
    problems = [problem for thing in [*session.new, *session.dirty] for problem in _too_long(thing)]
    if problems:
        raise InvalidInput(problems)


def _too_long(thing: Any) -> list[Problem]:
    state = inspect(thing)
    return [
        _problem(attribute.key, value, attribute.columns[0].type.length)
        for attribute in state.mapper.column_attrs
        if isinstance(attribute.columns[0].type, String) and attribute.columns[0].type.length
        for value in state.attrs[attribute.key].history.added or ()
        if isinstance(value, str) and len(value) > attribute.columns[0].type.length
    ]


def _problem(field: str, value: str, longest: int) -> Problem:
    message = f"“{short(value)}”太长：这一项最多 {longest} 个字，现在有 {len(value)} 个，请缩短后再保存。"
    return Problem(field=field, code="too_long", message=message)
