"""What came of it: meeting → intent → agreement → technology contract → registration."""

import hashlib
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.figures import direction_of
from matchmaker.domain.messages import AgreementSigned, ContractRecorded, IntentRecorded, OutcomeRecorded
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem, Severity, errors
from matchmaker.domain.states import (
    COUNTED_CONTRACTS,
    COUNTED_INTENTS,
    AgreementKind,
    ContractKind,
    ContractState,
    IntentLevel,
    MeetingOutcome,
    NeedState,
    PairingState,
    can_move,
)
from matchmaker.errors import InvalidInput, NotAllowed, NotFound
from matchmaker.services.links import Purpose, revoke
from matchmaker.services.moves import move
from matchmaker.store.tables import (
    Achievement,
    Agreement,
    Debt,
    Evidence,
    Intent,
    Need,
    Organisation,
    Pairing,
    TechContract,
)

_LARGE_FEN = 10_000_000_000  # one 亿: a county contract beyond it deserves a second look at the unit
_AFTER = {
    MeetingOutcome.HELD: PairingState.MET,
    MeetingOutcome.FOLLOW_UP: PairingState.MET,
    MeetingOutcome.INTENT: PairingState.INTENDED,
    MeetingOutcome.NO_INTEREST: PairingState.LAPSED,
    MeetingOutcome.NO_SHOW: PairingState.LAPSED,
}
_LEVELS = list(IntentLevel)


def record_outcome(
    session: Session, actor: Actor, *, pairing_id: int, outcome: MeetingOutcome, note: str = "", by: str = ""
) -> Pairing:
    """Record what a meeting came to; an intention said there opens an intent.

    Said again, the newer word stands. Closes what was owed for it, and its answer links. Raises
    NotAllowed unless the actor organises or is the system (for answer links, which name `by`).
    """
    _organisers_only(actor)
    pairing = session.get(Pairing, pairing_id)
    if pairing is None:
        raise NotFound()
    to = _AFTER[outcome]
    if pairing.status is not to and can_move(pairing.status, to):
        move(session, actor, "pairing", pairing, to, reason=note)
    pairing.outcome, pairing.outcome_note = outcome, note.strip()
    pairing.outcome_at, pairing.outcome_by = clock.now(), by or actor.name
    _settle(session, "outcome", pairing.id)
    revoke(session, purpose=Purpose.OUTCOME, subject_id=pairing.id)
    outbox.record(session, actor, OutcomeRecorded(pairing_id=pairing.id, outcome=outcome.value))
    if outcome is MeetingOutcome.INTENT:
        record_intent(session, actor, _intent_of(session, pairing, note, witness=by or actor.name))
    return pairing


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentDraft:
    """An intention as somebody reports it; amounts in fen, never counted as turnover."""

    enterprise_id: int
    partner_id: int
    matter: str
    level: IntentLevel
    reached_on: date | None
    need_id: int | None = None
    achievement_id: int | None = None
    pairing_id: int | None = None
    event_id: int | None = None
    amount_fen: int | None = None
    witness: str = ""
    note: str = ""


def record_intent(session: Session, actor: Actor, draft: IntentDraft) -> Intent:
    """Record an intention, or make the one that is there firmer.

    One per enterprise, partner and matter, however often it is said; its level only grows and its
    first day stands. Raises InvalidInput with every problem.
    """
    _organisers_only(actor)
    _refuse(_intent_problems(draft))
    intent = session.scalar(
        select(Intent).where(
            Intent.enterprise_id == draft.enterprise_id,
            Intent.partner_id == draft.partner_id,
            Intent.matter_key == _matter_key(draft),
        )
    )
    if intent is None:
        intent = _new_intent(draft)
        session.add(intent)
    elif _LEVELS.index(draft.level) > _LEVELS.index(intent.level):
        intent.level = draft.level
    if intent.level in COUNTED_INTENTS and intent.reached_on is None:
        intent.reached_on = draft.reached_on or clock.today()
    intent.amount_fen = draft.amount_fen if draft.amount_fen is not None else intent.amount_fen
    intent.witness, intent.note = draft.witness or intent.witness, draft.note or intent.note
    intent.last_news_on = clock.today()
    session.flush()
    _settle(session, "intent_news", intent.id)
    _advance_need(session, actor, intent.need_id, NeedState.INTENDED, wanted=intent.level in COUNTED_INTENTS)
    outbox.record(session, actor, IntentRecorded(intent_id=intent.id, level=intent.level.value))
    return intent


