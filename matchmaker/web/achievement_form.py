"""The achievement form: from what a browser sends to a draft, and from an achievement to the form."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from matchmaker.domain.achievements import AchievementDraft
from matchmaker.domain.identifiers import parse_patents
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import ConsentScope, Disclosure, RecordType
from matchmaker.domain.values import parse_date, parse_money, parse_phones, split_list
from matchmaker.services.achievements import ContactDraft
from matchmaker.store.tables import Achievement, Person

_TEXTS = (
    *("record_type", "title", "owner_text", "summary", "application", "field_text", "industry"),
    *("authors_text", "maturity", "tech_level", "ach_form", "price_text", "ip_type", "classification"),
    *("region", "contact_name", "contact_phone", "contact_email", "completed_on"),
)
_LINES = ("title", "owner_text", "authors_text", "price_text", "region", "classification", "industry")
_BREAKS = re.compile(r"\s*[\r\n]\s*")
_MOST_KEYWORDS = 10
_WAN_FEN = 1_000_000


def read_form(
    form: "MultiDict[str, str]",
) -> tuple[AchievementDraft, ContactDraft, dict[ConsentScope, bool], list[Problem]]:
    """Return the draft, the contact and the ticks a form holds, and what its values have wrong."""
    texts = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in _TEXTS}
    for name in _LINES:
        texts[name] = _BREAKS.sub(" ", texts[name])
    price = parse_money(texts["price_text"], unit_fen=_WAN_FEN)
    completed = parse_date(texts["completed_on"])
    phones = parse_phones(texts["contact_phone"])
    patents = parse_patents(form.get("patent_nos", "")).value or ()
    draft = AchievementDraft(
        record_type=_member(RecordType, texts["record_type"], RecordType.ACHIEVEMENT),
        title=texts["title"],
        owner_text=texts["owner_text"],
        summary=texts["summary"],
        application=texts["application"],
        keywords=split_list(form.get("keywords", "")),
        fields=tuple(form.getlist("fields")),
        industry=texts["industry"],
        authors_text=texts["authors_text"],
        maturity=texts["maturity"],
        tech_level=texts["tech_level"],
        ach_form=texts["ach_form"],
        coop_modes=tuple(form.getlist("coop_modes")),
        price_text=texts["price_text"],
        price_min_fen=price.value.low_fen if price.value else None,
        price_max_fen=price.value.high_fen if price.value else None,
        ip_type=texts["ip_type"],
        patent_nos=tuple(str(patent) for patent in patents),
        classification=texts["classification"],
        completed_on=completed.value,
        region=texts["region"],
        disclosure=_member(Disclosure, form.get("disclosure", ""), Disclosure.PUBLIC),
    )
    contact = ContactDraft(
        name=texts["contact_name"],
        phone=texts["contact_phone"],
        email=texts["contact_email"],
    )
    ticks = {scope: bool(form.get(f"consent_{scope.value}")) for scope in ConsentScope}
    problems = [
        Problem(field=field, code=problem.code, message=problem.message)
        for field, parsed in (("price_text", price), ("completed_on", completed), ("contact_phone", phones))
        for problem in parsed.problems
        if parsed.value is None
    ]
    if form.get("patent_nos", "").strip() and not patents:
        message = "没有认出专利号，请写成“ZL201910123456.7”或“CN110123456A”。"
        problems.append(Problem(field="patent_nos", code="patent_unreadable", message=message))
    return draft, contact, ticks, [*problems, *too_many_keywords(draft.keywords, most=_MOST_KEYWORDS)]


def too_many_keywords(keywords: Sequence[str], *, most: int) -> list[Problem]:
    """Return that more keywords were written than are kept; dropping the last ones would be a loss unseen."""
    if len(keywords) <= most:
        return []
    message = f"关键词最多 {most} 个，现在有 {len(keywords)} 个，请留下最要紧的。"
    return [Problem(field="keywords", code="too_many", message=message)]


def _member(kind: Any, word: str, fallback: Any) -> Any:
    return kind(word) if word in set(kind) else fallback


def values_of_form(form: "MultiDict[str, str]") -> dict[str, Any]:
    """Return what the form shows again after a refusal: every word kept."""
    values: dict[str, Any] = {
        name: form.get(name, "") for name in (*_TEXTS, "keywords", "patent_nos", "disclosure")
    }
    values |= {"coop_modes": form.getlist("coop_modes"), "fields": form.getlist("fields")}
    return values | {
        f"consent_{scope.value}": bool(form.get(f"consent_{scope.value}")) for scope in ConsentScope
    }


def values_of_achievement(
    achievement: Achievement, contact: Person | None, ticks: Mapping[str, bool]
) -> dict[str, Any]:
    """Return what the form shows of a stored achievement."""
    stored = (name for name in _TEXTS if not name.startswith("contact_"))
    values: dict[str, Any] = {name: getattr(achievement, name) for name in stored}
    values |= {
        "keywords": "、".join(achievement.keywords),
        "patent_nos": "；".join(achievement.patent_nos),
        "coop_modes": achievement.coop_modes,
        "fields": achievement.fields,
        "disclosure": achievement.disclosure.value,
        "completed_on": achievement.completed_on.isoformat() if achievement.completed_on else "",
        "contact_name": contact.name if contact else "",
        "contact_phone": contact.phone if contact else "",
        "contact_email": contact.email if contact else "",
    }
    return values | {f"consent_{scope.value}": ticks.get(scope.value, False) for scope in ConsentScope}
