"""What was signed lately, as far as outsiders may know it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from matchmaker.domain.disclosure import masked_firm
from matchmaker.domain.states import (
    SUPPLY_KINDS,
    AgreementKind,
    ContractState,
    Disclosure,
    OrganisationKind,
)
from matchmaker.store.tables import Achievement, Agreement, Intent, Need, Organisation, TechContract

_NOT_SIGNED = (ContractState.DRAFT, ContractState.TERMINATED, ContractState.REVOKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Something signed. `title` is empty where the firm's own words stay inside.

    `kind` is an id of agreement_kind, `contract_kind` one of contract_kind ("" for an agreement).
    """

    on: date
    kind: str
    contract_kind: str
    title: str
    parties: tuple[str, str]


def latest_signings(session: Session, *, most: int = 6) -> list[Signing]:
    """Return agreements and technology contracts, newest first; what both tables hold comes once."""
    found = [*_agreements(session, most), *_contracts(session, most)]
    return sorted(found, key=lambda signing: signing.on, reverse=True)[:most]


def _agreements(session: Session, most: int) -> Iterable[Signing]:
    """A technology contract stands in its own table, a letter of intent is no signing."""
    firm, partner = aliased(Organisation), aliased(Organisation)
    rows = session.execute(
        select(Agreement, firm, partner, Need, Achievement)
        .join(firm, firm.id == Agreement.enterprise_id)
        .join(partner, partner.id == Agreement.partner_id)
        .outerjoin(Intent, Intent.id == Agreement.intent_id)
        .outerjoin(Need, Need.id == func.coalesce(Agreement.need_id, Intent.need_id))
        .outerjoin(Achievement, Achievement.id == Intent.achievement_id)
        .where(
            Agreement.signed_on.is_not(None),
            Agreement.kind.not_in((AgreementKind.TECH_CONTRACT, AgreementKind.INTENT_LETTER)),
        )
        .order_by(Agreement.signed_on.desc(), Agreement.id.desc())
        .limit(most)
    )
    for row, ours, theirs, need, achievement in rows:
        known = _Known.of(need, achievement)
        if row.signed_on is not None:  # asked for above; said again for the types
            yield Signing(
                on=row.signed_on,
                kind=row.kind.value,
                contract_kind="",
                title=known.title(row.title),
                parties=(known.party(ours), known.party(theirs)),
            )


def _contracts(session: Session, most: int) -> Iterable[Signing]:
    buyer, seller = aliased(Organisation), aliased(Organisation)
    rows = session.execute(
        select(TechContract, buyer, seller, Need, Achievement)
        .join(buyer, buyer.id == TechContract.buyer_id)
        .join(seller, seller.id == TechContract.seller_id)
        .outerjoin(Intent, Intent.id == TechContract.intent_id)
        .outerjoin(Need, Need.id == func.coalesce(TechContract.need_id, Intent.need_id))
        .outerjoin(
            Achievement, Achievement.id == func.coalesce(TechContract.achievement_id, Intent.achievement_id)
        )
        .where(TechContract.status.not_in(_NOT_SIGNED))
        .order_by(TechContract.signed_on.desc(), TechContract.id.desc())
        .limit(most)
    )
    for row, ours, theirs, need, achievement in rows:
        known = _Known.of(need, achievement)
        yield Signing(
            on=row.signed_on,
            kind=AgreementKind.TECH_CONTRACT.value,
            contract_kind=row.kind.value,
            title=known.title(row.title),
            parties=(known.party(ours), known.party(theirs)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What was disclosed to everybody of the need and the achievement behind a paper.

    A firm is named, and the paper's own title shown, only where its need is open.
    """

    need_open: bool
    achievement_open: bool
    approved_title: str

    @classmethod
    def of(cls, need: Need | None, achievement: Achievement | None) -> "_Known":
        return cls(
            need_open=need is not None and need.disclosure is Disclosure.PUBLIC,
            achievement_open=achievement is None or achievement.disclosure is Disclosure.PUBLIC,
            approved_title=need.public_title if need and need.disclosure is Disclosure.MASKED else "",
        )

    def title(self, own_words: str) -> str:
        return own_words if self.need_open and self.achievement_open else self.approved_title

    def party(self, side: Organisation) -> str:
        if side.kind in SUPPLY_KINDS:
            return side.name if self.achievement_open else "某高校院所"
        if side.kind is OrganisationKind.ENTERPRISE and not self.need_open:
            return masked_firm(trade="", size=side.size, town=side.town)
        return side.name
