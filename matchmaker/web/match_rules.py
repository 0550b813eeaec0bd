"""The organiser's rules about organisations that are never brought together."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select

from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ApprovalState, OrganisationKind
from matchmaker.errors import InvalidInput
from matchmaker.services.never_match import allow_again, keep_apart
from matchmaker.store.queries.never import rule_lines
from matchmaker.store.tables import Organisation
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.matches import blueprint


@blueprint.get("/matches/never")
@allow(Audience.ORGANISER)
def never() -> ResponseReturnValue:
    """Show who is never brought together, and the form for one more pair."""
    asked = {name: request.args.get(name, "") for name in ("enterprise_id", "partner_id")}
    return _never_page(asked | {"reason": ""}, [])


@blueprint.post("/matches/never")
@allow(Audience.ORGANISER)
def add_never() -> ResponseReturnValue:
    """Keep two organisations apart."""
    values = {name: request.form.get(name, "") for name in ("enterprise_id", "partner_id", "reason")}
    if problems := [
        _not_chosen(name) for name in ("enterprise_id", "partner_id") if not values[name].isdecimal()
    ]:
        return _never_page(values, problems), 422
    try:
        keep_apart(
            session_here(),
            actor_here(),
            enterprise_id=int(values["enterprise_id"]),
            partner_id=int(values["partner_id"]),
            reason=values["reason"],
        )
    except InvalidInput as refused:
        session_here().rollback()
        return _never_page(values, list(refused.problems)), 422
    flash(_("已记下：这两家不再互相推荐和配对"), "success")
    return redirect(url_for("matches.never"), 303)


@blueprint.post("/matches/never/<int:never_id>/drop")
@allow(Audience.ORGANISER)
def drop_never(never_id: int) -> ResponseReturnValue:
    """Let two organisations meet again."""
    allow_again(session_here(), actor_here(), rule_id=never_id)
    flash(_("已取消这条规定，正在重新匹配"), "success")
    return redirect(url_for("matches.never"), 303)


def _never_page(values: dict[str, str], problems: list[Problem]) -> str:
    firms = _organisations(Organisation.kind == OrganisationKind.ENTERPRISE)
    return render_template(
        "matches/never.html",
        rules=rule_lines(session_here()),
        firms=firms,
        partners=_organisations(Organisation.kind != OrganisationKind.GOVERNMENT),
        form=values,
        problems=problems,
    )


def _not_chosen(name: str) -> Problem:
    return Problem(field=name, code="missing", message="请从列表中选择一家单位。")


def _organisations(kind: ColumnElement[bool]) -> list[tuple[str, str]]:
    rows = session_here().execute(
        select(Organisation.id, Organisation.name)
        .where(Organisation.status == ApprovalState.APPROVED, kind)
        .order_by(Organisation.name)
    )
    return [(str(row.id), row.name) for row in rows]
