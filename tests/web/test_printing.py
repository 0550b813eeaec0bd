"""What comes out of the printer: one sheet is one page, whatever its shape."""

import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CSS = Path(__file__).resolve().parents[2] / "matchmaker" / "web" / "static" / "css" / "paper.css"


def pages(chromium: Any, body: str, paper: str) -> int:
    """Print a page of papers to PDF and count its pages."""
    page = chromium.new_page()
    try:
        style = CSS.read_text(encoding="utf-8")
        page.set_content(f'<style>{style}</style><body class="paper-{paper}"><main>{body}</main></body>')
        printed = page.pdf(prefer_css_page_size=True)
    finally:
        page.close()
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", printed))


@pytest.mark.parametrize(
    ("paper", "kind"),
    [(paper, kind) for paper in ("a4", "a4-wide", "a3") for kind in ("sheet", "flow")] + [("bare", "sheet")],
)
def test_three_sheets_are_three_pages_of_every_shape(chromium: Any, paper: str, kind: str) -> None:
    rows = "<table><tr><td>10:20</td><td>华星模具</td></tr></table><p class='page-foot'>第 1 步</p>"
    body = f'<section class="{kind} desk-sheet"><p class="desk-code">10-01-3E</p>{rows}</section>' * 3

    assert pages(chromium, body, paper) == 3
