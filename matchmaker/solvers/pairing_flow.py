"""The exact flow: best pairing when no crossing cap binds, and the prices that prove it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from matchmaker.domain.pairing import Weights
from matchmaker.solvers.pairing_network import ROOT, SINK, Network

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Whole: TypeAlias = NDArray[np.int64]

# The flow solver multiplies costs by the node count and sums them, both in 64 bits.
COST_LIMIT = 2**62


def fits(network: Network, aim: Weights) -> bool:
    """Tell whether the aim's gains stay exact in the flow solver's 64-bit arithmetic."""
    largest = aim.served + 2 * aim.minimum + aim.fair * aim.top + aim.value * 10_000
    seats = network.arcs[0][2]
    return largest * max(network.node_count + 1, seats + 1) < COST_LIMIT


@dataclass(frozen=True, slots=True)
class Lead:
    """A flow that is best for an aim, crossing caps ignored."""

    aim: Weights
    units: "Whole"


def lead_by(network: Network, aim: Weights) -> Lead | None:
    """Return the best flow for an aim; None when its gains are too large, or pins cannot fit."""
    units = best_flow(network, aim) if fits(network, aim) else None
    return None if units is None else Lead(aim, units)


def best_flow(network: Network, aim: Weights) -> "Whole | None":
    """Return the units on each arc that maximise the aim, rows ignored; None when pins cannot fit.

    Pinned arcs carry exactly one unit: they are taken out and their ends balanced by supplies.
    """
    import numpy as np
    from ortools.graph.python import min_cost_flow

    tails, heads, caps = network.ends()
    fixed = np.array(network.fixed(), dtype=np.int64)
    open_caps = caps.copy()
    open_caps[fixed] = 0
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tails, heads, open_caps, -network.gain_of(aim))
    seats = int(caps[0])
    solver.add_arc_with_capacity_and_unit_cost(ROOT, SINK, seats, 0)
    supplies = np.zeros(network.node_count, dtype=np.int64)
    supplies[ROOT], supplies[SINK] = seats, -seats
    np.subtract.at(supplies, tails[fixed], 1)
    np.add.at(supplies, heads[fixed], 1)
    solver.set_nodes_supplies(np.arange(network.node_count), supplies)
    status = solver.solve()
    if status == solver.INFEASIBLE:
        return None
    if status != solver.OPTIMAL:
        raise ArithmeticError(f"min-cost flow ended with status {status}")
    units = np.asarray(solver.flows(arcs), dtype=np.int64)
    units[fixed] = 1
    return units


def broken_rows(network: Network, units: "Whole") -> bool:
    """Tell whether the flow exceeds a crossing cap or leaves a pin without exactly one session."""
    if any(int(units[arcs].sum()) > cap for cap, arcs in network.rows.values()):
        return True
    return any(int(units[arcs].sum()) != 1 for arcs in network.choices)


def node_prices(network: Network, aim: Weights, units: "Whole") -> "Whole":
    """Return what the rest of the journey is worth at each node, 0 at root and sink.

    Longest paths in the residual network (Bellman-Ford, whole arrays at a time); they exist
    exactly when the flow is best, so a flow that is not raises ArithmeticError.
    """
    import numpy as np

    tails, heads, caps = network.ends()
    gains = network.gain_of(aim)
    free = np.ones(len(tails), dtype=bool)
    free[network.fixed()] = False
    onward, back = free & (units < caps), free & (units > 0)
    # Root and sink are one place: the journey closes.
    starts = np.concatenate([tails[onward], heads[back], [ROOT, SINK]])
    ends = np.concatenate([heads[onward], tails[back], [SINK, ROOT]])
    steps = np.concatenate([gains[onward], -gains[back], [0, 0]])
    order = np.argsort(starts, kind="stable")
    starts, ends, steps = starts[order], ends[order], steps[order]
    firsts = np.flatnonzero(np.r_[True, starts[1:] != starts[:-1]])
    prices: Whole = np.zeros(network.node_count, dtype=np.int64)
    for _ in range(network.node_count + 1):
        better = np.maximum.reduceat(steps + prices[ends], firsts)
        if not (better > prices[starts[firsts]]).any():
            return np.asarray(prices - prices[ROOT])
        prices[starts[firsts]] = np.maximum(better, prices[starts[firsts]])
    raise ArithmeticError("the flow can still be improved")
