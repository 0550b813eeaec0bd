"""Needs: the enterprise's form and list, the public list, and one need as its reader may see it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from matchmaker.domain.disclosure import view_of
from matchmaker.domain.permissions import may_see_inside
from matchmaker.domain.problems import Problem, errors
from matchmaker.domain.states import NEED_MOVES, ApprovalState, NeedState, OrganisationKind
from matchmaker.domain.written_contacts import without_contacts
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.services import needs as service
from matchmaker.services.consents import ticks_shown
from matchmaker.services.need_enquiries import pending_enquiry
from matchmaker.store.queries import need_work
from matchmaker.store.queries import needs as queries
from matchmaker.store.tables import Need, Organisation, Person
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, reads, session_here
from matchmaker.web.need_form import read_form, values_of_form, values_of_need
from matchmaker.web.need_view import (
    PER_PAGE,
    RETURN_REASONS,
    advice_on,
    asked,
    change_views,
    first,
    list_state,
    page_for_owner,
    timeline,
    version,
    visible_page,
)
from matchmaker.web.presentation import first_fields, remark_on_contacts
from matchmaker.web.visitors import same_for_visitors

blueprint = Blueprint("needs", __name__)
_OWN = (Audience.ENTERPRISE, Audience.ORGANISER)


@blueprint.get("/needs")
@allow(Audience.ANYONE)
def index() -> ResponseReturnValue:
    """Show the published needs, each as this reader may see it."""
    total, lines = queries.need_lines(session_here(), asked(outside_only=True), first=first(), most=PER_PAGE)
    same_for_visitors(total)
    actor = actor_here()
    views = [(line, view_of(actor, line.faces)) for line in lines]
    return render_template("needs/index.html", rows=views, state=list_state(total), fields=first_fields())


@blueprint.get("/needs/mine")
@allow(Audience.ENTERPRISE)
def mine() -> ResponseReturnValue:
    """Show an enterprise its own needs, each with its timeline, and what it is asked about them."""
    wanted = asked(organisation_ids=actor_here().organisation_ids)
    total, lines = queries.need_lines(session_here(), wanted, first=first(), most=PER_PAGE)
    return render_template(
        "needs/mine.html",
        rows=[(line, timeline(line)) for line in lines],
        marks_of=need_work.marks_of(session_here(), [line.id for line in lines]),
        state=list_state(total),
    )


@blueprint.get("/needs/new")
@allow(*_OWN)
def new() -> ResponseReturnValue:
    """Show the empty form."""
    values = {"disclosure": "masked", "need_type": "rnd"} | _own_contact()
    return _form_page(values, problems=[], need=None)


@blueprint.post("/needs/new")
@allow(*_OWN)
def create() -> ResponseReturnValue:
    """Take a new need, as a draft or for good."""
    return _save(None)


@blueprint.get("/needs/<int:need_id>/edit")
@allow(*_OWN)
def edit(need_id: int) -> ResponseReturnValue:
    """Show the form with what is stored; nobody fills it in for nothing."""
    page = page_for_owner(need_id)
    service.must_be_editable(page.line.need)
    ticks = ticks_shown(session_here(), actor_here(), subject_kind="need", subject_id=need_id)
    return _form_page(values_of_need(page.line.need, page.contact, ticks), problems=[], need=page.line.need)


@blueprint.post("/needs/<int:need_id>/edit")
@allow(*_OWN)
def save(need_id: int) -> ResponseReturnValue:
    """Take a changed need."""
    return _save(page_for_owner(need_id).line.need)


@blueprint.post("/needs/coach")
@allow(*_OWN)
@reads
def coach() -> ResponseReturnValue:
    """Say how clear the need in the form is by now (a fragment beside the form)."""
    draft, _problems = read_form(request.form)
    return render_template("needs/_coach.html", advice=advice_on(draft))


@blueprint.get("/needs/<int:need_id>")
@allow(Audience.ANYONE)
def detail(need_id: int) -> ResponseReturnValue:
    """Show one need as this reader may see it; others' hidden needs do not exist."""
    page = visible_page(need_id)
    session, actor, need = session_here(), actor_here(), page.line.need
    opened = queries.contacts_open(session, need.id, actor.organisation_ids)
    view = view_of(actor, page.line.faces, contacts_open=opened)
    inside = may_see_inside(actor, need.organisation_id)
    replaced = need.status in (NeedState.DUPLICATE, NeedState.SPLIT)
    return render_template(
        "needs/detail.html",
        page=page,
        need=need,
        view=view,
        inside=inside,
        **{
            name: text if inside or opened else without_contacts(text)
            for name, text in (("period", need.period_text), ("field_text", need.field_text))
        },
        replaced=replaced,
        withdrawable=NeedState.WITHDRAWN in NEED_MOVES[need.status],
        advice=advice_on(need) if inside and not replaced else None,
        steps=timeline(page.line) if inside and not replaced else [],
        enquiry=pending_enquiry(session, need.id) if inside else None,
        changes=change_views(need_work.changes_of(session, need.id)) if inside else (),
        kin=need_work.kin_of(session, need.id) if inside else None,
        group=need_work.groups_of(session, [need.id], outside_only=not actor.organises).get(need.id),
        reasons=[(reason, _(reason)) for reason in RETURN_REASONS],
    )


