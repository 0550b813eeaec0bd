"""What an achievement says of itself in figures: not what others reach, not what is only hoped for."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from nlp.indicators import Indicator, indicators
from nlp.quantities import Change, name_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """The figures of an achievement: those it reaches, and those it expects or aims at."""

    reached: Sequence[Indicator]
    hoped: Sequence[Indicator]


_CLAUSE = re.compile(r"[，,。;；、!！?？\n\r]")
_LONGEST_CLAUSE = 200  # before a figure; a text of thousands of figures is not read anew for each
_OTHER_THINGS = (
    "传统|常规|普通|现有|市售|市面|对照|同类|国外|进口产品|未改性|未处理|未涂层|原工艺|原有|原来的|改造前|使用前|应用前"
    "|同?行业(?:平均|内|水平|[能电水汽]耗)|同行|竞品|竞争产品|对比(?:例|样品?|组)|人工(?=检|操作|分[拣选]|目|识|巡|采|方式|作业|判)"
)
_OTHERS = re.compile(_OTHER_THINGS)
_BESIDE_OTHERS = re.compile(
    r"(?:由|从|比|较|相对|优于|超过|高于|低于|替代|取代|代替|突破|改造|提升|不用|无需|免|达到)[^，,]{0,6}"
    rf"(?:{_OTHER_THINGS})"
)
_HOPED = re.compile(
    r"预计|预期|预估|有望|可望|拟|计划|下一步|理论|力争|设想|如果|规划|未来|期望|希望|争取|仿真|模拟(?:结果|显示|表明|得到|值)"
    r"|目标(?:是|为|值|[:：]|达|(?!产物|产品|化合物|蛋白)[㐀-鿿]{0,4}[良品格收得产本]率|产量|产能|成本|寿命|性能)|(?:研[发究制]|最终|设计|阶段)目标|将(?:会|能)?(?:达|提高|提升|降|缩短|突破)"
)
_FAILED = re.compile(
    r"(?:尚|还|仍|并)?(?:未|没有|没)(?:能)?(?:达|突破|超过|到)|(?:不能|无法|难以|难于|很难)(?:达|突破|稳定)|距离?.*(?:差|仍)"
)


def offered(text: str, *, asked: Collection[str] = ()) -> Offered:
    """Return the figures that a text says its achievement reaches, and those it hopes for, in their order.

    `asked` are the names of needed quantities without a unit.
    """
    reached: list[Indicator] = []
    hoped: list[Indicator] = []
    for one in indicators(text, asked=asked):
        begun = text[max(0, one.span[0] - _LONGEST_CLAUSE) : one.span[0]]
        words = _CLAUSE.split(begun)[-1] + text[slice(*one.span)]
        if _FAILED.search(words) or _is_of_others(words, one):
            continue
        (hoped if _HOPED.search(words) else reached).append(one)
    return Offered(reached=reached, hoped=hoped)


def _is_of_others(words: str, one: Indicator) -> bool:
    """Whether a figure is what others reach: 传统工艺能耗60, but not 比传统工艺降低30%."""
    if name_of(one.quantity).change is not Change.NONE:
        return False
    return _OTHERS.search(words) is not None and _BESIDE_OTHERS.search(words) is None
