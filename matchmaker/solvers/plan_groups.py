"""Step 1: needs into events of a topic, a partner city and a place, by HiGHS with a proven bound.

Events alike are one group with a whole number of copies, or the search would drown in their
symmetry. Inside a group a firm's needs stay together; the rows on sizes leave just the room that
dealing them out to the copies needs.
"""

from collections import defaultdict
from dataclasses import dataclass
from math import isfinite

from matchmaker.domain.plan import PlanEvent, PlanNeed, PlanQuestion
from matchmaker.solvers.plan_beside import bounding
from matchmaker.solvers.plan_choice import choose_groups
from matchmaker.solvers.plan_model import Grouping
from matchmaker.solvers.plan_search import Found, search


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Events without days, their value and the bound of all groupings there are."""

    events: tuple[PlanEvent, ...]
    left_out: tuple[int, ...]
    value: int
    bound: float


def group_needs(question: PlanQuestion) -> Grouped:
    """Return the best grouping found, with its bound: the same for the same question.

    Raises ArithmeticError when HiGHS fails.
    """
    choice = choose_groups(question)
    if not choice.groupings[0].ways:
        return Grouped(events=(), left_out=tuple(need.need_id for need in question.needs), value=0, bound=0.0)
    with bounding(choice) as closer:
        tried = [(grouping, search(grouping)) for grouping in choice.groupings]
        bound = closer.result()
    grouping, found = max(tried, key=lambda one: _worth(*one))
    members: dict[int, list[PlanNeed]] = defaultdict(list)
    for way in found.ways:
        need, group, _ = grouping.ways[way]
        members[group].append(grouping.needs[need])
    events = _events(question, grouping, found.copies, members)
    placed = {need_id for event in events for need_id in event.need_ids}
    value = _worth(grouping, found)
    return Grouped(
        events=events,
        left_out=tuple(need.need_id for need in question.needs if need.need_id not in placed),
        value=value,
        bound=max(float(value), bound if isfinite(bound) else found.bound),
    )


def _worth(grouping: Grouping, found: Found) -> int:
    return sum(grouping.ways[way][2] for way in found.ways)


def _events(
    question: PlanQuestion, grouping: Grouping, copies: list[int], members: dict[int, list[PlanNeed]]
) -> tuple[PlanEvent, ...]:
    dealt = [
        (grouping.groups[group], own)
        for group in sorted(members)
        for own in _deal(members[group], copies[group])
    ]
    return tuple(
        PlanEvent(
            number=number,
            topic=key[0],
            city=key[1],
            place=key[2],
            need_ids=tuple(sorted(need.need_id for need in own)),
            firm_ids=frozenset(need.firm_id for need in own),
            size=len({need.firm_id for need in own}) + question.rules.experts_per_event,
        )
        for number, (key, own) in enumerate(dealt, 1)
    )


def _deal(needs: list[PlanNeed], copies: int) -> list[list[PlanNeed]]:
    """Deal needs out to equal events, a firm's together: the largest block to the smallest event."""
    blocks: dict[int, list[PlanNeed]] = defaultdict(list)
    for need in needs:
        blocks[need.firm_id].append(need)
    hands: list[list[PlanNeed]] = [[] for _ in range(max(1, copies))]
    for block in sorted(blocks.values(), key=lambda own: (-len(own), own[0].need_id)):
        min(hands, key=len).extend(block)
    return hands
