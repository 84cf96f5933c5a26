"""Words of the window: texts by key, dates, sizes and terms as people write them."""

from __future__ import annotations

import re
from datetime import datetime
from html import escape

from PySide6.QtCore import QDate, QLocale

from archiver.errors import ArchiverError
from archiver.findings import Finding
from archiver.texts import text

_LONG = re.compile(r"\S{24}(?=\S{8})")
_language = "nl"
_REPORTS = frozenset({"ndr", "dr", "ipnrn", "ipnnrn"})


def set_language(language: str) -> None:
    """Choose nl or en; called once, when the application is made."""
    global _language
    _language = language if language in ("nl", "en") else "nl"


def language() -> str:
    """Tell the language of the window."""
    return _language


def locale() -> QLocale:
    """Give the locale for dates and numbers."""
    return QLocale("nl_NL" if _language == "nl" else "en_GB")


def t(key: str, **params: object) -> str:
    """Give the text for a key; whole numbers get the separators of the language."""
    shown = {k: number(v) if isinstance(v, int) else v for k, v in params.items()}
    return text(key, _language, shown)


def n(key: str, count: int, **params: object) -> str:
    """Give the text for a number: ``key.een`` exists for one where the words differ."""
    return t(f"{key}.een" if count == 1 else key, n=count, **params)


def number(value: int) -> str:
    """1.204 in Dutch."""
    return locale().toString(value)


def size(octets: int) -> str:
    """412 kB, as file managers write it."""
    kind = QLocale.DataSizeFormat.DataSizeTraditionalFormat
    places = 0 if octets < 1024 * 1024 else 1
    return locale().formattedDataSize(octets, places, kind)


def moment(iso: str | None, *, year: bool = False, time: bool = True) -> str:
    """Di 17 nov 14:52; a text that is no date comes back as it is, an absent one as a sentence."""
    if not iso:
        return t("lijst.geen_datum")
    try:
        when = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    used = locale()
    day = used.dayName(when.isoweekday(), QLocale.FormatType.ShortFormat).rstrip(".")
    month = used.monthName(when.month, QLocale.FormatType.ShortFormat).rstrip(".")
    made = f"{day} {when.day} {month}"
    if year:
        made += f" {when.year}"
    if time and len(iso) > 10:
        made += f" {when:%H:%M}"
    return made


def date(iso: str | None) -> str:
    """17-11-2026; empty when absent."""
    try:
        return f"{datetime.fromisoformat(iso):%d-%m-%Y}" if iso else ""
    except ValueError:
        return iso or ""


def clock(iso: str | None) -> str:
    """08:52; empty when the time is not known."""
    try:
        return f"{datetime.fromisoformat(iso):%H:%M}" if iso and len(iso) > 10 else ""
    except ValueError:
        return ""


def day_heading(iso: str | None) -> str:
    """Maandag 16 november 2026; a text that is no date comes back as it is."""
    try:
        when = datetime.fromisoformat(iso) if iso else None
    except ValueError:
        return iso or ""
    if when is None:
        return t("lijst.geen_datum")
    made = locale().toString(QDate(when.year, when.month, when.day), "dddd d MMMM yyyy")
    return made[:1].upper() + made[1:]


_TERM = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$")


def term(iso: str | None) -> str:
    """10 jaar for P10Y; a form we do not know comes back as it is."""
    found = _TERM.match(iso or "")
    if not iso or not found:
        return iso or ""
    units = ("jaar", "maand", "week", "dag")
    parts = [
        n(f"termijn.{unit}", int(count))
        for unit, count in zip(units, found.groups(), strict=True)
        if count
    ]
    return " ".join(parts)


_ZONES = {
    "Europe/Amsterdam": "zone.nederland",
    "America/Kralendijk": "zone.caribisch",
    "onbekend": "zone.onbekend",
}


