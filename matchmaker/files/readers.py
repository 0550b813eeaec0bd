"""One cell of a known field to its value: the parsers of the domain, and the word lists of config/."""

import re
from collections.abc import Callable, Collection
from functools import lru_cache, partial

from matchmaker import resources, wording
from matchmaker.domain import identifiers, persons, values
from matchmaker.domain.identifiers import PatentType
from matchmaker.domain.parsed import BLANKS, Parsed, guess, plain_text, short, unreadable
from matchmaker.domain.problems import Problem
from matchmaker.files.book import Cell
from matchmaker.files.cell_readings import NOTHING, Reader, Reading, named, of_field
from matchmaker.files.choice_readers import (
    choice_of,
    choice_reading,
    choices_reading,
    contract_kind_reading,
    squeezed,
)
from matchmaker.files.disclosure_readers import disclosure_reader
from matchmaker.files.headers import Field, bound_of
from matchmaker.files.leftovers import SYSTEM_BLANKS, cut_number, is_cut_number, left_by_system
from matchmaker.files.legends import by_legend, legend_of
from matchmaker.files.markup import without_markup
from matchmaker.files.stage_readers import stage_reading, trl_reading
from matchmaker.files.ticks import has_box, ticked

_OFFERED_TYPES = frozenset({"money", "period", "industry", "region", "discipline"})
_TEXT_TYPES = frozenset({"text", "region", "industry", "discipline", "ref", "file"})


def reader_for(field: Field, *, header: str, beside: Collection[str] = ()) -> Reader:
    """Return what reads the cells of one column.

    `header` tells the unit of bare amounts and whether 否 means an anonymous need; `beside` are the fields
    that a record may have, one of which a cell may fill as well: an address in a cell of telephones.
    """
    reader = _reader_for(field, header, beside)
    if field.type == "period" and (unit := _UNIT_OF_TIME.search(header)):
        reader = partial(_parsed, field=field.id, parse=partial(_in_unit, unit=unit[1]))
    if field.type in _OFFERED_TYPES:
        return partial(_of_offered, read=reader)
    if not field.type.startswith("enum") and field.type not in ("bool", "int1-9"):
        return reader
    legend = legend_of(header)
    if legend:
        reader = partial(by_legend, legend=legend, field=field.id, read=reader)
    return partial(_of_boxes, read=reader)


def _of_offered(cell: Cell, *, read: Reader) -> Reading:
    """Read what is ticked of amounts or trades that a form offers: ☑10-50万 □50-100万."""
    return _of_boxes(cell, read=read) if isinstance(cell, str) and has_box(cell) else read(cell)


def _of_boxes(cell: Cell, *, read: Reader) -> Reading:
    """Read a cell of boxes to tick by what is ticked in it."""
    chosen = ticked(cell) if isinstance(cell, str) else None
    return read(cell if chosen is None else chosen)


def _reader_for(field: Field, header: str, beside: Collection[str]) -> Reader:
    if field.type == "money":
        return partial(_parsed, field=field.id, parse=_money_parser(header))
    if field.type == "enum:disclosure":
        words = partial(choice_reading, field=field.id, zh=field.zh, name="disclosure")
        return disclosure_reader(field.id, header=header, words=words)
    if field.type in ("person", "phone"):
        also = FILLED_AS_WELL.get(field.id, "")
        read = _person if field.type == "person" else _phones
        return partial(read, field=field.id, also=also if also in beside else "")
    made = _BY_ID.get(field.id) or _BY_TYPE.get(field.type)
    if made is not None:
        return made(field)
    kind, _, name = field.type.partition(":")
    if kind in ("enum", "enum_multi"):
        read_words = choice_reading if kind == "enum" else choices_reading
        return partial(read_words, field=field.id, zh=field.zh, name=name)
    return partial(_text, field=field.id)


_UNIT_OF_TIME = re.compile(r"[（(/](?:单位[:：])?(?:个)?([月年天日])[）)]?\s*$")


def _in_unit(raw: object, *, unit: str) -> Parsed[object]:
    """Read a bare number under 周期（月） in that unit."""
    bare = re.fullmatch(r"\d{1,3}(?:\.\d)?", plain_text(raw))
    return values.parse_period(f"{bare[0]}{'个月' if unit == '月' else unit}" if bare else raw)


