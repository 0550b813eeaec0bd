"""Guests who walk in: found in the library, given meetings in what is still free today."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.desk import Step, StepKind
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import (
    ACHIEVEMENTS_IN_LIBRARY,
    InvitationState,
)
from matchmaker.domain.timetable import Meeting, Side
from matchmaker.errors import InvalidInput, NotFound, WrongState
from matchmaker.services.desk import Desk, open_desk
from matchmaker.services.desk_acts import come
from matchmaker.services.desk_repair import Mishap, mend, replacements, result_of, save_proposal
from matchmaker.services.desk_spare import NEW_IDS, Spare, is_gone, on_table, spare_of
from matchmaker.services.event_items import NEEDS_FOR_EVENTS, Kind, add_item
from matchmaker.services.never_match import left_alone
from matchmaker.services.pairing_question import Option, options_among
from matchmaker.store.engine import Database
from matchmaker.store.queries.pairings import Seat, seats_of
from matchmaker.store.tables import Achievement, Event, Invitation, Need, Organisation

_MOST = 3  # a walk-in gets what is free, and no more than an invited guest would
_FOUND = 12


def find_subjects(session: Session, words: str) -> list[tuple[str, int, str, str]]:
    """Return (kind, id, title, organisation) of needs and achievements in the library by words."""
    found: list[tuple[str, int, str, str]] = []
    for kind, subject, states in (
        ("need", Need, NEEDS_FOR_EVENTS),
        ("achievement", Achievement, ACHIEVEMENTS_IN_LIBRARY),
    ):
        wanted = (
            select(subject.id, subject.title, Organisation.name)
            .join(Organisation, Organisation.id == subject.organisation_id)
            .where(subject.status.in_(states))
        )
        for word in words.split()[:5]:
            wanted = wanted.where(
                or_(
                    subject.title.icontains(word, autoescape=True),
                    Organisation.name.icontains(word, autoescape=True),
                )
            )
        rows = session.execute(wanted.order_by(Organisation.name, subject.title, subject.id).limit(_FOUND))
        found += [(kind, key, title, home) for key, title, home in rows]
    return found


def propose_walk_in(database: Database, actor: Actor, *, event_id: int, mishap: Mishap) -> int:
    """Compute meetings for a guest who brings a need or an achievement, and keep them as a proposal.

    Named partners (`wishes`) are seated even if others must move a little; without them the best
    matches take what is free and nobody moves. Raises InvalidInput, NotFound, WrongState.
    """
    began = time.monotonic()
    with database.reading() as session:
        desk = open_desk(session, actor, event_id)
        if desk.is_over():
            raise WrongState("活动已经结束，不能再现场加入。")
        title = title_of(session, mishap)
        options = _options(session, desk, mishap)
        spare = _spare(session, desk, mishap, options)
    if not spare.meetings:
        raise _nobody(mishap)
    step = Step(number=desk.version + 1, kind=StepKind.WALK_IN)
    more = spare.meetings if mishap.wishes else ()
    mended = mend(desk, step, more=more, keys=spare.keys if mishap.wishes else {})
    added = _placed(mended.placements, spare) if mishap.wishes else replacements(desk, mended, spare)
    result = result_of(mended, added, step, seconds=time.monotonic() - began)
    return save_proposal(database, actor, desk, mishap, result | {"title": title})


def _nobody(mishap: Mishap) -> InvalidInput:
    words = "系统里还没有合适的推荐。请在下面选一位想见的人，再提出方案。"
    if mishap.wishes:
        words = "选的人今天不能再安排（已经见过、已婉拒或没有到），请另选一位。"
    return InvalidInput([Problem(field="wishes", code="nobody", message=words)])


def title_of(session: Session, mishap: Mishap) -> str:
    """Return what a walk-in brings, with its organisation. Raises NotFound."""
    row: Need | Achievement | None = (
        session.get(Need, mishap.subject_id)
        if mishap.subject == "need"
        else session.get(Achievement, mishap.subject_id)
    )
    if row is None or row.organisation_id is None:
        raise NotFound()
    return f"{session.get_one(Organisation, row.organisation_id).name}（{row.title}）"


def partners(session: Session, desk: Desk, mishap: Mishap) -> list[tuple[int, str]]:
    """Return whom a walk-in may ask to meet: (key, words) of the other side's table, but who is gone."""
    if mishap.subject == "need":
        seats = {
            seat.key: seat
            for seat in seats_of(session, on_table(session, desk.event.id, "achievement")).values()
        }
        return [
            (key, f"{seat.name} · {seat.organisation}")
            for key, seat in sorted(seats.items(), key=_by_name)
            if not is_gone(desk, (Side.EXPERT, key))
        ]
    needs = on_table(session, desk.event.id, "need")
    rows = session.execute(
        select(Need.id, Need.title, Organisation.id, Organisation.name)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .where(Need.id.in_(needs))
        .order_by(Organisation.name, Need.id)
    )
    return [
        (key, f"{firm} · {title}")
        for key, title, firm_id, firm in rows
        if not is_gone(desk, (Side.ENTERPRISE, firm_id))
    ]


