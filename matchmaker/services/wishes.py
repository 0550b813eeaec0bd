"""What guests of an event wish for: whom they would like to meet, and when they cannot sit down.

Both count from the next draw on. Guests pick from the event's own list, as disclosed to them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.day_rules import rules_of
from matchmaker.domain.disclosure import hides_owner, may_see, view_of
from matchmaker.domain.permissions import Actor, owns
from matchmaker.domain.problems import Problem
from matchmaker.domain.saying import later
from matchmaker.domain.states import Disclosure, EventState, MatchState
from matchmaker.domain.written_contacts import without_contacts
from matchmaker.errors import InvalidInput, NotFound, WrongState
from matchmaker.services.events import slot_words
from matchmaker.services.pairing_answers import Side
from matchmaker.services.partners import unnamed
from matchmaker.services.secrecy import refuse_secrets
from matchmaker.store.queries.achievements import visible
from matchmaker.store.queries.day_rules import day_of, pauses_of
from matchmaker.store.queries.events import GuestLine, own_guests
from matchmaker.store.queries.needs import faces_of, pushed_to
from matchmaker.store.queries.pairings import trade_of
from matchmaker.store.tables import (
    Achievement,
    AchievementPerson,
    Event,
    EventItem,
    Invitation,
    Match,
    MeetingWish,
    Need,
    Organisation,
)

MOST_WISHES = 5  # of one need, or one achievement: who wishes for everybody wishes for nobody
_OPEN = frozenset({EventState.DRAFT, EventState.OPEN, EventState.POSTPONED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A need or an achievement that one may ask to talk about, as this reader may know it."""

    subject_id: int
    title: str
    who: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWish:
    """A wish with its words."""

    wish_id: int
    mine: str
    theirs: str
    who: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WishSide:
    """One side on which the reader stands: what is theirs, what is offered, what they asked for."""

    side: Side
    own: list[tuple[int, str]]
    offered: list[Offered]
    wishes: list[OwnWish]


@dataclass(frozen=True, slots=True, kw_only=True)
class WishPage:
    """Everything the page of wishes shows."""

    event: Event
    guests: list[GuestLine]
    sides: list[WishSide]
    slots: list[tuple[int, str]]
    open: bool


def wish_page(session: Session, actor: Actor, *, event_id: int) -> WishPage:
    """Return what a guest may wish for at an event. Raises NotFound for who is not asked to it."""
    event, guests = _asked_event(session, actor, event_id)
    paused = rules_of(pauses_of(session, event_id), day_of(event), ()).paused
    return WishPage(
        event=event,
        guests=guests,
        sides=[
            side for side in (_need_side(session, actor, event), _offer_side(session, actor, event)) if side
        ],
        slots=[(slot, slot_words(event, slot)) for slot in range(1, event.slots + 1) if slot not in paused],
        open=event.status in _OPEN,
    )


def _asked_event(session: Session, actor: Actor, event_id: int) -> tuple[Event, list[GuestLine]]:
    """Return an event and the actor's own invitations to it."""
    event = session.get(Event, event_id)
    found = own_guests(session, actor.organisation_ids, actor.person_id)
    guests = [guest for guest in found if guest.invitation.event_id == event_id]
    if event is None or not guests:
        raise NotFound()
    return event, guests


def _need_side(session: Session, actor: Actor, event: Event) -> WishSide | None:
    own = _own_needs(session, actor, event.id)
    if not own:
        return None
    offered = _best_first(session, "need", own, _offered_achievements(session, actor, event.id))
    return WishSide(
        side="need", own=own, offered=offered, wishes=_wishes(session, event.id, "need", own, offered)
    )


def _offer_side(session: Session, actor: Actor, event: Event) -> WishSide | None:
    own = _own_achievements(session, actor, event.id)
    if not own:
        return None
    offered = _best_first(session, "achievement", own, _offered_needs(session, actor, event.id))
    return WishSide(
        side="achievement",
        own=own,
        offered=offered,
        wishes=_wishes(session, event.id, "achievement", own, offered),
    )


