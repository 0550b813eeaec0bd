"""How far a merged need or achievement has come: as far as either of the two had."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from matchmaker.domain.disclosure import at_least_as_open
from matchmaker.domain.states import NEEDS_SHOWN_OUTSIDE, AchievementState, Disclosure, NeedState
from matchmaker.services.merge_references import plain

# from the first step to the furthest; whatever is not listed here neither gives its place up nor takes one
_STEPS: Mapping[str, Sequence[StrEnum]] = {
    "need": (
        *(NeedState.DRAFT, NeedState.RETURNED, NeedState.SUBMITTED, NeedState.ACCEPTED),
        *(NeedState.PUBLISHED, NeedState.MATCHING, NeedState.INTENDED),
    ),
    "achievement": (AchievementState.SUBMITTED, AchievementState.ACCEPTED, AchievementState.PUBLISHED),
}
_MOMENTS = ("submitted_at", "accepted_at", "published_at")
_APPROVED = ("public_title", "public_text")


def advance(kind: str, kept: Any, gone: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Bring the kept entry as far as the other one had come; return the old and the new values.

    What was approved for outside comes along where nobody new would read it; without it a need is
    accepted, and somebody looks at it before it is published.
    """
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, value in _news(kind, kept, gone):
        before[name], after[name] = plain(getattr(kept, name)), plain(value)
        setattr(kept, name, value)
    return before, after


def _would_show_as_written(kept: Any, to: StrEnum) -> bool:
    """Say whether a need that nobody outside has seen would stand there in its firm's own words."""
    shown = kept.status in NEEDS_SHOWN_OUTSIDE or to not in NEEDS_SHOWN_OUTSIDE
    return not shown and kept.disclosure is Disclosure.PUBLIC


def _news(kind: str, kept: Any, gone: Any) -> Iterator[tuple[str, Any]]:
    steps = _STEPS[kind]
    if not (kept.status in steps and gone.status in steps):
        return
    to = max(kept.status, gone.status, key=steps.index)
    approved = [name for name in _APPROVED if hasattr(kept, name)]
    bare = approved and not kept.public_text
    if bare and gone.public_text and at_least_as_open(gone.disclosure, kept.disclosure):
        yield from ((name, getattr(gone, name)) for name in approved)
    elif bare and (to is NeedState.PUBLISHED or _would_show_as_written(kept, to)):
        to = NeedState.ACCEPTED
    if to in (NeedState.PUBLISHED, AchievementState.PUBLISHED) and kept.disclosure is Disclosure.INTERNAL:
        to = type(to)("accepted")
    if steps.index(to) > steps.index(kept.status):
        yield "status", to
        for name in _MOMENTS:
            if getattr(kept, name, None) is None and getattr(gone, name, None) is not None:
                yield name, getattr(gone, name)
