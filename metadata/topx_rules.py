"""What ToPX asks beyond its schema: no empty or broken texts, periods that run forwards.

The rest is what e-depots check on top of the norm (Noord-Hollands Archief, preingest): given as
advice, because another receiver may agree otherwise.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from metadata.binding import RawXml, illegal_characters
from metadata.dates import compare
from metadata.schema import Violation
from metadata.topx import (
    Aggregatie,
    Bestand,
    DatumOfJaar,
    DatumOfPeriode,
    Dekking,
    FysiekeIntegriteit,
    Openbaarheid,
    Periode,
)

ACCESS = ("Openbaar", "Beperkt openbaar", "Niet openbaar")
_ALGORITHM = re.compile(r"MD5|SHA-?(1|224|256|384|512)", re.IGNORECASE)
_MULTILINE = {"omschrijving", "beschrijving", "aanleiding", "omschrijvingVoorwaarden"}


def check(obj: Aggregatie | Bestand) -> tuple[Violation, ...]:
    """Give every breach, with the element path as place."""
    found = list(_walk(obj, ""))
    if len(obj.naam) != 1:
        found.append(Violation("topx.een_naam", "naam", {"n": len(obj.naam)}, advice=True))
    if isinstance(obj, Aggregatie):
        stated = [text for one in obj.openbaarheid for text in one.omschrijvingBeperkingen]
        if len(stated) != 1:
            params: dict[str, str | int] = {"n": len(stated)}
            found.append(Violation("topx.een_openbaarheid", "openbaarheid", params, advice=True))
    return tuple(found)


def _walk(value: Any, place: str) -> Iterator[Violation]:
    if isinstance(value, tuple):
        for one in value:
            yield from _walk(one, place)
    elif dataclasses.is_dataclass(value):
        yield from _group(value, place)
        for field in dataclasses.fields(value):
            here = f"{place}/{field.name}" if place else field.name
            yield from _walk(getattr(value, field.name), here)
    elif isinstance(value, str) and not isinstance(value, RawXml):
        name = place.rpartition("/")[2]
        if not value.strip():
            yield Violation("mdto.leeg", place)
        elif illegal_characters(value) or (
            name not in _MULTILINE and re.search(r"[\t\r\n]", value)
        ):
            yield Violation("mdto.stuurteken", place)


def _group(value: Any, place: str) -> Iterator[Violation]:
    if isinstance(value, Periode):
        yield from _period(value, place)
    elif isinstance(value, Dekking):
        if value.inTijd is not None and None in (value.inTijd.begin, value.inTijd.eind):
            yield Violation("topx.periode_open", f"{place}/inTijd", advice=True)
    elif isinstance(value, Openbaarheid):
        yield from _access(value, place)
    elif isinstance(value, FysiekeIntegriteit) and not _ALGORITHM.fullmatch(value.algoritme):
        params: dict[str, str | int] = {"algoritme": value.algoritme}
        yield Violation("topx.algoritme", f"{place}/algoritme", params, advice=True)


def _period(period: Periode, place: str) -> Iterator[Violation]:
    begin, end = period.begin, period.eind
    if begin is None or end is None:
        return
    if _kind(begin) != _kind(end):
        yield Violation("topx.periode_ongelijk", place, advice=True)
    if compare(_text(end), _text(begin)) < 0:
        yield Violation("mdto.einde_voor_begin", place)


def _access(access: Openbaarheid, place: str) -> Iterator[Violation]:
    for text in access.omschrijvingBeperkingen:
        if text not in ACCESS:
            yield Violation("topx.openbaarheid", place, {"tekst": text}, advice=True)
        if text == "Beperkt openbaar" and not _closed(access.datumOfPeriode):
            yield Violation("topx.beperkt_zonder_einde", place, advice=True)


def _closed(time: DatumOfPeriode) -> bool:
    period = time.periode
    return period is not None and period.begin is not None and period.eind is not None


def _text(bound: DatumOfJaar) -> str:
    return bound.jaar or bound.datum or bound.datumEnTijd or ""


def _kind(bound: DatumOfJaar) -> str:
    return next((f.name for f in dataclasses.fields(bound) if getattr(bound, f.name)), "")
