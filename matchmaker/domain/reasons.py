"""Which reasons of a match somebody may read who has only the public edition of the need."""

from collections.abc import Mapping, Sequence
from typing import Any

from matchmaker.domain.saying import later, said
from matchmaker.domain.written_contacts import contacts_in

ALIKE = later("两份文本都谈到%(words)s")
_FITTING = later("成果中的这些内容与需求相合")


def shown_to(reasons: Sequence[Mapping[str, Any]], public: str) -> list[dict[str, Any]]:
    """Return the reasons for somebody who has only the public edition of the need.

    Of the need they say what stands there too, and nothing else: words, quotes, figures.
    """
    shown = []
    for reason in reasons:
        words = [word for word in reason.get("need_words", ()) if word in public]
        if reason["kind"] == "quote":
            shown.append(_shown_quote(reason, words, public))
        elif not reason.get("need_words") and reason["kind"] in ("signal", "question"):
            shown.append(dict(reason))
    return shown


def shown_inside(reasons: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the reasons for the need's own firm: what was said of other proposals is the organiser's."""
    return [_without_contacts(reason) for reason in reasons if reason["kind"] != "judged"]


def _without_contacts(reason: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out quotes that hold a telephone number or an address."""
    held = [bool(contacts_in(piece)) for _whose, piece in reason.get("quotes", ())]
    if not any(held):
        return reason
    kept = {"quotes": [one for one, holds in zip(reason["quotes"], held, strict=True) if not holds]}
    if reason.get("marks"):
        kept["marks"] = [one for one, holds in zip(reason["marks"], held, strict=True) if not holds]
    return {**reason, **kept}


def _shown_quote(reason: Mapping[str, Any], words: list[str], public: str) -> dict[str, Any]:
    pattern, given = (ALIKE, {"words": [f"“{word}”" for word in words[:5]]}) if words else (_FITTING, {})
    marks = reason.get("marks") or [[[0, len(words)]] for _, words in reason["quotes"]]
    kept = [
        (quote, mark)
        for quote, mark in zip(reason["quotes"], marks, strict=True)
        if (quote[0] != "需求" or quote[1] in public) and not contacts_in(quote[1])
    ]
    return {
        **reason,
        "text": said(pattern, given),
        "pattern": pattern,
        "given": given,
        "need_words": words,
        "quotes": [quote for quote, _ in kept],
        "marks": [mark for _, mark in kept],
    }
