"""Awkward strings through every field to write in of every form of every page: kept as they are, or refused.

Nothing here names a page: new ones are covered as they come. A run gives every field a share of the strings,
the next field the next share, so that all of them go through many fields; with
`--hypothesis-profile=thorough --timeout=0` every field gets every string that it is long enough for.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from effort import everything
from flask.testing import FlaskClient
from forms_in_pages import Form, forms_of
from sqlalchemy import String, event, inspect
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse
from world import Forgetful, World, make_world

from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.web.frame import MatchmakerApp

ROLES = ("admin", "enterprise_user", "university_user")
OURS = (
    "a'\"<b onclick=x>{{7*7}}${7*7}%s%n\\ =cmd|'/C calc'!A0 +1-1@x ;-- ../..",
    "零\u200b宽 \u202e倒\u202c 👩‍🔬🏳️‍🌈 ﷽ Z͑ͫ̓a̴ ＡＢ１２ 𠮷㐱 \u00a0 \u3000 null None NaN undefined",
)
SHARE = 1
# Fields whose text is read: names made comparable, titles put on one line, lists cut at their marks.
READ = {
    ("organisations.add_alias", "alias"),
    ("organisations.add", "name"),
    ("organisations.save", "name"),
    ("needs.create", "contact_name"),
    ("needs.save", "contact_name"),
    ("achievements.create", "contact_name"),
    ("achievements.save", "contact_name"),
    ("needs.create", "keywords"),
    ("needs.save", "keywords"),
    ("achievements.create", "keywords"),
    ("achievements.save", "keywords"),
    ("settings.save_towns", "towns"),
    ("settings.save_theme", "words"),
}
# Fields that look for something and say so when it is not there, and numbers: 08, １２３.
SOUGHT = {
    ("events.add_person", "organisation"),
    ("events.add_person", "person"),
    ("planner.create", "venue_capacity"),
}


@dataclass(slots=True)
class Written:
    """What reached the database: the texts of inserts and updates, and columns too short for theirs."""

    texts: list[str] = field(default_factory=list)
    too_long: set[str] = field(default_factory=set)

    def note(self, _c: Any, _k: Any, statement: str, parameters: Any, _x: Any, _m: Any) -> None:
        if statement.lstrip()[:6].upper() in ("INSERT", "UPDATE"):
            self._add(parameters)

    def _add(self, value: Any) -> None:
        if isinstance(value, str):
            self.texts.append(value)
        elif isinstance(value, dict):
            self._add(list(value.values()))
        elif isinstance(value, (list, tuple)):
            for part in value:
                self._add(part)

    def measure(self, session: Session, _context: Any, _instances: Any) -> None:
        """Note texts that PostgreSQL would not take; SQLite keeps any length."""
        for thing in [*session.new, *session.dirty]:
            for attribute in inspect(type(thing)).column_attrs:
                column, value = attribute.columns[0], getattr(thing, attribute.key)
                longest = column.type.length if isinstance(column.type, String) else None
                if longest and isinstance(value, str) and len(value) > longest:
                    self.too_long.add(f"{column.table.name}.{column.name}")

    def clear(self) -> None:
        self.texts.clear()
        self.too_long.clear()

    def has(self, text: str) -> bool:
        forms = (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
        return any(form in written for form in forms for written in self.texts)

    def has_parts(self, text: str) -> bool:
        """Whether the letters and digits of every piece between marks and blanks are there."""
        kept = _letters("".join(self.texts))
        pieces = re.split(r"[;；、，,/|\s]+", text)
        return all(_letters(piece) in kept or _letters(json.dumps(piece)[1:-1]) in kept for piece in pieces)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def pages(app: MatchmakerApp, world: World) -> Iterator[str]:
    """Yield the address of every page."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            yield world.address(app, rule)


