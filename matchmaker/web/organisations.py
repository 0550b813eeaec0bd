"""Organisations and the people in them: the organiser's list, and everybody's own."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.problems import Problem
from matchmaker.domain.saying import later
from matchmaker.domain.states import ApprovalState, OrganisationKind
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.services import forgetting
from matchmaker.services import organisation_details as details
from matchmaker.services import organisations as service
from matchmaker.services.organisation_details import OrganisationDraft, PersonDraft
from matchmaker.store.queries.organisations import (
    OrganisationFilter,
    count_organisations,
    organisation_choices,
    organisation_view,
    organisations_page,
    town_names,
)
from matchmaker.store.tables import Organisation, Person
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, database_here, reads, session_here
from matchmaker.web.parts import Column, ListState
from matchmaker.web.presentation import choices, label
from matchmaker.web.visitors import same_while_nothing_changes

blueprint = Blueprint("organisations", __name__, url_prefix="/organisations")
_TITLES_SHOWN = 5
_PARENTS = frozenset({OrganisationKind.UNIVERSITY, OrganisationKind.INSTITUTE})
PERSON_ROLES = {"contact": later("联系人"), "expert": later("专家"), "commissioner": later("科技特派员")}


@blueprint.get("")
@allow(Audience.ORGANISER)
def index() -> ResponseReturnValue:
    session, asked = session_here(), request.args
    wanted = OrganisationFilter(
        search=asked.get("q", ""),
        kinds=tuple(asked.getlist("kind")),
        states=tuple(asked.getlist("state")),
        towns=tuple(asked.getlist("town")),
    )
    state = ListState.read(request.path, asked.items(multi=True), total=count_organisations(session, wanted))
    rows = organisations_page(
        session, wanted, sort=state.sort, offset=(state.page - 1) * state.per_page, limit=state.per_page
    )
    same_while_nothing_changes()
    return render_template(
        "organisations/index.html", state=state, rows=rows, columns=_columns(), groups=_groups()
    )


def _columns() -> list[Column]:
    return [
        Column(key="name", title=_("单位"), sortable=True),
        Column(key="kind", title=_("类型"), sortable=True),
        Column(key="town", title=_("乡镇街道"), sortable=True, optional=True),
        Column(key="people", title=_("人员"), sortable=True, end=True),
        Column(key="needs", title=_("需求"), sortable=True, end=True, optional=True),
        Column(key="achievements", title=_("成果"), sortable=True, end=True, optional=True),
        Column(key="state", title=_("状态")),
    ]


def _groups() -> list[tuple[str, str, list[tuple[str, str]]]]:
    states = [(s.value, label("approval_status", s)) for s in ApprovalState]
    return [("kind", _("类型"), choices("organisation_kind")), ("state", _("状态"), states)]


@blueprint.get("/<int:organisation_id>")
@allow(Audience.SIGNED_IN)
def detail(organisation_id: int) -> ResponseReturnValue:
    return _detail_page(organisation_id, [])


def _detail_page(organisation_id: int, problems: list[Problem]) -> str:
    session = session_here()
    row = details.own_organisation(session, actor_here(), organisation_id=organisation_id)
    return render_template(
        "organisations/detail.html",
        view=organisation_view(session, row),
        inside=not actor_here().organises,
        people_columns=[
            Column(key="name", title=_("姓名")),
            Column(key="role", title=_("身份")),
            Column(key="position", title=_("职务职称")),
            Column(key="contact", title=_("联系方式")),
            Column(key="acts", title=""),
        ],
        person_roles=PERSON_ROLES,
        others=_others(organisation_id) if actor_here().organises else [],
        problems=problems,
    )


def _others(organisation_id: int) -> list[tuple[str, str]]:
    """Return the organisations that this one may be merged with."""
    return [choice for choice in organisation_choices(session_here()) if choice[0] != str(organisation_id)]


@blueprint.get("/new")
@allow(Audience.ORGANISER, Audience.UNIVERSITY)
def new() -> ResponseReturnValue:
    parent_id = request.args.get("parent_id", type=int)
    kind = OrganisationKind.ENTERPRISE if actor_here().organises else OrganisationKind.COLLEGE
    draft = OrganisationDraft(kind=kind, parent_id=parent_id or _own_university())
    return _form_page(None, draft, [])


@blueprint.post("/new")
@allow(Audience.ORGANISER, Audience.UNIVERSITY)
def add() -> ResponseReturnValue:
    draft = _draft()
    try:
        row = details.add_organisation(session_here(), actor_here(), draft=draft)
    except InvalidInput as error:
        return _form_page(None, draft, list(error.problems)), 422
    flash(_("单位已新增。"), "success")
    return redirect(url_for("organisations.detail", organisation_id=row.id), 303)


@blueprint.get("/<int:organisation_id>/edit")
@allow(Audience.SIGNED_IN)
def edit(organisation_id: int) -> ResponseReturnValue:
    row = details.own_organisation(session_here(), actor_here(), organisation_id=organisation_id)
    return _form_page(row, _draft_of(row), [])


@blueprint.post("/<int:organisation_id>/edit")
@allow(Audience.SIGNED_IN)
def save(organisation_id: int) -> ResponseReturnValue:
    session, draft = session_here(), _draft()
    version = request.form.get("version", 0, type=int)
    try:
        details.edit_organisation(
            session, actor_here(), organisation_id=organisation_id, version=version, draft=draft
        )
    except InvalidInput as error:
        return _form_page(session.get(Organisation, organisation_id), draft, list(error.problems)), 422
    flash(_("单位信息已保存。"), "success")
    return redirect(url_for("organisations.detail", organisation_id=organisation_id), 303)


def _own_university() -> int | None:
    return None if actor_here().organises else actor_here().organisation_id


def _draft() -> OrganisationDraft:
    def text(name: str) -> str:
        return request.form.get(name, "").strip()

    return OrganisationDraft(
        kind=text("kind"),
        name=text("name"),
        uscc=text("uscc"),
        parent_id=request.form.get("parent_id", type=int) or _own_university_as_parent(),
        town=text("town"),
        address=text("address"),
        website=text("website"),
        profile=text("profile"),
        local="local" in request.form,
    )


def _own_university_as_parent() -> int | None:
    return _own_university() if request.endpoint == "organisations.add" else None


def _draft_of(row: Organisation) -> OrganisationDraft:
    return OrganisationDraft(
        kind=row.kind,
        name=row.name,
        uscc=row.uscc or "",
        parent_id=row.parent_id,
        town=row.town,
        address=row.address,
        website=row.website,
        profile=row.profile,
        local=row.local,
    )


def _form_page(row: Organisation | None, draft: OrganisationDraft, problems: list[Problem]) -> str:
    session = session_here()
    towns = [(town, town) for town in town_names(session)]
    if draft.town and (draft.town, draft.town) not in towns:
        towns.append((draft.town, draft.town))
    return render_template(
        "organisations/form.html",
        row=row,
        form=draft,
        problems=problems,
        towns=towns,
        parents=organisation_choices(session, kinds=_PARENTS, top_only=True),
        part_kinds=[
            (kind.value, label("organisation_kind", kind))
            for kind in (OrganisationKind.COLLEGE, OrganisationKind.TRANSFER_CENTRE)
        ],
    )


@blueprint.post("/<int:organisation_id>/aliases")
@allow(Audience.ORGANISER)
def add_alias(organisation_id: int) -> ResponseReturnValue:
    name = request.form.get("alias", "").strip()
    try:
        details.own_organisation(session_here(), actor_here(), organisation_id=organisation_id)
        service.add_alias(session_here(), actor_here(), organisation_id=organisation_id, name=name)
    except InvalidInput as error:
        return _detail_page(organisation_id, list(error.problems)), 422
    flash(_("别名已保存。名单里写这个名称，也会归到这家单位。"), "success")
    return redirect(url_for("organisations.detail", organisation_id=organisation_id), 303)


@blueprint.post("/<int:organisation_id>/aliases/<int:alias_id>/remove")
@allow(Audience.ORGANISER)
def remove_alias(organisation_id: int, alias_id: int) -> ResponseReturnValue:
    service.remove_alias(session_here(), actor_here(), alias_id=alias_id)
    flash(_("别名已删除。"), "success")
    return redirect(url_for("organisations.detail", organisation_id=organisation_id), 303)


@blueprint.get("/<int:organisation_id>/people/new")
@allow(Audience.SIGNED_IN)
def new_person(organisation_id: int) -> ResponseReturnValue:
    row = details.own_organisation(session_here(), actor_here(), organisation_id=organisation_id)
    return _person_page(row, None, PersonDraft(), [])


@blueprint.post("/<int:organisation_id>/people/new")
@allow(Audience.SIGNED_IN)
def add_person(organisation_id: int) -> ResponseReturnValue:
    return _save_person(organisation_id, None)


@blueprint.get("/<int:organisation_id>/people/<int:person_id>")
@allow(Audience.SIGNED_IN)
def edit_person(organisation_id: int, person_id: int) -> ResponseReturnValue:
    """Show the form of a person; the organiser, for whom looking is logged, gets the contact blank."""
    row = details.own_organisation(session_here(), actor_here(), organisation_id=organisation_id)
    person = session_here().get(Person, person_id)
    if person is None or person.organisation_id != row.id:
        raise NotFound()
    hidden = actor_here().organises
    draft = PersonDraft(
        name=person.name,
        role=person.role,
        title=person.title,
        position=person.position,
        phone="" if hidden else person.phone,
        email="" if hidden else person.email,
    )
    return _person_page(row, person, draft, [])


@blueprint.post("/<int:organisation_id>/people/<int:person_id>")
@allow(Audience.SIGNED_IN)
def save_person(organisation_id: int, person_id: int) -> ResponseReturnValue:
    return _save_person(organisation_id, person_id)


@blueprint.post("/<int:organisation_id>/people/<int:person_id>/forget")
@allow(Audience.ORGANISER)
@reads
def forget_person(organisation_id: int, person_id: int) -> ResponseReturnValue:
    """Delete a person's name and contact, as they asked."""
    row = details.own_organisation(session_here(), actor_here(), organisation_id=organisation_id)
    person = session_here().get(Person, person_id)
    if person is None or person.organisation_id != row.id:
        raise NotFound()
    reason = request.form.get("reason", "")
    named = forgetting.forget_everywhere(database_here(), actor_here(), person_id=person_id, reason=reason)
    flash(_("已删除这个人的姓名和联系方式，统计数字不变。"), "success")
    if named.titles:
        titles = "、".join(f"“{title}”" for title in list(named.titles)[:_TITLES_SHOWN])
        message = _(
            "%(n)s 条需求或成果的名称里还有这个姓名，请打开后改名：%(titles)s",
            n=len(named.titles),
            titles=titles,
        )
        flash(message, "warning")
    return redirect(url_for("organisations.detail", organisation_id=organisation_id), 303)


