"""The solver against brute force on tiny events, its own checkers on random ones, and refusals."""

from dataclasses import replace
from itertools import combinations

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.instances import make_event
from matchmaker.domain.pairing import (
    Ban,
    Candidate,
    ChosenPair,
    Enterprise,
    Expert,
    FairnessPrice,
    Need,
    PairingProblem,
    Pin,
    Session,
    combined_aim,
)
from matchmaker.domain.pairing_change import PairingChange, compare_pairings
from matchmaker.domain.pairing_proof import check_certificate, check_pairing
from matchmaker.solvers.pairing import solve_pairing

DAY = (Session(name="全天", slots=4),)


@st.composite
def events(draw: st.DrawFn, *, largest: int = 5, sessions: bool = False) -> PairingProblem:
    """Draw small events with caps, minima, pins, bans and, on request, people who miss a session."""
    enterprise_count, expert_count = (
        draw(st.integers(1, largest)),
        draw(st.integers(1, largest)),
    )
    owners = draw(st.lists(st.integers(1, enterprise_count), min_size=1, max_size=largest + 2))
    cells = [(need, expert) for need in range(1, len(owners) + 1) for expert in range(1, expert_count + 1)]
    chosen = draw(st.lists(st.sampled_from(cells), unique=True, max_size=12))
    values = draw(st.lists(st.integers(0, 20), min_size=len(chosen), max_size=len(chosen)))
    pins = draw(st.lists(st.sampled_from(cells), unique=True, max_size=2))
    bans = draw(st.lists(st.sampled_from(cells), unique=True, max_size=2))
    parts = (Session(name="上午", slots=2), Session(name="下午", slots=1)) if sessions else DAY

    def presence() -> tuple[int, ...] | None:
        return draw(st.sampled_from([None, (2, 0), (0, 1), (1, 1)])) if sessions else None

    def cap() -> int:
        return draw(st.integers(0, 3))

    return PairingProblem(
        enterprises=tuple(
            Enterprise(
                enterprise_id=e,
                name=f"企业{e}",
                cap=cap(),
                minimum=0,
                open_slots=presence(),
            )
            for e in range(1, enterprise_count + 1)
        ),
        needs=tuple(
            Need(need_id=n, enterprise_id=owner, title=f"需求{n}", cap=cap())
            for n, owner in enumerate(owners, 1)
        ),
        experts=tuple(
            Expert(
                expert_id=x,
                name=f"专家{x}",
                cap=cap(),
                minimum=0,
                university=f"大学{x % 2}",
                open_slots=presence(),
            )
            for x in range(1, expert_count + 1)
        ),
        candidates=tuple(
            Candidate(need_id=n, expert_id=x, value=value)
            for (n, x), value in zip(chosen, values, strict=True)
        ),
        tables=draw(st.integers(1, 2)),
        sessions=parts,
        pins=tuple(Pin(need_id=n, expert_id=x) for n, x in pins),
        bans=tuple(
            Ban(enterprise_id=owners[n - 1], expert_id=x, reason="已对接过", need_id=n) for n, x in bans
        ),
        same_pair_cap=draw(st.sampled_from([None, 1])),
        university_cap=draw(st.sampled_from([None, 1, 2])),
    )


def with_minima(problem: PairingProblem) -> PairingProblem:
    """Promise one meeting to every second person who can have one."""
    return replace(
        problem,
        enterprises=tuple(
            replace(one, minimum=min(one.cap, 4, one.enterprise_id % 2 * 2)) for one in problem.enterprises
        ),
        experts=tuple(replace(one, minimum=min(one.cap, 4, one.expert_id % 2)) for one in problem.experts),
    )


def every_pairing(problem: PairingProblem) -> list[tuple[ChosenPair, ...]]:
    """List all pairings that keep the rules, by trying every subset of the pairs."""
    owner = {need.need_id: need.enterprise_id for need in problem.needs}
    pins = {(pin.need_id, pin.expert_id) for pin in problem.pins}
    values = {(pin.need_id, pin.expert_id): 0 for pin in problem.pins}
    values |= {(c.need_id, c.expert_id): c.value for c in problem.candidates}
    banned = {(ban.need_id, ban.expert_id) for ban in problem.bans}
    pairs = [
        ChosenPair(
            need_id=n,
            enterprise_id=owner[n],
            expert_id=x,
            value=value,
            pinned=(n, x) in pins,
        )
        for (n, x), value in sorted(values.items())
        if (n, x) not in banned
    ]
    subsets = (chosen for size in range(len(pairs) + 1) for chosen in combinations(pairs, size))
    return [chosen for chosen in subsets if keeps_rules(problem, chosen, pins)]