def zone_word(zone: str) -> str:
    """Give the word of a time zone; one without a word of its own comes back as it is."""
    return t(_ZONES[zone]) if zone in _ZONES else zone


def parse_term(typed: str) -> str | None:
    """P10Y for "10 jaar", "10" or "P10Y"; None when it is not a term."""
    typed = typed.strip()
    if _TERM.match(typed.upper()) and len(typed) > 2:
        return typed.upper()
    found = re.match(
        r"(\d{1,3})\s*(jaar|jaren|years?|maand|maanden|months?|we(?:e)?k(?:en|s)?|dag(?:en)?|days?)?$",
        typed,
        re.IGNORECASE,
    )
    if not found or int(found[1]) == 0:
        return None
    unit = (found[2] or "jaar").lower()
    letter = {"j": "Y", "y": "Y", "m": "M", "w": "W", "d": "D"}[unit[0]]
    return f"P{found[1]}{letter}"


def finding_text(finding: Finding) -> str:
    """Give the text of a finding; findings of a failure share the texts of the errors."""
    for key in (f"bevinding.{finding.code}", f"fout.{finding.code}"):
        found = t(key, **{"bestand": finding.place, **_worded(finding)})
        if found != key:
            return found
    return t("bevinding.onbekende_code", code=finding.code)


def _worded(finding: Finding) -> dict[str, str | int]:
    """Give the parameters of a finding as people say them: times of a calendar, classes of Outlook."""
    params = dict(finding.params)
    if finding.code.startswith("agenda."):
        for name in ("begin", "eind"):
            if name in params:
                time, space, zone = str(params[name]).partition(" ")
                said = moment(time, year=True) if time else t("waarde.onbekend")
                params[name] = f"{said}{_offset(time)}{space}{zone}"
        if params.get("plaats") == "":
            params["plaats"] = t("waarde.onbekend")
        if "methode" in params:
            method = str(params["methode"])
            params["methode"] = _known(f"waarde.agenda.{method.casefold()}") or method
    elif finding.code in ("msg.soort", "pst.soort"):
        params["soort"] = class_word(str(params.get("soort", ""))) or str(params.get("soort", ""))
    return params


def _offset(iso: str) -> str:
    """Give the distance of a time to UTC, between brackets; empty when it has none."""
    try:
        away = datetime.fromisoformat(iso).utcoffset()
    except ValueError:
        return ""
    if away is None:
        return ""
    return f" (UTC{iso[-6:]})" if away else " (UTC)"


def class_word(item_class: str) -> str:
    """Give what people call an item class of Outlook; empty for mail and for what has no word."""
    parts = item_class.casefold().split(".")
    if parts[:1] == ["report"]:
        return t(f"waarde.klasse.report.{parts[-1]}") if parts[-1] in _REPORTS else ""
    for length in range(len(parts), 1, -1):
        if found := _known(f"waarde.klasse.{'.'.join(parts[:length])}"):
            return found
    return ""


def _known(key: str) -> str:
    found = t(key)
    return found if found != key else ""


def error_text(error: ArchiverError) -> str:
    """Give the text of an error."""
    return finding_text(error.as_finding())


def tip(text: str) -> str:
    """Give a text as a tooltip. Qt guesses that it is HTML when it looks so, and then loads images."""
    return "<p>" + escape(text).replace("\n", "<br>") + "</p>" if "<" in text else text


def paragraphs(finding: Finding) -> tuple[str, str, str]:
    """Part the text of a failure in what happened, why (may be empty) and what you can do."""
    sentences = re.split(r"(?<=[.?!])\s+(?=[A-ZÀ-Ý])", finding_text(finding))
    if len(sentences) == 1:
        return sentences[0], "", ""
    return sentences[0], " ".join(sentences[1:-1]), sentences[-1]


def breakable(text: str) -> str:
    """Let a SHA-256 or a long file name go on on the next line: it would widen its pane otherwise."""
    return _LONG.sub("\\g<0>\u200b", text)
