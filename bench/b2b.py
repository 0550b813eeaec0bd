"""Solve B2B meeting scheduling instances (.dzn) and check every schedule: python bench/b2b.py FOLDER.

The folder holds the instances and, if known, results.csv with the published optima. The format and
the rules are those of Bofill et al., JAIR 74 (2022): breaks count every idle slot between a
participant's first and last meeting, forbidden slots included. One core; limits and times are
processor seconds.

One published answer cannot be reproduced: forum-14.fixed040-Forb is said to have no timetable, but has
one with 59 breaks, proved fewest. It keeps every rule of its file by the checker below and by a CP-SAT
model written apart from it; the file's redundant lists agree with its meetings; 16 of its 22 tables
would do; and the readings under which it would have none (fixed or forbidden slots counted from 0) also
leave its twin with 20 % fixed meetings, a part of the same ones, without the optimum published for that.
A timetable in hand is a proof, so the answer in the list is taken to be the misprint.
"""

import argparse
import csv
import re
import resource
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from matchmaker.domain.timetable import Side
from matchmaker.solvers.break_proof import BreakProof, is_tight, prove_breaks
from matchmaker.solvers.grid import Grid, mask_of

MORNING, AFTERNOON = 1, 2
# Share of the time for the clauses without full-table rows: they end soon or not at all.
LOOSE_SHARE = 0.25
# A busy machine may take this many times longer by the clock.
PATIENCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One instance as written: participants, meetings and slots count from 1, 0 means not fixed."""

    people: int
    tables: int
    slots: int
    morning: int
    meetings: list[tuple[int, int, int]]
    forbidden: list[set[int]]
    fixed: list[int]
    precedences: list[tuple[int, int]]


def read_instance(path: Path) -> Instance:
    """Read the dzn text; the meeting lists it repeats per participant carry an offset and are skipped."""
    text = path.read_text(encoding="utf-8")

    def number(name: str) -> int:
        found = re.search(rf"\b{name}\s*=\s*(\d+)", text)
        if found is None:
            raise ValueError(f"{path.name}: no {name}")
        return int(found[1])

    def block(name: str) -> str:
        found = re.search(rf"\b{name}\s*=\s*\[(.*?)\]\s*;", text, re.DOTALL)
        return found[1] if found else ""

    def sets(name: str) -> list[list[int]]:
        return [
            [int(n) for n in re.findall(r"\d+", group)] for group in re.findall(r"\{(.*?)\}", block(name))
        ]

    figures = [int(n) for n in re.findall(r"\d+", block("requested"))]
    meetings = list(zip(figures[::3], figures[1::3], figures[2::3], strict=True))
    before = sets("precedences") or [[] for _ in meetings]
    people = number("nBusiness")
    return Instance(
        people=people,
        tables=number("nTables"),
        slots=number("nTotalSlots"),
        morning=number("nMorningSlots"),
        meetings=meetings,
        forbidden=[set(group) - {0} for group in sets("forbidden")] or [set() for _ in range(people)],
        fixed=[int(n) for n in re.findall(r"\d+", block("fixed"))] or [0] * len(meetings),
        precedences=[(b, a) for a, earlier in enumerate(before, 1) for b in earlier if b],
    )


def to_grid(instance: Instance) -> Grid:
    """Turn forbidden slots, sessions and fixed meetings into allowed slots; everyone's day is open."""
    day = set(range(1, instance.slots + 1))
    sessions = {
        MORNING: {slot for slot in day if slot <= instance.morning},
        AFTERNOON: {slot for slot in day if slot > instance.morning},
    }
    allowed = []
    for (first, second, session), fixed in zip(instance.meetings, instance.fixed, strict=True):
        slots = sessions.get(session, day) - instance.forbidden[first - 1] - instance.forbidden[second - 1]
        slots &= {fixed} if fixed else day
        allowed.append(mask_of(slot - 1 for slot in slots))
    return Grid(
        slot_count=instance.slots,
        pairs=tuple((first - 1, second - 1) for first, second, _ in instance.meetings),
        weights=(1,) * len(instance.meetings),
        allowed=tuple(allowed),
        open=((1 << instance.slots) - 1,) * instance.people,
        people=tuple((Side.EXPERT, number) for number in range(1, instance.people + 1)),
        capacity=(instance.tables,) * instance.slots,
        orders=tuple((before - 1, after - 1) for before, after in instance.precedences),
    )


