"""The browser in which what a person sees is tried."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A Chromium without a window, shared by a file of tests; skipped where there is none, but not in CI."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if binary is None and os.environ.get("CI") == "true":
        pytest.fail("CI must have Chromium: what a person sees is tried nowhere else")
    if binary is None:
        pytest.skip("no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        yield browser
        browser.close()
