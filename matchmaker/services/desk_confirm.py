"""A proposed timetable becomes true: written, logged, told to those it concerns."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.bus import outbox
from matchmaker.domain.desk import TIMETABLE_KINDS, StepKind, person_named
from matchmaker.domain.messages import TimetableRepaired
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import InvitationState, MeetingOutcome, PairingState, can_move
from matchmaker.domain.timetable import Person, Placement
from matchmaker.errors import Conflict, NotFound
from matchmaker.services.desk import STALE, Desk, guests_for, note_step, open_desk, place_words
from matchmaker.services.desk_acts import come_back, stay_away
from matchmaker.services.desk_repair import Mishap, mishap_of
from matchmaker.services.desk_spare import people_of
from matchmaker.services.desk_walk_in import welcome
from matchmaker.services.moves import move, put_back
from matchmaker.services.outcome_undo import outcome_after, outcome_before
from matchmaker.services.outcomes import record_outcome
from matchmaker.store.tables import DeskProposal, DeskStep, Pairing

_LOST = "现场调整后没有时段"


def proposal_of(session: Session, desk: Desk, proposal_id: int) -> DeskProposal:
    """Return a proposal of this desk. Raises NotFound."""
    row = session.get(DeskProposal, proposal_id)
    if row is None or row.event_id != desk.event.id:
        raise NotFound("这个调整方案已经不在了，请回到现场台重新提出。")
    return row


def confirm(
    session: Session, actor: Actor, *, event_id: int, proposal_id: int, take: Collection[int] | None = None
) -> DeskStep:
    """Make a proposal true, with the replacement meetings picked (by place; None: all). Twice is once.

    Those concerned are told; nobody else is. Raises Conflict when the desk has moved on so that
    the proposal no longer fits, NotFound.
    """
    desk = open_desk(session, actor, event_id, writing=True)
    row = proposal_of(session, desk, proposal_id)
    if row.step_number is not None:
        return next(step for step in desk.steps if step.number == row.step_number)
    if is_stale(desk, row):
        raise Conflict(STALE)
    mishap = mishap_of(row.mishap)
    words = mishap_words(desk, mishap, row.result)
    details: dict[str, Any] = {
        "first": row.result["first"],
        "back": row.result["back"],
        "table": mishap.table,
    }
    person = person_named(mishap.who)
    details |= _note_presence(session, actor, desk, mishap, person)
    missing = person if mishap.kind is StepKind.ABSENT else None
    outcomes: list[list[Any]] = []
    changes = [
        _move_meeting(session, actor, desk, change, missing=missing, words=words, outcomes=outcomes)
        for change in row.result["changes"]
    ]
    changes += [
        _add_meeting(session, actor, desk, added)
        for place, added in enumerate(row.result["added"])
        if take is None or place in take
    ]
    step = note_step(
        session,
        actor,
        event_id=event_id,
        kind=mishap.kind,
        words=words,
        who=mishap.who,
        details=details | {"outcomes": outcomes},
        changes=changes,
    )
    row.step_number = step.number
    if changes:
        outbox.record(session, actor, TimetableRepaired(event_id=event_id, step_id=step.id))
    return step


def _note_presence(
    session: Session, actor: Actor, desk: Desk, mishap: Mishap, person: Person | None
) -> dict[str, Any]:
    """Note who came, stays away or is back after all; return what undoing it needs."""
    if mishap.kind is StepKind.WALK_IN:
        return {"invitations": welcome(session, actor, event_id=desk.event.id, mishap=mishap)}
    if mishap.kind is StepKind.ABSENT and person is not None:
        return {"invitations": stay_away(session, actor, desk, person)}
    if mishap.kind is StepKind.RETURNED and person is not None:
        return {"invitations": come_back(session, actor, desk, person)}
    return {}


def is_stale(desk: Desk, row: DeskProposal) -> bool:
    """Say whether the desk has moved on so that a proposal no longer fits what is true.

    Somebody else's check-in does not matter; another change of the timetable does, a meeting that
    began meanwhile and would be moved, the missing person walking in, and a slot that has come.
    """
    later = [step for step in desk.steps if step.number > row.base]
    if any(step.kind in TIMETABLE_KINDS or step.changes for step in later):
        return True
    if row.mishap["who"] and any(step.who == row.mishap["who"] for step in later):
        return True
    places = [entry["after"] for entry in (*row.result["changes"], *row.result["added"]) if entry["after"]]
    if any(slot - 1 < max(0, desk.slot) for slot, _table in places):
        return True
    return any(_has_changed(desk, change) for change in row.result["changes"])


def _has_changed(desk: Desk, change: dict[str, Any]) -> bool:
    now = desk.by_id.get(change["pairing"])
    if now is None or [now.slot, now.table] != (change["before"] or [None, None]):
        return True
    return change["before"] is not None and desk.has_begun(now)


def mishap_words(desk: Desk, mishap: Mishap, result: dict[str, Any]) -> str:
    """Say in one line what happened."""
    if mishap.kind is StepKind.TABLE_LOST:
        return f"{mishap.table} 号桌停用"
    if mishap.kind is StepKind.WALK_IN:
        return f"现场加入：{result['title']}"
    person = person_named(mishap.who)
    name = desk.name_of(person) if person else ""
    if mishap.kind is StepKind.LATE:
        return f"{name} 迟到约 {mishap.minutes} 分钟"
    if mishap.kind is StepKind.RETURNED:
        return f"{name} 回来了"
    here = (
        any(one.status is InvitationState.CHECKED_IN for one in guests_for(desk, person)) if person else False
    )
    return f"{name} 提前离开" if here else f"{name} 缺席"


def _move_meeting(
    session: Session,
    actor: Actor,
    desk: Desk,
    change: dict[str, Any],
    *,
    missing: Person | None,
    words: str,
    outcomes: list[list[Any]],
) -> dict[str, Any]:
    pairing = session.get_one(Pairing, change["pairing"])
    entry = {name: change[name] for name in ("pairing", "before", "after")}
    entry |= {"status": pairing.status.value, "new": False}
    pairing.slot, pairing.table_number = change["after"] or (None, None)
    if change["before"] is None:
        outcomes.append(outcome_before(session, pairing))
        pairing.outcome, pairing.outcome_note, pairing.outcome_at, pairing.outcome_by = None, "", None, ""
        put_back(session, actor, "pairing", pairing, PairingState.INVITED, reason=words)
    elif change["after"] is None and missing in people_of(desk.by_id[pairing.id]):
        former = outcome_before(session, pairing)
        record_outcome(session, actor, pairing_id=pairing.id, outcome=MeetingOutcome.NO_SHOW, note=words)
        outcomes.append(outcome_after(session, former))
    elif change["after"] is None and can_move(pairing.status, PairingState.LAPSED):
        move(session, actor, "pairing", pairing, PairingState.LAPSED, reason=f"{words}；{_LOST}")
    return entry


def _add_meeting(session: Session, actor: Actor, desk: Desk, added: dict[str, Any]) -> dict[str, Any]:
    """Put a new meeting on the list that holds; one that was taken back before is used again."""
    pairing = session.scalars(
        select(Pairing).where(
            Pairing.list_id == desk.listed.id,
            Pairing.need_id == added["need"],
            Pairing.achievement_id == added["achievement"],
        )
    ).first()
    if pairing is None:
        pairing = Pairing(
            list_id=desk.listed.id,
            event_id=desk.event.id,
            need_id=added["need"],
            achievement_id=added["achievement"],
            status=PairingState.SHORTLISTED,
        )
        session.add(pairing)
    elif pairing.status is PairingState.REJECTED:
        put_back(session, actor, "pairing", pairing, PairingState.SHORTLISTED, reason="现场再次安排")
    else:
        raise Conflict(STALE)
    pairing.match_id, pairing.expert_id = added["match"], added["expert"]
    pairing.value, pairing.reason = added["value"], f"现场安排；{added['reason']}".rstrip("；")
    pairing.slot, pairing.table_number = added["after"]
    session.flush()  # the log of its moves needs its id
    move(session, actor, "pairing", pairing, PairingState.INVITED, reason="现场安排")
    return {
        "pairing": pairing.id,
        "before": None,
        "after": added["after"],
        "status": PairingState.REJECTED.value,
        "new": True,
    }


def change_lines(desk: Desk, result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a proposal's changes in words: who, from where, to where, and why if there is no place."""
    for change in result["changes"]:
        row = desk.by_id[change["pairing"]]
        places = [
            Placement(meeting_id=row.pairing_id, slot=place[0] - 1, table=place[1]) if place else None
            for place in (change["before"], change["after"])
        ]
        yield {
            "row": row,
            "before": place_words(desk.event, places[0]),
            "after": place_words(desk.event, places[1]),
            "hit": change["hit"],
            "why": change["why"],
        }
