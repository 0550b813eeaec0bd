"""What the scripts do for the reader, in a real browser under the real content policy."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import FileSystemLoader, StrictUndefined
from werkzeug.serving import make_server

from matchmaker.web import i18n
from matchmaker.web.parts import Column, ListState, Viewer, local_path

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ROOT = Path(__file__).resolve().parents[2]
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'"
COLUMNS = [
    Column(key="title", title="需求"),
    Column(key="budget", title="预算", optional=True),
    Column(key="x", title=""),
]


class Bureau:
    """A very small application around the macros; remembers what was posted."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, list[str]]]] = []
        self.needs = [{"id": n, "title": f"需求 {n}"} for n in range(1, 6)]

    def page(self, name: str, **values: Any) -> str:
        state = ListState.read(request.path, request.args.items(multi=True), total=5)
        viewer = Viewer(name="王", role="组织者", key="1")
        return render_template(name, state=state, columns=COLUMNS, viewer=viewer, **values)

    def posted(self) -> ResponseReturnValue:
        self.posts.append((request.path, {key: request.form.getlist(key) for key in request.form}))
        if request.path == "/accept":
            self.needs = [need for need in self.needs if str(need["id"]) not in request.form.getlist("id")]
        if request.path == "/grid":
            return self.page("grid.html", at=int(request.form["place"][0]))
        return redirect(local_path(request.form.get("next"), "/needs"))

    def app(self) -> Flask:
        app = Flask("browser")
        app.static_folder = str(ROOT / "matchmaker" / "web" / "static")
        app.secret_key = "only for this test"
        app.jinja_env.undefined = StrictUndefined
        app.jinja_env.loader = FileSystemLoader([ROOT / "templates", Path(__file__).parent / "pages"])
        app.jinja_env.globals["csrf_token"] = lambda: "token"
        i18n.register(app)
        app.add_url_rule("/needs", "list", lambda: self.page("list.html", needs=self.needs))
        app.add_url_rule("/needs/<int:n>", "detail", lambda n: self.page("detail.html", id=n))
        app.add_url_rule("/grid", "grid", lambda: self.page("grid.html", at=0))
        app.add_url_rule("/form", "form", lambda: self.page("form.html"))
        app.add_url_rule("/chart", "chart", lambda: self.page("chart.html"))
        for path in ("/accept", "/return", "/form", "/grid"):
            app.add_url_rule(path, f"post {path}", self.posted, methods=["POST"])
        app.after_request(with_policy)
        return app


