"""MDTO to ToPX 2.3, after the official mapping of TMLO and TMR to MDTO (Nationaal Archief).

What ToPX has a place for goes there. What it has no exact place for (betrokkene, trefwoord, the type
of a restriction, a value that is too long, ...) goes along unchanged as MDTO inside
generiekeMetadata, so nothing is lost. Two things are only said once: the hierarchy upwards is a
relatie, and downwards it is the folders of the delivery; the name of an object that is referred to
by its identification stands with that object.

What goes in must keep the rules of MDTO (`metadata.rules`); what comes out keeps the schema of ToPX.
"""

from __future__ import annotations

import calendar
import csv
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from metadata import begrippen, mdto, topx, xml
from metadata.binding import RawXml

ABOVE = "Hiërarchisch"
MORE_METADATA = "Aanvullende metagegevens"
NOT_RECORDED = "niet vastgelegd"
_LEVELS = {"Archief": "Archief", "Serie": "Serie", "Dossier": "Dossier", "Archiefstuk": "Record"}
_ACCESS = ("Beperkt openbaar", "Niet openbaar", "Openbaar")
_OPEN_QUESTION = "Nader te bepalen"
_ZONE = r"(?:Z|[+-]\d\d:\d\d)?"
_YEAR = re.compile(r"-?\d{4,}" + _ZONE, re.ASCII)
_DAY = re.compile(r"-?\d{4,}-\d\d-\d\d" + _ZONE, re.ASCII)
_MONTH = re.compile(r"(-?\d{4,})-(\d\d)" + _ZONE, re.ASCII)


def to_aggregatie(obj: mdto.Informatieobject, vastgesteld: str) -> topx.Aggregatie:
    """Map an informatieobject; `vastgesteld` (ISO date) is the day on which this is stated.

    ToPX wants a date with every restriction; where MDTO gives none it is `vastgesteld`. The name of
    a person who answers for an event is "niet vastgelegd" when MDTO does not tell.
    """
    rest = _Rest()
    first, *others = obj.identificatie
    return topx.Aggregatie(
        identificatiekenmerk=_first_mark(first, rest),
        aggregatieniveau=_level(obj.aggregatieniveau, rest),
        naam=(_name(obj.naam, rest),),
        classificatie=_classificatie(obj, rest),
        omschrijving=tuple(part for text in obj.omschrijving for part in _parts(text)),
        plaats=_plaats(obj, rest),
        dekking=_dekking(obj, rest),
        externIdentificatiekenmerk=tuple(_extern(one, rest) for one in others),
        taal=_talen(obj.taal, rest),
        eventGeschiedenis=tuple(
            event for one in obj.event if (event := _event(one, rest)) is not None
        ),
        eventPlan=_plan(obj, rest),
        relatie=_relaties(obj, rest),
        context=_context(obj, rest),
        gebruiksrechten=_gebruiksrechten(obj, vastgesteld),
        openbaarheid=_openbaarheid(obj, vastgesteld),
        vorm=_vorm(obj),
        generiekeMetadata=_rest_of(obj, rest),
    )


def to_bestand(obj: mdto.Bestand, genre: str) -> topx.Bestand:
    """Map a file; `genre` is the kind of document it represents ("E-mailbericht")."""
    rest = _Rest()
    first, *others = obj.identificatie
    kenmerk = _first_mark(first, rest)
    stem, dot, extension = obj.naam.rpartition(".")
    formaat = obj.bestandsformaat
    rest.add("bestandsformaat", formaat)
    one, *more = obj.checksum
    rest.add("checksum", *more)
    if one.checksumAlgoritme not in [
        begrippen.checksum_algoritme(label) for label in begrippen.lists()[begrippen.CHECKSUMS]
    ]:
        rest.add("checksum", one)
    rest.add("URLBestand", obj.URLBestand)
    return topx.Bestand(
        identificatiekenmerk=kenmerk,
        naam=(_name(obj.naam, rest),),
        externIdentificatiekenmerk=tuple(_extern(other, rest) for other in others),
        relatie=(_relatie("isRepresentatieVan", obj.isRepresentatieVan, ABOVE, rest),),
        vorm=topx.Vorm(_cut(genre)),
        formaat=(
            topx.Formaat(
                kenmerk,
                topx.Bestandsnaam(
                    _cut(stem if stem else obj.naam), _cut(extension) if stem and dot else None
                ),
                omvang=obj.omvang,
                bestandsformaat=_cut(formaat.begripCode or formaat.begripLabel),
                fysiekeIntegriteit=topx.FysiekeIntegriteit(
                    _cut(one.checksumAlgoritme.begripLabel),
                    _cut(one.checksumWaarde),
                    one.checksumDatum,
                ),
            ),
        ),
        generiekeMetadata=rest.as_generic(),
    )


