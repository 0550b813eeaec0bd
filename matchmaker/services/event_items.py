"""What is on an event's table: needs and achievements of its theme, and those added by hand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import (
    ACHIEVEMENTS_IN_LIBRARY,
    NEEDS_OPEN_FOR_MATCHING,
    Disclosure,
    Grade,
    MatchState,
    NeedState,
)
from matchmaker.errors import NotFound, WrongState
from matchmaker.services.events import organiser_event
from matchmaker.store.tables import Achievement, Event, EventItem, Match, Need, Theme

Kind = Literal["need", "achievement"]
NEEDS_FOR_EVENTS = NEEDS_OPEN_FOR_MATCHING - {NeedState.SUBMITTED}
_GOOD = (Grade.STRONG, Grade.FAIR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """How many needs and achievements came onto the table."""

    needs: int
    achievements: int


def collect_items(session: Session, actor: Actor, *, event_id: int) -> Collected:
    """Add needs and achievements of the theme, and achievements well matched with the needs.

    What is there stays; what was removed by hand comes back, since nothing remembers it.
    """
    event = organiser_event(session, actor, event_id)
    theme = session.get(Theme, event.theme_id) if event.theme_id else None
    needs = _theme_needs(session, theme) if theme else []
    new_needs = _add(session, event, "need", needs, added_by="theme")
    achievements = _theme_achievements(session, theme) if theme else []
    new = _add(session, event, "achievement", achievements, added_by="theme")
    matched = _well_matched(session, _ids_on_table(session, event.id, "need"))
    new += _add(session, event, "achievement", matched, added_by="match")
    return Collected(needs=new_needs, achievements=new)


def belongs(theme: Theme, *, fields: Iterable[str], industry: str, title: str, text: str) -> bool:
    """Say whether a thing is of a theme: by words, by industry, or by field code together with a word.

    One word of the theme in the title is enough; in the longer text it takes two different ones. A
    field code alone is too wide (surface treatment serves moulds as well as pens): it needs one word.
    """
    if any(word in title for word in theme.words):
        return True
    if industry and any(industry.startswith(prefix) for prefix in theme.industries):
        return True
    named = sum(word in text for word in theme.words)
    in_field = any(code.startswith(prefix) for code in fields for prefix in theme.fields)
    return named >= 2 or bool(in_field and named)


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
    return bool(_add(session, event, kind, [subject_id], added_by="hand"))


def remove_items(session: Session, actor: Actor, *, event_id: int, item_ids: Sequence[int]) -> int:
    """Take things off the table; return how many."""
    organiser_event(session, actor, event_id)
    rows = _items(session, event_id, item_ids)
    for row in rows:
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


def _theme_needs(session: Session, theme: Theme) -> list[int]:
    rows = session.scalars(
        select(Need)
        .where(Need.status.in_(NEEDS_FOR_EVENTS), Need.disclosure != Disclosure.INTERNAL)
        .order_by(Need.id)
    )
    return [
        need.id
        for need in rows
        if belongs(
            theme,
            fields=need.fields,
            industry=need.industry,
            title=need.title,
            text=f"{need.problem}{need.key_points}",
        )
    ]


def _theme_achievements(session: Session, theme: Theme) -> list[int]:
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
    return [
        key
        for key, fields, title, summary, application in rows
        if belongs(theme, fields=fields, industry="", title=title, text=f"{summary}{application}")
    ]


def _well_matched(session: Session, need_ids: Sequence[int]) -> list[int]:
    """Return achievements that a need on the table is well matched with, whatever their theme."""
    return list(
        session.scalars(
            select(Match.achievement_id)
            .join(Achievement, Achievement.id == Match.achievement_id)
            .where(
                Match.need_id.in_(need_ids),
                Match.current,
                Match.grade.in_(_GOOD),
                Match.status != MatchState.REJECTED,
                Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY),
            )
            .distinct()
            .order_by(Match.achievement_id)
        )
    )


def _add(session: Session, event: Event, kind: Kind, subject_ids: Sequence[int], *, added_by: str) -> int:
    known = set(_ids_on_table(session, event.id, kind))
    fresh = [subject_id for subject_id in subject_ids if subject_id not in known]
    for subject_id in fresh:
        session.add(EventItem(event_id=event.id, subject_kind=kind, subject_id=subject_id, added_by=added_by))
    session.flush()  # what comes next in this transaction reads the table again
    return len(fresh)
