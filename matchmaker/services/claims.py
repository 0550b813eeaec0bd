"""Claims (揭榜): made by a university, taken up or declined by the organiser."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.claims import ClaimState, check_plan
from matchmaker.domain.messages import ClaimDecided, NeedClaimed
from matchmaker.domain.permissions import Actor, owns
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ACHIEVEMENTS_IN_LIBRARY, NEEDS_OPEN_FOR_MATCHING, MatchState
from matchmaker.errors import InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.services.matches import decide
from matchmaker.services.secrecy import refuse_secrets
from matchmaker.store.engine import one_at_a_time
from matchmaker.store.queries.withdrawals import WITHDREW, withdrawn_now
from matchmaker.store.tables import Achievement, Match, Need, NeedClaim


def claim_need(
    session: Session, actor: Actor, *, need: Need, plan: str, achievement_id: int | None
) -> NeedClaim:
    """Offer to solve a need that the actor may see, or change one's offer while it is undecided.

    An offer that was declined or withdrawn may be made again. Raises WrongState for a need that no
    longer looks for solutions and for an offer that was taken up, InvalidInput for a plan too short.
    """
    if actor.organisation_id is None:
        raise NotAllowed("您的账号没有归到院校名下，不能揭榜。请联系主办方。")
    if need.status not in NEEDS_OPEN_FOR_MATCHING:
        raise WrongState("这条需求已经不再征集方案。")
    problems = check_plan(plan) + _achievement_problems(session, actor, achievement_id)
    if problems:
        raise InvalidInput(problems)
    refuse_secrets({"plan": plan}, {"plan": "方案"})
    one_at_a_time(session, f"claim:{need.id}:{actor.organisation_id}")
    row = own_claim(session, actor, need.id)
    if row is None:
        row = NeedClaim(
            need_id=need.id,
            organisation_id=actor.organisation_id,
            plan="",
            status=ClaimState.OPEN,
            created_at=clock.now(),
        )
        session.add(row)
    elif row.status is ClaimState.TAKEN:
        raise WrongState("主办方已经采纳了贵单位的方案。需要补充请直接联系主办方。")
    row.plan, row.achievement_id, row.user_id = plan.strip(), achievement_id, actor.user_id
    row.status, row.decision_reason, row.decided_at = ClaimState.OPEN, "", None
    session.flush()
    outbox.record(session, actor, NeedClaimed(claim_id=row.id, need_id=need.id))
    return row


def _achievement_problems(session: Session, actor: Actor, achievement_id: int | None) -> list[Problem]:
    if achievement_id is None:
        return []
    row = session.get(Achievement, achievement_id)
    if row is not None and owns(actor, row.organisation_id) and row.status in ACHIEVEMENTS_IN_LIBRARY:
        return []
    message = "请从本单位已入库的成果里选择，或者不选。"
    return [Problem(field="achievement_id", code="not_own", message=message)]


def own_claim(session: Session, actor: Actor, need_id: int) -> NeedClaim | None:
    """Return what the actor's organisation offered for a need."""
    return session.scalar(
        select(NeedClaim).where(
            NeedClaim.need_id == need_id, NeedClaim.organisation_id == actor.organisation_id
        )
    )


def own_achievements(session: Session, actor: Actor) -> Sequence[tuple[int, str]]:
    """Return (id, title) of the actor's achievements in the library, for choosing one."""
    rows = session.execute(
        select(Achievement.id, Achievement.title)
        .where(
            Achievement.organisation_id.in_(actor.organisation_ids),
            Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY),
        )
        .order_by(Achievement.title)
    )
    return [(row.id, row.title) for row in rows]


def withdraw_claim(session: Session, actor: Actor, *, claim_id: int) -> NeedClaim:
    """Take an undecided offer back."""
    row = session.get(NeedClaim, claim_id)
    if row is None or not owns(actor, row.organisation_id):
        raise NotFound()
    if row.status is not ClaimState.OPEN:
        raise WrongState("主办方已经答复了这次揭榜，不能再撤回。")
    row.status = ClaimState.WITHDRAWN
    return row


def decide_claim(
    session: Session, actor: Actor, *, claim_id: int, taken: bool, reason: str = ""
) -> NeedClaim:
    """Take a claim up, or decline it with a reason; a proposal of the same pair is chosen along with it."""
    if not actor.organises:
        raise NotAllowed()
    row = session.get(NeedClaim, claim_id)
    if row is None:
        raise NotFound()
    if row.status is not ClaimState.OPEN:
        raise WrongState("这次揭榜已经有了结论，请刷新页面。")
    if not taken and not reason.strip():
        raise InvalidInput([Problem(field="reason", code="missing", message="请写明不采纳的原因。")])
    if taken:
        _check_consent(session, row)
    row.status = ClaimState.TAKEN if taken else ClaimState.DECLINED
    row.decision_reason, row.decided_by_id, row.decided_at = reason.strip(), actor.user_id, clock.now()
    if taken:
        _choose_match(session, actor, row)
    outbox.record(
        session, actor, ClaimDecided(claim_id=row.id, need_id=row.need_id, taken=taken, reason=reason)
    )
    return row


def _check_consent(session: Session, claim: NeedClaim) -> None:
    need = session.get_one(Need, claim.need_id)
    if withdrawn_now(session).firm(organisation_id=need.organisation_id, contact_id=need.contact_id):
        raise WrongState(f"需求联系人{WITHDREW}，不能采纳。可以在需求里换一位联系人。")


def _choose_match(session: Session, actor: Actor, claim: NeedClaim) -> None:
    match = session.scalar(
        select(Match)
        .where(
            Match.need_id == claim.need_id,
            Match.achievement_id == claim.achievement_id,
            Match.status == MatchState.PROPOSED,
        )
        .with_for_update()
    )
    if match is not None:
        match.achievement_side, match.achievement_side_reason = "interested", "揭榜"
        decide(session, actor, match_id=match.id, to=MatchState.SHORTLISTED, reason="揭榜被采纳")
