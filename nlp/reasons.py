"""Why two texts match: the words of both that carried the score, quoted with their places in the originals.

Quotes are short on purpose. Together they never exceed a fifth of either text, so a list of reasons can be
shown to somebody who may not read the other side's full description.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nlp.bounds import Relation
from nlp.compared import Comparison, Outcome, compare
from nlp.indicators import Indicator, indicators
from nlp.text import Segmenter, fold
from nlp.units import UNITS

__all__ = [
    "Comparison",
    "Indicator",
    "Outcome",
    "Quote",
    "Relation",
    "compare",
    "indicators",
    "quotes",
]

MOST_SHARE = 0.2
TITLE_BONUS = 1.5
USUAL_RARITY = 6.0
LONGEST_COUNTED = 6

# units, and what every need and achievement says; alone they are no common ground
_SAYS_NOTHING = re.compile(
    "(?:提[高升]|降低|下降|减少|增加|缩短|延长|控制|实现|采用|达到|能够|使用|进行|解决|问题|方法|要求|需要|希望|"
    + "|".join(re.escape(fold(name)) for name in UNITS)
    + ")"
)

# Words that say of what kind a thing is: 中性 of a pen and 中性 of a salt spray have nothing in common.
_OF_WHAT_KIND = re.compile(
    "[㐀-鿿]{1,3}[性型式级]|[㐀-鿿]{2}化|高效|快速|高速|稳定|均匀|良好|优良|优异|明显|显著|先进|精密|专业|专用|通用|常规|普通"
    "|环保|绿色|节能|智能|自动|多功能|在线|实时|连续|长期|单一|国产|进口|高温|低温|常温|高强|高端|批量|大量"
)
# After these such a word is what is spoken of: 弹性好, 稳定性的要求; or the phrase ends.
_SPOKEN_OF = re.compile(
    r"[的地得了着和与及或等且而是为在有无不没可能应须要较更很最好差高低强弱佳优达、，。；：！？]|[^㐀-鿿0-9a-z]|$"
)

Span = tuple[int, int]
Rarity = Callable[[str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words found in both texts. Spans are (start, end) in the string named by the field beside them."""

    words: str
    need_field: str
    need_span: Span
    achievement_field: str
    achievement_span: Span
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One side's two strings, folded, and how many characters may be quoted from them."""

    title: str
    text: str
    allowance: int

    def find(self, word: str) -> tuple[str, Span] | None:
        """Return where a word first stands, the title before the text."""
        for field, content in (("title", self.title), ("text", self.text)):
            place = content.find(word)
            if place >= 0:
                return field, (place, place + len(word))
        return None

    def after(self, word: str) -> set[str]:
        """Return the characters that follow a word, wherever it stands; "" where it is itself spoken of."""
        found = set()
        for content in (self.title, self.text):
            place = content.find(word)
            while place >= 0:
                end = place + len(word)
                found.add("" if _SPOKEN_OF.match(content, end) else content[end])
                place = content.find(word, end)
        return found


def quotes(
    need_title: str,
    need_text: str,
    achievement_title: str,
    achievement_text: str,
    *,
    segmenter: Segmenter,
    rarity: Rarity | None = None,
    most: int = 8,
    most_share: float = MOST_SHARE,
) -> tuple[Quote, ...]:
    """Return up to `most` quotes, heaviest first, within `most_share` of each side's characters."""
    need = _side(need_title, need_text, most_share)
    achievement = _side(achievement_title, achievement_text, most_share)
    shared = sorted(
        _shared(need, achievement, segmenter, rarity or _by_length), key=lambda q: (-q.weight, q.words)
    )
    chosen: list[Quote] = []
    left_of_need, left_of_achievement = need.allowance, achievement.allowance
    for quote in shared:
        size = len(quote.words)
        if size > min(left_of_need, left_of_achievement) or _overlaps(quote, chosen):
            continue
        chosen.append(quote)
        left_of_need, left_of_achievement = left_of_need - size, left_of_achievement - size
    joined = sorted(_join_neighbours(chosen, need_title, need_text), key=lambda q: (-q.weight, q.words))
    return tuple(joined[:most])


