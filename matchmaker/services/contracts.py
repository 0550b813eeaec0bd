"""What was signed: agreements, technology contracts, and their registration."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.figures import direction_of
from matchmaker.domain.messages import AgreementSigned, ContractRecorded
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem, Severity
from matchmaker.domain.secrecy import secret_problems
from matchmaker.domain.states import (
    COUNTED_CONTRACTS,
    AgreementKind,
    ContractKind,
    ContractState,
    IntentLevel,
    NeedState,
)
from matchmaker.errors import NotFound
from matchmaker.services.links import Purpose, revoke
from matchmaker.services.moves import move
from matchmaker.services.outcomes import advance_need, organisers_only, raise_intent, refuse, settle
from matchmaker.services.secrecy import secrecy_words
from matchmaker.store.tables import Agreement, Organisation, TechContract

_LARGE_FEN = 10_000_000_000  # one 亿: a county contract beyond it deserves a second look at the unit


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementDraft:
    """Something signed, as somebody reports it."""

    kind: AgreementKind
    title: str
    enterprise_id: int
    partner_id: int
    signed_on: date | None
    valid_to: date | None = None
    intent_id: int | None = None
    need_id: int | None = None
    event_id: int | None = None
    amount_fen: int | None = None
    note: str = ""


def sign_agreement(session: Session, actor: Actor, draft: AgreementDraft) -> Agreement:
    """Record a signed agreement; the intention behind it becomes 合同 level, not a second one."""
    organisers_only(actor)
    refuse(_agreement_problems(draft))
    row = Agreement(
        kind=draft.kind,
        title=draft.title.strip(),
        enterprise_id=draft.enterprise_id,
        partner_id=draft.partner_id,
        intent_id=draft.intent_id,
        need_id=draft.need_id,
        event_id=draft.event_id,
        amount_fen=draft.amount_fen,
        signed_on=draft.signed_on,
        valid_to=draft.valid_to,
        note=draft.note.strip(),
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    level = IntentLevel.WRITTEN if draft.kind is AgreementKind.INTENT_LETTER else IntentLevel.CONTRACT
    raise_intent(session, draft.intent_id, level, draft.signed_on)
    outbox.record(session, actor, AgreementSigned(agreement_id=row.id))
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractDraft:
    """A technology contract as its papers say; amounts in fen."""

    kind: ContractKind
    title: str
    buyer_id: int
    seller_id: int
    amount_total_fen: int | None
    amount_tech_fen: int | None
    signed_on: date | None
    subtype: str = ""
    registration_no: str = ""
    registered_on: date | None = None
    registration_office: str = ""
    valid_to: date | None = None
    agreement_id: int | None = None
    intent_id: int | None = None
    need_id: int | None = None
    achievement_id: int | None = None
    event_id: int | None = None
    note: str = ""


def sign_contract(session: Session, actor: Actor, draft: ContractDraft) -> TechContract:
    """Record a signed technology contract, registered already when it carries its number and day.

    The intention behind it becomes 合同 level, its need 已签约. Raises InvalidInput with every problem.
    """
    organisers_only(actor)
    refuse(check_contract(draft) + _number_taken(session, draft.registration_no))
    registered = bool(draft.registration_no.strip())
    row = TechContract(
        kind=draft.kind,
        subtype=draft.subtype,
        title=draft.title.strip(),
        status=ContractState.REGISTERED if registered else ContractState.SIGNED,
        buyer_id=draft.buyer_id,
        seller_id=draft.seller_id,
        direction=direction_of(
            seller_local=session.get_one(Organisation, draft.seller_id).local,
            buyer_local=session.get_one(Organisation, draft.buyer_id).local,
        ),
        amount_total_fen=draft.amount_total_fen,
        amount_tech_fen=draft.amount_tech_fen,
        signed_on=draft.signed_on,
        registration_no=draft.registration_no.strip() or None,
        registered_on=draft.registered_on,
        registration_office=draft.registration_office.strip(),
        valid_to=draft.valid_to,
        agreement_id=draft.agreement_id,
        intent_id=draft.intent_id,
        need_id=draft.need_id,
        achievement_id=draft.achievement_id,
        event_id=draft.event_id,
        note=draft.note.strip(),
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    raise_intent(session, draft.intent_id, IntentLevel.CONTRACT, draft.signed_on)
    advance_need(session, actor, draft.need_id, NeedState.CONTRACTED, wanted=True)
    outbox.record(session, actor, ContractRecorded(contract_id=row.id, to=row.status.value))
    return row


def register_contract(
    session: Session,
    actor: Actor,
    *,
    contract_id: int,
    registration_no: str,
    registered_on: date | None,
    amount_tech_fen: int | None,
) -> TechContract:
    """Record a contract's registration and its approved technical amount (核定技术交易额)."""
    organisers_only(actor)
    contract = session.get(TechContract, contract_id)
    if contract is None:
        raise NotFound()
    number = registration_no.strip()
    taken = _number_taken(session, number) if number != contract.registration_no else []
    refuse(_registration_problems(contract, number, registered_on, amount_tech_fen) + taken)
    if contract.status not in COUNTED_CONTRACTS:
        move(session, actor, "contract", contract, ContractState.REGISTERED)
    contract.registration_no, contract.registered_on = number, registered_on
    contract.amount_tech_fen = amount_tech_fen
    settle(session, "registration", contract.id)
    revoke(session, purpose=Purpose.REGISTRATION, subject_id=contract.id)
    outbox.record(session, actor, ContractRecorded(contract_id=contract.id, to="registered"))
    return contract


