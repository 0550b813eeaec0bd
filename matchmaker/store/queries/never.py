"""Which pairs may never be brought together, as rules, refusals and contracts say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from matchmaker.domain.states import AgreementKind, ContractState, IntentLevel, PairingState
from matchmaker.store.tables import (
    Achievement,
    Agreement,
    Intent,
    Need,
    NeverMatch,
    Organisation,
    Pairing,
    PairingRule,
    TechContract,
    User,
)

_VOID = (ContractState.DRAFT, ContractState.TERMINATED, ContractState.REVOKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One rule that keeps two organisations apart, for the page of rules."""

    id: int
    enterprise: str
    partner: str
    reason: str
    who: str
    at: datetime


def rule_lines(session: Session) -> list[RuleLine]:
    """Return every rule between two organisations, newest first."""
    firm, partner = aliased(Organisation), aliased(Organisation)
    rows = session.execute(
        select(NeverMatch, firm.name, partner.name, User.name)
        .join(firm, firm.id == NeverMatch.enterprise_id)
        .join(partner, partner.id == NeverMatch.partner_id)
        .outerjoin(User, User.id == NeverMatch.user_id)
        .order_by(NeverMatch.id.desc())
    )
    return [
        RuleLine(id=row.id, enterprise=ours, partner=theirs, reason=row.reason, who=who or "", at=row.at)
        for row, ours, theirs, who in rows
    ]


def barred_houses(session: Session, need_ids: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """Yield (need, organisation, reason): kept apart by rule, or already contracted about this need."""
    kept_apart = select(Need.id, NeverMatch.partner_id, NeverMatch.reason).join(
        NeverMatch, NeverMatch.enterprise_id == Need.organisation_id
    )
    for need_id, partner, reason in session.execute(
        kept_apart.where(Need.id.in_(need_ids)).order_by(NeverMatch.id)
    ):
        yield need_id, partner, f"主办方规定这两家不配：{reason}"
    signed = (
        select(func.coalesce(TechContract.need_id, Intent.need_id), TechContract.seller_id)
        .outerjoin(Intent, Intent.id == TechContract.intent_id)
        .where(
            or_(TechContract.need_id.in_(need_ids), Intent.need_id.in_(need_ids)),
            TechContract.status.not_in(_VOID),
        ),
        select(Agreement.need_id, Agreement.partner_id).where(
            Agreement.need_id.in_(need_ids), Agreement.kind == AgreementKind.TECH_CONTRACT
        ),
        select(Intent.need_id, Intent.partner_id).where(
            Intent.need_id.in_(need_ids), Intent.level == IntentLevel.CONTRACT
        ),
    )
    for wanted in signed:
        for about, signer in session.execute(wanted):
            if about is not None:
                yield about, signer, "双方就这条需求已经签约"


def under(session: Session, organisation_ids: Sequence[int]) -> dict[int, int]:
    """Return organisation → the barred one that it is or belongs to."""
    rows = session.execute(
        select(Organisation.id, Organisation.parent_id).where(
            or_(Organisation.id.in_(organisation_ids), Organisation.parent_id.in_(organisation_ids))
        )
    )
    barred = set(organisation_ids)
    return {own: parent if parent in barred and own not in barred else own for own, parent in rows}


def achievements_of(session: Session, organisation_ids: Sequence[int]) -> list[tuple[int, int]]:
    """Return (achievement, organisation) of everything these organisations own."""
    rows = session.execute(
        select(Achievement.id, Achievement.organisation_id).where(
            Achievement.organisation_id.in_(organisation_ids)
        )
    )
    return [(key, owner) for key, owner in rows if owner is not None]


def barred_pairs(session: Session, need_ids: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """Yield (need, achievement, reason): turned down for an event, or banned everywhere by hand."""
    newest = select(func.max(Pairing.id)).group_by(Pairing.need_id, Pairing.achievement_id)
    declined = select(Pairing.need_id, Pairing.achievement_id, Pairing.answer_note).where(
        Pairing.need_id.in_(need_ids), Pairing.id.in_(newest), Pairing.status == PairingState.DECLINED
    )
    for need_id, achievement_id, note in session.execute(declined.order_by(Pairing.id)):
        yield need_id, achievement_id, f"已婉拒：{note}" if note else "已婉拒"
    banned = select(PairingRule.need_id, PairingRule.achievement_id, PairingRule.reason).where(
        PairingRule.need_id.in_(need_ids), PairingRule.event_id.is_(None), PairingRule.kind == "ban"
    )
    for need_id, achievement_id, reason in session.execute(banned.order_by(PairingRule.id)):
        yield need_id, achievement_id, f"主办方规定不可配对：{reason}"
