"""Slots for meetings by CP-SAT: when people have windows, and when as little as possible may move."""

from dataclasses import dataclass
from typing import Any

from matchmaker.solvers.grid import Grid, slots_of

# One worker, a fixed seed and a limit counted in work rather than time: the answer is repeatable.
SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A slot per meeting (-1: none); `proved` when no assignment places more or moves less."""

    slots: list[int]
    proved: bool


def assign_slots(grid: Grid, *, stay: dict[int, int], work: float, seconds: float) -> Assignment | None:
    """Place the most weight, then keep the most meetings where `stay` has them.

    `stay` maps meeting positions to slots. `work` is CP-SAT's deterministic time, about seconds;
    the wall clock only guards against a stalled machine. None when the limit came before any answer.
    """
    everything = _solve(grid, stay=stay, must_place=True, work=work, seconds=seconds)
    if everything is not None:
        return everything
    return _solve(grid, stay=stay, must_place=False, work=work, seconds=seconds)


def _solve(
    grid: Grid, *, stay: dict[int, int], must_place: bool, work: float, seconds: float
) -> Assignment | None:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    places = [{slot: model.new_bool_var("") for slot in slots_of(mask)} for mask in grid.allowed]
    for own in places:
        if must_place and not own:
            return None
        (model.add_exactly_one if must_place else model.add_at_most_one)(own.values())
    _add_people_and_tables(model, grid, places)
    _set_aim(model, grid, places, stay=stay, must_place=must_place)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = SEED
    solver.parameters.max_deterministic_time = work
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    slots = [next((slot for slot, var in own.items() if solver.value(var)), -1) for own in places]
    return Assignment(slots=slots, proved=status == cp_model.OPTIMAL)


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


def _set_aim(
    model: Any, grid: Grid, places: list[dict[int, Any]], *, stay: dict[int, int], must_place: bool
) -> None:
    kept = [places[meeting][slot] for meeting, slot in stay.items() if slot in places[meeting]]
    if must_place:
        if kept:
            model.maximize(sum(kept))
        return
    # One meeting lost always weighs more than everything moved.
    unit = len(kept) + 1
    placed = [
        (unit * weight, var) for weight, own in zip(grid.weights, places, strict=True) for var in own.values()
    ]
    model.maximize(sum(weight * var for weight, var in placed) + sum(kept))
