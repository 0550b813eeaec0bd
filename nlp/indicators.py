"""Quantified indicators in a text: 抗冲击韧性≥67%, 耐温180–220℃, 精度达到±0.01mm."""

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nlp.amounts import NUMBER, SHARE_WORDS, SHARES, WORDS, readable, straightened, value_of
from nlp.bounds import Relation, bound_at, bounds_of, is_relative
from nlp.naming import CHANGED, EACH, TRAILING, name_before
from nlp.units import MAGNITUDES, PATTERN, UNKNOWN, find_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One quantified statement; `span` is its place in the text it was read from.

    `condition` is at what it holds, as written: -20℃, 夜间, 28d.
    """

    quantity: str
    relation: Relation
    low: float | None
    high: float | None
    unit: str
    span: tuple[int, int]
    condition: str = ""


_LEAST = (
    r"[≥≧⩾≮>]=?|不(?:得|应|能|宜|可)?(?:低|小|少|劣|短)于|(?:大|高|多)于(?:或?等于)?|超过|超出|至少|优于"
    r"|(?i:at least|no(?:t)? (?:less|lower) than|(?:more|higher|greater) than|above|over)\b"
)
_MOST = (
    r"[≤≦⩽≯<]=?|不(?:得|应|能|宜|可)?(?:高于|大于|多于|长于|超过|超出)|(?:小|低|少)于(?:或?等于)?|至多|最多"
    r"|(?i:at most|no(?:t)? (?:more|higher|greater) than|(?:less|lower) than|below|under|within|up to)\b"
)
_UP, _DOWN = "及?以上|起", "及?以下|以内|之内|内(?=$|完成)"
_SCALES = "HRC|HRA|HRB|HBW|HB|HV|HL"  # hardness: the scale may stand before the number
_LOAD = r"(?:(?<=HV)\d+(?:\.\d+)?(?=\s+\d))?"  # HV0.1 950
_TOLERANCE = r"±|\+/?-|正负"
_TO = r"~+|-{1,3}|–|—{1,2}|〜|至|到"
# 1:10 and 0.01/100 are no 1 and no 0.01; 12:1 is 12
_OF_TWO = r"[\d.]*\s*(?:/|:(?!\s*1(?![\d.])))\s*\d"
AMOUNT = re.compile(
    rf"(?P<scale>{_SCALES})?{_LOAD}\s*(?:(?P<least>{_LEAST})|(?P<most>{_MOST}))?\s*(?:约|为|在|要?达到?)?\s*(?P<inner>{_SCALES})?{_LOAD}"
    rf"\s*(?P<tolerance>{_TOLERANCE})?\s*(?:\+(?=\d))?"
    rf"(?:(?<![\d.×])(?<!\d[:/])(?P<first>{NUMBER})(?!{_OF_TWO})|(?P<words>{SHARE_WORDS}(?:{WORDS}|{NUMBER})|{WORDS}(?={PATTERN})))"
    rf"\s*(?P<first_unit>{PATTERN}|[万亿](?=\s*(?:{_TO})\s*\d))?"
    rf"(?:\s*(?:{_TOLERANCE})\s*(?P<spread>{NUMBER})|\s*\+(?P<plus>{NUMBER})\s*/\s*-(?P<minus>{NUMBER})"
    rf"|\s*(?:{_TO})\s*\+?(?P<second>{NUMBER}|{SHARE_WORDS}(?:{WORDS}|{NUMBER})))?"
    rf"\s*(?:(?P<unit>{PATTERN})|(?P<odd>{UNKNOWN}))?(?:\((?P<note>[^()]{{1,14}})\))?\s*(?:之间)?(?:(?P<up>{_UP})|(?P<down>{_DOWN}))?"
)
_SHARE = re.compile(SHARE_WORDS)
CLAUSES = re.compile(r"(?:[^，,。;；、!！?？\n\r]|,(?=\d{3}(?!\d)))+")
_CHANGE_BEHIND = re.compile("(?:提高|提升|增加|延长|降低|下降|减少|缩短)$")
_MERE_CHANGE = re.compile("(?:再|至少|平均)?(?:提高|提升|增加|延长|降低|下降|减少|缩短)")
_BEFORE = re.compile(r"(?:由|从|自)(?:现在|目前|原来|现有|当前)?的?(?:每[㐀-鿿]{1,2})?$")
_NOW = re.compile(
    r"(?:只有|仅有|仅为|仅|才|现在|现有|目前|当前|[现原]为|原来为?|原先|不足|不到|还剩|剩下"
    r"|(?:只|仅|才|最多|勉强|目前|现在)能(?:做|达|放|用|打|撑|跑|存|卖|维持|保持)?(?:到|至)?)$"
)
_TENTH = re.compile("[一二三四五六七八九](?![㐀-鿿]*[成倍])")
_MERELY = re.compile(r"(?:仅为|仅有|仅|只有|只要|只需)$")
_LESS_IS_PRAISED = re.compile(
    r"(?:[添加用耗重]量|体积|厚度|成本|费用|造价|时间|周期|[能电水汽油物]耗|噪[声音]|误差|孔隙率|损失率|[误漏]检率)$"
)
_ASKED_NOW = re.compile(r"(?:要求|希望|目标|想|需要?|要)")
_TODAY = re.compile(r"(?:我[厂们司]|公司|企业)?(?:目前|现在|当前|现阶段|现有|原来|原先)")
_LONG_AGO = re.compile(r"^(?:去年|上年|前年|往年|过去|以前|原来|之前|此前|上半年|上个?月)")
_IN_USE = re.compile(r"^(?:现用|现在用|目前用|现行)(?!.*(?:改|后))")  # 现用木蜡油表干要24小时
_ASKED_BY = (
    "客户图纸|图纸|客户|客人|用户|甲方|业主|主机厂|超市|下游|市场|订单"
    "|标准|法规|国标|欧盟|环保|我们|我方|我司|公司"
)
_CHANGE_FOLLOWS = re.compile(rf"^(?:大幅|逐步|进一步)?(?:{CHANGED})(?:到|至|为)")
_CHANGED_TO = re.compile(rf"(?:{CHANGED})(?:到|至|为)$|[要需须应求]控制在?$")
_JOINED = re.compile(
    rf"^(?:{_ASKED_BY}|左右|上下|且|并且?|同时|但|而|或|和|又|也|还|再|最好|~|希望|想|盼|要求|目标|计划|预计|拟|能|[要须需]|/|\s)*$"
)
_DEMANDED = re.compile(r"(?:要求|希望|目标)(?:是|为)?$")
# what a clause without a number complains of: 噪音大
_COMPLAINT = re.compile(
    r"^([㐀-鿿A-Za-z]{2,10}?)(?:太|过|较|很|偏|比较|有点)?(?:大|高|低|差|小|短|慢|长|严重|不足|不稳定?|不够)$"
)
_OTHER_MATTER = re.compile(r"[㐀-鿿A-Za-z]{2}")
_STANDARDS = re.compile(
    r"(?:^|[㐀-鿿])(?:UL|ISO|GB/?T?|IEC|ASTM|EN|DIN|JIS|SAE|AEC|IPC|HJ|YY/?T?|QB|JB|HG|FZ|NY|IATF|FDA|CE)[\s\d\-./]*$"
)
# (现为91%), (P<0.05)
_NO_CONDITION = re.compile(r"[现原为是约即目前]|合格|达标|^\s*[PpＰ]\s*[<>=≤≥·]|^[^㐀-鿿A-Za-z]*$")
_INDEXED = re.compile("(?:[㐀-鿿][A-Z]|PM)$")  # 粒径D50≤2μm
_SYMBOL = re.compile("(?:R[pt]|K[VU])$")  # 屈服强度Rp0.2, 冲击功KV2
_VALUE_FOLLOWS = re.compile(r"\s*(?:为|可?达到?)?\s*\d")
_TYPE, _TYPED = re.compile(r"-?\d+[A-Z]"), re.compile("(?<!AC)(?<!DC)(?<=[A-Z])$")  # GJB150A, ZFJ-11A
_OF_ANOTHER = re.compile("(?<![有来前用])的$")  # 为对照组的2.2倍
_CALENDAR = re.compile(
    rf"(?:在|为)?\s*(?:(?:19|20)\d\d\s*年?\s*(?:{_TO})\s*)?(?:19|20)\d\d\s*年"
    rf"|(?:在|为)?\s*\d{{1,2}}\s*月?\s*(?:{_TO})\s*\d{{1,2}}\s*月(?:之间)?"
)
_SIGN_FOLLOWS = re.compile(rf"\s*(?:{_LEAST}|{_MOST})\s*\d")
# 坍落度1h损失≤30mm, 隔膜150℃热收缩率2.5%, 循环1000次后容量保持率92%: what comes first is at what it holds
_HOLDS_THERE = re.compile(
    rf"^\s?(?:后|(?!以|之|内|后|下|时))[㐀-鿿]{{2,8}}\s*(?:{_LEAST}|{_MOST}|±|可?达到?\s?\d|为?\s?\d)"
)
_RUNS = re.compile("(?:循环|充放电|弯[折曲]|水?洗|冲击|开关|启停|插拔|套用)$")  # 循环2000次容量保持率≥80%
_TEMPERATURES = re.compile(r"温|点|热|冷")
_COUNTED = frozenset(("count", "money"))
_REPEATED = ("次", "帧", "fps")  # counts that measure
_AMOUNTS_OF_WORK = re.compile(r"(?:产量|产能|年产|日产|班产|节拍|处理量|能力|速度|效率|寿命|频次)$")
_LASTING = re.compile(
    r"(?:寿命|保鲜期?|[贮储]藏期?|质保期?|保质期|保修期?|周期|年限|回收期|货架期|有效期|生育期|生长期|工期|交货?期|交货时间|保存期|潜伏期|养护期|时间|时长)$"
)
_WITHOUT_UNIT = re.compile(r"(?:[pP]H值?|[酸碘羟]值|皂化值|辛烷值|系数|因子|指数|折射率)$")
_COSTS = re.compile(r"(?:成本|费用|单价|售价|造价|价格|电费|产值)(?:下降|降低|减少|节约)?$")
_FINER_IS_BETTER = re.compile(
    r"(?:精度|误差|公差|偏差|粗糙度|不确定度|分辨率|分辨力|跳动|平面度|圆度|同轴度)"
)
_LESS_IS_BETTER = re.compile(
    r"(?:真空度?|时间|时延|延迟|延时|周期|噪[声音]|[能电水汽油料损功]耗|泄[漏露]率?|漏率|漏电流?|重量|杂质|排放量?|损失率?"
    r"|(?:缺陷|废品|次品|不良|不合格|误报|漏报|误检|漏检|误码|误判|失效|故障|破损|损坏)率)$"
)
_TINY = re.compile("误码率|误比特率|漏率|泄[漏露]率|检[出测]限|真空度")
_INSULATES = re.compile("(?:体积|表面|绝缘)电阻率?|^电阻率$")
_MONEY_MEANT = re.compile(r"(?:预算|投入|资金|经费|投资|资助|拨款)$")
_SHORT_NAMES = frozenset("厚长宽高深重径铅汞镉砷铬镍铜锌铁锰锡锑硫磷氯氟硅钙镁钠钾")
_SUPPLY = re.compile(
    r"^(?:供电|电源|交流|直流)|^(?:下(?![降限])|时(?![间效长])|条件|环境)|^[、和及与/][^、]{1,12}(?:条件|情况)下"
)  # 220V供电, -20℃下
_FARTHEST = 60  # from a number to the beginning of its name, with what introduces it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What a clause is about, and the indicator read there, None for a value of old."""

    name: str
    indicator: Indicator | None = None


