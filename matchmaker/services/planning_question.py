"""Turns the library, the calendar and the organiser's settings into the planner's question."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.distance import far_pairs
from matchmaker.domain.plan import (
    FIT_MAX,
    Busy,
    PlanBounds,
    PlanEvent,
    PlanExpert,
    PlanNeed,
    PlanQuestion,
    PlanRules,
)
from matchmaker.domain.plan_settings import PlanSettings, settings_from_json
from matchmaker.domain.plan_state import PlanMode
from matchmaker.domain.states import EventState
from matchmaker.domain.workdays import WorkCalendar
from matchmaker.files.workdays import china_workdays
from matchmaker.resources import config_json
from matchmaker.store.queries.plans import (
    Answering,
    answering_experts,
    events_between,
    firm_towns,
    needs_to_plan,
    plan_events,
    plan_items,
)
from matchmaker.store.tables import Event, Need, Plan
from matchmaker.store.tables import PlanEvent as PlanEventRow

CITIES_PER_NEED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The version that a plan changes: its events, and their needs and experts by planned event id."""

    rows: Sequence[PlanEventRow]
    needs: Mapping[int, tuple[int, ...]]
    experts: Mapping[int, tuple[int, ...]]
    opened: frozenset[int]
    left_out: frozenset[int] = frozenset()

    @property
    def need_ids(self) -> frozenset[int]:
        """Every need that has a place in the version."""
        return frozenset(need_id for own in self.needs.values() for need_id in own)


def calendar_of(settings: PlanSettings) -> WorkCalendar:
    """Return China's working days over the settings' years, with the bureau's own changes."""
    china = china_workdays(settings.from_day.year, settings.to_day.year)
    return china.changed(off=settings.closed, worked=settings.worked)


def rules_of(settings: PlanSettings) -> PlanRules:
    """Return the bounds, with the working days from today on."""
    first = max(settings.from_day, clock.today())
    bounds = {bound.name: getattr(settings, bound.name) for bound in fields(PlanBounds)}
    return PlanRules(days=calendar_of(settings).workdays(first, settings.to_day), **bounds)


def base_of(session: Session, plan: Plan) -> Base | None:
    """Return the version a plan changes, or None. `opened` are planned events whose event people know of.

    An event that was called off is none of the version's any more: its day is free, and so are its needs.
    """
    if plan.base_id is None:
        return None
    rows = plan_events(session, plan.base_id)
    real = {row.event_id: session.get(Event, row.event_id) for row in rows if row.event_id is not None}
    called_off = {
        key for key, event in real.items() if event is not None and event.status is EventState.CANCELLED
    }
    return Base(
        rows=[row for row in rows if row.event_id is None or row.event_id not in called_off],
        needs=_by_event(session, plan.base_id, "need"),
        experts=_by_event(session, plan.base_id, "expert"),
        left_out=frozenset(
            item.subject_id for item in plan_items(session, plan.base_id, "need").get(None, ())
        ),
        opened=frozenset(
            row.id
            for row in rows
            if row.event_id is not None
            and (event := real[row.event_id]) is not None
            and event.status not in (EventState.DRAFT, EventState.CANCELLED)
        ),
    )


def _by_event(session: Session, plan_id: int, kind: str) -> dict[int, tuple[int, ...]]:
    return {
        key: tuple(item.subject_id for item in items)
        for key, items in plan_items(session, plan_id, kind).items()
        if key is not None
    }


def needs_of(session: Session, plan: Plan, base: Base | None) -> list[Need]:
    """Return what a plan has to place: everything open, or just the needs of the version it rearranges."""
    again = settings_from_json(plan.settings).again
    needs = needs_to_plan(session, also=base.need_ids if base else frozenset(), again=again)
    if base is None:
        return needs
    held = frozenset(need_id for key in base.opened for need_id in base.needs.get(key, ()))
    free = [need for need in needs if need.id not in held]
    if plan.mode is not PlanMode.DAYS:
        return free
    return [need for need in free if need.id in base.need_ids | base.left_out]


