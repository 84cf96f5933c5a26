"""A conversation in several exports, packaged: every original, no message claimed twice, persons."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from archiver.findings import Severity
from archiver.progress import Silent
from archiver.services import people
from archiver.services.appraisal import Decide, decide
from archiver.services.archive import Archive
from archiver.services.conversation_parts import LinkExports, link_exports
from archiver.services.intake import TakeIn, take_in
from archiver.services.packaging_run import MadePackage, MakePackage, make_package
from archiver.services.people import LinkPerson
from metadata.mdto import Informatieobject
from metadata.xml import from_xml
from tests.helpers import phones

MOMENT = "2026-11-26T10:00:00+01:00"


@pytest.fixture
def parts(archive: Archive, tmp_path: Path) -> tuple[str, str]:
    """Secure Mira's group of two moments, linked, and one conversation that stands alone."""
    ids: list[str] = []
    other = phones.android("16-11-2026", [("14:00", "Iris", "Iets heel anders dan de kade")])
    for place, text in (("een", phones.first_phone()), ("twee", phones.later_phone())):
        path = phones.write(tmp_path, place, text)
        ids += take_in(archive, TakeIn((path,), owner="Mira"), Silent()).changes.ids
    take_in(archive, TakeIn((phones.write(tmp_path, "ander", other),), owner="Mira"), Silent())
    link_exports(archive, LinkExports(ids[0], ids[1], "zelfde groep, een week later"), Silent())
    return ids[0], ids[1]


def package(archive: Archive, target: Path) -> MadePackage:
    made = make_package(archive, MakePackage(target, moment=MOMENT), Silent())
    assert [f for f in made.findings if f.severity is Severity.FOUT] == []
    assert made.released
    return made


def objects(folder: Path) -> dict[str, Informatieobject]:
    found = {}
    for path in folder.rglob("*.mdto.xml"):
        if not path.name.endswith(".bestand.mdto.xml"):
            obj = from_xml(path.read_bytes())
            assert isinstance(obj, Informatieobject)
            found[path.parent.name] = obj
    return found


def kind(obj: Informatieobject) -> str:
    return obj.classificatie[0].begripLabel if obj.classificatie else ""


def test_linked_exports_stand_under_one_conversation_each_with_its_original(
    archive: Archive, parts: tuple[str, str], tmp_path: Path
) -> None:
    made = package(archive, tmp_path / "levering")
    found = objects(made.path)
    (whole,) = [o for o in found.values() if kind(o) == "Gesprek in delen"]
    assert whole.aggregatieniveau is not None
    assert whole.aggregatieniveau.begripLabel == "Archiefstuk"
    assert len(whole.bevatOnderdeel) == 2
    assert sum(kind(o) == "Chatgesprek" for o in found.values()) == 3
    hashes = {
        hashlib.sha256(p.read_bytes()).hexdigest() for p in made.path.rglob("*") if p.is_file()
    }
    for text in (phones.first_phone(), phones.later_phone()):
        assert hashlib.sha256(text.encode()).hexdigest() in hashes, "every original goes along"


def test_the_relation_is_stated_and_no_message_is_claimed_twice(
    archive: Archive, parts: tuple[str, str], tmp_path: Path
) -> None:
    found = objects(package(archive, tmp_path / "levering").path)
    own = {
        o.identificatie[0].identificatieKenmerk.removeprefix("urn:uuid:"): o for o in found.values()
    }
    first, later = own[parts[0]], own[parts[1]]
    for one, other in ((first, later), (later, first)):
        (relation,) = one.gerelateerdInformatieobject
        target = relation.gerelateerdInformatieobjectVerwijzing.verwijzingIdentificatie
        assert target == other.identificatie[0]
        assert relation.gerelateerdInformatieobjectTypeRelatie.begripLabel == "Refereert aan"
    assert first.omschrijving[-1] == (
        "Export 1 van 2 van hetzelfde gesprek; 8 berichten. 0 staan alleen in deze export."
    )
    assert later.omschrijving[-1] == (
        "Export 2 van 2 van hetzelfde gesprek; 11 berichten. Daarvan staan er 8 ook in een eerdere "
        "export. 3 staan alleen in deze export."
    )


def test_a_part_that_is_kept_longer_stands_beside_the_others_in_the_same_dossier(
    archive: Archive, parts: tuple[str, str], tmp_path: Path
) -> None:
    third = phones.write(tmp_path, "drie", phones.second_phone())
    (other,) = take_in(archive, TakeIn((third,), owner="Joris"), Silent()).changes.ids
    link_exports(archive, LinkExports(parts[0], other, "andere telefoon"), Silent())
    decide(archive, Decide((parts[0],), "V", "geen belang", termijn="P5Y"), Silent())
    decide(archive, Decide((other,), "B", "van de wethouder", alone=True), Silent())
    found = objects(package(archive, tmp_path / "levering").path)
    (whole,) = [o for o in found.values() if kind(o) == "Gesprek in delen"]
    assert whole.aggregatieniveau is not None
    assert whole.aggregatieniveau.begripLabel == "Archiefstuk"
    assert whole.waardering is not None
    assert whole.waardering.begripCode == "V", "what the level says holds for every part in it"
    assert len(whole.bevatOnderdeel) == 2
    assert "uit 3 exports" in whole.omschrijving[0]
    assert "Hier staan er 2" in whole.omschrijving[0]
    own = {o.identificatie[0].identificatieKenmerk: o for o in found.values()}
    kept = own[f"urn:uuid:{other}"]
    assert kept.waardering is not None
    assert kept.waardering.begripCode == "B"
    assert kept.isOnderdeelVan == whole.isOnderdeelVan, "beside it, in the same dossier"
    (relation,) = kept.gerelateerdInformatieobject
    assert (
        relation.gerelateerdInformatieobjectVerwijzing.verwijzingIdentificatie
        == own[f"urn:uuid:{parts[0]}"].identificatie[0]
    )


def test_a_person_is_named_with_the_label_as_it_stood(
    archive: Archive, parts: tuple[str, str], tmp_path: Path
) -> None:
    label = next(
        s.label for s in people.seen_in(archive, parts[0]) if s.participant.name == "Joris Blankert"
    )
    people.link_person(
        archive, LinkPerson((label,), "J. Blankert (aannemer)", "zijn visitekaartje")
    )
    found = objects(package(archive, tmp_path / "levering").path)
    named = {
        (b.betrokkeneActor.verwijzingNaam, i.identificatieKenmerk, i.identificatieBron)
        for o in found.values()
        for b in o.betrokkene
        if (i := b.betrokkeneActor.verwijzingIdentificatie) is not None
    }
    assert named == {("J. Blankert (aannemer)", "Joris Blankert", "Naam in de export van Mira")}
    assert "Samira Tolhuizen" in {
        b.betrokkeneActor.verwijzingNaam for o in found.values() for b in o.betrokkene
    }


def test_the_same_choice_gives_the_same_bytes(
    archive: Archive, parts: tuple[str, str], tmp_path: Path
) -> None:
    one = package(archive, tmp_path / "levering-1")
    two = package(archive, tmp_path / "levering-2")
    assert one.package_hash == two.package_hash
