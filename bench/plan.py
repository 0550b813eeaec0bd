"""The planner against first-come first-served on a made-up campaign: python bench/plan.py [--needs 2000 …].

"greedy": each need in turn joins the event it fits best that still has room, or opens one; then each
event takes the first day and hall that keep the rules, and each expert the best seats still free.
Both are looked at by the same independent checker. Seconds are wall-clock; the planner's processor
seconds, over all its threads, stand below.
"""

import argparse
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.b2b import processor_seconds
from bench.plan_instances import make_campaign
from matchmaker.domain.plan import (
    Figures,
    PlanAnswer,
    PlanEvent,
    PlanQuestion,
    Seat,
    Slot,
    fit_of,
    spacing,
)
from matchmaker.domain.plan_check import check_plan
from matchmaker.solvers.plan_choice import choose_groups
from matchmaker.solvers.plan_model import most_needs
from matchmaker.solvers.plan_steps import journeys_of
from matchmaker.solvers.planning import plan_in_child


def greedy(question: PlanQuestion) -> PlanAnswer:
    """Return a plan made by habit: nothing is looked at twice."""
    events = _greedy_events(question)
    slots = _greedy_days(question, events)
    placed = {slot.number for slot in slots}
    events = tuple(event for event in events if event.number in placed)
    inside = {need_id for event in events for need_id in event.need_ids}
    needs = {need.need_id: need for need in question.needs}
    value = sum(
        fit_of(needs[key], topic=event.topic, city=event.city, place=event.place)
        for event in events
        for key in event.need_ids
    )
    return PlanAnswer(
        events=events,
        slots=slots,
        seats=_greedy_seats(question, events, slots),
        left_out=tuple(key for key in needs if key not in inside),
        figures=Figures(value=value, bound=float(value)),
    )


def _greedy_events(question: PlanQuestion) -> tuple[PlanEvent, ...]:
    grouping = choose_groups(question).groupings[0]
    ways: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for need, group, value in grouping.ways:
        ways[need].append((-value, group))
    members: dict[int, list[int]] = defaultdict(list)
    visits: dict[int, set[int]] = defaultdict(set)
    for need in sorted(ways):
        firm = question.needs[need].firm_id
        for _, group in sorted(ways[need]):
            room = len(members[group]) < most_needs(grouping, group) and (
                members[group] or sum(map(bool, members.values())) < question.rules.events
            )
            if room and (group in visits[firm] or len(visits[firm]) < question.rules.per_firm):
                members[group].append(need)
                visits[firm].add(group)
                break
    full = [group for group in sorted(members) if len(members[group]) >= question.rules.least_needs]
    return tuple(
        PlanEvent(
            number=number,
            topic=grouping.groups[group][0],
            city=grouping.groups[group][1],
            place=grouping.groups[group][2],
            need_ids=tuple(question.needs[need].need_id for need in members[group]),
            firm_ids=frozenset(question.needs[need].firm_id for need in members[group]),
            size=len({question.needs[need].firm_id for need in members[group]})
            + question.rules.experts_per_event,
        )
        for number, group in enumerate(full, 1)
    )


def _greedy_days(question: PlanQuestion, events: tuple[PlanEvent, ...]) -> tuple[Slot, ...]:
    rules, wanted = question.rules, spacing(events, question.rules)
    slots: list[Slot] = []
    at: dict[str, list[int]] = defaultdict(list)
    firms: dict[object, set[int]] = defaultdict(set)
    halls: dict[object, set[str]] = defaultdict(set)
    for event in events:
        for place, day in enumerate(rules.days):
            free = [
                venue
                for venue in question.venues
                if venue.name not in halls[day]
                and day not in venue.closed
                and venue.capacity >= event.size
                and event.place in ("", venue.place)
            ]
            near = any(abs(place - other) < wanted[event.topic] for other in at[event.topic])
            if free and not near and len(halls[day]) < rules.per_day and not firms[day] & event.firm_ids:
                slots.append(Slot(number=event.number, day=day, venue=free[0].name))
                at[event.topic].append(place)
                firms[day] |= event.firm_ids
                halls[day].add(free[0].name)
                break
    return tuple(slots)


def _greedy_seats(
    question: PlanQuestion, events: tuple[PlanEvent, ...], slots: tuple[Slot, ...]
) -> tuple[Seat, ...]:
    event_of = {need_id: event for event in events for need_id in event.need_ids}
    day_of = {slot.number: slot.day for slot in slots}
    place_of = {event.number: event.place for event in events}
    taken: Counter[int] = Counter()
    seats = []
    for expert in question.experts:
        worth: Counter[int] = Counter()
        for need_id, value in expert.needs.items():
            if need_id in event_of:
                worth[event_of[need_id].number] += value
        own: dict[object, int] = {}
        for number, value in sorted(worth.items(), key=lambda one: (-one[1], one[0])):
            day = day_of[number]
            far = any(
                abs((other - day).days) == 1 and (place_of[own[other]], place_of[number]) in question.far  # type: ignore[operator]
                for other in own
            )
            if (
                day not in own
                and not far
                and len(own) < question.rules.per_expert
                and taken[number] < question.rules.experts_per_event
            ):
                own[day] = number
                taken[number] += 1
                seats.append(Seat(expert_id=expert.expert_id, number=number, value=value))
    return tuple(seats)


def row(name: str, question: PlanQuestion, answer: PlanAnswer, seconds: float) -> str:
    days = {slot.number: slot.day for slot in answer.slots}
    weeks = Counter(day.isocalendar().week for day in days.values())
    broken = Counter(problem.code for problem in check_plan(question, answer))
    figures = answer.figures
    return (
        f"{name:8} {figures.value:>10} {len(answer.events):>6} {len(answer.left_out):>8} "
        f"{sum(seat.value for seat in answer.seats):>10} {len(answer.seats):>6} "
        f"{journeys_of(question, answer):>8} {min(weeks.values()):>4}-{max(weeks.values()):<3} "
        f"{sum(broken.values()):>6} {seconds:>8.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--needs", type=int, default=2000)
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--experts", type=int, default=800)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    asked = parser.parse_args()
    for seed in asked.seeds:
        question = make_campaign(needs=asked.needs, events=asked.events, experts=asked.experts, seed=seed)
        print(
            f"\nseed {seed}: {asked.needs} needs, up to {asked.events} events, {asked.experts} experts, "
            f"{len(question.rules.days)} working days"
        )
        print("way      grouping   events left out  seats worth  seats journeys  a week  broken  seconds")
        began = time.perf_counter()
        habit = greedy(question)
        print(row("greedy", question, habit, time.perf_counter() - began))
        began, used = time.perf_counter(), processor_seconds()
        answer = plan_in_child(question, hear=lambda _word: True)
        print(row("planner", question, answer, time.perf_counter() - began), flush=True)
        figures = answer.figures
        gap = f"{figures.gap:.4%} below the bound {figures.bound:.0f}"
        steps = " + ".join(f"{part:.1f}" for part in figures.seconds)
        seats = 1 - figures.seats_value / figures.seats_bound if figures.seats_bound else 0.0
        print(f"grouping {gap}; days cost {figures.cost} (bound {figures.cost_bound:.0f}); ", end="")
        print(f"seats {seats:.2%} below the flow without journeys; steps {steps} s, ", end="")
        print(f"processor {processor_seconds() - used:.1f} s")


if __name__ == "__main__":
    main()
