"""What the desk notes without a new timetable: somebody came, a meeting began or ended; and every undo."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from matchmaker import clock, wording
from matchmaker.bus import outbox
from matchmaker.domain.desk import TIMETABLE_KINDS, StepKind, person_named, who_word
from matchmaker.domain.messages import TimetableRepaired
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import InvitationState, MeetingOutcome, PairingState, can_move
from matchmaker.domain.timetable import Person, Side
from matchmaker.errors import Conflict, NotFound, WrongState
from matchmaker.services.desk import (
    STALE,
    Desk,
    guests_for,
    meeting_words,
    note_step,
    open_desk,
    pairing_of,
)
from matchmaker.services.moves import move, put_back
from matchmaker.services.outcome_undo import (
    outcome_after,
    outcome_before,
    put_outcome_back,
    why_outcome_stays,
)
from matchmaker.services.outcomes import record_outcome
from matchmaker.store.queries.desk import GuestRow
from matchmaker.store.tables import DeskStep, Invitation, Pairing

_NOT_TODAY = frozenset({PairingState.REJECTED, PairingState.DECLINED})


def arrive(session: Session, actor: Actor, *, event_id: int, who: str) -> DeskStep | None:
    """Check somebody in by badge (guest-17) or as somebody of the timetable; twice is once.

    A person of the timetable whom nobody had put on the list is put on it. Raises NotFound.
    """
    desk = open_desk(session, actor, event_id, writing=True)
    person, row = _guest(session, desk, who)
    if row.status is InvitationState.CHECKED_IN:
        return None
    former = come(session, actor, row)
    name = _guest_name(desk, row)
    return note_step(
        session,
        actor,
        event_id=event_id,
        kind=StepKind.ARRIVED,
        words=f"{name} 已到",
        who=who_word(person) if person else "",
        details={"first": max(0, desk.slot), "invitations": [former]},
    )


def _guest(session: Session, desk: Desk, who: str) -> tuple[Person | None, Invitation]:
    """Return who is meant, and the invitation that stands for them."""
    if who.startswith("guest-"):
        key = who.removeprefix("guest-")
        known = next((one for one in desk.guests if str(one.invitation_id) == key), None)
        if known is None:
            raise NotFound()
        return person_of(desk, known), session.get_one(Invitation, known.invitation_id)
    person = person_named(who)
    if person is None or not desk.name_of(person):
        raise NotFound()
    rows = guests_for(desk, person)
    waiting = [one for one in rows if one.status is not InvitationState.CHECKED_IN]
    chosen = next(iter(waiting or rows), None)
    if chosen is not None:
        return person, session.get_one(Invitation, chosen.invitation_id)
    return person, _put_on_list(session, desk, person)


def person_of(desk: Desk, guest: GuestRow) -> Person | None:
    """Return whom an invitation stands for in the timetable; None when they have no meeting there."""
    key = guest.person_id or -guest.organisation_id
    if guest.role == "expert":
        person: Person = (Side.EXPERT, key)
        return person if any(row.expert_key == key for row in desk.rows) else None
    found = any(row.enterprise_id == guest.organisation_id for row in desk.rows)
    return (Side.ENTERPRISE, guest.organisation_id) if found else None


def _put_on_list(session: Session, desk: Desk, person: Person) -> Invitation:
    side, key = person
    row = next(
        row for row in desk.rows if key == (row.enterprise_id if side is Side.ENTERPRISE else row.expert_key)
    )
    invitation = Invitation(
        event_id=desk.event.id,
        organisation_id=row.enterprise_id if side is Side.ENTERPRISE else row.owner_id,
        person_id=row.expert_id if side is Side.EXPERT else None,
        role=side.value,
        status=InvitationState.PLANNED,
    )
    session.add(invitation)
    session.flush()  # the log of its moves needs its id
    return invitation


def come(session: Session, actor: Actor, row: Invitation, *, reason: str = "") -> list[Any]:
    """Check an invitation in and return what it was: [id, state, when they came]."""
    former = _was(row)
    move(session, actor, "invitation", row, InvitationState.CHECKED_IN, reason=reason)
    row.checked_in_at = clock.now()
    return former


def come_back(session: Session, actor: Actor, desk: Desk, person: Person) -> list[list[Any]]:
    """Check somebody in who had been given up, and return what they were."""
    _person, row = _guest(session, desk, who_word(person))
    return [] if row.status is InvitationState.CHECKED_IN else [come(session, actor, row)]


def stay_away(session: Session, actor: Actor, desk: Desk, person: Person) -> list[list[Any]]:
    """Mark everybody who stands for a person as not come, and return what they were."""
    found = []
    for guest in guests_for(desk, person):
        row = session.get_one(Invitation, guest.invitation_id)
        if can_move(row.status, InvitationState.ABSENT):
            found.append(_was(row))
            move(session, actor, "invitation", row, InvitationState.ABSENT)
            row.checked_in_at = None
    return found


def _was(row: Invitation) -> list[Any]:
    return [row.id, row.status.value, row.checked_in_at.isoformat() if row.checked_in_at else None]


def _guest_name(desk: Desk, row: Invitation) -> str:
    guest = next((one for one in desk.guests if one.invitation_id == row.id), None)
    if guest is not None:
        return f"{guest.organisation} {guest.person}".strip()
    side = Side.EXPERT if row.role == "expert" else Side.ENTERPRISE
    return desk.name_of((side, row.person_id or (row.organisation_id * (-1 if side is Side.EXPERT else 1))))


def start(session: Session, actor: Actor, *, event_id: int, pairing_id: int, seen: str = "") -> bool:
    """Note that a meeting has begun, and that both sides are here; False when it was noted before.

    Raises Conflict when the meeting is no longer where the page showed it.
    """
    desk = open_desk(session, actor, event_id, writing=True)
    pairing = pairing_of(session, desk, pairing_id, seen=seen)
    row = desk.by_id[pairing.id]
    if pairing.slot is None or pairing.status in _NOT_TODAY:
        raise Conflict(STALE)
    if desk.has_begun(row):
        return False
    people: tuple[Person, ...] = ((Side.ENTERPRISE, row.enterprise_id), (Side.EXPERT, row.expert_key))
    came = [
        come(session, actor, invitation)
        for person in people
        for invitation in [_guest(session, desk, who_word(person))[1]]
        if invitation.status is not InvitationState.CHECKED_IN
    ]
    note_step(
        session,
        actor,
        event_id=event_id,
        kind=StepKind.STARTED,
        words=f"{pairing.table_number} 号桌开始：{meeting_words(row)}",
        details={"pairings": [pairing.id], "invitations": came},
    )
    return True


def end(
    session: Session,
    actor: Actor,
    *,
    event_id: int,
    pairing_id: int,
    outcome: MeetingOutcome,
    note: str = "",
    seen: str = "",
) -> bool:
    """Note that a meeting is over and what it came to; False when the same was noted before."""
    desk = open_desk(session, actor, event_id, writing=True)
    pairing = pairing_of(session, desk, pairing_id, seen=seen)
    if pairing.outcome is outcome:
        return False
    former = outcome_before(session, pairing)
    record_outcome(session, actor, pairing_id=pairing.id, outcome=outcome, note=note)
    result = wording.label("meeting_outcome", outcome)
    note_step(
        session,
        actor,
        event_id=event_id,
        kind=StepKind.ENDED,
        words=f"{meeting_words(desk.by_id[pairing.id])} 结束：{result}",
        details={"pairings": [pairing.id], "outcomes": [outcome_after(session, former)]},
    )
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoable:
    """A step that may be taken back now."""

    number: int
    words: str


def undoable(session: Session, desk: Desk) -> list[Undoable]:
    """Return what may be taken back: the last step, and the last that changed the timetable."""
    standing = [row for row in desk.steps if row.undone_by is None and row.kind is not StepKind.UNDONE]
    last = standing[-1:]
    last += [row for row in standing if row.kind in TIMETABLE_KINDS][-1:]
    return [
        Undoable(number=row.number, words=row.words)
        for row in dict.fromkeys(last)
        if _why_not(session, desk, row) is None
    ]


def undo(session: Session, actor: Actor, *, event_id: int, number: int) -> DeskStep:
    """Take a step back: everything is as it was before it. Raises NotFound, Conflict, WrongState.

    Who had been told of a change is told again.
    """
    desk = open_desk(session, actor, event_id, writing=True)
    row = next((step for step in desk.steps if step.number == number), None)
    if row is None or row.kind is StepKind.UNDONE:
        raise NotFound()
    if row.undone_by is not None:
        raise Conflict("这一步已经撤销过了，请看最新的情况。")
    refusal = _why_not(session, desk, row)
    if refusal is not None:
        raise WrongState(refusal)
    reason = f"撤销：{row.words}"
    _put_people_back(session, actor, _left_to_this(desk, row), reason=reason)
    for former in reversed(row.details.get("outcomes", ())):
        put_outcome_back(session, actor, former, reason=reason)
    back = [_put_place_back(session, actor, change, reason=reason) for change in row.changes]
    done = note_step(
        session,
        actor,
        event_id=event_id,
        kind=StepKind.UNDONE,
        words=reason,
        who=row.who,
        details={"undoes": row.number},
        changes=back,
    )
    row.undone_by = done.number
    if back:
        outbox.record(session, actor, TimetableRepaired(event_id=event_id, step_id=done.id))
    return done


def _left_to_this(desk: Desk, row: DeskStep) -> list[list[Any]]:
    """Return the invitations that no later step has changed since.

    Of the others the later step is told what was before this one: whoever has come meanwhile stays, and
    taking that back as well leads to what was before both.
    """
    mine = {former[0]: former for former in row.details.get("invitations", ())}
    for step in desk.steps:
        if step.number <= row.number or step.undone_by is not None:
            continue
        formers = step.details.get("invitations", ())
        if any(former[0] in mine for former in formers):
            taken = [mine.pop(former[0], former) for former in formers]
            step.details = step.details | {"invitations": taken}
    return list(mine.values())


def _put_people_back(
    session: Session, actor: Actor, invitations: Iterable[list[Any]], *, reason: str
) -> None:
    for invitation_id, status, came_at in invitations:
        row = session.get_one(Invitation, invitation_id)
        if row.status.value != status:
            put_back(session, actor, "invitation", row, InvitationState(status), reason=reason)
        row.checked_in_at = datetime.fromisoformat(came_at) if came_at else None


def _put_place_back(session: Session, actor: Actor, change: dict[str, Any], *, reason: str) -> dict[str, Any]:
    """Put one meeting where it was, in the state it had, and return the change that this was."""
    pairing = session.get_one(Pairing, change["pairing"])
    pairing.slot, pairing.table_number = change["before"] or (None, None)
    if pairing.status.value != change["status"]:
        put_back(session, actor, "pairing", pairing, PairingState(change["status"]), reason=reason)
    return change | {"before": change["after"], "after": change["before"], "new": False}


def _why_not(session: Session, desk: Desk, row: DeskStep) -> str | None:
    """Return why a step cannot be taken back now, or None."""
    later = [step for step in desk.steps if step.number > row.number and step.undone_by is None]
    if row.kind in TIMETABLE_KINDS:
        if any(step.kind in TIMETABLE_KINDS for step in later):
            return "这一步之后又改过时间表。请从最后一次改动开始，一步一步撤销。"
        if (moved := _moved_since(desk, row)) is not None:
            return moved
    touched = {*row.details.get("pairings", ()), *(change["pairing"] for change in row.changes)}
    for step in later:
        if step.kind is StepKind.UNDONE:
            continue
        same_meeting = touched & set(step.details.get("pairings", ()))
        same_person = row.kind not in TIMETABLE_KINDS and row.who and row.who == step.who
        if same_meeting or same_person:
            return "这一步之后又有别的记录，请先撤销后面的。"
    stays = (why_outcome_stays(session, former) for former in row.details.get("outcomes", ()))
    return next((words for words in stays if words), None)


def _moved_since(desk: Desk, row: DeskStep) -> str | None:
    for change in row.changes:
        now = desk.by_id.get(change["pairing"])
        if now is None:
            return "配对清单已经换了新的一版，不能再撤销。"
        if [now.slot, now.table] != (change["after"] or [None, None]):
            return "这一步之后又改过时间表。请从最后一次改动开始，一步一步撤销。"
        if change["after"] and desk.has_begun(now):
            return f"“{meeting_words(now)}”已经按新的安排开始了，不能再撤销。"
    return None
