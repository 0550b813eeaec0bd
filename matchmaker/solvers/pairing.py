"""Solve a pairing exactly, explain what could not be had, and hand over the proof."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from matchmaker.domain.pairing import (
    Certificate,
    ChosenPair,
    FairnessPrice,
    PairingProblem,
    PairingResult,
    Proof,
    SolverBound,
    Weights,
    combined_aim,
    in_id_order,
    stage_aims,
    value_aim,
)
from matchmaker.domain.pairing_input import check_pairing_problem
from matchmaker.domain.pairing_reasons import explain_unserved
from matchmaker.domain.pairing_shortfalls import explain_shortfalls
from matchmaker.domain.problems import Problem
from matchmaker.solvers.pairing_alone import most_alone
from matchmaker.solvers.pairing_flow import best_flow, broken_rows, fits, node_prices
from matchmaker.solvers.pairing_network import ROOM, Network, build_network
from matchmaker.solvers.pairing_program import Duals, Program, Solved, best_units, build_program

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Whole: TypeAlias = NDArray[np.int64]

# Denominators to try when float prices are turned into exact ones.
SCALES = (1, 2, 6, 12, 60, 2520, 2**20)


def solve_pairing(problem: PairingProblem) -> PairingResult:
    """Return the best pairing in the order of aims of `matchmaker.domain.pairing`.

    The same question gives the same answer whatever the order of its tuples. Impossible pins and
    bad figures come back as `problems`, never as a pairing without them.
    """
    problem = in_id_order(problem)
    if problems := check_pairing_problem(problem):
        return PairingResult(problems=tuple(problems))
    network = build_network(problem)
    if not all(network.choices):
        return PairingResult(problems=(_pins_clash(),))
    solved = _by_flow(network, combined_aim(problem)) or _by_program(problem, network)
    if solved is None:
        return PairingResult(problems=(_pins_clash(),))
    units, certificate = solved
    pairs = _chosen(network, units)
    return PairingResult(
        pairs=pairs,
        unserved=explain_unserved(problem, pairs),
        shortfalls=explain_shortfalls(problem, pairs, most_alone),
        price=_price(problem, network, pairs, certificate),
        certificate=certificate,
    )


def _pins_clash() -> Problem:
    return Problem(
        field="pins",
        code="pins_clash",
        message="指定的配对无法同时排进各人到场的时段，请减少指定或调整到场时间。",
    )


def _by_flow(network: Network, aim: Weights) -> "tuple[Whole, Certificate] | None":
    """Return the flow and its proof, or None when the flow alone cannot answer."""
    if not fits(network, aim):
        return None
    units = best_flow(network, aim)
    if units is None or broken_rows(network, units):
        return None
    prices = node_prices(network, aim, units)
    proof = _proof(network, aim, prices=prices, scale=1, multipliers=(), row_prices=None)
    return units, Certificate(proofs=(proof,), note="最小费用流求得，节点价格证明没有更好的配对。")


def _by_program(problem: PairingProblem, network: Network) -> "tuple[Whole, Certificate] | None":
    """Go aim by aim with HiGHS; what exact prices do not confirm is told with the solver's bound."""
    program = build_program(network)
    if short := _by_flow_then_program(problem, program):
        return short
    earlier: list[tuple[Weights, int]] = []
    stages: list[Proof | SolverBound] = []
    units: Whole | None = None
    for aim in stage_aims(problem, by_levels=True):
        solved = best_units(program, aim, earlier=earlier)
        if solved is None:
            return None
        units = solved.units
        stages.append(_stage(program, aim, solved, earlier=earlier))
        earlier.append((aim, int(network.gain_of(aim) @ units)))
    return None if units is None else (units, _staged_certificate(stages))


def _stage(
    program: Program, aim: Weights, solved: Solved, *, earlier: list[tuple[Weights, int]]
) -> Proof | SolverBound:
    """Return the prices that prove a stage, or else the solver's bound for it."""
    proof = _exact_proof(program, aim, solved.units, solved.duals, earlier=earlier)
    reached = int(program.network.gain_of(aim) @ solved.units)
    return proof or SolverBound(aim=aim, reached=reached, bound=solved.bound)


def _by_flow_then_program(problem: PairingProblem, program: Program) -> "tuple[Whole, Certificate] | None":
    """Reach for what the flow reaches without crossing caps in all aims but value: one program, not four.

    The flow's prices stay a proof under more caps. None when the caps cost more than value, or
    the flow cannot answer.
    """
    network, whole = program.network, combined_aim(problem)
    if not fits(network, whole) or any(len(arcs) > 1 for arcs in network.choices):
        return None
    aims = stage_aims(problem)
    proofs: list[Proof] = []
    for count in range(1, len(aims)):
        mixed, multipliers = _led_by(whole, aims[:count])
        units = best_flow(network, mixed)
        if units is None:
            return None
        prices = node_prices(network, mixed, units)
        proofs.append(
            _proof(network, aims[count - 1], prices=prices, scale=1, multipliers=multipliers, row_prices=None)
        )
        # The last round's flow is best in all these aims at once.
        earlier = [(aim, int(network.gain_of(aim) @ units)) for aim in aims[:count]]
    solved = best_units(program, aims[-1], earlier=earlier, lead=whole)
    if solved is None:
        return None
    last = _stage(program, aims[-1], solved, earlier=earlier)
    return solved.units, _staged_certificate([*proofs, last])


