"""What makes a pairing question unanswerable, said before anything is solved."""

from collections import Counter
from collections.abc import Iterator

from matchmaker.domain.pairing import (
    VALUE_MAX,
    Candidate,
    Enterprise,
    Expert,
    PairingProblem,
    Pin,
    day_cap,
)
from matchmaker.domain.problems import Problem


def check_pairing_problem(problem: PairingProblem) -> list[Problem]:
    """Return every reason to refuse the question: bad figures, unknown ids, pins against hard rules.

    An empty list means a pairing with all pins exists, unless people miss whole sessions; then
    only the solver can tell.
    """
    figures = [*_bad_figures(problem), *_bad_people(problem), *_bad_ids(problem)]
    # Pins are judged only against a sound question: their messages quote names and caps.
    return figures or [*_banned_pins(problem), *_crowded_pins(problem)]


def _bad_figures(problem: PairingProblem) -> Iterator[Problem]:
    if problem.tables < 1 or problem.slots < 1 or any(session.slots < 0 for session in problem.sessions):
        yield Problem(
            field="tables",
            code="no_seats",
            message="洽谈桌数和时段数都至少为 1，请先设好场地和时间。",
        )
    if problem.same_pair_cap is not None and problem.same_pair_cap < 1:
        yield Problem(
            field="same_pair_cap",
            code="cap_too_low",
            message="同一企业与同一专家的洽谈次数上限至少为 1；要禁止洽谈请逐对排除。",
        )
    if problem.university_cap is not None and problem.university_cap < 1:
        yield Problem(
            field="university_cap",
            code="cap_too_low",
            message="每家企业与同一院校的洽谈次数上限至少为 1；要禁止洽谈请逐对排除。",
        )
    for candidate in problem.candidates:
        if not 0 <= candidate.value <= VALUE_MAX:
            yield Problem(
                field="value",
                code="value_range",
                message=f"候选配对的分值应在 0 到 {VALUE_MAX} 之间，现为 {candidate.value}，请重新打分。",
            )
            return


def _bad_people(problem: PairingProblem) -> Iterator[Problem]:
    for person in problem.people:
        if person.cap < 0 or person.minimum < 0:
            yield Problem(
                field="cap",
                code="negative",
                message=f"“{person.name}”的场次上限或保底场次不能是负数。",
            )
        elif person.open_slots is not None and len(person.open_slots) != len(problem.sessions):
            yield Problem(
                field="open_slots",
                code="session_count",
                message=f"“{person.name}”的到场时段应按 {len(problem.sessions)} 个半场填写。",
            )
        elif person.minimum > day_cap(problem, person):
            yield Problem(
                field="minimum",
                code="minimum_over_cap",
                message=(
                    f"“{person.name}”保底 {person.minimum} 场，但最多只能安排 {day_cap(problem, person)} 场，"
                    "请调低保底或放宽上限。"
                ),
            )


def _bad_ids(problem: PairingProblem) -> Iterator[Problem]:
    groups: dict[str, list[int] | list[tuple[int, int]]] = {
        "企业": [enterprise.enterprise_id for enterprise in problem.enterprises],
        "需求": [need.need_id for need in problem.needs],
        "专家": [expert.expert_id for expert in problem.experts],
        "候选配对": [(candidate.need_id, candidate.expert_id) for candidate in problem.candidates],
        "指定配对": [(pin.need_id, pin.expert_id) for pin in problem.pins],
    }
    for word, keys in groups.items():
        if repeated := [key for key, count in Counter(keys).items() if count > 1]:
            yield Problem(
                field="",
                code="repeated",
                message=f"{word}编号 {repeated[0]} 出现了不止一次，请删去重复的一条。",
            )
    enterprises, needs, experts = (
        set(groups["企业"]),
        set(groups["需求"]),
        set(groups["专家"]),
    )
    unknown = [
        f"需求 {need.need_id} 的企业" for need in problem.needs if need.enterprise_id not in enterprises
    ]
    links: tuple[Candidate | Pin, ...] = (*problem.candidates, *problem.pins)
    unknown += [
        f"配对（需求 {link.need_id}，专家 {link.expert_id}）的一方"
        for link in links
        if link.need_id not in needs or link.expert_id not in experts
    ]
    for ban in problem.bans:
        known_need = ban.need_id is None or ban.need_id in needs
        if ban.enterprise_id not in enterprises or ban.expert_id not in experts or not known_need:
            unknown.append(f"排除（企业 {ban.enterprise_id}，专家 {ban.expert_id}）的一方")
    for words in unknown:
        yield Problem(
            field="",
            code="unknown",
            message=f"{words}不在本次活动名单里，请先加入名单或删去这一条。",
        )


