"""Names of people as they stand in cells: alone, spaced out, or with a telephone, an address, a position."""

import re

from matchmaker.domain.parsed import plain_text, without_invisible
from matchmaker.domain.values import PHONE

_LONGEST_SPACED = 4
_LETTERS = re.compile(r"[一-鿿A-Za-z]")
_EMAIL = re.compile(r"[A-Za-z0-9][\w.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
_NAMES_APART = re.compile(r"[一-鿿·]{2,4}(?:\s+[一-鿿·]{2,4})+")
# A name, maybe with a title behind it; words like 微信同号 or 转 are none.
_PERSON_NAME = re.compile(
    r"(?!.*(?:微信|同号|电话|手机|座机|办公|分机|转|QQ|邮箱|号码|传真))[一-鿿·]{2,4}(?: ?\(?[一-鿿]{2,5}\)?)?"
)
_POSITION_APART = re.compile(r"\s*[/／|、,，;；（(]\s*")


def person_name(text: str) -> str:
    """Return a name without marks nobody sees, and 张　三 as 张三; two names beside each other stay apart."""
    name = " ".join(without_invisible(text).split())
    pieces = name.split(" ")
    spaced = len(pieces) > 1 and min(map(len, pieces)) == 1 and sum(map(len, pieces)) <= _LONGEST_SPACED
    return "".join(pieces) if spaced and all("一" <= letter <= "鿿" for letter in "".join(pieces)) else name


_NAME_WITH_REMARK = re.compile(r"([一-鿿·][一-鿿·\s]{1,7})[（(]([一-鿿、/ ]{1,12})[）)]")
_NO_POSITION = frozenset("男女") | {"已故", "签字", "签名", "学生", "外籍", "同上"}


def without_remark(text: str) -> tuple[str, str]:
    """Return (name, position) of 张三（博导）; any other text is all name."""
    found = _NAME_WITH_REMARK.fullmatch(text.strip())
    if found is None:
        return person_name(text), ""
    return person_name(found[1]), "" if found[2] in _NO_POSITION else found[2]


def person_names(part: str) -> tuple[str, ...]:
    """Return the names of one part of a list of people: 张三 李四 are two, 张 三 is one."""
    name = person_name(part)
    return tuple(name.split()) if _NAMES_APART.fullmatch(name) else (name,)


def split_contact(raw: object) -> tuple[str, str]:
    """Return (name, rest) of a cell that holds a person and a telephone, in either order: 张三 13800000000.

    `rest` holds every number; the name is the first one, "" when there is none.
    """
    text = plain_text(raw)
    first = PHONE.search(text)
    if first is None:
        return (person_name(text), "") if _LETTERS.search(text) else ("", text)
    before, after = _bare_name(text[: first.start()]), text[first.start() :]
    if before:
        return before, after
    names = contact_names(after)
    return (names[0] if names else ""), after


def split_email(raw: object) -> tuple[str, str]:
    """Return (address, everything else) of a cell; the first address, "" when there is none."""
    text = plain_text(raw)
    found = _EMAIL.search(text) if "@" in text else None
    if found is None:
        return "", text
    rest = re.sub(r"(?:e-?mail|邮箱|邮件)\s*[:：]?\s*$", "", text[: found.start()], flags=re.IGNORECASE)
    return found[0], " ".join((rest + " " + text[found.end() :]).split())


def split_position(raw: object) -> tuple[str, str]:
    """Return (name, position) of a cell like 张 三（厂长） or 张三 厂长; the position may be ""."""
    text = person_name(plain_text(raw))
    mark = _POSITION_APART.search(text)
    name, position = (person_name(text[: mark.start()]), text[mark.end() :]) if mark else (text, "")
    if " " in name:  # no name spaced out: the blank is what parts them, as in 张三 厂长、书记
        name, position = text.split(" ", 1)
    position = position.strip(" )）")
    return (name, position) if name else (position, "")


def contact_names(text: str) -> tuple[str, ...]:
    """Return the names that stand between and behind the telephone numbers of a text."""
    pieces = (_bare_name(piece) for piece in PHONE.split(text)[:: PHONE.groups + 1])
    return tuple(dict.fromkeys(piece for piece in pieces if _PERSON_NAME.fullmatch(piece)))


def _bare_name(text: str) -> str:
    name = re.sub(
        r"(?:联系|负责|办公|单位|移动)?(?:电话|手机号?|座机|人|方式|号码)?[:：]|[,，;；/、\s(（]+$", "", text
    )
    name = name.strip(" ,，;；:：/、_=\"'")
    name = re.sub(r"^\(([^()]*)\)$", r"\1", name).removeprefix("(").removesuffix("(")
    name += ")" if name.count("(") > name.count(")") else ""
    return person_name(name) if _LETTERS.search(name) else ""
