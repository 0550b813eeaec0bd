"""Cells that say how far a thing has come: words of maturity, levels of readiness."""

import re
from functools import lru_cache

from matchmaker import resources, wording
from matchmaker.domain.parsed import BLANKS, guess, plain_text, short, unreadable
from matchmaker.domain.problems import Problem
from matchmaker.files.book import Cell
from matchmaker.files.cell_readings import NOTHING, Reading, of_field
from matchmaker.files.choice_readers import choice_of, squeezed, unknown_word, words_of

_TRL = re.compile(
    r"(?:trl|技术就绪度|技术成熟度)?(?:等级|级别)?[-:]?第?([1-9一二三四五六七八九])(?:级?[-~至到](?:trl)?([1-9一二三四五六七八九]))?级?",
    re.IGNORECASE,
)
_LEVELS = "一二三四五六七八九"
# A level with words behind or before it: TRL6（中试验证）, 已完成中试，TRL7, 8（试生产）, 六级(正样).
_LEVEL_BESIDE_WORDS = re.compile(
    r"trl[-:第]?([1-9一二三四五六七八九])(?![\d.~-])|^([1-9一二三四五六七八九])级?[(](?!\d)"
)

# 尚未中试, 未实现产业化, 计划量产: a stage that is still to come
_NOT_YET = re.compile(
    r"(?:尚未|还未|暂未|未(?!来)|没有?|不能|无法|尚不|拟|准备|计划|即将|有望|预计|争取|等?待)[^,，。；;、()（）]{0,12}"
)


def stage_reading(cell: Cell, *, field: str) -> Reading:
    """Read a maturity; a TRL number gives the stage and the number, words the stage."""
    return _stage_of(plain_text(cell), field)


@lru_cache(maxsize=2048)
def _stage_of(text: str, field: str) -> Reading:
    if text in BLANKS:
        return NOTHING
    level, problems = _level_of(text)
    if level:
        return {field: _stages_by_level()[level], "trl": level}, tuple(
            of_field(problem, "trl") for problem in problems
        )
    beside = _level_beside(text)
    of_level = _stages_by_level().get(beside)
    value = _stage_named(_NOT_YET.sub("", text)) or of_level
    if value is None:
        return {}, (unknown_word(text, field, "成熟度", "maturity"),)
    # 1（小试） is the first of some choices, and no level of readiness
    is_level = beside and (value == of_level or "trl" in squeezed(text))
    return {field: value, "trl": beside} if is_level else {field: value}, ()


def _stage_named(text: str) -> str | None:
    words, whole = _stage_words(), squeezed(text)
    if whole in words:
        return words[whole]
    named = [word for word in words if word in whole]
    told = [word for word in named if not any(word != longer and word in longer for longer in named)]
    return choice_of("maturity", text) or next((words[word] for word in told), None)


@lru_cache
def _stage_words() -> dict[str, str]:
    """Return the words of maturity, later stages first: 已通过中试，正在产业化 is the later one."""
    entries = reversed(resources.config_json("trl")["maturity_words"])
    words = {squeezed(word): entry["stage"] for entry in entries for word in entry["match"]}
    return {**words, **words_of("maturity")}


@lru_cache
def _stages_by_level() -> dict[int, str]:
    known = dict(wording.choices("maturity"))
    return {
        entry["level"]: entry["stage"] if entry["stage"] in known else "lab"
        for entry in resources.config_json("trl")["levels"]
    }


def _level(digit: str) -> int:
    return _LEVELS.find(digit) + 1 or int(digit)


def _level_beside(text: str) -> int:
    """Return the one level that a text names among words; 0 for none, and for several: 由TRL4提升至TRL7."""
    found = {_level(one[1] or one[2]) for one in _LEVEL_BESIDE_WORDS.finditer(squeezed(text))}
    return found.pop() if len(found) == 1 else 0


def _level_of(text: str) -> tuple[int, tuple[Problem, ...]]:
    """Return the level a text names, 0 for none; of 4-5级 the lower one, as a guess."""
    found = _TRL.fullmatch(squeezed(text))
    if found is None:
        return 0, ()
    low, high = (_level(digit) if digit else 0 for digit in found.groups())
    if not high:
        return low, ()
    message = f"“{short(text)}”是一个范围，技术就绪度按 {min(low, high)} 级记入，请核对。"
    return min(low, high), (guess(message, code="trl_range"),)


def trl_reading(cell: Cell, *, field: str) -> Reading:
    """Read a level of readiness, 1 to 9."""
    text = plain_text(cell)
    level, problems = _level_of(text)
    if level:
        return {field: level}, tuple(of_field(problem, field) for problem in problems)
    if text in BLANKS:
        return NOTHING
    if beside := _level_beside(text):
        return {field: beside}, ()
    return {}, (
        of_field(unreadable(cell, code="trl_unreadable", what="技术就绪度", wanted="1 到 9 的数字"), field),
    )
