"""What counts, and how often: the rules of config/metrics.json over plain facts.

Every figure keeps the ids it was counted from, so that a page can show the rows behind a number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from matchmaker.domain.states import (
    COUNTED_CONTRACTS,
    COUNTED_INTENTS,
    AgreementKind,
    ContractState,
    Direction,
    IntentLevel,
)

# kinds of events that are matchmaking: trainings and open days are counted elsewhere
MATCHMAKING_KINDS = frozenset(
    {"matchmaking", "roadshow", "themed", "visit_in", "visit_out", "open_bid", "contest", "forum", "online"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A stretch of days, both ends in it; open ends are None."""

    start: date | None = None
    end: date | None = None

    def has(self, day: date | None) -> bool:
        """Say whether a day lies in the period; no day never does."""
        if day is None:
            return False
        return (self.start is None or day >= self.start) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentFact:
    """An intention: counted once, on the day it was reached."""

    intent_id: int
    level: IntentLevel
    reached_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementFact:
    """Something signed."""

    agreement_id: int
    kind: AgreementKind
    signed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFact:
    """A technology contract; amounts in fen, `tech_fen` None while it is not approved (核定)."""

    contract_id: int
    status: ContractState
    direction: Direction
    total_fen: int
    tech_fen: int | None
    signed_on: date
    registered_on: date | None
    registration_no: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A number and the ids behind it."""

    count: int
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """Money of registered contracts in fen, by where the technology flows.

    `total` is the deduplicated sum O + I − L of the metric's identity. `pending` are registered or
    signed contracts whose technical amount is not approved yet: told apart, never in the sums.
    """

    exported: int
    absorbed: int
    local: int
    total: int
    pending_ids: tuple[int, ...]
    ids: tuple[int, ...]


def intents_reached(facts: Iterable[IntentFact], period: Period) -> Counted:
    """Count intentions that reached 口头（双方确认）, 书面 or 合同 in the period (metric intents)."""
    ids = [fact.intent_id for fact in facts if fact.level in COUNTED_INTENTS and period.has(fact.reached_on)]
    return _counted(ids)


def agreements_signed(facts: Iterable[AgreementFact], period: Period) -> Counted:
    """Count what was signed but letters of intent (metric agreements)."""
    ids = [
        fact.agreement_id
        for fact in facts
        if fact.kind is not AgreementKind.INTENT_LETTER and period.has(fact.signed_on)
    ]
    return _counted(ids)


def contracts_registered(facts: Iterable[ContractFact], period: Period) -> Counted:
    """Count registered contracts by registration number and registration date (metric tech_contracts)."""
    by_number = {fact.registration_no: fact.contract_id for fact in _registered(facts, period)}
    return _counted(by_number.values())


def contract_value(facts: Iterable[ContractFact], period: Period) -> int:
    """Return the total value of registered contracts in fen (metric contract_value)."""
    return sum(fact.total_fen for fact in _registered(facts, period))


def turnover(facts: Iterable[ContractFact], period: Period) -> Turnover:
    """Return 技术交易额 by direction (metric tech_turnover; identity T = O + I − L).

    A local contract is both exported and absorbed, and counted once in the total.
    """
    facts = list(facts)
    registered = _registered(facts, period)
    approved = [fact for fact in registered if fact.tech_fen is not None]
    local = _tech_sum(approved, {Direction.LOCAL})
    exported = _tech_sum(approved, {Direction.OUT, Direction.LOCAL})
    absorbed = _tech_sum(approved, {Direction.IN, Direction.LOCAL})
    return Turnover(
        exported=exported,
        absorbed=absorbed,
        local=local,
        total=exported + absorbed - local,
        pending_ids=tuple(sorted(fact.contract_id for fact in registered if fact.tech_fen is None)),
        ids=tuple(sorted(fact.contract_id for fact in approved if fact.direction is not Direction.NONE)),
    )


def contracts_waiting(facts: Iterable[ContractFact]) -> Counted:
    """Count contracts that are signed and not registered."""
    waiting = (ContractState.SIGNED, ContractState.SUBMITTED, ContractState.AMENDED, ContractState.REJECTED)
    return _counted(fact.contract_id for fact in facts if fact.status in waiting)


def growth(now: float, before: float | None) -> float | None:
    """Return growth as a share (0.25 for 25 %), or None when there is nothing to compare with."""
    return None if not before else (now - before) / before


def direction_of(*, seller_local: bool, buyer_local: bool) -> Direction:
    """Say where a contract's technology flows, seen from here."""
    table: Mapping[tuple[bool, bool], Direction] = {
        (True, True): Direction.LOCAL,
        (True, False): Direction.OUT,
        (False, True): Direction.IN,
        (False, False): Direction.NONE,
    }
    return table[seller_local, buyer_local]


def _registered(facts: Iterable[ContractFact], period: Period) -> list[ContractFact]:
    return [
        fact
        for fact in facts
        if fact.status in COUNTED_CONTRACTS and fact.registration_no and period.has(fact.registered_on)
    ]


def _tech_sum(facts: Iterable[ContractFact], directions: set[Direction]) -> int:
    return sum(fact.tech_fen or 0 for fact in facts if fact.direction in directions)


def _counted(ids: Iterable[int]) -> Counted:
    found = tuple(sorted(set(ids)))
    return Counted(count=len(found), ids=found)
