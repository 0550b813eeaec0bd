"""Fewer journeys and more even weeks: events change days, one or two at a time, while every rule holds.

CP-SAT finds days that keep the rules and says what cannot be had; for the rest, annealing gets
further in a tenth of the work. The number of moves is fixed, so the same question gets the same days.
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from matchmaker.domain.plan import PlanEvent, PlanQuestion, spacing, week_targets
from matchmaker.domain.workdays import week_of
from matchmaker.solvers.plan_halls import days_of, free_halls, hand_out, left_on

# A moved event outweighs any tidying; a journey saved outweighs a week one event fuller.
MOVED, JOURNEY, UNEVEN = 10_000, 10, 4
MOVES_PER_EVENT = 1_200
HOTTEST, COLDEST = 12.0, 0.7
SEED = 1
# Most moves bring an event next to another of its city; the rest go anywhere.
AIMED = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidied:
    """The day of each event by number, and the cost: the least met on the way."""

    days: dict[int, date]
    cost: int


def tidy_days(question: PlanQuestion, events: tuple[PlanEvent, ...], days: Mapping[int, date]) -> Tidied:
    """Return days that keep every rule, as those given do, at no more cost."""
    board = _Board(question, events, days)
    dice = random.Random(SEED)  # noqa: S311 -- a walk that must repeat, nothing secret
    moves = MOVES_PER_EVENT * len(board.movable)
    cost = board.cost(events, board.cities, board.weeks)
    best, best_cost = dict(board.day), cost
    for step in range(moves):
        changes = board.propose(dice)
        if not changes or not board.allows(changes):
            continue
        around = board.around(changes)
        before = board.cost(*around)
        back = {number: board.day[number] for number in changes}
        board.move(changes)
        rise = board.cost(*around) - before
        heat = HOTTEST * (COLDEST / HOTTEST) ** (step / moves)
        if rise > 0 and dice.random() >= math.exp(-rise / heat):
            board.move(back)
            continue
        cost += rise
        if cost < best_cost:
            best, best_cost = dict(board.day), cost
    return Tidied(days=best, cost=best_cost)


class _Board:
    """The calendar of the walk: which event is on which day, with all that a move needs at hand."""

    def __init__(
        self, question: PlanQuestion, events: tuple[PlanEvent, ...], days: Mapping[int, date]
    ) -> None:
        self.event = {event.number: event for event in events}
        self.day = dict(days)
        self.choices = {event.number: days_of(question, event) for event in events}
        self.movable = [number for number, own in self.choices.items() if len(own) > 1]
        self.place = {day: place for place, day in enumerate(question.rules.days)}
        self.width = spacing(events, question.rules)
        self.kin: dict[str, list[int]] = defaultdict(list)
        self.of_city: dict[str, list[int]] = defaultdict(list)
        for event in events:
            self.kin[event.topic].append(event.number)
            self.of_city[event.city].append(event.number)
        self.cities = set(self.of_city) - {""}
        self.clashes = _clashes(events)
        self.left = {day: left_on(question, day) for day in question.rules.days}
        self.halls = {day: free_halls(question, day) for day in question.rules.days}
        self.roomy: dict[tuple[date, frozenset[int]], bool] = {}
        self.on: dict[date, set[int]] = defaultdict(set)
        self.visits: dict[str, Counter[date]] = defaultdict(Counter)
        self.targets = week_targets(question.rules.days, len(events) + len(question.busy))
        self.weeks = set(self.targets)
        self.in_week = Counter(week_of(busy.day) for busy in question.busy)
        for event in events:
            self._put(event.number, self.day[event.number])

    def _put(self, number: int, day: date) -> None:
        self.on[day].add(number)
        self.in_week[week_of(day)] += 1
        self.visits[self.event[number].city][day] += 1

    def move(self, changes: Mapping[int, date]) -> None:
        """Give each event its new day."""
        for number in changes:
            day = self.day[number]
            self.on[day].remove(number)
            self.in_week[week_of(day)] -= 1
            self.visits[self.event[number].city] -= Counter([day])
        for number, day in changes.items():
            self.day[number] = day
            self._put(number, day)

    def propose(self, dice: random.Random) -> dict[int, date]:
        """Return new days for one event, or for two that change places; empty when none comes to mind."""
        number = self.movable[int(dice.random() * len(self.movable))]
        own, kin = self.choices[number], self.of_city[self.event[number].city]
        if dice.random() < AIMED and self.event[number].city:
            beside = self.day[kin[int(dice.random() * len(kin))]]
            goal = beside + timedelta(days=int(dice.random() * 3) - 1)
        else:
            goal = own[int(dice.random() * len(own))]
        if goal == self.day[number] or goal not in own:
            return {}
        there = sorted(self.on[goal])
        if len(there) < self.left[goal] and dice.random() < 0.5:
            return {number: goal}
        if not there:
            return {number: goal}
        other = there[int(dice.random() * len(there))]
        return {number: goal, other: self.day[number]}

    def allows(self, changes: Mapping[int, date]) -> bool:
        """Tell whether the rules hold once the events have their new days."""
        for number, day in changes.items():
            if day not in self.choices[number]:
                return False
            inside = {other for other in self.on[day] if other not in changes}
            inside |= {other for other, goal in changes.items() if goal == day}
            if len(inside) > self.left[day] or self.clashes[number] & inside:
                return False
            width, topic = self.width[self.event[number].topic], self.event[number].topic
            for other in self.kin[topic]:
                near = self.place[changes.get(other, self.day[other])] - self.place[day]
                if other != number and abs(near) < width:
                    return False
            if not self._has_room(day, frozenset(inside)):
                return False
        return True

    def _has_room(self, day: date, numbers: frozenset[int]) -> bool:
        key = (day, numbers)
        if key not in self.roomy:
            own = [self.event[number] for number in sorted(numbers)]
            self.roomy[key] = hand_out(self.halls[day], own) is not None
        return self.roomy[key]

    def around(self, changes: Mapping[int, date]) -> tuple[list[PlanEvent], set[str], set[date]]:
        """Return the events, cities and weeks whose costs a change could alter."""
        events = [self.event[number] for number in changes]
        days = [*changes.values(), *(self.day[number] for number in changes)]
        return events, {event.city for event in events} - {""}, {week_of(day) for day in days}

    def cost(self, events: Iterable[PlanEvent], cities: Iterable[str], weeks: Iterable[date]) -> int:
        """Return what these events, cities and weeks cost now; the same sum that CP-SAT minimises."""
        moved = sum(
            event.was_on in self.choices[event.number] and self.day[event.number] != event.was_on
            for event in events
        )
        trips = sum(
            day - timedelta(days=1) not in own for own in map(self.visits.__getitem__, cities) for day in own
        )
        uneven = 0
        for week in weeks:
            number, target = self.in_week[week], int(self.targets[week])
            uneven += max(0, number - (target + 1), target - number)
        return MOVED * moved + JOURNEY * trips + UNEVEN * uneven


def _clashes(events: tuple[PlanEvent, ...]) -> dict[int, set[int]]:
    """Return per event the others that share a firm with it."""
    of_firm: dict[int, set[int]] = defaultdict(set)
    for event in events:
        for firm in event.firm_ids:
            of_firm[firm].add(event.number)
    return {
        event.number: set().union(*(of_firm[firm] for firm in event.firm_ids)) - {event.number}
        for event in events
    }