def count_breaks(instance: Instance, slots: list[int]) -> int:
    """Return the breaks of a schedule (slots from 1), from the instance as written."""
    total = 0
    for person in range(1, instance.people + 1):
        busy = sorted(
            slot for slot, meeting in zip(slots, instance.meetings, strict=True) if person in meeting[:2]
        )
        total += sum(after - before > 1 for before, after in pairwise(busy))
    return total


def complaints(instance: Instance, slots: list[int]) -> list[str]:
    """Return every rule of the instance that the schedule (slots from 1) breaks."""
    found = []
    seen: set[tuple[int, int]] = set()
    for number, (slot, (first, second, session)) in enumerate(zip(slots, instance.meetings, strict=True), 1):
        if not 1 <= slot <= instance.slots:
            found.append(f"meeting {number} in slot {slot}")
        if (session == MORNING and slot > instance.morning) or (
            session == AFTERNOON and slot <= instance.morning
        ):
            found.append(f"meeting {number} in the wrong session")
        if instance.fixed[number - 1] not in (0, slot):
            found.append(f"meeting {number} was fixed elsewhere")
        for person in (first, second):
            if (person, slot) in seen:
                found.append(f"participant {person} twice in slot {slot}")
            seen.add((person, slot))
            if slot in instance.forbidden[person - 1]:
                found.append(f"participant {person} in forbidden slot {slot}")
    found += [f"slot {slot} over its tables" for slot in set(slots) if slots.count(slot) > instance.tables]
    found += [
        f"meeting {before} not before {after}"
        for before, after in instance.precedences
        if slots[before - 1] >= slots[after - 1]
    ]
    return found


def solve(instance: Instance, *, seconds: int) -> tuple[str, list[str]]:
    """Return the answer ("UNSAT", the optimum, or a bound with >=) and complaints about its schedule."""
    proof, grid = BreakProof(slots=None, bound=0), to_grid(instance)
    loose = round(seconds * LOOSE_SHARE)
    plan = [(False, loose), (True, seconds - loose)]
    for full_tables, share in reversed(plan) if is_tight(grid) else plan:
        if proof.slots is None and not proof.clash and share:
            proof = prove_breaks(
                grid,
                seconds=PATIENCE * share,
                tight=full_tables,
                cpu_seconds=share,
            )
    return _answer(instance, proof)


def _answer(instance: Instance, proof: BreakProof) -> tuple[str, list[str]]:
    if proof.clash:
        return "UNSAT", []
    if proof.slots is None:
        return f">={proof.bound}", []
    slots = [slot + 1 for slot in proof.slots]
    breaks = count_breaks(instance, slots)
    wrong = complaints(instance, slots)
    return str(breaks), wrong + ([f"{breaks} breaks, proved {proof.bound}"] if breaks != proof.bound else [])


def processor_seconds() -> float:
    """Return what this process and its ended children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, default=60, help="limit per instance")
    parser.add_argument("--only", default="", help="part of the instance names to run")
    options = parser.parse_args()
    results = options.folder / "results.csv"
    known: dict[str, str] = {}
    if results.exists():
        with results.open(encoding="utf-8") as file:
            known = {row["instance"]: row["published_optimum"] for row in csv.DictReader(file)}
    differing, taken = 0, []
    for path in sorted(options.folder.glob(f"*{options.only}*.dzn" if options.only else "*.dzn")):
        began = processor_seconds()
        answer, wrong = solve(read_instance(path), seconds=options.seconds)
        taken.append(processor_seconds() - began)
        published = known.get(path.stem, "?").split(" ")[0]
        same = published in (answer, "?") and not wrong and not answer.startswith(">=")
        differing += not same
        verdict = "" if same else f"DIFFERS {wrong}"
        print(f"{path.stem:32} {answer:>6} {published:>6} {taken[-1]:6.1f} s {verdict}", flush=True)
    print(f"{len(taken)} instances, {differing} differ; slowest {max(taken, default=0):.1f} s, ", end="")
    print(f"total {sum(taken):.1f} s")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
