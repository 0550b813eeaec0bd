"""Who comes to an event: the organiser's list of invitations and the door on the day."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from matchmaker import clock
from matchmaker.domain.states import InvitationState
from matchmaker.errors import NotFound
from matchmaker.services import invitations
from matchmaker.services.guest_reminders import remind_silent
from matchmaker.services.phone_list import phone_list
from matchmaker.services.reach import guests_unheard
from matchmaker.store.queries.guests import WAITING, GuestState, guest_states, guests_told
from matchmaker.store.tables import Organisation
from matchmaker.web.access import Audience, allow
from matchmaker.web.events import blueprint, line_of, tabs_of, ticked
from matchmaker.web.frame import actor_here, session_here, settings_here
from matchmaker.web.parts import EXCEL, Column, ListState
from matchmaker.web.presentation import label

_ROLES = ("enterprise", "expert", "manager", "official", "media", "delegate", "staff")


@blueprint.get("/events/<int:event_id>/people")
@allow(Audience.ORGANISER)
def people(event_id: int) -> ResponseReturnValue:
    """Show every invitation and its state."""
    session, line = session_here(), line_of(event_id)
    told = guests_told(session, event_id, by_mail=bool(settings_here().mail.host))
    everybody = guest_states(session, event_id, told=told)
    rows = _narrowed(event_id, told)
    state = ListState.read(request.path, request.args.items(multi=True), total=len(rows), per_page=50)
    return render_template(
        "events/people.html",
        line=line,
        event=line.event,
        tabs=tabs_of(line, "people"),
        rows=rows[(state.page - 1) * state.per_page : state.page * state.per_page],
        state=state,
        columns=_columns(),
        on_the_day=line.event.held_on <= clock.today(),
        state_groups=[
            (key.value, label("invitation_status", key), line.invitations.get(key, 0))
            for key in InvitationState
        ],
        glance=_glance(everybody),
        silent=sum(guest.silent and guest.told for guest in everybody),
        to_phone=sum(guest.to_phone for guest in everybody),
        to_send=sum(guest.stage == "planned" and not guest.withdrew for guest in everybody),
        left_alone=invitations.left_alone(session, event_id=event_id),
        reply_groups=[
            (key, words, sum(_is_so(guest, key) for guest in everybody)) for key, words in _replies().items()
        ],
        stages=_stages(),
        roles=[(role, label("attendee_role", role)) for role in _ROLES],
        organisations=_organisation_names(),
    )


def _narrowed(event_id: int, told: Collection[int]) -> list[GuestState]:
    """Return the guests that the address asks for."""
    asked = request.args
    found = guest_states(
        session_here(),
        event_id,
        search=asked.get("q", "")[:100],
        states=asked.getlist("state"),
        told=told,
    )
    replies = asked.getlist("reply")
    role, stage = asked.get("role", ""), asked.get("stage", "")
    return [
        guest
        for guest in found
        if (not replies or any(_is_so(guest, reply) for reply in replies))
        and (not role or _group_of(guest) == role)
        and (not stage or guest.stage == stage)
    ]


def _is_so(guest: GuestState, reply: str) -> bool:
    if reply in ("silent", "to_phone"):
        return guest.silent if reply == "silent" else guest.to_phone
    return reply == guest.stage or bool(guest.said.get(reply))


def _replies() -> dict[str, str]:
    return {
        "silent": _("没有回音"),
        "to_phone": _("要打电话"),
        "unseen": _("没看通知"),
        "another": _("要求另约"),
        "declined": _("有婉拒"),
    }


def _stages() -> dict[str, str]:
    return {
        "planned": _("未发出"),
        "untold": _("联系不上"),
        "unseen": _("没看"),
        "seen": _("看过未答"),
        "coming": _("来"),
        "declined": _("不来"),
        "absent": _("未到"),
    }


def _group_of(guest: GuestState) -> str:
    role = guest.line.invitation.role
    return role if role in ("enterprise", "expert") else "others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """One line of the picture: a group of guests, how many stand where, and their meetings' answers."""

    key: str
    words: str
    total: int
    stages: dict[str, int]
    said: dict[str, int]


def _glance(guests: list[GuestState]) -> list[Glance]:
    words = {"enterprise": _("企业"), "expert": _("专家"), "others": _("其他")}
    groups = {key: [guest for guest in guests if _group_of(guest) == key] for key in words}
    return [
        Glance(
            key=key,
            words=words[key],
            total=len(group),
            stages={stage: sum(guest.stage == stage for guest in group) for stage in _stages()},
            said={
                answer: sum(guest.said.get(answer, 0) for guest in group)
                for answer in ("accepted", "another", "declined", WAITING)
            },
        )
        for key, group in groups.items()
        if group
    ]


@blueprint.post("/events/<int:event_id>/people/remind")
@allow(Audience.ORGANISER)
def remind(event_id: int) -> ResponseReturnValue:
    """Ask those who owe an answer once more: the ticked ones, or all."""
    everybody = request.form.get("scope") == "all"
    done = remind_silent(
        session_here(),
        actor_here(),
        settings_here(),
        event_id=event_id,
        invitation_ids=None if everybody else ticked(),
    )
    if done.sent:
        flash(_("已提醒 %(n)s 位，通知正在发送", n=done.sent), "success")
    if done.unreachable:
        flash(_("有 %(n)s 位没有账号也收不到邮件，请电话联系", n=done.unreachable), "warning")
    if not done.sent and not done.unreachable:
        flash(_("没有需要提醒的：都已答复，或今天提醒过了"), "info")
    return _back(event_id)


