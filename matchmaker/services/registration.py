"""Registering, and the organiser's decision on it."""

import secrets
from difflib import SequenceMatcher

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.domain.accounts import Registration, check_registration, normal_email, normal_phone
from matchmaker.domain.identifiers import clean_org_name, clean_uscc, normal_org_name
from matchmaker.domain.messages import AccountDecided, AccountRegistered
from matchmaker.domain.permissions import ANYONE, Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ApprovalState, ConsentScope, OrganisationKind
from matchmaker.errors import InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.services.accounts import role_row
from matchmaker.services.consents import record_consents
from matchmaker.services.merging import merge_organisations
from matchmaker.store.tables import Organisation, OrganisationAlias, Person, StateChange, User

_LIKE = 0.75


def register(session: Session, actor: Actor, *, draft: Registration, password_hash: str) -> User:
    """Keep a registration: account, contact and, unless its code is known, organisation, all waiting.

    A known organisation is never changed by a stranger's words: the account waits at it. Somebody
    who was refused may register again with the same address. Raises InvalidInput.
    """
    problems = check_registration(draft)
    email = normal_email(draft.email)
    earlier = session.scalar(select(User).where(User.email == email))
    if earlier is not None and earlier.status is not ApprovalState.REFUSED:
        message = "这个邮箱已经注册过。请直接登录；忘记密码可以重设。"
        problems.append(Problem(field="email", code="email_taken", message=message))
    if problems:
        raise InvalidInput(problems)
    user = earlier or User(email=email, fs_uniquifier=secrets.token_hex(32), created_at=clock.now())
    session.add(user)
    user.name, user.phone, user.password = draft.name, normal_phone(draft.phone), password_hash
    user.active, user.status = True, ApprovalState.WAITING
    user.roles = [role_row(session, draft.role)]
    user.organisation_id = _organisation_of(session, draft).id
    person = _contact_of(draft, organisation_id=user.organisation_id)
    session.add(person)
    session.flush()  # consent and message carry the ids
    user.person_id = person.id
    _keep_ticks(session, draft, user)
    outbox.record(session, actor, AccountRegistered(user_id=user.id))
    return user


