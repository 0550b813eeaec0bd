"""Cells that say who may see a thing: 是否公开, 是否愿意公开企业名称, 是否保密, 是否涉密.

Their headers may turn an answer round.
"""

import re
from functools import partial

from matchmaker import wording
from matchmaker.domain import values
from matchmaker.domain.parsed import BLANKS, Parsed, guess, plain_text, short
from matchmaker.domain.states import Disclosure
from matchmaker.files.book import Cell
from matchmaker.files.cell_readings import NOTHING, Reader, Reading, of_field
from matchmaker.files.choice_readers import squeezed
from matchmaker.files.headers import clean_header

_HIDES = re.compile(r"匿名|隐藏|隐去|隐名|不公开|不披露")
_SECRECY = re.compile("保密|涉密|密级|confidential|secre")
_KEPT = frozenset({"保密", "需保密", "内容保密", "要求保密", "部分保密", "涉密"})
_KEPT_LONG = re.compile("(?:暂|先|目前)?不(?:宜|能|予|得|可|可以)?公开(?!.*名)|需?要?保密(?!审查|协议)")
# A scale of secrecy begins with 公开; below the secrets of the state stand those of a firm and of a house.
_KEPT_INSIDE = re.compile(
    r"(?:仅限?|只限?|限)?(?:[本单企]?[单位业]*)?内部(?:资料|使用|公开|掌握|事项|参考|可见|交流)?|(?:核心|普通|一般)?商(?:业秘)?密|工作秘密|技术秘密|敏感(?:信息)?|internal"
)
_NO_SECRET = frozenset({"公开", "可公开", "对外公开", "公开级", "public", "open"})
_NOT_KEPT = frozenset(
    {
        *("不保密", "无需保密", "不需保密", "不需要保密", "不涉密", "非涉密", "未涉密", "不涉及", "非密"),
        *("一般", "普通", "无密级", "无保密要求", "无保密要求。", "无要求"),
    }
)
_OPEN = re.compile(
    r"是?[,、;。]?(?:我?(?:单位|企业|公司)?(?:同意|允许|可以|可|愿意|愿))?(?:对外|向社会|面向社会|完全|全部|全文|均|都)*"
    r"公开(?:发布|信息|披露|展示)?(?:(?:企业|单位|公司)?名称)?(?:[及和与、]?(?:技术|全部)?(?:需求|成果|信息|内容)+)?[。.]?"
)
_OPEN_REMARK = re.compile(r"\((?:全部|完全|全文|官网|网站|是|公开|公开发布|不限|不(?:隐|匿)\w{0,6})\)")
_HIDES_NAME = re.compile(r"匿名|(?<!不)隐|脱敏|名称?(?:等)?(?:不|除外|保密)|(?:不|勿|除)\w{0,6}名")
_NAME_KEPT_BACK = re.compile("(?:不|勿|隐|匿|脱敏)[^,;、。]{0,5}(?:企业|单位|公司|厂)?名称?")
# 仅公开需求，不公开企业: the firm is kept back; 不公开企业需求 would be the need itself.
_OPEN_WITHOUT_FIRM = re.compile(
    r"(?:我?(?:单位|企业|公司))?(?:同意|可以|可|愿意|愿)?(?:只|仅)?(?:同意|可以|可|愿意|愿)?(?:对外|向社会)?"
    r"公[开布](?:技术|企业)?(?:需求|难题|成果)(?:信息|内容)?[,、;。](?:但|且)?不(?:得|能|可|宜|予|愿|愿意)?"
    r"(?:公[开布]|披露|显示|展示|出现)(?:企业|单位|公司|厂家)(?:信息|身份)?[。.]?"
)
# 不隐去企业名称 hides nothing.
_NOT_HIDDEN = re.compile("(?:不(?:需要?|用|必|要)?|无[需须])(?:隐[去藏名瞒]?|匿名?|脱敏)")
_OPENS = re.compile("(?<![不勿])(?:公开|公布|发布|展示)")
_CLOSES = re.compile("不公开|不披露|不愿公开|不同意公开")

DISCLOSURE_FIELDS = frozenset({"confidentiality", "disclosure"})
_WIDEST_FIRST = (*Disclosure, "rejected")


def narrower(earlier: object, later: object) -> object:
    """Return what holds of two answers: 是否公开 beside 是否涉密, the one that lets fewer people see it."""
    return max(earlier, later, key=_WIDEST_FIRST.index)


def disclosure_reader(field: str, *, header: str, words: Reader) -> Reader:
    """Return what reads the cells under a header; `words` reads those that name a choice."""
    word = clean_header(header)
    read: Reader
    if field == "confidentiality" and "名" in word:
        read = partial(_anonymity, field=field, hides=bool(_HIDES.search(word)), words=words)
    elif _SECRECY.search(word) and "公开" not in word:
        read = partial(_secrecy, field=field, secret="涉密" in word, words=words)
    else:
        read = partial(_answer, field=field, closes=bool(_CLOSES.search(word)), words=words)
    return partial(_with_care, field=field, read=read)


