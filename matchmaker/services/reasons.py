"""Says why two texts match, in words: quotes of both, indicators, what the forms say, open questions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matchmaker import wording
from matchmaker.domain.matching import MatchScore, Signal
from matchmaker.domain.quoting import MOST_SHARE, Excerpt, Telling, excerpts
from matchmaker.domain.reasons import ALIKE
from matchmaker.domain.saying import NAMED, later, said
from matchmaker.services.coach import is_asked_for
from matchmaker.services.texts import Text
from nlp.amounts import written
from nlp.compared import Comparison, Doubt, Outcome, compare
from nlp.index import Library
from nlp.indicators import Indicator, indicators, told_by_name
from nlp.offered import offered
from nlp.reasons import Quote, quotes
from nlp.text import Segmenter

_MOST_INDICATORS = 6
_MOST_QUESTIONS = 3
_TELLING = 16
_MOST_READ = 20_000  # characters of a text that are looked through for reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One sentence of the explanation.

    `kind`: quote, met, unmet, unstated, signal, judged or question. `tone`: ok, warn, bad or neutral.
    `quotes` are (whose, piece of the text) and `marks` the places within each piece that carried
    the match. `need_words` and `achievement_words` are what to highlight in the whole texts, and
    by which a reader's share of the need is told. `pattern` and `given` are what `text` was made of,
    for readers of another language.
    """

    kind: str
    tone: str
    text: str
    quotes: list[list[str]]
    marks: list[list[list[int]]]
    need_words: list[str]
    achievement_words: list[str]
    pattern: str
    given: Mapping[str, Any] = field(default_factory=dict)


def reasons_for(
    library: Library,
    segmenter: Segmenter,
    *,
    need: Text,
    achievement: Text,
    score: MatchScore,
    meaning_known: bool = True,
    told: Sequence[tuple[str, int]] = (),
    moved: float = 0.0,
) -> tuple[Reason, ...]:
    """Return the reasons of one pair: what the score used, then indicators, then what to ask about them.

    `told` are (title, level) of similar achievements that people judged for the same need, `moved` what
    that changed.
    """
    need, achievement = _beginning(need), _beginning(achievement)
    found = quotes(
        need.title,
        need.text,
        achievement.title,
        achievement.text,
        segmenter=segmenter,
        rarity=library.rarity,
        most=_TELLING,
    )
    needed = _needed(need)
    bare = told_by_name(needed)
    figures = offered(f"{achievement.title}\n{achievement.text}", asked=bare)
    compared = compare(needed, figures.reached, hoped=figures.hoped)
    reasons = [*_quoted(found, need, achievement), *_meaning(found, known=meaning_known)]
    reasons += [_signal(signal) for signal in score.signals]
    reasons += _judged(told, moved)
    reasons += [_indicator(entry) for entry in compared[:_MOST_INDICATORS]]
    return (*reasons, *_questions(compared, score))


def _needed(need: Text) -> list[Indicator]:
    """Return what a need asks for; where nothing but the problem is told, not the figures of today there."""
    if need.wanted:
        return indicators(f"{need.title}\n{need.wanted}")
    told = f"{need.title}\n{need.text}"
    return [one for one in indicators(told) if is_asked_for(told, one)]


def _beginning(text: Text) -> Text:
    """Return a text without what lies beyond what is read for reasons."""
    if len(text.text) <= _MOST_READ:
        return text
    beginning, wanted = text.text[:_MOST_READ], text.wanted[:_MOST_READ]
    return Text(key=text.key, title=text.title, text=beginning, wanted=wanted)


def _quoted(found: tuple[Quote, ...], need: Text, achievement: Text) -> list[Reason]:
    if not found:
        return []
    ours = quoted_from(need, [(quote.need_field, quote.need_span, quote.weight) for quote in found])
    theirs = quoted_from(
        achievement, [(quote.achievement_field, quote.achievement_span, quote.weight) for quote in found]
    )
    pieces = [("需求", piece) for piece in ours] + [("成果", piece) for piece in theirs]
    our_words = _heaviest_first(ours, [_cut(need, q.need_field, q.need_span) for q in found])
    their_words = _heaviest_first(
        theirs, [_cut(achievement, q.achievement_field, q.achievement_span) for q in found]
    )
    given = {"words": [f"“{word}”" for word in (our_words or their_words)[:5]]}
    return [
        Reason(
            kind="quote",
            tone="ok",
            text=said(ALIKE, given),
            quotes=[[whose, piece.text] for whose, piece in pieces],
            marks=[[list(mark) for mark in piece.marks] for _, piece in pieces],
            need_words=our_words,
            achievement_words=their_words,
            pattern=ALIKE,
            given=given,
        )
    ]


