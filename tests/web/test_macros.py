"""Every macro renders with sample values in an environment that knows nothing of the application."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.datastructures import MultiDict

from matchmaker.web.parts import Crumb, Links, NavItem, Viewer
from tests.web.macro_samples import EVIL, PROBLEMS, SAMPLES

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


class Request:
    path = "/needs"
    args = MultiDict([("q", "铝合金"), ("state", "a"), ("state", "b"), ("lang", "zh")])


@pytest.fixture(scope="module", params=[False, True], ids=["plain blocks", "trimmed blocks"])
def environment(request: pytest.FixtureRequest) -> Environment:
    jinja = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=request.param,
        lstrip_blocks=request.param,
    )
    jinja.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    jinja.filters["told"] = str
    flashes = [("undo", {"text": "已受理 3 条需求", "url": "/undo/1"}), ("error", EVIL)]
    jinja.globals.update(
        url_for=lambda endpoint, filename="", **_: f"/static/{filename}",
        csrf_token=lambda: "token",
        get_flashed_messages=lambda with_categories: flashes,
        request=Request(),
    )
    return jinja


@pytest.fixture
def render(environment: Environment) -> Callable[..., str]:
    def rendered(file: str, names: str, body: str, **values: Any) -> str:
        source = f"{{% from '_macros/{file}.html' import {names} %}}{body}"
        return environment.from_string(source).render(**values)

    return rendered


CASES = [(file, *sample) for file, samples in SAMPLES.items() for sample in samples]


class Checker(HTMLParser):
    """Collects what a page may not have: unclosed tags, inline code, ids twice, references to nothing."""

    VOID = frozenset({"input", "img", "br", "col", "hr", "meta", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "style" or name.startswith("on") or (tag == "script" and not dict(attrs).get("src")):
                self.faults.append(f"inline {name} in {tag}")
            if name == "id":
                self.ids.append(value or "")
            if name in ("for", "aria-describedby", "aria-labelledby", "list"):
                self.references += (value or "").split()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"unexpected </{tag}>")

    def verdict(self) -> list[str]:
        twice = sorted({one for one in self.ids if self.ids.count(one) > 1})
        lost = sorted(set(self.references) - set(self.ids))
        return self.faults + [f"unclosed {tag}" for tag in self.open] + [f"{i} twice" for i in twice] + lost


def faults_of(html: str) -> list[str]:
    checker = Checker()
    checker.feed(html)
    checker.close()
    return checker.verdict()


@pytest.mark.parametrize(("file", "names", "body", "values"), CASES, ids=[f"{c[0]}: {c[1]}" for c in CASES])
def test_a_macro_renders_whole_and_without_inline_code(
    render: Callable[..., str], file: str, names: str, body: str, values: dict[str, Any]
) -> None:
    html = render(file, names, body, **values)

    assert faults_of(html) == []
    assert EVIL not in html


def test_every_public_macro_has_a_sample() -> None:
    written = {
        f"{path.stem}.{name}"
        for path in (TEMPLATES / "_macros").glob("*.html")
        for name in re.findall(r"{%-? macro ([a-z]\w*)\(", path.read_text("utf-8"))
    }

    shown = {f"{file}.{name}" for file, names, *_ in CASES for name in names.split(", ")}
    assert written == shown


def test_a_field_ties_its_hint_and_its_error_to_the_input(render: Callable[..., str]) -> None:
    html = render(
        "forms", "text", "{{ text('title', '名称', '', problems, '提示', true) }}", problems=PROBLEMS
    )

    assert 'aria-describedby="f-title-hint f-title-error" aria-invalid="true" required' in html
    assert '<label class="form-label" for="f-title">' in html


def test_a_warning_does_not_make_a_field_invalid(render: Callable[..., str]) -> None:
    html = render("forms", "textarea", "{{ textarea('body', '现状', '', problems) }}", problems=PROBLEMS)

    assert 'aria-describedby="f-body-error"' in html
    assert "aria-invalid" not in html


def test_the_summary_counts_errors_only_and_links_each_to_its_field(render: Callable[..., str]) -> None:
    html = render("forms", "problem_summary", "{{ problem_summary(problems) }}", problems=PROBLEMS)

    assert "还有 2 处需要修改" in html
    assert '<a href="#f-title">请写出难题</a>' in html
    assert "有电话号码" not in html


def test_quoted_words_are_marked_where_they_stand(render: Callable[..., str]) -> None:
    spans = render("reasons", "marked", "{{ marked('韧性达到67以上', [(0, 2), (4, 6)]) }}")
    words = render("reasons", "marked_words", "{{ marked_words('韧性<b>韧性', ['韧性']) }}")

    assert spans.strip() == "<mark>韧性</mark>达到<mark>67</mark>以上"
    assert words.strip() == "<mark>韧性</mark>&lt;b&gt;<mark>韧性</mark>"


LAYOUTS = {
    "public": "{% extends '_layout/public.html' %}{% set title = '首' %}{% block content %}文{% endblock %}",
    "app": "{% extends '_layout/app.html' %}{% set breadcrumbs = crumbs %}{% block content %}{% endblock %}",
    "error": "{% extends '_layout/error.html' %}",
    "print": "{% extends '_layout/print.html' %}{% block sheets %}<section>纸</section>{% endblock %}",
}
FRAME = {
    "campaign_name": "临溪县百日百场",
    "version": "1.2.3",
    "lang": "zh",
    "demo": True,
    "nav": [
        NavItem(title="看板", url="/board", group="对接", active=True),
        NavItem(title="设置", url="/s", badge=3),
    ],
    "viewer": Viewer(name=EVIL, role="组织者", key="7", unread=4),
    "links": Links(privacy="/p", sign_in="/in", sign_out="/out", account="/me", inbox="/inbox", help="/help"),
    "crumbs": [Crumb(title="需求", url="/needs"), Crumb(title="详情")],
}


@pytest.mark.parametrize("frame", [FRAME, {**FRAME, "viewer": None, "demo": False}, {"crumbs": []}])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_renders_whole_with_a_frame_and_without(
    environment: Environment, layout: str, frame: dict[str, Any]
) -> None:
    html = environment.from_string(LAYOUTS[layout]).render(**frame)

    assert faults_of(html) == []
    assert EVIL not in html
    assert html.lstrip().startswith("<!doctype html>")
    assert '<html lang="zh-CN"' in html


def test_the_demo_bar_stands_on_every_page_of_a_demonstration(environment: Environment) -> None:
    for layout in ("public", "app", "error"):
        shown = environment.from_string(LAYOUTS[layout]).render(**FRAME)
        hidden = environment.from_string(LAYOUTS[layout]).render(**{**FRAME, "demo": False})

        assert ("示例数据" in shown, "示例数据" in hidden) == (True, False)


def test_switching_the_language_keeps_the_filters(environment: Environment) -> None:
    html = environment.from_string(LAYOUTS["app"]).render(**FRAME)

    assert 'href="/needs?q=%E9%93%9D%E5%90%88%E9%87%91&amp;state=a&amp;state=b&amp;lang=en"' in html
