"""The table of jobs: name, trigger, function. Nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

from apscheduler.triggers.base import BaseTrigger

from matchmaker.settings import Settings
from matchmaker.store.engine import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job: what runs, and when."""

    name: str
    trigger: Callable[[Settings], BaseTrigger]
    run: Callable[[Database, Settings], None]


SCHEDULE: tuple[Job, ...] = ()
