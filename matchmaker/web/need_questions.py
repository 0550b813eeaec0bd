"""Questions to a need's firm: asking, the telephone script, keying answers in, taking them over."""

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.domain.enquiries import MOST_QUESTIONS
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import EnquiryState
from matchmaker.domain.written_contacts import contacts_in
from matchmaker.errors import InvalidInput, NotFound, Refused
from matchmaker.services import need_questions as service
from matchmaker.services.coach import Question, advise, questions_for, trades
from matchmaker.services.contacts import log_export
from matchmaker.services.need_enquiries import pending_enquiry
from matchmaker.services.reach import firm_hears
from matchmaker.store.queries.need_work import enquiries_of
from matchmaker.store.queries.needs import NeedPage, need_page
from matchmaker.store.queries.withdrawals import withdrawn_now
from matchmaker.store.tables import NeedEnquiry
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here, settings_here
from matchmaker.web.need_view import back, page_for_owner, say_if_unheard, ticked, version
from matchmaker.web.needs import blueprint
from matchmaker.web.presentation import remark_on_contacts

_OWN = "own"  # the question that the organiser words alone; its answer goes to 现有基础
_LONGEST = 500


@blueprint.get("/needs/<int:need_id>/questions")
@allow(Audience.ORGANISER)
def questions(need_id: int) -> ResponseReturnValue:
    """Show what may be asked about a need, or how far the questions are."""
    return _page(page_for_owner(need_id))


@blueprint.post("/needs/<int:need_id>/questions")
@allow(Audience.ORGANISER)
def ask(need_id: int) -> ResponseReturnValue:
    """Put the ticked questions to the firm: by message, by returning the need, or on paper."""
    page = page_for_owner(need_id)
    act = request.form.get("act", "send")
    try:
        service.ask_firm(
            session_here(),
            actor_here(),
            settings_here(),
            need_id=need_id,
            questions=_ticked_questions(page),
            remark=request.form.get("remark", ""),
            send=act != "paper",
            send_back=act == "return",
        )
    except InvalidInput as refused:
        session_here().rollback()
        return _page(page_for_owner(need_id), problems=list(refused.problems)), 422
    words = {
        "paper": _("已记下要问的问题，可以打印电话稿"),
        "return": _("已退回，要补充的问题写在需求里"),
    }
    flash(words.get(act, _("问题已列好，企业可以不登录直接答复")), "success")
    if act != "paper":
        say_if_unheard(page.line.need, _("请把下面的答复链接转给企业，或打印电话稿。"))
    return back(url_for("needs.questions", need_id=need_id))


@blueprint.post("/needs/ask")
@allow(Audience.ORGANISER)
def ask_many() -> ResponseReturnValue:
    """Put the coach's questions to the firms of the ticked needs; what cannot be asked now is left out."""
    session, asked, unheard = session_here(), 0, 0
    themes, withdrawn = trades(session), withdrawn_now(session)
    for need_id in ticked():
        page = need_page(session, need_id)
        need = page.line.need if page else None
        if need is None or need.status not in service.ASKABLE or pending_enquiry(session, need_id):
            continue
        if withdrawn.firm(organisation_id=need.organisation_id, contact_id=need.contact_id):
            continue
        chosen = [one for one in advise(need, themes).questions if one.field in service.FIELD_LABELS]
        if chosen:
            service.ask_firm(session, actor_here(), settings_here(), need_id=need_id, questions=chosen)
            asked += 1
            unheard += not firm_hears(session, settings_here(), need)
    if unheard:
        words = _(
            "其中 %(n)s 条的企业没有账号，也收不到邮件：请打开各条转答复链接，或打印电话稿。", n=unheard
        )
        flash(words, "warning")
    flash(_("已向 %(n)s 条需求的企业提问；已经问过的、没有缺项的、撤回了同意的不再问", n=asked), "success")
    return back(url_for("needs.review"))


@blueprint.post("/needs/<int:need_id>/answers")
@allow(Audience.ENTERPRISE, Audience.ORGANISER)
def answer(need_id: int) -> ResponseReturnValue:
    """Keep answers: keyed in by the organiser after a call, or given by the firm from its own account."""
    page = page_for_owner(need_id)
    row = pending_enquiry(session_here(), need_id)
    if row is None:
        raise NotFound("没有等待答复的问题，可能已经答复过。请刷新页面。")
    organiser = actor_here().organises
    texts = {name: request.form[name] for name in request.form if name.startswith("answer_")}
    answers = {
        name.removeprefix("answer_"): text.replace("\r\n", "\n")[:5000] for name, text in texts.items()
    }
    try:
        service.answer_questions(
            session_here(),
            actor_here(),
            enquiry_id=row.id,
            answers=answers,
            channel="phone" if organiser else "form",
            who=request.form.get("who", "").strip() if organiser else "",
        )
    except InvalidInput as refused:
        if not organiser:
            raise
        session_here().rollback()
        return _page(page, problems=list(refused.problems), texts=texts), 422
    flash(_("已记下答复，请核对后采用") if organiser else _("已收到，主办方核对后会写进需求"), "success")
    return back(url_for("needs.questions" if organiser else "needs.detail", need_id=need_id))


