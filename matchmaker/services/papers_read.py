"""What the papers of an event say, read once: the event, its guests, its table, its list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.day_rules import DayRules, clock_of, pauses_in_words
from matchmaker.domain.disclosure import NeedFaces, view_of
from matchmaker.domain.permissions import ANYONE, Actor
from matchmaker.domain.states import Disclosure, InvitationState, PairingState
from matchmaker.errors import NotFound
from matchmaker.services.events import event_end, organiser_event
from matchmaker.services.registration import bureau_in
from matchmaker.settings import Settings
from matchmaker.store.queries.day_rules import rules_now
from matchmaker.store.queries.events import GuestLine, guest_lines
from matchmaker.store.queries.firm_codes import codes_of
from matchmaker.store.queries.needs import faces_of
from matchmaker.store.queries.pairings import (
    PairingLine,
    Seat,
    pairing_lines,
    published_list,
    seats_of,
    trade_of,
    versions_of,
)
from matchmaker.store.tables import (
    Achievement,
    Campaign,
    Event,
    EventItem,
    Need,
    Organisation,
    PairingList,
    Theme,
)

_AWAY = (InvitationState.DECLINED, InvitationState.ABSENT)
_OFF = (PairingState.REJECTED, PairingState.DECLINED)
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An achievement on the event's table, and who comes for it."""

    achievement: Achievement
    seat: Seat | None
    presented: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything the papers of one event are made of; `lines` are of the list that holds, else the newest.

    `codes` are invitation id → what the square code on the badge says; `day_rules` the list's pauses and
    orders, before there is one the event's.
    """

    event: Event
    campaign: Campaign
    theme: str
    bureau: str
    guests: list[GuestLine]
    needs: list[NeedFaces]
    offers: list[Offer]
    row: PairingList | None
    lines: list[PairingLine]
    codes: Mapping[int, str] = field(default_factory=dict)
    day_rules: DayRules = field(default_factory=DayRules)

    @property
    def aliases(self) -> dict[int, str]:
        """By organisation id, what those firms are called in the hall that hide their name."""
        faces = [*self.needs, *(line.faces for line in self.lines)]
        named = {one.organisation_id for one in faces if one.disclosure is Disclosure.PUBLIC}
        return {
            one.organisation_id: view_of(ANYONE, one).firm
            for one in reversed(faces)
            if one.organisation_id not in named
        }

    @property
    def coming(self) -> list[GuestLine]:
        """Guests who have not said no."""
        return [guest for guest in self.guests if guest.invitation.status not in _AWAY]

    @property
    def meetings(self) -> list[PairingLine]:
        """The pairs that will sit down: neither turned down nor replaced."""
        return [line for line in self.lines if line.pairing.status not in _OFF]

    @property
    def breaks(self) -> list[tuple[str, str]]:
        """The pauses as (from–to, name)."""
        return [
            (f"{clock_of(pause.begins)}–{clock_of(pause.ends)}", pause.name)
            for pause, _slots in self.day_rules.pauses
        ]

    @property
    def breaks_in_words(self) -> str:
        """One line on the pauses; "" when there are none."""
        return pauses_in_words(self.day_rules)

    @property
    def place(self) -> str:
        """Town and venue."""
        return "，".join(part for part in (self.event.town, self.event.venue) if part)

    @property
    def day(self) -> str:
        """The day with its weekday: 2026年11月24日（星期二）."""
        day = self.event.held_on
        return f"{day.year}年{day.month}月{day.day}日（星期{_WEEKDAYS[day.weekday()]}）"

    @property
    def when(self) -> str:
        """The day, and from when to when people sit together."""
        return f"{self.day} {hour(self.event.starts_at)}–{hour(event_end(self.event))}"


def hour(moment: datetime, *, minutes: int = 0) -> str:
    """Write the wall-clock time `minutes` after a moment."""
    return f"{clock.local(moment + timedelta(minutes=minutes)):%H:%M}"


def dossier(session: Session, actor: Actor, settings: Settings, *, event_id: int) -> Dossier:
    """Read an event for its papers. Raises NotAllowed, NotFound."""
    event = organiser_event(session, actor, event_id)
    theme = session.get(Theme, event.theme_id) if event.theme_id else None
    row = _list_that_holds(session, event.id)
    return Dossier(
        event=event,
        campaign=session.get_one(Campaign, event.campaign_id),
        theme=theme.name if theme else "",
        bureau=settings.site.bureau or bureau_in(session),
        guests=guest_lines(session, event.id),
        needs=_needs(session, event.id),
        offers=_offers(session, event.id),
        row=row,
        lines=pairing_lines(session, list_id=row.id) if row else [],
        day_rules=DayRules.of_json(row.day) if row else rules_now(session, event),
    )


def _list_that_holds(session: Session, event_id: int) -> PairingList | None:
    standing = published_list(session, event_id)
    return standing or next((version.row for version in versions_of(session, event_id)), None)


def list_row(found: Dossier) -> PairingList:
    """Return the list. Raises NotFound while none was drawn."""
    if found.row is None:
        raise NotFound("还没有配对清单，请先在“配对清单”里生成。")
    return found.row


def _needs(session: Session, event_id: int) -> list[NeedFaces]:
    rows = session.execute(
        select(Need, Organisation)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .join(EventItem, (EventItem.subject_kind == "need") & (EventItem.subject_id == Need.id))
        .where(EventItem.event_id == event_id)
        .order_by(Organisation.name, Need.id)
    )
    codes = codes_of(session, {event_id})
    return [
        faces_of(need, firm, trade=trade_of(need), code=codes.get((event_id, firm.id), ""))
        for need, firm in rows
    ]


def _offers(session: Session, event_id: int) -> list[Offer]:
    rows = session.execute(
        select(Achievement, EventItem.presented)
        .join(EventItem, (EventItem.subject_kind == "achievement") & (EventItem.subject_id == Achievement.id))
        .where(EventItem.event_id == event_id, Achievement.disclosure != Disclosure.INTERNAL)
        .order_by(EventItem.presented.desc(), Achievement.title, Achievement.id)
    ).all()
    seats = seats_of(session, [row.id for row, _presented in rows])
    return [Offer(achievement=row, seat=seats.get(row.id), presented=told) for row, told in rows]


def open_needs(found: Dossier) -> Sequence[tuple[str, str, str]]:
    """Return (firm, title, budget) of the needs that papers may name, as they are disclosed."""
    shown = [view_of(ANYONE, need) for need in found.needs if need.disclosure is not Disclosure.INTERNAL]
    return [(view.firm, view.title, view.budget) for view in shown]
