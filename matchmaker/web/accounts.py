"""Accounts: signing in and out, and passwords; see also own_data.py and users.py."""

import secrets
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user, hash_password, login_user, logout_user, verify_password

from matchmaker.domain.accounts import check_password
from matchmaker.domain.problems import Problem
from matchmaker.errors import LinkExpired, TooManyAttempts
from matchmaker.services import accounts as service
from matchmaker.services import sign_in as signing_in
from matchmaker.store.tables import User
from matchmaker.web.access import Audience, allow, audiences_of, may_call
from matchmaker.web.frame import actor_here, database_here, reads, session_here, settings_here

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")
_LANDINGS = ("organiser.board", "needs.mine", "uploads.index", "accounts.users", "accounts.mine")


@blueprint.get("/sign-in")
@allow(Audience.ANYONE)
def sign_in() -> ResponseReturnValue:
    if actor_here().user_id is not None:
        return redirect(_landing())
    ran_out = _(
        "登录已过期，刚才的内容没有提交。登录后会回到原来的页面；表单里的文字如有草稿会自动恢复，请检查后重新提交。"
    )
    message = ran_out if request.args.get("expired") else ""
    return _sign_in_page(target=request.args.get("next", ""), message=message)


@blueprint.post("/sign-in")
@allow(Audience.ANYONE)
@reads
def enter() -> ResponseReturnValue:
    """Check the password outside any writing transaction; book the attempt before, the success after."""
    login, target = request.form.get("login", "").strip(), request.form.get("next", "")
    try:
        user, attempt_ids = _checked(login, request.form.get("password", ""), purpose="sign_in")
    except TooManyAttempts as error:
        return _sign_in_page(login=login, target=target, message=error.message, status=429)
    if user is None:
        return _sign_in_page(
            login=login, target=target, message=_("账号或密码不对，请检查后再试。"), status=422
        )
    if refusal := signing_in.why_not_in(user):
        return _sign_in_page(login=login, target=target, message=refusal, status=422)
    with database_here().writing() as store:
        signing_in.forgive_attempts(store, purpose="sign_in", login=login, attempt_ids=attempt_ids)
        user = signing_in.note_sign_in(store, user_id=user.id)
    start_session(user)
    return redirect(_inside(target) or url_for("accounts.landing"), 303)


def _sign_in_page(
    *, login: str = "", target: str = "", message: str = "", status: int = 200
) -> ResponseReturnValue:
    problems = [Problem(field="login", code="sign_in", message=message)] if message else []
    page = render_template("accounts/sign_in.html", login=login, target=_inside(target), problems=problems)
    return page, status


def _checked(login: str, password: str, *, purpose: str) -> tuple[User | None, tuple[int, ...]]:
    """Return the account if the password is its own, and the ids of the booked attempt.

    For an unknown account a password is hashed all the same: the answer takes as long.
    """
    with database_here().writing() as store:
        attempt_ids = signing_in.count_attempt(
            store, settings_here().web, purpose=purpose, login=login, address=request.remote_addr or ""
        )
        user = signing_in.user_of_login(store, login)
    kept = user.password if user is not None else None
    right = verify_password(password, kept or _decoy())
    return (user if right and kept else None), attempt_ids


def _decoy() -> str:
    """Return a hash nobody knows the password of, made once per application."""
    extensions = current_app.extensions
    if "decoy_hash" not in extensions:
        extensions["decoy_hash"] = hash_password(secrets.token_urlsafe(32))
    return str(extensions["decoy_hash"])


def start_session(user: User) -> None:
    """Sign this browser in under a new key; nothing of the session before is kept."""
    session.clear()
    login_user(user)
    session.renew = True  # type: ignore[attr-defined]  # our ServerSession


def _inside(target: str) -> str:
    """Return an address of this site as it is, and "" for anything that could lead elsewhere."""
    parts = urlsplit(target)
    odd = any(ord(character) < 33 or character == "\\" for character in target)
    if odd or parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//"):
        return ""
    return target


