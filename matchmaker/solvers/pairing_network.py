"""The pairing question as one network of arcs, shared by the flow solver and HiGHS.

A meeting is a unit travelling root → room → enterprise → need → (expert in a session →) expert →
sink. Everything except the crossing rows is a capacity of one arc, so that without rows the best
flow is integral and found in milliseconds.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from matchmaker.domain.pairing import (
    PairingProblem,
    RowKey,
    Weights,
    allowed_candidates,
    day_cap,
    open_in,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Whole: TypeAlias = NDArray[np.int64]

ROOT, ROOM, SINK = 0, 1, 2


class Edge(NamedTuple):
    """The arc of one pair (in one session)."""

    arc: int
    need_id: int
    enterprise_id: int
    expert_id: int
    value: int
    session: int | None
    pinned: bool


@dataclass(slots=True)
class Network:
    """Arcs in id order; `served`, `minimum`, `fair` and `value` are each arc's gain per unit of weight."""

    node_of: dict[tuple[str, int, int], int]
    arcs: list[tuple[int, int, int]] = field(default_factory=list)
    gains: list[tuple[int, int, int, int]] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    rows: dict[RowKey, tuple[int, list[int]]] = field(default_factory=dict)
    """Cap and arcs of each cap that crosses the network."""
    choices: list[list[int]] = field(default_factory=list)
    """Arcs of which exactly one must be used: the sessions of a pinned pair."""
    tables: dict[str, "Whole"] = field(default_factory=dict)

    @property
    def node_count(self) -> int:
        return len(self.node_of) + 3

    def node(self, kind: str, first: int, second: int = 0) -> int:
        """Return the node's number, giving it one on first sight."""
        return self.node_of.setdefault((kind, first, second), len(self.node_of) + 3)

    def add(
        self,
        tail: int,
        head: int,
        cap: int,
        gain: tuple[int, int, int, int] = (0, 0, 0, 0),
    ) -> int:
        self.arcs.append((tail, head, cap))
        self.gains.append(gain)
        return len(self.arcs) - 1

    def fixed(self) -> list[int]:
        """Return the arcs that must be used: pinned pairs with one session to go to."""
        return [arcs[0] for arcs in self.choices if len(arcs) == 1]

    def gain_of(self, aim: Weights) -> "Whole":
        """Return each arc's gain under an aim, (arcs,) int64."""
        import numpy as np

        weights = np.array([aim.served, aim.minimum, aim.fair, aim.value], dtype=np.int64)
        table = self._table("gains", 4)
        # An arc's fair gain says which meeting of its enterprise it is, counted from the last.
        steps = np.array([0, *reversed(aim.steps)], dtype=np.int64)
        return np.asarray(table @ weights + (steps[table[:, 2]] if aim.steps else 0), dtype=np.int64)

    def _table(self, name: str, width: int) -> "Whole":
        """Return arcs or gains as an array, made once: the lists only grow while the network is laid out."""
        import numpy as np

        known = self.tables.get(name)
        if known is None or len(known) != len(self.arcs):
            known = np.array(getattr(self, name), dtype=np.int64).reshape(-1, width)
            self.tables[name] = known
        return known

    def ends(self) -> tuple["Whole", "Whole", "Whole"]:
        """Return tails, heads and capacities, (arcs,) int64 each."""
        table = self._table("arcs", 3)
        return table[:, 0], table[:, 1], table[:, 2]


def build_network(problem: PairingProblem) -> Network:
    """Lay out the network; the same question in any order of its parts gives the same arcs."""
    network = Network(node_of={})
    network.add(ROOT, ROOM, problem.seats)
    _add_enterprises(network, problem)
    _add_pairs(network, problem)
    _add_experts(network, problem)
    _add_rows(network, problem)
    return network


def _add_enterprises(network: Network, problem: PairingProblem) -> None:
    caps = {one.enterprise_id: day_cap(problem, one) for one in problem.enterprises}
    top = max(caps.values(), default=0)
    for enterprise in sorted(problem.enterprises, key=lambda one: one.enterprise_id):
        node = network.node("enterprise", enterprise.enterprise_id)
        for k in range(1, caps[enterprise.enterprise_id] + 1):
            network.add(
                ROOM,
                node,
                1,
                (int(k == 1), int(k <= enterprise.minimum), top + 1 - k, 0),
            )
    for need in sorted(problem.needs, key=lambda one: one.need_id):
        node = network.node("need", need.need_id)
        network.add(network.node("enterprise", need.enterprise_id), node, max(0, need.cap))


