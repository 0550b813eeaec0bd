"""Why a promised minimum was missed: what keeps a person from it even alone, else that others come first."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from matchmaker.domain.pairing import (
    ChosenPair,
    Enterprise,
    Expert,
    PairingProblem,
    Shortfall,
    allowed_candidates,
    day_cap,
    meeting_counts,
    open_in,
)
from matchmaker.domain.pairing_reasons import meet_sometime
from matchmaker.domain.timetable import Side

MostAlone: TypeAlias = Callable[[PairingProblem, Side, int], int]
"""How many meetings, up to the minimum, somebody has when nobody else is dealt any beyond the pins."""

_Usable: TypeAlias = tuple[int, int, int]
"""Need, enterprise and expert of a pair that could be held if nobody else were there."""


@dataclass(frozen=True, slots=True)
class _Promise:
    """Whom how many meetings were promised."""

    side: Side
    key: int
    minimum: int

    @property
    def firm(self) -> bool:
        return self.side is Side.ENTERPRISE

    def is_of(self, pair: _Usable) -> bool:
        """Whether a pair is one of that person's."""
        return pair[1 if self.firm else 2] == self.key


def explain_shortfalls(
    problem: PairingProblem, pairs: tuple[ChosenPair, ...], most_alone: MostAlone
) -> tuple[Shortfall, ...]:
    """Return every missed minimum with the nearest cause, enterprises first, in id order.

    `most_alone` is asked where no simple count of somebody's partners tells.
    """
    met = dict(zip((Side.ENTERPRISE, Side.EXPERT), meeting_counts(pairs), strict=True))
    people: list[tuple[Side, int, Enterprise | Expert]] = [
        *((Side.ENTERPRISE, one.enterprise_id, one) for one in problem.enterprises),
        *((Side.EXPERT, one.expert_id, one) for one in problem.experts),
    ]
    missed = [(side, key, one) for side, key, one in people if met[side].get(key, 0) < one.minimum]
    if not missed:
        return ()
    hall = _Hall(problem)
    full = _Full(hall, pairs)
    return tuple(
        Shortfall(
            name=one.name,
            minimum=one.minimum,
            met=met[side].get(key, 0),
            reason=_reason(full, _Promise(side, key, one.minimum), most_alone),
            enterprise_id=key if side is Side.ENTERPRISE else None,
            expert_id=key if side is Side.EXPERT else None,
        )
        for side, key, one in sorted(missed, key=lambda entry: entry[:2])
    )


class _Hall:
    """Who could meet whom, by person, and what every meeting counts against."""

    def __init__(self, problem: PairingProblem) -> None:
        self.problem = problem
        self.enterprises = {one.enterprise_id: one for one in problem.enterprises}
        self.experts = {one.expert_id: one for one in problem.experts}
        self.needs = {need.need_id: need for need in problem.needs}
        self.day = {(Side.ENTERPRISE, key): day_cap(problem, one) for key, one in self.enterprises.items()}
        self.day |= {(Side.EXPERT, key): day_cap(problem, one) for key, one in self.experts.items()}
        self.usable: dict[tuple[Side, int], list[_Usable]] = defaultdict(list)
        for pair in allowed_candidates(problem):
            need = self.needs[pair.need_id]
            firm, expert = (Side.ENTERPRISE, need.enterprise_id), (Side.EXPERT, pair.expert_id)
            both = self.enterprises[need.enterprise_id], self.experts[pair.expert_id]
            if need.cap and self.day[firm] and self.day[expert] and meet_sometime(problem, *both):
                found = (need.need_id, need.enterprise_id, pair.expert_id)
                self.usable[firm].append(found)
                self.usable[expert].append(found)

    def caps(self, pair: _Usable, part: int | None) -> Iterator[tuple[tuple[object, ...], int | None]]:
        """Yield what a meeting counts against, with its cap; `part` where the day is dealt in parts."""
        (need_id, firm_id, expert_id), problem = pair, self.problem
        university = self.experts[expert_id].university
        yield ("need", need_id), self.needs[need_id].cap
        yield ("firm", firm_id), self.day[Side.ENTERPRISE, firm_id]
        yield ("expert", expert_id), self.day[Side.EXPERT, expert_id]
        yield ("hall",), problem.seats
        yield ("pair", firm_id, expert_id), problem.same_pair_cap
        yield ("university", firm_id, university), problem.university_cap if university else None
        if part is not None:
            yield ("firm", firm_id, part), open_in(problem, self.enterprises[firm_id], part)
            yield ("expert", expert_id, part), open_in(problem, self.experts[expert_id], part)


class _Full:
    """Which of the caps that only the partners' side can widen the chosen pairs have used up."""

    words: Mapping[object, tuple[str, str]] = {
        "need": ("相关需求的场次已到上限", "提高相关需求的场次上限"),
        "university": ("对接同一院校的场次已到上限", "放宽院校上限"),
        "pair": ("同一对的场次已到上限", "放宽同一企业与同一专家的场次上限"),
    }
    """What is said of each such cap: how it stands, and what would help."""

    def __init__(self, hall: _Hall, pairs: Sequence[ChosenPair]) -> None:
        self.hall = hall
        self.chosen = {(pair.need_id, pair.enterprise_id, pair.expert_id) for pair in pairs}
        self.used = Counter(key for pair in self.chosen for key, _cap in hall.caps(pair, None))

    def nearest(self, pairs: Sequence[_Usable]) -> list[object]:
        """Return such caps that keep out the pair, of those not chosen, which the fewest keep out."""
        free = (pair for pair in pairs if pair not in self.chosen)
        return min((self._reached(pair) for pair in free), key=len, default=[])

    def _reached(self, pair: _Usable) -> list[object]:
        caps = self.hall.caps(pair, None)
        return [
            key[0] for key, cap in caps if key[0] in self.words and cap is not None and self.used[key] >= cap
        ]


