"""What each column of a list that goes in again says: the headers of config/columns.json, their words.

Enums are written by their first name and amounts and days exactly, so that reading them finds what was
written. `line.thing` is the need, achievement, person or contract itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from matchmaker import wording
from matchmaker.domain.money import FEN_PER_YUAN, amount_words, in_units
from matchmaker.domain.period_words import days_words
from matchmaker.store.tables import Organisation, Person

Text = Callable[[Any], str]
CONTACT = frozenset({"contact_name", "contact_mobile", "contact_email", "mobile", "email"})
WIDE = frozenset(
    {"problem", "indicators", "target", "foundation", "summary", "application_status", "research_field"}
)
UNITS = {
    "budget": "（万元）",
    "price": "（万元）",
    "amount_total": "（元）",
    "amount_tech": "（元）",
    "amount_received": "（元）",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing with its owner and contact; `more` are the words of what a contract points at."""

    thing: Any
    owner: Organisation | None = None
    contact: Person | None = None
    more: Mapping[str, str] | None = None


def _of(name: str) -> Text:
    return lambda line: str(getattr(line.thing, name) or "")


def _label(enum: str, name: str) -> Text:
    return lambda line: wording.label(enum, getattr(line.thing, name)) if getattr(line.thing, name) else ""


def _labels(enum: str, name: str) -> Text:
    return lambda line: "、".join(wording.label(enum, value) for value in getattr(line.thing, name))


def _listed(name: str, mark: str = "、") -> Text:
    return lambda line: mark.join(getattr(line.thing, name))


def _field_names(line: Line) -> str:
    names = wording.field_names()
    return "、".join(names.get(code, code) for code in line.thing.fields)


def _fields(line: Line) -> str:
    return line.thing.field_text or _field_names(line)


def _money(text: str, low: str, high: str) -> Text:
    """Write an amount as it came, where that says the same under a header in 万元; else anew."""

    def words(line: Line) -> str:
        thing = line.thing
        return amount_words(getattr(thing, text), getattr(thing, low), getattr(thing, high))

    return words


def _yuan(name: str) -> Text:
    def words(line: Line) -> str:
        fen = getattr(line.thing, name)
        return "" if fen is None else in_units(fen, FEN_PER_YUAN)

    return words


def _period(line: Line) -> str:
    need = line.thing
    return str(need.period_text or days_words(need.period_from, need.period_to))


def _valid(line: Line) -> str:
    return days_words(line.thing.valid_from, line.thing.valid_to)


def _more(name: str) -> Text:
    return lambda line: (line.more or {}).get(name, "")


def _owner(line: Line) -> str:
    return line.owner.name if line.owner else ""


_CONTACT_TEXTS: Mapping[str, Text] = {
    "contact_name": lambda line: line.contact.name if line.contact else "",
    "contact_mobile": lambda line: line.contact.phone if line.contact else "",
    "contact_email": lambda line: line.contact.email if line.contact else "",
}
NEED: Mapping[str, Text] = {
    "need_no": _of("external_id"),
    "enterprise_name": _owner,
    "uscc": lambda line: line.owner.uscc or "" if line.owner else "",
    "region": _of("town"),
    "title": _of("title"),
    "need_type": _label("need_type", "need_type"),
    "activity_type": _label("activity_type", "activity_type"),
    "tech_field": _fields,
    "industry": _of("industry"),
    "problem": _of("problem"),
    "indicators": _of("key_points"),
    "target": _of("goal"),
    "foundation": _of("background"),
    "keywords": _listed("keywords"),
    "budget": _money("budget_text", "budget_min_fen", "budget_max_fen"),
    "period": _period,
    "coop_mode": _labels("coop_mode", "coop_modes"),
    "preferred_partner": _of("wished_partner"),
    "confidentiality": _label("disclosure", "disclosure"),
    **_CONTACT_TEXTS,
}
ACHIEVEMENT: Mapping[str, Text] = {
    "title": _of("title"),
    "record_type": _label("record_type", "record_type"),
    "org": lambda line: line.thing.owner_text or _owner(line),
    "completers": _of("authors_text"),
    "summary": _of("summary"),
    "application_status": _of("application"),
    "keywords": _listed("keywords"),
    "tech_field": _fields,
    "apply_industry": _of("industry"),
    "discipline": _of("classification"),
    "form": _label("ach_form", "ach_form"),
    "stage": _label("maturity", "maturity"),
    "level": _label("tech_level", "tech_level"),
    "completed_on": _of("completed_on"),
    "ip_type": _label("ip_type", "ip_type"),
    "patent_no": _listed("patent_nos", "；"),
    "coop_mode": _labels("coop_mode", "coop_modes"),
    "price": _money("price_text", "price_min_fen", "price_max_fen"),
    "region": _of("region"),
    "disclosure": _label("disclosure", "disclosure"),
    **_CONTACT_TEXTS,
}
PEOPLE: Mapping[str, Text] = {
    "name": _of("name"),
    "org": _owner,
    "position": _of("position"),
    "title_level": _of("title"),
    "role": _label("person_role", "role"),
    "research_field": _of("expertise"),
    "tech_field": _field_names,
    "mobile": _of("phone"),
    "email": _of("email"),
}
CONTRACT: Mapping[str, Text] = {
    "registration_no": _of("registration_no"),
    "title": _of("title"),
    "contract_type": _label("contract_kind", "kind"),
    "contract_subtype": _of("subtype"),
    "seller": _more("seller"),
    "buyer": _more("buyer"),
    "signed_on": _of("signed_on"),
    "valid_period": _valid,
    "registered_on": _of("registered_on"),
    "registry": _of("registration_office"),
    "amount_total": _yuan("amount_total_fen"),
    "amount_tech": _yuan("amount_tech_fen"),
    "amount_received": _yuan("amount_received_fen"),
    "need_no": _more("need"),
    "event": _more("event"),
    "status": _label("contract_status", "status"),
}
