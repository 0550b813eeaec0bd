"""What a row of a list of needs says, by the columns of the need table."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from matchmaker.domain.money import amount_words
from matchmaker.domain.needs import TITLE_MAX
from matchmaker.domain.period_words import period_words
from matchmaker.domain.states import Disclosure
from matchmaker.services.import_owners import person_name, phone_words
from matchmaker.services.import_values import cut_title, field_codes, filled, industry_code, joined

_SERIAL = re.compile(r"\d{1,5}")


def row_values(stored: Mapping[str, Any]) -> dict[str, object]:
    """Return what a row says, by column of the need table; what it leaves blank is absent."""
    plain, raw = stored["plain"], stored["raw"]
    budget, period = plain.get("budget") or {}, plain.get("period") or {}
    title, problem = cut_title(plain.get("title"), plain.get("problem"), most=TITLE_MAX)
    return filled(
        {
            "title": title,
            "problem": problem,
            "key_points": plain.get("indicators"),
            "goal": plain.get("target"),
            "background": plain.get("foundation"),
            "need_type": plain.get("need_type"),
            "activity_type": plain.get("activity_type"),
            "coop_modes": plain.get("coop_mode"),
            "fields": field_codes(plain.get("tech_field"), raw.get("tech_field")),
            "field_text": str(raw.get("tech_field", ""))[:200],
            "industry": industry_code(plain.get("industry")),
            "keywords": plain.get("keywords"),
            "budget_text": amount_words(raw.get("budget"), budget.get("low_fen"), budget.get("high_fen"))[
                :80
            ],
            "budget_min_fen": budget.get("low_fen"),
            "budget_max_fen": budget.get("high_fen"),
            "period_text": _time_words(str(raw.get("period", "")), period.get("start"), period.get("end"))[
                :80
            ],
            "period_from": period.get("start"),
            "period_to": period.get("end") or plain.get("valid_until"),
            "town": str(plain.get("region", ""))[:60],
            "wished_partner": joined(plain.get("preferred_partner"), plain.get("preferred_expert"))[:200],
            "disclosure": _disclosure(plain, raw, stored.get("headers", {})),
            "external_id": _number(plain),
            "contact_name": person_name(plain.get("contact_name")),
            "contact_phone": phone_words(plain),
            "contact_email": plain.get("contact_email"),
        }
    )


@lru_cache(maxsize=4096)
def _time_words(came: str, *ends: str | None) -> str:
    start, end = (date.fromisoformat(day) if day else None for day in ends)
    return period_words(came, start, end)


def _disclosure(plain: Mapping[str, Any], raw: Mapping[str, Any], headers: Mapping[str, str]) -> str | None:
    """Return who may learn what; a no to showing the firm's name hides the name, not the need."""
    header = headers.get("confidentiality", "")
    hiding = any(word in header for word in ("匿名", "隐藏", "隐去"))  # the reader has turned these round
    about_name = not hiding and any(word in header for word in ("名称", "署名", "实名"))
    answer = str(raw.get("confidentiality", "")).strip()
    if about_name and answer.startswith(("否", "不", "×", "N", "n")):
        return Disclosure.MASKED.value
    if about_name and answer.startswith(("是", "愿", "同意", "公开", "√", "Y", "y")):
        return Disclosure.PUBLIC.value
    found = plain.get("confidentiality")
    return None if found in (None, "rejected") else str(found)


def _number(plain: Mapping[str, Any]) -> str:
    number = str(plain.get("need_no", "")).strip()
    return "" if _SERIAL.fullmatch(number) else number[:60]


def firm_of(stored: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name and the code of the firm a row names, each "" where it does not."""
    plain = stored["plain"]
    return str(plain.get("enterprise_name", "")), str(plain.get("uscc", ""))
