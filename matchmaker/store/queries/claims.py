"""Claims with what their lists show."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from matchmaker.domain.claims import ClaimState
from matchmaker.domain.disclosure import title_outside, told_to
from matchmaker.domain.permissions import Actor
from matchmaker.store.tables import Achievement, Need, NeedClaim, Organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """A claim beside the need it is for and the achievement it brings; `title` is the need's to outsiders."""

    claim: NeedClaim
    need: Need
    firm: str
    university: str
    achievement: str

    @property
    def title(self) -> str:
        """Return what the claimant may know the need as."""
        need = self.need
        return title_outside(
            title=need.title, public_title=need.public_title, disclosure=need.disclosure, firm=self.firm
        )

    def plan_for(self, actor: Actor) -> str:
        """Return the plan as this reader sees it: the firm learns whom to call once both accepted."""
        return told_to(actor, self.claim.plan, owner_id=self.claim.organisation_id)


def claim_lines(
    session: Session,
    *,
    organisation_ids: Collection[int] | None = None,
    need_id: int | None = None,
    state: ClaimState | None = None,
) -> list[ClaimLine]:
    """Return claims, undecided ones first, then the newest; narrowed to claimants, a need, a state."""
    firm = aliased(Organisation)
    wanted = (
        select(NeedClaim, Need, firm.name, Organisation.name, Achievement.title)
        .join(Need, Need.id == NeedClaim.need_id)
        .join(firm, firm.id == Need.organisation_id)
        .join(Organisation, Organisation.id == NeedClaim.organisation_id)
        .outerjoin(Achievement, Achievement.id == NeedClaim.achievement_id)
        .order_by(NeedClaim.status != ClaimState.OPEN, NeedClaim.created_at.desc(), NeedClaim.id.desc())
    )
    if organisation_ids is not None:
        wanted = wanted.where(NeedClaim.organisation_id.in_(organisation_ids))
    if need_id is not None:
        wanted = wanted.where(NeedClaim.need_id == need_id)
    if state is not None:
        wanted = wanted.where(NeedClaim.status == state)
    return [
        ClaimLine(claim=claim, need=need, firm=firm_name, university=university, achievement=title or "")
        for claim, need, firm_name, university, title in session.execute(wanted)
    ]


def open_claims(session: Session) -> int:
    """Return how many claims wait for the organiser."""
    return session.scalar(select(func.count()).where(NeedClaim.status == ClaimState.OPEN)) or 0
