"""What visitors see of a large library: counted, and its pages made, once in a few seconds for all of them.

Whoever is signed in, or holds a session for another reason, and small libraries get everything anew.
"""

import threading
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

from flask import request
from werkzeug.http import parse_cookie

from matchmaker.web.frame import MatchmakerApp, actor_here, app_here
from matchmaker.web.i18n import LANGUAGE_COOKIE

T = TypeVar("T")
_SECONDS = 5.0
_LARGE = 1_000
_MOST_KEPT = 200
_SAME = "matchmaker.same_for_visitors"
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
    """Say of the page being made that visitors without a session may be shown it again for a few seconds."""
    if size >= _LARGE and actor_here().user_id is None:
        request.environ[_SAME] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    answer: Answer
    until: float


class PagesForVisitors:
    """Stands before the application: answers visitors without a session out of what it has kept.

    Kept is what a view has marked, when it sets no cookie. One makes a page anew, others are shown the
    old one meanwhile, unless it is older than twice the time.
    """

    def __init__(self, app: MatchmakerApp) -> None:
        self._inner: Any = app.wsgi_app
        self._kept: dict[Hashable, _Kept] = {}
        self._made = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request (WSGI)."""
        key = _same_request(environ)
        kept = self._kept.get(key) if key is not None else None
        if kept is None:
            return self._made_anew(environ, start_response, key)
        if monotonic() < kept.until:
            return _again(kept, start_response)
        outdated = monotonic() > kept.until + _SECONDS  # nobody has asked for a while: wait for the new one
        if not self._made.acquire(blocking=outdated):
            return _again(kept, start_response)
        try:
            kept = self._kept.get(key, kept)
            if monotonic() < kept.until:  # made while this one waited
                return _again(kept, start_response)
            return self._made_anew(environ, start_response, key)
        finally:
            self._made.release()

    def _made_anew(
        self, environ: dict[str, Any], start_response: Any, key: Hashable | None
    ) -> Iterable[bytes]:
        if key is None:
            answer: Iterable[bytes] = self._inner(environ, start_response)
            return answer
        told: list[tuple[Any, ...]] = []

        def begin(*head: Any) -> Any:
            told.append(head)
            return start_response(*head)

        parts = self._inner(environ, begin)
        if _SAME not in environ:
            self._kept.pop(key, None)
            made: Iterable[bytes] = parts
            return made
        body = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        status, headers = told[-1][:2]
        if status.startswith("200") and not any(name.lower() == "set-cookie" for name, _ in headers):
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = _Kept(answer=(status, headers, body), until=monotonic() + _SECONDS)
        return [body]


def _again(kept: _Kept, start_response: Any) -> Iterable[bytes]:
    status, headers, body = kept.answer
    start_response(status, headers)
    return [body]


def _same_request(environ: dict[str, Any]) -> Hashable | None:
    """Return what must be equal for two visitors to get the same page; None for who is no mere visitor."""
    cookies = parse_cookie(environ.get("HTTP_COOKIE", ""))
    if environ["REQUEST_METHOD"] != "GET" or set(cookies) - {LANGUAGE_COOKIE} or "HTTP_HX_REQUEST" in environ:
        return None
    names = ("PATH_INFO", "QUERY_STRING", "SCRIPT_NAME", "HTTP_HOST", "HTTP_ACCEPT_ENCODING")
    told = (environ.get(name, "") for name in (*names, "wsgi.url_scheme"))
    return (cookies.get(LANGUAGE_COOKIE, ""), *told)
