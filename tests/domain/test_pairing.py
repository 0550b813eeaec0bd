"""The checkers see every broken rule of a hand-made pairing; the aims outgrow one another."""

from dataclasses import replace

import pytest

from matchmaker.domain.pairing import (
    Ban,
    Candidate,
    Certificate,
    ChosenPair,
    Enterprise,
    Expert,
    Need,
    PairingProblem,
    PairingResult,
    Pin,
    Session,
    Unserved,
    combined_aim,
    day_cap,
    stage_aims,
)
from matchmaker.domain.pairing_input import check_pairing_problem
from matchmaker.domain.pairing_proof import check_certificate, check_pairing

EVENT = PairingProblem(
    enterprises=(
        Enterprise(enterprise_id=1, name="甲", cap=1),
        Enterprise(enterprise_id=2, name="乙", cap=1),
    ),
    needs=(Need(need_id=11, enterprise_id=1, title="涂层"), Need(need_id=12, enterprise_id=2, title="烘干")),
    experts=(Expert(expert_id=5, name="周教授", cap=1, university="东湖大学"),),
    candidates=(Candidate(need_id=11, expert_id=5, value=70), Candidate(need_id=12, expert_id=5, value=90)),
    tables=1,
    sessions=(Session(name="上午", slots=3),),
)
FIRST = ChosenPair(need_id=11, enterprise_id=1, expert_id=5, value=70)
SECOND = ChosenPair(need_id=12, enterprise_id=2, expert_id=5, value=90)
SHORT = Unserved(
    enterprise_id=1, code="seats_short", reason="席位不足", enterprise_ids=(1, 2), expert_ids=(5,), seats=1
)
GOOD = PairingResult(pairs=(SECOND,), unserved=(SHORT,))


def test_a_good_pairing_passes() -> None:
    assert check_pairing(EVENT, GOOD) == []


@pytest.mark.parametrize(
    ("problem", "result", "complaint"),
    [
        (EVENT, replace(GOOD, pairs=(FIRST, SECOND)), "('expert', 5, '') has 2 meetings, cap 1"),
        (EVENT, replace(GOOD, unserved=()), "the list of unserved enterprises is wrong"),
        (
            replace(EVENT, bans=(Ban(enterprise_id=2, expert_id=5, reason="同一集团"),)),
            GOOD,
            "pair (12, 5) is banned, no candidate, or has another value",
        ),
        (replace(EVENT, pins=(Pin(need_id=11, expert_id=5),)), GOOD, "pin (11, 5) left out"),
        (
            EVENT,
            replace(GOOD, unserved=(replace(SHORT, enterprise_ids=(1,)),)),
            "enterprise 1: 1 enterprises, 1 seats: no proof",
        ),
        (
            replace(EVENT, experts=(replace(EVENT.experts[0], minimum=1, cap=2),), candidates=()),
            PairingResult(unserved=(replace(SHORT, code="no"), replace(SHORT, enterprise_id=2, code="no"))),
            "shortfalls told [], real [('expert', 5, 1, 0)]",
        ),
    ],
)
def test_each_broken_rule_is_seen(problem: PairingProblem, result: PairingResult, complaint: str) -> None:
    assert complaint in check_pairing(problem, result)


def test_a_pairing_without_proof_is_not_called_optimal() -> None:
    assert check_certificate(EVENT, GOOD) == ["no proof given"]
    assert check_certificate(EVENT, replace(GOOD, certificate=Certificate(proofs=(), note=""))) == [
        "no proof given"
    ]


def test_one_served_enterprise_outweighs_everything_after_it() -> None:
    event = replace(EVENT, enterprises=tuple(replace(one, minimum=1) for one in EVENT.enterprises))

    aim = combined_aim(event)

    meetings = 2
    assert aim.fair > 10_000 * meetings
    assert aim.minimum > aim.fair * aim.top * meetings
    assert aim.served > aim.minimum * 2
    assert len(stage_aims(event)) == 4


def test_nobody_may_have_more_meetings_than_open_slots() -> None:
    event = replace(EVENT, sessions=(Session(name="上午", slots=3), Session(name="下午", slots=2)))

    assert day_cap(event, Expert(expert_id=9, name="吴教授", cap=9)) == 5
    assert day_cap(event, Expert(expert_id=9, name="吴教授", cap=9, open_slots=(9, 0))) == 3


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"tables": 0}, "no_seats"),
        ({"same_pair_cap": 0}, "cap_too_low"),
        ({"university_cap": 0}, "cap_too_low"),
        ({"candidates": (Candidate(need_id=11, expert_id=5, value=10_001),)}, "value_range"),
        ({"experts": (replace(EVENT.experts[0], cap=-1),)}, "negative"),
        ({"experts": (replace(EVENT.experts[0], minimum=2),)}, "minimum_over_cap"),
        ({"experts": (replace(EVENT.experts[0], open_slots=(1, 1)),)}, "session_count"),
        ({"experts": EVENT.experts * 2}, "repeated"),
        ({"bans": (Ban(enterprise_id=1, expert_id=7, reason="回避"),)}, "unknown"),
    ],
)
def test_bad_questions_are_named(changes: dict[str, object], code: str) -> None:
    event = replace(EVENT, **changes)  # type: ignore[arg-type]  # keyword names are the fields

    assert [problem.code for problem in check_pairing_problem(event)] == [code]
