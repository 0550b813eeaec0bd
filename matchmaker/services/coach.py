"""The coach: how clear a need is, what to ask about it, and which indicators were understood.

Only rules and word lists: it answers while somebody types.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.clarity import MOST_QUESTIONS, Clarity, clarity
from matchmaker.domain.needs import NeedDraft
from matchmaker.resources import config_json
from matchmaker.store.tables import Need, Theme
from nlp.amounts import written
from nlp.indicators import Indicator, indicators

_GENERAL = "general"
_RELATIONS = {
    "at_least": "不低于",
    "at_most": "不高于",
    "between": "介于",
    "within": "偏差不超过",
    "equal": "等于",
}
# questions whose answer goes into a field of text; the others are answered in the form
ASKED_BY_LINK = frozenset(
    {"problem", "indicators", "tried", "vague", "conditions", "period", "budget", "title"}
)


NeedWords = Need | NeedDraft  # what the coach reads: a stored need or the draft of a form


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question in plain words: `field` is what its answer fills, `example` is from the same trade."""

    code: str
    field: str
    text: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """An indicator as read: 抗冲击韧性 · 不低于 · 67 · %."""

    quantity: str
    relation: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What the coach says of one need."""

    clarity: Clarity
    questions: tuple[Question, ...]
    understood: tuple[Understood, ...]
    theme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeWords:
    """A theme by which examples are chosen."""

    slug: str
    name: str
    words: tuple[str, ...]
    fields: tuple[str, ...]


def trades(session: Session) -> tuple[TradeWords, ...]:
    """Return the bureau's themes, for one or many needs of a request."""
    rows = session.scalars(select(Theme).order_by(Theme.place, Theme.id))
    return tuple(
        TradeWords(slug=row.slug, name=row.name, words=tuple(row.words), fields=tuple(row.fields))
        for row in rows
    )


def advise(need: NeedWords, themes: Sequence[TradeWords], *, most: int = MOST_QUESTIONS) -> Advice:
    """Return the advice on a need; at most `most` questions, the most useful first."""
    read = _indicators(need)
    found = clarity(
        title=need.title,
        problem=need.problem,
        key_points=need.key_points,
        goal=need.goal,
        background=need.background,
        conditions=need.conditions,
        fields=need.fields,
        budget_text=need.budget_text,
        period_text=need.period_text,
        indicator_count=len(read),
    )
    trade = trade_of(need, themes)
    slug = trade.slug if trade else _GENERAL
    codes = [part.code for part in found.missing]
    if "indicators" in codes and "vague" in codes:  # one answer serves both
        codes.remove("vague")
    return Advice(
        clarity=found,
        questions=tuple(question(code, slug) for code in codes[:most]),
        understood=tuple(_understood(one) for one in read),
        theme=trade.name if trade else "",
    )


def question(code: str, slug: str = _GENERAL) -> Question:
    """Return one question with an example of the theme, or a general one; KeyError for another code."""
    coach = config_json("coach")
    asked = coach["questions"][code]
    examples = coach["examples"]
    example = examples.get(slug, {}).get(code) or examples[_GENERAL].get(code, "")
    return Question(code=code, field=asked["field"], text=asked["text"], example=example)


def questions_for(need: NeedWords, themes: Sequence[TradeWords]) -> tuple[Question, ...]:
    """Return every question that can be answered in words, those that are missing first."""
    trade = trade_of(need, themes)
    slug = trade.slug if trade else _GENERAL
    lacking = [one.code for one in advise(need, themes, most=len(ASKED_BY_LINK) + 1).questions]
    rest = [code for code in config_json("coach")["questions"] if code not in lacking]
    return tuple(question(code, slug) for code in (*lacking, *rest) if code in ASKED_BY_LINK)


def trade_of(need: NeedWords, themes: Sequence[TradeWords]) -> TradeWords | None:
    """Return the theme whose words a need uses most, else the first that shares its field."""
    text = f"{need.title}\n{need.title}\n{need.problem}\n{need.key_points}"
    counted = [(sum(text.count(word) for word in theme.words), theme) for theme in themes]
    best = max(counted, key=lambda pair: pair[0], default=(0, None))
    if best[0]:
        return best[1]
    for theme in themes:
        if any(str(code).startswith(prefix) for code in need.fields for prefix in theme.fields):
            return theme
    return None


def _indicators(need: NeedWords) -> list[Indicator]:
    """Return the indicators of what must be reached, else of everything that was written, each once."""
    wanted = indicators("\n".join((need.key_points, need.goal, need.conditions, need.title)))
    found = wanted or indicators(f"{need.problem}\n{need.background}")
    return list({(one.quantity, one.relation, one.low, one.high, one.unit): one for one in found}.values())


def _understood(one: Indicator) -> Understood:
    if one.relation.value == "between":
        value = "–".join(written(bound) for bound in (one.low, one.high) if bound is not None)
    else:
        bound = one.high if one.relation.value in ("at_most", "within") else one.low
        value = "" if bound is None else written(bound)
    return Understood(
        quantity=one.quantity, relation=_RELATIONS[one.relation.value], value=value, unit=one.unit
    )
