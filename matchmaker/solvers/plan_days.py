"""Step 2: events onto working days and into venues, by CP-SAT.

Halls of one place differ only in size, so a day's halls suffice exactly when, for every size, there
are as many that large as events that need one; the halls themselves are handed out afterwards.
"""

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from matchmaker.domain.plan import PlanEvent, PlanQuestion, Slot, spacing, week_targets
from matchmaker.domain.workdays import week_of
from matchmaker.solvers.plan_halls import days_of, fits, free_halls, hand_out, left_on
from matchmaker.solvers.plan_tidying import JOURNEY, MOVED, UNEVEN, tidy_days

SEED = 1
# Work is counted, not seconds: the same question gives the same days on a busy machine, only later.
EFFORT, TRIAL_EFFORT = 8.0, 4.0
LINES_OF_SEARCH = 2
FEW_EVENTS = 20
FEW_CHOICES = 40
Report = Callable[[int, float], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """Days and venues with what they cost and the least that any could; no slots: `reason` says why."""

    slots: tuple[Slot, ...] = ()
    cost: int = 0
    bound: float = 0.0
    reason: str = ""


def place_events(
    question: PlanQuestion,
    events: tuple[PlanEvent, ...],
    *,
    report: Report,
    effort: float = EFFORT,
    lines: int = LINES_OF_SEARCH,
) -> Scheduled:
    """Give every event a day and a venue; `report` hears of each better plan, its False stops the search."""
    blocked = _blocked(question, events)
    if blocked:
        return Scheduled(reason=blocked)
    calendar = _Calendar(question, events)
    try:
        found = calendar.solve(effort=effort, report=report, lines=lines)
    except TimeoutError:
        return Scheduled(reason="这样的要求太紧，没有找到排法：请减少场次、增加场地，或放宽同专题间隔。")
    if found is None:
        return Scheduled(reason=_what_would_help(question, events, lines))
    days, cost, bound = found
    tidied = tidy_days(question, events, days)
    # Whatever the days: every partner city is travelled to at least once.
    bound = max(bound, JOURNEY * len({event.city for event in events} - {""}))
    cost = min(cost, tidied.cost)
    report(cost, bound)
    return Scheduled(slots=_halls(question, events, tidied.days), cost=cost, bound=bound)


def _blocked(question: PlanQuestion, events: tuple[PlanEvent, ...]) -> str:
    """Return why there can be no plan, where simple counting shows it; "" if it does not."""
    rules = question.rules
    if not rules.days:
        return "这段时间里没有可用的工作日，请放宽起止日期或减少停办日。"
    room = sum(max(0, left_on(question, day)) for day in rules.days)
    if room < len(events):
        most = f"{len(rules.days)} 个工作日最多还能排 {room} 场"
        return f"{most}，现有 {len(events)} 场：请延长时间或提高每天场数。"
    for event in events:
        if not any(fits(venue, event) for venue in question.venues):
            place = f"{event.place}没有" if event.place else "没有"
            return f"{place}能容纳 {event.size} 人的场地：请补充场地，或减少每场的需求数、专家数。"
        if event.pinned_on is not None and not days_of(question, event):
            return f"第 {event.number} 场固定在 {event.pinned_on}，但那天不可用：请取消固定或换一天。"
        if not days_of(question, event):
            return f"第 {event.number} 场没有一天可用：请减少它的不可用日期，或补充{event.place}的场地。"
    return ""


def _what_would_help(question: PlanQuestion, events: tuple[PlanEvent, ...], lines: int) -> str:
    """Return which one rule, when relaxed, makes a plan possible."""
    rules = question.rules
    relaxed = {
        f"把同专题间隔从 {rules.apart_days} 个工作日降到 0": replace(rules, apart_days=0),
        f"把每天场数从 {rules.per_day} 提高到 {rules.per_day + 1}": replace(rules, per_day=rules.per_day + 1),
    }
    for words, easier in relaxed.items():
        trial = _Calendar(replace(question, rules=easier), events)
        with contextlib.suppress(TimeoutError):
            heard = trial.solve(effort=TRIAL_EFFORT, report=lambda _cost, _bound: False, lines=lines)
            if heard is not None:
                return f"按现在的要求排不开；{words}就能排开。"
    if any(event.pinned_on for event in events):
        return "按现在的要求排不开：固定的日期之间可能互相冲突，请取消一部分固定。"
    return "按现在的要求排不开：请延长起止日期、增加场地，或减少场次。"


class _Calendar:
    """Event × day booleans with every rule on them."""

    def __init__(self, question: PlanQuestion, events: tuple[PlanEvent, ...]) -> None:
        from ortools.sat.python import cp_model

        self.question, self.events = question, events
        self.model = cp_model.CpModel()
        self.days = question.rules.days
        self.at: dict[tuple[int, date], Any] = {
            (event.number, day): self.model.new_bool_var("")
            for event in events
            for day in days_of(question, event)
        }
        self.on: dict[date, list[PlanEvent]] = defaultdict(list)
        for event in events:
            own = [self.at[event.number, day] for day in self.days if (event.number, day) in self.at]
            self.model.add_exactly_one(own)
            for day in self.days:
                if (event.number, day) in self.at:
                    self.on[day].append(event)
        self._rooms()
        self._apart()
        self._firms()
        self.costs = [*self._moves(), *self._journeys(), *self._weeks()]
        self.model.minimize(sum(factor * variable for factor, variable in self.costs))

    def _sum(self, events: Iterable[PlanEvent], day: date) -> Any:
        return sum(self.at[event.number, day] for event in events)

    def _rooms(self) -> None:
        for day in self.days:
            own = self.on[day]
            self.model.add(self._sum(own, day) <= max(0, left_on(self.question, day)))
            halls = free_halls(self.question, day)
            for place in sorted({event.place for event in own}):
                here = [event for event in own if event.place == place]
                rooms = [venue for venue in halls if place in ("", venue.place)]
                for size in sorted({event.size for event in here}):
                    large = [event for event in here if event.size >= size]
                    number = sum(venue.capacity >= size for venue in rooms)
                    if number < min(len(large), self.question.rules.per_day):
                        self.model.add(self._sum(large, day) <= number)

    def _apart(self) -> None:
        wanted = spacing(self.events, self.question.rules)
        by_topic: dict[str, list[PlanEvent]] = defaultdict(list)
        for event in self.events:
            by_topic[event.topic].append(event)
        for topic, own in sorted(by_topic.items()):
            width = max(1, wanted[topic])
            if len(own) < 2 or wanted[topic] < 1:
                continue
            for first in range(max(1, len(self.days) - width + 1)):
                window = self.days[first : first + width]
                inside = [self.at[e.number, day] for e in own for day in window if (e.number, day) in self.at]
                self.model.add_at_most_one(inside)

    def _firms(self) -> None:
        by_firm: dict[int, list[PlanEvent]] = defaultdict(list)
        for event in self.events:
            for firm in event.firm_ids:
                by_firm[firm].append(event)
        told: set[tuple[int, ...]] = set()
        for own in by_firm.values():
            numbers = tuple(sorted(event.number for event in own))
            if len(own) < 2 or numbers in told:
                continue
            told.add(numbers)
            for day in self.days:
                same_day = [self.at[e.number, day] for e in own if (e.number, day) in self.at]
                if len(same_day) > 1:
                    self.model.add_at_most_one(same_day)

    def _moves(self) -> list[tuple[int, Any]]:
        costs = []
        for event in self.events:
            stays = self.at.get((event.number, event.was_on)) if event.was_on is not None else None
            if stays is not None:
                costs.append((MOVED, 1 - stays))
                self.model.add_hint(stays, 1)
        return costs

    def _journeys(self) -> list[tuple[int, Any]]:
        """Count, per partner city, the days that begin a run of adjacent days."""
        costs = []
        for city in sorted({event.city for event in self.events} - {""}):
            own = [event for event in self.events if event.city == city]
            present: dict[date, Any] = {}
            for day in self.days:
                here = [self.at[event.number, day] for event in own if (event.number, day) in self.at]
                if not here:
                    continue
                present[day] = self.model.new_bool_var("")
                self.model.add_max_equality(present[day], here)
                begins = self.model.new_bool_var("")
                before = present.get(day - timedelta(days=1))
                self.model.add(begins >= present[day] - (before if before is not None else 0))
                costs.append((JOURNEY, begins))
        return costs

    def _weeks(self) -> list[tuple[int, Any]]:
        """Count, per week, the events beyond its share, rounded up."""
        costs = []
        total = len(self.events) + len(self.question.busy)
        for monday, target in week_targets(self.days, total).items():
            week = [day for day in self.days if week_of(day) == monday]
            before = sum(busy.day in week for busy in self.question.busy)
            number = sum(self._sum(self.on[day], day) for day in week) + before
            over = self.model.new_int_var(0, total, "")
            under = self.model.new_int_var(0, total, "")
            self.model.add(over >= number - (int(target) + 1))
            self.model.add(under >= int(target) - number)
            costs += [(UNEVEN, over), (UNEVEN, under)]
        return costs

    def solve(
        self, *, effort: float, report: Report, lines: int
    ) -> tuple[dict[int, date], int, float] | None:
        """Return days, cost and the bound of the cost; None when no plan can keep the rules.

        Many new events are content with any days at all, since tidying is not done here; the best are
        searched for where events are few or have had days before. Raises TimeoutError when none was
        found with the effort; there may be one all the same.
        """
        from ortools.sat.python import cp_model

        class Listener(cp_model.CpSolverSolutionCallback):
            def on_solution_callback(self) -> None:
                if not report(int(self.objective_value), self.best_objective_bound):
                    self.stop_search()

        solver = cp_model.CpSolver()
        solver.parameters.max_deterministic_time = effort
        solver.parameters.random_seed = SEED
        if len(self.events) > FEW_EVENTS and all(event.was_on is None for event in self.events):
            # one line of search, or which days come first would be chance
            solver.parameters.num_workers = 1
            solver.parameters.stop_after_first_solution = True
        elif len(self.at) < FEW_CHOICES:
            # two lines abort the process on some models of which nothing is left to search (OR-tools 9.15)
            solver.parameters.num_workers = 1
        else:
            solver.parameters.num_workers = lines
            solver.parameters.interleave_search = lines > 1
        status = solver.solve(self.model, Listener())
        if status == cp_model.UNKNOWN:
            raise TimeoutError
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        days = {number: day for (number, day), held in self.at.items() if solver.boolean_value(held)}
        return days, round(solver.objective_value), solver.best_objective_bound


def _halls(question: PlanQuestion, events: tuple[PlanEvent, ...], days: dict[int, date]) -> tuple[Slot, ...]:
    """Hand out each day's halls: an event stays in the hall it was in where all others still find one."""
    slots = []
    for day in sorted(set(days.values())):
        free = free_halls(question, day)
        own = [event for event in events if days[event.number] == day]
        # those that stay on their day have the older right to its halls
        for event in sorted(own, key=lambda event: (event.was_on != day, event.number)):
            hall = next((hall for hall in free if hall.name == event.was_in and fits(hall, event)), None)
            rest, others = (
                [hall_ for hall_ in free if hall_ is not hall],
                [one for one in own if one is not event],
            )
            if hall is not None and hand_out(rest, others) is not None:
                slots.append(Slot(number=event.number, day=day, venue=hall.name))
                free, own = rest, others
        handed = hand_out(free, own)
        if handed is None:  # pragma: no cover -- the days were chosen so that there are halls enough
            raise ArithmeticError(f"halls of {day}")
        slots += [Slot(number=number, day=day, venue=hall.name) for number, hall in handed.items()]
    return tuple(sorted(slots, key=lambda slot: slot.number))
