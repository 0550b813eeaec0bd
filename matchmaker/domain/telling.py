"""What tells titles of two things apart, however alike they are: opposites and figures."""

import re
from itertools import takewhile

# what may stand for each other in two titles without one being a slip of the other
_OPPOSITES = tuple(
    map(
        frozenset,
        re.findall(
            r"\S+",
            """左右中 上中下 前后 内外 高中低 正负反 进出 入出 干湿 酸碱 雌雄 公母 冷热 轻重
            阴阳 快慢 长短 厚薄 大中小 软硬 新旧 东西南北 粗精细 动静 主从副 单双三 直交
            串并 吸排 黑白 加减 甲乙丙丁 一二三四五六七八九十 早晚 春夏秋冬 顺逆 凹凸 横纵""",
        ),
    )
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?![\da-z])")
_LETTER = re.compile("[a-z]")


def of_two_things(*titles: str) -> bool:
    """Whether two normal titles differ in one place, by opposites or figures: 左旋 and 右旋, 10kV and 35kV.

    Years tell nothing: what is asked for again next year is the same.
    """
    first, second = (_YEAR.sub("", title) for title in titles)
    begin = _common(first, second)
    end = _common(first[begin:][::-1], second[begin:][::-1])
    while begin and first[begin - 1].isdigit():  # 5mm and 50mm differ in more than a nought
        begin -= 1
    one, other = first[begin : len(first) - end], second[begin : len(second) - end]
    if one.isdigit() and other.isdigit():
        return True
    if _LETTER.fullmatch(one) and _LETTER.fullmatch(other):  # A型 and B型, but no slip within a word
        around = first[max(0, begin - 1) : begin] + first[len(first) - end :][:1]
        return not _LETTER.search(around)
    return any(one in pair and other in pair for pair in _OPPOSITES)


def _common(first: str, second: str) -> int:
    """Return how many characters two texts have in common from their beginning on."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
