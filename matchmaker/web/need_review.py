"""The organiser's review of needs: accept, return, publish with a preview of what each audience sees."""

from dataclasses import dataclass, replace

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.disclosure import (
    NeedView,
    at_least_as_open,
    may_see,
    short_name_in,
    suggested_public_text,
    view_of,
)
from matchmaker.domain.permissions import ANYONE, Actor
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import Disclosure, NeedState, Role
from matchmaker.domain.word_changes import Piece, word_changes
from matchmaker.errors import InvalidInput
from matchmaker.services import needs as service
from matchmaker.store.queries import need_work
from matchmaker.store.queries import needs as queries
from matchmaker.store.queries.needs import NeedPage
from matchmaker.store.tables import Need
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, reads, session_here
from matchmaker.web.need_view import (
    PER_PAGE,
    RETURN_REASONS,
    advice_on_all,
    asked,
    back,
    first,
    list_state,
    page_for_owner,
    say_if_unheard,
    ticked,
    version,
)
from matchmaker.web.needs import blueprint
from matchmaker.web.parts import Column, local_path
from matchmaker.web.presentation import label
from matchmaker.web.visitors import same_while_nothing_changes

MOST_AT_ONCE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceView:
    """What one audience will see; `view` None: the need does not exist for it."""

    who: str
    note: str
    view: NeedView | None


@blueprint.get("/needs/review")
@allow(Audience.ORGANISER)
def review() -> ResponseReturnValue:
    """Show the organiser what was handed in, waiting first."""
    wanted = asked(hide_drafts=True)
    total, lines = queries.need_lines(
        session_here(), wanted, sort=request.args.get("sort", ""), first=first(), most=PER_PAGE
    )
    counts = queries.state_counts(session_here(), wanted)
    groups = [(key, label("need_status", key), number) for key, number in counts.items()]
    same_while_nothing_changes()
    return render_template(
        "needs/review.html",
        rows=lines,
        advice_of=advice_on_all(lines),
        marks_of=need_work.marks_of(session_here(), [line.id for line in lines]),
        state=list_state(total),
        columns=_review_columns(),
        state_groups=groups,
        waiting=counts.get(NeedState.SUBMITTED.value, 0),
        towns=[(town, town, None) for town in queries.towns_with_needs(session_here())],
        reasons=[(reason, _(reason)) for reason in RETURN_REASONS],
    )


@blueprint.post("/needs/<int:need_id>/accept")
@allow(Audience.ORGANISER)
def accept(need_id: int) -> ResponseReturnValue:
    """Accept a need into the library."""
    need = service.decide_need(session_here(), actor_here(), need_id=need_id, to=NeedState.ACCEPTED)
    flash(_("已受理“%(title)s”", title=need.title), "success")
    return back(local_path(request.form.get("next"), url_for("needs.review")))


@blueprint.post("/needs/accept")
@allow(Audience.ORGANISER)
def accept_many() -> ResponseReturnValue:
    """Accept the ticked needs; those that cannot be accepted now are left as they are."""
    done = 0
    for need_id in ticked():
        need = session_here().get(Need, need_id)
        if need is not None and need.status is NeedState.SUBMITTED:
            service.decide_need(session_here(), actor_here(), need_id=need_id, to=NeedState.ACCEPTED)
            done += 1
    flash(_("已受理 %(n)s 条需求", n=done), "success")
    return back(url_for("needs.review"))


@blueprint.post("/needs/accept-all")
@allow(Audience.ORGANISER)
def accept_all() -> ResponseReturnValue:
    """Accept everything under the list's filter that waits for it, on whatever page it stands."""
    waiting = replace(asked(hide_drafts=True), states=(NeedState.SUBMITTED.value,))
    _total, lines = queries.need_lines(session_here(), waiting, most=MOST_AT_ONCE)
    for line in lines:
        service.decide_need(session_here(), actor_here(), need_id=line.id, to=NeedState.ACCEPTED)
    flash(_("已受理 %(n)s 条需求", n=len(lines)), "success")
    return back(url_for("needs.review"))


@blueprint.post("/needs/<int:need_id>/return")
@allow(Audience.ORGANISER)
def send_back(need_id: int) -> ResponseReturnValue:
    """Return a need to its enterprise with the reason."""
    parts = (request.form.get("reason", "").strip(), request.form.get("note", "").strip())
    reason = "；".join(filter(None, parts))
    need = service.decide_need(
        session_here(), actor_here(), need_id=need_id, to=NeedState.RETURNED, reason=reason
    )
    flash(_("已退回，原因写在需求里"), "success")
    say_if_unheard(need, _("请打电话告知原因。"))
    return back(local_path(request.form.get("next"), url_for("needs.review")))


@blueprint.get("/needs/<int:need_id>/publish")
@allow(Audience.ORGANISER)
def publication(need_id: int) -> ResponseReturnValue:
    """Show the public edition beside the original."""
    page = page_for_owner(need_id)
    title, text = service.public_draft(page.line.need, page.organisation.name)
    values = {"public_title": title, "public_text": text, "disclosure": page.line.need.disclosure.value}
    return _publication_page(page, values, [])


