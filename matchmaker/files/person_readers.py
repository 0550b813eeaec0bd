"""Cells that hold a person or a firm and more: a telephone, an address, a position, a code."""

import re
from collections.abc import Sequence
from functools import partial

from matchmaker.domain import persons, values
from matchmaker.domain.problems import Problem, Severity
from matchmaker.files.book import Cell
from matchmaker.files.cell_readings import Reader, Reading, named


def contact_reader(*, name_field: str, phone_field: str, email_field: str) -> Reader:
    """Return what reads a person with a telephone and maybe an address: 张三 13800000000 zs@example.cn."""
    return partial(_contact, name_field=name_field, phone_field=phone_field, email_field=email_field)


def titled_reader(*, name_field: str, position: Reader) -> Reader:
    """Return what reads a person with a position: 张三 / 厂长; `position` reads the second part."""
    return partial(_titled, name_field=name_field, position=position)


def _contact(cell: Cell, *, name_field: str, phone_field: str, email_field: str) -> Reading:
    email, text = persons.split_email(cell)
    name, rest = persons.split_contact(text)
    found, problems = named(values.parse_phones(rest), phone_field) if rest else ({}, ())
    if name:
        found[name_field] = name
    if email:
        found[email_field] = email
    others = [other for other in persons.contact_names(rest) if other != name]
    return found, (*problems, _more_contacts(name_field, name, others)) if others else problems


def _more_contacts(field: str, name: str, others: Sequence[str]) -> Problem:
    message = f"这一格还写了{'、'.join(others)}，联系人只记入“{name}”，电话都已记入，请核对。"
    return Problem(field=field, code="more_contacts", message=message, severity=Severity.GUESS)


def _titled(cell: Cell, *, name_field: str, position: Reader) -> Reading:
    name, rest = persons.split_position(cell)
    found, problems = position(rest) if rest else ({}, ())
    return ({name_field: name, **found} if name else found), problems


_CODE = re.compile(
    r"[(（\[]?\s*(?:统一)?(?:社会)?(?:信用)?(?:代码)?\s*[:：]?\s*((?=[A-Za-z]*\d)[0-9A-Za-z]{15,18})\s*[)）\]]?"
)
_BETWEEN = " /、,，;；\n\r\t"
_LONGEST = 200


def org_with_code(cell: Cell, *, org: Reader, code: Reader) -> Reading:
    """Read 某某公司 9133…, each part by its own reader; either may be missing."""
    text = cell if isinstance(cell, str) else str(cell)
    found = _CODE.search(text) if len(text) <= _LONGEST else None
    rest = text if found is None else f"{text[: found.start()]} {text[found.end() :]}".strip(_BETWEEN)
    names, said = org(rest) if rest else ({}, ())
    codes, more = code(found[1]) if found else ({}, ())
    return {**names, **codes}, (*said, *more)