# What people write to say nothing.
_NO_TEXT = frozenset({"", "-", "--", "—", "——", "/", "无", "暂无"})


def _text(cell: Cell, *, field: str) -> Reading:
    """One line of text as written; line breaks and tabs become spaces."""
    if not isinstance(cell, str):
        text = plain_text(cell)
    else:
        text = cell.strip()
        if "\n" in text or "\r" in text or "\t" in text:
            text = " ".join(text.split())
    if text in SYSTEM_BLANKS:
        return {field: text}, (left_by_system(text, field),)
    return NOTHING if text in _NO_TEXT else ({field: text}, ())


def _person(cell: Cell, *, field: str, also: str) -> Reading:
    """A name as written, without what would make two people of one: blanks inside, a position in brackets."""
    if not isinstance(cell, str):
        return _text(cell, field=field)
    alone = cell
    if "（" in cell or "(" in cell:
        name, position = persons.without_remark(cell)
    else:
        plain = len(cell) <= _LONGEST_PLAIN and cell[-1:] != "等"
        alone = cell if plain else persons.without_others(cell)
        name, position = persons.name_and_title(alone)
    found, problems = _text(name, field=field)
    if alone != cell and cell[-1:] in "等人位名":
        problems = (*problems, _others_left_out(cell, name, field))
    if also == "leader_title":  # one of a list of ranks, not words
        position = choice_of("title_level", position) or ""
    return ({**found, also: position} if position and also else found), problems


def _others_left_out(cell: str, name: str, field: str) -> Problem:
    message = f"“{short(cell)}”只记入了“{name}”，其余的人没有写姓名，请核对。"
    return of_field(guess(message, code="others_left_out"), field)


_LONGEST_PLAIN = 3
# What a cell of people or telephones may say besides: a position in brackets, an address.
FILLED_AS_WELL = {
    "leader": "leader_title",
    "name": "position",
    "contact_name": "contact_position",
    "mobile": "email",
    "contact_mobile": "contact_email",
    "contact_tel": "contact_email",
}


def _long_text(cell: Cell, *, field: str) -> Reading:
    """Text of several lines as written; only line ends are made equal."""
    if not isinstance(cell, str):
        return _text(cell, field=field)
    text = cell.strip()
    if "\r" in text or "_x000D_" in text:
        text = text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    if text[:1] == "<" and (bare := without_markup(text)):
        message = "原文带有网页的格式标记，已去掉标记只取文字，请核对。"
        return {field: bare}, (of_field(guess(message, code="markup_removed"), field),)
    if text in SYSTEM_BLANKS:
        return {field: text}, (left_by_system(text, field),)
    return NOTHING if text in _NO_TEXT else ({field: text}, ())


def _parsed(cell: Cell, *, field: str, parse: Callable[[object], Parsed[object]]) -> Reading:
    return named(parse(cell), field)


def _day_or_end(raw: object) -> Parsed[object]:
    """Read when something was completed; of 2022-2025 it is the end."""
    day = values.parse_date(raw)
    period = values.parse_period(raw).value if day.value is None and day.problems else None
    if period is None or period.start is None or period.end is None:
        return day
    remark = guess(f"“{plain_text(raw)}”是起止时间，取结束的 {period.end}，请核对。", code="date_of_end")
    return Parsed(value=period.end, problems=(remark,))


def _last_valid_day(raw: object) -> Parsed[object]:
    """Read until when something holds: of 2026年底 and 2026年6月, which name no day, it is the last one."""
    day = values.parse_date(raw)
    if not day.problems or any(problem.code == "date_short_year" for problem in day.problems):
        return day
    period = values.parse_period(plain_text(raw)).value
    if period is None or period.end is None or period.end == day.value:
        return day
    remark = guess(f"“{plain_text(raw)}”按截至 {period.end} 处理，请核对。", code="date_of_end")
    return Parsed(value=period.end, problems=(remark,))


def _money_parser(header: str) -> Callable[[object], Parsed[object]]:
    if currency := values.currency_abroad(header):
        return partial(_abroad, currency=currency)
    parse = partial(values.parse_money, unit_fen=values.unit_of_header(header))
    end = bound_of(header)
    return partial(_one_end, end=end, parse=parse) if end else parse


