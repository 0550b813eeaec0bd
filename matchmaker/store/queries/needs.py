"""What the pages about needs read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, Text, cast, false, func, or_, select, union_all
from sqlalchemy.orm import Session

from matchmaker.domain.disclosure import NeedFaces
from matchmaker.domain.states import (
    NEEDS_OPEN_FOR_MATCHING,
    NEEDS_SHOWN_OUTSIDE,
    Disclosure,
    Grade,
    MatchState,
    NeedState,
    PairingState,
)
from matchmaker.store.tables import Achievement, Match, Need, Organisation, Pairing, Person, StateChange, User

Columns = TypeVarTuple("Columns")
GOOD = (Grade.STRONG, Grade.FAIR)
_BOTH_SAID_YES = (
    PairingState.ACCEPTED_BOTH,
    PairingState.SCHEDULED,
    PairingState.MET,
    PairingState.INTENDED,
    PairingState.SIGNED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedFilter:
    """What a list is narrowed to; empty means everything."""

    search: str = ""
    states: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    towns: tuple[str, ...] = ()
    organisation_ids: frozenset[int] | None = None
    outside_only: bool = False
    hide_drafts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedLine:
    """One row of a list of needs."""

    need: Need
    faces: NeedFaces
    good_matches: int

    @property
    def id(self) -> int:
        """The need's id, for lists with ticks."""
        return self.need.id

    @property
    def being_computed(self) -> bool:
        """Whether proposals are still to come."""
        open_ = self.need.status in NEEDS_OPEN_FOR_MATCHING
        return open_ and self.need.proposed_version != self.need.text_version


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedPage:
    """One need with everything its page shows."""

    line: NeedLine
    organisation: Organisation
    contact: Person | None
    history: tuple[tuple[datetime, str, str, str, str], ...]


def faces_of(need: Need, organisation: Organisation, *, trade: str = "", code: str = "") -> NeedFaces:
    """Return the two faces of a need; `code`: by which the firm goes at the event that is spoken of."""
    text = "\n\n".join(
        part for part in (need.problem, need.key_points, need.goal, need.background) if part.strip()
    )
    return NeedFaces(
        need_id=need.id,
        organisation_id=need.organisation_id,
        firm=organisation.name,
        firm_size=organisation.size,
        trade=trade,
        town=need.town or organisation.town,
        title=need.title,
        text=text,
        public_title=need.public_title,
        public_text=need.public_text,
        budget_min_fen=need.budget_min_fen,
        budget_max_fen=need.budget_max_fen,
        budget_text=need.budget_text,
        disclosure=need.disclosure,
        status=need.status,
        code=code,
    )


def need_lines(
    session: Session, asked: NeedFilter, *, sort: str = "", first: int = 0, most: int = 50
) -> tuple[int, list[NeedLine]]:
    """Return how many needs there are, and one page of them; newest first unless sorted."""
    total = session.scalar(_narrowed(select(func.count()).select_from(Need), asked)) or 0
    ids = list(session.scalars(_page(asked, sort=sort, first=first, most=most)))
    owned = select(Need, Organisation).join(Organisation, Organisation.id == Need.organisation_id)
    found = {row[0].id: row for row in session.execute(owned.where(Need.id.in_(ids)))}
    rows = [found[key] for key in ids]
    for_firm = asked.organisation_ids is not None
    counts = _match_counts(session, [need.id for need, _ in rows], for_firm=for_firm)
    lines = [
        NeedLine(
            need=need,
            faces=faces_of(need, organisation, trade=_trade(need)),
            good_matches=counts.get(need.id, 0),
        )
        for need, organisation in rows
    ]
    return total, lines


def state_counts(session: Session, asked: NeedFilter) -> dict[str, int]:
    """Return state → how many needs, other filters kept."""
    plain = NeedFilter(
        search=asked.search,
        fields=asked.fields,
        towns=asked.towns,
        organisation_ids=asked.organisation_ids,
        outside_only=asked.outside_only,
        hide_drafts=asked.hide_drafts,
    )
    query = _narrowed(select(Need.status, func.count()), plain).group_by(Need.status)
    number_of = {NeedState(state): number for state, number in session.execute(query)}
    return {str(state): number_of[state] for state in NeedState if state in number_of}


def towns_with_needs(session: Session) -> list[str]:
    """Return towns that have needs, by name."""
    return list(session.scalars(select(Need.town).where(Need.town != "").distinct().order_by(Need.town)))


def need_page(session: Session, need_id: int, *, for_firm: bool = False) -> NeedPage | None:
    """Return one need with its firm, contact and history, or None.

    `for_firm`: count the proposals that its firm may know, not those the organiser sees.
    """
    row = session.execute(
        select(Need, Organisation, Person)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .outerjoin(Person, Person.id == Need.contact_id)
        .where(Need.id == need_id)
    ).one_or_none()
    if row is None:
        return None
    need, organisation, contact = row
    good = _match_counts(session, [need.id], for_firm=for_firm).get(need.id, 0)
    line = NeedLine(
        need=need,
        faces=faces_of(need, organisation, trade=_trade(need)),
        good_matches=good,
    )
    return NeedPage(
        line=line, organisation=organisation, contact=contact, history=history_of(session, "need", need.id)
    )


def history_of(
    session: Session, kind: str, subject_id: int
) -> tuple[tuple[datetime, str, str, str, str], ...]:
    """Return (when, from, to, who, reason) of every move of a thing, oldest first."""
    rows = session.execute(
        select(
            StateChange.at,
            StateChange.from_state,
            StateChange.to_state,
            func.coalesce(User.name, ""),
            StateChange.reason,
        )
        .outerjoin(User, User.id == StateChange.user_id)
        .where(StateChange.subject_kind == kind, StateChange.subject_id == subject_id)
        .order_by(StateChange.at, StateChange.id)
    )
    return tuple((at, old, new, who, why) for at, old, new, who, why in rows)


