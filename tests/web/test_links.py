"""Every link that a page shows leads somewhere for the person who sees it."""

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from matchmaker.demo.load import load
from matchmaker.store.engine import Database
from matchmaker.store.tables import User
from matchmaker.web.frame import MatchmakerApp


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        href = dict(attributes).get("href")
        if tag == "a" and href:
            self.found.append(href)


@pytest.mark.parametrize("login", ["organiser", "admin", "enterprise", "university", "nobody"])
def test_no_link_of_the_sample_campaign_leads_to_a_refusal_or_nowhere(
    app: MatchmakerApp, database: Database, sign_in: Callable[[int], FlaskClient], login: str
) -> None:
    with database.writing() as session:
        load(session)
        user = session.scalar(select(User).where(User.email == f"{login}@demo.example"))
    browser = sign_in(user.id) if user else app.test_client()

    broken = [f"{page} → {href}: {status}" for page, href, status in _followed(app, browser) if status >= 400]

    assert broken == []


def _followed(app: MatchmakerApp, browser: FlaskClient) -> Iterator[tuple[str, str, int]]:
    """Yield (page, address, status) of links reached from the front page, one for each rule."""
    waiting, seen, rules = [("", "/")], {"/"}, set[str]()
    while waiting:
        page, address = waiting.pop(0)
        answer = browser.get(address)
        yield page, address, answer.status_code
        if answer.mimetype != "text/html":
            continue
        reader = _Links()
        reader.feed(answer.get_data(as_text=True))
        for href in reader.found:
            whole = urlsplit(urljoin(answer.request.url, href))
            target = whole.path + (f"?{whole.query}" if whole.query else "")
            if whole.netloc != "localhost" or target in seen:
                continue
            seen.add(target)
            rule = _rule(app, whole.path)
            if rule not in rules and rule != "accounts.sign_out":
                rules.add(rule)
                waiting.append((address, target))


def _rule(app: MatchmakerApp, path: str) -> str:
    """Return the endpoint behind a path; the path itself where there is none, so that it is followed."""
    try:
        return str(app.url_map.bind("localhost").match(path)[0])
    except HTTPException:
        return path
