"""Pairing lists: drawn by the solver, compared, corrected by rules, published and frozen.

A draw has three parts, so that nothing waits for the solver: read the question, solve it without
any transaction, write the answer down. `draw` does all three.
"""

import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.messages import PairingListPublished
from matchmaker.domain.pairing import ChosenPair, Enterprise, Expert, PairingResult, meeting_counts
from matchmaker.domain.pairing_change import PairingChange, compare_pairings
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import EventState, PairingState
from matchmaker.domain.timetable import Placement
from matchmaker.errors import Conflict, InvalidInput, NotFound, WrongState
from matchmaker.services import links
from matchmaker.services.events import organiser_event
from matchmaker.services.firm_codes import give_codes
from matchmaker.services.moves import move
from matchmaker.services.never_match import left_alone
from matchmaker.services.pairing_guests import ask_the_unasked
from matchmaker.services.pairing_question import BAN, PIN, Limits, Question, question_of
from matchmaker.services.pairing_solving import Drawn, solve
from matchmaker.services.pairing_table import accepted_pairs
from matchmaker.services.timetable_words import told_of
from matchmaker.store.engine import Database
from matchmaker.store.queries.pairings import PairingLine, published_list, seats_of
from matchmaker.store.queries.wishes import ANOTHER_TIME
from matchmaker.store.tables import Achievement, Event, Need, Pairing, PairingList, PairingRule

FOR_PAIRING = frozenset({EventState.DRAFT, EventState.OPEN, EventState.POSTPONED})
# What every draw needs. scipy.optimize (60 MB) is loaded by a draw whose caps cross, CP-SAT (40 MB) by one
# with windows: a process that only shows pages stays small.
_SOLVERS = ("ortools.graph.python.min_cost_flow", "matchmaker.solvers.timetable")


def get_ready() -> None:
    """Load the solvers in the background, so that the first draw of a process does not wait for them."""
    if not all(name in sys.modules for name in _SOLVERS):
        threading.Thread(target=lambda: [import_module(name) for name in _SOLVERS], daemon=True).start()


def draw(database: Database, actor: Actor, *, event_id: int, limits: dict[str, int | None]) -> int:
    """Draw a new version of an event's list and return its id. Slow; call it outside any transaction.

    `limits` may give the figures of FIGURES_OF_VERSION for this version. Raises
    InvalidInput when nothing can be paired or a rule contradicts the figures.
    """
    with database.reading() as session:
        event = open_event(session, actor, event_id)
        question = question_of(session, event, Limits.of(event, **limits))
        before = published_placements(session, event_id)
    drawn = solve(question, published=before)
    with database.writing() as session:
        open_event(session, actor, event_id)
        return save_draw(session, actor, question, drawn).id


