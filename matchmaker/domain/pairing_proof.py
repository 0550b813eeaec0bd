"""Independent checks of a pairing: every rule kept, every reason true, optimality proved by prices.

Nothing here is shared with the solver beyond the meaning of the question and the aims.
"""

from collections import Counter
from collections.abc import Iterator

from matchmaker.domain.pairing import (
    Candidate,
    Enterprise,
    Expert,
    PairingProblem,
    PairingResult,
    Proof,
    RowKey,
    Unserved,
    Weights,
    allowed_candidates,
    combined_aim,
    day_cap,
    meeting_counts,
    open_in,
    stage_aims,
)


def check_pairing(problem: PairingProblem, result: PairingResult) -> list[str]:
    """Return every broken rule as an English sentence; empty means the pairing may be published."""
    if result.problems:
        return ["a refused question has pairs"] if result.pairs else []
    return [
        *_check_pairs(problem, result),
        *_check_caps(problem, result),
        *_check_unserved(problem, result),
        *_check_shortfalls(problem, result),
    ]


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


def _check_unserved(problem: PairingProblem, result: PairingResult) -> Iterator[str]:
    served = {pair.enterprise_id for pair in result.pairs}
    missing = [one.enterprise_id for one in problem.enterprises if one.enterprise_id not in served]
    if sorted(missing) != [unserved.enterprise_id for unserved in result.unserved]:
        yield "the list of unserved enterprises is wrong"
    for unserved in result.unserved:
        if unserved.code == "seats_short":
            yield from _check_hall(problem, unserved, served)


def _check_hall(problem: PairingProblem, unserved: Unserved, served: set[int]) -> Iterator[str]:
    """Check that the group wants more first seats than its experts have, by exactly the unserved."""
    group, experts = set(unserved.enterprise_ids), set(unserved.expert_ids)
    owner = {need.need_id: need.enterprise_id for need in problem.needs if need.cap > 0}
    reach = {
        pair.expert_id for pair in allowed_candidates(problem) if owner.get(pair.need_id) in group
    } - _closed(problem)
    pins = Counter(pin.expert_id for pin in problem.pins)
    seats = sum(
        day_cap(problem, expert) - pins[expert.expert_id]
        for expert in problem.experts
        if expert.expert_id in experts
    )
    if not problem.is_split and not reach <= experts:
        yield f"enterprise {unserved.enterprise_id}: the group can meet experts outside the named ones"
    if seats != unserved.seats or len(group) - seats != len(group - served):
        yield f"enterprise {unserved.enterprise_id}: {len(group)} enterprises, {seats} seats: no proof"
    if unserved.enterprise_id not in group:
        yield f"enterprise {unserved.enterprise_id} is not in its own group"


def _closed(problem: PairingProblem) -> set[int]:
    return {expert.expert_id for expert in problem.experts if not day_cap(problem, expert)}


def _check_shortfalls(problem: PairingProblem, result: PairingResult) -> Iterator[str]:
    by_enterprise, by_expert = meeting_counts(result.pairs)
    expected = {
        ("enterprise", one.enterprise_id)
        for one in problem.enterprises
        if by_enterprise.get(one.enterprise_id, 0) < one.minimum
    } | {
        ("expert", one.expert_id) for one in problem.experts if by_expert.get(one.expert_id, 0) < one.minimum
    }
    told = {
        ("expert", fall.expert_id) if fall.enterprise_id is None else ("enterprise", fall.enterprise_id)
        for fall in result.shortfalls
    }
    if told != expected:
        yield f"shortfalls told {sorted(told, key=str)}, real {sorted(expected, key=str)}"


def check_certificate(problem: PairingProblem, result: PairingResult) -> list[str]:
    """Return why the certificate does not prove the pairing optimal; empty means it does.

    Either one proof covers the combined aim, or one proof per aim covers them in order. A proof
    holds when its prices bound every pairing's gain below the result's gain plus one unit.
    """
    certificate = result.certificate
    if certificate is None or not certificate.proofs:
        return ["no proof given"]
    aims = tuple(proof.aim for proof in certificate.proofs)
    if aims not in ((combined_aim(problem),), stage_aims(problem)):
        return ["the proofs are not about the aims in their order"]
    complaints = []
    for index, proof in enumerate(certificate.proofs):
        mixed = _mixed(proof, aims[:index])
        slack = _bound(problem, proof, mixed) - mixed.total(problem, result.pairs)
        if min(proof.multipliers, default=0) < 0 or proof.scale < 1:
            complaints.append(f"proof {index} has a negative multiplier or no scale")
        if not 0 <= slack < proof.scale:
            complaints.append(f"proof {index} leaves room for {slack / proof.scale:g} more")
    return complaints


def _mixed(proof: Proof, earlier: tuple[Weights, ...]) -> Weights:
    """Return the aim plus its share of the earlier aims, all `scale` times too large."""
    parts = [(proof.scale, proof.aim), *zip(proof.multipliers, earlier, strict=True)]
    return Weights(
        served=sum(times * aim.served for times, aim in parts),
        minimum=sum(times * aim.minimum for times, aim in parts),
        fair=sum(times * aim.fair for times, aim in parts),
        top=proof.aim.top,
        value=sum(times * aim.value for times, aim in parts),
    )


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
    if any(price < 0 for price in proof.row_prices.values()):
        raise ValueError("row prices must not be negative")
    total += sum(price * _row_cap(problem, key) for key, price in proof.row_prices.items())
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
        if (pair.need_id, pair.expert_id) in pins:
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


def _row_cap(problem: PairingProblem, key: RowKey) -> int:
    word, person_id, which = key
    if word == "pair" and problem.same_pair_cap is not None:
        return problem.same_pair_cap
    if word == "university" and problem.university_cap is not None and which:
        return problem.university_cap
    if word == "once":
        return 1
    if word == "enterprise session" and isinstance(which, int):
        person = next(one for one in problem.enterprises if one.enterprise_id == person_id)
        return open_in(problem, person, which)
    if word == "whole session" and isinstance(which, int):
        return problem.tables * problem.sessions[which].slots
    raise ValueError(f"no such row: {key}")
