"""Whether a message may belong to a hotspot or a hold: words in the title, people, period.

A match is a proposal. It looks wider rather than narrower: part of a word is enough, because Dutch
glues words together ("Kadebrug", "bewonersbrief").
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from selectielijst.dates import day_of
from selectielijst.errors import ListError


def mentions(
    termen: Iterable[str], deelnemers: Iterable[str], title: str, participants: Iterable[str]
) -> bool:
    """Tell whether a term stands in the title or a named person takes part."""
    folded = title.casefold()
    if any(t.casefold() in folded for t in termen):
        return True
    names = [name.casefold() for name in deelnemers]
    return bool(names) and any(name in p.casefold() for p in participants for name in names)


def read_rows(data: bytes, place: str) -> list[dict[str, Any]]:
    """Read a JSON list of objects. Raises `ListError`."""
    try:
        rows = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ListError("lijst_geen_json", {}, place) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ListError("lijst_geen_json", {}, place)
    return rows


def name_of(row: Mapping[str, Any], key: str, place: str) -> str:
    """Give a required text of a row. Raises `ListError`."""
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ListError("veld_ontbreekt", {"veld": key}, place)
    return value


def period_of(row: Mapping[str, Any], place: str) -> tuple[date | None, date | None]:
    """Give van and tot of a row. Raises `ListError` when they are unreadable or reversed."""
    van, tot = day_of(row.get("van"), place), day_of(row.get("tot"), place)
    if van and tot and tot < van:
        raise ListError("periode_omgekeerd", {"van": str(van), "tot": str(tot)}, place)
    return van, tot


def words_of(row: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    """Give a list of words of a row; empty words are refused, since they would match all."""
    value = row.get(key) or []
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise ListError("waarde_onbekend", {"veld": key, "waarde": str(value)[:80]}, place)
    return tuple(value)