def _best_first(
    session: Session, side: Side, own: Sequence[tuple[int, str]], offered: list[Offered]
) -> list[Offered]:
    """Return what is offered, the best matched with one's own things first."""
    mine, theirs = Match.need_id, Match.achievement_id
    if side == "achievement":
        mine, theirs = theirs, mine
    rows = session.execute(
        select(theirs, func.max(Match.score))
        .where(mine.in_(dict(own)), Match.current, Match.status != MatchState.REJECTED)
        .group_by(theirs)
    )
    best = {row[0]: float(row[1]) for row in rows}
    return sorted(offered, key=lambda one: (-best.get(one.subject_id, 0.0), one.title, one.subject_id))


def _here(subject: type[Need | Achievement], kind: str, event_id: int) -> ColumnElement[bool]:
    there = select(EventItem.subject_id).where(EventItem.event_id == event_id, EventItem.subject_kind == kind)
    return subject.id.in_(there)


def _own_needs(session: Session, actor: Actor, event_id: int) -> list[tuple[int, str]]:
    rows = session.execute(
        select(Need.id, Need.title)
        .where(_here(Need, "need", event_id), Need.organisation_id.in_(actor.organisation_ids))
        .order_by(Need.id)
    )
    return [(row.id, row.title) for row in rows]


def _own_achievements(session: Session, actor: Actor, event_id: int) -> list[tuple[int, str]]:
    mine = [Achievement.organisation_id.in_(actor.organisation_ids)]
    if actor.person_id is not None:
        made = select(AchievementPerson.achievement_id).where(AchievementPerson.person_id == actor.person_id)
        mine.append(Achievement.id.in_(made))
    rows = session.execute(
        select(Achievement.id, Achievement.title)
        .where(_here(Achievement, "achievement", event_id), or_(*mine))
        .order_by(Achievement.id)
    )
    return [(row.id, row.title) for row in rows]


def _offered_achievements(session: Session, actor: Actor, event_id: int) -> list[Offered]:
    rows = session.execute(
        select(Achievement, Organisation)
        .outerjoin(Organisation, Organisation.id == Achievement.organisation_id)
        .where(_here(Achievement, "achievement", event_id), visible(actor))
        .order_by(Achievement.title, Achievement.id)
    )
    return [
        Offered(
            subject_id=row.id,
            title=row.title,
            who=_owner(actor, row, home),
            about=without_contacts(row.summary),
        )
        for row, home in rows
        if not owns(actor, row.organisation_id)
    ]


def _owner(actor: Actor, row: Achievement, home: Organisation | None) -> str:
    if hides_owner(actor, owner_id=row.organisation_id, disclosure=row.disclosure):
        return unnamed(home.kind.value if home else "")
    return home.name if home else row.owner_text


def _offered_needs(session: Session, actor: Actor, event_id: int) -> list[Offered]:
    rows = session.execute(
        select(Need, Organisation)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .where(_here(Need, "need", event_id))
        .order_by(Need.id)
    )
    offered = []
    for need, firm in rows:
        faces = faces_of(need, firm, trade=trade_of(need))
        chosen = need.disclosure is Disclosure.TARGETED and pushed_to(
            session, need.id, actor.organisation_ids
        )
        if not owns(actor, need.organisation_id) and may_see(actor, faces, pushed_to_actor=chosen):
            view = view_of(actor, faces)
            offered.append(
                Offered(
                    subject_id=need.id, title=view.title, who=f"{view.firm} · {view.budget}", about=view.text
                )
            )
    return offered


def _wishes(
    session: Session, event_id: int, side: Side, own: Sequence[tuple[int, str]], offered: Sequence[Offered]
) -> list[OwnWish]:
    mine, _theirs = _columns(side)
    titles, shown = dict(own), {one.subject_id: one for one in offered}
    rows = session.scalars(
        select(MeetingWish)
        .where(MeetingWish.event_id == event_id, MeetingWish.side == side, mine.in_(titles))
        .order_by(MeetingWish.id)
    )
    found = []
    for row in rows:
        ids = {"need": row.need_id, "achievement": row.achievement_id}
        other = shown.get(ids["achievement" if side == "need" else "need"])
        found.append(
            OwnWish(
                wish_id=row.id,
                mine=titles[ids[side]],
                theirs=other.title if other else later("（已不在本场）"),
                who=other.who if other else "",
                note=row.note,
            )
        )
    return found


