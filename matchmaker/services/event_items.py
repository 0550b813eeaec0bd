"""What is on an event's table: needs and achievements of its theme, and those added by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import (
    ACHIEVEMENTS_IN_LIBRARY,
    NEEDS_OPEN_FOR_MATCHING,
    Disclosure,
    Grade,
    MatchState,
    NeedState,
)
from matchmaker.domain.themes import Described, ThemeWords, themes_of
from matchmaker.errors import NotFound, WrongState
from matchmaker.services.events import organiser_event
from matchmaker.services.firm_codes import give_codes
from matchmaker.store.tables import (
    Achievement,
    Event,
    EventItem,
    EventItemRemoved,
    Match,
    Need,
    Theme,
)

Kind = Literal["need", "achievement"]
NEEDS_FOR_EVENTS = NEEDS_OPEN_FOR_MATCHING - {NeedState.SUBMITTED}
_GOOD = (Grade.STRONG, Grade.FAIR)
_CANDIDATES = 5  # a need meets three at most; the rest is choice for the draw


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """How many needs and achievements came onto the table."""

    needs: int
    achievements: int


def collect_items(session: Session, actor: Actor, *, event_id: int) -> Collected:
    """Add needs and achievements of the theme, and the achievements best matched with the needs.

    What is there stays, and what somebody removed stays away until it is added by hand.
    """
    event = organiser_event(session, actor, event_id)
    themes = theme_words(session)
    needs = _theme_needs(session, themes, event.theme_id) if event.theme_id else []
    new_needs = _collect(session, event, "need", needs, added_by="theme")
    achievements = _theme_achievements(session, themes, event.theme_id) if event.theme_id else []
    new = _collect(session, event, "achievement", achievements, added_by="theme")
    matched = _best_matched(session, _ids_on_table(session, event.id, "need"))
    new += _collect(session, event, "achievement", matched, added_by="match")
    return Collected(needs=new_needs, achievements=new)


def add_item(session: Session, actor: Actor, *, event_id: int, kind: Kind, subject_id: int) -> bool:
    """Put one need or achievement on the table by hand; return False when it is there already."""
    event = organiser_event(session, actor, event_id)
    row: Need | Achievement | None
    row = session.get(Need, subject_id) if kind == "need" else session.get(Achievement, subject_id)
    if row is None:
        raise NotFound()
    allowed = NEEDS_FOR_EVENTS if kind == "need" else ACHIEVEMENTS_IN_LIBRARY
    if row.status not in allowed:
        raise WrongState(f"“{row.title}”还没有受理入库或已经办结，不能列入活动。")
    if row.disclosure is Disclosure.INTERNAL:
        raise WrongState(f"“{row.title}”仅限主办方内部掌握，不能列入活动；要列入请先放宽公开范围。")
    session.execute(
        delete(EventItemRemoved).where(
            EventItemRemoved.event_id == event_id,
            EventItemRemoved.subject_kind == kind,
            EventItemRemoved.subject_id == subject_id,
        )
    )
    return bool(_add(session, event, kind, [subject_id], added_by="hand"))


def remove_items(session: Session, actor: Actor, *, event_id: int, item_ids: Sequence[int]) -> int:
    """Take things off the table, to stay away until somebody adds them by hand; return how many."""
    organiser_event(session, actor, event_id)
    rows = _items(session, event_id, item_ids)
    for row in rows:
        session.add(
            EventItemRemoved(
                event_id=event_id,
                subject_kind=row.subject_kind,
                subject_id=row.subject_id,
                user_id=actor.user_id,
                at=clock.now(),
            )
        )
        session.delete(row)
    return len(rows)


def set_presented(
    session: Session, actor: Actor, *, event_id: int, item_ids: Sequence[int], presented: bool
) -> int:
    """Tick achievements as presented (推介) at the event, or take the tick back; return how many changed."""
    organiser_event(session, actor, event_id)
    rows = [
        row
        for row in _items(session, event_id, item_ids)
        if row.subject_kind == "achievement" and row.presented != presented
    ]
    for row in rows:
        row.presented = presented
    return len(rows)


def _items(session: Session, event_id: int, item_ids: Sequence[int]) -> Sequence[EventItem]:
    wanted = select(EventItem).where(EventItem.event_id == event_id, EventItem.id.in_(item_ids))
    return session.scalars(wanted.order_by(EventItem.id)).all()


def _ids_on_table(session: Session, event_id: int, kind: Kind) -> list[int]:
    return list(
        session.scalars(
            select(EventItem.subject_id)
            .where(EventItem.event_id == event_id, EventItem.subject_kind == kind)
            .order_by(EventItem.subject_id)
        )
    )


def theme_words(session: Session) -> list[ThemeWords]:
    """Return every theme as it is recognised in texts."""
    rows = session.scalars(select(Theme).order_by(Theme.id))
    return [
        ThemeWords(key=row.id, words=row.words, fields=row.fields, industries=row.industries) for row in rows
    ]


def _theme_needs(session: Session, themes: Sequence[ThemeWords], theme_id: int) -> list[int]:
    rows = session.scalars(
        select(Need)
        .where(Need.status.in_(NEEDS_FOR_EVENTS), Need.disclosure != Disclosure.INTERNAL)
        .order_by(Need.id)
    )
    return [need.id for need in rows if theme_id in themes_of(described_need(need), themes)]


def described_need(need: Need) -> Described:
    """Return a need as themes look at it."""
    return Described(
        title=need.title,
        text=f"{need.problem}{need.key_points}",
        fields=need.fields,
        industry=need.industry,
    )


def _theme_achievements(session: Session, themes: Sequence[ThemeWords], theme_id: int) -> list[int]:
    rows = session.execute(
        select(
            Achievement.id,
            Achievement.fields,
            Achievement.title,
            Achievement.summary,
            Achievement.application,
        )
        .where(Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY), Achievement.disclosure != Disclosure.INTERNAL)
        .order_by(Achievement.id)
    )
    described = (
        (key, Described(title=title, text=f"{summary}{application}", fields=fields))
        for key, fields, title, summary, application in rows
    )
    return [key for key, thing in described if theme_id in themes_of(thing, themes)]


def _best_matched(session: Session, need_ids: Sequence[int]) -> list[int]:
    """Return the few achievements that each need on the table is matched with best, whatever their theme."""
    rows = session.execute(
        select(Match.need_id, Match.achievement_id)
        .join(Achievement, Achievement.id == Match.achievement_id)
        .where(
            Match.need_id.in_(need_ids),
            Match.current,
            Match.grade.in_(_GOOD),
            Match.status != MatchState.REJECTED,
            Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY),
            Achievement.disclosure != Disclosure.INTERNAL,
        )
        .order_by(Match.need_id, Match.score.desc(), Match.achievement_id)
    )
    best = (list(islice(group, _CANDIDATES)) for _need, group in groupby(rows, key=itemgetter(0)))
    return sorted({achievement_id for group in best for _need, achievement_id in group})


def _collect(session: Session, event: Event, kind: Kind, subject_ids: Sequence[int], *, added_by: str) -> int:
    unwanted = set(
        session.scalars(
            select(EventItemRemoved.subject_id).where(
                EventItemRemoved.event_id == event.id, EventItemRemoved.subject_kind == kind
            )
        )
    )
    wanted = [subject_id for subject_id in subject_ids if subject_id not in unwanted]
    return _add(session, event, kind, wanted, added_by=added_by)


def _add(session: Session, event: Event, kind: Kind, subject_ids: Sequence[int], *, added_by: str) -> int:
    known = set(_ids_on_table(session, event.id, kind))
    fresh = [subject_id for subject_id in subject_ids if subject_id not in known]
    for subject_id in fresh:
        session.add(EventItem(event_id=event.id, subject_kind=kind, subject_id=subject_id, added_by=added_by))
    session.flush()  # what comes next in this transaction reads the table again
    if kind == "need":
        give_codes(session, event.id)
    return len(fresh)