class _Rest:
    """What goes along as MDTO, in the order in which it was found."""

    def __init__(self) -> None:
        self._found: list[RawXml] = []

    def add(self, name: str, *values: object) -> None:
        """Take an element of MDTO along, as it is."""
        for value in values:
            element = xml.BINDING.fragment(name, value)
            if element and element not in self._found:
                self._found.append(element)

    def as_generic(self) -> tuple[RawXml, ...]:
        """Give it as the content of one generiekeMetadata, or of none."""
        return (RawXml("".join(self._found)),) if self._found else ()


def _cut(text: str, longest: int = topx.LONGEST) -> str:
    return text[:longest]


def _parts(text: str) -> tuple[str, ...]:
    """Give a long text in pieces that ToPX takes; together they are the whole text."""
    return tuple(text[at : at + topx.LONGEST] for at in range(0, len(text), topx.LONGEST))


def _first_mark(mark: mdto.IdentificatieGegevens, rest: _Rest) -> str:
    rest.add("identificatie", mark)  # for its bron
    return _cut(mark.identificatieKenmerk, topx.LONGEST_NAME)


def _name(naam: str, rest: _Rest) -> str:
    if len(naam) > topx.LONGEST_NAME:
        rest.add("naam", naam)
    return _cut(naam, topx.LONGEST_NAME)


def _extern(mark: mdto.IdentificatieGegevens, rest: _Rest) -> topx.ExternIdentificatiekenmerk:
    if max(len(mark.identificatieKenmerk), len(mark.identificatieBron)) > topx.LONGEST:
        rest.add("identificatie", mark)
    return topx.ExternIdentificatiekenmerk(
        _cut(mark.identificatieBron), _cut(mark.identificatieKenmerk)
    )


def _level(niveau: mdto.BegripGegevens | None, rest: _Rest) -> str:
    if niveau is None:
        return "Record"
    if niveau.begripLabel not in _LEVELS:
        rest.add("aggregatieniveau", niveau)
    return _LEVELS.get(niveau.begripLabel, "Record")


def _classificatie(obj: mdto.Informatieobject, rest: _Rest) -> tuple[topx.Classificatie, ...]:
    found = []
    for begrip in (*obj.classificatie, obj.informatiecategorie):
        if begrip is None:
            continue
        code, lijst = begrip.begripCode or begrip.begripLabel, begrip.begripBegrippenlijst
        found.append(
            topx.Classificatie(_cut(code), _cut(begrip.begripLabel), _cut(lijst.verwijzingNaam))
        )
        long = max(len(code), len(begrip.begripLabel), len(lijst.verwijzingNaam)) > topx.LONGEST
        if long or lijst.verwijzingIdentificatie is not None:
            rest.add("classificatie", begrip)
    return tuple(found)


def _plaats(obj: mdto.Informatieobject, rest: _Rest) -> str | None:
    rest.add("raadpleeglocatie", *obj.raadpleeglocatie)
    for locatie in obj.raadpleeglocatie:
        for fysiek in locatie.raadpleeglocatieFysiek:
            return _cut(fysiek.verwijzingNaam)
    return None


def _dekking(obj: mdto.Informatieobject, rest: _Rest) -> tuple[topx.Dekking, ...]:
    found = []
    for one in obj.dekkingInTijd:
        rest.add("dekkingInTijd", one)  # for its type
        end = one.dekkingInTijdEinddatum
        periode = topx.Periode(
            _bound(one.dekkingInTijdBegindatum), _bound(end, last=True) if end else None
        )
        found.append(topx.Dekking(inTijd=periode))
    for plek in obj.dekkingInRuimte:
        if plek.verwijzingIdentificatie is not None or len(plek.verwijzingNaam) > topx.LONGEST:
            rest.add("dekkingInRuimte", plek)
        found.append(topx.Dekking(geografischGebied=(_cut(plek.verwijzingNaam),)))
    return tuple(found)


