"""Keeps what people decide about proposals: the organiser, and each of the two sides."""

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.messages import MatchDecided
from matchmaker.domain.permissions import Actor, owns
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ACHIEVEMENTS_IN_LIBRARY, NEEDS_OPEN_FOR_MATCHING, MatchState
from matchmaker.errors import InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.services.moves import move
from matchmaker.services.never_match import why_never
from matchmaker.services.secrecy import refuse_secrets
from matchmaker.store.tables import Achievement, Match, Need


def decide(
    session: Session,
    actor: Actor,
    *,
    match_id: int,
    to: MatchState,
    reason: str = "",
) -> Match:
    """Shortlist or reject a proposal, or take that back; a rejection needs a reason.

    A pair that may never be brought together, or whose need has closed or whose achievement has left
    the library, cannot be shortlisted. Two who decide at once do so one after the other. Writes the
    match and records MatchDecided. Raises NotAllowed, NotFound, InvalidInput, WrongState.
    """
    if not actor.organises:
        raise NotAllowed()
    session.flush()  # the lock reads the row afresh
    match = session.get(Match, match_id, with_for_update=True)
    if match is None:
        raise NotFound()
    if to is MatchState.REJECTED and not reason.strip():
        raise InvalidInput([Problem(field="reason", code="missing", message="请写明剔除这条推荐的原因。")])
    if to is MatchState.SHORTLISTED:
        may_be_chosen(
            session.get_one(Need, match.need_id), session.get_one(Achievement, match.achievement_id)
        )
        if barred := why_never(session, match):
            raise WrongState(f"这条推荐不能选定。{barred}。")
    if to is match.status and reason == match.decision_reason:
        return match
    move(session, actor, "match", match, to, reason=reason)
    match.decided_by_id, match.decided_at, match.decision_reason = actor.user_id, clock.now(), reason
    accepted = to is MatchState.SHORTLISTED
    outbox.record(
        session, actor, MatchDecided(match_id=match.id, side="organiser", accepted=accepted, reason=reason)
    )
    return match


def may_be_chosen(need: Need, achievement: Achievement) -> None:
    """Raise WrongState unless the need is open and the achievement in the library."""
    if need.status not in NEEDS_OPEN_FOR_MATCHING:
        raise WrongState("这条推荐不能选定：需求已经结束或不再开放。请刷新页面。")
    if achievement.status not in ACHIEVEMENTS_IN_LIBRARY:
        raise WrongState("这条推荐不能选定：成果已撤回或还没有入库。请刷新页面，另选一项。")


def answer(session: Session, actor: Actor, *, match_id: int, answer: str, reason: str = "") -> Match:
    """Record what one side says of a proposal: interested, unsuitable (with a reason) or question.

    The need's owner answers for the need, the achievement's for the achievement. Raises NotFound
    for everybody else, InvalidInput for another word.
    """
    match = session.get(Match, match_id)
    if match is None:
        raise NotFound()
    side = _side_of(session, actor, match)
    if answer not in ("interested", "unsuitable", "question"):
        raise InvalidInput(
            [Problem(field="answer", code="unknown", message="请选择：感兴趣、不合适或想了解。")]
        )
    if answer != "interested" and not reason.strip():
        raise InvalidInput(
            [Problem(field="reason", code="missing", message="请写一句原因或问题，方便对方和主办方了解。")]
        )
    refuse_secrets({"reason": reason}, {"reason": "原因或问题"})
    setattr(match, f"{side}_side", answer)
    setattr(match, f"{side}_side_reason", reason)
    said = MatchDecided(match_id=match.id, side=side, accepted=answer == "interested", reason=reason)
    outbox.record(session, actor, said)
    return match


def _side_of(session: Session, actor: Actor, match: Match) -> str:
    need = session.get_one(Need, match.need_id)
    if owns(actor, need.organisation_id):
        return "need"
    achievement = session.get_one(Achievement, match.achievement_id)
    if owns(actor, achievement.organisation_id):
        return "achievement"
    raise NotFound()
