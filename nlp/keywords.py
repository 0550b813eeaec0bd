"""Weighted key terms of one text: words of the title first, then rare and repeated words of the body."""

from collections import Counter
from dataclasses import dataclass

from nlp.text import Segmenter

TITLE_SHARE = 3.0
USUAL_RARITY = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """One key term; the weights of a text's terms are relative to its strongest, which is 1."""

    word: str
    weight: float


def keywords(
    title: str,
    text: str,
    *,
    segmenter: Segmenter,
    rarity: dict[str, float] | None = None,
    most: int = 12,
) -> tuple[Keyword, ...]:
    """Return up to `most` key terms, heaviest first, equal ones by spelling.

    `rarity` is an inverse document frequency of a library; without it a longer word counts as the rarer one.
    """
    counts: Counter[str] = Counter(segmenter.words(text))
    weights: dict[str, float] = {word: count**0.5 for word, count in counts.items()}
    for word in set(segmenter.words(title)):
        weights[word] = weights.get(word, 0.0) + TITLE_SHARE
    for word in weights:
        known = (rarity or {}).get(word, USUAL_RARITY)
        weights[word] *= known * min(len(word), 6) ** 0.5
    ordered = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:most]
    heaviest = ordered[0][1] if ordered else 1.0
    return tuple(Keyword(word=word, weight=round(weight / heaviest, 4)) for word, weight in ordered)
