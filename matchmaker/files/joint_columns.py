"""Columns that fill several fields: a person with a number and a position, a firm with its code."""

import re

from matchmaker.files.headers import (
    RecordKind,
    alternatives,
    clean_header,
    fields,
    is_contact,
    is_in_charge,
    is_org_with_code,
    is_org_with_position,
    is_titled_person,
    parts_of_person,
)

PERSON_FIELDS: dict[RecordKind, dict[str, str]] = {
    RecordKind.NEED: {
        "org": "enterprise_name",
        "name": "contact_name",
        "position": "contact_position",
        "phone": "contact_mobile",
        "email": "contact_email",
    },
    RecordKind.ACHIEVEMENT: {
        "org": "org",
        "name": "contact_name",
        "phone": "contact_mobile",
        "email": "contact_email",
    },
    RecordKind.PEOPLE: {
        "org": "org",
        "name": "name",
        "position": "position",
        "phone": "mobile",
        "email": "email",
    },
    RecordKind.CONTRACT: {},
}
"""Kind of list → the fields that a person is described in."""


def contact_fields(kind: RecordKind) -> tuple[str, str]:
    """Return the fields of a person to call: name and number."""
    return PERSON_FIELDS[kind]["name"], PERSON_FIELDS[kind]["phone"]


def joint_fields(kind: RecordKind, header: str) -> tuple[str, ...]:
    """Return the fields that one header names together, in their order; nothing for a header of one."""
    if parts := parts_of_person(header):
        return tuple(PERSON_FIELDS[kind][part] for part in parts if part in PERSON_FIELDS[kind])
    if kind is RecordKind.PEOPLE and is_org_with_position(header):
        return "org", "position"
    if pair := next((pair for pair, *words in _PAIRS.get(kind, ()) if _is_each(header, *words)), ()):
        return pair
    if is_org_with_code(kind, header):
        return "enterprise_name", "uscc"
    return contact_fields(kind) if is_contact(header) else _titled_person(kind, header)


_POSITIONS = re.compile("(?:行政|党政|现任|担任|所任)?(?:职务|职位|岗位)")
_GUESTS = re.compile(
    "(?:参会|与会|参加|出席|报名|到会|受邀|拟邀)?的?(?:代表|人员|嘉宾|专家|领导|人)(?:姓名)?|姓名|来宾"
)
_RANKS = re.compile("(?:专业)?(?:技术)?职称(?:等级|级别)?")
_ORGS = re.compile(
    "(?:工作|所在|所属|完成|派出|选派|现|专家|成果)*的?(?:单位|高校|院校|学校|院所|高校院所)(?:全称|名称)?"
)
_DEPARTMENTS = re.compile(
    "(?:所在|所属|具体|内设)*的?(?:二级)?(?:部门|院系|学院|系所|科室|处室|研究室|实验室|团队)(?:名称)?"
)
_IN_BRACKETS = re.compile(r"[(（]\s*([^()（）]{2,8}?)\s*[)）]\s*$")
_WORKS_IN = (("org", "department"), _ORGS, _DEPARTMENTS)
_PAIRS = {
    RecordKind.PEOPLE: (
        (("position", "title_level"), _POSITIONS, _RANKS),
        (("name", "position"), _GUESTS, _POSITIONS),
        _WORKS_IN,
    ),
    RecordKind.ACHIEVEMENT: (_WORKS_IN,),
}


def _is_each(header: str, first: re.Pattern[str], second: re.Pattern[str]) -> bool:
    """Whether a header names two things, in either order: 职务/职称, 职称、职务, 工作单位（部门）."""
    pieces = alternatives(clean_header(header))
    inside = _IN_BRACKETS.search(header)
    if len(pieces) == 1 and inside:
        pieces.append(clean_header(inside[1]))
    if len(pieces) != 2:
        return False
    return any(first.fullmatch(one) and second.fullmatch(other) for one, other in (pieces, reversed(pieces)))


def _titled_person(kind: RecordKind, header: str) -> tuple[str, ...]:
    if not is_titled_person(header):
        return ()
    if kind is RecordKind.ACHIEVEMENT and is_in_charge(header):
        return "leader", "leader_title"
    position = "position" if kind is RecordKind.PEOPLE else "contact_position"
    return (contact_fields(kind)[0], position) if position in fields(kind) else ()