def quoted_from(text: Text, found: Iterable[tuple[str, tuple[int, int], float]]) -> list[Excerpt]:
    """Return the pieces to quote of one side, at most a fifth of its title and text together.

    The title is quoted where it holds telling words and the room allows; the text with what is left.
    """
    known = list(found)
    room = int((len(text.title) + len(text.text)) * MOST_SHARE)
    titles = [Telling(span=span, weight=weight) for field, span, weight in known if field == "title"]
    bodies = [Telling(span=span, weight=weight) for field, span, weight in known if field != "title"]
    heaviest_first = sorted(
        ((text.title, titles), (text.text, bodies)),
        key=lambda side: -max((one.weight for one in side[1]), default=0.0),
    )
    pieces: list[Excerpt] = []
    for content, telling in heaviest_first:
        most = 1 if pieces or (titles and bodies) else 2
        chosen = excerpts(content, telling, most=most, allowance=room)
        room -= sum(len(piece.text) for piece in chosen)
        pieces += chosen
    return pieces


def _heaviest_first(pieces: Sequence[Excerpt], ordered: Sequence[str]) -> list[str]:
    """Return the marked words of some pieces, each once, in the given order."""
    marked = {word for piece in pieces for word in piece.words}
    return [word for word in dict.fromkeys(ordered) if word in marked]


def _cut(text: Text, field: str, span: tuple[int, int]) -> str:
    return (text.title if field == "title" else text.text)[span[0] : span[1]]


def _meaning(found: tuple[Quote, ...], *, known: bool) -> list[Reason]:
    if not known:
        return [_plain("signal", "warn", _WAITING)]
    return [] if found else [_plain("signal", "neutral", _MEANT)]


_WAITING = later("语义还在计算，目前只比较了字词；完成后会自动更新。")
_MEANT = later("用词不同而语义相近，请人工核对。")


def _judged(told: Sequence[tuple[str, int]], moved: float) -> list[Reason]:
    """Return what earlier judgements changed; for the organiser alone, because they name other proposals."""
    if not told or abs(moved) < _FELT:
        return []
    judged = [[f"“{title}”", _SAID[level >= _GOOD]] for title, level in told]
    tone, pattern = _MOVED[moved > 0]
    return [_plain("judged", tone, pattern, given={"judged": judged})]


_FELT = 0.1  # of the step of about two from one grade to the next
_GOOD = 3
_SAID = {True: later("认可"), False: later("不认可")}
_MOVED = {
    True: ("ok", later("这条需求的相近成果已有意见：%(judged)s，所以这一项排得靠前")),
    False: ("warn", later("这条需求的相近成果已有意见：%(judged)s，所以这一项排得靠后")),
}
_SIGNALS = {
    "field_same": ("ok", later("技术领域一致：%(names)s")),
    "field_near": ("ok", later("同属一个技术大类：%(names)s")),
    "field_other": ("warn", later("填写的技术领域不同")),
    "mode_fits": ("ok", later("合作方式相合：%(names)s")),
    "mode_clashes": ("warn", later("双方填写的合作方式不同，需要商量")),
    "stage_ready": ("ok", later("成果已到“%(names)s”阶段")),
    "stage_early": ("warn", later("成果还在“%(names)s”阶段，离应用尚有距离")),
    "region_near": ("ok", later("同在%(names)s，来往方便")),
}
_NAMES = {"mode": "coop_mode", "stage": "maturity"}


def _signal(signal: Signal) -> Reason:
    tone, pattern = _SIGNALS[signal.code]
    return _plain("signal", tone, pattern, given={NAMED: _names(signal)})


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
    kind, tone, pattern = _COMPARED[_found_of(entry)]
    given = {"wanted": say(entry.needed)}
    if entry.stated is not None:
        given["stated"] = say(entry.stated)
    return _plain(kind, tone, pattern, given=given, need_words=[entry.needed.quantity])


def _found_of(entry: Comparison) -> str:
    """Name what the comparison of an indicator came to."""
    if entry.stated is None:
        return "silent"
    return str(entry.doubt or entry.outcome)