@blueprint.get("/landing")
@allow(Audience.SIGNED_IN)
def landing() -> ResponseReturnValue:
    """Lead to the page where this person's work is."""
    return redirect(_landing())


def _landing() -> str:
    for endpoint in _LANDINGS:
        here = endpoint in current_app.view_functions
        if here and may_call(actor_here(), audiences_of(current_app, endpoint)):
            return url_for(endpoint)
    return url_for("public.home")


@blueprint.post("/sign-out")
@allow(Audience.ANYONE)
def sign_out() -> ResponseReturnValue:
    logout_user()
    session.clear()
    session.renew = True  # type: ignore[attr-defined]  # our ServerSession
    flash(_("您已退出登录。"), "success")
    return redirect(url_for("public.home"), 303)


@blueprint.route("/password", methods=["GET", "POST"])
@allow(Audience.SIGNED_IN)
@reads
def change_password() -> ResponseReturnValue:
    """Change one's own password; every other session of the account ends."""
    if request.method == "GET":
        return _password_page([])
    login = current_user.email
    known, attempt_ids = _checked(login, request.form.get("current", ""), purpose="password")
    problems = new_password_problems(about=(login, current_user.name, current_user.phone))
    if known is None:
        message = _("现在的密码不对。")
        problems.insert(0, Problem(field="current", code="password_wrong", message=message))
    if problems:
        return _password_page(problems), 422
    new_hash = hash_password(request.form["password"])
    with database_here().writing() as store:
        signing_in.forgive_attempts(store, purpose="password", login=login, attempt_ids=attempt_ids)
        user = service.change_own_password(store, actor_here(), password_hash=new_hash)
    start_session(user)
    flash(_("密码已修改，其他地方的登录都已退出。"), "success")
    return redirect(url_for("accounts.landing"), 303)


def _password_page(problems: list[Problem]) -> str:
    return render_template(
        "accounts/password.html", problems=problems, forced=current_user.must_change_password
    )


def new_password_problems(*, about: tuple[str, ...] = ()) -> list[Problem]:
    """Return what is wrong with the form's `password` and its repetition `again`."""
    password = request.form.get("password", "")
    problems = check_password(password, about=about)
    if not problems and password != request.form.get("again", ""):
        problems = [Problem(field="again", code="password_again", message=_("两次输入的密码不一样。"))]
    return problems


@blueprint.get("/forgotten")
@allow(Audience.ANYONE)
def forgotten() -> ResponseReturnValue:
    return render_template("accounts/forgotten.html", by_mail=bool(settings_here().mail.host), asked=False)


@blueprint.post("/forgotten")
@allow(Audience.ANYONE)
def ask_for_reset() -> ResponseReturnValue:
    """Give the same answer whether or not there is such an account."""
    login = request.form.get("login", "").strip()
    store = session_here()
    signing_in.count_attempt(
        store, settings_here().web, purpose="reset", login=login, address=request.remote_addr or ""
    )
    service.ask_for_reset(store, user=signing_in.user_of_login(store, login))
    return render_template("accounts/forgotten.html", by_mail=bool(settings_here().mail.host), asked=True)


@blueprint.get("/reset/<key>")
@allow(Audience.ANYONE)
def reset(key: str) -> ResponseReturnValue:
    if not service.token_is_live(session_here(), purpose=service.RESET, key=key):
        raise LinkExpired()
    return render_template("accounts/reset.html", key=key, problems=[])


@blueprint.post("/reset/<key>")
@allow(Audience.ANYONE)
@reads
def set_new_password(key: str) -> ResponseReturnValue:
    """Spend the link for a new password; a refused password leaves the link good."""
    if not service.token_is_live(session_here(), purpose=service.RESET, key=key):
        raise LinkExpired()
    problems = new_password_problems()
    if problems:
        return render_template("accounts/reset.html", key=key, problems=problems), 422
    new_hash = hash_password(request.form["password"])
    with database_here().writing() as store:
        service.reset_password(store, key=key, password_hash=new_hash)
    flash(_("新密码已设好，请登录。"), "success")
    return redirect(url_for("accounts.sign_in"), 303)
