"""MDTO objects come back from XML as they were, and hostile XML does nothing but end in an error."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from metadata import mdto
from metadata.binding import XmlError, canonical, parse
from metadata.schema import validate
from metadata.xml import from_xml, to_xml
from tests.helpers.norms import bericht, bestand, objects, verwijzing

OBJECTS = st.one_of(objects(mdto.Informatieobject), objects(mdto.Bestand))
HEAD = f'<MDTO xmlns="{mdto.NAMESPACE}">'


@settings(max_examples=150, deadline=None)
@given(OBJECTS)
def test_every_object_comes_back_as_it_was(obj: mdto.Informatieobject | mdto.Bestand) -> None:
    data = to_xml(obj)
    assert from_xml(data) == obj
    assert to_xml(from_xml(data)) == data


@pytest.mark.parametrize("obj", [bericht(), bestand()])
def test_the_full_examples_fill_every_field_and_fit_the_schema(
    obj: mdto.Informatieobject | mdto.Bestand,
) -> None:
    assert all(getattr(obj, field.name) for field in dataclasses.fields(obj))
    data = to_xml(obj)
    assert validate(data) == ()
    assert from_xml(data) == obj


def test_what_is_written_is_utf8_indented_and_names_the_schema() -> None:
    text = to_xml(dataclasses.replace(bericht(), naam="Één brug ✓")).decode("utf-8")
    assert text.startswith("<?xml version='1.0' encoding='UTF-8'?>\n<MDTO xmlns=")
    assert "<naam>Één brug ✓</naam>" in text
    assert "MDTO-XML1.0.1.xsd" in text
    assert "\n  <informatieobject>\n    <identificatie>\n" in text


def test_the_order_is_that_of_the_schema() -> None:
    root = parse(to_xml(bericht()))
    names = [etree.QName(child).localname for child in root[0]]
    fields = [field.name for field in dataclasses.fields(mdto.Informatieobject)]
    assert sorted(names, key=fields.index) == names


@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_a_character_that_xml_cannot_carry_is_refused_by_name(bad: str) -> None:
    with pytest.raises(XmlError) as caught:
        to_xml(dataclasses.replace(bericht(), naam=f"brug{bad}"))
    assert (caught.value.code, caught.value.place) == ("xml.stuurteken", "naam")


def test_tabs_line_ends_and_markup_come_back() -> None:
    text = "een\ttwee\r\ndrie <b>&amp;</b> ]]> "
    obj = dataclasses.replace(bericht(), omschrijving=(text,))
    assert from_xml(to_xml(obj)) == obj


BESTAND = to_xml(bestand()).decode()


@pytest.mark.parametrize(
    ("document", "code", "place"),
    [
        ("<MDTO/>", "xml.andere_norm", "MDTO"),
        ("<MDTO", "xml.geen_xml", "/"),
        ("", "xml.geen_xml", "/"),
        (f"{HEAD}</MDTO>", "xml.niet_een_object", "MDTO"),
        (f"{HEAD}<bestand/><bestand/></MDTO>", "xml.niet_een_object", "MDTO"),
        (f"{HEAD}<zaak/></MDTO>", "xml.onbekend_element", "MDTO/zaak"),
        (f'{HEAD}<bestand xmlns=""/></MDTO>', "xml.onbekend_element", "MDTO/bestand"),
        (f"{HEAD}<bestand/></MDTO>", "xml.ontbreekt", "bestand/naam"),
        (BESTAND.replace("1234", "1_234"), "xml.geen_getal", "bestand/omvang"),
        (BESTAND.replace("1234", "veel"), "xml.geen_getal", "bestand/omvang"),
        (BESTAND.replace("1234", "9" * 5000), "xml.geen_getal", "bestand/omvang"),
        (BESTAND.replace("<naam>", "<naam><b/>"), "xml.geen_tekst", "bestand/naam"),
        (BESTAND.replace("<naam>", "<naam>x</naam><naam>"), "xml.te_vaak", "bestand/naam"),
        (BESTAND.replace("naam>", "titel>"), "xml.onbekend_element", "bestand/titel"),
    ],
)
def test_what_is_not_mdto_says_why_and_where(document: str, code: str, place: str) -> None:
    with pytest.raises(XmlError) as caught:
        from_xml(document.encode())
    assert (caught.value.code, caught.value.place) == (code, place)


def test_a_number_with_sign_and_white_space_is_a_number() -> None:
    obj = from_xml(BESTAND.replace("1234", " +1234\n").encode())
    assert isinstance(obj, mdto.Bestand)
    assert obj.omvang == 1234


BOMB = '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("doctype", ["<!DOCTYPE MDTO>", f"<!DOCTYPE MDTO [{BOMB}]>"])
def test_a_doctype_is_refused_in_every_encoding(doctype: str, encoding: str) -> None:
    head = f"<?xml version='1.0' encoding='{encoding}'?>"
    data = f"{head}{doctype}{HEAD}</MDTO>".encode(encoding)
    with pytest.raises(XmlError) as caught:
        from_xml(data)
    assert caught.value.code == "xml.doctype"


def test_an_external_entity_is_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "geheim.txt"
    secret.write_text("GEHEIM", encoding="utf-8")
    padding = f"<!--{'x' * 70_000}-->"  # so far in that the first look does not see it
    data = (
        f'{padding}<!DOCTYPE MDTO [<!ELEMENT g ANY><!NOTATION n SYSTEM "{secret.as_uri()}">]>'
        f"{HEAD}<bestand/></MDTO>"
    ).encode()
    with pytest.raises(XmlError) as caught:
        from_xml(data)
    assert caught.value.code == "xml.doctype"


def test_deep_nesting_ends_as_an_error() -> None:
    data = (HEAD + "<bestand>" * 5000 + "</bestand>" * 5000 + "</MDTO>").encode()
    with pytest.raises(XmlError):
        from_xml(data)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_documents_never_crash(data: st.DataObject) -> None:
    good = bytearray(to_xml(bericht()))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(good) - 1))
        good[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        from_xml(bytes(good))
    except XmlError:
        return
    assert isinstance(validate(bytes(good)), tuple)


def test_random_bytes_never_crash() -> None:
    source = random.Random(2026)
    for _ in range(200):
        with pytest.raises(XmlError):
            from_xml(source.randbytes(64))


def test_content_of_another_norm_is_kept_in_one_form() -> None:
    element = etree.fromstring('<x xmlns:q="urn:q"> <k xmlns="urn:e" b="2" a="1"/> na &amp; </x>')
    assert canonical(element) == '<k xmlns="urn:e" a="1" b="2"></k> na &amp;'


def test_a_reference_without_identification_has_no_empty_element() -> None:
    obj = dataclasses.replace(bestand(), isRepresentatieVan=verwijzing("Brief"))
    assert b"verwijzingIdentificatie" not in to_xml(obj)
