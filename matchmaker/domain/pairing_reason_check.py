"""Whether the reasons of a pairing are true: why enterprises have no meeting, which minima were missed.

Nothing here is shared with what makes the reasons beyond the meaning of the question.
"""

from collections import Counter
from collections.abc import Iterator

from matchmaker.domain.pairing import (
    Candidate,
    Enterprise,
    Expert,
    PairingProblem,
    PairingResult,
    Pin,
    Unserved,
    allowed_candidates,
    day_cap,
    meeting_counts,
    open_in,
)


def check_reasons(problem: PairingProblem, result: PairingResult) -> Iterator[str]:
    """Yield every reason that is missing or not true, as an English sentence."""
    served = {pair.enterprise_id for pair in result.pairs}
    missing = {one.enterprise_id for one in problem.enterprises} - served
    told = [unserved.enterprise_id for unserved in result.unserved]
    if sorted(missing) != told:
        yield "the list of unserved enterprises is wrong"
        return
    hall = _Hall(problem, result)
    for unserved in result.unserved:
        if unserved.code == "seats_short":
            yield from _check_group(problem, unserved, served)
        elif not hall.is_so(unserved):
            yield f"enterprise {unserved.enterprise_id}: {unserved.code} is not so"
    yield from _check_shortfalls(problem, result)


class _Hall:
    """What can be said of an enterprise alone, worked out from the question and the pairs."""

    def __init__(self, problem: PairingProblem, result: PairingResult) -> None:
        self.problem, self.pairs = problem, result.pairs
        self.enterprises = {one.enterprise_id: one for one in problem.enterprises}
        self.experts = {one.expert_id: one for one in problem.experts}
        self.owner = {need.need_id: need.enterprise_id for need in problem.needs if need.cap > 0}
        links: list[Candidate | Pin] = [*problem.candidates, *problem.pins]
        proposed = {self.owner.get(link.need_id) for link in links}
        self.proposed = {key for key in proposed if key is not None}
        self.allowed: dict[int, set[int]] = {}
        for pair in allowed_candidates(problem):
            if pair.need_id in self.owner:
                self.allowed.setdefault(self.owner[pair.need_id], set()).add(pair.expert_id)

    def is_so(self, unserved: Unserved) -> bool:
        """Whether a reason other than short seats is the first that holds."""
        return unserved.code == self._first_that_holds(unserved)

    def _first_that_holds(self, unserved: Unserved) -> str:
        key = unserved.enterprise_id
        enterprise = self.enterprises[key]
        experts = [self.experts[one] for one in self.allowed.get(key, ())]
        open_experts = [one for one in experts if day_cap(self.problem, one)]
        checks = (
            ("no_cap", day_cap(self.problem, enterprise) == 0),
            ("no_need", key not in self.owner.values()),
            ("no_candidate", key not in self.proposed),
            ("all_banned", not experts),
            ("experts_closed", not open_experts),
            ("never_together", not any(_together(self.problem, enterprise, one) for one in open_experts)),
        )
        alone = next((code for code, holds in checks if holds), "")
        if alone or unserved.code not in ("event_full", "sessions_clash"):
            return alone
        full = unserved.code == "event_full"
        return unserved.code if (self._is_full() if full else self._no_free_seat(enterprise)) else ""

    def _is_full(self) -> bool:
        """Whether every seat is needed: for pins, and for one meeting of each enterprise that has any."""
        pinned = {pair.enterprise_id for pair in self.pairs if pair.pinned}
        others = {pair.enterprise_id for pair in self.pairs} - pinned
        return len(self.problem.pins) + len(others) >= self.problem.seats

    def _no_free_seat(self, enterprise: Enterprise) -> bool:
        """Whether somebody or the hall is taken each time the enterprise could meet one of its own."""
        problem = self.problem
        at_expert = Counter(pair.expert_id for pair in self.pairs)
        here = Counter(pair.session for pair in self.pairs)
        both = Counter((pair.expert_id, pair.session) for pair in self.pairs)
        return problem.is_split and all(
            at_expert[key] >= day_cap(problem, self.experts[key])
            or both[key, session] >= open_in(problem, self.experts[key], session)
            or here[session] >= problem.tables * problem.sessions[session].slots
            for key in self.allowed.get(enterprise.enterprise_id, ())
            for session in range(len(problem.sessions))
            if open_in(problem, enterprise, session) and open_in(problem, self.experts[key], session)
        )


def _together(problem: PairingProblem, enterprise: Enterprise, expert: Expert) -> bool:
    return any(
        open_in(problem, enterprise, session) and open_in(problem, expert, session)
        for session in range(len(problem.sessions))
    )


def _check_group(problem: PairingProblem, unserved: Unserved, served: set[int]) -> Iterator[str]:
    """Check that the group can meet nobody else, and wants more first seats than its experts have left."""
    group, named = set(unserved.enterprise_ids), set(unserved.expert_ids)
    who = f"enterprise {unserved.enterprise_id}"
    enterprises = {one.enterprise_id: one for one in problem.enterprises if one.enterprise_id in group}
    experts = {one.expert_id: one for one in problem.experts}
    owner = {need.need_id: need.enterprise_id for need in problem.needs if need.cap > 0}
    reach = {
        pair.expert_id
        for pair in allowed_candidates(problem)
        if (enterprise := enterprises.get(owner.get(pair.need_id, 0))) is not None
        and day_cap(problem, experts[pair.expert_id])
        and _together(problem, enterprise, experts[pair.expert_id])
    }
    if not reach <= named:
        yield f"{who}: the group can meet experts outside the named ones"
    pins = Counter(pin.expert_id for pin in problem.pins)
    seats = sum(day_cap(problem, experts[key]) - pins[key] for key in named & experts.keys())
    short = len(group) - seats
    if seats != unserved.seats or not 0 < short <= len(group - served):
        yield f"{who}: {len(group)} enterprises, {seats} seats: no proof"
    if len(enterprises) != len(unserved.enterprise_ids) or len(named & experts.keys()) != len(
        unserved.expert_ids
    ):
        yield f"{who}: the group names somebody twice or somebody unknown"
    if unserved.enterprise_id not in group:
        yield f"{who} is not in its own group"
    pinned = {owner.get(pin.need_id) for pin in problem.pins}
    if group & pinned or not all(day_cap(problem, one) for one in enterprises.values()):
        yield f"{who}: the group has somebody who wants no seat"


def _check_shortfalls(problem: PairingProblem, result: PairingResult) -> Iterator[str]:
    by_enterprise, by_expert = meeting_counts(result.pairs)
    people: list[tuple[str, int, Enterprise | Expert, int]] = [
        *(
            ("enterprise", one.enterprise_id, one, by_enterprise.get(one.enterprise_id, 0))
            for one in problem.enterprises
        ),
        *(("expert", one.expert_id, one, by_expert.get(one.expert_id, 0)) for one in problem.experts),
    ]
    expected = sorted((side, key, one.minimum, met) for side, key, one, met in people if met < one.minimum)
    told = sorted(
        ("expert", fall.expert_id or 0, fall.minimum, fall.met)
        if fall.enterprise_id is None
        else ("enterprise", fall.enterprise_id, fall.minimum, fall.met)
        for fall in result.shortfalls
    )
    if told != expected:
        yield f"shortfalls told {told}, real {expected}"
