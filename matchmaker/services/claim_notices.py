"""Who is told about claims: the organisers of a new one, the claimant and the firm of the decision."""

from sqlalchemy.orm import Session

from matchmaker.bus.work import Work
from matchmaker.domain.disclosure import title_outside
from matchmaker.domain.messages import ClaimDecided, NeedClaimed
from matchmaker.domain.written_contacts import without_contacts
from matchmaker.services.notices import Plan, organisers, plan_with, user_recipient, users_of
from matchmaker.settings import Settings
from matchmaker.store.tables import Need, NeedClaim, Organisation


def tell_need_claimed(work: Work, message: NeedClaimed) -> None:
    """Tell the organisers that a university offers a plan."""
    plan_with(_need_claimed, work, message)


def _need_claimed(session: Session, _settings: Settings, message: NeedClaimed) -> list[Plan]:
    claim = session.get(NeedClaim, message.claim_id)
    if claim is None:
        return []
    context = _context(session, claim)
    return [
        Plan(
            kind="need_claimed",
            key=f"{claim.id}-{claim.version}",
            recipient=recipient,
            context=context,
            link="/claims",
            channels=("inbox",),
        )
        for recipient in organisers(session)
    ]


def tell_claim_decided(work: Work, message: ClaimDecided) -> None:
    """Tell the claimant what became of it, and the firm when a plan was taken up for its need."""
    plan_with(_claim_decided, work, message)


def _claim_decided(session: Session, _settings: Settings, message: ClaimDecided) -> list[Plan]:
    claim = session.get(NeedClaim, message.claim_id)
    if claim is None:
        return []
    context = _context(session, claim) | {"taken": message.taken, "reason": message.reason}
    need = session.get_one(Need, claim.need_id)
    outside = title_outside(
        title=need.title,
        public_title=need.public_title,
        disclosure=need.disclosure,
        firm=session.get_one(Organisation, need.organisation_id).name,
    )
    key = f"{claim.id}-{claim.version}"
    maker = user_recipient(session, claim.user_id) if claim.user_id is not None else None
    plans = []
    if maker is not None:
        told = context | {"title": outside}
        plans.append(Plan(kind="claim_decided", key=key, recipient=maker, context=told, link="/claims"))
    if message.taken:
        firm = users_of(session, [need.organisation_id])
        plans += [
            Plan(
                kind="claim_taken",
                key=key,
                recipient=recipient,
                context=context | {"plan": without_contacts(claim.plan)},
                link=f"/needs/{claim.need_id}",
            )
            for recipient in firm
        ]
    return plans


def _context(session: Session, claim: NeedClaim) -> dict[str, object]:
    need = session.get_one(Need, claim.need_id)
    return {
        "title": need.public_title or need.title,
        "university": session.get_one(Organisation, claim.organisation_id).name,
        "plan": claim.plan,
    }
