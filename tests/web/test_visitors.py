"""Pages shown to visitors again, until something changes or for some seconds, and who never sees them."""

from collections.abc import Callable, Iterator
from threading import Event, Thread

import pytest
from factories import People, make_achievement, make_need
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from matchmaker.domain.states import AchievementState, Disclosure
from matchmaker.store.engine import Database
from matchmaker.store.tables import Achievement, User, WebSession
from matchmaker.web import visitors
from matchmaker.web.frame import MatchmakerApp

SignIn = Callable[[int], FlaskClient]


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Make every library large, and time pass by the test alone: `passing[0] += 6`."""
    moment = [1000.0]
    monkeypatch.setattr(visitors, "_LARGE", 1)
    monkeypatch.setattr(visitors, "monotonic", lambda: moment[0])
    return moment


@pytest.fixture
def hide(people: People, database: Database) -> Callable[[], None]:
    """Publish an achievement, and give what hides it again."""
    with database.writing() as session:
        row_id = make_achievement(session, organisation_id=people.jiangda, title="自润滑轴套").id
        make_achievement(session, organisation_id=people.jiangda, title="真空退火炉")

    def withdraw() -> None:
        with database.writing() as session:
            session.get_one(Achievement, row_id).status = AchievementState.WITHDRAWN

    return withdraw


def sees(browser: FlaskClient, path: str = "/achievements", words: str = "自润滑轴套") -> bool:
    return words in browser.get(path).get_data(as_text=True)


def test_a_visitor_is_shown_a_large_list_again_for_five_seconds(
    app: MatchmakerApp, hide: Callable[[], None], passing: list[float]
) -> None:
    visitor = app.test_client()
    assert sees(visitor)
    hide()
    assert sees(app.test_client())
    passing[0] += 5.1
    assert not sees(visitor)


def test_who_is_signed_in_or_asks_otherwise_gets_the_page_anew(
    app: MatchmakerApp, people: People, sign_in: SignIn, hide: Callable[[], None], passing: list[float]
) -> None:
    assert sees(app.test_client())
    hide()
    assert not sees(sign_in(people.enterprise_user))
    assert not sees(app.test_client(), "/achievements?q=轴套")
    english = app.test_client()
    english.get("/?lang=en")
    assert not sees(english)
    assert 'lang="en"' in english.get("/achievements").get_data(as_text=True)
    assert 'lang="zh-CN"' in app.test_client().get("/achievements").get_data(as_text=True)


def test_what_somebody_signed_in_sees_is_shown_to_no_visitor(
    app: MatchmakerApp, people: People, sign_in: SignIn, database: Database, passing: list[float]
) -> None:
    with database.writing() as session:
        inside = Disclosure.INTERNAL
        make_achievement(session, organisation_id=people.jiangda, title="内部样机", disclosure=inside)
        make_achievement(session, organisation_id=people.jiangda, title="真空退火炉")
        make_need(session, organisation_id=people.huaxing, title="热裂纹控制")
    assert sees(sign_in(people.organiser), words="内部样机")
    assert not sees(app.test_client(), words="内部样机")
    assert sees(sign_in(people.organiser), words="内部样机")


@pytest.fixture
def questions(database: Database) -> Iterator[list[str]]:
    """Give what the database is asked by sessions, as it comes."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "pg_current_snapshot" not in statement and statement not in ("BEGIN", "select 1"):
            asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/", "/needs", "/achievements"])
def test_a_page_is_made_again_only_after_a_change(
    app: MatchmakerApp, hide: Callable[[], None], questions: list[str], path: str
) -> None:
    first = app.test_client().get(path).data
    questions.clear()
    assert app.test_client().get(path).data == first
    assert questions == []
    hide()
    assert ("自润滑轴套".encode() in app.test_client().get(path).data, bool(questions)) == (False, True)


OWN_LISTS = ("/needs/review", "/needs", "/achievements", "/matches", "/experts", "/events", "/tracking")


@pytest.mark.parametrize("path", OWN_LISTS)
def test_who_is_signed_in_gets_a_list_again_while_nothing_has_changed(
    people: People, sign_in: SignIn, hide: Callable[[], None], questions: list[str], path: str
) -> None:
    office = sign_in(people.organiser)
    office.get(path)  # the first answer of a session keeps its token
    first = office.get(path).data
    questions.clear()
    assert office.get(path).data == first
    assert questions == []
    hide()
    office.get(path)
    assert questions


def test_ones_own_list_is_nobody_elses_and_ends_with_the_rights_to_it(
    people: People, sign_in: SignIn, database: Database, questions: list[str]
) -> None:
    office, firm = sign_in(people.organiser), sign_in(people.enterprise_user)
    for _ in range(3):
        assert office.get("/needs/review").status_code == 200
        assert firm.get("/needs/review").status_code == 403
    with database.writing() as session:
        session.get_one(User, people.organiser).active = False
    assert office.get("/needs/review").status_code != 200


def test_a_message_shows_once_and_a_list_is_ones_own_again_for_seconds_only(
    people: People, sign_in: SignIn, passing: list[float], questions: list[str]
) -> None:
    office = sign_in(people.organiser)
    office.get("/matches/learning")
    office.post("/matches/learning")
    assert ["已开始学习" in office.get(path).text for path in ("/matches", "/matches", "/matches")] == [
        True, False, False
    ]  # fmt: skip
    questions.clear()
    passing[0] += 9
    office.get("/matches")
    assert questions == []
    passing[0] += 2
    office.get("/matches")
    assert questions


def test_what_another_process_changes_is_seen_at_once(
    app: MatchmakerApp, people: People, database: Database
) -> None:
    other = Database(database.engine.url.render_as_string(hide_password=False))
    assert not sees(app.test_client())
    with other.writing() as session:
        make_achievement(session, organisation_id=people.jiangda, title="自润滑轴套")
    assert sees(app.test_client())
    other.close()


def test_days_go_on_without_a_change(
    app: MatchmakerApp, hide: Callable[[], None], passing: list[float], questions: list[str]
) -> None:
    app.test_client().get("/achievements")
    questions.clear()
    passing[0] += 59
    app.test_client().get("/achievements")
    assert questions == []
    passing[0] += 2
    app.test_client().get("/achievements")
    assert questions


def test_who_asked_after_a_change_never_gets_the_page_of_before(
    app: MatchmakerApp,
    people: People,
    hide: Callable[[], None],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One visitor's page is still being made, from before the change, when another asks after it."""
    assert sees(app.test_client())
    with database.writing() as session:
        make_achievement(session, organisation_id=people.jiangda, title="冷喷涂修复")
    hidden, being_made, seen = Event(), Event(), dict[str, bool]()
    mark = visitors.same_for_visitors

    def slowly(size: int) -> None:
        being_made.set()
        hidden.wait(10)
        mark(size)

    def look(name: str) -> Thread:
        thread = Thread(target=lambda: seen.update({name: sees(app.test_client())}))
        thread.start()
        return thread

    monkeypatch.setattr("matchmaker.web.achievements.same_for_visitors", slowly)
    before = look("before")
    assert being_made.wait(10)
    hide()
    after = look("after")
    hidden.set()
    before.join()
    after.join()
    assert not seen["after"]


def test_a_visitor_who_only_reads_gets_no_session(
    app: MatchmakerApp, people: People, database: Database
) -> None:
    for path in ("/", "/needs", "/achievements"):
        answer = app.test_client().get(path)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(WebSession)) == 0
