"""Why an enterprise has no meeting and why a minimum was missed, in words a clerk can act on."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from matchmaker.domain.pairing import (
    ChosenPair,
    Enterprise,
    Expert,
    PairingProblem,
    Shortfall,
    Unserved,
    allowed_candidates,
    day_cap,
    meeting_counts,
    open_in,
)

# A sentence names this many people before it goes on with 等.
NAMES_SHOWN = 6


@dataclass(slots=True)
class _Links:
    """Who could give whom a first meeting once the pinned meetings are taken as given."""

    reachable: dict[int, list[int]]
    """Expert ids per enterprise id: candidates with a free seat and a common session."""
    seats: dict[int, int]
    """Seats per expert id that no pin has taken."""
    seats_in_all: int


def explain_unserved(problem: PairingProblem, pairs: tuple[ChosenPair, ...]) -> tuple[Unserved, ...]:
    """Return the reason for every enterprise without a meeting, in id order.

    `pairs` must serve as many enterprises as can be; the Hall groups are true only then.
    """
    served = {pair.enterprise_id for pair in pairs}
    waiting = [enterprise for enterprise in problem.enterprises if enterprise.enterprise_id not in served]
    if not waiting:
        return ()
    choices = _Choices(problem)
    plain = {enterprise.enterprise_id: _plain_reason(problem, choices, enterprise) for enterprise in waiting}
    short = sorted(enterprise_id for enterprise_id, reason in plain.items() if reason is None)
    reasons = [unserved for unserved in plain.values() if unserved]
    reasons += _seat_reasons(problem, pairs, _links(problem), short)
    return tuple(sorted(reasons, key=lambda unserved: unserved.enterprise_id))


def explain_shortfalls(problem: PairingProblem, pairs: tuple[ChosenPair, ...]) -> tuple[Shortfall, ...]:
    """Return every missed minimum with the nearest cause."""
    by_enterprise, by_expert = meeting_counts(pairs)
    per_enterprise, per_expert = _candidate_counts(problem)
    found = []
    for enterprise in problem.enterprises:
        met = by_enterprise.get(enterprise.enterprise_id, 0)
        if met < enterprise.minimum:
            reason = _shortfall_reason(per_enterprise[enterprise.enterprise_id], enterprise.minimum, "专家")
            found.append(
                Shortfall(
                    name=enterprise.name,
                    minimum=enterprise.minimum,
                    met=met,
                    reason=reason,
                    enterprise_id=enterprise.enterprise_id,
                )
            )
    for expert in problem.experts:
        met = by_expert.get(expert.expert_id, 0)
        if met < expert.minimum:
            reason = _shortfall_reason(per_expert[expert.expert_id], expert.minimum, "企业")
            found.append(
                Shortfall(
                    name=expert.name,
                    minimum=expert.minimum,
                    met=met,
                    reason=reason,
                    expert_id=expert.expert_id,
                )
            )
    return tuple(found)


def _shortfall_reason(partners: int, minimum: int, word: str) -> str:
    if partners < minimum:
        return f"可谈的{word}只有 {partners} 位，不够保底 {minimum} 场；请补充候选或调低保底。"
    return (
        f"可谈的{word}有 {partners} 位，但席位要先保证更多企业至少谈一场；请增加桌数、时段或对方的场次上限。"
    )


def _candidate_counts(problem: PairingProblem) -> tuple[dict[int, int], dict[int, int]]:
    enterprise_of = {need.need_id: need.enterprise_id for need in problem.needs}
    links = {(enterprise_of[pair.need_id], pair.expert_id) for pair in allowed_candidates(problem)}
    per_enterprise: dict[int, int] = defaultdict(int)
    per_expert: dict[int, int] = defaultdict(int)
    for enterprise_id, expert_id in links:
        per_enterprise[enterprise_id] += 1
        per_expert[expert_id] += 1
    return per_enterprise, per_expert


class _Choices:
    """Per enterprise: its needs, whether it had candidates, and the experts no ban forbids."""

    def __init__(self, problem: PairingProblem) -> None:
        self.owner = {need.need_id: need.enterprise_id for need in problem.needs if need.cap > 0}
        self.with_candidates = {
            self.owner[pair.need_id] for pair in problem.candidates if pair.need_id in self.owner
        }
        self.allowed: dict[int, set[int]] = defaultdict(set)
        for pair in allowed_candidates(problem):
            if pair.need_id in self.owner:
                self.allowed[self.owner[pair.need_id]].add(pair.expert_id)


def _plain_reason(problem: PairingProblem, choices: _Choices, enterprise: Enterprise) -> Unserved | None:
    """Return the reason that concerns this enterprise alone, or None when seats are the matter."""
    name, enterprise_id = enterprise.name, enterprise.enterprise_id
    allowed = choices.allowed[enterprise_id]
    experts = [expert for expert in problem.experts if expert.expert_id in allowed]
    if day_cap(problem, enterprise) == 0:
        code, reason = "no_cap", f"“{name}”的场次上限为 0 或全程不到场。"
    elif enterprise_id not in choices.owner.values():
        code, reason = "no_need", f"“{name}”没有参加本次对接的需求，请先选入需求。"
    elif enterprise_id not in choices.with_candidates:
        code, reason = (
            "no_candidate",
            f"“{name}”的需求没有候选成果，请补充成果或放宽匹配条件。",
        )
    elif not allowed:
        code, reason = "all_banned", _banned_words(problem, name, enterprise_id)
    elif not any(day_cap(problem, expert) for expert in experts):
        code, reason = (
            "experts_closed",
            f"“{name}”的候选专家场次上限都为 0 或全程不到场。",
        )
    elif not any(_meet_sometime(problem, enterprise, expert) for expert in experts):
        code, reason = (
            "never_together",
            f"“{name}”与候选专家到场的半场全部错开，请调整到场时间。",
        )
    else:
        return None
    return Unserved(enterprise_id=enterprise_id, code=code, reason=reason)


def _meet_sometime(problem: PairingProblem, enterprise: Enterprise, expert: Expert) -> bool:
    return any(
        open_in(problem, enterprise, session) and open_in(problem, expert, session)
        for session in range(len(problem.sessions))
    )


def _banned_words(problem: PairingProblem, name: str, enterprise_id: int) -> str:
    reasons = sorted({ban.reason for ban in problem.bans if ban.enterprise_id == enterprise_id})
    return f"“{name}”的候选全部被排除（{'、'.join(reasons)}），请补充候选或撤销部分排除。"


def _links(problem: PairingProblem) -> _Links:
    enterprises = {enterprise.enterprise_id: enterprise for enterprise in problem.enterprises}
    experts = {expert.expert_id: expert for expert in problem.experts}
    need_cap = {need.need_id: need.cap for need in problem.needs}
    owner = {need.need_id: need.enterprise_id for need in problem.needs}
    seats = {expert_id: day_cap(problem, expert) for expert_id, expert in experts.items()}
    for pin in problem.pins:
        seats[pin.expert_id] -= 1
    reachable: dict[int, set[int]] = defaultdict(set)
    for pair in allowed_candidates(problem):
        enterprise, expert = enterprises[owner[pair.need_id]], experts[pair.expert_id]
        usable = need_cap[pair.need_id] and day_cap(problem, enterprise) and day_cap(problem, expert)
        if usable and _meet_sometime(problem, enterprise, expert):
            reachable[enterprise.enterprise_id].add(expert.expert_id)
    return _Links(
        reachable={enterprise_id: sorted(found) for enterprise_id, found in reachable.items()},
        seats=seats,
        seats_in_all=problem.seats - len(problem.pins),
    )


def _seat_reasons(
    problem: PairingProblem,
    pairs: tuple[ChosenPair, ...],
    links: _Links,
    short: list[int],
) -> list[Unserved]:
    """Explain enterprises that have experts to meet but no seat.

    One meeting of each served enterprise is its first seat; starting from an unserved enterprise
    we follow candidate links to experts and from an expert to the enterprises seated there. As
    nobody more can be served, every expert reached is full of first seats: a Hall group.
    """
    pinned = {pair.enterprise_id for pair in pairs if pair.pinned}
    first_seats = _first_seats(pairs, pinned)
    if len(first_seats) >= links.seats_in_all:
        return [_no_seats_at_all(problem, enterprise_id) for enterprise_id in short]
    guests: dict[int, list[int]] = defaultdict(list)
    for enterprise_id, expert_id in sorted(first_seats.items()):
        guests[expert_id].append(enterprise_id)
    groups = [_reach(links, guests, enterprise_id) for enterprise_id in short]
    # Overlapping groups are one shortage: together they still want more seats than there are.
    return [
        _hall(problem, links, enterprise_id, *_grown(group, groups))
        for enterprise_id, group in zip(short, groups, strict=True)
    ]


def _first_seats(pairs: tuple[ChosenPair, ...], pinned: set[int]) -> dict[int, int]:
    seats: dict[int, int] = {}
    for pair in pairs:
        if pair.enterprise_id not in pinned:
            seats.setdefault(pair.enterprise_id, pair.expert_id)
    return seats


_Group: TypeAlias = tuple[set[int], set[int]]


def _reach(links: _Links, guests: dict[int, list[int]], start: int) -> _Group:
    enterprises, experts, waiting = {start}, set[int](), [start]
    while waiting:
        for expert_id in links.reachable.get(waiting.pop(), ()):
            if expert_id not in experts:
                experts.add(expert_id)
                fresh = [guest for guest in guests.get(expert_id, ()) if guest not in enterprises]
                enterprises.update(fresh)
                waiting.extend(fresh)
    return enterprises, experts


def _grown(group: _Group, groups: Iterable[_Group]) -> _Group:
    """Return the union of a group with every group that shares an expert with it, step by step."""
    enterprises, experts = set(group[0]), set(group[1])
    rest = [other for other in groups if other is not group]
    while touching := [other for other in rest if other[1] & experts]:
        for other in touching:
            enterprises |= other[0]
            experts |= other[1]
        rest = [other for other in rest if not other[1] <= experts]
    return enterprises, experts


def _hall(
    problem: PairingProblem,
    links: _Links,
    enterprise_id: int,
    enterprises: set[int],
    experts: set[int],
) -> Unserved:
    seats = sum(links.seats[expert_id] for expert_id in experts)
    names = _named([expert.name for expert in problem.experts if expert.expert_id in experts])
    if seats >= len(enterprises):
        # Only with sessions: the seats exist on paper, at times when the enterprises are away.
        return Unserved(
            enterprise_id=enterprise_id,
            code="sessions_clash",
            reason=f"能谈的专家（{names}）与这些企业同时在场的席位已排满，请调整到场时间或增加场次。",
        )
    pinned = sum(1 for pin in problem.pins if pin.expert_id in experts)
    less = f"（已扣除人工指定的 {pinned} 场）" if pinned else ""
    who = "这家企业" if len(enterprises) == 1 else f"这 {len(enterprises)} 家企业"
    return Unserved(
        enterprise_id=enterprise_id,
        code="seats_short",
        reason=(
            f"{who}只能对接这 {len(experts)} 位专家（{names}），而他们一共只有 {seats} 个席位{less}；"
            "请提高这些专家的场次上限或补充候选。"
        ),
        enterprise_ids=tuple(sorted(enterprises)),
        expert_ids=tuple(sorted(experts)),
        seats=seats,
    )


def _no_seats_at_all(problem: PairingProblem, enterprise_id: int) -> Unserved:
    return Unserved(
        enterprise_id=enterprise_id,
        code="event_full",
        reason=(
            f"全场 {problem.tables} 张桌 × {problem.slots} 个时段只有 {problem.seats} 个席位，"
            "已全部用于让别的企业各谈至少一场；请增加桌数或时段。"
        ),
        seats=problem.seats,
    )


def _named(names: list[str]) -> str:
    shown = "、".join(names[:NAMES_SHOWN])
    return f"{shown}等" if len(names) > NAMES_SHOWN else shown
