"""One installation, filled, for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from matchmaker.settings import Settings
from matchmaker.store import schema
from matchmaker.store.engine import Database
from tests.ops.installation import fill_every_table, settings_in


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "数据 文件夹")


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The migrated database of the installation, with rows in every table; closed at the end."""
    made = Database(settings.database_url)
    schema.migrate(made)
    fill_every_table(made)
    assert settings.secret_key
    yield made
    made.close()
