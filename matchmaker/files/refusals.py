"""A file that cannot be taken, and the one sentence the person reads."""

from matchmaker.domain.problems import Problem
from matchmaker.errors import Refused


class FileRefused(Refused):
    """A file that is not read at all; the message says why and what to do instead."""

    status = 422

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def refused(code: str, message: str) -> FileRefused:
    """Return the refusal of a file, to be raised; `code` is stable, `message` is what the person reads."""
    return FileRefused(Problem(field="", code=code, message=message))
