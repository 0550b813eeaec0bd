"""Ours against two common habits on the same made-up events: python bench/pairing.py [--sizes S M L].

"greedy": best value first, each meeting in the earliest slot free for both. "rounds": enterprises by
name take turns, one meeting each per pass, earliest slot free for both. Both take the first free table.
With --rules only our draws, under minima, a cap per university and guests' hours in four parts, singly
and together, with the seconds of processor; the timetable is left out.
"""

import argparse
import random
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.instances import make_event
from matchmaker.domain.pairing import Candidate, ChosenPair, PairingProblem, Session, day_cap
from matchmaker.domain.pairing_proof import check_certificate, check_pairing
from matchmaker.domain.timetable import Meeting, Placement, TimetableProblem, measure
from matchmaker.domain.timetable_check import check_timetable
from matchmaker.solvers.pairing import solve_pairing
from matchmaker.solvers.timetable import place_timetable

# needs, experts, candidates per need, tables
SIZES = {"S": (30, 40, 20, 9), "M": (100, 150, 20, 24), "L": (300, 500, 20, 75), "XL": (1000, 2000, 50, 260)}
SLOTS = 8


@dataclass(slots=True)
class Row:
    """One line of the table."""

    way: str
    value: int
    served: int
    meetings: int
    waiting: int
    breaks: int
    seconds: float
    note: str = ""


def meetings_of(pairs: tuple[ChosenPair, ...]) -> tuple[Meeting, ...]:
    return tuple(
        Meeting(
            meeting_id=n, enterprise_id=pair.enterprise_id, expert_id=pair.expert_id, weight=1 + pair.value
        )
        for n, pair in enumerate(pairs, 1)
    )


def day_of(event: PairingProblem, meetings: tuple[Meeting, ...]) -> TimetableProblem:
    return TimetableProblem(
        slot_count=event.slots, tables=tuple(range(1, event.tables + 1)), meetings=meetings
    )


class _Habit:
    """Books one meeting after the other into the earliest slot free for both, and never looks back."""

    def __init__(self, event: PairingProblem) -> None:
        self.event = event
        self.owner = {need.need_id: need.enterprise_id for need in event.needs}
        self.room = dict(enumerate([event.tables] * event.slots))
        self.left = {("e", one.enterprise_id): day_cap(event, one) for one in event.enterprises}
        self.left |= {("x", one.expert_id): day_cap(event, one) for one in event.experts}
        self.left |= {("n", need.need_id): need.cap for need in event.needs}
        self.busy: set[tuple[str, int, int]] = set()
        self.met: set[tuple[int, int]] = set()
        self.pairs: list[ChosenPair] = []
        self.placements: list[Placement] = []

    def book(self, candidate: Candidate) -> bool:
        enterprise_id, expert_id = self.owner[candidate.need_id], candidate.expert_id
        keys = [("e", enterprise_id), ("x", expert_id), ("n", candidate.need_id)]
        if (enterprise_id, expert_id) in self.met or any(self.left[key] == 0 for key in keys):
            return False
        for slot, tables in self.room.items():
            seats = {("e", enterprise_id, slot), ("x", expert_id, slot)}
            if tables and not seats & self.busy:
                break
        else:
            return False
        self.busy |= seats
        self.room[slot] -= 1
        self.met.add((enterprise_id, expert_id))
        for key in keys:
            self.left[key] -= 1
        self.pairs.append(
            ChosenPair(
                need_id=candidate.need_id,
                enterprise_id=enterprise_id,
                expert_id=expert_id,
                value=candidate.value,
            )
        )
        table = self.event.tables - self.room[slot]
        self.placements.append(Placement(meeting_id=len(self.pairs), slot=slot, table=table))
        return True

    def row(self, way: str, seconds: float) -> Row:
        pairs = tuple(self.pairs)
        found = measure(day_of(self.event, meetings_of(pairs)), self.placements)
        return Row(
            way=way,
            value=sum(pair.value for pair in pairs),
            served=len({pair.enterprise_id for pair in pairs}),
            meetings=len(pairs),
            waiting=found.waiting_slots,
            breaks=found.breaks,
            seconds=seconds,
        )


def greedy(event: PairingProblem) -> Row:
    began = time.perf_counter()
    habit = _Habit(event)
    for candidate in sorted(event.candidates, key=lambda one: (-one.value, one.need_id, one.expert_id)):
        habit.book(candidate)
    return habit.row("greedy", time.perf_counter() - began)


def rounds(event: PairingProblem) -> Row:
    began = time.perf_counter()
    habit = _Habit(event)
    wishes: dict[int, list[Candidate]] = {one.enterprise_id: [] for one in event.enterprises}
    for candidate in sorted(event.candidates, key=lambda one: (-one.value, one.need_id, one.expert_id)):
        wishes[habit.owner[candidate.need_id]].append(candidate)
    turns = [iter(wishes[one.enterprise_id]) for one in sorted(event.enterprises, key=lambda one: one.name)]
    while turns:
        # Whoever runs out of wishes drops out; the others get one meeting per pass.
        turns = [turn for turn in turns if any(habit.book(candidate) for candidate in turn)]
    return habit.row("rounds", time.perf_counter() - began)


