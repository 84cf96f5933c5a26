"""Selection lists as data: categories with their value, term and start, and when a list holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from selectielijst.dates import within
from selectielijst.errors import ListError

BUNDLED = ("email-gemeenten-2024.json", "model-email-rijk.json", "model-chat.json")
PROCES, FUNCTIE = "werkproces", "sleutelfunctie"

__all__ = ["BUNDLED", "FUNCTIE", "PROCES", "Categorie", "ListError", "ListFlag", "Selectielijst"]


@dataclass(frozen=True, slots=True)
class Categorie:
    """One category. `waardering` is B, V, volg_proceslijst, buiten_reikwijdte, bevriezen or None.

    None means that the source does not say, never "zero". `termijn` is an ISO 8601 duration;
    `overbrengen` gives the transfer term for each regime; `bronnen` the source numbers per field.
    """

    id: str
    naam: str
    waardering: str | None = None
    termijn: str | None = None
    trigger: str | None = None
    functiegroep: str | None = None
    functies: tuple[str, ...] = ()
    informatietypen: tuple[str, ...] = ()
    actie: str | None = None
    overbrengen: Mapping[str, str] = field(default_factory=dict)
    toelichting: str | None = None
    bronnen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def covers(self, kind: str) -> bool:
        """Tell whether the category is about this kind (email, chat); none named means all."""
        return not self.informatietypen or kind in self.informatietypen


@dataclass(frozen=True, slots=True)
class Selectielijst:
    """A list in one version. Dates are inclusive; an absent one is open.

    `mag_vernietigen` is what the file says; `adopted` is what counts.
    """

    id: str
    naam: str
    versie: str
    status: str
    methode: str
    categories: tuple[Categorie, ...]
    geldig_van: date | None = None
    geldig_tot: date | None = None
    mag_vernietigen: bool = False

    @property
    def adopted(self) -> bool:
        """Tell whether destruction may rest on it: adopted, and released for that by the file."""
        return self.status == "vastgesteld" and self.mag_vernietigen

    def valid_on(self, day: date) -> bool:
        """Tell whether the list holds for a message of that day."""
        return within(day, self.geldig_van, self.geldig_tot)

    def find(self, categorie: str) -> Categorie | None:
        """Give the category with this id."""
        return next((c for c in self.categories if c.id == categorie), None)


@dataclass(frozen=True, slots=True)
class ListFlag:
    """Something a records manager must look at; the list can be used. `place` is the category."""

    code: str
    place: str


def flags(lijst: Selectielijst) -> tuple[ListFlag, ...]:
    """Name what is doubtful: V without a term, a category without a value, B with a term."""
    found = []
    for c in lijst.categories:
        if c.waardering == "V" and c.termijn is None:
            found.append(ListFlag("v_zonder_termijn", c.id))
        elif c.waardering is None:
            found.append(ListFlag("zonder_waardering", c.id))
        elif c.waardering == "B" and c.termijn is not None:
            found.append(ListFlag("b_met_termijn", c.id))
    return tuple(found)


def load(source: bytes | Path) -> Selectielijst:
    """Read a list, JSON or CSV (`selectielijst.importer`). Raises `ListError`."""
    from selectielijst.importer import read

    if isinstance(source, bytes):
        return read(source, "")
    try:
        return read(source.read_bytes(), source.name)
    except OSError as error:
        raise ListError(
            "lijst_onleesbaar", {"oorzaak": type(error).__name__}, source.name
        ) from error


@lru_cache(maxsize=1)
def bundled() -> tuple[Selectielijst, ...]:
    """Give the lists that come with the program; none of them is adopted, so they only propose."""
    folder = files("selectielijst.data")
    return tuple(load(folder.joinpath(name).read_bytes()) for name in BUNDLED)
