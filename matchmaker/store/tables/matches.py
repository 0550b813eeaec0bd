"""Proposals, the vectors behind them, what was decided beside them, and what was learnt from it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.domain.states import Grade, MatchState, Route
from matchmaker.store.tables.types import Json, Moment, Row, text_enum


class Match(Row):
    """A proposed need × achievement: score, grade, the parts of the score and the reasons.

    `current` is false once a newer computation no longer proposes the pair; a pair that a person
    decided on stays. `score` is in [0, 1]. Where an organiser gave the grade (`graded_at`), `grade` and
    `score` are theirs and `computed_grade` and `computed_score` what was reckoned; these are empty otherwise.
    """

    __tablename__ = "match"
    __table_args__ = (
        UniqueConstraint("need_id", "achievement_id"),
        # all that the queue of proposals counts
        Index(None, "need_id", "current", "score", "grade", "status", "need_side", "achievement_side"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    achievement_id: Mapped[int] = mapped_column(ForeignKey("achievement.id"), index=True)
    score: Mapped[float] = mapped_column()
    grade: Mapped[Grade] = mapped_column(text_enum(Grade))
    parts: Mapped[dict[str, Any]] = mapped_column(Json)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    status: Mapped[MatchState] = mapped_column(text_enum(MatchState), default=MatchState.PROPOSED, index=True)
    current: Mapped[bool] = mapped_column(default=True)
    need_version: Mapped[int] = mapped_column()
    achievement_version: Mapped[int] = mapped_column()
    engine: Mapped[str] = mapped_column(String(120))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    computed_score: Mapped[float | None] = mapped_column()
    computed_grade: Mapped[Grade | None] = mapped_column(text_enum(Grade))
    grade_reason: Mapped[str] = mapped_column(Text, default="")
    graded_at: Mapped[datetime | None] = mapped_column(Moment)
    need_side: Mapped[str] = mapped_column(String(20), default="")
    need_side_reason: Mapped[str] = mapped_column(Text, default="")
    achievement_side: Mapped[str] = mapped_column(String(20), default="")
    achievement_side_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Vector(Row):
    """The embedding of one text by one encoder: float32, little-endian, length 1.

    `text_hash` tells whether the text has changed since.
    """

    __tablename__ = "vector"
    __table_args__ = (UniqueConstraint("encoder", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    encoder: Mapped[str] = mapped_column(String(80))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column()
    text_hash: Mapped[str] = mapped_column(String(64))
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class NeedRoute(Row):
    """What the organiser decided for a need without a good match; the newest row of a need holds.

    `questions` are those the firm is asked, `need_version` the text that was judged.
    """

    __tablename__ = "need_route"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    need_version: Mapped[int] = mapped_column()
    route: Mapped[Route] = mapped_column(text_enum(Route))
    questions: Mapped[list[str]] = mapped_column(Json, default=list)
    note: Mapped[str] = mapped_column(Text, default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class NeverMatch(Row):
    """An enterprise and another organisation that are never brought together, and why."""

    __tablename__ = "never_match"
    __table_args__ = (UniqueConstraint("enterprise_id", "partner_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class RankerFit(Row):
    """One attempt to learn from what people said of the proposals, kept or not.

    `evidence` is the fingerprint of the observations and of the engine; `coefficients` what scoring
    loads while `in_use`; `measures` the quality before and after, on held-back needs. `returned_at`
    says that somebody went back to the shipped weights.
    """

    __tablename__ = "ranker_fit"

    id: Mapped[int] = mapped_column(primary_key=True)
    evidence: Mapped[str] = mapped_column(String(64), unique=True)
    observations: Mapped[int] = mapped_column()
    needs: Mapped[int] = mapped_column()
    coefficients: Mapped[dict[str, Any]] = mapped_column(Json)
    measures: Mapped[dict[str, Any]] = mapped_column(Json)
    kept: Mapped[bool] = mapped_column()
    in_use: Mapped[bool] = mapped_column(default=False)
    fitted_at: Mapped[datetime] = mapped_column(Moment)
    returned_at: Mapped[datetime | None] = mapped_column(Moment)
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class WiderSearch(Row):
    """What the library holds for one subject beyond its proposals.

    `subject_kind` need: the best achievement of each institution near it, written with the proposals.
    achievement or person: the open needs that it, or what the person made, could answer; computed
    when somebody asks. `found` are mappings of need_id, achievement_id, score, grade and
    probability, best first; `engine` names the vectors and weights behind them, a need's proposals too. It is
    waited for while `found_at` is missing or before `asked_at`.
    """

    __tablename__ = "wider_search"
    __table_args__ = (UniqueConstraint("subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column()
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    found_at: Mapped[datetime | None] = mapped_column(Moment)
    engine: Mapped[str] = mapped_column(String(120), default="")
    found: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)

    @property
    def waits(self) -> bool:
        """Whether somebody asked and the answer is still being computed."""
        return self.asked_at is not None and (self.found_at is None or self.found_at < self.asked_at)
