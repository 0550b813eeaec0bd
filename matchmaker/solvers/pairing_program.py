"""Aim by aim with HiGHS: for caps that cross the network, or figures too large for the flow."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from matchmaker.domain.pairing import Weights
from matchmaker.solvers.pairing_network import ROOT, SINK, Network

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Whole: TypeAlias = NDArray[np.int64]
    Real: TypeAlias = NDArray[np.float64]

# Relative to integers that HiGHS returns as floats.
TOLERANCE = 1e-6


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


def best_units(program: Program, aim: Weights, *, earlier: list[tuple[Weights, int]]) -> Solved | None:
    """Return whole units maximising the aim and the relaxation's prices; None when pins cannot fit.

    `earlier` lists aims with the gain that must not be lost. The relaxation is tried first: where
    it comes out whole, it is the answer and its prices prove it.
    """
    import numpy as np
    from scipy import sparse
    from scipy.optimize import linprog

    gains = program.network.gain_of(aim).astype(float)
    kept = [program.network.gain_of(before).astype(float) for before, _ in earlier]
    above = sparse.vstack([program.rows, *(sparse.csr_matrix(-one) for one in kept)], format="csr")
    right = np.r_[program.row_caps, [-float(best) for _, best in earlier]]
    bounds = np.column_stack([program.lower, program.upper])
    relaxed = linprog(
        -gains,
        A_ub=above,
        b_ub=right,
        A_eq=program.balance,
        b_eq=program.balance_right,
        bounds=bounds,
        method="highs",
    )
    if relaxed.status == 2:
        return None
    if relaxed.status != 0:
        raise ArithmeticError(f"HiGHS ended with status {relaxed.status}: {relaxed.message}")
    duals, bound = _duals(program, relaxed), -float(relaxed.fun)
    whole = np.rint(relaxed.x)
    if np.abs(relaxed.x - whole).max(initial=0.0) > TOLERANCE:
        mixed = _whole_units(program, gains, above=above, right=right)
        if mixed is None:
            return None
        whole, bound = mixed
    if (above @ whole > right).any() or (program.balance @ whole != program.balance_right).any():
        raise ArithmeticError("HiGHS's answer breaks a cap once it is made whole")
    return Solved(units=whole.astype(np.int64), duals=duals, bound=bound)


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


def _duals(program: Program, relaxed: Any) -> Duals:
    """Read prices off the marginals: a node's is what one more unit there would be worth."""
    import numpy as np

    row_count = len(program.row_caps)
    inner = program.network.node_count - 2
    nodes = np.zeros(program.network.node_count)
    nodes[[node for node in range(program.network.node_count) if node not in (ROOT, SINK)]] = (
        relaxed.eqlin.marginals[:inner]
    )
    above = np.maximum(0.0, -relaxed.ineqlin.marginals)
    return Duals(nodes=nodes, rows=above[:row_count], multipliers=above[row_count:])
