"""Solve a pairing exactly, explain what could not be had, and hand over the proof."""

from collections.abc import Iterator, Sequence
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
from matchmaker.solvers.pairing_face import Face
from matchmaker.solvers.pairing_flow import Lead, broken_rows, lead_by, node_prices
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
    lead = lead_by(network, combined_aim(problem))
    solved = _by_flow(network, lead) or _by_program(problem, network, lead)
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


def _by_flow(network: Network, lead: Lead | None) -> "tuple[Whole, Certificate] | None":
    """Return the flow and its proof, or None when the flow alone cannot answer."""
    if lead is None or broken_rows(network, lead.units):
        return None
    prices = node_prices(network, lead.aim, lead.units)
    proof = _proof(network, lead.aim, prices=prices, scale=1, multipliers=(), row_prices=None)
    return lead.units, Certificate(proofs=(proof,), note="最小费用流求得，节点价格证明没有更好的配对。")


def _by_program(
    problem: PairingProblem, network: Network, lead: Lead | None
) -> "tuple[Whole, Certificate] | None":
    """Go aim by aim with HiGHS; what exact prices do not confirm is told with the solver's bound."""
    program = build_program(network)
    if lead is not None and (short := _by_flow_then_program(problem, program, lead)):
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


def _by_flow_then_program(
    problem: PairingProblem, program: Program, lead: Lead
) -> "tuple[Whole, Certificate] | None":
    """Reach for what the flow reaches without crossing caps in all aims but value: one program, not four.

    The flow's prices stay a proof under more caps. None when the caps cost more than value, or
    the flow cannot answer.
    """
    network = program.network
    if any(len(arcs) > 1 for arcs in network.choices):
        return None
    aims = stage_aims(problem)
    proofs: list[Proof] = []
    for count in range(1, len(aims)):
        mixed, multipliers = _led_by(lead.aim, aims[:count])
        # What is best in all aims together is best in the first of them, too.
        prices = node_prices(network, mixed, lead.units)
        proofs.append(
            _proof(network, aims[count - 1], prices=prices, scale=1, multipliers=multipliers, row_prices=None)
        )
    # The last round's prices tell which other flows are as good in all these aims.
    face = Face(gains=network.gain_of(mixed), prices=prices, shares=(*multipliers, 1))
    solved = best_units(face.of(program), aims[-1], earlier=[], lead=lead)
    if solved is None:
        return None
    last = _face_proof(network, face, aims[-1], solved) or SolverBound(
        aim=aims[-1], reached=int(network.gain_of(aims[-1]) @ solved.units), bound=solved.bound
    )
    return solved.units, _staged_certificate([*proofs, last])


def _face_proof(network: Network, face: Face, aim: Weights, solved: Solved) -> Proof | None:
    """Return whole-number prices that prove the last aim among the best of the earlier ones."""
    for scale, nodes, rows in _rounded(solved.duals):
        own = network.gain_of(aim) * scale
        times = face.outweighing(network, _excess(network, own, nodes, rows))
        if times is None:
            continue
        gains, prices = own + times * face.gains, nodes + times * face.prices
        if 0 <= _bound(network, gains, prices, rows) - int(gains @ solved.units) < scale:
            shares = tuple(times * share for share in face.shares)
            return _proof(network, aim, prices=prices, scale=scale, multipliers=shares, row_prices=rows)
    return None


def _rounded(duals: Duals) -> "Iterator[tuple[int, Whole, Whole]]":
    """Yield the float prices as whole numbers: by which scale, of the nodes, of the rows."""
    import numpy as np

    for scale in SCALES:
        nodes, rows = (np.rint(prices * scale).astype(np.int64) for prices in (duals.nodes, duals.rows))
        yield scale, nodes, rows


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
    for scale, prices, row_prices in _rounded(duals):
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

    tails, _heads, caps = network.ends()
    excess = _excess(network, gains, prices, row_prices)
    total = sum(
        int(price) * cap for price, (cap, _) in zip(row_prices, network.rows.values(), strict=True) if price
    )
    free = np.ones(len(tails), dtype=bool)
    for arcs in network.choices:
        free[arcs] = False
        total += int(excess[arcs].max())
    return total + int((caps * np.maximum(0, excess))[free].sum())


def _excess(network: Network, gains: "Whole", prices: "Whole", row_prices: "Whole") -> "Whole":
    """Return what each arc gains beyond the prices of its ends and of the caps it counts in."""
    tails, heads, _caps = network.ends()
    excess = gains + prices[heads] - prices[tails]
    for price, (_, arcs) in zip(row_prices, network.rows.values(), strict=True):
        if price:
            excess[arcs] -= price
    return excess


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
    lead = lead_by(network, aim)
    if lead is not None and not broken_rows(network, lead.units):
        return _chosen(network, lead.units)
    solved = best_units(build_program(network), aim, earlier=[], lead=lead)
    if solved is None:
        raise ArithmeticError("the pairing exists, so the one for value alone must exist too")
    return _chosen(network, solved.units)