def _abroad(raw: object, *, currency: str) -> Parsed[values.Money]:
    """Read a bare number under 投入（万美元） as the foreign amount that it is."""
    parsed = values.parse_money(raw)
    bare = (
        parsed.value is not None
        and not parsed.value.negotiable
        and values.unit_of_header(plain_text(raw)) is None
    )
    return values.parse_money(f"{plain_text(raw)}{currency}") if bare else parsed


def _one_end(raw: object, *, end: str, parse: Callable[[object], Parsed[values.Money]]) -> Parsed[object]:
    """Read an amount under 下限 or 上限 as the one end of a range that it is."""
    parsed = parse(raw)
    money = parsed.value
    if money is None or money.low_fen is None or money.low_fen != money.high_fen:
        return parsed
    bound = values.Money(low_fen=money.low_fen) if end == "low" else values.Money(high_fen=money.high_fen)
    return Parsed(value=bound, problems=parsed.problems)


def _org(cell: Cell, *, field: str) -> Reading:
    name = identifiers.clean_org_name(cell)
    return ({field: name}, ()) if name and name not in BLANKS else NOTHING


def _uscc(cell: Cell, *, field: str) -> Reading:
    if is_cut_number(cell):
        return {}, (cut_number(cell, field, "统一社会信用代码"),)
    code = identifiers.clean_uscc(cell)
    if code in BLANKS:
        return NOTHING
    problem = identifiers.uscc_problem(code)
    return {field: code}, (of_field(problem, field),) if problem else ()


_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def _email(cell: Cell, *, field: str) -> Reading:
    text = re.sub(r"\s", "", plain_text(cell))
    if text in BLANKS:
        return NOTHING
    first, *more = re.split("[;；,，、/]", text)
    if all(_EMAIL.fullmatch(one) for one in (first, *more) if one):
        others = [one for one in more if one]
        message = f"这一格还写了{'、'.join(others)}，只记入“{first}”，请核对。"
        return {field: first}, (of_field(guess(message, code="more_emails"), field),) if others else ()
    problem = unreadable(cell, code="email_unreadable", what="电子邮箱", wanted="“name@example.cn”")
    return {}, (of_field(problem, field),)


def _list(cell: Cell, *, field: str) -> Reading:
    parts = values.split_list(plain_text(cell) if not isinstance(cell, str) else cell)
    return ({field: parts}, ()) if parts else NOTHING


def _persons(cell: Cell, *, field: str) -> Reading:
    parts = values.split_list(plain_text(cell) if not isinstance(cell, str) else cell)
    names = tuple(dict.fromkeys(name for part in parts for name in persons.person_names(part)))
    return ({field: names}, ()) if names else NOTHING


def _identifier(cell: Cell, *, field: str) -> Reading:
    if is_cut_number(cell):
        return {}, (cut_number(cell, field, "编号"),)
    text = plain_text(cell)
    return ({field: text}, ()) if text and text not in BLANKS else NOTHING


def _phones(cell: Cell, *, field: str, also: str) -> Reading:
    """The numbers of a cell; an address that stands beside them is kept as such."""
    if not also or not isinstance(cell, str) or "@" not in cell:
        return named(values.parse_phones(cell), field)
    email, rest = persons.split_email(cell)
    found, problems = named(values.parse_phones(rest), field) if rest else ({}, ())
    return ({**found, also: email} if email else found), problems


def _whole_number(cell: Cell, *, field: str) -> Reading:
    text = plain_text(cell)
    if re.fullmatch(r"\d{1,9}", text):
        return {field: int(text)}, ()
    if text in BLANKS:
        return NOTHING
    return {}, (
        of_field(unreadable(cell, code="number_unreadable", what="整数", wanted="阿拉伯数字"), field),
    )


_IP_WORDS = (
    ("invention", re.compile("发明")),
    ("utility", re.compile("实用新型")),
    ("design", re.compile("外观")),
    ("software", re.compile("软件著作|软著|计算机软件|\\d{4}SR")),
    ("ic", re.compile("集成电路")),
    ("plant", re.compile("植物新品种|品种权")),
    ("knowhow", re.compile("技术秘密|专有技术")),
)


