"""The rules of the norm that the XML schema cannot hold, for one object at a time.

Relations between objects in a package are checked in `archiver.export.check`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from metadata import begrippen
from metadata.binding import illegal_characters
from metadata.dates import compare
from metadata.duration import add, parse_duration
from metadata.mdto import (
    BegripGegevens,
    BeperkingGebruikGegevens,
    Bestand,
    ChecksumGegevens,
    DekkingInTijdGegevens,
    Informatieobject,
    TermijnGegevens,
)
from metadata.schema import Violation

NAME_ADVICE = 80
DESCRIPTION_ADVICE = 3000
_PUID = re.compile(r"(x-)?(fmt|sfw|chr)/\d+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_MULTILINE = {"omschrijving", "eventResultaat", "beperkingGebruikNadereBeschrijving"}


def check(obj: Informatieobject | Bestand) -> tuple[Violation, ...]:
    """Give every breach, with the element path as place."""
    found = [*_texts(obj, ""), *_terms(obj, ""), *_groups(obj, "")]
    if isinstance(obj, Informatieobject):
        found += _informatieobject(obj)
    else:
        found += _bestand(obj)
    return tuple(found)


def _texts(value: Any, place: str) -> Iterator[Violation]:
    if isinstance(value, tuple):
        for one in value:
            yield from _texts(one, place)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            here = f"{place}/{field.name}" if place else field.name
            yield from _texts(getattr(value, field.name), here)
    elif isinstance(value, str):
        name = place.rsplit("/", 1)[-1]
        if not value.strip():
            yield Violation("mdto.leeg", place)
        elif illegal_characters(value) or (
            name not in _MULTILINE and re.search(r"[\t\r\n]", value)
        ):
            yield Violation("mdto.stuurteken", place)
        elif value != value.strip():
            yield Violation("mdto.witruimte", place, advice=True)


def _terms(value: Any, place: str) -> Iterator[Violation]:
    """A term that names a list of the norm must stand in that list."""
    if isinstance(value, tuple):
        for one in value:
            yield from _terms(one, place)
    elif isinstance(value, BegripGegevens):
        lijst = begrippen.norm_lists().get(value.begripBegrippenlijst.verwijzingNaam.casefold())
        if lijst is not None:
            term = begrippen.lists()[lijst].get(value.begripLabel)
            if term is None:
                yield Violation(
                    "mdto.onbekend_begrip", place, {"label": value.begripLabel, "lijst": lijst}
                )
            elif value.begripCode is not None and value.begripCode != term.code:
                yield Violation("mdto.verkeerde_code", place, {"code": value.begripCode})
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            here = f"{place}/{field.name}" if place else field.name
            yield from _terms(getattr(value, field.name), here)


def _groups(value: Any, place: str) -> Iterator[Violation]:
    if isinstance(value, tuple):
        for one in value:
            yield from _groups(one, place)
        return
    if isinstance(value, TermijnGegevens):
        yield from _termijn(value, place)
    elif isinstance(value, DekkingInTijdGegevens):
        end = value.dekkingInTijdEinddatum
        if end is not None and compare(end, value.dekkingInTijdBegindatum) < 0:
            yield Violation("mdto.einde_voor_begin", place)
    elif isinstance(value, BeperkingGebruikGegevens):
        if (
            value.beperkingGebruikType.begripLabel == "Overig"
            and value.beperkingGebruikNadereBeschrijving is None
        ):
            yield Violation("mdto.overig_zonder_beschrijving", place)
    elif isinstance(value, ChecksumGegevens):
        label = value.checksumAlgoritme.begripLabel
        if not re.fullmatch(r"SHA-?(224|256|384|512)", label):
            yield Violation("mdto.checksum_algoritme", place, {"algoritme": label})
        elif "-" not in label:
            yield Violation("mdto.checksum_spelling", place, advice=True)
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            here = f"{place}/{field.name}" if place else field.name
            yield from _groups(getattr(value, field.name), here)


def _termijn(termijn: TermijnGegevens, place: str) -> Iterator[Violation]:
    start, looptijd = termijn.termijnStartdatumLooptijd, termijn.termijnLooptijd
    end = termijn.termijnEinddatum
    if end is None and (termijn.termijnTriggerStartLooptijd is None or looptijd is None):
        yield Violation("mdto.termijn_onvolledig", place)
    if end is not None and start is not None and compare(end, start) < 0:
        yield Violation("mdto.einde_voor_begin", place)
    if start is None or looptijd is None:
        return
    try:
        outcome = add(date.fromisoformat(start[:10]), parse_duration(looptijd)).isoformat()
    except ValueError:
        yield Violation("mdto.termijn_onleesbaar", place)
        return
    if end is None:
        yield Violation("mdto.einddatum_ontbreekt", place, advice=True)
    elif compare(outcome, end) != 0:
        yield Violation("mdto.termijn_rekent_niet", place, {"verwacht": outcome, "staat": end})


def _informatieobject(obj: Informatieobject) -> Iterator[Violation]:
    waardering = obj.waardering
    if waardering is None:
        yield Violation("mdto.ontbreekt", "waardering", {"naam": "waardering"})
    else:
        lijst = begrippen.norm_lists().get(
            waardering.begripBegrippenlijst.verwijzingNaam.casefold()
        )
        if lijst != begrippen.WAARDERINGEN:
            yield Violation("mdto.waardering_lijst", "waardering")
        elif waardering.begripCode is None:
            yield Violation("mdto.waardering_code", "waardering", advice=True)
        tijdelijk = waardering.begripLabel == "Tijdelijk te bewaren"
        if obj.bewaartermijn is not None and not tijdelijk:
            yield Violation("mdto.termijn_zonder_v", "bewaartermijn")
        if tijdelijk and (obj.bewaartermijn is None or obj.informatiecategorie is None):
            yield Violation("mdto.v_zonder_termijn", "bewaartermijn", advice=True)
    if not obj.archiefvormer:
        yield Violation("mdto.ontbreekt", "archiefvormer", {"naam": "archiefvormer"})
    if not obj.beperkingGebruik:
        yield Violation("mdto.ontbreekt", "beperkingGebruik", {"naam": "beperkingGebruik"})
    if obj.aggregatieniveau is None:
        yield Violation("mdto.geen_niveau", "aggregatieniveau", advice=True)
    for taal in obj.taal:
        if not _LANGUAGE.fullmatch(taal):
            yield Violation("mdto.taal", "taal", {"taal": taal})
    if len(obj.naam) > NAME_ADVICE:
        yield Violation("mdto.naam_lang", "naam", {"n": len(obj.naam)}, advice=True)
    if any(len(o) > DESCRIPTION_ADVICE for o in obj.omschrijving):
        yield Violation("mdto.omschrijving_lang", "omschrijving", advice=True)


def _bestand(obj: Bestand) -> Iterator[Violation]:
    formaat = obj.bestandsformaat
    if formaat.begripBegrippenlijst.verwijzingNaam.casefold().startswith("pronom"):
        if not _PUID.fullmatch(formaat.begripCode or ""):
            yield Violation("mdto.puid", "bestandsformaat", {"code": formaat.begripCode or ""})
    elif "/" not in formaat.begripLabel and "/" not in (formaat.begripCode or ""):
        yield Violation("mdto.formaat", "bestandsformaat", advice=True)
    if obj.omvang < 0:
        yield Violation("mdto.omvang", "omvang")
    if not obj.checksum:
        yield Violation("mdto.ontbreekt", "checksum", {"naam": "checksum"})
