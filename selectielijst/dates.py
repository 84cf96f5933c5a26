"""Terms and dates of lists: `metadata.duration` with the errors and the strictness of this package.

Dates are ISO ``YYYY-MM-DD``; of a moment only the date counts, as written, because a term runs in
days of the place where the message was sent. A term is whole days, weeks, months and years.
"""

from __future__ import annotations

import re
from datetime import date

from metadata import duration
from metadata.duration import Duration
from selectielijst.errors import ListError

__all__ = ["Duration", "add", "day_of", "end_date", "parse_date", "parse_duration", "within"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?=$|[T ])", re.ASCII)


def parse_duration(text: str) -> Duration:
    """Read ``P10Y``, ``P1Y6M``, ``P42D``. Raises `ListError` ``termijn_onleesbaar``.

    Hours and smaller are refused here: a list that counts hours is a mistake in the list.
    """
    try:
        if "T" in text:
            raise ValueError("a term has no part of a day")
        return duration.parse_duration(text)
    except ValueError as error:
        raise ListError("termijn_onleesbaar", {"termijn": text}) from error


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
    """Add a term, staying in the month. `ListError` ``datum_buiten_bereik`` past the year 9999."""
    try:
        return duration.add(start, term)
    except ValueError as error:
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
