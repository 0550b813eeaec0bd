"""Combines the closeness of two texts with what their forms say into one score, grade and reasons."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matchmaker.domain.states import Grade

_READY = frozenset({"pilot", "small_batch", "industrial"})
_EARLY = frozenset({"lab", "prototype"})
_WANTS_READY = frozenset({"upgrade", "supporting", "product"})
_ANY_MODE = "negotiable"
SIGNAL_CODES = (
    "field_same",
    "field_near",
    "field_other",
    "mode_fits",
    "mode_clashes",
    "stage_ready",
    "stage_early",
    "region_near",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedFacts:
    """What a need's form says beside its text; codes are those of config/."""

    fields: frozenset[str]
    coop_modes: frozenset[str]
    need_type: str
    city: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AchievementFacts:
    """What an achievement's form says beside its text."""

    fields: frozenset[str]
    coop_modes: frozenset[str]
    maturity: str
    city: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One small signal: `code` names its weight in config/signals.toml, `shared` the codes in common."""

    code: str
    points: float
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """Where the grades weak, fair and strong begin on the blended score."""

    weak: float
    fair: float
    strong: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchScore:
    """A pair's score: `score` is the expected share (0–1) of the way from 无 to 强.

    `probability` is that a reader would put the pair at `grade` or higher (for NONE: at none).
    """

    score: float
    grade: Grade
    probability: float
    signals: tuple[Signal, ...]


def signals_of(
    need: NeedFacts, achievement: AchievementFacts, weights: Mapping[str, float]
) -> tuple[Signal, ...]:
    """Return the small signals that apply, in a fixed order."""
    found = (
        _field_signal(need.fields, achievement.fields),
        _mode_signal(need.coop_modes, achievement.coop_modes),
        _stage_signal(need.need_type, achievement.maturity),
        _region_signal(need.city, achievement.city),
    )
    return tuple(
        Signal(code=code, points=weights[code], shared=tuple(sorted(shared)))
        for code, shared in (entry for entry in found if entry is not None)
    )


_Found = tuple[str, Iterable[str]] | None


def _field_signal(wanted: frozenset[str], offered: frozenset[str]) -> _Found:
    if not wanted or not offered:
        return None
    if same := wanted & offered:
        return "field_same", same
    near = {code[:2] for code in wanted} & {code[:2] for code in offered}
    return ("field_near", near) if near else ("field_other", ())


def _mode_signal(wanted: frozenset[str], offered: frozenset[str]) -> _Found:
    wanted, offered = wanted - {_ANY_MODE}, offered - {_ANY_MODE}
    if not wanted or not offered:
        return None
    return ("mode_fits", wanted & offered) if wanted & offered else ("mode_clashes", ())


def _stage_signal(need_type: str, maturity: str) -> _Found:
    if maturity in _READY:
        return "stage_ready", (maturity,)
    return ("stage_early", (maturity,)) if maturity in _EARLY and need_type in _WANTS_READY else None


def _region_signal(here: str, there: str) -> _Found:
    return ("region_near", (here,)) if here and here == there else None


def combine(
    blended: float, signals: Sequence[Signal], cuts: Cuts, *, signal_factor: float = 1.0
) -> MatchScore:
    """Return the score of a pair from its blended text score and its signals.

    An ordinal logistic scale: the chance of reaching a grade is 1 / (1 + exp(cut − x)), the score
    their mean, and the grade the highest that is more likely reached than not.
    """
    place = blended + signal_factor * sum(signal.points for signal in signals)
    reached = {
        Grade.STRONG: _logistic(place - cuts.strong),
        Grade.FAIR: _logistic(place - cuts.fair),
        Grade.WEAK: _logistic(place - cuts.weak),
    }
    score = sum(reached.values()) / 3
    for grade, chance in reached.items():
        if chance >= 0.5:
            return MatchScore(score=score, grade=grade, probability=chance, signals=tuple(signals))
    return MatchScore(
        score=score, grade=Grade.NONE, probability=1 - reached[Grade.WEAK], signals=tuple(signals)
    )


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


GRADE_ORDER = (Grade.STRONG, Grade.FAIR, Grade.WEAK, Grade.NONE)


SHARE_OF_GRADE = {Grade.STRONG: 1.0, Grade.FAIR: 2 / 3, Grade.WEAK: 1 / 3, Grade.NONE: 0.0}
"""The score of a grade that is certain, for a person gave it: its share of the way from 无 to 强."""


def at_least(grade: Grade, floor: Grade) -> bool:
    """Say whether a grade is `floor` or better."""
    return GRADE_ORDER.index(grade) <= GRADE_ORDER.index(floor)
