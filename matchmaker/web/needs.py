"""Needs: the enterprise's form and list, the organiser's review, the public list."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from matchmaker import wording
from matchmaker.domain.disclosure import may_see, view_of
from matchmaker.domain.needs import clarity
from matchmaker.domain.permissions import may_see_inside, owns
from matchmaker.domain.states import ApprovalState, Disclosure, NeedState, OrganisationKind
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.services import needs as service
from matchmaker.services.consents import standing_consents
from matchmaker.store.queries import needs as queries
from matchmaker.store.queries.needs import NeedFilter, NeedLine, NeedPage
from matchmaker.store.tables import Need, Organisation, Person
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.need_form import read_form, values_of_form, values_of_need
from matchmaker.web.parts import Column, ListState, Step

blueprint = Blueprint("needs", __name__)
_OWN = (Audience.ENTERPRISE, Audience.ORGANISER)
_PER_PAGE = 50
_RETURN_REASONS = ("难题没有写清", "缺少量化指标", "联系方式不通", "不属于技术需求", "含有涉密或不宜公开内容")


@blueprint.get("/needs")
@allow(Audience.ANYONE)
def index() -> ResponseReturnValue:
    """Show the published needs, each as this reader may see it."""
    asked = _asked(outside_only=True)
    total, lines = queries.need_lines(session_here(), asked, first=_first(), most=_PER_PAGE)
    actor = actor_here()
    views = [(line, view_of(actor, line.faces)) for line in lines]
    return render_template("needs/index.html", rows=views, state=_list_state(total), fields=_field_options())


@blueprint.get("/needs/mine")
@allow(Audience.ENTERPRISE)
def mine() -> ResponseReturnValue:
    """Show an enterprise its own needs, each with its timeline."""
    asked = _asked(organisation_ids=actor_here().organisation_ids)
    total, lines = queries.need_lines(session_here(), asked, first=_first(), most=_PER_PAGE)
    rows = [(line, _timeline(line)) for line in lines]
    return render_template("needs/mine.html", rows=rows, state=_list_state(total))


@blueprint.get("/needs/review")
@allow(Audience.ORGANISER)
def review() -> ResponseReturnValue:
    """Show the organiser what was handed in, waiting first."""
    asked = _asked(hide_drafts=True)
    total, lines = queries.need_lines(
        session_here(), asked, sort=request.args.get("sort", ""), first=_first(), most=_PER_PAGE
    )
    counts = queries.state_counts(session_here(), asked)
    groups = [(key, wording.label("need_status", key), number) for key, number in counts.items()]
    return render_template(
        "needs/review.html",
        rows=lines,
        clarity_of={line.id: round(_clarity(line.need).share * 100) for line in lines},
        state=_list_state(total),
        columns=_review_columns(),
        state_groups=groups,
        towns=[(town, town, None) for town in queries.towns_with_needs(session_here())],
        reasons=[(reason, _(reason)) for reason in _RETURN_REASONS],
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
    """Show the form with what is stored."""
    page = _page_for_owner(need_id)
    ticks = {c.scope.value: c.granted for c in standing_consents(session_here(), "need", need_id)}
    return _form_page(values_of_need(page.line.need, page.contact, ticks), problems=[], need=page.line.need)


@blueprint.post("/needs/<int:need_id>/edit")
@allow(*_OWN)
def save(need_id: int) -> ResponseReturnValue:
    """Take a changed need."""
    return _save(_page_for_owner(need_id).line.need)


@blueprint.post("/needs/coach")
@allow(*_OWN)
def coach() -> ResponseReturnValue:
    """Say how clear the need in the form is by now (a fragment beside the form)."""
    draft, _problems = read_form(request.form)
    return render_template("needs/_coach.html", clarity=_clarity_of(draft))


@blueprint.get("/needs/<int:need_id>")
@allow(Audience.ANYONE)
def detail(need_id: int) -> ResponseReturnValue:
    """Show one need as this reader may see it; others' hidden needs do not exist."""
    page = queries.need_page(session_here(), need_id)
    if page is None or not _visible(page):
        raise NotFound()
    actor, need = actor_here(), page.line.need
    view = view_of(
        actor,
        page.line.faces,
        contacts_open=queries.contacts_open(session_here(), need.id, actor.organisation_ids),
    )
    return render_template(
        "needs/detail.html",
        page=page,
        need=need,
        view=view,
        clarity=_clarity(need) if view.inside else None,
        steps=_timeline(page.line) if view.inside else [],
        inside=may_see_inside(actor, need.organisation_id),
        reasons=[(reason, _(reason)) for reason in _RETURN_REASONS],
    )