def indicators(text: str, *, asked: Collection[str] = ()) -> list[Indicator]:
    """Return the indicators of a text in their order; numbers without a unit need a sign such as ≥.

    `asked` names quantities that have no unit, such as 白度, of which a bare number counts as well.
    Of “由82%提高到95%” only what is to be reached is one, and of “只有82%” nothing.
    """
    found: list[Indicator] = []
    name = last = ""  # `last`: what the sentence was about before it spoke of something without a number
    begun = 0
    plain, conditions = straightened(readable(text))
    for clause in CLAUSES.finditer(plain):
        words = clause.group()
        if re.search("[。;；!！?？\n\r]", plain[begun : clause.start()]):
            last = ""
        begun = clause.start()
        complaint = _COMPLAINT.match(words.strip())
        about = complaint[1] if complaint else name or (last if _ASKED_NOW.match(words.strip()) else "")
        held = {at - clause.start(): said for at, said in conditions.items()}
        reads = list(
            _of_clause(words, offset=clause.start(), before=about, asked=tuple(asked), conditions=held)
        )
        found += [read.indicator for read in reads if read.indicator is not None]
        if reads or complaint:
            name = last = reads[-1].name if reads else complaint[1] if complaint else ""
        elif _OTHER_MATTER.search(AMOUNT.sub("", words)):
            name = ""  # what is spoken of now has a name of its own
    return _without_today(text, found)


