"""Names of people, apart from what else stands in their cells."""

import pytest

from matchmaker.domain.persons import split_position


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("张三 / 厂长", ("张三", "厂长")),
        ("张三（厂长）", ("张三", "厂长")),
        ("张三 厂长、书记", ("张三", "厂长、书记")),
        ("张 三（厂长）", ("张三", "厂长")),
        ("张　三 / 厂长 兼书记", ("张三", "厂长 兼书记")),
        ("张 三", ("张三", "")),
        ("", ("", "")),
    ],
)
def test_a_position_is_parted_from_a_name_however_that_is_spaced(cell: str, found: tuple[str, str]) -> None:
    assert split_position(cell) == found
