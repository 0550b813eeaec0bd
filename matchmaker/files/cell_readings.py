"""What the reading of one cell comes to."""

from collections.abc import Callable

from matchmaker.domain.parsed import Parsed
from matchmaker.domain.problems import Problem
from matchmaker.files.book import Cell

Reading = tuple[dict[str, object], tuple[Problem, ...]]
"""The fields one cell fills with their values, and what is to be said about them."""

Reader = Callable[[Cell], Reading]
NOTHING: Reading = ({}, ())


def of_field(problem: Problem, field: str) -> Problem:
    """Return a problem of a value as one of the field it was read for."""
    return Problem(field=field, code=problem.code, message=problem.message, severity=problem.severity)


def named(parsed: Parsed[object], field: str) -> Reading:
    """Return a value and what is said about it as those of a field."""
    found: dict[str, object] = {} if parsed.value is None else {field: parsed.value}
    return found, tuple(of_field(problem, field) for problem in parsed.problems) if parsed.problems else ()
