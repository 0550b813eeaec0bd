"""Working days as China's holiday calendar has them: holidays off, some weekends worked instead (调休)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

SATURDAY = 5
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """`off` are days off that would be worked by the weekday, `worked` weekend days that are worked.

    `provisional_years` are those whose swapped weekends the State Council had not published yet
    when the calendar was made: their statutory holidays are known, their swaps are not.
    """

    off: frozenset[date] = field(default_factory=frozenset)
    worked: frozenset[date] = field(default_factory=frozenset)
    provisional_years: frozenset[int] = field(default_factory=frozenset)

    def is_workday(self, day: date) -> bool:
        """Say whether offices work on that day."""
        if day in self.off:
            return False
        return day in self.worked or day.weekday() < SATURDAY

    def workdays(self, first: date, last: date) -> tuple[date, ...]:
        """Return the working days from the first to the last day, both included."""
        return tuple(day for day in days(first, last) if self.is_workday(day))

    def provisional(self, first: date, last: date) -> tuple[int, ...]:
        """Return the years of a period whose swapped weekends are not known yet."""
        return tuple(sorted(self.provisional_years & set(range(first.year, last.year + 1))))

    def changed(self, *, off: frozenset[date], worked: frozenset[date]) -> "WorkCalendar":
        """Return the calendar with days that the bureau itself keeps free or works; its word wins."""
        return WorkCalendar(
            off=(self.off | off) - worked,
            worked=(self.worked | worked) - off,
            provisional_years=self.provisional_years,
        )


def days(first: date, last: date) -> Iterator[date]:
    """Yield every day of a period."""
    while first <= last:
        yield first
        first += ONE_DAY


def week_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())