def _led_by(whole: Weights, aims: tuple[Weights, ...]) -> tuple[Weights, tuple[int, ...]]:
    """Return the last aim with the earlier ones outweighing it, and by how much each does.

    The combined weights of served, minimum and fair are multiples of one another, so each aim's
    share is a whole number of the last one's.
    """
    weights = [
        max(one.served * whole.served, one.minimum * whole.minimum, one.fair * whole.fair) for one in aims
    ]
    shares = [weight // weights[-1] for weight in weights]
    mixed = Weights(
        served=sum(share * one.served for share, one in zip(shares, aims, strict=True)),
        minimum=sum(share * one.minimum for share, one in zip(shares, aims, strict=True)),
        fair=sum(share * one.fair for share, one in zip(shares, aims, strict=True)),
        top=whole.top,
        value=0,
    )
    return mixed, tuple(shares[:-1])


def _staged_certificate(stages: Sequence[Proof | SolverBound]) -> Certificate:
    proofs = tuple(stage for stage in stages if isinstance(stage, Proof))
    bounds = tuple(stage for stage in stages if isinstance(stage, SolverBound))
    note = "线性规划逐级求得，每一级都有价格证明。"
    if bounds:
        told = "、".join(f"{one.reached}（上界 {one.bound:.6g}，间隙 {one.gap:.2%}）" for one in bounds)
        note = f"整数规划逐级求得，{len(proofs)} 级有价格证明，其余由求解器给出上界：{told}。"
    return Certificate(proofs=proofs, note=note, bounds=bounds)


def _exact_proof(
    program: Program,
    aim: Weights,
    units: "Whole",
    duals: Duals,
    *,
    earlier: list[tuple[Weights, int]],
) -> Proof | None:
    """Return whole-number prices that prove the stage, or None when no rounding does."""
    import numpy as np

    network = program.network
    for scale in SCALES:
        prices = np.rint(duals.nodes * scale).astype(np.int64)
        row_prices = np.rint(duals.rows * scale).astype(np.int64)
        multipliers = np.rint(duals.multipliers * scale).astype(np.int64)
        gains = network.gain_of(aim) * scale
        for times, (before, _) in zip(multipliers, earlier, strict=True):
            gains = gains + times * network.gain_of(before)
        slack = _bound(network, gains, prices, row_prices) - int(gains @ units)
        if 0 <= slack < scale:
            shares = tuple(int(times) for times in multipliers)
            return _proof(
                network,
                aim,
                prices=prices,
                scale=scale,
                multipliers=shares,
                row_prices=row_prices,
            )
    return None


def _bound(network: Network, gains: "Whole", prices: "Whole", row_prices: "Whole") -> int:
    """Return the upper bound the prices give; see `matchmaker.domain.pairing_proof`."""
    import numpy as np

    tails, heads, caps = network.ends()
    excess = gains + prices[heads] - prices[tails]
    total = 0
    for price, (cap, arcs) in zip(row_prices, network.rows.values(), strict=True):
        if price:
            excess[arcs] -= price
            total += int(price) * cap
    free = np.ones(len(tails), dtype=bool)
    for arcs in network.choices:
        free[arcs] = False
        total += int(excess[arcs].max())
    return total + int((caps * np.maximum(0, excess))[free].sum())


def _proof(
    network: Network,
    aim: Weights,
    *,
    prices: "Whole",
    scale: int,
    multipliers: tuple[int, ...],
    row_prices: "Whole | None",
) -> Proof:
    by_kind: dict[str, dict[tuple[int, int], int]] = {}
    for (kind, first, second), node in network.node_of.items():
        by_kind.setdefault(kind, {})[first, second] = int(prices[node])
    priced = [] if row_prices is None else zip(network.rows, row_prices, strict=True)
    return Proof(
        aim=aim,
        multipliers=multipliers,
        scale=scale,
        seat_price=int(prices[ROOM]),
        enterprise_prices={key[0]: price for key, price in by_kind.get("enterprise", {}).items()},
        need_prices={key[0]: price for key, price in by_kind.get("need", {}).items()},
        expert_prices={key[0]: price for key, price in by_kind.get("expert", {}).items()},
        session_prices=by_kind.get("session", {}),
        row_prices={key: int(price) for key, price in priced if price},
    )


def _chosen(network: Network, units: "Whole") -> tuple[ChosenPair, ...]:
    return tuple(
        ChosenPair(
            need_id=edge.need_id,
            enterprise_id=edge.enterprise_id,
            expert_id=edge.expert_id,
            value=edge.value,
            pinned=edge.pinned,
            session=edge.session,
        )
        for edge in network.edges
        if units[edge.arc]
    )


def _price(
    problem: PairingProblem, network: Network, pairs: tuple[ChosenPair, ...], certificate: Certificate
) -> FairnessPrice:
    """Solve for value alone and set the two side by side."""
    best = pairs if _costs_nothing(certificate) else _for_value_alone(problem, network)
    return FairnessPrice(
        value_only_total=sum(pair.value for pair in best),
        value_only_served=len({pair.enterprise_id for pair in best}),
        value_only_meetings=len(best),
        total=sum(pair.value for pair in pairs),
        served=len({pair.enterprise_id for pair in pairs}),
        meetings=len(pairs),
    )


def _costs_nothing(certificate: Certificate) -> bool:
    """Say whether the proof of the value leans on no earlier aim: then no pairing at all has more."""
    last = None if certificate.bounds else certificate.proofs[-1]
    return last is not None and bool(last.multipliers) and not any(last.multipliers)


def _for_value_alone(problem: PairingProblem, network: Network) -> tuple[ChosenPair, ...]:
    aim = value_aim(problem)
    units = best_flow(network, aim) if fits(network, aim) else None
    if units is None or broken_rows(network, units):
        solved = best_units(build_program(network), aim, earlier=[], lead=aim)
        if solved is None:
            raise ArithmeticError("the pairing exists, so the one for value alone must exist too")
        units = solved.units
    return _chosen(network, units)
