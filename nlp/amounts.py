"""Numbers as requirements write them: 1,200 · 1×10^-6 · 10⁷ · 零下30 · 百分之九十五 · 两万."""

import re

from nlp.text import narrow

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_RAISE = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_KEPT = frozenset("，⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺")
_DIGITS = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_TENS = {"十": 10, "百": 100, "千": 1000}
_RAISED = r"[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+"
_BELOW_ZERO = "零下|负|-|−"
_DECIMAL = r"(?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d+)?"
_POWER = rf"(?:\s*[×xX*·]\s*10(?:\^\s*[-+]?\d+|{_RAISED}|-\d+)|[eE]-?\d+(?![\dA-Za-z]))"
WORDS = "[零〇一二两三四五六七八九十百千万半点]{1,8}"
"""A number in Chinese numerals."""

# of 10-9mol/L the raising was lost on the way: nobody counts from ten down to nine, unless of warmth
_LOWERED = r"-[1-9](?![\d.\-]|\s*[℃°度])"
NUMBER = rf"(?:{_BELOW_ZERO})?\s*(?:(?<![\d.])10(?:\^\s*[-+]?\d+|{_RAISED}|{_LOWERED})|{_DECIMAL}{_POWER}?)"
"""A number in digits, with its sign and its power of ten."""

SHARES = {"百万分之": "ppm", "百分之": "%", "千分之": "‰", "万分之": "‱"}
"""Words before a number that make it a share, and the unit that says the same."""

SHARE_WORDS = f"(?:{'|'.join(SHARES)})"
_SHARE = re.compile(SHARE_WORDS)
_WRITTEN = re.compile(
    rf"(?P<below>{_BELOW_ZERO})?\s*(?:(?P<number>{_DECIMAL})(?:[eE](?P<short>-?\d+))?)"
    rf"(?:\s*[×xX*·]\s*(?P<ten>10))?(?:\^\s*(?P<power>[-+]?\d+)|(?P<raised>{_RAISED})|(?P<bare>-\d+))?"
)


def readable(text: str) -> str:
    """Return a text in half width, of the same length; raised digits and Chinese commas stay."""
    return "".join(char if char in _KEPT else narrow(char) for char in text)


_BRACKETED_TOLERANCE = re.compile(rf"\(({NUMBER}\s*±\s*{NUMBER})\)(?=\s*[^\s\d()㐀-鿿])")  # (25±2)℃
_POWER_OF_BOTH = re.compile(rf"\({NUMBER}\s*±\s*{NUMBER}\)\s*[×xX*·]\s*10\S*")  # (23±2)×10-6/K
_TOLERANCE_ALONE = re.compile(rf"(?<![\d.\s])\+({_DECIMAL})\s*/\s*-({_DECIMAL})")  # 公差+0.02/-0.01mm
_CONDITIONS_JOINED = re.compile(r"、(?=[^，。；;、\n]{1,12}(?:条件|情况)下)")  # 载荷10N、频率5Hz条件下
_BRACKETED_CONDITION = re.compile(
    r"(?<=[㐀-鿿A-Za-z])\((-?\d[^()]{0,12})\)"
    r"(?=\s*(?:[≥≤≧≦⩾⩽><=:±\d-]|不[得应能可]?[低高少多大小超]|[大小低高]于|[可需要应]?达|[应需要]?为|控制))"
)


def straightened(text: str) -> tuple[str, dict[int, str]]:
    """Return a readable text, as long as it was, with tolerances as ranges and no conditions in brackets.

    The conditions are returned by their places: 导热系数(25℃)≤0.03 holds at 25℃.
    """
    text = _POWER_OF_BOTH.sub(lambda found: " " * len(found[0]), text)
    text = _BRACKETED_TOLERANCE.sub(r" \1 ", text)
    text = _CONDITIONS_JOINED.sub("和", text)
    text = _TOLERANCE_ALONE.sub(lambda found: f"-{found[2]}~{found[1]}".ljust(len(found[0])), text)
    conditions = {found.start(): found[1] for found in _BRACKETED_CONDITION.finditer(text)}
    return _BRACKETED_CONDITION.sub(lambda found: " " * len(found[0]), text), conditions


def value_of(number: str) -> float:
    """Return what a text that NUMBER or WORDS matches comes to."""
    if share := _SHARE.match(number):
        return value_of(number[share.end() :])
    found = _WRITTEN.fullmatch(number)
    if found is None:
        return _in_words(number)
    power = found["power"] or (found["raised"] or "").translate(_SUPERSCRIPTS) or found["bare"]
    value = float(found["number"].replace(",", ""))
    if found["ten"]:
        value = _scaled(value, int(power or 1))
    elif power:  # 10^6: the ten is the number itself
        value = _scaled(1.0, int(power)) if value == 10 else value ** int(power)
    if found["short"]:
        value = _scaled(value, int(found["short"]))
    return -value if found["below"] else value


def written(value: float) -> str:
    """Return a number as people write it: 1000000 and 1×10⁻⁶, never 1e+06."""
    if value and not 1e-4 <= abs(value) < 1e12:
        digits, power = f"{value:.6e}".split("e")
        factor, raised = f"{float(digits):g}", str(int(power)).translate(_RAISE)
        return f"10{raised}" if factor == "1" else f"{factor}×10{raised}"
    return f"{value:.10g}" if value != int(value) else str(int(value))


def _scaled(value: float, power: int) -> float:
    """Return value × 10^power as it would be written out, without the noise of multiplying."""
    return float(f"{value!r}e{max(-60, min(60, power))}")


def _in_words(words: str) -> float:
    if words == "半":
        return 0.5
    whole, _point, decimals = words.partition("点")
    total, section, digit = 0.0, 0.0, 0.0
    for word in whole:
        if word in _DIGITS:
            digit = _DIGITS[word]
        elif word in _TENS:
            section += (digit or 1) * _TENS[word]
            digit = 0
        elif word == "万":
            total += (section + digit or 1) * 10_000
            section = digit = 0
    parts = [_DIGITS[word] for word in decimals if word in _DIGITS]
    return total + section + digit + sum(part / 10.0**place for place, part in enumerate(parts, 1))
