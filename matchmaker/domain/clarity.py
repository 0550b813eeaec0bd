"""How well a need can be answered by somebody who does not know the firm: advice, never a verdict."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matchmaker.domain.saying import later, said

_FOUNDATION = re.compile(
    # a prototype that is to be made is not there yet
    r"产线|生产线|(?<!(?<!已)完成)(?<!(?<!已)研制)(?<!提供)(?<!交付)(?<!做出)(?:样品|样机|样件)"
    r"|中试|小试|试制|(?:试|做|用|换|加|改|调|调整|改进|优化|对比|买|装|请|委托|试验|验证)过|(?:试用?|换|调整|对比|测试|尝试)了|尝试|自己试|曾"
    r"|(?:投|洗|喷|涂|泡|烘|烤|抽|循环|找|问|送检|处理)过(?![程大高多长低小滤敏量期剩])|后仍[有然达为]|效果(?:都|均)?(?:不[大好佳]|不明显|不理想|有限)"
    r"|现有(?!技术|水平)|现用|已经?(?:用|采用|试|做|换|装)(?!于)|(?:目前|现在|现)(?:是?用|采用|靠|使用|采取|委托|交给|由)|已有"
    r"|\b(?:tried|tested|currently us\w+|existing|samples?|pilot|prototypes?)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"不(?:能|可|允许|得)(?:再)?增[加大]|不(?:能|可|允许|得)?(?:改动?|更?换|动|停机|停产|变|出厂|增加(?=设备|人|工序|成本|占地))|不(?:使用|添加|加|用|含)(?=[㐀-鿿])"
    r"|(?:可以?|能|愿意?)提供|兼容|对接(?=现|原|用友|金蝶|ERP|MES|系统|[A-Z])|受限|限于|占地|成本(?:增加)?不(?:超过|高于|大于)"
    r"|\b(?:without|must not|cannot|compatible)\b",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"(?:今|明|后)年|20\d\d年?(?:\d{1,2}月)?(?:底|前|内|完成|投产|上市)|年底|年内|月底前|季度[末内前]|半年[内之]"
    r"|[\d一二两三四五六七八九十]+个?[月年]内"
    r"|\b(?:by|before) (?:the end of )?(?:20\d\d|\w+ 20\d\d)|\bwithin \d+ (?:months|weeks)",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"(?:预算|投入|经费|资金|出资|悬赏|拿出)[^，。；;\n]{0,10}?[\d一二两三四五六七八九十百][^，。；;\n]{0,6}?[万元亿]|\bbudget\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"面议|待定|越[^越，。；\s]{1,2}越好|(?:国际|国内)?(?:先进|领先|一流)水平|根据需要|视情况|尽量|尽可能|尽快|大幅|进一步提高"
    r"|as (?:soon|much|low|high|cheap) as possible|state[- ]of[- ]the[- ]art",
    re.IGNORECASE,
)
# words that any need might begin with: they tell nobody what the matter is
_EMPTY = re.compile(
    r"希望|目前|现在|存在|问题|难题|急需|亟需|需要|进一步|提高|提升|改善|解决|加工|产品|技术|性能|质量|国内外?|国外|国际|企业|专家|帮助|来看看"
    r"|较大|较高|较差|差距|我们?[厂司公]?|本[厂司]|请|和|与|的|了|很|大家|意见"
)
_WORD = re.compile(r"[A-Za-z]{2,}")
_HAN = re.compile(r"[㐀-鿿]|\d+(?:\.\d+)?")
_NUMBER = re.compile(r"[0-9０-９一二三四五六七八九十百两]")
# how much, how often, how long: 套用八次后活性掉一半
_FIGURE = re.compile(
    r"\d+(?:\.\d+)?\s*(?:%|‰|[a-zA-Zμ℃°Ω]|[㐀-鿿])|百分之|[对掉少多降低减损]一半"
    r"|[一二三四五六七八九十百千万两几半]+(?:多|来)?(?:个|次|天|年|月|成|倍|件|台|批|度|小时|分钟|秒|毫米|米|吨|公斤|斤|克|支|根|栋|处|遍|周|班|块|条|头|亩|元)"
)
_OF_A_FIGURE, _MOST_FIGURES = 5, 2
_LONG_TERM = re.compile(r"长期|年底|年内|半年|季度")
MOST_QUESTIONS = 3
_ENOUGH = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarityPart:
    """One part of the clarity score: `share` 0–1, and what to do about it as `pattern` and `given`."""

    code: str
    name: str
    share: float
    pattern: str
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def advice(self) -> str:
        """Return what to do, in Chinese."""
        return said(self.pattern, self.given)


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
    vague = vague_words(text)
    share_of = {
        "title": _said(title) / 8,
        "problem": _told(problem) / 30,
        "indicators": indicator_count / 3,
        "tried": _tried(text, background),
        "conditions": 1.0 if conditions.strip() or _CONDITION.search(text) else 0.0,
        "field": 1.0 if fields else 0.0,
        "period": max(_stated(period_text, _LONG_TERM), _in_text(_WHEN, text)),
        "budget": max(_stated(budget_text), _in_text(_MONEY, text)),
        "vague": 0.0 if vague else 1.0,
    }
    parts = tuple(
        ClarityPart(
            code=code,
            name=name,
            share=min(1.0, share_of[code]),
            pattern=advice,
            given=quoted_words(vague) if code == "vague" else {},
        )
        for code, (name, advice) in _PARTS.items()
    )
    return Clarity(share=sum(part.share for part in parts) / len(parts), parts=parts)


_PARTS = {
    "title": (later("名称具体"), later("名称写到 8 个字以上，说出对象和要求")),
    "problem": (later("问题清楚"), later("写清什么情况下出什么问题，影响多大")),
    "indicators": (later("指标量化"), later("写出三个以上带数字和单位的指标")),
    "tried": (later("现有基础"), later("写已有的设备、样品，试过什么、结果怎样")),
    "conditions": (later("条件限制"), later("写不能改的设备、可提供的试验条件")),
    "field": (later("技术领域"), later("选一个技术领域")),
    "period": (later("时限"), later("写希望什么时候用上")),
    "budget": (later("投入"), later("写大致准备投入多少，区间也可以")),
    "vague": (later("用词明确"), later("把%(words)s改成能判断的说法，例如具体的数值")),
}


def vague_words(text: str) -> tuple[str, ...]:
    """Return the words of a text that nobody can check, each once, in their order."""
    return tuple(dict.fromkeys(found.group() for found in _VAGUE.finditer(text)))


def _said(text: str) -> int:
    """Count Chinese characters and numbers as one each, words of other languages as two."""
    return len(_HAN.findall(text)) + 2 * len(_WORD.findall(text))


def _told(text: str) -> int:
    """Count what a text says beyond the words that any need might use; a figure says as much as a clause."""
    figures = len(_FIGURE.findall(text))
    return _said(_EMPTY.sub("", _VAGUE.sub("", text))) + _OF_A_FIGURE * min(figures, _MOST_FIGURES)


def _in_text(words: re.Pattern[str], text: str) -> float:
    """Say whether the texts tell what has a field of its own: lists have one cell for everything."""
    return 1.0 if words.search(text) else 0.0


def _tried(text: str, background: str) -> float:
    return 1.0 if background.strip() or _FOUNDATION.search(text) else 0.0


def _stated(words: str, also: re.Pattern[str] | None = None) -> float:
    """Say whether money or time is told by a number; a word such as 面议 is half an answer."""
    if _NUMBER.search(words) or (also and also.search(words)):
        return 1.0
    return 0.5 if words.strip() else 0.0


def quoted_words(vague: Sequence[str]) -> dict[str, list[str]]:
    """Return what fills a sentence about vague words."""
    return {"words": [f"“{word}”" for word in vague[:3]] or ["“越高越好”"]}
