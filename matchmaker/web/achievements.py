"""The achievement library: search, one achievement, the form, bulk acceptance, export."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker import wording
from matchmaker.domain import showing
from matchmaker.domain.disclosure import hides_owner, told_to
from matchmaker.domain.permissions import may_see_inside
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import AchievementState
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.files.exports import ColumnSpec, SheetSpec, workbook
from matchmaker.services import achievements as service
from matchmaker.services.consents import ticks_shown
from matchmaker.store.queries import achievements as queries
from matchmaker.store.queries.achievements import AchievementFilter, AchievementLine
from matchmaker.store.tables import Achievement, Organisation
from matchmaker.web.access import Audience, allow
from matchmaker.web.achievement_form import read_form, values_of_achievement, values_of_form
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.parts import EXCEL, Column, ListState
from matchmaker.web.presentation import choices, first_fields, masked_owner, remark_on_contacts
from matchmaker.web.visitors import counted_for_visitors, same_for_visitors

blueprint = Blueprint("achievements", __name__)
_OWNERS = (Audience.UNIVERSITY, Audience.ORGANISER)
_PER_PAGE = 50


@blueprint.get("/achievements")
@allow(Audience.ANYONE)
def index() -> ResponseReturnValue:
    """Show the library, as this reader may see it."""
    session, actor, asked = session_here(), actor_here(), _asked()
    if request.args.get("format") == "xlsx":
        return _export(asked)
    counts = counted_for_visitors(
        asked, lambda: queries.count_achievements(session, actor, asked), size_of=lambda counts: counts.total
    )
    state = ListState.read(
        request.path, request.args.items(multi=True), total=counts.total, per_page=_PER_PAGE
    )
    same_for_visitors(counts.total)
    lines = queries.achievement_lines(
        session,
        actor,
        asked,
        sort=state.sort,
        first=(state.page - 1) * _PER_PAGE,
        most=_PER_PAGE,
        total=counts.total,
    )
    return render_template(
        "achievements/index.html",
        rows=lines,
        state=state,
        columns=_columns(),
        groups=_groups(counts.by_facet),
        owner_of=_owner_words,
        makers_of=_makers_words,
        may_add=_may_add(),
        views=_views(),
    )


def _asked() -> AchievementFilter:
    args = request.args
    owner = args.get("owner", "")
    return AchievementFilter(
        search=args.get("q", "")[:200],
        record_types=tuple(args.getlist("record_type")),
        states=tuple(args.getlist("status")) if actor_here().user_id is not None else (),
        fields=tuple(args.getlist("field")),
        maturities=tuple(args.getlist("maturity")),
        coop_modes=tuple(args.getlist("coop_mode")),
        organisation_id=int(owner) if owner.isdecimal() and len(owner) < 10 else None,
    )


def _groups(
    counts: Mapping[str, Mapping[str, int]],
) -> list[tuple[str, str, list[tuple[str, str, int | None]]]]:
    session, actor = session_here(), actor_here()

    def chips(name: str, enum: str) -> list[tuple[str, str, int | None]]:
        return [(key, words, counts[name][key]) for key, words in choices(enum) if counts[name].get(key)]

    fields = [(code, name, None) for code, name in first_fields()]
    modes = [(key, words, None) for key, words in choices("coop_mode")]
    most = counted_for_visitors(
        "owners",
        lambda: queries.owners_with_achievements(session, actor),
        size_of=lambda found: sum(number for _, _, number in found),
    )
    owners = [(str(key), name, number) for key, name, number in most]
    groups: list[tuple[str, str, list[tuple[str, str, int | None]]]] = [
        ("record_type", _("类型"), chips("record_type", "record_type")),
        ("status", _("状态"), chips("status", "achievement_status")),
        ("maturity", _("成熟度"), chips("maturity", "maturity")),
        ("field", _("领域"), [*fields]),
        ("coop_mode", _("合作方式"), [*modes]),
        ("owner", _("单位"), [*owners]),
    ]
    return [group for group in groups if group[2] and (group[0] != "status" or actor.user_id is not None)]


def _views() -> list[tuple[str, str]]:
    actor = actor_here()
    if actor.organises:
        return [(_("待审核的"), url_for("achievements.index", status="submitted"))]
    if actor.organisation_id is not None and _may_add():
        return [(_("本单位的"), url_for("achievements.index", owner=actor.organisation_id))]
    return []


def _columns() -> list[Column]:
    return [
        Column(key="title", title=_("成果"), sortable=True),
        Column(key="type", title=_("类型"), optional=True),
        Column(key="maturity", title=_("成熟度"), optional=True),
        Column(key="authors", title=_("完成人"), optional=True),
        Column(key="status", title=_("状态")),
        Column(key="updated", title=_("更新"), sortable=True, optional=True),
    ]


def _owner_words(line: AchievementLine) -> str:
    """Return the owner as this reader may know it."""
    return masked_owner(line.organisation_kind) if _nameless(line) else line.owner or line.owner_text


def _makers_words(line: AchievementLine) -> str:
    """Return who made it as this reader may know it: a masked owner's people are as unnamed as itself."""
    if _nameless(line):
        return ""
    return line.authors_text if actor_here().user_id is not None else showing.masked_name(line.authors_text)