def told_by_name(needed: Sequence[Indicator]) -> list[str]:
    """Return for `asked` the quantities without a unit, or with one that no table holds."""
    return [one.quantity for one in needed if find_unit(one.unit) is None]


def _without_today(text: str, found: Sequence[Indicator]) -> list[Indicator]:
    """Return them without values of today of which a later one is the one wanted.

    目前废品率为5%，希望降到2%以下; 膨胀率超过20%，要求≤8%, which nothing could meet together.
    """
    kept = []
    named: set[str] = set()
    lowest: dict[tuple[str, str], float] = {}  # what later upper bounds allow at most, for each quantity
    highest: dict[tuple[str, str], float] = {}
    for one in reversed(found):
        key = (one.quantity, one.unit)
        least = one.low if one.relation is Relation.AT_LEAST else None
        most = one.high if one.relation is Relation.AT_MOST else None
        ruled_out = least is not None and least > lowest.get(key, math.inf)
        ruled_out = ruled_out or (most is not None and most < highest.get(key, -math.inf))
        if not ruled_out and not (one.quantity in named and _is_of_today(text, one)):
            kept.append(one)
        named |= {one.quantity, _CHANGE_BEHIND.sub("", one.quantity)}
        if most is not None:
            lowest[key] = min(most, lowest.get(key, math.inf))
        if least is not None:
            highest[key] = max(least, highest.get(key, -math.inf))
    return kept[::-1]


