"""Independent checks of a pairing: every rule kept, every reason true, optimality proved by prices.

Nothing here is shared with the solver beyond the meaning of the question and the aims.
"""

from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

from matchmaker.domain.pairing import (
    Candidate,
    Certificate,
    Enterprise,
    Expert,
    PairingProblem,
    PairingResult,
    Proof,
    RowKey,
    SolverBound,
    Weights,
    allowed_candidates,
    combined_aim,
    day_cap,
    open_in,
    stage_aims,
)
from matchmaker.domain.pairing_reason_check import check_reasons


def check_pairing(problem: PairingProblem, result: PairingResult) -> list[str]:
    """Return every broken rule as an English sentence; empty means the pairing may be published."""
    if result.problems:
        return ["a refused question has pairs"] if result.pairs else []
    if strangers := [*_strangers(problem, result)]:
        return strangers
    return [
        *_check_pairs(problem, result),
        *_check_caps(problem, result),
        *check_reasons(problem, result),
        *_check_price(result),
    ]


def _strangers(problem: PairingProblem, result: PairingResult) -> Iterator[str]:
    """Yield the pairs that name a need, an expert or a session that the question does not have."""
    needs = {need.need_id for need in problem.needs}
    experts = {expert.expert_id for expert in problem.experts}
    for pair in result.pairs:
        known = pair.need_id in needs and pair.expert_id in experts
        if not known or (pair.session is not None and not 0 <= pair.session < len(problem.sessions)):
            yield f"pair {(pair.need_id, pair.expert_id)} names somebody or a session that is not there"


def _check_price(result: PairingResult) -> Iterator[str]:
    price = result.price
    if price is not None and (
        (price.total, price.served, price.meetings)
        != (result.total_value, result.served_count, len(result.pairs))
        or price.value_only_total < price.total
    ):
        yield "the price of fairness is not that of the pairs"


def _check_pairs(problem: PairingProblem, result: PairingResult) -> Iterator[str]:
    allowed = {(pair.need_id, pair.expert_id): pair.value for pair in allowed_candidates(problem)}
    owner = {need.need_id: need.enterprise_id for need in problem.needs}
    pins = {(pin.need_id, pin.expert_id) for pin in problem.pins}
    chosen = Counter((pair.need_id, pair.expert_id) for pair in result.pairs)
    for key, count in chosen.items():
        if count > 1:
            yield f"pair {key} chosen {count} times"
    for key in pins - set(chosen):
        yield f"pin {key} left out"
    for pair in result.pairs:
        key = (pair.need_id, pair.expert_id)
        if allowed.get(key) != pair.value:
            yield f"pair {key} is banned, no candidate, or has another value"
        if owner[pair.need_id] != pair.enterprise_id or (key in pins) != pair.pinned:
            yield f"pair {key} names the wrong enterprise or pin"
        if problem.is_split != (pair.session is not None):
            yield f"pair {key} has a session though none is asked for, or none though one is"


def _check_caps(problem: PairingProblem, result: PairingResult) -> Iterator[str]:
    used = Counter[RowKey]()
    experts = {expert.expert_id: expert for expert in problem.experts}
    for pair in result.pairs:
        used["need", pair.need_id, ""] += 1
        used["enterprise", pair.enterprise_id, ""] += 1
        used["expert", pair.expert_id, ""] += 1
        used["enterprise session", pair.enterprise_id, str(pair.session)] += 1
        used["expert session", pair.expert_id, str(pair.session)] += 1
        used["whole session", 0, str(pair.session)] += 1
        used["pair", pair.enterprise_id, pair.expert_id] += 1
        if university := experts[pair.expert_id].university:
            used["university", pair.enterprise_id, university] += 1
    caps = _cap_table(problem)
    for key, count in used.items():
        cap = _cap_for(problem, caps, key)
        if cap is not None and count > cap:
            yield f"{key} has {count} meetings, cap {cap}"
    if len(result.pairs) > problem.seats:
        yield f"{len(result.pairs)} meetings for {problem.seats} seats"


def _cap_table(problem: PairingProblem) -> dict[RowKey, int]:
    caps: dict[RowKey, int] = {("need", need.need_id, ""): need.cap for need in problem.needs}
    people: list[tuple[str, int, Enterprise | Expert]] = [
        *(("enterprise", one.enterprise_id, one) for one in problem.enterprises),
        *(("expert", one.expert_id, one) for one in problem.experts),
    ]
    for word, person_id, person in people:
        caps[word, person_id, ""] = person.cap
        for session in range(len(problem.sessions)):
            caps[f"{word} session", person_id, str(session)] = open_in(problem, person, session)
    for index, part in enumerate(problem.sessions):
        caps["whole session", 0, str(index)] = problem.tables * part.slots
    return caps


