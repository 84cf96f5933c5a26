"""Our schema of MDTO takes and refuses what the schema of the Nationaal Archief does."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from metadata.schema import MDTO, schema
from metadata.xml import to_xml
from tests.helpers.mutations import Mutant, Verdicts, mutants, systematic
from tests.helpers.norms import bericht, bestand
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="CORPUS ABSENT: no official schema to compare with"),
]
PER_DOCUMENT = 80


def documents() -> dict[str, bytes]:
    """Every official and own example, and the two of our tests that fill every field."""
    found = {"bericht": to_xml(bericht()), "bestand": to_xml(bestand())}
    if SHARED is not None:
        for folder in ("mdto/voorbeelden", "eigen-voorbeelden/mdto-sip"):
            for path in sorted((SHARED / "standards" / folder).rglob("*.xml")):
                if path.name != "pakbon.xml":
                    found[path.name] = path.read_bytes()
    return found


def official(version: str = "1.0.1") -> etree.XMLSchema:
    assert SHARED is not None
    path: Path = SHARED / "standards" / "mdto" / f"MDTO-XML{version}.xsd"
    return etree.XMLSchema(etree.fromstring(path.read_bytes()))


def compare(theirs: etree.XMLSchema) -> Verdicts:
    verdicts, ours = Verdicts(), schema(MDTO)
    for name, data in documents().items():
        root = etree.fromstring(data)
        verdicts.judge(ours, theirs, Mutant("as it is", root))
        for mutant in (*systematic(root), *mutants(root, PER_DOCUMENT, seed=name)):
            verdicts.judge(ours, theirs, mutant)
    return verdicts


def test_every_example_is_accepted_by_both() -> None:
    examples = documents()
    assert len(examples) >= 15
    for data in examples.values():
        root = etree.fromstring(data)
        assert schema(MDTO).validate(root)
        assert official().validate(root)


def test_over_damaged_documents_both_say_the_same() -> None:
    verdicts = compare(official())
    assert verdicts.only_ours_accepts == []
    assert verdicts.only_theirs_accepts == []
    accepted, refused = verdicts.accepted.total(), verdicts.refused.total()
    print(f"{accepted} accepted by both, {refused} refused by both")  # noqa: T201 (shown with -s)
    assert accepted + refused >= 3000
    assert accepted >= 500
    assert refused >= 500


def test_the_comparison_sees_a_difference() -> None:
    """Version 1.0 differs in two places only, and both directions of the test find that."""
    verdicts = compare(official("1.0"))
    assert verdicts.only_ours_accepts  # archiefvormer twice
    assert verdicts.only_theirs_accepts  # no beperkingGebruik
