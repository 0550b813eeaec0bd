"""The forms of the ledger: intentions, agreements, contracts; values read and problems gathered."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from matchmaker import clock
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import (
    SUPPLY_KINDS,
    AgreementKind,
    ApprovalState,
    ContractKind,
    IntentLevel,
    OrganisationKind,
)
from matchmaker.errors import InvalidInput
from matchmaker.resources import config_json
from matchmaker.services import contracts, outcomes
from matchmaker.services.contracts import AgreementDraft, ContractDraft
from matchmaker.services.outcomes import IntentDraft
from matchmaker.store.tables import Intent, Need, Organisation
from matchmaker.web.frame import actor_here, session_here

_FEN = 1_000_000


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
        said = self.text(name).replace(",", "").replace("，", "").replace(" ", "")
        word = said.removesuffix("元").removesuffix("万") if "万" in said else said
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


def record_intent(reader: FormReader) -> str:
    """Record the intention that the form describes; return the address of its page."""
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
    row = outcomes.record_intent(session_here(), actor_here(), draft)
    return url_for("tracking.intent", intent_id=row.id)


def sign_agreement(reader: FormReader) -> str:
    """Record the agreement that the form describes; return the address of its page."""
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
    row = contracts.sign_agreement(session_here(), actor_here(), draft)
    return url_for("tracking.agreement", agreement_id=row.id)


def sign_contract(reader: FormReader) -> str:
    """Record the technology contract that the form describes; return the address of its page."""
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
    row = contracts.sign_contract(session_here(), actor_here(), draft)
    return url_for("tracking.contract", contract_id=row.id)


def take(template: str, read: Callable[[FormReader], str], thanks: str) -> ResponseReturnValue:
    """Take a posted form: go on where `read` leads, or show it again with its problems."""
    try:
        target = read(FormReader())
    except InvalidInput as refused:
        session_here().rollback()
        return form_page(template, dict(request.form), list(refused.problems)), 422
    flash(thanks, "success")
    return redirect(target, 303)


def form_page(template: str, values: dict[str, Any], problems: list[Problem]) -> str:
    """Show a form with its choices."""
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


def prefilled(**usual: str) -> dict[str, Any]:
    """Return what a form starts with: the meeting, intention or need it was opened from."""
    values: dict[str, Any] = dict(usual)
    need_id = request.args.get("need", "")
    row = _asked_intent()
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


def _asked_intent() -> Intent | None:
    for name, column in (("intent", Intent.id), ("pairing", Intent.pairing_id)):
        word = request.args.get(name, "")
        if word.isdecimal() and len(word) < 10:
            return session_here().scalars(select(Intent).where(column == int(word)).limit(1)).first()
    return None


def _parties(kinds: Any) -> list[tuple[str, str]]:
    rows = session_here().execute(
        select(Organisation.id, Organisation.name)
        .where(Organisation.kind.in_(kinds), Organisation.status == ApprovalState.APPROVED)
        .order_by(Organisation.name)
    )
    return [(str(row.id), row.name) for row in rows]


def _subtypes() -> list[tuple[str, str]]:
    kinds = config_json("contract_types")["types"]
    return [(sub["id"], f"{_(kind['zh'])} · {_(sub['zh'])}") for kind in kinds for sub in kind.get("sub", ())]
