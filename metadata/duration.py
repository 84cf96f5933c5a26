"""ISO 8601 durations added to dates, exactly as XML Schema part 2 (appendix E) says."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_DURATION = re.compile(
    r"P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?"
)
MAX_YEARS = 1_000


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration in whole months and days; parts of a day do not move a date."""

    months: int
    days: int


def parse_duration(text: str) -> Duration:
    """Read ``P10Y``, ``P6M``, ``P1Y6M``, ``P28D``, ``P10W``. ValueError when it is not a duration."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"not an ISO 8601 duration: {text[:40]!r}")
    years, months, weeks, days, hours, *_ = (int(g or 0) for g in match.groups())
    total = years * 12 + months
    if total > MAX_YEARS * 12 or weeks + days > MAX_YEARS * 366:
        raise ValueError(f"duration too long: {text[:40]!r}")
    return Duration(total, weeks * 7 + days + hours // 24)


def add(start: date, duration: Duration) -> date:
    """Add months first (the day clamps to the end of the month), then days.

    31 January + P1M is 28 or 29 February. ValueError beyond the year 9999.
    """
    month_index = start.year * 12 + start.month - 1 + duration.months
    year, month = divmod(month_index, 12)
    if year > 9999:
        raise ValueError("date beyond the year 9999")
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    try:
        return date(year, month + 1, day) + timedelta(days=duration.days)
    except OverflowError as error:
        raise ValueError("date beyond the year 9999") from error


def end_date(start: str, duration: str) -> str:
    """Give start (ISO date or dateTime) + duration as an ISO date. ValueError when not readable."""
    return add(date.fromisoformat(start[:10]), parse_duration(duration)).isoformat()
