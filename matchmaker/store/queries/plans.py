"""What planning reads: open needs, experts with what they have for them, and plans as pages show them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from matchmaker.domain.plan_state import STANDING
from matchmaker.domain.states import (
    NEEDS_OPEN_FOR_MATCHING,
    Disclosure,
    EventState,
    Grade,
    MatchState,
    NeedState,
)
from matchmaker.store.queries.withdrawals import withdrawn_now
from matchmaker.store.tables import (
    Achievement,
    AchievementPerson,
    Event,
    EventItem,
    Match,
    Need,
    Organisation,
    Person,
    Plan,
    PlanEvent,
    PlanItem,
)

NEEDS_TO_PLAN = NEEDS_OPEN_FOR_MATCHING - {NeedState.SUBMITTED}
GOOD = (Grade.STRONG, Grade.FAIR)  # weak proposals bring nobody on a journey
NOT_HELD = (EventState.CANCELLED, EventState.POSTPONED)


def needs_to_plan(session: Session, *, also: frozenset[int] = frozenset(), again: bool = False) -> list[Need]:
    """Return accepted needs that no event has on its table yet, and those of `also`; by id.

    With `again`, those whose events are all over count as free too. Who took the consent back is planned
    for no more.
    """
    taken = (
        select(EventItem.subject_id)
        .join(Event, Event.id == EventItem.event_id)
        .where(
            EventItem.subject_kind == "need",
            Event.status.not_in((*NOT_HELD, EventState.HELD) if again else NOT_HELD),
        )
    )
    rows = session.scalars(
        select(Need)
        .where(
            Need.status.in_(NEEDS_TO_PLAN),
            Need.disclosure != Disclosure.INTERNAL,
            Need.duplicate_of_id.is_(None),
            Need.id.not_in(taken) | Need.id.in_(also),
        )
        .order_by(Need.id)
    )
    withdrawn = withdrawn_now(session)
    return [
        need
        for need in rows
        if not withdrawn.firm(organisation_id=need.organisation_id, contact_id=need.contact_id)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """An expert with an achievement proposed for a need. `city` is the partner it stands for."""

    need_id: int
    person_id: int
    university_id: int
    city: str
    score: float


def answering_experts(session: Session, need_ids: Sequence[int]) -> list[Answering]:
    """Return who could answer these needs, by the proposals that stand; the best per need and person first.

    A college counts as its university. Where a city is not known, the university stands for itself.
    """
    college, university = aliased(Organisation), aliased(Organisation)
    rows = session.execute(
        select(Match.need_id, AchievementPerson.person_id, Match.score, college, university)
        .join(Achievement, Achievement.id == Match.achievement_id)
        .join(AchievementPerson, AchievementPerson.achievement_id == Achievement.id)
        .join(college, college.id == Achievement.organisation_id)
        .outerjoin(university, university.id == college.parent_id)
        .where(
            Match.current,
            Match.status != MatchState.REJECTED,
            Match.grade.in_(GOOD),
            Achievement.disclosure != Disclosure.INTERNAL,
        )
        .order_by(Match.need_id, Match.score.desc(), AchievementPerson.person_id)
    )
    wanted, withdrawn = set(need_ids), withdrawn_now(session)
    return [
        Answering(
            need_id=need_id,
            person_id=person_id,
            university_id=(above or own).id,
            city=_partner(own, above or own),
            score=score,
        )
        for need_id, person_id, score, own, above in rows
        if need_id in wanted and person_id not in withdrawn.people
    ]


def _partner(own: Organisation, root: Organisation) -> str:
    city = (own.city or root.city).removesuffix("市")
    return city or root.name[:40]


def firm_towns(session: Session) -> dict[int, str]:
    """Return organisation → its town."""
    rows = session.execute(select(Organisation.id, Organisation.town).order_by(Organisation.id))
    return {row.id: row.town for row in rows}


def events_between(session: Session, first: date, last: date) -> list[Event]:
    """Return events that stand in the calendar, by day."""
    return list(
        session.scalars(
            select(Event)
            .where(Event.held_on.between(first, last), Event.status.not_in(NOT_HELD))
            .order_by(Event.held_on, Event.id)
        )
    )


def plan_events(session: Session, plan_id: int) -> list[PlanEvent]:
    """Return a plan's events by number."""
    rows = session.scalars(select(PlanEvent).where(PlanEvent.plan_id == plan_id).order_by(PlanEvent.number))
    return list(rows)


