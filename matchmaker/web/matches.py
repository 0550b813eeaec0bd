"""Proposals: the organiser's workbench, a need's and an achievement's list, and each side's answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.disclosure import (
    NeedView,
    hides_owner,
    may_see,
    may_see_achievement,
    told_to,
    view_of,
)
from matchmaker.domain.matching import GRADE_ORDER
from matchmaker.domain.permissions import may_see_inside, owns
from matchmaker.domain.problems import Problem
from matchmaker.domain.reasons import shown_inside, shown_to
from matchmaker.domain.saying import later
from matchmaker.domain.states import Grade, MatchState, Route
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.services import grades
from matchmaker.services import matches as service
from matchmaker.services.match_list import beyond, entries_of, grades_standing, who_else
from matchmaker.services.never_match import why_never
from matchmaker.services.verdicts import choose_route, verdict_of
from matchmaker.store.queries import matches as queries
from matchmaker.store.queries.history import history_of
from matchmaker.store.queries.matches import MatchLine
from matchmaker.store.queries.needs import NeedPage, need_page
from matchmaker.store.queries.wider import OtherLine
from matchmaker.store.tables import Achievement, Need
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here, settings_here
from matchmaker.web.need_view import say_if_unheard
from matchmaker.web.parts import ListState
from matchmaker.web.presentation import label, masked_owner, offer_undo
from matchmaker.web.visitors import same_while_nothing_changes
from matchmaker.web.wider import needs_found

blueprint = Blueprint("matches", __name__)
_PER_PAGE = 50
_OWNERS = (Audience.ENTERPRISE, Audience.UNIVERSITY, Audience.ORGANISER)
_REJECT_REASONS = (
    later("技术方向不符"),
    later("成熟度不够"),
    later("双方已在合作"),
    later("院校已明确不转让"),
    later("企业不接受该合作方式"),
)


@blueprint.get("/matches")
@allow(Audience.ORGANISER)
def workbench() -> ResponseReturnValue:
    """Show the queue of needs with proposals to look at, and one of them opened beside it."""
    only = request.args.get("queue", "")
    state = ListState.read(request.path, request.args.items(multi=True), total=0, per_page=_PER_PAGE)
    total, entries = queries.proposal_queue(
        session_here(),
        only=only,
        search=request.args.get("q", "")[:100],
        first=(state.page - 1) * _PER_PAGE,
        most=_PER_PAGE,
    )
    chosen = request.args.get("need", "")
    need_id = int(chosen) if chosen.isdecimal() else (entries[0].need_id if entries else None)
    page = need_page(session_here(), need_id) if need_id is not None else None
    same_while_nothing_changes()
    return render_template(
        "matches/workbench.html",
        queue=entries,
        state=ListState.read(request.path, request.args.items(multi=True), total=total, per_page=_PER_PAGE),
        only=only,
        page=page,
        **(list_values(page) if page else {}),
    )


@blueprint.get("/needs/<int:need_id>/matches")
@allow(*_OWNERS)
def for_need(need_id: int) -> ResponseReturnValue:
    """Show a need's proposals to the organiser and its owner; a fragment with ?part=1."""
    page = need_page(session_here(), need_id)
    if page is None or not may_see_inside(actor_here(), page.organisation.id):
        raise NotFound()
    template = "matches/_list.html" if request.args.get("part") else "matches/for_need.html"
    return render_template(template, page=page, **list_values(page))


def list_values(page: NeedPage) -> dict[str, Any]:
    """Return what the list of a need's proposals is drawn from."""
    session, need = session_here(), page.line.need
    lines = queries.matches_of_need(session, need.id, with_rejected=actor_here().organises)
    entries = entries_of(session, [_as_known(line) for line in lines if _may_know(line)])
    return {
        "need": need,
        "entries": entries,
        "whys": {entry.line.match.id: _inside(entry.line) for entry in entries},
        "verdict": verdict_of(session, need, grades_standing(entries)),
        "routes": [(str(route), label("need_route", route)) for route in Route],
        "reasons": _reject_reasons(),
        "being_computed": page.line.being_computed,
        "others": _beyond(need.id, {entry.line.id for entry in entries}),
    }


def _beyond(need_id: int, shown: Collection[int]) -> list[OtherLine]:
    """Return the best of each institution beyond the list, as far as this reader may see it."""
    lines = beyond(session_here(), need_id, public_only=not actor_here().organises)
    return [line for line in lines if line.match_id not in shown]