def _organisation_of(session: Session, draft: Registration) -> Organisation:
    code = clean_uscc(draft.uscc) or None
    known = session.scalar(select(Organisation).where(Organisation.uscc == code)) if code else None
    if known is not None and known.merged_into_id is None:
        return known
    name = clean_org_name(draft.organisation_name)
    row = Organisation(
        kind=OrganisationKind(draft.kind),
        name=name,
        normalised_name=normal_org_name(name),
        uscc=code,
        status=ApprovalState.WAITING,
        parent_id=_parent_id(session, draft),
        town=draft.town,
        local=draft.kind == OrganisationKind.ENTERPRISE,
        source="registration",
        source_note=f"所属高校：{draft.parent_name}" if draft.has_parent else "",
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()  # the account needs the id
    return row


def _parent_id(session: Session, draft: Registration) -> int | None:
    if not draft.has_parent:
        return None
    key = normal_org_name(draft.parent_name)
    known = select(Organisation.id).where(
        Organisation.normalised_name == key, Organisation.status == ApprovalState.APPROVED
    )
    return session.scalar(known.order_by(Organisation.id).limit(1))


def _contact_of(draft: Registration, *, organisation_id: int) -> Person:
    return Person(
        organisation_id=organisation_id,
        name=draft.name,
        position=draft.position,
        phone=normal_phone(draft.phone),
        email=normal_email(draft.email),
        source="registration",
        created_at=clock.now(),
    )


def _keep_ticks(session: Session, draft: Registration, user: User) -> None:
    ticks = {
        ConsentScope.INTERNAL: draft.agrees,
        ConsentScope.CONTACT_AFTER_ACCEPT: draft.shares_contact,
    }
    record_consents(
        session,
        Actor(user_id=user.id) if user.id else ANYONE,
        subject_kind="user",
        subject_id=user.id,
        ticks=ticks,
        channel="registration",
    )


def bureau_in(session: Session) -> str:
    """Return the name of the organiser as the database knows it: the first government body."""
    bodies = select(Organisation.name).where(
        Organisation.kind == OrganisationKind.GOVERNMENT, Organisation.status == ApprovalState.APPROVED
    )
    return session.scalar(bodies.order_by(Organisation.id).limit(1)) or ""


def likely_duplicates(session: Session, organisation: Organisation, *, limit: int = 5) -> list[Organisation]:
    """Return approved organisations that may be the same body, likest name first.

    A suggestion for the eyes of the organiser only: nothing is ever merged by likeness.
    """
    aliases = select(OrganisationAlias.organisation_id, OrganisationAlias.normalised_alias)
    names = select(Organisation.id, Organisation.normalised_name).where(
        Organisation.id != organisation.id, Organisation.status == ApprovalState.APPROVED
    )
    likeness: dict[int, float] = {}
    for other_id, name in (*session.execute(names), *session.execute(aliases)):
        share = _likeness(organisation.normalised_name, name)
        if share >= _LIKE and other_id != organisation.id:
            likeness[other_id] = max(share, likeness.get(other_id, 0.0))
    best = sorted(likeness, key=lambda other_id: (-likeness[other_id], other_id))[:limit]
    rows = {row.id: row for row in session.scalars(select(Organisation).where(Organisation.id.in_(best)))}
    return [rows[other_id] for other_id in best]


def _likeness(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if min(len(one), len(other)) >= 4 and (one in other or other in one):
        return 0.95
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _LIKE else 0.0


def approve_account(
    session: Session, actor: Actor, *, user_id: int, organisation_id: int | None = None
) -> None:
    """Let a waiting account in. With `organisation_id` it joins that organisation, and the one it
    registered, if new, is merged into it.

    Records AccountDecided. Raises WrongState when it was decided before.
    """
    user = _waiting(session, actor, user_id)
    own = session.get_one(Organisation, user.organisation_id)
    if organisation_id is not None and organisation_id != own.id:
        _attach(session, actor, user=user, own=own, to_id=organisation_id)
    elif own.status is not ApprovalState.APPROVED:
        own.status = ApprovalState.APPROVED
    user.approved_at, user.approved_by_id = clock.now(), actor.user_id
    _decide(session, actor, user, ApprovalState.APPROVED, reason="")


def _attach(session: Session, actor: Actor, *, user: User, own: Organisation, to_id: int) -> None:
    if own.status is ApprovalState.WAITING and own.source == "registration":
        merge_organisations(session, actor, from_id=own.id, into_id=to_id)
        return
    if session.get(Organisation, to_id) is None:
        raise NotFound()
    user.organisation_id = to_id
    if user.person_id is not None:
        session.get_one(Person, user.person_id).organisation_id = to_id


def refuse_account(session: Session, actor: Actor, *, user_id: int, reason: str) -> None:
    """Turn a waiting account away with a reason, and with it the organisation that only it brought.

    Records AccountDecided. Raises WrongState when it was decided before.
    """
    user = _waiting(session, actor, user_id)
    if not reason.strip():
        message = "请写明不通过的原因，申请人会看到。"
        raise InvalidInput([Problem(field="reason", code="reason_missing", message=message)])
    own = session.get_one(Organisation, user.organisation_id)
    others = select(User.id).where(
        User.organisation_id == own.id, User.id != user.id, User.status != ApprovalState.REFUSED
    )
    if own.status is ApprovalState.WAITING and session.scalar(others.limit(1)) is None:
        own.status, own.uscc = ApprovalState.REFUSED, None  # the code is free for a better registration
    _decide(session, actor, user, ApprovalState.REFUSED, reason=reason.strip())


def _waiting(session: Session, actor: Actor, user_id: int) -> User:
    if not actor.organises:
        raise NotAllowed()
    user = session.get(User, user_id)
    if user is None:
        raise NotFound()
    if user.status is not ApprovalState.WAITING:
        raise WrongState("这个账号已经审核过了，请刷新页面查看结果。")
    return user


def _decide(session: Session, actor: Actor, user: User, to: ApprovalState, *, reason: str) -> None:
    session.add(
        StateChange(
            subject_kind="user",
            subject_id=user.id,
            from_state=user.status.value,
            to_state=to.value,
            reason=reason,
            user_id=actor.user_id,
            at=clock.now(),
        )
    )
    user.status = to
    approved = to is ApprovalState.APPROVED
    outbox.record(session, actor, AccountDecided(user_id=user.id, approved=approved, reason=reason))
