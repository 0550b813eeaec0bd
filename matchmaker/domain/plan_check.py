"""An independent look at a plan: every rule counted again from the plain answer, knowing no solver."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from matchmaker.domain.plan import PlanAnswer, PlanEvent, PlanQuestion, fit_of, spacing
from matchmaker.domain.problems import Problem


def check_plan(question: PlanQuestion, answer: PlanAnswer) -> list[Problem]:
    """Return every broken rule in a sentence; an empty list means that the plan keeps all of them."""
    return [
        *_grouping(question, answer),
        *check_days(question, answer),
        *_experts(question, answer),
        *_figures(question, answer),
    ]


def check_days(question: PlanQuestion, answer: PlanAnswer) -> list[Problem]:
    """Return what is wrong with days and venues alone, as after a move by hand."""
    return [
        *_placed_once(answer),
        *_open_days(question, answer),
        *_venues(question, answer),
        *_per_day(question, answer),
        *_apart(question, answer),
        *_firms_per_day(answer),
    ]


def _broken(code: str, message: str) -> Problem:
    return Problem(field="plan", code=code, message=message)


def _name(event: PlanEvent) -> str:
    return f"第 {event.number} 场"


def _grouping(question: PlanQuestion, answer: PlanAnswer) -> Iterator[Problem]:
    rules, needs = question.rules, {need.need_id: need for need in question.needs}
    placed = Counter(need_id for event in answer.events for need_id in event.need_ids)
    for need_id, number in sorted(placed.items()):
        if number > 1:
            yield _broken("need_twice", f"需求 {need_id} 被排进了 {number} 场活动，只能排一场。")
    if set(placed) | set(answer.left_out) != set(needs) or set(placed) & set(answer.left_out):
        yield _broken("need_lost", "有需求既没有排进活动，也没有列在“未排入”里。")
    if question.events is not None:
        return  # a grouping made before is kept as it is, edits by hand included
    if len(answer.events) > rules.events:
        yield _broken("too_many", f"排了 {len(answer.events)} 场，超过上限 {rules.events} 场。")
    yield from _sizes(question, answer)
    firms = Counter(firm for event in answer.events for firm in event.firm_ids)
    for firm, number in sorted(firms.items()):
        if number > rules.per_firm:
            yield _broken("per_firm", f"企业 {firm} 要参加 {number} 场，超过每家 {rules.per_firm} 场。")


def _sizes(question: PlanQuestion, answer: PlanAnswer) -> Iterator[Problem]:
    rules, needs = question.rules, {need.need_id: need for need in question.needs}
    for event in answer.events:
        if not rules.least_needs <= len(event.need_ids) <= rules.most_needs:
            bounds = f"{rules.least_needs}–{rules.most_needs}"
            yield _broken("size", f"{_name(event)}有 {len(event.need_ids)} 条需求，应在 {bounds} 条之间。")
        for need_id in event.need_ids:
            need = needs.get(need_id)
            if not need or not fit_of(need, topic=event.topic, city=event.city, place=event.place):
                yield _broken("off_topic", f"需求 {need_id} 不属于{_name(event)}的专题，或与其合作城市无关。")


def _placed_once(answer: PlanAnswer) -> Iterator[Problem]:
    found = Counter(slot.number for slot in answer.slots)
    for event in answer.events:
        if found[event.number] != 1:
            yield _broken("no_day", f"{_name(event)}应有一个日期，现有 {found[event.number]} 个。")


def _open_days(question: PlanQuestion, answer: PlanAnswer) -> Iterator[Problem]:
    allowed, events = set(question.rules.days), {event.number: event for event in answer.events}
    for slot in answer.slots:
        event = events[slot.number]
        if slot.day not in allowed:
            message = f"{_name(event)}排在 {slot.day}，这天不是可用的工作日。"
            yield _broken("closed_day", message)
        if slot.day in event.closed:
            yield _broken("event_closed", f"{_name(event)}排在了它自己不能用的日期 {slot.day}。")
        if event.pinned_on is not None and slot.day != event.pinned_on:
            yield _broken("pin", f"{_name(event)}固定在 {event.pinned_on}，却排在 {slot.day}。")


def _venues(question: PlanQuestion, answer: PlanAnswer) -> Iterator[Problem]:
    halls = {venue.name: venue for venue in question.venues}
    events = {event.number: event for event in answer.events}
    used = Counter((busy.day, busy.venue) for busy in question.busy if busy.venue)
    used.update((slot.day, slot.venue) for slot in answer.slots)
    for (day, name), number in sorted(used.items()):
        if number > 1 and name in halls:
            yield _broken("venue_twice", f"{day} 的“{name}”同时排了 {number} 场。")
    for slot in answer.slots:
        event, hall = events[slot.number], halls.get(slot.venue)
        if hall is None:
            yield _broken("no_venue", f"{_name(event)}没有可用的场地。")
        elif slot.day in hall.closed:
            yield _broken("venue_closed", f"{_name(event)}：“{hall.name}”{slot.day} 不可用。")
        elif hall.capacity < event.size:
            people = f"{event.size} 人，“{hall.name}”只能容纳 {hall.capacity} 人"
            yield _broken("venue_small", f"{_name(event)}预计 {people}。")
        elif event.place and hall.place != event.place:
            yield _broken("venue_place", f"{_name(event)}应在{event.place}，“{hall.name}”在{hall.place}。")


def _per_day(question: PlanQuestion, answer: PlanAnswer) -> Iterator[Problem]:
    count = Counter(slot.day for slot in answer.slots)
    before = Counter(busy.day for busy in question.busy)
    for day, number in sorted(count.items()):
        total = number + before[day]
        if total > question.rules.per_day:
            yield _broken("per_day", f"{day} 排了 {total} 场，每天最多 {question.rules.per_day} 场。")


def _apart(question: PlanQuestion, answer: PlanAnswer) -> Iterator[Problem]:
    place = {day: n for n, day in enumerate(question.rules.days)}
    wanted = spacing(answer.events, question.rules)
    topics = {event.number: event.topic for event in answer.events}
    days_of: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for slot in answer.slots:
        if slot.day in place:
            days_of[topics[slot.number]].append((slot.day, slot.number))
    for topic, own in sorted(days_of.items()):
        for (day, one), (later, other) in pairwise(sorted(own)):
            if place[later] - place[day] < wanted[topic]:
                message = f"第 {one} 场和第 {other} 场同专题，只隔 {place[later] - place[day]} 个工作日"
                yield _broken("apart", f"{message}（应隔 {wanted[topic]} 个）。")


def _firms_per_day(answer: PlanAnswer) -> Iterator[Problem]:
    day_of = {slot.number: slot.day for slot in answer.slots}
    met: dict[tuple[int, date], int] = {}
    for event in answer.events:
        for firm in sorted(event.firm_ids):
            day = day_of.get(event.number)
            if day is None:
                continue
            other = met.setdefault((firm, day), event.number)
            if other != event.number:
                yield _broken("firm_day", f"{day} 第 {other} 场和第 {event.number} 场都要同一家企业参加。")


def _experts(question: PlanQuestion, answer: PlanAnswer) -> Iterator[Problem]:
    day_of = {slot.number: slot.day for slot in answer.slots}
    for number, seats in sorted(Counter(seat.number for seat in answer.seats).items()):
        if seats > question.rules.experts_per_event:
            most = question.rules.experts_per_event
            yield _broken("expert_seats", f"第 {number} 场请了 {seats} 位专家，最多 {most} 位。")
    trips: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for seat in answer.seats:
        trips[seat.expert_id].append((day_of[seat.number], seat.number))
    for expert, own in sorted(trips.items()):
        if len(own) > question.rules.per_expert:
            most = question.rules.per_expert
            yield _broken("per_expert", f"专家 {expert} 要参加 {len(own)} 场，超过每位 {most} 场。")
        yield from _one_experts_days(question, answer, expert, sorted(own))


def _one_experts_days(
    question: PlanQuestion, answer: PlanAnswer, expert: int, own: list[tuple[date, int]]
) -> Iterator[Problem]:
    place = {event.number: event.place for event in answer.events}
    for (day, one), (later, other) in pairwise(own):
        if day == later:
            yield _broken("expert_day", f"专家 {expert} 在 {day} 同时有第 {one} 场和第 {other} 场。")
        elif later - day == timedelta(days=1) and (place[one], place[other]) in question.far:
            cities = f"{place[one]}和{place[other]}"
            yield _broken("far", f"专家 {expert} 连续两天（{day}、{later}）分别在相距很远的{cities}。")


def _figures(question: PlanQuestion, answer: PlanAnswer) -> Iterator[Problem]:
    needs = {need.need_id: need for need in question.needs}
    value = sum(
        fit_of(needs[need_id], topic=event.topic, city=event.city, place=event.place)
        for event in answer.events
        for need_id in event.need_ids
        if need_id in needs
    )
    if value != answer.figures.value:
        yield _broken("value", f"归组得分应为 {value}，记为 {answer.figures.value}。")
    if question.events is None and value > answer.figures.bound + 1e-6 * value:
        yield _broken("bound", f"归组得分 {value} 超过了所说的上界 {answer.figures.bound:.0f}。")
