"""Puts the web application together."""

import logging
from typing import Any

from flask import g
from flask_security import Security, SQLAlchemySessionUserDatastore
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.local import LocalProxy
from werkzeug.middleware.proxy_fix import ProxyFix

from matchmaker import web
from matchmaker.resources import folder
from matchmaker.settings import Settings
from matchmaker.store.engine import CheckedSession, Database
from matchmaker.store.tables import Role, User
from matchmaker.web import access, compress, frame, i18n, presentation
from matchmaker.web.sessions import DatabaseSessions
from matchmaker.web.visitors import PagesForVisitors

log = logging.getLogger(__name__)


def create_app(settings: Settings, database: Database | None = None, **overrides: Any) -> frame.MatchmakerApp:
    """Return the WSGI application over a migrated database.

    `overrides` are Flask settings, for tests. Raises Misconfigured when a route does not declare
    who may call it.
    """
    app = frame.MatchmakerApp(
        "matchmaker.web", template_folder=str(folder("templates")), static_folder="static", root_path=web.ROOT
    )
    app.settings = settings
    app.database = database or Database(settings.database_url)
    app.database.session_type = CheckedSession
    app.config.update(_flask_settings(settings) | overrides)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.session_interface = DatabaseSessions(app.database, settings.web)
    compress.register(app)  # first in the list, last to see an answer
    CSRFProtect(app)
    _sign_in(app)
    i18n.register(app, default=settings.site.locale)
    frame.register(app)
    presentation.register(app)
    web.register(app)
    access.check_declared(app)
    app.wsgi_app = PagesForVisitors(app)  # type: ignore[method-assign]
    if settings.web.trusted_proxies:
        hops = settings.web.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)  # type: ignore[method-assign]
    return app


def _sign_in(app: frame.MatchmakerApp) -> None:
    session: Any = LocalProxy(lambda: g.session)
    Security(app, SQLAlchemySessionUserDatastore(session, User, Role), register_blueprint=False)


def _flask_settings(settings: Settings) -> dict[str, Any]:
    https = settings.web.https
    return {
        "SECRET_KEY": settings.secret_key,
        "SECURITY_PASSWORD_SALT": settings.secret_key,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SINGLE_HASH": True,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_PASSWORD_LENGTH_MIN": 8,
        "SESSION_COOKIE_NAME": "__Host-matchmaker" if https else f"matchmaker_{settings.instance}",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PREFERRED_URL_SCHEME": "https" if https else "http",
        "MAX_CONTENT_LENGTH": settings.web.upload_megabytes * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": https,
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
    }
