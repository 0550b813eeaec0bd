"""Intentions, agreements and technology contracts: recorded, looked at, moved on, proved by papers."""

from io import BytesIO
from typing import Any

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ContractState
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.services import contracts
from matchmaker.services import evidence as papers
from matchmaker.services.outcomes import record_news
from matchmaker.store.queries.needs import history_of
from matchmaker.store.tables import Agreement, Evidence, Intent, Organisation, TechContract
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here
from matchmaker.web.presentation import link
from matchmaker.web.tracking import blueprint
from matchmaker.web.tracking_form import (
    FormReader,
    form_page,
    prefilled,
    record_intent,
    sign_agreement,
    sign_contract,
    take,
)

_INLINE = frozenset({"application/pdf", "image/png", "image/jpeg"})


@blueprint.get("/tracking/intents/new")
@allow(Audience.ORGANISER)
def new_intent() -> ResponseReturnValue:
    """Show the form for an intention."""
    return form_page("tracking/intent_form.html", prefilled(level="verbal"), [])


@blueprint.post("/tracking/intents/new")
@allow(Audience.ORGANISER)
def create_intent() -> ResponseReturnValue:
    """Record an intention."""
    return take("tracking/intent_form.html", record_intent, _("已记录合作意向"))


@blueprint.get("/tracking/intents/<int:intent_id>")
@allow(Audience.ORGANISER)
def intent(intent_id: int) -> ResponseReturnValue:
    """Show one intention with its parties, papers and news."""
    row = session_here().get(Intent, intent_id)
    if row is None:
        raise NotFound()
    return render_template(
        "tracking/intent.html",
        intent=row,
        names=_names(row.enterprise_id, row.partner_id),
        papers=_papers("intent", intent_id),
    )


@blueprint.post("/tracking/intents/<int:intent_id>/news")
@allow(Audience.ORGANISER)
def news(intent_id: int) -> ResponseReturnValue:
    """Record news of an intention."""
    record_news(
        session_here(),
        actor_here(),
        intent_id=intent_id,
        note=request.form.get("note", ""),
        ended=bool(request.form.get("ended")),
    )
    flash(_("已记录进展"), "success")
    return redirect(url_for("tracking.intent", intent_id=intent_id), 303)


@blueprint.get("/tracking/agreements/new")
@allow(Audience.ORGANISER)
def new_agreement() -> ResponseReturnValue:
    """Show the form for an agreement."""
    return form_page("tracking/agreement_form.html", prefilled(kind="framework"), [])


@blueprint.post("/tracking/agreements/new")
@allow(Audience.ORGANISER)
def create_agreement() -> ResponseReturnValue:
    """Record an agreement."""
    return take("tracking/agreement_form.html", sign_agreement, _("已记录签约"))


@blueprint.get("/tracking/agreements/<int:agreement_id>")
@allow(Audience.ORGANISER)
def agreement(agreement_id: int) -> ResponseReturnValue:
    """Show one agreement with its parties and papers."""
    row = session_here().get(Agreement, agreement_id)
    if row is None:
        raise NotFound()
    return render_template(
        "tracking/agreement.html",
        agreement=row,
        names=_names(row.enterprise_id, row.partner_id),
        papers=_papers("agreement", agreement_id),
    )


@blueprint.get("/tracking/contracts/new")
@allow(Audience.ORGANISER)
def new_contract() -> ResponseReturnValue:
    """Show the form for a technology contract."""
    return form_page("tracking/contract_form.html", prefilled(kind="development"), [])


@blueprint.post("/tracking/contracts/new")
@allow(Audience.ORGANISER)
def create_contract() -> ResponseReturnValue:
    """Record a technology contract."""
    return take("tracking/contract_form.html", sign_contract, _("已记录技术合同"))


@blueprint.get("/tracking/contracts/<int:contract_id>")
@allow(Audience.ORGANISER)
def contract(contract_id: int) -> ResponseReturnValue:
    """Show one contract, its registration and its papers."""
    return _contract_page(contract_id, {}, [])


