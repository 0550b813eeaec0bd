"""What the browser is given: small, without inline code, readable in both themes, fully licensed."""

import gzip
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "matchmaker" / "web" / "static"
TEMPLATES = ROOT / "templates"
FIRST_PAGE = (
    "vendor/tabler-1.6.1.min.css",
    "vendor/htmx-2.0.11.min.js",
    "css/app.css",
    "js/theme.js",
    "js/app.js",
    "js/forms.js",
    "js/lists.js",
    "js/charts.js",
    "js/drag.js",
    "img/icons.svg",
    "img/mark.svg",
)
# (text, ground): what stands on what; every pair must reach 4.5:1 (GB/T 37668, WCAG AA).
PAIRS = [
    *[(text, ground) for text in ("text", "muted", "accent") for ground in ("bg", "surface", "surface-2")],
    *[(tone, f"{tone}-soft") for tone in ("neutral", "info", "ok", "warn", "bad", "accent")],
    *[(tone, "surface") for tone in ("neutral", "info", "ok", "warn", "bad")],
    *[("text", f"{tone}-soft") for tone in ("info", "ok", "warn", "bad")],
    *[("muted", f"{tone}-soft") for tone in ("accent", "ok", "warn")],
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-mark", "mark"),
    ("on-undo", "undo"),
    ("surface", "bad"),
]


def tokens(theme: str) -> dict[str, str]:
    css = (STATIC / "css" / "app.css").read_text("utf-8")
    block = re.search(rf"\[data-bs-theme={theme}\] {{\n(.*?)\n}}", css, re.DOTALL)
    assert block is not None
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block.group(1)))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_stand_out_from_their_ground(theme: str) -> None:
    colours = tokens(theme)

    faint = {
        pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2)
        for pair in PAIRS
        if contrast(colours[pair[0]], colours[pair[1]]) < 4.5
    }
    assert faint == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_of_fields_stand_out_from_their_ground(theme: str) -> None:
    colours = tokens(theme)

    assert contrast(colours["line-strong"], colours["surface"]) >= 3


def test_the_first_page_fits_in_150_kilobytes() -> None:
    packed = sum(len(gzip.compress((STATIC / name).read_bytes(), 6)) for name in FIRST_PAGE)

    assert packed <= 150 * 1024


def test_no_static_file_is_large_or_points_at_a_source_map() -> None:
    files = [path for path in STATIC.rglob("*") if path.is_file()]

    assert [path.name for path in files if path.stat().st_size > 1_200_000] == []
    assert [path.name for path in files if b"sourceMappingURL" in path.read_bytes()] == []


def test_every_vendored_file_is_named_with_its_licence() -> None:
    words = (STATIC / "vendor" / "LICENSES.md").read_text("utf-8")
    files = {path.name for path in (STATIC / "vendor").iterdir()} - {"LICENSES.md"}

    assert {name for name in files if f"`{name}`" not in words} == set()


def test_pages_ask_no_other_machine_for_anything() -> None:
    ours = [*(STATIC / "css").glob("*.css"), *(STATIC / "js").glob("*.js"), *TEMPLATES.rglob("*.html")]

    asking = {
        path.name: found
        for path in ours
        if (
            found := re.findall(
                r"""(?:src|href|action)=["'](?:https?:)?//|url\(["']?(?:https?:)?//""",
                path.read_text("utf-8"),
            )
        )
    }
    assert asking == {}


def test_templates_carry_no_inline_code() -> None:
    inline = re.compile(
        r"""<style|\sstyle=|\son[a-z]+=["']|<script(?![^>]*\ssrc=)(?![^>]*application/json)|hx-on|hx-vals=["']js:"""
    )

    guilty = {
        str(path.relative_to(TEMPLATES)): found
        for path in TEMPLATES.rglob("*.html")
        if "notices" not in path.parts and (found := inline.findall(path.read_text("utf-8")))
    }
    assert guilty == {}


ICON_PLACES = {
    "icon": 0,
    "button_link": 2,
    "act": 2,
    "act_with_reason": 4,
    "act_confirmed": 4,
    "submit": 1,
    "badge": 2,
}


def icons_named(path: Path) -> set[str]:
    """Return the icons a template's calls name as constants, by their place or as `icon_name`."""
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(path.read_text("utf-8"))
    named = set()
    for call in tree.find_all(nodes.Call):
        by_name = [argument.value for argument in call.kwargs if argument.key == "icon_name"]
        place = ICON_PLACES.get(getattr(call.node, "name", ""), 99)
        named |= {
            value.value for value in by_name + call.args[place : place + 1] if isinstance(value, nodes.Const)
        }
    return {name for name in named if name}


def test_every_icon_named_in_a_template_or_the_menu_is_in_the_sprite() -> None:
    sprite = ET.parse(STATIC / "img" / "icons.svg")
    known = {symbol.get("id") for symbol in sprite.iter("{http://www.w3.org/2000/svg}symbol")}
    menu = (ROOT / "matchmaker" / "web" / "navigation.py").read_text("utf-8")

    lacking = {path.name: icons_named(path) - known for path in TEMPLATES.rglob("*.html")}
    assert {name: icons for name, icons in lacking.items() if icons} == {}
    assert set(re.findall(r'lazy_gettext\("[^"]+"\), "([a-z-]+)", "', menu)) - known == set()


def test_scripts_use_nothing_the_content_policy_forbids() -> None:
    forbidden = re.compile(
        r"\beval\(|new Function|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write"
    )

    assert {
        path.name: forbidden.findall(path.read_text("utf-8")) for path in (STATIC / "js").glob("*.js")
    } == {
        "app.js": [],
        "charts.js": [],
        "desk.js": [],
        "drag.js": [],
        "forms.js": [],
        "lists.js": [],
        "paper.js": [],
        "theme.js": [],
    }
