"""One form of complaint for web forms, imports and the command line."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a problem stops: an ERROR keeps the row or form out, the others let it in."""

    ERROR = "error"
    WARNING = "warning"
    GUESS = "guess"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong, where, and what to do, in one Chinese sentence a clerk can act on.

    `field` is the canonical field name ("" for the whole thing), `code` a stable English slug for
    tests and statistics, `where` a place a person can find: "汇总表!C17", "第 3 行" or "" on forms.
    """

    field: str
    code: str
    message: str
    where: str = ""
    severity: Severity = Severity.ERROR

    def at(self, where: str) -> "Problem":
        """Return the same problem with its place filled in."""
        return Problem(
            field=self.field,
            code=self.code,
            message=self.message,
            where=where,
            severity=self.severity,
        )

    def sentence(self) -> str:
        """Return the message with its place in front, as shown to people."""
        return f"{self.where}：{self.message}" if self.where else self.message


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that keep something out, in their order."""
    return [problem for problem in problems if problem.severity is Severity.ERROR]
