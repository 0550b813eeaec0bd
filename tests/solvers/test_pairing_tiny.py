"""Tiny events against every pairing there is: aims, order of the lists, reasons, and forged proofs."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace

from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_events import best_rank, most_alone, rank, served, shuffled, tiny_event

from matchmaker.domain.pairing import (
    ChosenPair,
    PairingProblem,
    PairingResult,
    Proof,
    Shortfall,
    Unserved,
    allowed_candidates,
)
from matchmaker.domain.pairing_proof import check_certificate, check_pairing
from matchmaker.solvers.pairing import solve_pairing

seeds = st.integers(0, 2**32)


def faults(event: PairingProblem, result: PairingResult) -> list[str]:
    return check_pairing(event, result) + check_certificate(event, result)


@settings(max_examples=examples(150), deadline=None)
@given(seeds)
def test_no_pairing_is_better_in_any_aim_whatever_the_caps(seed: int) -> None:
    event = tiny_event(seed)

    result = solve_pairing(event)

    best = best_rank(event)
    assert (best is None) == bool(result.problems)
    if best is not None:
        assert rank(event, result.pairs) == best
        assert faults(event, result) == []


@settings(max_examples=examples(100), deadline=None)
@given(seeds)
def test_the_same_event_in_another_order_gets_the_same_answer(seed: int) -> None:
    event = tiny_event(seed)

    assert solve_pairing(shuffled(event, seed)) == solve_pairing(event)


@settings(max_examples=examples(100), deadline=None)
@given(seeds)
def test_what_a_reason_advises_helps_somebody(seed: int) -> None:
    event = tiny_event(seed)

    for unserved in solve_pairing(event).unserved:
        if (wider := advised(event, unserved)) is not None:
            assert (served(wider) or 0) > (served(event) or 0), unserved.reason


def advised(event: PairingProblem, unserved: Unserved) -> PairingProblem | None:
    """Return the event after the advice was followed, None where it says to find other partners."""
    many = event.tables + len(event.enterprises)
    if unserved.code == "event_full":
        return replace(event, tables=many)
    if "提高这些专家的场次上限" in unserved.reason:
        more = tuple(
            replace(one, cap=one.cap + 9) if one.expert_id in unserved.expert_ids else one
            for one in event.experts
        )
        return replace(event, experts=more, tables=many if "增加桌数" in unserved.reason else event.tables)
    return None


@settings(max_examples=examples(150), deadline=None)
@given(seeds)
def test_a_missed_minimum_is_told_with_what_keeps_from_it(seed: int) -> None:
    event = tiny_event(seed)

    for fall in solve_pairing(event).shortfalls:
        alone = most_alone(event, firm=fall.enterprise_id, expert=fall.expert_id)
        bound = re.search(r"(\d+) (?:场|位|家)，不够保底", fall.reason)
        if "轮不到" in fall.reason:
            assert alone >= fall.minimum, fall.reason
        elif bound is None:
            assert "没有可谈的" in fall.reason
            assert alone == 0
        else:
            assert alone <= int(bound[1]) < fall.minimum, fall.reason


@settings(max_examples=examples(150), deadline=None)
@given(seeds)
def test_what_is_advised_about_a_missed_minimum_helps_somebody(seed: int) -> None:
    event = tiny_event(seed)

    falls = solve_pairing(event).shortfalls
    for fall in falls:
        if "轮不到" in fall.reason:
            wider = solve_pairing(widened(event, fall)).shortfalls
            assert missing(wider) < missing(falls), fall.reason


def missing(falls: tuple[Shortfall, ...]) -> int:
    return sum(fall.minimum - fall.met for fall in falls)


def widened(event: PairingProblem, fall: Shortfall) -> PairingProblem:
    """Return the event after the advice was followed: everybody there for longer, and the caps it names."""
    sides = {
        "enterprises": tuple(replace(one, open_slots=None) for one in event.enterprises),
        "experts": tuple(replace(one, open_slots=None) for one in event.experts),
    }
    other = "enterprises" if fall.enterprise_id is None else "experts"
    sides[other] = tuple(replace(one, cap=one.cap + 9) for one in sides[other])
    more = 1 if "提高相关需求的场次上限" in fall.reason else 0
    return replace(
        event,
        **sides,
        tables=50,
        sessions=tuple(replace(part, slots=part.slots + 9) for part in event.sessions),
        needs=tuple(replace(need, cap=need.cap + more) for need in event.needs),
        university_cap=None if "放宽院校上限" in fall.reason else event.university_cap,
        same_pair_cap=None if "放宽同一企业与同一专家" in fall.reason else event.same_pair_cap,
    )


def forgeries(event: PairingProblem, result: PairingResult, dice: random.Random) -> Iterator[PairingResult]:
    """Yield the answer with one thing in it changed."""
    for place, pair in enumerate(result.pairs):
        others = [result.pairs[:place], result.pairs[place + 1 :]]
        yield replace(result, pairs=(*others[0], *others[1]))
        yield replace(result, pairs=(*result.pairs, pair))
        for forged in _other_pairs(event, pair):
            yield replace(result, pairs=(*others[0], forged, *others[1]))
    for place, unserved in enumerate(result.unserved):
        rest = [result.unserved[:place], result.unserved[place + 1 :]]
        yield replace(result, unserved=(*rest[0], *rest[1]))
        for told in _other_reasons(unserved):
            yield replace(result, unserved=(*rest[0], told, *rest[1]))
    for place, fall in enumerate(result.shortfalls):
        yield replace(result, shortfalls=result.shortfalls[:place] + result.shortfalls[place + 1 :])
        yield replace(
            result,
            shortfalls=(
                *result.shortfalls[:place],
                replace(fall, met=fall.met + 1),
                *result.shortfalls[place + 1 :],
            ),
        )
    certificate = result.certificate
    assert certificate is not None
    yield replace(result, certificate=None)
    for place, proof in enumerate(certificate.proofs):
        rest_of = [certificate.proofs[:place], certificate.proofs[place + 1 :]]
        yield replace(result, certificate=replace(certificate, proofs=(*rest_of[0], *rest_of[1])))
        for made in _other_proofs(result, proof, dice):
            yield replace(result, certificate=replace(certificate, proofs=(*rest_of[0], made, *rest_of[1])))
    for place, bound in enumerate(certificate.bounds):
        raised = (
            *certificate.bounds[:place],
            replace(bound, bound=bound.bound + 5),
            *certificate.bounds[place + 1 :],
        )
        yield replace(result, certificate=replace(certificate, bounds=raised))


def _other_pairs(event: PairingProblem, pair: ChosenPair) -> Iterator[ChosenPair]:
    yield replace(pair, value=pair.value + 1)
    yield replace(pair, pinned=not pair.pinned)
    yield replace(pair, need_id=999)
    yield replace(pair, expert_id=999)
    yield replace(pair, enterprise_id=999)
    yield replace(pair, session=99)
    owner = {need.need_id: need.enterprise_id for need in event.needs}
    for one in allowed_candidates(event):
        yield replace(
            pair,
            need_id=one.need_id,
            enterprise_id=owner[one.need_id],
            expert_id=one.expert_id,
            value=one.value,
        )


def _other_reasons(unserved: Unserved) -> Iterator[Unserved]:
    codes = ("no_cap", "no_need", "no_candidate", "all_banned", "experts_closed", "never_together", "?")
    yield from (replace(unserved, code=code) for code in codes if code != unserved.code)
    if unserved.code == "seats_short":
        yield replace(unserved, seats=unserved.seats + 1)
        yield replace(unserved, enterprise_ids=(*unserved.enterprise_ids, 999))
        yield replace(unserved, expert_ids=unserved.expert_ids[:-1])


def _other_proofs(result: PairingResult, proof: Proof, dice: random.Random) -> Iterator[Proof]:
    much = 1000 * (1 + abs(proof.seat_price))
    yield replace(proof, scale=-1)
    yield replace(proof, scale=0)
    yield replace(proof, aim=replace(proof.aim, value=proof.aim.value + 1))
    yield replace(proof, multipliers=(*proof.multipliers, 1))
    yield replace(proof, row_prices={**proof.row_prices, ("pair", 1, 1): -5})
    yield replace(proof, row_prices={**proof.row_prices, ("nothing", 1, 1): 5})
    if result.pairs:
        key = dice.choice(result.pairs).need_id
        yield replace(proof, need_prices={**proof.need_prices, key: proof.need_prices[key] - much})


@settings(max_examples=examples(60), deadline=None)
@given(seeds)
def test_nothing_forged_passes_the_checks(seed: int) -> None:
    event = tiny_event(seed)
    result = solve_pairing(event)
    if result.problems:
        return

    for forged in forgeries(event, result, random.Random(seed)):
        if forged != result and not as_good(event, forged, result):
            assert faults(event, forged)


def as_good(event: PairingProblem, forged: PairingResult, result: PairingResult) -> bool:
    """Whether other pairs were chosen, all of them allowed, that come to the same: no forgery."""
    allowed = {(one.need_id, one.expert_id) for one in allowed_candidates(event)}
    keys = [[(pair.need_id, pair.expert_id) for pair in one.pairs] for one in (forged, result)]
    other = sorted(keys[0]) != sorted(keys[1]) and len(keys[0]) == len(set(keys[0]))
    return other and set(keys[0]) <= allowed and rank(event, forged.pairs) == rank(event, result.pairs)