def move_contract(
    session: Session, actor: Actor, *, contract_id: int, to: ContractState, reason: str
) -> TechContract:
    """Move a contract on (performing, completed, terminated, revoked), with the reason."""
    organisers_only(actor)
    contract = session.get(TechContract, contract_id)
    if contract is None:
        raise NotFound()
    if contract.status is to:
        return contract
    if not reason.strip():
        refuse([Problem(field="reason", code="missing", message="请写明变更的原因或依据。")])
    move(session, actor, "contract", contract, to, reason=reason)
    outbox.record(session, actor, ContractRecorded(contract_id=contract.id, to=to.value))
    return contract


def check_contract(draft: ContractDraft) -> list[Problem]:
    """Return every problem of a contract; a very large amount is a warning to look at the unit."""
    found = []
    if not draft.title.strip():
        found.append(Problem(field="title", code="missing", message="请填写合同（项目）名称。"))
    found += secret_problems({"title": draft.title}, {"title": "合同名称"}, secrecy_words())
    if draft.signed_on is None:
        found.append(Problem(field="signed_on", code="missing", message="请填写合同签订日期。"))
    elif draft.signed_on > clock.today():
        found.append(Problem(field="signed_on", code="future", message="签订日期还没有到，请核对。"))
    if draft.buyer_id == draft.seller_id:
        found.append(Problem(field="seller_id", code="same", message="买方和卖方是同一家单位，请核对。"))
    found += _amount_problems(draft.amount_total_fen, draft.amount_tech_fen)
    number = draft.registration_no.strip()
    if bool(number) != (draft.registered_on is not None):
        found.append(
            Problem(
                field="registration_no",
                code="half",
                message="登记编号和登记日期要一起填写；还没登记就都留空。",
            )
        )
    if draft.registered_on and draft.signed_on and draft.registered_on < draft.signed_on:
        found.append(Problem(field="registered_on", code="order", message="登记日期早于签订日期，请核对。"))
    return found


def _amount_problems(total: int | None, tech: int | None) -> list[Problem]:
    if total is None:
        return [Problem(field="amount_total", code="missing", message="请填写合同总额（万元）。")]
    found = []
    if total < 0 or (tech is not None and tech < 0):
        found.append(Problem(field="amount_total", code="negative", message="金额不能为负数。"))
    if tech is not None and tech > total:
        found.append(
            Problem(
                field="amount_tech",
                code="beyond",
                message="技术交易额不能大于合同总额（应扣除设备、材料等非技术性费用）。",
            )
        )
    if total > _LARGE_FEN:
        words = "合同总额超过 1 亿元，请核对单位是元还是万元。"
        found.append(Problem(field="amount_total", code="large", message=words, severity=Severity.WARNING))
    return found


def _registration_problems(
    contract: TechContract, number: str, registered_on: date | None, tech: int | None
) -> list[Problem]:
    found = _amount_problems(contract.amount_total_fen, tech)
    if not number:
        found.append(Problem(field="registration_no", code="missing", message="请填写合同认定登记编号。"))
    if registered_on is None:
        found.append(Problem(field="registered_on", code="missing", message="请填写登记日期。"))
    elif registered_on < contract.signed_on:
        found.append(Problem(field="registered_on", code="order", message="登记日期早于签订日期，请核对。"))
    return found


def _number_taken(session: Session, number: str) -> list[Problem]:
    number = number.strip()
    if (
        not number
        or session.scalar(select(TechContract.id).where(TechContract.registration_no == number)) is None
    ):
        return []
    words = f"登记编号 {number} 已经登记在另一份合同上，同一合同只能计一次。"
    return [Problem(field="registration_no", code="taken", message=words)]


def _agreement_problems(draft: AgreementDraft) -> list[Problem]:
    found = []
    if not draft.title.strip():
        found.append(Problem(field="title", code="missing", message="请填写协议名称。"))
    if draft.enterprise_id == draft.partner_id:
        found.append(Problem(field="partner_id", code="same", message="签约双方是同一家单位，请核对。"))
    if draft.signed_on is None:
        found.append(Problem(field="signed_on", code="missing", message="请填写签订日期。"))
    return found
