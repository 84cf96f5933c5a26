"""The register of key functions: who held what function, from when to when, on what ground.

CSV in UTF-8 with the columns of the decision rules: functie, organisatieonderdeel, persoon,
account, van, tot, categorie, grondslag, vastgesteld_door. Dates are ISO; an empty `tot`
means until now. `categorie` may name several (one for e-mail, one for chat), parted by ``;``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from selectielijst.dates import day_of, within
from selectielijst.errors import ListError

COLUMNS = (
    "functie",
    "organisatieonderdeel",
    "persoon",
    "account",
    "van",
    "tot",
    "categorie",
    "grondslag",
    "vastgesteld_door",
)


@dataclass(frozen=True, slots=True)
class Sleutelfunctie:
    """One period of one person (or account) in one function; both dates count."""

    functie: str
    organisatieonderdeel: str
    persoon: str
    account: str
    van: date
    tot: date | None
    categorieen: tuple[str, ...]
    grondslag: str
    vastgesteld_door: str

    def belongs_to(self, account_or_name: str) -> bool:
        """Tell whether it is about this account or name; case and outer spaces do not count."""
        wanted = account_or_name.strip().casefold()
        return bool(wanted) and wanted in (
            self.persoon.strip().casefold(),
            self.account.strip().casefold(),
        )


Register = tuple[Sleutelfunctie, ...]


def holder_on(register: Register, account_or_name: str, day: date) -> Register:
    """Give every function this account or person held on that day; empty when none."""
    return tuple(
        entry
        for entry in register
        if entry.belongs_to(account_or_name) and within(day, entry.van, entry.tot)
    )


def read_register(data: bytes, place: str = "") -> Register:
    """Read the CSV. Raises `ListError` with the row: a register in doubt must not be used."""
    try:
        text = data.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError as error:
        raise ListError("lijst_geen_utf8", {"positie": str(error.start)}, place) from error
    except csv.Error as error:
        raise ListError("lijst_geen_csv", {}, place) from error
    return tuple(_entry(row, f"{place}:{i + 2}") for i, row in enumerate(rows))


def write_register(register: Iterable[Sleutelfunctie]) -> bytes:
    """Write the CSV (UTF-8, LF), such that `read_register` gives the same entries back."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for e in register:
        writer.writerow(
            (
                e.functie,
                e.organisatieonderdeel,
                e.persoon,
                e.account,
                e.van.isoformat(),
                e.tot.isoformat() if e.tot else "",
                ";".join(e.categorieen),
                e.grondslag,
                e.vastgesteld_door,
            )
        )
    return out.getvalue().encode("utf-8")


def _entry(row: dict[str, str | None], place: str) -> Sleutelfunctie:
    cells = {key: (row.get(key) or "").strip() for key in COLUMNS}
    van, tot = day_of(cells["van"], place), day_of(cells["tot"], place)
    for key in ("functie", "categorie"):
        if not cells[key]:
            raise ListError("veld_ontbreekt", {"veld": key}, place)
    if van is None:
        raise ListError("veld_ontbreekt", {"veld": "van"}, place)
    if not cells["persoon"] and not cells["account"]:
        raise ListError("veld_ontbreekt", {"veld": "persoon"}, place)
    if tot is not None and tot < van:
        raise ListError("periode_omgekeerd", {"van": cells["van"], "tot": cells["tot"]}, place)
    return Sleutelfunctie(
        functie=cells["functie"],
        organisatieonderdeel=cells["organisatieonderdeel"],
        persoon=cells["persoon"],
        account=cells["account"],
        van=van,
        tot=tot,
        categorieen=tuple(c.strip() for c in cells["categorie"].split(";") if c.strip()),
        grondslag=cells["grondslag"],
        vastgesteld_door=cells["vastgesteld_door"],
    )
