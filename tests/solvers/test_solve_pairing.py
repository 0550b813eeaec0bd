"""The words of answers and refusals, on events small enough to read (all tiny events: test_pairing_tiny)."""

import random
from dataclasses import replace

import pytest

from bench.instances import make_event
from matchmaker.domain.pairing import (
    Ban,
    Candidate,
    Enterprise,
    Expert,
    FairnessPrice,
    Need,
    PairingProblem,
    Pin,
    Session,
    in_id_order,
    value_aim,
)
from matchmaker.domain.pairing_change import PairingChange, compare_pairings
from matchmaker.domain.pairing_proof import check_certificate, check_pairing
from matchmaker.solvers.pairing import _by_program, solve_pairing
from matchmaker.solvers.pairing_flow import lead_by
from matchmaker.solvers.pairing_network import build_network
from matchmaker.solvers.pairing_program import best_units, build_program

DAY = (Session(name="全天", slots=4),)


def test_the_order_of_the_lists_changes_nothing() -> None:
    problem = make_event(needs=30, experts=40, per_need=10, seed=3, tables=8, slots=6)
    turned = replace(
        problem,
        enterprises=problem.enterprises[::-1],
        needs=problem.needs[::-1],
        experts=problem.experts[::-1],
        candidates=problem.candidates[::-1],
    )

    assert solve_pairing(turned) == solve_pairing(problem)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_beginning_with_the_likely_pairs_finds_what_all_pairs_at_once_find(seed: int) -> None:
    dice = random.Random(seed)
    event = make_event(needs=40, experts=60, per_need=40, seed=seed, tables=5, slots=8)
    half = [None, None, (4, 0), (0, 4)]
    problem = replace(
        event,
        sessions=(Session(name="上午", slots=4), Session(name="下午", slots=4)),
        enterprises=tuple(replace(one, open_slots=dice.choice(half)) for one in event.enterprises),
        experts=tuple(replace(one, open_slots=dice.choice(half)) for one in event.experts),
        university_cap=2,
    )
    network, aim = build_network(in_id_order(problem)), value_aim(problem)
    program = build_program(network)

    everything = best_units(program, aim, earlier=[])
    likely = best_units(program, aim, earlier=[], lead=lead_by(network, aim))
    answer = solve_pairing(problem)

    assert everything is not None
    assert likely is not None
    assert likely.bound == pytest.approx(everything.bound)
    gains = program.network.gain_of(aim)
    assert gains @ likely.units == gains @ everything.units
    assert check_pairing(problem, answer) == []
    assert check_certificate(problem, answer) == []


@pytest.mark.parametrize("seed", [5, 6], ids=["the relaxation comes out in halves", "it comes out whole"])
def test_minima_and_guests_hours_beside_caps_cost_no_value_by_the_shorter_way(seed: int) -> None:
    dice = random.Random(seed)
    event = make_event(needs=40, experts=60, per_need=40, seed=seed, tables=9, slots=8)
    hours = [None, None, (2, 2, 0, 0), (0, 2, 2, 2)]
    problem = replace(
        event,
        sessions=tuple(Session(name=f"第 {n} 节", slots=2) for n in range(4)),
        enterprises=tuple(
            replace(one, minimum=dice.randint(0, 4), open_slots=dice.choice(hours))
            for one in event.enterprises
        ),
        experts=tuple(
            replace(one, minimum=dice.randint(0, 2), open_slots=dice.choice(hours)) for one in event.experts
        ),
        university_cap=2,
    )
    network = build_network(in_id_order(problem))

    short = solve_pairing(problem)
    aim_by_aim = _by_program(in_id_order(problem), network, None)

    assert aim_by_aim is not None
    assert short.total_value == network.gain_of(value_aim(problem)) @ aim_by_aim[0]
    assert check_pairing(problem, short) == []
    assert check_certificate(problem, short) == []


def small(**changes: object) -> PairingProblem:
    """Three enterprises that all want the one expert with two seats; only 甲 has another choice."""
    problem = PairingProblem(
        enterprises=tuple(
            Enterprise(enterprise_id=e, name=name, cap=2) for e, name in enumerate("甲乙丙", 1)
        ),
        needs=tuple(Need(need_id=10 + e, enterprise_id=e, title=f"需求{e}") for e in (1, 2, 3)),
        experts=(
            Expert(expert_id=1, name="周教授", cap=1),
            Expert(expert_id=2, name="吴教授", cap=0),
        ),
        candidates=tuple(Candidate(need_id=10 + e, expert_id=1, value=100 * e) for e in (1, 2, 3)),
        tables=3,
        sessions=DAY,
    )
    return replace(problem, **changes)  # type: ignore[arg-type]  # keyword names are the fields


