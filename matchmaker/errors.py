"""What can go wrong, as one tree.

MatchmakerError
  ├─ Refused             the user can act on it; not logged as a fault
  │    InvalidInput(problems) · NotAllowed · NotFound · WrongState · Conflict · UploadExpired
  │    LinkExpired · TooManyAttempts
  ├─ ChannelError(permanent)   a notice could not be sent
  ├─ Unprocessable       a delivery that no retry can mend
  └─ Misconfigured       start-up only
"""

from collections.abc import Sequence

from matchmaker.domain.problems import Problem


class MatchmakerError(Exception):
    """The root of everything this project raises."""


class Refused(MatchmakerError):
    """A request that cannot be done as asked; the message is Chinese and shown as it is."""

    status = 400

    def __init__(self, message: str = "这个请求不能按提交的内容办理。") -> None:
        super().__init__(message)
        self.message = message


class InvalidInput(Refused):
    """Input with problems; all of them, not the first."""

    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("；".join(problem.sentence() for problem in problems))
        self.problems = tuple(problems)


class NotAllowed(Refused):
    """The actor may know the thing exists, but may not do this to it."""

    status = 403

    def __init__(self, message: str = "您的账号没有办理这件事的权限。") -> None:
        super().__init__(message)


class NotFound(Refused):
    """There is no such thing, or the actor may not know that there is."""

    status = 404

    def __init__(self, message: str = "没有找到您要的内容，可能已被删除或不对您开放。") -> None:
        super().__init__(message)


class WrongState(Refused):
    """The thing is in a state from which this move is not allowed."""

    status = 409


class Conflict(Refused):
    """Somebody else saved the thing in the meantime."""

    status = 409

    def __init__(self, message: str = "这条记录刚被别人改过。请刷新页面，核对后再保存。") -> None:
        super().__init__(message)


class UploadExpired(Refused):
    """The preview is too old to be confirmed."""

    status = 410

    def __init__(self, message: str = "这份上传的预览已过期，请重新上传文件。") -> None:
        super().__init__(message)


class LinkExpired(Refused):
    """A single-use address that was used, has run out, or never was one."""

    status = 410

    def __init__(self, message: str = "这个链接已经用过或已过期，请重新申请一个。") -> None:
        super().__init__(message)


class TooManyAttempts(Refused):
    """A guard against guessing: wait, then try again."""

    status = 429


class ChannelError(MatchmakerError):
    """A notice could not be handed over. `permanent`: trying again cannot help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class Unprocessable(MatchmakerError):
    """A delivery that no retry can mend: it is given up at once, for a person to look at."""


class Misconfigured(MatchmakerError):
    """The installation cannot start as it is set up; the message says what to change."""
