"""How values are written for people: money, shares, and masked contacts."""

import re
from decimal import ROUND_HALF_UP, Decimal

from matchmaker.domain.persons import COMPOUND_SURNAMES

_WAN = Decimal(1_000_000)
_YI = Decimal(10_000_000_000)
_BANDS_WAN = (50, 100, 300, 500, 1000)


def money(fen: int | None) -> str:
    """Write an amount in fen: 亿元 from one 亿 on, otherwise 万元, one decimal at most."""
    if fen is None:
        return "面议"
    unit, word = (_YI, "亿元") if abs(fen) >= _YI else (_WAN, "万元")
    places = Decimal("0.01") if unit == _YI else Decimal("0.1")
    amount = (Decimal(fen) / unit).quantize(places, rounding=ROUND_HALF_UP).normalize()
    return f"{amount:,f} {word}"


def money_range(low_fen: int | None, high_fen: int | None, *, text: str = "") -> str:
    """Write a budget: a range, one bound, or the words of the form."""
    if low_fen is None and high_fen is None:
        return text or "面议"
    if low_fen is None:
        return f"不超过 {money(high_fen)}"
    if high_fen is None:
        return f"{money(low_fen)}以上"
    return money(low_fen) if low_fen == high_fen else f"{money(low_fen)} — {money(high_fen)}"


def budget_band(low_fen: int | None, high_fen: int | None) -> str:
    """Write a budget as a band, for those who may not know the figure."""
    top = high_fen if high_fen is not None else low_fen
    if top is None:
        return "面议"
    wan = Decimal(top) / _WAN
    previous = 0
    for edge in _BANDS_WAN:
        if wan <= edge:
            return f"{previous}–{edge} 万元" if previous else f"{edge} 万元以下"
        previous = edge
    return f"{previous} 万元以上"


def percent(share: float | None) -> str:
    """Write a share (0–1) as a percentage without decimals; None as a dash."""
    return "—" if share is None else f"{share * 100:.0f}%"


def masked_name(name: str) -> str:
    """Keep the surname: 张*, 欧阳*."""
    if not name:
        return ""
    kept = 2 if name.startswith(COMPOUND_SURNAMES) and len(name) > 2 else 1
    return name[:kept] + "*"


def masked_phone(phone: str) -> str:
    """Mask every number of a phone field: 138****1234; a landline keeps area code and last two."""
    return re.sub(r"[0-9][0-9\-]{5,}[0-9]", lambda found: _masked_number(found.group()), phone)


def _masked_number(number: str) -> str:
    digits = number.replace("-", "")
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    area, _, rest = number.partition("-")
    return f"{area}-****{rest[-2:]}" if rest and area.startswith("0") else f"****{digits[-2:]}"


def masked_email(email: str) -> str:
    """Keep the first letter and the domain: z***@x.cn."""
    name, at, domain = email.partition("@")
    return f"{name[:1]}***@{domain}" if at else ("***" if email else "")


def within_quotes(words: str) -> str:
    """Return words for use between quotation marks: their own marks become single ones."""
    return words.replace("“", "‘").replace("”", "’")
