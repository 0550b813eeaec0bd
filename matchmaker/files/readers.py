"""One cell of a known field to its value: the parsers of the domain, and the word lists of config/."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache, partial

from matchmaker import resources, wording
from matchmaker.domain import identifiers, persons, values
from matchmaker.domain.characters import simplified
from matchmaker.domain.identifiers import PatentType
from matchmaker.domain.parsed import BLANKS, Parsed, guess, plain_text, short, unreadable
from matchmaker.domain.problems import Problem, Severity
from matchmaker.files.book import Cell
from matchmaker.files.cell_readings import NOTHING, Reader, Reading, named, of_field
from matchmaker.files.disclosure_readers import disclosure_reader
from matchmaker.files.headers import Field
from matchmaker.files.leftovers import cut_number, is_cut_number
from matchmaker.files.ticks import ticked

_TEXT_TYPES = frozenset({"text", "region", "industry", "discipline", "ref", "file"})


def reader_for(field: Field, *, header: str) -> Reader:
    """Return what reads the cells of one column.

    `header` tells the unit of bare amounts and whether 否 means an anonymous need.
    """
    reader = _reader_for(field, header)
    boxed = field.type.startswith("enum") or field.type == "bool"
    return partial(_of_boxes, read=reader) if boxed else reader


def _of_boxes(cell: Cell, *, read: Reader) -> Reading:
    """Read a cell of boxes to tick by what is ticked in it."""
    chosen = ticked(cell) if isinstance(cell, str) else None
    return read(cell if chosen is None else chosen)


def _reader_for(field: Field, header: str) -> Reader:
    if field.type == "money":
        return partial(_parsed, field=field.id, parse=_money_parser(header))
    if field.type == "enum:disclosure":
        words = partial(_choice, field=field.id, zh=field.zh, name="disclosure")
        return disclosure_reader(field.id, header=header, words=words)
    made = _BY_ID.get(field.id) or _BY_TYPE.get(field.type)
    if made is not None:
        return made(field)
    if field.type.startswith("enum_multi:"):
        return partial(_choices, field=field.id, zh=field.zh, name=field.type.partition(":")[2])
    if field.type.startswith("enum:"):
        return partial(_choice, field=field.id, zh=field.zh, name=field.type.partition(":")[2])
    return partial(_text, field=field.id)


# What people write to say nothing. Longer words, even NULL, may be what the text says.
_NO_TEXT = frozenset({"", "-", "--", "—", "——", "/", "无", "暂无"})


def _text(cell: Cell, *, field: str) -> Reading:
    """One line of text as written; line breaks and tabs become spaces."""
    if not isinstance(cell, str):
        text = plain_text(cell)
    else:
        text = cell.strip()
        if "\n" in text or "\r" in text or "\t" in text:
            text = " ".join(text.split())
    return NOTHING if text in _NO_TEXT else ({field: text}, ())


def _person(cell: Cell, *, field: str) -> Reading:
    """A name as written, without marks nobody sees and blanks inside: they would make two people of one."""
    return _text(persons.person_name(cell) if isinstance(cell, str) else cell, field=field)


def _long_text(cell: Cell, *, field: str) -> Reading:
    """Text of several lines as written; only line ends are made equal."""
    if not isinstance(cell, str):
        return _text(cell, field=field)
    text = cell.strip()
    if "\r" in text or "_x000D_" in text:
        text = text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    return NOTHING if text in _NO_TEXT else ({field: text}, ())


def _parsed(cell: Cell, *, field: str, parse: Callable[[object], Parsed[object]]) -> Reading:
    return named(parse(cell), field)


def _money_parser(header: str) -> Callable[[object], Parsed[object]]:
    return partial(values.parse_money, unit_fen=values.unit_of_header(header))


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


def _email(cell: Cell, *, field: str) -> Reading:
    text = re.sub(r"\s", "", plain_text(cell))
    if text in BLANKS:
        return NOTHING
    if re.fullmatch(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", text):
        return {field: text}, ()
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


@lru_cache(maxsize=4096)
def _choice_of(name: str, text: str) -> str | None:
    """Return the id of one word: as listed, without its brackets, or containing exactly one listed word."""
    known = _enum_words(name)
    squeezed = _squeeze(text)
    bare = re.sub(r"\([^()]*\)", "", squeezed)
    for form in (squeezed, bare):
        if form in known:
            return known[form]
    contained = {known[word] for word in known if len(word) >= 2 and word in squeezed}
    return contained.pop() if len(contained) == 1 else None


@lru_cache
def _enum_words(name: str) -> dict[str, str]:
    return {_squeeze(word): value for word, value in wording.synonyms(name).items()}


def _squeeze(text: str) -> str:
    return simplified(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold())


def _choice(cell: Cell, *, field: str, zh: str, name: str) -> Reading:
    text = plain_text(cell)
    if text in BLANKS and _choice_of(name, text) is None:
        return NOTHING
    value = _choice_of(name, text)
    return ({field: value}, ()) if value else ({}, (_unknown_word(text, field, zh, name),))


def _choices(cell: Cell, *, field: str, zh: str, name: str) -> Reading:
    return _choices_of(plain_text(cell), field, zh, name)


@lru_cache(maxsize=4096)
def _choices_of(text: str, field: str, zh: str, name: str) -> Reading:
    if text in BLANKS:
        return NOTHING
    whole = _enum_words(name).get(_squeeze(text))
    words = (text,) if whole else values.split_list(text)
    found = {word: _choices_in(name, word) for word in words}
    problems = tuple(_unknown_word(word, field, zh, name) for word, ids in found.items() if not ids)
    ids = tuple(dict.fromkeys(value for several in found.values() for value in several))
    return ({field: ids} if ids else {}), problems


def _choices_in(name: str, word: str) -> tuple[str, ...]:
    """Return the id of a word, or those of several choices written as one: 转让或许可."""
    whole = _choice_of(name, word)
    if whole:
        return (whole,)
    parts = [_choice_of(name, part) for part in re.split("[或和及与+＋]", word)]
    return tuple(part for part in parts if part) if all(parts) else ()


def _unknown_word(text: str, field: str, zh: str, name: str) -> Problem:
    offered = "、".join(label for _, label in wording.choices(name)[:6])
    message = f"“{short(text)}”不在{zh}的选项里，可填：{offered}等。"
    return Problem(field=field, code="unknown_choice", message=message, severity=Severity.WARNING)


def _phones(cell: Cell, *, field: str) -> Reading:
    return named(values.parse_phones(cell), field)


_TRL = re.compile(
    r"(?:trl|技术就绪度|技术成熟度)?(?:等级|级别)?[-:]?第?([1-9一二三四五六七八九])(?:级?[-~至到](?:trl)?([1-9一二三四五六七八九]))?级?",
    re.IGNORECASE,
)
_LEVELS = "一二三四五六七八九"


def _stage(cell: Cell, *, field: str) -> Reading:
    return _stage_of(plain_text(cell), field)


@lru_cache(maxsize=2048)
def _stage_of(text: str, field: str) -> Reading:
    """Read a maturity; a TRL number gives the stage and the number, words only the stage."""
    if text in BLANKS:
        return NOTHING
    squeezed = _squeeze(text)
    level, problems = _level_of(text)
    if level:
        return {field: _stages_by_level()[level], "trl": level}, tuple(
            of_field(problem, "trl") for problem in problems
        )
    for word, stage in _stage_words().items():
        if squeezed == word:
            return {field: stage}, ()
    named = [word for word in _stage_words() if word in squeezed]
    told = [word for word in named if not any(word != longer and word in longer for longer in named)]
    value = _choice_of("maturity", text) or next((_stage_words()[word] for word in told), None)
    return ({field: value}, ()) if value else ({}, (_unknown_word(text, field, "成熟度", "maturity"),))


@lru_cache
def _stage_words() -> dict[str, str]:
    """Return the words of maturity, later stages first: 已通过中试，正在产业化 is the later one."""
    entries = reversed(resources.config_json("trl")["maturity_words"])
    words = {_squeeze(word): entry["stage"] for entry in entries for word in entry["match"]}
    return {**words, **_enum_words("maturity")}


@lru_cache
def _stages_by_level() -> dict[int, str]:
    known = dict(wording.choices("maturity"))
    return {
        entry["level"]: entry["stage"] if entry["stage"] in known else "lab"
        for entry in resources.config_json("trl")["levels"]
    }


def _level_of(text: str) -> tuple[int, tuple[Problem, ...]]:
    """Return the level a text names, 0 for none; of 4-5级 the lower one, as a guess."""
    found = _TRL.fullmatch(_squeeze(text))
    if found is None:
        return 0, ()
    low, high = (_LEVELS.find(digit) + 1 or int(digit) if digit else 0 for digit in found.groups())
    if not high:
        return low, ()
    message = f"“{short(text)}”是一个范围，技术就绪度按 {min(low, high)} 级记入，请核对。"
    return min(low, high), (guess(message, code="trl_range"),)


def _trl(cell: Cell, *, field: str) -> Reading:
    text = plain_text(cell)
    level, problems = _level_of(text)
    if level:
        return {field: level}, tuple(of_field(problem, field) for problem in problems)
    if text in BLANKS:
        return NOTHING
    return {}, (
        of_field(unreadable(cell, code="trl_unreadable", what="技术就绪度", wanted="1 到 9 的数字"), field),
    )


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
        return _choices(cell, field="ip_type", zh="知识产权类型", name="ip_type")
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
    return re.sub(r"技术$|产业$|领域$", "", _squeeze(text).replace("及", "与").replace("和", "与"))


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
    "stage": lambda field: partial(_stage, field=field.id),
    "ip_type": lambda field: partial(_intellectual_property, field=field.id),
}
_BY_TYPE: dict[str, Callable[[Field], Reader]] = {
    **{kind: lambda field: partial(_text, field=field.id) for kind in _TEXT_TYPES},
    "person": lambda field: partial(_person, field=field.id),
    "id": lambda field: partial(_identifier, field=field.id),
    "longtext": lambda field: partial(_long_text, field=field.id),
    "org": lambda field: partial(_org, field=field.id),
    "uscc": lambda field: partial(_uscc, field=field.id),
    "email": lambda field: partial(_email, field=field.id),
    "phone": lambda field: partial(_phones, field=field.id),
    "list": lambda field: partial(_list, field=field.id),
    "org_list": lambda field: partial(_list, field=field.id),
    "person_list": lambda field: partial(_persons, field=field.id),
    "patent_list": lambda field: partial(_intellectual_property, field=field.id),
    "date": lambda field: partial(_parsed, field=field.id, parse=values.parse_date),
    "datetime": lambda field: partial(_parsed, field=field.id, parse=values.parse_datetime),
    "period": lambda field: partial(_parsed, field=field.id, parse=values.parse_period),
    "bool": lambda field: partial(_parsed, field=field.id, parse=values.parse_bool),
    "int": lambda field: partial(_whole_number, field=field.id),
    "int1-9": lambda field: partial(_trl, field=field.id),
    "enum:tech_field": lambda field: partial(_tech_field, field=field.id),
    "enum:market_field": lambda field: partial(_text, field=field.id),
    "enum:contract_type": lambda field: partial(_choice, field=field.id, zh=field.zh, name="contract_kind"),
    "enum:plan_source": lambda field: partial(_text, field=field.id),
    "enum:ip_status": lambda field: partial(_text, field=field.id),
}
