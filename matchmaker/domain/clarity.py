"""How well a need can be answered by somebody who does not know the firm: advice, never a verdict."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_FOUNDATION = re.compile(
    r"产线|生产线|样品|样机|中试|小试|设备|试制|试过|做过|用过|换过|尝试|已有|目前|现有|现用|自己试|曾"
)
_VAGUE = re.compile(
    r"面议|待定|越[^越，。；\s]{1,2}越好|先进水平|领先水平|根据需要|视情况|尽量|大幅|进一步提高"
)
_NUMBER = re.compile(r"[0-9０-９一二三四五六七八九十百两]")
_LONG_TERM = re.compile(r"长期|年底|年内|半年|季度")
MOST_QUESTIONS = 3
_ENOUGH = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarityPart:
    """One part of the clarity score: `share` 0–1, and what to do about it."""

    code: str
    name: str
    share: float
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarity:
    """The score 0–1 as the mean of its parts."""

    share: float
    parts: tuple[ClarityPart, ...]

    @property
    def missing(self) -> tuple[ClarityPart, ...]:
        """Return the parts worth a question, the most useful answer first."""
        lacking = {part.code: part for part in self.parts if part.share < _ENOUGH}
        return tuple(lacking[code] for code in ASKED_FIRST if code in lacking)


# what helps a scientist most stands first; questions are asked in this order
ASKED_FIRST = ("problem", "indicators", "tried", "vague", "conditions", "period", "budget", "field", "title")


def clarity(
    *,
    title: str,
    problem: str,
    key_points: str,
    goal: str,
    background: str,
    conditions: str,
    fields: Sequence[str],
    budget_text: str,
    period_text: str,
    indicator_count: int,
) -> Clarity:
    """Score a need's clarity (domain notes, “clarity check”); parts count alike.

    `indicator_count` is how many quantified indicators were read from title and texts.
    """
    text = "\n".join((problem, key_points, goal, background, conditions))
    vague = tuple(dict.fromkeys(_VAGUE.findall(text)))
    parts = (
        _part("title", "名称具体", len(title.strip()) / 8, "名称写到 8 个字以上，说出对象和要求"),
        _part("problem", "问题清楚", len(problem.strip()) / 40, "写清什么情况下出什么问题，影响多大"),
        _part("indicators", "指标量化", indicator_count / 3, "写出三个以上带数字和单位的指标"),
        _part("tried", "现有基础", _tried(text, background), "写已有的设备、样品，试过什么、结果怎样"),
        _part(
            "conditions", "条件限制", 1.0 if conditions.strip() else 0.0, "写不能改的设备、可提供的试验条件"
        ),
        _part("field", "技术领域", 1.0 if fields else 0.0, "选一个技术领域"),
        _part("period", "时限", _stated(period_text, _LONG_TERM), "写希望什么时候用上"),
        _part("budget", "投入", _stated(budget_text), "写大致准备投入多少，区间也可以"),
        _part("vague", "用词明确", 0.0 if vague else 1.0, _vague_advice(vague)),
    )
    return Clarity(share=sum(part.share for part in parts) / len(parts), parts=parts)


def _part(code: str, name: str, share: float, advice: str) -> ClarityPart:
    return ClarityPart(code=code, name=name, share=min(1.0, share), advice=advice)


def _tried(text: str, background: str) -> float:
    return 1.0 if background.strip() or _FOUNDATION.search(text) else 0.0


def _stated(words: str, also: re.Pattern[str] | None = None) -> float:
    """Say whether money or time is told by a number; a word such as 面议 is half an answer."""
    if _NUMBER.search(words) or (also and also.search(words)):
        return 1.0
    return 0.5 if words.strip() else 0.0


def _vague_advice(vague: Sequence[str]) -> str:
    found = "、".join(f"“{word}”" for word in vague[:3]) or "“越高越好”"
    return f"把{found}改成能判断的说法，例如具体的数值"