@blueprint.post("/needs/<int:need_id>/route")
@allow(Audience.ORGANISER)
def route(need_id: int) -> ResponseReturnValue:
    """Record what is done with a need that nothing answers."""
    word = request.form.get("route", "")
    if word not in set(Route):
        message = "请选择下一步：请企业补充、向库外征询，或列为长期课题。"
        raise InvalidInput([Problem(field="route", code="unknown", message=message)])
    row = choose_route(
        session_here(),
        actor_here(),
        settings_here(),
        need_id=need_id,
        route=Route(word),
        note=request.form.get("note", "").strip(),
    )
    flash(_("已记录下一步"), "success")
    say_if_unheard(session_here().get_one(Need, row.need_id), _("请打电话告知。"))
    return _back(need_id)


@blueprint.get("/achievements/<int:achievement_id>/matches")
@allow(*_OWNERS)
def for_achievement(achievement_id: int) -> ResponseReturnValue:
    """Show which needs an achievement may answer, each as far as this reader may see it."""
    achievement = session_here().get(Achievement, achievement_id)
    actor = actor_here()
    if achievement is None or not may_see_inside(actor, achievement.organisation_id):
        raise NotFound()
    lines = queries.matches_of_achievement(session_here(), achievement_id)
    seen = [line for line in lines if _may_see(line)]
    search, found = needs_found("achievement", achievement_id)
    told = {line.need.id for line, _view in found}
    return render_template(
        "matches/for_achievement.html",
        achievement=achievement,
        search=search,
        found=found,
        rows=[(line, view_of(actor, line.faces)) for line in seen if line.need.id not in told],
    )


@blueprint.get("/matches/mine")
@allow(Audience.ENTERPRISE, Audience.UNIVERSITY)
def mine() -> ResponseReturnValue:
    """Show a university the needs proposed for its achievements; an enterprise goes to its needs."""
    actor = actor_here()
    if "university" not in actor.roles:
        return redirect(url_for("needs.mine"))
    state = ListState.read(request.path, request.args.items(multi=True), total=0, per_page=_PER_PAGE)
    total, lines = queries.matches_for_owner(
        session_here(), actor.organisation_ids, first=(state.page - 1) * _PER_PAGE, most=_PER_PAGE
    )
    state = ListState.read(request.path, request.args.items(multi=True), total=total, per_page=_PER_PAGE)
    rows = [(line, view_of(actor, line.faces)) for line in lines]
    return render_template("matches/mine.html", rows=rows, state=state)


@blueprint.get("/matches/<int:match_id>")
@allow(*_OWNERS)
def detail(match_id: int) -> ResponseReturnValue:
    """Show one proposal: both texts side by side, the quoted words marked, the parts of the score."""
    line = queries.one_match(session_here(), match_id)
    if line is None or not _concerns_actor(line):
        raise NotFound()
    actor, line = actor_here(), _as_known(line)
    view = view_of(actor, line.faces)
    others = beyond(session_here(), line.need.id, public_only=not actor.organises) if view.inside else []
    return render_template(
        "matches/detail.html",
        line=line,
        match=line.match,
        others=who_else(others, line.achievement),
        barred=why_never(session_here(), line.match),
        view=view,
        why=_why(line, view),
        need_words=_marked_words(line, "need_words"),
        summary=told_to(actor, line.achievement.summary, owner_id=line.achievement.organisation_id),
        application=told_to(actor, line.achievement.application, owner_id=line.achievement.organisation_id),
        achievement_words=_marked_words(line, "achievement_words"),
        side=_side(line),
        reasons=_reject_reasons(),
        grades=[(str(grade), label("grade", grade)) for grade in GRADE_ORDER],
        graded=history_of(session_here(), grades.SUBJECT, match_id) if actor.organises else [],
    )


@blueprint.post("/matches/<int:match_id>/shortlist")
@allow(Audience.ORGANISER)
def shortlist(match_id: int) -> ResponseReturnValue:
    """Choose a proposal for pairing."""
    match = service.decide(session_here(), actor_here(), match_id=match_id, to=MatchState.SHORTLISTED)
    offer_undo(_("已选定这条推荐"), url_for("matches.reconsider", match_id=match_id))
    return _back(match.need_id)


@blueprint.post("/matches/<int:match_id>/reject")
@allow(Audience.ORGANISER)
def reject(match_id: int) -> ResponseReturnValue:
    """Take a proposal off the list, with a reason."""
    parts = (request.form.get("reason", ""), request.form.get("note", ""))
    reason = "；".join(part.strip() for part in parts if part.strip())
    match = service.decide(
        session_here(), actor_here(), match_id=match_id, to=MatchState.REJECTED, reason=reason
    )
    offer_undo(_("已剔除这条推荐"), url_for("matches.reconsider", match_id=match_id))
    return _back(match.need_id)


