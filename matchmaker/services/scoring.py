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
from matchmaker.domain.families import MOST_OF_A_FAMILY, Kin, fold
from matchmaker.domain.learned import Learned
from matchmaker.domain.matching import AchievementFacts, Cuts, MatchScore, NeedFacts
from matchmaker.domain.states import NEEDS_OPEN_FOR_MATCHING, Grade
from matchmaker.resources import folder
from matchmaker.services.learned import learned_in_use
from matchmaker.services.library import Desk
from matchmaker.services.never_match import bars_of
from matchmaker.services.reasons import Reason, reasons_for
from matchmaker.services.texts import Text, need_text
from matchmaker.settings import Settings
from matchmaker.store.queries.families import kin_of
from matchmaker.store.tables import Achievement, Need, Organisation
from nlp.index import Library, Query
from nlp.similarity import blend

# In a library larger than the first figure only so many, found by a quick search, are looked at closely.
_ALL_LOOKED_AT = 3000
_LOOKED_AT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One computed pair, ready to be stored."""

    need_id: int
    achievement_id: int
    score: MatchScore
    parts: dict[str, float]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What was computed for one need, and which versions it was computed from."""

    need_id: int
    need_version: int
    engine: str
    proposals: tuple[Proposal, ...]
    achievement_versions: dict[int, int]
    text: Text
    vectors: NDArray[np.float32]
    encoder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One need as scoring reads it; `barred` are achievements that it may never meet."""

    need: Need
    text: Text
    vectors: NDArray[np.float32]
    facts: NeedFacts
    barred: Collection[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shelf:
    """What every need is scored against."""

    desk: Desk
    library: Library
    settings: Settings
    session: Session
    facts: dict[int, "LibraryFacts"]
    learned: Learned | None


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
        shelf = _Shelf(
            desk=desk,
            library=desk.library(session),
            settings=settings,
            session=session,
            facts={},
            learned=learned_in_use(session),
        )
        for asked in _asked(session, desk, needs):
            if computed and monotonic() > until:
                break
            computed.append(_computed(shelf, asked))
    return computed


def _asked(session: Session, desk: Desk, needs: Sequence[Need]) -> list[_Asked]:
    texts = [need_text(need) for need in needs]
    vectors = desk.asked_vectors(session, texts)
    cities = _cities(session, needs)
    bars = bars_of(session, [need.id for need in needs])
    return [
        _Asked(
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
        )
        for need, text, vector in zip(needs, texts, vectors, strict=True)
    ]


def _computed(shelf: _Shelf, asked: _Asked) -> Computed:
    chosen = _best(shelf, asked)
    texts = shelf.desk.texts_of(shelf.session, [key for key, _, _ in chosen])
    return Computed(
        need_id=asked.need.id,
        need_version=asked.need.text_version,
        engine=shelf.desk.engine,
        proposals=tuple(_proposal(shelf, asked, texts[key], score, parts) for key, score, parts in chosen),
        achievement_versions={key: shelf.facts[key].version for key, _, _ in chosen},
        text=asked.text,
        vectors=asked.vectors,
        encoder=shelf.desk.serving,
    )


def _proposal(
    shelf: _Shelf, asked: _Asked, text: Text, score: MatchScore, parts: dict[str, float]
) -> Proposal:
    return Proposal(
        need_id=asked.need.id,
        achievement_id=text.key,
        score=score,
        parts=parts,
        reasons=reasons_for(
            shelf.library,
            shelf.desk.segmenter,
            need=asked.text,
            achievement=text,
            score=score,
            meaning_known=bool(parts["meaning_known"]),
        ),
    )


def _best(shelf: _Shelf, asked: _Asked) -> list[tuple[int, MatchScore, dict[str, float]]]:
    """Return the best pairs at the floor grade or better: all scored by text, some looked at closely.

    Near-identical achievements of one hand count as one towards the number kept, so that a family
    of patents does not crowd out everybody else.
    """
    matching_settings = shelf.settings.matching
    judged = [
        entry
        for entry in _judged(shelf, asked, most=matching_settings.top * 10)
        if matching.at_least(entry[1].grade, Grade(matching_settings.floor))
    ]
    ranked = sorted(judged, key=lambda entry: (-entry[1].score, entry[0]))
    families = fold([shelf.facts[key].kin for key, _, _ in ranked])
    kept = {place for family in families[: matching_settings.top] for place in family[:MOST_OF_A_FAMILY]}
    return [entry for place, entry in enumerate(ranked) if place in kept]


def _judged(shelf: _Shelf, asked: _Asked, *, most: int) -> list[tuple[int, MatchScore, dict[str, float]]]:
    query = Query(title=asked.text.title, text=asked.text.text)
    near = None
    if shelf.library.size > _ALL_LOOKED_AT:
        near = shelf.library.nearest(query, asked.vectors, most=_LOOKED_AT + len(asked.barred))
    scores = shelf.library.score(query, asked.vectors, among=near)
    if not scores.keys:
        return []
    weights, learned = signal_weights(), shelf.learned or shipped(shelf.desk)
    blended = scores.blended if shelf.learned is None else blend(scores.parts, learned.parts)
    best = [int(place) for place in np.argsort(-blended, kind="stable")[: most + len(asked.barred)]]
    places = [place for place in best if scores.keys[place] not in asked.barred][:most]
    _look_up(shelf, [scores.keys[place] for place in places])
    judged = []
    for place in places:
        key = scores.keys[place]
        signals = matching.signals_of(asked.facts, shelf.facts[key].form, weights)
        parts = {name: round(float(values[place]), 4) for name, values in scores.parts.items()}
        parts["meaning_known"] = float(shelf.desk.has_vector(key) and bool(asked.vectors.any()))
        parts |= {signal.code: signal.points for signal in signals}
        score = matching.combine(float(blended[place]), signals, learned.cuts, signal_factor=learned.signals)
        judged.append((key, score, parts))
    return judged


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


def _look_up(shelf: _Shelf, keys: Sequence[int]) -> None:
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
