"""An event that is running: firms and experts, everybody invited, a published list with a timetable."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from event_cast import make_event, make_match
from factories import make_achievement, make_need, make_organisation, make_person
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import (
    Grade,
    InvitationState,
    NeedState,
    OrganisationKind,
    PairingState,
    Role,
)
from matchmaker.domain.timetable import Meeting, TimetableProblem
from matchmaker.solvers.timetable import place_timetable
from matchmaker.store.tables import (
    AchievementPerson,
    EventItem,
    Invitation,
    Pairing,
    PairingList,
)

ORGANISER = Actor(name="李科", roles=frozenset({Role.ORGANISER}))
SLOT = timedelta(minutes=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """Ids of a running event. `firms`, `needs`, `experts` and `achievements` stand in the same order."""

    event: int
    listed: int
    starts_at: datetime
    firms: list[int]
    needs: list[int]
    experts: list[int]
    achievements: list[int]


def make_hall(
    session: Session,
    *,
    firms: int = 6,
    experts: int = 4,
    slots: int = 8,
    tables: int = 4,
    per_firm: int = 2,
    starts_at: datetime | None = None,
) -> Hall:
    """Add an event that began 25 minutes ago, so that its second slot is running."""
    begins = starts_at or clock.now() - timedelta(minutes=25)
    event = make_event(
        session,
        held_on=clock.local(begins).date(),
        starts_at=begins,
        slots=slots,
        tables=tables,
        per_enterprise=per_firm + 1,
        per_expert=slots,
    )
    listed = PairingList(
        event_id=event.id,
        number=1,
        published_at=clock.now(),
        settings={"per_enterprise": per_firm + 1, "per_expert": slots, "tables": tables, "slots": slots},
        result={"options": [], "firms": [], "experts": []},
        created_at=clock.now(),
    )
    session.add(listed)
    session.flush()
    hall = Hall(
        event=event.id, listed=listed.id, starts_at=begins, firms=[], needs=[], experts=[], achievements=[]
    )
    _guests(session, hall, firms=firms, experts=experts)
    _meetings(session, hall, per_firm=per_firm, slots=slots, tables=tables)
    return hall


def _guests(session: Session, hall: Hall, *, firms: int, experts: int) -> None:
    for n in range(firms):
        firm = make_organisation(session, name=f"第{n + 1}号机械有限公司")
        contact = make_person(session, organisation_id=firm.id, name=f"甲联系{n + 1}")
        need = make_need(
            session,
            organisation_id=firm.id,
            contact_id=contact.id,
            title=f"第{n + 1}项难题",
            status=NeedState.PUBLISHED,
            accepted_at=clock.now(),
        )
        _bring(session, hall, "need", need.id, firm.id, contact.id, "enterprise")
        hall.firms.append(firm.id)
        hall.needs.append(need.id)
    university = make_organisation(session, name="江北大学", kind=OrganisationKind.UNIVERSITY, local=False)
    for n in range(experts):
        person = make_person(session, organisation_id=university.id, name=f"乙教授{n + 1}", role="expert")
        made = make_achievement(
            session, organisation_id=university.id, title=f"第{n + 1}项成果", contact_id=person.id
        )
        session.add(AchievementPerson(achievement_id=made.id, person_id=person.id, place=1))
        _bring(session, hall, "achievement", made.id, university.id, person.id, "expert")
        hall.experts.append(person.id)
        hall.achievements.append(made.id)
    for at, need_id in enumerate(hall.needs):
        for other, achievement_id in enumerate(hall.achievements):
            make_match(session, need_id, achievement_id, 0.9 - 0.01 * ((at + other) % experts), Grade.STRONG)


def _bring(
    session: Session, hall: Hall, kind: str, subject_id: int, organisation_id: int, person_id: int, role: str
) -> None:
    session.add(EventItem(event_id=hall.event, subject_kind=kind, subject_id=subject_id))
    session.add(
        Invitation(
            event_id=hall.event,
            organisation_id=organisation_id,
            person_id=person_id,
            role=role,
            status=InvitationState.ACCEPTED,
        )
    )
    session.flush()


def _meetings(session: Session, hall: Hall, *, per_firm: int, slots: int, tables: int) -> None:
    count = len(hall.experts)
    pairs = [(at, (at + shift) % count) for at in range(len(hall.firms)) for shift in range(per_firm)]
    problem = TimetableProblem(
        slot_count=slots,
        tables=tuple(range(1, tables + 1)),
        meetings=tuple(
            Meeting(meeting_id=n, enterprise_id=at, expert_id=other) for n, (at, other) in enumerate(pairs)
        ),
    )
    for place in place_timetable(problem, limit_seconds=1).placements:
        at, other = pairs[place.meeting_id]
        session.add(
            Pairing(
                list_id=hall.listed,
                event_id=hall.event,
                need_id=hall.needs[at],
                achievement_id=hall.achievements[other],
                expert_id=hall.experts[other],
                value=9000,
                status=PairingState.INVITED,
                slot=place.slot + 1,
                table_number=place.table,
            )
        )
    session.flush()


def timetable(session: Session, hall: Hall) -> dict[int, tuple[int | None, int | None, str, str | None]]:
    """Return the timetable as stored: pairing id → slot, table, state, outcome."""
    rows = session.scalars(select(Pairing).where(Pairing.list_id == hall.listed).order_by(Pairing.id))
    return {row.id: (row.slot, row.table_number, row.status.value, row.outcome) for row in rows}
