"""What a wish is worth to the draw, and how it is told among the reasons."""

from collections.abc import Set as AbstractSet

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.pairing import VALUE_MAX
from matchmaker.store.queries.wishes import Wished
from matchmaker.store.tables import Match

# Our own reasoning: who asks for a partner has read about him, which is worth as much as a fair text
# match even where the texts share nothing; asked for by both sides, a pair beats most strong matches.
_WISH_FLOOR, _WISH_BONUS = 4_000, 1_500


def matches_of(session: Session, keys: AbstractSet[tuple[int, int]]) -> dict[tuple[int, int], Match]:
    """Return what is known of pairs that somebody asked for though they are no good match."""
    rows = session.scalars(
        select(Match).where(
            Match.need_id.in_({need for need, _ in keys}),
            Match.achievement_id.in_({achievement for _, achievement in keys}),
            Match.current,
        )
    )
    return {key: row for row in rows if (key := (row.need_id, row.achievement_id)) in keys}


def value_of(match: Match | None, wished: Wished | None) -> int:
    """Return what a pair is worth to the draw: its score, lifted where somebody asked for it."""
    value = round(match.score * VALUE_MAX) if match else 0
    if wished is None:
        return value
    return min(VALUE_MAX, max(value, _WISH_FLOOR) + _WISH_BONUS * len(wished.sides))


def words_of_wish(wished: Wished | None) -> str:
    """Write who asked for a pair, and what they said."""
    if wished is None:
        return ""
    who = "双方都" if len(wished.sides) > 1 else "企业" if "need" in wished.sides else "院校"
    return f"{who}点名想见" + (f"（{'；'.join(wished.notes)}）" if wished.notes else "")