def plan_items(session: Session, plan_id: int, kind: str) -> dict[int | None, list[PlanItem]]:
    """Return planned event id → its needs or experts; None holds the needs left out."""
    found: dict[int | None, list[PlanItem]] = defaultdict(list)
    rows = session.scalars(
        select(PlanItem)
        .where(PlanItem.plan_id == plan_id, PlanItem.subject_kind == kind)
        .order_by(PlanItem.value.desc(), PlanItem.subject_id)
    )
    for row in rows:
        found[row.plan_event_id].append(row)
    return found


def standing_plan(session: Session, campaign_id: int) -> Plan | None:
    """Return the plan that is kept or applied, the newest if there are several."""
    return session.scalars(
        select(Plan)
        .where(Plan.campaign_id == campaign_id, Plan.status.in_(STANDING))
        .order_by(Plan.number.desc())
        .limit(1)
    ).first()


def plans_of(session: Session, campaign_id: int, *, most: int = 30) -> list[Plan]:
    """Return a campaign's plans, the newest first."""
    rows = session.scalars(
        select(Plan).where(Plan.campaign_id == campaign_id).order_by(Plan.number.desc()).limit(most)
    )
    return list(rows)


def next_number(session: Session, campaign_id: int) -> int:
    """Return the number of the campaign's next plan."""
    latest = session.scalar(select(func.max(Plan.number)).where(Plan.campaign_id == campaign_id))
    return (latest or 0) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedNeed:
    """A need of a planned event with its firm."""

    need_id: int
    title: str
    firm: str
    town: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedExpert:
    """An expert of a planned event; `journey` are the days on which the university is there anyway."""

    person_id: int
    name: str
    title: str
    university: str
    value: int


def planned_needs(session: Session, plan_id: int, plan_event_id: int | None) -> list[PlannedNeed]:
    """Return the needs of one planned event, or those left out, by firm."""
    rows = session.execute(
        select(Need.id, Need.title, Organisation.name, func.coalesce(Need.town, ""))
        .join(PlanItem, PlanItem.subject_id == Need.id)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .where(
            PlanItem.plan_id == plan_id,
            PlanItem.subject_kind == "need",
            PlanItem.plan_event_id.is_(None)
            if plan_event_id is None
            else PlanItem.plan_event_id == plan_event_id,
        )
        .order_by(Organisation.name, Need.id)
    )
    return [PlannedNeed(need_id=key, title=title, firm=firm, town=town) for key, title, firm, town in rows]


def planned_experts(session: Session, plan_event_id: int) -> list[PlannedExpert]:
    """Return the experts of one planned event, those with most for its needs first."""
    college, university = aliased(Organisation), aliased(Organisation)
    rows = session.execute(
        select(Person, PlanItem.value, func.coalesce(university.name, college.name, ""))
        .join(PlanItem, PlanItem.subject_id == Person.id)
        .outerjoin(college, college.id == Person.organisation_id)
        .outerjoin(university, university.id == college.parent_id)
        .where(PlanItem.plan_event_id == plan_event_id, PlanItem.subject_kind == "expert")
        .order_by(PlanItem.value.desc(), Person.id)
    )
    return [
        PlannedExpert(person_id=row.id, name=row.name, title=row.title, university=name, value=value)
        for row, value, name in rows
    ]


def journeys_by_university(session: Session, plan_id: int) -> list[tuple[str, list[tuple[date, int]]]]:
    """Return university → (day, how many of its experts) in order; universities with most experts first."""
    college, university = aliased(Organisation), aliased(Organisation)
    rows = session.execute(
        select(func.coalesce(university.name, college.name, ""), PlanEvent.held_on)
        .select_from(PlanItem)
        .join(PlanEvent, PlanEvent.id == PlanItem.plan_event_id)
        .join(Person, Person.id == PlanItem.subject_id)
        .outerjoin(college, college.id == Person.organisation_id)
        .outerjoin(university, university.id == college.parent_id)
        .where(PlanItem.plan_id == plan_id, PlanItem.subject_kind == "expert")
    )
    days: dict[str, Counter[date]] = defaultdict(Counter)
    for name, day in rows:
        days[name][day] += 1
    order = sorted(days, key=lambda name: (-sum(days[name].values()), name))
    return [(name, sorted(days[name].items())) for name in order]