def _by_name(entry: tuple[int, Seat]) -> tuple[str, int]:
    return entry[1].organisation, entry[0]


def _options(session: Session, desk: Desk, mishap: Mishap) -> list[Option]:
    """Return what the guest could talk about: with those named, else by the system's proposals."""
    needs, achievements = _sides(session, desk, mishap)
    found = options_among(session, desk.event, need_ids=needs, achievement_ids=achievements)
    usable = [option for option in found.values() if not option.banned]
    if not mishap.wishes:
        return usable
    seats = seats_of(session, achievements)
    barred = {key for key, option in found.items() if option.banned}
    alone = left_alone(session, {(need, thing) for need in needs for thing in seats}, seats)
    chosen: dict[tuple[int, int], Option] = {}
    for need_id in needs:
        for achievement_id, seat in seats.items():
            key = (need_id, seat.key)
            wish = seat.key if mishap.subject == "need" else need_id
            if (need_id, achievement_id) in alone:
                continue
            if wish in mishap.wishes[:_MOST] and key not in barred and key not in chosen:
                by_hand = Option(
                    need_id=need_id,
                    achievement_id=achievement_id,
                    expert_key=seat.key,
                    match_id=None,
                    value=0,
                )
                chosen[key] = found.get(key, by_hand)
    return list(chosen.values())


def _sides(session: Session, desk: Desk, mishap: Mishap) -> tuple[list[int], list[int]]:
    if mishap.subject == "need":
        return [mishap.subject_id], list(on_table(session, desk.event.id, "achievement"))
    return list(on_table(session, desk.event.id, "need")), [mishap.subject_id]


def _spare(session: Session, desk: Desk, mishap: Mishap, options: Sequence[Option]) -> Spare:
    """Return the candidates, the guest being owed as many meetings as a guest may have."""
    key = _own_key(session, mishap)
    person = (Side.ENTERPRISE, key) if mishap.subject == "need" else (Side.EXPERT, key)
    owed = tuple(
        Meeting(
            meeting_id=2 * NEW_IDS + n,
            enterprise_id=key if mishap.subject == "need" else -NEW_IDS,
            expert_id=key if mishap.subject == "achievement" else -NEW_IDS,
        )
        for n in range(_MOST)
    )
    spare = spare_of(session, desk, options, lost=(), freed={person})
    return replace(spare, lost=owed)


def _own_key(session: Session, mishap: Mishap) -> int:
    if mishap.subject == "need":
        need = session.get(Need, mishap.subject_id)
        if need is None:
            raise NotFound()
        return need.organisation_id
    seat = seats_of(session, [mishap.subject_id]).get(mishap.subject_id)
    if seat is None:
        raise NotFound()
    return seat.key


def _placed(placements: Sequence[Any], spare: Spare) -> list[dict[str, Any]]:
    return [
        spare.words[one.meeting_id] | {"after": [one.slot + 1, one.table]}
        for one in placements
        if one.meeting_id in spare.words
    ]


def welcome(session: Session, actor: Actor, *, event_id: int, mishap: Mishap) -> list[list[Any]]:
    """Put what a walk-in brings on the event's table, and the guest on the list, as come. Twice is once.

    Returns what an undo needs: what the invitation was, or nothing when the guest was here before.
    """
    kind: Kind = "need" if mishap.subject == "need" else "achievement"
    add_item(session, actor, event_id=event_id, kind=kind, subject_id=mishap.subject_id)
    organisation_id, person_id = _guest(session, mishap)
    event = session.get_one(Event, event_id)
    row = session.scalars(
        select(Invitation).where(
            Invitation.event_id == event.id,
            Invitation.organisation_id == organisation_id,
            Invitation.person_id.is_(None) if person_id is None else Invitation.person_id == person_id,
        )
    ).first()
    if row is None:
        row = Invitation(
            event_id=event.id,
            organisation_id=organisation_id,
            person_id=person_id,
            role="enterprise" if kind == "need" else "expert",
            status=InvitationState.PLANNED,
            answer_note="现场加入",
        )
        session.add(row)
        session.flush()  # the log of its moves needs its id
    if row.status is InvitationState.CHECKED_IN:
        return []
    return [come(session, actor, row, reason="现场加入")]


def _guest(session: Session, mishap: Mishap) -> tuple[int, int | None]:
    if mishap.subject == "need":
        need = session.get_one(Need, mishap.subject_id)
        return need.organisation_id, need.contact_id
    seat = seats_of(session, [mishap.subject_id])[mishap.subject_id]
    return seat.organisation_id or 0, seat.person_id