def _cap_for(problem: PairingProblem, caps: dict[RowKey, int], key: RowKey) -> int | None:
    if key[0] == "pair":
        return problem.same_pair_cap
    if key[0] == "university":
        return problem.university_cap
    return caps.get(key)


def check_certificate(problem: PairingProblem, result: PairingResult) -> list[str]:
    """Return why the certificate does not prove the pairing optimal; empty means it does.

    Either one proof covers the combined aim, or one proof per aim covers them in order. A proof
    holds when its prices bound every pairing's gain below the result's gain plus one unit. An aim
    without prices must at least reach the bound that the solver gave.
    """
    certificate = result.certificate
    if certificate is None or not (certificate.proofs or certificate.bounds):
        return ["no proof given"]
    stages = _in_order(problem, certificate)
    if stages is None:
        return ["the proofs are not about the aims in their order"]
    if bad := [*_bad_proofs(problem, stages)]:
        return bad
    aims = tuple(stage.aim for stage in stages)
    complaints = []
    for index, stage in enumerate(stages):
        if isinstance(stage, SolverBound):
            reached = stage.aim.total(problem, result.pairs)
            room = stage.bound - reached
            if stage.reached != reached or not -_FLOAT <= room < 1:
                complaints.append(
                    f"aim {index} reaches {reached}, told {stage.reached} under {stage.bound:g}"
                )
            continue
        mixed = _mixed(stage, aims[:index])
        slack = _bound(problem, stage, mixed) - mixed.total(problem, result.pairs)
        if not 0 <= slack < stage.scale:
            complaints.append(f"proof {index} leaves room for {slack / stage.scale:g} more")
    return complaints


# What HiGHS's own bound may be below a sum of whole numbers for want of digits.
_FLOAT = 1e-3
_Stage: TypeAlias = Proof | SolverBound


def _in_order(problem: PairingProblem, certificate: Certificate) -> tuple[_Stage, ...] | None:
    """Return what is said of each aim, most important first; None when that is not all aims once."""
    stages: list[_Stage] = [*certificate.bounds, *certificate.proofs]
    said = {stage.aim: stage for stage in stages}
    whole = len(stages) == len(said)
    orders = ((combined_aim(problem),), stage_aims(problem), stage_aims(problem, by_levels=True))
    aims = next((aims for aims in orders if whole and set(aims) == set(said)), None)
    if aims is None or [aim for aim in aims if aim in {proof.aim for proof in certificate.proofs}] != [
        proof.aim for proof in certificate.proofs
    ]:
        return None
    return tuple(said[aim] for aim in aims)


def _bad_proofs(problem: PairingProblem, stages: tuple[_Stage, ...]) -> Iterator[str]:
    """Yield what makes a proof none, whatever its figures: row prices it may not have, a wrong shape."""
    rows = False
    for index, stage in enumerate(stages):
        if isinstance(stage, SolverBound):
            rows = True
            continue
        rows = rows or bool(stage.row_prices)
        if len(stage.multipliers) != (index if len(stages) > 1 else 0) or stage.scale < 1:
            yield f"proof {index} has no scale or does not weigh the aims before it"
        if min((*stage.multipliers, *stage.row_prices.values()), default=0) < 0:
            yield f"proof {index} has a negative multiplier or row price"
        if not all(_row_cap(problem, key) is not None for key in stage.row_prices):
            yield f"proof {index} prices a cap that is none"
        # Falling steps mean fair counts on a flow only: see `Weights`.
        if stage.aim.fair and rows:
            yield f"proof {index} shows fair counts by steps though caps cross the flow"


def _mixed(proof: Proof, earlier: tuple[Weights, ...]) -> Weights:
    """Return the aim plus its share of the earlier aims, all `scale` times too large."""
    parts = [(proof.scale, proof.aim), *zip(proof.multipliers, earlier, strict=True)]
    return Weights(
        served=sum(times * aim.served for times, aim in parts),
        minimum=sum(times * aim.minimum for times, aim in parts),
        fair=sum(times * aim.fair for times, aim in parts),
        top=proof.aim.top,
        value=sum(times * aim.value for times, aim in parts),
        steps=tuple(
            sum(times * step for times, step in row)
            for row in zip(*([(times, step) for step in _steps(aim)] for times, aim in parts), strict=True)
        ),
    )


def _steps(aim: Weights) -> tuple[int, ...]:
    return aim.steps or (0,) * aim.top