@blueprint.post("/needs/<int:need_id>/accept")
@allow(Audience.ORGANISER)
def accept(need_id: int) -> ResponseReturnValue:
    """Accept a need into the library."""
    need = service.decide_need(session_here(), actor_here(), need_id=need_id, to=NeedState.ACCEPTED)
    flash(_("已受理“%(title)s”", title=need.title), "success")
    return _back(url_for("needs.review"))


@blueprint.post("/needs/accept")
@allow(Audience.ORGANISER)
def accept_many() -> ResponseReturnValue:
    """Accept the ticked needs; those that cannot be accepted now are left as they are."""
    done = 0
    for need_id in _ticked():
        need = session_here().get(Need, need_id)
        if need is not None and need.status is NeedState.SUBMITTED:
            service.decide_need(session_here(), actor_here(), need_id=need_id, to=NeedState.ACCEPTED)
            done += 1
    flash(_("已受理 %(n)s 条需求", n=done), "success")
    return _back(url_for("needs.review"))


@blueprint.post("/needs/<int:need_id>/return")
@allow(Audience.ORGANISER)
def send_back(need_id: int) -> ResponseReturnValue:
    """Return a need to its enterprise with the reason."""
    reason = _reason()
    service.decide_need(session_here(), actor_here(), need_id=need_id, to=NeedState.RETURNED, reason=reason)
    flash(_("已退回，企业会收到原因"), "success")
    return _back(url_for("needs.review"))


@blueprint.get("/needs/<int:need_id>/publish")
@allow(Audience.ORGANISER)
def publication(need_id: int) -> ResponseReturnValue:
    """Show the public edition beside the original."""
    page = _page_for_owner(need_id)
    title, text = service.public_draft(page.line.need, page.organisation.name)
    values = {"public_title": title, "public_text": text, "disclosure": page.line.need.disclosure.value}
    return _publication_page(page, values, [])


@blueprint.post("/needs/<int:need_id>/publish")
@allow(Audience.ORGANISER)
def publish(need_id: int) -> ResponseReturnValue:
    """Publish a need, or correct its public edition."""
    page = _page_for_owner(need_id)
    values = {name: request.form.get(name, "") for name in ("public_title", "public_text", "disclosure")}
    word = values["disclosure"]
    try:
        service.publish_need(
            session_here(),
            actor_here(),
            need_id=need_id,
            public_title=values["public_title"],
            public_text=values["public_text"].replace("\r\n", "\n"),
            disclosure=Disclosure(word) if word in set(Disclosure) else Disclosure.INTERNAL,
            version=_version(),
        )
    except InvalidInput as refused:
        session_here().rollback()
        return _publication_page(page, values, list(refused.problems)), 422
    flash(_("已保存公开文本并发布"), "success")
    return redirect(url_for("needs.detail", need_id=need_id), 303)


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
    try:
        organisation_id = need.organisation_id if need else _organisation_id()
        if need is not None and need.status not in (NeedState.DRAFT, NeedState.RETURNED):
            saved = service.revise_need(session, actor, draft, need_id=need.id, version=_version() or 0)
        else:
            keep = service.save_draft if as_draft else service.post_need
            saved = keep(
                session,
                actor,
                draft,
                organisation_id=organisation_id,
                need_id=need.id if need else None,
                version=_version() if need else None,
            )
    except InvalidInput as refused:
        session.rollback()
        page = _form_page(
            values_of_form(request.form), problems=[*refused.problems, *value_problems], need=need
        )
        return page, 422
    words = _("已存为草稿") if as_draft else _("已提交。系统正在为您寻找合适的成果，几秒钟后会出现在本页。")
    flash(words, "success")
    return redirect(url_for("needs.detail", need_id=saved.id), 303)


