"""What the pages about groups of like needs read."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.states import NEEDS_IN_LIBRARY, NEEDS_OPEN_FOR_MATCHING, NeedState
from matchmaker.store.tables import Need, NeedGroup, NeedGroupMember, Organisation

_MOST_FOUND = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLine:
    """A need as a line of a group, a suggestion or a search."""

    id: int
    title: str
    problem: str
    firm: str
    firm_id: int
    town: str
    status: NeedState


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """A group in the list: one topic, so many needs of so many firms."""

    id: int
    name: str
    summary: str
    needs: int
    firms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPage:
    """One group with its needs; `counted` of them are in the library, each counted as one need."""

    group: NeedGroup
    members: tuple[MemberLine, ...]

    @property
    def firms(self) -> int:
        """How many firms have the problem."""
        return len({line.firm_id for line in self.members})

    @property
    def counted(self) -> int:
        """How many of the needs stand in the year's figures."""
        return sum(line.status in NEEDS_IN_LIBRARY for line in self.members)


def group_lines(session: Session) -> list[GroupLine]:
    """Return the groups, those of most firms first."""
    firms = func.count(Need.organisation_id.distinct())
    rows = session.execute(
        select(NeedGroup.id, NeedGroup.name, NeedGroup.summary, func.count(Need.id), firms)
        .outerjoin(NeedGroupMember, NeedGroupMember.group_id == NeedGroup.id)
        .outerjoin(Need, Need.id == NeedGroupMember.need_id)
        .group_by(NeedGroup.id)
        .order_by(firms.desc(), NeedGroup.id)
    )
    return [GroupLine(id=row[0], name=row[1], summary=row[2], needs=row[3], firms=row[4]) for row in rows]


def group_page(session: Session, group_id: int) -> GroupPage | None:
    """Return one group with its needs in the order of their joining, None when there is none."""
    group = session.get(NeedGroup, group_id)
    if group is None:
        return None
    ids = session.scalars(
        select(NeedGroupMember.need_id)
        .where(NeedGroupMember.group_id == group_id)
        .order_by(NeedGroupMember.id)
    ).all()
    return GroupPage(group=group, members=tuple(member_lines(session, ids)))


def member_lines(
    session: Session, need_ids: Sequence[int], *, search: str = "", without_group: bool = False
) -> list[MemberLine]:
    """Return these needs in the order of their ids, or the open ones that a search finds."""
    wanted = select(Need, Organisation.name).join(Organisation, Organisation.id == Need.organisation_id)
    if search.strip():
        wanted = wanted.where(Need.status.in_(NEEDS_OPEN_FOR_MATCHING)).limit(_MOST_FOUND)
        for word in search.split()[:5]:
            columns = (Need.title, Need.problem, Need.code, Organisation.name)
            wanted = wanted.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    else:
        wanted = wanted.where(Need.id.in_(need_ids))
    if without_group:
        wanted = wanted.where(Need.id.not_in(select(NeedGroupMember.need_id)))
    return [
        MemberLine(
            id=need.id,
            title=need.title,
            problem=need.problem,
            firm=firm,
            firm_id=need.organisation_id,
            town=need.town,
            status=need.status,
        )
        for need, firm in session.execute(wanted.order_by(Need.id))
    ]
