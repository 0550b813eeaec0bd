"""What the pages about events read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from matchmaker.domain.states import EventState, InvitationState, PairingState
from matchmaker.store.queries.pairings import PairingLine, pairing_lines, standing_list_ids
from matchmaker.store.tables import (
    Achievement,
    Event,
    EventItem,
    Invitation,
    Need,
    Organisation,
    Pairing,
    PairingList,
    PairingRule,
    Person,
    Theme,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """What the list of events is narrowed to; empty means everything."""

    search: str = ""
    states: tuple[str, ...] = ()
    themes: tuple[int, ...] = ()
    from_day: date | None = None
    unanswered: bool = False  # only events with an invitation that waits for its answer


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One event in a list, with what is ready of it."""

    event: Event
    theme: str
    needs: int
    achievements: int
    invitations: Mapping[InvitationState, int]
    lists: int
    published: bool

    @property
    def id(self) -> int:
        """The event's id, for lists."""
        return self.event.id

    @property
    def asked(self) -> int:
        """How many invitations went out."""
        return sum(self.invitations.values()) - self.invitations.get(InvitationState.PLANNED, 0)

    @property
    def coming(self) -> int:
        """How many have accepted or have come."""
        said_yes = (InvitationState.ACCEPTED, InvitationState.CHECKED_IN)
        return sum(self.invitations.get(state, 0) for state in said_yes)

    @property
    def waiting(self) -> int:
        """How many have not answered yet."""
        return self.invitations.get(InvitationState.INVITED, 0)


def event_lines(
    session: Session, asked: EventFilter, *, ahead_from: date, first: int = 0, most: int = 50
) -> tuple[int, list[EventLine]]:
    """Return how many events there are, and one page: from a day on as they come, then the past."""
    wanted = _narrowed(asked)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = session.execute(wanted.order_by(*_next_first(ahead_from)).offset(first).limit(most)).all()
    return total, lines_of(session, [(event, theme or "") for event, theme in rows])


def _next_first(day: date) -> list[ColumnElement[Any]]:
    ahead = Event.held_on >= day
    return [
        case((ahead, 0), else_=1),
        case((ahead, Event.held_on)),
        case((ahead, Event.starts_at)),
        Event.held_on.desc(),
        Event.starts_at.desc(),
        case((ahead, Event.id), else_=-Event.id),
    ]


def lines_of(session: Session, rows: Sequence[tuple[Event, str]]) -> list[EventLine]:
    """Return events with their figures, in the given order."""
    ids = [event.id for event, _ in rows]
    items = _counts(
        session,
        select(EventItem.event_id, EventItem.subject_kind, func.count())
        .where(EventItem.event_id.in_(ids))
        .group_by(EventItem.event_id, EventItem.subject_kind),
    )
    guests = _counts(
        session,
        select(Invitation.event_id, Invitation.status, func.count())
        .where(Invitation.event_id.in_(ids))
        .group_by(Invitation.event_id, Invitation.status),
    )
    lists = session.execute(
        select(PairingList.event_id, func.count(), func.count(PairingList.published_at))
        .where(PairingList.event_id.in_(ids))
        .group_by(PairingList.event_id)
    )
    drawn = {event_id: (number, published) for event_id, number, published in lists}
    return [
        EventLine(
            event=event,
            theme=theme,
            needs=items.get(event.id, {}).get("need", 0),
            achievements=items.get(event.id, {}).get("achievement", 0),
            invitations={InvitationState(key): n for key, n in guests.get(event.id, {}).items()},
            lists=drawn.get(event.id, (0, 0))[0],
            published=drawn.get(event.id, (0, 0))[1] > 0,
        )
        for event, theme in rows
    ]