@blueprint.post("/needs/<int:need_id>/publish")
@allow(Audience.ORGANISER)
def publish(need_id: int) -> ResponseReturnValue:
    """Publish a need, or correct its public edition."""
    page = page_for_owner(need_id)
    values, before = _public_values(), page.line.need.disclosure
    try:
        service.publish_need(
            session_here(),
            actor_here(),
            need_id=need_id,
            public_title=values["public_title"],
            public_text=values["public_text"],
            disclosure=_disclosure(values["disclosure"]),
            version=version(),
        )
    except InvalidInput as refused:
        session_here().rollback()
        return _publication_page(page, values, list(refused.problems)), 422
    flash(_("已保存公开文本并发布"), "success")
    _remark_on_name(page, values)
    _remark_on_width(before, _disclosure(values["disclosure"]))
    return redirect(url_for("needs.detail", need_id=need_id), 303)


def _remark_on_name(page: NeedPage, values: dict[str, str]) -> None:
    """Say that a text for outside may give a firm away that hides its name."""
    told = short_name_in(values["public_title"] + values["public_text"], page.organisation.name)
    if told and _disclosure(values["disclosure"]) is not Disclosure.PUBLIC:
        words = _("公开文本里有“%(name)s”，像是企业的简称：不想让人认出企业，请改掉它。", name=told)
        flash(words, "warning")


def _remark_on_width(before: Disclosure, now: Disclosure) -> None:
    """Say that more people read a need than it was meant for until now."""
    if now is not before and at_least_as_open(now, before):
        words = _(
            "公开范围由“%(before)s”放宽为“%(now)s”：请确认企业已经同意，否则请改回来。",
            before=label("disclosure", before),
            now=label("disclosure", now),
        )
        flash(words, "warning")


@blueprint.post("/needs/<int:need_id>/preview")
@allow(Audience.ORGANISER)
@reads
def preview(need_id: int) -> ResponseReturnValue:
    """Show what each audience would see of the form as it is now; nothing is saved."""
    page = page_for_owner(need_id)
    values = _public_values()
    if request.headers.get("HX-Request"):
        return render_template(
            "needs/_preview.html",
            audiences=_audiences(page, values),
            marked=_marked(page.line.need, values),
        )
    return _publication_page(page, values, [])


def _public_values() -> dict[str, str]:
    values = {name: request.form.get(name, "") for name in ("public_title", "public_text", "disclosure")}
    return values | {"public_text": values["public_text"].replace("\r\n", "\n")}


def _disclosure(word: str) -> Disclosure:
    return Disclosure(word) if word in set(Disclosure) else Disclosure.INTERNAL


def _publication_page(page: NeedPage, values: dict[str, str], problems: list[Problem]) -> str:
    return render_template(
        "needs/publish.html",
        page=page,
        need=page.line.need,
        form=values,
        problems=problems,
        audiences=_audiences(page, values),
        marked=_marked(page.line.need, values),
        hint=_text_hint(page, values),
    )


def _text_hint(page: NeedPage, values: dict[str, str]) -> str:
    """Return what to look at in the public text, by what the system itself did to it."""
    need, firm = page.line.need, page.organisation.name
    texts = (need.problem, need.key_points, need.goal)
    if not any(text.strip() for text in texts):
        return str(_("企业只写了名称，先用名称作公开文本；最好请企业补充后再发布。"))
    offered = (values["public_title"], values["public_text"]) == service.public_draft(need, firm)
    named = any(text != suggested_public_text(text, firm) for text in (need.title, *texts))
    if named and offered and not need.public_text:
        return str(_("已去掉企业名称；请再看看有没有能认出企业的型号、地名、客户名。"))
    return str(_("请看看有没有能认出企业的名称、型号、地名、客户名。"))


def _marked(need: Need, values: dict[str, str]) -> list[tuple[str, tuple[Piece, ...]]]:
    """Return title and text with what the public edition leaves out and adds, where it differs."""
    texts = (need.problem, need.key_points, need.goal, need.background, need.conditions)
    original = "\n\n".join(text.strip() for text in texts if text.strip())
    pairs = (
        (_("标题"), need.title, values["public_title"]),
        (_("正文"), original, values["public_text"]),
    )
    return [(what, word_changes(old, new)) for what, old, new in pairs if old.strip() != new.strip()]


def _audiences(page: NeedPage, values: dict[str, str]) -> list[AudienceView]:
    """Return the need as each audience would see it once it is published like this."""
    faces = replace(
        page.line.faces,
        public_title=values["public_title"],
        public_text=values["public_text"],
        disclosure=_disclosure(values["disclosure"]),
        status=NeedState.PUBLISHED,
    )
    stranger = Actor(user_id=0, roles=frozenset({Role.UNIVERSITY}))
    readers = (
        (_("公众（不登录）"), _("首页、需求大厅、需求清单"), ANYONE, False, False),
        (_("高校院所"), _("登录后，还没有被推荐这条需求"), stranger, False, False),
        (_("被选中的专家"), _("主办方已把他的成果配给这条需求"), stranger, True, False),
        (_("双方都接受对接后"), _("配对双方都点了接受"), stranger, True, True),
        (_("主办方和企业自己"), _("原文，不受公开范围影响"), actor_here(), False, False),
    )
    return [
        AudienceView(
            who=who,
            note=note,
            view=view_of(reader, faces, contacts_open=met)
            if may_see(reader, faces, pushed_to_actor=chosen)
            else None,
        )
        for who, note, reader, chosen, met in readers
    ]


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
