"""Experts, and the projects, patents, papers and achievements each of them made."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.disclosure import may_see, told_to, view_of
from matchmaker.domain.permissions import may_see_inside
from matchmaker.domain.states import MatchState
from matchmaker.errors import NotFound
from matchmaker.store.queries import experts as queries
from matchmaker.store.queries.matches import matches_of_maker
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.parts import Column, ListState
from matchmaker.web.visitors import same_while_nothing_changes
from matchmaker.web.wider import needs_found

blueprint = Blueprint("experts", __name__)
_PER_PAGE = 50


@blueprint.get("/experts")
@allow(Audience.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Show the experts, those who made most first."""
    search = request.args.get("q", "")[:100]
    total = queries.count_experts(session_here(), actor_here(), search=search)
    state = ListState.read(request.path, request.args.items(multi=True), total=total, per_page=_PER_PAGE)
    rows = queries.expert_lines(
        session_here(),
        actor_here(),
        search=search,
        sort=state.sort,
        first=(state.page - 1) * _PER_PAGE,
        most=_PER_PAGE,
    )
    columns = [
        Column(key="name", title=_("专家"), sortable=True),
        Column(key="organisation", title=_("单位"), sortable=True),
        Column(key="project", title=_("项目"), end=True),
        Column(key="patent", title=_("专利"), end=True),
        Column(key="paper", title=_("论文"), end=True),
        Column(key="achievement", title=_("成果"), end=True),
        Column(key="total", title=_("合计"), sortable=True, end=True),
    ]
    same_while_nothing_changes()
    return render_template("experts/index.html", rows=rows, state=state, columns=columns)


@blueprint.get("/experts/<int:person_id>")
@allow(Audience.SIGNED_IN)
def detail(person_id: int) -> ResponseReturnValue:
    """Show one expert with what they made, by library."""
    page = queries.expert_page(session_here(), actor_here(), person_id)
    if page is None:
        raise NotFound()
    inside = may_see_inside(actor_here(), page.person.organisation_id)
    proposals = [
        (line, view_of(actor_here(), line.faces))
        for line in (matches_of_maker(session_here(), person_id) if inside else [])
        if may_see_inside(actor_here(), line.achievement.organisation_id)
        and may_see(actor_here(), line.faces, pushed_to_actor=line.match.status is MatchState.SHORTLISTED)
    ]
    search, found = needs_found("person", person_id) if inside else (None, [])
    return render_template(
        "experts/detail.html",
        page=page,
        expert=page.person,
        told={
            name: told_to(actor_here(), getattr(page.person, name), owner_id=page.person.organisation_id)
            for name in ("title", "position", "expertise")
        },
        inside=inside,
        proposals=proposals,
        search=search,
        found=found,
    )
