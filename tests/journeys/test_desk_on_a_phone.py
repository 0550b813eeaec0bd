"""Five past nine, a telephone in the hall: somebody did not come. Three taps, and those concerned know."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from desk_cast import ORGANISER, Hall, make_hall
from factories import make_people, make_user
from reading import CHEAP_HASH
from sqlalchemy import select
from werkzeug.serving import make_server

from matchmaker.app import create_app
from matchmaker.bus.deliver import deliver_due
from matchmaker.domain.states import Role
from matchmaker.services.desk import open_desk
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Notice, User

pytestmark = [pytest.mark.slow, pytest.mark.browser]
PASSWORD, EMAIL = "clerk-in-the-hall-2026", "hall@example.com"
PHONE = {"width": 390, "height": 844}
TAPS, SECONDS = 3, 20  # what a clerk may need for it


@pytest.fixture
def hall(database: Database) -> Hall:
    with database.writing() as session:
        make_people(session)
        return make_hall(session)


@pytest.fixture
def address(settings: Settings, database: Database, hall: Hall) -> Iterator[str]:
    """A server of the real application, with a clerk who can sign in."""
    from flask_security import hash_password

    app = create_app(settings, database, **CHEAP_HASH)
    with app.app_context():
        password = hash_password(PASSWORD)
    with database.writing() as session:
        clerk = session.get_one(User, make_user(session, Role.ORGANISER, email=EMAIL).id)
        clerk.password = password
        for firm in hall.firms:
            make_user(session, Role.ENTERPRISE, organisation_id=firm)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def telephone(chromium: Any, address: str, complaints: list[str], *, script: bool = True) -> Any:
    """Return a signed-in page of a telephone's size."""
    context = chromium.new_context(
        base_url=address, locale="zh-CN", viewport=PHONE, has_touch=True, java_script_enabled=script
    )
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/accounts/sign-in")
    page.fill("[name=login]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.click("main form [type=submit]")
    return page


def test_a_no_show_is_repaired_in_three_taps_and_the_other_telephone_sees_it(
    chromium: Any, address: str, hall: Hall, database: Database, settings: Settings
) -> None:
    complaints: list[str] = []
    page, other = (telephone(chromium, address, complaints) for _ in range(2))
    other.clock.install()
    other.goto(f"/events/{hall.event}/desk")
    page.goto(f"/events/{hall.event}")
    with database.reading() as session:
        desk = open_desk(session, ORGANISER, hall.event)
    missing = next(one for one in desk.sittings if one.slot == 1)
    name = desk.by_id[missing.pairing_id].expert

    began, taps = time.monotonic(), 0
    for tap in (
        page.get_by_role("link", name="现场", exact=True),
        page.locator(".desk-wanted li", has_text=name).get_by_role("button", name="没来"),
        page.get_by_role("button", name="确认并通知"),
    ):
        with page.expect_navigation():
            tap.first.tap()
        taps += 1
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    seconds = time.monotonic() - began

    page.get_by_text("已调整，正在通知有关的人").wait_for()
    deliver_due(database, settings)
    with database.reading() as session:
        told = set(session.scalars(select(Notice.user_id).where(Notice.kind == "desk_change")))
        step = open_desk(session, ORGANISER, hall.event).steps[-1]
    assert told
    assert step.words == f"{name} 缺席"
    assert (taps, seconds < SECONDS) == (TAPS, True), f"{taps} taps, {seconds:.1f} s"
    other.clock.fast_forward(9_000)
    other.locator("#desk-live", has_text="缺席 1").wait_for()
    assert complaints == []


def test_the_desk_works_without_a_script(chromium: Any, address: str, hall: Hall, database: Database) -> None:
    page = telephone(chromium, address, [], script=False)
    page.goto(f"/events/{hall.event}/desk?view=people&q=yjs1")

    page.get_by_role("button", name="到了").tap()
    page.get_by_text("到场 1/10").wait_for()

    with database.reading() as session:
        words = [step.words for step in open_desk(session, ORGANISER, hall.event).steps]
    assert words == ["江北大学 乙教授1 已到"]


def test_a_tap_without_a_network_says_so_and_goes_through_afterwards(
    chromium: Any, address: str, hall: Hall, database: Database
) -> None:
    complaints: list[str] = []
    page = telephone(chromium, address, complaints)
    page.goto(f"/events/{hall.event}/desk")
    bar = page.locator("#desk-offline")
    assert not bar.is_visible()

    page.context.set_offline(True)
    page.locator("button", has_text="到了").first.click()
    page.wait_for_function("document.getElementById('desk-offline').innerText.includes('没有送出：到了')")
    assert "补录桌单" in bar.inner_text()
    assert page.url.endswith("/desk")

    page.context.set_offline(False)
    bar.wait_for(state="hidden")
    page.locator("button", has_text="到了").first.click()
    page.locator("text=已到").first.wait_for()
    with database.reading() as session:
        assert [str(step.kind) for step in open_desk(session, ORGANISER, hall.event).steps] == ["arrived"]
    assert complaints == []
