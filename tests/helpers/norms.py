"""Invented objects of MDTO and ToPX: full examples, and hypothesis strategies over the classes."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any

from hypothesis import strategies as st

from metadata import begrippen, mdto, topx
from metadata.binding import RawXml, illegal_characters

CHARACTERS = st.characters(
    codec="utf-8",
    exclude_characters="".join(c for c in map(chr, range(0x10000)) if illegal_characters(c)),
)
TEXTS = st.text(CHARACTERS, max_size=12)
RAW = st.sampled_from(
    [
        RawXml(""),
        RawXml("los &lt;tekst&gt;"),
        RawXml('<k xmlns="urn:eigen" a="1"><l>x &amp; y</l></k>'),
        RawXml('<p:a xmlns:p="urn:p"></p:a><b xmlns="urn:p"></b>'),
    ]
)


def objects(cls: type) -> st.SearchStrategy[Any]:
    """Give any object of a class: absent, empty and repeated fields included."""
    hints = typing.get_type_hints(cls)
    return st.builds(cls, **{f.name: _values(hints[f.name]) for f in dataclasses.fields(cls)})


def _values(hint: Any) -> st.SearchStrategy[Any]:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return st.just(()) | st.lists(_values(args[0]), max_size=2).map(tuple)
    if origin in (types.UnionType, typing.Union):
        return st.none() | _values(args[0])
    if dataclasses.is_dataclass(hint):
        return objects(typing.cast("type", hint))
    if hint is RawXml:
        return RAW
    return st.integers() if hint is int else TEXTS


YEARS = ("2026", "1899", "2026+01:00", "2026Z", "12026", "-0044")
MONTHS = ("2026-02", "2028-02", "2026-12Z", "2026-04-05:00", "12026-11", "-0044-03")
DAYS = ("2026-02-28", "2026-12-31Z", "2026-04-01+01:00")
MOMENTS = ("2026-03-04T10:15:00", "2026-03-04T10:15:00.5+01:00", "2026-03-04T24:00:00Z")
FILLED = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8)
# What fits the schema of MDTO where a field is more than a text.
BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "termijnStartdatumLooptijd": st.sampled_from(DAYS),
    "termijnLooptijd": st.sampled_from(("P7Y", "P1Y6M", "P42D")),
    "termijnEinddatum": st.sampled_from(YEARS + MONTHS + DAYS),
    "dekkingInTijdBegindatum": st.sampled_from(YEARS + MONTHS + DAYS),
    "dekkingInTijdEinddatum": st.sampled_from(YEARS + MONTHS + DAYS),
    "eventTijd": st.sampled_from(YEARS + MONTHS + DAYS + MOMENTS),
    "checksumDatum": st.sampled_from(MOMENTS),
    "taal": st.sampled_from(("nl", "nl-NL", "en", "fry", "dut", "ban", "i-klingon", "EN")),
    "omvang": st.integers(0, 10**15),
    "raadpleeglocatieOnline": st.sampled_from(("https://archief.waterbeke.example/1",)),
    "URLBestand": st.sampled_from(("https://archief.waterbeke.example/1.eml",)),
}
AT_LEAST_ONE = {"identificatie", "archiefvormer", "beperkingGebruik", "checksum"}
NEVER_ABSENT = {"waardering"}


def valid(cls: type) -> st.SearchStrategy[Any]:
    """Give an object of MDTO that fits the schema and has no empty texts."""
    hints = typing.get_type_hints(cls)
    return st.builds(
        cls, **{f.name: _valid(f.name, hints[f.name]) for f in dataclasses.fields(cls)}
    )


def _valid(name: str, hint: Any) -> st.SearchStrategy[Any]:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        least = 1 if name in AT_LEAST_ONE else 0
        found = st.lists(_valid(name, args[0]), min_size=least, max_size=2).map(tuple)
        return found if least else st.just(()) | found
    if origin in (types.UnionType, typing.Union):
        one = _valid(name, args[0])
        return one if name in NEVER_ABSENT else st.none() | one
    if dataclasses.is_dataclass(hint):
        return valid(typing.cast("type", hint))
    return BY_NAME.get(name, FILLED)


def verwijzing(naam: str, kenmerk: str | None = None) -> mdto.VerwijzingGegevens:
    """Give a reference, by name only when no kenmerk is given."""
    if kenmerk is None:
        return mdto.VerwijzingGegevens(naam)
    return mdto.VerwijzingGegevens(naam, mdto.IdentificatieGegevens(kenmerk, "Proefbron"))


def eigen(label: str, code: str | None = None) -> mdto.BegripGegevens:
    """Give a term of a list that is not of the norm."""
    return mdto.BegripGegevens(label, code, verwijzing("Lijst van Waterbeke 2026"))


def bericht() -> mdto.Informatieobject:
    """Give an e-mail with every field filled, in which every rule of the norm holds."""
    return mdto.Informatieobject(
        identificatie=(
            mdto.IdentificatieGegevens("0190-0001", "Archiefklaar Waterbeke"),
            mdto.IdentificatieGegevens("<brug7@waterbeke.example>", "E-mail Message-ID (RFC 5322)"),
        ),
        naam="Planning sluisbrug",
        aggregatieniveau=begrippen.aggregatieniveau("Archiefstuk"),
        classificatie=(begrippen.bericht("E-mailbericht"),),
        trefwoord=("sluis",),
        omschrijving=("Wat er deze week gebeurt.\nEn volgende week.",),
        raadpleeglocatie=(
            mdto.RaadpleeglocatieGegevens(
                (verwijzing("Depot Waterbeke"),), ("https://archief.waterbeke.example/1",)
            ),
        ),
        dekkingInTijd=(
            mdto.DekkingInTijdGegevens(begrippen.bericht("Periode gesprek"), "2026-01", "2026-02"),
        ),
        dekkingInRuimte=(verwijzing("Waterbeke"),),
        taal=("nl",),
        event=(
            mdto.EventGegevens(
                begrippen.event_type("Verzending"),
                "2026-03-04T10:15:00+01:00",
                verwijzing("M. de Wit"),
                "Verzonden aan twee ontvangers",
            ),
        ),
        waardering=begrippen.waardering("V"),
        bewaartermijn=mdto.TermijnGegevens(
            begrippen.event_type("Bevriezing"), "2026-03-04", "P7Y", "2033-03-04"
        ),
        informatiecategorie=eigen("Uitvoeren van projecten", "7.1"),
        isOnderdeelVan=(verwijzing("Sluisbrug", "0190-0000"),),
        bevatOnderdeel=(verwijzing("planning.pdf", "0190-0002"),),
        heeftRepresentatie=(verwijzing("0190-0001.eml", "0190-0003"),),
        aanvullendeMetagegevens=(verwijzing("0190-0001-kopregels.json", "0190-0004"),),
        gerelateerdInformatieobject=(
            mdto.GerelateerdInformatieobjectGegevens(
                verwijzing("Eerder bericht", "0190-0009"), begrippen.relatie("Refereert aan")
            ),
        ),
        archiefvormer=(verwijzing("Gemeente Waterbeke", "gm9998"),),
        betrokkene=(
            mdto.BetrokkeneGegevens(begrippen.bericht("Afzender"), verwijzing("M. de Wit")),
        ),
        activiteit=verwijzing("Beheren van bruggen", "B-7"),
        beperkingGebruik=(
            mdto.BeperkingGebruikGegevens(
                begrippen.beperking("Overig"),
                "Bevat een offerte",
                (verwijzing("Besluit 12", "besluit-12"),),
                mdto.TermijnGegevens(None, "2026-03-04", None, "2046-03-04"),
            ),
        ),
    )


def bestand() -> mdto.Bestand:
    """Give a file with every field filled, in which every rule of the norm holds."""
    return mdto.Bestand(
        identificatie=(mdto.IdentificatieGegevens("0190-0003", "Archiefklaar Waterbeke"),),
        naam="0190-0001.eml",
        omvang=1234,
        bestandsformaat=begrippen.pronom("fmt/950", "Internet Message Format"),
        checksum=(
            mdto.ChecksumGegevens(
                begrippen.checksum_algoritme(), "ab" * 32, "2026-03-05T08:00:00+01:00"
            ),
        ),
        URLBestand="https://archief.waterbeke.example/1.eml",
        isRepresentatieVan=verwijzing("Planning sluisbrug", "0190-0001"),
    )


def _tijd(datum: str) -> topx.DatumOfPeriode:
    return topx.DatumOfPeriode(datum=datum)


def _periode() -> topx.Periode:
    return topx.Periode(
        topx.DatumOfJaar(jaar="2026"), topx.DatumOfJaar(datumEnTijd="2027-01-01T00:00:00")
    )


def record() -> topx.Aggregatie:
    """Give a record of ToPX with every field filled."""
    dag = _tijd("2026-03-04")
    return topx.Aggregatie(
        identificatiekenmerk="0190-0001",
        aggregatieniveau="Record",
        naam=("Planning sluisbrug",),
        classificatie=(topx.Classificatie("7.1", "Projecten", "Selectielijst", dag),),
        omschrijving=("Wat er deze week gebeurt",),
        plaats="Depot Waterbeke",
        dekking=(topx.Dekking(_periode(), ("Waterbeke", "Sluis")),),
        externIdentificatiekenmerk=(topx.ExternIdentificatiekenmerk("Mail", "<a@b.example>"),),
        taal=("dut",),
        eventGeschiedenis=(
            topx.EventGeschiedenis(
                topx.DatumOfPeriode(periode=_periode()), "Verzending", "Aan twee", "M. de Wit"
            ),
        ),
        eventPlan=(topx.EventPlan(dag, "Vernietigen", "Na zeven jaar", "Einde termijn"),),
        relatie=(topx.Relatie("0190-0000", "Hiërarchisch", topx.DatumOfPeriode(jaar="2026")),),
        context=topx.Context(
            (topx.Actor("gm9998", "Organisatie", "Waterbeke", ("Waterbeke",), "Gemeente"),),
            (topx.Activiteit("B-7", "Proces", "Beheren van bruggen"),),
        ),
        gebruiksrechten=(topx.Gebruiksrechten("Geen", dag),),
        vertrouwelijkheid=(topx.Vertrouwelijkheid("Vertrouwelijk", dag),),
        openbaarheid=(topx.Openbaarheid(("Openbaar",), dag),),
        vorm=topx.Vorm("E-mail", ("Digitaal",), "Tekst"),
        integriteit="Volledig",
        generiekeMetadata=(RawXml('<k xmlns="urn:eigen" a="1">x</k>'),),
    )


def topx_bestand() -> topx.Bestand:
    """Give a file of ToPX with every field of 19 to 22 filled."""
    dag = _tijd("2026-03-04")
    return topx.Bestand(
        identificatiekenmerk="0190-0003",
        naam=("0190-0001.eml",),
        vorm=topx.Vorm("E-mail"),
        formaat=(
            topx.Formaat(
                "0190-0003",
                topx.Bestandsnaam("0190-0001", "eml"),
                "Digitaal",
                1234,
                "fmt/950",
                topx.Creatieapplicatie("Post", "1.2", "2026-03-04"),
                topx.FysiekeIntegriteit("SHA-256", "ab" * 32, "2026-03-05T08:00:00Z"),
                "2026-03-04T10:15:00",
                (topx.EventPlan(dag, "Omzetten", "Naar PDF", "Veroudering"),),
                ("0190-0001",),
            ),
        ),
    )
