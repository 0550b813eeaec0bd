"""Cells that hold words of a list of choices: config/enums.json, config/contract_types.json."""

import re
import unicodedata
from functools import lru_cache

from matchmaker import resources, wording
from matchmaker.domain import values
from matchmaker.domain.characters import simplified
from matchmaker.domain.parsed import BLANKS, plain_text, short
from matchmaker.domain.problems import Problem, Severity
from matchmaker.domain.ranks import rank_of
from matchmaker.files.book import Cell
from matchmaker.files.cell_readings import NOTHING, Reading


@lru_cache(maxsize=4096)
def choice_of(name: str, text: str) -> str | None:
    """Return the id of one word: as listed, without its brackets, or containing exactly one listed word."""
    known = words_of(name)
    whole = squeezed(text)
    bare = re.sub(r"\([^()]*\)", "", whole)
    if name == "title_level" and (told := _told_by_parts(whole, bare)):
        return told
    for form in (whole, bare):
        if form in known:
            return known[form]
    if name == "title_level" and _LEADS.search(whole):
        return None
    named = [word for word in known if len(word) >= 2 and word in whole]
    if name not in _NO_IS_A_CHOICE:
        named = [word for word in named if _is_said(word, whole)]
    contained = {known[word] for word in named}
    return contained.pop() if len(contained) == 1 else None


_LEADS = re.compile("总(?:工程|经济|会计|农艺|设计)师")  # posts, whatever the rank of who holds them
_IN_BRACKETS = re.compile(r"\(([^()]+)\)$")


def _told_by_parts(whole: str, bare: str) -> str | None:
    """Return a rank by the parts of its name; what stands in brackets is more exact: 高级工程师（教授级）."""
    inside = _IN_BRACKETS.search(whole)
    return (rank_of(inside[1]) if inside else None) or rank_of(bare)


# 不转让, 除转让外, 未获授权: what is said not to be so
_DENIED = re.compile(
    r"(?:不|非|未|无|除|没有?)(?:能|可|会|接受|同意|考虑|愿意?|予|进行|经|获|实现|完成|含|包括)?$"
)


def _is_said(word: str, whole: str) -> bool:
    """Whether a text has a word somewhere without a no before it."""
    at = whole.find(word)
    while at >= 0:
        if not _DENIED.search(whole[max(0, at - _LONGEST_DENIAL) : at]):
            return True
        at = whole.find(word, at + 1)
    return False


_LONGEST_DENIAL = 4
_NO_IS_A_CHOICE = frozenset({"disclosure"})  # 不公开企业名称


@lru_cache
def words_of(name: str) -> dict[str, str]:
    """Return every word of an enum list, squeezed → its id."""
    return {squeezed(word): value for word, value in wording.synonyms(name).items()}


def squeezed(text: str) -> str:
    """Return a text as words are compared: half-width, without blanks, in simplified characters."""
    return simplified(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold())


def choice_reading(cell: Cell, *, field: str, zh: str, name: str) -> Reading:
    """Read a cell that holds one of the words of an enum list."""
    text = plain_text(cell)
    if text in BLANKS and choice_of(name, text) is None:
        return NOTHING
    value = choice_of(name, text)
    parts = () if squeezed(text) in words_of(name) else values.split_list(text)
    if len(parts) > 1:
        return _first_of(parts, value, field, zh, name)
    return ({field: value}, ()) if value else ({}, (unknown_word(text, field, zh, name),))


def _first_of(parts: tuple[str, ...], value: str | None, field: str, zh: str, name: str) -> Reading:
    """Read a cell that names several where there is one to be had: the first, and say what is left out."""
    chosen = next((part for part in parts if choice_of(name, part)), None)
    if value is None and chosen is None:
        return {}, (unknown_word("、".join(parts), field, zh, name),)
    taken = value or choice_of(name, chosen or "")
    others = [part for part in parts if choice_of(name, part) != taken]
    if not others:
        return {field: taken}, ()
    taken_word = dict(wording.choices(name))[taken or ""]
    message = f"这一格有几项，{zh}只记入“{taken_word}”，没有记入{'、'.join(others)}，请核对。"
    return {field: taken}, (
        Problem(field=field, code="more_choices", message=message, severity=Severity.GUESS),
    )


