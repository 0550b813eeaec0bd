"""The life of a plan of the campaign, and how much of one is sought."""

from enum import StrEnum


class PlanState(StrEnum):
    """A plan is worked on in the background, looked at, kept as the proposal, and applied to the calendar."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    KEPT = "kept"
    APPLIED = "applied"
    REPLACED = "replaced"
    DROPPED = "dropped"
    FAILED = "failed"
    CANCELLED = "cancelled"


WORKED_ON = frozenset({PlanState.WAITING, PlanState.RUNNING})
STANDING = frozenset({PlanState.KEPT, PlanState.APPLIED})


class PlanMode(StrEnum):
    """WHOLE seeks topics, events, days and experts; GROUPS keeps the topics given; DAYS the events too."""

    WHOLE = "whole"
    GROUPS = "groups"
    DAYS = "days"
