"""The learnt correction that scoring uses now, if any."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.learned import Learned
from matchmaker.store.tables import RankerFit


def fit_in_use(session: Session) -> RankerFit | None:
    """Return the fit whose coefficients count now; None for the shipped weights."""
    newest = select(RankerFit).where(RankerFit.in_use).order_by(RankerFit.id.desc()).limit(1)
    return session.scalars(newest).first()


def learned_in_use(session: Session) -> Learned | None:
    """Return the coefficients that count now; None for the shipped weights."""
    row = fit_in_use(session)
    return Learned.from_plain(row.coefficients) if row is not None else None
