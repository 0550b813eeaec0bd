"""The parcel is written into a folder of its own, for a PC we know."""

from pathlib import Path

import pytest

from matchmaker.errors import Refused
from matchmaker.ops.bundle import write_bundle


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")

    with pytest.raises(Refused, match="不是空文件夹"):
        write_bundle(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_an_unknown_kind_of_pc_is_refused_with_the_choices(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="windows、linux、linux-arm"):
        write_bundle(tmp_path / "out", target="abacus")

    assert not (tmp_path / "out").exists()
