"""Pages that all visitors see alike: made once, and shown again until somebody changes anything.

Those of a large library take long to make while a list is brought in row by row, so they and their counts
may be some seconds old. Whoever is signed in, or holds a session for another reason, gets everything anew,
save for lists that nothing can have changed since the same browser session asked for them seconds ago.
"""

import itertools
import threading
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar

from flask import request
from werkzeug.http import parse_cookie

from matchmaker.web.frame import MatchmakerApp, actor_here, app_here
from matchmaker.web.i18n import LANGUAGE_COOKIE

T = TypeVar("T")
_SECONDS = 5.0
_LARGE = 1_000
_LONGEST = 60.0  # what a page says of today and of deadlines goes on without any change
_LONGEST_OWN = 10.0
_MOST_KEPT = 200
_MOST_OWN = 60
_SIZE = "matchmaker.size_for_visitors"
_OWN = "matchmaker.same_while_nothing_changes"
Answer = tuple[str, list[tuple[str, str]], bytes]


def counted_for_visitors(key: Hashable, count: Callable[[], T], *, size_of: Callable[[T], int]) -> T:
    """Return what `count` says, for visitors perhaps as it was a moment ago if its size is large."""
    if actor_here().user_id is not None:
        return count()
    kept: dict[Hashable, tuple[float, Any]] = app_here().extensions.setdefault("counted_for_visitors", {})
    until, found = kept.get(key, (0.0, None))
    if monotonic() < until:
        told: T = found
        return told
    fresh = count()
    if size_of(fresh) >= _LARGE:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[key] = (monotonic() + _SECONDS, fresh)
    return fresh


def same_for_visitors(size: int) -> None:
    """Say of the page being made that all visitors see the same; `size` is how much it looked through.

    Who is signed in sees a page of their own.
    """
    if actor_here().user_id is None:
        request.environ[_SIZE] = size
    else:
        same_while_nothing_changes()


def same_while_nothing_changes() -> None:
    """Say of the page being made that its reader gets it again while nobody has changed anything.

    Rights, the end of a session and every count are rows: whatever changes them changes the state as well.
    """
    request.environ[_OWN] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """An answer, with the turn in which it began to be made, and when; what it shows is no older."""

    answer: Answer
    large: bool
    longest: float
    state: Hashable
    turn: int
    began: float


@dataclass(slots=True, kw_only=True)
class _Page:
    """What one address shows all visitors; `kept` is None as long as it was never the same for all."""

    kept: _Kept | None = None
    being_made: threading.Lock = field(default_factory=threading.Lock)


class PagesForVisitors:
    """Stands before the application: answers out of what it has kept, each browser session out of its own.

    Kept is what a view has marked, when it sets no cookie. Nobody is shown a page older than the request,
    unless nothing was changed meanwhile or the library is large.
    """

    def __init__(self, app: MatchmakerApp) -> None:
        self._inner: Any = app.wsgi_app
        self._state = app.database.state
        self._pages: dict[Hashable, _Page] = {}
        self._own: dict[Hashable, _Page] = {}
        self._turns = itertools.count()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request (WSGI)."""
        key = _same_request(environ)
        if key is None:
            answer: Iterable[bytes] = self._inner(environ, start_response)
            return answer
        visitor = _is_visitor(environ)
        page = _page(self._pages, key, _MOST_KEPT) if visitor else _page(self._own, key, _MOST_OWN)
        kept, turn = page.kept, next(self._turns)
        if kept is None:
            return self._made_anew(environ, start_response, page)
        if self._holds(kept):
            return _again(kept, start_response)
        outdated = not kept.large or monotonic() > kept.began + 2 * _SECONDS
        if not page.being_made.acquire(blocking=outdated):
            return _again(kept, start_response)
        try:
            kept = page.kept or kept
            if kept.turn > turn or self._holds(kept):  # made while this one waited
                return _again(kept, start_response)
            return self._made_anew(environ, start_response, page)
        finally:
            page.being_made.release()

    def _holds(self, kept: _Kept) -> bool:
        age = monotonic() - kept.began
        return (kept.large and age < _SECONDS) or (age < kept.longest and kept.state == self._state())

    def _made_anew(self, environ: dict[str, Any], start_response: Any, page: _Page) -> Iterable[bytes]:
        state, turn, began = self._state(), next(self._turns), monotonic()
        told: list[tuple[Any, ...]] = []

        def begin(*head: Any) -> Any:
            told.append(head)
            return start_response(*head)

        parts = self._inner(environ, begin)
        page.kept, size = None, environ.get(_SIZE)
        if size is None and _OWN not in environ:
            made: Iterable[bytes] = parts
            return made
        body = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        status, headers = told[-1][:2]
        if status.startswith("200") and not any(name.lower() == "set-cookie" for name, _ in headers):
            page.kept = _Kept(
                answer=(status, headers, body),
                large=size is not None and size >= _LARGE,
                longest=_LONGEST_OWN if size is None else _LONGEST,
                state=state,
                turn=turn,
                began=began,
            )
        return [body]


def _again(kept: _Kept, start_response: Any) -> Iterable[bytes]:
    status, headers, body = kept.answer
    start_response(status, headers)
    return [body]


def _page(pages: dict[Hashable, _Page], key: Hashable, most: int) -> _Page:
    if key not in pages and len(pages) >= most:
        pages.clear()
    return pages.setdefault(key, _Page())


def _is_visitor(environ: dict[str, Any]) -> bool:
    return not set(parse_cookie(environ.get("HTTP_COOKIE", ""))) - {LANGUAGE_COOKIE}


def _same_request(environ: dict[str, Any]) -> Hashable | None:
    """Return what must be equal for the same page to be an answer; None for what is made anew every time."""
    if environ["REQUEST_METHOD"] != "GET" or {"HTTP_HX_REQUEST", "HTTP_X_QUIET"} & environ.keys():
        return None
    names = ("PATH_INFO", "QUERY_STRING", "SCRIPT_NAME", "HTTP_HOST", "HTTP_ACCEPT_ENCODING")
    told = (environ.get(name, "") for name in (*names, "wsgi.url_scheme"))
    cookies = environ.get("HTTP_COOKIE", "")
    language = parse_cookie(cookies).get(LANGUAGE_COOKIE, "")
    return (language if _is_visitor(environ) else cookies, *told)