def _by_length(word: str) -> float:
    """Stand in for a library's rarity: longer words are rarer."""
    return USUAL_RARITY * min(len(word), LONGEST_COUNTED) / LONGEST_COUNTED


def _side(title: str, text: str, most_share: float) -> _Side:
    return _Side(
        title=fold(title), text=fold(text), allowance=int((len(title) + len(text)) * most_share + 1e-9)
    )


def _shared(need: _Side, achievement: _Side, segmenter: Segmenter, rarity: Rarity) -> Iterator[Quote]:
    """Yield one quote for every word of either side that the other also holds, however it is cut there."""
    contents = (need.title, need.text, achievement.title, achievement.text)
    words = {span.word for content in contents for span in segmenter.words_with_spans(content)}
    for word in sorted(words):
        if not any(letter.isalpha() for letter in word) or _SAYS_NOTHING.fullmatch(word):
            continue  # 82 % of good parts and a load of 82 N have only the digits in common
        ours, theirs = need.find(word), achievement.find(word)
        if ours is None or theirs is None or _only_a_kind(word, need, achievement):
            continue
        bonus = TITLE_BONUS ** ((ours[0] == "title") + (theirs[0] == "title"))
        yield Quote(
            words=word,
            need_field=ours[0],
            need_span=ours[1],
            achievement_field=theirs[0],
            achievement_span=theirs[1],
            weight=round(rarity(word) * bonus * min(len(word), LONGEST_COUNTED) ** 0.5, 4),
        )


def _only_a_kind(word: str, need: _Side, achievement: _Side) -> bool:
    """Say whether a word tells on both sides only of what kind a thing is, and never of the same thing."""
    if not _OF_WHAT_KIND.fullmatch(word):
        return False
    after_ours, after_theirs = need.after(word), achievement.after(word)
    return "" not in after_ours | after_theirs and not after_ours & after_theirs


def _overlaps(quote: Quote, chosen: list[Quote]) -> bool:
    """Say whether a quote repeats characters that are already quoted on either side."""
    return any(
        (quote.need_field == other.need_field and _cross(quote.need_span, other.need_span))
        or (
            quote.achievement_field == other.achievement_field
            and _cross(quote.achievement_span, other.achievement_span)
        )
        for other in chosen
    )


def _cross(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _join_neighbours(chosen: list[Quote], need_title: str, need_text: str) -> list[Quote]:
    """Make one phrase of quotes that follow each other directly in both texts."""
    joined: list[Quote] = []
    for quote in sorted(chosen, key=lambda q: (q.need_field, q.need_span)):
        last = joined[-1] if joined else None
        if last is None or not _follows(last, quote):
            joined.append(_original_words(quote, need_title, need_text))
            continue
        phrase = Quote(
            words="",
            need_field=last.need_field,
            need_span=(last.need_span[0], quote.need_span[1]),
            achievement_field=last.achievement_field,
            achievement_span=(last.achievement_span[0], quote.achievement_span[1]),
            weight=round(last.weight + quote.weight, 4),
        )
        joined[-1] = _original_words(phrase, need_title, need_text)
    return joined


def _follows(last: Quote, quote: Quote) -> bool:
    return (
        last.need_field == quote.need_field
        and last.achievement_field == quote.achievement_field
        and last.need_span[1] == quote.need_span[0]
        and last.achievement_span[1] == quote.achievement_span[0]
    )


def _original_words(quote: Quote, need_title: str, need_text: str) -> Quote:
    """Return the quote in the need's own spelling, width and case."""
    content = need_title if quote.need_field == "title" else need_text
    return Quote(
        words=content[slice(*quote.need_span)],
        need_field=quote.need_field,
        need_span=quote.need_span,
        achievement_field=quote.achievement_field,
        achievement_span=quote.achievement_span,
        weight=quote.weight,
    )
