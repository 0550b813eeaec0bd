"""A form that is refused comes back on its own page: what was typed is kept, the message at its field."""

from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pytest
from factories import People, make_achievement, make_need
from flask.testing import FlaskClient
from forms_in_pages import forms_of
from reading import text_of
from world import Forgetful, World, make_world

from matchmaker import clock
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import Grade
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Match, Need
from matchmaker.web.filled_forms import given_back
from matchmaker.web.frame import MatchmakerApp

Browser = Callable[[int], FlaskClient]


def _match(database: Database, people: People) -> tuple[int, int]:
    with database.writing() as session:
        need = make_need(session, organisation_id=people.huaxing, proposed_version=1)
        achievement = make_achievement(session, organisation_id=people.jiangda)
        match = Match(
            need_id=need.id,
            achievement_id=achievement.id,
            score=0.8,
            parts={},
            reasons=[],
            grade=Grade.STRONG,
            need_version=1,
            achievement_version=1,
            engine="tests",
            created_at=clock.now(),
            updated_at=clock.now(),
        )
        session.add(match)
        session.flush()
        return match.id, need.id


class _Fields(HTMLParser):
    """What the fields of a page hold, by name; what is said at those that are wrong, by their id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.holds: dict[str, str] = {}
        self.wrong: dict[str, str] = {}
        self.links: list[str] = []
        self.open: list[str] = []
        self._area = ""
        self._said = ""
        self._messages: dict[str, str] = {}
        self.feed(page)
        self.wrong = {
            name: self._messages.get(hint.split()[-1], "").strip() for name, hint in self.wrong.items()
        }

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        name = given.get("name") or ""
        if given.get("aria-invalid") == "true":
            self.wrong[name] = given.get("aria-describedby") or ""
        if tag == "textarea":
            self._area, self.holds[name] = name, ""
        elif tag == "input" and given.get("type") in ("radio", "checkbox"):
            if "checked" in given:
                self.holds[name] = given.get("value") or ""
        elif tag == "details" and "open" in given:
            self.open.append(given.get("id") or "")
        elif tag == "div" and "field-error" in (given.get("class") or ""):
            self._said = given.get("id") or ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.holds[self._area] += data
        if self._said:
            self._messages[self._said] = self._messages.get(self._said, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area
        self._said = "" if tag == "div" else self._said


def test_a_grade_without_its_reason_comes_back_with_what_was_chosen(
    database: Database, people: People, sign_in: Browser
) -> None:
    match_id, _need = _match(database, people)
    browser = sign_in(people.organiser)

    answer = browser.post(f"/matches/{match_id}/grade", data={"grade": "none", "reason": " "})

    fields = _Fields(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert (fields.holds["grade"], fields.holds["reason"].strip()) == ("none", "")
    assert fields.wrong == {"reason": "请写明改评的理由，如“企业当面确认过，设备可以直接用”。"}
    assert "请检查填写的内容" not in text_of(answer)
    assert f'data-page="/matches/{match_id}"' in answer.get_data(as_text=True)


def test_a_rejection_without_its_reason_opens_its_question_again(
    database: Database, people: People, sign_in: Browser
) -> None:
    match_id, need_id = _match(database, people)
    browser = sign_in(people.organiser)
    here = {"Referer": f"http://localhost/matches?need={need_id}"}

    answer = browser.post(f"/matches/{match_id}/reject", data={"reason": "", "note": ""}, headers=here)

    fields = _Fields(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert fields.wrong == {"reason": "请写明剔除这条推荐的原因。"}
    assert [name for name in fields.open if name] == [f"reject-{match_id}"]
    assert f'data-page="/matches?need={need_id}"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("with_referrer", [True, False])
def test_what_somebody_else_saved_meanwhile_stands_beside_what_was_typed(
    database: Database, people: People, sign_in: Browser, *, with_referrer: bool
) -> None:
    with database.writing() as session:
        need_id = make_need(
            session, organisation_id=people.huaxing, contact_id=people.huaxing_contact, conditions="原来的"
        ).id
    browser, at = sign_in(people.organiser), f"/needs/{need_id}/edit"
    (form,) = [form for form in forms_of(browser.get(at).text) if form.action in ("", at)]
    assert browser.post(at, data=form.filled("conditions", "别人写的 <b>")).status_code == 303
    here = {"Referer": f"http://localhost{at}"} if with_referrer else {}

    answer = browser.post(at, data=form.filled("conditions", "我写了很久的"), headers=here)

    assert answer.status_code == 409
    fields, page = _Fields(answer.text), text_of(answer)
    assert fields.holds["conditions"].strip() == "我写了很久的"
    assert fields.wrong == {"conditions": "系统里现在是：别人写的 <b>"}
    assert "您填写的时候，这条记录被别人改过" in page
    (again,) = [form for form in forms_of(answer.text) if form.action in ("", at)]
    assert browser.post(at, data=again.filled("conditions", "我写了很久的")).status_code == 303
    with database.reading() as session:
        assert session.get_one(Need, need_id).conditions == "我写了很久的"


def test_who_may_not_see_the_page_gets_none_of_it(
    database: Database, people: People, sign_in: Browser
) -> None:
    match_id, _need = _match(database, people)

    answer = sign_in(people.enterprise_user).post(f"/matches/{match_id}/grade", data={"grade": ""})

    assert (answer.status_code, "没有权限" in text_of(answer)) == (403, True)


_ROW = '<form method="post" action="/x"><input type="hidden" name="row" value="{}">{}</form>'
_FIELDS = (
    '<label>字<input name="a" value=""></label><input type="password" name="secret">'
    '<select name="s"><option value="p" selected>P</option><option value="q">Q</option></select>'
    '<input type="checkbox" name="c" value="1" checked>'
)
PAGE = f"<main>{_ROW.format(1, '<input name=a>')}\n{_ROW.format(2, _FIELDS)}<form><p>…</p></form></main>"


@pytest.mark.parametrize("typed", ["钱", '"><script>alert(1)</script>', "&lt;", ""])
def test_of_like_forms_the_one_that_was_sent_is_filled_in(typed: str) -> None:
    posted = {"row": ["2"], "a": [typed], "s": ["q"], "secret": ["geheim"]}

    page = given_back(
        PAGE,
        address="/list?page=2",
        sent_to="/x",
        posted=posted,
        problems=[Problem(field="a", code="wrong", message="不对")],
        words=lambda name, problems: f"[{name}: {problems[0].message}]",
        summary=lambda ids: f"({dict(ids)})",
    )

    escaped = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    assert page == (
        PAGE.replace("<main>", "<main>({'a': 'refused-a'})")
        .replace(
            '<label>字<input name="a" value=""></label>',
            f'<label>字<input name="a" value="{escaped}" id="refused-a" aria-invalid="true" '
            'aria-describedby="refused-a-refused" class="is-wrong"></label>[refused-a-refused: 不对]',
        )
        .replace('<option value="p" selected>', '<option value="p">')
        .replace('<option value="q">', '<option value="q" selected>')
        .replace('name="c" value="1" checked', 'name="c" value="1"')
        .replace("<form><p>", '<form action="/list?page=2"><p>')
    )


@pytest.mark.slow
def test_no_form_of_any_page_that_lacks_its_words_ends_on_an_error_page(
    app: MatchmakerApp, settings: Settings, database: Database, sign_in: Browser
) -> None:
    with database.writing() as session:
        world = make_world(session)
    app.database = Forgetful(settings.database_url)
    seen, refused, lost = set[str](), 0, []
    try:
        for role in ("admin", "enterprise_user", "university_user"):
            browser = sign_in(getattr(world.people, role))
            for path in _pages(app, world):
                page = browser.get(path)
                for form in forms_of(text_of(page)) if page.mimetype == "text/html" else ():
                    address = form.action or path
                    silent = {key: value for key, value in form.fields if key not in form.texts}
                    if address in seen or form.secret:
                        continue
                    seen.add(address)
                    came_from = {"Referer": f"http://localhost{path}"}
                    answer = browser.post(address, data=silent, headers=came_from)
                    refused += answer.status_code in (409, 422)
                    if answer.status_code in (409, 422) and 'class="error-page"' in text_of(answer):
                        lost.append((path, address, answer.status_code))
    finally:
        app.database.close()

    assert lost == []
    assert refused > 20


def _pages(app: MatchmakerApp, world: World) -> Iterator[str]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            yield world.address(app, rule)
