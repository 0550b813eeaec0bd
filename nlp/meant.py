"""What a unit means beside the name of a quantity: 度 of heat or of current, ppm in water, tonnes a day."""

import re

from nlp.amounts import value_of
from nlp.bounds import Relation
from nlp.indicators import AMOUNT, Indicator
from nlp.quantities import Change, excluded, name_of, special
from nlp.units import Unit, find_unit, in_base_units

_HEAT = re.compile(r"温|熔点|软化点|燃点|闪点|沸点|凝固点|耐热")
_CURRENT = re.compile(r"电耗|[耗用节省]电|电量|能耗")
_DIFFERENCE = re.compile(r"温升|温差|波动|均匀性|误差|偏差|精度|稳定性|公差")
_GAS = re.compile(r"气|臭氧|烟|VOC|甲醛|氧化碳|氧化硫|氧化氮|NOx|SO2")
_OF_WATER = ("ppm", "PPM", "ppb")
_A_LITRE = re.compile(r"/(?:L|l|升)$")
_A_PIECE = re.compile(r"(?<=元)/(?:台|套|件|个|棚|只|辆|条)$")
_DEGREES = re.compile(r"[万千百]?度(?:/|$)")
_EVERY = str.maketrans({"每": "/"})
_WATER = 1000.0  # kg in a cubic metre
_MADE = frozenset(("mass", "volume", "gas-volume", "count", "area", "energy", "money"))
_PERIODS = ((3600.0, "hours"), (7 * 86400.0, "days"))
_MORE = re.compile(
    r"(?:(?:合格|成品|良品?|优品|准确|正确|识别|检出|回收|去除|脱除|利用|成活|转化|命中|发芽|保持|透光|阻垢|上染|好果|得)率"
    r"|(?:抗[拉压弯折剪冲击]+|断裂|剥离|屈服|结合|粘[结接]|撕裂|拉伸|弯曲)强度|寿命|产量|产能|效率|纯度|致密度|结合力|比容量"
    r"|(?:能量|功率)密度|处理量|处理能力|处理规模|保质期|货架期|保鲜期|质保期|续航(?:时间|里程)?|亩产)$"
)
_LESS = re.compile(
    r"(?:精度|误差|公差|偏差|粗糙度|跳动|平面度|圆度|同轴度|泄[漏露]率|孔隙率|气孔率"
    r"|(?:响应|检测|充电|固化|加工|处理|换模|烘干)时间|(?:生产|注塑|发酵|交货|加工|研发)周期|时延|延迟|延时|噪[声音]|[能电水汽油物]耗"
    r"|(?:缺陷|废品|次品|不良品?|不合格|误报|漏报|误检|漏检|误码|误判|失效|故障|破损|损坏|损失|腐烂)率|成本|费用|造价|单价)$"
)


def more_will_do(quantity: str) -> bool:
    """Say whether more of this quantity is surely better."""
    return _MORE.search(quantity) is not None


def less_will_do(quantity: str) -> bool:
    """Say whether less of this quantity is surely better."""
    return _LESS.search(quantity) is not None


def unit_of(indicator: Indicator) -> Unit | None:
    """Return the unit of an indicator as its name gives it a meaning, None when unknown."""
    name, spelled = name_of(indicator.quantity), _spelled(indicator)
    unit = find_unit(spelled)
    if unit is None:
        return None
    above, *below = unit.dimension.split("/")
    if below == [above]:  # mg/kg
        return Unit(dimension="share", factor=unit.factor)
    if unit.dimension == "times" and name.change is not Change.NONE:
        return Unit(dimension="share", factor=unit.factor)  # 提高2倍 is 提高200%
    if unit.offset and (_is_difference(indicator) or name.change is not Change.NONE):
        return Unit(dimension=unit.dimension, factor=unit.factor)
    return unit


def _is_difference(indicator: Indicator) -> bool:
    return indicator.relation is Relation.WITHIN or _DIFFERENCE.search(indicator.quantity) is not None


def units_in_common(one: Indicator, other: Indicator) -> tuple[Unit | None, Unit | None]:
    """Return the units of two indicators, brought to one dimension where water's density does it.

    A milligram in a litre of water is a millionth; in a litre of gas it is not.
    """
    units = (unit_of(one), unit_of(other))
    if _is_diluted(one, other) or _is_diluted(other, one):
        first, second = (_by_weight(unit) for unit in units)
        return first, second
    return units


def _is_diluted(one: Indicator, other: Indicator) -> bool:
    gas = _GAS.search(one.quantity) or _GAS.search(other.quantity)
    return not gas and _A_LITRE.search(one.unit) is not None and other.unit in _OF_WATER


def _by_weight(unit: Unit | None) -> Unit | None:
    if unit is None or unit.dimension != "mass/volume":
        return unit
    return Unit(dimension="share", factor=unit.factor / _WATER)


def is_per_other_time(one: Indicator, other: Indicator) -> bool:
    """Say whether one amount is for an hour, the other for a day or a year: no plant runs all of it."""
    ours, theirs = _period(one), _period(other)
    return bool(ours and theirs) and ours != theirs


def _period(indicator: Indicator) -> str:
    """Name how long the time is in which an amount is made, "" when it is no such amount."""
    unit = unit_of(indicator)
    if unit is None:
        return ""
    above, *below = unit.dimension.split("/")
    if below != ["time"] or above not in _MADE:
        return ""
    time = find_unit({"分": "min", "时": "h"}.get(one := _spelled(indicator).rsplit("/", 1)[-1], one))
    return next((name for most, name in _PERIODS if time and time.factor <= most), "years")


def _spelled(indicator: Indicator) -> str:
    """Return a unit with what its name holds: 日处理量 200 吨 is 吨/天, and 度 is one of heat or current."""
    name, spelled = name_of(indicator.quantity), indicator.unit.translate(_EVERY)
    if (plain := _A_PIECE.sub("", spelled)) != spelled:
        return plain  # 8万元/台 and 单台8万元
    if name.each and spelled and "/" not in spelled:
        spelled = f"{spelled}/{name.each}"
    if _DEGREES.match(spelled):
        heat, current = _HEAT.search(indicator.quantity), _CURRENT.search(indicator.quantity)
        return spelled.replace("度", "℃" if heat else "kWh" if current else "度", 1)
    return spelled


def holds_elsewhere(needed: Indicator, stated: Indicator) -> bool:
    """Say whether a figure is asked for at a condition at which the stated one is not said to hold."""
    ours, theirs = (f"{one.condition}{one.quantity}" for one in (needed, stated))
    if excluded(ours, theirs) or special(ours) not in theirs:
        return True
    asked, told = _amount(needed.condition), _amount(stated.condition)
    return asked is not None and asked != told


def _amount(condition: str) -> tuple[str, float] | None:
    """Return (dimension, value in base units) of a condition such as -20℃, None for words alone."""
    found = AMOUNT.search(condition)
    unit = find_unit((found["unit"] or found["first_unit"] or "") if found else "")
    if found is None or unit is None or not found["first"]:
        return None
    return unit.dimension, round(in_base_units(value_of(found["first"]), unit), 9)
