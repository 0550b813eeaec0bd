"""Step 3: experts to events whose days are fixed: a flow, repriced so that universities travel together.

The plain flow gives the most that any choice of experts can be worth. Journeys are a fixed charge
no flow can carry, so the flow is solved again with prices: a seat on a day on which the university
is there anyway pays nothing, a lone one pays the journey. The best of all rounds is kept.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from matchmaker.domain.plan import JOURNEY_PRICE, PlanEvent, PlanQuestion, Seat, Slot, journeys

ROUNDS = 8
WAYS_PER_EXPERT = 25
# A seat already promised is worth half of itself more: people are not exchanged for a trifle.
KEPT = 0.5
SCALE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The seats; `bound` is the most their value could be if journeys were free."""

    seats: tuple[Seat, ...]
    value: int
    bound: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    expert: int
    university: int
    number: int
    day: date
    place: str
    value: int
    kept: bool


def choose_experts(question: PlanQuestion, events: tuple[PlanEvent, ...], slots: tuple[Slot, ...]) -> Chosen:
    """Return who comes to which event: best value less journeys met on the way, every cap kept."""
    ways = _ways(question, events, slots)
    if not ways:
        return Chosen(seats=(), value=0, bound=0)
    plain = [way.value * SCALE for way in ways]
    best = _flow(question, ways, plain)
    bound = sum(ways[n].value for n in best)
    best, best_worth = _apart(question, ways, best), -(10**12)
    chosen = best
    for _ in range(ROUNDS):
        chosen = _apart(question, ways, chosen)
        worth = _worth(ways, chosen)
        if worth > best_worth:
            best, best_worth = chosen, worth
        chosen = _flow(question, ways, _prices(ways, chosen))
    seats = tuple(
        Seat(expert_id=ways[n].expert, number=ways[n].number, value=ways[n].value) for n in sorted(best)
    )
    return Chosen(seats=seats, value=sum(seat.value for seat in seats), bound=bound)


def _ways(question: PlanQuestion, events: tuple[PlanEvent, ...], slots: tuple[Slot, ...]) -> list[_Way]:
    """Return every expert's best events: the value is the sum over the needs they have something for."""
    event_of = {need_id: event for event in events for need_id in event.need_ids}
    day_of = {slot.number: slot.day for slot in slots}
    ways = []
    for expert in question.experts:
        worth: dict[int, int] = defaultdict(int)
        for need_id, value in expert.needs.items():
            if need_id in event_of:
                worth[event_of[need_id].number] += value
        place = {event.number: event.place for event in events}
        for number, value in sorted(worth.items(), key=lambda one: (-one[1], one[0]))[:WAYS_PER_EXPERT]:
            ways.append(
                _Way(
                    expert=expert.expert_id,
                    university=expert.university_id,
                    number=number,
                    day=day_of[number],
                    place=place[number],
                    value=value,
                    kept=(expert.expert_id, number) in question.kept_seats,
                )
            )
    return ways


def _worth(ways: list[_Way], chosen: list[int]) -> int:
    trips = journeys((ways[n].university, ways[n].day) for n in chosen)
    kept = sum(ways[n].value for n in chosen if ways[n].kept)
    return sum(ways[n].value for n in chosen) + int(KEPT * kept) - JOURNEY_PRICE * trips


def _prices(ways: list[_Way], chosen: list[int]) -> list[int]:
    """Return what each seat is worth less its share of the journey that it would join."""
    there: dict[tuple[int, date], int] = defaultdict(int)
    for n in chosen:
        there[ways[n].university, ways[n].day] += 1
    own = frozenset(chosen)
    worth = []
    for n, way in enumerate(ways):
        run = sum(there[way.university, way.day + timedelta(days=shift)] for shift in (-1, 0, 1))
        others = run - (n in own)
        share = JOURNEY_PRICE // (1 + others) ** 2
        worth.append(SCALE * (way.value - share + (int(KEPT * way.value) if way.kept else 0)))
    return worth


def _flow(question: PlanQuestion, ways: list[_Way], worth: list[int]) -> list[int]:
    """Return the seats of most worth: expert (cap) → expert on a day (1) → event (seats)."""
    from ortools.graph.python import min_cost_flow

    experts = sorted({way.expert for way in ways})
    expert_days = sorted({(way.expert, way.day) for way in ways})
    numbers = sorted({way.number for way in ways})
    node: Mapping[object, int] = {
        key: place for place, key in enumerate([*experts, *expert_days, *[("event", n) for n in numbers]], 2)
    }
    solver, source, sink = min_cost_flow.SimpleMinCostFlow(), 0, 1
    rules, total = question.rules, len(ways)
    for expert in experts:
        solver.add_arc_with_capacity_and_unit_cost(source, node[expert], rules.per_expert, 0)
    for expert, day in expert_days:
        solver.add_arc_with_capacity_and_unit_cost(node[expert], node[expert, day], 1, 0)
    for number in numbers:
        solver.add_arc_with_capacity_and_unit_cost(node["event", number], sink, rules.experts_per_event, 0)
    arcs = [
        solver.add_arc_with_capacity_and_unit_cost(
            node[way.expert, way.day], node["event", way.number], 1, -value
        )
        if value > 0
        else -1
        for way, value in zip(ways, worth, strict=True)
    ]
    solver.add_arc_with_capacity_and_unit_cost(source, sink, total, 0)
    solver.set_node_supply(source, total)
    solver.set_node_supply(sink, -total)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise ArithmeticError(f"min-cost flow ended with status {status}")
    return [n for n, arc in enumerate(arcs) if arc >= 0 and solver.flow(arc)]


def _apart(question: PlanQuestion, ways: list[_Way], chosen: list[int]) -> list[int]:
    """Drop the less worthy of two seats that are far apart on consecutive days."""
    kept: dict[tuple[int, date], int] = {}
    for n in sorted(chosen, key=lambda n: (-ways[n].value, n)):
        way = ways[n]
        neighbours = [kept.get((way.expert, way.day + timedelta(days=shift))) for shift in (-1, 1)]
        if not any(
            other is not None and (ways[other].place, way.place) in question.far for other in neighbours
        ):
            kept[way.expert, way.day] = n
    return sorted(kept.values())
