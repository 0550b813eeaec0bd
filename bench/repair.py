"""Mend timetables at one third of the day: python bench/repair.py [--sizes S M L] [--desk].

Prints per mishap how many meetings it hits, how many others move because of it (as a share of what
remains), how many are lost and replaced, the seconds of the repair and of the replacements, and why a
walk-in gets no place.
`--desk` asks the desk itself about a hall of 900 meetings in a database of its own: everything
between the press of a button and the proposal on the page. The solver is loaded before, as the desk's
page does when somebody opens it.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
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
from matchmaker.solvers.replacements import find_replacements
from matchmaker.solvers.timetable import place_timetable

NOW = SLOTS // 3
SEED = 1
NEW = 10**6
REPAIR_SECONDS, REPLACEMENT_SECONDS = 1.3, 0.4  # as the desk has them


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


def busiest_with_room(problem: TimetableProblem, published: Iterable[Placement]) -> int:
    """Return the expert with the most meetings of those who have a slot left; asking others is in vain."""
    meetings = {one.meeting_id: one for one in problem.meetings}
    ahead = Counter(meetings[one.meeting_id].expert_id for one in published if one.slot >= NOW)
    ranked = busiest(problem, Side.EXPERT, len(problem.meetings))
    return next(expert_id for expert_id in ranked if ahead[expert_id] < SLOTS - NOW)


def mishaps(
    event: PairingProblem, problem: TimetableProblem, published: Iterable[Placement]
) -> dict[str, TimetableProblem]:
    few = max(1, len(event.experts) * 3 // 100)
    lost = problem.tables[-max(1, len(problem.tables) * 5 // 100) :]
    newcomer = Meeting(meeting_id=NEW, enterprise_id=NEW, expert_id=busiest_with_room(problem, published))
    return {
        "busiest expert missing": away(problem, Side.EXPERT, busiest(problem, Side.EXPERT, 1), back=SLOTS),
        "3% of experts missing": away(problem, Side.EXPERT, some(problem, Side.EXPERT, few), back=SLOTS),
        "busiest enterprise 3 slots late": away(
            problem, Side.ENTERPRISE, busiest(problem, Side.ENTERPRISE, 1), back=NOW + 3
        ),
        "3% of experts 2 slots late": away(
            problem, Side.EXPERT, some(problem, Side.EXPERT, few), back=NOW + 2
        ),
        "one table lost": without_tables(problem, problem.tables[-1:]),
        "5% of tables lost": without_tables(problem, lost),
        "one walk-in": replace(problem, meetings=(*problem.meetings, newcomer)),
    }


def without_tables(problem: TimetableProblem, tables: Iterable[int]) -> TimetableProblem:
    """Return the problem with tables closed from now on."""
    closed = frozenset((table, slot) for table in tables for slot in range(NOW, SLOTS))
    return replace(problem, closed_tables=closed)


def directly_hit(problem: TimetableProblem, published: Iterable[Placement]) -> set[int]:
    """Return the meetings that cannot stay where they are: somebody is away or the table is closed."""
    meetings, open_slots = {one.meeting_id: one for one in problem.meetings}, problem.open_slots()
    return {
        one.meeting_id
        for one in published
        if one.slot >= NOW
        and (
            (one.table, one.slot) in problem.closed_tables
            or any(one.slot not in open_slots[person] for person in meetings[one.meeting_id].people)
        )
    }


def spare_meetings(
    event: PairingProblem, problem: TimetableProblem, lost: tuple[Meeting, ...]
) -> tuple[Meeting, ...]:
    """Return candidate pairs of those who lost a meeting that are not on the timetable yet."""
    owner = {need.need_id: need.enterprise_id for need in event.needs}
    there = {(one.enterprise_id, one.expert_id) for one in problem.meetings}
    freed = {person for meeting in lost for person in meeting.people}
    found = []
    for candidate in sorted(event.candidates, key=lambda one: (-one.value, one.need_id, one.expert_id)):
        pair = (owner[candidate.need_id], candidate.expert_id)
        if pair not in there and freed & {(Side.ENTERPRISE, pair[0]), (Side.EXPERT, pair[1])}:
            there.add(pair)
            found.append((*pair, candidate.value))
    return tuple(
        Meeting(meeting_id=2 * NEW + n, enterprise_id=firm, expert_id=expert, weight=1 + value)
        for n, (firm, expert, value) in enumerate(found[:400])
    )


def mend(
    name: str, event: PairingProblem, problem: TimetableProblem, published: tuple[Placement, ...]
) -> None:
    began = time.perf_counter()
    known = {one.meeting_id for one in published}
    result = repair_timetable(
        problem,
        published=published,
        now_slot=NOW,
        extra={one.meeting_id for one in problem.meetings} - known,
        limit_seconds=REPAIR_SECONDS,
    )
    middle = time.perf_counter()
    past = {one for one in published if one.slot < NOW}
    wrong = check_timetable(problem, result) or ([] if past <= set(result.placements) else ["past changed"])
    gone = {one.meeting_id for one in result.unplaced}
    lost = tuple(one for one in problem.meetings if one.meeting_id in gone)
    spare = spare_meetings(event, problem, lost)
    again = time.perf_counter()
    found = find_replacements(
        problem,
        placements=result.placements,
        spare=spare,
        lost=lost,
        now_slot=NOW,
        limit_seconds=REPLACEMENT_SECONDS,
    )
    ended = time.perf_counter()
    remaining, hit = len(published) - len(past), directly_hit(problem, published)
    after = {one.meeting_id: one for one in result.placements}
    beyond = sum(after.get(one.meeting_id) != one for one in published if one.meeting_id not in hit)
    print(
        f"  {name:32} hit {len(hit):3}  others moved {beyond:3} = {100 * beyond / remaining:5.2f} %  "
        f"lost {len(lost):3}  replaced {len(found):3}  {middle - began:5.2f} + {ended - again:4.2f} s "
        f"{wrong[:2] or ''}{''.join(one.reason for one in result.unplaced if one.meeting_id == NEW)}",
        flush=True,
    )


def ask_the_desk() -> None:
    """Print what the desk itself takes for a hall of 900 meetings, from the press to the proposal."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    from desk_cast import ORGANISER, make_hall

    from matchmaker.domain.desk import StepKind, clashes
    from matchmaker.services.desk import open_desk
    from matchmaker.services.desk_confirm import confirm
    from matchmaker.services.desk_repair import Mishap, propose
    from matchmaker.solvers.assigning import load_solver
    from matchmaker.store import schema
    from matchmaker.store.engine import Database
    from matchmaker.store.tables import DeskProposal

    print(f"solver loaded in {load_solver():.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/hall.db")
        schema.migrate(database)
        with database.writing() as session:
            hall = make_hall(session, firms=300, experts=140, slots=16, tables=70, per_firm=3)
        with database.reading() as session:
            desk = open_desk(session, ORGANISER, hall.event)
        print(f"desk: {len(desk.sittings)} meetings, {len(desk.tables)} tables, {desk.slot_count} slots")
        for name, mishap in {
            "expert missing": Mishap(kind=StepKind.ABSENT, who=f"expert-{hall.experts[0]}"),
            "enterprise 45 minutes late": Mishap(
                kind=StepKind.LATE, who=f"enterprise-{hall.firms[9]}", minutes=45
            ),
            "table lost": Mishap(kind=StepKind.TABLE_LOST, table=3),
        }.items():
            began = time.perf_counter()
            key = propose(database, ORGANISER, event_id=hall.event, mishap=mishap)
            middle = time.perf_counter()
            with database.writing() as session:
                confirm(session, ORGANISER, event_id=hall.event, proposal_id=key)
            ended = time.perf_counter()
            with database.reading() as session:
                result = session.get_one(DeskProposal, key).result
                wrong = clashes(open_desk(session, ORGANISER, hall.event).sittings)
            hit = sum(change["hit"] for change in result["changes"])
            print(
                f"  {name:32} hit {hit:3}  others moved {result['beyond']:3} = "
                f"{100 * result['beyond'] / result['remaining']:5.2f} %  replaced {len(result['added']):3}  "
                f"proposed {middle - began:4.2f} s  confirmed {ended - middle:4.2f} s {wrong[:2] or ''}",
                flush=True,
            )
        database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="*", choices=SIZES, default=["S", "M", "L"])
    parser.add_argument("--desk", action="store_true", help="ask the desk about 900 meetings in a database")
    options = parser.parse_args()
    for size in options.sizes:
        needs, experts, per_need, tables = SIZES[size]
        event = make_event(
            needs=needs, experts=experts, per_need=per_need, seed=1, tables=tables, slots=SLOTS
        )
        problem = day_of(event, meetings_of(solve_pairing(event).pairs))
        published = place_timetable(problem, limit_seconds=2).placements
        print(f"{size}: {len(published)} meetings, {tables} tables, {SLOTS} slots, now slot {NOW}")
        for name, changed in mishaps(event, problem, published).items():
            mend(name, event, changed, published)
    if options.desk:
        ask_the_desk()


if __name__ == "__main__":
    main()
