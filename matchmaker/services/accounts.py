"""Accounts: roles, passwords, single-use links, the first administrator.

Hashing is slow and needs the web application; it is done by the caller, outside the writing
transaction. Here only hashes arrive.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.accounts import check_email, normal_email
from matchmaker.domain.messages import PasswordResetAsked
from matchmaker.domain.permissions import SYSTEM, Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ApprovalState, Role
from matchmaker.errors import InvalidInput, LinkExpired, NotAllowed, NotFound, WrongState
from matchmaker.store.tables import Organisation, StateChange, Token, User, UserRole, WebSession
from matchmaker.store.tables import Role as RoleRow

RESET = "reset"
FIRST_RUN = "first_run"
_RESET_HOURS = 2
_FIRST_RUN_HOURS = 24
# without 0 O 1 l I: it is read out on the telephone
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_STAFF = frozenset({Role.ORGANISER, Role.ADMIN})


def role_row(session: Session, name: Role) -> RoleRow:
    """Return the row of a role, made at its first use."""
    row = session.scalar(select(RoleRow).where(RoleRow.name == name.value))
    if row is None:
        row = RoleRow(name=name.value, description="")
        session.add(row)
    return row


def one_time_password() -> str:
    """Return a random password that can be read out: 12 characters in three groups, 59 bits."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(3))


def add_account(
    session: Session,
    actor: Actor,
    *,
    name: str,
    email: str,
    phone: str,
    roles: Iterable[Role],
    organisation_id: int | None,
    password_hash: str,
) -> User:
    """Add an approved account whose password must be changed at the first sign-in. Admins only."""
    if not actor.administers:
        raise NotAllowed()
    wanted = frozenset(roles)
    problems = [
        *_name_and_email_problems(session, name=name, email=email),
        *_role_problems(wanted, organisation_id=organisation_id),
    ]
    if problems:
        raise InvalidInput(problems)
    user = User(
        email=normal_email(email),
        name=name,
        phone=phone,
        password=password_hash,
        fs_uniquifier=secrets.token_hex(32),
        status=ApprovalState.APPROVED,
        organisation_id=organisation_id,
        must_change_password=True,
        created_at=clock.now(),
        approved_at=clock.now(),
        approved_by_id=actor.user_id,
    )
    user.roles = [role_row(session, role) for role in sorted(wanted)]
    session.add(user)
    session.flush()  # the page shows the new account
    return user


def _name_and_email_problems(session: Session, *, name: str, email: str) -> list[Problem]:
    found = []
    if not name:
        found.append(Problem(field="name", code="name_missing", message="请填写姓名。"))
    if problem := check_email(normal_email(email), required=True):
        found.append(problem)
    elif session.scalar(select(User.id).where(User.email == normal_email(email))) is not None:
        found.append(Problem(field="email", code="email_taken", message="这个邮箱已经有账号了。"))
    return found


def _role_problems(roles: frozenset[Role], *, organisation_id: int | None) -> list[Problem]:
    if not roles:
        return [Problem(field="roles", code="roles_missing", message="请至少选择一个角色。")]
    if organisation_id is None and roles - _STAFF:
        message = "企业和高校院所的账号要选择所属单位，否则登录后看不到任何内容。"
        return [Problem(field="organisation_id", code="organisation_missing", message=message)]
    return []


def managed_user(session: Session, actor: Actor, *, user_id: int) -> User:
    """Return an account the actor may manage: organisers those of firms and universities, admins all."""
    user = session.get(User, user_id)
    if user is None or not actor.organises:
        raise NotFound()
    if user.role_names & _STAFF and not actor.administers:
        raise NotAllowed("组织者和管理员的账号只能由管理员办理。")
    return user


def set_active(session: Session, actor: Actor, *, user_id: int, active: bool, reason: str = "") -> None:
    """Disable an account, which ends its sessions at once, or enable it again. Admins only.

    Asked for what already is, it does nothing. Raises WrongState for one's own account and for the
    last administrator.
    """
    if not actor.administers:
        raise NotAllowed()
    user = managed_user(session, actor, user_id=user_id)
    if user.active == active:
        return
    if not active:
        _keep_an_admin(session, actor, user)
    user.active = active
    end_sessions(session, user)
    states = ("disabled", "active") if active else ("active", "disabled")
    _log(session, actor, user, *states, reason=reason)


def set_roles(
    session: Session, actor: Actor, *, user_id: int, roles: Iterable[Role], organisation_id: int | None
) -> None:
    """Give an account other roles or another organisation. Admins only; the last admin stays one."""
    if not actor.administers:
        raise NotAllowed()
    wanted = frozenset(roles)
    user = managed_user(session, actor, user_id=user_id)
    if problems := _role_problems(wanted, organisation_id=organisation_id):
        raise InvalidInput(problems)
    if Role.ADMIN in user.role_names and Role.ADMIN not in wanted:
        _keep_an_admin(session, actor, user)
    before = "、".join(sorted(user.role_names))
    user.roles = [role_row(session, role) for role in sorted(wanted)]
    user.organisation_id = organisation_id
    _log(session, actor, user, "roles", "roles", reason=f"{before} → {'、'.join(sorted(wanted))}")


def _keep_an_admin(session: Session, actor: Actor, user: User) -> None:
    if user.id == actor.user_id:
        raise WrongState("不能停用自己的账号或去掉自己的管理员角色，请由另一位管理员办理。")
    if Role.ADMIN in user.role_names and not set(admin_ids(session)) - {user.id}:
        raise WrongState("这是最后一位管理员，停用后就没有人能管理系统了。请先设另一位管理员。")


