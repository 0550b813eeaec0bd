"""Round numbers as people say them: 100余万元, 上百万, 近50万."""

import re
from typing import NamedTuple

from matchmaker.domain.numerals import NUMERAL_CHARACTERS

# Somewhat more than the number before it: 100余万元, 三十多万, 2000来元, 100万余.
_MORE = re.compile(r"(?<=[\d十百千万亿])\s*[余多来]\s*(?=[百千]?[万亿]|[元块]|$)")
# The 一 that is not said: 上百万元, 近千万, 百余万元.
_ONE_UNSAID = re.compile(r"^(?:上|将?近|接近|约)?(?=[百千](?:[余多来]|[万亿]))")
_ABOVE = re.compile(r"^上(?=一[百千])")
_FEW = re.compile(
    r"(?:大概|大约|约)?(?:[几数](?P<by>[十百千]?)|(?P<tens>[一二三四五六七八九]?)十几)个?(?=[万亿]元?(?:左右|上下|人民币)?$)"
)
_NEAR = re.compile(rf"^(?:将近|接近|近|差不多)\s*(?=[\d{NUMERAL_CHARACTERS}])")


class Rounded(NamedTuple):
    """A round amount written exactly; `is_more`: somewhat more is meant (余, 上), not about as much (近)."""

    exact: str
    is_more: bool


def exact_amount(text: str) -> Rounded | None:
    """Return what a round amount would be exactly.

    None for what is no round amount. 几十万 and 十几万 are the range of all that may be called so.
    """
    if few := _FEW.match(text):
        return Rounded(_range_of(few) + text[few.end() :], is_more=False)
    if not _may_be_round(text):
        return None
    said = _ONE_UNSAID.sub(lambda found: found[0] + "一", text)
    above, near = _ABOVE.search(said), _NEAR.search(said)
    exact = _NEAR.sub("", _ABOVE.sub("", said))
    exact, more = _MORE.subn("", exact)
    if more > 1 or not (above or near or more):
        return None
    return Rounded(exact, is_more=bool(above or more))


def _range_of(few: re.Match[str]) -> str:
    """Return 20-90 for 几十, 11-19 for 十几, 21-29 for 二十几."""
    if few["by"] is not None:
        times = {"": 1, "十": 10, "百": 100, "千": 1000}[few["by"]]
        return f"{2 * times}-{9 * times}"
    tens = 10 * ("一二三四五六七八九".find(few["tens"]) + 1 or 1)
    return f"{tens + 1}-{tens + 9}"


def _may_be_round(text: str) -> bool:
    return any(mark in text for mark in "余多来上近") or text.startswith("差不多")
