"""Server-side sessions: the cookie holds a random key, the database its sha256 and the content.

Written outside the request's transaction, after it: a session is a convenience of one browser and
no business fact. A sign-in gets a new key; a changed password ends all others through
`fs_uniquifier`, which Flask-Security compares at every request.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete
from werkzeug.datastructures import CallbackDict

from matchmaker import clock
from matchmaker.settings import Web
from matchmaker.store.engine import Database
from matchmaker.store.tables import User, WebSession

_SEEN_EVERY = timedelta(minutes=5)


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """A session dictionary that knows whether it changed and under which key it is kept."""

    def __init__(self, content: dict[str, Any] | None = None, *, key: str = "") -> None:
        super().__init__(content or {}, lambda changed: setattr(changed, "modified", True))
        self.key = key
        self.modified = False
        self.touch = False
        self.renew = False


class DatabaseSessions(SessionInterface):
    """Keeps sessions in the database, with an idle and an absolute time limit."""

    serializer = TaggedJSONSerializer()

    def __init__(self, database: Database, web: Web) -> None:
        self._database = database
        self._idle = timedelta(minutes=web.session_idle_minutes)
        self._longest = timedelta(hours=web.session_hours)

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        key = request.cookies.get(self.get_cookie_name(app), "")
        if not key or request.path.startswith("/static/"):
            return ServerSession()
        with self._database.reading() as session:
            row = session.get(WebSession, _hash(key))
        if row is None or self._over(row, clock.now()):
            return ServerSession()
        opened = ServerSession(self.serializer.loads(row.content.decode()), key=key)
        # a page that asks by itself does not keep its reader signed in
        opened.touch = "X-Quiet" not in request.headers and clock.now() - row.seen_at > _SEEN_EVERY
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, ServerSession):  # pragma: no cover -- Flask hands back our own
            raise TypeError(type(session))
        name = self.get_cookie_name(app)
        if session.modified and not session:
            self._drop(session.key)
            response.delete_cookie(name, path="/", secure=self.get_cookie_secure(app))
            return
        if not (session.modified or session.touch):
            return
        key = self._store(session)
        response.vary.add("Cookie")
        response.set_cookie(
            name, key, httponly=True, secure=self.get_cookie_secure(app), samesite="Lax", path="/"
        )

    def end_all_of(self, user_id: int) -> None:
        """Forget every session of a user."""
        with self._database.writing() as session:
            session.execute(delete(WebSession).where(WebSession.user_id == user_id))

    def _over(self, row: WebSession, moment: datetime) -> bool:
        return moment - row.seen_at > self._idle or moment - row.created_at > self._longest

    def _store(self, session: ServerSession) -> str:
        if session.renew and session.key:
            self._drop(session.key)
            session.key = ""
        key = session.key or secrets.token_urlsafe(32)
        with self._database.writing() as store:
            row = store.get(WebSession, _hash(key))
            if row is None:
                row = WebSession(key_hash=_hash(key), created_at=clock.now())
                store.add(row)
            row.seen_at = clock.now()
            row.content = self.serializer.dumps(dict(session)).encode()
            row.user_id = self._user_of(store, session)
        return key

    def _drop(self, key: str) -> None:
        if key:
            with self._database.writing() as session:
                session.execute(delete(WebSession).where(WebSession.key_hash == _hash(key)))

    def _user_of(self, store: Any, session: ServerSession) -> int | None:
        uniquifier = session.get("_user_id")
        if not uniquifier:
            return None
        user = store.query(User).filter(User.fs_uniquifier == uniquifier).one_or_none()
        return user.id if user else None


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
