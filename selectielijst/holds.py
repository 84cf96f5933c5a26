"""Holds: a request (Woo art. 4.1a) or case during which nothing it covers may be destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from selectielijst.dates import day_of, within
from selectielijst.matching import mentions, name_of, period_of, read_rows, words_of


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold on messages dated in [van, tot]; `einde` is when the hold itself ends, None: open.

    Without words and people it covers the whole period.
    """

    verzoek: str
    van: date | None
    tot: date | None
    termen: tuple[str, ...] = ()
    deelnemers: tuple[str, ...] = ()
    einde: date | None = None

    def matches(self, title: str, participants: tuple[str, ...], day: date | None) -> bool:
        """Tell whether it covers a message; one without a date may fall in any period."""
        if day is not None and not within(day, self.van, self.tot):
            return False
        if not self.termen and not self.deelnemers:
            return True
        return mentions(self.termen, self.deelnemers, title, participants)


def read_holds(data: bytes, place: str = "") -> tuple[Hold, ...]:
    """Read a JSON list (verzoek, van, tot, termen, deelnemers, einde). Raises `ListError`."""
    found = []
    for i, row in enumerate(read_rows(data, place)):
        here = f"{place}:{i + 1}"
        found.append(
            Hold(
                name_of(row, "verzoek", here),
                *period_of(row, here),
                termen=words_of(row, "termen", here),
                deelnemers=words_of(row, "deelnemers", here),
                einde=day_of(row.get("einde"), here),
            )
        )
    return tuple(found)