def save_draw(session: Session, actor: Actor, question: Question, drawn: Drawn) -> PairingList:
    """Write an answer down as the event's next version; needs a writing session."""
    newest = session.scalar(
        select(func.max(PairingList.number)).where(PairingList.event_id == question.event_id)
    )
    row = PairingList(
        event_id=question.event_id,
        number=(newest or 0) + 1,
        settings=asdict(question.limits),
        result=_report(question, drawn),
        day=question.day.as_json(),
        created_by_id=actor.user_id,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()  # the pairings hang on its id
    places = {placement.meeting_id: placement for placement in drawn.timetable.placements}
    own = _own_words(session, row)
    for number, pair in enumerate(drawn.pairing.pairs):
        made = _pairing(row, question, pair, places.get(number))
        made.follower, made.remark = own.get((made.need_id, made.achievement_id), ("", ""))
        session.add(made)
    session.flush()  # the caller may read the lines back
    give_codes(session, row.event_id)
    return row


def _own_words(session: Session, row: PairingList) -> dict[tuple[int, int], tuple[str, str]]:
    """Return by pair the follower and remark of the version before: a new draw does not lose them."""
    rows = session.execute(
        select(Pairing.need_id, Pairing.achievement_id, Pairing.follower, Pairing.remark)
        .join(PairingList, PairingList.id == Pairing.list_id)
        .where(PairingList.event_id == row.event_id, PairingList.number == row.number - 1)
    )
    return {(need, achievement): (follower, remark) for need, achievement, follower, remark in rows}


def _pairing(row: PairingList, question: Question, pair: ChosenPair, place: Placement | None) -> Pairing:
    option = question.options[pair.need_id, pair.expert_id]
    return Pairing(
        list_id=row.id,
        event_id=row.event_id,
        match_id=option.match_id,
        need_id=pair.need_id,
        achievement_id=option.achievement_id,
        expert_id=question.seats[pair.expert_id].person_id,
        value=pair.value,
        pinned=pair.pinned,
        reason="；".join(part for part in (option.pin and f"指定：{option.pin}", option.reason) if part),
        status=PairingState.SHORTLISTED,
        slot=place.slot + 1 if place else None,
        table_number=place.table if place else None,
    )


def _report(question: Question, drawn: Drawn) -> dict[str, Any]:
    """Return what a version remembers of its draw, as JSON."""
    result, timetable, price = drawn.pairing, drawn.timetable, drawn.pairing.price
    names = {entry.enterprise_id: entry.name for entry in question.problem.enterprises}
    return {
        "served": result.served_count,
        "enterprises": len(names),
        "meetings": len(result.pairs),
        "seats": question.problem.seats,
        "total_value": result.total_value,
        "unserved": [
            {
                "id": one.enterprise_id,
                "name": names[one.enterprise_id],
                "reason": _why_deserted(question, one.enterprise_id, names) or one.reason,
            }
            for one in result.unserved
        ],
        "left_out": list(question.left_out),
        "elsewhere": [question.seats[key].name for key in sorted(question.elsewhere)],
        "short": [
            {"name": one.name, "minimum": one.minimum, "met": one.met, "reason": one.reason}
            for one in result.shortfalls
        ]
        + list(_too_short_a_day(question, result)),
        "price": asdict(price) | {"lost_share": price.lost_share} if price else None,
        "certificate": {
            "checked": drawn.proved,
            "note": result.certificate.note if result.certificate else "",
            "faults": list(drawn.faults),
        },
        # what the draw had no time for is looked for in the background
        "timetable": told_of(timetable, _meeting_names(question, result))
        | ({} if timetable.proved else {"search": {"state": "waiting"}}),
        "firms": [[key, name] for key, name in sorted(names.items())],
        "experts": [
            [key, seat.name, seat.title, seat.organisation] for key, seat in sorted(question.seats.items())
        ],
        "options": [
            [need_id, key, option.achievement_id, option.value, option.banned, option.match_id]
            for (need_id, key), option in sorted(question.options.items())
        ],
    }


def _why_deserted(question: Question, firm_id: int, names: Mapping[int, str]) -> str:
    experts = question.deserted.get(firm_id)
    return f"“{names[firm_id]}”能谈的专家（{experts}）都已婉拒邀请或没有来，请另请专家。" if experts else ""


def _too_short_a_day(question: Question, result: PairingResult) -> Iterator[dict[str, Any]]:
    """Yield who has fewer slots than the meetings promised to all, which binds the list only so far."""
    limits, (firms, experts) = question.limits, meeting_counts(result.pairs)
    told = {(one.enterprise_id, one.expert_id) for one in result.shortfalls}
    people: list[tuple[Enterprise | Expert, int, int]] = [
        (one, limits.least_per_enterprise, firms.get(one.enterprise_id, 0))
        for one in question.problem.enterprises
        if (one.enterprise_id, None) not in told
    ]
    people += [
        (one, limits.least_per_expert, experts.get(one.expert_id, 0))
        for one in question.problem.experts
        if (None, one.expert_id) not in told
    ]
    for one, least, met in people:
        if one.minimum < least:
            yield {
                "name": one.name,
                "minimum": least,
                "met": met,
                "reason": f"方便的时段只有 {one.minimum} 个，保底按 {one.minimum} 场算。",
            }


def _meeting_names(question: Question, result: PairingResult) -> dict[int, str]:
    firms = {entry.enterprise_id: entry.name for entry in question.problem.enterprises}
    return {
        number: f"{firms[pair.enterprise_id]} × {question.seats[pair.expert_id].name}"
        for number, pair in enumerate(result.pairs)
    }


def publish_list(session: Session, actor: Actor, *, list_id: int) -> PairingList:
    """Freeze a version and send it out; what people answered to an earlier version is carried over.

    Who has a meeting on it and was not asked to the event is invited with it.
    Raises WrongState unless the event is open and everybody still agrees to be brought together, Conflict
    when a newer version is out already.
    """
    row = session.get(PairingList, list_id, with_for_update=True)
    if row is None:
        raise NotFound()
    event = organiser_event(session, actor, row.event_id)
    if event.status is not EventState.OPEN:
        raise WrongState("活动还没有发布，或已经结束、延期、取消，不能发布配对清单。请先在“概况”里发布活动。")
    earlier = published_list(session, event.id)
    _check_consent(session, row, event.id)
    if row.published_at is not None:
        raise WrongState("这一版已经发布过了，不用再发布。")
    if earlier is not None and earlier.number > row.number:
        raise Conflict("已经发布了更新的一版，旧版不能再发布。需要旧版的安排，请重新配对。")
    row.published_at = clock.now()
    answers = _close_earlier(session, actor, earlier) if earlier else {}
    for pairing in _pairings(session, row.id):
        move(session, actor, "pairing", pairing, PairingState.INVITED)
        _carry_over(session, actor, pairing, answers.get((pairing.need_id, pairing.achievement_id)))
    ask_the_unasked(session, actor, event, list_id=row.id)
    outbox.record(session, actor, PairingListPublished(event_id=event.id, list_id=row.id))
    return row


def _check_consent(session: Session, row: PairingList, event_id: int) -> None:
    """Raise WrongState for a version drawn before somebody in it took their consent back."""
    pairs = {(one.need_id, one.achievement_id) for one in _pairings(session, row.id)}
    seats = seats_of(session, {achievement_id for _, achievement_id in pairs})
    alone = left_alone(session, pairs - accepted_pairs(session, event_id), seats)
    if alone:
        (need_id, _), reason = min(alone.items())
        title = session.get_one(Need, need_id).title
        raise WrongState(
            f"这一版有 {len(alone)} 对不能再发出（如需求“{title}”：{reason}）。请重新配对，再发布新的一版。"
        )


def _close_earlier(session: Session, actor: Actor, earlier: PairingList) -> dict[tuple[int, int], Pairing]:
    """Spend the old version's links and withdraw what nobody answered; return its pairings by pair."""
    old = _pairings(session, earlier.id)
    for pairing in old:
        links.revoke(session, purpose=links.Purpose.PAIRING, subject_id=pairing.id)
        if pairing.status is PairingState.INVITED:
            move(session, actor, "pairing", pairing, PairingState.REJECTED, reason="由新一版配对清单代替")
    return {(pairing.need_id, pairing.achievement_id): pairing for pairing in old}


def _carry_over(session: Session, actor: Actor, pairing: Pairing, old: Pairing | None) -> None:
    """Keep what was said to the same pair; who asked for another time is asked anew once there is one."""
    if old is None or not {"accepted", ANOTHER_TIME} & {old.need_answer, old.achievement_answer}:
        return
    moved = pairing.slot != old.slot
    pairing.need_answer = "" if moved and old.need_answer == ANOTHER_TIME else old.need_answer
    pairing.achievement_answer = (
        "" if moved and old.achievement_answer == ANOTHER_TIME else old.achievement_answer
    )
    pairing.answer_note = old.answer_note
    to = state_of_answers(pairing)
    if to is not None and to is not pairing.status:
        move(session, actor, "pairing", pairing, to, reason="沿用上一版的答复")


def state_of_answers(pairing: Pairing) -> PairingState | None:
    """Return the state that both sides' answers amount to; None while they amount to nothing."""
    answers = (pairing.need_answer, pairing.achievement_answer)
    if "declined" in answers:
        return PairingState.DECLINED
    if answers == ("accepted", "accepted"):
        return PairingState.ACCEPTED_BOTH
    if pairing.need_answer == "accepted":
        return PairingState.ACCEPTED_NEED
    return PairingState.ACCEPTED_ACH if pairing.achievement_answer == "accepted" else None


def set_rule(
    session: Session,
    actor: Actor,
    *,
    event_id: int,
    need_id: int,
    achievement_id: int,
    kind: str,
    reason: str,
    everywhere: bool = False,
) -> PairingRule:
    """Pin or ban a pair by hand, for this event or for all; the next draw follows it. A reason is a must."""
    event = organiser_event(session, actor, event_id)
    if kind not in (PIN, BAN) or not reason.strip():
        message = "请选择“必须配对”或“不可配对”，并写一句原因。"
        raise InvalidInput([Problem(field="reason", code="missing", message=message)])
    if session.get(Need, need_id) is None or session.get(Achievement, achievement_id) is None:
        raise NotFound()
    whose = None if everywhere else event.id
    row = session.scalars(
        select(PairingRule).where(
            PairingRule.event_id.is_(None) if whose is None else PairingRule.event_id == whose,
            PairingRule.need_id == need_id,
            PairingRule.achievement_id == achievement_id,
        )
    ).first()
    if row is None:
        row = PairingRule(event_id=whose, need_id=need_id, achievement_id=achievement_id)
        session.add(row)
    row.kind, row.reason, row.user_id, row.at = kind, reason.strip(), actor.user_id, clock.now()
    session.flush()  # the page names the rule by its id
    return row


def drop_rule(session: Session, actor: Actor, *, event_id: int, rule_id: int) -> None:
    """Take a pin or ban back."""
    organiser_event(session, actor, event_id)
    row = session.get(PairingRule, rule_id)
    if row is None or row.event_id not in (None, event_id):
        raise NotFound()
    session.delete(row)


def change_between(before: Sequence[PairingLine], after: Sequence[PairingLine]) -> PairingChange:
    """Return what comes and goes between two versions."""
    return compare_pairings(_as_result(before), _as_result(after))


def _as_result(lines: Sequence[PairingLine]) -> PairingResult:
    return PairingResult(
        pairs=tuple(
            ChosenPair(
                need_id=line.need.id,
                enterprise_id=line.enterprise.id,
                expert_id=line.expert_key,
                value=line.pairing.value,
            )
            for line in lines
        )
    )


def open_event(session: Session, actor: Actor, event_id: int) -> Event:
    """Return an event that may still be paired. Raises WrongState, NotAllowed, NotFound."""
    event = organiser_event(session, actor, event_id)
    if event.status not in FOR_PAIRING:
        raise WrongState("这场活动已经结束或取消，不能再配对。")
    return event


def _pairings(session: Session, list_id: int) -> Sequence[Pairing]:
    return session.scalars(select(Pairing).where(Pairing.list_id == list_id).order_by(Pairing.id)).all()


def published_placements(session: Session, event_id: int) -> dict[tuple[int, int], tuple[int, int]]:
    """Return (need id, expert key) → (slot, table) of the list that holds, both from 1."""
    standing = published_list(session, event_id)
    if standing is None:
        return {}
    rows = session.execute(
        select(
            Pairing.need_id,
            Pairing.expert_id,
            Achievement.organisation_id,
            Pairing.slot,
            Pairing.table_number,
        )
        .join(Achievement, Achievement.id == Pairing.achievement_id)
        .where(Pairing.list_id == standing.id, Pairing.slot.is_not(None))
    )
    return {
        (need_id, expert_id or -(organisation_id or 0)): (slot or 0, table or 0)
        for need_id, expert_id, organisation_id, slot, table in rows
    }
