"""What a row of a list of achievements says, by column of the achievement table."""

from collections.abc import Mapping, Sequence
from typing import Any

from matchmaker import resources, wording
from matchmaker.domain.achievements import makers
from matchmaker.domain.identifiers import parse_patents
from matchmaker.domain.money import amount_words
from matchmaker.services.import_owners import person_name, phone_words
from matchmaker.services.import_values import cut_title, field_codes, filled, industry_code, joined

TITLE_MOST = 300


def row_values(stored: Mapping[str, Any]) -> dict[str, object]:
    """Return what a row says, by column of the achievement table; what it leaves blank is absent."""
    plain, raw = stored["plain"], stored["raw"]
    price = plain.get("price") or {}
    patents = _patents(plain, raw)
    title, summary = cut_title(plain.get("title"), summary_of(plain), most=TITLE_MOST)
    return filled(
        {
            "title": title,
            "owner_text": str(plain.get("org", ""))[:300],
            "summary": summary,
            "application": _sections(
                plain, ("application_status", ""), ("benefit", "效益"), ("transfer_note", "转化说明")
            ),
            "keywords": plain.get("keywords"),
            "fields": field_codes(plain.get("tech_field"), raw.get("tech_field"))
            or field_codes(raw.get("apply_industry")),
            "field_text": str(raw.get("tech_field", ""))[:200],
            "industry": (industry_code(plain.get("apply_industry")) or str(plain.get("apply_industry", "")))[
                :80
            ],
            "authors_text": joined(plain.get("leader"), plain.get("completers"))[:500],
            "maturity": plain.get("stage") or _stage_of_trl(plain.get("trl")),
            "tech_level": plain.get("level"),
            "ach_form": plain.get("form"),
            "coop_modes": plain.get("coop_mode"),
            "price_text": amount_words(raw.get("price"), price.get("low_fen"), price.get("high_fen"))[:80],
            "price_min_fen": price.get("low_fen"),
            "price_max_fen": price.get("high_fen"),
            "ip_type": next(iter(plain.get("ip_type") or _types(patents)), ""),
            "patent_nos": [str(patent) for patent in patents],
            "classification": str(plain.get("discipline", ""))[:80],
            "completed_on": plain.get("completed_on"),
            "region": str(plain.get("region", ""))[:60],
            "disclosure": None if plain.get("disclosure") == "rejected" else plain.get("disclosure"),
        }
        | _contact_values(plain)
    )


def summary_of(plain: Mapping[str, Any]) -> str:
    return _sections(plain, ("summary", ""), ("innovation", "创新点"), ("indicators", "技术指标"))


def _contact_values(plain: Mapping[str, Any]) -> dict[str, object]:
    phone, email = phone_words(plain), plain.get("contact_email")
    name = person_name(plain.get("contact_name"))
    if not name and (phone or email):  # lists give the maker's own number without naming a contact
        name = next(iter(makers(joined(plain.get("leader"), plain.get("completers")))), "")
    return {"contact_name": name, "contact_phone": phone, "contact_email": email}


def _sections(plain: Mapping[str, Any], *parts: tuple[str, str]) -> str:
    texts = [
        f"{heading}：{plain[name]}" if heading else str(plain[name])
        for name, heading in parts
        if plain.get(name)
    ]
    return "\n".join(texts)


def _patents(plain: Mapping[str, Any], raw: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the patent numbers of a row, also where the list keeps them under 知识产权情况."""
    words = "；".join(
        str(raw[name]) for name in ("patent_no", "ip_type", "ip_status") if raw.get(name) not in (None, "")
    )
    return parse_patents(words).value or ()


def _types(patents: Sequence[Any]) -> list[str]:
    return [patent.type.value for patent in patents if patent.type is not None]


def _stage_of_trl(level: object) -> str:
    levels = resources.config_json("trl")["levels"]
    found: str = next((entry["stage"] for entry in levels if entry["level"] == level), "")
    return found if found in wording.labels("maturity") else ("lab" if found else "")