def admin_ids(session: Session) -> tuple[int, ...]:
    """Return the ids of the active administrators."""
    found = (
        select(User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .join(RoleRow, RoleRow.id == UserRole.role_id)
        .where(RoleRow.name == Role.ADMIN.value, User.active.is_(True))
        .order_by(User.id)
    )
    return tuple(session.scalars(found))


def set_one_time_password(session: Session, actor: Actor, *, user_id: int, password_hash: str) -> User:
    """Give an account a password that is shown once and must be changed at the next sign-in."""
    user = managed_user(session, actor, user_id=user_id)
    _set_password(session, user, password_hash)
    user.must_change_password = True
    _log(session, actor, user, "password", "password", reason="设了一次性密码")
    return user


def change_own_password(session: Session, actor: Actor, *, password_hash: str) -> User:
    """Give the actor a new password and end every session, also the one that asks."""
    if actor.user_id is None:
        raise NotAllowed()
    user = session.get_one(User, actor.user_id)
    _set_password(session, user, password_hash)
    return user


def _set_password(session: Session, user: User, password_hash: str) -> None:
    user.password = password_hash
    user.must_change_password = False
    end_sessions(session, user)
    session.execute(delete(Token).where(Token.user_id == user.id, Token.purpose == RESET))


def end_sessions(session: Session, user: User) -> None:
    """Sign an account out everywhere."""
    user.fs_uniquifier = secrets.token_hex(32)
    session.execute(delete(WebSession).where(WebSession.user_id == user.id))


def ask_for_reset(session: Session, *, user: User | None) -> None:
    """Record that somebody asked for a new password; nothing for accounts that may not sign in."""
    if user is not None and user.active and user.status is ApprovalState.APPROVED:
        outbox.record(session, SYSTEM, PasswordResetAsked(user_id=user.id))


def make_reset_link(session: Session, user_id: int) -> str:
    """Return the path of a page where this account's password can be set once, within two hours.

    The caller puts `settings.public_url` in front. Earlier links of the account stop working. Only
    the sha256 of the key is stored.
    """
    session.execute(delete(Token).where(Token.user_id == user_id, Token.purpose == RESET))
    key = _issue(session, purpose=RESET, hours=_RESET_HOURS, user_id=user_id)
    return f"/accounts/reset/{key}"


def reset_password(session: Session, *, key: str, password_hash: str) -> User:
    """Spend a reset link. Raises LinkExpired when it was spent before, is unknown or too old."""
    token = _spend(session, purpose=RESET, key=key)
    user = session.get_one(User, token.user_id)
    if not user.active or user.status is not ApprovalState.APPROVED:
        raise LinkExpired()
    _set_password(session, user, password_hash)
    return user


def token_is_live(session: Session, *, purpose: str, key: str) -> bool:
    """Say whether a link would still work; looking does not spend it."""
    token = session.get(Token, _hash(key))
    return (
        token is not None
        and token.purpose == purpose
        and token.used_at is None
        and token.expires_at > clock.now()
    )


def ensure_first_run_token(session: Session) -> str | None:
    """Return a fresh key for making the first administrator, None when there is one already.

    Every call replaces the key of the call before.
    """
    if admin_ids(session):
        return None
    session.execute(delete(Token).where(Token.purpose == FIRST_RUN))
    return _issue(session, purpose=FIRST_RUN, hours=_FIRST_RUN_HOURS)


def spend_first_run_token(session: Session, *, key: str) -> None:
    """Spend the first-run key. Raises LinkExpired when it is not live or an administrator exists."""
    if admin_ids(session):
        raise LinkExpired("系统已经有管理员了，请直接登录。")
    _spend(session, purpose=FIRST_RUN, key=key)


def _issue(session: Session, *, purpose: str, hours: int, user_id: int | None = None) -> str:
    key = secrets.token_urlsafe(32)
    moment = clock.now()
    session.add(
        Token(
            key_hash=_hash(key),
            purpose=purpose,
            user_id=user_id,
            created_at=moment,
            expires_at=moment + timedelta(hours=hours),
        )
    )
    return key


def _spend(session: Session, *, purpose: str, key: str) -> Token:
    # one UPDATE that repeats the conditions: two clicks at once spend it once
    spent = session.execute(
        update(Token)
        .where(
            Token.key_hash == _hash(key),
            Token.purpose == purpose,
            Token.used_at.is_(None),
            Token.expires_at > clock.now(),
        )
        .values(used_at=clock.now())
        .returning(Token)
    ).scalar_one_or_none()
    if spent is None:
        raise LinkExpired()
    return spent


def actor_of(session: Session, user_id: int) -> Actor:
    """Return who acts when this user does, with everything under the user's organisation."""
    user = session.get_one(User, user_id)
    below = select(Organisation.id).where(Organisation.parent_id == user.organisation_id)
    own = {user.organisation_id, *session.scalars(below)} if user.organisation_id else set()
    return Actor(
        user_id=user.id,
        name=user.name or user.email,
        roles=user.role_names,
        organisation_id=user.organisation_id,
        organisation_ids=frozenset(key for key in own if key is not None),
        person_id=user.person_id,
    )


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _log(session: Session, actor: Actor, user: User, before: str, after: str, *, reason: str) -> None:
    session.add(
        StateChange(
            subject_kind="user",
            subject_id=user.id,
            from_state=before,
            to_state=after,
            reason=reason,
            user_id=actor.user_id,
            at=clock.now(),
        )
    )
