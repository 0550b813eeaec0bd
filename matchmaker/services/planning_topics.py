"""Topics for the plan: the county's themes, split where one has many needs, named by their telling words."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.domain.plan import FIT_MAX
from matchmaker.resources import folder
from matchmaker.store.tables import Need, Theme
from nlp.heaps import cluster, telling_words, unit
from nlp.text import Segmenter, read_stopwords

NEEDS_PER_TOPIC, MOST_PER_THEME = 60, 6
OTHERS_PER_TOPIC, MOST_OF_OTHERS = 90, 30  # what no theme of the county speaks for may be of any trade
TOPICS_PER_NEED = 3
_LOOKED_AT, _SHOWN, _NAMED = 6, 3, 2  # telling words of a part of a topic
OTHER = "综合"
OWN_FIT = 700  # a need fits its own topic at least this well, however it was put there
THEME_FROM = 200  # a theme that only a field code or one word speaks for is not one
NEAR = 0.9  # a need outside the themes fits another such topic that is nearly as close as its own
_TITLE_WORD, _TEXT_WORD, _FIELD, _INDUSTRY = 600, 150, 150, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What events can be about. `need_ids` are its own needs; others may fit it less well."""

    key: str
    name: str
    theme_id: int | None
    words: tuple[str, ...]
    need_ids: tuple[int, ...]


def topic_to_json(topic: Topic) -> dict[str, Any]:
    """Return a topic as plain JSON values."""
    return {**asdict(topic), "words": list(topic.words), "need_ids": list(topic.need_ids)}


def topic_from_json(told: Mapping[str, Any]) -> Topic:
    """Return the topic that `topic_to_json` wrote."""
    return Topic(
        key=told["key"],
        name=told["name"],
        theme_id=told["theme_id"],
        words=tuple(told["words"]),
        need_ids=tuple(told["need_ids"]),
    )


def theme_fit(theme: Theme, need: Need) -> int:
    """Return how well a need fits a theme, 0 to FIT_MAX: words of the title and text, field and industry."""
    text = f"{need.problem}{need.key_points}{need.goal}"
    fit = _TITLE_WORD * any(word in need.title for word in theme.words)
    fit += _TEXT_WORD * min(3, sum(word in text for word in theme.words))
    fit += _FIELD * any(code.startswith(prefix) for code in need.fields for prefix in theme.fields)
    fit += _INDUSTRY * any(need.industry.startswith(prefix) for prefix in theme.industries if need.industry)
    return min(FIT_MAX, fit)


def make_topics(
    themes: Sequence[Theme], needs: Sequence[Need], vectors: NDArray[np.float32], *, words: Segmenter
) -> list[Topic]:
    """Return topics that hold every need once: by its best theme, large themes in clusters.

    `vectors` has one row per need. The same needs give the same topics.
    """
    place = {need.id: number for number, need in enumerate(needs)}
    topics = []
    for theme, own in _by_theme(themes, needs):
        count = _count(len(own), of_theme=theme is not None)
        name = theme.name if theme else OTHER
        whole = Topic(
            key=theme.slug if theme else "other",
            name=name,
            theme_id=theme.id if theme else None,
            words=tuple(theme.words[:3]) if theme else (),
            need_ids=tuple(need.id for need in own),
        )
        rows = vectors[[place[need.id] for need in own]]
        topics += split_topic(whole, own, rows, count=count, words=words) if count > 1 else [whole]
    return topics


def _count(needs: int, *, of_theme: bool) -> int:
    """Return into how many topics so many needs go: small ones speak of one thing, large ones fill events."""
    count = max(1, min(MOST_PER_THEME, round(needs / NEEDS_PER_TOPIC)))
    return count if of_theme else max(count, min(MOST_OF_OTHERS, round(needs / OTHERS_PER_TOPIC)))


def _by_theme(themes: Sequence[Theme], needs: Sequence[Need]) -> list[tuple[Theme | None, list[Need]]]:
    heaps: dict[int, list[Need]] = defaultdict(list)
    for need in needs:
        fits = [theme_fit(theme, need) for theme in themes]
        best = max(range(len(fits)), key=fits.__getitem__, default=-1)
        heaps[best if best >= 0 and fits[best] >= THEME_FROM else -1].append(need)
    return [(themes[n] if n >= 0 else None, heaps[n]) for n in [*range(len(themes)), -1] if heaps[n]]


