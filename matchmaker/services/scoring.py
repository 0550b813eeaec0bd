"""Scores needs against the whole library: every pair by its texts, the nearest also by their forms."""

import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain import matching
from matchmaker.domain.families import FAMILY, MOST_OF_A_FAMILY, Kin, fold
from matchmaker.domain.learned import SIMILAR, Learned, Told
from matchmaker.domain.matching import AchievementFacts, Cuts, MatchScore, NeedFacts
from matchmaker.domain.states import NEEDS_OPEN_FOR_MATCHING, Grade
from matchmaker.resources import folder
from matchmaker.services.learned import fit_in_use, learned_in_use
from matchmaker.services.library import Desk
from matchmaker.services.never_match import bars_of
from matchmaker.services.reasons import Reason, reasons_for
from matchmaker.services.similar import Similar, similar_of
from matchmaker.services.texts import Text, need_text
from matchmaker.settings import Settings
from matchmaker.store.queries.families import kin_of
from matchmaker.store.queries.wider import chosen_for, owners_of, titles_of
from matchmaker.store.tables import Achievement, Need, Organisation
from nlp import alike
from nlp.index import Library, Query, Scores
from nlp.similarity import blend

# In a library larger than the first figure only so many, found by a quick search, are looked at closely.
_ALL_LOOKED_AT = 3000
_LOOKED_AT = 1000
_OWNERS_KEPT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One computed pair, ready to be stored."""

    need_id: int
    achievement_id: int
    score: MatchScore
    parts: dict[str, float]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One achievement's score for a need, with the parts that it was made of.

    `told` are what was said of similar achievements for the same need, where that moved the score.
    """

    key: int
    score: MatchScore
    parts: dict[str, float]
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What was computed for one need, and which versions it was computed from.

    `reckoned_with` is what the function of that name said when it began. `of_each_owner` is the best of
    each institution among what was looked at, best first, the first twenty at most.
    """

    need_id: int
    need_version: int
    engine: str
    reckoned_with: str
    proposals: tuple[Proposal, ...]
    achievement_versions: dict[int, int]
    text: Text
    vectors: NDArray[np.float32]
    encoder: str
    of_each_owner: tuple[Judged, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One need as scoring reads it.

    `barred` are achievements that it may never meet, `chosen` those that the organiser picked for it.
    """

    need: Need
    text: Text
    vectors: NDArray[np.float32]
    facts: NeedFacts
    barred: Collection[int]
    chosen: Collection[int] = ()

    @property
    def query(self) -> Query:
        """Return what the library is asked."""
        return Query(title=self.text.title, text=self.text.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What every need is scored against."""

    desk: Desk
    library: Library
    settings: Settings
    session: Session
    reckoned_with: str
    facts: dict[int, "LibraryFacts"]
    learned: Learned | None
    similar: Similar | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryFacts:
    """What scoring knows of an achievement beside its text."""

    form: AchievementFacts
    version: int
    kin: Kin


def compute_for(
    session: Session, desk: Desk, settings: Settings, need_ids: Sequence[int], *, seconds: float = inf
) -> list[Computed]:
    """Score needs against the library as the session sees it; needs no longer open are left out.

    When the time is up the rest are left out as well, but never the first.
    """
    needs = session.scalars(
        select(Need).where(Need.id.in_(need_ids), Need.status.in_(NEEDS_OPEN_FOR_MATCHING)).order_by(Need.id)
    ).all()
    if not needs:
        return []
    until = monotonic() + seconds
    computed: list[Computed] = []
    with desk.lock:
        shelf = shelf_of(session, desk, settings)
        for asked in asked_of(session, desk, needs):
            if computed and monotonic() > until:
                break
            computed.append(_computed(shelf, asked))
    return computed


def shelf_of(session: Session, desk: Desk, settings: Settings) -> Shelf:
    """Return the library as the session sees it, with the weights that count now; hold the desk's lock."""
    library, learned = desk.library(session), learned_in_use(session)
    return Shelf(
        desk=desk,
        library=library,
        settings=settings,
        session=session,
        reckoned_with=reckoned_with(session, desk),
        facts={},
        learned=learned,
        similar=similar_of(session, desk, library, learned.told) if learned else None,
    )


def reckoned_with(session: Session, desk: Desk) -> str:
    """Name what proposals follow from beside the texts: vectors, shipped weights, and what was learnt."""
    fit = fit_in_use(session)
    return f"{desk.engine}/{fit.evidence[:12] if fit else 'shipped'}"


def asked_of(session: Session, desk: Desk, needs: Sequence[Need]) -> list[Asked]:
    """Return needs as scoring reads them; those whose vector is not stored are encoded."""
    texts = [need_text(need) for need in needs]
    vectors = desk.asked_vectors(session, texts)
    cities = _cities(session, needs)
    bars = bars_of(session, [need.id for need in needs])
    chosen = chosen_for(session, [need.id for need in needs])
    return [
        Asked(
            need=need,
            text=text,
            vectors=vector,
            facts=NeedFacts(
                fields=frozenset(need.fields),
                coop_modes=frozenset(need.coop_modes),
                need_type=need.need_type,
                city=cities.get(need.organisation_id, ""),
            ),
            barred=bars.reasons.get(need.id, {}).keys(),
            chosen=chosen.get(need.id, ()),
        )
        for need, text, vector in zip(needs, texts, vectors, strict=True)
    ]


def _computed(shelf: Shelf, asked: Asked) -> Computed:
    compared = _compared(shelf, asked)
    best = _best(shelf, asked, compared)
    texts = shelf.desk.texts_of(shelf.session, [one.key for one in best])
    return Computed(
        need_id=asked.need.id,
        need_version=asked.need.text_version,
        engine=shelf.desk.engine,
        reckoned_with=shelf.reckoned_with,
        proposals=tuple(_proposal(shelf, asked, texts[one.key], one) for one in best),
        achievement_versions={one.key: shelf.facts[one.key].version for one in best},
        text=asked.text,
        vectors=asked.vectors,
        encoder=shelf.desk.serving,
        of_each_owner=tuple(_of_each_owner(shelf, asked, compared)),
    )


def _proposal(shelf: Shelf, asked: Asked, text: Text, judged: Judged) -> Proposal:
    return Proposal(
        need_id=asked.need.id,
        achievement_id=text.key,
        score=judged.score,
        parts=judged.parts,
        reasons=reasons_for(
            shelf.library,
            shelf.desk.segmenter,
            need=asked.text,
            achievement=text,
            score=judged.score,
            meaning_known=bool(judged.parts["meaning_known"]),
            told=_titled(shelf, judged.told),
            moved=judged.parts.get(SIMILAR, 0.0),
        ),
    )


def _titled(shelf: Shelf, told: Sequence[Told]) -> list[tuple[str, int]]:
    """Return (title of the achievement, level) of what was said."""
    titles = titles_of(shelf.session, [one.achievement_id for one in told])
    return [(titles[one.achievement_id], one.level) for one in told if one.achievement_id in titles]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """A need's text beside those near it in the library: their places, best first, barred ones left out."""

    scores: Scores
    blended: NDArray[np.float64]
    order: list[int]


def _compared(shelf: Shelf, asked: Asked) -> _Compared:
    near = None
    if shelf.library.size > _ALL_LOOKED_AT:
        most = _LOOKED_AT + len(asked.barred)
        near = {*shelf.library.nearest(asked.query, asked.vectors, most=most), *asked.chosen}
    scores = shelf.library.score(asked.query, asked.vectors, among=near)
    blended = blended_of(shelf, scores)
    order = [int(place) for place in np.argsort(-blended, kind="stable")] if scores.keys else []
    return _Compared(
        scores=scores,
        blended=blended,
        order=[place for place in order if scores.keys[place] not in asked.barred],
    )


def blended_of(shelf: Shelf, scores: Scores) -> NDArray[np.float64]:
    """Return the blended text scores by the weights that count now."""
    return scores.blended if shelf.learned is None else blend(scores.parts, shelf.learned.parts)


def _best(shelf: Shelf, asked: Asked, compared: _Compared) -> list[Judged]:
    """Return the best pairs at the floor grade or better, and whatever the organiser picked.

    Near-identical achievements of one hand count as one towards the number kept, so that a family
    of patents does not crowd out everybody else.
    """
    top, some = shelf.settings.matching.top, shelf.settings.matching.top * 10
    chosen = [place for place in compared.order if compared.scores.keys[place] in asked.chosen]
    for count in range(some, max(len(compared.order), some) + some, some):
        places = list(dict.fromkeys([*compared.order[:count], *chosen]))
        judged = judge(shelf, asked, compared.scores, compared.blended, places)
        ranked = [one for one in judged if good_enough(shelf, one) or one.key in asked.chosen]
        families = fold([shelf.facts[one.key].kin for one in ranked])
        if len(families) >= top or len(ranked) < len(judged):
            break  # what follows is below the floor, or one more of a family would be nobody's gain
    for family in families:
        ranked[family[0]].parts[FAMILY] = float(len(family))
    kept = {place for family in families[:top] for place in family[:MOST_OF_A_FAMILY]}
    return [one for place, one in enumerate(ranked) if place in kept or one.key in asked.chosen]


def good_enough(shelf: Shelf, judged: Judged) -> bool:
    """Say whether a pair reaches the lowest grade that is proposed."""
    return matching.at_least(judged.score.grade, Grade(shelf.settings.matching.floor))


def _of_each_owner(shelf: Shelf, asked: Asked, compared: _Compared) -> list[Judged]:
    """Return the best of each institution among the nearest that were compared, best first."""
    looked_at = compared.order[:_LOOKED_AT]
    owners = owners_of(shelf.session, [compared.scores.keys[place] for place in looked_at])
    first: dict[object, int] = {}
    for place in looked_at:
        first.setdefault(owners[compared.scores.keys[place]], place)
    places = list(first.values())[:_OWNERS_KEPT]
    judged = judge(shelf, asked, compared.scores, compared.blended, places)
    return [one for one in judged if good_enough(shelf, one)]


def judge(
    shelf: Shelf, asked: Asked, scores: Scores, blended: NDArray[np.float64], places: Sequence[int]
) -> list[Judged]:
    """Return the pairs at some places of `scores` with their forms taken into account, best first."""
    weights, learned = signal_weights(), shelf.learned or shipped(shelf.desk)
    keys = [scores.keys[place] for place in places]
    _look_up(shelf, keys)
    moves = shelf.similar.moves(asked.need.id, asked.vectors[1], keys) if shelf.similar and keys else None
    judged = []
    for number, place in enumerate(places):
        key = scores.keys[place]
        signals = matching.signals_of(asked.facts, shelf.facts[key].form, weights)
        parts = {name: round(float(values[place]), 4) for name, values in scores.parts.items()}
        parts["meaning_known"] = float(shelf.desk.has_vector(key) and bool(asked.vectors.any()))
        parts |= {signal.code: signal.points for signal in signals}
        extra, told = 0.0, tuple[Told, ...]()
        if moves is not None:
            base = float(blended[place]) + learned.signals * sum(signal.points for signal in signals)
            extra, told = moved_by(base, float(moves.levels[number]), learned.cuts), moves.named[number]
            parts[SIMILAR] = round(extra, 4)
        score = matching.combine(
            float(blended[place]) + extra, signals, learned.cuts, signal_factor=learned.signals
        )
        judged.append(Judged(key=key, score=score, parts=parts, told=told))
    return sorted(judged, key=lambda one: (-one.score.score, one.key))


def moved_by(place: float, levels: float, cuts: Cuts) -> float:
    """Return what moves a pair at this place by so many levels."""
    margins = place - np.array([[cuts.weak, cuts.fair, cuts.strong]])
    return float(alike.moved(margins, np.array([levels]))[0])


def shipped(desk: Desk) -> Learned:
    """Return the weights that count while nothing was learnt."""
    return Learned(parts=desk.weights.parts, signals=1.0, cuts=cuts_of(desk))


def cuts_of(desk: Desk) -> Cuts:
    """Return where grades begin in a whole library, from the text weights."""
    weak, fair, strong = desk.weights.scale.open_cuts
    return Cuts(weak=weak, fair=fair, strong=strong)


@lru_cache
def signal_weights() -> dict[str, float]:
    """Return the weights of the small signals."""
    with (folder("config") / "signals.toml").open("rb") as file:
        return tomllib.load(file)


def _cities(session: Session, needs: Iterable[Need]) -> dict[int, str]:
    ids = {need.organisation_id for need in needs}
    rows = session.execute(select(Organisation.id, Organisation.city).where(Organisation.id.in_(ids)))
    return {row.id: row.city for row in rows}


def _look_up(shelf: Shelf, keys: Sequence[int]) -> None:
    """Read what is not known yet of these achievements; in a large library only few are ever asked for."""
    unknown = [key for key in keys if key not in shelf.facts]
    shelf.facts.update(_library_facts(shelf.session, unknown))


def _library_facts(session: Session, keys: Sequence[int]) -> dict[int, LibraryFacts]:
    rows = session.execute(
        select(
            Achievement.id,
            Achievement.fields,
            Achievement.coop_modes,
            Achievement.maturity,
            Achievement.text_version,
            Organisation.city,
        )
        .outerjoin(Organisation, Organisation.id == Achievement.organisation_id)
        .where(Achievement.id.in_(keys))
    )
    kin = kin_of(session, keys)
    return {
        key: LibraryFacts(
            form=AchievementFacts(
                fields=frozenset(fields), coop_modes=frozenset(modes), maturity=maturity, city=city or ""
            ),
            version=version,
            kin=kin[key],
        )
        for key, fields, modes, maturity, version, city in rows
    }
