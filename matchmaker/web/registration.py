"""Getting an account: registration, the organiser's decision, and the very first administrator."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import hash_password

from matchmaker.domain.accounts import REGISTERING_KINDS, Registration, check_registration
from matchmaker.domain.problems import Problem
from matchmaker.errors import InvalidInput, LinkExpired, NotFound
from matchmaker.services import accounts, first_run, registration, sign_in
from matchmaker.services.consents import current_notice_version, notice_sections
from matchmaker.store.queries.organisations import organisation_choices, organisation_view, town_names
from matchmaker.store.tables import Organisation, Person, User
from matchmaker.web.access import Audience, allow
from matchmaker.web.accounts import new_password_problems, start_session
from matchmaker.web.frame import actor_here, database_here, reads, session_here, settings_here
from matchmaker.web.presentation import label

blueprint = Blueprint("registration", __name__, url_prefix="/accounts")


@blueprint.get("/register")
@allow(Audience.ANYONE)
def register() -> ResponseReturnValue:
    return _register_page(Registration(kind=request.args.get("kind", "")), [])


@blueprint.post("/register")
@allow(Audience.ANYONE)
@reads
def register_now() -> ResponseReturnValue:
    """Hash outside the writing transaction, and only for a form that would be taken."""
    draft = _draft()
    about = (draft.email, draft.name, draft.phone, draft.organisation_name)
    problems = check_registration(draft) + new_password_problems(about=about)
    if problems:
        return _register_page(draft, problems), 422
    web, address = settings_here().web, request.remote_addr or ""
    password_hash = hash_password(request.form["password"])
    try:
        with database_here().writing() as session:
            sign_in.count_attempt(session, web, purpose="register", login=draft.email, address=address)
            registration.register(session, actor_here(), draft=draft, password_hash=password_hash)
    except InvalidInput as error:
        return _register_page(draft, list(error.problems)), 422
    return redirect(url_for("registration.registered"), 303)


@blueprint.get("/registered")
@allow(Audience.ANYONE)
def registered() -> ResponseReturnValue:
    return render_template("accounts/registered.html", by_mail=bool(settings_here().mail.host))


def _draft() -> Registration:
    def text(name: str) -> str:
        return request.form.get(name, "").strip()

    return Registration(
        kind=text("kind"),
        organisation_name=text("organisation_name"),
        parent_name=text("parent_name"),
        uscc=text("uscc"),
        town=text("town"),
        name=text("name"),
        position=text("position"),
        phone=text("phone"),
        email=text("email"),
        agrees="agrees" in request.form,
        shares_contact="shares_contact" in request.form,
    )


def _register_page(draft: Registration, problems: list[Problem]) -> str:
    settings = settings_here()
    return render_template(
        "accounts/register.html",
        form=draft,
        problems=problems,
        kinds=[(kind.value, label("organisation_kind", kind)) for kind in REGISTERING_KINDS],
        towns=town_names(session_here()),
        notice=notice_sections(bureau=bureau_name(), retention=settings.retention),
        notice_version=current_notice_version(),
    )


def bureau_name() -> str:
    """Return the organiser's name for notices: from the settings, else the first government body."""
    return settings_here().site.bureau or registration.bureau_in(session_here()) or _("本县科技主管部门")


@blueprint.get("/waiting/<int:user_id>")
@allow(Audience.ORGANISER)
def waiting(user_id: int) -> ResponseReturnValue:
    """Show a registration beside the organisations it may duplicate."""
    session = session_here()
    user = session.get(User, user_id)
    if user is None or user.organisation_id is None:
        raise NotFound()
    own = session.get_one(Organisation, user.organisation_id)
    likes = registration.likely_duplicates(session, own) if own.source == "registration" else []
    seen = [organisation_view(session, row) for row in likes]
    named_alike = (like for like in seen if like.organisation.normalised_name == own.normalised_name)
    return render_template(
        "accounts/waiting.html",
        user=user,
        contact=session.get(Person, user.person_id) if user.person_id else None,
        own=organisation_view(session, own),
        likes=seen,
        same=next((like for like in named_alike if like.organisation.kind is own.kind), None),
        organisations=organisation_choices(session),
    )


@blueprint.post("/waiting/<int:user_id>/approve")
@allow(Audience.ORGANISER)
def approve(user_id: int) -> ResponseReturnValue:
    chosen = request.form.get("organisation_id", "")
    registration.approve_account(
        session_here(),
        actor_here(),
        user_id=user_id,
        organisation_id=int(chosen) if chosen.isdecimal() else None,
    )
    if settings_here().mail.host:
        flash(_("已通过，系统会通知申请人可以登录。"), "success")
    else:  # nobody can sign in to read of it before they know that they may
        flash(_("已通过。没有接通邮件，申请人收不到通知：请打电话告知可以登录了。"), "warning")
    return redirect(url_for("accounts.users"), 303)


REASONS = {
    "unknown": "单位信息核实不到",
    "outside": "不在本次服务范围内",
    "duplicate": "单位已有账号，请用原账号",
    "incomplete": "信息不完整或有误，请更正后重新注册",
}


@blueprint.post("/waiting/<int:user_id>/refuse")
@allow(Audience.ORGANISER)
def refuse(user_id: int) -> ResponseReturnValue:
    words = (REASONS.get(request.form.get("reason", ""), ""), request.form.get("note", "").strip())
    reason = "；".join(word for word in words if word)
    registration.refuse_account(session_here(), actor_here(), user_id=user_id, reason=reason)
    if settings_here().mail.host:
        flash(_("已退回，系统会把原因告诉申请人。"), "success")
    else:
        flash(_("已退回。没有接通邮件，申请人收不到通知：请打电话告知原因。"), "warning")
    return redirect(url_for("accounts.users"), 303)


@blueprint.get("/first-run")
@allow(Audience.ANYONE)
def first_steps() -> ResponseReturnValue:
    key = request.args.get("token", "")
    if not accounts.token_is_live(session_here(), purpose=accounts.FIRST_RUN, key=key):
        raise LinkExpired(_("这个地址已经用过或已过期。请重新启动程序，用窗口里显示的新地址。"))
    given = first_run.FirstSteps(campaign="百日百场", region=settings_here().site.region)
    return render_template("accounts/first_run.html", key=key, form=given, problems=[])


@blueprint.post("/first-run")
@allow(Audience.ANYONE)
@reads
def take_first_steps() -> ResponseReturnValue:
    """Make the administrator and sign them in."""
    key = request.form.get("token", "")
    if not accounts.token_is_live(session_here(), purpose=accounts.FIRST_RUN, key=key):
        raise LinkExpired(_("这个地址已经用过或已过期。请重新启动程序，用窗口里显示的新地址。"))
    names = ("bureau", "region", "campaign", "name", "phone", "email")
    given = first_run.FirstSteps(**{name: request.form.get(name, "").strip() for name in names})
    problems = first_run.check_first_steps(given)
    problems += new_password_problems(about=(given.email, given.name, given.phone))
    if problems:
        return render_template("accounts/first_run.html", key=key, form=given, problems=problems), 422
    password_hash = hash_password(request.form["password"])
    with database_here().writing() as session:
        user = first_run.make_first_admin(session, key=key, given=given, password_hash=password_hash)
        sign_in.note_sign_in(session, user_id=user.id)
    start_session(user)
    flash(_("管理员账号已建好。下一步：核对专场主题和乡镇名单，再给同事开账号。"), "success")
    return redirect(url_for("settings.index"), 303)
