"""Every requirement has a line that says why it is there, and no line outlives its requirement."""

import re
import tomllib

from tests.installed import ROOT


def test_the_documented_requirements_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL))

    documented = {
        (re.findall(r"`(.*?)`", title) or ["always"])[0]: re.findall(
            r"^\| `(.+?)` \|", body, flags=re.MULTILINE
        )
        for title, body in sections.items()
        if title != "Left out on purpose"
    }

    assert documented == {"always": project["dependencies"], **project["optional-dependencies"]}
