"""Contacts that people write into texts: found, and kept from readers who may not have them yet."""

import re
from collections.abc import Iterator

from matchmaker.domain.values import PHONE

HIDDEN = "【联系方式已隐去】"
# Full-width figures, letters, brackets and the dashes of input methods: each stands for one plain character,
# so that what is found in the plain text is found at the same place in what was written.
_WIDE = re.compile(r"[０-９Ａ-Ｚａ-ｚ＠（［．－–—‐‑](?:(?<=[０-９Ａ-Ｚａ-ｚ＠])|[+\dat同微])")
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | dict.fromkeys(map(ord, "–—‐‑"), ord("-"))
_MAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}\s?(?:@|[(\[]at[)\]])\s?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
    re.ASCII | re.IGNORECASE,
)
# 微信号：zhang_138, 微信：zhanggong, vx zhang138, QQ 12345678; 微信小程序, 微信API2020 and WX3000型 name none
_WHOSE = r"\s?(?:公众|账|帐|邮箱|同|群)?(?:号码?|号?ID|群|邮箱)?(?:\((?!\d)[^()]{1,8}\))?"
_ACCOUNT = re.compile(
    rf"(?:(?:[微威薇]信|Wechat|V信|QQ|扣扣|加微|加V){_WHOSE}(?:\s*[:是为]?\s*(?=[\w-]*\d)|\s*:\s*(?=[A-Z]))"
    rf"|(?:(?<![A-Z])[WV]X|Q号|企鹅号|钉钉){_WHOSE}(?:\s*:\s*|(?<=号)\s?|(?<=X)\s+(?=[\w-]*\d)))"
    r"(?!API|SDK|APP)([A-Z][\w-]{5,19}|[1-9]\d{4,10})(?![\w-])",
    re.ASCII | re.IGNORECASE,
)
_MORE_PHONES = re.compile(
    r"(?<!\d)(?:1[3-9]\d\.\d{4}\.\d{4}|[48]00-\d{4}-\d{3}|(?P<line>[2-9]\d{3}[-\s]\d{4}))(?![\d.-])"
)
_CALLED = re.compile(r"(?:电话|手机|座机|联系|致电|热线|传真|[Tt][Ee][Ll])[^\d\n。,;]{0,6}$")
_CALLED_NEAR = re.compile(r"(?:电话|座机|致电|热线|传真)[号码是为:\s]{0,4}$")
# 编号：010-20210001 is a number of something
_OF_THINGS = re.compile(r"(?:编号|[型料图货批序件]号|(?:合同|订单|标准|证书|专利|申请)号?|GB/?T)\s*:?\s*$")
# between two numbers of one person
_BETWEEN = re.compile(r"[\s、/,;或和]{1,3}")
# what follows a figure that is measured: 13912345678Hz, 400-800-1200 r/min
_COUNTS = re.compile(
    r"(?![vw]x|wechat|qq|tel|phone|ext)[a-z]|\.\d|\s?(?:r/min|rpm|[kMG]?Hz|[cmk]?m\b|kg|g\b|[%℃元万件次个吨台套亩])",
    re.IGNORECASE,
)
_LED_BY = rf"[\s,;，；]*(?:联系人?|咨询)?(?:电话|手机|方式|邮箱|[微威薇]信|QQ)?号?码?\s*[:：]?\s*{HIDDEN}"
_LED_TO = re.compile(rf"[（(]{_LED_BY}\s*[）)]|{_LED_BY}")
# what no contact is without: lets most texts be passed over
_WORDS = (
    *("@", "at)", "at]", "微信", "威信", "薇信", "v信", "加微", "加v", "wx", "vx", "wechat"),
    *("qq", "q号", "扣扣", "企鹅号", "钉钉"),
)
_FIGURES = re.compile(r"\d(?:[-\s.]?\d{3}[-\s.]?\d{3}|\d\d[)-])")


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


def bare_of_contacts(text: str) -> str:
    """Return a short text as a name or a price is shown: no contact, no word or bracket that led to it."""
    told = without_contacts(text)
    return text if told == text else _LED_TO.sub("", told).rstrip("（( ").strip(" ,;，；、/")


def _spans(text: str) -> list[tuple[int, int]]:
    plain = text.translate(_PLAIN) if _WIDE.search(text) else text
    low = plain.lower()
    if not any(word in low for word in _WORDS) and not _FIGURES.search(plain):
        return []
    kept: list[tuple[int, int]] = []
    for start, end in sorted(_found(plain.replace("：", ":").replace("，", ",").replace("；", ";"))):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _found(text: str) -> Iterator[tuple[int, int]]:
    for mail in _MAIL.finditer(text):
        yield mail.span()
    for account in _ACCOUNT.finditer(text):
        yield account.span(1)
    for phone in _MORE_PHONES.finditer(text):
        if not phone["line"] or _CALLED_NEAR.search(text[max(0, phone.start() - 12) : phone.start()]):
            yield phone.span()
    last = 0
    for phone in PHONE.finditer(text):
        before = text[max(0, phone.start() - 12) : phone.start()]
        if _COUNTS.match(text, phone.end()) or _OF_THINGS.search(before) or re.search(r"\d\.$", before):
            continue
        # figures without a 0 before the area are as often a quantity or a number of something
        bare = phone["local"] or phone["bare_line"]
        if not bare or _CALLED.search(before) or (last and _BETWEEN.fullmatch(text, last, phone.start())):
            last = phone.end()
            yield phone.span()
