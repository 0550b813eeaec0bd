"""The five numbers of a campaign: what was reached this year, last year by the same day, and the target."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain import figures
from matchmaker.domain.figures import MATCHMAKING_KINDS, Period
from matchmaker.domain.states import EventState
from matchmaker.store.queries import tracking
from matchmaker.store.tables import Campaign, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number beside its neighbours; `before` and `target` are 0 where there is none."""

    now: int
    before: int = 0
    target: int = 0

    @property
    def growth(self) -> float | None:
        """Return the growth on the same days of last year as a share, or None without them."""
        return figures.growth(self.now, self.before or None)

    @property
    def share(self) -> float | None:
        """Return how much of the target is reached (1 is all of it), or None without a target."""
        return self.now / self.target if self.target else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The five numbers; `turnover` in fen, deduplicated (输出＋吸纳－本地)."""

    events: Figure
    intents: Figure
    agreements: Figure
    contracts: Figure
    turnover: Figure


def headline(session: Session, campaign: Campaign | None, *, today: date) -> Headline:
    """Return the numbers of this year so far.

    Targets are those of the campaign, so its events are counted alone, whatever year they are in.
    """
    year, last_year = _year_to(today), _year_to(_a_year_before(today))
    intents = tracking.intent_facts(session)
    agreements = tracking.agreement_facts(session)
    contracts = tracking.contract_facts(session)
    return Headline(
        events=Figure(
            now=_held(session, campaign_id=campaign.id) if campaign else _held(session, period=year),
            before=_held(session, period=last_year),
            target=campaign.target_events if campaign else 0,
        ),
        intents=Figure(
            now=figures.intents_reached(intents, year).count,
            before=figures.intents_reached(intents, last_year).count,
            target=campaign.target_intents if campaign else 0,
        ),
        agreements=Figure(
            now=figures.agreements_signed(agreements, year).count,
            before=figures.agreements_signed(agreements, last_year).count,
        ),
        contracts=Figure(
            now=figures.contracts_registered(contracts, year).count,
            before=figures.contracts_registered(contracts, last_year).count,
            target=campaign.target_contracts if campaign else 0,
        ),
        turnover=Figure(
            now=figures.turnover(contracts, year).total,
            before=figures.turnover(contracts, last_year).total,
        ),
    )


def _year_to(day: date) -> Period:
    return Period(start=date(day.year, 1, 1), end=day)


def _a_year_before(day: date) -> date:
    leap_day = (day.month, day.day) == (2, 29)
    return date(day.year - 1, day.month, 28 if leap_day else day.day)


def _held(session: Session, *, campaign_id: int | None = None, period: Period | None = None) -> int:
    """Count matchmaking events that were held: of one campaign, or of a stretch of days."""
    wanted = select(Event.held_on).where(Event.status == EventState.HELD, Event.kind.in_(MATCHMAKING_KINDS))
    if campaign_id is not None:
        wanted = wanted.where(Event.campaign_id == campaign_id)
    days = session.scalars(wanted).all()
    return len(days) if period is None else sum(period.has(day) for day in days)
