"""The folder `selectie` of a work folder: everything optional, nothing half read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from selectielijst import importer
from selectielijst.errors import ListError
from selectielijst.lists import load
from selectielijst.policy import DEFAULT_LISTS, read_policy
from selectielijst.register import COLUMNS, read_register

OWN: dict[str, Any] = {
    "id": "waterbeke",
    "naam": "Lijst van Waterbeke",
    "status": "vastgesteld",
    "bronnen": [],
    "entries": [{"id": "1", "waardering": "B"}],
}
HOTSPOT = [{"naam": "Dijkdoorbraak", "van": "2026-01-01", "termen": ["dijk"]}]
HOLD = [{"verzoek": "Woo 2026-3", "van": "2026-01-01", "tot": "2026-12-31"}]
PERSON = "secretaris,directie,Mira,m@waterbeke.example,2023-03-01,,A-1,besluit 7,college\n"


def put(folder: Path, name: str, value: object) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    path.write_bytes(data)


def test_no_folder_gives_the_working_lists_and_nothing_else(tmp_path: Path) -> None:
    policy = read_policy(tmp_path / "selectie")
    assert tuple(x.id for x in policy.lists) == DEFAULT_LISTS
    assert (policy.register, policy.hotspots, policy.holds) == ((), (), ())
    assert policy.regime == "archiefwet-1995"


def test_everything_is_read(tmp_path: Path) -> None:
    put(tmp_path, "lijsten/eigen.json", OWN)
    put(tmp_path, "lijsten/leesmij.txt", b"no list")
    put(tmp_path, "hotspots.json", HOTSPOT)
    put(tmp_path, "bevriezingen.json", HOLD)
    put(tmp_path, "sleutelfuncties.csv", (",".join(COLUMNS) + "\n" + PERSON).encode())
    put(tmp_path, "beleid.json", {"regime": "archiefwet-2026"})
    policy = read_policy(tmp_path)
    assert tuple(x.id for x in policy.lists) == ("waterbeke", *DEFAULT_LISTS)
    assert [h.naam for h in policy.hotspots] == ["Dijkdoorbraak"]
    assert [h.verzoek for h in policy.holds] == ["Woo 2026-3"]
    assert [entry.persoon for entry in policy.register] == ["Mira"]
    assert policy.regime == "archiefwet-2026"


def test_the_order_of_the_lists_is_chosen(tmp_path: Path) -> None:
    put(tmp_path, "lijsten/eigen.json", OWN)
    put(tmp_path, "beleid.json", {"lijsten": ["email-gemeenten-2024", "waterbeke"]})
    assert [x.id for x in read_policy(tmp_path).lists] == ["email-gemeenten-2024", "waterbeke"]


def test_two_versions_of_an_own_list_are_both_kept(tmp_path: Path) -> None:
    put(tmp_path, "lijsten/a.json", {**OWN, "versie": "1", "geldig_tot": "2025-12-31"})
    put(tmp_path, "lijsten/b.json", {**OWN, "versie": "2", "geldig_van": "2026-01-01"})
    assert [x.versie for x in read_policy(tmp_path).lists if x.id == "waterbeke"] == ["1", "2"]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("beleid.json", b"{", "lijst_geen_json"),
        ("beleid.json", [], "lijst_geen_json"),
        ("beleid.json", {"regime": "archiefwet-1918"}, "waarde_onbekend"),
        ("beleid.json", {"lijsten": "waterbeke"}, "waarde_onbekend"),
        ("beleid.json", {"lijsten": ["bestaat-niet"]}, "lijst_onbekend"),
        ("hotspots.json", b"\xff", "lijst_geen_json"),
        ("hotspots.json", {}, "lijst_geen_json"),
        ("hotspots.json", ["dijk"], "lijst_geen_json"),
        ("hotspots.json", [{"naam": " ", "termen": ["dijk"]}], "veld_ontbreekt"),
        ("hotspots.json", [{"naam": "Dijk", "termen": []}], "veld_ontbreekt"),
        ("hotspots.json", [{"naam": "Dijk", "termen": [" "]}], "waarde_onbekend"),
        ("hotspots.json", [{"naam": "Dijk", "termen": "dijk"}], "waarde_onbekend"),
        ("bevriezingen.json", [{"van": "2026-01-01"}], "veld_ontbreekt"),
        (
            "bevriezingen.json",
            [{"verzoek": "Woo", "van": "2026-02-01", "tot": "2026-01-01"}],
            "periode_omgekeerd",
        ),
        ("bevriezingen.json", [{"verzoek": "Woo", "einde": "ooit"}], "datum_onleesbaar"),
        ("sleutelfuncties.csv", b"\xff", "lijst_geen_utf8"),
        ("sleutelfuncties.csv", b'functie\n"a"b\n', "lijst_geen_csv"),
        ("lijsten/eigen.json", b"{}", "veld_ontbreekt"),
    ],
)
def test_a_broken_file_is_refused_with_its_cause(
    tmp_path: Path, name: str, value: object, code: str
) -> None:
    """Half a policy is worse than none: what a hold says must not be skipped."""
    put(tmp_path, name, value)
    with pytest.raises(ListError) as caught:
        read_policy(tmp_path)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["beleid.json", "hotspots.json", "lijsten/eigen.json"])
def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(ListError) as caught:
        read_policy(tmp_path)
    assert caught.value.code == "lijst_onleesbaar"


def test_a_list_that_is_absurdly_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "MAX_BYTES", 10)
    with pytest.raises(ListError) as caught:
        load(json.dumps(OWN).encode())
    assert caught.value.code == "lijst_te_groot"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'# id: x\n# naam: X\nid,naam\n"a"b,c\n', "lijst_geen_csv"),
        (
            json.dumps({**OWN, "bronnen": None, "entries": [{"id": "1", "bronnen": "x"}]}).encode(),
            "categorie_onleesbaar",
        ),
        (b'  {"id": 1} []', "lijst_geen_json"),
    ],
)
def test_a_broken_list_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(ListError) as caught:
        load(data)
    assert caught.value.code == code


def test_a_register_names_the_row_that_is_wrong() -> None:
    good = ",".join(COLUMNS) + "\n" + PERSON
    with pytest.raises(ListError) as caught:
        read_register((good + PERSON.replace("2023-03-01", "vroeger")).encode(), "register.csv")
    assert caught.value.place == "register.csv:3"