@dataclass(slots=True)
class _FirstCome:
    """Meetings taken one after the other as long as no cap is passed."""

    hall: _Hall
    used: Counter[tuple[object, ...]]

    def take(self, pair: _Usable) -> bool:
        parts = range(len(self.hall.problem.sessions)) if self.hall.problem.is_split else (None,)
        for part in parts:
            caps = list(self.hall.caps(pair, part))
            if all(cap is None or self.used[key] < cap for key, cap in caps):
                self.used.update(key for key, _cap in caps)
                return True
        return False


def _is_easy(hall: _Hall, promise: _Promise) -> bool:
    """Say whether first come, first served gets somebody to the minimum, beside the pins."""
    pins = hall.problem.pins
    if pins and hall.problem.is_split:
        return False  # in which part pins are held is the solver's choice
    line = _FirstCome(hall, Counter())
    pinned = [(pin.need_id, hall.needs[pin.need_id].enterprise_id, pin.expert_id) for pin in pins]
    for pair in pinned:
        line.take(pair)
    met = sum(map(promise.is_of, pinned))
    for pair in hall.usable[promise.side, promise.key]:
        if met >= promise.minimum:
            break
        met += pair not in pinned and line.take(pair)
    return met >= promise.minimum


def _reason(full: _Full, promise: _Promise, most_alone: MostAlone) -> str:
    """Return what keeps a person from the minimum even alone in the hall, else that seats are contested."""
    hall = full.hall
    own = hall.usable[promise.side, promise.key]
    partners = Counter(pair[2 if promise.firm else 1] for pair in own)
    if counted := _by_counts(hall, promise, own, partners):
        return counted
    if not _is_easy(hall, promise):
        most = most_alone(hall.problem, promise.side, promise.key)
        if most < promise.minimum:
            return _by_rules(hall.problem, promise, most, most_alone)
    word, one = ("专家", "位") if promise.firm else ("企业", "家")
    there = f"可谈的{word}有 {len(partners)} {one}，但"
    if reached := [full.words[key] for key in full.nearest(own)]:
        stands, helps = ("、".join(said) for said in zip(*reached, strict=True))
        return f"{there}{stands}，轮不到这一场；请{helps}，桌数、时段或对方的场次上限不够时一并增加。"
    return (
        f"{there}席位要先保证更多企业至少谈一场，再兼顾各方保底，"
        "轮不到这一场；请增加桌数、时段或对方的场次上限。"
    )


def _by_counts(hall: _Hall, promise: _Promise, own: Sequence[_Usable], partners: Counter[int]) -> str:
    """Return the reason that one count of partners gives, or nothing."""
    problem, minimum = hall.problem, promise.minimum
    word, one = ("专家", "位") if promise.firm else ("企业", "家")
    if not partners:
        return f"没有可谈的{word}，保底 {minimum} 场无从安排；请补充候选或调低保底。"
    if len(partners) < minimum and problem.same_pair_cap == 1:
        return f"可谈的{word}只有 {len(partners)} {one}，不够保底 {minimum} 场；请补充候选或调低保底。"
    if (most := _most(partners, problem.same_pair_cap)) < minimum:
        return f"可谈的组合最多 {most} 场，不够保底 {minimum} 场；请补充候选或调低保底。"
    per_need = Counter(pair[0] for pair in own)
    if (most := sum(min(count, hall.needs[need].cap) for need, count in per_need.items())) < minimum:
        return (
            f"相关需求的场次上限合计只够 {most} 场，不够保底 {minimum} 场；请提高需求的场次上限或调低保底。"
        )
    if promise.firm and (most := _most_by_university(hall, own)) < minimum:
        return f"同一院校的场次上限使它最多谈 {most} 场，不够保底 {minimum} 场；请放宽院校上限或调低保底。"
    return ""


def _by_rules(problem: PairingProblem, promise: _Promise, most: int, most_alone: MostAlone) -> str:
    """Return whether the pins of others or the hours are in the way, else that it is the rules together."""
    side, key = promise.side, promise.key
    short = f"最多谈 {most} 场，不够保底 {promise.minimum} 场"
    owner = {need.need_id: need.enterprise_id for need in problem.needs}
    own_pins = tuple(
        pin for pin in problem.pins if promise.is_of((pin.need_id, owner[pin.need_id], pin.expert_id))
    )
    if most_alone(replace(problem, pins=own_pins), side, key) >= promise.minimum:
        return f"别的指定配对占去了席位，剩下的{short}；请减少指定的配对、提高对方的场次上限或调低保底。"
    if most_alone(_there_all_day(problem), side, key) >= promise.minimum:
        return f"双方同时到场的时段{short}；请调整到场时间或调低保底。"
    return f"各项场次上限、到场时段和指定的配对合在一起，{short}；请放宽其中一项或调低保底。"


def _there_all_day(problem: PairingProblem) -> PairingProblem:
    return replace(
        problem,
        enterprises=tuple(replace(one, open_slots=None) for one in problem.enterprises),
        experts=tuple(replace(one, open_slots=None) for one in problem.experts),
    )


def _most(counts: Counter[int], cap: int | None) -> int:
    return sum(count if cap is None else min(count, cap) for count in counts.values())


def _most_by_university(hall: _Hall, own: Sequence[_Usable]) -> int:
    counts = Counter(hall.experts[expert_id].university for _need, _enterprise, expert_id in own)
    cap = hall.problem.university_cap
    return sum(min(count, cap) if name and cap is not None else count for name, count in counts.items())