def writable(
    app: MatchmakerApp, world: World, sign_in: Callable[[int], FlaskClient]
) -> Iterator[tuple[FlaskClient, str, str, Form, str]]:
    """Yield a browser, a view, an address, a form and the name of a field, each field of a view once."""
    seen: set[tuple[str, str]] = set()
    views = app.url_map.bind("localhost")
    for role in ROLES:
        browser = sign_in(getattr(world.people, role))
        for path in pages(app, world):
            page = browser.get(path)
            if page.status_code != 200 or "html" not in (page.content_type or ""):
                continue
            for form in forms_of(page.get_data(as_text=True)):
                address = form.action or path
                view = views.match(address.partition("?")[0], method="POST")[0]
                for name in form.texts:
                    if (view, name) not in seen:
                        seen.add((view, name))
                        yield browser, view, address, form, name


class Shares:
    """The strings in batches, each as long as a field takes; whoever asks next gets the next batches."""

    def __init__(self, strings: list[str]) -> None:
        self._strings = [text.strip() for text in strings if text.strip()]
        self._turn: dict[int, Iterator[int]] = {}

    def of(self, longest: int) -> list[str]:
        """Return what one field of this length gets: a share of the batches, or all of them."""
        batches = self.batches(longest)
        if everything() or len(batches) <= SHARE:
            return batches
        turn = self._turn.setdefault(longest, count(step=SHARE))
        first = next(turn)
        return [batches[(first + place) % len(batches)] for place in range(SHARE)]

    @lru_cache  # noqa: B019 -- lives as long as one test
    def batches(self, longest: int) -> list[str]:
        """Return every string that fits, whole, as many in a batch as the field takes."""
        made = [""]
        for text in self._strings:
            if len(text) > longest:
                continue
            joined = f"{made[-1]} {text}".strip()
            if len(joined) > longest:
                made.append(text)
            else:
                made[-1] = joined
        return made


def is_lost(answer: TestResponse, written: Written, view: str, name: str, text: str) -> bool:
    """Whether a form was taken without what was written in it."""
    if answer.status_code != 303 or (view, name) in SOUGHT or written.has(text):
        return False
    return (view, name) not in READ or not written.has_parts(text)


@pytest.mark.slow
def test_every_text_is_kept_or_refused_by_every_field_of_every_form(
    shared: Path,
    app: MatchmakerApp,
    settings: Settings,
    database: Database,
    sign_in: Callable[[int], FlaskClient],
) -> None:
    with database.writing() as session:
        world = make_world(session)
    app.database = Forgetful(settings.database_url)
    written = Written()
    event.listen(app.database.engine, "before_cursor_execute", written.note)
    event.listen(Session, "before_flush", written.measure)
    strings = json.loads((shared / "badinput" / "blns" / "blns.json").read_text(encoding="utf-8"))
    shares = Shares([*OURS, *strings])
    wrong, tried = [], 0
    try:
        for browser, view, address, form, name in writable(app, world, sign_in):
            tried += 1
            longest = min(form.texts[name], 10_000)
            for text in (*shares.of(longest), "长" * (longest + 1)):
                written.clear()
                answer = browser.post(address, data=form.filled(name, text))
                if (
                    answer.status_code >= 500
                    or is_lost(answer, written, view, name, text)
                    or written.too_long
                ):
                    wrong.append((view, name, len(text), answer.status_code, sorted(written.too_long)))
    finally:
        event.remove(Session, "before_flush", written.measure)
        app.database.close()

    assert wrong == []
    assert tried > 100


def test_the_batches_of_a_field_hold_every_string_that_fits_whole() -> None:
    shares = Shares(["a b", " c ", "", "ddddd", "e"])

    assert shares.batches(5) == ["a b c", "ddddd", "e"]
    assert shares.batches(4) == ["a b", "c e"]
    turns = [["a b", "c e"]] * 3 if everything() else [["a b"], ["c e"], ["a b"]]
    assert [shares.of(3) for _ in range(3)] == turns
