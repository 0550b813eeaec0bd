"""我的账号与数据: what is kept about me, and what I may do about it."""

import json

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user, verify_password

from matchmaker import clock
from matchmaker.domain.accounts import normal_email
from matchmaker.domain.mail_choices import ALWAYS_WORDS, groups_for
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ConsentScope
from matchmaker.errors import InvalidInput
from matchmaker.files.exports import workbook
from matchmaker.services import own_data, sign_in
from matchmaker.services.consents import standing_consents
from matchmaker.services.mail_choices import choose_mails, turned_off
from matchmaker.services.own_data_sheets import my_data_sheets
from matchmaker.store.queries.accounts import AccessFilter, accesses_page
from matchmaker.store.tables import Organisation, Person, User
from matchmaker.web.access import Audience, allow
from matchmaker.web.accounts import blueprint
from matchmaker.web.frame import actor_here, database_here, reads, session_here, settings_here
from matchmaker.web.parts import EXCEL

_FIELDS = ("name", "phone", "email", "position")


@blueprint.get("/mine")
@allow(Audience.SIGNED_IN)
def mine() -> ResponseReturnValue:
    return _page()


def _page(form: dict[str, str] | None = None, problems: list[Problem] | None = None) -> str:
    session, actor = session_here(), actor_here()
    user = session.get_one(User, actor.user_id)
    person = session.get(Person, user.person_id) if user.person_id else None
    held = {"name": user.name, "phone": user.phone, "email": user.email}
    held["position"] = person.position if person else ""
    said_as_person = standing_consents(session, "person", person.id) if person else ()
    said = [*said_as_person, *standing_consents(session, "user", user.id)]
    standing = {row.scope: row for row in sorted(said, key=lambda row: row.id)}  # the newest word counts
    looks = accesses_page(session, AccessFilter(subject=("user", user.id)), limit=20)
    if person is not None:
        looks += accesses_page(session, AccessFilter(subject=("person", person.id)), limit=20)
    return render_template(
        "accounts/mine.html",
        user=user,
        organisation=session.get(Organisation, user.organisation_id) if user.organisation_id else None,
        form=form or held,
        problems=problems or [],
        mail_groups=groups_for(actor),
        always_mailed=ALWAYS_WORDS,
        mails_off=turned_off(session, user.id),
        consents=[(scope, standing.get(scope)) for scope in ConsentScope],
        looks=sorted(looks, key=lambda look: look.at, reverse=True)[:20],
    )


@blueprint.get("/mine/download")
@allow(Audience.SIGNED_IN)
def download_mine() -> ResponseReturnValue:
    """Hand out everything about the reader as one JSON file."""
    content = json.dumps(
        own_data.everything_about_me(session_here(), actor_here()), ensure_ascii=False, indent=1
    )
    answer = Response(content, mimetype="application/json")
    name = f"my-data-{clock.today():%Y%m%d}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.get("/mine/workbook")
@allow(Audience.SIGNED_IN)
def mine_as_workbook() -> ResponseReturnValue:
    """Hand out what is kept about the reader in words, a sheet per kind of thing."""
    answer = Response(workbook(my_data_sheets(session_here(), actor_here())), mimetype=EXCEL)
    name = f"my-data-{clock.today():%Y%m%d}.xlsx"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.post("/mine/contact")
@allow(Audience.SIGNED_IN)
@reads
def correct_mine() -> ResponseReturnValue:
    """Save corrections; a new mail address is a new way in, so it asks for the password."""
    form = {name: request.form.get(name, "").strip() for name in _FIELDS}
    if normal_email(form["email"]) != current_user.email and not _password_given():
        message = _("更换登录邮箱请填写现在的密码。")
        return _page(form, [Problem(field="current", code="password_wrong", message=message)]), 422
    try:
        with database_here().writing() as session:
            own_data.correct_contact(session, actor_here(), **form)
    except InvalidInput as error:
        return _page(form, list(error.problems)), 422
    flash(_("已更正。"), "success")
    return redirect(url_for("accounts.mine"), 303)


def _password_given() -> bool:
    with database_here().writing() as session:
        sign_in.count_attempt(
            session,
            settings_here().web,
            purpose="password",
            login=current_user.email,
            address=request.remote_addr or "",
        )
    kept = current_user.password
    return bool(kept) and verify_password(request.form.get("current", ""), kept)


@blueprint.post("/mine/consents")
@allow(Audience.SIGNED_IN)
def change_consents() -> ResponseReturnValue:
    ticks = {scope: scope.value in request.form.getlist("scopes") for scope in ConsentScope}
    own_data.change_consents(session_here(), actor_here(), ticks=ticks)
    flash(_("已记录。撤回从现在起生效，之前已经办过的不受影响。"), "success")
    if not ticks[ConsentScope.INTERNAL]:
        flash(
            _("您没有同意第一项：主办方不再邀请您、为您安排新的洽谈或向您提问。重新勾选并保存即可恢复。"),
            "warning",
        )
    return redirect(url_for("accounts.mine"), 303)


@blueprint.post("/mine/mails")
@allow(Audience.SIGNED_IN)
def change_mails() -> ResponseReturnValue:
    """Keep of which notices the reader wants mails."""
    choose_mails(session_here(), actor_here(), wanted=request.form.getlist("mails"))
    flash(_("已保存。没有勾选的通知不再发邮件，登录后仍能在“消息”里看到。"), "success")
    return redirect(url_for("accounts.mine"), 303)
