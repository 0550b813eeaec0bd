"""Learns from what people did with proposals, in the open.

A fit needs enough observations, is kept only when held-back quality does not fall, and is one row:
the page shows it, one click goes back to the shipped weights, and the same data give the same fit.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.learned import SIGNALS, Learned, Told, signal_points
from matchmaker.domain.messages import ProposalsDue
from matchmaker.domain.observations import Level
from matchmaker.domain.permissions import SYSTEM, Actor
from matchmaker.domain.saying import later
from matchmaker.domain.states import NEEDS_OPEN_FOR_MATCHING
from matchmaker.errors import NotAllowed, NotFound, WrongState
from matchmaker.store.engine import Database
from matchmaker.store.queries.observations import Observation, Pair, observations
from matchmaker.store.tables import Need, RankerFit

LEAST_OBSERVATIONS = 60
LEAST_NEEDS = 12
LEAST_EITHER_WAY = 10
MOST_TOLD = 2000  # judgements that speak for similar pairs: their table grows with the square


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
    def lacks(self) -> tuple[tuple[str, int], ...]:
        """Return (pattern, number) of what is still missing; empty when there is enough."""
        good = sum(count for level, count in self.levels.items() if level >= Level.FAIR)
        lacks = (
            (later("%(n)s 条意见"), LEAST_OBSERVATIONS - self.observations),
            (later("%(n)s 条不同的需求"), LEAST_NEEDS - self.needs),
            (later("%(n)s 条认可的意见"), LEAST_EITHER_WAY - good),
            (later("%(n)s 条不认可的意见"), LEAST_EITHER_WAY - (self.observations - good)),
        )
        return tuple(lack for lack in lacks if lack[1] > 0)

    @property
    def missing(self) -> tuple[str, ...]:
        """Return what is still missing, in Chinese."""
        return tuple(pattern % {"n": count} for pattern, count in self.lacks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One attempt to learn, for the command and the log."""

    verdict: Verdict
    evidence: Evidence
    fit_id: int | None = None
    measures: dict[str, Any] | None = None


def usable(session: Session) -> list[Observation]:
    """Return observations whose proposals hold the parts that the newest engine computed."""
    found = [one for one in observations(session) if one.match.engine]
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


Nearness = Callable[[Session, Sequence[Pair]], Any]


def learn(database: Database, shipped: Learned, *, nearness: Nearness | None = None) -> Report:
    """Fit, compare, and keep what is no worse. Slow: the fitting happens outside any transaction.

    The same observations return the fit they gave before. Where somebody went back to the shipped
    weights, a new fit waits until it is switched on by hand. With `nearness`, which says how far a
    judgement carries between pairs of (need, achievement), judgements also speak for similar pairs,
    where that is no worse either.
    """
    with database.reading() as session:
        found = usable(session)
        evidence, fingerprint = evidence_of(found), fingerprint_of(found, shipped)
        known = _fit_of(session, fingerprint)
    if evidence.lacks:
        return Report(verdict=Verdict.TOO_FEW, evidence=evidence)
    if known is not None:
        return Report(verdict=Verdict.KNOWN, evidence=evidence, fit_id=known.id, measures=known.measures)
    near = None
    if nearness is not None:
        with database.reading() as session:
            near = nearness(session, [_pair(one) for one in found[:MOST_TOLD]])
    coefficients, measures, kept = _fitted(found, shipped, near)
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


def _fitted(
    found: Sequence[Observation], shipped: Learned, near: Any
) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """Return coefficients, measures, and whether they are worth using; the steps are judged one by one."""
    from matchmaker.solvers import refit

    graded = [
        refit.Graded(need_id=one.match.need_id, parts=_parts_of(one), level=int(one.level)) for one in found
    ]
    before, after = refit.margins_of(shipped, graded), refit.held_back(shipped, graded)
    judged = refit.Comparison(before=refit.quality(before, graded), after=refit.quality(after, graded))
    best = judged.after if judged.no_worse else judged.before
    learned, kept = refit.refit(shipped, graded), judged.no_worse
    measures = {"before": asdict(judged.before), "after": asdict(judged.after)}
    if near is not None:
        base = learned if judged.no_worse else shipped
        held = (after if judged.no_worse else before)[:MOST_TOLD]
        spoken = _spoken_for(base, found[:MOST_TOLD], held, near)
        with_them = refit.quality(spoken.margins, graded[:MOST_TOLD])
        without = refit.quality(held, graded[:MOST_TOLD])
        helps = refit.Comparison(before=without, after=with_them).no_worse
        measures["similar"] = asdict(with_them) | {"used": helps}
        if helps:
            learned, kept, best = replace(base, told=spoken.told), True, with_them
        measures["after"] = asdict(best if kept else judged.after)
    return learned.to_plain(), measures, kept


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spoken:
    """What is kept of every judgement, and the margins of each pair as the others alone would move it."""

    told: tuple[Told, ...]
    margins: Any


def _spoken_for(base: Learned, found: Sequence[Observation], held: Any, near: Any) -> _Spoken:
    """Spread every judgement's surprise to the pairs that are alike."""
    import numpy as np

    from matchmaker.solvers import refit
    from nlp import alike

    levels = np.array([float(one.level) for one in found])
    _, by_others = alike.pulls(near, levels - alike.expected(held))
    margins = held + alike.moved(held, by_others)[:, None]
    graded = [
        refit.Graded(need_id=one.match.need_id, parts=_parts_of(one), level=int(one.level)) for one in found
    ]
    dual, _ = alike.pulls(near, levels - alike.expected(refit.margins_of(base, graded)))
    told = tuple(
        Told(need_id=need_id, achievement_id=achievement_id, level=int(one.level), pull=float(pull))
        for one, (need_id, achievement_id), pull in zip(found, map(_pair, found), dual, strict=True)
    )
    return _Spoken(told=told, margins=margins)


def _pair(one: Observation) -> Pair:
    return one.match.need_id, one.match.achievement_id


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
