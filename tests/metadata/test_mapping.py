"""MDTO to ToPX: everything arrives, in its place or as MDTO, and the outcome fits the schema."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from metadata import begrippen, mdto, topx
from metadata.binding import parse
from metadata.mapping import to_aggregatie, to_bestand
from metadata.schema import MDTO, TOPX, validate
from metadata.topx_xml import from_xml, to_xml
from metadata.xml import to_xml as to_mdto
from tests.helpers.norms import bericht, bestand, eigen, valid, verwijzing

TODAY = "2026-11-26"
SLOW = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The hierarchy is a relatie and the folders; a reference is known by its identification.
SAID_ONCE = {"bevatOnderdeel", "heeftRepresentatie"}
BY_MARK = {
    *("isOnderdeelVan", "aanvullendeMetagegevens", "isRepresentatieVan"),
    "gerelateerdInformatieobjectVerwijzing",
}


def texts(value: Any, name: str = "") -> set[str]:
    """Give every text of an object that has to arrive."""
    if name in SAID_ONCE or value is None:
        return set()
    if isinstance(value, tuple):
        return {text for one in value for text in texts(one, name)}
    if name in BY_MARK:
        mark = value.verwijzingIdentificatie
        return {mark.identificatieKenmerk if mark else value.verwijzingNaam}
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return {text for f in fields for text in texts(getattr(value, f.name), f.name)}
    return {str(value)}


def arrived(data: bytes) -> set[str]:
    found = {element.text or "" for element in parse(data).iter()}
    levels = {"Record": "Archiefstuk"}
    return found | {levels[text] for text in found if text in levels}


@SLOW
@given(valid(mdto.Informatieobject))
def test_every_value_of_an_informatieobject_arrives(obj: mdto.Informatieobject) -> None:
    assert validate(to_mdto(obj)) == ()
    mapped = to_aggregatie(obj, TODAY)
    data = to_xml(mapped)
    assert validate(data, TOPX) == ()
    assert from_xml(data) == mapped
    codes = {"nl": "dut", "en": "eng"}
    left = {t for t in texts(obj) - arrived(data) if codes.get(t) not in mapped.taal}
    assert left == set()


@SLOW
@given(valid(mdto.Bestand))
def test_every_value_of_a_bestand_arrives(obj: mdto.Bestand) -> None:
    assert validate(to_mdto(obj), MDTO) == ()
    data = to_xml(to_bestand(obj, "E-mailbericht"))
    assert validate(data, TOPX) == ()
    assert texts(obj) - arrived(data) == set()


def test_a_message_in_its_places() -> None:
    mapped = to_aggregatie(bericht(), TODAY)
    day = topx.DatumOfPeriode(datum="2033-03-04")
    assert mapped.identificatiekenmerk == "0190-0001"
    assert (mapped.aggregatieniveau, mapped.naam) == ("Record", ("Planning sluisbrug",))
    assert mapped.classificatie == (
        topx.Classificatie("EM", "E-mailbericht", begrippen.BERICHTEN),
        topx.Classificatie("7.1", "Uitvoeren van projecten", "Lijst van Waterbeke 2026"),
    )
    assert mapped.plaats == "Depot Waterbeke"
    assert mapped.dekking == (
        topx.Dekking(
            topx.Periode(topx.DatumOfJaar(datum="2026-01-01"), topx.DatumOfJaar(datum="2026-02-28"))
        ),
        topx.Dekking(geografischGebied=("Waterbeke",)),
    )
    assert mapped.externIdentificatiekenmerk == (
        topx.ExternIdentificatiekenmerk(
            "E-mail Message-ID (RFC 5322)", "<brug7@waterbeke.example>"
        ),
    )
    assert mapped.taal == ("dut",)
    assert mapped.eventGeschiedenis == (
        topx.EventGeschiedenis(
            topx.DatumOfPeriode(datumEnTijd="2026-03-04T10:15:00+01:00"),
            "Verzending",
            "Verzonden aan twee ontvangers",
            "M. de Wit",
        ),
    )
    assert mapped.eventPlan == (
        topx.EventPlan(day, "Vernietigen", None, "Einde bewaartermijn P7Y na Bevriezing"),
    )
    assert mapped.relatie == (
        topx.Relatie("0190-0000", "Hiërarchisch"),
        topx.Relatie("0190-0004", "Aanvullende metagegevens"),
        topx.Relatie("0190-0009", "Refereert aan"),
    )
    assert mapped.context == topx.Context(
        (topx.Actor("gm9998", "Organisatie", "Gemeente Waterbeke"),),
        (topx.Activiteit("B-7", None, "Beheren van bruggen"),),
    )
    assert mapped.gebruiksrechten == (
        topx.Gebruiksrechten(
            "Overig: Bevat een offerte",
            topx.DatumOfPeriode(
                periode=topx.Periode(
                    topx.DatumOfJaar(datum="2026-03-04"), topx.DatumOfJaar(datum="2046-03-04")
                )
            ),
        ),
    )
    assert mapped.openbaarheid == (
        topx.Openbaarheid(("Nader te bepalen",), topx.DatumOfPeriode(datum=TODAY)),
    )
    assert mapped.vorm == topx.Vorm("E-mailbericht")
    (rest,) = mapped.generiekeMetadata
    for element in ("trefwoord", "betrokkene", "beperkingGebruik", "waardering", "bewaartermijn"):
        assert rest.count(f'<{element} xmlns="{mdto.NAMESPACE}">') == 1


def test_a_file_in_its_places() -> None:
    mapped = to_bestand(bestand(), "E-mailbericht")
    assert mapped.naam == ("0190-0001.eml",)
    assert mapped.relatie == (topx.Relatie("0190-0001", "Hiërarchisch"),)
    assert mapped.vorm == topx.Vorm("E-mailbericht")
    (formaat,) = mapped.formaat
    assert formaat.bestandsnaam == topx.Bestandsnaam("0190-0001", "eml")
    assert (formaat.omvang, formaat.bestandsformaat) == (1234, "fmt/950")
    assert formaat.fysiekeIntegriteit == topx.FysiekeIntegriteit(
        "SHA-256", "ab" * 32, "2026-03-05T08:00:00+01:00"
    )


@pytest.mark.parametrize(
    ("name", "stem", "extension"),
    [
        ("brief.eml", "brief", "eml"),
        ("brief", "brief", None),
        (".profiel", ".profiel", None),
        ("a.tar.gz", "a.tar", "gz"),
        ("slot.", "slot", ""),
    ],
)
def test_the_extension_is_kept_apart(name: str, stem: str, extension: str | None) -> None:
    mapped = to_bestand(dataclasses.replace(bestand(), naam=name), "Brief")
    assert mapped.formaat[0].bestandsnaam == topx.Bestandsnaam(stem, extension)
    assert validate(to_xml(mapped), TOPX) == ()


@pytest.mark.parametrize(
    ("label", "access"),
    [
        ("Geen beperking", "Openbaar"),
        ("Nader te bepalen", "Nader te bepalen"),
        ("openbaar (Archiefwet 1995)", "Openbaar"),
        ("beperkt openbaar; staatsbelang (Archiefwet 1995)", "Beperkt openbaar"),
        ("niet openbaar; strafbare feiten (Wet Open Overheid)", "Niet openbaar"),
        ("openbaarheid niet beoordeeld (Archiefwet 1995)", "Nader te bepalen"),
        ("niet beoordeeld (Wet Open Overheid)", "Nader te bepalen"),
        ("persoonsgegevens aanwezig (AVG)", None),
    ],
)
def test_what_a_restriction_says_about_access(label: str, access: str | None) -> None:
    beperking = mdto.BeperkingGebruikGegevens(eigen(label))
    mapped = to_aggregatie(dataclasses.replace(bericht(), beperkingGebruik=(beperking,)), TODAY)
    assert mapped.openbaarheid[0].omschrijvingBeperkingen == (access or "Nader te bepalen",)
    assert bool(mapped.gebruiksrechten) is (access is None)


@pytest.mark.parametrize(
    ("niveau", "level"),
    [
        ("Archief", "Archief"),
        ("Serie", "Serie"),
        ("Dossier", "Dossier"),
        ("Archiefstuk", "Record"),
        ("Zaak", "Record"),
    ],
)
def test_levels(niveau: str, level: str) -> None:
    obj = dataclasses.replace(bericht(), aggregatieniveau=eigen(niveau))
    mapped = to_aggregatie(obj, TODAY)
    assert mapped.aggregatieniveau == level
    assert ("aggregatieniveau" in mapped.generiekeMetadata[0]) is (niveau == "Zaak")


def test_a_long_text_goes_in_pieces_and_a_long_name_also_as_it_is() -> None:
    obj = dataclasses.replace(bericht(), naam="n" * 300, omschrijving=("o" * 4001,))
    mapped = to_aggregatie(obj, TODAY)
    assert [len(part) for part in mapped.omschrijving] == [2000, 2000, 1]
    assert mapped.naam == ("n" * 255,)
    assert "n" * 300 in mapped.generiekeMetadata[0]
    assert validate(to_xml(mapped), TOPX) == ()


def test_every_text_that_is_too_long_is_cut_and_goes_along_whole() -> None:
    long = "x" * 2001
    ref = mdto.VerwijzingGegevens(long, mdto.IdentificatieGegevens(long, long))
    term = mdto.BegripGegevens(long, long, ref)
    obj = dataclasses.replace(
        bericht(),
        identificatie=(mdto.IdentificatieGegevens(long, long),) * 2,
        aggregatieniveau=term,
        classificatie=(term,),
        dekkingInRuimte=(ref,),
        event=(mdto.EventGegevens(term, "2026", ref, long),),
        isOnderdeelVan=(ref,),
        archiefvormer=(ref,),
        activiteit=ref,
        gerelateerdInformatieobject=(mdto.GerelateerdInformatieobjectGegevens(ref, term),),
        beperkingGebruik=(mdto.BeperkingGebruikGegevens(term, long),),
    )
    mapped = to_aggregatie(obj, TODAY)
    assert validate(to_xml(mapped), TOPX) == ()
    for element in (
        *("identificatie", "aggregatieniveau", "classificatie", "dekkingInRuimte", "event"),
        *("isOnderdeelVan", "archiefvormer", "activiteit", "gerelateerdInformatieobject"),
        "beperkingGebruik",
    ):
        assert f"<{element} xmlns=" in mapped.generiekeMetadata[0], element


def test_an_event_without_a_time_goes_along_as_it_is() -> None:
    event = mdto.EventGegevens(begrippen.event_type("Opname"))
    mapped = to_aggregatie(dataclasses.replace(bericht(), event=(event,)), TODAY)
    assert mapped.eventGeschiedenis == ()
    assert "<event xmlns=" in mapped.generiekeMetadata[0]


def test_an_event_without_an_actor_says_so() -> None:
    event = mdto.EventGegevens(begrippen.event_type("Opname"), "2026-03")
    mapped = to_aggregatie(dataclasses.replace(bericht(), event=(event,)), TODAY)
    (made,) = mapped.eventGeschiedenis
    assert made.verantwoordelijkeFunctionaris == "niet vastgelegd"
    assert made.datumOfPeriode.periode == topx.Periode(
        topx.DatumOfJaar(datum="2026-03-01"), topx.DatumOfJaar(datum="2026-03-31")
    )


def test_without_an_end_date_there_is_no_plan() -> None:
    for obj in (
        dataclasses.replace(bericht(), waardering=begrippen.waardering("B"), bewaartermijn=None),
        dataclasses.replace(
            bericht(),
            bewaartermijn=mdto.TermijnGegevens(begrippen.event_type("Bevriezing"), None, "P7Y"),
        ),
    ):
        mapped = to_aggregatie(obj, TODAY)
        assert mapped.eventPlan == ()
        assert "<waardering xmlns=" in mapped.generiekeMetadata[0]


def test_the_same_object_gives_the_same_bytes() -> None:
    assert to_xml(to_aggregatie(bericht(), TODAY)) == to_xml(to_aggregatie(bericht(), TODAY))


def test_a_list_or_actor_with_an_identification_keeps_it() -> None:
    term = mdto.BegripGegevens("Projecten", "7", verwijzing("Lijst", "lijst-12"))
    mapped = to_aggregatie(dataclasses.replace(bericht(), classificatie=(term,)), TODAY)
    assert "lijst-12" in mapped.generiekeMetadata[0]
    assert mapped.classificatie[0] == topx.Classificatie("7", "Projecten", "Lijst")


@pytest.mark.parametrize(
    ("taal", "code", "exact"),
    [
        ("nl", "dut", True),
        ("de", "ger", True),
        ("nl-BE", "dut", False),
        ("EN", "eng", False),
        ("fry", "fry", False),
        ("i-klingon", None, False),
    ],
)
def test_languages(taal: str, code: str | None, exact: bool) -> None:
    mapped = to_aggregatie(dataclasses.replace(bericht(), taal=(taal,)), TODAY)
    assert mapped.taal == ((code,) if code else ())
    assert (f">{taal}</taal>" in mapped.generiekeMetadata[0]) is not exact
    assert validate(to_xml(mapped), TOPX) == ()


def test_nobody_named_gives_no_context() -> None:
    """The norm requires an archiefvormer; without one the rest must still be said."""
    obj = dataclasses.replace(bericht(), archiefvormer=(), activiteit=None)
    assert to_aggregatie(obj, TODAY).context is None
