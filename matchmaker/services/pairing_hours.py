"""When the two sides of an event can sit down: what guests said, and what their answers say."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from matchmaker.domain.timetable import Presence, Side
from matchmaker.store.queries.wishes import away_slots_of, slots_asked_otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Who cannot sit down when: slots from 1 outside the pauses, by ("enterprise" or "expert", id).

    Who asked for another time than that of a published meeting does not get that slot again.
    """

    slots: frozenset[int]
    away: Mapping[tuple[str, int], frozenset[int]]

    @classmethod
    def of(cls, session: Session, event_id: int, *, slots: int, paused: Collection[int] = ()) -> "Hours":
        """Read the hours of an event with so many slots."""
        away = dict(away_slots_of(session, event_id))
        for key, asked in slots_asked_otherwise(session, event_id).items():
            away[key] = away.get(key, frozenset()) | asked
        return cls(slots=frozenset(range(1, slots + 1)).difference(paused), away=away)

    def shared(self, firm_id: int, expert_key: int) -> frozenset[int]:
        """Return the slots in which both sides are there."""
        return self._there("enterprise", firm_id) & self._there("expert", expert_key)

    def count(self, side: str, key: int) -> tuple[int] | None:
        """Return how many slots somebody is there, None for all of them."""
        return (len(self._there(side, key)),) if (side, key) in self.away else None

    def promised(self, side: str, key: int, least: int) -> int:
        """Return how many meetings somebody is promised of those promised to all: one an own slot at most."""
        own = self.count(side, key)
        return least if own is None else min(least, *own)

    def presences(self) -> tuple[Presence, ...]:
        """Return the same for the timetable, whose slots count from 0."""
        return tuple(
            Presence(
                side=Side(side), person_id=key, slots=frozenset(slot - 1 for slot in self._there(side, key))
            )
            for side, key in sorted(self.away)
        )

    def _there(self, side: str, key: int) -> frozenset[int]:
        return self.slots - self.away.get((side, key), frozenset())
