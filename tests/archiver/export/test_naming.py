"""Names are safe for every receiver, values for XML; nothing ever raises."""

from __future__ import annotations

import re
import uuid
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.export import naming
from metadata.binding import illegal_characters


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Raadsvoorstel – versie 3 (financiën)", "Raadsvoorstel-versie-3-financien"),
        ("../../etc/passwd", "etc-passwd"),
        ("con", "leeg"),
        ("NUL.txt", "NUL-txt"),
        ("日本", "leeg"),
        ("a" * 200, "a" * 40),
    ],
)
def test_safe_names(text: str, name: str) -> None:
    assert naming.safe(text, "leeg") == name


@given(st.text())
def test_a_name_is_always_safe(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,40}", naming.safe(text, "leeg"))


@given(st.text(), st.integers(2, 50))
def test_a_value_is_one_clean_line_of_at_most_the_limit(text: str, limit: int) -> None:
    value = naming.clean(text, limit)
    assert len(value) <= limit
    assert value == value.strip()
    assert not illegal_characters(value)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", value)


@given(st.text())
def test_a_moment_is_a_moment_or_nothing(text: str) -> None:
    found = naming.moment(text)
    assert found is None or datetime.fromisoformat(found)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-17T14:52:00+01:00", "2026-11-17T14:52:00+01:00"),
        ("2026-11-17", "2026-11-17"),
        ("2026-11-17T14:52:00+23:00", "2026-11-16T15:52:00Z"),
        ("gisteren", None),
        (None, None),
    ],
)
def test_moments(text: str | None, moment: str | None) -> None:
    assert naming.moment(text) == moment


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("a.PDF", "pdf"), ("a", "bin"), ("a.b/c", "bin"), (None, "bin"), ("a.txt ", "txt")],
)
def test_extension(name: str | None, suffix: str) -> None:
    assert naming.extension(name, "bin") == suffix


def test_derived_ids_are_stable_and_differ() -> None:
    base = "01a21638-e81c-7bab-8b6e-fdb19fcf61f4"
    assert naming.derived_urn(base, "a") == naming.derived_urn(base, "a")
    assert naming.derived_urn(base, "a") != naming.derived_urn(base, "b")
    assert uuid.UUID(naming.urn("geen uuid").removeprefix("urn:uuid:"))