def record_news(session: Session, actor: Actor, *, intent_id: int, note: str, ended: bool = False) -> Intent:
    """Record that an intention moves on, or has come to nothing; what was owed is settled."""
    _organisers_only(actor)
    intent = session.get(Intent, intent_id)
    if intent is None:
        raise NotFound()
    intent.last_news_on = clock.today()
    intent.note = "\n".join(part for part in (intent.note, f"{clock.today()} {note.strip()}") if part.strip())
    intent.ended_on = clock.today() if ended else None
    _settle(session, "intent_news", intent.id)
    revoke(session, purpose=Purpose.INTENT, subject_id=intent.id)
    outbox.record(session, actor, IntentRecorded(intent_id=intent.id, level=intent.level.value))
    return intent


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
    _organisers_only(actor)
    _refuse(_agreement_problems(draft))
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
    _raise_intent(session, draft.intent_id, level, draft.signed_on)
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
    _organisers_only(actor)
    _refuse(check_contract(draft) + _number_taken(session, draft.registration_no))
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
    _raise_intent(session, draft.intent_id, IntentLevel.CONTRACT, draft.signed_on)
    _advance_need(session, actor, draft.need_id, NeedState.CONTRACTED, wanted=True)
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
    _organisers_only(actor)
    contract = session.get(TechContract, contract_id)
    if contract is None:
        raise NotFound()
    number = registration_no.strip()
    taken = _number_taken(session, number) if number != contract.registration_no else []
    _refuse(_registration_problems(contract, number, registered_on, amount_tech_fen) + taken)
    if contract.status not in COUNTED_CONTRACTS:
        move(session, actor, "contract", contract, ContractState.REGISTERED)
    contract.registration_no, contract.registered_on = number, registered_on
    contract.amount_tech_fen = amount_tech_fen
    _settle(session, "registration", contract.id)
    revoke(session, purpose=Purpose.REGISTRATION, subject_id=contract.id)
    outbox.record(session, actor, ContractRecorded(contract_id=contract.id, to="registered"))
    return contract


def move_contract(
    session: Session, actor: Actor, *, contract_id: int, to: ContractState, reason: str
) -> TechContract:
    """Move a contract on (performing, completed, terminated, revoked), with the reason."""
    _organisers_only(actor)
    contract = session.get(TechContract, contract_id)
    if contract is None:
        raise NotFound()
    if contract.status is to:
        return contract
    if not reason.strip():
        _refuse([Problem(field="reason", code="missing", message="请写明变更的原因或依据。")])
    move(session, actor, "contract", contract, to, reason=reason)
    outbox.record(session, actor, ContractRecorded(contract_id=contract.id, to=to.value))
    return contract


