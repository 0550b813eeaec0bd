"""What names of organisations say: what tells them from others of their kind, and which two may be one.

A university and a part of it are two, so are public bodies of two places; a name written short, a former
name or one character more may be the same, and is shown to a person.
"""

import re

from matchmaker.domain.characters import simplified
from matchmaker.domain.identifiers import normal_org_name

_LEGAL_FORMS = re.compile(
    r"(?:科技|实业|集团|控股)*(?:有限责任公司|股份有限公司|有限公司|公司)$|(?:集团|总厂|厂)$"
)
_PLACES = re.compile(r"^(?:[一-鿿]{2,3}(?:省|市|县|区))+")
_IN_BRACKETS = re.compile(r"[（(\[【][^）)\]】]*[）)\]】]")
_CAMPUS = re.compile(r"(?:(?<=大学)|(?<=学院))[一-鿿]{0,4}校区$|[东西南北中新老主]?校区$")
# written short in lists, and what it stands for; a pair found by it is only shown
_SHORT_FORMS = (
    *(
        ("中科院", "中国科学院"),
        ("农科院", "农业科学院"),
        ("林科院", "林业科学研究院"),
        ("专业合作社", "合作社"),
        ("社科院", "社会科学院"),
    ),
    *(
        ("医科院", "医学科学院"),
        ("水科院", "水产科学研究院"),
        ("建科院", "建筑科学研究院"),
        ("科学研究院", "科学院"),
        ("研究院", "研究所"),
    ),
)
_SCHOOLS = (
    *(
        ("浙大", "浙江大学"),
        ("北大", "北京大学"),
        ("南大", "南京大学"),
        ("武大", "武汉大学"),
        ("厦大", "厦门大学"),
    ),
    *(
        ("川大", "四川大学"),
        ("吉大", "吉林大学"),
        ("山大", "山东大学"),
        ("宁大", "宁波大学"),
        ("上大", "上海大学"),
    ),
    *(
        ("中科大", "中国科学技术大学"),
        ("哈工大", "哈尔滨工业大学"),
        ("西工大", "西北工业大学"),
        ("华科", "华中科技大学"),
    ),
    *(
        ("北航", "北京航空航天大学"),
        ("南航", "南京航空航天大学"),
        ("北理工", "北京理工大学"),
        ("浙工大", "浙江工业大学"),
    ),
    *(
        ("浙理工", "浙江理工大学"),
        ("大工", "大连理工大学"),
        ("华工", "华南理工大学"),
        ("西电", "西安电子科技大学"),
    ),
    *(
        ("清华", "清华大学"),
        ("复旦", "复旦大学"),
        ("同济", "同济大学"),
        ("东华", "东华大学"),
        ("江大", "江南大学"),
    ),
)
_KINDS_OF_SCHOOL = (
    *(
        ("交大", "交通大学"),
        ("理工大", "理工大学"),
        ("工大", "工业大学"),
        ("师大", "师范大学"),
        ("农大", "农业大学"),
    ),
    *(
        ("医大", "医科大学"),
        ("科大", "科技大学"),
        ("海大", "海洋大学"),
        ("林大", "林业大学"),
        ("财大", "财经大学"),
    ),
)
_PARTS = (
    "分公司",
    "分校",
    "附属",
    "分院",
    "分所",
    "办事处",
    "研究生院",
    "分厂",
    "附中",
    "分行",
    "支行",
    "项目部",
    "分中心",
)
# names that differ in one of these alone are names of different bodies: 第一机床厂, 第二机床厂
_TELLING = frozenset("一二三四五六七八九十0123456789东西南北中上下前后内外甲乙丙丁")
_OF_A_SCHOOL = re.compile(r"(?:.*(?:学院|研究院|研究所|校区|中心))?")
_FORMERLY = re.compile(r"^(?:原名?|曾用名|更名前|前身)[:：为是]?")
# of whose names the place is a part: 吉林省农业科学院, 辽宁省农业科学院
_PUBLIC_BODY = re.compile(r"研究[所院]|科学院|中心$|站$")
_ITS_PLACE = re.compile(rf"^(?:中国|{_PLACES.pattern.removeprefix('^')})")
_INSTITUTE = re.compile(r"(?:研究所|研究院|科学院|[所院])$")


def core_of_name(name: str) -> str:
    """Return what tells an organisation from others of its kind: no place, legal form or campus."""
    bare = _IN_BRACKETS.sub("", simplified(name)) or name
    core = _in_full(_LEGAL_FORMS.sub("", _PLACES.sub("", bare)))
    return normal_org_name(_CAMPUS.sub("", core))


def _in_full(core: str) -> str:
    """Return a name with what is commonly written short written out."""
    for short, full in _SHORT_FORMS:
        core = core.replace(short, full)
    for short, full in _SCHOOLS:
        rest = core.removeprefix(short)
        if rest != core and not core.startswith(full) and _OF_A_SCHOOL.fullmatch(rest):
            return full + rest
    for short, full in _KINDS_OF_SCHOOL:
        if core.endswith(short):
            return core.removesuffix(short) + full
    return core


