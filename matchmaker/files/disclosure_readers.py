"""Cells that say who may see a thing: 是否公开, 是否愿意公开企业名称, 是否保密, 是否涉密.

Their headers may turn an answer round.
"""

import re
from functools import partial

from matchmaker.domain import values
from matchmaker.domain.parsed import plain_text
from matchmaker.files.book import Cell
from matchmaker.files.cell_readings import NOTHING, Reader, Reading
from matchmaker.files.headers import clean_header

_HIDES = re.compile(r"匿名|隐藏|隐去|隐名|不公开|不披露")
_SECRECY = re.compile("保密|涉密|密级")
_KEPT = frozenset({"保密", "需保密", "内容保密", "要求保密", "涉密"})


def disclosure_reader(field: str, *, header: str, words: Reader) -> Reader:
    """Return what reads the cells under a header; `words` reads those that name a choice."""
    word = clean_header(header)
    if field == "confidentiality" and "名" in word:
        return partial(_anonymity, field=field, hides=bool(_HIDES.search(word)), words=words)
    if _SECRECY.search(word) and "公开" not in word:
        return partial(_secrecy, field=field, secret="涉密" in word, words=words)
    return partial(_answer, words=words)


def _answer(cell: Cell, *, words: Reader) -> Reading:
    """Read √ and TRUE as 是, × and FALSE as 否."""
    answer = values.parse_bool(cell)
    return words(cell) if answer.value is None else words("是" if answer.value else "否")


def _anonymity(cell: Cell, *, field: str, hides: bool, words: Reader) -> Reading:
    """是否愿意公开企业名称: 否 hides the name, not the need; 隐藏企业名称 asks the other way."""
    answer = values.parse_bool(cell)
    if answer.value is None:
        return words(cell)
    return {field: "public" if answer.value != hides else "masked"}, ()


def _secrecy(cell: Cell, *, field: str, secret: bool, words: Reader) -> Reading:
    """Read an answer to 是否保密 or 是否涉密: yes keeps it in the house, no says not who may see it."""
    answer = values.parse_bool(cell)
    if answer.value is None and plain_text(cell) not in _KEPT:
        return words(cell)
    return NOTHING if answer.value is False else ({field: "rejected" if secret else "internal"}, ())
