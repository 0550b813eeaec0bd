"""Writes fields of a need that somebody else proposed, and keeps what every save changed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.dates import parse_period
from matchmaker.domain.permissions import Actor
from matchmaker.domain.values import parse_money
from matchmaker.store.tables import Need, NeedChange

READ_BY_MATCHING = frozenset(
    {"title", "problem", "key_points", "goal", "background", "conditions", "keywords"}
    | {"fields", "coop_modes", "need_type"}
)
# what a reader of the history wants to see; dates and amounts follow from their words
WATCHED = (
    *("title", "problem", "key_points", "goal", "background", "conditions", "need_type", "keywords"),
    *("fields", "coop_modes", "budget_text", "period_text", "town", "wished_partner", "disclosure"),
    *("public_title", "public_text"),
)
_WAN_FEN = 1_000_000


def snapshot(need: Need) -> dict[str, Any]:
    """Return the watched values of a need, before a change."""
    return {
        name: list(value) if isinstance(value := getattr(need, name), list) else value for name in WATCHED
    }


def record_changes(
    session: Session,
    actor: Actor,
    need: Need,
    before: Mapping[str, Any],
    *,
    cause: str,
    who: str = "",
    person_id: int | None = None,
) -> NeedChange | None:
    """Keep what differs from a snapshot; None and no row when nothing does.

    `cause` is edit, answers or publish; `who` names somebody without an account, `person_id` if known.
    """
    fields = [
        {"field": name, "before": _words(before[name]), "after": _words(getattr(need, name))}
        for name in WATCHED
        if name in before and before[name] != getattr(need, name)
    ]
    if not fields:
        return None
    change = NeedChange(
        need_id=need.id,
        cause=cause,
        fields=fields,
        user_id=actor.user_id,
        who=who,
        person_id=person_id,
        at=clock.now(),
    )
    session.add(change)
    return change


def _words(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value or "")


def write_texts(need: Need, texts: Mapping[str, str]) -> bool:
    """Write these text fields, money and time with what they mean; say whether matching reads a change."""
    changed = {name for name, text in texts.items() if getattr(need, name) != text}
    for name in changed:
        setattr(need, name, texts[name])
    if "budget_text" in changed:
        money = parse_money(need.budget_text, unit_fen=_WAN_FEN).value if need.budget_text else None
        need.budget_min_fen = money.low_fen if money else None
        need.budget_max_fen = money.high_fen if money else None
    if "period_text" in changed:
        period = parse_period(need.period_text).value if need.period_text else None
        need.period_from = period.start if period else None
        need.period_to = period.end if period else None
    if changed:
        need.updated_at = clock.now()
    matched = bool(changed & READ_BY_MATCHING)
    if matched:
        need.text_version += 1
    return matched