def _nameless(line: AchievementLine) -> bool:
    return hides_owner(actor_here(), owner_id=line.organisation_id, disclosure=line.disclosure)


def _may_add() -> bool:
    actor = actor_here()
    return actor.organises or "university" in actor.roles


def _export(asked: AchievementFilter) -> ResponseReturnValue:
    columns = [
        ColumnSpec(key="record_type", header="类型", width=8),
        ColumnSpec(key="title", header="成果名称", width=40),
        ColumnSpec(key="owner", header="完成单位", width=28),
        ColumnSpec(key="authors", header="完成人", width=18),
        ColumnSpec(key="summary", header="简介", width=60),
        ColumnSpec(key="fields", header="技术领域", width=18),
        ColumnSpec(key="maturity", header="成熟度", width=12),
        ColumnSpec(key="coop_modes", header="合作方式", width=16),
        ColumnSpec(key="patents", header="专利号", width=24),
        ColumnSpec(key="price", header="价格", width=12),
        ColumnSpec(key="contact", header="联系人", width=10),
        ColumnSpec(key="status", header="状态", width=10),
    ]
    sheet = SheetSpec(name="成果库", columns=columns, rows=_export_rows(asked))
    headers = {"Content-Disposition": "attachment; filename=achievements.xlsx"}
    return Response(workbook([sheet]), mimetype=EXCEL, headers=headers)


def _export_rows(asked: AchievementFilter) -> Iterator[dict[str, object]]:
    names = wording.field_names()
    for line in queries.every_line(session_here(), actor_here(), asked):
        yield {
            "record_type": wording.label("record_type", line.record_type),
            "title": line.title,
            "owner": _owner_words(line),
            "authors": _makers_words(line),
            "summary": told_to(actor_here(), line.summary, owner_id=line.organisation_id)[:32_000],
            "fields": "、".join(names.get(code, code) for code in line.fields) or line.field_text,
            "maturity": wording.label("maturity", line.maturity),
            "coop_modes": "、".join(wording.label("coop_mode", mode) for mode in line.coop_modes),
            "patents": "；".join(line.patent_nos),
            "price": line.price_text,
            "contact": "" if _nameless(line) else showing.masked_name(line.contact_name),
            "status": wording.label("achievement_status", line.status),
        }


@blueprint.get("/achievements/<int:achievement_id>")
@allow(Audience.ANYONE)
def detail(achievement_id: int) -> ResponseReturnValue:
    """Show one achievement as this reader may see it; others' hidden ones do not exist."""
    page = queries.achievement_page(session_here(), actor_here(), achievement_id)
    if page is None:
        raise NotFound()
    actor, achievement = actor_here(), page.achievement
    masked = hides_owner(actor, owner_id=achievement.organisation_id, disclosure=achievement.disclosure)
    return render_template(
        "achievements/detail.html",
        page=page,
        achievement=achievement,
        inside=may_see_inside(actor, achievement.organisation_id),
        masked_owner=masked,
        owner=_owner_name(achievement, page.organisation, masked=masked),
        summary=told_to(actor, achievement.summary, owner_id=achievement.organisation_id),
        application=told_to(actor, achievement.application, owner_id=achievement.organisation_id),
    )


def _owner_name(achievement: Achievement, organisation: Organisation | None, *, masked: bool) -> str:
    if masked:
        return masked_owner(organisation.kind if organisation else "")
    return achievement.owner_text or (organisation.name if organisation else "")


@blueprint.get("/achievements/new")
@allow(*_OWNERS)
def new() -> ResponseReturnValue:
    """Show the empty form."""
    actor = actor_here()
    own = session_here().get(Organisation, actor.organisation_id) if actor.organisation_id else None
    values = {"record_type": "achievement", "disclosure": "public"}
    if own is not None and not actor.organises:
        values["owner_text"] = own.name
    return _form_page(values, [], None, 200)


