"""What the pages about the whole library read: who else could do it, and whom an achievement could help."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from matchmaker.domain.disclosure import NeedFaces
from matchmaker.domain.messages import WiderSearchAsked
from matchmaker.domain.states import (
    ACHIEVEMENTS_IN_LIBRARY,
    NEEDS_OPEN_FOR_MATCHING,
    DeliveryState,
    Disclosure,
    Grade,
    MatchState,
)
from matchmaker.store.queries.matches import makers_of
from matchmaker.store.queries.needs import faces_of
from matchmaker.store.queries.uploads import chunks
from matchmaker.store.tables import (
    Achievement,
    AchievementPerson,
    Delivery,
    Match,
    Message,
    Need,
    Organisation,
    WiderSearch,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLine:
    """An achievement that could also answer a need; `match_id` where it is proposed already."""

    achievement: Achievement
    owner: str
    makers: tuple[tuple[int, str, str], ...]
    score: float
    grade: Grade
    match_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedLine:
    """A need that an achievement could answer; `match_id` where it is proposed already."""

    need: Need
    faces: NeedFaces
    achievement: Achievement
    score: float
    grade: Grade
    match_id: int | None
    shortlisted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """How many needs are open for matching, and how many of them wait for new proposals.

    `first` says that no need has had any yet.
    """

    open: int
    waiting: int
    first: bool


def reckoning(session: Session) -> Reckoning:
    """Count the open needs and those whose proposals are still to be computed."""
    due = case((Need.proposed_version == Need.text_version, 0), else_=1)
    wanted = select(func.count(), func.coalesce(func.sum(due), 0)).where(
        Need.status.in_(NEEDS_OPEN_FOR_MATCHING)
    )
    total, waiting = session.execute(wanted).one()
    computed = select(WiderSearch.id).where(WiderSearch.subject_kind == "need").limit(1)
    return Reckoning(open=total, waiting=waiting, first=session.scalar(computed) is None)


def needs_reckoned_otherwise(session: Session, reckoned_with: str, *, most: int | None = None) -> list[int]:
    """Return open needs whose proposals were stored under other weights, or before weights were noted."""
    noted = select(WiderSearch.id).where(
        WiderSearch.subject_kind == "need",
        WiderSearch.subject_id == Need.id,
        WiderSearch.engine == reckoned_with,
    )
    wanted = select(Need.id).where(Need.status.in_(NEEDS_OPEN_FOR_MATCHING), ~noted.exists())
    return list(session.scalars(wanted.order_by(Need.id).limit(most)))


def search_of(session: Session, kind: str, subject_id: int) -> WiderSearch | None:
    """Return what was found last for a need, an achievement or a person."""
    return session.scalar(
        select(WiderSearch).where(WiderSearch.subject_kind == kind, WiderSearch.subject_id == subject_id)
    )


def searches_given_up(session: Session, kind: str, subject_id: int, *, since: datetime) -> bool:
    """Say whether the newest search that was asked for since then was given up."""
    asked = session.execute(
        select(Message.payload, Delivery.state)
        .join(Delivery, Delivery.message_id == Message.id)
        .where(Message.name == WiderSearchAsked.__name__, Message.happened_at >= since)
        .order_by(Message.id.desc())
    )
    wanted = {"subject_kind": kind, "subject_id": subject_id}
    newest = next((state for payload, state in asked if payload == wanted), None)
    return newest is DeliveryState.GIVEN_UP


def owners_of(session: Session, achievement_ids: Collection[int]) -> dict[int, object]:
    """Return achievement → its owner, by organisation, else by the words of the list, else itself."""
    wanted = select(Achievement.id, Achievement.organisation_id, Achievement.owner_text)
    return {
        key: organisation_id or owner_text.strip() or ("alone", key)
        for some in chunks(achievement_ids)
        for key, organisation_id, owner_text in session.execute(wanted.where(Achievement.id.in_(some)))
    }


def titles_of(session: Session, achievement_ids: Collection[int]) -> dict[int, str]:
    """Return achievement → its title."""
    wanted = select(Achievement.id, Achievement.title).where(Achievement.id.in_(achievement_ids))
    return {row.id: row.title for row in session.execute(wanted)}


def chosen_for(session: Session, need_ids: Collection[int]) -> dict[int, set[int]]:
    """Return need → achievements that the organiser picked for it and that are still in the library."""
    rows = session.execute(
        select(Match.need_id, Match.achievement_id)
        .join(Achievement, Achievement.id == Match.achievement_id)
        .where(
            Match.need_id.in_(need_ids),
            Match.status == MatchState.SHORTLISTED,
            Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY),
        )
    )
    chosen: dict[int, set[int]] = {}
    for need_id, achievement_id in rows:
        chosen.setdefault(need_id, set()).add(achievement_id)
    return chosen


def library_of_maker(session: Session, person_id: int) -> list[int]:
    """Return the achievements of the library that a person made."""
    wanted = (
        select(Achievement.id)
        .join(AchievementPerson, AchievementPerson.achievement_id == Achievement.id)
        .where(AchievementPerson.person_id == person_id, Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY))
        .order_by(Achievement.id)
    )
    return list(session.scalars(wanted))


def other_lines(session: Session, need_id: int, *, public_only: bool) -> list[OtherLine]:
    """Return the best of each institution near a need, best first; `public_only` for readers outside.

    What was turned down for this need, or is no longer in the library, is left out.
    """
    row = search_of(session, "need", need_id)
    proposed = select(Match).where(Match.need_id == need_id, Match.current)
    found = {match.achievement_id: (match.score, match.grade) for match in session.scalars(proposed)}
    for entry in row.found if row else ():
        found.setdefault(entry["achievement_id"], (entry["score"], Grade(entry["grade"])))
    matches = _matches_by(session, [need_id], found)
    wanted = (
        select(Achievement, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Achievement.organisation_id)
        .where(Achievement.id.in_(found), Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY))
    )
    if public_only:
        wanted = wanted.where(Achievement.disclosure == Disclosure.PUBLIC)
    rows = sorted(session.execute(wanted), key=lambda one: (-found[one[0].id][0], one[0].id))
    best: dict[object, tuple[Achievement, str]] = {}
    for achievement, owner in rows:
        if not _turned_down(matches.get((need_id, achievement.id))):
            hand = achievement.organisation_id or achievement.owner_text.strip() or ("alone", achievement.id)
            best.setdefault(hand, (achievement, owner or achievement.owner_text))
    makers = makers_of(session, {achievement.id for achievement, _ in best.values()})
    return [
        OtherLine(
            achievement=achievement,
            owner=owner,
            makers=tuple(makers.get(achievement.id, ())),
            score=found[achievement.id][0],
            grade=found[achievement.id][1],
            match_id=match.id if match else None,
        )
        for achievement, owner in best.values()
        for match in (matches.get((need_id, achievement.id)),)
    ]


def need_lines(session: Session, found: Sequence[dict[str, object]]) -> list[NeedLine]:
    """Return what a search for needs found, best first; what was turned down or has closed is left out."""
    pairs = {(int(str(one["need_id"])), int(str(one["achievement_id"]))): one for one in found}
    matches = _matches_by(session, {need for need, _ in pairs}, {key for _, key in pairs})
    needs = {
        need.id: (need, organisation)
        for need, organisation in session.execute(
            select(Need, Organisation)
            .join(Organisation, Organisation.id == Need.organisation_id)
            .where(Need.id.in_({need for need, _ in pairs}), Need.status.in_(NEEDS_OPEN_FOR_MATCHING))
        )
    }
    held = Achievement.id.in_({key for _, key in pairs}) & Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY)
    achievements = {row.id: row for row in session.scalars(select(Achievement).where(held))}
    lines = []
    for (need_id, key), one in pairs.items():
        match = matches.get((need_id, key))
        if need_id not in needs or key not in achievements or _turned_down(match):
            continue
        need, organisation = needs[need_id]
        by_hand = match if match is not None and match.graded_at is not None else None
        lines.append(
            NeedLine(
                need=need,
                faces=faces_of(need, organisation),
                achievement=achievements[key],
                score=by_hand.score if by_hand else float(str(one["score"])),
                grade=by_hand.grade if by_hand else Grade(str(one["grade"])),
                match_id=match.id if match else None,
                shortlisted=match is not None and match.status is MatchState.SHORTLISTED,
            )
        )
    return sorted(lines, key=lambda line: (-line.score, line.need.id))


def _matches_by(
    session: Session, need_ids: Iterable[int], achievement_ids: Iterable[int]
) -> dict[tuple[int, int], Match]:
    wanted = select(Match).where(
        Match.need_id.in_(list(need_ids)), Match.achievement_id.in_(list(achievement_ids))
    )
    return {(match.need_id, match.achievement_id): match for match in session.scalars(wanted)}


def _turned_down(match: Match | None) -> bool:
    return match is not None and (
        match.status is MatchState.REJECTED or "unsuitable" in (match.need_side, match.achievement_side)
    )
