"""Editions of the list of needs: what differs from the one before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# what a reader of the list sees of a need, and what counts as a change
COMPARED = ("title", "text", "firm", "town", "fields", "budget", "period")


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """What is new, gone and changed, JSON-ready: need ids with titles; changes name their fields."""

    added: tuple[dict[str, Any], ...]
    withdrawn: tuple[dict[str, Any], ...]
    changed: tuple[dict[str, Any], ...]

    @property
    def any(self) -> bool:
        """Whether a new edition would differ at all."""
        return bool(self.added or self.withdrawn or self.changed)


def compare(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Differences:
    """Return what differs between two lists of entries, by need id, in the order of the lists."""
    old = {entry["need_id"]: entry for entry in before}
    new = {entry["need_id"]: entry for entry in after}
    return Differences(
        added=tuple(_named(entry) for key, entry in new.items() if key not in old),
        withdrawn=tuple(_named(entry) for key, entry in old.items() if key not in new),
        changed=tuple(
            _named(entry) | {"fields": fields}
            for key, entry in new.items()
            if key in old and (fields := _changes(old[key], entry))
        ),
    )


def _named(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"need_id": entry["need_id"], "title": entry["title"]}


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"field": name, "before": old.get(name, ""), "after": new.get(name, "")}
        for name in COMPARED
        if old.get(name, "") != new.get(name, "")
    ]