def choices_reading(cell: Cell, *, field: str, zh: str, name: str) -> Reading:
    """Read a cell that holds several of the words of an enum list."""
    return _choices_of(plain_text(cell), field, zh, name)


@lru_cache(maxsize=4096)
def _choices_of(text: str, field: str, zh: str, name: str) -> Reading:
    if text in BLANKS:
        return NOTHING
    whole = words_of(name).get(squeezed(text))
    words = (text,) if whole else values.split_list(text)
    found = {word: _choices_in(name, word) for word in words}
    problems = tuple(unknown_word(word, field, zh, name) for word, ids in found.items() if not ids)
    ids = tuple(dict.fromkeys(value for several in found.values() for value in several))
    return ({field: ids} if ids else {}), problems


def _choices_in(name: str, word: str) -> tuple[str, ...]:
    """Return the id of a word, or those of several choices written as one: 转让或许可."""
    whole = choice_of(name, word)
    if whole:
        return (whole,)
    parts = [choice_of(name, part) for part in re.split("[或和及与+＋]", word)]
    return tuple(part for part in parts if part) if all(parts) else ()


def unknown_word(text: str, field: str, zh: str, name: str) -> Problem:
    """Return that a word is none of an enum list, with some of those that are."""
    offered = "、".join(label for _, label in wording.choices(name)[:6])
    message = f"“{short(text)}”不在{zh}的选项里，可填：{offered}等。"
    return Problem(field=field, code="unknown_choice", message=message, severity=Severity.WARNING)


def not_in_legend(text: str, field: str, legend: dict[str, str]) -> Problem:
    """Return that a number is none of those that the header explains."""
    offered = "、".join(f"{code}是{word}" for code, word in legend.items())
    message = f"“{short(text)}”不在表头列出的选项里（{offered}），没有记入，请改正。"
    return Problem(field=field, code="unknown_choice", message=message, severity=Severity.WARNING)


def contract_kind_reading(cell: Cell, *, field: str, zh: str) -> Reading:
    """Read the kind of a contract; 委托开发 names it by what it is a part of, and is kept as that part."""
    text = squeezed(re.sub(r"合同$", "", plain_text(cell)))
    part = _contract_parts().get(text) or _kind_and_part(text)
    if part is None:
        return choice_reading(cell, field=field, zh=zh, name="contract_kind")
    kind, subtype = part
    return ({field: kind, "contract_subtype": subtype} if subtype else {field: kind}), ()


_LONGEST_KIND = 30
_PARTED = re.compile(r"(.+?)(?:合同)?[(/:、-]+(.+?)(?:合同)?\)?")


def _kind_and_part(text: str) -> tuple[str, str] | None:
    """Return kind and part of 技术开发(委托) and 技术开发-委托开发, which name both."""
    found = _PARTED.fullmatch(text) if len(text) <= _LONGEST_KIND else None
    kind = choice_of("contract_kind", found[1]) if found else None
    if found is None or kind is None:
        return None
    parts = [part for word, part in _contract_parts().items() if part[1] and word.startswith(found[2])]
    own = [part for part in parts if part[0] == kind]
    return own[0] if len(own) == 1 else None


@lru_cache
def _contract_parts() -> dict[str, tuple[str, str]]:
    """Return short name or part of a kind of contract → the kind and the part's name."""
    parts = {}
    for kind in resources.config_json("contract_types")["types"]:
        parts[squeezed(kind["abbr"])] = (kind["id"], "")
        parts |= {squeezed(part["zh"]): (kind["id"], part["zh"]) for part in kind["sub"]}
    return parts
