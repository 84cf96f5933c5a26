"""ToPX 2.3 (TMLO) as frozen dataclasses, in the words and the order of the norm's XML schema.

Field names are the element names of the "toepassingsprofiel metadatering lokale overheden"; the
numbers in the comments are those of the norm. A tuple is an element that may occur more than once,
None an element that is absent. The attributes lokaal, type and bronElement, which every element may
carry, are remarks of a source system; we write none. Nothing is checked here: see `metadata.schema`.
"""

from __future__ import annotations

from dataclasses import dataclass

from metadata.binding import RawXml

NAMESPACE = "http://www.nationaalarchief.nl/ToPX/v2.3"
LONGEST = 2000  # of any text, in characters
LONGEST_NAME = 255  # of naam and identificatiekenmerk (2, 4)


@dataclass(frozen=True, slots=True)
class DatumOfJaar:
    """One of a year, a date and a moment (with or without offset)."""

    jaar: str | None = None
    datum: str | None = None
    datumEnTijd: str | None = None


@dataclass(frozen=True, slots=True)
class Periode:
    """From begin to eind; either may be open."""

    begin: DatumOfJaar | None = None
    eind: DatumOfJaar | None = None


@dataclass(frozen=True, slots=True)
class DatumOfPeriode:
    """One of a date, a year, a moment and a period."""

    datum: str | None = None
    jaar: str | None = None
    datumEnTijd: str | None = None
    periode: Periode | None = None


@dataclass(frozen=True, slots=True)
class Classificatie:
    """5: a place in a scheme: its code, what it means, and which scheme."""

    code: str
    omschrijving: str
    bron: str
    datumOfPeriode: DatumOfPeriode | None = None


@dataclass(frozen=True, slots=True)
class Dekking:
    """9: the time and the places that the content is about."""

    inTijd: Periode | None = None
    geografischGebied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExternIdentificatiekenmerk:
    """10: a mark that another system gave."""

    kenmerkSysteem: str | None
    nummerBinnenSysteem: str


@dataclass(frozen=True, slots=True)
class EventGeschiedenis:
    """12: what happened to the object, when, and who answers for it."""

    datumOfPeriode: DatumOfPeriode
    type: str
    beschrijving: str | None
    verantwoordelijkeFunctionaris: str


@dataclass(frozen=True, slots=True)
class EventPlan:
    """13 and 21.9: what must happen and when. The `type` of 13 is from a closed list."""

    datumOfPeriode: DatumOfPeriode
    type: str
    beschrijving: str | None = None
    aanleiding: str | None = None


@dataclass(frozen=True, slots=True)
class Relatie:
    """15: a relation with another object, the one above it included."""

    relatieID: str
    typeRelatie: str
    datumOfPeriode: DatumOfPeriode | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """15C.1: the body that made or received it."""

    identificatiekenmerk: str
    aggregatieniveau: str | None
    geautoriseerdeNaam: str
    plaats: tuple[str, ...] = ()
    jurisdictie: str | None = None


@dataclass(frozen=True, slots=True)
class Activiteit:
    """15C.2: the process in which it was made or received."""

    identificatiekenmerk: str | None
    aggregatieniveau: str | None
    naam: str


@dataclass(frozen=True, slots=True)
class Context:
    """15C: actors and activities."""

    actor: tuple[Actor, ...] = ()
    activiteit: tuple[Activiteit, ...] = ()


@dataclass(frozen=True, slots=True)
class Gebruiksrechten:
    """16: conditions on the use."""

    omschrijvingVoorwaarden: str
    datumOfPeriode: DatumOfPeriode


@dataclass(frozen=True, slots=True)
class Vertrouwelijkheid:
    """17: how confidential it is, from a closed list."""

    classificatieNiveau: str
    datumOfPeriode: DatumOfPeriode


@dataclass(frozen=True, slots=True)
class Openbaarheid:
    """18: whether the public may see it, and in which period."""

    omschrijvingBeperkingen: tuple[str, ...]
    datumOfPeriode: DatumOfPeriode


