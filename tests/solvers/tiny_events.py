"""Tiny events of every kind, and the best pairing of each found by trying them all."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from matchmaker.domain.pairing import (
    Ban,
    Candidate,
    ChosenPair,
    Enterprise,
    Expert,
    Need,
    PairingProblem,
    Pin,
    Session,
)

Rank: TypeAlias = tuple[int, int, tuple[int, ...], int]
"""The order of aims, larger is better: served, minima kept, counts by leximin, value."""

_HALF_DAYS = 0.45
_MOST_PAIRS = {True: 7, False: 10}


def tiny_event(seed: int) -> PairingProblem:
    """Return one small event: caps on both sides, minima, pins, bans, half days, crossing caps."""
    dice = random.Random(seed)
    split = dice.random() < _HALF_DAYS
    sessions = _sessions(dice, split=split)

    def there(share: float) -> tuple[int, ...] | None:
        away = dice.random() < share
        return tuple(dice.randint(0, part.slots) for part in sessions) if away else None

    share = 0.5 if split else 0.15 * (len(sessions) == 1)
    firms = tuple(
        Enterprise(
            enterprise_id=key,
            name=f"企业{key}",
            cap=dice.choice([0, 1, 1, 2, 2, 3, 4]),
            open_slots=there(share),
        )
        for key in range(1, dice.randint(1, 5) + 1)
    )
    experts = tuple(
        Expert(
            expert_id=key,
            name=f"专家{key}",
            cap=dice.choice([0, 1, 1, 2, 3, 5]),
            university=dice.choice(["", "东湖大学", "西山大学"]),
            open_slots=there(share),
        )
        for key in range(1, dice.randint(1, 4) + 1)
    )
    needs = tuple(
        Need(
            need_id=10 + number,
            enterprise_id=dice.randint(1, len(firms)),
            title=f"需求{number}",
            cap=dice.choice([0, 1, 1, 1, 2, 3]),
        )
        for number in range(dice.randint(1, 6))
    )
    event = PairingProblem(
        enterprises=firms,
        needs=needs,
        experts=experts,
        candidates=(),
        tables=dice.choice([1, 1, 2, 3]),
        sessions=sessions,
        same_pair_cap=dice.choice([None, 1, 1, 2]),
        university_cap=dice.choice([None, None, 1, 2]),
    )
    return _with_minima(dice, _with_pairs(dice, event, most=_MOST_PAIRS[split]))


def _sessions(dice: random.Random, *, split: bool) -> tuple[Session, ...]:
    if split:
        return tuple(
            Session(name=f"第{n}节", slots=dice.choice([1, 1, 2, 3])) for n in range(dice.choice([2, 2, 3]))
        )
    if dice.random() < 0.2:
        return tuple(Session(name=name, slots=dice.choice([1, 2])) for name in ("上午", "下午"))
    return (Session(name="全天", slots=dice.choice([1, 2, 3, 4])),)


def _with_pairs(dice: random.Random, event: PairingProblem, *, most: int) -> PairingProblem:
    cells = [(need, expert.expert_id) for need in event.needs for expert in event.experts]
    ties = dice.random() < 0.4

    def some(count: int) -> list[tuple[Need, int]]:
        return dice.sample(cells, min(len(cells), count))

    return replace(
        event,
        candidates=tuple(
            Candidate(
                need_id=need.need_id,
                expert_id=expert,
                value=5 if ties else dice.choice([0, 1, 2, 3, 5, 8, 13, 9999, 10000]),
            )
            for need, expert in some(dice.randint(0, most))
        ),
        pins=tuple(
            Pin(need_id=need.need_id, expert_id=expert)
            for need, expert in some(dice.choice([0, 0, 0, 1, 1, 2]))
        ),
        bans=tuple(
            Ban(
                enterprise_id=need.enterprise_id,
                expert_id=expert,
                reason=dice.choice(["同一集团", "已对接过", "已婉拒"]),
                need_id=need.need_id if dice.random() < 0.5 else None,
            )
            for need, expert in some(dice.choice([0, 0, 1, 2, 3]))
        ),
    )


def _with_minima(dice: random.Random, event: PairingProblem) -> PairingProblem:
    if dice.random() < 0.5:
        return event
    rules = _Rules(event)
    return replace(
        event,
        enterprises=tuple(
            replace(one, minimum=min(dice.choice([0, 0, 1, 2, 3]), rules.day(one)))
            for one in event.enterprises
        ),
        experts=tuple(
            replace(one, minimum=min(dice.choice([0, 0, 1, 2]), rules.day(one))) for one in event.experts
        ),
    )


@dataclass(slots=True)
class _Rules:
    """The rules of an event said once more, so that the product's own words for them are not trusted."""

    event: PairingProblem
    used: Counter[tuple[object, ...]] = field(default_factory=Counter)

    def there(self, person: Enterprise | Expert, part: int) -> int:
        slots = self.event.sessions[part].slots
        return slots if person.open_slots is None else min(slots, person.open_slots[part])

    def day(self, person: Enterprise | Expert) -> int:
        return min(person.cap, sum(self.there(person, part) for part in range(len(self.event.sessions))))

    def parts(self) -> list[int | None]:
        missing = any(one.open_slots is not None for one in self.event.people)
        return [*range(len(self.event.sessions))] if missing and len(self.event.sessions) > 1 else [None]

    def caps(
        self, need: Need, firm: Enterprise, expert: Expert, part: int | None
    ) -> Iterator[tuple[tuple[object, ...], int | None]]:
        """Yield everything that one more meeting counts against, with its cap."""
        event = self.event
        yield ("firm", firm.enterprise_id), self.day(firm)
        yield ("expert", expert.expert_id), self.day(expert)
        yield ("need", need.need_id), need.cap
        yield ("hall",), event.tables * sum(one.slots for one in event.sessions)
        yield ("pair", firm.enterprise_id, expert.expert_id), event.same_pair_cap
        if expert.university:
            yield ("home", firm.enterprise_id, expert.university), event.university_cap
        if part is not None:
            yield ("firm part", firm.enterprise_id, part), self.there(firm, part)
            yield ("expert part", expert.expert_id, part), self.there(expert, part)
            yield ("hall part", part), event.tables * event.sessions[part].slots