def _open_slots(problem: PairingProblem) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Return the open slots per session of every enterprise and of every expert."""
    sessions = range(len(problem.sessions))
    return (
        {
            one.enterprise_id: [open_in(problem, one, part) for part in sessions]
            for one in problem.enterprises
        },
        {one.expert_id: [open_in(problem, one, part) for part in sessions] for one in problem.experts},
    )


def _add_pairs(network: Network, problem: PairingProblem) -> None:
    owner = {need.need_id: need.enterprise_id for need in problem.needs}
    pins = {(pin.need_id, pin.expert_id) for pin in problem.pins}
    firms_open, experts_open = _open_slots(problem)
    sessions: list[int | None] = [*range(len(problem.sessions))] if problem.is_split else [None]
    ways: dict[int, list[tuple[int | None, int]]] = {}
    for pair in allowed_candidates(problem):
        need_id, expert_id, value = pair.need_id, pair.expert_id, pair.value
        enterprise_id, tail = owner[need_id], network.node("need", need_id)
        if expert_id not in ways:
            ways[expert_id] = [*_ways(network, expert_id, sessions, experts_open[expert_id])]
        pinned, present = (need_id, expert_id) in pins, firms_open[enterprise_id]
        arcs = [
            (session, network.add(tail, target, 1, (0, 0, 0, value)))
            for session, target in ways[expert_id]
            if session is None or present[session]
        ]
        network.edges += [
            Edge(arc, need_id, enterprise_id, expert_id, value, session, pinned) for session, arc in arcs
        ]
        if pinned:
            network.choices.append([arc for _, arc in arcs])


def _ways(
    network: Network, expert_id: int, sessions: list[int | None], present: list[int]
) -> Iterator[tuple[int | None, int]]:
    """Yield where a pair's arc can lead: each session that the expert is there for, and its node."""
    for session in sessions:
        if session is None:
            yield None, network.node("expert", expert_id)
        elif present[session]:
            yield session, network.node("session", expert_id, session)


def _add_experts(network: Network, problem: PairingProblem) -> None:
    for expert in sorted(problem.experts, key=lambda one: one.expert_id):
        node, cap = network.node("expert", expert.expert_id), day_cap(problem, expert)
        if problem.is_split:
            for session in range(len(problem.sessions)):
                inside = network.node("session", expert.expert_id, session)
                network.add(inside, node, open_in(problem, expert, session))
        kept = min(expert.minimum, cap)
        network.add(node, SINK, kept, (0, 1, 0, 0))
        network.add(node, SINK, cap - kept)


def _add_rows(network: Network, problem: PairingProblem) -> None:
    """Add the caps that cut across the network, where enough pairs exist to exceed them."""
    experts = {one.expert_id: one for one in problem.experts}
    members: dict[RowKey, list[int]] = defaultdict(list)
    caps: dict[RowKey, int] = {}

    def count(key: RowKey, cap: int | None, arcs: list[int]) -> None:
        if cap is not None:
            members[key] += arcs
            caps[key] = cap

    # A cap inside one that is no larger says nothing more: a third of the rows, or half, are spared.
    pairs, homes, split = problem.same_pair_cap, problem.university_cap, problem.is_split
    for (need_id, expert_id), edges in groupby(network.edges, key=lambda one: (one.need_id, one.expert_id)):
        own = [*edges]
        arcs, firm_id = [edge.arc for edge in own], own[0].enterprise_id
        university = experts[expert_id].university
        inside = bool(university) and homes is not None
        if university:
            count(("university", firm_id, university), homes, arcs)
        if pairs is not None and not (inside and (homes or 0) <= pairs):
            count(("pair", firm_id, expert_id), pairs, arcs)
        if split and pairs != 1 and not (inside and homes == 1):
            count(("once", need_id, expert_id), 1, arcs)
    if split:
        _count_in_sessions(network, problem, count)
    for key, arcs in members.items():
        if len(arcs) > caps[key]:
            network.rows[key] = (caps[key], arcs)


def _count_in_sessions(
    network: Network, problem: PairingProblem, count: Callable[[RowKey, int | None, list[int]], None]
) -> None:
    """Count what each enterprise, and the hall, has room for in each session."""
    firms_open, _experts_open = _open_slots(problem)
    whole = [problem.tables * part.slots for part in problem.sessions]
    for edge in network.edges:
        firm_id, part = edge.enterprise_id, edge.session or 0
        count(("enterprise session", firm_id, part), firms_open[firm_id][part], [edge.arc])
        count(("whole session", 0, part), whole[part], [edge.arc])
