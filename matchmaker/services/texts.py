"""What matching reads of needs and achievements."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.states import ACHIEVEMENTS_IN_LIBRARY
from matchmaker.store.queries.uploads import chunks
from matchmaker.store.tables import Achievement, Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What matching reads of one need or achievement."""

    key: int
    title: str
    text: str
    wanted: str = ""  # of a need: the part that says what must be reached, not how things are now

    @property
    def hash(self) -> str:
        """Tells whether the text changed."""
        return hashlib.sha256(f"{self.title}\0{self.text}".encode()).hexdigest()


def need_text(need: Need) -> Text:
    """Return what matching reads of a need, most telling parts first."""
    parts = (
        need.problem,
        need.key_points,
        need.goal,
        need.background,
        need.conditions,
        " ".join(need.keywords),
    )
    wanted = "\n".join(filter(str.strip, (need.key_points, need.goal, need.conditions)))
    text = "\n".join(filter(str.strip, parts))
    return Text(key=need.id, title=need.title, text=text, wanted=wanted)


def achievement_text(achievement: Any) -> Text:
    """Return what matching reads of an achievement, or of a row with its columns."""
    parts = (achievement.summary, achievement.application, " ".join(achievement.keywords))
    return Text(
        key=achievement.id, title=achievement.title, text="\n".join(part for part in parts if part.strip())
    )


def library_versions(session: Session) -> dict[int, int]:
    """Return the row version of every achievement of the library, in the order of their ids."""
    rows = session.execute(
        select(Achievement.id, Achievement.version)
        .where(Achievement.status.in_(ACHIEVEMENTS_IN_LIBRARY))
        .order_by(Achievement.id)
    )
    return {row.id: row.version for row in rows}


def achievement_texts(session: Session, keys: Collection[int]) -> list[Text]:
    """Return the texts of these achievements, in the order of their ids."""
    columns = (Achievement.id, Achievement.title, Achievement.summary)
    wanted = select(*columns, Achievement.application, Achievement.keywords).order_by(Achievement.id)
    return [
        achievement_text(row)
        for some in chunks(sorted(keys))
        for row in session.execute(wanted.where(Achievement.id.in_(some)))
    ]
