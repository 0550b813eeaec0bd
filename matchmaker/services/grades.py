"""A grade that an organiser gives a proposal beside the computed one: with a reason, logged, reversible."""

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.matching import SHARE_OF_GRADE
from matchmaker.domain.messages import MatchGraded
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import Grade
from matchmaker.errors import InvalidInput, NotAllowed, NotFound
from matchmaker.services.secrecy import refuse_secrets
from matchmaker.store.tables import Match, StateChange

SUBJECT = "match_grade"  # kind of thing in the log of changes


def grade_by_hand(session: Session, actor: Actor, *, match_id: int, grade: Grade, reason: str) -> Match:
    """Give a proposal the grade that counts from now on: in lists, in order, in draws and in what goes out.

    The computed grade stays beside it and is kept up to date; the proposal stays even where nothing
    is computed for it any more. Saying the same again changes nothing. Writes the log and records
    MatchGraded. Raises NotAllowed, NotFound, InvalidInput without a reason.
    """
    match, reason = _match_of(session, actor, match_id), reason.strip()
    if not reason:
        message = "请写明改评的理由，如“企业当面确认过，设备可以直接用”。"
        raise InvalidInput([Problem(field="reason", code="missing", message=message)])
    refuse_secrets({"reason": reason}, {"reason": "改评的理由"})
    if match.graded_at is not None and (match.grade, match.grade_reason) == (grade, reason):
        return match
    if match.graded_at is None:
        match.computed_score, match.computed_grade = match.score, match.grade
    _log(session, actor, match, to=grade, reason=reason)
    match.grade, match.score = grade, SHARE_OF_GRADE[grade]
    match.grade_reason, match.graded_at = reason, clock.now()
    return match


def back_to_computed(session: Session, actor: Actor, *, match_id: int) -> Match:
    """Let the computed grade count again; a proposal that has none by hand stays as it is.

    Raises NotAllowed, NotFound.
    """
    match = _match_of(session, actor, match_id)
    if match.computed_grade is None or match.computed_score is None:
        return match
    _log(session, actor, match, to=match.computed_grade, reason="")
    match.grade, match.score = match.computed_grade, match.computed_score
    match.computed_grade = match.computed_score = match.graded_at = None
    match.grade_reason = ""
    return match


def _match_of(session: Session, actor: Actor, match_id: int) -> Match:
    if not actor.organises:
        raise NotAllowed()
    session.flush()  # the lock reads the row afresh
    match = session.get(Match, match_id, with_for_update=True)
    if match is None:
        raise NotFound()
    return match


def _log(session: Session, actor: Actor, match: Match, *, to: Grade, reason: str) -> None:
    """Note who changes the grade that counts, from which to which; no reason: back to the computed one."""
    session.add(
        StateChange(
            subject_kind=SUBJECT,
            subject_id=match.id,
            from_state=match.grade.value,
            to_state=to.value,
            reason=reason,
            user_id=actor.user_id,
            at=clock.now(),
        )
    )
    outbox.record(session, actor, MatchGraded(match_id=match.id, grade=to.value, reason=reason))
