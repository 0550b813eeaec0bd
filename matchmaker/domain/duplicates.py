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

from matchmaker.domain.identifiers import normal_org_name, normal_title
from matchmaker.domain.organisation_names import (
    alike_colleges,
    alike_names,
    core_of_name,
    former_names,
    is_institute,
    name_two,
    of_other_towns_or_trades,
)
from matchmaker.domain.telling import of_two_things

_LARGEST_BLOCK = 200
_SHORTEST_TEXT = 30
_MOST_OF_ONE_TEXT = 3
_ALIKE_TITLES = 0.75
_ALIKE_TEXTS = 0.8
_MOBILE = re.compile(r"1[3-9]\d{9}")
_BEGINNING = re.compile(r"^(?:一种|一类|一套|基于|面向|用于|关于|新型)")


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


def _organisation_blocks(entry: Entry) -> list[str]:
    core = core_of_name(entry.name)
    named = [f"name:{normal_org_name(name)}" for name in (entry.name, *former_names(entry.name))]
    if len(core) >= 2:
        named.append(f"core:{core}")
    if len(core) >= 4:  # one character more, less or other
        named += [f"near:{core[:place]}{core[place + 1 :]}" for place in range(len(core))]
        named += [f"near:{core}", f"end:{core[-4:]}"]
    if len(core) >= 7 and is_institute(core):
        named.append(f"begin:{core[:6]}")
    return [*named, *(f"hint:{hint}" for hint in entry.hints)]


def _judge_organisations(one: Entry, other: Entry) -> tuple[bool, str] | None:
    if one.owner != other.owner or (one.marks and other.marks and one.marks != other.marks):
        return None
    former = {normal_org_name(name) for entry in (one, other) for name in former_names(entry.name)}
    if former & {normal_org_name(one.name), normal_org_name(other.name)}:
        return False, "名称里写了曾用名"
    if name_two(one.name, other.name):
        return None
    if normal_org_name(one.name) == normal_org_name(other.name):
        return one.vouched and other.vouched, "名称相同"
    cores = core_of_name(one.name), core_of_name(other.name)
    why = "" if of_other_towns_or_trades(one.name, other.name) else alike_names(*cores)
    if not why and one.owner is not None and alike_colleges(*sorted(cores, key=len)):
        why = "同一所学校的学院，一个名称可能是另一个的简称"
    if not why and one.hints & other.hints:
        why = "联系人和电话相同，可能更过名"
    return (False, why) if why else None


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
    if of_two_things(first, second):
        return None
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
    if (
        near
        and not of_two_things(first, second)
        and (_shortened(first, second) or likeness(first, second) >= _ALIKE_TITLES)
    ):
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
