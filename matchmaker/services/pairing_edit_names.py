"""The names in an edited pairing list: what on the event's table they mean, or what was most likely meant."""

from collections.abc import Mapping
from difflib import get_close_matches

from sqlalchemy.orm import Session

from matchmaker.store.queries.events import item_lines


def plain(text: str) -> str:
    """Return words without the blanks that typing adds or loses."""
    return "".join(text.split())


def by_name(
    session: Session, event_id: int
) -> tuple[dict[tuple[str, str], list[int]], dict[str, list[tuple[int, str]]]]:
    """Return what is on the event's table: (firm, title) → need ids, title → (achievement id, owner)."""
    needs: dict[tuple[str, str], list[int]] = {}
    for entry in item_lines(session, event_id, "need"):
        needs.setdefault((plain(entry.organisation), plain(entry.title)), []).append(entry.item.subject_id)
    achievements: dict[str, list[tuple[int, str]]] = {}
    for entry in item_lines(session, event_id, "achievement"):
        achievements.setdefault(plain(entry.title), []).append((entry.item.subject_id, entry.organisation))
    return needs, achievements


def not_found(words: str, count: int, near: str) -> str:
    """Say that a name means nothing on the table, or `count` things; `near` is what may have been meant."""
    if count:
        return f"{words}有 {count} 条同名的，请写明完成单位或在系统里配对"
    guess = f"，是不是“{near}”？" if near else "，"
    return f"{words}不在本场的“需求与成果”里{guess}请核对写法，或先把它加入本场"


def nearest(typed: str, known: Mapping[str, str]) -> str:
    """Return the words of what was most likely meant, "" when nothing is near."""
    close = get_close_matches(typed, known, n=1, cutoff=0.7)
    return known[close[0]] if close else ""
