"""Terms and dates: exact, staying in the month, and never earlier than the start."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selectielijst.dates import Duration, add, end_date, parse_date, parse_duration
from selectielijst.errors import ListError

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
TERMS = st.builds(
    Duration, st.integers(0, 110), st.integers(0, 40), st.integers(0, 60), st.integers(0, 400)
)


@pytest.mark.parametrize(
    ("start", "term", "end"),
    [
        ("2026-01-31", "P1M", "2026-02-28"),
        ("2028-01-31", "P1M", "2028-02-29"),
        ("2028-02-29", "P1Y", "2029-02-28"),
        ("2028-02-29", "P4Y", "2032-02-29"),
        ("2026-12-31", "P2M", "2027-02-28"),
        ("2026-11-17", "P10Y", "2036-11-17"),
        ("2026-11-17", "P1Y6M", "2028-05-17"),
        ("2026-11-17", "P10W", "2027-01-26"),
        ("2026-11-17", "P42D", "2026-12-29"),
        ("2026-11-17", "P0D", "2026-11-17"),
        ("2026-11-17T14:52:00+01:00", "P7Y", "2033-11-17"),
    ],
)
def test_end_dates(start: str, term: str, end: str) -> None:
    assert end_date(start, term) == end


@pytest.mark.parametrize("term", ["", "P", "10Y", "P1.5Y", "P-1Y", "PT5H", "p1y", "P1D1Y", "P١Y"])
def test_an_unreadable_term_is_refused(term: str) -> None:
    with pytest.raises(ListError) as caught:
        parse_duration(term)
    assert caught.value.code == "termijn_onleesbaar"


@pytest.mark.parametrize("start", ["", "17-11-2026", "2026-02-30", "2026-13-01", "2026-11-17x"])
def test_an_unreadable_start_is_refused(start: str) -> None:
    with pytest.raises(ListError, match="datum_onleesbaar"):
        end_date(start, "P1Y")


def test_a_term_past_the_calendar_is_refused() -> None:
    with pytest.raises(ListError, match="datum_buiten_bereik"):
        end_date("2026-01-01", "P9000Y")


@given(DAYS, TERMS)
def test_a_term_never_ends_before_its_start(start: date, term: Duration) -> None:
    assert add(start, term) >= start


@given(DAYS, DAYS, TERMS)
def test_a_later_start_never_ends_earlier(one: date, other: date, term: Duration) -> None:
    first, last = sorted((one, other))
    assert add(first, term) <= add(last, term)


@given(DAYS, st.integers(0, 1200))
def test_months_keep_the_day_or_the_last_day_of_the_month(start: date, months: int) -> None:
    end = add(start, Duration(months=months))
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    tomorrow = add(end, Duration(days=1))
    assert end.day == start.day or (end.day < start.day and tomorrow.day == 1)


@given(DAYS, TERMS)
def test_written_terms_are_read_back(start: date, term: Duration) -> None:
    text = f"P{term.years}Y{term.months}M{term.weeks}W{term.days}D"
    assert parse_duration(text) == term
    assert parse_date(end_date(start.isoformat(), text)) == add(start, term)
