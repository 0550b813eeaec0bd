"""What the pages about proposals read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, Select, Subquery, case, func, or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.disclosure import NeedFaces
from matchmaker.domain.states import (
    NEEDS_OPEN_FOR_MATCHING,
    NEEDS_SHOWN_OUTSIDE,
    Disclosure,
    Grade,
    MatchState,
)
from matchmaker.store.queries.needs import GOOD, faces_of
from matchmaker.store.tables import (
    Achievement,
    AchievementPerson,
    Match,
    Need,
    NeedRoute,
    Organisation,
    Person,
)

WORKED_ON = or_(Match.decided_at.is_not(None), Match.graded_at.is_not(None))
"""An organiser chose, turned down or graded the pair: it goes with nothing that only computed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchLine:
    """A proposal with both its ends. `makers` are (person id, name, title) in the order of the list."""

    match: Match
    need: Need
    faces: NeedFaces
    achievement: Achievement
    owner: str
    owner_kind: str
    makers: tuple[tuple[int, str, str], ...]

    @property
    def id(self) -> int:
        """The match's id, for lists with ticks."""
        return self.match.id


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """A need in the organiser's queue; `route` is what was decided where nothing answers it."""

    need_id: int
    title: str
    firm: str
    status: str
    best: float | None
    good: int
    waiting: int
    decided: int
    being_computed: bool
    route: str


def matches_of_need(session: Session, need_id: int, *, with_rejected: bool = True) -> list[MatchLine]:
    """Return a need's current and decided proposals, best first."""
    wanted = _lines().where(Match.need_id == need_id, or_(Match.current, Match.status != MatchState.PROPOSED))
    if not with_rejected:
        wanted = wanted.where(Match.status != MatchState.REJECTED)
    return _read(session, wanted.order_by(Match.score.desc(), Match.achievement_id))


def matches_of_achievement(session: Session, achievement_id: int, *, most: int = 20) -> list[MatchLine]:
    """Return the needs an achievement is proposed for, best first."""
    wanted = _lines().where(
        Match.achievement_id == achievement_id,
        Match.current,
        Match.status != MatchState.REJECTED,
        Need.status.in_(NEEDS_OPEN_FOR_MATCHING),
    )
    return _read(session, wanted.order_by(Match.score.desc(), Match.need_id).limit(most))


def matches_of_maker(session: Session, person_id: int, *, most: int = 10) -> list[MatchLine]:
    """Return the needs that an expert's achievements are proposed for, each once, best first."""
    made = select(AchievementPerson.achievement_id).where(AchievementPerson.person_id == person_id)
    wanted = _lines().where(
        Match.achievement_id.in_(made),
        Match.current,
        Match.grade.in_(GOOD),
        Match.status != MatchState.REJECTED,
        Need.status.in_(NEEDS_OPEN_FOR_MATCHING),
    )
    best: dict[int, MatchLine] = {}
    for line in _read(session, wanted.order_by(Match.score.desc(), Match.need_id, Match.id)):
        best.setdefault(line.need.id, line)
    return list(best.values())[:most]


def matches_for_owner(
    session: Session, organisation_ids: Sequence[int] | frozenset[int], *, first: int, most: int
) -> tuple[int, list[MatchLine]]:
    """Return proposals that a university may see for its achievements: those the organiser chose, and
    those of needs that are open to everybody; best first, with their number."""
    published = Need.status.in_(NEEDS_SHOWN_OUTSIDE)
    open_to_all = published & Need.disclosure.in_((Disclosure.PUBLIC, Disclosure.MASKED))
    chosen = published & (Match.status == MatchState.SHORTLISTED) & (Need.disclosure != Disclosure.INTERNAL)
    wanted = _lines().where(
        Achievement.organisation_id.in_(organisation_ids),
        Match.status != MatchState.REJECTED,
        or_(Match.current & open_to_all & Match.grade.in_(GOOD), chosen),
    )
    total = (
        session.scalar(select(func.count()).select_from(wanted.with_only_columns(Match.id).subquery())) or 0
    )
    page = wanted.order_by(Match.score.desc(), Match.id).offset(first).limit(most)
    return total, _read(session, page)


def one_match(session: Session, match_id: int) -> MatchLine | None:
    """Return one proposal, or None."""
    return next(iter(_read(session, _lines().where(Match.id == match_id))), None)