def _form_page(values: dict[str, Any], *, problems: list[Any], need: Need | None) -> str:
    return render_template(
        "needs/form.html",
        form=values,
        problems=problems,
        need=need,
        fields=_field_options(),
        enterprises=_enterprises() if actor_here().organises and need is None else [],
        clarity=_clarity(need) if need else None,
    )


def _publication_page(page: NeedPage, values: dict[str, Any], problems: list[Any]) -> str:
    return render_template(
        "needs/publish.html", page=page, need=page.line.need, form=values, problems=problems
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


def _page_for_owner(need_id: int) -> NeedPage:
    page = queries.need_page(session_here(), need_id)
    if page is None or not may_see_inside(actor_here(), page.organisation.id) or _unsent(page):
        raise NotFound()
    return page


def _unsent(page: NeedPage) -> bool:
    """Say whether this is a draft that its enterprise has not sent: nobody else's business yet."""
    need = page.line.need
    mine = owns(actor_here(), need.organisation_id)
    return need.status is NeedState.DRAFT and need.source == "web_form" and not mine


def _visible(page: NeedPage) -> bool:
    if _unsent(page):
        return False
    pushed = queries.pushed_to(session_here(), page.line.need.id, actor_here().organisation_ids)
    return may_see(actor_here(), page.line.faces, pushed_to_actor=pushed)


def _clarity(need: Need) -> Any:
    return _clarity_of(need)


def _clarity_of(need: Any) -> Any:
    names = ("title", "problem", "key_points", "goal", "background", "fields", "budget_text", "period_text")
    return clarity(**{name: getattr(need, name) for name in names})


def _timeline(line: NeedLine) -> list[Step]:
    need = line.need
    reached = [
        (_("已提交"), need.submitted_at),
        (_("已受理"), need.accepted_at),
        (_("已发布"), need.published_at),
    ]
    steps = [
        Step(title=words, state="done" if at else "todo", at=f"{at:%m-%d}" if at else "")
        for words, at in reached
    ]
    proposed = not line.being_computed and need.proposed_version is not None
    steps.insert(
        1,
        Step(
            title=_("已推荐 %(n)s 项", n=line.matches) if proposed else _("推荐成果"),
            state="done" if proposed else "todo",
        ),
    )
    later = (NeedState.INTENDED, NeedState.CONTRACTED, NeedState.SOLVED)
    place = later.index(need.status) if need.status in later else -1
    steps += [
        Step(title=wording.label("need_status", state), state="done" if number <= place else "todo")
        for number, state in enumerate(later)
    ]
    return steps


def _asked(**more: Any) -> NeedFilter:
    arguments = request.args
    return NeedFilter(
        search=arguments.get("q", "")[:100],
        states=tuple(arguments.getlist("state")),
        fields=tuple(code for code in arguments.getlist("field") if code.isalnum()),
        towns=tuple(arguments.getlist("town")),
        **more,
    )


def _first() -> int:
    page = request.args.get("page", "1")
    return (max(1, int(page)) - 1) * _PER_PAGE if page.isdecimal() and len(page) < 7 else 0


def _list_state(total: int) -> ListState:
    return ListState.read(request.path, request.args.items(multi=True), total=total, per_page=_PER_PAGE)


def _review_columns() -> list[Column]:
    return [
        Column(key="title", title=_("需求"), sortable=True),
        Column(key="status", title=_("状态"), sortable=True),
        Column(key="clarity", title=_("清晰度"), end=True, optional=True),
        Column(key="matches", title=_("推荐"), end=True),
        Column(key="town", title=_("乡镇"), sortable=True, optional=True),
        Column(key="created", title=_("提交"), sortable=True, optional=True),
        Column(key="acts", title=""),
    ]


def _field_options() -> list[tuple[str, str]]:
    return [(code, name) for code, name, parent in wording.fields() if not parent]


def _ticked() -> list[int]:
    return [int(value) for value in request.form.getlist("ids") if value.isdecimal()][:1000]


def _reason() -> str:
    parts = (request.form.get("reason", ""), request.form.get("note", ""))
    return "；".join(part.strip() for part in parts if part.strip())


def _version() -> int | None:
    word = request.form.get("version", "")
    return int(word) if word.isdecimal() else None


def _back(usual: str) -> ResponseReturnValue:
    return redirect(usual, 303)
