"""The day cut into parts in which everybody is there throughout or not at all.

Over the whole day the pairing counts only how many slots each person has. Who is there when begins to
matter where two want the same hour: then meetings are dealt out to the parts, and every part has a
timetable (König), so that each meeting chosen also finds its place.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from matchmaker.domain.pairing import Enterprise, Expert, PairingProblem, Session
from matchmaker.domain.timetable import Person, Presence, Side


def in_parts(
    problem: PairingProblem, presences: Sequence[Presence], *, slots: Collection[int]
) -> PairingProblem:
    """Return the same question asked part by part; `slots` (from 0) are those in which meetings may be."""
    there: dict[Person, frozenset[int]] = {(one.side, one.person_id): one.slots for one in presences}
    parts: dict[tuple[bool, ...], list[int]] = {}
    for slot in sorted(slots):
        parts.setdefault(tuple(slot in own for own in there.values()), []).append(slot)
    days = list(parts.values())

    def counted(side: Side, key: int) -> tuple[int, ...] | None:
        own = there.get((side, key))
        return None if own is None else tuple(sum(slot in own for slot in part) for part in days)

    def firm(one: Enterprise) -> Enterprise:
        return replace(one, open_slots=counted(Side.ENTERPRISE, one.enterprise_id))

    def expert(one: Expert) -> Expert:
        return replace(one, open_slots=counted(Side.EXPERT, one.expert_id))

    return replace(
        problem,
        enterprises=tuple(map(firm, problem.enterprises)),
        experts=tuple(map(expert, problem.experts)),
        sessions=tuple(
            Session(name="、".join(f"第 {slot + 1} 时段" for slot in part), slots=len(part)) for part in days
        ),
    )
