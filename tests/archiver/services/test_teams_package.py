"""Messages of Teams that came in one by one, packaged: every original, and what it belongs to."""

from __future__ import annotations

from pathlib import Path

from archiver.findings import Severity
from archiver.progress import Silent
from archiver.services.archive import Archive
from archiver.services.intake import TakeIn, take_in
from archiver.services.packaging_run import MakePackage, make_package
from metadata.mdto import Informatieobject
from metadata.xml import from_xml
from tests.helpers.teams_posts import post, store


def test_every_message_of_a_chat_refers_to_what_it_answers_or_to_the_first(
    archive: Archive, tmp_path: Path
) -> None:
    said = [
        post(1, "Wie belt?"),
        post(2, "Ik", answers=1),
        post(3, "Mooi"),
        post(4, "x", chat="19:b"),
    ]
    path = store(tmp_path / "x.pst", said)
    taken = take_in(archive, TakeIn((path,), owner="Sanne"), Silent())
    command = MakePackage(tmp_path / "levering", moment="2026-11-26T10:00:00+01:00")
    made = make_package(archive, command, Silent())
    assert [f for f in made.findings if f.severity is Severity.FOUT] == []
    assert made.released
    assert made.ledger.messages == 5, "in = out"
    refers: dict[str, list[str]] = {}
    for file in made.path.rglob("*.mdto.xml"):
        obj = from_xml(file.read_bytes())
        if isinstance(obj, Informatieobject):
            own = obj.identificatie[0].identificatieKenmerk.removeprefix("urn:uuid:")
            refers[own] = [
                one.gerelateerdInformatieobjectVerwijzing.verwijzingIdentificatie.identificatieKenmerk
                for one in obj.gerelateerdInformatieobject
                if one.gerelateerdInformatieobjectVerwijzing.verwijzingIdentificatie
            ]
    first, answer, third, other, mail = taken.changes.ids
    assert refers[answer] == refers[third] == [f"urn:uuid:{first}"]
    assert refers[first] == refers[other] == refers[mail] == []
