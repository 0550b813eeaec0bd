"""The coach: how clear a need is, what to ask about it, and which indicators were understood.

Only rules and word lists: it answers while somebody types.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as field_of
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.clarity import MOST_QUESTIONS, Clarity, clarity, quoted_words, vague_words
from matchmaker.domain.needs import NeedDraft
from matchmaker.domain.saying import later, said
from matchmaker.resources import config_json
from matchmaker.store.tables import Need, Theme
from nlp.amounts import written
from nlp.compared import distinct
from nlp.indicators import Indicator, indicators

_GENERAL = "general"
_LONGEST_KEPT = 5000  # characters of a need whose advice is remembered
_SENTENCE = re.compile(r"[。；;！!？?\n]")
_TODAY = re.compile(r"现在|目前|现有|现靠|眼下|只[能有]|仅|[占约]")
_BOUND = re.compile(
    r"±|[≥≤⩾⩽≧≦]|[<>]=|不(?:得|应|能|宜|可)?(?:低|少|小|高|大|多|劣)于|不(?:得|应|能|可)?超[过出]|至少|至多"
)
_ASKING = re.compile(
    r"要求|希望|目标|[要需应须]达到|(?:提升|提高|降低|降|缩短|延长|增加|减少)(?:到|至)|控制在|力争|必须|需要(?!\s*\d)|寻找|寻求|想要"
    r"|\b(?:need|must|require|want|target)",
    re.IGNORECASE,
)
_CHANGING = re.compile(r"(?:提升|提高|降低|降|缩短|延长|增加|减少)(?:到|至)")
_RELATIONS = {
    "at_least": later("不低于"),
    "at_most": later("不高于"),
    "between": later("介于"),
    "within": later("偏差不超过"),
    "equal": later("为"),
}
# questions whose answer goes into a field of text; the others are answered in the form
ASKED_BY_LINK = frozenset(
    {"problem", "indicators", "tried", "vague", "conditions", "period", "budget", "title"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """All that advice on a need follows from, beside the themes."""

    title: str
    problem: str
    key_points: str
    goal: str
    background: str
    conditions: str
    fields: tuple[str, ...]
    budget_text: str
    period_text: str


# what the coach reads: a stored need, the draft of a form, or what was taken from either
NeedWords = Need | NeedDraft | _Read


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question in plain words: `field` is what its answer fills, `example` is from the same trade.

    `pattern` and `given` are what `text` was made of, where it stands as the coach words it.
    """

    code: str
    field: str
    text: str
    example: str
    pattern: str = ""
    given: Mapping[str, Any] = field_of(default_factory=dict)


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
    read = _Read(
        title=need.title,
        problem=need.problem,
        key_points=need.key_points,
        goal=need.goal,
        background=need.background,
        conditions=need.conditions,
        fields=tuple(need.fields),
        budget_text=need.budget_text,
        period_text=need.period_text,
    )
    long = len(read.problem) + len(read.key_points) + len(read.background) > _LONGEST_KEPT
    return (_advise.__wrapped__ if long else _advise)(read, tuple(themes), most)


@lru_cache(maxsize=500)  # some pages of a list, which are looked at again and again
def _advise(need: _Read, themes: Sequence[TradeWords], most: int) -> Advice:
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
    vague = vague_words(
        "\n".join((need.problem, need.key_points, need.goal, need.background, need.conditions))
    )
    if "indicators" in codes and "vague" in codes:  # one answer serves both
        codes.remove("vague")
    return Advice(
        clarity=found,
        questions=tuple(question(code, slug, vague) for code in codes[:most]),
        understood=tuple(_understood(one) for one in read),
        theme=trade.name if trade else "",
    )


def question(code: str, slug: str = _GENERAL, vague: Sequence[str] = ()) -> Question:
    """Return one question with an example of the theme or trade, or a general one; KeyError for another code.

    `vague` are the words that the question about vague words is about.
    """
    coach = config_json("coach")
    asked = coach["questions"][code]
    pattern, given = asked["text"], quoted_words(vague) if code == "vague" else {}
    examples = coach["examples"]
    example = examples.get(slug, {}).get(code) or examples[_GENERAL].get(code, "")
    return Question(
        code=code,
        field=asked["field"],
        text=said(pattern, given),
        example=example,
        pattern=pattern,
        given=given,
    )