def former_names(name: str) -> list[str]:
    """Return what a name says in brackets of names it had: 甲公司（原乙厂）."""
    inside = [found[1:-1].strip() for found in _IN_BRACKETS.findall(name)]
    return [bare for found in inside if (bare := _FORMERLY.sub("", found)) != found and len(bare) >= 4]


def is_institute(core: str) -> bool:
    """Say whether a core of a name ends as those of research institutes do."""
    return _INSTITUTE.search(core) is not None


def name_two(first: str, second: str) -> bool:
    """Say whether two names, however alike, are of two bodies: a part of one, other brackets or places."""
    if any((part in first) != (part in second) for part in _PARTS):
        return True
    brackets = [{normal_org_name(found) for found in _IN_BRACKETS.findall(name)} for name in (first, second)]
    if all(brackets) and brackets[0] != brackets[1]:  # 石油大学（华东）, 石油大学（北京）
        return True
    return _of_other_places(first, second)


def _of_other_places(*names: str) -> bool:
    """Say whether these are public bodies of two places, neither of which is said to be in the other."""
    if not all(_PUBLIC_BODY.search(name) for name in names):
        return False
    first, second = (_ITS_PLACE.match(simplified(name)) for name in names)
    if first is None or second is None:
        return False
    return first[0] not in second[0] and second[0] not in first[0]


# 电气 and 电器, 塑料 and 塑胶 are mixed up, and therefore not both here
_TRADES = frozenset(
    re.findall(
        r"\S+",
        """机械 机电 电子 电器 电机 塑料 橡胶 食品 饮品 饮料 建材 建设 建筑 模具 磨具
        五金 汽配 轴承 轴瓦 化工 化纤 纺织 纺机 服装 服饰 包装 包材 印刷 印染 染料
        涂料 家具 家电 灯具 灯饰 医药 医疗 农业 农机 物流 物资 环保 环境 软件 硬件
        光电 光学 铸造 锻造 阀门 泵业""",
    )
)
_OF_A_TOWN = 3  # characters of 宁海县 that tell it from others, 家庄市 of 石家庄市


def of_other_towns_or_trades(first: str, second: str) -> bool:
    """Say whether two firms are of two towns of one rank, or their names end in two trades.

    东方机械 and 东方机电 are two; a firm of a city and one of a county may be one.
    """
    places = [_PLACES.match(simplified(name)) for name in (first, second)]
    towns = [place[0][-_OF_A_TOWN:] for place in places if place]
    if len(towns) == 2 and towns[0] != towns[1] and towns[0][-1] == towns[1][-1]:
        return True
    trades = {core_of_name(name)[-2:] for name in (first, second)}
    return len(trades) == 2 and trades <= _TRADES


def alike_names(first: str, second: str) -> str:
    """Say why two cores of names may be of one body, or "" where they are not."""
    if first == second:
        return "名称只差地名、括号、校区或公司形式"
    shorter, longer = sorted((first, second), key=len)
    if _is_shortened_institute(shorter, longer):
        return "一个名称可能是另一个的简称"
    if len(shorter) < 4 or "学" in (first + second)[-4:]:  # a university's name in another's says nothing
        return ""
    if longer.endswith(shorter):
        return "一个名称是另一个的后半部分"
    return "名称只差一个字" if _one_apart(first, second) else ""


def alike_colleges(shorter: str, longer: str) -> bool:
    """Say whether two parts of one school may be one: 材料学院, 材料科学与工程学院."""
    ends = all(name.endswith(("学院", "系")) for name in (shorter, longer))
    return ends and len(longer) > len(shorter) and shorter[:-2] != "" and _leaves_out(longer, shorter)


def _is_shortened_institute(shorter: str, longer: str) -> bool:
    """Say whether a name leaves characters out of another: 宁波材料所, 宁波材料技术与工程研究所."""
    if not (is_institute(shorter) and is_institute(longer) and shorter[:6] == longer[:6]):
        return False
    if longer.startswith(shorter):  # what follows names a part of it
        return False
    return len(shorter) >= 7 and _leaves_out(longer, shorter)


def _leaves_out(longer: str, shorter: str) -> bool:
    """Say whether the shorter name's characters stand in the longer one in the same order."""
    rest = iter(longer)
    return all(character in rest for character in shorter)


def _one_apart(first: str, second: str) -> bool:
    shorter, longer = sorted((first, second), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    if len(longer) == len(shorter):
        differ = [(a, b) for a, b in zip(shorter, longer, strict=True) if a != b]
        field_of_study = is_institute(first)  # 植物研究所, 动物研究所
        return len(differ) == 1 and not set(differ[0]) <= _TELLING and not field_of_study
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))
