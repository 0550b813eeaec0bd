"""An event of the plan dragged to another day of the calendar, in a real browser."""

import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from world import World, make_world

from matchmaker.store.engine import Database
from matchmaker.web.frame import MatchmakerApp

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def world(database: Database) -> World:
    with database.writing() as session:
        return make_world(session)


@pytest.fixture
def address(app: MatchmakerApp) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def page(
    app: MatchmakerApp, world: World, sign_in: Callable[[int], FlaskClient], address: str
) -> Iterator[Any]:
    """A browser page signed in as the organiser."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if binary is None:
        pytest.skip("no Chromium on this machine")
    name = str(app.config["SESSION_COOKIE_NAME"])
    cookie = sign_in(world.people.organiser).get_cookie(name)
    assert cookie is not None
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        # Tall enough for the whole calendar: a page that scrolls under a held mouse starts no drag.
        context = browser.new_context(
            base_url=address, locale="zh-CN", viewport={"width": 1280, "height": 1800}
        )
        context.add_cookies([{"name": name, "value": cookie.value, "url": address}])
        yield context.new_page()
        browser.close()


def test_an_event_dragged_to_another_day_shows_what_the_move_would_mean(page: Any, world: World) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"/planner/{world.ids['plan_id']}?view=calendar")
    free = page.locator("[data-drop]:not(.has-events)").first
    day = free.get_attribute("data-drop")

    page.locator("[data-drag]").first.drag_to(free)
    page.wait_for_url(f"**/planner/{world.ids['plan_id']}/events/1/move?day={day}")

    assert page.get_by_text("没有违反任何一条规定").count() == 1
    assert complaints == []


def test_an_event_dragged_to_an_empty_week_of_the_board_shows_the_day_it_would_get(
    page: Any, world: World
) -> None:
    page.goto(f"/planner/{world.ids['plan_id']}?view=board")
    week = page.locator("td[data-drop]:not(:has([data-drag]))").first
    monday = week.get_attribute("data-drop")

    page.locator("[data-drag]").first.drag_to(week)
    page.wait_for_url(f"**/planner/{world.ids['plan_id']}/events/1/move?week={monday}")

    assert page.get_by_text("没有违反任何一条规定").count() == 1
