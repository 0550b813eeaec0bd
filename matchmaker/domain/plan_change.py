"""What differs between two versions of a plan, event by event."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An event as one version has it."""

    number: int
    title: str
    day: date
    venue: str
    need_ids: frozenset[int]
    expert_ids: frozenset[int] = field(default_factory=frozenset)


class ChangeKind(StrEnum):
    """NEW and GONE events, MOVED ones, and those with the same day but other people or another hall."""

    NEW = "new"
    GONE = "gone"
    MOVED = "moved"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One event that differs; `before` or `after` is None for a new or a gone one."""

    kind: ChangeKind
    before: Standing | None
    after: Standing | None

    @property
    def needs_in(self) -> int:
        """How many needs came."""
        return len(_needs(self.after) - _needs(self.before))

    @property
    def needs_out(self) -> int:
        """How many needs left."""
        return len(_needs(self.before) - _needs(self.after))

    @property
    def experts_in(self) -> int:
        """How many experts came."""
        return len(_experts(self.after) - _experts(self.before))

    @property
    def experts_out(self) -> int:
        """How many experts left."""
        return len(_experts(self.before) - _experts(self.after))


def _needs(event: Standing | None) -> frozenset[int]:
    return event.need_ids if event else frozenset()


def _experts(event: Standing | None) -> frozenset[int]:
    return event.expert_ids if event else frozenset()


def plan_changes(before: Sequence[Standing], after: Sequence[Standing]) -> list[Change]:
    """Return what differs, moved events first, then new, gone and others; each kind by day.

    Events of the two versions belong together when they share most needs, the largest overlap first.
    """
    pairs = _pairs(before, after)
    found = [change for one, other in pairs if (change := _change(one, other)) is not None]
    paired_before = {one.number for one, _ in pairs}
    paired_after = {other.number for _, other in pairs}
    found += [
        Change(kind=ChangeKind.GONE, before=one, after=None)
        for one in before
        if one.number not in paired_before
    ]
    found += [
        Change(kind=ChangeKind.NEW, before=None, after=one) for one in after if one.number not in paired_after
    ]
    order = [ChangeKind.MOVED, ChangeKind.NEW, ChangeKind.GONE, ChangeKind.OTHER]
    return sorted(found, key=lambda change: (order.index(change.kind), _day(change)))


def _day(change: Change) -> tuple[date, int]:
    event = change.after or change.before
    if event is None:  # pragma: no cover -- a change has one side at least
        raise ValueError("a change of nothing")
    return event.day, event.number


def _pairs(before: Sequence[Standing], after: Sequence[Standing]) -> list[tuple[Standing, Standing]]:
    overlaps = sorted(
        (
            (len(one.need_ids & other.need_ids), one.number == other.number, one, other)
            for one in before
            for other in after
            if one.need_ids & other.need_ids
        ),
        key=lambda entry: (-entry[0], not entry[1], entry[2].number, entry[3].number),
    )
    taken_before: set[int] = set()
    taken_after: set[int] = set()
    pairs = []
    for _, _, one, other in overlaps:
        if one.number not in taken_before and other.number not in taken_after:
            taken_before.add(one.number)
            taken_after.add(other.number)
            pairs.append((one, other))
    return pairs


def _change(one: Standing, other: Standing) -> Change | None:
    if one.day != other.day:
        return Change(kind=ChangeKind.MOVED, before=one, after=other)
    same = (one.venue, one.need_ids, one.expert_ids) == (other.venue, other.need_ids, other.expert_ids)
    return None if same else Change(kind=ChangeKind.OTHER, before=one, after=other)
