"""Cells that hold a person or a firm and more: a telephone, an address, a position, a code."""

import re
from collections.abc import Mapping, Sequence
from functools import partial

from matchmaker.domain import identifiers, persons, values
from matchmaker.domain.parsed import BLANKS, plain_text, short
from matchmaker.domain.problems import Problem, Severity
from matchmaker.files.book import Cell
from matchmaker.files.cell_readings import NOTHING, Reader, Reading, named
from matchmaker.files.choice_readers import choice_of, squeezed, words_of


def contact_reader(*, name_field: str, phone_field: str, email_field: str, position_field: str) -> Reader:
    """Return what reads a person with a telephone and maybe an address: 张三（厂长）138… zs@example.cn.

    `position_field` is "" where the list has none.
    """
    fields = {"name_field": name_field, "phone_field": phone_field, "email_field": email_field}
    return partial(_contact, **fields, position_field=position_field)


def titled_reader(*, name_field: str, position: Reader) -> Reader:
    """Return what reads a person with a position: 张三 / 厂长; `position` reads the second part."""
    return partial(_titled, name_field=name_field, position=position)


def org_with_position(*, org_field: str, position_field: str) -> Reader:
    """Return what reads where somebody works, and as what: 某某大学 材料学院副院长."""
    return partial(_placed, org_field=org_field, position_field=position_field)


def _placed(cell: Cell, *, org_field: str, position_field: str) -> Reading:
    if plain_text(cell) in BLANKS:
        return NOTHING
    org, position = persons.split_org_position(cell)
    found = {org_field: identifiers.clean_org_name(org), position_field: position}
    read: dict[str, object] = {name: text for name, text in found.items() if text}
    if position or not persons.holds_position(org):
        return read, ()
    message = f"“{short(cell)}”里单位和职务分不开，整格按单位记入，请核对。"
    return read, (
        Problem(field=org_field, code="org_with_position", message=message, severity=Severity.GUESS),
    )


def org_with_department(*, org_field: str, department_field: str) -> Reader:
    """Return what reads where somebody works, and in which part of it: 某某大学 材料学院."""
    return partial(_housed, org_field=org_field, department_field=department_field)


def _housed(cell: Cell, *, org_field: str, department_field: str) -> Reading:
    if plain_text(cell) in BLANKS:
        return NOTHING
    org, department = persons.split_org_department(cell)
    found = {org_field: identifiers.clean_org_name(org), department_field: department}
    return {name: text for name, text in found.items() if text}, ()


_RANKED_APART = re.compile(r"\s*[/／、，,;；|（(）)\n]+\s*|(?<=[一-鿿])\s+(?=[一-鿿])")
# 总工程师 and 首席研究员 are what somebody does, not a rank.
_LEADS = re.compile("总(?:工程|农艺|工艺|设计|畜牧)|首席|秘书长")


def position_with_rank(cell: Cell, *, position_field: str, rank_field: str) -> Reading:
    """Read 院长/教授 or 副研究员: which of the parts are ranks, their words tell; a part may be both."""
    text = plain_text(cell)
    if text in BLANKS:
        return NOTHING
    parts = [part for part in _RANKED_APART.split(text) if part]
    ranks = [part for part in parts if not _LEADS.search(part) and choice_of("title_level", part)]
    named = words_of("title_level")
    positions = [part for part in parts if part not in ranks or squeezed(part) not in named]
    found: dict[str, object] = {position_field: "、".join(positions)} if positions else {}
    if ranks:
        found[rank_field] = choice_of("title_level", ranks[0])
    return found, ()


def person_reader(fields: Mapping[str, str]) -> Reader:
    """Return what reads a person told in parts, 鲁伟/总工/13857000201; `fields` by the names of the parts."""
    return partial(_in_parts, fields=fields)


def _in_parts(cell: Cell, *, fields: Mapping[str, str]) -> Reading:
    if plain_text(cell) in BLANKS:
        return NOTHING
    found = persons.person_in_parts(cell if isinstance(cell, str) else plain_text(cell))
    phones, problems = (
        named(values.parse_phones(found.numbers), fields["phone"]) if found.numbers else ({}, ())
    )
    said = {"name": found.name, "org": found.org, "position": found.position, "email": found.email}
    read = {fields[part]: text for part, text in said.items() if text and part in fields}
    left = [*(text for part, text in said.items() if text and part not in fields), *found.others]
    if left:
        message = f"这一格还写了{'、'.join(f'“{text}”' for text in left)}，没有记入，请核对。"
        problem = Problem(field=fields["name"], code="left_in_cell", message=message, severity=Severity.GUESS)
        problems = (*problems, problem)
    if not found.name:
        message = f"“{short(cell)}”里没有认出姓名，请核对。"
        problem = Problem(field=fields["name"], code="no_name", message=message, severity=Severity.WARNING)
        problems = (*problems, problem)
    return {**read, **phones}, problems


def _contact(
    cell: Cell, *, name_field: str, phone_field: str, email_field: str, position_field: str
) -> Reading:
    email, text = persons.split_email(cell)
    name, rest = persons.split_contact(text)
    found, problems = named(values.parse_phones(rest), phone_field) if rest else ({}, ())
    if name:
        alone, position = persons.without_remark(name)
        found[name_field], position = (alone, position) if position else persons.name_and_title(alone)
        if position and position_field:
            found[position_field] = position
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
