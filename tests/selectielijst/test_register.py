"""The register of key functions, hotspots and holds: periods, matching and files."""

from __future__ import annotations

from datetime import date

import pytest

from selectielijst.errors import ListError
from selectielijst.holds import Hold, read_holds
from selectielijst.hotspots import Hotspot, read_hotspots
from selectielijst.register import COLUMNS, holder_on, read_register, write_register

HEAD = ",".join(COLUMNS) + "\n"
ROW = (
    "gemeentesecretaris,directie,Mira van Oosterhof,m@veldermeer.example,"
    "2023-03-01,2025-06-30,A-1;C-2,besluit 7,college\n"
)
REGISTER = read_register((HEAD + ROW).encode())


@pytest.mark.parametrize(
    ("day", "held"),
    [
        ("2023-02-28", False),
        ("2023-03-01", True),
        ("2024-02-29", True),
        ("2025-06-30", True),
        ("2025-07-01", False),
    ],
)
@pytest.mark.parametrize("who", ["Mira van Oosterhof", " M@VELDERMEER.example "])
def test_first_and_last_day_count(who: str, day: str, held: bool) -> None:
    assert bool(holder_on(REGISTER, who, date.fromisoformat(day))) is held


@pytest.mark.parametrize("who", ["", " ", "Mira", "Joris Blankert"])
def test_nobody_else_holds_it(who: str) -> None:
    assert holder_on(REGISTER, who, date(2024, 1, 1)) == ()


def test_an_empty_end_means_until_now() -> None:
    register = read_register((HEAD + ROW.replace("2025-06-30", "")).encode())
    assert holder_on(register, "Mira van Oosterhof", date(2099, 1, 1)) == register


def test_written_and_read_back() -> None:
    assert read_register(write_register(REGISTER)) == REGISTER
    assert REGISTER[0].categorieen == ("A-1", "C-2")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (ROW.replace("2023-03-01", ""), "veld_ontbreekt"),
        (ROW.replace("2023-03-01", "1-3-2023"), "datum_onleesbaar"),
        (ROW.replace("2025-06-30", "2022-01-01"), "periode_omgekeerd"),
        (ROW.replace("gemeentesecretaris", ""), "veld_ontbreekt"),
        (ROW.replace("A-1;C-2", ""), "veld_ontbreekt"),
        (ROW.replace("Mira van Oosterhof,m@veldermeer.example", ","), "veld_ontbreekt"),
    ],
)
def test_a_row_in_doubt_is_refused(row: str, code: str) -> None:
    with pytest.raises(ListError) as caught:
        read_register((HEAD + ROW + row).encode(), "r.csv")
    assert (caught.value.code, caught.value.place) == (code, "r.csv:3")


def test_a_hotspot_needs_date_and_a_word_or_person() -> None:
    hotspot = Hotspot("Brand", date(2026, 1, 1), date(2026, 1, 31), ("brand",), ("Joris",))
    assert hotspot.matches("Bosbrandweer", (), date(2026, 1, 31))
    assert hotspot.matches("", ("Joris Blankert",), date(2026, 1, 1))
    assert not hotspot.matches("Brand", (), date(2026, 2, 1))
    assert not hotspot.matches("Brand", (), None)
    assert not hotspot.matches("Lunch", ("Mira",), date(2026, 1, 1))


def test_a_hold_looks_wider() -> None:
    hold = Hold("Woo 1", date(2026, 1, 1), None, ("geluid",))
    assert hold.matches("Geluidhinder", (), date(2030, 1, 1))
    assert hold.matches("Geluidhinder", (), None)
    assert not hold.matches("Geluidhinder", (), date(2025, 12, 31))
    assert not hold.matches("Lunch", (), date(2026, 1, 1))
    assert Hold("Woo 2", None, None).matches("Lunch", (), None)


def test_files_of_hotspots_and_holds() -> None:
    hotspots = read_hotspots(b'[{"naam": "Brand", "van": "2026-01-01", "termen": ["brand"]}]')
    assert hotspots == (Hotspot("Brand", date(2026, 1, 1), None, ("brand",)),)
    holds = read_holds(b'[{"verzoek": "Woo 1", "einde": "2027-01-01"}]')
    assert holds == (Hold("Woo 1", None, None, einde=date(2027, 1, 1)),)
    for broken, code in (
        (b"{}", "lijst_geen_json"),
        (b"[1]", "lijst_geen_json"),
        (b'[{"naam": "Brand"}]', "veld_ontbreekt"),
        (b'[{"naam": "Brand", "termen": [""]}]', "waarde_onbekend"),
        (b'[{"naam": "Brand", "termen": ["a"], "van": "x"}]', "datum_onleesbaar"),
    ):
        with pytest.raises(ListError) as caught:
            read_hotspots(broken)
        assert caught.value.code == code
