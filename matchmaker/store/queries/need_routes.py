"""Needs that nothing in the library answered, by the way on that was decided for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from matchmaker.domain.states import NEEDS_OPEN_FOR_MATCHING, MatchState, Route
from matchmaker.store.queries.needs import GOOD
from matchmaker.store.tables import Match, Need, NeedRoute, Organisation, User


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteLine:
    """A need with what was decided last; `good` counts the proposals that are 较强 or better by now."""

    route: NeedRoute
    need: Need
    firm: str
    decided_by: str
    good: int

    @property
    def id(self) -> int:
        """The need's id, for lists."""
        return self.need.id

    @property
    def state(self) -> str:
        """waiting; matched, since a good proposal came later; or closed, with the need."""
        if self.need.status not in NEEDS_OPEN_FOR_MATCHING:
            return "closed"
        return "matched" if self.good else "waiting"

    @property
    def outdated(self) -> bool:
        """Whether the need's text was changed after the decision."""
        return self.route.need_version != self.need.text_version


def route_lines(
    session: Session, *, routes: Sequence[str] = (), states: Sequence[str] = (), search: str = ""
) -> list[RouteLine]:
    """Return the needs whose newest decision is one of these routes, the newest decision first.

    Without `routes` or `states` all of them; `search` takes words of titles, firms and notes.
    """
    newest = select(func.max(NeedRoute.id)).group_by(NeedRoute.need_id)
    good = (
        select(func.count(Match.id))
        .where(
            Match.need_id == Need.id,
            Match.current,
            Match.grade.in_(GOOD),
            Match.status != MatchState.REJECTED,
        )
        .scalar_subquery()
    )
    wanted = (
        select(NeedRoute, Need, Organisation.name, func.coalesce(User.name, ""), good)
        .join(Need, Need.id == NeedRoute.need_id)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .outerjoin(User, User.id == NeedRoute.user_id)
        .where(NeedRoute.id.in_(newest))
        .order_by(NeedRoute.at.desc(), NeedRoute.id.desc())
    )
    if routes:
        wanted = wanted.where(NeedRoute.route.in_([Route(word) for word in routes if word in set(Route)]))
    for word in search.split()[:5]:
        places = (Need.title, Organisation.name, NeedRoute.note)
        wanted = wanted.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    lines = [
        RouteLine(route=route, need=need, firm=firm, decided_by=who, good=count)
        for route, need, firm, who, count in session.execute(wanted)
    ]
    return [line for line in lines if not states or line.state in states]
