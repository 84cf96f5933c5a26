"""What e-depots check on top of the schema of ToPX: an example that keeps it and one that does not."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadata import topx, topx_rules
from metadata.mapping import to_aggregatie, to_bestand
from metadata.topx import DatumOfJaar, DatumOfPeriode, Openbaarheid, Periode
from metadata.topx_rules import check
from tests.helpers.norms import bericht, bestand, eigen, objects, record, topx_bestand

DAY = DatumOfPeriode(datum="2026-03-04")


def aggregatie(**changes: Any) -> topx.Aggregatie:
    return dataclasses.replace(record(), **changes)


def access(text: str, begin: str | None, end: str | None) -> topx.Aggregatie:
    period = Periode(
        DatumOfJaar(datum=begin) if begin else None, DatumOfJaar(datum=end) if end else None
    )
    return aggregatie(openbaarheid=(Openbaarheid((text,), DatumOfPeriode(periode=period)),))


def covered(begin: DatumOfJaar | None, end: DatumOfJaar | None) -> topx.Aggregatie:
    return aggregatie(dekking=(topx.Dekking(Periode(begin, end)),), eventGeschiedenis=())


def summed(algorithm: str) -> topx.Bestand:
    (formaat,) = topx_bestand().formaat
    made = topx.FysiekeIntegriteit(algorithm, "00", "2026-03-05T08:00:00Z")
    return dataclasses.replace(
        topx_bestand(), formaat=(dataclasses.replace(formaat, fysiekeIntegriteit=made),)
    )


RULES = [
    ("mdto.leeg", aggregatie(plaats=" "), aggregatie(plaats="x"), False),
    ("mdto.stuurteken", aggregatie(plaats="a\nb"), aggregatie(omschrijving=("a\nb",)), False),
    ("mdto.stuurteken", aggregatie(omschrijving=("\x07",)), aggregatie(), False),
    (
        "mdto.einde_voor_begin",
        covered(DatumOfJaar(datum="2026-03-04"), DatumOfJaar(jaar="2025")),
        covered(DatumOfJaar(datum="2026-03-04"), DatumOfJaar(jaar="2026")),
        False,
    ),
    ("topx.een_naam", aggregatie(naam=("a", "b")), aggregatie(naam=("a",)), True),
    ("topx.een_openbaarheid", aggregatie(openbaarheid=()), aggregatie(), True),
    (
        "topx.een_openbaarheid",
        aggregatie(openbaarheid=(Openbaarheid(("Openbaar", "Openbaar"), DAY),)),
        topx_bestand(),
        True,
    ),
    (
        "topx.openbaarheid",
        access("Nader te bepalen", "2026-01-01", "2027-01-01"),
        access("Niet openbaar", "2026-01-01", "2027-01-01"),
        True,
    ),
    (
        "topx.beperkt_zonder_einde",
        access("Beperkt openbaar", "2026-01-01", None),
        access("Beperkt openbaar", "2026-01-01", "2101-01-01"),
        True,
    ),
    (
        "topx.periode_open",
        covered(DatumOfJaar(jaar="2026"), None),
        covered(DatumOfJaar(jaar="2026"), DatumOfJaar(jaar="2026")),
        True,
    ),
    (
        "topx.periode_ongelijk",
        covered(DatumOfJaar(jaar="2026"), DatumOfJaar(datum="2026-05-01")),
        covered(DatumOfJaar(jaar="2026"), DatumOfJaar(jaar="2027")),
        True,
    ),
    ("topx.algoritme", summed("CRC32"), summed("sha256"), True),
]


@pytest.mark.parametrize(("code", "breach", "kept", "advice"), RULES)
def test_a_breach_is_reported_and_its_neighbour_is_not(
    code: str, breach: Any, kept: Any, advice: bool
) -> None:
    assert {v.advice for v in check(breach) if v.code == code} == {advice}
    assert code not in [v.code for v in check(kept)]


def test_every_code_of_the_rules_is_in_the_table_above() -> None:
    tree = ast.parse(Path(topx_rules.__file__).read_text(encoding="utf-8"))
    codes = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Violation"
        and isinstance(node.args[0], ast.Constant)
    }
    assert codes == {code for code, *_ in RULES}


def test_what_the_mapping_makes_breaks_no_rule_of_the_norm() -> None:
    open_ = dataclasses.replace(
        bericht().beperkingGebruik[0], beperkingGebruikType=eigen("beperkt openbaar (AW1995)")
    )
    for obj in (
        to_aggregatie(dataclasses.replace(bericht(), beperkingGebruik=(open_,)), "2026-11-26"),
        to_bestand(bestand(), "E-mailbericht"),
    ):
        assert check(obj) == ()
    undecided = check(to_aggregatie(bericht(), "2026-11-26"))
    assert [(v.code, v.advice) for v in undecided] == [("topx.openbaarheid", True)]


@settings(max_examples=100, deadline=None)
@given(st.one_of(objects(topx.Aggregatie), objects(topx.Bestand)))
def test_any_object_gets_an_answer(obj: topx.Aggregatie | topx.Bestand) -> None:
    assert isinstance(check(obj), tuple)
