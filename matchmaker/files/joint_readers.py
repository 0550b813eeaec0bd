"""What reads a column that fills several fields, by the fields it fills."""

from functools import partial

from matchmaker.files.cell_readings import Reader
from matchmaker.files.headers import RecordKind, fields
from matchmaker.files.joint_columns import PERSON_FIELDS
from matchmaker.files.person_readers import (
    contact_reader,
    org_with_code,
    org_with_department,
    org_with_position,
    person_reader,
    position_with_rank,
    titled_reader,
)
from matchmaker.files.readers import reader_for


def joint_reader(names: tuple[str, ...], kind: RecordKind) -> Reader:
    """Return what reads the cells of a column of these two fields or more."""
    if len(names) > 2:
        by_part = {field: part for part, field in PERSON_FIELDS[kind].items()}
        return person_reader({by_part[name]: name for name in names if name in by_part})
    first, second = (fields(kind)[name] for name in names)
    if second.type == "uscc":
        org, code = (reader_for(part, header="") for part in (first, second))
        return partial(org_with_code, org=org, code=code)
    if first.type == "org":
        if second.id == "department":
            return org_with_department(org_field=first.id, department_field=second.id)
        return org_with_position(org_field=first.id, position_field=second.id)
    return _of_a_person(first.id, second.id, kind)


def _of_a_person(name: str, second: str, kind: RecordKind) -> Reader:
    if (name, second) == ("position", "title_level"):
        return partial(position_with_rank, position_field=name, rank_field=second)
    known = fields(kind)
    if known[second].type != "phone":
        return titled_reader(name_field=name, position=reader_for(known[second], header=""))
    email = "email" if kind is RecordKind.PEOPLE else "contact_email"
    position = "contact_position" if "contact_position" in known else ""
    return contact_reader(name_field=name, phone_field=second, email_field=email, position_field=position)
