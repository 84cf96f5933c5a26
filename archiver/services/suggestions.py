"""Say which messages may be private, by a short list of Dutch words; offered, never applied.

Works without network and keeps nothing. The list is our own (``archiver/data/prive-woorden.csv``:
woord, reden) and is meant to miss rather than to cry wolf: words of daily work do not stand in it.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_MOST = 4_000  # characters of a message that are looked at


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Why a message may be private: the word as it stands in the message, and the reason it fits."""

    word: str
    reason: str


@lru_cache(maxsize=1)
def reasons_by_word() -> dict[str, str]:
    """Read the list: word in lower case -> one of the reasons of an extract."""
    place = files("archiver.data").joinpath("prive-woorden.csv")
    rows = csv.DictReader(place.read_text(encoding="utf-8").splitlines())
    return {row["woord"]: row["reden"] for row in rows}


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(reasons_by_word(), key=len, reverse=True)
    words = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in longest_first)
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)


def suggest(text: str | None) -> Suggestion | None:
    """Give the first word of the list in a text, as a whole word; None when there is none."""
    found = _pattern().search((text or "")[:_MOST])
    if found is None:
        return None
    key = " ".join(found.group().lower().split())
    return Suggestion(found.group(), reasons_by_word()[key])
