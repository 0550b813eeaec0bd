"""Says why two texts match, in words: quotes of both, indicators, what the forms say, open questions."""

from collections.abc import Iterable
from dataclasses import dataclass

from matchmaker import wording
from matchmaker.domain.matching import MatchScore, Signal
from matchmaker.services.library import Desk, Text
from nlp.index import Library
from nlp.indicators import Comparison, Indicator, Outcome, compare, indicators
from nlp.reasons import Quote, quotes

_MOST_INDICATORS = 4
_MOST_QUESTIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One sentence of the explanation.

    `kind`: quote, met, unmet, unstated, signal or question. `tone`: ok, warn, bad or neutral.
    `quotes` are (whose, words) as the two texts have them; `need_words` and `achievement_words`
    are what to highlight in place.
    """

    kind: str
    tone: str
    text: str
    quotes: list[list[str]]
    need_words: list[str]
    achievement_words: list[str]


def reasons_for(
    desk: Desk, library: Library, *, need: Text, achievement: Text, score: MatchScore
) -> tuple[Reason, ...]:
    """Return the reasons of one pair: what the score used, then indicators, then what to ask about them."""
    found = quotes(
        need.title,
        need.text,
        achievement.title,
        achievement.text,
        segmenter=desk.segmenter,
        rarity=library.rarity,
    )
    compared = compare(
        indicators(f"{need.title}\n{need.wanted or need.text}"),
        indicators(f"{achievement.title}\n{achievement.text}"),
    )
    reasons = [*_quoted(found, need, achievement), *_meaning(desk, achievement, found)]
    reasons += [_signal(signal) for signal in score.signals]
    reasons += [_indicator(entry) for entry in compared[:_MOST_INDICATORS]]
    return (*reasons, *_questions(compared))


def _quoted(found: tuple[Quote, ...], need: Text, achievement: Text) -> list[Reason]:
    if not found:
        return []
    ours = _unique(_cut(need, quote.need_field, quote.need_span) for quote in found)
    theirs = _unique(_cut(achievement, quote.achievement_field, quote.achievement_span) for quote in found)
    words = "、".join(f"“{word}”" for word in ours[:5])
    return [
        Reason(
            kind="quote",
            tone="ok",
            text=f"两份文本都谈到{words}",
            quotes=[["需求", " … ".join(ours)], ["成果", " … ".join(theirs)]],
            need_words=ours,
            achievement_words=theirs,
        )
    ]


def _cut(text: Text, field: str, span: tuple[int, int]) -> str:
    return (text.title if field == "title" else text.text)[span[0] : span[1]]


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def _meaning(desk: Desk, achievement: Text, found: tuple[Quote, ...]) -> list[Reason]:
    if not desk.has_vector(achievement.key):
        return [_plain("signal", "warn", "语义还在计算，目前只比较了字词；完成后会自动更新。")]
    return [] if found else [_plain("signal", "neutral", "用词不同而语义相近，请人工核对。")]


_SIGNALS = {
    "field_same": ("ok", "技术领域一致：{names}"),
    "field_near": ("ok", "同属一个技术大类：{names}"),
    "field_other": ("warn", "填写的技术领域不同"),
    "mode_fits": ("ok", "合作方式相合：{names}"),
    "mode_clashes": ("warn", "双方填写的合作方式不同，需要商量"),
    "stage_ready": ("ok", "成果已到“{names}”阶段"),
    "stage_early": ("warn", "成果还在“{names}”阶段，离应用尚有距离"),
    "region_near": ("ok", "同在{names}，来往方便"),
}
_NAMES = {"mode": "coop_mode", "stage": "maturity"}


def _signal(signal: Signal) -> Reason:
    tone, sentence = _SIGNALS[signal.code]
    return _plain("signal", tone, sentence.format(names="、".join(_names(signal))))


def _names(signal: Signal) -> list[str]:
    topic = signal.code.split("_")[0]
    if topic == "field":
        return [wording.field_names().get(code, code) for code in signal.shared]
    return (
        [wording.label(_NAMES[topic], code) for code in signal.shared]
        if topic in _NAMES
        else list(signal.shared)
    )


def _indicator(entry: Comparison) -> Reason:
    wanted = say(entry.needed)
    if entry.outcome is Outcome.NOT_STATED or entry.stated is None:
        return _plain("unstated", "neutral", f"需要 {wanted}：成果未说明")
    met = entry.outcome is Outcome.MET
    sentence = f"需要 {wanted}，成果为 {say(entry.stated)}：{'达到' if met else '未达到'}"
    return _plain("met" if met else "unmet", "ok" if met else "bad", sentence)


def _questions(compared: tuple[Comparison, ...]) -> list[Reason]:
    open_ones = [entry for entry in compared if entry.outcome is not Outcome.MET][:_MOST_QUESTIONS]
    return [_plain("question", "neutral", _question(entry)) for entry in open_ones]


def _question(entry: Comparison) -> str:
    if entry.outcome is Outcome.NOT_STATED:
        return f"首次洽谈可问：能否做到 {say(entry.needed)}？"
    return f"首次洽谈可问：从现有水平到 {say(entry.needed)}，还需要多少时间和投入？"


_RELATIONS = {"at_least": "≥", "at_most": "≤", "equal": "", "within": "±"}


def say(indicator: Indicator) -> str:
    """Write an indicator as understood: 抗冲击韧性 ≥ 67 %."""
    if indicator.relation.value == "between":
        amount = f"{_number(indicator.low)}–{_number(indicator.high)}"
    else:
        bound = (
            indicator.low
            if indicator.low is not None and indicator.relation.value != "within"
            else indicator.high
        )
        amount = f"{_RELATIONS[indicator.relation.value]}{_number(bound)}"
    return " ".join(part for part in (indicator.quantity, f"{amount}{indicator.unit}") if part)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _plain(kind: str, tone: str, text: str) -> Reason:
    return Reason(kind=kind, tone=tone, text=text, quotes=[], need_words=[], achievement_words=[])