@blueprint.post("/matches/<int:match_id>/reconsider")
@allow(Audience.ORGANISER)
def reconsider(match_id: int) -> ResponseReturnValue:
    """Take a decision back."""
    match = service.decide(session_here(), actor_here(), match_id=match_id, to=MatchState.PROPOSED)
    flash(_("已恢复为系统推荐"), "success")
    return _back(match.need_id)


@blueprint.post("/matches/<int:match_id>/grade")
@allow(Audience.ORGANISER)
def grade_by_hand(match_id: int) -> ResponseReturnValue:
    """Give a proposal another grade than the computed one, with a reason."""
    word = request.form.get("grade", "")
    if word not in set(Grade):
        raise InvalidInput([Problem(field="grade", code="unknown", message="请选择等级：强、较强、弱或无。")])
    reason = request.form.get("reason", "")
    grades.grade_by_hand(session_here(), actor_here(), match_id=match_id, grade=Grade(word), reason=reason)
    offer_undo(_("已按您的评定改了等级"), url_for("matches.back_to_computed", match_id=match_id))
    return redirect(url_for("matches.detail", match_id=match_id), 303)


@blueprint.post("/matches/<int:match_id>/grade/computed")
@allow(Audience.ORGANISER)
def back_to_computed(match_id: int) -> ResponseReturnValue:
    """Let the computed grade count again."""
    grades.back_to_computed(session_here(), actor_here(), match_id=match_id)
    flash(_("已恢复系统算出的等级"), "success")
    return redirect(url_for("matches.detail", match_id=match_id), 303)


@blueprint.post("/matches/<int:match_id>/answer")
@allow(Audience.ENTERPRISE, Audience.UNIVERSITY)
def answer(match_id: int) -> ResponseReturnValue:
    """Record what one side says of a proposal."""
    line = queries.one_match(session_here(), match_id)
    if line is None or not _concerns_actor(line):
        raise NotFound()
    parts = (request.form.get("reason", ""), request.form.get("note", ""))
    service.answer(
        session_here(),
        actor_here(),
        match_id=match_id,
        answer=request.form.get("answer", ""),
        reason="；".join(part.strip() for part in parts if part.strip()),
    )
    flash(_("谢谢，主办方会看到您的意见"), "success")
    return redirect(url_for("matches.detail", match_id=match_id), 303)


def _concerns_actor(line: MatchLine) -> bool:
    actor = actor_here()
    if may_see_inside(actor, line.need.organisation_id):
        return _may_know(line)
    return owns(actor, line.achievement.organisation_id) and _may_see(line)


def _may_see(line: MatchLine) -> bool:
    """Say whether this reader may know the need of a proposal."""
    return may_see(actor_here(), line.faces, pushed_to_actor=_chosen(line))


def _may_know(line: MatchLine) -> bool:
    """Say whether this reader may know the achievement of a proposal."""
    thing = line.achievement
    return may_see_achievement(
        actor_here(),
        owner_id=thing.organisation_id,
        disclosure=thing.disclosure,
        pushed_to_actor=_chosen(line),
    )


def _chosen(line: MatchLine) -> bool:
    return line.match.status is MatchState.SHORTLISTED


def _as_known(line: MatchLine) -> MatchLine:
    """Return a proposal without the names of an owner who does not want to be named to this reader."""
    thing = line.achievement
    if hides_owner(actor_here(), owner_id=thing.organisation_id, disclosure=thing.disclosure):
        return replace(line, owner=masked_owner(line.owner_kind), makers=())
    return line


def _side(line: MatchLine) -> str:
    actor = actor_here()
    if owns(actor, line.need.organisation_id):
        return "need"
    return "achievement" if owns(actor, line.achievement.organisation_id) else ""


def _inside(line: MatchLine) -> Sequence[Mapping[str, Any]]:
    """Return the reasons that the need's own firm may read, the organiser all."""
    return line.match.reasons if actor_here().organises else shown_inside(line.match.reasons)


def _why(line: MatchLine, view: NeedView) -> Sequence[Mapping[str, Any]]:
    """Return the reasons that this reader may read."""
    if view.inside:
        return _inside(line)
    return shown_to(line.match.reasons, f"{view.title}\n{view.text}")


def _marked_words(line: MatchLine, key: str) -> list[str]:
    """Return what carried the match; figures that are only compared are not marked."""
    return [
        word for reason in line.match.reasons if reason["kind"] == "quote" for word in reason.get(key, [])
    ]


def _reject_reasons() -> list[tuple[str, str]]:
    return [(reason, _(reason)) for reason in _REJECT_REASONS]


def _back(need_id: int) -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        return redirect(url_for("matches.for_need", need_id=need_id, part=1), 303)
    return redirect(url_for("matches.workbench", need=need_id), 303)