def _is_of_today(text: str, one: Indicator) -> bool:
    """Whether the words before a bare value speak of today."""
    before = text[max(0, one.span[0] - _FARTHEST) : one.span[0]]
    words = re.split("[，,。;；、!！?？\n\r]", before)[-1]
    return one.relation is Relation.EQUAL and _TODAY.match(words.strip()) is not None


def _of_clause(
    clause: str, *, offset: int, before: str, asked: tuple[str, ...], conditions: Mapping[int, str]
) -> Iterator[_Read]:
    """Yield what is read in one clause; `before` names what the clause before it was about."""
    begin, name, given = 0, "", ""
    for match in _amounts(clause):
        begin = max(begin, match.start() - _FARTHEST)
        words, rest = clause[begin : match.start()].rstrip(), clause[match.end() :][:_FARTHEST]
        quantity, each = name_before(_MERELY.sub("", words))
        if _JOINED.match(
            TRAILING.sub("", EACH.sub("", words))
        ):  # 不低于95%且不高于98%: the same quantity again
            refers = words and (_is_signed(match) or _CHANGED_TO.search(words) or _DEMANDED.search(words))
            quantity = name or (before if refers else "")
        elif _MERE_CHANGE.fullmatch(quantity):  # 能耗320kWh/t，要求降低15%
            quantity = (name or before) + quantity
        unit = _unit_of(match) + each
        if _is_of_old(words, rest) or (_IN_USE.match(words) and not _is_signed(match)):
            name, begin = name_before(_BEFORE.sub("", _NOW.sub("", words)))[0] or name, match.end()
            yield _Read(name=name or before)
        elif not _is_signed(match) and _SIGN_FOLLOWS.match(rest):
            name = (quantity or name or before) if _is_time(unit) else name  # 抗压强度7d≥40MPa，28d≥60MPa
            begin, given = match.end(), match.group().strip()  # 650 ℃ ≥ 900 MPa: at which it holds
        elif not _is_signed(match) and _is_condition(quantity, unit, rest):
            given = match.group().strip()  # 坍落度1h损失≤30mm
        elif _speaks(
            quantity,
            match,
            unit,
            rest,
            demanded=bool(_DEMANDED.search(words) or _CHANGED_TO.search(words) or quantity.endswith(asked)),
        ):
            at = offset + (begin + words.rindex(quantity) if quantity in words else match.start())
            read = _indicator(match, quantity, unit, span=(at, offset + match.end()), rest=rest)
            at_what = given or _set_aside(conditions, begin, match.start()) or _note_of(match)
            yield _Read(name=quantity, indicator=replace(read, condition=at_what))
            name, begin, given = quantity, match.end(), ""
        elif unit and unit != match["odd"] and not match["words"]:
            begin, given = match.end(), match.group().strip()


