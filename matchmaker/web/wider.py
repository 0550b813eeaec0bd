"""The whole library beyond the proposals: ask for it, see what it holds, choose from it."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.disclosure import NeedView, may_see, view_of
from matchmaker.services import wider as service
from matchmaker.store.queries.wider import NeedLine, need_lines, search_of
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here

blueprint = Blueprint("wider", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search as the page tells of it."""

    found_at: datetime | None
    stand: service.SearchStand


def needs_found(kind: str, subject_id: int) -> tuple[Search | None, list[tuple[NeedLine, NeedView]]]:
    """Return the last search for an achievement or a person, and what of it this reader may see."""
    row, actor = search_of(session_here(), kind, subject_id), actor_here()
    lines = need_lines(session_here(), row.found) if row else []
    search = Search(found_at=row.found_at, stand=service.stand_of(session_here(), row)) if row else None
    return search, [
        (line, view_of(actor, line.faces))
        for line in lines
        if may_see(actor, line.faces, pushed_to_actor=line.shortlisted)
    ]


@blueprint.post("/achievements/<int:achievement_id>/matches/search")
@allow(Audience.UNIVERSITY, Audience.ORGANISER)
def for_achievement(achievement_id: int) -> ResponseReturnValue:
    """Ask which of all open needs an achievement could answer."""
    service.ask(session_here(), actor_here(), kind="achievement", subject_id=achievement_id)
    return redirect(url_for("matches.for_achievement", achievement_id=achievement_id) + "#wider", 303)


@blueprint.post("/experts/<int:person_id>/search")
@allow(Audience.UNIVERSITY, Audience.ORGANISER)
def for_expert(person_id: int) -> ResponseReturnValue:
    """Ask which of all open needs what an expert made could answer."""
    service.ask(session_here(), actor_here(), kind="person", subject_id=person_id)
    return redirect(url_for("experts.detail", person_id=person_id) + "#wider", 303)


@blueprint.post("/needs/<int:need_id>/others/<int:achievement_id>/choose")
@allow(Audience.ORGANISER)
def choose(need_id: int, achievement_id: int) -> ResponseReturnValue:
    """Choose an achievement that was found beyond the proposals."""
    service.choose(session_here(), actor_here(), need_id=need_id, achievement_id=achievement_id)
    flash(_("已选定；理由几秒钟后补上"), "success")
    return redirect(url_for("matches.workbench", need=need_id), 303)
