"""Which entries may be one thing entered twice: certain by rule, or likely enough to be shown to a person.

Pairs are looked for within blocks (one owner, one core of a name, one patent number), never by parts
of names alone: 江州大学 and 江州大学宁海学院 are two, and what another firm asks in the same words is
its own need.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from matchmaker.domain.characters import simplified
from matchmaker.domain.identifiers import normal_org_name, normal_title

_LARGEST_BLOCK = 200
_SHORTEST_TEXT = 30
_MOST_OF_ONE_TEXT = 3
_ALIKE_TITLES = 0.75
_ALIKE_TEXTS = 0.8
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
_MOBILE = re.compile(r"1[3-9]\d{9}")
_BEGINNING = re.compile(r"^(?:一种|一类|一套|基于|面向|用于|关于|新型)")
_FORMERLY = re.compile(r"^(?:原名?|曾用名|更名前|前身)[:：为是]?")
# of whose names the place is a part: 吉林省农业科学院, 辽宁省农业科学院
_PUBLIC_BODY = re.compile(r"研究[所院]|科学院|中心$|站$")
_ITS_PLACE = re.compile(rf"^(?:中国|{_PLACES.pattern.removeprefix('^')})")
_INSTITUTE = re.compile(r"(?:研究所|研究院|科学院|[所院])$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is compared of one entry.

    `owner` and `group` must be equal for two to be one; `marks` are numbers that tell things apart
    (patent numbers, codes, telephones), `hints` what two of one thing may share (a contact, a college).
    `vouched`: the organiser has said that it is what it calls itself; nothing else is merged by rule.
    """

    id: int
    name: str
    owner: int | None = None
    group: str = ""
    text: str = ""
    marks: frozenset[str] = frozenset()
    hints: frozenset[str] = frozenset()
    vouched: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two entries that are, or may be, one; `why` in words."""

    low: int
    high: int
    certain: bool
    why: str


Judge = Callable[[Entry, Entry], tuple[bool, str] | None]


def same_organisations(entries: Sequence[Entry]) -> list[Pair]:
    """Return pairs of organisations of one kind and parent (`group`, `owner`)."""
    return _pairs(entries, _organisation_blocks, _judge_organisations)


def same_needs(entries: Sequence[Entry]) -> list[Pair]:
    """Return pairs of needs of one firm."""
    return _pairs(entries, lambda entry: [str(entry.owner)], _judge_needs)


def same_achievements(entries: Sequence[Entry]) -> list[Pair]:
    """Return pairs of achievements with one number, one title, or one owner and titles nearly equal."""
    told = Counter((entry.owner, text) for entry in entries if (text := _text_of(entry)))
    common = {key for key, number in told.items() if number > _MOST_OF_ONE_TEXT}  # 详见附件, in every row
    own = [replace(one, text="") if (one.owner, _text_of(one)) in common else one for one in entries]
    return _pairs(own, _achievement_blocks, _judge_achievements)


def same_people(entries: Sequence[Entry]) -> list[Pair]:
    """Return pairs of namesakes in one institution (`owner`: the university, for its colleges too)."""
    return _pairs(entries, lambda entry: [f"{entry.owner}:{entry.name}"], _judge_people)


def shared_needs(entries: Sequence[Entry]) -> list[Pair]:
    """Return pairs of needs of different firms in the same words: shown, and never merged."""
    blocks = _blocks(entries, lambda entry: [_text_of(entry)])
    found = [
        Pair(low=one.id, high=other.id, certain=False, why="两家单位的需求内容相同")
        for one, other in _within(blocks)
        if one.owner != other.owner
    ]
    return sorted(found, key=lambda pair: (pair.low, pair.high))


def _pairs(entries: Sequence[Entry], keys: Callable[[Entry], Iterable[str]], judge: Judge) -> list[Pair]:
    found: dict[tuple[int, int], Pair] = {}
    for one, other in _within(_blocks(entries, keys)):
        place = (min(one.id, other.id), max(one.id, other.id))
        if place in found or one.group != other.group:
            continue
        verdict = judge(one, other)
        if verdict is not None:
            found[place] = Pair(low=place[0], high=place[1], certain=verdict[0], why=verdict[1])
    return sorted(found.values(), key=lambda pair: (not pair.certain, pair.low, pair.high))


def _blocks(entries: Sequence[Entry], keys: Callable[[Entry], Iterable[str]]) -> Mapping[str, list[Entry]]:
    blocks: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        for key in dict.fromkeys(keys(entry)):
            if key:
                blocks[key].append(entry)
    return blocks


def _within(blocks: Mapping[str, list[Entry]]) -> Iterator[tuple[Entry, Entry]]:
    for block in blocks.values():
        yield from combinations(block[:_LARGEST_BLOCK], 2)


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


def _organisation_blocks(entry: Entry) -> list[str]:
    core = core_of_name(entry.name)
    named = [f"name:{normal_org_name(name)}" for name in (entry.name, *_former_names(entry.name))]
    if len(core) >= 2:
        named.append(f"core:{core}")
    if len(core) >= 4:  # one character more, less or other
        named += [f"near:{core[:place]}{core[place + 1 :]}" for place in range(len(core))]
        named += [f"near:{core}", f"end:{core[-4:]}"]
    if len(core) >= 7 and _INSTITUTE.search(core):
        named.append(f"begin:{core[:6]}")
    return [*named, *(f"hint:{hint}" for hint in entry.hints)]


def _former_names(name: str) -> list[str]:
    """Return what a name says in brackets of names it had: 甲公司（原乙厂）."""
    inside = [found[1:-1].strip() for found in _IN_BRACKETS.findall(name)]
    return [bare for found in inside if (bare := _FORMERLY.sub("", found)) != found and len(bare) >= 4]


def _judge_organisations(one: Entry, other: Entry) -> tuple[bool, str] | None:
    if one.owner != other.owner or (one.marks and other.marks and one.marks != other.marks):
        return None
    if any((part in one.name) != (part in other.name) for part in _PARTS):
        return None
    brackets = [
        {normal_org_name(found) for found in _IN_BRACKETS.findall(entry.name)} for entry in (one, other)
    ]
    in_brackets = all(brackets) and brackets[0] != brackets[1]  # 石油大学（华东）, 石油大学（北京）
    if in_brackets or _of_other_places(one.name, other.name):
        return None
    if normal_org_name(one.name) == normal_org_name(other.name):
        return one.vouched and other.vouched, "名称相同"
    former = {normal_org_name(name) for entry in (one, other) for name in _former_names(entry.name)}
    if former & {normal_org_name(one.name), normal_org_name(other.name)}:
        return False, "名称里写了曾用名"
    cores = core_of_name(one.name), core_of_name(other.name)
    why = _alike_names(*cores)
    if not why and one.owner is not None and _alike_colleges(*sorted(cores, key=len)):
        why = "同一所学校的学院，一个名称可能是另一个的简称"
    if not why and one.hints & other.hints:
        why = "联系人和电话相同，可能更过名"
    return (False, why) if why else None


def _of_other_places(*names: str) -> bool:
    """Say whether these are public bodies of two places, neither of which is said to be in the other."""
    if not all(_PUBLIC_BODY.search(name) for name in names):
        return False
    first, second = (_ITS_PLACE.match(simplified(name)) for name in names)
    if first is None or second is None:
        return False
    return first[0] not in second[0] and second[0] not in first[0]


def _alike_names(first: str, second: str) -> str:
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


def _alike_colleges(shorter: str, longer: str) -> bool:
    """Say whether two parts of one school may be one: 材料学院, 材料科学与工程学院."""
    ends = all(name.endswith(("学院", "系")) for name in (shorter, longer))
    return ends and len(longer) > len(shorter) and shorter[:-2] != "" and _leaves_out(longer, shorter)


def _is_shortened_institute(shorter: str, longer: str) -> bool:
    """Say whether a name leaves characters out of another: 宁波材料所, 宁波材料技术与工程研究所."""
    if not (_INSTITUTE.search(shorter) and _INSTITUTE.search(longer) and shorter[:6] == longer[:6]):
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
        field_of_study = _INSTITUTE.search(first) is not None  # 植物研究所, 动物研究所
        return len(differ) == 1 and not set(differ[0]) <= _TELLING and not field_of_study
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))


def _text_of(entry: Entry) -> str:
    text = normal_title(entry.text)
    return text if len(text) >= _SHORTEST_TEXT else ""


def _judge_needs(one: Entry, other: Entry) -> tuple[bool, str] | None:
    first, second = normal_title(one.name), normal_title(other.name)
    same_text = bool(_text_of(one)) and _text_of(one) == _text_of(other)
    if first == second:
        return (True, "名称和内容相同") if same_text else (False, "名称相同，内容不同")
    if same_text:
        return False, "内容相同，名称不同"
    if _shortened(first, second):
        return False, "一个名称是另一个的缩写"
    if likeness(first, second) >= _ALIKE_TITLES:
        return False, "名称相近"
    texts = likeness(normal_title(one.text), normal_title(other.text))
    return (False, "内容相近") if texts >= _ALIKE_TEXTS else None


def _shortened(first: str, second: str) -> bool:
    shorter, longer = sorted((first, second), key=len)
    return len(shorter) >= 6 and shorter in longer


def _achievement_blocks(entry: Entry) -> list[str]:
    title, text = normal_title(entry.name), _text_of(entry)
    return [
        f"title:{title}",
        f"begin:{entry.owner}:{_BEGINNING.sub('', title)[:4]}",
        f"end:{entry.owner}:{title[-6:]}",
        *([f"text:{entry.owner}:{text}"] if text else []),
        *(f"number:{mark}" for mark in entry.marks),
    ]


def _judge_achievements(one: Entry, other: Entry) -> tuple[bool, str] | None:
    first, second = normal_title(one.name), normal_title(other.name)
    if one.marks & other.marks:
        # of two owners of one patent each has its entry: what becomes of them a person says
        same = (one.owner == other.owner, "专利号和名称相同")
        return same if first == second else (False, "专利号相同，名称不同")
    if first == second:
        numbered = bool(one.marks and other.marks)
        if one.owner == other.owner:
            return (False, "名称相同，专利号不同") if numbered else (True, "单位和名称相同")
        return None if numbered else (False, "名称相同，单位不同")
    near = one.owner == other.owner and not (one.marks and other.marks)
    if near and (_shortened(first, second) or likeness(first, second) >= _ALIKE_TITLES):
        return False, "名称相近"
    if near and _text_of(one) and _text_of(one) == _text_of(other):
        return False, "简介相同，名称不同"
    return None


def _judge_people(one: Entry, other: Entry) -> tuple[bool, str] | None:
    shared = one.marks & other.marks
    # an office's number or address is given for many: two colleges' namesakes need a number of their own
    if shared and (one.hints == other.hints or any(_MOBILE.fullmatch(mark) for mark in shared)):
        return True, "姓名、单位和电话（邮箱）相同"
    return False, "同一学校不同学院的同名人员" if one.hints != other.hints else "同一单位的同名人员"


def likeness(first: str, second: str) -> float:
    """Return the share of pairs of neighbouring characters that two texts have in common (Dice)."""
    left, right = _bigrams(first), _bigrams(second)
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


def _bigrams(text: str) -> frozenset[str]:
    return frozenset(text[place : place + 2] for place in range(len(text) - 1))


def contact_marks(*contacts: str) -> frozenset[str]:
    """Return the telephone numbers and addresses in these fields, each in the form that is compared."""
    parts = (part for contact in contacts for part in re.split(r"[、,，;；/]", contact))
    return frozenset(mark for part in parts if (mark := re.sub(r"[\s\-]", "", part).casefold()))
