"""Claims (揭榜): the form on a published need, the claimant's list, the organiser's decisions."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.claims import ClaimState
from matchmaker.domain.disclosure import view_of
from matchmaker.domain.permissions import may_see_inside
from matchmaker.domain.problems import Problem
from matchmaker.domain.saying import later
from matchmaker.domain.states import NEEDS_OPEN_FOR_MATCHING
from matchmaker.errors import InvalidInput
from matchmaker.services import claims as service
from matchmaker.store.queries.claims import claim_lines
from matchmaker.store.queries.needs import NeedPage
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.need_view import visible_page
from matchmaker.web.parts import local_path

blueprint = Blueprint("claims", __name__)
_DECLINE_REASONS = (
    later("与需求不对口"),
    later("方案不够具体"),
    later("已有更合适的方案"),
    later("成熟度不够"),
    later("企业暂不需要"),
)


@blueprint.get("/claims")
@allow(Audience.UNIVERSITY, Audience.ORGANISER)
def index() -> ResponseReturnValue:
    """Show the organiser every claim, a university its own; undecided ones first."""
    actor, asked = actor_here(), request.args.get("state", "")
    state = ClaimState(asked) if asked in set(ClaimState) else None
    own = None if actor.organises else actor.organisation_ids
    lines = claim_lines(session_here(), organisation_ids=own, state=state)
    return render_template("claims/index.html", lines=lines, state=asked, reasons=_reasons())


@blueprint.get("/needs/<int:need_id>/claim")
@allow(Audience.UNIVERSITY)
def form(need_id: int) -> ResponseReturnValue:
    """Show the form by which a university offers to solve a need."""
    page = visible_page(need_id)
    claim = service.own_claim(session_here(), actor_here(), need_id)
    values = {
        "plan": claim.plan if claim else "",
        "achievement_id": str(claim.achievement_id or "") if claim else request.args.get("achievement", ""),
    }
    return _form_page(page, values, [])


@blueprint.post("/needs/<int:need_id>/claim")
@allow(Audience.UNIVERSITY)
def claim(need_id: int) -> ResponseReturnValue:
    """Take the offer."""
    page, chosen = visible_page(need_id), request.form.get("achievement_id", "")
    number = int(chosen) if chosen.isdecimal() and len(chosen) < 10 else None
    try:
        service.claim_need(
            session_here(),
            actor_here(),
            need=page.line.need,
            plan=request.form.get("plan", ""),
            achievement_id=number,
        )
    except InvalidInput as refused:
        session_here().rollback()
        typed = {"plan": request.form.get("plan", ""), "achievement_id": chosen}
        return _form_page(page, typed, list(refused.problems)), 422
    flash(_("已揭榜。主办方看过方案后会答复，结果在“揭榜”里，也会发消息给您。"), "success")
    return redirect(url_for("claims.index"), 303)


def _form_page(page: NeedPage, values: dict[str, str], problems: list[Problem]) -> str:
    return render_template(
        "claims/form.html",
        view=view_of(actor_here(), page.line.faces),
        form=values,
        problems=problems,
        achievements=[
            (str(key), title) for key, title in service.own_achievements(session_here(), actor_here())
        ],
    )


@blueprint.get("/needs/<int:need_id>/claims")
@allow(Audience.ANYONE)
def of_need(need_id: int) -> ResponseReturnValue:
    """Say on a need's page what can be done next: claim it, sign in for that, or see who claimed it."""
    page, actor = visible_page(need_id), actor_here()
    inside = may_see_inside(actor, page.line.need.organisation_id)
    lines = claim_lines(session_here(), need_id=need_id) if inside else []
    if inside and not actor.organises:  # the firm hears of a plan when the organiser has taken it up
        lines = [line for line in lines if line.claim.status is ClaimState.TAKEN]
    return render_template(
        "claims/_of_need.html" if request.headers.get("HX-Request") else "claims/of_need.html",
        need=page.line.need,
        inside=inside,
        lines=lines,
        own=None
        if inside or actor.organisation_id is None
        else service.own_claim(session_here(), actor, need_id),
        open_for_claims=page.line.need.status in NEEDS_OPEN_FOR_MATCHING,
        reasons=_reasons(),
    )


@blueprint.post("/claims/<int:claim_id>/withdraw")
@allow(Audience.UNIVERSITY)
def withdraw(claim_id: int) -> ResponseReturnValue:
    """Take an undecided offer back."""
    service.withdraw_claim(session_here(), actor_here(), claim_id=claim_id)
    flash(_("已撤回揭榜"), "success")
    return redirect(url_for("claims.index"), 303)


@blueprint.post("/claims/<int:claim_id>/take")
@allow(Audience.ORGANISER)
def take(claim_id: int) -> ResponseReturnValue:
    """Take a claim up."""
    service.decide_claim(session_here(), actor_here(), claim_id=claim_id, taken=True)
    flash(_("已采纳，院校和企业都会收到消息"), "success")
    return _back()


@blueprint.post("/claims/<int:claim_id>/decline")
@allow(Audience.ORGANISER)
def decline(claim_id: int) -> ResponseReturnValue:
    """Decline a claim with the reason."""
    parts = (request.form.get("reason", ""), request.form.get("note", ""))
    reason = "；".join(part.strip() for part in parts if part.strip())
    service.decide_claim(session_here(), actor_here(), claim_id=claim_id, taken=False, reason=reason)
    flash(_("已答复院校，附上了原因"), "success")
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(local_path(request.form.get("next"), url_for("claims.index")), 303)


def _reasons() -> list[tuple[str, str]]:
    return [(reason, _(reason)) for reason in _DECLINE_REASONS]
