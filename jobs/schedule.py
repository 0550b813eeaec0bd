"""The table of jobs: name, trigger, function. Nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from jobs import (
    debts,
    exports,
    housekeeping,
    learning,
    merging,
    planning,
    refresh,
    reminders,
    sending,
    timetables,
    uploads,
)
from matchmaker.settings import Settings
from matchmaker.store.engine import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job: what runs, and when."""

    name: str
    trigger: Callable[[Settings], BaseTrigger]
    run: Callable[[Database, Settings], None]


def _every(seconds: float) -> Callable[[Settings], BaseTrigger]:
    return lambda _settings: IntervalTrigger(seconds=seconds, timezone="Asia/Shanghai")


def _tick(settings: Settings) -> BaseTrigger:
    return IntervalTrigger(seconds=settings.jobs.tick_seconds, timezone="Asia/Shanghai")


def _daily(hour: int, minute: int) -> Callable[[Settings], BaseTrigger]:
    return lambda _settings: CronTrigger(hour=hour, minute=minute, timezone="Asia/Shanghai")


SCHEDULE: tuple[Job, ...] = (
    Job(name="uploads", trigger=_every(1), run=uploads.work),
    Job(name="sending", trigger=_every(3), run=sending.send),
    Job(name="planning", trigger=_every(3), run=planning.plan),
    Job(name="exports", trigger=_every(2), run=exports.make),
    Job(name="timetables", trigger=_every(3), run=timetables.search),
    Job(name="reminders", trigger=_tick, run=reminders.remind),
    Job(name="debts", trigger=_every(1800), run=debts.look),
    Job(name="merging", trigger=_every(900), run=merging.merge),
    Job(name="refresh", trigger=_every(900), run=refresh.refresh),
    Job(name="rescue", trigger=_tick, run=housekeeping.rescue),
    Job(name="learning", trigger=_daily(2, 40), run=learning.learn_nightly),
    Job(name="prune", trigger=_daily(3, 10), run=housekeeping.prune),
)
