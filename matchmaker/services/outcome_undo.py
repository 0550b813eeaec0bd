"""Takes the outcome of a meeting back: the pairing, what was owed, the answer links and the intention.

`outcome_before` is asked before an outcome is recorded and `outcome_after` once it is; together they
are kept with the desk's step. Whatever has moved on since is not taken back, and it is said why.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import COUNTED_INTENTS, IntentLevel, MeetingOutcome, NeedState, PairingState
from matchmaker.services.links import Purpose, open_links
from matchmaker.services.moves import put_back
from matchmaker.store.tables import Agreement, AnswerLink, Debt, Evidence, Intent, Need, Pairing, TechContract

_INTENT_FIELDS = ("level", "reached_on", "amount_fen", "witness", "note", "last_news_on", "ended_on")
_DATES = frozenset({"reached_on", "last_news_on", "ended_on"})
_MOVED_ON = "这场已经登记了合作意向，之后又有新的进展。要更正，请到“跟踪台账”里修改。"

_SAID_ANEW = "这场的结果后来又改过，撤销会盖掉新的结果。要更正，请直接改这场的结果。"


def outcome_before(session: Session, pairing: Pairing) -> list[Any]:
    """Return what an undo needs: [id, state, outcome, note, when, who, what hangs on it]."""
    return [
        pairing.id,
        pairing.status.value,
        pairing.outcome.value if pairing.outcome else None,
        pairing.outcome_note,
        pairing.outcome_at.isoformat() if pairing.outcome_at else None,
        pairing.outcome_by,
        {
            "debts": _open_debts(session, "outcome", pairing.id),
            "links": [row.id for row in open_links(session, purpose=Purpose.OUTCOME, subject_id=pairing.id)],
            "need": session.get_one(Need, pairing.need_id).status.value,
            "intents": [_intent_before(session, row) for row in _intents_of(session, pairing)],
        },
    ]


def outcome_after(session: Session, former: list[Any]) -> list[Any]:
    """Return `former` with when the outcome was noted, and the intention it opened or made firmer."""
    session.flush()
    pairing = session.get_one(Pairing, former[0])
    noted_at = pairing.outcome_at.isoformat() if pairing.outcome_at else None
    former = [*former[:6], former[6] | {"noted_at": noted_at}]
    known = {row["id"]: row for row in former[6]["intents"]}
    for intent in _intents_of(session, pairing):
        before = known.get(intent.id)
        if before is None or before["version"] != intent.version:
            touched = {"id": intent.id, "version": intent.version, "before": before}
            return [*former[:6], former[6] | {"touched": touched}]
    return former


def _intents_of(session: Session, pairing: Pairing) -> Sequence[Intent]:
    matter = f"need-{pairing.need_id}-{pairing.achievement_id}"
    return session.scalars(select(Intent).where(Intent.matter_key == matter).order_by(Intent.id)).all()


def _intent_before(session: Session, intent: Intent) -> dict[str, Any]:
    values = {name: getattr(intent, name) for name in _INTENT_FIELDS}
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
    debts = _open_debts(session, "intent_news", intent.id)
    return plain | {"id": intent.id, "version": intent.version, "debts": debts}


def _open_debts(session: Session, kind: str, subject_id: int) -> list[int]:
    return list(
        session.scalars(
            select(Debt.id)
            .where(Debt.kind == kind, Debt.subject_id == subject_id, Debt.closed_at.is_(None))
            .order_by(Debt.id)
        )
    )


def why_outcome_stays(session: Session, former: list[Any]) -> str | None:
    """Return why an outcome cannot be taken back any more, or None."""
    pairing, hanging = session.get_one(Pairing, former[0]), _hanging(former)
    noted_at, touched = hanging.get("noted_at"), hanging.get("touched")
    if noted_at and pairing.outcome_at != datetime.fromisoformat(noted_at):
        return _SAID_ANEW
    if touched is None:
        # Steps noted before the intention was kept with them cannot say what it was.
        return _MOVED_ON if len(former) == 6 and pairing.outcome is MeetingOutcome.INTENT else None
    intent = session.get(Intent, touched["id"])
    if intent is None or intent.version != touched["version"] or _signed(session, intent.id):
        return _MOVED_ON
    return None


def _signed(session: Session, intent_id: int) -> bool:
    papers = (
        select(Agreement.id).where(Agreement.intent_id == intent_id),
        select(TechContract.id).where(TechContract.intent_id == intent_id),
        select(Evidence.id).where(Evidence.subject_kind == "intent", Evidence.subject_id == intent_id),
    )
    return any(session.scalar(paper.limit(1)) is not None for paper in papers)


def put_outcome_back(session: Session, actor: Actor, former: list[Any], *, reason: str) -> None:
    """Restore a pairing's outcome and state, and all that recording it had changed."""
    pairing_id, status, outcome, note, at, by, *_rest = former
    pairing = session.get_one(Pairing, pairing_id)
    if pairing.status.value != status:
        put_back(session, actor, "pairing", pairing, PairingState(status), reason=reason)
    pairing.outcome = MeetingOutcome(outcome) if outcome else None
    pairing.outcome_note, pairing.outcome_by = note, by
    pairing.outcome_at = datetime.fromisoformat(at) if at else None
    hanging = _hanging(former)
    _owe_again(session, hanging.get("debts", []))
    _open_again(session, hanging.get("links", []))
    if "touched" in hanging:
        _put_intent_back(session, hanging["touched"])
        _put_need_back(session, actor, pairing, NeedState(hanging["need"]), reason=reason)


def _hanging(former: list[Any]) -> dict[str, Any]:
    hanging: dict[str, Any] = former[6] if len(former) > 6 else {}
    return hanging


def _owe_again(session: Session, debt_ids: list[int]) -> None:
    session.execute(update(Debt).where(Debt.id.in_(debt_ids)).values(closed_at=None))


def _open_again(session: Session, link_ids: list[int]) -> None:
    """Let the answer links work again that were spent because the answer had come another way."""
    session.execute(
        update(AnswerLink)
        .where(AnswerLink.id.in_(link_ids), AnswerLink.expires_at > clock.now())
        .values(used_at=None)
    )


def _put_intent_back(session: Session, touched: dict[str, Any]) -> None:
    intent, before = session.get_one(Intent, touched["id"]), touched["before"]
    if before is None:
        session.delete(intent)
        session.flush()
        return
    for name in _INTENT_FIELDS:
        value = before[name]
        setattr(intent, name, date.fromisoformat(value) if name in _DATES and value else value)
    intent.level = IntentLevel(before["level"])
    _owe_again(session, before["debts"])
    session.flush()


def _put_need_back(session: Session, actor: Actor, pairing: Pairing, to: NeedState, *, reason: str) -> None:
    """Move a need down again, unless another intention holds it where it is."""
    need = session.get_one(Need, pairing.need_id)
    others = select(Intent.id).where(
        Intent.need_id == need.id,
        Intent.ended_on.is_(None),
        Intent.level.in_(COUNTED_INTENTS),
    )
    if (
        need.status is NeedState.INTENDED
        and to is not need.status
        and session.scalar(others.limit(1)) is None
    ):
        put_back(session, actor, "need", need, to, reason=reason)