def _intellectual_property(cell: Cell, *, field: str) -> Reading:
    """Read a cell that may hold numbers, kinds, or both: 发明专利 ZL…; fills patent_no and ip_type."""
    parsed = identifiers.parse_patents(cell)
    problems = tuple(of_field(problem, "patent_no") for problem in parsed.problems)
    found: dict[str, object] = {"patent_no": parsed.value} if parsed.value else {}
    text = plain_text(cell)
    kinds = {patent.type.value: None for patent in parsed.value or () if isinstance(patent.type, PatentType)}
    kinds |= {kind: None for kind, pattern in _IP_WORDS if pattern.search(text)}
    if text in ("无", "暂无"):
        kinds = {"none": None}
    if kinds:
        found["ip_type"] = tuple(kinds)
    if not found and text not in BLANKS and field == "ip_type":
        return choices_reading(cell, field="ip_type", zh="知识产权类型", name="ip_type")
    return found, problems


def _tech_field(cell: Cell, *, field: str) -> Reading:
    text = plain_text(cell)
    if text in BLANKS:
        return NOTHING
    codes = field_codes(text)
    return ({field: text, f"{field}_codes": codes} if codes else {field: text}), ()


@lru_cache(maxsize=2048)
def field_codes(text: str) -> tuple[str, ...]:
    """Return the codes of the national high-tech fields that a text names: 新材料、电子信息 → ("40", "10").

    Knows the names of levels 1 and 2, the codes themselves and the older names of technology fields.
    """
    words = _field_words()
    whole = words.get(_field_key(text))
    if whole:
        return (whole,)
    found = [words.get(_field_key(part)) for part in re.split(r"[;；、，,/\s]+", text)]
    return tuple(dict.fromkeys(code for code in found if code))


def _field_key(text: str) -> str:
    return re.sub(r"技术$|产业$|领域$", "", squeezed(text).replace("及", "与").replace("和", "与"))


@lru_cache
def _field_words() -> dict[str, str]:
    words = {}
    for row in resources.config_rows("tech_market_fields"):
        code = row["hightech_2016_code"]
        for word in (row["name"], *row["aliases"].split(";")):
            if code and word:
                words[_field_key(word)] = code
    for code, name, _ in wording.fields():
        words[_field_key(name)] = code
        words[code] = code
    return words


_BY_ID: dict[str, Callable[[Field], Reader]] = {
    "stage": lambda field: partial(stage_reading, field=field.id),
    "completed_on": lambda field: partial(_parsed, field=field.id, parse=_day_or_end),
    "valid_until": lambda field: partial(_parsed, field=field.id, parse=_last_valid_day),
    "ip_type": lambda field: partial(_intellectual_property, field=field.id),
}
_BY_TYPE: dict[str, Callable[[Field], Reader]] = {
    **{kind: lambda field: partial(_text, field=field.id) for kind in _TEXT_TYPES},
    "id": lambda field: partial(_identifier, field=field.id),
    "longtext": lambda field: partial(_long_text, field=field.id),
    "org": lambda field: partial(_org, field=field.id),
    "uscc": lambda field: partial(_uscc, field=field.id),
    "email": lambda field: partial(_email, field=field.id),
    "list": lambda field: partial(_list, field=field.id),
    "org_list": lambda field: partial(_list, field=field.id),
    "person_list": lambda field: partial(_persons, field=field.id),
    "patent_list": lambda field: partial(_intellectual_property, field=field.id),
    "date": lambda field: partial(_parsed, field=field.id, parse=values.parse_date),
    "datetime": lambda field: partial(_parsed, field=field.id, parse=values.parse_datetime),
    "period": lambda field: partial(_parsed, field=field.id, parse=values.parse_period),
    "bool": lambda field: partial(_parsed, field=field.id, parse=values.parse_bool),
    "int": lambda field: partial(_whole_number, field=field.id),
    "int1-9": lambda field: partial(trl_reading, field=field.id),
    "enum:tech_field": lambda field: partial(_tech_field, field=field.id),
    "enum:market_field": lambda field: partial(_text, field=field.id),
    "enum:contract_type": lambda field: partial(contract_kind_reading, field=field.id, zh=field.zh),
    "enum:plan_source": lambda field: partial(_text, field=field.id),
    "enum:ip_status": lambda field: partial(_text, field=field.id),
}