@blueprint.post("/tracking/contracts/<int:contract_id>/register")
@allow(Audience.ORGANISER)
def register(contract_id: int) -> ResponseReturnValue:
    """Record a contract's registration."""
    reader = FormReader()
    try:
        contracts.register_contract(
            session_here(),
            actor_here(),
            contract_id=contract_id,
            registration_no=reader.text("registration_no"),
            registered_on=reader.day("registered_on"),
            amount_tech_fen=reader.money("amount_tech"),
        )
        reader.finish()
    except InvalidInput as refused:
        session_here().rollback()
        return _contract_page(contract_id, dict(request.form), list(refused.problems)), 422
    flash(_("已记录认定登记"), "success")
    return redirect(url_for("tracking.contract", contract_id=contract_id), 303)


@blueprint.post("/tracking/contracts/<int:contract_id>/move")
@allow(Audience.ORGANISER)
def move_contract(contract_id: int) -> ResponseReturnValue:
    """Move a contract on: performing, completed, terminated, revoked."""
    word = request.form.get("to", "")
    if word not in set(ContractState):
        raise InvalidInput([Problem(field="to", code="unknown", message="请选择合同的新状态。")])
    parts = (request.form.get("reason", ""), request.form.get("note", ""))
    contracts.move_contract(
        session_here(),
        actor_here(),
        contract_id=contract_id,
        to=ContractState(word),
        reason="；".join(part for part in parts if part.strip()),
    )
    flash(_("已更新合同状态"), "success")
    return redirect(url_for("tracking.contract", contract_id=contract_id), 303)


@blueprint.post("/tracking/<any(intent, agreement, contract, need):kind>/<int:subject_id>/evidence")
@allow(Audience.ORGANISER)
def add_evidence(kind: str, subject_id: int) -> ResponseReturnValue:
    """Keep an uploaded paper."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise InvalidInput([Problem(field="file", code="missing", message="请先选择要上传的文件。")])
    papers.add_evidence(
        session_here(),
        actor_here(),
        kind=kind,
        subject_id=subject_id,
        filename=sent.filename.replace("\\", "/").rsplit("/", 1)[-1],
        media_type=sent.mimetype or "application/octet-stream",
        content=sent.read(),
        note=request.form.get("note", ""),
    )
    flash(_("已上传佐证材料"), "success")
    return redirect(_page_of(kind, subject_id), 303)


def _page_of(kind: str, subject_id: int) -> str:
    if kind == "need":
        return url_for("needs.detail", need_id=subject_id)
    return link(f"tracking.{kind}", **{f"{kind}_id": subject_id})


@blueprint.get("/tracking/evidence/<int:evidence_id>")
@allow(Audience.ORGANISER)
def evidence(evidence_id: int) -> Response:
    """Send a paper, always as a download."""
    row = session_here().get(Evidence, evidence_id)
    if row is None:
        raise NotFound()
    media_type = row.media_type if row.media_type in _INLINE else "application/octet-stream"
    return send_file(
        BytesIO(row.content), mimetype=media_type, as_attachment=True, download_name=row.filename
    )


def _contract_page(contract_id: int, form: dict[str, Any], problems: list[Problem]) -> str:
    row = session_here().get(TechContract, contract_id)
    if row is None:
        raise NotFound()
    return render_template(
        "tracking/contract.html",
        contract=row,
        names=_names(row.buyer_id, row.seller_id),
        papers=_papers("contract", contract_id),
        history=history_of(session_here(), "contract", contract_id),
        form=form,
        problems=problems,
    )


def _names(*ids: int) -> list[str]:
    return [session_here().get_one(Organisation, i).name for i in ids]


def _papers(kind: str, subject_id: int) -> list[Evidence]:
    return list(
        session_here().scalars(
            select(Evidence)
            .where(Evidence.subject_kind == kind, Evidence.subject_id == subject_id)
            .order_by(Evidence.id)
        )
    )
