"""How far somebody's promised minimum could be kept if nobody else wished for anything."""

from dataclasses import replace

from matchmaker.domain.pairing import Candidate, PairingProblem, Pin, Weights
from matchmaker.domain.timetable import Side
from matchmaker.solvers.pairing_flow import best_flow, broken_rows
from matchmaker.solvers.pairing_network import build_network
from matchmaker.solvers.pairing_program import best_units, build_program

_MINIMUM = Weights(served=0, minimum=1, fair=0, top=0, value=0)


def most_alone(problem: PairingProblem, side: Side, key: int) -> int:
    """Return how many meetings, up to the minimum, a person has beside the pins; every rule holds."""
    network = build_network(_only(problem, side, key))
    if not all(network.choices):
        return 0
    units = best_flow(network, _MINIMUM)
    if units is None or broken_rows(network, units):
        solved = best_units(build_program(network), _MINIMUM, earlier=[])
        if solved is None:
            return 0
        units = solved.units
    return int(network.gain_of(_MINIMUM) @ units)


def _only(problem: PairingProblem, side: Side, key: int) -> PairingProblem:
    """Return the question with that person's candidates and minimum, and the pins, alone."""
    firm = side is Side.ENTERPRISE
    owner = {need.need_id: need.enterprise_id for need in problem.needs}
    candidates = tuple(
        replace(one, value=0)
        for one in problem.candidates
        if (owner[one.need_id] if firm else one.expert_id) == key
    )
    links: tuple[Candidate | Pin, ...] = (*candidates, *problem.pins)
    needs = {one.need_id for one in links}
    experts = {one.expert_id for one in links}
    firms = {owner[need_id] for need_id in needs}
    return replace(
        problem,
        candidates=candidates,
        needs=tuple(one for one in problem.needs if one.need_id in needs),
        enterprises=tuple(
            replace(one, minimum=one.minimum if firm and one.enterprise_id == key else 0)
            for one in problem.enterprises
            if one.enterprise_id in firms
        ),
        experts=tuple(
            replace(one, minimum=one.minimum if not firm and one.expert_id == key else 0)
            for one in problem.experts
            if one.expert_id in experts
        ),
        bans=tuple(one for one in problem.bans if one.enterprise_id in firms and one.expert_id in experts),
    )
