"""Aim by aim with HiGHS: for caps that cross the network, or figures too large for the flow."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from matchmaker.domain.pairing import Weights
from matchmaker.solvers.pairing_flow import Lead, node_prices
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
NEARLY = 400.0
# What breaking a cap by one costs, in value: more than a meeting and those that it keeps out are worth.
BREAKING = 1e6


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
    program: Program, aim: Weights, *, earlier: list[tuple[Weights, int]], lead: Lead | None = None
) -> Solved | None:
    """Return whole units maximising the aim and the relaxation's prices; None when pins cannot fit.

    `earlier` lists aims with the gain that must not be lost. The relaxation is tried first: where
    it comes out whole, it is the answer and its prices prove it. It begins with the pairs that look
    best by the prices of the flow `lead`, and brings in others as long as its own prices want one;
    the caps that this flow breaks may be broken at a high price until then.
    """
    import numpy as np
    from scipy import sparse

    gains = program.network.gain_of(aim).astype(float)
    kept = [program.network.gain_of(before).astype(float) for before, _ in earlier]
    above = sparse.vstack([program.rows, *(sparse.csr_matrix(-one) for one in kept)], format="csr")
    right = np.r_[program.row_caps, [-float(best) for _, best in earlier]]
    rules = _Rules(balance=program.balance.tocsc(), above=above.tocsc(), right=right)
    relaxed = None if lead is None else _relaxed(program, gains, rules, lead)
    relaxed = relaxed or _solved(program, gains, program.upper > 0, rules)
    if relaxed is None:
        return None
    duals, bound = _duals(program, relaxed), relaxed.best
    whole = np.rint(relaxed.units)
    if np.abs(relaxed.units - whole).max(initial=0.0) > TOLERANCE:
        mixed = _whole_units(program, gains, rules, relaxed)
        if mixed is None:
            return None
        whole, bound = mixed
    if (above @ whole > right).any() or (program.balance @ whole != program.balance_right).any():
        raise ArithmeticError("HiGHS's answer breaks a cap once it is made whole")
    return Solved(units=whole.astype(np.int64), duals=duals, bound=bound)


@dataclass(slots=True)
class _Rules:
    """What comes in goes out; no cap is exceeded and no earlier aim reached less."""

    balance: Any
    above: Any
    right: "Real"

    def worth(self, gains: "Real", relaxed: "_Relaxed") -> "Real":
        """Return what each arc gains beyond the prices of the relaxation."""
        import numpy as np

        return np.asarray(gains - self.balance.T @ relaxed.level - self.above.T @ relaxed.above)


@dataclass(slots=True)
class _Relaxed:
    """An optimum of the relaxation: its units, its gain, what one more of each constraint would be worth.

    `broken` is how far it exceeds the caps that it was allowed to break.
    """

    units: "Real"
    best: float
    level: "Real"
    above: "Real"
    broken: float


def _likely(program: Program, lead: Lead) -> "Flags":
    """Return which arcs to begin with: all but pairs that the prices of the flow find far from best."""
    import numpy as np

    network, units = program.network, lead.units
    prices = node_prices(network, lead.aim, units)
    tails, heads, _caps = network.ends()
    excess = network.gain_of(lead.aim) + prices[heads] - prices[tails]
    likely = np.ones(len(units), dtype=bool)
    pairs = np.array([edge.arc for edge in network.edges if not edge.pinned], dtype=np.int64)
    pairs = pairs[program.upper[pairs] > 0]
    likely[pairs] = units[pairs] > 0
    # by need, the best first
    ranked = pairs[np.lexsort((pairs, -excess[pairs], tails[pairs]))]
    firsts = np.flatnonzero(np.r_[True, tails[ranked][1:] != tails[ranked][:-1]])
    rank = np.arange(len(ranked)) - np.repeat(firsts, np.diff(np.r_[firsts, len(ranked)]))
    likely[ranked[rank < LIKELY]] = True
    return likely


def _relaxed(program: Program, gains: "Real", rules: _Rules, lead: Lead) -> _Relaxed | None:
    """Return an optimum of the relaxation over all arcs; None when no price keeps a cap that the flow breaks.

    The likely pairs include those of the flow, so that with its broken caps there is an answer at once.
    """
    broken = rules.above @ lead.units > rules.right
    usable = program.upper > 0
    inside = usable & (_likely(program, lead) | (program.lower > 0))
    while found := _solved(program, gains, inside, rules, broken=broken):
        worth = rules.worth(gains, found)
        if not (usable & ~inside & (worth > TOLERANCE)).any():
            return found if found.broken < TOLERANCE else None
        inside = inside | (usable & (worth > -NEARLY))
    return None


def _solved(
    program: Program, gains: "Real", inside: "Flags", rules: _Rules, *, broken: "Flags | None" = None
) -> _Relaxed | None:
    """Return an optimum over the arcs `inside`; None when there is none."""
    import numpy as np
    from scipy import sparse
    from scipy.optimize import linprog

    above, lower, upper = rules.above[:, inside], program.lower[inside], program.upper[inside]
    # Of thousands of caps most cannot be reached by the arcs inside.
    binding = np.flatnonzero(above.maximum(0) @ upper + above.minimum(0) @ lower > rules.right)
    excess = np.zeros(0, dtype=np.int64) if broken is None else np.flatnonzero(broken[binding])
    more = len(excess)
    allowed = (np.full(more, -1.0), (excess, np.arange(more)))
    answer = linprog(
        np.r_[-gains[inside], np.full(more, BREAKING)],
        A_ub=sparse.hstack([above.tocsr()[binding], sparse.csc_matrix(allowed, shape=(len(binding), more))]),
        b_ub=rules.right[binding],
        A_eq=sparse.hstack([rules.balance[:, inside], sparse.csc_matrix((len(program.balance_right), more))]),
        b_eq=program.balance_right,
        bounds=np.r_[np.column_stack([lower, upper]), np.tile([0, np.inf], (more, 1))],
        method="highs",
    )
    if answer.status == 2:
        return None
    if answer.status != 0:
        raise ArithmeticError(f"HiGHS ended with status {answer.status}: {answer.message}")
    units, prices = np.zeros(len(gains)), np.zeros(len(rules.right))
    units[inside] = answer.x[: len(answer.x) - more]
    prices[binding] = -answer.ineqlin.marginals
    return _Relaxed(
        units=units,
        best=-float(answer.fun),
        level=-answer.eqlin.marginals,
        above=prices,
        broken=float(answer.x[len(answer.x) - more :].max(initial=0.0)),
    )


def _whole_units(
    program: Program, gains: "Real", rules: _Rules, relaxed: _Relaxed
) -> "tuple[Real, float] | None":
    """Return the best whole units and a bound: first without the pairs that the relaxation finds far off.

    Whoever takes an arc that falls short of its prices loses at least that from the relaxation's gain; so
    an answer that is better than all of those left out would be is the best of all.
    """
    usable, worth = program.upper > 0, rules.worth(gains, relaxed)
    found = _mixed(program, gains, rules, usable & (worth > -NEARLY))
    if found is not None and (room := relaxed.best - float(gains @ found[0])) >= NEARLY:
        found = _mixed(program, gains, rules, usable & (worth > -room - 1))
    return found or _mixed(program, gains, rules, usable)


def _mixed(program: Program, gains: "Real", rules: _Rules, inside: "Flags") -> "tuple[Real, float] | None":
    """Return the best whole units on the arcs `inside` and HiGHS's bound there; None when there are none."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    inside = inside | (program.lower > 0)
    answer = milp(
        -gains[inside],
        integrality=np.ones(int(inside.sum())),
        bounds=Bounds(program.lower[inside], program.upper[inside]),
        constraints=[
            LinearConstraint(rules.above[:, inside], -np.inf, rules.right + TOLERANCE),
            LinearConstraint(rules.balance[:, inside], program.balance_right, program.balance_right),
        ],
        options={"mip_rel_gap": 0.0},
    )
    if answer.status == 2:
        return None
    if answer.status != 0:
        raise ArithmeticError(f"HiGHS ended with status {answer.status}: {answer.message}")
    whole: Real = np.zeros(len(gains))
    whole[inside] = np.rint(answer.x)
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
