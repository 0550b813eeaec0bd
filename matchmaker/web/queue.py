"""Messages and jobs: what happened, what is still owed, what was given up."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import func, select

from matchmaker.bus import outbox
from matchmaker.domain.states import DeliveryState, NoticeState
from matchmaker.services import notices
from matchmaker.store.queries import trails
from matchmaker.store.tables import Delivery, Heartbeat, Message, Need, Notice
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import session_here, settings_here
from matchmaker.web.message_words import DONE, SAID, parts_of
from matchmaker.web.parts import ListState

blueprint = Blueprint("queue", __name__)
_PER_PAGE = 50
JOB_WORDS = {
    "uploads": lazy_gettext("读取上传的清单"),
    "deliveries": lazy_gettext("处理刚发生的事"),
    "sending": lazy_gettext("发送通知"),
    "planning": lazy_gettext("排专场方案"),
    "reminders": lazy_gettext("活动和跟进提醒"),
    "debts": lazy_gettext("检查欠着的答复"),
    "merging": lazy_gettext("合并确定重复的内容"),
    "timetables": lazy_gettext("继续改进洽谈排期"),
    "refresh": lazy_gettext("更新成果库索引"),
    "rescue": lazy_gettext("捡回中断的任务"),
    "exports": lazy_gettext("生成要下载的长清单"),
    "learning": lazy_gettext("按对接结果校准推荐"),
    "prune": lazy_gettext("清理过期内容"),
}


@blueprint.get("/queue")
@allow(Audience.ORGANISER)
def index() -> ResponseReturnValue:
    """Show the health of deliveries, notices and jobs, and everything that was given up."""
    session = session_here()
    deliveries = _counts(select(Delivery.state, func.count()).group_by(Delivery.state))
    sent = _counts(select(Notice.state, func.count()).where(Notice.channel == "mail").group_by(Notice.state))
    given_up = session.execute(
        select(Delivery, Message)
        .join(Message, Message.id == Delivery.message_id)
        .where(Delivery.state == DeliveryState.GIVEN_UP)
        .order_by(Delivery.id.desc())
        .limit(_PER_PAGE)
    ).all()
    dead = session.scalars(
        select(Notice).where(Notice.state == NoticeState.DEAD).order_by(Notice.id.desc()).limit(_PER_PAGE)
    ).all()
    return render_template(
        "queue/index.html",
        deliveries=deliveries,
        notices=sent,
        given_up=given_up,
        dead=dead,
        pulses=session.scalars(select(Heartbeat).order_by(Heartbeat.job)).all(),
        job_names=JOB_WORDS,
        said=SAID,
        done=DONE,
        mail_host=settings_here().mail.host,
    )


@blueprint.get("/queue/messages")
@allow(Audience.ORGANISER)
def messages() -> ResponseReturnValue:
    """Show what happened, newest first, with what each message set off; of one need from the beginning."""
    session, name = session_here(), request.args.get("name", "")
    need = _asked_need()
    wanted = select(Message).where(Message.name == name) if name else select(Message)
    if need is not None:
        wanted = wanted.where(trails.about_need(session, need.id))
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    state = ListState.read(request.path, request.args.items(multi=True), total=total, per_page=_PER_PAGE)
    order = Message.id if need is not None else Message.id.desc()
    rows = session.scalars(wanted.order_by(order).offset((state.page - 1) * _PER_PAGE).limit(_PER_PAGE)).all()
    ids = [row.id for row in rows]
    return render_template(
        "queue/messages.html",
        rows=rows,
        state=state,
        need=need,
        asked=request.args.get("need", ""),
        deliveries=trails.deliveries_of(session, ids),
        notices=trails.notices_of(session, ids),
        said=SAID,
        done=DONE,
        parts_of=parts_of,
    )


def _asked_need() -> Need | None:
    """Return the need whose story is asked for, by its number or its code."""
    word = request.args.get("need", "").strip()
    if not word:
        return None
    if word.isdecimal() and len(word) < 10:
        return session_here().get(Need, int(word))
    return session_here().scalar(select(Need).where(Need.code == word.upper()))


@blueprint.post("/queue/deliveries/<int:delivery_id>/replay")
@allow(Audience.ORGANISER)
def replay(delivery_id: int) -> ResponseReturnValue:
    """Try a given-up delivery again."""
    outbox.replay(session_here(), delivery_id=delivery_id)
    flash(_("已重新排队"), "success")
    return redirect(url_for("queue.index"), 303)


@blueprint.post("/queue/notices/<int:notice_id>/retry")
@allow(Audience.ORGANISER)
def resend(notice_id: int) -> ResponseReturnValue:
    """Send a given-up notice again."""
    notices.retry(session_here(), notice_id=notice_id)
    flash(_("已重新排队"), "success")
    return redirect(url_for("queue.index"), 303)


def _counts(query: Any) -> dict[str, int]:
    return {str(state): number for state, number in session_here().execute(query)}
