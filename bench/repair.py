"""Mend timetables at one third of the day: python bench/repair.py [--sizes S M L].

Prints, per mishap, the share of the remaining meetings moved or lost and the seconds it took.
"""

import argparse
import random
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.instances import make_event
from bench.pairing import SIZES, SLOTS, day_of, meetings_of
from matchmaker.domain.pairing import PairingProblem
from matchmaker.domain.timetable import Meeting, Person, Placement, Presence, Side, TimetableProblem
from matchmaker.domain.timetable_check import check_timetable
from matchmaker.solvers.pairing import solve_pairing
from matchmaker.solvers.repair import repair_timetable
from matchmaker.solvers.timetable import place_timetable

NOW = SLOTS // 3
SEED = 1


def busiest(problem: TimetableProblem, side: Side, count: int) -> list[int]:
    """Return the ids with the most meetings on one side."""
    people: list[Person] = [person for one in problem.meetings for person in one.people if person[0] is side]
    return [person_id for (_, person_id), _ in Counter(people).most_common(count)]


def some(problem: TimetableProblem, side: Side, count: int) -> list[int]:
    """Return ids drawn evenly from one side."""
    ids = sorted({person[1] for one in problem.meetings for person in one.people if person[0] is side})
    return random.Random(SEED).sample(ids, min(count, len(ids)))


def away(problem: TimetableProblem, side: Side, ids: list[int], *, back: int) -> TimetableProblem:
    """Return the problem with people missing from now until a slot."""
    slots = frozenset(slot for slot in range(problem.slot_count) if slot < NOW or slot >= back)
    presences = tuple(Presence(side=side, person_id=person_id, slots=slots) for person_id in ids)
    return replace(problem, presences=problem.presences + presences)


def mishaps(event: PairingProblem, problem: TimetableProblem) -> dict[str, TimetableProblem]:
    few = max(1, len(event.experts) * 3 // 100)
    lost = problem.tables[-max(1, len(problem.tables) * 5 // 100) :]
    newcomer = Meeting(meeting_id=10**6, enterprise_id=10**6, expert_id=busiest(problem, Side.EXPERT, 1)[0])
    return {
        "busiest expert missing": away(problem, Side.EXPERT, busiest(problem, Side.EXPERT, 1), back=SLOTS),
        "3% of experts missing": away(problem, Side.EXPERT, some(problem, Side.EXPERT, few), back=SLOTS),
        "busiest enterprise 3 slots late": away(
            problem, Side.ENTERPRISE, busiest(problem, Side.ENTERPRISE, 1), back=NOW + 3
        ),
        "3% of experts 2 slots late": away(
            problem, Side.EXPERT, some(problem, Side.EXPERT, few), back=NOW + 2
        ),
        "5% of tables lost": replace(
            problem,
            closed_tables=frozenset((table, slot) for table in lost for slot in range(NOW, SLOTS)),
        ),
        "one walk-in": replace(problem, meetings=(*problem.meetings, newcomer)),
    }


def mend(name: str, problem: TimetableProblem, published: tuple[Placement, ...]) -> None:
    began = time.perf_counter()
    result = repair_timetable(problem, published=published, now_slot=NOW)
    seconds = time.perf_counter() - began
    past = {one for one in published if one.slot < NOW}
    wrong = check_timetable(problem, result) or ([] if past <= set(result.placements) else ["past changed"])
    remaining = len(published) - len(past)
    moved_slot = {one.meeting_id: one.slot for one in published}
    slot_moves = sum(moved_slot.get(one.meeting_id, one.slot) != one.slot for one in result.placements)
    print(
        f"  {name:32} new slot {100 * slot_moves / remaining:5.2f} %  new table or slot "
        f"{100 * len(result.moved) / remaining:5.2f} %  lost {len(result.unplaced):3} "
        f"{seconds:5.2f} s {wrong[:2] or ''}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["S", "M", "L"])
    options = parser.parse_args()
    for size in options.sizes:
        needs, experts, per_need, tables = SIZES[size]
        event = make_event(
            needs=needs, experts=experts, per_need=per_need, seed=1, tables=tables, slots=SLOTS
        )
        problem = day_of(event, meetings_of(solve_pairing(event).pairs))
        published = place_timetable(problem, limit_seconds=2).placements
        print(f"{size}: {len(published)} meetings, {tables} tables, {SLOTS} slots, now slot {NOW}")
        for name, changed in mishaps(event, problem).items():
            mend(name, changed, published)


if __name__ == "__main__":
    main()
