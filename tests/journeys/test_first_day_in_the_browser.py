"""A bureau's first day in a real browser: administrator, two lists, needs accepted, an event planned."""

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from matchmaker import clock
from matchmaker.settings import Settings
from tests.installed import ROOT, free_port, running, wait_for_page

pytestmark = [pytest.mark.slow, pytest.mark.browser]
HEADER = "企业名称,技术需求名称,需求描述,联系人,手机\n"
LISTS = {
    "模具.csv": "青禾模具有限公司,压铸模热裂纹控制,模具两万模次后型腔龟裂，要抗热疲劳。,周一诺,13800000001\n",
    "注塑.csv": "远航注塑有限公司,注塑模具冷却不均,大件翘曲超过三毫米，要随形冷却水路。,林晓,13800000002\n",
}


def sign_up(page: Any, address: str) -> None:
    page.goto(address)
    page.fill("[name=bureau]", "远澜县科学技术局")
    page.fill("[name=name]", "林一")
    page.fill("[name=phone]", "13800001111")
    page.fill("[name=email]", "lin@example.com")
    page.fill("[name=password]", "three-pens-and-a-lamp")
    page.fill("[name=again]", "three-pens-and-a-lamp")
    page.click("main form [type=submit]")
    page.wait_for_url("**/settings")


def test_from_an_empty_installation_to_an_event_with_its_needs(
    chromium: Any, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, log = free_port(), tmp_path / "server.log"
    monkeypatch.setenv("MATCHMAKER_DATA__FOLDER", str(tmp_path))
    monkeypatch.setenv("MATCHMAKER_MATCHING__WAY", "direct")
    files = []
    for name, row in LISTS.items():
        (tmp_path / name).write_text(HEADER + row, encoding="utf-8-sig")
        files.append(tmp_path / name)
    command = [sys.executable, "-m", "matchmaker", "serve", "--own", "--no-jobs", "--port", str(port)]
    with running(command, folder=ROOT, log=log) as process:
        wait_for_page(port, process=process, log=log)
        address = re.search(r"http\S+token=\S+", log.read_text(encoding="utf-8"))
        assert address is not None
        page = chromium.new_page(base_url=f"http://127.0.0.1:{port}", locale="zh-CN")
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        sign_up(page, address[0])

        page.get_by_role("link", name="上传清单").first.click()
        page.set_input_files("[name=files]", files)
        page.fill("form[enctype] [name=consent_source]", "企业填报时同意提供")
        page.get_by_role("button", name="上传并查看结果").click()
        page.get_by_role("button", name="全部导入").click()
        page.get_by_text("已导入 2 份清单").wait_for()
        page.get_by_role("link", name="需求受理").first.click()
        page.locator("summary", has_text="受理全部 2 条").click()
        page.locator("dialog").get_by_role("button", name="受理全部 2 条").click()
        page.get_by_text("已受理 2 条需求").wait_for()

        page.goto("/events/new")
        page.fill("[name=title]", "模具专场")
        page.select_option("[name=theme_id]", label="模具")
        page.fill("[name=held_on]", (clock.today() + timedelta(days=7)).isoformat())
        page.locator("main form").get_by_role("button", name="保存").click()
        page.get_by_text("汇入需求 2 条").wait_for()
        assert page.get_by_role("link", name="压铸模热裂纹控制").count() == 1
        assert complaints == []
