"""The background process: delivers messages all the time, and ticks a few fixed clocks.

APScheduler is only a clock here: a memory store and jobs declared in code. One process ticks at a
time (a lease in the database), others wait for it to fall silent. Correctness never rests on the
lease: everything a tick makes has a unique key.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import FrameType
from typing import TypeVar

import psutil
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import OperationalError

from jobs.schedule import SCHEDULE, Job
from matchmaker import clock
from matchmaker.bus.deliver import deliver_due
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import Heartbeat, Lease

log = logging.getLogger(__name__)
T = TypeVar("T")
_LEASE = timedelta(seconds=30)
_PULSE_SECONDS = 5.0
_FIRST = timedelta(seconds=5)  # a PC that is switched on for an hour a day must not wait half of it


class Runner:
    """Runs deliveries and jobs until told to stop."""

    def __init__(self, database: Database, settings: Settings, *, parent: int = 0) -> None:
        self._parent = parent
        self.database = database
        self.settings = settings
        self.stopping = threading.Event()
        self._me = f"{socket.gethostname()}:{os.getpid()}:{time.monotonic_ns()}"

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM; wait for the lease first."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        while not self.stopping.is_set() and not self._hold_lease():
            self.stopping.wait(2.0)
        if self.stopping.is_set():
            return
        scheduler = self._scheduler()
        scheduler.start()
        try:
            self._loop()
        finally:
            scheduler.shutdown(wait=True)
            self._release()

    def run_once(self) -> None:
        """Deliver what is due and run every job once, in this thread (tests, `jobs --once`)."""
        deliver_due(self.database, self.settings)
        for job in SCHEDULE:
            self.run_job(job)
        deliver_due(self.database, self.settings)

    def run_job(self, job: Job) -> None:
        """Run one job; the wrapper that catches everything, logs it and leaves a heartbeat."""
        started, words = time.monotonic(), ""
        try:
            job.run(self.database, self.settings)
        except Exception as error:
            words = f"{type(error).__name__}: {error}"
            log.error("job failed", extra={"job": job.name}, exc_info=True)
        self._beat(job.name, seconds=time.monotonic() - started, error=words)

    def _loop(self) -> None:
        last_pulse = 0.0
        while not self.stopping.is_set():
            ran = self._guarded(lambda: deliver_due(self.database, self.settings, most=50))
            if time.monotonic() - last_pulse > _PULSE_SECONDS:
                last_pulse = time.monotonic()
                self._guarded(lambda: self._beat("deliveries"))
                if self._guarded(self._hold_lease) is False:
                    log.warning("another process holds the lease; stopping")
                    return
                if self._orphaned():
                    log.warning("the serving process is gone; stopping")
                    return
            if not ran:
                self.stopping.wait(self.settings.jobs.delivery_seconds)

    def _orphaned(self) -> bool:
        return bool(self._parent) and not psutil.pid_exists(self._parent)

    def _guarded(self, act: Callable[[], T]) -> T | None:
        try:
            return act()
        except OperationalError:
            log.warning("database busy or away; trying again", exc_info=True)
            self.stopping.wait(2.0)
            return None

    def _scheduler(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            timezone="Asia/Shanghai",
            job_defaults={"misfire_grace_time": 3600, "coalesce": True, "max_instances": 1},
        )
        for job in SCHEDULE:
            trigger = job.trigger(self.settings)
            soon = {"next_run_time": clock.now() + _FIRST} if isinstance(trigger, IntervalTrigger) else {}
            scheduler.add_job(self.run_job, trigger, args=(job,), id=job.name, **soon)
        scheduler.add_listener(_say, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        return scheduler

    def _beat(self, name: str, *, seconds: float = 0.0, error: str = "") -> None:
        with self.database.writing() as session:
            row = session.get(Heartbeat, name) or Heartbeat(job=name, note="")
            row.at, row.seconds, row.error = clock.now(), seconds, error
            session.add(row)

    def _hold_lease(self) -> bool:
        moment = clock.now()
        with self.database.writing() as session:
            row = session.get(Lease, "jobs", with_for_update=True)
            if row is None:
                row = Lease(name="jobs", holder=self._me, until=moment)
                session.add(row)
            if row.holder != self._me and row.until > moment:
                return False
            row.holder, row.until = self._me, moment + _LEASE
        return True

    def _release(self) -> None:
        with self.database.writing() as session:
            row = session.get(Lease, "jobs")
            if row is not None and row.holder == self._me:
                row.until = clock.now()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping.set()


def _say(event: JobExecutionEvent) -> None:
    log.error("job missed or failed", extra={"job": event.job_id, "code": event.code})
