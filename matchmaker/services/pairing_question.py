"""Turns what is on an event's table into the question that the solver answers.

The solver pairs needs with people; an achievement comes with its person. Where one person has
several achievements for a need, the best of those that may be used stands for the pair.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.day_rules import DayRules
from matchmaker.domain.pairing import Ban, Candidate, Enterprise, Expert, PairingProblem, Pin
from matchmaker.domain.pairing import Need as NeedToMeet
from matchmaker.domain.pairing import Session as DaySession
from matchmaker.domain.pairing_input import nothing_to_pair, promised_too_much
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import Grade, MatchState
from matchmaker.domain.timetable import Presence
from matchmaker.errors import InvalidInput
from matchmaker.services.never_match import bars_of, left_alone
from matchmaker.services.pairing_hours import Hours
from matchmaker.services.pairing_table import (
    accepted_pairs,
    achievements_on_table,
    firm_names,
    firms_left_alone,
    needs_on_table,
    rules_of_pairs,
    who_declined,
)
from matchmaker.services.wished_pairs import matches_of, value_of, words_of_wish
from matchmaker.store.queries.day_rules import rules_now
from matchmaker.store.queries.pairings import (
    Seat,
    declined_here,
    met_before,
    seats_of,
)
from matchmaker.store.queries.wishes import (
    slots_elsewhere,
    wishes_of,
)
from matchmaker.store.queries.withdrawals import WITHDREW
from matchmaker.store.tables import (
    Event,
    Match,
    Need,
    PairingRule,
)

_GOOD = (Grade.STRONG, Grade.FAIR)
PIN, BAN = "pin", "ban"
FIGURES_OF_EVENT = ("per_enterprise", "per_expert", "tables", "slots")
"""The figures that an event keeps; the others belong to one version of its list."""
FIGURES_OF_VERSION = (*FIGURES_OF_EVENT, "least_per_enterprise", "least_per_expert", "per_university")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The figures a list is drawn under; a what-if question changes them.

    `least_per_enterprise` and `least_per_expert` are promised to each of them before value counts,
    `per_university` caps one enterprise's meetings with experts of one university; 0: none of these.
    """

    per_enterprise: int
    per_expert: int
    tables: int
    slots: int
    least_per_enterprise: int = 0
    least_per_expert: int = 0
    per_university: int = 0

    @classmethod
    def of(cls, event: Event, **changes: int | None) -> "Limits":
        """Return an event's own figures, with some replaced."""
        own = {name: getattr(event, name) for name in FIGURES_OF_EVENT}
        return cls(**(own | {name: value for name, value in changes.items() if value is not None}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One achievement that could be talked about with a need. `banned` is why it may not, if so."""

    need_id: int
    achievement_id: int
    expert_key: int
    match_id: int | None
    value: int
    reason: str = ""
    banned: str = ""
    pin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The solver's question, and what is needed to write its answer down as pairings.

    `options` are by (need id, expert key); `left_out` are people who said they will not come;
    `presences` name the slots in which guests are there who cannot sit down all day; `day` has the
    pauses and the orders of meetings; `elsewhere` are experts whom another event of the day holds for a time,
    `deserted` the firms all of whose experts declined, with their names.
    """

    event_id: int
    limits: Limits
    problem: PairingProblem
    presences: tuple[Presence, ...]
    options: Mapping[tuple[int, int], Option]
    seats: Mapping[int, Seat]
    day: DayRules = field(default_factory=DayRules)
    left_out: tuple[str, ...] = field(default=())
    elsewhere: frozenset[int] = frozenset()
    deserted: Mapping[int, str] = field(default_factory=dict)


def question_of(session: Session, event: Event, limits: Limits) -> Question:
    """Read everything a draw depends on. Changes nothing.

    Raises InvalidInput when pauses leave no slot, all are promised too much, or there is no pair at all.
    """
    day = rules_now(session, event, slots=limits.slots)
    if len(day.paused) >= limits.slots:
        message = "休息和活动占满了全部时段，请增加时段，或在“概况”里缩短它们。"
        raise InvalidInput([Problem(field="slots", code="paused", message=message)])
    if promised := promised_too_much(
        open_slots=limits.slots - len(day.paused),
        enterprises=(limits.least_per_enterprise, limits.per_enterprise),
        experts=(limits.least_per_expert, limits.per_expert),
    ):
        raise InvalidInput(promised)
    absent_firms, absent_people = who_declined(session, event.id)
    needs = [need for need in needs_on_table(session, event.id) if need.organisation_id not in absent_firms]
    alone = firms_left_alone(session, event.id, needs)
    needs = [need for need in needs if need.organisation_id not in alone]
    things = achievements_on_table(session, event.id)
    every = list(_options(session, event, [need.id for need in needs], things))
    options = [option for option in every if option.expert_key not in absent_people]
    if not options:
        nothing = nothing_to_pair(
            needs=bool(needs), things=bool(things), firms_away=bool(absent_firms | alone), met=bool(every)
        )
        raise InvalidInput([nothing])
    hours = Hours.of(session, event.id, slots=limits.slots, paused=day.paused)
    firm_of = {need.id: need.organisation_id for need in needs}
    by_pair = _best_of_each([_judged(option, firm_of[option.need_id], hours) for option in options])
    seats = seats_of(session, {option.achievement_id for option in by_pair.values()})
    by_key = {seat.key: seat for seat in seats.values()}
    names = firm_names(session, [need.organisation_id for need in needs])
    return Question(
        event_id=event.id,
        limits=limits,
        problem=_problem(needs, names, by_pair, by_key, limits, hours=hours),
        presences=hours.presences(),
        options=by_pair,
        seats=by_key,
        day=day,
        elsewhere=frozenset(key for _side, key in slots_elsewhere(session, event.id)) & by_key.keys(),
        deserted=_deserted(session, every, options, firm_of),
        left_out=(
            *(f"{name}（已婉拒邀请）" for name in sorted(firm_names(session, absent_firms).values())),
            *(f"{name}（联系人{WITHDREW}）" for name in sorted(firm_names(session, alone).values())),
        ),
    )


def _judged(option: Option, firm_id: int, hours: Hours) -> Option:
    """Return an option, banned when its two sides share no slot."""
    if option.banned or hours.shared(firm_id, option.expert_key):
        return option
    return replace(option, banned="双方没有都方便的时段")


def _deserted(
    session: Session, every: list[Option], options: list[Option], firm_of: Mapping[int, int]
) -> dict[int, str]:
    kept, lost = {firm_of[option.need_id] for option in options}, dict[int, set[int]]()
    for option in every:
        if firm_of[option.need_id] not in kept:
            lost.setdefault(firm_of[option.need_id], set()).add(option.achievement_id)
    return {
        firm: "、".join(sorted({seat.name for seat in seats_of(session, things).values()}))
        for firm, things in lost.items()
    }


def _problem(
    needs: list[Need],
    names: Mapping[int, str],
    options: Mapping[tuple[int, int], Option],
    seats: Mapping[int, Seat],
    limits: Limits,
    *,
    hours: Hours,
) -> PairingProblem:
    firm_of, cap = {need.id: need.organisation_id for need in needs}, limits.per_enterprise
    return PairingProblem(
        enterprises=tuple(
            _enterprise(key, names[key], limits, hours) for key in sorted(set(firm_of.values()))
        ),
        needs=tuple(
            NeedToMeet(need_id=need.id, enterprise_id=need.organisation_id, title=need.title, cap=cap)
            for need in needs
        ),
        experts=tuple(_expert(key, seats[key], limits, hours) for key in sorted({key for _, key in options})),
        candidates=tuple(
            Candidate(need_id=need_id, expert_id=key, value=option.value)
            for (need_id, key), option in sorted(options.items())
        ),
        tables=limits.tables,
        sessions=(DaySession(name="全场", slots=len(hours.slots)),),
        pins=tuple(
            Pin(need_id=need_id, expert_id=key)
            for (need_id, key), option in sorted(options.items())
            if option.pin
        ),
        bans=tuple(
            Ban(enterprise_id=firm_of[need_id], expert_id=key, reason=option.banned, need_id=need_id)
            for (need_id, key), option in sorted(options.items())
            if option.banned and not option.pin
        ),
        university_cap=limits.per_university or None,
    )


def _enterprise(key: int, name: str, limits: Limits, hours: Hours) -> Enterprise:
    return Enterprise(
        enterprise_id=key,
        name=name,
        cap=limits.per_enterprise,
        minimum=hours.promised("enterprise", key, limits.least_per_enterprise),
        open_slots=hours.count("enterprise", key),
    )


def _expert(key: int, seat: Seat, limits: Limits, hours: Hours) -> Expert:
    return Expert(
        expert_id=key,
        name=seat.name,
        cap=limits.per_expert,
        minimum=hours.promised("expert", key, limits.least_per_expert),
        university=seat.university,
        open_slots=hours.count("expert", key),
    )


def options_among(
    session: Session, event: Event, *, need_ids: list[int], achievement_ids: list[int]
) -> dict[tuple[int, int], Option]:
    """Return by (need id, expert key) what could be talked about between some needs and achievements."""
    return _best_of_each(list(_options(session, event, need_ids, achievement_ids)))


def options_of_pairs(
    session: Session, event: Event, pairs: AbstractSet[tuple[int, int]]
) -> dict[tuple[int, int], Option]:
    """Return by (need id, achievement id) what is known of some pairs, proposed or not; with bans and pins.

    A pair for whose achievement nobody can come is left out.
    """
    needs, achievements = {need for need, _ in pairs}, {achievement for _, achievement in pairs}
    found = _options(session, event, sorted(needs), sorted(achievements), also=pairs)
    return {key: option for option in found if (key := (option.need_id, option.achievement_id)) in pairs}


def _best_of_each(options: list[Option]) -> dict[tuple[int, int], Option]:
    """Return per need and person the option that stands for the pair: pinned, else allowed, else best."""
    best: dict[tuple[int, int], Option] = {}
    for option in options:
        key = (option.need_id, option.expert_key)
        if key not in best or _rank(option) > _rank(best[key]):
            best[key] = option
    return best


def _rank(option: Option) -> tuple[bool, bool, int, int]:
    return bool(option.pin), not option.banned, option.value, -option.achievement_id


def _pairable(
    session: Session, need_ids: list[int], achievement_ids: list[int]
) -> dict[tuple[int, int], Match]:
    query = select(Match).where(
        Match.need_id.in_(need_ids),
        Match.achievement_id.in_(achievement_ids),
        Match.current,
        # a weak match is only paired when the organiser chose it: nobody travels for one
        or_(Match.grade.in_(_GOOD), Match.status == MatchState.SHORTLISTED),
        Match.status != MatchState.REJECTED,
    )
    found = session.scalars(query.order_by(Match.need_id, Match.achievement_id))
    return {(match.need_id, match.achievement_id): match for match in found}


def _options(
    session: Session,
    event: Event,
    need_ids: list[int],
    achievement_ids: list[int],
    *,
    also: AbstractSet[tuple[int, int]] = frozenset(),
) -> Iterator[Option]:
    matches = _pairable(session, need_ids, achievement_ids)
    rules = rules_of_pairs(session, event.id)
    kept = accepted_pairs(session, event.id)
    seats = seats_of(session, set(achievement_ids))
    met, declined = met_before(session, event_id=event.id), declined_here(session, event_id=event.id)
    bars = bars_of(session, need_ids)
    # who may not meet about a need may not meet about it by way of another achievement
    apart = {
        (key[0], seats[key[1]].key): rule.reason
        for key, rule in rules.items()
        if rule.kind == BAN and key[1] in seats
    }
    pinned = {key for key, rule in rules.items() if rule.kind == PIN} | kept
    wanted_needs, wanted_achievements = set(need_ids), set(achievement_ids)
    wishes = wishes_of(session, event.id)
    asked = {key for key in {*pinned, *wishes} if key[0] in wanted_needs and key[1] in wanted_achievements}
    others = matches_of(session, asked - set(matches))
    turned_down = {key for key, match in others.items() if match.status is MatchState.REJECTED} - pinned
    every = sorted((set(matches) | asked | also) - (turned_down - also))
    alone = left_alone(session, set(every) - kept, seats)  # what both sides agreed to stays
    for need_id, achievement_id in every:
        key, seat = (need_id, achievement_id), seats.get(achievement_id)
        if seat is None:
            continue
        match, rule = matches.get(key) or others.get(key), rules.get(key)
        wished, meeting = wishes.get(key), (need_id, seat.key)
        never = bars.why(need_id, achievement_id) or alone.get(key, "")
        yield Option(
            need_id=need_id,
            achievement_id=achievement_id,
            expert_key=seat.key,
            match_id=match.id if match else None,
            value=value_of(match, wished),
            reason="；".join(part for part in (words_of_wish(wished), words_of(match)) if part),
            pin="" if never else _pin_reason(rule, accepted=key in kept),
            banned=never
            or apart.get(meeting, "")
            or _ban_reason(match, met.get(meeting), declined.get(meeting)),
        )


def _pin_reason(rule: PairingRule | None, *, accepted: bool) -> str:
    if rule is not None:
        return rule.reason if rule.kind == PIN else ""
    return "双方已接受" if accepted else ""


def _ban_reason(match: Match | None, met_at: str | None, declined: str | None) -> str:
    if declined is not None:
        return f"本场已婉拒：{declined}" if declined else "本场已婉拒"
    if met_at is not None:
        return f"已在“{met_at}”对接过"
    if match is not None and "unsuitable" in (match.need_side, match.achievement_side):
        said = match.need_side_reason if match.need_side == "unsuitable" else match.achievement_side_reason
        return f"一方答复不合适：{said}" if said else "一方答复不合适"
    return ""


def words_of(match: Match | None) -> str:
    """Return the reasons of a match as one line for lists and papers; questions are left out."""
    if match is None:
        return ""
    return "；".join(reason["text"] for reason in match.reasons if reason.get("kind") != "question")