def pushed_to(session: Session, need_id: int, organisation_ids: Sequence[int] | frozenset[int]) -> bool:
    """Say whether the organiser chose an achievement of these organisations for the need."""
    if not organisation_ids:
        return False
    chosen = (
        select(Match.id)
        .join(Achievement, Achievement.id == Match.achievement_id)
        .where(
            Match.need_id == need_id,
            Match.status == MatchState.SHORTLISTED,
            Achievement.organisation_id.in_(organisation_ids),
        )
    )
    return session.scalar(chosen.limit(1)) is not None


def contacts_open(session: Session, need_id: int, organisation_ids: Sequence[int] | frozenset[int]) -> bool:
    """Say whether one of these organisations has a pairing with the need that both sides accepted."""
    if not organisation_ids:
        return False
    both = (
        select(Pairing.id)
        .join(Achievement, Achievement.id == Pairing.achievement_id)
        .where(
            Pairing.need_id == need_id,
            Pairing.need_answer == "accepted",
            Pairing.achievement_answer == "accepted",
            Pairing.status.in_(_BOTH_SAID_YES),
            Achievement.organisation_id.in_(organisation_ids),
        )
    )
    return session.scalar(both.limit(1)) is not None


def _trade(need: Need) -> str:
    return need.field_text.split("、")[0][:12] if need.field_text else ""


def _page(asked: NeedFilter, *, sort: str, first: int, most: int) -> Select[int]:
    """Return the ids of one page. Of the newest each state is read from its own end of the index."""
    if _SORTS.get(sort.removeprefix("-")) is not None:
        return _narrowed(select(Need.id), asked).order_by(*_order(sort)).offset(first).limit(most)
    newest = (Need.created_at.desc(), Need.id.desc())
    states = [state for state in NeedState if not asked.states or state in asked.states]
    if asked.outside_only:
        states = [state for state in states if state in NEEDS_SHOWN_OUTSIDE]
    each = [
        _narrowed(select(Need.id, Need.created_at), replace(asked, states=()))
        .where(Need.status == state)
        .order_by(*newest)
        .limit(first + most)
        .subquery()
        for state in states
    ]
    if not each:
        return select(Need.id).where(false())
    every = union_all(*(select(part.c.id, part.c.created_at) for part in each)).subquery()
    ordered = select(every.c.id).order_by(every.c.created_at.desc(), every.c.id.desc())
    return ordered.offset(first).limit(most)


def _narrowed(wanted: Select[*Columns], asked: NeedFilter) -> Select[*Columns]:
    if asked.outside_only:
        wanted = wanted.where(
            Need.status.in_(NEEDS_SHOWN_OUTSIDE), Need.disclosure.in_((Disclosure.PUBLIC, Disclosure.MASKED))
        )
    if asked.hide_drafts:  # an enterprise's own draft is nobody else's until it is sent
        wanted = wanted.where(or_(Need.status != NeedState.DRAFT, Need.source != "web_form"))
    if asked.organisation_ids is not None:
        wanted = wanted.where(Need.organisation_id.in_(asked.organisation_ids))
    if asked.states:
        wanted = wanted.where(Need.status.in_([NeedState(s) for s in asked.states if s in set(NeedState)]))
    if asked.towns:
        wanted = wanted.where(Need.town.in_(asked.towns))
    for code in asked.fields:
        wanted = wanted.where(cast(Need.fields, Text).contains(f'"{code}', autoescape=True))
    return _searched(wanted, asked)


def _searched(wanted: Select[*Columns], asked: NeedFilter) -> Select[*Columns]:
    """Search what the reader may see: outside, the original text must not answer for the public one."""
    if asked.search.split() and not asked.outside_only:
        wanted = wanted.join(Organisation, Organisation.id == Need.organisation_id)
    for word in asked.search.split()[:5]:
        if asked.outside_only:
            columns: list[Any] = [Need.public_title, Need.public_text]
        else:
            columns = [Need.title, Need.problem, Need.key_points, Organisation.name, Need.code]
        wanted = wanted.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return wanted


_SORTS = {
    "title": Need.title,
    "created": Need.created_at,
    "published": Need.published_at,
    "status": Need.status,
    "town": Need.town,
}


def _order(sort: str) -> tuple[Any, ...]:
    column = _SORTS.get(sort.removeprefix("-"))
    if column is None:
        return (Need.created_at.desc(), Need.id.desc())
    return (column.desc() if sort.startswith("-") else column.asc(), Need.id)


def _match_counts(session: Session, need_ids: Sequence[int], *, for_firm: bool) -> dict[int, int]:
    wanted = (
        select(Match.need_id, func.count())
        .where(Match.need_id.in_(need_ids), Match.grade.in_(GOOD))
        .where(Match.current, Match.status != MatchState.REJECTED)
        .group_by(Match.need_id)
    )
    if for_firm:
        wanted = wanted.join(Achievement, Achievement.id == Match.achievement_id).where(shown_to_firm())
    return {row[0]: row[1] for row in session.execute(wanted)}


def shown_to_firm() -> ColumnElement[bool]:
    """Return the condition under which a need's firm may know a proposal's achievement.

    As `domain.disclosure.may_see_achievement` says it of one.
    """
    chosen = (Achievement.disclosure == Disclosure.TARGETED) & (Match.status == MatchState.SHORTLISTED)
    return or_(Achievement.disclosure.in_((Disclosure.PUBLIC, Disclosure.MASKED)), chosen)
