"""Names of quantities: whether two speak of the same, and what a change of one is measured against."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Sameness(StrEnum):
    """How two names of quantities stand to each other."""

    SAME = "same"
    NEAR = "near"  # alike, but each says something that the other does not: 综合能耗, 单位能耗
    OTHER = "other"


class Change(StrEnum):
    """Whether a value is a quantity itself or how far it moved: 合格率98%, 合格率提高10%."""

    NONE = ""
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name as it is compared: what is measured, how it moved, for how much of what (小时, 天, 吨, or "").

    `symbol` tells figures of one name apart: Ra and Rz, D50 and D90.
    """

    core: str
    change: Change
    each: str
    symbol: str


NEAR_ENOUGH = 0.5  # share of character pairs that two names have in common
_UP = "提高|提升|增加|增长|上升|延长|扩大|增大|增强|增产|增"
_DOWN = "降低|下降|减少|减小|缩短|压缩|缩小|减轻|节约|节省|降幅|减幅|降|减"
_ENDS = re.compile(rf"(?:(?P<up>{_UP})|(?P<down>{_DOWN}))(?:率|幅度?|量|了)?$")
_BEGINS = re.compile(
    r"^(?:(?P<up>提高|增加|延长|增强)|(?P<down>降低|减少|减小|缩短|节约|节省))(?=[㐀-鿿A-Za-z]{2})"
)
_EACH = re.compile(
    r"^(?:每(?P<long>小时|分钟|秒|天|日|月|年|班)的?|(?P<short>[时日月年班])(?=产|处理|加工|生产|输送|供|耗|消耗|节))"
)
_OF_A_TONNE = re.compile(
    r"^(?:每|单位)?吨(?:水|产品|成品|钢|纸|材|煤|料|汽)?的?(?=[㐀-鿿]*(?:耗|成本|费用|药剂))"
)
_OF_A_FIELD = re.compile(r"亩产量?$")
_SYMBOL = re.compile(r"(?:R[azqy]|D\d{2}|MTBF)$")
_SPECIAL = re.compile(r"高温|低温|湿态|夜间|满载|(?:老化|水洗|浸泡|腐蚀|循环|时效|热处理|淬火|烧结)后")
_OWN = re.compile(
    r"^(?:本|该|此|其)(?:技术|工艺|产品|系统|装置|设备|方法|装备|材料|方案|算法|成果|项目|机型|机)?的?(?=[㐀-鿿A-Za-z]{2})"
)
_AGE = re.compile(r"^\d+(?:\.\d+)?(?:d|天|h|小时|min|分钟|个月|次)(?=[㐀-鿿])")
_BARE = re.compile(r"(?:(?<=[㐀-鿿A-Za-z]{2})(?:值|指标)|(?<=[㐀-鿿A-Za-z])含量)$")
# one meaning, several spellings; the first stands for all
_SPELLINGS = (
    ("含水率", "水分含量", "含水量", "水分"),
    ("导热系数", "热导率", "导热率"),
    ("粘度", "黏度"),
    ("噪声", "噪音"),
    ("时延", "延时", "延迟"),
    ("准确率", "正确率", "准确度", "正确度"),
    ("寿命", "使用寿命", "服役寿命"),
    ("抗拉强度", "拉伸强度"),
    ("抗弯强度", "弯曲强度", "抗折强度"),
    ("抗压强度", "压缩强度"),
    ("伸长率", "延伸率"),
    ("去除率", "脱除率", "去除效率"),
    ("时间", "用时", "耗时", "时长"),
    ("产量", "产能", "生产能力"),
    ("处理量", "处理规模", "处理能力", "处理水量"),
    ("能耗", "耗能", "能源消耗"),
    ("电耗", "耗电量", "耗电", "用电量"),
    ("重量", "质量(?![分比])"),
    ("含量", "质量分数", "浓度"),
    ("耐温", "耐受温度", "耐热温度"),
    ("良率", "良品率"),
    ("保鲜期", "保鲜时间"),
    ("粗糙度", "R[azqy]$"),
)
_SPELLED = tuple(
    (re.compile("|".join(sorted(others, key=len, reverse=True))), first) for first, *others in _SPELLINGS
)
# Words of one line exclude each other: what is said of one says nothing of the other.
_CONTRARIES = tuple(
    tuple(line.split())
    for line in """
进水|入口|进口|进气|原水|初始|处理前 出水|出口|排气|排放|处理后
干摩|干态|干燥时|干磨|干强 湿摩|湿态|湿磨|湿强
正极 负极 电解液 隔膜
充电 放电
高温 低温 常温 室温
最高 最低
正向 反向
横向 纵向 径向 轴向 切向
表面|表层 心部|芯部|内部|中心
外径|外圈 内径|内圈
静态 动态
空载 满载 负载
输入 输出
电寿命 机械寿命
白天|日间 夜间
上限 下限
短期 长期
单次|单件 整批
抗拉 抗压 抗弯 抗剪 抗冲击 剥离 粘结 结合
总氮 总磷 氨氮 COD BOD
""".strip().splitlines()
)
_CONTRARY = tuple(tuple(re.compile(words) for words in line) for line in _CONTRARIES)
# before what both names end with, these make another quantity of it: 不合格率, 误识别率, 重复定位精度
_TURNED = re.compile(
    r"(?:不|非|无|未|误|漏|失|残|余|相对|变化|波动|损失)$|重复|初期|瞬时|进水|入口|进口|初始|原水|处理前"
)


