"""Terms and dates: ISO 8601 durations of whole days, weeks, months and years, without a clock.

Dates are ISO ``YYYY-MM-DD``; of a moment only the date counts, as written, because a term runs in
days of the place where the message was sent.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from selectielijst.errors import ListError

_FORM = re.compile(r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?=$|[T ])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Duration:
    """A term in calendar units; a selection list gives months and days too, not years only."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0

    @property
    def length(self) -> float:
        """Give a length in days, only to say which of two terms is the longest."""
        return (self.years * 12 + self.months) * 30.436875 + self.weeks * 7 + self.days


def parse_duration(text: str) -> Duration:
    """Read ``P10Y``, ``P1Y6M``, ``P42D``. Raises `ListError` ``termijn_onleesbaar``."""
    match = _FORM.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ListError("termijn_onleesbaar", {"termijn": text})
    return Duration(*(int(group or 0) for group in match.groups()))


def parse_date(text: str | None) -> date | None:
    """Read the date of an ISO date or moment; None when there is none or it does not exist."""
    match = _DATE.match(text or "")
    if match is None:
        return None
    try:
        return date.fromisoformat(match.group())
    except ValueError:
        return None


def add(start: date, term: Duration) -> date:
    """Add years and months first, staying in the month (31 Jan + P1M = 28 Feb), then days.

    Raises `ListError` ``datum_buiten_bereik`` past the year 9999.
    """
    month = start.month - 1 + term.months + term.years * 12
    year, month = start.year + month // 12, month % 12 + 1
    try:
        moved = date(year, month, min(start.day, monthrange(year, month)[1]))
        return moved + timedelta(days=term.weeks * 7 + term.days)
    except (ValueError, OverflowError) as error:
        raise ListError("datum_buiten_bereik", {"datum": start.isoformat()}) from error


def end_date(start: str, termijn: str) -> str:
    """Give the date on which the term ends. Raises `ListError` for an unreadable date or term."""
    day = parse_date(start)
    if day is None:
        raise ListError("datum_onleesbaar", {"datum": start})
    return add(day, parse_duration(termijn)).isoformat()


def within(day: date, van: date | None, tot: date | None) -> bool:
    """Tell whether `day` lies in the period; both ends count, an absent end is open."""
    return (van is None or van <= day) and (tot is None or day <= tot)


def day_of(value: object, place: str) -> date | None:
    """Read an optional date of a file. Raises `ListError` ``datum_onleesbaar`` with the place."""
    if value is None or value == "":
        return None
    day = parse_date(value) if isinstance(value, str) else None
    if day is None:
        raise ListError("datum_onleesbaar", {"datum": str(value)}, place)
    return day
