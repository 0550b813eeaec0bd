"""The life of a long list that is made in the background to be downloaded."""

from enum import StrEnum


class ExportState(StrEnum):
    """Waited for, made, then there for a day; or stopped by who asked; or given up."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    STOPPED = "stopped"
    FAILED = "failed"


AT_WORK = frozenset({ExportState.WAITING, ExportState.RUNNING})