def _columns(side: Side) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Return the column of one's own thing and the column of the other's."""
    pair: tuple[ColumnElement[int], ColumnElement[int]] = (
        MeetingWish.need_id.expression,
        MeetingWish.achievement_id.expression,
    )
    return pair if side == "need" else (pair[1], pair[0])


def add_wishes(
    session: Session,
    actor: Actor,
    *,
    event_id: int,
    side: str,
    own_id: int,
    other_ids: Sequence[int],
    note: str = "",
) -> int:
    """Ask to meet about some things of the other side; return how many wishes are new.

    Raises NotFound for what is not the actor's own or not shown to them, InvalidInput for none or
    too many, WrongState once the event is over.
    """
    page = wish_page(session, actor, event_id=event_id)
    _check_open(page.event)
    refuse_secrets({"note": note}, {"note": "说明"})
    here = next((one for one in page.sides if one.side == side), None)
    if (
        here is None
        or own_id not in dict(here.own)
        or set(other_ids) - {one.subject_id for one in here.offered}
    ):
        raise NotFound()
    mine, theirs = _columns(here.side)
    known = set(
        session.scalars(
            select(theirs).where(
                MeetingWish.event_id == event_id, MeetingWish.side == here.side, mine == own_id
            )
        )
    )
    fresh = [key for key in dict.fromkeys(other_ids) if key not in known]
    _check_count(len(fresh), len(known))
    for other in fresh:
        need_id, achievement_id = (own_id, other) if here.side == "need" else (other, own_id)
        session.add(
            MeetingWish(
                event_id=event_id,
                side=here.side,
                need_id=need_id,
                achievement_id=achievement_id,
                note=note.strip()[:200],
                user_id=actor.user_id,
                at=clock.now(),
            )
        )
    session.flush()  # the page reads them back
    return len(fresh)


def _check_open(event: Event) -> None:
    if event.status not in _OPEN:
        raise WrongState("这场活动已经结束或取消，不能再填写意愿。")


def _check_count(fresh: int, known: int) -> None:
    if not fresh and not known:
        message = "请先勾选想见的对象。"
        raise InvalidInput([Problem(field="other", code="missing", message=message)])
    if fresh + known > MOST_WISHES:
        message = f"每项最多选 {MOST_WISHES} 个想见的对象，请只留最想见的。"
        raise InvalidInput([Problem(field="other", code="too_many", message=message)])


def drop_wish(session: Session, actor: Actor, *, wish_id: int) -> int:
    """Take a wish back and return the id of its event. Raises NotFound for somebody else's."""
    row = session.get(MeetingWish, wish_id)
    if row is None:
        raise NotFound()
    own = {
        "need": _own_needs(session, actor, row.event_id),
        "achievement": _own_achievements(session, actor, row.event_id),
    }[row.side]
    if (row.need_id if row.side == "need" else row.achievement_id) not in dict(own):
        raise NotFound()
    session.delete(row)
    return row.event_id


def set_away(session: Session, actor: Actor, *, invitation_id: int, slots: Sequence[int]) -> Invitation:
    """Note in which slots a guest cannot sit down; the next draw keeps them free.

    Raises NotFound for somebody else's invitation, InvalidInput when no slot would be left.
    """
    row = session.get(Invitation, invitation_id)
    if row is None:
        raise NotFound()
    if not actor.organises:
        _event, guests = _asked_event(session, actor, row.event_id)
        if row.id not in {guest.id for guest in guests}:
            raise NotFound()
    event = session.get_one(Event, row.event_id)
    _check_open(event)
    away = sorted({slot for slot in slots if 1 <= slot <= event.slots})
    if len(away) == event.slots:
        message = "所有时段都不方便的话，请在“我的活动”里答复“不能参加”。"
        raise InvalidInput([Problem(field="slots", code="all", message=message)])
    row.away_slots = away
    return row