def _save_person(organisation_id: int, person_id: int | None) -> ResponseReturnValue:
    session, draft = session_here(), _person_draft(known=person_id is not None)
    version = request.form.get("version", 0, type=int)
    try:
        details.save_person(
            session,
            actor_here(),
            organisation_id=organisation_id,
            person_id=person_id,
            version=version,
            draft=draft,
        )
    except InvalidInput as error:
        row = session.get_one(Organisation, organisation_id)
        person = session.get(Person, person_id) if person_id is not None else None
        return _person_page(row, person, draft, list(error.problems)), 422
    flash(_("人员信息已保存。"), "success")
    return redirect(url_for("organisations.detail", organisation_id=organisation_id), 303)


def _person_draft(*, known: bool) -> PersonDraft:
    def text(name: str) -> str:
        return request.form.get(name, "").strip()

    keep = known and actor_here().organises  # a blank contact means: leave it
    role = text("role")
    return PersonDraft(
        name=text("name"),
        role=role if role in PERSON_ROLES else "contact",
        title=text("title"),
        position=text("position"),
        phone=text("phone") or (None if keep else ""),
        email=text("email") or (None if keep else ""),
    )


def _person_page(
    row: Organisation, person: Person | None, draft: PersonDraft, problems: list[Problem]
) -> str:
    return render_template(
        "organisations/person.html",
        organisation=row,
        subject=person,
        form=draft,
        problems=problems,
        person_roles=[(role, _(words)) for role, words in PERSON_ROLES.items()],
        blank_contact=person is not None and actor_here().organises,
    )