def proposal_queue(
    session: Session, *, only: str = "", search: str = "", first: int = 0, most: int = 50
) -> tuple[int, list[QueueEntry]]:
    """Return needs by how much there is to look at. `only`: waiting, none (no good match) or decided.

    All are ordered by what is counted of their proposals; the rest is read of one page's needs alone.
    """
    tally = _tally()
    queued = select(Need.id).outerjoin(tally, tally.c.need_id == Need.id)
    queued = queued.where(Need.status.in_(NEEDS_OPEN_FOR_MATCHING))
    if words := search.split()[:5]:
        queued = queued.join(Organisation, Organisation.id == Need.organisation_id)
        for word in words:
            queued = queued.where(
                or_(
                    Need.title.icontains(word, autoescape=True),
                    Organisation.name.icontains(word, autoescape=True),
                )
            )
    none_good = func.coalesce(tally.c.good, 0) == 0
    kept = {"waiting": tally.c.waiting > 0, "none": none_good, "decided": tally.c.decided > 0}.get(only)
    if kept is not None:
        queued = queued.where(kept)
    order = (func.coalesce(tally.c.waiting, 0).desc(), tally.c.best.desc().nulls_last(), Need.id)
    rows = session.execute(
        queued.add_columns(
            tally.c.best,
            func.coalesce(tally.c.good, 0),
            func.coalesce(tally.c.waiting, 0),
            func.coalesce(tally.c.decided, 0),
            func.count().over(),
        )
        .order_by(*order)
        .offset(first)
        .limit(most)
    ).all()
    if not rows and first:
        return session.scalar(select(func.count()).select_from(queued.subquery())) or 0, []
    needs = _queued_needs(session, [row[0] for row in rows])
    return (rows[0][5] if rows else 0), [_entry(needs[row[0]], row) for row in rows]


def _tally() -> Subquery:
    """Count the current proposals of each need; the index of the table holds all that is read here."""
    stands = ~or_(Match.need_side == "unsuitable", Match.achievement_side == "unsuitable")
    good = Match.grade.in_(GOOD) & stands
    return (
        select(
            Match.need_id,
            func.max(Match.score).label("best"),
            func.count().filter(good, Match.status != MatchState.REJECTED).label("good"),
            func.count().filter(good, Match.status == MatchState.PROPOSED).label("waiting"),
            func.count().filter(Match.status != MatchState.PROPOSED).label("decided"),
        )
        .where(Match.current)
        .group_by(Match.need_id)
        .subquery()
    )


def _queued_needs(session: Session, need_ids: Sequence[int]) -> dict[int, Any]:
    """Return need → (id, title, firm, state, whether it is being computed, its newest route)."""
    wanted = (
        select(
            Need.id,
            Need.title,
            Organisation.name,
            Need.status,
            case((Need.proposed_version == Need.text_version, 0), else_=1),
            _newest_route(),
        )
        .join(Organisation, Organisation.id == Need.organisation_id)
        .where(Need.id.in_(need_ids))
    )
    return {row[0]: row for row in session.execute(wanted)}


def _entry(need: Any, counted: Any) -> QueueEntry:
    return QueueEntry(
        need_id=need[0],
        title=need[1],
        firm=need[2],
        status=need[3],
        best=counted[1],
        good=counted[2],
        waiting=counted[3],
        decided=counted[4],
        being_computed=bool(need[4]),
        route=str(need[5] or ""),
    )


def _newest_route() -> ScalarSelect[Any]:
    newest = select(NeedRoute.route).where(NeedRoute.need_id == Need.id).order_by(NeedRoute.id.desc())
    return newest.limit(1).scalar_subquery()


def grade_counts(session: Session) -> dict[str, int]:
    """Return grade → how many current proposals."""
    rows = session.execute(
        select(Match.grade, func.count()).where(Match.current).group_by(Match.grade).order_by(Match.grade)
    )
    found = {str(grade): number for grade, number in rows}
    return {str(grade): found.get(str(grade), 0) for grade in Grade}


def _lines() -> Select[Any]:
    owner = Organisation.__table__.alias("owner")
    return (
        select(Match, Need, Organisation, Achievement, owner.c.name, owner.c.kind)
        .join(Need, Need.id == Match.need_id)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .join(Achievement, Achievement.id == Match.achievement_id)
        .outerjoin(owner, owner.c.id == Achievement.organisation_id)
    )


def _read(session: Session, wanted: Select[Any]) -> list[MatchLine]:
    rows = session.execute(wanted).all()
    makers = makers_of(session, {row[3].id for row in rows})
    return [
        MatchLine(
            match=match,
            need=need,
            faces=faces_of(need, organisation),
            achievement=achievement,
            owner=owner or achievement.owner_text,
            owner_kind=owner_kind or "",
            makers=tuple(makers.get(achievement.id, ())),
        )
        for match, need, organisation, achievement, owner, owner_kind in rows
    ]


def makers_of(session: Session, achievement_ids: set[int]) -> dict[int, list[tuple[int, str, str]]]:
    """Return achievement → (person id, name, title) of its makers in the order of the list."""
    rows = session.execute(
        select(AchievementPerson.achievement_id, Person.id, Person.name, Person.title)
        .join(Person, Person.id == AchievementPerson.person_id)
        .where(AchievementPerson.achievement_id.in_(achievement_ids))
        .order_by(AchievementPerson.achievement_id, AchievementPerson.place, Person.id)
    )
    makers: dict[int, list[tuple[int, str, str]]] = {}
    for achievement_id, person_id, name, title in rows:
        makers.setdefault(achievement_id, []).append((person_id, name, title))
    return makers
