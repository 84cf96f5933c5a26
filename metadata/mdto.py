"""MDTO 1.0.1 as frozen dataclasses, in the words and the order of the norm's XML schema.

Field names are the element names of MDTO-XML 1.0.1 (Nationaal Archief); the order of the fields is
the order of the sequence in the schema. A tuple is an element that may occur more than once, None
an element that is absent. Nothing is checked here: see `metadata.rules` and `metadata.schema`.
"""

from __future__ import annotations

from dataclasses import dataclass

NAMESPACE = "https://www.nationaalarchief.nl/mdto"
SCHEMA_LOCATION = f"{NAMESPACE} {NAMESPACE}/MDTO-XML1.0.1.xsd"


@dataclass(frozen=True, slots=True)
class IdentificatieGegevens:
    """What identifies an object: a kenmerk that is unique within its bron."""

    identificatieKenmerk: str
    identificatieBron: str


@dataclass(frozen=True, slots=True)
class VerwijzingGegevens:
    """A reference to another object, by name and preferably by identification."""

    verwijzingNaam: str
    verwijzingIdentificatie: IdentificatieGegevens | None = None


@dataclass(frozen=True, slots=True)
class BegripGegevens:
    """A term from a list: label, code and the list that defines it."""

    begripLabel: str
    begripCode: str | None
    begripBegrippenlijst: VerwijzingGegevens


@dataclass(frozen=True, slots=True)
class TermijnGegevens:
    """A term: trigger, start (date), duration (ISO 8601) and end (year, month or date)."""

    termijnTriggerStartLooptijd: BegripGegevens | None = None
    termijnStartdatumLooptijd: str | None = None
    termijnLooptijd: str | None = None
    termijnEinddatum: str | None = None


@dataclass(frozen=True, slots=True)
class ChecksumGegevens:
    """A checksum of the bytes of a bestand, and when (dateTime) it was computed."""

    checksumAlgoritme: BegripGegevens
    checksumWaarde: str
    checksumDatum: str


@dataclass(frozen=True, slots=True)
class BeperkingGebruikGegevens:
    """A restriction on use: closure, privacy, rights; "Nader te bepalen" when unknown."""

    beperkingGebruikType: BegripGegevens
    beperkingGebruikNadereBeschrijving: str | None = None
    beperkingGebruikDocumentatie: tuple[VerwijzingGegevens, ...] = ()
    beperkingGebruikTermijn: TermijnGegevens | None = None


@dataclass(frozen=True, slots=True)
class DekkingInTijdGegevens:
    """The period the content is about; dates as year, month or date."""

    dekkingInTijdType: BegripGegevens
    dekkingInTijdBegindatum: str
    dekkingInTijdEinddatum: str | None = None


@dataclass(frozen=True, slots=True)
class EventGegevens:
    """Something that happened to the object itself; time as year, month, date or dateTime."""

    eventType: BegripGegevens
    eventTijd: str | None = None
    eventVerantwoordelijkeActor: VerwijzingGegevens | None = None
    eventResultaat: str | None = None


@dataclass(frozen=True, slots=True)
class GerelateerdInformatieobjectGegevens:
    """A relation that is not the hierarchy."""

    gerelateerdInformatieobjectVerwijzing: VerwijzingGegevens
    gerelateerdInformatieobjectTypeRelatie: BegripGegevens


@dataclass(frozen=True, slots=True)
class BetrokkeneGegevens:
    """A person or body with a role, other than the archiefvormer."""

    betrokkeneTypeRelatie: BegripGegevens
    betrokkeneActor: VerwijzingGegevens


@dataclass(frozen=True, slots=True)
class RaadpleeglocatieGegevens:
    """Where the object can be consulted: physical places first, then online ones."""

    raadpleeglocatieFysiek: tuple[VerwijzingGegevens, ...] = ()
    raadpleeglocatieOnline: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Informatieobject:
    """An informatieobject on any level: Archief, Serie, Dossier or Archiefstuk."""

    identificatie: tuple[IdentificatieGegevens, ...]
    naam: str
    aggregatieniveau: BegripGegevens | None = None
    classificatie: tuple[BegripGegevens, ...] = ()
    trefwoord: tuple[str, ...] = ()
    omschrijving: tuple[str, ...] = ()
    raadpleeglocatie: tuple[RaadpleeglocatieGegevens, ...] = ()
    dekkingInTijd: tuple[DekkingInTijdGegevens, ...] = ()
    dekkingInRuimte: tuple[VerwijzingGegevens, ...] = ()
    taal: tuple[str, ...] = ()
    event: tuple[EventGegevens, ...] = ()
    waardering: BegripGegevens | None = None
    bewaartermijn: TermijnGegevens | None = None
    informatiecategorie: BegripGegevens | None = None
    isOnderdeelVan: tuple[VerwijzingGegevens, ...] = ()
    bevatOnderdeel: tuple[VerwijzingGegevens, ...] = ()
    heeftRepresentatie: tuple[VerwijzingGegevens, ...] = ()
    aanvullendeMetagegevens: tuple[VerwijzingGegevens, ...] = ()
    gerelateerdInformatieobject: tuple[GerelateerdInformatieobjectGegevens, ...] = ()
    archiefvormer: tuple[VerwijzingGegevens, ...] = ()
    betrokkene: tuple[BetrokkeneGegevens, ...] = ()
    activiteit: VerwijzingGegevens | None = None
    beperkingGebruik: tuple[BeperkingGebruikGegevens, ...] = ()


@dataclass(frozen=True, slots=True)
class Bestand:
    """One file of an informatieobject; `omvang` in bytes."""

    identificatie: tuple[IdentificatieGegevens, ...]
    naam: str
    omvang: int
    bestandsformaat: BegripGegevens
    checksum: tuple[ChecksumGegevens, ...]
    URLBestand: str | None
    isRepresentatieVan: VerwijzingGegevens