def questions_for(need: NeedWords, themes: Sequence[TradeWords]) -> tuple[Question, ...]:
    """Return every question that can be answered in words, those that are missing first."""
    trade = trade_of(need, themes)
    slug = trade.slug if trade else _GENERAL
    lacking = [one.code for one in advise(need, themes, most=len(ASKED_BY_LINK) + 1).questions]
    rest = [code for code in config_json("coach")["questions"] if code not in lacking]
    vague = vague_words(
        "\n".join((need.problem, need.key_points, need.goal, need.background, need.conditions))
    )
    return tuple(question(code, slug, vague) for code in (*lacking, *rest) if code in ASKED_BY_LINK)


def trade_of(need: NeedWords, themes: Sequence[TradeWords]) -> TradeWords | None:
    """Return the theme or common trade whose words a need uses most, else the first that shares its field.

    The county's themes come before the trades of config/coach.json where both fit as well.
    """
    text = f"{need.title}\n{need.title}\n{need.problem}\n{need.key_points}".casefold()
    known = (*themes, *_common_trades())
    title = need.title.casefold()
    scored = [(_fits(text, title, [word.casefold() for word in theme.words]), theme) for theme in known]
    best, found = max(scored, key=lambda pair: pair[0], default=((0, 0, 0), None))
    if best[0]:
        return found
    for theme in themes:
        if any(str(code).startswith(prefix) for code in need.fields for prefix in theme.fields):
            return theme
    return None


def _fits(text: str, title: str, words: Sequence[str]) -> tuple[int, int, int]:
    """Return how many words a text has, how late one stands in the title, and how often they come.

    What a title speaks of stands at its end: 注塑车间自动排产系统 is software.
    """
    counts = [text.count(word) for word in words]
    return sum(1 for count in counts if count), max(map(title.rfind, words), default=-1), sum(counts)


@lru_cache
def _common_trades() -> tuple[TradeWords, ...]:
    listed = config_json("coach")["trades"]
    return tuple(
        TradeWords(slug=slug, name=one["name"], words=tuple(one["words"]), fields=())
        for slug, one in listed.items()
    )


def _indicators(need: NeedWords) -> list[Indicator]:
    """Return the indicators of what must be reached, each once.

    What the problem and the limits say of today is none: there only what is asked for counts.
    """
    asked = indicators("\n".join((need.key_points, need.goal)))
    told = f"{need.title}\n{need.problem}\n{need.conditions}"
    return distinct([*asked, *(one for one in indicators(told) if is_asked_for(told, one))])


def is_asked_for(text: str, one: Indicator) -> bool:
    """Say whether an indicator is bound by rule (≥, 不低于), or its sentence asks for it and not of today."""
    begin, end = one.span
    if _BOUND.search(text[begin:end]):
        return True
    said = _SENTENCE.split(text[:begin])[-1] + text[begin:end]
    asking = list(_ASKING.finditer(said))
    if not asking or _TODAY.search(said, asking[-1].end()):
        return False
    if any(not _CHANGING.fullmatch(found[0]) for found in asking):
        return True
    # 产水量降到35, 希望…: what changed of itself, said before what is asked for
    rest = _SENTENCE.split(text[end:])[0]
    wished = [found for found in _ASKING.finditer(rest) if not _CHANGING.fullmatch(found[0])]
    return not wished and not _TODAY.search(said)


def _understood(one: Indicator) -> Understood:
    if one.relation.value == "between":
        value = "–".join(written(bound) for bound in (one.low, one.high) if bound is not None)
    else:
        bound = one.high if one.relation.value in ("at_most", "within") else one.low
        value = "" if bound is None else written(bound)
    return Understood(
        quantity=one.quantity, relation=_RELATIONS[one.relation.value], value=value, unit=one.unit
    )
