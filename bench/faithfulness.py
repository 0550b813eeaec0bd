"""Whether the words that a reason marks carried the match.

    python bench/faithfulness.py [PAIRS]

For a sample of proposals at 较强 or better, the marked words are taken out of both texts, and in a second
copy as many characters of other words, drawn by a fixed seed. Printed is in what share of the pairs the score
falls further without the marked words. `matchmaker demo` and `matchmaker match` must have run before.
"""

import random
import sys
from collections.abc import Collection, Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.services.library import Desk, desk_for
from matchmaker.services.reasons import quoted_from
from matchmaker.services.texts import Text, need_text
from matchmaker.settings import load_settings
from matchmaker.store.engine import Database
from matchmaker.store.queries.needs import GOOD
from matchmaker.store.tables import Match, Need
from nlp.index import Library, Passage, Query, passage_vectors, query_vectors
from nlp.reasons import quotes

_TEMPORARY = 10**9


def main() -> None:
    """Sample, take out, score, print."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    settings = load_settings(instance="demo")
    database = Database(settings.database_url)
    desk = desk_for(settings)
    chance = random.Random(0)
    with database.reading() as session:
        library = desk.library(session)
        pairs = _sample(session, wanted, chance)
        drops = [_drops(session, desk, library, pair, chance) for pair in pairs]
    database.close()
    found = np.array([drop for drop in drops if drop is not None])
    further = float((found[:, 0] > found[:, 1]).mean())
    print(f"pairs {len(found)}; without the marked words the score falls further in {further:.1%}")
    print(f"mean fall {found[:, 0].mean():.2f} against {found[:, 1].mean():.2f}")


def _sample(session: Session, wanted: int, chance: random.Random) -> list[tuple[int, int]]:
    rows = session.execute(
        select(Match.need_id, Match.achievement_id)
        .where(Match.current, Match.grade.in_(GOOD))
        .order_by(Match.id)
    )
    pairs = [(need_id, achievement_id) for need_id, achievement_id in rows]
    chance.shuffle(pairs)
    return pairs[:wanted]


def _drops(
    session: Session, desk: Desk, library: Library, pair: tuple[int, int], chance: random.Random
) -> tuple[float, float] | None:
    """Return how far the score falls without the marked words, and without others; None if none is."""
    need = need_text(session.get_one(Need, pair[0]))
    achievement = desk.texts_of(session, [pair[1]])[pair[1]]
    marked = _marked(desk, library, need, achievement)
    if marked is None:
        return None
    others = (
        _others(desk, need, marked[0], chance),
        _others(desk, achievement, marked[1], chance),
    )
    whole, without, control = _scores(desk, library, need, achievement, [((), ()), marked, others])
    return whole - without, whole - control


def _marked(
    desk: Desk, library: Library, need: Text, achievement: Text
) -> tuple[Collection[str], Collection[str]] | None:
    found = quotes(
        need.title,
        need.text,
        achievement.title,
        achievement.text,
        segmenter=desk.segmenter,
        rarity=library.rarity,
        most=16,
    )
    ours = quoted_from(need, [(one.need_field, one.need_span, one.weight) for one in found])
    theirs = quoted_from(
        achievement, [(one.achievement_field, one.achievement_span, one.weight) for one in found]
    )
    words = tuple({word for piece in side for word in piece.words} for side in (ours, theirs))
    return (words[0], words[1]) if words[0] and words[1] else None


def _others(desk: Desk, text: Text, marked: Collection[str], chance: random.Random) -> list[str]:
    """Return other words of a text that take at least as many characters away."""
    whole = f"{text.title}\n{text.text}"
    size = sum(len(word) * whole.count(word) for word in marked)
    candidates = [
        word
        for word in dict.fromkeys(span.word for span in desk.segmenter.words_with_spans(whole))
        if not any(word in one.lower() or one.lower() in word for one in marked)
    ]
    chance.shuffle(candidates)
    chosen: list[str] = []
    for word in candidates:
        if sum(len(one) * whole.count(one) for one in chosen) >= size:
            break
        chosen.append(word)
    return chosen


def _scores(
    desk: Desk,
    library: Library,
    need: Text,
    achievement: Text,
    taken_out: Sequence[tuple[Collection[str], Collection[str]]],
) -> list[float]:
    """Return the blended score of the pair with these words taken out of the need and the achievement."""
    asked = [Query(title=_without(need.title, ours), text=_without(need.text, ours)) for ours, _ in taken_out]
    passages = [
        Passage(
            key=_TEMPORARY + place,
            title=_without(achievement.title, theirs),
            text=_without(achievement.text, theirs),
        )
        for place, (_, theirs) in enumerate(taken_out)
    ]
    library.add(passages, passage_vectors(desk.encoder, passages))
    found = [
        float(library.score(query, vectors, among=[passage.key]).blended[0])
        for query, vectors, passage in zip(asked, query_vectors(desk.encoder, asked), passages, strict=True)
    ]
    library.remove([passage.key for passage in passages])
    return found


def _without(content: str, words: Collection[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        content = content.replace(word, "")
    return content


if __name__ == "__main__":
    main()
