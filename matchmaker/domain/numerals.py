"""Chinese numerals, everyday and financial, as exact numbers."""

from decimal import Decimal

_DIGITS = {
    **{character: value for value, character in enumerate("零一二三四五六七八九")},
    **{character: value for value, character in enumerate("〇壹贰叁肆伍陆柒捌玖")},
    "两": 2,
    "貳": 2,
    "參": 3,
    "陸": 6,
}
_SMALL_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE_UNITS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
MULTIPLIERS: dict[str, int] = {**_SMALL_UNITS, **_LARGE_UNITS}
NUMERAL_CHARACTERS = "".join({**_DIGITS, **MULTIPLIERS}) + "半"


def chinese_number(text: str) -> Decimal | None:
    """Return the number a run of Chinese numerals stands for; None when it is not one.

    Knows 三十五, 一百零二, 伍拾万, 两亿三千万, 十, 半, 一点五 and digit by digit 二〇二六; 三五十万 is none.
    两万五 is 25,000 as it is said.
    """
    if not text:
        return None
    whole, point, fraction = text.partition("点")
    if point:
        digits = "".join(str(_DIGITS[character]) for character in fraction if character in _DIGITS)
        tail = fraction.lstrip("".join(_DIGITS))
        base = _whole_number(whole)
        if base is None or not digits:
            return None
        return (base + Decimal(f"0.{digits}")) * multiplier(tail)
    if text.startswith("半"):
        return Decimal("0.5") * multiplier(text[1:])
    return _whole_number(text)


def multiplier(text: str) -> int:
    """Return the product of the units in `text`: 百万 → 1,000,000; "" → 1."""
    product = 1
    for character in text:
        product *= MULTIPLIERS[character]
    return product


def _whole_number(text: str) -> Decimal | None:
    if any(character not in _DIGITS and character not in MULTIPLIERS for character in text):
        return None
    if all(character in "百佰千仟万萬亿億" for character in text):
        return None  # 万元 alone is a unit, not an amount
    if len(text) > 1 and all(character in _DIGITS for character in text):
        return Decimal("".join(str(_DIGITS[character]) for character in text))
    total = section = digit = 0
    for character in text:
        if character in _DIGITS:
            if digit:
                return None  # 三五十万 is thirty to fifty, no number
            digit = _DIGITS[character]
        elif character in _SMALL_UNITS:
            section += (digit or 1) * _SMALL_UNITS[character]
            digit = 0
        elif character in "亿億":
            total = (total + section + digit) * _LARGE_UNITS[character]
            section = digit = 0
        else:
            total += (section + digit) * _LARGE_UNITS[character]
            section = digit = 0
    spoken_short = digit and len(text) > 1 and MULTIPLIERS.get(text[-2], 10) > 10
    if spoken_short:  # 两万五 is 25,000
        return Decimal(total + section + digit * MULTIPLIERS[text[-2]] // 10)
    return Decimal(total + section + digit)
