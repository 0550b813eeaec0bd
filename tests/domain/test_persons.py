"""Names of people, apart from what else stands in their cells."""

import pytest

from matchmaker.domain.persons import name_and_title, person_names, split_position


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


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("江雪梅 教授", ("江雪梅", "教授")),
        ("江雪梅教授", ("江雪梅", "教授")),
        ("江雪梅/教授", ("江雪梅", "教授")),
        ("副教授 陆一鸣", ("陆一鸣", "副教授")),
        ("王建国总经理", ("王建国", "总经理")),
        ("高级工程师 李明轩", ("李明轩", "高级工程师")),
        ("欧阳文博 研究员", ("欧阳文博", "研究员")),
        ("江雪梅 女", ("江雪梅", "")),
        ("陈 亚男", ("陈亚男", "")),
        ("江雪梅 陆一鸣", ("江雪梅 陆一鸣", "")),
        *((name, (name, "")) for name in ("王教授", "李副教授", "欧阳老师", "王总工程师", "高工", "教授")),
        ("Tom Smith", ("Tom Smith", "")),
    ],
)
def test_a_title_is_parted_from_a_whole_name_and_stays_with_a_family_name(
    cell: str, found: tuple[str, str]
) -> None:
    assert name_and_title(cell) == found


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("江雪梅 教授", ("江雪梅",)),
        ("江雪梅(1)", ("江雪梅",)),
        ("江雪梅*", ("江雪梅",)),
        ("江雪梅等5人", ("江雪梅",)),
        ("江雪梅 陆一鸣 教授", ("江雪梅", "陆一鸣")),
        ("教授", ("教授",)),
    ],
)
def test_a_list_of_makers_is_of_names_alone(part: str, names: tuple[str, ...]) -> None:
    assert person_names(part) == names
