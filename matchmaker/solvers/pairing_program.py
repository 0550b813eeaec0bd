"""Aim by aim with HiGHS: for caps that cross the network, or figures too large for the flow."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from matchmaker.domain.pairing import Weights
from matchmaker.solvers.pairing_flow import best_flow, fits, node_prices
from matchmaker.solvers.pairing_network import ROOT, SINK, Network

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Whole: TypeAlias = NDArray[np.int64]
    Real: TypeAlias = NDArray[np.float64]
    Flags: TypeAlias = NDArray[np.bool_]

# Relative to integers that HiGHS returns as floats.
TOLERANCE = 1e-6
# Pairs of each need that the relaxation begins with.
LIKELY = 16
# With an arc that is wanted come those that are not much worse, in value: one more round costs more.
NEARLY = 300.0


@dataclass(slots=True)
class Duals:
    """Float prices of one aim's linear relaxation."""

    nodes: "Real"
    rows: "Real"
    multipliers: "Real"


@dataclass(slots=True)
class Solved:
    """The best whole units for an aim, its relaxation's prices, and HiGHS's own bound for the aim."""

    units: "Whole"
    duals: Duals
    bound: float


@dataclass(slots=True)
class Program:
    """The network as linear constraints: what comes into a place goes out of it."""

    network: Network
    balance: Any
    rows: Any
    row_caps: "Real"
    lower: "Real"
    upper: "Real"
    balance_right: "Real"


def build_program(network: Network) -> Program:
    """Turn the network into sparse constraints, in the order of its arcs, nodes and rows."""
    import numpy as np
    from scipy import sparse

    tails, heads, caps = network.ends()
    count = len(tails)
    numbers = np.arange(count)
    signs = np.concatenate([np.ones(count), -np.ones(count)])
    places = (np.concatenate([heads, tails]), np.concatenate([numbers, numbers]))
    balance = sparse.csr_matrix((signs, places), shape=(network.node_count, count))
    inner = [node for node in range(network.node_count) if node not in (ROOT, SINK)]
    several = [arcs for arcs in network.choices if len(arcs) > 1]
    lower = np.zeros(count)
    lower[network.fixed()] = 1
    return Program(
        network=network,
        balance=sparse.vstack([balance[inner], _incidence(several, count)], format="csr"),
        rows=_incidence([arcs for _, arcs in network.rows.values()], count),
        row_caps=np.array([cap for cap, _ in network.rows.values()], dtype=float),
        lower=lower,
        upper=caps.astype(float),
        balance_right=np.r_[np.zeros(len(inner)), np.ones(len(several))],
    )


def _incidence(groups: list[list[int]], width: int) -> Any:
    import numpy as np
    from scipy import sparse

    lines = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    columns = np.array([arc for group in groups for arc in group], dtype=np.int64)
    return sparse.csr_matrix((np.ones(len(columns)), (lines, columns)), shape=(len(groups), width))


def best_units(
    program: Program, aim: Weights, *, earlier: list[tuple[Weights, int]], lead: Weights | None = None
) -> Solved | None:
    """Return whole units maximising the aim and the relaxation's prices; None when pins cannot fit.

    `earlier` lists aims with the gain that must not be lost. The relaxation is tried first: where
    it comes out whole, it is the answer and its prices prove it. It begins with the pairs that look
    best by the flow's prices under `lead`, and brings in others as long as its own prices want one.
    """
    import numpy as np
    from scipy import sparse

    gains = program.network.gain_of(aim).astype(float)
    kept = [program.network.gain_of(before).astype(float) for before, _ in earlier]
    above = sparse.vstack([program.rows, *(sparse.csr_matrix(-one) for one in kept)], format="csr")
    right = np.r_[program.row_caps, [-float(best) for _, best in earlier]]
    relaxed = _relaxed(program, gains, above=above, right=right, columns=_likely(program, lead))
    if relaxed is None:
        return None
    duals, bound = _duals(program, relaxed), relaxed.best
    whole = np.rint(relaxed.units)
    if np.abs(relaxed.units - whole).max(initial=0.0) > TOLERANCE:
        mixed = _whole_units(program, gains, above=above, right=right)
        if mixed is None:
            return None
        whole, bound = mixed
    if (above @ whole > right).any() or (program.balance @ whole != program.balance_right).any():
        raise ArithmeticError("HiGHS's answer breaks a cap once it is made whole")
    return Solved(units=whole.astype(np.int64), duals=duals, bound=bound)


