"""What a registration must say, and what a password must not be."""

import pytest

from matchmaker.domain.accounts import (
    Registration,
    check_password,
    check_registration,
    normal_email,
    normal_phone,
)

GOOD = Registration(
    kind="enterprise",
    organisation_name="晨光模具有限公司",
    uscc="9133022600000001XY",
    name="沈一帆",
    phone="13800001234",
    email="shen@example.com",
    agrees=True,
)


def _fields(**changes: object) -> list[str]:
    values = {name: getattr(GOOD, name) for name in GOOD.__slots__} | changes
    return [problem.field for problem in check_registration(Registration(**values))]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"kind": "government"}, ["kind"]),
        ({"organisation_name": "（盖章）"}, ["organisation_name"]),
        ({"uscc": ""}, ["uscc"]),
        ({"uscc": "9133022600000001X1"}, ["uscc"]),
        ({"kind": "university", "uscc": ""}, []),
        ({"kind": "college", "uscc": ""}, ["parent_name"]),
        ({"kind": "college", "uscc": "", "parent_name": "江州大学"}, []),
        ({"name": "沈"}, ["name"]),
        ({"phone": "0574-65550000"}, []),
        ({"phone": "打我电话"}, ["phone"]),
        ({"email": "shen@example"}, ["email"]),
        ({"email": "a@b.cn\r\nBcc: x@y.cn"}, ["email"]),
        ({"agrees": False}, ["agrees"]),
    ],
)
def test_a_registration_tells_each_problem_at_its_field(
    changes: dict[str, object], fields: list[str]
) -> None:
    assert _fields(**changes) == fields


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("", ["password_short"]),
        ("七个字符的密码", ["password_short"]),
        ("八个字符的密码啊", []),
        ("Password123", ["password_common"]),
        ("aaaabbbbaaaa", ["password_common"]),
        ("shen@example.com", ["password_common"]),
        ("x" * 60 + "yz", []),
        ("0123456789 correct horse", []),
        ("长" * 129, ["password_long"]),
    ],
)
def test_a_password_is_refused_for_being_short_common_or_ones_own_name(
    password: str, codes: list[str]
) -> None:
    found = check_password(password, about=("shen@example.com", "沈一帆"))

    assert [problem.code for problem in found] == codes


def test_addresses_and_numbers_have_one_written_form() -> None:
    assert normal_email(" Shen＠Example.COM ") == "shen@example.com"
    assert normal_phone("138 0000-1234") == "13800001234"
    assert normal_phone("13800001234 / 0574-65550000") == "13800001234 / 0574-65550000"
