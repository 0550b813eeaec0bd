"""A small table of the units found in technical requirements, and how they convert."""

import math
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What a unit measures and how many base units it is; only temperature also has an offset."""

    dimension: str
    factor: float
    offset: float = 0.0


# A line: dimension, how many base units one is, and its spellings.
TABLE = """
share 0.01 % ％ wt% vol% %RH
full-scale 0.01 %FS %F.S. %F·S
points 0.01 百分点 个百分点
share 0.1 成
share 0.001 ‰
share 1e-4 ‱
share 1e-6 ppm PPM
share 1e-9 ppb
length 1e-9 nm 纳米
length 1e-6 um μm µm 微米
length 1e-3 mm 毫米
length 1e-2 cm 厘米
length 0.1 dm 分米
length 1.0 m 米
length 1e3 km 公里 千米
mass 1e-9 μg ug 微克
mass 1e-6 mg 毫克
mass 1e-3 g 克
mass 1.0 kg Kg KG 千克 公斤
mass 0.5 斤
mass 1e3 t 吨
coal 1.0 kgce 公斤标煤 千克标煤
coal 1e3 tce 吨标煤
time 1e-6 μs us 微秒
time 1e-3 ms 毫秒
time 1.0 s 秒 seconds
time 60.0 min 分钟 minutes
time 3600.0 h 小时 hours
time 86400.0 d 天 日 days
time 604800.0 周 weeks
time 2592000.0 个月 月 months
time 31536000.0 年 a years
pressure 1.0 Pa
pressure 1e3 kPa KPa
pressure 1e6 MPa Mpa 兆帕
pressure 1e9 GPa
pressure 1e5 bar
pressure 100.0 mbar hPa
pressure 101325.0 atm 大气压 个大气压
pressure 133.322 mmHg Torr
pressure 9.80665 mmH2O
pressure 6894.76 psi
pressure 1e6 N/mm2 N/mm²
viscosity 1e-3 mPa·s mPa.s cP
viscosity 1.0 Pa·s Pa.s
kinematic-viscosity 1e-6 cSt
voltage 1e-3 mV 毫伏
voltage 1.0 V 伏
voltage 1e3 kV KV 千伏
current 1e-6 μA uA
current 1e-3 mA 毫安
current 1.0 A 安
current 1e3 kA
charge 1e-3 mAh
charge 1.0 Ah
power 1e-6 μW uW 微瓦
power 1e-3 mW
power 1.0 W 瓦
power 735.5 马力
power 1e3 kW KW 千瓦
power 1e6 MW 兆瓦
apparent-power 1.0 VA
apparent-power 1e3 kVA
energy 4184.0 kcal 大卡 千卡
energy 1.0 J
energy 1e3 kJ KJ
energy 1e6 MJ
energy 3600.0 Wh
energy 3.6e6 kWh KWh 度电 千瓦时
frequency 1.0 Hz 赫兹
frequency 1e3 kHz KHz
frequency 1e6 MHz
frequency 1e9 GHz
rotation 1.0 rpm r/min 转/分 转/分钟
rotation 60.0 r/s 转/秒
rotation 1.0 转
force 1e-2 cN
force 9.80665e-3 gf
force 9.80665 kgf 公斤力
force 1.0 N 牛
force 1e3 kN KN 千牛
torque 1.0 N·m Nm N.m
torque 1e3 kN·m kN.m
fineness 1e-7 dtex
fineness 1e-6 tex
area 1e-6 mm2 mm² 平方毫米
area 1e-4 cm2 cm² 平方厘米
area 1.0 m2 m² ㎡ 平方米
area 666.6667 亩
area 1e4 公顷
area 1e6 km2 km² 平方公里
volume 1e-6 mL ml 毫升
volume 1e-6 cm3 cm³ 立方厘米
volume 1e-3 L l 升
volume 1.0 m3 m³ 立方米 方
gas-volume 1.0 Nm3 Nm³ 标方
conductance 1e-6 μS uS µS
conductance 1e-3 mS
angle 1.0 ° 度
angle 0.0166666667 ′
angle 0.000277777778 ″
resistance 1e-3 mΩ
resistance 1.0 Ω 欧
resistance 1e3 kΩ
resistance 1e6 MΩ
resistance 1e9 GΩ
data 1e3 KB
data 1e6 MB
data 1e9 GB
data 1e12 TB
rate 1.0 bps
rate 1e3 kbps Kbps
rate 1e6 Mbps
rate 1e9 Gbps
sound 1.0 dB dB(A) 分贝
sound 1.0 dBm
count 1.0 cycles
count 1.0 次 模次 个 台 件 套 只 条 人 帧 fps 户 株 头 片 粒 颗 根 支 瓶 袋 包 箱 辆 批 块 张 卷 炉 滴 针
count 1.0 拷贝 copies
activity 1.0 U IU
colony 1.0 CFU cfu
amount 1.0 mol
amount 1e-3 mmol
light 1.0 lx 勒克斯
flux 1.0 lm 流明
turbidity 1.0 NTU
money 1.0 元
hardness-HRC 1.0 HRC
hardness-HRA 1.0 HRA
hardness-HRB 1.0 HRB
hardness-HV 1.0 HV
hardness-HB 1.0 HB HBW
hardness-HL 1.0 HL
times 1.0 倍
pixels 1.0 像素
mesh 1.0 目
grade 1.0 级
"""
_BELOW = {"分": "min", "时": "h"}  # only behind a stroke: 件/分
MAGNITUDES = {"万亿": 1e12, "千万": 1e7, "百万": 1e6, "十万": 1e5, "亿": 1e8, "万": 1e4, "千": 1e3, "百": 1e2}
KELVIN_AT_ZERO_CELSIUS = 273.15


def _units() -> dict[str, Unit]:
    known = {"K": Unit(dimension="temperature", factor=1.0)}
    for line in TABLE.strip().splitlines():
        dimension, factor, *spellings = line.split()
        known |= {name: Unit(dimension=dimension, factor=float(factor)) for name in spellings}
    celsius = Unit(dimension="temperature", factor=1.0, offset=KELVIN_AT_ZERO_CELSIUS)
    return known | dict.fromkeys(("℃", "°C", "摄氏度"), celsius)


UNITS = _units()
SPELLINGS = sorted(UNITS, key=lambda name: (-len(name), name))
_NAMED = "|".join(re.escape(name) for name in SPELLINGS)
ONE = f"(?:{_NAMED}|(?:{'|'.join(MAGNITUDES)})(?:{_NAMED}))"
_PRODUCT = rf"{ONE}(?:[·*]{ONE})*"
# A letter after the unit means it was only the beginning of a word ("5 min" but not "5 mining"), and so do
# these: 3方面, 2升级, 4A级.
_UNDER = rf"(?:{_PRODUCT}|\({_PRODUCT}\)|{'|'.join(_BELOW)})"
PATTERN = (
    rf"(?:{_PRODUCT}(?:[/每](?:\d{{2,4}}\s?)?{_UNDER})*)(?![A-Za-z])"
    r"(?!(?<=方)[面案法式向]|(?<=升)[级高至到]|(?<=条)件|(?<=A)级|(?<=转)[化变换移让产]|(?<=级)联|(?<=成)[本品果功分])"
)


_PLAIN = str.maketrans({"(": "", ")": "", "每": "/"})


def find_unit(name: str) -> Unit | None:
    """Return the unit of a spelling such as "MPa", "万次", "克/立方厘米" or "W/(m·K)", None when unknown."""
    known = _one_unit(name)
    if known is not None:
        return known
    above, *below = name.translate(_PLAIN).split("/")
    factor, parts = 1.0, []
    for place, product in enumerate((above, *below)):
        bare = product.lstrip("0123456789")  # 12 g/100g
        several = product.removesuffix(bare) if place else ""
        units = [_one_unit(_BELOW.get(part, part)) for part in re.split(r"[·*]", bare.strip())]
        if any(unit is None for unit in units):
            return None  # a temperature in a product is a difference: W/(m·℃) is W/(m·K)
        found = [unit for unit in units if unit is not None]
        parts.append("·".join(sorted(unit.dimension for unit in found)))
        scale = math.prod(unit.factor for unit in found) * float(several or 1)
        factor = factor / scale if place else factor * scale
    return Unit(dimension="/".join(parts), factor=factor) if len(parts) > 1 or "·" in parts[0] else None


def _one_unit(name: str) -> Unit | None:
    if name in UNITS:
        return UNITS[name]
    for magnitude, factor in MAGNITUDES.items():
        unit = UNITS.get(name.removeprefix(magnitude)) if name.startswith(magnitude) else None
        if unit is not None and not unit.offset:
            return Unit(dimension=unit.dimension, factor=unit.factor * factor)
    return None


def in_base_units(value: float, unit: Unit) -> float:
    """Convert a value to the base unit of its dimension."""
    return value * unit.factor + unit.offset