def question_of(
    session: Session,
    plan: Plan,
    needs: Sequence[Need],
    fits: Sequence[Mapping[str, int]],
    base: Base | None,
) -> PlanQuestion:
    """Read everything the plan depends on. `fits` has the topics of each need. Changes nothing."""
    settings = settings_from_json(plan.settings)
    answering = answering_experts(session, [need.id for need in needs])
    known = {name: (place[0], place[1]) for name, place in config_json("cities")["cities"].items()}
    keep_events = plan.mode is PlanMode.DAYS and base is not None
    before = _kept_events(base, needs, _pins(plan)) if base else ()
    return PlanQuestion(
        rules=rules_of(settings),
        needs=tuple(_needs(session, needs, fits, answering)),
        venues=settings.venues,
        experts=tuple(_experts(answering)),
        busy=_busy(session, settings, base),
        far=far_pairs(frozenset(venue.place for venue in settings.venues), known, far_km=settings.far_km),
        events=before if keep_events else None,
        earlier=() if keep_events else before,
        kept_seats=_kept_seats(base) if keep_events and base else frozenset(),
    )


def _needs(
    session: Session,
    needs: Sequence[Need],
    fits: Sequence[Mapping[str, int]],
    answering: Sequence[Answering],
) -> list[PlanNeed]:
    towns = firm_towns(session)
    cities: dict[int, dict[str, int]] = defaultdict(dict)
    for one in answering:  # the best score of each need comes first
        own = cities[one.need_id]
        if one.city not in own and len(own) < CITIES_PER_NEED:
            own[one.city] = max(1, min(FIT_MAX, int(FIT_MAX * one.score)))
    return [
        PlanNeed(
            need_id=need.id,
            firm_id=need.organisation_id,
            town=need.town or towns.get(need.organisation_id, ""),
            topics=fit,
            cities=cities.get(need.id, {}),
        )
        for need, fit in zip(needs, fits, strict=True)
    ]


def _experts(answering: Sequence[Answering]) -> list[PlanExpert]:
    found: dict[int, dict[int, int]] = defaultdict(dict)
    home: dict[int, int] = {}
    for one in answering:
        home.setdefault(one.person_id, one.university_id)
        found[one.person_id].setdefault(one.need_id, max(1, int(FIT_MAX * one.score)))
    return [
        PlanExpert(expert_id=person, university_id=home[person], needs=found[person])
        for person in sorted(found)
    ]


def _busy(session: Session, settings: PlanSettings, base: Base | None) -> tuple[Busy, ...]:
    """Return events of the calendar that are not the plan's own drafts."""
    ours = {row.event_id for row in base.rows if row.id not in base.opened} if base else set()
    return tuple(
        Busy(day=event.held_on, venue=event.venue)
        for event in events_between(session, settings.from_day, settings.to_day)
        if event.id not in ours
    )


def _pins(plan: Plan) -> dict[int, date]:
    pins: dict[str, str] = plan.settings.get("pins", {})
    return {int(number): date.fromisoformat(day) for number, day in pins.items()}


def _kept_events(base: Base, needs: Sequence[Need], pins: Mapping[int, date]) -> tuple[PlanEvent, ...]:
    firm_of = {need.id: need.organisation_id for need in needs}
    return tuple(
        PlanEvent(
            number=row.number,
            topic=row.topic,
            city=row.city,
            place=row.town,
            need_ids=tuple(sorted(set(base.needs.get(row.id, ())) & set(firm_of))),
            firm_ids=frozenset(firm_of[key] for key in base.needs.get(row.id, ()) if key in firm_of),
            size=row.size,
            pinned_on=pins.get(row.number, row.held_on if row.pinned else None),
            closed=frozenset(date.fromisoformat(day) for day in row.closed),
            was_on=row.held_on,
            was_in=row.venue,
            was=row.number,
        )
        for row in base.rows
        if row.id not in base.opened
    )


def _kept_seats(base: Base) -> frozenset[tuple[int, int]]:
    return frozenset((person, row.number) for row in base.rows for person in base.experts.get(row.id, ()))