@blueprint.post("/achievements/new")
@allow(*_OWNERS)
def create() -> ResponseReturnValue:
    """Take a new achievement."""
    return _save(None)


@blueprint.get("/achievements/<int:achievement_id>/edit")
@allow(*_OWNERS)
def edit(achievement_id: int) -> ResponseReturnValue:
    """Show the form with what is stored."""
    service.find_own(session_here(), actor_here(), achievement_id)
    page = queries.achievement_page(session_here(), actor_here(), achievement_id)
    if page is None:
        raise NotFound()
    ticks = ticks_shown(session_here(), actor_here(), subject_kind="achievement", subject_id=achievement_id)
    values = values_of_achievement(page.achievement, page.contact, ticks)
    return _form_page(values, [], page.achievement, 200)


@blueprint.post("/achievements/<int:achievement_id>/edit")
@allow(*_OWNERS)
def save(achievement_id: int) -> ResponseReturnValue:
    """Take a changed achievement."""
    return _save(service.find_own(session_here(), actor_here(), achievement_id))


def _save(achievement: Achievement | None) -> ResponseReturnValue:
    draft, contact, ticks, problems = read_form(request.form)
    version = request.form.get("version", "")
    try:
        if problems:
            raise InvalidInput(problems)
        if achievement is None:
            saved = service.add_achievement(session_here(), actor_here(), draft, contact=contact, ticks=ticks)
        else:
            saved = service.revise_achievement(
                session_here(),
                actor_here(),
                draft,
                achievement_id=achievement.id,
                contact=contact,
                ticks=ticks,
                version=int(version) if version.isdecimal() else -1,
            )
    except InvalidInput as refused:
        session_here().rollback()
        return _form_page(values_of_form(request.form), list(refused.problems), achievement, 422)
    words = _("已保存") if saved.status is not AchievementState.SUBMITTED else _("已提交，主办方审核后入库")
    flash(words, "success")
    remark_on_contacts(draft.summary, draft.application)
    return redirect(url_for("achievements.detail", achievement_id=saved.id), 303)


def _form_page(
    values: dict[str, Any], problems: list[Problem], achievement: Achievement | None, status: int
) -> ResponseReturnValue:
    page = render_template(
        "achievements/form.html",
        form=values,
        problems=problems,
        achievement=achievement,
        fields=first_fields(),
    )
    return page, status


@blueprint.post("/achievements/accept")
@allow(Audience.ORGANISER)
def accept_many() -> ResponseReturnValue:
    """Take the ticked achievements (or the whole filtered list) into the library."""
    if request.form.get("scope") == "all":
        ids = queries.ids_found(session_here(), actor_here(), _asked())
    else:
        ids = [int(value) for value in request.form.getlist("ids") if value.isdecimal()]
    count = service.accept_achievements(session_here(), actor_here(), ids)
    flash(_("已审核入库 %(n)s 条成果", n=count), "success")
    query = request.query_string.decode()
    return redirect(url_for("achievements.index") + (f"?{query}" if query else ""), 303)


@blueprint.post("/achievements/<int:achievement_id>/accept")
@allow(Audience.ORGANISER)
def accept(achievement_id: int) -> ResponseReturnValue:
    """Take one achievement into the library."""
    service.find_own(session_here(), actor_here(), achievement_id)
    count = service.accept_achievements(session_here(), actor_here(), [achievement_id])
    flash(_("已审核入库") if count else _("这条成果不在待审核状态"), "success" if count else "info")
    return redirect(url_for("achievements.detail", achievement_id=achievement_id), 303)


@blueprint.post("/achievements/<int:achievement_id>/withdraw")
@allow(*_OWNERS)
def withdraw(achievement_id: int) -> ResponseReturnValue:
    """Take an achievement out of the library."""
    reason = request.form.get("note", "").strip()
    service.withdraw_achievement(session_here(), actor_here(), achievement_id=achievement_id, reason=reason)
    flash(_("已撤回，不再展示和推荐"), "success")
    return redirect(url_for("achievements.detail", achievement_id=achievement_id), 303)


@blueprint.post("/achievements/<int:achievement_id>/restore")
@allow(Audience.ORGANISER)
def restore(achievement_id: int) -> ResponseReturnValue:
    """Bring a withdrawn achievement back."""
    service.restore_achievement(session_here(), actor_here(), achievement_id=achievement_id)
    flash(_("已重新入库"), "success")
    return redirect(url_for("achievements.detail", achievement_id=achievement_id), 303)
