"""An edited pairing list: how its cells are read, and what it would break.

Some of it cannot be at all (two places at once); rules (caps, bans) somebody may overrule.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from matchmaker.domain.day_rules import OrderKey

PairKey: TypeAlias = tuple[int, int]
"""(need id, achievement id): what a row of the list is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One row of a list: who meets whom about what, when and where if that is known. Slots from 1."""

    key: PairKey
    enterprise_id: int
    expert_id: int
    firm: str
    expert: str
    slot: int | None = None
    table: int | None = None


PlaceOf: TypeAlias = Callable[[Sitting], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The figures a list is held against; `paused` are the slots of pauses with their names."""

    per_enterprise: int
    per_expert: int
    tables: int
    slots: int
    paused: Mapping[int, str] = field(default_factory=dict)


def impossible(sittings: Sequence[Sitting], room: Room) -> dict[PairKey, list[str]]:
    """Return per row what cannot happen: two places at once, no such table or slot, a pause."""
    found: dict[PairKey, list[str]] = {}
    for key, words in (*_outside(sittings, room), *_twice_at_once(sittings)):
        found.setdefault(key, []).append(words)
    return found


def _outside(sittings: Sequence[Sitting], room: Room) -> Iterator[tuple[PairKey, str]]:
    for sitting in sittings:
        if sitting.slot is not None and not 1 <= sitting.slot <= room.slots:
            yield sitting.key, f"本场只有 {room.slots} 个时段，没有第 {sitting.slot} 时段"
        if sitting.slot is not None and sitting.slot in room.paused:
            yield sitting.key, f"第 {sitting.slot} 时段是“{room.paused[sitting.slot]}”，不安排洽谈"
        if sitting.table is not None and not 1 <= sitting.table <= room.tables:
            yield sitting.key, f"本场只有 {room.tables} 张桌，没有 {sitting.table} 号桌"


def _twice_at_once(sittings: Sequence[Sitting]) -> Iterator[tuple[PairKey, str]]:
    for group in _together(sittings, lambda one: ("firm", one.enterprise_id, one.slot)):
        yield from _each(group, f"“{group[0].firm}”在同一时段有 {len(group)} 场")
    for group in _together(sittings, lambda one: ("expert", one.expert_id, one.slot)):
        yield from _each(group, f"专家“{group[0].expert}”在同一时段有 {len(group)} 场")
    for group in _together([one for one in sittings if one.table], lambda one: ("", one.table, one.slot)):
        yield from _each(group, f"{group[0].table} 号桌在同一时段有 {len(group)} 场")


def _together(sittings: Iterable[Sitting], place_of: PlaceOf) -> Iterator[list[Sitting]]:
    """Yield the rows that share a place, where there is more than one; rows without a slot share none."""
    groups: dict[object, list[Sitting]] = {}
    for sitting in sittings:
        if sitting.slot is not None:
            groups.setdefault(place_of(sitting), []).append(sitting)
    yield from (group for group in groups.values() if len(group) > 1)


def _each(group: Sequence[Sitting], words: str) -> Iterator[tuple[PairKey, str]]:
    return ((sitting.key, words) for sitting in group)


def against_rules(
    sittings: Sequence[Sitting],
    room: Room,
    *,
    bans: Mapping[PairKey, str],
    away: Mapping[tuple[str, int], frozenset[int]],
    orders: Iterable[OrderKey] = (),
) -> dict[PairKey, list[str]]:
    """Return per row the rules it breaks: caps, bans, hours somebody cannot come, orders of meetings.

    `away` is by ("enterprise" or "expert", id). A broken cap is told with every row of that person.
    """
    found: dict[PairKey, list[str]] = {}
    broken = (
        *_over_caps(sittings, room),
        *_banned(sittings, bans),
        *_away(sittings, away),
        *out_of_order(sittings, orders),
    )
    for key, words in broken:
        found.setdefault(key, []).append(words)
    return found


def _over_caps(sittings: Sequence[Sitting], room: Room) -> Iterator[tuple[PairKey, str]]:
    for group in _by(sittings, lambda one: one.enterprise_id):
        if len(group) > room.per_enterprise:
            words = f"“{group[0].firm}”共 {len(group)} 场，超过每家企业最多 {room.per_enterprise} 场"
            yield from _each(group, words)
    for group in _by(sittings, lambda one: one.expert_id):
        if len(group) > room.per_expert:
            words = f"专家“{group[0].expert}”共 {len(group)} 场，超过每位专家最多 {room.per_expert} 场"
            yield from _each(group, words)
    for group in _by(sittings, lambda one: (one.enterprise_id, one.expert_id)):
        if len(group) > 1:
            yield from _each(group, f"“{group[0].firm}”与“{group[0].expert}”安排了 {len(group)} 场")


def _by(sittings: Iterable[Sitting], key_of: PlaceOf) -> list[list[Sitting]]:
    groups: dict[object, list[Sitting]] = {}
    for sitting in sittings:
        groups.setdefault(key_of(sitting), []).append(sitting)
    return list(groups.values())


def _banned(sittings: Sequence[Sitting], bans: Mapping[PairKey, str]) -> Iterator[tuple[PairKey, str]]:
    return ((one.key, f"这一对不可配对：{bans[one.key]}") for one in sittings if bans.get(one.key))


def _away(
    sittings: Sequence[Sitting], away: Mapping[tuple[str, int], frozenset[int]]
) -> Iterator[tuple[PairKey, str]]:
    for one in sittings:
        if one.slot in away.get(("enterprise", one.enterprise_id), ()):
            yield one.key, f"“{one.firm}”说过这个时段不方便"
        if one.slot in away.get(("expert", one.expert_id), ()):
            yield one.key, f"专家“{one.expert}”这个时段不方便，或同一时间在别的活动有洽谈"


def out_of_order(sittings: Iterable[Sitting], orders: Iterable[OrderKey]) -> Iterator[tuple[PairKey, str]]:
    """Yield both rows of each order that their slots do not keep."""
    rows = {(one.key[0], one.expert_id): one for one in sittings if one.slot is not None}
    for before, after in orders:
        earlier, later = rows.get(before), rows.get(after)
        if earlier and later and (earlier.slot or 0) >= (later.slot or 0):
            words = f"“{earlier.firm} × {earlier.expert}”要排在“{later.firm} × {later.expert}”之前"
            yield from _each((earlier, later), words)
