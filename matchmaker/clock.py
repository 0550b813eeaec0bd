"""The only reader of the system time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the local calendar day."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """Return `moment` (aware) on the local wall clock."""
    return moment.astimezone(LOCAL_ZONE)


def from_local(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """Return the UTC moment of a local wall-clock time."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LOCAL_ZONE).astimezone(UTC)
