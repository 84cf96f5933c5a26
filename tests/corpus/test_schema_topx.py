"""Our schema of ToPX takes and refuses what the schema of the Nationaal Archief does."""

from __future__ import annotations

import pytest
from lxml import etree

from metadata.mapping import to_aggregatie, to_bestand
from metadata.schema import TOPX, schema
from metadata.topx_xml import from_xml, to_xml
from tests.helpers.mutations import Mutant, Verdicts, mutants, systematic
from tests.helpers.norms import bericht, bestand, record, topx_bestand
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="CORPUS ABSENT: no official schema to compare with"),
]
PER_DOCUMENT = 150


def documents() -> dict[str, bytes]:
    """Every official and own example, and the two of our tests that fill every field."""
    found = {
        "record": to_xml(record()),
        "bestand": to_xml(topx_bestand()),
        "record from MDTO": to_xml(to_aggregatie(bericht(), "2026-11-26")),
        "bestand from MDTO": to_xml(to_bestand(bestand(), "E-mailbericht")),
    }
    if SHARED is not None:
        for folder in ("topx/voorbeelden", "eigen-voorbeelden/topx"):
            for path in sorted((SHARED / "standards" / folder).rglob("*")):
                if path.suffix in (".xml", ".metadata"):
                    found[path.name] = path.read_bytes()
    return found


def official() -> etree.XMLSchema:
    assert SHARED is not None
    path = SHARED / "standards" / "topx" / "ToPX-2.3_2.xsd"
    return etree.XMLSchema(etree.fromstring(path.read_bytes()))


def test_the_examples_are_accepted_except_the_two_that_are_known_to_be_wrong() -> None:
    examples, theirs = documents(), official()
    assert len(examples) >= 15
    for name, data in examples.items():
        root = etree.fromstring(data)
        valid = "ONGELDIG" not in name
        assert schema(TOPX).validate(root) is valid, name
        assert theirs.validate(root) is valid, name


def test_over_damaged_documents_both_say_the_same() -> None:
    verdicts, ours, theirs = Verdicts(), schema(TOPX), official()
    for name, data in documents().items():
        root = etree.fromstring(data)
        verdicts.judge(ours, theirs, Mutant("as it is", root))
        for mutant in (*systematic(root), *mutants(root, PER_DOCUMENT, seed=name)):
            verdicts.judge(ours, theirs, mutant)
    assert not verdicts.only_ours_accepts, "\n".join(verdicts.only_ours_accepts)
    assert not verdicts.only_theirs_accepts, "\n".join(verdicts.only_theirs_accepts)
    accepted, refused = verdicts.accepted.total(), verdicts.refused.total()
    print(f"{accepted} accepted by both, {refused} refused by both")  # noqa: T201 (shown with -s)
    assert accepted + refused >= 2500
    assert accepted >= 500
    assert refused >= 500


@pytest.mark.parametrize("code", ["dut", "eng", "fry", "", "nld", "nl", "qaa", "DUT", "cnr"])
def test_the_language_codes_are_the_same(code: str) -> None:
    root = etree.fromstring(to_xml(record()))
    for element in root.iter("{*}taal"):
        element.text = code
    assert schema(TOPX).validate(root) is official().validate(root)


def test_all_codes_of_three_letters_get_the_same_answer() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    ours, theirs = schema(TOPX), official()
    root = etree.fromstring(to_xml(record()))
    (taal,) = root.iter("{*}taal")
    accepted = 0
    for code in (a + b + c for a in letters for b in letters for c in letters):
        taal.text = code
        answer = ours.validate(root)
        assert answer is theirs.validate(root), code
        accepted += answer
    assert accepted == 485


def test_the_valid_examples_can_be_read_and_written() -> None:
    for name, data in documents().items():
        if "ONGELDIG" not in name:
            written = to_xml(from_xml(data))
            assert official().validate(etree.fromstring(written)), name
            assert from_xml(written) == from_xml(data)
