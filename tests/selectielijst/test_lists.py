"""Lists: the bundled ones, the importer and what it refuses or flags."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from selectielijst.errors import ListError
from selectielijst.lists import bundled, flags, load


def a_list(**changes: Any) -> bytes:
    data: dict[str, Any] = {
        "id": "eigen",
        "naam": "Eigen lijst",
        "versie": "1",
        "status": "vastgesteld",
        "methode": "werkproces",
        "mag_vernietigen": True,
        "bronnen": [],
        "entries": [{"id": "1.1", "categorie": "Beleid", "waardering": "B"}],
    }
    return json.dumps({**data, **changes}).encode()


def test_bundled_lists_only_propose() -> None:
    assert [x.id for x in bundled()] == [
        "email-gemeenten-2024",
        "model-email-rijk",
        "model-chat-rijk-reconstructie",
    ]
    assert not any(x.adopted for x in bundled())


def test_a_value_the_source_does_not_give_stays_unknown() -> None:
    gemeenten = bundled()[0]
    shared = gemeenten.find("MAIL-GEM-03")
    assert shared is not None
    assert (shared.waardering, shared.termijn) == (None, None)
    assert [(f.code, f.place) for f in flags(gemeenten)] == [
        ("zonder_waardering", "MAIL-GEM-03"),
        ("zonder_waardering", "MAIL-GEM-04"),
    ]


def test_a_list_holds_from_its_first_to_its_last_day() -> None:
    lijst = load(a_list(geldig_van="2020-01-01", geldig_tot="2026-12-31"))
    assert lijst.adopted
    days = (date(2019, 12, 31), date(2020, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [lijst.valid_on(d) for d in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("changes", "adopted"),
    [
        ({}, True),
        ({"mag_vernietigen": False}, False),
        ({"mag_vernietigen": "true"}, False),
        ({"mag_vernietigen": 1}, False),
        ({"status": "model"}, False),
        ({"status": "vastgesteld (niet gelezen)"}, False),
    ],
)
def test_only_a_plain_yes_makes_a_list_adopted(changes: dict[str, Any], adopted: bool) -> None:
    assert load(a_list(**changes)).adopted is adopted


def test_v_without_a_term_is_flagged() -> None:
    entries = [
        {"id": "1.1", "waardering": "V"},
        {"id": "1.2", "waardering": "V", "termijn": "P5Y"},
        {"id": "1.3", "waardering": "B", "termijn": "P5Y"},
    ]
    found = [(f.code, f.place) for f in flags(load(a_list(entries=entries)))]
    assert found == [("v_zonder_termijn", "1.1"), ("b_met_termijn", "1.3")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xfe{", "lijst_geen_utf8"),
        (b"{", "lijst_geen_json"),
        (b'{"a":' * 100_000, "lijst_geen_json"),
        (b'{"id": "x"}', "veld_ontbreekt"),
        (b"", "lijst_leeg"),
        (a_list(id=""), "veld_ontbreekt"),
        (a_list(naam=7), "waarde_onbekend"),
        (a_list(entries=[]), "lijst_leeg"),
        (a_list(entries={}), "veld_ontbreekt"),
        (a_list(entries=["1.1"]), "categorie_onleesbaar"),
        (a_list(entries=[{"id": "1"}, {"id": "1"}]), "categorie_dubbel"),
        (a_list(entries=[{"id": "1", "waardering": "X"}]), "waarde_onbekend"),
        (a_list(entries=[{"id": "1", "termijn": "10 jaar"}]), "termijn_onleesbaar"),
        (a_list(entries=[{"id": "1", "functies": "x"}]), "waarde_onbekend"),
        (a_list(methode="gevoel"), "waarde_onbekend"),
        (a_list(geldig_van="gisteren"), "datum_onleesbaar"),
        (a_list(geldig_van="2027-01-01", geldig_tot="2026-01-01"), "periode_omgekeerd"),
    ],
)
def test_a_broken_list_is_refused_with_its_cause(data: bytes, code: str) -> None:
    with pytest.raises(ListError) as caught:
        load(data)
    assert caught.value.code == code


def test_the_error_names_file_and_category(tmp_path: Path) -> None:
    path = tmp_path / "lijst.json"
    path.write_bytes(a_list(entries=[{"id": "1"}, {"id": "2", "termijn": "tien"}]))
    with pytest.raises(ListError) as caught:
        load(path)
    assert caught.value.place == "lijst.json:2"


@pytest.mark.parametrize("mark", [";", ","])
def test_csv_form(mark: str) -> None:
    rows = [
        ["id", "naam", "waardering", "termijn", "informatietypen"],
        ["6.1", "Verzoek", "V", "P5Y", "email|chat"],
        ["2.1.1", "Beleid", "B", "", ""],
    ]
    head = "# id: p\n# naam: Proceslijst\n# versie: 2\n# status: vastgesteld\n"
    head += "# methode: werkproces\n# mag_vernietigen: ja\n# geldig_van: 2020-01-01\n"
    lijst = load((head + "\n".join(mark.join(r) for r in rows)).encode("utf-8-sig"))
    assert (lijst.id, lijst.methode, lijst.adopted) == ("p", "werkproces", True)
    verzoek = lijst.find("6.1")
    assert verzoek is not None
    assert (verzoek.naam, verzoek.termijn) == ("Verzoek", "P5Y")
    assert verzoek.covers("chat")
    assert not verzoek.covers("sms")
    assert [c.waardering for c in lijst.categories] == ["V", "B"]