def _with_care(cell: Cell, *, field: str, read: Reader) -> Reading:
    """Take for public only what says so and nothing else: 不宜公开 and 公开（隐去企业名称） do not.

    What nobody can read (暂不公开, 待定, 保密三年) is kept inside, for unsaid it might be shown.
    """
    found, problems = read(cell)
    text = squeezed(plain_text(cell))
    if problems and field not in found and not _NOT_HIDDEN.search(text):
        return _said_to_be("internal", cell, field) if text not in _NOT_KEPT else NOTHING
    told = _NOT_HIDDEN.sub("", text).strip(",;、。()")
    if found.get(field) == "masked" and told != text and not _HIDES_NAME.search(told):
        (found, problems), text = read(told), told
    if found.get(field) != "public" or _is_plain(text):
        return found, problems
    return _said_to_be("masked" if _HIDES_NAME.search(_NOT_HIDDEN.sub("", text)) else "internal", cell, field)


def _said_to_be(chosen: str, cell: Cell, field: str) -> Reading:
    label = dict(wording.choices("disclosure"))[chosen]
    message = f"“{short(cell)}”没有说可以照样公开，按“{label}”记入，请核对。"
    return {field: chosen}, (of_field(guess(message, code="not_plainly_public"), field),)


def _is_plain(text: str) -> bool:
    bare = _OPEN_REMARK.sub("", text)
    return bool(_OPEN.fullmatch(bare)) or ("(" not in bare and _yes_or_no(bare).value is not None)


_MAY = frozenset({"可以", "可", "能", "行", "允许", "同意", "愿意", "愿", "需要", "要"})
_MAY_NOT = frozenset(
    {"不可以", "不可", "不能", "不行", "不允许", "不同意", "不愿意", "不愿", "不需要", "不要"}
)


def _yes_or_no(cell: Cell) -> Parsed[bool]:
    """Return what a cell answers to 是否…: 可以 and 不可以, too."""
    text = squeezed(plain_text(cell))
    if text in _MAY | _MAY_NOT:
        return Parsed(value=text in _MAY)
    return values.parse_bool(cell)


def _answer(cell: Cell, *, field: str, closes: bool, words: Reader) -> Reading:
    """Read √ and TRUE as 是, × and FALSE as 否; 是否不公开 asks the other way."""
    answer = _yes_or_no(cell)
    if answer.value is None:
        return _in_other_words(cell, field=field, words=words)
    if closes:
        return ({field: "internal"}, ()) if answer.value else NOTHING
    return words("是" if answer.value else "否")


def _in_other_words(cell: Cell, *, field: str, words: Reader) -> Reading:
    """Read what is no listed choice by what it hides: 隐去企业名称公开, 仅限内部."""
    found, problems = words(cell)
    text = squeezed(plain_text(cell))
    if _OPEN_WITHOUT_FIRM.fullmatch(text):
        return {field: "masked"}, ()
    if found or not text:
        return found, problems
    if _KEPT_INSIDE.fullmatch(text):
        return {field: "internal"}, ()
    told = _NOT_HIDDEN.sub("", text)
    if _NAME_KEPT_BACK.fullmatch(told):
        return {field: "masked"}, ()
    open_but_for_name = _NAME_KEPT_BACK.sub("", told)
    if open_but_for_name != told and _OPENS.search(open_but_for_name):
        return {field: "masked"}, ()
    return found, problems


def _anonymity(cell: Cell, *, field: str, hides: bool, words: Reader) -> Reading:
    """是否愿意公开企业名称: 否 hides the name, not the need; 隐藏企业名称 asks the other way."""
    answer, text = _yes_or_no(cell), squeezed(plain_text(cell))
    if answer.value is None or text in BLANKS or "公开" in text:  # 不公开 beside 是否匿名 is no no
        return words(cell)
    return {field: "public" if answer.value != hides else "masked"}, ()


def _secrecy(cell: Cell, *, field: str, secret: bool, words: Reader) -> Reading:
    """Read an answer to 是否保密 or 是否涉密: yes keeps it in the house, no says not who may see it."""
    answer, text = _yes_or_no(cell).value, plain_text(cell)
    if text.casefold() in _NO_SECRET:
        return words("公开")
    if text not in _KEPT and _KEPT_LONG.match(text):
        return {field: "internal"}, ()
    if _KEPT_INSIDE.fullmatch(squeezed(text)):
        return {field: "internal"}, ()
    if answer is False or text in _NOT_KEPT:
        return NOTHING
    if answer is None and text not in _KEPT:
        return _in_other_words(cell, field=field, words=words)
    return {field: "rejected" if secret else "internal"}, ()
