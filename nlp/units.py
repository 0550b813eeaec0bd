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
share 0.01 % ％ wt% vol% mol% at% %RH
full-scale 0.01 %FS %F.S. %F·S
points 0.01 百分点 个百分点
share 0.1 成
share 0.001 ‰
share 1e-4 ‱
share 1e-6 ppm PPM
share 1e-9 ppb
length 1e-10 Å 埃
length 1e-9 nm 纳米
length 1e-5 丝
length 0.0254 英寸 inch
length 1e-6 um μm µm μ 微米
length 1e-3 mm MM Mm 毫米
length 1e-2 cm CM 厘米
length 0.1 dm 分米
length 1.0 m 米
length 1e3 km 公里 千米
mass 1e-15 pg
mass 1e-12 ng 纳克
mass 1e-9 μg ug 微克
mass 1e-6 mg 毫克
mass 1e-3 g 克
mass 1.0 kg Kg KG kG 千克 公斤
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
time 2628000.0 个月 月 months
time 31536000.0 年 a years
pressure 1.0 Pa N/m2 N/m²
pressure 1e3 kPa KPa KPA kpa kN/m2 kN/m²
pressure 1e6 MPa Mpa mpa MPA 兆帕
pressure 1e9 GPa
pressure 1e5 bar
pressure 100.0 mbar hPa
pressure 101325.0 atm 大气压 个大气压
pressure 133.322 mmHg Torr
pressure 9.80665 mmH2O
pressure 6894.76 psi
pressure 98066.5 kgf/cm2 kgf/cm²
toughness 1e6 MPa·m1/2 MPa·m^1/2 MPa·m½ MPa·m0.5 MPa·m^0.5 MPa√m MPa·√m
pressure 1e6 N/mm2 N/mm²
viscosity 1e-3 mPa·s mPa.s cP cps CPS
viscosity 1.0 Pa·s Pa.s
area/time 1e-6 cSt
voltage 1e-3 mV 毫伏
voltage 1.0 V v 伏
voltage 1e3 kV KV kv 千伏
current 1e-6 μA uA
current 1e-3 mA 毫安
current 1.0 A 安
current 1e3 kA
charge 1e-3 mAh mAH mah MAH mA·h 毫安时
charge 1.0 Ah A·h 安时
power 1e-6 μW uW 微瓦
power 1e-3 mW
power 1.0 W 瓦
power 735.5 马力
power 1e3 kW KW kw Kw 千瓦
power 1e6 MW 兆瓦
apparent-power 1.0 VA
apparent-power 1e3 kVA 千伏安
apparent-power 1e6 MVA 兆伏安
reactive-power 1e3 kvar kVar
reactive-power 1e6 Mvar MVar
power/length·temperature 1.0 W/mK
energy 4184.0 kcal 大卡 千卡
energy 1.0 J
energy 1e3 kJ KJ
energy 1e6 MJ
energy 3600.0 Wh W·h 瓦时
energy 3.6e6 kWh KWh kwh KWH kW·h kW.h 度电 千瓦时
energy 3.6e9 MWh MW·h 兆瓦时
energy 3.6e12 GWh
frequency 1.0 Hz HZ hz 赫兹
frequency 1e3 kHz KHz KHZ khz
frequency 1e6 MHz MHZ
frequency 1e9 GHz GHZ
rotation 1.0 rpm r/min 转/分 转/分钟
rotation 60.0 r/s 转/秒
rotation 1.0 转
force 1e-2 cN
force 9.80665e-3 gf
force 9.80665 kgf 公斤力
force 1.0 N 牛
force 1e3 kN KN 千牛
torque 1e-2 N·cm N.cm
torque 1.0 N·m Nm NM n·m N.m 牛米 牛·米
torque 1e3 kN·m kN.m
fineness 1e-7 dtex
fineness 1.111111e-7 旦 旦尼尔
fineness 1e-6 tex
area 1e-6 mm2 mm² 平方毫米
area 1e-4 cm2 cm² 平方厘米
area 1.0 m2 m² ㎡ 平方米
area 666.6667 亩
area 1e4 公顷 hm2 hm² ha
area 1e6 km2 km² 平方公里
volume 1e-12 nL
volume 1e-9 μL µL uL μl 微升
volume 1e-6 mL ml ML 毫升
volume 1e-6 cm3 cm³ 立方厘米
volume 1e-3 L l 升
volume 1.0 m3 m³ 立方米 立方 方
gas-volume 1.0 Nm3 Nm³ 标方
conductance 1e-6 μS uS µS
conductance 1e-3 mS
angle 1.0 ° 度
angle 0.0166666667 ′
angle 0.0166666667 角分
angle 0.000277777778 ″ 角秒 arcsec
angle 57.2957795 rad 弧度
angle 0.0572957795 mrad 毫弧度
angle 5.72957795e-5 μrad µrad urad 微弧度
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
rate 1e3 kbps Kbps kbit/s kb/s
rate 1e6 Mbps Mbit/s Mb/s
rate 1e9 Gbps Gbit/s Gb/s
rate 1e12 Tbps
operations 1e9 GFLOPS GOPS
operations 1e12 TOPS TFLOPS
sound 1.0 dB dB(A) db DB 分贝
level 1.0 dBm
level-gain 1.0 dBi
level-carrier 1.0 dBc
wavenumber 1.0 cm-1 cm⁻¹
count 1.0 cycles
count 1.0 次 模次 个 台 件 套 只 条 人 帧 fps 户 株 头 片 粒 颗 根 支 瓶 袋 包 箱 辆 批 块 张 卷 炉 滴 针
count 1.0 pcs PCS
count 1.0 拷贝 copies
activity 1.0 U IU
colony 1.0 CFU cfu
light 1.0 lx lux 勒克斯
luminous 1.0 cd 坎德拉
luminous/area 1.0 nit nits 尼特
flux 1.0 lm 流明
turbidity 1.0 NTU
money 1.0 元
hardness-HRC 1.0 HRC
hardness-HRA 1.0 HRA
hardness-HRB 1.0 HRB
hardness-HV 1.0 HV
hardness-HB 1.0 HB HBW
hardness-HL 1.0 HL
hardness-A 1.0 HA 邵A 邵氏A
hardness-D 1.0 邵D 邵氏D
times 1.0 倍
pixels 1.0 像素
mesh 1.0 目
grade 1.0 级
mass/area 1e-3 gsm GSM
conductance/length 1.0 S/m S·m-1 S·m⁻¹
conductance/length 100.0 S/cm S·cm-1 S·cm⁻¹
resistance 1.0 Ω/sq Ω/□
"""
# A line: dimension, how many base units one is, its prefixes ("-" is none), and its spellings.
# Single letters that also name other things (5G, 3D, H13) stand only with a prefix.
PREFIXED = """
time 1.0 fpn s 秒
amount 1.0 -nμm mol 摩尔
amount/volume 1e3 nμm M
capacitance 1.0 pnμm F 法
capacitance 1.0 - 法拉
inductance 1.0 nμm H 亨
flux-density 1.0 nμm T 特
flux-density 1.0 -m 特斯拉
flux-density 1e-4 -k Gs 高斯
current/length 79.5774715 -k Oe 奥斯特
dose 1.0 -mk Gy 戈瑞
dose-equivalent 1.0 nμm Sv 希沃特 希
radioactivity 1.0 -kMGT Bq 贝克
molar-mass 1.0 -kM Da 道尔顿
energy 1.602176634e-19 -kM eV 电子伏
energy 1.0 -kM 焦耳
energy 1.0 -kM 焦
pressure 1.0 kMG 帕
pressure 1.0 - 帕斯卡
pressure 1e5 - 巴
pressure 1e2 - 毫巴
power 1e9 - GW 吉瓦
power 1.0 - 瓦特
voltage 1.0 - 伏特
voltage 1.0 M V
current 1.0 - 安培
current 1.0 np A
resistance 1.0 -mkM 欧姆
resistance 1.0 mkM 欧
frequency 1.0 kMGT 赫 赫兹
frequency 1.0 T Hz
piezo 1e-12 - pC/N
"""
_PREFIXES = {
    "-": (("", ""), 1.0), "f": (("f", "飞"), 1e-15), "p": (("p", "皮"), 1e-12), "n": (("n", "纳"), 1e-9),
    "μ": (("μ", "微"), 1e-6), "m": (("m", "毫"), 1e-3), "k": (("k", "千"), 1e3), "M": (("M", "兆"), 1e6),
    "G": (("G", "吉"), 1e9), "T": (("T", "太"), 1e12),
}  # fmt: skip
_BELOW = {"分": "min", "时": "h"}  # only behind a stroke: 件/分
MAGNITUDES = {"万亿": 1e12, "千万": 1e7, "百万": 1e6, "十万": 1e5, "亿": 1e8, "万": 1e4, "千": 1e3, "百": 1e2}
KELVIN_AT_ZERO_CELSIUS = 273.15


def _units() -> dict[str, Unit]:
    known = {"K": Unit(dimension="temperature", factor=1.0)}
    for line in TABLE.strip().splitlines():
        dimension, factor, *spellings = line.split()
        known |= {name: Unit(dimension=dimension, factor=float(factor)) for name in spellings}
    for line in PREFIXED.strip().splitlines():
        dimension, factor, prefixes, *spellings = line.split()
        for prefix in prefixes:
            (latin, chinese), times = _PREFIXES[prefix]
            unit = Unit(dimension=dimension, factor=float(factor) * times)
            for name in spellings:
                before = latin if name.isascii() else chinese
                spelled = [before + name] if before != "μ" else [f"{letter}{name}" for letter in "μµu"]
                known |= dict.fromkeys(spelled, unit)
    celsius = Unit(dimension="temperature", factor=1.0, offset=KELVIN_AT_ZERO_CELSIUS)
    return known | dict.fromkeys(("℃", "°C", "摄氏度"), celsius)


UNITS = _units()
SPELLINGS = sorted(UNITS, key=lambda name: (-len(name), name))
_NAMED = "|".join(re.escape(name) for name in SPELLINGS)
ONE = f"(?:{_NAMED}|(?:{'|'.join(MAGNITUDES)})(?:{_NAMED}))"
_UNDER_RAISED = r"(?:-[123](?![\d.A-Za-zμ])|⁻[¹²³])"  # W·m-1·K-1
_PRODUCT = rf"{ONE}(?:(?:·{ONE})*?(?:·{ONE}{_UNDER_RAISED})+|(?:[·*]{ONE})*(?!{_UNDER_RAISED}))"
# A letter after the unit means it was only the beginning of a word ("5 min" but not "5 mining"), and so do
# these: 3方面, 2升级, 4A级.
_UNDER = rf"(?:{_PRODUCT}|\({_PRODUCT}\)|{'|'.join(_BELOW)})"
PATTERN = (
    rf"(?:{_PRODUCT}(?:[/每](?:\d{{2,4}}\s?)?{_UNDER})*)(?![A-Za-z])"
    r"(?![/·][A-Za-zμµΩ]|(?<=[A-Z])\d|(?<=[LN])不?[锈钢]|(?<=[A-Z])型|(?<=目)[前标的录]|(?<=[dD])打印)"
    r"(?!(?<=丝)[锥杆印网绸线带束]|(?<=旦)夕|(?<=巴)[士西黎豆基]|(?<=埃)及|(?<=法)[规则国兰]|(?<=[毫微]特)[征殊性点]|(?<=希)望|(?<=帕)金"
    r"|(?<=方)[面案法式向]|(?<=升)[级高至到]|(?<=条)件|(?<=A)级|(?<=转)[化变换移让产]|(?<=级)联|(?<=成)[本品果功分]"
    r"|(?<=焦)[炭煤油距点平虑化糖面渣])"
)

# A unit that no table holds, directly behind its number: kept as written, it converts to nothing.
UNKNOWN = (
    r"(?<=[0-9])(?:[万亿](?=及?以[上下内]|[^㐀-鿿~\-A-Za-z]|$)"
    r"|[万亿]?[A-Za-zμµΩÅ][A-Za-z0-9μµΩ²³/·^]{0,11}(?:-\d)?(?<![/·^]))"
)

_PRODUCTS = {
    "current·time": ("charge", 1 / 3600),
    "force·length": ("torque", 1.0),
    "power·time": ("energy", 1.0),
    "pressure·time": ("viscosity", 1.0),
}
_RAISED = str.maketrans("⁻¹²³", "-123")
_PLAIN = str.maketrans({"(": "", ")": "", "每": "/"})


def find_unit(name: str) -> Unit | None:
    """Return the unit of a spelling such as "MPa", "万次", "克/立方厘米" or "W/(m·K)", None when unknown."""
    known = _one_unit(name)
    if known is not None:
        return known
    above, *below = _with_strokes(name).translate(_PLAIN).split("/")
    factor, parts = 1.0, []
    for place, product in enumerate((above, *below)):
        bare = product.lstrip("0123456789")  # 12 g/100g
        several = product.removesuffix(bare) if place else ""
        units = [_one_unit(_BELOW.get(part, part)) for part in re.split(r"[·*]", bare.strip())]
        if any(unit is None for unit in units):
            return None  # a temperature in a product is a difference: W/(m·℃) is W/(m·K)
        found = [unit for unit in units if unit is not None]
        dimension = "·".join(sorted(unit.dimension for unit in found))
        known_as, times = _PRODUCTS.get(dimension, (dimension, 1.0))
        parts.append(known_as)
        scale = math.prod(unit.factor for unit in found) * float(several or 1) * times
        factor = factor / scale if place else factor * scale
    return Unit(dimension="/".join(parts), factor=factor) if re.search("[/·*]", name) else None


def _with_strokes(name: str) -> str:
    """Return W·m-1·K-1 as W/m·K, and kg·m-3 as kg/m3."""
    parts = [one.translate(_RAISED) for one in name.split("·")]
    below = [one[:-2] + one[-1].replace("1", "") for one in parts if one[-2:-1] == "-"]
    if not below:
        return name
    return "·".join(one for one in parts if one[-2:-1] != "-") + "/" + "·".join(below)


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
