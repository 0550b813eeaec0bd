"""The documentation names what there is, and its links lead somewhere."""

import re
import tomllib
from pathlib import Path

import pytest

from jobs.schedule import SCHEDULE
from matchmaker.cli import _COMMANDS
from matchmaker.domain.messages import MESSAGES
from matchmaker.resources import folder
from matchmaker.wording import choices

ROOT = Path(__file__).resolve().parents[1]
DOCS = [
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
]

pytestmark = pytest.mark.skipif(not (ROOT / "docs").is_dir(), reason="docs/ lies in the checkout only")


def test_every_setting_has_its_meaning_beside_it() -> None:
    text = (folder("config") / "default.toml").read_text(encoding="utf-8")
    silent = [
        line for line in text.splitlines() if re.match(r"[a-z_]+ *=", line) and not re.search(r"#\s*\S", line)
    ]

    assert tomllib.loads(text)
    assert silent == []


def test_every_command_message_job_and_channel_is_documented() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    architecture = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

    assert [name for name in _COMMANDS if f"`matchmaker {name}`" not in readme] == []
    assert [name for name in MESSAGES if f"`{name}`" not in architecture] == []
    assert [job.name for job in SCHEDULE if f"`{job.name}`" not in architecture] == []
    assert [name for name, _words in choices("channel") if f"`{name}`" not in architecture] == []


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_links_and_named_files_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    here = [target for target in links if target and "://" not in target]

    assert [target for target in here if not (page.parent / target).exists()] == []


def test_files_named_in_the_architecture_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(
        re.findall(r"\b((?:web|services|files|bus|domain|solvers|jobs|channels|store)/[\w/]+\.py)\b", text)
    )

    missing = [
        name for name in named if not ((ROOT / "matchmaker" / name).exists() or (ROOT / name).exists())
    ]
    assert named
    assert missing == []
