"""Slots for meetings by CP-SAT: when people have windows, and when as little as possible may move."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from matchmaker.solvers.grid import Grid, slots_of

# One worker, a fixed seed and a limit counted in work rather than time: the answer is repeatable.
SEED = 1


def load_solver() -> float:
    """Load CP-SAT and return the seconds it took: some the first time in a process, none after."""
    began = time.monotonic()
    import_module("ortools.sat.python.cp_model")
    return time.monotonic() - began


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A slot per meeting (-1: none); `proved` when no assignment places more or moves less."""

    slots: list[int]
    proved: bool


def assign_slots(
    grid: Grid,
    *,
    stay: dict[int, int],
    work: float,
    seconds: float,
    at_most: Sequence[tuple[list[int], int]] = (),
    hint: Sequence[int] = (),
    hit: Collection[int] = (),
) -> Assignment | None:
    """Place the most weight, then keep the most meetings where `stay` has them.

    `stay` maps meeting positions to slots; one that is not `hit` anyway counts more than all those that
    are. Of each group in
    `at_most` only so many meetings are placed; `hint` is a known assignment to start from, its losses
    allowed. `work` is CP-SAT's deterministic time, about seconds; the wall clock only guards against a
    stalled machine. None when the limit came before any answer.
    """
    question = _Question(grid=grid, stay=stay, hint=hint, hit=frozenset(hit), work=work, seconds=seconds)
    if not at_most and not hint:
        everything = question.solve(must_place=True, at_most=())
        if everything is not None:
            return everything
    return question.solve(must_place=False, at_most=at_most)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    grid: Grid
    stay: dict[int, int]
    hint: Sequence[int]
    hit: frozenset[int]
    work: float
    seconds: float

    def solve(self, *, must_place: bool, at_most: Sequence[tuple[list[int], int]]) -> Assignment | None:
        from ortools.sat.python import cp_model

        model = cp_model.CpModel()
        places = [{slot: model.new_bool_var("") for slot in slots_of(mask)} for mask in self.grid.allowed]
        if must_place and not all(places):
            return None
        for meeting, own in enumerate(places):
            must = must_place or meeting in self.grid.settled
            (model.add_exactly_one if must else model.add_at_most_one)(own.values())
        for group, most in at_most:
            model.add(sum(var for meeting in group for var in places[meeting].values()) <= most)
        _add_people_and_tables(model, self.grid, places)
        self._set_aim(model, places, must_place=must_place)
        for own, hinted in zip(places, self.hint, strict=False):
            for slot, var in own.items():
                model.add_hint(var, slot == hinted)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = SEED
        solver.parameters.max_deterministic_time = self.work
        solver.parameters.max_time_in_seconds = self.seconds
        status = solver.solve(model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        slots = [next((slot for slot, var in own.items() if solver.value(var)), -1) for own in places]
        return Assignment(slots=slots, proved=status == cp_model.OPTIMAL)

    def _set_aim(self, model: Any, places: list[dict[int, Any]], *, must_place: bool) -> None:
        whole = 1 + len(self.hit)
        kept = [
            (1 if meeting in self.hit else whole) * places[meeting][slot]
            for meeting, slot in self.stay.items()
            if slot in places[meeting]
        ]
        if must_place:
            if kept:
                model.maximize(sum(kept))
            return
        # One meeting lost always weighs more than everything moved.
        unit = whole * len(kept) + 1
        weights = zip(self.grid.weights, places, strict=True)
        model.maximize(
            sum(unit * weight * var for weight, own in weights for var in own.values()) + sum(kept)
        )


def _add_people_and_tables(model: Any, grid: Grid, places: list[dict[int, Any]]) -> None:
    for own in grid.meetings_of():
        for slot in range(grid.slot_count):
            here = [places[meeting][slot] for meeting in own if slot in places[meeting]]
            if len(here) > 1:
                model.add_at_most_one(here)
    for slot, tables in enumerate(grid.capacity):
        here = [own[slot] for own in places if slot in own]
        if len(here) > tables:
            model.add(sum(here) <= tables)
    for earlier, later in grid.orders:
        for slot, var in places[later].items():
            model.add_at_most_one(var, *(own for when, own in places[earlier].items() if when >= slot))
