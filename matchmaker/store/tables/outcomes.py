"""What came of it: intents, agreements, technology contracts, evidence, and what is still owed."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column

from matchmaker.domain.states import AgreementKind, ContractKind, ContractState, Direction, IntentLevel
from matchmaker.store.tables.types import Moment, Row, text_enum


class Intent(Row):
    """An intention of one enterprise with one team about one matter: counted once, its level grows."""

    __tablename__ = "intent"
    __table_args__ = (UniqueConstraint("enterprise_id", "partner_id", "matter_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    matter: Mapped[str] = mapped_column(String(200))
    matter_key: Mapped[str] = mapped_column(String(200))
    need_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"), index=True)
    achievement_id: Mapped[int | None] = mapped_column(ForeignKey("achievement.id"))
    pairing_id: Mapped[int | None] = mapped_column(ForeignKey("pairing.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)
    level: Mapped[IntentLevel] = mapped_column(text_enum(IntentLevel))
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    reached_on: Mapped[date | None] = mapped_column(index=True)
    witness: Mapped[str] = mapped_column(String(60), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    last_news_on: Mapped[date] = mapped_column()
    ended_on: Mapped[date | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Agreement(Row):
    """Something signed. Its money never enters 成交额: only technology contracts carry money."""

    __tablename__ = "agreement"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AgreementKind] = mapped_column(text_enum(AgreementKind))
    title: Mapped[str] = mapped_column(String(200))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    intent_id: Mapped[int | None] = mapped_column(ForeignKey("intent.id"), index=True)
    need_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    signed_on: Mapped[date | None] = mapped_column(index=True)
    valid_to: Mapped[date | None] = mapped_column()
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class TechContract(Row):
    """A technology contract; 0 ≤ amount_tech_fen ≤ amount_total_fen always holds."""

    __tablename__ = "tech_contract"
    __table_args__ = (
        CheckConstraint("amount_total_fen >= 0", name="total_not_negative"),
        CheckConstraint(
            "amount_tech_fen IS NULL OR (amount_tech_fen >= 0 AND amount_tech_fen <= amount_total_fen)",
            name="tech_within_total",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ContractKind] = mapped_column(text_enum(ContractKind))
    subtype: Mapped[str] = mapped_column(String(30), default="")
    title: Mapped[str] = mapped_column(String(200))
    status: Mapped[ContractState] = mapped_column(text_enum(ContractState), index=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    direction: Mapped[Direction] = mapped_column(text_enum(Direction))
    amount_total_fen: Mapped[int] = mapped_column(BigInteger)
    amount_tech_fen: Mapped[int | None] = mapped_column(BigInteger)
    amount_received_fen: Mapped[int | None] = mapped_column(BigInteger)
    signed_on: Mapped[date] = mapped_column(index=True)
    registration_no: Mapped[str | None] = mapped_column(String(30), unique=True)
    registered_on: Mapped[date | None] = mapped_column(index=True)
    registration_office: Mapped[str] = mapped_column(String(100), default="")
    valid_from: Mapped[date | None] = mapped_column()
    valid_to: Mapped[date | None] = mapped_column()
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id"))
    intent_id: Mapped[int | None] = mapped_column(ForeignKey("intent.id"), index=True)
    need_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"), index=True)
    achievement_id: Mapped[int | None] = mapped_column(ForeignKey("achievement.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Evidence(Row):
    """A scanned letter, a photo, a registration certificate."""

    __tablename__ = "evidence"
    __table_args__ = (Index(None, "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column()
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    note: Mapped[str] = mapped_column(String(200), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class Debt(Row):
    """An answer somebody owes (待办): opened by the daily job, closed when it is recorded.

    `kind` is outcome, intent_news or registration; `stage` the day count of an intent (30, 90, 180).
    """

    __tablename__ = "debt"
    __table_args__ = (UniqueConstraint("kind", "subject_id", "stage"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column()
    stage: Mapped[int] = mapped_column(default=0)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[date] = mapped_column()
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
