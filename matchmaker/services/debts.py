"""Finds answers that are owed, asks the one who owes them, and stops when they are recorded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.bus.work import Work
from matchmaker.domain.messages import DebtOpened
from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.states import ContractState, EventState, IntentLevel, PairingState
from matchmaker.services.links import Purpose, make_link
from matchmaker.services.notices import (
    Plan,
    Recipient,
    person_recipient,
    plan_with,
    still_asked,
    users_of,
    with_contact,
)
from matchmaker.settings import Settings
from matchmaker.store.queries.pairings import standing_list_ids
from matchmaker.store.queries.withdrawals import withdrawn_now
from matchmaker.store.tables import (
    Achievement,
    Debt,
    Event,
    Intent,
    Need,
    Organisation,
    Pairing,
    TechContract,
)

_WITHOUT_OUTCOME = (
    PairingState.INVITED,
    PairingState.ACCEPTED_NEED,
    PairingState.ACCEPTED_ACH,
    PairingState.ACCEPTED_BOTH,
    PairingState.SCHEDULED,
)
_UNREGISTERED = (ContractState.SIGNED, ContractState.AMENDED)
_PURPOSES = {
    "outcome": Purpose.OUTCOME,
    "intent_news": Purpose.INTENT,
    "registration": Purpose.REGISTRATION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owed:
    kind: str
    subject_id: int
    stage: int
    organisation_id: int | None
    person_id: int | None
    due_on: date


def find_debts(session: Session, settings: Settings) -> int:
    """Open what is newly owed as of today and record it; return how many. Run twice, it opens nothing new."""
    opened = 0
    for owed in (*_outcomes(session, settings), *_intents(session, settings), *_contracts(session, settings)):
        known = session.scalar(
            select(Debt.id).where(
                Debt.kind == owed.kind, Debt.subject_id == owed.subject_id, Debt.stage == owed.stage
            )
        )
        if known is None:
            _open(session, owed)
            opened += 1
    return opened


def _open(session: Session, owed: _Owed) -> None:
    row = Debt(
        kind=owed.kind,
        subject_id=owed.subject_id,
        stage=owed.stage,
        organisation_id=owed.organisation_id,
        person_id=owed.person_id,
        due_on=owed.due_on,
        opened_at=clock.now(),
    )
    session.add(row)
    session.flush()
    outbox.record(session, SYSTEM, DebtOpened(debt_id=row.id))


def _outcomes(session: Session, settings: Settings) -> Iterator[_Owed]:
    """Meetings of past events nobody has said anything about."""
    wait_days = timedelta(days=settings.follow_up.outcome_days)
    rows = session.execute(
        select(Pairing, Event, Need)
        .join(Event, Event.id == Pairing.event_id)
        .join(Need, Need.id == Pairing.need_id)
        .where(
            Pairing.list_id.in_(standing_list_ids(session)),
            Pairing.outcome.is_(None),
            Pairing.status.in_(_WITHOUT_OUTCOME),
            Event.status.in_((EventState.OPEN, EventState.HELD)),
            Event.held_on <= clock.today() - wait_days,
        )
        .order_by(Pairing.id)
    )
    for pairing, event, need in rows:
        yield _Owed(
            kind="outcome",
            subject_id=pairing.id,
            stage=0,
            organisation_id=need.organisation_id,
            person_id=need.contact_id,
            due_on=event.held_on + wait_days,
        )


def _intents(session: Session, settings: Settings) -> Iterator[_Owed]:
    """Intentions without news for 30, 90, 180 days; only the longest wait that has passed is opened."""
    rows = session.execute(
        select(Intent, Need.contact_id)
        .outerjoin(Need, Need.id == Intent.need_id)
        .where(
            Intent.ended_on.is_(None),
            Intent.level.in_((IntentLevel.CONTACTED, IntentLevel.VERBAL, IntentLevel.WRITTEN)),
        )
        .order_by(Intent.id)
    )
    for intent, contact_id in rows:
        passed = [
            days
            for days in settings.follow_up.intent_days
            if intent.last_news_on + timedelta(days=days) <= clock.today()
        ]
        if passed:
            yield _Owed(
                kind="intent_news",
                subject_id=intent.id,
                stage=_stage(intent.last_news_on, max(passed)),
                organisation_id=intent.enterprise_id,
                person_id=contact_id,
                due_on=intent.last_news_on + timedelta(days=max(passed)),
            )


def _stage(last_news_on: date, days: int) -> int:
    """Name one wait after one piece of news: later news starts the 30, 90, 180 days anew."""
    return last_news_on.toordinal() * 1000 + days


def _contracts(session: Session, settings: Settings) -> Iterator[_Owed]:
    """Signed contracts that are not registered in time; the seller registers, where the seller is."""
    wait_days = timedelta(days=settings.follow_up.registration_days)
    rows = session.execute(
        select(TechContract, Need.contact_id, Achievement.contact_id)
        .outerjoin(Need, Need.id == TechContract.need_id)
        .outerjoin(Achievement, Achievement.id == TechContract.achievement_id)
        .where(TechContract.status.in_(_UNREGISTERED), TechContract.signed_on <= clock.today() - wait_days)
        .order_by(TechContract.id)
    )
    for contract, _buyer_contact, seller_contact in rows:
        yield _Owed(
            kind="registration",
            subject_id=contract.id,
            stage=0,
            organisation_id=contract.seller_id,
            person_id=seller_contact,
            due_on=contract.signed_on + wait_days,
        )


def ask_debtor(work: Work, message: DebtOpened) -> None:
    """Ask the one who owes an answer, with a link by which it can be given without an account."""
    plan_with(_ask, work, message)


def _ask(session: Session, settings: Settings, message: DebtOpened) -> list[Plan]:
    debt = session.get(Debt, message.debt_id)
    if debt is None or debt.closed_at is not None:
        return []
    told = with_contact(
        users_of(session, [debt.organisation_id] if debt.organisation_id else []),
        person_recipient(session, debt.person_id),
    )
    facts = _facts(session, debt)
    return [
        _plan(session, settings, debt, recipient, facts)
        for recipient in still_asked(withdrawn_now(session), told)
    ]


def _plan(
    session: Session, settings: Settings, debt: Debt, recipient: Recipient, facts: dict[str, str]
) -> Plan:
    address = make_link(
        session,
        settings,
        purpose=_PURPOSES[debt.kind],
        subject_id=debt.subject_id,
        person_id=recipient.person_id,
    )
    return Plan(
        kind=f"ask_{debt.kind}",
        key=str(debt.id),
        recipient=recipient,
        context=facts | {"address": address},
        link=address.removeprefix(settings.public_url),
    )


def _facts(session: Session, debt: Debt) -> dict[str, str]:
    if debt.kind == "outcome":
        pairing = session.get_one(Pairing, debt.subject_id)
        return {
            "title": session.get_one(Need, pairing.need_id).title,
            "event": session.get_one(Event, pairing.event_id).title,
        }
    if debt.kind == "intent_news":
        intent = session.get_one(Intent, debt.subject_id)
        partner = session.get_one(Organisation, intent.partner_id).name
        return {"title": intent.matter, "partner": partner, "days": str(debt.stage % 1000)}
    contract = session.get_one(TechContract, debt.subject_id)
    return {"title": contract.title, "signed": f"{contract.signed_on:%Y年%m月%d日}"}
