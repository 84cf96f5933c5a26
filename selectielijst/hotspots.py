"""Hotspots: an adopted event or issue in a period; what belongs to it is kept permanently."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from selectielijst.dates import within
from selectielijst.errors import ListError
from selectielijst.matching import mentions, name_of, period_of, read_rows, words_of


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A hotspot with its period (both days count), its words and people, and the decision."""

    naam: str
    van: date | None
    tot: date | None
    termen: tuple[str, ...] = ()
    deelnemers: tuple[str, ...] = ()
    besluit: str = ""

    def matches(self, title: str, participants: tuple[str, ...], day: date | None) -> bool:
        """Tell whether a message may belong to it; without a date there is no match."""
        return (
            day is not None
            and within(day, self.van, self.tot)
            and mentions(self.termen, self.deelnemers, title, participants)
        )


def read_hotspots(data: bytes, place: str = "") -> tuple[Hotspot, ...]:
    """Read a JSON list (naam, van, tot, termen, deelnemers, besluit). Raises `ListError`."""
    found = []
    for i, row in enumerate(read_rows(data, place)):
        here = f"{place}:{i + 1}"
        hotspot = Hotspot(
            name_of(row, "naam", here),
            *period_of(row, here),
            termen=words_of(row, "termen", here),
            deelnemers=words_of(row, "deelnemers", here),
            besluit=str(row.get("besluit") or ""),
        )
        if not hotspot.termen and not hotspot.deelnemers:
            raise ListError("veld_ontbreekt", {"veld": "termen"}, here)
        found.append(hotspot)
    return tuple(found)
