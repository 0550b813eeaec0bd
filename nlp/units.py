"""A small table of the units found in technical requirements, and how they convert."""

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
share 0.01 % ％ 百分点 wt% vol%
share 0.001 ‰
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
mass 1e3 t 吨
mass 1e7 万吨
time 1e-6 μs us 微秒
time 1e-3 ms 毫秒
time 1.0 s 秒
time 60.0 min 分钟
time 3600.0 h 小时
time 86400.0 d 天 日
time 604800.0 周
time 2592000.0 个月 月
time 31536000.0 年 a
pressure 1.0 Pa
pressure 1e3 kPa KPa
pressure 1e6 MPa Mpa 兆帕
pressure 1e9 GPa
pressure 1e5 bar
pressure 1e6 N/mm2 N/mm²
voltage 1e-3 mV 毫伏
voltage 1.0 V 伏
voltage 1e3 kV KV 千伏
current 1e-6 μA uA
current 1e-3 mA 毫安
current 1.0 A 安
current 1e3 kA
charge 1e-3 mAh
charge 1.0 Ah
power 1e-3 mW
power 1.0 W 瓦
power 1e3 kW KW 千瓦
power 1e6 MW 兆瓦
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
force 1.0 N 牛
force 1e3 kN KN 千牛
torque 1.0 N·m Nm N.m
torque 1e3 kN·m
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
angle 1.0 ° 度
angle 0.0166666667 ′
angle 0.000277777778 ″
resistance 1e-3 mΩ
resistance 1.0 Ω 欧
resistance 1e3 kΩ
resistance 1e6 MΩ
data 1e3 KB
data 1e6 MB
data 1e9 GB
data 1e12 TB
rate 1.0 bps
rate 1e3 kbps Kbps
rate 1e6 Mbps
rate 1e9 Gbps
sound 1.0 dB 分贝
sound 1.0 dBm
count 1.0 次 个 台 件 套 只 条 人 帧 户 株 头
count 1e4 万次 万台 万件 万只 万套
money 1.0 元
money 1e4 万元
money 1e8 亿元
hardness-HRC 1.0 HRC
hardness-HV 1.0 HV
hardness-HB 1.0 HB
times 1.0 倍
pixels 1.0 像素
pixels 1e4 万像素
mesh 1.0 目
"""
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
ONE = "(?:" + "|".join(re.escape(name) for name in SPELLINGS) + ")"
# A letter after the unit means it was only the beginning of a word ("5 min" but not "5 mining").
PATTERN = rf"{ONE}(?:[/·]{ONE})?(?![A-Za-z])"


def find_unit(name: str) -> Unit | None:
    """Return the unit of a spelling such as "MPa", "克/立方厘米" or "Wh/kg", or None when it is unknown."""
    known = UNITS.get(name)
    if known is not None or "/" not in name:
        return known
    above, below = (UNITS.get(part) for part in name.split("/", 1))
    if above is None or below is None or above.offset or below.offset:
        return None
    return Unit(dimension=f"{above.dimension}/{below.dimension}", factor=above.factor / below.factor)


def in_base_units(value: float, unit: Unit) -> float:
    """Convert a value to the base unit of its dimension."""
    return value * unit.factor + unit.offset