def ours(event: PairingProblem, *, limit_seconds: float) -> Row:
    began, used = time.perf_counter(), time.process_time()
    paired = solve_pairing(event)
    middle, used = time.perf_counter(), time.process_time() - used
    day = day_of(event, meetings_of(paired.pairs))
    placed = place_timetable(day, limit_seconds=limit_seconds)
    ended = time.perf_counter()
    wrong = check_pairing(event, paired) + check_certificate(event, paired) + check_timetable(day, placed)
    if wrong or placed.measures is None or placed.unplaced:
        raise SystemExit(f"the checkers object: {wrong[:3]} {placed.unplaced[:3]}")
    bound = "proved minimal" if placed.proved else f"bound {placed.breaks_bound}"
    changes = placed.measures.table_changes
    seconds = f"{middle - began:.2f} s, processor {used:.2f} s"
    return Row(
        way="ours",
        value=paired.total_value,
        served=paired.served_count,
        meetings=len(paired.pairs),
        waiting=placed.measures.waiting_slots,
        breaks=placed.measures.breaks,
        seconds=ended - began,
        note=f"pairing {seconds}; breaks {bound}; tables changed {changes}",
    )


RULES = {
    "minima": {"minima"},
    "university": {"university"},
    "hours": {"hours"},
    "hours, minima": {"hours", "minima"},
    "hours, minima, university": {"hours", "minima", "university"},
    "hours, minima up to the cap, university": {"hours", "minima", "university", "much"},
}
PARTS = ((2, 2, 0, 0), (0, 0, 2, 2), (0, 2, 2, 2), (2, 2, 2, 0), (0, 2, 2, 0))


def under_rules(event: PairingProblem, rules: set[str], *, seed: int) -> PairingProblem:
    """Return an event in which some are promised meetings and a fifth or more are there for some hours."""
    dice = random.Random(seed)
    most = (4, 2) if "much" in rules else (2, 1)

    def hours(share: float) -> tuple[int, ...] | None:
        return dice.choice(PARTS) if "hours" in rules and dice.random() < share else None

    def minimum(cap: int, at_most: int) -> int:
        return min(cap, dice.randint(0, at_most)) if "minima" in rules else 0

    return replace(
        event,
        sessions=tuple(Session(name=f"第 {n} 部分", slots=2) for n in range(1, 5)),
        enterprises=tuple(
            replace(one, minimum=minimum(one.cap, most[0]), open_slots=hours(0.2))
            for one in event.enterprises
        ),
        experts=tuple(
            replace(one, minimum=minimum(one.cap, most[1]), open_slots=hours(0.3)) for one in event.experts
        ),
        university_cap=2 if "university" in rules else None,
    )


def print_under_rules(event: PairingProblem, *, seed: int) -> None:
    # Loading the solvers is not what is measured.
    tiny = make_event(needs=9, experts=9, per_need=9, seed=seed, tables=2, slots=8)
    solve_pairing(under_rules(tiny, {"hours", "minima", "university"}, seed=seed))
    for name, rules in RULES.items():
        question = under_rules(event, rules, seed=seed)
        used = time.process_time()
        paired = solve_pairing(question)
        used = time.process_time() - used
        wrong = check_pairing(question, paired) + check_certificate(question, paired)
        note = paired.certificate.note[:40] if paired.certificate else ""
        print(
            f"  {name:40} value {paired.total_value:9} served {paired.served_count:4} "
            f"processor {used:6.2f} s  {note} {wrong[:2] or ''}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["S", "M", "L"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=10.0, help="seconds for the timetable")
    parser.add_argument("--rules", action="store_true", help="our draws alone, under every kind of rule")
    parser.add_argument("--candidates", type=int, help="candidates of each need, instead of the size's")
    options = parser.parse_args()
    for size in options.sizes:
        needs, experts, per_need, tables = SIZES[size]
        per_need = options.candidates or per_need
        event = make_event(
            needs=needs, experts=experts, per_need=per_need, seed=options.seed, tables=tables, slots=SLOTS
        )
        firms = len(event.enterprises)
        print(
            f"{size}: {needs} needs of {firms} enterprises, {experts} experts, {tables} tables, {SLOTS} slots"
        )
        if options.rules:
            print_under_rules(event, seed=options.seed)
            continue
        for row in (ours(event, limit_seconds=options.limit), greedy(event), rounds(event)):
            print(
                f"  {row.way:7} value {row.value:9} served {row.served:4} meetings {row.meetings:5} "
                f"waiting {row.waiting:5} breaks {row.breaks:5} {row.seconds:6.2f} s  {row.note}",
                flush=True,
            )


if __name__ == "__main__":
    main()
