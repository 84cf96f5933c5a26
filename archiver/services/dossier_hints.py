"""Which dossier a message probably belongs to: terms and participants, a suggestion and no more."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_MOST_CHARACTERS = 10_000  # of one cell: more is a broken quote, not a name or a list of words


@dataclass(frozen=True, slots=True)
class DossierHint:
    """A dossier the organisation announced: its name, process, words in the title, participants."""

    naam: str
    proces: str | None
    termen: tuple[str, ...]
    deelnemers: tuple[str, ...]


def read_hints(path: Path) -> tuple[DossierHint, ...]:
    """Read ``dossiers.csv`` (naam, proces, termen, deelnemers; lists parted by ``;``).

    Raises `csv.Error` and `UnicodeDecodeError` for what is no such table.
    """
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(
            DossierHint(
                naam=row["naam"],
                proces=row.get("proces") or None,
                termen=_words(row.get("termen")),
                deelnemers=_words(row.get("deelnemers")),
            )
            for row in map(_checked, csv.DictReader(stream))
            if row.get("naam")
        )


def _checked(row: dict[str, str]) -> dict[str, str]:
    if any(len(cell or "") > _MOST_CHARACTERS for cell in row.values()):
        raise csv.Error("cell too long")
    return row


def suggest(
    hints: Iterable[DossierHint], title: str, participants: Iterable[str]
) -> DossierHint | None:
    """Give the only dossier whose term stands in the title; with several, none: never a guess.

    Participants decide between dossiers that match on the title; they never match alone, because
    one person works on many dossiers.
    """
    folded = title.casefold()
    matching = [h for h in hints if any(term in folded for term in h.termen)]
    if len(matching) > 1:
        people = " ".join(participants).casefold()
        matching = [h for h in matching if any(name in people for name in h.deelnemers)]
    return matching[0] if len(matching) == 1 else None


def _words(cell: str | None) -> tuple[str, ...]:
    return tuple(w.strip().casefold() for w in (cell or "").split(";") if w.strip())
