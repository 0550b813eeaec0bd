"""The need form: from what a browser sends to a draft, and from a need back to what a form shows."""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from matchmaker.domain.dates import parse_period
from matchmaker.domain.needs import NeedDraft
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ConsentScope, Disclosure
from matchmaker.domain.values import parse_money, split_list
from matchmaker.store.tables import Need, Person
from matchmaker.web.achievement_form import too_many_keywords

_TEXTS = (
    *("title", "problem", "key_points", "goal", "background", "conditions", "need_type", "activity_type"),
    *("industry", "budget_text", "period_text", "town", "wished_partner"),
    *("contact_name", "contact_phone", "contact_email"),
)
_MOST_KEYWORDS = 5
_WAN_FEN = 1_000_000


def read_form(form: "MultiDict[str, str]") -> tuple[NeedDraft, list[Problem]]:
    """Return the draft a form holds, and what its values themselves have wrong."""
    texts = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in _TEXTS}
    money = parse_money(texts["budget_text"], unit_fen=_WAN_FEN) if texts["budget_text"] else None
    period = parse_period(texts["period_text"]) if texts["period_text"] else None
    draft = NeedDraft(
        **texts,
        keywords=split_list(form.get("keywords", "")),
        coop_modes=tuple(form.getlist("coop_modes")),
        fields=tuple(form.getlist("fields")),
        budget_min_fen=money.value.low_fen if money and money.value else None,
        budget_max_fen=money.value.high_fen if money and money.value else None,
        period_from=period.value.start if period and period.value else None,
        period_to=period.value.end if period and period.value else None,
        disclosure=_disclosure(form.get("disclosure", "")),
        consents=frozenset(scope.value for scope in ConsentScope if form.get(f"consent_{scope.value}")),
    )
    problems = [*_value_problems("budget_text", money), *_value_problems("period_text", period)]
    return draft, [*problems, *too_many_keywords(draft.keywords, most=_MOST_KEYWORDS)]


def _value_problems(field: str, parsed: Any) -> list[Problem]:
    if parsed is None:
        return []
    return [
        Problem(field=field, code=problem.code, message=problem.message, severity=problem.severity)
        for problem in parsed.problems
    ]


def _disclosure(word: str) -> Disclosure:
    return Disclosure(word) if word in set(Disclosure) else Disclosure.MASKED


def values_of_form(form: "MultiDict[str, str]") -> dict[str, Any]:
    """Return what the form shows again after a refusal: every word kept."""
    values: dict[str, Any] = {name: form.get(name, "") for name in (*_TEXTS, "keywords", "disclosure")}
    values |= {"coop_modes": form.getlist("coop_modes"), "fields": form.getlist("fields")}
    return values | {
        f"consent_{scope.value}": bool(form.get(f"consent_{scope.value}")) for scope in ConsentScope
    }


def values_of_need(need: Need, contact: Person | None, ticks: Mapping[str, bool]) -> dict[str, Any]:
    """Return what the form shows of a stored need."""
    stored = (name for name in _TEXTS if not name.startswith("contact_"))
    values: dict[str, Any] = {name: getattr(need, name) for name in stored}
    values |= {
        "keywords": "、".join(need.keywords),
        "disclosure": need.disclosure.value,
        "coop_modes": need.coop_modes,
        "fields": need.fields,
        "contact_name": contact.name if contact else "",
        "contact_phone": contact.phone if contact else "",
        "contact_email": contact.email if contact else "",
    }
    return values | {f"consent_{scope.value}": ticks.get(scope.value, False) for scope in ConsentScope}
