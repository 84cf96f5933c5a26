"""Our schema of MDTO says no where the norm says no, with a place, and never crashes."""

from __future__ import annotations

import dataclasses

import pytest

from metadata.schema import validate
from metadata.xml import to_xml
from tests.helpers.norms import bericht, bestand

MESSAGE, FILE = to_xml(bericht()).decode(), to_xml(bestand()).decode()


@pytest.mark.parametrize(
    ("document", "old", "new"),
    [
        (MESSAGE, "<taal>nl</taal>", "<taal>Nederlands (NL)</taal>"),
        (MESSAGE, "P7Y", "7 jaar"),
        (MESSAGE, "<naam>Planning sluisbrug</naam>", ""),
        (MESSAGE, "<termijnStartdatumLooptijd>2026-03-04<", "<termijnStartdatumLooptijd>2026<"),
        (MESSAGE, "<eventTijd>2026-03-04T10:15:00+01:00", "<eventTijd>4 maart 2026"),
        (MESSAGE, "<trefwoord>", '<trefwoord soort="x">'),
        (MESSAGE, "informatieobject>", "zaak>"),
        (FILE, "1234", "1234 bytes"),
        (FILE, "<checksumDatum>2026-03-05T08:00:00+01:00", "<checksumDatum>2026-03-05"),
    ],
)
def test_a_breach_of_the_schema_is_one_with_a_place(document: str, old: str, new: str) -> None:
    assert old in document
    assert validate(document.encode()) == ()
    found = validate(document.replace(old, new).encode())
    assert {v.code for v in found} == {"xml.schema"}
    assert all(v.place.startswith("/") and v.params["melding"] for v in found)


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "xml.geen_xml"), (b"<a>", "xml.geen_xml"), (b"<!DOCTYPE a><a/>", "xml.doctype")],
)
def test_what_is_no_xml_is_one_breach(data: bytes, code: str) -> None:
    assert [v.code for v in validate(data)] == [code]


def test_required_fields_that_are_absent_are_breaches() -> None:
    for absent in ({"waardering": None}, {"archiefvormer": ()}, {"beperkingGebruik": ()}):
        assert validate(to_xml(dataclasses.replace(bericht(), **absent)))
