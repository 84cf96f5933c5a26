"""Every rule of the norm beyond the schema: an example that keeps it and one that breaks it."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadata import begrippen, mdto, rules
from metadata.mdto import TermijnGegevens
from metadata.rules import check
from metadata.xml import from_xml, to_xml
from tests.helpers.norms import bericht, bestand, eigen, objects, verwijzing

Object = mdto.Informatieobject | mdto.Bestand
Change = Callable[[], Object]


def message(**changes: Any) -> Change:
    return lambda: dataclasses.replace(bericht(), **changes)


def file(**changes: Any) -> Change:
    return lambda: dataclasses.replace(bestand(), **changes)


def term(*parts: str | None, trigger: bool = True) -> Change:
    start, looptijd, end = parts
    begrip = begrippen.event_type("Bevriezing") if trigger else None
    return message(bewaartermijn=TermijnGegevens(begrip, start, looptijd, end))


def period(begin: str, end: str | None) -> Change:
    kind = begrippen.bericht("Periode gesprek")
    return message(dekkingInTijd=(mdto.DekkingInTijdGegevens(kind, begin, end),))


def restriction(label: str, text: str | None) -> Change:
    term = begrippen.beperking(label)
    return message(beperkingGebruik=(mdto.BeperkingGebruikGegevens(term, text),))


def checksum(label: str) -> Change:
    algorithm = mdto.BegripGegevens(label, None, verwijzing("Eigen lijst"))
    return file(checksum=(mdto.ChecksumGegevens(algorithm, "00", "2026-03-05T08:00:00Z"),))


def named(lijst: str, label: str, code: str | None = None) -> mdto.BegripGegevens:
    return mdto.BegripGegevens(label, code, verwijzing(lijst))


def kept(value: str | None, **changes: Any) -> Change:
    """Give a message with another waardering (label) and no term."""
    waardering = (
        None if value is None else named(begrippen.WAARDERINGEN, value, changes.pop("code"))
    )
    return message(waardering=waardering, bewaartermijn=None, **changes)


# code, a breach, its place, an example close to it that keeps the rule
RULES: list[tuple[str, Change, str, Change]] = [
    ("mdto.leeg", message(trefwoord=("  ",)), "trefwoord", message(trefwoord=("x",))),
    ("mdto.leeg", message(naam=""), "naam", message(naam="0")),
    (
        "mdto.leeg",
        message(archiefvormer=(verwijzing("Gemeente", " "),)),
        "archiefvormer/verwijzingIdentificatie/identificatieKenmerk",
        message(archiefvormer=(verwijzing("Gemeente"),)),
    ),
    ("mdto.stuurteken", message(naam="a\nb"), "naam", message(omschrijving=("a\nb",))),
    ("mdto.stuurteken", message(naam="a\x07b"), "naam", message(naam="a\u00adb")),
    (
        "mdto.stuurteken",
        message(omschrijving=("a\x00",)),
        "omschrijving",
        message(omschrijving=("a\tb",)),
    ),
    ("mdto.witruimte", message(naam=" Brug"), "naam", message(naam="De brug")),
    (
        "mdto.onbekend_begrip",
        message(aggregatieniveau=named("Aggregatieniveaus", "Zaak")),
        "aggregatieniveau",
        message(aggregatieniveau=named("Aggregatieniveaus", "Dossier")),
    ),
    (
        "mdto.onbekend_begrip",
        message(aggregatieniveau=named(begrippen.AGGREGATIENIVEAUS, "dossier")),
        "aggregatieniveau",
        message(aggregatieniveau=named("Niveaus van Waterbeke", "dossier")),
    ),
    (
        "mdto.verkeerde_code",
        kept("Blijvend te bewaren", code="V"),
        "waardering",
        kept("Blijvend te bewaren", code="B"),
    ),
    (
        "mdto.einde_voor_begin",
        period("2026-03-02", "2026-03-01"),
        "dekkingInTijd",
        period("2026-03-02", "2026-03"),
    ),
    ("mdto.einde_voor_begin", period("2026", "2025-12"), "dekkingInTijd", period("2026", None)),
    (
        "mdto.einde_voor_begin",
        period("2026-03-02+01:00", "2026-03-01+01:00"),
        "dekkingInTijd",
        period("2026-03-02+01:00", "2026+01:00"),
    ),
    (
        "mdto.einde_voor_begin",
        term("2026-03-04", None, "2026-03-03"),
        "bewaartermijn",
        term("2026-03-04", None, "2026-03-04"),
    ),
    (
        "mdto.overig_zonder_beschrijving",
        restriction("Overig", None),
        "beperkingGebruik",
        restriction("Geen beperking", None),
    ),
    ("mdto.checksum_algoritme", checksum("MD5"), "checksum", checksum("SHA-512")),
    ("mdto.checksum_algoritme", checksum("SHA-1"), "checksum", checksum("SHA-224")),
    ("mdto.checksum_spelling", checksum("SHA256"), "checksum", checksum("SHA-256")),
    (
        "mdto.termijn_onvolledig",
        term("2026-03-04", None, None),
        "bewaartermijn",
        term(None, "P7Y", None),
    ),
    (
        "mdto.termijn_onvolledig",
        term(None, "P7Y", None, trigger=False),
        "bewaartermijn",
        term(None, None, "2033", trigger=False),
    ),
    (
        "mdto.termijn_onleesbaar",
        term("2026-03-04", "7 jaar", "2033-03-04"),
        "bewaartermijn",
        term("2026-03-04", "P7Y", "2033-03-04"),
    ),
    (
        "mdto.termijn_onleesbaar",
        term("2026-03-04", "-P7Y", "2033-03-04"),
        "bewaartermijn",
        term("2026-03-04", "P0Y", "2026-03-04"),
    ),
    (
        "mdto.einddatum_ontbreekt",
        term("2026-03-04", "P7Y", None),
        "bewaartermijn",
        term("2026-03-04", "P7Y", "2033"),
    ),
    (
        "mdto.termijn_rekent_niet",
        term("2026-03-04", "P7Y", "2033-03-05"),
        "bewaartermijn",
        term("2026-01-31", "P1M", "2026-02-28"),
    ),
    (
        "mdto.termijn_rekent_niet",
        term("2026-03-04", "P7Y", "2034"),
        "bewaartermijn",
        term("2026-03-04", "P7Y", "2033-03"),
    ),
    ("mdto.ontbreekt", kept(None), "waardering", kept("Nader te bepalen", code="N")),
    ("mdto.ontbreekt", message(archiefvormer=()), "archiefvormer", bericht),
    ("mdto.ontbreekt", message(beperkingGebruik=()), "beperkingGebruik", bericht),
    ("mdto.ontbreekt", file(checksum=()), "checksum", bestand),
    (
        "mdto.waardering_lijst",
        message(waardering=named("Eigen lijst", "Tijdelijk te bewaren", "V")),
        "waardering",
        message(waardering=named("Waarderingen", "Tijdelijk te bewaren", "V")),
    ),
    (
        "mdto.waardering_code",
        message(waardering=named(begrippen.WAARDERINGEN, "Tijdelijk te bewaren")),
        "waardering",
        bericht,
    ),
    (
        "mdto.termijn_zonder_v",
        message(waardering=begrippen.waardering("B")),
        "bewaartermijn",
        message(waardering=begrippen.waardering("B"), bewaartermijn=None),
    ),
    ("mdto.v_zonder_termijn", message(bewaartermijn=None), "bewaartermijn", bericht),
    ("mdto.v_zonder_termijn", message(informatiecategorie=None), "bewaartermijn", bericht),
    ("mdto.geen_niveau", message(aggregatieniveau=None), "aggregatieniveau", bericht),
    ("mdto.taal", message(taal=("Nederlands (NL)",)), "taal", message(taal=("nl-NL", "fry"))),
    ("mdto.naam_lang", message(naam="x" * 81), "naam", message(naam="x" * 80)),
    (
        "mdto.omschrijving_lang",
        message(omschrijving=("x" * 3001,)),
        "omschrijving",
        message(omschrijving=("x" * 3000,)),
    ),
    (
        "mdto.puid",
        file(bestandsformaat=begrippen.pronom("eml", "E-mail")),
        "bestandsformaat",
        file(bestandsformaat=begrippen.pronom("x-fmt/430", "Outlook")),
    ),
    (
        "mdto.formaat",
        file(bestandsformaat=eigen("E-mail")),
        "bestandsformaat",
        file(bestandsformaat=begrippen.media_type("message/rfc822")),
    ),
    ("mdto.omvang", file(omvang=-1), "omvang", file(omvang=0)),
]
ADVICE = {
    "mdto.witruimte",
    "mdto.checksum_spelling",
    "mdto.einddatum_ontbreekt",
    "mdto.waardering_code",
    "mdto.v_zonder_termijn",
    "mdto.geen_niveau",
    "mdto.naam_lang",
    "mdto.omschrijving_lang",
    "mdto.formaat",
}


@pytest.mark.parametrize(("code", "breach", "place", "kept"), RULES)
def test_a_breach_is_reported_and_its_neighbour_is_not(
    code: str, breach: Change, place: str, kept: Change
) -> None:
    found = check(breach())
    assert (code, place) in [(v.code, v.place) for v in found]
    assert all(v.advice == (code in ADVICE) for v in found if v.code == code)
    assert code not in [v.code for v in check(kept())]


@pytest.mark.parametrize("obj", [bericht(), bestand()])
def test_the_full_examples_break_nothing(obj: Object) -> None:
    assert check(obj) == ()


def test_every_code_of_the_rules_is_in_the_table_above() -> None:
    tree = ast.parse(Path(rules.__file__).read_text(encoding="utf-8"))
    codes = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Violation"
        and isinstance(node.args[0], ast.Constant)
    }
    assert codes == {code for code, *_ in RULES}
    assert codes >= ADVICE


def test_the_official_names_of_a_list_may_vary() -> None:
    for lijst in (
        "Begrippenlijst Aggregatieniveaus MDTO",
        "aggregatieniveaus",
        "Aggregatieniveaus MDTO",
    ):
        obj = message(aggregatieniveau=named(lijst, "Zaak"))()
        assert "mdto.onbekend_begrip" in [v.code for v in check(obj)]


@settings(max_examples=100, deadline=None)
@given(st.one_of(objects(mdto.Informatieobject), objects(mdto.Bestand)))
def test_any_object_gets_an_answer_that_survives_the_way_through_xml(obj: Object) -> None:
    assert check(from_xml(to_xml(obj))) == check(obj)
