"""What came of it: meeting → intent; agreements and contracts are in contracts.py."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.messages import IntentRecorded, OutcomeRecorded
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem, errors
from matchmaker.domain.states import (
    COUNTED_INTENTS,
    IntentLevel,
    MeetingOutcome,
    NeedState,
    PairingState,
    can_move,
)
from matchmaker.errors import InvalidInput, NotAllowed, NotFound
from matchmaker.services.links import Purpose, revoke
from matchmaker.services.moves import move
from matchmaker.services.secrecy import refuse_secrets
from matchmaker.store.tables import Achievement, Debt, Intent, Need, Organisation, Pairing

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
    organisers_only(actor)
    refuse_secrets({"note": note}, {"note": "情况说明"})
    pairing = session.get(Pairing, pairing_id)
    if pairing is None:
        raise NotFound()
    to = _AFTER[outcome]
    if pairing.status is not to and can_move(pairing.status, to):
        move(session, actor, "pairing", pairing, to, reason=note)
    pairing.outcome, pairing.outcome_note = outcome, note.strip()
    pairing.outcome_at, pairing.outcome_by = clock.now(), by or actor.name
    settle(session, "outcome", pairing.id)
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
    organisers_only(actor)
    refuse(_intent_problems(draft))
    refuse_secrets({"matter": draft.matter, "note": draft.note}, {"matter": "合作事项", "note": "说明"})
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
    settle(session, "intent_news", intent.id)
    advance_need(session, actor, intent.need_id, NeedState.INTENDED, wanted=intent.level in COUNTED_INTENTS)
    outbox.record(session, actor, IntentRecorded(intent_id=intent.id, level=intent.level.value))
    return intent


def record_news(session: Session, actor: Actor, *, intent_id: int, note: str, ended: bool = False) -> Intent:
    """Record that an intention moves on, or has come to nothing; what was owed is settled."""
    organisers_only(actor)
    refuse_secrets({"note": note}, {"note": "进展"})
    intent = session.get(Intent, intent_id)
    if intent is None:
        raise NotFound()
    intent.last_news_on = clock.today()
    intent.note = "\n".join(part for part in (intent.note, f"{clock.today()} {note.strip()}") if part.strip())
    intent.ended_on = clock.today() if ended else None
    settle(session, "intent_news", intent.id)
    revoke(session, purpose=Purpose.INTENT, subject_id=intent.id)
    outbox.record(session, actor, IntentRecorded(intent_id=intent.id, level=intent.level.value))
    return intent


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


def refuse(problems: list[Problem]) -> None:
    """Raise InvalidInput when one of the problems is more than a warning."""
    if errors(problems):
        raise InvalidInput(problems)


def organisers_only(actor: Actor) -> None:
    """Raise NotAllowed for anybody but the organiser and the system."""
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


def raise_intent(session: Session, intent_id: int | None, level: IntentLevel, day: date | None) -> None:
    """Make an intention as firm as what was signed for it; what was owed for it is settled."""
    intent = session.get(Intent, intent_id) if intent_id is not None else None
    if intent is None:
        return
    if _LEVELS.index(level) > _LEVELS.index(intent.level):
        intent.level = level
    intent.reached_on = intent.reached_on or day or clock.today()
    intent.last_news_on = clock.today()
    settle(session, "intent_news", intent.id)


def advance_need(session: Session, actor: Actor, need_id: int | None, to: NeedState, *, wanted: bool) -> None:
    """Move a need on where its state allows it."""
    need = session.get(Need, need_id) if need_id is not None and wanted else None
    if need is not None and need.status is not to and can_move(need.status, to):
        move(session, actor, "need", need, to)


def settle(session: Session, kind: str, subject_id: int) -> None:
    """Close what was owed about a thing."""
    session.execute(
        update(Debt)
        .where(Debt.kind == kind, Debt.subject_id == subject_id, Debt.closed_at.is_(None))
        .values(closed_at=clock.now())
    )
