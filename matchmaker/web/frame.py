"""The frame around every request: access, one transaction, error pages, security headers.

A view called with GET reads; with any other method it writes, and what it wrote is committed when
it returns and thrown away when it raises. A view marked `@reads` opens its own writing
transaction (it hashes a password or parses a file first).
"""

import logging
import uuid
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as WerkzeugResponse

from matchmaker.domain.permissions import ANYONE, Actor
from matchmaker.domain.states import ApprovalState
from matchmaker.errors import Conflict, NotAllowed, Refused
from matchmaker.services.accounts import actor_of
from matchmaker.services.notices import unread_count
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import User
from matchmaker.web.access import Audience, audiences_of, may_call
from matchmaker.web.i18n import told
from matchmaker.web.refused import form_again, page_of_the_form

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
_HIGHEST_ID = 2**31 - 1
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class IdConverter(IntegerConverter):
    """An id in an address; what no database column holds leads nowhere, as any other unknown id does."""

    def __init__(self, rules: Map) -> None:
        super().__init__(rules, max=_HIGHEST_ID)


class MatchmakerApp(Flask):
    """A Flask application whose every dispatch runs in the frame."""

    settings: Settings
    database: Database

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.url_map.converters["int"] = IdConverter

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view inside its transaction, after asking whether the caller may."""
        if request.routing_exception is not None or request.endpoint == "static":
            return super().dispatch_request()
        view = self.view_functions[cast(str, request.endpoint)]
        reads = request.method in _SAFE or getattr(view, "reads", False)
        with self.database.reading() if reads else self.database.writing() as session:
            g.session = session
            try:
                g.actor = _actor(session)
                g.unread = unread_count(session, g.actor.user_id) if g.actor.user_id else 0
                refusal = _refusal(self)
                return super().dispatch_request() if refusal is None else refusal
            finally:
                del g.session


def reads(view: View) -> View:
    """Mark a view that opens its own writing transaction, whatever the method."""
    view.reads = True  # type: ignore[attr-defined]
    return view


def app_here() -> MatchmakerApp:
    """Return the application of this request."""
    return cast(MatchmakerApp, current_app._get_current_object())  # type: ignore[attr-defined]


def settings_here() -> Settings:
    """Return the settings of this request's application."""
    return app_here().settings


def database_here() -> Database:
    """Return the database, for views marked `@reads`."""
    return app_here().database


def session_here() -> Session:
    """Return this request's database session."""
    return cast(Session, g.session)


def actor_here() -> Actor:
    """Return who is asking."""
    return cast(Actor, getattr(g, "actor", ANYONE))


def _user(uniquifier: str) -> User | None:
    """Load who is signed in, in a short look of its own: extensions ask before the view's session opens."""
    with database_here().reading() as session:
        user = session.scalar(select(User).where(User.fs_uniquifier == uniquifier))
    return user if user and user.active and user.status is ApprovalState.APPROVED else None


def _actor(session: Session) -> Actor:
    if not current_user.is_authenticated:
        return ANYONE
    user = cast(User, current_user._get_current_object())
    return actor_of(session, user.id)


def _refusal(app: Flask) -> ResponseReturnValue | None:
    actor = actor_here()
    audiences = audiences_of(app, cast(str, request.endpoint))
    if may_call(actor, audiences):
        return _password_change_first(actor)
    if actor.user_id is None and request.method in _SAFE:
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    raise NotAllowed()


def _password_change_first(actor: Actor) -> ResponseReturnValue | None:
    free = ("accounts.change_password", "accounts.sign_out")
    if actor.user_id is None or request.endpoint in free:
        return None
    return redirect(url_for("accounts.change_password")) if current_user.must_change_password else None


def register(app: MatchmakerApp) -> None:
    """Hang error pages, headers and the request id on the application."""
    cast(Any, app).login_manager.user_loader(_user)
    app.before_request(_name_request)
    app.after_request(_secure)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(StaleDataError, lambda _error: _refused(Conflict()))
    app.register_error_handler(CSRFError, _no_token)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)


def _name_request() -> None:
    g.request_id = uuid.uuid4().hex[:12]


def _secure(response: Response) -> Response:
    headers = response.headers
    headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    )
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Permissions-Policy", "geolocation=(), microphone=(), camera=(self)")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    if settings_here().web.https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _page(
    status: int,
    *,
    title: str,
    message: str,
    problems: tuple[Any, ...] = (),
    sign_in: str = "",
    back: str = "",
) -> ResponseReturnValue:
    if _asks_for_json():
        return {"error": title, "message": message}, status
    if "actor" not in g and status < 500:  # refused before the view's turn: no such page, no token
        with database_here().reading() as session:
            g.actor = _actor(session)
    page = render_template(
        "errors/error.html",
        status=status,
        title=told(title),
        message=told(message),
        problems=problems,
        request_id=g.get("request_id", ""),
        sign_in_url=sign_in,
        back_url=back,
    )
    return page, status


def _asks_for_json() -> bool:
    return bool(request.headers.get("HX-Request")) or request.accept_mimetypes.best == "application/json"


_TITLES = {
    400: "请求有误",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这样访问",
    409: "现在不能这样做",
    410: "已过期",
    413: "文件太大",
    422: "请检查填写的内容",
    429: "操作太频繁",
}


def _refused(error: Refused) -> ResponseReturnValue:
    log.info(
        "refused",
        extra={"request_id": g.get("request_id", ""), "status": error.status, "kind": type(error).__name__},
    )
    again = None if _asks_for_json() else form_again(error)
    return again or _page(
        error.status,
        title=_TITLES.get(error.status, "不能办理"),
        message=error.message,
        problems=getattr(error, "problems", ()),
    )


def _no_token(_error: CSRFError) -> ResponseReturnValue:
    """Refuse what came without its token; nothing was saved.

    One whose sign-in ran out signs in again and comes back to the form and its draft: at once where the old
    cookie is still there, from a page that says so where the browser has lost it.
    """
    own = Audience.ANYONE not in audiences_of(current_app, request.endpoint or "static")
    signed_out, form = own and not current_user.is_authenticated, page_of_the_form()
    if not signed_out:
        message = "页面停留太久或来源不明，为了安全没有保存。请返回刷新页面后重新提交。"
        return _page(400, title=_TITLES[400], message=message, back=form)
    known = current_app.config["SESSION_COOKIE_NAME"] in request.cookies
    if known and "csrf_token" in request.form:
        return redirect(url_for("accounts.sign_in", next=form, expired=1), 303)
    message = "您现在没有登录（登录已过期，或浏览器清除了 Cookie），刚才的内容没有保存。请登录后重新提交。"
    return _page(
        400, title="没有保存，请先登录", message=message, sign_in=url_for("accounts.sign_in", next=form)
    )


def _http_error(error: HTTPException) -> ResponseReturnValue | WerkzeugResponse:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    if status == 413:
        limit = settings_here().web.upload_megabytes
        return _page(413, title=_TITLES[413], message=f"上传的文件超过 {limit} MB，请拆分后再传。")
    message = (
        "没有找到您要的页面，请从首页重新进入。" if status == 404 else "请返回上一页，按页面上的按钮操作。"
    )
    return _page(status, title=_TITLES.get(status, "请求未完成"), message=message)


def _fault(error: Exception) -> ResponseReturnValue:
    log.error("fault", extra={"request_id": g.get("request_id", ""), "path": request.path}, exc_info=error)
    return _page(
        500,
        title="系统出错了",
        message="您的操作没有保存。请稍后重试；若仍然出现，请把下面的编号告诉系统管理员。",
    )
