"""Proposes achievements for needs, and keeps what people decide about the proposals.

Proposals follow the texts: a need whose `proposed_version` is not its `text_version` is due. A
posted need is computed at once; whatever a changed library touches follows in small steps, each
step a delivery that records the next one, so that a newly posted need never waits long.
"""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.bus.work import Work
from matchmaker.domain import matching
from matchmaker.domain.matching import AchievementFacts, Cuts, MatchScore, NeedFacts
from matchmaker.domain.messages import (
    AchievementsImported,
    AchievementsWithdrawn,
    MatchDecided,
    MatchesProposed,
    NeedPosted,
    NeedRevised,
    NeedsImported,
    ProposalsDue,
)
from matchmaker.domain.permissions import SYSTEM, Actor, owns
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import NEEDS_OPEN_FOR_MATCHING, Grade, MatchState
from matchmaker.errors import InvalidInput, NotAllowed, NotFound
from matchmaker.resources import folder
from matchmaker.services.library import Desk, Text, desk_for, need_text
from matchmaker.services.moves import move
from matchmaker.services.reasons import Reason, reasons_for
from matchmaker.settings import Settings
from matchmaker.store.tables import Achievement, Match, Need, Organisation
from nlp.index import Library, Query

_STEP = 25


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


def propose_for_need(work: Work, message: NeedPosted | NeedRevised) -> None:
    """Compute a posted need's proposals at once."""
    computed = compute(work, [message.need_id])
    with work.writing() as session:
        for each in computed:
            _store(session, work, each)


def propose_for_imported_needs(work: Work, message: NeedsImported) -> None:
    """Let the proposals of imported needs be computed step by step."""
    with work.writing() as session:
        _next_step(session, work)


def refresh_proposals(work: Work, message: AchievementsImported | AchievementsWithdrawn) -> None:
    """Mark every open need due after the library changed, and start the steps."""
    with work.writing() as session:
        _mark_all_due(session)
        _next_step(session, work)


def take_a_step(work: Work, message: ProposalsDue) -> None:
    """Encode some missing texts, or else compute some due needs; then record the next step."""
    desk = desk_for(work.settings)
    with work.reading() as session:
        missing = desk.missing(session)
        due = [] if missing else due_needs(session, most=_STEP)
    if missing:
        vectors = desk.encode_achievements(missing)
        with work.writing() as session:
            desk.store(session, "achievement", missing, vectors)
            _mark_all_due(session)
            _next_step(session, work)
        return
    computed = compute(work, due)
    with work.writing() as session:
        for each in computed:
            _store(session, work, each)
        session.flush()
        if due_needs(session, most=1):
            _next_step(session, work)


def due_needs(session: Session, *, most: int) -> list[int]:
    """Return needs whose proposals are missing or older than their text."""
    return list(
        session.scalars(
            select(Need.id)
            .where(
                Need.status.in_(NEEDS_OPEN_FOR_MATCHING),
                or_(Need.proposed_version.is_(None), Need.proposed_version != Need.text_version),
            )
            .order_by(Need.id)
            .limit(most)
        )
    )


def _mark_all_due(session: Session) -> None:
    # past the version column on purpose: freshness is ours, and no editor may meet a conflict over it
    session.execute(
        update(Need).where(Need.status.in_(NEEDS_OPEN_FOR_MATCHING)).values(proposed_version=None)
    )


def _next_step(session: Session, work: Work) -> None:
    outbox.record(session, SYSTEM, ProposalsDue(), cause_id=work.message_id)


def compute(work: Work, need_ids: Sequence[int]) -> list[Computed]:
    """Score needs against the whole library. Slow: never inside a writing transaction."""
    desk = desk_for(work.settings)
    with work.reading() as session:
        return compute_for(session, desk, work.settings, need_ids)


def compute_for(session: Session, desk: Desk, settings: Settings, need_ids: Sequence[int]) -> list[Computed]:
    """Score needs against the library as the session sees it; needs no longer open are left out."""
    needs = session.scalars(
        select(Need).where(Need.id.in_(need_ids), Need.status.in_(NEEDS_OPEN_FOR_MATCHING)).order_by(Need.id)
    ).all()
    if not needs:
        return []
    library = desk.library(session)
    texts = [need_text(need) for need in needs]
    vectors = desk.need_vectors(session, texts)
    cities = _cities(session, needs)
    facts = _library_facts(session)
    return [
        _computed(
            desk,
            library,
            settings,
            text=text,
            vectors=vector,
            need=need,
            city=cities.get(need.organisation_id, ""),
            facts=facts,
        )
        for need, text, vector in zip(needs, texts, vectors, strict=True)
    ]


