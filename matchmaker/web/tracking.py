"""The ledger of what came of it, and the list of what is owed."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from matchmaker import clock, wording
from matchmaker.domain import figures
from matchmaker.domain.figures import Period
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import (
    SUPPLY_KINDS,
    AgreementKind,
    ApprovalState,
    ContractKind,
    ContractState,
    IntentLevel,
    MeetingOutcome,
    OrganisationKind,
)
from matchmaker.errors import InvalidInput, NotFound
from matchmaker.files.exports import CellKind, ColumnSpec, SheetSpec, workbook
from matchmaker.resources import config_json
from matchmaker.services import outcomes as service
from matchmaker.services.outcomes import AgreementDraft, ContractDraft, IntentDraft
from matchmaker.store.queries import tracking as queries
from matchmaker.store.queries.needs import history_of
from matchmaker.store.tables import Event, Evidence, Intent, Need, Organisation, Pairing, TechContract
from matchmaker.web.access import Audience, allow
from matchmaker.web.frame import actor_here, session_here

blueprint = Blueprint("tracking", __name__)
_RUNGS = ("intent", "agreement", "contract", "registered")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FEN = 1_000_000
_INLINE = frozenset({"application/pdf", "image/png", "image/jpeg"})


@blueprint.get("/tracking")
@allow(Audience.ORGANISER)
def index() -> ResponseReturnValue:
    """Show every deal on its rung, with the totals by the metric rules."""
    deals = queries.deals(session_here(), search=request.args.get("q", "")[:100])
    if request.args.get("format") == "xlsx":
        return _workbook(deals)
    rungs = [(rung, [deal for deal in deals if deal.rung == rung]) for rung in _RUNGS]
    return render_template(
        "tracking/index.html",
        rungs=rungs,
        totals=totals(),
        search=request.args.get("q", ""),
        year=clock.today().year,
    )


def totals() -> dict[str, Any]:
    """Return this year's figures, each with the ids behind it."""
    session, today = session_here(), clock.today()
    year = Period(start=date(today.year, 1, 1), end=date(today.year, 12, 31))
    contracts = queries.contract_facts(session)
    return {
        "intents": figures.intents_reached(queries.intent_facts(session), year),
        "agreements": figures.agreements_signed(queries.agreement_facts(session), year),
        "contracts": figures.contracts_registered(contracts, year),
        "value_fen": figures.contract_value(contracts, year),
        "turnover": figures.turnover(contracts, year),
        "waiting": figures.contracts_waiting(contracts),
    }


@blueprint.get("/tracking/debts")
@allow(Audience.ORGANISER)
def debts() -> ResponseReturnValue:
    """Show what is owed, longest first."""
    lines = queries.open_debts(session_here(), today=clock.today())
    return render_template("tracking/debts.html", lines=lines)


@blueprint.get("/tracking/events/<int:event_id>")
@allow(Audience.ORGANISER)
def event(event_id: int) -> ResponseReturnValue:
    """Show an event's meetings, each with its outcome or a place to record it."""
    row = session_here().get(Event, event_id)
    if row is None:
        raise NotFound()
    talks = queries.talks_of_event(session_here(), event_id)
    return render_template("tracking/event.html", event=row, talks=talks)


@blueprint.get("/tracking/pairings/<int:pairing_id>")
@allow(Audience.ORGANISER)
def talk(pairing_id: int) -> ResponseReturnValue:
    """Go to one meeting's place on its event's page."""
    pairing = session_here().get(Pairing, pairing_id)
    if pairing is None:
        raise NotFound()
    return redirect(url_for("tracking.event", event_id=pairing.event_id, _anchor=f"talk-{pairing_id}"))


@blueprint.post("/tracking/pairings/<int:pairing_id>/outcome")
@allow(Audience.ORGANISER)
def outcome(pairing_id: int) -> ResponseReturnValue:
    """Record what a meeting came to."""
    word = request.form.get("outcome", "")
    if word not in set(MeetingOutcome):
        raise InvalidInput([Problem(field="outcome", code="missing", message="请选择洽谈结果。")])
    pairing = service.record_outcome(
        session_here(),
        actor_here(),
        pairing_id=pairing_id,
        outcome=MeetingOutcome(word),
        note=request.form.get("note", ""),
    )
    flash(_("已记录洽谈结果"), "success")
    return redirect(url_for("tracking.event", event_id=pairing.event_id, _anchor=f"talk-{pairing_id}"), 303)


@blueprint.get("/tracking/intents/new")
@allow(Audience.ORGANISER)
def new_intent() -> ResponseReturnValue:
    """Show the form for an intention."""
    return _form("tracking/intent_form.html", _prefilled(level="verbal"), [])