_COMPARED = {
    "silent": ("unstated", "neutral", later("需要 %(wanted)s：成果未说明")),
    Doubt.PARTLY: (
        "unstated",
        "neutral",
        later("需要 %(wanted)s，成果为 %(stated)s：只有一部分落在要求之内，未说明能否全部达到"),
    ),
    Doubt.EITHER: (
        "unstated",
        "neutral",
        later("需要 %(wanted)s，成果为 %(stated)s：数值不同，请核对大些好还是小些好"),
    ),
    Doubt.NAMES: (
        "unstated",
        "neutral",
        later("需要 %(wanted)s，成果写的是 %(stated)s：名称不尽相同，请核对是不是同一项指标"),
    ),
    Doubt.UNITS: (
        "unstated",
        "neutral",
        later("需要 %(wanted)s，成果为 %(stated)s：单位不能直接换算，请按同一种单位核对"),
    ),
    Doubt.HOURS: (
        "unstated",
        "neutral",
        later("需要 %(wanted)s，成果为 %(stated)s：计时不同，请核对每天、每年实际运行多久"),
    ),
    Doubt.HOPED: (
        "unstated",
        "neutral",
        later("需要 %(wanted)s，成果只写了预计或目标值 %(stated)s：请核对有没有实测"),
    ),
    Doubt.CONDITIONS: (
        "unstated",
        "neutral",
        later("需要 %(wanted)s，成果为 %(stated)s：没有说明是在同样的条件下，请核对"),
    ),
    Doubt.VARIED: (
        "unstated",
        "neutral",
        later("需要 %(wanted)s，成果为 %(stated)s 等几个不同的数值：请核对哪一个适用"),
    ),
    Outcome.MET: ("met", "ok", later("需要 %(wanted)s，成果为 %(stated)s：达到")),
    Outcome.NOT_MET: ("unmet", "bad", later("需要 %(wanted)s，成果为 %(stated)s：未达到")),
}


_ASKED_OF_SIGNALS = {
    "stage_early": later("首次洽谈可问：从“%(names)s”到能在产线上用，还要做哪些验证、多长时间？"),
    "mode_clashes": later("首次洽谈可问：双方填写的合作方式不同，怎样分担投入和分享成果？"),
}


def _questions(compared: tuple[Comparison, ...], score: MatchScore) -> list[Reason]:
    gaps = [entry for entry in compared if entry.outcome is not Outcome.MET]
    open_ones = sorted(gaps, key=lambda entry: entry.outcome is not Outcome.NOT_MET)  # known gaps first
    asked = [
        _plain(
            "question",
            "neutral",
            _question(entry),
            given={"wanted": say(entry.needed)},
            need_words=[entry.needed.quantity],
        )
        for entry in open_ones
    ]
    asked += [
        _plain("question", "neutral", _ASKED_OF_SIGNALS[signal.code], given={NAMED: _names(signal)})
        for signal in score.signals
        if signal.code in _ASKED_OF_SIGNALS
    ]
    return asked[:_MOST_QUESTIONS]


def _question(entry: Comparison) -> str:
    if entry.outcome is Outcome.NOT_STATED:
        return _CAN_IT
    return _HOW_LONG


_CAN_IT = later("首次洽谈可问：能否做到 %(wanted)s？")
_HOW_LONG = later("首次洽谈可问：从现有水平到 %(wanted)s，还需要多少时间和投入？")
_RELATIONS = {"at_least": "≥", "at_most": "≤", "equal": "", "within": "±"}


def say(indicator: Indicator) -> str:
    """Write an indicator as understood: 抗冲击韧性 ≥67%, 容量保持率 ≥80%（-20℃）."""
    if indicator.relation.value == "between":
        amount = f"{_number(indicator.low)}–{_number(indicator.high)}"
    else:
        bound = (
            indicator.low
            if indicator.low is not None and indicator.relation.value != "within"
            else indicator.high
        )
        amount = f"{_RELATIONS[indicator.relation.value]}{_number(bound)}"
    words = " ".join(part for part in (indicator.quantity, f"{amount}{indicator.unit}") if part)
    condition = indicator.condition.lstrip("在约 ")
    return f"{words}（{condition}）" if condition and condition not in indicator.quantity else words


def _number(value: float | None) -> str:
    return "" if value is None else written(value)


def _plain(
    kind: str,
    tone: str,
    pattern: str,
    *,
    given: Mapping[str, Any] | None = None,
    need_words: Sequence[str] = (),
) -> Reason:
    return Reason(
        kind=kind,
        tone=tone,
        text=said(pattern, given or {}),
        quotes=[],
        marks=[],
        need_words=list(need_words),
        achievement_words=[],
        pattern=pattern,
        given=given or {},
    )