def best_rank(event: PairingProblem) -> Rank | None:
    """Return the rank of the best pairing there is, None when pins allow none at all."""
    return max((rank(event, pairs) for pairs in all_pairings(event)), default=None)


def most_alone(event: PairingProblem, *, firm: int | None = None, expert: int | None = None) -> int:
    """Return how many meetings somebody could have if nobody else were dealt any beyond the pins."""
    owner = {need.need_id: need.enterprise_id for need in event.needs}

    def own(pair: Candidate | ChosenPair) -> bool:
        return pair.expert_id == expert if firm is None else owner[pair.need_id] == firm

    alone = replace(event, candidates=tuple(filter(own, event.candidates)))
    return max(sum(map(own, pairs)) for pairs in all_pairings(alone))


def all_pairings(event: PairingProblem) -> Iterator[list[ChosenPair]]:
    """Yield every pairing that keeps the rules."""
    firms = {one.enterprise_id: one for one in event.enterprises}
    experts = {one.expert_id: one for one in event.experts}
    needs = {one.need_id: one for one in event.needs}
    values = {(pin.need_id, pin.expert_id): 0 for pin in event.pins}
    values |= {(one.need_id, one.expert_id): one.value for one in event.candidates}
    barred = {
        (need.need_id, ban.expert_id)
        for ban in event.bans
        for need in event.needs
        if need.enterprise_id == ban.enterprise_id and ban.need_id in (None, need.need_id)
    }
    pins = {(pin.need_id, pin.expert_id) for pin in event.pins}
    pairs = [key for key in sorted(values) if key not in barred]
    if pins & barred:
        return
    rules = _Rules(event)
    chosen: list[tuple[int, int]] = []

    def walk(at: int) -> Iterator[list[ChosenPair]]:
        if at == len(pairs):
            yield [_pair(event, key, values[key]) for key in chosen]
            return
        need, expert = needs[pairs[at][0]], experts[pairs[at][1]]
        if pairs[at] not in pins:
            yield from walk(at + 1)
        for part in rules.parts():
            caps = list(rules.caps(need, firms[need.enterprise_id], expert, part))
            if any(cap is not None and rules.used[key] >= cap for key, cap in caps):
                continue
            rules.used.update(key for key, _cap in caps)
            chosen.append(pairs[at])
            yield from walk(at + 1)
            chosen.pop()
            rules.used.subtract(key for key, _cap in caps)

    yield from walk(0)


def _pair(event: PairingProblem, key: tuple[int, int], value: int) -> ChosenPair:
    owner = next(need.enterprise_id for need in event.needs if need.need_id == key[0])
    return ChosenPair(need_id=key[0], enterprise_id=owner, expert_id=key[1], value=value)


def rank(event: PairingProblem, pairs: tuple[ChosenPair, ...] | list[ChosenPair]) -> Rank:
    """Return how good a pairing is by the order of aims."""
    firm_counts = Counter(pair.enterprise_id for pair in pairs)
    expert_counts = Counter(pair.expert_id for pair in pairs)
    missed = sum(max(0, one.minimum - firm_counts[one.enterprise_id]) for one in event.enterprises)
    missed += sum(max(0, one.minimum - expert_counts[one.expert_id]) for one in event.experts)
    counts = sorted(firm_counts[one.enterprise_id] for one in event.enterprises)
    return sum(count > 0 for count in counts), -missed, tuple(counts), sum(pair.value for pair in pairs)


def served(event: PairingProblem) -> int | None:
    """Return how many enterprises could be served if nothing else mattered."""
    free = replace(
        event,
        enterprises=tuple(replace(one, minimum=0) for one in event.enterprises),
        experts=tuple(replace(one, minimum=0) for one in event.experts),
    )
    found = best_rank(free)
    return None if found is None else found[0]


def shuffled(event: PairingProblem, seed: int) -> PairingProblem:
    """Return the same event with its lists in another order."""
    dice = random.Random(seed)
    names = ("enterprises", "needs", "experts", "candidates", "pins", "bans")
    return replace(
        event, **{name: tuple(dice.sample(getattr(event, name), len(getattr(event, name)))) for name in names}
    )