@blueprint.post("/needs/<int:need_id>/answers/take")
@allow(Audience.ORGANISER)
def take(need_id: int) -> ResponseReturnValue:
    """Write the answers into the need as they stand in the form, or leave the need as it is."""
    page = page_for_owner(need_id)
    row = _pending(need_id)
    if request.form.get("act") == "dismiss":
        service.dismiss_answers(session_here(), actor_here(), enquiry_id=row.id)
        flash(_("没有采用，需求保持原样；答复仍可查看"), "success")
        return back(url_for("needs.questions", need_id=need_id))
    texts = {
        one["field"]: request.form.get(f"text_{one['field']}", "").replace("\r\n", "\n")
        for one in row.proposal
        if request.form.get(f"take_{one['field']}")
    }
    try:
        need = service.take_answers(
            session_here(), actor_here(), enquiry_id=row.id, texts=texts, version=version()
        )
    except InvalidInput as refused:
        session_here().rollback()
        return _page(page, problems=list(refused.problems)), 422
    flash(_("已写进需求，原来的文字留在改动记录里"), "success")
    remark_on_contacts(*texts.values())
    if need.public_text:
        flash(_("公开文本没有跟着变，请看看要不要补充"), "info")
        return back(url_for("needs.publication", need_id=need_id))
    return back(url_for("needs.detail", need_id=need_id))


@blueprint.post("/needs/<int:need_id>/questions/stop")
@allow(Audience.ORGANISER)
def stop_asking(need_id: int) -> ResponseReturnValue:
    """End the open questions; their links no longer work."""
    service.stop_asking(session_here(), actor_here(), need_id=need_id)
    flash(_("已结束提问，链接不再有效"), "success")
    return back(url_for("needs.questions", need_id=need_id))


@blueprint.post("/needs/<int:need_id>/questions/renew")
@allow(Audience.ORGANISER)
def renew_link(need_id: int) -> ResponseReturnValue:
    """Make a new answer link where the old one has expired."""
    service.renew_link(session_here(), actor_here(), settings_here(), need_id=need_id)
    flash(_("已生成新的答复链接"), "success")
    return back(url_for("needs.questions", need_id=need_id))


@blueprint.get("/needs/<int:need_id>/script")
@allow(Audience.ORGANISER)
def script(need_id: int) -> ResponseReturnValue:
    """Show the telephone script with the contact masked."""
    return _script([page_for_owner(need_id)], open_contacts=False)


@blueprint.post("/needs/scripts")
@allow(Audience.ORGANISER)
def scripts() -> ResponseReturnValue:
    """Show the scripts of the ticked needs with full contacts, one sheet each; who printed them is logged."""
    pages = [page for need_id in ticked()[:200] if (page := need_page(session_here(), need_id))]
    if not pages:
        raise Refused(_("请先勾选要打印电话稿的需求。"))
    people = [page.contact.id for page in pages if page.contact]
    log_export(session_here(), actor_here(), people, _("打印电话稿"))
    return _script(pages, open_contacts=True)


def _script(pages: list[NeedPage], *, open_contacts: bool) -> str:
    session = session_here()
    themes = trades(session)
    sheets = []
    for page in pages:
        row = pending_enquiry(session, page.line.id)
        asked = _stored(row) if row else advise(page.line.need, themes).questions
        sheets.append((page, asked or questions_for(page.line.need, themes)[:MOST_QUESTIONS]))
    return render_template("needs/script.html", sheets=sheets, open_contacts=open_contacts)


def _stored(row: NeedEnquiry) -> tuple[Question, ...]:
    return tuple(Question(**one) for one in row.questions)


def _pending(need_id: int) -> NeedEnquiry:
    row = pending_enquiry(session_here(), need_id)
    if row is None:
        raise NotFound("没有等待处理的答复，可能已经处理过。请刷新页面。")
    return row


def _page(
    page: NeedPage, *, problems: list[Problem] | None = None, texts: dict[str, str] | None = None
) -> str:
    session, need = session_here(), page.line.need
    themes = trades(session)
    pending = pending_enquiry(session, need.id)
    waiting = pending is not None and pending.state is EnquiryState.OPEN
    return render_template(
        "needs/questions.html",
        page=page,
        need=need,
        enquiry=pending,
        address=service.address_to_pass_on(session, settings_here(), pending) if pending and waiting else "",
        earlier=[row for row in enquiries_of(session, need.id) if pending is None or row.id != pending.id],
        advice=advise(need, themes),
        offered=questions_for(need, themes),
        askable=need.status in service.ASKABLE,
        texts=texts or {},
        labels=service.FIELD_LABELS,
        problems=problems or [],
        contacts_told=contacts_in("\n".join(pending.answers.values())) if pending else (),
    )


def _ticked_questions(page: NeedPage) -> list[Question]:
    """Return the ticked questions in the words that the organiser left them in."""
    offered = {one.code: one for one in questions_for(page.line.need, trades(session_here()))}
    chosen = []
    for code in request.form.getlist("codes"):
        words = request.form.get(f"words_{code}", "").strip()[:_LONGEST]
        if code in offered:
            one = offered[code]
            chosen.append(Question(code=code, field=one.field, text=words or one.text, example=one.example))
    own = request.form.get("words_own", "").strip()[:_LONGEST]
    if own:
        chosen.append(Question(code=_OWN, field="background", text=own, example=""))
    return chosen
