"""Keeps the proposals of every open need in step with the texts.

A need whose `proposed_version` is not its `text_version` is due, and so is one that was reckoned with other
weights than those that count now. A posted need is computed at
once; whatever a changed library touches follows in small steps, each step a delivery that records
the next one, so that a newly posted need never waits long. After a large import proposals come by
words first, then everything is encoded, then they are computed once more.
"""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.bus.work import Work
from matchmaker.domain.messages import (
    AchievementsImported,
    AchievementsWithdrawn,
    LearningAsked,
    MatchesProposed,
    NeedPosted,
    NeedRevised,
    NeedsImported,
    ProposalsDue,
)
from matchmaker.domain.permissions import SYSTEM
from matchmaker.domain.states import ACHIEVEMENTS_IN_LIBRARY, NEEDS_OPEN_FOR_MATCHING, Grade, MatchState
from matchmaker.services.learning import Report, learn
from matchmaker.services.library import ENCODE_AT_ONCE, Desk, desk_for
from matchmaker.services.never_match import why_never
from matchmaker.services.scoring import Computed, Proposal, compute_for, reckoned_with, shipped
from matchmaker.services.similar import nearness_of
from matchmaker.services.texts import Text
from matchmaker.services.vectors import forget_others, never_encoded, others_known
from matchmaker.services.wider import keep_owners
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.queries.uploads import chunks
from matchmaker.store.queries.wider import needs_reckoned_otherwise
from matchmaker.store.tables import Achievement, Match, Need

_STEP = 25
_STEP_SECONDS = 1.0  # a step ends early after so long, so that a need posted meanwhile gets its turn


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
    """Encode some missing texts or compute some due needs; then record the next step.

    A few texts are encoded before the needs are looked at; many let the needs go first, by words alone.
    """
    desk = desk_for(work.settings)
    with work.reading() as session:
        missing = desk.missing(session)
        due = due_needs(session, most=_STEP)
    if missing and (not due or len(missing) < ENCODE_AT_ONCE):
        _encode(work, desk, missing)
        return
    computed = compute(work, due)
    with work.writing() as session:
        for each in computed:
            _store(session, work, each)
        session.flush()
        if missing or due_needs(session, most=1):
            _next_step(session, work)


def _encode(work: Work, desk: Desk, missing: Sequence[Text]) -> None:
    vectors = desk.encode_achievements(missing, seconds=_STEP_SECONDS)
    with work.writing() as session:
        desk.store(session, "achievement", missing[: len(vectors)], vectors)
        session.flush()
        if not never_encoded(session, desk.encoder.fingerprint, most=1):
            _mark_all_due(session)
        _next_step(session, work)


def keep_up(database: Database, desk: Desk) -> None:
    """Start the steps where a text has no vector of this encoder or a need is due.

    Where everything has a vector, needs that were reckoned with other weights are due as well. Where nothing
    is owed, what other encoders left is forgotten.
    """
    with database.reading() as session:
        missing = bool(desk.missing(session, most=1))
        weights = reckoned_with(session, desk)
        outdated = not missing and bool(needs_reckoned_otherwise(session, weights, most=1))
        wanted = missing or outdated or bool(due_needs(session, most=1))
        idle = not wanted and not others_known(session, desk.encoder.fingerprint)
        if idle or outbox.owed(session, ProposalsDue):
            return
    with database.writing() as session:
        if wanted:
            if outdated:
                _mark_due(session, needs_reckoned_otherwise(session, weights))
            outbox.record(session, SYSTEM, ProposalsDue())
        else:
            forget_others(session, desk.encoder.fingerprint)


def learn_when_asked(work: Work, message: LearningAsked) -> None:
    """Re-fit the score to what people did with proposals; doing it twice finds the same fit."""
    learn_here(work.database, work.settings)
    with work.writing():
        pass  # the fit was saved on its own: a fit that is there already is found, not made again


def learn_here(database: Database, settings: Settings) -> Report:
    """Re-fit the score of this installation; `learn` says what may come of it."""
    desk = desk_for(settings)
    return learn(database, shipped(desk), nearness=lambda session, pairs: nearness_of(session, desk, pairs))


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


def _mark_due(session: Session, need_ids: Sequence[int]) -> None:
    for some in chunks(need_ids):
        session.execute(update(Need).where(Need.id.in_(some)).values(proposed_version=None))


def _next_step(session: Session, work: Work) -> None:
    outbox.record(session, SYSTEM, ProposalsDue(), cause_id=work.message_id)


def compute(work: Work, need_ids: Sequence[int]) -> list[Computed]:
    """Score needs against the whole library, as many as a step's time allows, one at least.

    Slow: never inside a writing transaction.
    """
    desk = desk_for(work.settings)
    with work.reading() as session:
        return compute_for(session, desk, work.settings, need_ids, seconds=_STEP_SECONDS)


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
        if achievement_id not in kept and match.current and not _stays(session, match):
            match.current = False
    keep_owners(session, need.id, computed.reckoned_with, computed.of_each_owner)
    desk = desk_for(work.settings)
    # other weights may have come to count meanwhile: then the need stays due
    current = computed.reckoned_with == reckoned_with(session, desk)
    fresh = computed.need_version if current else None
    session.execute(update(Need).where(Need.id == need.id).values(proposed_version=fresh))
    # kept, so that the next reckoning and the groups of like needs need not encode the text again
    if computed.encoder == desk.encoder.fingerprint:
        desk.store(session, "need", [computed.text], computed.vectors[None])
    good = sum(p.score.grade in (Grade.STRONG, Grade.FAIR) for p in computed.proposals)
    told = MatchesProposed(
        need_id=need.id,
        text_version=need.text_version,
        match_count=len(computed.proposals),
        strong_count=good,
    )
    outbox.record(session, SYSTEM, told, cause_id=work.message_id)


def _stays(session: Session, match: Match) -> bool:
    """Say whether a pair stays that is computed no longer: an organiser graded it, and it may still meet."""
    if match.graded_at is None or why_never(session, match):
        return False
    return session.get_one(Achievement, match.achievement_id).status in ACHIEVEMENTS_IN_LIBRARY


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
    beside = "computed_" if match.graded_at else ""  # what an organiser said of the pair goes on counting
    values = {
        f"{beside}score": round(proposal.score.score, 6),
        f"{beside}grade": proposal.score.grade,
        "parts": proposal.parts | {"probability": round(proposal.score.probability, 4)},
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
