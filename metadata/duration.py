"""ISO 8601 durations added to dates as XML Schema part 2 (appendix E) says: months, then days.

The one place where terms are read and counted; `selectielijst` builds on it.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

# The number of digits is limited, so that a hostile document cannot make huge numbers.
_DATE_PART = r"P(?=.)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
_TIME_PART = r"(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d{1,9})?S)?)?"
_DURATION = re.compile(_DATE_PART + _TIME_PART, re.ASCII)


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration in calendar units, as written; parts of a day do not move a date."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0

    @property
    def length(self) -> float:
        """Give a length in days, only to say which of two durations is the longest."""
        return (self.years * 12 + self.months) * 30.436875 + self.weeks * 7 + self.days


def parse_duration(text: str) -> Duration:
    """Read ``P10Y``, ``P6M``, ``P1Y6M``, ``P28D``, ``P10W``, ``P1DT12H``.

    Whole days in the time part count as days, the rest of it is dropped. Weeks are ISO 8601 but not
    xs:duration: see `as_xsd`. Raises ValueError when it is not a duration or a negative one.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"not an ISO 8601 duration: {text[:40]!r}")
    years, months, weeks, days, hours, minutes, seconds = (int(g or 0) for g in match.groups())
    whole_days = (hours * 3600 + minutes * 60 + seconds) // 86400
    return Duration(years, months, weeks, days + whole_days)


def as_xsd(duration: Duration) -> str:
    """Write it so that xs:duration takes it: weeks as days (``P10W`` is ``P70D``)."""
    days = duration.weeks * 7 + duration.days
    parts = ((duration.years, "Y"), (duration.months, "M"), (days, "D"))
    return "P" + ("".join(f"{n}{unit}" for n, unit in parts if n) or "0D")


def add(start: date, duration: Duration) -> date:
    """Add years and months first (the day stays in the month), then weeks and days.

    31 January + P1M is 28 or 29 February. Raises ValueError beyond the year 9999.
    """
    month_index = start.year * 12 + start.month - 1 + duration.years * 12 + duration.months
    year, month = divmod(month_index, 12)
    if year > date.max.year:
        raise ValueError("date beyond the year 9999")
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    try:
        moved = timedelta(days=duration.weeks * 7 + duration.days)
        return date(year, month + 1, day) + moved
    except OverflowError as error:
        raise ValueError("date beyond the year 9999") from error


def end_date(start: str, duration: str) -> str:
    """Give start (ISO date or dateTime) + duration as an ISO date. ValueError when not readable."""
    return add(date.fromisoformat(start[:10]), parse_duration(duration)).isoformat()