def _bound(text: str, last: bool = False) -> topx.DatumOfJaar:
    """Give one end of a period; ToPX knows no months, so the first or last day of one."""
    month = _MONTH.fullmatch(text)
    if month is not None:
        day = calendar.monthrange(int(month[1]), int(month[2]))[1] if last else 1
        return topx.DatumOfJaar(datum=f"{month[1]}-{month[2]}-{day:02}")
    if _YEAR.fullmatch(text):
        return topx.DatumOfJaar(jaar=text)
    return (
        topx.DatumOfJaar(datum=text) if _DAY.fullmatch(text) else topx.DatumOfJaar(None, None, text)
    )


def _time(text: str) -> topx.DatumOfPeriode:
    if _MONTH.fullmatch(text):
        return topx.DatumOfPeriode(periode=topx.Periode(_bound(text), _bound(text, last=True)))
    bound = _bound(text)
    return topx.DatumOfPeriode(bound.datum, bound.jaar, bound.datumEnTijd)


@lru_cache(maxsize=1)
def _codes() -> Mapping[str, str]:
    """Give ISO 639-1 -> ISO 639-2/B."""
    table = files("metadata.data").joinpath("talen.csv").read_text(encoding="utf-8")
    return {row["iso639_1"]: row["iso639_2b"] for row in csv.DictReader(table.splitlines())}


def _talen(talen: tuple[str, ...], rest: _Rest) -> tuple[str, ...]:
    found = []
    for taal in talen:
        code = taal.partition("-")[0].casefold()
        if taal not in _codes():  # a region, or a language without a code of two letters
            rest.add("taal", taal)
        if code in _codes():
            found.append(_codes()[code])
        elif code in _codes().values():
            found.append(code)
    return tuple(found)


def _event(event: mdto.EventGegevens, rest: _Rest) -> topx.EventGeschiedenis | None:
    """Give the event; one without a time has no place in ToPX and goes along as it is."""
    actor = event.eventVerantwoordelijkeActor
    texts = (event.eventType.begripLabel, event.eventResultaat or "", _name_of(actor))
    if (
        event.eventTijd is None
        or event.eventType.begripBegrippenlijst.verwijzingNaam != begrippen.EVENTTYPES
        or event.eventType.begripBegrippenlijst.verwijzingIdentificatie is not None
        or event.eventType.begripCode is not None
        or (actor is not None and actor.verwijzingIdentificatie is not None)
        or max(map(len, texts)) > topx.LONGEST
        or _MONTH.fullmatch(event.eventTijd)
    ):
        rest.add("event", event)
    if event.eventTijd is None:
        return None
    return topx.EventGeschiedenis(
        _time(event.eventTijd),
        _cut(event.eventType.begripLabel),
        _cut(event.eventResultaat) if event.eventResultaat else None,
        _cut(_name_of(actor)),
    )


def _name_of(actor: mdto.VerwijzingGegevens | None) -> str:
    return NOT_RECORDED if actor is None else actor.verwijzingNaam


def _plan(obj: mdto.Informatieobject, rest: _Rest) -> tuple[topx.EventPlan, ...]:
    """Say when it must be destroyed; a plan without a date has no place in ToPX."""
    rest.add("waardering", obj.waardering)
    rest.add("bewaartermijn", obj.bewaartermijn)
    rest.add("informatiecategorie", obj.informatiecategorie)
    termijn = obj.bewaartermijn
    if termijn is None or termijn.termijnEinddatum is None:
        return ()
    trigger = termijn.termijnTriggerStartLooptijd
    reason = "Einde bewaartermijn"
    if termijn.termijnLooptijd is not None:
        reason += f" {termijn.termijnLooptijd}"
    if trigger is not None:
        reason += f" na {trigger.begripLabel}"
    end = _time(termijn.termijnEinddatum)
    return (topx.EventPlan(end, "Vernietigen", None, _cut(reason)),)


def _relaties(obj: mdto.Informatieobject, rest: _Rest) -> tuple[topx.Relatie, ...]:
    found = [_relatie("isOnderdeelVan", one, ABOVE, rest) for one in obj.isOnderdeelVan]
    found += [
        _relatie("aanvullendeMetagegevens", one, MORE_METADATA, rest)
        for one in obj.aanvullendeMetagegevens
    ]
    for relatie in obj.gerelateerdInformatieobject:
        soort = relatie.gerelateerdInformatieobjectTypeRelatie
        other = relatie.gerelateerdInformatieobjectVerwijzing
        if soort != mdto.BegripGegevens(
            soort.begripLabel, None, mdto.VerwijzingGegevens(begrippen.RELATIETYPEN_OBJECT)
        ):
            rest.add("gerelateerdInformatieobject", relatie)
        found.append(_relatie("gerelateerdInformatieobject", other, soort.begripLabel, rest))
    return tuple(found)


