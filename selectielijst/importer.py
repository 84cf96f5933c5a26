"""Read a published selection list from JSON (our import schema) or CSV, and say what is wrong.

JSON: id, naam, status, bronnen and entries are required; an entry needs an id. CSV (UTF-8, comma or
semicolon): first lines ``# key: value`` with id, naam, versie, status, methode, geldig_van,
geldig_tot, mag_vernietigen (ja/nee); then a header with id and naam, and any of waardering,
termijn, trigger, functiegroep, functies, informatietypen, actie, toelichting; lists are parted by
``|``.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from typing import Any

from selectielijst.dates import day_of, parse_duration
from selectielijst.errors import ListError
from selectielijst.lists import FUNCTIE, PROCES, Categorie, Selectielijst

MAX_BYTES = 16 * 1024 * 1024
WAARDERINGEN = ("B", "V", "volg_proceslijst", "buiten_reikwijdte", "bevriezen")
TRIGGERS = ("verzending_of_ontvangst", "zodra_niet_meer_nodig", "volg_proceslijst", "afgehandeld")


def read(data: bytes, place: str) -> Selectielijst:
    """Read a list. Raises `ListError`, whose place is the file and the category."""
    if len(data) > MAX_BYTES:
        raise ListError("lijst_te_groot", {"bytes": str(len(data))}, place)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListError("lijst_geen_utf8", {"positie": str(error.start)}, place) from error
    if text.lstrip().startswith("{"):
        return _list(_json(text, place), place)
    return _list(_table(text, place), place)


def _json(text: str, place: str) -> Mapping[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ListError("lijst_geen_json", {}, place) from error
    if not isinstance(data, dict):
        raise ListError("lijst_geen_json", {}, place)
    if "bronnen" not in data:
        raise ListError("veld_ontbreekt", {"veld": "bronnen"}, place)
    return data


def _table(text: str, place: str) -> Mapping[str, Any]:
    lines = text.splitlines()
    head: dict[str, Any] = {}
    while lines and lines[0].startswith("#"):
        key, _, value = lines.pop(0)[1:].partition(":")
        head[key.strip()] = value.strip()
    if not lines:
        raise ListError("lijst_leeg", {}, place)
    delimiter = ";" if lines[0].count(";") > lines[0].count(",") else ","
    head["mag_vernietigen"] = head.get("mag_vernietigen") == "ja"
    try:
        rows = list(csv.DictReader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ListError("lijst_geen_csv", {}, place) from error
    entries = []
    for row in rows:
        entry: dict[str, Any] = {k: v for k, v in row.items() if k and v}
        for key in ("functies", "informatietypen"):
            entry[key] = [w.strip() for w in str(entry.get(key, "")).split("|") if w.strip()]
        entries.append(entry)
    return {**head, "entries": entries}


def _list(data: Mapping[str, Any], place: str) -> Selectielijst:
    entries = data.get("entries")
    if not isinstance(entries, list):
        raise ListError("veld_ontbreekt", {"veld": "entries"}, place)
    if not entries:
        raise ListError("lijst_leeg", {}, place)
    categories = tuple(_category(entry, i, place) for i, entry in enumerate(entries))
    seen: set[str] = set()
    for c in categories:
        if c.id in seen:
            raise ListError("categorie_dubbel", {"categorie": c.id}, place)
        seen.add(c.id)
    methode = data.get("methode") or FUNCTIE
    if methode not in (PROCES, FUNCTIE):
        raise ListError("waarde_onbekend", {"veld": "methode", "waarde": str(methode)}, place)
    van, tot = day_of(data.get("geldig_van"), place), day_of(data.get("geldig_tot"), place)
    if van and tot and van > tot:
        raise ListError("periode_omgekeerd", {"van": str(van), "tot": str(tot)}, place)
    return Selectielijst(
        id=_text(data, "id", place),
        naam=_text(data, "naam", place),
        versie=str(data.get("versie") or ""),
        status=_text(data, "status", place),
        methode=methode,
        categories=categories,
        geldig_van=van,
        geldig_tot=tot,
        # Anything but a plain "true" keeps destruction impossible.
        mag_vernietigen=data.get("mag_vernietigen") is True,
    )


def _category(entry: object, index: int, place: str) -> Categorie:
    here = f"{place}:{index + 1}" if place else str(index + 1)
    if not isinstance(entry, dict):
        raise ListError("categorie_onleesbaar", {}, here)
    categorie = _text(entry, "id", here)
    termijn = _optional(entry, "termijn", here) or _optional(entry, "bewaartermijn", here)
    if termijn is not None:
        try:
            parse_duration(termijn)
        except ListError as error:
            raise ListError(error.code, error.params, here) from error
    naam = _optional(entry, "categorie", here) or _optional(entry, "naam", here) or categorie
    overbrengen = entry.get("overbrengen") or {}
    bronnen = entry.get("bronnen") or {}
    if not isinstance(overbrengen, dict) or not isinstance(bronnen, dict):
        raise ListError("categorie_onleesbaar", {"categorie": categorie}, here)
    return Categorie(
        id=categorie,
        naam=naam,
        waardering=_one_of(entry, "waardering", WAARDERINGEN, here),
        termijn=termijn,
        trigger=_one_of(entry, "trigger", TRIGGERS, here),
        functiegroep=_optional(entry, "functiegroep", here),
        functies=_words(entry, "functies", here),
        informatietypen=_words(entry, "informatietypen", here),
        actie=_optional(entry, "actie", here),
        overbrengen={str(k): str(v) for k, v in overbrengen.items()},
        toelichting=_optional(entry, "toelichting", here),
        bronnen={str(k): tuple(map(str, v)) for k, v in bronnen.items() if isinstance(v, list)},
    )


def _text(data: Mapping[str, Any], key: str, place: str) -> str:
    value = _optional(data, key, place)
    if value is None:
        raise ListError("veld_ontbreekt", {"veld": key}, place)
    return value


def _optional(data: Mapping[str, Any], key: str, place: str) -> str | None:
    value = data.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ListError("waarde_onbekend", {"veld": key, "waarde": str(value)[:80]}, place)
    return value


def _one_of(data: Mapping[str, Any], key: str, allowed: tuple[str, ...], place: str) -> str | None:
    value = _optional(data, key, place)
    if value is not None and value not in allowed:
        raise ListError("waarde_onbekend", {"veld": key, "waarde": value[:80]}, place)
    return value


def _words(data: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    value = data.get(key) or []
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ListError("waarde_onbekend", {"veld": key, "waarde": str(value)[:80]}, place)
    return tuple(value)