@lru_cache(maxsize=4096)
def name_of(quantity: str) -> Name:
    """Return a quantity's name as it is compared."""
    core, each, symbol = _AGE.sub("", _OWN.sub("", quantity)), "", ""
    if found := _SYMBOL.search(core):
        symbol, core = found[0], core[: found.start()] or found[0]
    if found := _EACH.match(core):
        each, core = found["long"] or found["short"], core[found.end() :]
    elif found := _OF_A_TONNE.match(core):
        each, core = "吨", core[found.end() :]
    elif found := _OF_A_FIELD.search(core):
        each, core = "亩", f"{core[: found.start()]}产量"
    change = Change.NONE
    for pattern in (_ENDS, _BEGINS):
        found = pattern.search(core)
        if found and change is Change.NONE and len(core) > len(found[0]):
            change = Change.UP if found["up"] else Change.DOWN
            core = core[: found.start()] + core[found.end() :]
    for others, first in _SPELLED:
        core = others.sub(first, core)
    core = _BARE.sub("", core)
    return Name(core=core, change=change, each={"时": "小时", "日": "天"}.get(each, each), symbol=symbol)


def sameness(one: Name, other: Name) -> Sameness:
    """Say whether two names speak of the same quantity, moved the same way if at all."""
    symbols = {name.symbol for name in (one, other) if name.symbol}
    if one.change is not other.change or len(symbols) == 2 or excluded(one.core, other.core):
        return Sameness.OTHER
    short, long = sorted((one.core, other.core), key=len)
    if long.endswith(short):
        before = long[: len(long) - len(short)]  # 铁 alone says little of 磷酸铁
        apart = not short or _TURNED.search(before) or (len(short) == 1 and before)
        return Sameness.OTHER if apart else Sameness.SAME
    if _in_order(short, long) and short[-2:] == long[-2:]:
        return Sameness.SAME
    alike = _common(short, long) >= NEAR_ENOUGH or (long.startswith(short) and len(short) > 2)
    return Sameness.NEAR if alike else Sameness.OTHER


def excluded(one: str, other: str) -> bool:
    """Whether two names say contrary things, such as 进水COD and 出水COD."""
    for line in _CONTRARY:
        ours = {place for place, words in enumerate(line) if words.search(one)}
        theirs = {place for place, words in enumerate(line) if words.search(other)}
        if ours and theirs and not ours & theirs:
            return True
    return False


def special(name: str) -> str:
    """Return the words of a name or condition that make its figures hard to reach: 高温, 夜间, 老化后."""
    found = _SPECIAL.search(name)
    return found[0] if found else ""


def _in_order(short: str, long: str) -> bool:
    """Whether all characters of the short name stand in the long one, in order: 模具寿命, 模具使用寿命."""
    rest = iter(long)
    return all(char in rest for char in short)


def _common(one: str, other: str) -> float:
    ours, theirs = ({name[i : i + 2] for i in range(len(name) - 1)} for name in (one, other))
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0