@dataclass(slots=True)
class _Relaxed:
    """An optimum of the relaxation: its units, its gain, what one more of each constraint would be worth."""

    units: "Real"
    best: float
    level: "Real"
    above: "Real"


def _likely(program: Program, lead: Weights | None) -> "Flags | None":
    """Return which arcs to begin with: all but pairs that the flow's prices find far from best."""
    import numpy as np

    network = program.network
    units = best_flow(network, lead) if lead is not None and fits(network, lead) else None
    if units is None or lead is None:
        return None
    prices = node_prices(network, lead, units)
    tails, heads, _caps = network.ends()
    excess = network.gain_of(lead) + prices[heads] - prices[tails]
    likely = np.ones(len(units), dtype=bool)
    pairs = np.array([edge.arc for edge in network.edges if not edge.pinned], dtype=np.int64)
    likely[pairs] = units[pairs] > 0
    # by need, the best first
    ranked = pairs[np.lexsort((pairs, -excess[pairs], tails[pairs]))]
    firsts = np.flatnonzero(np.r_[True, tails[ranked][1:] != tails[ranked][:-1]])
    rank = np.arange(len(ranked)) - np.repeat(firsts, np.diff(np.r_[firsts, len(ranked)]))
    likely[ranked[rank < LIKELY]] = True
    return likely


def _relaxed(
    program: Program, gains: "Real", *, above: Any, right: "Real", columns: "Flags | None"
) -> _Relaxed | None:
    """Return an optimum of the relaxation over all arcs; None when there is none."""
    import numpy as np

    inside = np.ones(len(gains), dtype=bool) if columns is None else columns
    balance, limits = program.balance.tocsc(), above.tocsc()
    while True:
        found = _solved(program, gains, inside, balance=balance, above=limits, right=right)
        if found is None:
            if inside.all():
                return None
            inside = np.ones(len(gains), dtype=bool)
            continue
        worth = gains - balance.T @ found.level - limits.T @ found.above
        wanted = ~inside & (worth > TOLERANCE)
        if not wanted.any():
            return found
        inside = inside | (worth > -NEARLY)


def _solved(
    program: Program, gains: "Real", inside: "Flags", *, balance: Any, above: Any, right: "Real"
) -> _Relaxed | None:
    import numpy as np
    from scipy.optimize import linprog

    answer = linprog(
        -gains[inside],
        A_ub=above[:, inside],
        b_ub=right,
        A_eq=balance[:, inside],
        b_eq=program.balance_right,
        bounds=np.column_stack([program.lower, program.upper])[inside],
        method="highs",
    )
    if answer.status == 2:
        return None
    if answer.status != 0:
        raise ArithmeticError(f"HiGHS ended with status {answer.status}: {answer.message}")
    units = np.zeros(len(gains))
    units[inside] = answer.x
    return _Relaxed(
        units=units,
        best=-float(answer.fun),
        level=-answer.eqlin.marginals,
        above=-answer.ineqlin.marginals,
    )


def _whole_units(
    program: Program, gains: "Real", *, above: Any, right: "Real"
) -> "tuple[Real, float] | None":
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    answer = milp(
        -gains,
        integrality=np.ones(len(gains)),
        bounds=Bounds(program.lower, program.upper),
        constraints=[
            LinearConstraint(above, -np.inf, right + TOLERANCE),
            LinearConstraint(program.balance, program.balance_right, program.balance_right),
        ],
        options={"mip_rel_gap": 0.0},
    )
    if answer.status == 2:
        return None
    if answer.status != 0:
        raise ArithmeticError(f"HiGHS ended with status {answer.status}: {answer.message}")
    whole: Real = np.rint(answer.x)
    return whole, -float(answer.mip_dual_bound)


def _duals(program: Program, relaxed: _Relaxed) -> Duals:
    """Read prices off the marginals: a node's is what one more unit there would be worth."""
    import numpy as np

    row_count = len(program.row_caps)
    inner = program.network.node_count - 2
    nodes = np.zeros(program.network.node_count)
    nodes[[node for node in range(program.network.node_count) if node not in (ROOT, SINK)]] = -relaxed.level[
        :inner
    ]
    above = np.maximum(0.0, relaxed.above)
    return Duals(nodes=nodes, rows=above[:row_count], multipliers=above[row_count:])