@blueprint.post("/needs/<int:need_id>/withdraw")
@allow(*_OWN)
def withdraw(need_id: int) -> ResponseReturnValue:
    """Take a need back."""
    service.withdraw_need(session_here(), actor_here(), need_id=need_id)
    flash(_("需求已撤回"), "success")
    return redirect(url_for("needs.detail", need_id=need_id), 303)


@blueprint.post("/needs/<int:need_id>/solved")
@allow(*_OWN)
def solved(need_id: int) -> ResponseReturnValue:
    """Record that the enterprise confirms its problem solved."""
    service.confirm_solved(
        session_here(),
        actor_here(),
        need_id=need_id,
        confirmed_by=request.form.get("confirmed_by", "") or actor_here().name,
    )
    flash(_("已记录：难题已解决，由企业确认"), "success")
    return redirect(url_for("needs.detail", need_id=need_id), 303)


def _save(need: Need | None) -> ResponseReturnValue:
    session, actor = session_here(), actor_here()
    draft, value_problems = read_form(request.form)
    as_draft = request.form.get("act") == "draft"
    handed_in = need is not None and need.status not in (NeedState.DRAFT, NeedState.RETURNED)
    try:
        if errors(value_problems) and not as_draft:
            raise InvalidInput([])
        organisation_id = need.organisation_id if need else _organisation_id()
        if need is not None and handed_in:
            saved = service.revise_need(session, actor, draft, need_id=need.id, version=version() or 0)
        else:
            keep = service.save_draft if as_draft else service.post_need
            saved = keep(
                session,
                actor,
                draft,
                organisation_id=organisation_id,
                need_id=need.id if need else None,
                version=version() if need else None,
            )
    except InvalidInput as refused:
        session.rollback()
        page = _form_page(
            values_of_form(request.form), problems=[*refused.problems, *value_problems], need=need
        )
        return page, 422
    words = _("已存为草稿") if as_draft else _("已提交。系统正在为您寻找合适的成果，几秒钟后会出现在本页。")
    flash(_("已保存") if handed_in else words, "success")
    for problem in value_problems:
        flash(problem.message, "warning")
    remark_on_contacts(draft.title, draft.problem, draft.key_points, draft.goal)
    return redirect(url_for("needs.detail", need_id=saved.id), 303)


def _form_page(values: dict[str, Any], *, problems: list[Problem], need: Need | None) -> str:
    return render_template(
        "needs/form.html",
        form=values,
        problems=problems,
        need=need,
        fields=first_fields(),
        enterprises=_enterprises() if actor_here().organises and need is None else [],
        advice=advice_on(need) if need else None,
        enquiry=pending_enquiry(session_here(), need.id) if need else None,
    )


def _organisation_id() -> int:
    actor = actor_here()
    if not actor.organises:
        if actor.organisation_id is None:
            raise NotFound()
        return actor.organisation_id
    chosen = request.form.get("organisation_id", "")
    if not chosen.isdecimal() or session_here().get(Organisation, int(chosen)) is None:
        raise NotFound("请先选择这条需求属于哪家企业；没有的话，请先在“单位与人员”里新建。")
    return int(chosen)


def _enterprises() -> list[tuple[str, str]]:
    rows = session_here().execute(
        select(Organisation.id, Organisation.name)
        .where(
            Organisation.kind == OrganisationKind.ENTERPRISE, Organisation.status == ApprovalState.APPROVED
        )
        .order_by(Organisation.name)
    )
    return [(str(row.id), row.name) for row in rows]


def _own_contact() -> dict[str, str]:
    actor = actor_here()
    person = session_here().get(Person, actor.person_id) if actor.person_id else None
    if person is None:
        return {}
    return {"contact_name": person.name, "contact_phone": person.phone, "contact_email": person.email}
