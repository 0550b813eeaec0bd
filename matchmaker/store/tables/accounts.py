"""Who signs in, their sessions, and the throttle of sign-ins."""

from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.domain.states import ApprovalState
from matchmaker.domain.states import Role as RoleName
from matchmaker.store.tables.types import Moment, Row, text_enum


class Role(Row, RoleMixin):
    """One of the four roles, as Flask-Security wants them."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    description: Mapped[str] = mapped_column(String(80), default="")


class UserRole(Row):
    """Which roles a user has."""

    __tablename__ = "user_role"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"), primary_key=True)


class User(Row, UserMixin):
    """An account. A new `fs_uniquifier` ends every session of it."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    status: Mapped[ApprovalState] = mapped_column(text_enum(ApprovalState), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Moment)
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    last_sign_in_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]  # the mixin says list[RoleMixin]
        secondary="user_role", lazy="selectin", order_by=Role.id
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def role_names(self) -> frozenset[RoleName]:
        """The roles as members of the enum."""
        return frozenset(RoleName(role.name) for role in self.roles)


class MailOff(Row):
    """A group of notices that an account takes without mail; `domain/mail_choices.py` names the groups."""

    __tablename__ = "mail_off"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    mail_group: Mapped[str] = mapped_column(String(20), primary_key=True)


class WebSession(Row):
    """A signed-in (or not) browser; the cookie holds the key, this row its sha256."""

    __tablename__ = "web_session"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment, index=True)


class SignInAttempt(Row):
    """A failed sign-in or reset, by account and by address."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index(None, "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(140))
    at: Mapped[datetime] = mapped_column(Moment)


class Token(Row):
    """A random, single-use, expiring key for one purpose (first run, password reset)."""

    __tablename__ = "token"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
