"""A clerk's browser, a server and a jobs process, all real: a need is posted and its proposals appear."""

import sys
from pathlib import Path
from typing import Any

import pytest
from factories import make_achievement, make_people
from reading import CHEAP_HASH

from matchmaker.app import create_app
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import User
from tests.installed import ROOT, free_port, running, wait_for_page

pytestmark = [pytest.mark.slow, pytest.mark.browser]
PASSWORD = "clerk-of-huaxing-2026"
EMAIL = "clerk@example.com"


def fill_library(settings: Settings, database: Database) -> None:
    """Give 华星 an account to sign in with, and the library one achievement that fits."""
    from flask_security import hash_password

    with create_app(settings, database, **CHEAP_HASH).app_context():
        password = hash_password(PASSWORD)
    with database.writing() as session:
        people = make_people(session)
        clerk = session.get_one(User, people.enterprise_user)
        clerk.email, clerk.password = EMAIL, password
        make_achievement(session, organisation_id=people.jiangda)


def test_a_need_posted_in_a_browser_shows_its_proposals_without_a_reload(
    chromium: Any, settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_library(settings, database)
    port, log = free_port(), tmp_path / "server.log"
    monkeypatch.setenv("MATCHMAKER_DATA__FOLDER", str(tmp_path))
    monkeypatch.setenv("MATCHMAKER_MATCHING__WAY", "direct")
    command = [sys.executable, "-m", "matchmaker", "serve", "--own", "--port", str(port)]
    with running(command, folder=ROOT, log=log) as process:
        wait_for_page(port, process=process, log=log)
        page = chromium.new_page(base_url=f"http://127.0.0.1:{port}", locale="zh-CN")
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/accounts/sign-in")
        page.fill("[name=login]", EMAIL)
        page.fill("[name=password]", PASSWORD)
        page.click("main form [type=submit]")
        page.get_by_role("link", name="发布需求").first.click()
        page.fill("[name=title]", "压铸模具表面抗热裂涂层")
        page.fill("[name=problem]", "铝合金压铸模具约两万模次后型腔表面龟裂，每月停机修模三次。")
        page.fill("[name=key_points]", "涂层硬度≥3000HV，厚度3-5μm，模具寿命提高50%以上。")
        page.fill("[name=contact_phone]", "13800000001")
        page.check("[name=consent_internal]")
        page.click("main form button[type=submit] >> nth=0")
        page.wait_for_url("**/needs/1")
        page.evaluate("window.notReloaded = true")
        page.locator("#proposals", has_text="多弧离子镀氮铝铬钛复合涂层制备技术").wait_for(timeout=30_000)

        assert page.evaluate("window.notReloaded") is True
        assert complaints == []
