"""Every address × every role: who gets in, who is turned away, and that no post goes without a token.

Nothing here names a page: new ones are covered as they come. Only an argument name that is new
needs an id in tests/world.py.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from jinja2 import FileSystemBytecodeCache
from reading import CHEAP_HASH
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse
from world import Forgetful, World, make_world

from matchmaker.app import create_app
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Row, User
from matchmaker.web.access import Audience, audiences_of
from matchmaker.web.frame import MatchmakerApp

ROLES: dict[str, frozenset[Audience]] = {
    "anonymous": frozenset(),
    "enterprise_user": frozenset({Audience.SIGNED_IN, Audience.ENTERPRISE}),
    "other_enterprise_user": frozenset({Audience.SIGNED_IN, Audience.ENTERPRISE}),
    "university_user": frozenset({Audience.SIGNED_IN, Audience.UNIVERSITY}),
    "other_university_user": frozenset({Audience.SIGNED_IN, Audience.UNIVERSITY}),
    "organiser": frozenset({Audience.SIGNED_IN, Audience.ORGANISER}),
    "admin": frozenset({Audience.SIGNED_IN, Audience.ORGANISER, Audience.ADMIN}),
    "disabled": frozenset(),
}
# what these arguments name belongs to 华星 or 江大 in the test world: to others it is not there
OWNED = frozenset(
    {
        "organisation_id",
        "person_id",
        "subject_id",
        "need_id",
        "achievement_id",
        "match_id",
        "upload_id",
        "row_id",
        "invitation_id",
        "pairing_id",
        "wish_id",
        "intent_id",
        "agreement_id",
        "contract_id",
        "claim_id",
        "evidence_id",
        "debt_id",
        "notice_id",
    }
)
# contacts.reveal says "after both sides accepted" instead of 404: the masked contact is in sight already
ANSWERS_403 = frozenset({"contacts.reveal"})
READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class Site:
    """The application over the test world; `called` names the views that were reached."""

    app: MatchmakerApp
    database: Database
    world: World
    called: list[str] = field(default_factory=list)
    browsers: dict[str, tuple[FlaskClient, str]] = field(default_factory=dict)

    def browser(self, role: str) -> FlaskClient:
        """Return a browser of this role that holds a good token; a new one after a sign-out."""
        client, key = self.browsers.get(role, (None, ""))
        if client is None or _session_key(client) != key:
            client = self._new_browser(role)
            self.browsers[role] = (client, _session_key(client))
        return client

    def _new_browser(self, role: str) -> FlaskClient:
        client = self.app.test_client()
        with client.session_transaction() as kept:
            kept["csrf_token"] = "seed"
            if role != "anonymous":
                kept["_user_id"] = self._uniquifier(role)
                kept["_fresh"] = True
        return client

    def _uniquifier(self, role: str) -> str:
        with self.database.reading() as session:
            return session.get_one(User, getattr(self.world.people, role)).fs_uniquifier

    @property
    def token(self) -> str:
        """The token of the browsers above."""
        signer = URLSafeTimedSerializer(self.app.config["SECRET_KEY"], salt="wtf-csrf-token")
        return str(signer.dumps("seed"))

    def call(self, role: str, rule: Rule, method: str, *, token: bool = True) -> TestResponse:
        """Send an empty request of this role to a rule."""
        client = self.browser(role)
        self.called.clear()
        headers = {"X-CSRFToken": self.token} if token and method not in READING else {}
        return client.open(self.world.address(self.app, rule), method=method, headers=headers)

    def rules(self) -> Iterator[tuple[Rule, str]]:
        """Return every rule with each method that does something, files under /static apart."""
        for rule in sorted(self.app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                if rule.endpoint != "static":
                    yield rule, method


def _session_key(client: FlaskClient) -> str:
    cookie = client.get_cookie("matchmaker_own")
    return cookie.value if cookie else ""


@pytest.fixture
def site(
    settings: Settings, database: Database, compiled_templates: FileSystemBytecodeCache
) -> Iterator[Site]:
    """The whole application, with tokens asked for and every view noting that it was reached."""
    with database.writing() as session:
        world = make_world(session)
    app = create_app(settings, database, TESTING=True, WTF_CSRF_SSL_STRICT=False, **CHEAP_HASH)
    app.jinja_env.bytecode_cache = compiled_templates
    site = Site(app=app, database=database, world=world)
    app.database = Forgetful(settings.database_url)
    for endpoint, view in app.view_functions.items():
        app.view_functions[endpoint] = _noting(site, endpoint, view)
    yield site
    app.database.close()


def _noting(site: Site, endpoint: str, view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)  # carries the audience and the mark @reads along
    def noting(*args: Any, **values: Any) -> Any:
        site.called.append(endpoint)
        return view(*args, **values)

    return noting


def _may(app: Flask, role: str, rule: Rule) -> bool:
    audiences = audiences_of(app, rule.endpoint)
    return Audience.ANYONE in audiences or bool(audiences & ROLES[role])


def _turned_away(role: str, method: str, answer: TestResponse) -> bool:
    if method == "GET" and role in ("anonymous", "disabled"):
        return answer.status_code == 302 and answer.location.startswith("/accounts/sign-in?next=")
    return answer.status_code == 403


@pytest.mark.parametrize("role", ROLES)
def test_whom_a_view_declares_gets_in_and_nobody_else(site: Site, role: str) -> None:
    wrong = []
    for rule, method in site.rules():
        answer = site.call(role, rule, method)
        if _may(site.app, role, rule):
            # a form that is refused is shown again by the view of its page
            fine = site.called[:1] == [rule.endpoint] and answer.status_code < 500
            fine = fine and (len(site.called) == 1 or answer.status_code in (409, 422))
        else:
            fine = not site.called and _turned_away(role, method, answer)
        if not fine:
            wrong.append(f"{method} {rule.rule} → {answer.status_code} {answer.location or ''}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ["other_enterprise_user", "other_university_user"])
def test_what_belongs_to_another_organisation_is_not_there(site: Site, role: str) -> None:
    wrong = []
    for rule, method in site.rules():
        if not (rule.arguments & OWNED) or not _may(site.app, role, rule):
            continue
        answer = site.call(role, rule, method)
        expected = 403 if rule.endpoint in ANSWERS_403 else 404
        if answer.status_code != expected:
            wrong.append(f"{method} {rule.rule} → {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ["anonymous", "admin"])
def test_nothing_is_changed_without_a_token(site: Site, role: str) -> None:
    wrong = []
    for rule, method in site.rules():
        if method in READING:
            continue
        answer = site.call(role, rule, method, token=False)
        if site.called or answer.status_code != 400:
            wrong.append(f"{method} {rule.rule} → {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_looking_changes_nothing(site: Site) -> None:
    site.app.database = site.database
    before = _rows(site.database)
    for role in ("anonymous", "enterprise_user", "university_user", "admin"):
        for rule, method in site.rules():
            if method == "GET":
                site.call(role, rule, method)

    assert _rows(site.database) == before


def _rows(database: Database) -> dict[str, int]:
    tables = [table for table in Row.metadata.sorted_tables if table.name != "web_session"]
    with database.reading() as session:
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def test_every_view_says_who_may_call_it(site: Site) -> None:
    silent = [rule.rule for rule, _ in site.rules() if not audiences_of(site.app, rule.endpoint)]

    assert silent == []


class Paragraphs(HTMLParser):
    """Gathers forms inside a paragraph: browsers end the paragraph there, and what was around the form."""

    def __init__(self) -> None:
        super().__init__()
        self.open = False
        self.broken: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form" and self.open:
            self.broken.append(dict(attrs).get("action"))
        self.open = tag == "p" or (self.open and tag != "form")

    def handle_endtag(self, tag: str) -> None:
        self.open = self.open and tag != "p"


def test_no_form_stands_inside_a_paragraph(site: Site) -> None:
    broken: dict[str, list[str | None]] = {}
    for role in ("anonymous", "enterprise_user", "university_user", "admin"):
        for rule, method in site.rules():
            if method == "GET" and (answer := site.call(role, rule, method)).mimetype == "text/html":
                page = Paragraphs()
                page.feed(answer.text)
                if page.broken:
                    broken[f"{role} {rule.rule}"] = page.broken
    assert broken == {}