class _Names:
    """Looks up names for messages about pins."""

    def __init__(self, problem: PairingProblem) -> None:
        self.needs = {need.need_id: need for need in problem.needs}
        self.experts = {expert.expert_id: expert for expert in problem.experts}
        self.enterprises = {enterprise.enterprise_id: enterprise for enterprise in problem.enterprises}

    def owner(self, pin: Pin) -> Enterprise:
        return self.enterprises[self.needs[pin.need_id].enterprise_id]

    def expert(self, pin: Pin) -> Expert:
        return self.experts[pin.expert_id]


def _banned_pins(problem: PairingProblem) -> Iterator[Problem]:
    names = _Names(problem)
    reasons = {(ban.enterprise_id, ban.expert_id, ban.need_id): ban.reason for ban in problem.bans}
    for pin in problem.pins:
        enterprise, expert = names.owner(pin), names.expert(pin)
        for need_id in (None, pin.need_id):
            reason = reasons.get((enterprise.enterprise_id, pin.expert_id, need_id))
            if reason is not None:
                yield Problem(
                    field="pins",
                    code="pin_banned",
                    message=(
                        f"指定了“{enterprise.name}”与“{expert.name}”洽谈，但这一对已被排除（{reason}），"
                        "请取消其中一项。"
                    ),
                )


def _crowded_pins(problem: PairingProblem) -> Iterator[Problem]:
    """Yield one problem per cap that the pins alone exceed."""
    names = _Names(problem)
    limits: Counter[str] = Counter()
    for words, cap in _pinned_caps(problem, names):
        limits[f"{words}最多 {cap} 场"] += 1
        if limits[f"{words}最多 {cap} 场"] == cap + 1:
            yield Problem(
                field="pins",
                code="pin_over_cap",
                message=f"{words}最多 {cap} 场，而指定的配对已超过，请取消部分指定或放宽上限。",
            )


def _pinned_caps(problem: PairingProblem, names: _Names) -> Iterator[tuple[str, int]]:
    """Yield, for each pin, every cap it counts against, in words with the figure."""
    for pin in problem.pins:
        enterprise, expert, need = (
            names.owner(pin),
            names.expert(pin),
            names.needs[pin.need_id],
        )
        yield "全场（桌数×时段数）", problem.seats
        yield f"企业“{enterprise.name}”", day_cap(problem, enterprise)
        yield (
            f"“{enterprise.name}”的需求“{need.title}”（编号 {need.need_id}）",
            need.cap,
        )
        yield f"专家“{expert.name}”", day_cap(problem, expert)
        if problem.same_pair_cap is not None:
            yield f"“{enterprise.name}”与“{expert.name}”之间", problem.same_pair_cap
        if problem.university_cap is not None and expert.university:
            yield (
                f"“{enterprise.name}”与“{expert.university}”之间",
                problem.university_cap,
            )


def promised_too_much(
    *, open_slots: int, enterprises: tuple[int, int], experts: tuple[int, int]
) -> list[Problem]:
    """Return a problem for each side of whom all are promised more than anybody may have: (least, cap)."""
    sides = (("least_per_enterprise", "每家企业", enterprises), ("least_per_expert", "每位专家", experts))
    return [
        Problem(
            field=field,
            code="minimum_over_cap",
            message=f"{who}保底 {least} 场，但最多只能安排 {most} 场，请调低保底，或放宽上限、增加时段。",
        )
        for field, who, (least, cap) in sides
        if least > (most := min(cap, open_slots))
    ]


def nothing_to_pair(*, needs: bool, things: bool, firms_away: bool, met: bool) -> Problem:
    """Say why there is no pair at all; `met`: there would be some, had their experts not declined."""
    if not needs and firms_away:
        message = "本场的企业都已婉拒邀请或撤回同意：请联系企业，或在“需求与成果”里补充需求。"
    elif not needs:
        message = "本场还没有可以配对的需求：请先在“需求与成果”里加入已受理的需求。"
    elif not things:
        message = "本场还没有成果和专家：请先在“需求与成果”里加入成果。"
    elif met:
        message = "能谈本场需求的专家都已婉拒邀请或没有来：请另请专家，或在“参会”里改回。"
    else:
        message = "本场的需求和成果还没有合适的推荐：请等系统算出推荐，或在“需求与成果”里补充成果。"
    return Problem(field="", code="no_candidates", message=message)