def _computed(
    desk: Desk,
    library: Library,
    settings: Settings,
    *,
    text: Text,
    vectors: NDArray[np.float32],
    need: Need,
    city: str,
    facts: dict[int, tuple[AchievementFacts, int]],
) -> Computed:
    wanted = NeedFacts(
        fields=frozenset(need.fields),
        coop_modes=frozenset(need.coop_modes),
        need_type=need.need_type,
        city=city,
    )
    chosen = _best(desk, library, settings, text=text, vectors=vectors, wanted=wanted, facts=facts)
    return Computed(
        need_id=need.id,
        need_version=need.text_version,
        engine=desk.engine,
        proposals=tuple(
            Proposal(
                need_id=need.id,
                achievement_id=key,
                score=score,
                parts=parts,
                reasons=reasons_for(desk, library, need=text, achievement=desk.text_of(key), score=score),
            )
            for key, score, parts in chosen
        ),
        achievement_versions={key: facts[key][1] for key, _, _ in chosen},
    )


def _best(
    desk: Desk,
    library: Library,
    settings: Settings,
    *,
    text: Text,
    vectors: NDArray[np.float32],
    wanted: NeedFacts,
    facts: dict[int, tuple[AchievementFacts, int]],
) -> list[tuple[int, MatchScore, dict[str, float]]]:
    """Return the best pairs at the floor grade or better: all scored by text, some looked at closely."""
    scores = library.score(Query(title=text.title, text=text.text), vectors)
    if not scores.keys:
        return []
    weights, cuts = signal_weights(), cuts_of(desk)
    blended = scores.blended + _adjustments(desk, scores.keys)
    near = np.argsort(-blended, kind="stable")[: settings.matching.top * 10]
    judged = []
    for place in near:
        key = scores.keys[place]
        signals = matching.signals_of(wanted, facts[key][0], weights)
        parts = {name: round(float(values[place]), 4) for name, values in scores.parts.items()}
        parts["meaning_known"] = float(desk.has_vector(key))
        judged.append((key, matching.combine(float(blended[place]), signals, cuts), parts))
    floor = Grade(settings.matching.floor)
    good = [entry for entry in judged if matching.at_least(entry[1].grade, floor)]
    return sorted(good, key=lambda entry: (-entry[1].score, entry[0]))[: settings.matching.top]


def _adjustments(desk: Desk, keys: Sequence[int]) -> NDArray[np.float64]:
    """Return what is added to each blended score before it is graded.

    Texts without a vector yet are credited with the usual closeness, so that their words alone can
    rank them; all are moved by what a whole library differs from picked candidates.
    """
    parts, weights = desk.weights.parts, signal_weights()
    unknown = weights["meaning_unknown"] * (parts["semantic_title"] + parts["semantic_full"])
    known = np.array([desk.has_vector(key) for key in keys])
    return np.where(known, 0.0, unknown) + weights["open_library"]


def cuts_of(desk: Desk) -> Cuts:
    """Return where grades begin, from the text weights."""
    scale = desk.weights.scale
    return Cuts(weak=scale.weak_from, fair=scale.fair_from, strong=scale.strong_from)


@lru_cache
def signal_weights() -> dict[str, float]:
    """Return the weights of the small signals."""
    with (folder("config") / "signals.toml").open("rb") as file:
        return tomllib.load(file)


def _cities(session: Session, needs: Iterable[Need]) -> dict[int, str]:
    ids = {need.organisation_id for need in needs}
    rows = session.execute(select(Organisation.id, Organisation.city).where(Organisation.id.in_(ids)))
    return {row.id: row.city for row in rows}


def _library_facts(session: Session) -> dict[int, tuple[AchievementFacts, int]]:
    rows = session.execute(
        select(
            Achievement.id,
            Achievement.fields,
            Achievement.coop_modes,
            Achievement.maturity,
            Achievement.text_version,
            Organisation.city,
        ).outerjoin(Organisation, Organisation.id == Achievement.organisation_id)
    )
    return {
        key: (
            AchievementFacts(
                fields=frozenset(fields), coop_modes=frozenset(modes), maturity=maturity, city=city or ""
            ),
            version,
        )
        for key, fields, modes, maturity, version, city in rows
    }


