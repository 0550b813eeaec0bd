"""Contacts that people write into texts: found, and kept from readers who may not have them yet."""

import re
from collections.abc import Iterator

from matchmaker.domain.values import PHONE

HIDDEN = "【联系方式已隐去】"
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
# 微信号：zhang_138, QQ 12345678; 微信小程序 names none
_ACCOUNT = re.compile(
    r"(?:微信|Wechat|WX|V信|QQ|扣扣)(?:号码?|群)?(?:同号)?\s*[:：是为]?\s*((?=[\w-]*\d)[A-Za-z][\w-]{5,19}|[1-9]\d{4,10})(?![\w-])",
    re.ASCII | re.IGNORECASE,
)
_CALLED = re.compile(r"(?:电话|手机|座机|联系|致电|热线|传真|[Tt][Ee][Ll])[^\d\n，。；,;]{0,6}$")
# what follows a figure that is measured: 13912345678Hz, 400-800-1200 r/min
_COUNTS = re.compile(r"[A-Za-z]|\s?(?:r/min|rpm|[kMG]?Hz|[cmk]?m\b|kg|g\b|[%℃元万件次个吨台套亩])")
# what no contact is without: lets most texts be passed over
_MAY_HOLD = re.compile(r"@|微信|wechat|wx|v信|QQ|扣扣|\d[-\s]?\d{3}[-\s]?\d{3}|\d{3}[)-]", re.IGNORECASE)


def contacts_in(text: str) -> tuple[str, ...]:
    """Return the telephone numbers, addresses and accounts written in a text, in their order."""
    return tuple(text[start:end] for start, end in _spans(text))


def without_contacts(text: str) -> str:
    """Return a text with every contact in it replaced by 【联系方式已隐去】."""
    pieces, at = [], 0
    for start, end in _spans(text):
        pieces += [text[at:start], HIDDEN]
        at = end
    return "".join([*pieces, text[at:]]) if at else text


def _spans(text: str) -> list[tuple[int, int]]:
    if not _MAY_HOLD.search(text):
        return []
    kept: list[tuple[int, int]] = []
    for start, end in sorted(_found(text)):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _found(text: str) -> Iterator[tuple[int, int]]:
    for mail in _MAIL.finditer(text):
        yield mail.span()
    for account in _ACCOUNT.finditer(text):
        yield account.span(1)
    for phone in PHONE.finditer(text):
        if _COUNTS.match(text, phone.end()) or text[: phone.start()].endswith("."):
            continue
        # figures without a 0 before the area are as often a quantity or a number of something
        if not (phone["local"] or phone["bare_line"]) or _CALLED.search(
            text[max(0, phone.start() - 12) : phone.start()]
        ):
            yield phone.span()
