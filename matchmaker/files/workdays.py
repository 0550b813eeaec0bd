"""China's working days, as the holidays library knows them."""

from datetime import date
from functools import lru_cache

from matchmaker.domain.workdays import WorkCalendar, days


def day_off(day: date) -> str:
    """Return why offices are closed on a day, holiday or weekend; "" for a working day."""
    calendar = china_workdays(day.year, day.year)
    if calendar.is_workday(day):
        return ""
    return "holiday" if day in calendar.off else "weekend"


@lru_cache(maxsize=8)
def china_workdays(first_year: int, last_year: int) -> WorkCalendar:
    """Return the calendar of some years; a year without any swapped weekend counts as provisional.

    Every year since 2008 had swaps, so none means that the arrangement is not in the library yet.
    """
    import holidays

    years = range(first_year, last_year + 1)
    china = holidays.country_holidays("CN", years=years)
    worked = frozenset(day for day in china.weekend_workdays if day.year in years)
    every_day = days(date(first_year, 1, 1), date(last_year, 12, 31))
    return WorkCalendar(
        off=frozenset(day for day in every_day if day in china and day not in worked),
        worked=worked,
        provisional_years=frozenset(years) - {day.year for day in worked},
    )
