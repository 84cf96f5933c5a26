"""Dates of XML Schema are compared as far as both go, whatever zone they carry."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadata.dates import compare, parts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026", (2026,)),
        ("2026-05", (2026, 5)),
        ("2026-05-06", (2026, 5, 6)),
        ("2026-05-06T23:00:00+02:00", (2026, 5, 6)),
        ("2026+01:00", (2026,)),
        ("2026-05:00", (2026,)),
        ("2026-05-05:00", (2026, 5)),
        ("2026-05-06-05:00", (2026, 5, 6)),
        ("2026Z", (2026,)),
        ("-0044-03-15", (-44, 3, 15)),
        ("12026-11", (12026, 11)),
        ("gisteren", ()),
        ("", ()),
    ],
)
def test_parts(text: str, found: tuple[int, ...]) -> None:
    assert parts(text) == found


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        ("2026", "2026-12-31", 0),
        ("2026-12", "2026-11-30", 1),
        ("2025-12-31", "2026", -1),
        ("2026-05-06Z", "2026-05-06+14:00", 0),
        ("10000", "9999", 1),
        ("x", "2026", 0),
    ],
)
def test_compare(one: str, other: str, answer: int) -> None:
    assert compare(one, other) == answer
    assert compare(other, one) == -answer


@given(st.dates(), st.dates())
def test_whole_dates_compare_as_dates(one: date, other: date) -> None:
    assert compare(one.isoformat(), other.isoformat()) == (one > other) - (one < other)