def _bound(problem: PairingProblem, proof: Proof, aim: Weights) -> int:
    """Return an upper bound of the aim over all pairings, by weak duality.

    Think of a meeting as a coin travelling room → enterprise → need → expert (in a session) →
    done, collecting gains on the way; a price is what the journey from there on is worth. The
    gains of any pairing are at most the sum, over all places, of its places times what a step
    gains beyond the drop in price, plus what the row prices give back.
    """
    seat = proof.seat_price
    total = problem.seats * max(0, seat)
    for enterprise in problem.enterprises:
        step = proof.enterprise_prices.get(enterprise.enterprise_id, 0) - seat
        for k in range(1, day_cap(problem, enterprise) + 1):
            total += max(0, aim.enterprise_gain(k, minimum=enterprise.minimum) + step)
    for need in problem.needs:
        inside, before = proof.need_prices, proof.enterprise_prices
        total += need.cap * max(0, inside.get(need.need_id, 0) - before.get(need.enterprise_id, 0))
    for expert in problem.experts:
        total += _expert_bound(problem, proof, aim, expert)
    total += sum(price * (_row_cap(problem, key) or 0) for key, price in proof.row_prices.items())
    return total + _pairs_bound(problem, proof, aim)


def _expert_bound(problem: PairingProblem, proof: Proof, aim: Weights, expert: Expert) -> int:
    price = proof.expert_prices.get(expert.expert_id, 0)
    cap = day_cap(problem, expert)
    total = sum(max(0, aim.expert_gain(k, minimum=expert.minimum) - price) for k in range(1, cap + 1))
    if problem.is_split:
        for session in range(len(problem.sessions)):
            before = proof.session_prices.get((expert.expert_id, session), 0)
            total += open_in(problem, expert, session) * max(0, price - before)
    return total


def _pairs_bound(problem: PairingProblem, proof: Proof, aim: Weights) -> int:
    owner = {need.need_id: need.enterprise_id for need in problem.needs}
    enterprises = {one.enterprise_id: one for one in problem.enterprises}
    experts = {one.expert_id: one for one in problem.experts}
    pins = {(pin.need_id, pin.expert_id) for pin in problem.pins}
    sessions: list[int | None] = [*range(len(problem.sessions))] if problem.is_split else [None]
    total = 0
    for pair in allowed_candidates(problem):
        enterprise, expert = enterprises[owner[pair.need_id]], experts[pair.expert_id]
        gains = [
            aim.value * pair.value
            + _arrival_price(proof, pair.expert_id, session)
            - proof.need_prices.get(pair.need_id, 0)
            - _rows_price(proof, pair, enterprise, expert, session)
            for session in sessions
            if session is None
            or (open_in(problem, enterprise, session) and open_in(problem, expert, session))
        ]
        # Which session a pinned pair takes is no flow: where fair counts hang on it, it may be left out.
        settled = len(gains) == 1 or not aim.fair
        if (pair.need_id, pair.expert_id) in pins and settled:
            total += max(gains)
        else:
            total += sum(max(0, gain) for gain in gains)
    return total


def _arrival_price(proof: Proof, expert_id: int, session: int | None) -> int:
    if session is None:
        return proof.expert_prices.get(expert_id, 0)
    return proof.session_prices.get((expert_id, session), 0)


def _rows_price(
    proof: Proof,
    pair: Candidate,
    enterprise: Enterprise,
    expert: Expert,
    session: int | None,
) -> int:
    prices = proof.row_prices
    if not prices:
        return 0
    paid = prices.get(("pair", enterprise.enterprise_id, pair.expert_id), 0)
    paid += prices.get(("university", enterprise.enterprise_id, expert.university), 0)
    if session is not None:
        paid += prices.get(("once", pair.need_id, pair.expert_id), 0)
        paid += prices.get(("enterprise session", enterprise.enterprise_id, session), 0)
        paid += prices.get(("whole session", 0, session), 0)
    return paid


def _row_cap(problem: PairingProblem, key: RowKey) -> int | None:
    """Return the figure of a crossing cap; None when there is no such cap."""
    word, person_id, which = key
    sessions = range(len(problem.sessions))
    if word == "pair":
        return problem.same_pair_cap
    if word == "university":
        return problem.university_cap if which else None
    if word == "once":
        return 1
    if word == "enterprise session" and which in sessions:
        people = (one for one in problem.enterprises if one.enterprise_id == person_id)
        return next((open_in(problem, person, int(which)) for person in people), None)
    if word == "whole session" and which in sessions:
        return problem.tables * problem.sessions[int(which)].slots
    return None
