"""ToPX objects come back from XML as they were; foreign content is carried as it is."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadata import topx
from metadata.binding import RawXml, XmlError
from metadata.schema import TOPX, validate
from metadata.topx_xml import from_xml, to_xml
from tests.helpers.norms import objects, record, topx_bestand


@settings(max_examples=100, deadline=None)
@given(st.one_of(objects(topx.Aggregatie), objects(topx.Bestand)))
def test_every_object_comes_back_as_it_was(obj: topx.Aggregatie | topx.Bestand) -> None:
    data = to_xml(obj)
    assert from_xml(data) == obj
    assert to_xml(from_xml(data)) == data


@pytest.mark.parametrize("obj", [record(), topx_bestand()])
def test_the_full_examples_fit_the_schema(obj: topx.Aggregatie | topx.Bestand) -> None:
    data = to_xml(obj)
    assert validate(data, TOPX) == ()
    assert from_xml(data) == obj


def test_the_record_fills_every_field() -> None:
    assert all(getattr(record(), field.name) for field in dataclasses.fields(topx.Aggregatie))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<taal>dut<", "<taal>nl<"),
        ("<type>Vernietigen<", "<type>Weggooien<"),
        ("Vertrouwelijk<", "Een beetje geheim<"),
        ("<aggregatieniveau>Record<", "<aggregatieniveau>Archiefstuk<"),
        ("<naam>Planning sluisbrug<", f"<naam>{'x' * 256}<"),
        ("<naam>Planning sluisbrug</naam>", ""),
        ("<datum>2026-03-04<", "<datum>2026-03<"),
    ],
)
def test_a_breach_of_the_schema_is_found(old: str, new: str) -> None:
    text = to_xml(record()).decode()
    assert old in text
    assert {v.code for v in validate(text.replace(old, new).encode(), TOPX)} == {"xml.schema"}


def test_an_empty_restriction_stands_for_open_to_the_public() -> None:
    """The schema gives a default, so empty is allowed there, and only there."""
    text = to_xml(record()).decode().replace(">Openbaar<", "><")
    assert validate(text.encode(), TOPX) == ()


def test_attributes_of_a_source_system_are_allowed_and_not_kept() -> None:
    text = to_xml(record()).decode().replace("<naam>", '<naam lokaal="titel">', 1)
    assert validate(text.encode(), TOPX) == ()
    assert from_xml(text.encode()) == record()


def test_content_of_another_norm_is_not_indented_or_changed() -> None:
    raw = RawXml('<k xmlns="urn:e"><l>een</l><l> twee</l>\n</k>')
    again = from_xml(to_xml(dataclasses.replace(record(), generiekeMetadata=(raw,))))
    assert again.generiekeMetadata == (raw,)


def test_content_that_is_no_xml_is_refused() -> None:
    for raw in (
        "<k>",
        "a & b",
        "<k/>",
        '<p:k xmlns:p="urn:p"><l/></p:k>',
        '<!DOCTYPE x [<!ENTITY e "y">]>',
        "</x><x>",
    ):
        with pytest.raises(XmlError):
            to_xml(dataclasses.replace(record(), generiekeMetadata=(RawXml(raw),)))


def test_mdto_is_not_topx() -> None:
    with pytest.raises(XmlError) as caught:
        from_xml(b'<MDTO xmlns="https://www.nationaalarchief.nl/mdto"/>')
    assert (caught.value.code, caught.value.params) == ("xml.andere_norm", {"norm": "ToPX"})
