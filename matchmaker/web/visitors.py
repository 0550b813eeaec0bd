"""Counts of a large library for visitors, who all see the same: counted once in a few seconds for all.

Whoever is signed in, and small libraries, are counted anew every time.
"""

import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from matchmaker.web.frame import actor_here, app_here

T = TypeVar("T")
_SECONDS = 5.0
_LARGE = 5_000
_MOST_KEPT = 200


def counted_for_visitors(key: Hashable, count: Callable[[], T], *, size_of: Callable[[T], int]) -> T:
    """Return what `count` says, for visitors perhaps as it was a moment ago if its size is large."""
    if actor_here().user_id is not None:
        return count()
    kept: dict[Hashable, tuple[float, Any]] = app_here().extensions.setdefault("counted_for_visitors", {})
    until, found = kept.get(key, (0.0, None))
    if time.monotonic() < until:
        told: T = found
        return told
    fresh = count()
    if size_of(fresh) >= _LARGE:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[key] = (time.monotonic() + _SECONDS, fresh)
    return fresh
