"""Dates as XML Schema writes them, compared as far as both go."""

from __future__ import annotations

import re

_DATE = re.compile(r"(-?\d{4,})(?:-(\d\d)(?!:))?(?:-(\d\d)(?!:))?", re.ASCII)


def parts(text: str) -> tuple[int, ...]:
    """Read year, month and day as far as they are given; empty when it is not a date.

    A zone and the time of the day do not count: terms and periods run in days.
    """
    match = _DATE.match(text)
    return tuple(int(part) for part in match.groups() if part) if match else ()


def compare(one: str, other: str) -> int:
    """Compare two dates on the precision that both have: -1, 0 or 1; 0 when one is no date."""
    here, there = parts(one), parts(other)
    length = min(len(here), len(there))
    return (here[:length] > there[:length]) - (here[:length] < there[:length])
