"""Why an enterprise has no meeting, in words a clerk can act on."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from matchmaker.domain.pairing import (
    ChosenPair,
    Enterprise,
    Expert,
    PairingProblem,
    Unserved,
    allowed_candidates,
    day_cap,
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
        code, reason = "no_need", f"“{name}”没有参加本次对接、场次上限不为 0 的需求，请先选入需求。"
    elif enterprise_id not in choices.with_candidates:
        code, reason = (
            "no_candidate",
            f"“{name}”的需求没有候选成果，请补充成果或放宽匹配条件。",
        )
    elif not allowed:
        code, reason = "all_banned", _banned_words(problem, name, enterprise_id)
    elif not (present := [expert for expert in experts if day_cap(problem, expert)]):
        code, reason = (
            "experts_closed",
            f"“{name}”的候选专家场次上限都为 0 或全程不到场。",
        )
    elif not any(meet_sometime(problem, enterprise, expert) for expert in present):
        code, reason = (
            "never_together",
            f"“{name}”与候选专家到场的时段全部错开，请调整到场时间。",
        )
    else:
        return None
    return Unserved(enterprise_id=enterprise_id, code=code, reason=reason)


def meet_sometime(problem: PairingProblem, enterprise: Enterprise, expert: Expert) -> bool:
    """Say whether there is a part of the day in which both are there."""
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
        if usable and meet_sometime(problem, enterprise, expert):
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

    One meeting of each served enterprise is its first seat. Where the hall is full of first seats, more
    seats would serve those who still find one with an expert. For the others we follow candidate links
    from the enterprise to experts and from an expert to the enterprises seated there: as nobody more
    can be served, every expert reached is full of first seats, a Hall group.
    """
    pinned = {pair.enterprise_id for pair in pairs if pair.pinned}
    first_seats = _first_seats(pairs, pinned)
    full = len(first_seats) >= links.seats_in_all
    outside = _seated_in_a_larger_hall(links, first_seats, short) if full else set[int]()
    guests: dict[int, list[int]] = defaultdict(list)
    for enterprise_id, expert_id in sorted(first_seats.items()):
        guests[expert_id].append(enterprise_id)
    waiting = [enterprise_id for enterprise_id in short if enterprise_id not in outside]
    groups = [_reach(links, guests, enterprise_id) for enterprise_id in waiting]
    # Overlapping groups are one shortage: together they still want more seats than there are.
    return [
        *(_no_seats_at_all(problem, enterprise_id) for enterprise_id in sorted(outside)),
        *(
            _hall(problem, links, enterprise_id, *_grown(group, groups), full=full)
            for enterprise_id, group in zip(waiting, groups, strict=True)
        ),
    ]


def _seated_in_a_larger_hall(links: _Links, first_seats: dict[int, int], short: list[int]) -> set[int]:
    """Return who of the unserved would find an expert if only the hall had more seats.

    Adds them to `first_seats`, moving others along as needed (augmenting paths).
    """
    taken: dict[int, set[int]] = defaultdict(set)
    for enterprise_id, expert_id in first_seats.items():
        taken[expert_id].add(enterprise_id)
    found = set()
    for start in short:
        came_from: dict[int, int] = {}
        waiting, free = [start], None
        while waiting and free is None:
            enterprise_id = waiting.pop(0)
            for expert_id in links.reachable.get(enterprise_id, ()):
                if expert_id in came_from:
                    continue
                came_from[expert_id] = enterprise_id
                if len(taken[expert_id]) < links.seats[expert_id]:
                    free = expert_id
                    break
                waiting += sorted(taken[expert_id])
        if free is not None:
            found.add(start)
            _shift(first_seats, taken, came_from, free)
    return found


def _shift(
    first_seats: dict[int, int], taken: dict[int, set[int]], came_from: dict[int, int], free: int
) -> None:
    """Give the free seat to whoever led there, the seat left by that one to who led to it, and so on."""
    expert_id: int | None = free
    while expert_id is not None:
        enterprise_id = came_from[expert_id]
        left = first_seats.get(enterprise_id)
        first_seats[enterprise_id] = expert_id
        taken[expert_id].add(enterprise_id)
        if left is not None:
            taken[left].remove(enterprise_id)
        expert_id = left


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
    *,
    full: bool,
) -> Unserved:
    seats = sum(links.seats[expert_id] for expert_id in experts)
    if seats >= len(enterprises):
        # Only with sessions: the seats exist on paper, at times when the enterprises are away.
        return _no_common_seat(problem, links, enterprise_id)
    named = [expert for expert in problem.experts if expert.expert_id in experts]
    names = _named([expert.name for expert in named])
    pinned = sum(1 for pin in problem.pins if pin.expert_id in experts)
    less = f"（已扣除人工指定的 {pinned} 场）" if pinned else ""
    who = "这家企业" if len(enterprises) == 1 else f"这 {len(enterprises)} 家企业"
    return Unserved(
        enterprise_id=enterprise_id,
        code="seats_short",
        reason=(
            f"{who}只能对接这 {len(experts)} 位专家（{names}），而他们一共只有 {seats} 个席位{less}；"
            f"{_more_seats(problem, named, full=full)}"
        ),
        enterprise_ids=tuple(sorted(enterprises)),
        expert_ids=tuple(sorted(experts)),
        seats=seats,
    )


def _more_seats(problem: PairingProblem, named: list[Expert], *, full: bool) -> str:
    """Say what would give the named experts more seats: a higher cap only where it is the cap that binds."""
    capped = any(expert.cap < _present(problem, expert) for expert in named)
    how = "提高这些专家的场次上限" if capped else "增加这些专家在场的时段"
    if problem.is_split:
        # A seat more helps only at a time when the enterprises are there.
        how = "放宽这些专家的场次上限、让双方在相同时段到场"
    return f"请{how}或补充候选{'，并增加桌数（全场席位也已用完）' if full else ''}。"


def _present(problem: PairingProblem, expert: Expert) -> int:
    return sum(open_in(problem, expert, session) for session in range(len(problem.sessions)))


def _no_common_seat(problem: PairingProblem, links: _Links, enterprise_id: int) -> Unserved:
    name = next(one.name for one in problem.enterprises if one.enterprise_id == enterprise_id)
    own = links.reachable[enterprise_id]
    names = _named([expert.name for expert in problem.experts if expert.expert_id in own])
    return Unserved(
        enterprise_id=enterprise_id,
        code="sessions_clash",
        reason=(
            f"“{name}”能谈的专家（{names}）与它同时在场的时段里，专家或桌位都已排满，"
            "让给它就有别的企业谈不上；请调整到场时间，或增加这些时段的桌数、专家的场次上限。"
        ),
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
