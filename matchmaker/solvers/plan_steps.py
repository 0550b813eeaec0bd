"""The three steps of a plan one after the other, in this process, with word of where they are."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from matchmaker.domain.plan import (
    Figures,
    PlanAnswer,
    PlanEvent,
    PlanQuestion,
    Slot,
    fit_of,
    journeys,
    spacing,
)
from matchmaker.domain.plan_again import found_again
from matchmaker.solvers.plan_days import LINES_OF_SEARCH, place_events
from matchmaker.solvers.plan_experts import choose_experts
from matchmaker.solvers.plan_groups import Grouped, group_needs

STAGES = ("grouping", "days", "experts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Where the work is: the stage, and of the days the best cost so far with its bound."""

    stage: str
    best: int | None = None
    bound: float | None = None


Tell = Callable[[Word], bool]


class NoPlan(Exception):
    """No plan keeps the rules; the message is Chinese and says what to change."""


def make_plan(question: PlanQuestion, *, tell: Tell, lines: int = LINES_OF_SEARCH) -> PlanAnswer:
    """Return a whole plan, the same for the same question.

    `tell` hears of progress; its False ends the search for days with the best so far. `lines` search for
    the days at once.
    Raises NoPlan when the rules cannot be kept together.
    """
    began = time.monotonic()
    tell(Word(stage="grouping"))
    given = question.events is not None
    grouped = _given(question) if given else group_needs(question)
    if not grouped.events:
        raise NoPlan(_nothing_to_plan(question))
    grouped = replace(grouped, events=found_again(grouped.events, question.earlier))
    middle = time.monotonic()
    tell(Word(stage="days"))
    placed = place_events(
        question,
        grouped.events,
        report=lambda cost, bound: tell(Word(stage="days", best=cost, bound=bound)),
        lines=lines,
    )
    if placed.reason:
        raise NoPlan(placed.reason)
    late = time.monotonic()
    tell(Word(stage="experts"))
    events, slots = (grouped.events, placed.slots) if given else _by_day(grouped.events, placed.slots)
    chosen = choose_experts(question, events, slots)
    ended = time.monotonic()
    return PlanAnswer(
        events=events,
        slots=slots,
        seats=chosen.seats,
        left_out=grouped.left_out,
        figures=Figures(
            value=grouped.value,
            bound=grouped.bound,
            cost=placed.cost,
            cost_bound=placed.bound,
            seats_value=chosen.value,
            seats_bound=chosen.bound,
            seconds=(middle - began, late - middle, ended - late),
        ),
        remarks=_remarks(question, events),
    )


def _by_day(
    events: tuple[PlanEvent, ...], slots: tuple[Slot, ...]
) -> tuple[tuple[PlanEvent, ...], tuple[Slot, ...]]:
    """Number new events by their days, so that the first one is called the first."""
    in_order = sorted(slots, key=lambda slot: (slot.day, slot.number))
    number = {slot.number: place for place, slot in enumerate(in_order, 1)}
    renamed = [replace(event, number=number[event.number]) for event in events]
    return (
        tuple(sorted(renamed, key=lambda event: event.number)),
        tuple(replace(slot, number=number[slot.number]) for slot in in_order),
    )


def _given(question: PlanQuestion) -> Grouped:
    """Return the grouping that the question brings along; nothing was searched, so it is its own bound."""
    events = question.events or ()
    needs = {need.need_id: need for need in question.needs}
    placed = {need_id for event in events for need_id in event.need_ids}
    value = sum(
        fit_of(needs[need_id], topic=event.topic, city=event.city, place=event.place)
        for event in events
        for need_id in event.need_ids
        if need_id in needs
    )
    left = tuple(need.need_id for need in question.needs if need.need_id not in placed)
    return Grouped(events=events, left_out=left, value=value, bound=float(value))


def _nothing_to_plan(question: PlanQuestion) -> str:
    if not question.needs:
        return "没有可以排进活动的需求：请先受理需求，或检查它们是否已经在别的活动里。"
    least = question.rules.least_needs
    return f"没有一个专题凑得够 {least} 条需求：请把每场最少需求数调低，或合并专题。"


def _remarks(question: PlanQuestion, events: tuple[PlanEvent, ...]) -> tuple[str, ...]:
    asked = question.rules.apart_days
    known = {event.was for event in events}
    close = (
        f"“{topic}”场次多，同专题只能间隔 {days} 个工作日（要求 {asked} 个）。"
        for topic, days in spacing(events, question.rules).items()
        if days < asked
    )
    lost = (
        f"原第 {old.number} 场固定在 {old.pinned_on}，重新归组后没有与它相当的活动，这个固定不再有。"
        for old in question.earlier
        if old.pinned_on is not None and old.number not in known
    )
    return (*close, *lost)


def journeys_of(question: PlanQuestion, answer: PlanAnswer) -> int:
    """Count the journeys of all universities in a plan."""
    day_of = {slot.number: slot.day for slot in answer.slots}
    home = {expert.expert_id: expert.university_id for expert in question.experts}
    return journeys((home[seat.expert_id], day_of[seat.number]) for seat in answer.seats)
