"""Durations are read, written and added as XML Schema says, checked against it where it can be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from metadata.duration import Duration, add, as_xsd, end_date, parse_duration

DAYS = st.dates(date(1800, 1, 1), date(2300, 12, 31))
DURATIONS = st.builds(
    Duration, st.integers(0, 200), st.integers(0, 60), st.integers(0, 60), st.integers(0, 999)
)
XSD = etree.XMLSchema(
    etree.fromstring(
        '<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema">'
        '<s:element name="d" type="s:duration"/></s:schema>'
    )
)


def is_xsd(text: str) -> bool:
    element = etree.Element("d")
    element.text = text
    return XSD.validate(element)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P10Y", Duration(10)),
        ("P1Y6M", Duration(1, 6)),
        ("P10W", Duration(weeks=10)),
        ("P28D", Duration(days=28)),
        ("P1Y2M3W4D", Duration(1, 2, 3, 4)),
        ("P1DT23H59M59S", Duration(days=1)),
        ("PT24H", Duration(days=1)),
        ("PT23H60M", Duration(days=1)),
        ("PT90.5S", Duration()),
        ("P0D", Duration()),
        ("P0010Y", Duration(10)),
    ],
)
def test_durations_are_read(text: str, duration: Duration) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "P1YT", "10Y", "p1y", "P1.5Y", "-P1Y", "P-1Y", "P1D1Y", "P1Y ", "P١Y"),
        *("P1Y\n", "P1H", "PT1Y", "P9999999Y", "P" + "1" * 100_000 + "D"),
    ],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2026-01-31", "P1M", "2026-02-28"),
        ("2027-01-31", "P13M", "2028-02-29"),
        ("2028-02-29", "P1Y", "2029-02-28"),
        ("2026-01-31", "P1M1D", "2026-03-01"),  # months first: 28 February, then a day
        ("2026-12-31", "P2M", "2027-02-28"),
        ("2026-03-04T23:59:00-05:00", "P7Y", "2033-03-04"),
        ("9999-12-30", "P1D", "9999-12-31"),
    ],
)
def test_ends(start: str, duration: str, end: str) -> None:
    assert end_date(start, duration) == end


@pytest.mark.parametrize("duration", ["P1D", "P1M", "P999999Y", "P999999W", "PT999999999H"])
def test_beyond_the_calendar_is_refused(duration: str) -> None:
    with pytest.raises(ValueError, match="9999"):
        end_date("9999-12-31", duration)


@pytest.mark.parametrize("start", ["", "2026", "04-03-2026", "2026-02-30"])
def test_an_unreadable_start_is_refused(start: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        end_date(start, "P1Y")


@given(DURATIONS)
def test_what_is_written_is_an_xsd_duration_of_the_same_length(duration: Duration) -> None:
    text = as_xsd(duration)
    assert is_xsd(text)
    start = date(2024, 5, 31)
    assert add(start, parse_duration(text)) == add(start, duration)


@given(st.from_regex(r"\AP[0-9YMDT]{0,8}[HMS0-9]{0,4}\Z"))
def test_what_xsd_takes_we_take_and_the_other_way_round(text: str) -> None:
    try:
        parse_duration(text)
        ours = True
    except ValueError:
        ours = False
    assert ours == is_xsd(text)


@given(DAYS, DURATIONS)
def test_the_end_is_never_before_the_start(start: date, duration: Duration) -> None:
    assert add(start, duration) >= start


@given(DAYS, st.integers(0, 50_000))
def test_days_are_days(start: date, days: int) -> None:
    assert add(start, Duration(days=days)) == start + timedelta(days=days)


@given(DAYS, st.integers(0, 2400))
def test_months_stay_in_the_month(start: date, months: int) -> None:
    end = add(start, Duration(months=months))
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end + timedelta(days=1)).day == 1


@given(DAYS, DURATIONS, DURATIONS)
def test_a_longer_one_by_every_unit_is_longer(start: date, one: Duration, more: Duration) -> None:
    both = Duration(
        one.years + more.years,
        one.months + more.months,
        one.weeks + more.weeks,
        one.days + more.days,
    )
    assert add(start, both) >= add(start, one)
    assert both.length >= one.length
