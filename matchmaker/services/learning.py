"""Learns from what people did with proposals, in the open.

A fit needs enough observations, is kept only when held-back quality does not fall, and is one row:
the page shows it, one click goes back to the shipped weights, and the same data give the same fit.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.learned import SIGNALS, Learned, signal_points
from matchmaker.domain.messages import ProposalsDue
from matchmaker.domain.observations import Level
from matchmaker.domain.permissions import SYSTEM, Actor
from matchmaker.domain.states import NEEDS_OPEN_FOR_MATCHING
from matchmaker.errors import NotAllowed, NotFound, WrongState
from matchmaker.store.engine import Database
from matchmaker.store.queries.observations import Observation, observations
from matchmaker.store.tables import Need, RankerFit

LEAST_OBSERVATIONS = 60
LEAST_NEEDS = 12
LEAST_EITHER_WAY = 10


class Verdict(StrEnum):
    """What came of one attempt to learn."""

    TOO_FEW = "too_few"
    KNOWN = "known"  # the same observations were fitted before
    KEPT = "kept"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The observations that can be learnt from: `levels` counts them by grade."""

    observations: int
    needs: int
    levels: dict[int, int]
    stages: dict[str, int]

    @property
    def missing(self) -> tuple[str, ...]:
        """Return what is still missing, in words; empty when there is enough."""
        good = sum(count for level, count in self.levels.items() if level >= Level.FAIR)
        lacks = (
            (LEAST_OBSERVATIONS - self.observations, "条意见"),
            (LEAST_NEEDS - self.needs, "条不同的需求"),
            (LEAST_EITHER_WAY - good, "条认可的意见"),
            (LEAST_EITHER_WAY - (self.observations - good), "条不认可的意见"),
        )
        return tuple(f"{count} {what}" for count, what in lacks if count > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One attempt to learn, for the command and the log."""

    verdict: Verdict
    evidence: Evidence
    fit_id: int | None = None
    measures: dict[str, Any] | None = None


def usable(session: Session) -> list[Observation]:
    """Return observations whose proposals hold the parts that the newest engine computed."""
    found = observations(session)
    if not found:
        return []
    newest = max(found, key=lambda one: (one.match.updated_at, one.match.id)).match.engine
    return [one for one in found if one.match.engine == newest and one.match.parts]


def evidence_of(found: Sequence[Observation]) -> Evidence:
    """Count observations."""
    return Evidence(
        observations=len(found),
        needs=len({one.match.need_id for one in found}),
        levels={int(level): sum(one.level is level for one in found) for level in Level},
        stages=dict(Counter(one.stage.name.lower() for one in found)),
    )


def learn(database: Database, shipped: Learned) -> Report:
    """Fit, compare, and keep what is no worse. Slow: the fitting happens outside any transaction.

    The same observations return the fit they gave before. Where somebody went back to the shipped
    weights, a new fit waits until it is switched on by hand.
    """
    with database.reading() as session:
        found = usable(session)
        evidence, fingerprint = evidence_of(found), fingerprint_of(found, shipped)
        known = _fit_of(session, fingerprint)
    if evidence.missing:
        return Report(verdict=Verdict.TOO_FEW, evidence=evidence)
    if known is not None:
        return Report(verdict=Verdict.KNOWN, evidence=evidence, fit_id=known.id, measures=known.measures)
    coefficients, measures, kept = _fitted(found, shipped)
    with database.writing() as session:
        row = _fit_of(session, fingerprint) or RankerFit(
            evidence=fingerprint,
            observations=evidence.observations,
            needs=evidence.needs,
            coefficients=coefficients,
            measures=measures | {"levels": {str(key): value for key, value in evidence.levels.items()}},
            kept=kept,
            fitted_at=clock.now(),
        )
        waits = _somebody_went_back(session)
        session.add(row)
        session.flush()  # the report names it
        if kept and not waits:
            _use(session, SYSTEM, row)
    verdict = Verdict.KEPT if kept else Verdict.REFUSED
    return Report(verdict=verdict, evidence=evidence, fit_id=row.id, measures=measures)


def _fitted(found: Sequence[Observation], shipped: Learned) -> tuple[dict[str, Any], dict[str, Any], bool]:
    from matchmaker.solvers.refit import Graded, compare, refit

    graded = [Graded(need_id=one.match.need_id, parts=_parts_of(one), level=int(one.level)) for one in found]
    comparison = compare(shipped, graded)
    measures = {"before": asdict(comparison.before), "after": asdict(comparison.after)}
    return refit(shipped, graded).to_plain(), measures, comparison.no_worse


def _parts_of(one: Observation) -> dict[str, float]:
    return {**one.match.parts, SIGNALS: signal_points(one.match.parts)}


def fingerprint_of(found: Sequence[Observation], shipped: Learned) -> str:
    """Name what a fit is made from: the engine, the shipped weights, and every observation."""
    rows = [
        [one.match.need_id, one.match.achievement_id, int(one.level), sorted(_parts_of(one).items())]
        for one in found
    ]
    engine = found[0].match.engine if found else ""
    content = json.dumps([engine, shipped.to_plain(), rows], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _fit_of(session: Session, fingerprint: str) -> RankerFit | None:
    return session.scalar(select(RankerFit).where(RankerFit.evidence == fingerprint))


def _somebody_went_back(session: Session) -> bool:
    """Say whether the last word about using fits was a person's return to the shipped weights."""
    newest = select(RankerFit).order_by(RankerFit.id.desc()).limit(1)
    last = session.scalars(newest.where(RankerFit.in_use | RankerFit.returned_at.is_not(None))).first()
    return last is not None and not last.in_use


def use_fit(session: Session, actor: Actor, *, fit_id: int) -> RankerFit:
    """Switch a kept fit on. Raises NotAllowed, NotFound, WrongState for one that made things worse."""
    if not actor.organises:
        raise NotAllowed()
    row = session.get(RankerFit, fit_id)
    if row is None:
        raise NotFound()
    if not row.kept:
        raise WrongState("这次学习在留出的需求上变差了，不能启用。")
    if not row.in_use:
        _use(session, actor, row)
    return row


def return_to_shipped(session: Session, actor: Actor) -> None:
    """Go back to the shipped weights; proposals are computed anew. Doing it twice changes nothing."""
    if not actor.organises:
        raise NotAllowed()
    used = session.scalars(select(RankerFit).where(RankerFit.in_use).order_by(RankerFit.id)).all()
    if not used:
        return
    for row in used:
        row.in_use, row.returned_at, row.returned_by_id = False, clock.now(), actor.user_id
    _compute_anew(session, actor)


def _use(session: Session, actor: Actor, row: RankerFit) -> None:
    session.execute(update(RankerFit).where(RankerFit.id != row.id).values(in_use=False))
    row.in_use, row.returned_at, row.returned_by_id = True, None, None
    _compute_anew(session, actor)


def _compute_anew(session: Session, actor: Actor) -> None:
    session.execute(
        update(Need).where(Need.status.in_(NEEDS_OPEN_FOR_MATCHING)).values(proposed_version=None)
    )
    outbox.record(session, actor, ProposalsDue())