def _set_aside(conditions: Mapping[int, str], begin: int, end: int) -> str:
    """Return the condition that stood in brackets between a name and its value."""
    return next((said for at, said in conditions.items() if begin <= at < end), "")


def _note_of(match: re.Match[str]) -> str:
    """Return the words in brackets behind a value, when they say at what it holds: (夜间), (28d)."""
    note = match["note"] or ""
    return note if note and not _NO_CONDITION.search(note) else ""


def _amounts(clause: str) -> Iterator[re.Match[str]]:
    """Yield the amounts of a clause, without years, months, type names and the number of 粒径D50≤2μm."""
    for match in AMOUNT.finditer(clause):
        said, before = match.group().strip(), clause[: match.start()].rstrip()
        indexed = said.replace(".", "").isdigit() and _INDEXED.search(before)
        rest = clause[match.end() :][:_FARTHEST]
        of_its_name = indexed and _SIGN_FOLLOWS.match(rest)
        symbol = re.fullmatch(r"\d(?:\.\d)?", said) and _SYMBOL.search(before)
        of_its_name = of_its_name or (symbol and (_SIGN_FOLLOWS.match(rest) or _VALUE_FOLLOWS.match(rest)))
        typed = _TYPE.fullmatch(said) and _TYPED.search(clause[: match.start()])
        others = said.endswith("倍") and _OF_ANOTHER.search(before)
        if not (of_its_name or typed or others or _CALENDAR.fullmatch(said)):
            yield match


def _is_time(unit: str) -> bool:
    known = find_unit(unit)
    return known is not None and known.dimension == "time"


def _is_condition(quantity: str, unit: str, rest: str) -> bool:
    """Say whether an unsigned amount tells at what the figure behind it holds."""
    known = find_unit(unit)
    if known is not None and known.dimension == "temperature" and quantity.endswith("性能"):
        return True  # 低温性能：-20℃存储24h
    if known is None or not _HOLDS_THERE.match(rest):
        return False
    if known.dimension == "temperature":
        return _TEMPERATURES.search(quantity) is None
    repeated = unit in _REPEATED and _RUNS.search(quantity) is not None
    return known.dimension == "time" or repeated or rest.lstrip().startswith("后")


def _unit_of(match: re.Match[str]) -> str:
    if share := _SHARE.match(match["words"] or ""):
        return SHARES[share[0]]
    if is_relative(match):
        return match["first_unit"]
    return match["unit"] or match["first_unit"] or match["scale"] or match["inner"] or match["odd"] or ""


def _is_of_old(words: str, rest: str) -> bool:
    """Say whether a value is the one that shall change, or what there is now."""
    if _MERELY.search(words) and _LESS_IS_PRAISED.search(_MERELY.sub("", words)):
        return False  # 添加量仅12%
    return bool(
        _LONG_AGO.search(words) or _BEFORE.search(words) or _NOW.search(words) or _CHANGE_FOLLOWS.match(rest)
    )


def _is_signed(match: re.Match[str]) -> bool:
    groups = ("least", "most", "tolerance", "up", "down", "spread", "plus")
    return any(match[group] for group in groups)


