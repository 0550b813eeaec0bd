"""What people did with a proposal, read as one grade: the evidence that matching learns from.

Every stage knows more than the one before: a firm that has met an expert knows more than the
organiser who chose the pair from two texts. So the furthest stage speaks, and within a stage the
last word. A refusal that says nothing about the texts (already partners, not for transfer) is no
evidence either way.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from matchmaker.domain.states import ContractState, Grade, IntentLevel, MatchState, MeetingOutcome


class Stage(IntEnum):
    """How far a pair had come when somebody said something; a later stage outweighs an earlier."""

    ORGANISER = 1
    SIDE = 2
    PAIRING = 3
    MEETING = 4
    INTENT = 5
    CONTRACT = 6


class Level(IntEnum):
    """The grade that an act amounts to, on the scale that staff graded pairs on."""

    NONE = 1
    WEAK = 2
    FAIR = 3
    STRONG = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that was done with a pair; `level` None says nothing about how well the texts fit."""

    stage: Stage
    level: Level | None
    at: datetime | None = None


NOT_ABOUT_THE_TEXTS = ("已在合作", "不转让", "合作方式", "时间", "没空", "出差")
NOT_RIPE = ("成熟度",)
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def organiser_act(status: MatchState, reason: str, at: datetime | None) -> Act:
    """Read the organiser's choice: chosen is 较强, rejected 无, too early 弱."""
    if status is MatchState.SHORTLISTED:
        return Act(stage=Stage.ORGANISER, level=Level.FAIR, at=at)
    if status is MatchState.REJECTED:
        return Act(stage=Stage.ORGANISER, level=_refusal(reason, plain=Level.NONE), at=at)
    return Act(stage=Stage.ORGANISER, level=None, at=at)


def grade_act(grade: Grade, at: datetime | None) -> Act:
    """Read the grade that an organiser gave by hand: it says what it says."""
    return Act(stage=Stage.ORGANISER, level=Level[grade.name], at=at)


def side_act(answer: str, reason: str) -> Act:
    """Read what one side said of a proposal; a question is neither yes nor no."""
    if answer == "interested":
        return Act(stage=Stage.SIDE, level=Level.FAIR)
    if answer == "unsuitable":
        return Act(stage=Stage.SIDE, level=_refusal(reason, plain=Level.NONE))
    return Act(stage=Stage.SIDE, level=None)


def sides_act(need_answer: str, need_reason: str, other_answer: str, other_reason: str) -> Act:
    """Read both sides together: one no outweighs one yes."""
    said = [side_act(need_answer, need_reason), side_act(other_answer, other_reason)]
    levels = [act.level for act in said if act.level is not None]
    return Act(stage=Stage.SIDE, level=min(levels) if levels else None)


def pairing_act(need_answer: str, other_answer: str, note: str) -> Act:
    """Read the answers to a published pairing; a declined talk is 弱: the day may have been wrong."""
    answers = (need_answer, other_answer)
    if "declined" in answers:
        return Act(stage=Stage.PAIRING, level=_refusal(note, plain=Level.WEAK))
    return Act(stage=Stage.PAIRING, level=Level.FAIR if "accepted" in answers else None)


_OUTCOMES = {
    MeetingOutcome.HELD: Level.FAIR,
    MeetingOutcome.FOLLOW_UP: Level.STRONG,
    MeetingOutcome.INTENT: Level.STRONG,
    MeetingOutcome.NO_INTEREST: Level.WEAK,
}


def meeting_act(outcome: MeetingOutcome | None, at: datetime | None) -> Act:
    """Read what a talk came to; nobody coming says nothing."""
    return Act(stage=Stage.MEETING, level=_OUTCOMES.get(outcome) if outcome else None, at=at)


def intent_act(level: IntentLevel) -> Act:
    """Read an intention: spoken or written is 强, mere contact 较强."""
    if level is IntentLevel.NONE:
        return Act(stage=Stage.INTENT, level=None)
    return Act(stage=Stage.INTENT, level=Level.FAIR if level is IntentLevel.CONTACTED else Level.STRONG)


def contract_act(state: ContractState) -> Act:
    """Read a technology contract: signed is 强, whatever became of it later; a draft says nothing."""
    return Act(stage=Stage.CONTRACT, level=None if state is ContractState.DRAFT else Level.STRONG)


def _refusal(reason: str, *, plain: Level) -> Level | None:
    if any(words in reason for words in NOT_ABOUT_THE_TEXTS):
        return None
    return Level.WEAK if any(words in reason for words in NOT_RIPE) else plain


def level_of(acts: Iterable[Act]) -> tuple[Level, Stage] | None:
    """Return the grade that speaks, and its stage; None when nothing was said about the texts."""
    telling = [(act.stage, act.at or _BEGINNING, act.level) for act in acts if act.level is not None]
    if not telling:
        return None
    stage, _, level = max(telling)
    return level, stage
