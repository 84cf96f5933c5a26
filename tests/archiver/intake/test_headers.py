"""The header block: fields, addresses, ids, dates. Null rather than a guess."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, formataddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.intake import headers
from archiver.intake.protocol import Limits
from archiver.model import Address


def read(raw: bytes) -> headers.Fields:
    return headers.read_fields(raw, 0, len(raw), Limits())


def test_fields_in_order_with_their_raw_value_and_the_start_of_the_body() -> None:
    raw = b"From: a\r\nSubject: een\r\n twee\r\nFrom : b\r\n\r\nTekst"
    fields = read(raw)
    assert fields.pairs == ((b"from", b"a"), (b"subject", b"een\r\n twee"), (b"from", b"b"))
    assert raw[fields.end :] == b"Tekst"
    assert fields.every(b"from") == [b"a", b"b"]
    assert fields.first(b"to") is None


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r\r\n"])
def test_line_ends_of_all_kinds_end_a_field(end: bytes) -> None:
    raw = end.join([b"A: 1", b"B: 2", b" 3", b"", b"Tekst"])
    assert read(raw).pairs[0] == (b"a", b"1")
    assert raw[read(raw).end :] == b"Tekst"


def test_a_line_that_is_no_field_ends_the_header_with_a_finding() -> None:
    fields = read(b"From: a\r\nDit is geen kopregel\r\n\r\nTekst")
    assert [f.code for f in fields.findings] == ["mail.kop_stuk"]
    assert fields.pairs == ((b"from", b"a"),)


def test_a_header_without_body_is_whole() -> None:
    assert read(b"From: a").pairs == ((b"from", b"a"),)
    assert read(b"From: a").findings == ()


@pytest.mark.parametrize(
    ("raw", "start"),
    [
        (b"From: a", 0),
        (b"\r\n\r\nFrom: a", 4),
        (b"\xef\xbb\xbfFrom: a", 3),
        (b"From anja Mon Mar  2 10:00:00 2026\nFrom: a", 35),
        (b">From anja\nFrom: a", 11),
        (b"From zonder einde", 0),
    ],
)
def test_what_stands_before_the_header_is_skipped(raw: bytes, start: int) -> None:
    assert headers.skip_envelope(raw) == start


def test_all_headers_are_shown_decoded_and_in_order() -> None:
    raw = b"X-A: =?utf-8?q?caf=C3=A9?=\r\nX-B:\r\n een\r\n\r\nC: d"
    assert headers.all_headers(raw) == (("X-A", "café"), ("X-B", "een"))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"anja@x.example", [(None, "anja@x.example")]),
        (b"Anja <anja@x.example>", [("Anja", "anja@x.example")]),
        (b'"Boer, Anja de" <anja@x.example>', [("Boer, Anja de", "anja@x.example")]),
        (b"a@x.example, B <b@x.example>", [(None, "a@x.example"), ("B", "b@x.example")]),
        (b"=?utf-8?q?Zo=C3=AB?= <z@x.example>", [("Zoë", "z@x.example")]),
        (b"=?utf-8?q?Smit=2C_Zo=C3=AB?= <z@x.example>", [("Smit, Zoë", "z@x.example")]),
        ("Zoë <z@x.example>".encode(), [("Zoë", "z@x.example")]),
        (b"Zo\xeb <z@x.example>", [("Zoë", "z@x.example")]),
        (b"Team: a@x.example, b@x.example;", [(None, "a@x.example"), (None, "b@x.example")]),
        (b"undisclosed-recipients:;", []),
        (b"a@x.example (Anja)", [("Anja", "a@x.example")]),
        (b"Secretariaat", [("Secretariaat", None)]),
        (b"", []),
        (b" \r\n ", []),
        (b"<>", []),
        (b"a@x.example\r\n , b@x.example", [(None, "a@x.example"), (None, "b@x.example")]),
    ],
)
def test_addresses(raw: bytes, expected: list[tuple[str | None, str | None]]) -> None:
    assert headers.addresses([raw]) == tuple(Address(n, a) for n, a in expected)


NAME = st.text(st.sampled_from("abcdeé ßž.,'()<>@\\\""), max_size=20)


@given(NAME)
def test_an_address_that_the_standard_library_wrote_comes_back(name: str) -> None:
    name = " ".join(name.split())
    raw = formataddr((name, "anja@x.example")).encode("ascii")
    assert headers.addresses([raw]) == (Address(name or None, "anja@x.example"),)


@given(st.lists(st.binary(max_size=120), max_size=4))
def test_no_header_makes_it_raise(values: list[bytes]) -> None:
    for found in headers.addresses(values):
        assert found.name or found.address
    headers.message_ids(values)
    for value in values:
        headers.message_id(value)
        headers.date(value)
        headers.received(headers.Fields(((b"received", value),), 0))
        headers.read_fields(value, 0, len(value), Limits())
        headers.all_headers(value)
        headers.skip_envelope(value)


@pytest.mark.parametrize("raw", [b"a:" * 4_000, b"(" * 4_000, b"a@b," * 4_000, b"<" * 9_000])
def test_hostile_addresses_end(raw: bytes) -> None:
    headers.addresses([raw])


@pytest.mark.parametrize(
    "raw",
    [
        b'"Alice' + b" " * 500_000 + b"x",
        b'"Alice"' + b" " * 500_000 + b"x",
        b"anja" + b"@notm" * 100_000,
        b"anja@x.example, " + b" " * 500_000 + b"x",
        b"anja" + b"@notm" * 100_000 + b"<",
    ],
)
def test_a_long_field_is_scanned_once(raw: bytes) -> None:
    """Found by fuzzing: 80 kB of spaces in From cost half a minute, a whole header hours."""
    started = time.process_time()
    headers.addresses([raw])
    assert time.process_time() - started < 10


def test_ids() -> None:
    assert headers.message_id(b" <1@x> (a)") == "<1@x>"
    assert headers.message_id(b"zonder haken") == "zonder haken"
    assert headers.message_id(b" ") is None
    assert headers.message_id(None) is None
    values = [b"<1@x>\r\n <2@x>,<1@x>", b"garbage <3@x"]
    assert headers.message_ids(values) == ("<1@x>", "<2@x>")


# --- dates ---------------------------------------------------------------------------------------

MOMENT = st.datetimes(datetime(1970, 1, 1), datetime(2099, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)
ZONE = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(MOMENT, ZONE)
def test_a_date_that_the_standard_library_wrote_comes_back(
    moment: datetime, zone: timezone
) -> None:
    whole = moment.replace(tzinfo=zone)
    found, trouble = headers.date(format_datetime(whole).encode())
    assert found is not None
    assert datetime.fromisoformat(found) == whole
    assert datetime.fromisoformat(found).utcoffset() == whole.utcoffset()
    assert trouble is None


@pytest.mark.parametrize(
    ("raw", "expected", "code"),
    [
        (b"Tue, 3 Mar 2026 09:15:00 +0100", "2026-03-03T09:15:00+01:00", None),
        (b"3 Mar 2026 09:15 +0100", "2026-03-03T09:15:00+01:00", None),
        (b"Tue, 3 Mar 2026 09:15:00 +0530", "2026-03-03T09:15:00+05:30", None),
        (b"Tue, 03 Mar 2026 09:15:00 GMT", "2026-03-03T09:15:00+00:00", None),
        (b"Tue, 3 Mar 2026 09:15:00 EST", "2026-03-03T09:15:00-05:00", None),
        (b"Tue, 3 Mar 2026 09:15:00 +0100 (CET)", "2026-03-03T09:15:00+01:00", None),
        (b"Tue,  3 Mar\r\n 2026 09:15:00 +0100", "2026-03-03T09:15:00+01:00", None),
        (b"3 Mar 2026 at 09:15:00 GMT+1", "2026-03-03T09:15:00+01:00", None),
        # Two digits: 1950 to 2049 (RFC 5322 section 4.3).
        (b"3 Mar 26 09:15:00 +0100", "2026-03-03T09:15:00+01:00", None),
        (b"3 Mar 99 09:15:00 +0100", "1999-03-03T09:15:00+01:00", None),
        (b"3 Mar 55 09:15:00 +0100", "1955-03-03T09:15:00+01:00", None),
        # UTC, zone of the sender unknown.
        (b"3 Mar 2026 09:15:00 -0000", "2026-03-03T09:15:00+00:00", "mail.tijdzone_utc"),
        # No zone, or one that nobody knows: none is assumed.
        (b"Tue, 3 Mar 2026 09:15:00", "2026-03-03T09:15:00", "mail.tijdzone_ontbreekt"),
        (b"Tue, 3 Mar 2026 09:15:00 XYZ", "2026-03-03T09:15:00", "mail.tijdzone_ontbreekt"),
        (b"Tue, 3 Mar 2026 09:15:00 H0500", "2026-03-03T09:15:00", "mail.tijdzone_ontbreekt"),
        # What does not exist or cannot be read is no date.
        (b"Tue, 31 Feb 2026 09:15:00 +0100", None, "mail.datum_onleesbaar"),
        (b"Tue, 3 Mar 2026 29:15:00 +0100", None, "mail.datum_onleesbaar"),
        (b"Tue, 3 Mar 2026 09:15:00 +9900", None, "mail.datum_onleesbaar"),
        (b"3 maart 2026", None, "mail.datum_onleesbaar"),
        (b"Whenever", None, "mail.datum_onleesbaar"),
        (b"", None, "mail.datum_onleesbaar"),
        (b"\xff\xfe", None, "mail.datum_onleesbaar"),
        (b"0 0 0 0:0:0", None, "mail.datum_onleesbaar"),
        (None, None, "mail.datum_ontbreekt"),
    ],
)
def test_dates(raw: bytes | None, expected: str | None, code: str | None) -> None:
    found, trouble = headers.date(raw)
    assert found == expected
    assert (trouble.code if trouble else None) == code


@given(st.text(st.sampled_from("0123456789 :+-,()MonJanFebGT/."), max_size=40))
def test_a_date_is_a_date_or_nothing(text: str) -> None:
    found, trouble = headers.date(text.encode())
    if found is None:
        assert trouble is not None
        return
    moment = datetime.fromisoformat(found)
    if moment.tzinfo is not None:
        moment.astimezone(UTC)


def test_received_is_the_topmost() -> None:
    fields = read(
        b"Received: from a by b; Tue, 3 Mar 2026 09:16:00 +0100\r\n"
        b"Received: from c by a; Tue, 3 Mar 2026 09:15:00 +0100\r\n\r\n"
    )
    assert headers.received(fields) == "2026-03-03T09:16:00+01:00"
    assert headers.received(read(b"Received: from a by b\r\n\r\n")) is None