@dataclass(frozen=True, slots=True)
class Vorm:
    """19: what kind of document it is."""

    redactieGenre: str
    verschijningsvorm: tuple[str, ...] = ()
    structuur: str | None = None


@dataclass(frozen=True, slots=True)
class Bestandsnaam:
    """21.2: the name of the file, with its extension apart if wanted."""

    naam: str
    extensie: str | None = None


@dataclass(frozen=True, slots=True)
class Creatieapplicatie:
    """21.6: the application that made the file; the date is a date or a moment."""

    naam: str | None = None
    versie: str | None = None
    datumAanmaak: str | None = None


@dataclass(frozen=True, slots=True)
class FysiekeIntegriteit:
    """21.7: a checksum and the moment at which it was computed."""

    algoritme: str
    waarde: str
    datumEnTijd: str


@dataclass(frozen=True, slots=True)
class Formaat:
    """21: one file; `omvang` in bytes, `datumAanmaak` a date or a moment."""

    identificatiekenmerk: str
    bestandsnaam: Bestandsnaam
    type: str | None = None
    omvang: int | None = None
    bestandsformaat: str | None = None
    creatieapplicatie: Creatieapplicatie | None = None
    fysiekeIntegriteit: FysiekeIntegriteit | None = None
    datumAanmaak: str | None = None
    eventPlan: tuple[EventPlan, ...] = ()
    relatie: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregatie:
    """An archief, serie, dossier or record."""

    identificatiekenmerk: str  # 2
    aggregatieniveau: str  # 3
    naam: tuple[str, ...]  # 4
    classificatie: tuple[Classificatie, ...] = ()  # 5
    omschrijving: tuple[str, ...] = ()  # 6
    plaats: str | None = None  # 7
    dekking: tuple[Dekking, ...] = ()  # 9
    externIdentificatiekenmerk: tuple[ExternIdentificatiekenmerk, ...] = ()  # 10
    taal: tuple[str, ...] = ()  # 11, ISO 639-2/B
    eventGeschiedenis: tuple[EventGeschiedenis, ...] = ()  # 12
    eventPlan: tuple[EventPlan, ...] = ()  # 13
    relatie: tuple[Relatie, ...] = ()  # 15
    context: Context | None = None  # 15C
    gebruiksrechten: tuple[Gebruiksrechten, ...] = ()  # 16
    vertrouwelijkheid: tuple[Vertrouwelijkheid, ...] = ()  # 17
    openbaarheid: tuple[Openbaarheid, ...] = ()  # 18
    vorm: Vorm | None = None  # 19
    integriteit: str | None = None  # 20
    generiekeMetadata: tuple[RawXml, ...] = ()  # 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Bestand:
    """A file: what an aggregatie has, with vorm and formaat required."""

    identificatiekenmerk: str
    aggregatieniveau: str = "Bestand"
    naam: tuple[str, ...]
    classificatie: tuple[Classificatie, ...] = ()
    omschrijving: tuple[str, ...] = ()
    plaats: str | None = None
    dekking: tuple[Dekking, ...] = ()
    externIdentificatiekenmerk: tuple[ExternIdentificatiekenmerk, ...] = ()
    taal: tuple[str, ...] = ()
    eventGeschiedenis: tuple[EventGeschiedenis, ...] = ()
    eventPlan: tuple[EventPlan, ...] = ()
    relatie: tuple[Relatie, ...] = ()
    context: Context | None = None
    gebruiksrechten: tuple[Gebruiksrechten, ...] = ()
    vertrouwelijkheid: tuple[Vertrouwelijkheid, ...] = ()
    openbaarheid: tuple[Openbaarheid, ...] = ()
    vorm: Vorm
    integriteit: str | None = None
    formaat: tuple[Formaat, ...]  # 21
    generiekeMetadata: tuple[RawXml, ...] = ()