def test_the_unserved_learn_which_seats_are_short() -> None:
    result = solve_pairing(small())

    words = "这 3 家企业只能对接这 1 位专家（周教授），而他们一共只有 1 个席位；"
    words += "请提高这些专家的场次上限或补充候选。"
    assert [(unserved.enterprise_id, unserved.reason) for unserved in result.unserved] == [
        (1, words),
        (2, words),
    ]
    assert [(pair.need_id, pair.expert_id) for pair in result.pairs] == [(13, 1)]
    assert result.price == FairnessPrice(
        value_only_total=300,
        value_only_served=1,
        value_only_meetings=1,
        total=300,
        served=1,
        meetings=1,
    )


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"candidates": ()}, ["no_candidate"] * 3),
        ({"needs": ()}, ["no_need"] * 3),
        (
            {"bans": tuple(Ban(enterprise_id=e, expert_id=1, reason="已对接过") for e in (1, 2, 3))},
            ["all_banned"] * 3,
        ),
        (
            {"experts": (Expert(expert_id=1, name="周教授", cap=0),)},
            ["experts_closed"] * 3,
        ),
        (
            {
                "tables": 1,
                "sessions": (Session(name="上午", slots=1),),
                "experts": tuple(Expert(expert_id=x, name=f"专家{x}", cap=1) for x in (1, 2, 3)),
                "candidates": tuple(Candidate(need_id=10 + x, expert_id=x, value=9) for x in (1, 2, 3)),
            },
            ["event_full"] * 2,
        ),
        ({"tables": 1, "sessions": (Session(name="上午", slots=1),)}, ["seats_short"] * 2),
    ],
)
def test_each_cause_has_its_own_reason(changes: dict[str, object], codes: list[str]) -> None:
    problem = small(**changes)
    if "needs" in changes:
        problem = replace(problem, candidates=())

    result = solve_pairing(problem)

    assert [unserved.code for unserved in result.unserved] == codes
    assert check_pairing(problem, result) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {
                "pins": (Pin(need_id=11, expert_id=1),),
                "bans": (Ban(enterprise_id=1, expert_id=1, reason="同一集团"),),
            },
            "指定了“甲”与“周教授”洽谈，但这一对已被排除（同一集团），请取消其中一项。",
        ),
        (
            {"pins": (Pin(need_id=11, expert_id=1), Pin(need_id=12, expert_id=1))},
            "专家“周教授”最多 1 场，而指定的配对已超过，请取消部分指定或放宽上限。",
        ),
        (
            {"pins": (Pin(need_id=99, expert_id=1),)},
            "配对（需求 99，专家 1）的一方不在本次活动名单里，请先加入名单或删去这一条。",
        ),
        ({"tables": 0}, "洽谈桌数和时段数都至少为 1，请先设好场地和时间。"),
    ],
)
def test_impossible_questions_are_refused_in_words(changes: dict[str, object], message: str) -> None:
    result = solve_pairing(small(**changes))

    assert [problem.message for problem in result.problems] == [message]
    assert result.pairs == ()


def test_a_missed_minimum_is_told_with_its_cause() -> None:
    problem = small(
        enterprises=tuple(
            Enterprise(enterprise_id=e, name=name, cap=2, minimum=2 if e == 3 else 0)
            for e, name in enumerate("甲乙丙", 1)
        )
    )

    result = solve_pairing(problem)

    assert [(fall.name, fall.met, fall.minimum, fall.reason) for fall in result.shortfalls] == [
        ("丙", 1, 2, "可谈的专家只有 1 位，不够保底 2 场；请补充候选或调低保底。")
    ]


@pytest.mark.parametrize(
    ("need_cap", "university_cap", "said"),
    [
        (1, None, "相关需求的场次已到上限，轮不到这一场；请提高相关需求的场次上限，"),
        (2, 1, "对接同一院校的场次已到上限，轮不到这一场；请放宽院校上限，"),
        (2, None, ""),
    ],
)
def test_two_experts_who_were_promised_the_same_need_learn_which_cap_is_in_the_way(
    need_cap: int, university_cap: int | None, said: str
) -> None:
    problem = small(
        needs=(Need(need_id=11, enterprise_id=1, title="需求1", cap=need_cap),),
        experts=tuple(
            Expert(expert_id=key, name=name, cap=1, minimum=1, university="东湖大学")
            for key, name in ((1, "周教授"), (2, "吴教授"))
        ),
        candidates=tuple(Candidate(need_id=11, expert_id=key, value=100 // key) for key in (1, 2)),
        university_cap=university_cap,
    )

    reasons = [(fall.name, fall.reason) for fall in solve_pairing(problem).shortfalls]

    whole = f"可谈的企业有 1 家，但{said}桌数、时段或对方的场次上限不够时一并增加。"
    assert reasons == ([("吴教授", whole)] if said else [])


def test_a_what_if_shows_who_gains_and_who_loses() -> None:
    before = solve_pairing(small())
    after = solve_pairing(small(pins=(Pin(need_id=11, expert_id=1),)))

    assert compare_pairings(before, after) == PairingChange(
        added=after.pairs,
        dropped=before.pairs,
        newly_served=(1,),
        no_longer_served=(3,),
        value_change=-200,
    )


def test_a_tampered_pairing_fails_its_checks() -> None:
    problem = make_event(needs=30, experts=40, per_need=10, seed=4, tables=6, slots=6)
    result = solve_pairing(problem)

    dropped = replace(result, pairs=result.pairs[1:])

    assert check_certificate(problem, result) == []
    assert check_certificate(problem, dropped) != []
    assert check_pairing(problem, replace(result, pairs=result.pairs + result.pairs[:1])) != []


def test_half_day_guests_meet_only_while_they_are_there() -> None:
    problem = small(
        sessions=(Session(name="上午", slots=2), Session(name="下午", slots=2)),
        enterprises=tuple(
            Enterprise(
                enterprise_id=e,
                name=name,
                cap=2,
                open_slots=(2, 0) if e < 3 else (0, 2),
            )
            for e, name in enumerate("甲乙丙", 1)
        ),
        experts=(Expert(expert_id=1, name="周教授", cap=4, open_slots=(1, 2)),),
    )

    result = solve_pairing(problem)

    assert [(pair.enterprise_id, pair.session) for pair in result.pairs] == [
        (2, 0),
        (3, 1),
    ]
    assert [unserved.code for unserved in result.unserved] == ["sessions_clash"]
    assert check_pairing(problem, result) == []