def keeps_rules(problem: PairingProblem, chosen: tuple[ChosenPair, ...], pins: set[tuple[int, int]]) -> bool:
    def most(key: str) -> dict[int, int]:
        return {value: ids.count(value) for ids in [[getattr(c, key) for c in chosen]] for value in ids}

    university = {one.expert_id: one.university for one in problem.experts}
    pair_ids = [(c.enterprise_id, c.expert_id) for c in chosen]
    campuses = [(c.enterprise_id, university[c.expert_id]) for c in chosen]
    caps = {one.enterprise_id: min(one.cap, problem.slots) for one in problem.enterprises}
    expert_caps = {one.expert_id: min(one.cap, problem.slots) for one in problem.experts}
    need_caps = {one.need_id: one.cap for one in problem.needs}
    return (
        pins <= {(c.need_id, c.expert_id) for c in chosen}
        and len(chosen) <= problem.seats
        and all(count <= caps[e] for e, count in most("enterprise_id").items())
        and all(count <= expert_caps[x] for x, count in most("expert_id").items())
        and all(count <= need_caps[n] for n, count in most("need_id").items())
        and (problem.same_pair_cap is None or len(set(pair_ids)) == len(pair_ids))
        and (
            problem.university_cap is None
            or all(campuses.count(campus) <= problem.university_cap for campus in campuses)
        )
    )


def rank(problem: PairingProblem, pairs: tuple[ChosenPair, ...]) -> tuple[int, int, tuple[int, ...], int]:
    """Return the order of aims as a tuple, larger is better; counts compared by leximin."""
    counts = [sum(p.enterprise_id == one.enterprise_id for p in pairs) for one in problem.enterprises]
    expert_counts = [sum(p.expert_id == one.expert_id for p in pairs) for one in problem.experts]
    missed = sum(max(0, one.minimum - n) for one, n in zip(problem.enterprises, counts, strict=True))
    missed += sum(max(0, one.minimum - n) for one, n in zip(problem.experts, expert_counts, strict=True))
    return (
        sum(n > 0 for n in counts),
        -missed,
        tuple(sorted(counts)),
        sum(p.value for p in pairs),
    )


@settings(max_examples=examples(150), deadline=None)
@given(events(largest=4), st.booleans())
def test_no_pairing_beats_the_solver(event: PairingProblem, promised: bool) -> None:
    # Without crossing caps the counts are leximin exactly.
    problem = replace(
        with_minima(event) if promised else event,
        same_pair_cap=None,
        university_cap=None,
    )

    result = solve_pairing(problem)

    ranks = [rank(problem, pairs) for pairs in every_pairing(problem)]
    if result.problems:
        assert ranks == []
    else:
        assert rank(problem, result.pairs) == max(ranks)


@settings(max_examples=examples(100), deadline=None)
@given(events(largest=4), st.booleans())
def test_no_pairing_beats_the_solver_under_crossing_caps(event: PairingProblem, promised: bool) -> None:
    problem = with_minima(event) if promised else event

    result = solve_pairing(problem)

    aim = combined_aim(problem)
    gains = [aim.total(problem, pairs) for pairs in every_pairing(problem)]
    if result.problems:
        assert gains == []
    else:
        assert aim.total(problem, result.pairs) == max(gains)


@settings(max_examples=examples(150), deadline=None)
@given(events(), st.booleans())
def test_every_rule_and_reason_holds_and_the_flow_is_proved(event: PairingProblem, promised: bool) -> None:
    problem = replace(
        with_minima(event) if promised else event,
        same_pair_cap=None,
        university_cap=None,
    )

    result = solve_pairing(problem)

    assert check_pairing(problem, result) == []
    assert result.problems or check_certificate(problem, result) == []


@settings(max_examples=examples(100), deadline=None)
@given(events(sessions=True))
def test_rules_hold_when_people_miss_a_session(problem: PairingProblem) -> None:
    result = solve_pairing(problem)

    assert check_pairing(problem, result) == []
    proved = result.certificate is not None and result.certificate.proofs
    assert not proved or check_certificate(problem, result) == []


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
            {"tables": 1, "sessions": (Session(name="上午", slots=1),)},
            ["event_full"] * 2,
        ),
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
