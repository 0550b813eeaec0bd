"""Splitting a need: suggested cuts, every part editable, and the way back."""

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.problems import Problem
from matchmaker.domain.splitting import MOST_PARTS, suggested_cuts
from matchmaker.errors import InvalidInput
from matchmaker.services import need_split as service
from matchmaker.services.need_split import Part
from matchmaker.store.queries.needs import NeedPage
from matchmaker.store.tables import Need
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.need_view import back, page_for_owner, version
from matchmaker.web.needs import blueprint
from matchmaker.web.presentation import offer_undo

_TEXTS = ("title", "problem", "key_points", "budget_text")


@blueprint.get("/needs/<int:need_id>/split")
@allow(Audience.ORGANISER)
def splitting(need_id: int) -> ResponseReturnValue:
    """Show the suggested parts of a need; `way` chooses how it is cut, `count` asks for empty ones."""
    page = page_for_owner(need_id)
    return _page(page, _suggested(page.line.need), [])


@blueprint.post("/needs/<int:need_id>/split")
@allow(Audience.ORGANISER)
def split(need_id: int) -> ResponseReturnValue:
    """Split a need into the parts of the form; parts without any word are left out."""
    page = page_for_owner(need_id)
    shown = _parts_of_form()
    if request.form.get("act") == "more":
        return _page(page, [*shown, _empty()][:MOST_PARTS], [])
    parts = [part for part in shown if part != _empty()]
    try:
        made = service.split_need(
            session_here(), actor_here(), need_id=need_id, parts=parts, version=version()
        )
    except InvalidInput as refused:
        session_here().rollback()
        return _page(page, parts, list(refused.problems)), 422
    offer_undo(_("已拆分为 %(n)s 条需求", n=len(made)), url_for("needs.join_again", need_id=need_id))
    return back(url_for("needs.detail", need_id=need_id))


@blueprint.post("/needs/<int:need_id>/split/undo")
@allow(Audience.ORGANISER)
def join_again(need_id: int) -> ResponseReturnValue:
    """Take a split back while nobody works with its parts."""
    service.join_again(session_here(), actor_here(), need_id=need_id)
    flash(_("已撤销拆分，原需求恢复"), "success")
    return back(url_for("needs.detail", need_id=need_id))


def _parts_of_form() -> list[Part]:
    """Return the parts as they stand in the form, empty ones too."""
    parts = []
    for number in range(1, MOST_PARTS + 1):
        texts = {
            name: request.form.get(f"{name}_{number}", "").replace("\r\n", "\n").strip() for name in _TEXTS
        }
        if f"title_{number}" in request.form:
            parts.append(Part(**texts))
    return parts


def _suggested(need: Need) -> list[Part]:
    """Return the parts to start from: indicators go with them where both texts have as many pieces."""
    cuts = {cut.way: cut for cut in suggested_cuts(need.problem, title=need.title)}
    chosen = cuts.get(request.args.get("way", "")) or next(iter(cuts.values()), None)
    if chosen is None:
        return [Part(title=need.title, problem=need.problem, key_points=need.key_points), _empty()]
    points = next(
        (cut for cut in suggested_cuts(need.key_points) if len(cut.pieces) == len(chosen.pieces)), None
    )
    return [
        Part(
            title=piece.title,
            problem=piece.text,
            key_points=points.pieces[place].text if points else "",
        )
        for place, piece in enumerate(chosen.pieces)
    ]


def _empty() -> Part:
    return Part(title="", problem="")


def _page(page: NeedPage, parts: list[Part], problems: list[Problem]) -> str:
    return render_template(
        "needs/split.html",
        page=page,
        need=page.line.need,
        pieces=parts,
        cuts=suggested_cuts(page.line.need.problem, title=page.line.need.title),
        most=MOST_PARTS,
        problems=problems,
        splittable=page.line.need.status in service.SPLITTABLE,
    )