def split_topic(
    topic: Topic, needs: Sequence[Need], vectors: NDArray[np.float32], *, count: int, words: Segmenter
) -> list[Topic]:
    """Return a topic's clusters as topics of their own, named after it and their telling words."""
    labels = cluster(vectors, count=count)
    heaps: list[list[Need]] = [[] for _ in range(max(labels, default=0) + 1)]
    for need, label in zip(needs, labels, strict=True):
        heaps[label].append(need)
    texts = [_by_firm(heap, words) for heap in heaps]
    told = telling_words(texts, most=_LOOKED_AT, least_texts=2)
    # 客户 and 毫米, which stand in texts alone, name no topic; nor do 方法 and 装置
    titled = [{word for need in heap for word in words.words(need.title) if _names(word)} for heap in heaps]
    # event titles are public: a word that only one firm wrote does not get into them
    named = telling_words(texts, most=_NAMED, least_texts=2, among=titled)
    first = topic.name.split("·")[0]
    return [
        replace(
            topic,
            key=f"{topic.key}-{number}",
            name=_part_name(first, name, number),
            words=(*name, *(word for word in own if word not in name))[:_SHOWN],
            need_ids=tuple(need.id for need in heap),
        )
        for number, (heap, name, own) in enumerate(zip(heaps, named, told, strict=True), 1)
        if heap
    ]


def _part_name(of: str, words: Sequence[str], number: int) -> str:
    """Return what an event about this part is called; 综合 says nothing where words do."""
    if not words:
        return f"{of} {number}"
    return "、".join(words) if of == OTHER else f"{of}·{'、'.join(words)}"


def _by_firm(needs: Sequence[Need], words: Segmenter) -> list[list[str]]:
    """Return what each firm says in its needs, word by word."""
    said: dict[int, list[str]] = defaultdict(list)
    for need in needs:
        said[need.organisation_id] += words.words(f"{need.title} {need.problem}")
    return list(said.values())


def _names(word: str) -> bool:
    """Say whether a word can name a topic: Chinese, and telling what a need is about, not its kind."""
    return "一" <= word[0] <= "鿿" and word not in _generic_words()


@cache
def _generic_words() -> frozenset[str]:
    return read_stopwords(folder("config") / "generic_words.txt")


def topic_fits(
    topics: Sequence[Topic],
    themes: Mapping[int, Theme],
    needs: Sequence[Need],
    vectors: NDArray[np.float32],
) -> list[dict[str, int]]:
    """Return, per need, topic key → fit (1 to FIT_MAX) of its own topic and of the next best.

    Half is the theme's words and codes, half the closeness to the middle of the topic's vectors,
    told from the need's nearest to its farthest topic.
    """
    if not topics:
        return [{} for _ in needs]
    place = {need.id: number for number, need in enumerate(needs)}
    rows = unit(vectors)
    home = {need_id: number for number, topic in enumerate(topics) for need_id in topic.need_ids}
    middles = unit(np.stack([_middle(rows, topic, place) for topic in topics]))
    near = rows @ middles.T
    fits = []
    for need, closeness in zip(needs, near, strict=True):
        low, high = float(closeness.min()), float(closeness.max())
        share = (closeness - low) / (high - low) if high > low else np.ones_like(closeness)
        fits.append(_best_topics(topics, themes, need, share, home.get(need.id)))
    return fits


def _middle(rows: NDArray[np.float32], topic: Topic, place: Mapping[int, int]) -> NDArray[np.float32]:
    own = [place[need_id] for need_id in topic.need_ids if need_id in place]
    return rows[own].mean(axis=0) if own else np.zeros(rows.shape[1], dtype=np.float32)


def _best_topics(
    topics: Sequence[Topic],
    themes: Mapping[int, Theme],
    need: Need,
    share: NDArray[np.float32],
    home: int | None,
) -> dict[str, int]:
    fits: Counter[str] = Counter()
    outside = home is not None and topics[home].theme_id is None
    for number, topic in enumerate(topics):
        theme = themes.get(topic.theme_id) if topic.theme_id is not None else None
        by_theme = theme_fit(theme, need) if theme else 0
        fit = (by_theme + int(FIT_MAX * float(share[number]))) // 2
        if number == home:
            fits[topic.key] = max(OWN_FIT, fit)
        elif by_theme >= THEME_FROM or (outside and theme is None and share[number] >= NEAR):
            fits[topic.key] = max(1, fit)
    kept = sorted(
        fits, key=lambda key: (key != (topics[home].key if home is not None else ""), -fits[key], key)
    )
    return {key: fits[key] for key in kept[:TOPICS_PER_NEED]}
