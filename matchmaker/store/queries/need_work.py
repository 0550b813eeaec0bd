"""What pages show beside a need: open questions, changes, parts and their original, its group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from matchmaker.domain.states import NEEDS_SHOWN_OUTSIDE, Disclosure, EnquiryState, NeedState
from matchmaker.store.tables import (
    Need,
    NeedChange,
    NeedEnquiry,
    NeedGroup,
    NeedGroupMember,
    NeedPart,
    User,
)

_WAITING = (EnquiryState.OPEN, EnquiryState.ANSWERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRef:
    """A group as a badge: how many firms have this problem."""

    id: int
    name: str
    firms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedMarks:
    """What stands beside a need in a list."""

    enquiry: EnquiryState | None = None
    group: GroupRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One save that changed a need: who and why, and (field, before, after) of what changed."""

    at: datetime
    cause: str
    who: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """The original of a part, or a part of an original."""

    id: int
    title: str
    status: NeedState


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """Where a need came from when it was split, what it was split into, and what it was merged into."""

    original: Relative | None = None
    kept: Relative | None = None
    parts: tuple[Relative, ...] = field(default=())


def marks_of(session: Session, need_ids: Sequence[int]) -> dict[int, NeedMarks]:
    """Return the marks of the needs that have any."""
    waiting = session.execute(
        select(NeedEnquiry.need_id, NeedEnquiry.state)
        .where(NeedEnquiry.need_id.in_(need_ids), NeedEnquiry.state.in_(_WAITING))
        .order_by(NeedEnquiry.id)
    )
    asked: dict[int, EnquiryState] = {row[0]: row[1] for row in waiting}
    groups = groups_of(session, need_ids)
    return {
        need_id: NeedMarks(enquiry=asked.get(need_id), group=groups.get(need_id))
        for need_id in need_ids
        if need_id in asked or need_id in groups
    }


def groups_of(
    session: Session, need_ids: Sequence[int], *, outside_only: bool = False
) -> Mapping[int, GroupRef]:
    """Return need id → its group. `outside_only`: firms are counted by what outsiders may read."""
    rows = session.execute(
        select(NeedGroupMember.need_id, NeedGroup.id, NeedGroup.name)
        .join(NeedGroup, NeedGroup.id == NeedGroupMember.group_id)
        .where(NeedGroupMember.need_id.in_(need_ids))
    ).all()
    counted = (
        select(NeedGroupMember.group_id, func.count(Need.organisation_id.distinct()))
        .join(Need, Need.id == NeedGroupMember.need_id)
        .where(NeedGroupMember.group_id.in_([group_id for _, group_id, _ in rows]))
        .group_by(NeedGroupMember.group_id)
    )
    if outside_only:
        counted = counted.where(
            Need.status.in_(NEEDS_SHOWN_OUTSIDE), Need.disclosure.in_((Disclosure.PUBLIC, Disclosure.MASKED))
        )
    firms: dict[int, int] = {row[0]: row[1] for row in session.execute(counted)}
    return {
        need_id: GroupRef(id=group_id, name=name, firms=firms.get(group_id, 0))
        for need_id, group_id, name in rows
    }


def enquiries_of(session: Session, need_id: int) -> list[NeedEnquiry]:
    """Return every time the firm of a need was asked, newest first."""
    wanted = select(NeedEnquiry).where(NeedEnquiry.need_id == need_id).order_by(NeedEnquiry.id.desc())
    return list(session.scalars(wanted))


def changes_of(session: Session, need_id: int) -> tuple[Change, ...]:
    """Return what saves changed in a need, newest first."""
    rows = session.execute(
        select(NeedChange, func.coalesce(User.name, ""))
        .outerjoin(User, User.id == NeedChange.user_id)
        .where(NeedChange.need_id == need_id)
        .order_by(NeedChange.at.desc(), NeedChange.id.desc())
    )
    return tuple(
        Change(
            at=row.at,
            cause=row.cause,
            who=row.who or name,
            fields=tuple((one["field"], one["before"], one["after"]) for one in row.fields),
        )
        for row, name in rows
    )


def kin_of(session: Session, need_id: int) -> Kin:
    """Return the original of a need, the parts it was split into, and the need that it is a duplicate of."""
    gone = aliased(Need)
    original = session.execute(
        select(Need.id, Need.title, Need.status)
        .join(NeedPart, NeedPart.original_id == Need.id)
        .where(NeedPart.part_id == need_id)
    ).one_or_none()
    parts = session.execute(
        select(Need.id, Need.title, Need.status)
        .join(NeedPart, NeedPart.part_id == Need.id)
        .where(NeedPart.original_id == need_id)
        .order_by(NeedPart.position)
    )
    kept = session.execute(
        select(Need.id, Need.title, Need.status)
        .join(gone, gone.duplicate_of_id == Need.id)
        .where(gone.id == need_id)
    ).one_or_none()
    original_of, kept_of = (
        Relative(id=row[0], title=row[1], status=row[2]) if row else None for row in (original, kept)
    )
    return Kin(
        original=original_of,
        kept=kept_of,
        parts=tuple(Relative(id=key, title=title, status=status) for key, title, status in parts),
    )
