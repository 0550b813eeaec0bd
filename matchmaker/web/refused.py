"""Where a form goes that was refused: back to its own page, filled in as it was sent."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, current_app, get_template_attribute, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.test import create_environ

from matchmaker.domain.problems import Problem
from matchmaker.errors import Conflict, InvalidInput, MatchmakerError, Refused, WrongState
from matchmaker.web.filled_forms import changed_meanwhile, given_back, with_summary
from matchmaker.web.i18n import told

_SHOWN_MOST = 200


def page_of_the_form() -> str:
    """Return the page that a form was sent from, "" where no page can be opened there."""
    return next(_pages(), "")


def form_again(error: Refused) -> ResponseReturnValue | None:
    """Return the page of the form that was refused, with what was typed and what is wrong.

    None where it cannot be found, and for what no other words in the form would mend.
    """
    if request.method != "POST" or not isinstance(error, InvalidInput | WrongState | Conflict):
        return None
    posted = request.form.to_dict(flat=False)
    came_from = _came_from()
    for address in dict.fromkeys((*_pages(), *_pages_above())):
        page = _made(address)
        if page is None:
            continue
        again = _filled_in(error, page, address=address, posted=posted)
        if again is None and address == came_from and isinstance(error, WrongState | Conflict):
            again = with_summary(page, _summary(error, address=address), address=address)
        if again is not None:
            return again, error.status
    return None


def _filled_in(error: Refused, page: str, *, address: str, posted: Mapping[str, Sequence[str]]) -> str | None:
    """Return the page with its form as it was sent; one that was overtaken can be saved after all."""
    problems, overtaken = tuple(getattr(error, "problems", ())), isinstance(error, Conflict)
    if overtaken:
        now = changed_meanwhile(page, address=address, sent_to=request.path, posted=posted)
        if now is None:
            return None
        problems = tuple(_said_otherwise(now))
    return given_back(
        page,
        address=address,
        sent_to=request.path,
        posted=posted,
        problems=problems,
        words=_at_field,
        summary=lambda ids: _summary(error, address=address, problems=problems, ids=ids, overtaken=overtaken),
    )


def _summary(
    error: Refused,
    *,
    address: str,
    problems: Sequence[Problem] = (),
    ids: Mapping[str, str] | None = None,
    overtaken: bool = False,
) -> str:
    return render_template(
        "errors/_summary.html",
        address=address,
        message=told(error.message),
        problems=problems,
        ids=ids or {},
        overtaken=overtaken,
    )


def _said_otherwise(now: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what stands in the record now, for each field that was sent otherwise."""
    for name, words in now.items():
        short = words if len(words) <= _SHOWN_MOST else f"{words[:_SHOWN_MOST]}…"
        said = _("系统里现在是：%(value)s", value=short) if words else _("系统里现在是空的")
        yield Problem(field=name, code="changed", message=said)


def _at_field(id_: str, problems: Sequence[Problem]) -> str:
    # plain text: markup would escape the page that it is put into
    return str(get_template_attribute("errors/_at_field.html", "at_field")(id_, problems))


def _came_from() -> str:
    asked = urlsplit(request.referrer or "")
    return f"{asked.path}?{asked.query}".rstrip("?") if asked.netloc == request.host else ""


def _pages() -> Iterator[str]:
    return (address for address in (_came_from(), request.path) if address and _opens(address))


def _pages_above() -> Iterator[str]:
    """Yield the pages above the address that the form was sent to: of /matches/7/reject, /matches/7."""
    path = request.path
    while "/" in path.strip("/"):
        path = path.rpartition("/")[0]
        if _opens(path):
            yield path


def _opens(address: str) -> bool:
    pages = current_app.create_url_adapter(request)
    return pages is not None and pages.test(urlsplit(address).path, method="GET")


def _made(address: str) -> str | None:
    """Return the page at an address as the sender of this request sees it; None where there is none."""
    app = cast(Flask, cast(Any, current_app)._get_current_object())
    asked = urlsplit(address)
    kept = ("Cookie", "Accept-Language", "User-Agent")
    environ = create_environ(
        asked.path,
        request.host_url,
        asked.query,
        headers={name: request.headers[name] for name in kept if name in request.headers},
        environ_overrides={"REMOTE_ADDR": request.remote_addr},
    )
    with app.app_context(), app.request_context(environ):
        try:
            early = app.preprocess_request()
            answer = app.make_response(app.dispatch_request() if early is None else early)
        except (MatchmakerError, HTTPException):
            return None
        whole = answer.status_code == 200 and answer.mimetype == "text/html"
        return answer.get_data(as_text=True) if whole else None
