"""From a proposal to words, at the edges: terms, dates and the one-sentence reason.

The sentences themselves come from the caller's word list, as a function ``text(key, language,
params)`` that gives the key back when it has no such text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from selectielijst.dates import Duration, parse_date, parse_duration
from selectielijst.errors import ListError

Text = Callable[[str, str, Mapping[str, object]], str]

_UNITS = {
    "nl": (("jaar", "jaar"), ("maand", "maanden"), ("week", "weken"), ("dag", "dagen")),
    "en": (("year", "years"), ("month", "months"), ("week", "weeks"), ("day", "days")),
}
_AND = {"nl": " en ", "en": " and "}
_DATES = ("datum", "van", "tot", "datum_of_einde")
# Raw values that have words of their own, and the first part of their key.
_CODES = {"reden": "reden", "wat_ontbreekt": "ontbreekt", "gebeurtenis": "gebeurtenis"}
_MINE = {
    "voorstel.4.sleutel_b_ander": "voorstel.4.sleutel_b",
    "voorstel.4.sleutel_v_ander": "voorstel.4.sleutel_v",
    "voorstel.7.rest_ander": "voorstel.7.rest",
}


def duration_words(iso: str, language: str) -> str:
    """Give ``P10Y`` as "10 jaar", ``P1Y6M`` as "1 jaar en 6 maanden". Raises `ListError`."""
    term: Duration = parse_duration(iso)
    amounts = (term.years, term.months, term.weeks, term.days)
    parts = [
        f"{n} {one if n == 1 else many}"
        for n, (one, many) in zip(amounts, _UNITS[language], strict=True)
        if n
    ]
    return _AND[language].join(parts) if parts else f"0 {_UNITS[language][3][1]}"


def date_words(iso: str, language: str) -> str:
    """Give a date as people write it: 17-11-2026 in Dutch, 17/11/2026 in English."""
    day = parse_date(iso)
    if day is None:
        return iso
    return day.strftime("%d-%m-%Y" if language == "nl" else "%d/%m/%Y")


def say(key: str, params: Mapping[str, str], language: str, text: Text) -> str:
    """Make the sentence for a text key with raw params."""
    words = {name: _word(name, value, language, text) for name, value in params.items()}
    return text(key, language, words)


def sentence(
    proposal: Mapping[str, Any], language: str, text: Text, viewer: str | None = None
) -> str:
    """Make the one-sentence reason of a proposal in its JSON form; empty when there is none.

    When `viewer` is the person it is about, the sentence says "je".
    """
    key = str(proposal.get("text_key", ""))
    params: Mapping[str, str] = proposal.get("params", {})
    if viewer and viewer.strip().casefold() == params.get("naam", "").casefold():
        key = _MINE.get(key, key)
    return say(key, params, language, text) if key else ""


def reasons(proposal: Mapping[str, Any], language: str, text: Text) -> list[str]:
    """Make the sentences that "waarom?" opens, in order."""
    return [say(str(key), params, language, text) for key, params in proposal.get("why", ())]


def _word(name: str, value: str, language: str, text: Text) -> str:
    if name in _DATES:
        if value:
            return date_words(value, language)
        return text(
            {"van": "datum.begin", "tot": "datum.nu"}.get(name, "datum.einde"), language, {}
        )
    if name in ("termijn", "waarde"):
        return _value(value, language, text)
    if name in _CODES:
        key = f"{_CODES[name]}.{value}"
        known = text(key, language, {})
        return value if known == key else known
    if name == "regel":
        rule, _, what = value.partition(" ")
        return text(f"regel.{rule}", language, {"naam": what})
    return value


def _value(value: str, language: str, text: Text) -> str:
    if value in ("B", "V", "N"):
        return text(f"waardering.{value}", language, {})
    try:
        return duration_words(value, language) if value else ""
    except ListError:
        return value
