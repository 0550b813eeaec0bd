"""Signing in: who it is, and the guard against guessing."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.accounts import normal_email, normal_phone
from matchmaker.domain.states import ApprovalState
from matchmaker.errors import TooManyAttempts
from matchmaker.settings import Web
from matchmaker.store.engine import one_at_a_time
from matchmaker.store.tables import SignInAttempt, User


def count_attempt(session: Session, web: Web, *, purpose: str, login: str, address: str) -> tuple[int, ...]:
    """Book an attempt before the password is looked at, and return its ids for `forgive_attempts`.

    Booked first, so that a hundred guesses at once do not all slip past the same count. Raises
    TooManyAttempts when the account or the address has used up its tries in the window.
    """
    moment = clock.now()
    since = moment - timedelta(minutes=web.sign_in_window_minutes)
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < since))
    keys = [_key(purpose, "account", normal_email(login)), _key(purpose, "address", address)]
    for key in sorted(keys):
        one_at_a_time(session, key)
    if any(_count(session, key) >= web.sign_in_attempts for key in keys):
        raise TooManyAttempts(
            f"尝试的次数太多，为了安全请等 {web.sign_in_window_minutes} 分钟再试。忘记密码可以重设。"
        )
    rows = [SignInAttempt(key=key, at=moment) for key in keys]
    session.add_all(rows)
    session.flush()  # the ids go back to the caller
    return tuple(row.id for row in rows)


def forgive_attempts(session: Session, *, purpose: str, login: str, attempt_ids: Iterable[int]) -> None:
    """After the right password: take back this attempt, and the account's earlier failures with it.

    The address keeps its other failures: one good account must not buy guesses at the rest.
    """
    session.execute(delete(SignInAttempt).where(SignInAttempt.id.in_(tuple(attempt_ids))))
    account = _key(purpose, "account", normal_email(login))
    session.execute(delete(SignInAttempt).where(SignInAttempt.key == account))


def _count(session: Session, key: str) -> int:
    return session.scalar(select(func.count()).where(SignInAttempt.key == key)) or 0


def _key(purpose: str, what: str, value: str) -> str:
    # hashed: what people type into the field by mistake may be their password
    return f"{purpose}:{what}:{hashlib.sha256(value.encode()).hexdigest()}"


def user_of_login(session: Session, login: str) -> User | None:
    """Return the account of a mail address, or of a phone number that only one account has."""
    if "@" in login or "＠" in login:
        return session.scalar(select(User).where(User.email == normal_email(login)))
    holders = session.scalars(
        select(User).where(User.phone == normal_phone(login), User.phone != "").limit(2)
    ).all()
    return holders[0] if len(holders) == 1 else None


def why_not_in(user: User) -> str:
    """Return why an account with the right password may not sign in, "" when it may."""
    if user.status is ApprovalState.WAITING:
        return "您的注册已收到，主办方正在审核。审核通过后会通知您，届时用现在的密码登录即可。"
    if user.status is ApprovalState.REFUSED:
        return "您的注册没有通过审核。请联系主办方了解原因，更正后可以重新注册。"
    if not user.active:
        return "这个账号已被停用。如有疑问请联系主办方。"
    return ""


def note_sign_in(session: Session, *, user_id: int) -> User:
    """Write down the moment of a sign-in and return the account."""
    user = session.get_one(User, user_id)
    user.last_sign_in_at = clock.now()
    return user