def _counts(session: Session, wanted: Select[int, str, int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for event_id, key, number in session.execute(wanted):
        found.setdefault(event_id, {})[key] = number
    return found


def _narrowed(asked: EventFilter) -> Select[Event, str | None]:
    wanted: Select[Event, str | None] = select(Event, Theme.name).outerjoin(Theme, Theme.id == Event.theme_id)
    for word in asked.search.split()[:5]:
        columns = (Event.title, Event.venue, Event.town)
        wanted = wanted.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    states = [EventState(word) for word in asked.states if word in set(EventState)]
    if states:
        wanted = wanted.where(Event.status.in_(states))
    if asked.themes:
        wanted = wanted.where(Event.theme_id.in_(asked.themes))
    if asked.from_day is not None:
        wanted = wanted.where(Event.held_on >= asked.from_day)
    if asked.unanswered:
        waits = exists().where(Invitation.event_id == Event.id, Invitation.status == InvitationState.INVITED)
        wanted = wanted.where(waits)
    return wanted


def state_counts(session: Session) -> dict[str, int]:
    """Return state → how many events."""
    rows = session.execute(select(Event.status, func.count()).group_by(Event.status).order_by(Event.status))
    return {state.value: number for state, number in rows}


def themes_in_order(session: Session) -> list[tuple[int, str]]:
    """Return (id, name) of every theme."""
    rows = session.execute(select(Theme.id, Theme.name).order_by(Theme.place, Theme.id))
    return [(row.id, row.name) for row in rows]


def event_line(session: Session, event_id: int) -> EventLine | None:
    """Return one event with its figures, or None."""
    row = session.execute(
        select(Event, Theme.name).outerjoin(Theme, Theme.id == Event.theme_id).where(Event.id == event_id)
    ).one_or_none()
    return None if row is None else lines_of(session, [(row[0], row[1] or "")])[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """A need or an achievement on an event's table."""

    item: EventItem
    title: str
    organisation: str
    status: str

    @property
    def id(self) -> int:
        """The item's id, for lists with ticks."""
        return self.item.id


def item_lines(session: Session, event_id: int, kind: str) -> list[ItemLine]:
    """Return what is on an event's table, by organisation and title."""
    subject = Need if kind == "need" else Achievement
    rows = session.execute(
        select(EventItem, subject.title, func.coalesce(Organisation.name, ""), subject.status)
        .join(subject, subject.id == EventItem.subject_id)
        .outerjoin(Organisation, Organisation.id == subject.organisation_id)
        .where(EventItem.event_id == event_id, EventItem.subject_kind == kind)
        .order_by(func.coalesce(Organisation.name, ""), subject.title, EventItem.id)
    )
    return [
        ItemLine(item=item, title=title, organisation=organisation, status=status.value)
        for item, title, organisation, status in rows
    ]


def addable(
    session: Session, event_id: int, kind: str, search: str, *, most: int = 20
) -> list[tuple[int, str, str]]:
    """Return (id, title, organisation) of things not on the table whose words match a search."""
    subject = Need if kind == "need" else Achievement
    there = select(EventItem.subject_id).where(EventItem.event_id == event_id, EventItem.subject_kind == kind)
    wanted = (
        select(subject.id, subject.title, func.coalesce(Organisation.name, ""))
        .outerjoin(Organisation, Organisation.id == subject.organisation_id)
        .where(subject.id.not_in(there), subject.accepted_at.is_not(None))
    )
    for word in search.split()[:5]:
        wanted = wanted.where(
            or_(
                subject.title.icontains(word, autoescape=True),
                Organisation.name.icontains(word, autoescape=True),
            )
        )
    rows = session.execute(wanted.order_by(subject.title, subject.id).limit(most))
    return [(key, title, organisation) for key, title, organisation in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestLine:
    """One invitation with the names on it."""

    invitation: Invitation
    organisation: str
    person: Person | None
    meetings: int = 0

    @property
    def id(self) -> int:
        """The invitation's id, for lists with ticks."""
        return self.invitation.id

    @property
    def reachable(self) -> bool:
        """Whether there is an address or a telephone to reach the guest by."""
        return self.person is not None and bool(self.person.email or self.person.phone)


def guest_lines(
    session: Session, event_id: int, *, search: str = "", states: Iterable[str] = ()
) -> list[GuestLine]:
    """Return an event's invitations: enterprises first, then by organisation and person."""
    wanted = (
        select(Invitation, Organisation.name, Person)
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        .outerjoin(Person, Person.id == Invitation.person_id)
        .where(Invitation.event_id == event_id)
        .order_by(Invitation.role, Organisation.name, Invitation.id)
    )
    asked = [InvitationState(word) for word in states if word in set(InvitationState)]
    if asked:
        wanted = wanted.where(Invitation.status.in_(asked))
    for word in search.split()[:5]:
        wanted = wanted.where(
            or_(
                Organisation.name.icontains(word, autoescape=True),
                Person.name.icontains(word, autoescape=True),
            )
        )
    rows = session.execute(wanted).all()
    return [GuestLine(invitation=row, organisation=name, person=person) for row, name, person in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """A pin or ban with the titles of its pair."""

    rule: PairingRule
    need: str
    firm: str
    achievement: str


def rule_lines(session: Session, event_id: int) -> list[RuleLine]:
    """Return the rules that hold for an event, its own and those for all events that touch its table."""
    needs = select(EventItem.subject_id).where(
        EventItem.event_id == event_id, EventItem.subject_kind == "need"
    )
    rows = session.execute(
        select(PairingRule, Need.title, Organisation.name, Achievement.title)
        .join(Need, Need.id == PairingRule.need_id)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .join(Achievement, Achievement.id == PairingRule.achievement_id)
        .where(
            or_(
                PairingRule.event_id == event_id,
                PairingRule.event_id.is_(None) & PairingRule.need_id.in_(needs),
            )
        )
        .order_by(PairingRule.kind.desc(), Organisation.name, PairingRule.id)
    )
    return [
        RuleLine(rule=rule, need=need, firm=firm, achievement=achievement)
        for rule, need, firm, achievement in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEvent:
    """An event as one organisation meets it: its invitations and its published pairings."""

    event: Event
    invitations: tuple[GuestLine, ...]
    pairings: tuple[PairingLine, ...]


def own_events(
    session: Session, organisation_ids: frozenset[int], person_id: int | None, *, ahead_from: date
) -> list[OwnEvent]:
    """Return the events that these organisations (or this person) are asked to, the next one first."""
    guests = own_guests(session, organisation_ids, person_id)
    pairings = _own_pairings(session, organisation_ids, person_id)
    ids = {line.invitation.event_id for line in guests} | {line.pairing.event_id for line in pairings}
    events = session.scalars(select(Event).where(Event.id.in_(ids)).order_by(*_next_first(ahead_from)))
    return [
        OwnEvent(
            event=event,
            invitations=tuple(line for line in guests if line.invitation.event_id == event.id),
            pairings=tuple(line for line in pairings if line.pairing.event_id == event.id),
        )
        for event in events
    ]


def own_guests(session: Session, organisation_ids: frozenset[int], person_id: int | None) -> list[GuestLine]:
    """Return the invitations that went out to these organisations, or to this person."""
    rows = session.execute(
        select(Invitation, Organisation.name, Person)
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        .outerjoin(Person, Person.id == Invitation.person_id)
        .where(
            or_(Invitation.organisation_id.in_(organisation_ids), Invitation.person_id == (person_id or 0)),
            Invitation.status != InvitationState.PLANNED,
        )
        .order_by(Organisation.name, Invitation.id)
    )
    return [GuestLine(invitation=row, organisation=name, person=person) for row, name, person in rows]


def _own_pairings(
    session: Session, organisation_ids: frozenset[int], person_id: int | None
) -> list[PairingLine]:
    owner = aliased(Achievement)
    ids = session.scalars(
        select(Pairing.id)
        .join(Need, Need.id == Pairing.need_id)
        .join(owner, owner.id == Pairing.achievement_id)
        .where(
            Pairing.list_id.in_(standing_list_ids(session)),
            Pairing.status != PairingState.REJECTED,
            or_(
                Need.organisation_id.in_(organisation_ids),
                owner.organisation_id.in_(organisation_ids),
                Pairing.expert_id == (person_id or 0),  # None would find every pairing without a person
            ),
        )
        .order_by(Pairing.id)
    ).all()
    return pairing_lines(session, ids=ids) if ids else []
