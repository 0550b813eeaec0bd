"""What goes wrong on the day, and the new timetable that is proposed for it.

As with a draw, nothing waits for the solver: read, solve without any transaction, write the
proposal down. It becomes true when somebody confirms it.
"""

import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from matchmaker import clock
from matchmaker.domain.day_rules import MeetingKey
from matchmaker.domain.desk import (
    Change,
    Sitting,
    Step,
    StepKind,
    Truth,
    after,
    changes_between,
    hit_by,
    person_named,
    question_of,
    seated_elsewhere,
)
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import InvitationState
from matchmaker.domain.timetable import Meeting, Person, Placement, TimetableProblem
from matchmaker.errors import InvalidInput, NotFound, WrongState
from matchmaker.services.desk import Desk, guests_for, open_desk, slot_at
from matchmaker.services.desk_spare import NEW_IDS, Spare, lost_meetings, spare_after_loss
from matchmaker.store.engine import Database
from matchmaker.store.tables import DeskProposal

# Together below the two seconds that somebody waits with a guest standing at the desk.
REPAIR_SECONDS = 1.3
REPLACEMENT_SECONDS = 0.4
_MINUTES = range(1, 481)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """What somebody reports at the desk. `first` is the slot (from 0) it begins with; None: judged.

    `who` is a word of the timetable's people; a walk-in brings a need or an achievement (`subject`,
    `subject_id`) and may name the people it wants to meet.
    """

    kind: StepKind
    who: str = ""
    minutes: int | None = None
    table: int | None = None
    first: int | None = None
    subject: str = ""
    subject_id: int = 0
    wishes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A repaired timetable: what changes, what is lost and why, and how much was touched beyond need.

    `fewest`: it is proved that no fewer of the meetings not hit themselves can move without losing more.
    """

    truth: Truth
    problem: TimetableProblem
    placements: tuple[Placement, ...]
    changes: tuple[Change, ...]
    hit: frozenset[int]
    reasons: dict[int, str]
    next_slot: int
    remaining: int
    fewest: bool = False

    @property
    def lost(self) -> tuple[int, ...]:
        """Meetings that have no place any more."""
        return tuple(one.pairing_id for one in self.changes if one.after is None)

    @property
    def beyond(self) -> int:
        """How many meetings move though they were not hit themselves."""
        return sum(one.pairing_id not in self.hit for one in self.changes)


def get_ready() -> None:
    """Load the solver in the background, so that the first repair of a process does not wait for it."""
    if "ortools.sat.python.cp_model" not in sys.modules:
        from matchmaker.solvers.assigning import load_solver

        threading.Thread(target=load_solver, daemon=True).start()


def propose(database: Database, actor: Actor, *, event_id: int, mishap: Mishap) -> int:
    """Compute a new timetable for what happened, keep it as a proposal, and return its id.

    Call it outside any transaction. Raises InvalidInput, NotFound, WrongState.
    """
    began = time.monotonic()
    with database.reading() as session:
        desk = open_desk(session, actor, event_id)
        step = step_of(desk, mishap)
    # Who is back, or on the way after all, may have the meetings again that were given up.
    back = step.kind in (StepKind.RETURNED, StepKind.LATE)
    more = lost_meetings(desk, step.who) if back and step.who else ()
    mended = mend(desk, step, more=more)
    with database.reading() as session:
        spare = spare_after_loss(session, desk, mended.truth, lost=mended.lost)
    added = replacements(desk, mended, spare)
    result = result_of(mended, added, step, seconds=time.monotonic() - began)
    return save_proposal(database, actor, desk, mishap, result)


def save_proposal(
    database: Database, actor: Actor, desk: Desk, mishap: Mishap, result: dict[str, Any]
) -> int:
    """Keep a proposal; the same person's older ones for this event are forgotten."""
    with database.writing() as session:
        session.execute(
            delete(DeskProposal).where(
                DeskProposal.event_id == desk.event.id,
                DeskProposal.user_id == actor.user_id,
                DeskProposal.step_number.is_(None),
                DeskProposal.at < clock.now() - timedelta(hours=1),
            )
        )
        row = DeskProposal(
            event_id=desk.event.id,
            base=desk.version,
            kind=mishap.kind,
            mishap=asdict(mishap),
            result=result,
            user_id=actor.user_id,
            at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def mishap_of(values: dict[str, Any]) -> Mishap:
    """Return a kept mishap as it was reported."""
    kind, wishes = StepKind(values["kind"]), tuple(values["wishes"])
    return Mishap(**(values | {"kind": kind, "wishes": wishes}))


def step_of(desk: Desk, mishap: Mishap) -> Step:
    """Return the step that a mishap would be. Raises InvalidInput, NotFound, WrongState."""
    if desk.is_over():
        raise WrongState("活动已经结束，不能再调整时间表。洽谈结果请在“现场”的“补录”或“结果”里登记。")
    number, running = desk.version + 1, max(0, desk.slot)
    if mishap.kind is StepKind.TABLE_LOST:
        if mishap.table not in desk.tables:
            raise _wrong("table", f"没有 {mishap.table} 号桌，请选 {desk.tables[0]}–{desk.tables[-1]} 号。")
        first = running if mishap.first is None else mishap.first
        if all((mishap.table, slot) in desk.truth.closed for slot in range(first, desk.slot_count)):
            raise WrongState(f"{mishap.table} 号桌已经停用，不用再办。")
        return Step(number=number, kind=mishap.kind, table=mishap.table, first=first)
    who = person_named(mishap.who)
    if who is None or not desk.name_of(who):
        raise NotFound()
    if mishap.kind is StepKind.RETURNED:
        return Step(number=number, kind=mishap.kind, who=who, first=running)
    first = _first_slot(desk, who) if mishap.first is None else mishap.first
    if mishap.kind is StepKind.ABSENT:
        if set(range(first, desk.slot_count)) <= desk.truth.away.get(who, frozenset()):
            raise WrongState(f"{desk.name_of(who)} 已经记为不在，不用再办。人到了请点“来了”。")
        return Step(number=number, kind=mishap.kind, who=who, first=first)
    if mishap.minutes is None or mishap.minutes not in _MINUTES:
        raise _wrong("minutes", "请填写大约还要多少分钟到，1 到 480 之间。")
    return Step(number=number, kind=mishap.kind, who=who, first=first, back=_slot_after(desk, mishap.minutes))


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput([Problem(field=field, code="range", message=message)])


def _first_slot(desk: Desk, who: Person) -> int:
    """Return from when somebody is missing: the whole day, unless they have been seen."""
    here = any(guest.status is InvitationState.CHECKED_IN for guest in guests_for(desk, who))
    met = any(one.begun and who in one.people for one in desk.sittings)
    return max(0, desk.slot) if here or met else 0


def _slot_after(desk: Desk, minutes: int) -> int:
    """Return the first slot that begins when somebody who needs so many minutes is here."""
    coming = max(desk.now, desk.event.starts_at) + timedelta(minutes=minutes)
    slot = slot_at(desk.event, coming)
    began = desk.event.starts_at + slot * timedelta(minutes=desk.event.slot_minutes)
    return min(desk.slot_count, slot if began >= coming else slot + 1)


def mend(
    desk: Desk,
    step: Step,
    *,
    more: Sequence[Meeting] = (),
    keys: Mapping[int, MeetingKey] | None = None,
    limit_seconds: float = REPAIR_SECONDS,
) -> Mended:
    """Return the timetable after a step; `more` are meetings to be added. Pure computing.

    `keys` are id → (need, expert) of those added that are no pairings yet, for orders of meetings.

    Of those added, pairings that had lost their place count as hit: they are what it is about.
    """
    from matchmaker.solvers.repair import repair_timetable

    truth = after(desk.truth, step, slot_count=desk.slot_count)
    hit = hit_by(desk.sittings, truth)
    next_slot = max(0, desk.slot + 1)
    problem, published = _question(
        desk, truth, hit=hit, next_slot=next_slot, orders=_orders(desk, more, keys or {})
    )
    problem = replace(problem, meetings=(*problem.meetings, *more))
    result = repair_timetable(
        problem,
        published=published,
        now_slot=next_slot,
        extra=frozenset(one.meeting_id for one in more),
        limit_seconds=limit_seconds,
    )
    return Mended(
        truth=truth,
        problem=problem,
        placements=result.placements,
        changes=changes_between(desk.placements, result.placements),
        hit=hit | {one.meeting_id for one in more if one.meeting_id < NEW_IDS},
        reasons={one.meeting_id: one.reason for one in result.unplaced},
        next_slot=next_slot,
        remaining=sum(not one.begun and one.slot >= next_slot for one in desk.sittings),
        fewest=result.fewest_moved,
    )


def _question(
    desk: Desk, truth: Truth, *, hit: frozenset[int], next_slot: int, orders: tuple[tuple[int, int], ...]
) -> tuple[TimetableProblem, tuple[Placement, ...]]:
    """Return the question for the repair and what holds so far, whoever lost a table sitting elsewhere."""
    reseated = seated_elsewhere(desk.sittings, truth, tables=desk.tables, slot=desk.slot)
    return question_of(
        tuple(_at(one, reseated.get(one.pairing_id)) for one in desk.sittings),
        truth,
        slot_count=desk.slot_count,
        tables=desk.tables,
        hit=hit - reseated.keys(),
        next_slot=next_slot,
        unwanted=desk.unwanted,
        pauses=desk.day.shut,
        precedences=orders,
    )


def _orders(
    desk: Desk, more: Sequence[Meeting], keys: Mapping[int, MeetingKey]
) -> tuple[tuple[int, int], ...]:
    """Return the orders among the meetings that are still to begin and those to be added."""
    ahead = (one.pairing_id for one in desk.sittings if not one.begun)
    ids = {*ahead, *(one.meeting_id for one in more)}
    known = {(row.need_id, row.expert_key): row.pairing_id for row in desk.rows if row.pairing_id in ids}
    return desk.day.precedences(known | {key: meeting_id for meeting_id, key in keys.items()})


def _at(sitting: Sitting, place: Placement | None) -> Sitting:
    return sitting if place is None else replace(sitting, slot=place.slot, table=place.table)


def replacements(desk: Desk, mended: Mended, spare: Spare) -> list[dict[str, Any]]:
    """Return new meetings for those who lost one, best first; nobody else moves."""
    from matchmaker.solvers.replacements import find_replacements

    if not spare.meetings:
        return []
    found = find_replacements(
        replace(mended.problem, precedences=_orders(desk, spare.meetings, spare.keys)),
        placements=mended.placements,
        spare=spare.meetings,
        lost=spare.lost,
        now_slot=mended.next_slot,
        limit_seconds=REPLACEMENT_SECONDS,
        at_most=spare.at_most,
    )
    return list(_added(found, spare))


def _added(found: Sequence[Placement], spare: Spare) -> Iterator[dict[str, Any]]:
    for place in sorted(found, key=lambda one: (one.slot, one.table)):
        yield spare.words[place.meeting_id] | {"after": [place.slot + 1, place.table]}


def result_of(mended: Mended, added: list[dict[str, Any]], step: Step, *, seconds: float) -> dict[str, Any]:
    """Return what a proposal remembers, as JSON; slots count from 1 as in the pairings."""
    return {
        "first": step.first,
        "back": step.back,
        "changes": [
            {
                "pairing": one.pairing_id,
                "before": _place(one.before),
                "after": _place(one.after),
                "hit": one.pairing_id in mended.hit,
                "why": mended.reasons.get(one.pairing_id, ""),
            }
            for one in mended.changes
            if one.pairing_id < NEW_IDS
        ],
        "added": added,
        "beyond": sum(
            one.pairing_id not in mended.hit and one.pairing_id < NEW_IDS for one in mended.changes
        ),
        "remaining": mended.remaining,
        "fewest": mended.fewest,
        "next_slot": mended.next_slot,
        "seconds": round(seconds, 2),
    }


def _place(place: Placement | None) -> list[int] | None:
    return None if place is None else [place.slot + 1, place.table]
