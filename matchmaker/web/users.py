"""The list of accounts, for the organiser and the administrator."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import hash_password
from sqlalchemy import select

from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ApprovalState, Role
from matchmaker.errors import InvalidInput
from matchmaker.services import accounts
from matchmaker.store.queries.accounts import UserFilter, count_users, users_page
from matchmaker.store.queries.organisations import organisation_choices
from matchmaker.store.tables import Organisation, StateChange, User
from matchmaker.web.access import Audience, allow
from matchmaker.web.accounts import blueprint
from matchmaker.web.frame import actor_here, database_here, reads, session_here
from matchmaker.web.parts import Column, ListState
from matchmaker.web.presentation import choices, label


@blueprint.get("/users")
@allow(Audience.ORGANISER)
def users() -> ResponseReturnValue:
    asked = request.args
    wanted = UserFilter(
        search=asked.get("q", ""),
        states=tuple(asked.getlist("state")),
        roles=tuple(role for role in asked.getlist("role") if role in list(Role)),
    )
    state = ListState.read(request.path, asked.items(multi=True), total=count_users(session_here(), wanted))
    rows = users_page(
        session_here(),
        wanted,
        sort=state.sort,
        offset=(state.page - 1) * state.per_page,
        limit=state.per_page,
    )
    return render_template(
        "accounts/users.html", state=state, rows=rows, columns=_columns(), groups=_groups()
    )


def _columns() -> list[Column]:
    return [
        Column(key="name", title=_("姓名"), sortable=True),
        Column(key="organisation", title=_("单位"), sortable=True),
        Column(key="role", title=_("角色")),
        Column(key="state", title=_("状态")),
        Column(key="seen", title=_("最近登录"), sortable=True, optional=True),
        Column(key="acts", title=""),
    ]


def _groups() -> list[tuple[str, str, list[tuple[str, str, int]]]]:
    states = [(s.value, label("approval_status", s)) for s in ApprovalState if s is not ApprovalState.MERGED]
    counted = [
        (value, words, count_users(session_here(), UserFilter(states=(value,))))
        for value, words in [*states, ("disabled", _("已停用"))]
    ]
    roles = [
        (value, words, count_users(session_here(), UserFilter(roles=(value,))))
        for value, words in choices("role")
    ]
    return [("state", _("状态"), counted), ("role", _("角色"), roles)]


@blueprint.get("/users/<int:user_id>")
@allow(Audience.ORGANISER)
def user(user_id: int) -> ResponseReturnValue:
    return _user_page(user_id, [])


def _user_page(user_id: int, problems: list[Problem]) -> str:
    session = session_here()
    row = accounts.managed_user(session, actor_here(), user_id=user_id)
    changes = session.scalars(
        select(StateChange)
        .where(StateChange.subject_kind == "user", StateChange.subject_id == row.id)
        .order_by(StateChange.id.desc())
    ).all()
    actors = {row.id: row.name for row in session.scalars(select(User).where(User.id.in_(_ids(changes))))}
    own = session.get(Organisation, row.organisation_id) if row.organisation_id else None
    offered = organisation_choices(session)
    if own is not None and own.status is not ApprovalState.APPROVED:
        offered.insert(0, (str(own.id), own.name))
    return render_template(
        "accounts/user.html",
        user=row,
        organisation=own,
        organisations=offered,
        changes=[(change, actors.get(change.user_id or 0, "")) for change in changes],
        problems=problems,
    )


def _ids(changes: Sequence[StateChange]) -> list[int]:
    return [change.user_id for change in changes if change.user_id is not None]


@blueprint.route("/users/new", methods=["GET", "POST"])
@allow(Audience.ADMIN)
@reads
def new_user() -> ResponseReturnValue:
    """Make an account for a colleague; its first password is shown once."""
    names = ("name", "email", "phone", "organisation_id")
    form = {name: request.form.get(name, "").strip() for name in names}
    roles = [Role(role) for role in request.form.getlist("roles") if role in list(Role)]
    if request.method == "GET":
        return _new_user_page(form, roles, [])
    password = accounts.one_time_password()
    password_hash = hash_password(password)
    try:
        with database_here().writing() as session:
            made = accounts.add_account(
                session,
                actor_here(),
                name=form["name"],
                email=form["email"],
                phone=form["phone"],
                roles=roles,
                organisation_id=_number(form["organisation_id"]),
                password_hash=password_hash,
            )
    except InvalidInput as error:
        return _new_user_page(form, roles, list(error.problems)), 422
    return render_template("accounts/one_time_password.html", user=made, password=password)


def _new_user_page(form: dict[str, str], roles: list[Role], problems: list[Problem]) -> str:
    return render_template(
        "accounts/new_user.html",
        form=form,
        roles=roles,
        problems=problems,
        organisations=organisation_choices(session_here()),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


@blueprint.post("/users/<int:user_id>/one-time-password")
@allow(Audience.ORGANISER)
@reads
def give_one_time_password(user_id: int) -> ResponseReturnValue:
    """Show a new password once; whoever gets it must change it at the first sign-in."""
    accounts.managed_user(session_here(), actor_here(), user_id=user_id)
    password = accounts.one_time_password()
    password_hash = hash_password(password)
    with database_here().writing() as session:
        row = accounts.set_one_time_password(
            session, actor_here(), user_id=user_id, password_hash=password_hash
        )
    return render_template("accounts/one_time_password.html", user=row, password=password)


@blueprint.post("/users/<int:user_id>/disable")
@allow(Audience.ADMIN)
def disable_user(user_id: int) -> ResponseReturnValue:
    reason = request.form.get("note", "").strip()
    accounts.set_active(session_here(), actor_here(), user_id=user_id, active=False, reason=reason)
    flash(_("账号已停用，已登录的也已退出。"), "success")
    return redirect(url_for("accounts.user", user_id=user_id), 303)


@blueprint.post("/users/<int:user_id>/enable")
@allow(Audience.ADMIN)
def enable_user(user_id: int) -> ResponseReturnValue:
    accounts.set_active(session_here(), actor_here(), user_id=user_id, active=True)
    flash(_("账号已恢复使用。"), "success")
    return redirect(url_for("accounts.user", user_id=user_id), 303)


@blueprint.post("/users/<int:user_id>/roles")
@allow(Audience.ADMIN)
def change_roles(user_id: int) -> ResponseReturnValue:
    roles = [Role(role) for role in request.form.getlist("roles") if role in list(Role)]
    try:
        accounts.set_roles(
            session_here(),
            actor_here(),
            user_id=user_id,
            roles=roles,
            organisation_id=_number(request.form.get("organisation_id", "")),
        )
    except InvalidInput as error:
        return _user_page(user_id, list(error.problems)), 422
    flash(_("角色和单位已保存。"), "success")
    return redirect(url_for("accounts.user", user_id=user_id), 303)