def with_policy(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    return response


@pytest.fixture
def bureau() -> Bureau:
    return Bureau()


@pytest.fixture
def page(chromium: Any, bureau: Bureau) -> Iterator[Any]:
    server = make_server("127.0.0.1", 0, bureau.app(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = chromium.new_context(base_url=f"http://127.0.0.1:{server.server_port}", locale="zh-CN")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    server.shutdown()
    assert complaints == []


def current(page: Any) -> str:
    return str(page.locator(".is-current").get_attribute("id"))


def until_draft(page: Any, *, kept: bool) -> None:
    for _ in range(100):
        if page.evaluate("localStorage.getItem('draft:1:need-new') !== null") is kept:
            return
        page.wait_for_timeout(50)
    raise AssertionError("the draft was not kept" if kept else "the draft was not forgotten")


def test_keys_move_pick_and_ask(page: Any) -> None:
    page.goto("/needs")

    for key in "jjjkx":
        page.keyboard.press(key)

    assert current(page) == "needs-2"
    assert page.locator("[data-bulk-count]").inner_text() == "已选 1 条"
    page.keyboard.press("r")
    assert page.locator("dialog[open] h2").inner_text() == "退回"
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()


def test_letters_typed_into_a_field_are_letters(page: Any) -> None:
    page.goto("/needs")

    page.keyboard.press("/")
    page.keyboard.type("jax")

    assert page.locator("[name=q]").input_value() == "jax"
    assert page.locator(".is-current").count() == 0


def test_accepting_a_row_goes_on_with_the_next(page: Any, bureau: Bureau) -> None:
    page.goto("/needs")

    page.keyboard.press("j")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("a")

    assert bureau.posts == [("/accept", {"csrf_token": ["token"], "id": ["2"]})]
    page.locator(".is-current").wait_for()
    assert current(page) == "needs-3"


def test_a_detail_opens_beside_the_list_with_its_own_address(page: Any, bureau: Bureau) -> None:
    page.goto("/needs?state=submitted")
    page.locator(".row-title").first.click()
    page.locator("#drawer-body h1").wait_for()

    assert page.locator("#drawer-body h1").inner_text() == "需求 1"
    assert page.url.endswith("/needs/1")
    assert page.locator("#needs-1").count() == 1
    page.keyboard.press("r")
    page.locator("#drawer dialog[open] input[type=radio]").check()
    with page.expect_navigation():
        page.locator("#drawer dialog[open] button[type=submit]").click()
    sent = {"csrf_token": ["token"], "reason": ["vague"], "note": [""], "next": ["/needs?state=submitted"]}
    assert bureau.posts == [("/return", sent)]
    assert page.url.endswith("/needs?state=submitted")


def test_back_closes_the_detail_and_forward_opens_it_again(page: Any) -> None:
    page.goto("/needs")
    page.locator(".row-title").first.click()
    page.locator("#drawer-body h1").wait_for()

    page.go_back()
    page.locator("#drawer").wait_for(state="hidden")
    page.go_forward()
    page.locator("#drawer-body h1").wait_for()

    assert page.url.endswith("/needs/1")


def test_a_form_left_half_done_is_there_again_until_it_is_sent(page: Any, bureau: Bureau) -> None:
    page.goto("/form")
    page.fill("#f-title", "压铸件气孔率")
    until_draft(page, kept=True)
    page.goto("/needs")
    page.goto("/form")

    assert page.locator("#f-title").input_value() == "压铸件气孔率"
    assert page.locator(".draft-note").inner_text().startswith("已恢复")
    with page.expect_navigation():
        page.locator("main [type=submit]").click()
    assert bureau.posts[0][1]["title"] == ["压铸件气孔率"]
    until_draft(page, kept=False)
    page.goto("/form")
    assert page.locator("#f-title").input_value() == ""


def test_counters_and_amounts_are_spelled_out(page: Any) -> None:
    page.goto("/form")
    page.fill("#f-body", "气孔率")
    page.fill("#f-budget", "12.5")

    assert page.locator("#f-body-count").inner_text() == "还可以写 97 字"
    assert page.locator(".amount").inner_text() == "即 125,000 元"


def test_a_firm_is_found_in_a_long_list_by_a_few_letters_and_keys_alone(page: Any, bureau: Bureau) -> None:
    page.goto("/form")
    field = page.get_by_role("searchbox", name="输入几个字查找：企业")
    field.focus()
    page.keyboard.type("第2")
    several = page.locator("#f-firm option").all_inner_texts()
    page.keyboard.press("Enter")
    first = page.locator("#f-firm").input_value()
    field.fill("17模具")
    only, said = page.locator("#f-firm").input_value(), page.get_by_text("找到 1 个").count()
    field.fill("没有这家")
    none = page.locator("#f-firm option").all_inner_texts()
    field.fill("")

    assert several == ["请选择", "第2模具有限公司", *(f"第{n}模具有限公司" for n in range(20, 30))]
    assert (first, only, said) == ("2", "17", 1)
    assert none == ["请选择", "第17模具有限公司"]
    assert page.locator("#f-firm option").count() == 31
    assert bureau.posts == []


def test_a_column_hidden_stays_hidden(page: Any) -> None:
    page.goto("/needs")
    page.locator("[data-columns] summary").click()
    page.locator("[data-columns] input").uncheck()
    page.reload()

    assert page.locator("[data-col=budget]:visible").count() == 0


def test_a_chart_is_drawn_under_the_content_policy(page: Any) -> None:
    page.goto("/chart")
    page.locator("#c canvas").wait_for()

    assert page.locator("#c table").count() == 1
    page.locator("#c").hover()


def test_a_meeting_dragged_to_another_table_is_moved_by_the_server(page: Any, bureau: Bureau) -> None:
    page.goto("/grid")
    page.drag_and_drop("[data-drag='7']", "[data-drop='1,0']")
    page.locator("[data-drop='1,0'] [data-drag='7']").wait_for()

    assert bureau.posts == [("/grid", {"item": ["7"], "place": ["1,0"]})]


INK = """sign => {
  const paper = Object.assign(document.createElement('canvas'), {width: 60, height: 60}).getContext('2d');
  paper.font = '40px ' + getComputedStyle(document.body).fontFamily;
  paper.fillText(sign, 5, 45);
  return paper.getImageData(0, 0, 60, 60).data.some(value => value > 0);
}"""


@pytest.mark.parametrize("sign", ["度", "℃", "℉", "㎡", "μ", "Ω", "‰", "≥", "①"])
def test_a_sign_of_technical_texts_is_not_left_blank_by_the_font(page: Any, sign: str) -> None:
    page.goto("/form")
    page.evaluate("document.fonts.load('40px Degrees', '℃')")

    assert page.evaluate(INK, sign)
