"""Step 1: needs into events of a topic, a partner city and a place, by HiGHS with a proven bound.

Events alike are one group with a whole number of copies, or the search would drown in their
symmetry. Inside a group a firm's needs stay together; the rows on sizes leave just the room that
dealing them out to the copies needs.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from matchmaker.domain.plan import PlanEvent, PlanNeed, PlanQuestion, fit_of
from matchmaker.solvers.plan_model import Grouping, Key, Way
from matchmaker.solvers.plan_search import search

# Ways kept per need: its best topics × cities × places.
WAYS_PER_NEED = 8
# Events that are candidates, for each event asked for: twice as many took HiGHS minutes to tell apart.
GROUPS_PER_EVENT, LEAST_GROUPS = 1.3, 60
CENTRAL_PLACES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Events without days, their value and the bound of the whole search."""

    events: tuple[PlanEvent, ...]
    left_out: tuple[int, ...]
    value: int
    bound: float


def group_needs(question: PlanQuestion, *, seconds: float) -> Grouped:
    """Return the best grouping found in the time, with its bound. Raises ArithmeticError when HiGHS fails."""
    grouping = candidates(question)
    if not grouping.ways:
        return Grouped(events=(), left_out=tuple(need.need_id for need in question.needs), value=0, bound=0.0)
    found = search(grouping, seconds=seconds)
    members: dict[int, list[PlanNeed]] = defaultdict(list)
    for way in found.ways:
        need, group, _ = grouping.ways[way]
        members[group].append(grouping.needs[need])
    events = _events(question, grouping, found.copies, members)
    placed = {need_id for event in events for need_id in event.need_ids}
    value = sum(grouping.ways[way][2] for way in found.ways)
    return Grouped(
        events=events,
        left_out=tuple(need.need_id for need in question.needs if need.need_id not in placed),
        value=value,
        bound=max(float(value), found.bound),
    )


def candidates(question: PlanQuestion) -> Grouping:
    """Choose the groups worth opening: those with enough needs, most worth first, each topic its best."""
    places = _places(question)
    worth: Counter[Key] = Counter()
    count: Counter[Key] = Counter()
    options = [_options(need, places) for need in question.needs]
    for own in options:
        for key, value in own.items():
            worth[key] += value
            count[key] += 1
    enough = [key for key in worth if count[key] >= question.rules.least_needs]
    ranked = sorted(enough, key=lambda key: (-worth[key], key))
    first_of = {key[0]: key for key in reversed(ranked)}
    most = max(LEAST_GROUPS, int(GROUPS_PER_EVENT * question.rules.events))
    wanted = sorted({*first_of.values(), *ranked[:most]})
    index = {key: number for number, key in enumerate(wanted)}
    ways = tuple(
        (need, index[key], value)
        for need, own in enumerate(options)
        for key, value in sorted(
            ((key, value) for key, value in own.items() if key in index), key=lambda one: (-one[1], one[0])
        )[:WAYS_PER_NEED]
    )
    return Grouping(
        question=question, groups=tuple(wanted), ways=ways, block=_blocks(question, len(wanted), ways)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Where there are halls: all of them, and the county's own roomiest ones, which serve every town."""

    all: frozenset[str]
    central: tuple[str, ...]


def _places(question: PlanQuestion) -> _Places:
    room: Counter[str] = Counter()
    for venue in question.venues:
        room[venue.place] += venue.capacity
    partners = {city for need in question.needs for city in need.cities}
    own = sorted(set(room) - partners, key=lambda place: (-room[place], place))
    central = tuple(own[:CENTRAL_PLACES]) or tuple(sorted(room)[:1]) or ("",)
    return _Places(all=frozenset(room), central=central)


def _options(need: PlanNeed, places: _Places) -> dict[Key, int]:
    """Return what a need is worth in each group it could join: in its town, centrally, at the partner's."""
    here = {*places.central, *({need.town} & places.all)}
    return {
        (topic, city, place): fit_of(need, topic=topic, city=city, place=place)
        for topic in need.topics
        for city in sorted({*need.cities, ""})
        for place in sorted(here | ({city} & places.all))
    }


def _blocks(question: PlanQuestion, groups: int, ways: tuple[Way, ...]) -> tuple[int, ...]:
    """Return per group how many needs of one firm it may get at most."""
    sizes = Counter((group, question.needs[need].firm_id) for need, group, _ in ways)
    largest = [1] * groups
    for (group, _), number in sizes.items():
        largest[group] = max(largest[group], number)
    return tuple(min(number, question.rules.most_needs) for number in largest)


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
