"""Keeps pairs apart that may never meet: in proposals, in pairing lists, and after every new computation.

Four things bar a pair: the organiser keeps two organisations apart, the organiser banned the pair
for every event, one side turned it down, or both have signed about this need already.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.messages import ProposalsDue
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import NEEDS_OPEN_FOR_MATCHING, MatchState
from matchmaker.errors import InvalidInput, NotAllowed, NotFound
from matchmaker.services.moves import move
from matchmaker.store.queries import never as queries
from matchmaker.store.queries.pairings import Seat, seats_of
from matchmaker.store.queries.withdrawals import WITHDREW, silent_needs, withdrawn_now
from matchmaker.store.tables import Match, Need, NeverMatch, Organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Need → achievement → why the pair may never be brought together."""

    reasons: Mapping[int, Mapping[int, str]] = field(default_factory=dict)

    def why(self, need_id: int, achievement_id: int) -> str:
        """Return the reason, "" for a pair that may meet."""
        return self.reasons.get(need_id, {}).get(achievement_id, "")


def bars_of(session: Session, need_ids: Sequence[int]) -> Bars:
    """Read what is barred for these needs. What one side or the organiser said of a proposal is not here."""
    found: dict[int, dict[int, str]] = {}
    houses = list(queries.barred_houses(session, need_ids))
    if houses:
        above = queries.under(session, [house for _, house, _ in houses])
        owned: dict[int, list[int]] = {}
        for achievement_id, owner in queries.achievements_of(session, list(above)):
            for house in {owner, above[owner]}:
                owned.setdefault(house, []).append(achievement_id)
        for need_id, house, reason in houses:
            for achievement_id in owned.get(house, ()):
                found.setdefault(need_id, {}).setdefault(achievement_id, reason)
    for need_id, achievement_id, reason in queries.barred_pairs(session, need_ids):
        found.setdefault(need_id, {}).setdefault(achievement_id, reason)
    return Bars(reasons=found)


def why_never(session: Session, match: Match) -> str:
    """Return why a proposal may not be chosen, "" if it may: barred, unsuitable, or a side withdrew."""
    if reason := bars_of(session, [match.need_id]).why(match.need_id, match.achievement_id):
        return reason
    pair = (match.need_id, match.achievement_id)
    seats = seats_of(session, [match.achievement_id])
    return left_alone(session, [pair], seats).get(pair, "") or unsuitable(match)


def left_alone(
    session: Session, pairs: Collection[tuple[int, int]], seats: Mapping[int, Seat]
) -> dict[tuple[int, int], str]:
    """Return (need id, achievement id) → why nothing new is arranged: one side took the consent back."""
    withdrawn = withdrawn_now(session)
    if not withdrawn:
        return {}
    silent = silent_needs(session, {need_id for need_id, _ in pairs}, withdrawn)
    found = {}
    for need_id, achievement_id in pairs:
        seat = seats.get(achievement_id)
        if need_id in silent:
            found[need_id, achievement_id] = f"需求联系人{WITHDREW}"
        elif seat and withdrawn.expert(organisation_id=seat.organisation_id, person_id=seat.person_id):
            found[need_id, achievement_id] = f"专家“{seat.name}”{WITHDREW}"
    return found


def unsuitable(match: Match) -> str:
    """Return what the side that called a proposal unsuitable said, "" when neither did."""
    for side, words, reason in (
        ("企业", match.need_side, match.need_side_reason),
        ("院校", match.achievement_side, match.achievement_side_reason),
    ):
        if words == "unsuitable":
            return f"{side}答复不合适：{reason}" if reason else f"{side}答复不合适"
    return ""


def keep_apart(
    session: Session, actor: Actor, *, enterprise_id: int, partner_id: int, reason: str
) -> NeverMatch:
    """Never bring these two organisations together again; the same pair again only changes the reason.

    What was proposed between them stops being current at once, and the enterprise's needs are
    computed anew. Raises NotAllowed, NotFound, InvalidInput.
    """
    if not actor.organises:
        raise NotAllowed()
    _check(session, enterprise_id, partner_id, reason)
    row = session.scalar(
        select(NeverMatch).where(
            NeverMatch.enterprise_id == enterprise_id, NeverMatch.partner_id == partner_id
        )
    )
    if row is None:
        row = NeverMatch(enterprise_id=enterprise_id, partner_id=partner_id)
        session.add(row)
    row.reason, row.user_id, row.at = reason.strip()[:500], actor.user_id, clock.now()
    session.flush()  # what follows reads the rule back
    _forget_proposals(session, actor, enterprise_id)
    _compute_anew(session, actor, enterprise_id)
    return row


def _check(session: Session, enterprise_id: int, partner_id: int, reason: str) -> None:
    problems = []
    if session.get(Organisation, enterprise_id) is None or session.get(Organisation, partner_id) is None:
        raise NotFound("没有找到这家单位，请从列表中选择。")
    if enterprise_id == partner_id:
        problems.append(Problem(field="partner_id", code="same", message="请选择两家不同的单位。"))
    if not reason.strip():
        message = "请写明为什么不配，例如“两家是同行竞争对手”。"
        problems.append(Problem(field="reason", code="missing", message=message))
    if problems:
        raise InvalidInput(problems)


def allow_again(session: Session, actor: Actor, *, rule_id: int) -> None:
    """Drop a rule; the enterprise's needs are computed anew. Dropping it twice does nothing."""
    if not actor.organises:
        raise NotAllowed()
    row = session.get(NeverMatch, rule_id)
    if row is None:
        return
    enterprise_id = row.enterprise_id
    session.delete(row)
    session.flush()  # the computation that follows must not read it any more
    _compute_anew(session, actor, enterprise_id)


def _forget_proposals(session: Session, actor: Actor, enterprise_id: int) -> None:
    needs = list(session.scalars(select(Need.id).where(Need.organisation_id == enterprise_id)))
    bars = bars_of(session, needs)
    for match in session.scalars(
        select(Match).where(Match.need_id.in_(needs), Match.status != MatchState.REJECTED).order_by(Match.id)
    ):
        if reason := bars.why(match.need_id, match.achievement_id):
            match.current = False
            if match.status is MatchState.SHORTLISTED:
                move(session, actor, "match", match, MatchState.REJECTED, reason=reason)
                match.decision_reason = reason


def _compute_anew(session: Session, actor: Actor, enterprise_id: int) -> None:
    session.execute(
        update(Need)
        .where(Need.organisation_id == enterprise_id, Need.status.in_(NEEDS_OPEN_FOR_MATCHING))
        .values(proposed_version=None)
    )
    outbox.record(session, actor, ProposalsDue())