def _columns() -> list[Column]:
    return [
        Column(key="guest", title=_("单位")),
        Column(key="person", title=_("姓名")),
        Column(key="role", title=_("身份"), optional=True),
        Column(key="state", title=_("状态")),
        Column(key="meetings", title=_("洽谈答复")),
        Column(key="note", title=_("答复说明"), optional=True),
        Column(key="acts", title=""),
    ]


def _organisation_names() -> list[str]:
    return list(session_here().scalars(select(Organisation.name).order_by(Organisation.name).limit(500)))


def _back(event_id: int) -> ResponseReturnValue:
    return redirect(url_for("events.people", event_id=event_id), 303)


@blueprint.post("/events/<int:event_id>/people/plan")
@allow(Audience.ORGANISER)
def plan_people(event_id: int) -> ResponseReturnValue:
    """Put the contacts of the needs and the experts of the achievements on the list."""
    new = invitations.plan_invitations(session_here(), actor_here(), event_id=event_id)
    flash(_("名单新增 %(n)s 位，核对后发出邀请", n=new), "success")
    if gone := len(invitations.left_alone(session_here(), event_id=event_id)):
        flash(_("有 %(n)s 位已撤回同意，没有列入名单", n=gone), "warning")
    return _back(event_id)


@blueprint.post("/events/<int:event_id>/people/add")
@allow(Audience.ORGANISER)
def add_person(event_id: int) -> ResponseReturnValue:
    """Put somebody on the list by hand."""
    name = request.form.get("organisation", "").strip()
    organisation_id = session_here().scalar(select(Organisation.id).where(Organisation.name == name)) or 0
    role = request.form.get("role", "")
    invitations.add_guest(
        session_here(),
        actor_here(),
        event_id=event_id,
        organisation_id=organisation_id,
        person_name=request.form.get("person", "")[:60],
        role=role if role in _ROLES else "enterprise",
    )
    flash(_("已加入名单"), "success")
    return _back(event_id)


@blueprint.post("/events/<int:event_id>/people/invite")
@allow(Audience.ORGANISER)
def invite(event_id: int) -> ResponseReturnValue:
    """Send out the ticked invitations, or all that wait."""
    everybody = request.form.get("scope") == "all"
    session, before = session_here(), guests_unheard(session_here(), settings_here(), event_id)
    asked = invitations.invite(
        session, actor_here(), event_id=event_id, invitation_ids=None if everybody else ticked()
    )
    sent = asked - len(guests_unheard(session, settings_here(), event_id) - before)
    flash(_("已发出 %(n)s 份邀请，通知正在发送", n=sent), "success" if sent else "info")
    say_who_is_unheard(event_id)
    return _back(event_id)


@blueprint.post("/events/<int:event_id>/people/phones.xlsx")
@allow(Audience.ORGANISER)
def export_phones(event_id: int) -> ResponseReturnValue:
    """Hand out whom to telephone, for a purpose that is logged."""
    content = phone_list(
        session_here(),
        actor_here(),
        settings_here(),
        event_id=event_id,
        purpose=request.form.get("note", ""),
    )
    answer = Response(content, mimetype=EXCEL)
    name = quote(f"电话名单-{clock.today():%Y%m%d}.xlsx")
    answer.headers["Content-Disposition"] = f"attachment; filename=\"phones.xlsx\"; filename*=UTF-8''{name}"
    return answer


def say_who_is_unheard(event_id: int) -> None:
    """Tell the organiser how many of those asked the system cannot tell anything."""
    unheard = len(guests_unheard(session_here(), settings_here(), event_id))
    if unheard:
        flash(_("有 %(n)s 位没有账号也收不到邮件，请电话联系", n=unheard), "warning")


@blueprint.post("/events/<int:event_id>/people/drop")
@allow(Audience.ORGANISER)
def drop_people(event_id: int) -> ResponseReturnValue:
    """Take the ticked people off the list who were not asked yet."""
    gone = invitations.drop_planned(session_here(), actor_here(), event_id=event_id, invitation_ids=ticked())
    flash(_("已移出 %(n)s 位（只移出还没有发出邀请的）", n=gone), "success")
    return _back(event_id)


@blueprint.post("/events/<int:event_id>/people/<int:invitation_id>/<word>")
@allow(Audience.ORGANISER)
def mark_person(event_id: int, invitation_id: int, word: str) -> ResponseReturnValue:
    """Note a yes or no by telephone, that somebody came, or did not."""
    session, actor = session_here(), actor_here()
    if word == "check-in":
        invitations.check_in(session, actor, event_id=event_id, invitation_id=invitation_id)
    elif word == "absent":
        invitations.mark_absent(session, actor, event_id=event_id, invitation_id=invitation_id)
    elif word in ("yes", "no"):
        note = request.form.get("note", "")
        invitations.answer_invitation(
            session, actor, invitation_id=invitation_id, accepted=word == "yes", note=note
        )
    else:
        raise NotFound()
    flash(_("已记下"), "success")
    return _back(event_id)