def add_evidence(
    session: Session,
    actor: Actor,
    *,
    kind: str,
    subject_id: int,
    filename: str,
    media_type: str,
    content: bytes,
    note: str = "",
) -> Evidence:
    """Keep a paper of an intent, agreement, contract or solved need."""
    _organisers_only(actor)
    if not content:
        _refuse([Problem(field="file", code="empty", message="这个文件是空的，请重新选择。")])
    row = Evidence(
        subject_kind=kind,
        subject_id=subject_id,
        filename=filename[:200],
        media_type=media_type[:100],
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        note=note.strip()[:200],
        user_id=actor.user_id,
        at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def check_contract(draft: ContractDraft) -> list[Problem]:
    """Return every problem of a contract; a very large amount is a warning to look at the unit."""
    found = []
    if not draft.title.strip():
        found.append(Problem(field="title", code="missing", message="请填写合同（项目）名称。"))
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


def _intent_problems(draft: IntentDraft) -> list[Problem]:
    found = []
    if not draft.matter.strip():
        found.append(Problem(field="matter", code="missing", message="请写明合作事项。"))
    if draft.enterprise_id == draft.partner_id:
        found.append(Problem(field="partner_id", code="same", message="合作双方是同一家单位，请核对。"))
    if draft.level is IntentLevel.VERBAL and not draft.witness.strip():
        found.append(
            Problem(field="witness", code="missing", message="口头意向请填写见证人或确认人，便于核实。")
        )
    return found


def _agreement_problems(draft: AgreementDraft) -> list[Problem]:
    found = []
    if not draft.title.strip():
        found.append(Problem(field="title", code="missing", message="请填写协议名称。"))
    if draft.enterprise_id == draft.partner_id:
        found.append(Problem(field="partner_id", code="same", message="签约双方是同一家单位，请核对。"))
    if draft.signed_on is None:
        found.append(Problem(field="signed_on", code="missing", message="请填写签订日期。"))
    return found


def _refuse(problems: list[Problem]) -> None:
    if errors(problems):
        raise InvalidInput(problems)


def _organisers_only(actor: Actor) -> None:
    if not actor.organises:
        raise NotAllowed()


def _matter_key(draft: IntentDraft) -> str:
    if draft.need_id is not None:
        return f"need-{draft.need_id}-{draft.achievement_id or 0}"
    return "".join(draft.matter.split()).lower()[:200]


def _new_intent(draft: IntentDraft) -> Intent:
    return Intent(
        enterprise_id=draft.enterprise_id,
        partner_id=draft.partner_id,
        matter=draft.matter.strip()[:200],
        matter_key=_matter_key(draft),
        need_id=draft.need_id,
        achievement_id=draft.achievement_id,
        pairing_id=draft.pairing_id,
        event_id=draft.event_id,
        level=draft.level,
        reached_on=draft.reached_on if draft.level in COUNTED_INTENTS else None,
        last_news_on=clock.today(),
        created_at=clock.now(),
    )


def _intent_of(session: Session, pairing: Pairing, note: str, *, witness: str) -> IntentDraft:
    need = session.get_one(Need, pairing.need_id)
    owner_id = session.get_one(Achievement, pairing.achievement_id).organisation_id
    if owner_id is None:
        raise InvalidInput(
            [Problem(field="outcome", code="no_owner", message="这项成果没有完成单位，请先补上再记意向。")]
        )
    owner = session.get_one(Organisation, owner_id)
    return IntentDraft(
        enterprise_id=need.organisation_id,
        partner_id=owner.parent_id or owner.id,
        matter=need.title,
        level=IntentLevel.VERBAL,
        reached_on=clock.today(),
        need_id=need.id,
        achievement_id=pairing.achievement_id,
        pairing_id=pairing.id,
        event_id=pairing.event_id,
        witness=witness or "主办方现场确认",
        note=note,
    )


def _raise_intent(session: Session, intent_id: int | None, level: IntentLevel, day: date | None) -> None:
    intent = session.get(Intent, intent_id) if intent_id is not None else None
    if intent is None:
        return
    if _LEVELS.index(level) > _LEVELS.index(intent.level):
        intent.level = level
    intent.reached_on = intent.reached_on or day or clock.today()
    intent.last_news_on = clock.today()
    _settle(session, "intent_news", intent.id)


def _advance_need(
    session: Session, actor: Actor, need_id: int | None, to: NeedState, *, wanted: bool
) -> None:
    need = session.get(Need, need_id) if need_id is not None and wanted else None
    if need is not None and need.status is not to and can_move(need.status, to):
        move(session, actor, "need", need, to)


def _settle(session: Session, kind: str, subject_id: int) -> None:
    session.execute(
        update(Debt)
        .where(Debt.kind == kind, Debt.subject_id == subject_id, Debt.closed_at.is_(None))
        .values(closed_at=clock.now())
    )