def _relatie(name: str, other: mdto.VerwijzingGegevens, soort: str, rest: _Rest) -> topx.Relatie:
    mark = _mark_of(other)
    if max(len(mark), len(soort)) > topx.LONGEST:
        rest.add(name, other)
    return topx.Relatie(_cut(mark), _cut(soort))


def _mark_of(other: mdto.VerwijzingGegevens) -> str:
    mark = other.verwijzingIdentificatie
    return other.verwijzingNaam if mark is None else mark.identificatieKenmerk


def _context(obj: mdto.Informatieobject, rest: _Rest) -> topx.Context | None:
    if not obj.archiefvormer and obj.activiteit is None:
        return None
    for vormer in obj.archiefvormer:
        if vormer.verwijzingIdentificatie is not None or len(vormer.verwijzingNaam) > topx.LONGEST:
            rest.add("archiefvormer", vormer)
    actors = tuple(
        topx.Actor(_cut(_mark_of(one)), "Organisatie", _cut(one.verwijzingNaam))
        for one in obj.archiefvormer
    )
    activiteit = obj.activiteit
    if activiteit is None:
        return topx.Context(actors)
    mark = activiteit.verwijzingIdentificatie
    if mark is not None or len(activiteit.verwijzingNaam) > topx.LONGEST:
        rest.add("activiteit", activiteit)
    kenmerk = _cut(mark.identificatieKenmerk) if mark else None
    return topx.Context(actors, (topx.Activiteit(kenmerk, None, _cut(activiteit.verwijzingNaam)),))


def _access(beperking: mdto.BeperkingGebruikGegevens) -> str | None:
    """Tell what a restriction says about access for the public: None when it is about use."""
    label = beperking.beperkingGebruikType.begripLabel
    if label == "Geen beperking":
        return "Openbaar"
    if label == _OPEN_QUESTION or "niet beoordeeld" in label.casefold():
        return _OPEN_QUESTION
    for access in _ACCESS:
        if re.match(rf"{access}\b", label, re.IGNORECASE):
            return access
    return None


def _openbaarheid(obj: mdto.Informatieobject, vastgesteld: str) -> tuple[topx.Openbaarheid, ...]:
    found = tuple(
        topx.Openbaarheid((access,), _restricted(one, vastgesteld))
        for one in obj.beperkingGebruik
        if (access := _access(one)) is not None
    )
    if found:
        return found
    return (topx.Openbaarheid((_OPEN_QUESTION,), topx.DatumOfPeriode(datum=vastgesteld)),)


def _gebruiksrechten(
    obj: mdto.Informatieobject, vastgesteld: str
) -> tuple[topx.Gebruiksrechten, ...]:
    found = []
    for one in obj.beperkingGebruik:
        if _access(one) is None:
            words = [one.beperkingGebruikType.begripLabel, one.beperkingGebruikNadereBeschrijving]
            text = ": ".join(word for word in words if word)
            found.append(topx.Gebruiksrechten(_cut(text), _restricted(one, vastgesteld)))
    return tuple(found)


def _restricted(beperking: mdto.BeperkingGebruikGegevens, vastgesteld: str) -> topx.DatumOfPeriode:
    termijn = beperking.beperkingGebruikTermijn
    start = termijn.termijnStartdatumLooptijd if termijn else None
    end = termijn.termijnEinddatum if termijn else None
    if end is None:
        return topx.DatumOfPeriode(datum=start or vastgesteld)
    return topx.DatumOfPeriode(
        periode=topx.Periode(_bound(start or vastgesteld), _bound(end, last=True))
    )


def _vorm(obj: mdto.Informatieobject) -> topx.Vorm | None:
    for begrip in obj.classificatie:
        if begrip.begripBegrippenlijst.verwijzingNaam == begrippen.BERICHTEN:
            return topx.Vorm(_cut(begrip.begripLabel))
    return None


def _rest_of(obj: mdto.Informatieobject, rest: _Rest) -> tuple[RawXml, ...]:
    """Add what ToPX has no place for at all."""
    rest.add("trefwoord", *obj.trefwoord)
    rest.add("betrokkene", *obj.betrokkene)
    rest.add("beperkingGebruik", *obj.beperkingGebruik)
    return rest.as_generic()