@blueprint.post("/tracking/intents/new")
@allow(Audience.ORGANISER)
def create_intent() -> ResponseReturnValue:
    """Record an intention."""
    return _take("tracking/intent_form.html", _intent, _("已记录合作意向"))


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
    service.record_news(
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
    return _form("tracking/agreement_form.html", _prefilled(kind="framework"), [])


@blueprint.post("/tracking/agreements/new")
@allow(Audience.ORGANISER)
def create_agreement() -> ResponseReturnValue:
    """Record an agreement."""
    return _take("tracking/agreement_form.html", _agreement, _("已记录签约"))


@blueprint.get("/tracking/contracts/new")
@allow(Audience.ORGANISER)
def new_contract() -> ResponseReturnValue:
    """Show the form for a technology contract."""
    return _form("tracking/contract_form.html", _prefilled(kind="development"), [])


@blueprint.post("/tracking/contracts/new")
@allow(Audience.ORGANISER)
def create_contract() -> ResponseReturnValue:
    """Record a technology contract."""
    return _take("tracking/contract_form.html", _contract, _("已记录技术合同"))


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
        service.register_contract(
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
    service.move_contract(
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
    service.add_evidence(
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
    if kind == "intent":
        return redirect(url_for("tracking.intent", intent_id=subject_id), 303)
    if kind == "contract":
        return redirect(url_for("tracking.contract", contract_id=subject_id), 303)
    return redirect(url_for("tracking.index"), 303)


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


class FormReader:
    """Reads typed values of the posted form and gathers what is wrong with them."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def text(self, name: str) -> str:
        """Return a trimmed text."""
        return request.form.get(name, "").strip()

    def number(self, name: str) -> int | None:
        """Return an id, or None."""
        word = self.text(name)
        return int(word) if word.isdecimal() and len(word) < 12 else None

    def party(self, name: str, what: str) -> int:
        """Return the id of a chosen organisation; 0 and a problem when none was."""
        found = self.number(name)
        if found is None or session_here().get(Organisation, found) is None:
            self._problems.append(Problem(field=name, code="missing", message=f"请选择{what}。"))
            return 0
        return found

    def day(self, name: str) -> date | None:
        """Return a day, or None when the field is empty."""
        word = self.text(name)
        if not word:
            return None
        try:
            return date.fromisoformat(word)
        except ValueError:
            self._problems.append(
                Problem(
                    field=name, code="unread", message=f"日期“{word}”读不出来，请写成 2026-11-24 的样子。"
                )
            )
            return None

    def money(self, name: str) -> int | None:
        """Return an amount given in 万元 as fen, or None when the field is empty."""
        word = self.text(name).replace(",", "").replace("，", "")
        if not word:
            return None
        try:
            amount = Decimal(word) * _FEN
            if not amount.is_finite() or abs(amount) > 10**17:
                raise InvalidOperation
            return int(amount.to_integral_value())
        except InvalidOperation:
            self._problems.append(
                Problem(field=name, code="unread", message=f"金额“{word}”读不出来，请只写数字（单位万元）。")
            )
            return None

    def finish(self) -> None:
        """Raise InvalidInput when a value could not be read."""
        if self._problems:
            raise InvalidInput(self._problems)


def _intent(reader: FormReader) -> str:
    word = reader.text("level")
    draft = IntentDraft(
        enterprise_id=reader.party("enterprise_id", "企业"),
        partner_id=reader.party("partner_id", "院校"),
        matter=reader.text("matter"),
        level=IntentLevel(word) if word in set(IntentLevel) else IntentLevel.CONTACTED,
        reached_on=reader.day("reached_on"),
        need_id=reader.number("need_id"),
        amount_fen=reader.money("amount"),
        witness=reader.text("witness"),
        note=reader.text("note"),
    )
    reader.finish()
    row = service.record_intent(session_here(), actor_here(), draft)
    return url_for("tracking.intent", intent_id=row.id)


def _agreement(reader: FormReader) -> str:
    word = reader.text("kind")
    draft = AgreementDraft(
        kind=AgreementKind(word) if word in set(AgreementKind) else AgreementKind.OTHER,
        title=reader.text("title"),
        enterprise_id=reader.party("enterprise_id", "企业"),
        partner_id=reader.party("partner_id", "院校"),
        signed_on=reader.day("signed_on"),
        valid_to=reader.day("valid_to"),
        intent_id=reader.number("intent_id"),
        need_id=reader.number("need_id"),
        amount_fen=reader.money("amount"),
        note=reader.text("note"),
    )
    reader.finish()
    service.sign_agreement(session_here(), actor_here(), draft)
    return url_for("tracking.index")


def _contract(reader: FormReader) -> str:
    word = reader.text("kind")
    draft = ContractDraft(
        kind=ContractKind(word) if word in set(ContractKind) else ContractKind.DEVELOPMENT,
        subtype=reader.text("subtype"),
        title=reader.text("title"),
        buyer_id=reader.party("buyer_id", "买方（受让方、委托方）"),
        seller_id=reader.party("seller_id", "卖方（让与方、受托方）"),
        amount_total_fen=reader.money("amount_total"),
        amount_tech_fen=reader.money("amount_tech"),
        signed_on=reader.day("signed_on"),
        registration_no=reader.text("registration_no"),
        registered_on=reader.day("registered_on"),
        registration_office=reader.text("registration_office"),
        valid_to=reader.day("valid_to"),
        intent_id=reader.number("intent_id"),
        need_id=reader.number("need_id"),
        note=reader.text("note"),
    )
    reader.finish()
    row = service.sign_contract(session_here(), actor_here(), draft)
    return url_for("tracking.contract", contract_id=row.id)


def _take(template: str, read: Callable[[FormReader], str], thanks: str) -> ResponseReturnValue:
    try:
        target = read(FormReader())
    except InvalidInput as refused:
        session_here().rollback()
        return _form(template, dict(request.form), list(refused.problems)), 422
    flash(thanks, "success")
    return redirect(target, 303)


def _form(template: str, values: dict[str, Any], problems: list[Problem]) -> str:
    return render_template(
        template,
        form=values,
        problems=problems,
        enterprises=_parties({OrganisationKind.ENTERPRISE}),
        partners=_parties(SUPPLY_KINDS),
        everyone=_parties(frozenset(OrganisationKind)),
        subtypes=_subtypes(),
        today=clock.today().isoformat(),
    )


def _prefilled(**usual: str) -> dict[str, Any]:
    """Return what a form starts with: the intention or need it was opened from."""
    values: dict[str, Any] = dict(usual)
    intent_id, need_id = request.args.get("intent", ""), request.args.get("need", "")
    row = session_here().get(Intent, int(intent_id)) if intent_id.isdecimal() else None
    if row is not None:
        values |= {
            "intent_id": row.id,
            "need_id": row.need_id or "",
            "enterprise_id": str(row.enterprise_id),
            "partner_id": str(row.partner_id),
            "buyer_id": str(row.enterprise_id),
            "seller_id": str(row.partner_id),
            "title": row.matter,
            "matter": row.matter,
        }
    need = session_here().get(Need, int(need_id)) if need_id.isdecimal() else None
    if need is not None:
        values |= {
            "need_id": need.id,
            "enterprise_id": str(need.organisation_id),
            "matter": need.title,
            "buyer_id": str(need.organisation_id),
        }
    return values


def _parties(kinds: Any) -> list[tuple[str, str]]:
    rows = session_here().execute(
        select(Organisation.id, Organisation.name)
        .where(Organisation.kind.in_(kinds), Organisation.status == ApprovalState.APPROVED)
        .order_by(Organisation.name)
    )
    return [(str(row.id), row.name) for row in rows]


def _subtypes() -> list[tuple[str, str]]:
    kinds = config_json("contract_types")["types"]
    return [(sub["id"], f"{kind['zh']} · {sub['zh']}") for kind in kinds for sub in kind.get("sub", ())]


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


_RUNG_NAMES = {
    "intent": "合作意向",
    "agreement": "签约协议",
    "contract": "技术合同（未登记）",
    "registered": "已登记技术合同",
}
_STATE_LISTS = {"intent": "intent_level", "agreement": "agreement_kind"}


def _workbook(deals: list[queries.Deal]) -> Response:
    columns = (
        ColumnSpec(key="rung", header="阶段"),
        ColumnSpec(key="title", header="事项或合同名称", width=40),
        ColumnSpec(key="enterprise", header="企业", width=28),
        ColumnSpec(key="partner", header="院校", width=28),
        ColumnSpec(key="on", header="日期", kind=CellKind.DATE),
        ColumnSpec(key="amount_fen", header="金额（万元）", kind=CellKind.WAN),
        ColumnSpec(key="state", header="状态"),
    )
    rows = [
        {
            "rung": _RUNG_NAMES[deal.rung],
            "title": deal.title,
            "enterprise": deal.enterprise,
            "partner": deal.partner,
            "on": deal.on,
            "amount_fen": deal.amount_fen,
            "state": wording.label(_STATE_LISTS.get(deal.rung, "contract_status"), deal.state),
        }
        for deal in deals
    ]
    content = workbook(
        [SheetSpec(name="跟踪台账", columns=columns, rows=rows, title=f"跟踪台账（{clock.today()}）")]
    )
    return send_file(BytesIO(content), mimetype=_XLSX, as_attachment=True, download_name="跟踪台账.xlsx")