def _speaks(quantity: str, match: re.Match[str], unit: str, rest: str, *, demanded: bool) -> bool:
    """Say whether a number is an indicator: no date, plain sum or headcount, size of a thing or type name."""
    signed = _is_signed(match) or demanded
    if (len(quantity) < 2 and quantity not in _SHORT_NAMES) or _STANDARDS.search(quantity):
        return False
    if _SUPPLY.match(rest) or re.match(r"\s*[×xX*]\s*\d", rest):
        return False
    if match["words"] and not _SHARE.match(match["words"]):
        return signed or unit in ("成", "倍")
    if not unit or unit == match["odd"]:
        return signed or _WITHOUT_UNIT.search(quantity) is not None
    if re.search(r"[A-Za-z]$", quantity) and not signed and unit == "级":
        return False
    return _measures(quantity, unit, signed=signed or match["second"] is not None)


def _measures(quantity: str, unit: str, *, signed: bool) -> bool:
    known = find_unit(unit)
    dimension = known.dimension if known else ""
    if dimension == "money" and _MONEY_MEANT.search(quantity):
        return False
    if dimension == "money" and _COSTS.search(quantity):
        return True
    if dimension in _COUNTED and not unit.endswith(_REPEATED):
        return signed or _AMOUNTS_OF_WORK.search(quantity) is not None
    if unit in ("年", "月", "日", "个月", "天", "周"):
        return signed or _LASTING.search(quantity) is not None
    return True


def _indicator(
    match: re.Match[str], quantity: str, unit: str, *, span: tuple[int, int], rest: str
) -> Indicator:
    first = value_of(match["first"] or match["words"])
    if unit == "成" and (tenth := _TENTH.match(rest)):
        first += value_of(tenth[0]) / 10  # 九成五
    if power := _power_of_ten(match, quantity):
        relation, low, high = bound_at(match, power)
    else:
        relation, low, high = bounds_of(match, _as_its_end(match, first))
    if _is_huge(quantity, unit):
        low, high = _raised(low), _raised(high)
    if relation is Relation.AT_LEAST and _means_less(match["least"], quantity, unit):
        relation, low, high = Relation.AT_MOST, None, first
    return Indicator(quantity=quantity, relation=relation, low=low, high=high, unit=unit, span=span)


def _power_of_ten(match: re.Match[str], quantity: str) -> float | None:
    """Return 1e-12 for 误码率10-12, whose raised minus got lost: such a quantity is never 10 to 12."""
    lost = match["first"] == "10" and re.fullmatch(r"\d\d", match["second"] or "")
    return float(f"1e-{match['second']}") if lost and _TINY.search(quantity) else None


def _is_huge(quantity: str, unit: str) -> bool:
    """Whether a quantity is given in powers of ten: resistances of insulators, germs in a gram."""
    known = find_unit(unit)
    insulates = _INSULATES.search(quantity) is not None and unit.startswith(("Ω", "欧"))
    return insulates or (known is not None and known.dimension.startswith("colony"))


def _raised(bound: float | None) -> float | None:
    """Return 1e14 for a bound of 1014, whose raising was lost."""
    lost = re.fullmatch(r"10([6-9]|1\d)", f"{bound:.10g}") if bound is not None else None
    return float(f"1e{lost[1]}") if lost else bound


def _as_its_end(match: re.Match[str], first: float) -> float:
    """Return the first number of a range in the unit of the second: 500kPa至1MPa, 5000~1万次."""
    end = find_unit(match["unit"] or "")
    if not match["second"] or end is None or end.offset:
        return first
    plain = match["unit"].lstrip("".join(MAGNITUDES))
    written = match["first_unit"] or ""
    begin = find_unit(written + plain if written in ("", "万", "亿") else written)
    second = value_of(match["second"])
    if not written and first == second and plain.endswith("Hz"):
        begin = find_unit("Hz")  # 20-20kHz, as of all that is heard
    elif not written and first <= second:
        return first  # 3~5万次
    if begin is None or begin.dimension != end.dimension:
        return first
    return float(f"{first * begin.factor / end.factor:.12g}")


def _means_less(sign: str | None, quantity: str, unit: str) -> bool:
    """Whether better, or a higher precision, is a smaller number: 响应时间优于20毫秒, 精度高于0.02mm."""
    if sign in ("优于", "高于") and unit == "dBm" and quantity.endswith("灵敏度"):
        return True  # the weakest signal that is still heard
    if sign == "优于":
        return bool(_FINER_IS_BETTER.search(quantity) or _LESS_IS_BETTER.search(quantity))
    return sign == "高于" and bool(_FINER_IS_BETTER.search(quantity))