def _store(session: Session, work: Work, computed: Computed) -> None:
    need = session.get(Need, computed.need_id)
    if need is None or need.text_version != computed.need_version:
        return  # changed meanwhile: the newer message is already queued
    known = {
        match.achievement_id: match
        for match in session.scalars(select(Match).where(Match.need_id == need.id).order_by(Match.id))
    }
    for proposal in computed.proposals:
        _upsert(session, known.get(proposal.achievement_id), proposal, computed)
    kept = {proposal.achievement_id for proposal in computed.proposals}
    for achievement_id, match in known.items():
        if achievement_id not in kept and match.current:
            match.current = False
    session.execute(update(Need).where(Need.id == need.id).values(proposed_version=computed.need_version))
    good = sum(p.score.grade in (Grade.STRONG, Grade.FAIR) for p in computed.proposals)
    told = MatchesProposed(
        need_id=need.id,
        text_version=need.text_version,
        match_count=len(computed.proposals),
        strong_count=good,
    )
    outbox.record(session, SYSTEM, told, cause_id=work.message_id)


def _upsert(session: Session, match: Match | None, proposal: Proposal, computed: Computed) -> None:
    moment = clock.now()
    if match is None:
        match = Match(
            need_id=proposal.need_id,
            achievement_id=proposal.achievement_id,
            status=MatchState.PROPOSED,
            created_at=moment,
            updated_at=moment,
        )
        session.add(match)
    values = {
        "score": round(proposal.score.score, 6),
        "grade": proposal.score.grade,
        "parts": proposal.parts
        | {"probability": round(proposal.score.probability, 4)}
        | {signal.code: signal.points for signal in proposal.score.signals},
        "reasons": [asdict(reason) for reason in proposal.reasons],
        "need_version": computed.need_version,
        "achievement_version": computed.achievement_versions[proposal.achievement_id],
        "engine": computed.engine,
        "current": True,
    }
    if any(getattr(match, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(match, name, value)
        match.updated_at = moment


def decide(
    session: Session,
    actor: Actor,
    *,
    match_id: int,
    to: MatchState,
    reason: str = "",
) -> Match:
    """Shortlist or reject a proposal, or take that back; a rejection needs a reason.

    Writes the match and records MatchDecided. Raises NotAllowed, NotFound, InvalidInput, WrongState.
    """
    if not actor.organises:
        raise NotAllowed()
    match = session.get(Match, match_id)
    if match is None:
        raise NotFound()
    if to is MatchState.REJECTED and not reason.strip():
        raise InvalidInput([Problem(field="reason", code="missing", message="请写明剔除这条推荐的原因。")])
    if to is match.status and reason == match.decision_reason:
        return match
    move(session, actor, "match", match, to, reason=reason)
    match.decided_by_id, match.decided_at, match.decision_reason = actor.user_id, clock.now(), reason
    accepted = to is MatchState.SHORTLISTED
    outbox.record(
        session, actor, MatchDecided(match_id=match.id, side="organiser", accepted=accepted, reason=reason)
    )
    return match


def answer(session: Session, actor: Actor, *, match_id: int, answer: str, reason: str = "") -> Match:
    """Record what one side says of a proposal: interested, unsuitable (with a reason) or question.

    The need's owner answers for the need, the achievement's for the achievement. Raises NotFound
    for everybody else, InvalidInput for another word.
    """
    match = session.get(Match, match_id)
    if match is None:
        raise NotFound()
    side = _side_of(session, actor, match)
    if answer not in ("interested", "unsuitable", "question"):
        raise InvalidInput(
            [Problem(field="answer", code="unknown", message="请选择：感兴趣、不合适或想了解。")]
        )
    if answer != "interested" and not reason.strip():
        raise InvalidInput(
            [Problem(field="reason", code="missing", message="请写一句原因或问题，方便对方和主办方了解。")]
        )
    setattr(match, f"{side}_side", answer)
    setattr(match, f"{side}_side_reason", reason)
    said = MatchDecided(match_id=match.id, side=side, accepted=answer == "interested", reason=reason)
    outbox.record(session, actor, said)
    return match


def _side_of(session: Session, actor: Actor, match: Match) -> str:
    need = session.get_one(Need, match.need_id)
    if owns(actor, need.organisation_id):
        return "need"
    achievement = session.get_one(Achievement, match.achievement_id)
    if owns(actor, achievement.organisation_id):
        return "achievement"
    raise NotFound()
