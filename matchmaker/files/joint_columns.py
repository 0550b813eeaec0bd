"""Columns that fill several fields: a person with a number and a position, a firm with its code."""

from matchmaker.files.headers import (
    RecordKind,
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
    if is_org_with_code(kind, header):
        return "enterprise_name", "uscc"
    return contact_fields(kind) if is_contact(header) else _titled_person(kind, header)


def _titled_person(kind: RecordKind, header: str) -> tuple[str, ...]:
    if not is_titled_person(header):
        return ()
    if kind is RecordKind.ACHIEVEMENT and is_in_charge(header):
        return "leader", "leader_title"
    position = "position" if kind is RecordKind.PEOPLE else "contact_position"
    return (contact_fields(kind)[0], position) if position in fields(kind) else ()
