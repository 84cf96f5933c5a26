"""Persons: linked once with a reason, remembered, taken back, suggested and never linked by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archiver.cli import run
from archiver.errors import RuleRefused
from archiver.model import Conversation, Participant
from archiver.progress import Silent
from archiver.services import people, undo
from archiver.services.archive import Archive
from archiver.services.comparison import CompareExports, compare_exports
from archiver.services.intake import TakeIn, take_in
from archiver.services.people import Label, LinkPerson, UnlinkPerson
from archiver.store import audit
from tests.helpers import phones
from tests.helpers.messages import work_folder


def record(platform: str = "whatsapp") -> Conversation:
    return Conversation("c", platform, platform, 0, 1, "0" * 64)


def secured(archive: Archive, path: Path, owner: str | None = None) -> str:
    (item_id,) = take_in(archive, TakeIn((path,), owner=owner), Silent()).changes.ids
    return item_id


@pytest.fixture
def pair(archive: Archive, tmp_path: Path) -> tuple[str, str]:
    return (
        secured(archive, phones.write(tmp_path, "een", phones.first_phone()), "Mira"),
        secured(archive, phones.write(tmp_path, "twee", phones.second_phone()), "Joris"),
    )


@pytest.mark.parametrize(
    ("participant", "expected"),
    [
        (Participant("Joris", "Joris"), Label("naam", "Joris", "Mira")),
        (Participant("~\u202fJoris", "~\u202fJoris"), Label("naam", "~\u202fJoris", "Mira")),
        (
            Participant(
                "\u202a+31\u00a06\u00a012345678\u202c", "\u202a+31\u00a06\u00a012345678\u202c"
            ),
            Label("nummer", "+31612345678"),
        ),
        (Participant("0031 6-12345678", "0031 6-12345678"), Label("nummer", "+31612345678")),
        (Participant("J.B@Veld.example", "J.B@Veld.example"), Label("e-mail", "j.b@veld.example")),
        (Participant("U024BE", "joris"), Label("account", "slack:U024BE")),
        (Participant("self", "Mira"), Label("naam", "Mira", "Mira")),
    ],
)
def test_a_participant_is_known_as_a_number_an_address_an_account_or_a_name(
    participant: Participant, expected: Label
) -> None:
    platform = "slack" if participant.id == "U024BE" else "whatsapp"
    assert people.label_of(participant, record(platform), "Mira") == expected


@pytest.mark.parametrize(
    "text", ["", "2024", "Joris 2", "+31 6 1234", "a@b", "12" * 20, "<a@b.nl>"]
)
def test_what_is_no_number_or_address_is_a_name(text: str) -> None:
    found = people.label_of(Participant(text, text), record(), "Mira")
    assert found.kind == "naam"


def labels_of(archive: Archive, item_id: str) -> dict[str, Label]:
    return {seen.participant.name: seen.label for seen in people.seen_in(archive, item_id)}


def test_linked_once_and_remembered_with_who_decided(
    archive: Archive, pair: tuple[str, str], tmp_path: Path
) -> None:
    left, right = (labels_of(archive, i) for i in pair)
    labels = (left["Joris Blankert"], right["Joris Werk"])
    changes = people.link_person(archive, LinkPerson(labels, "Joris Blankert", "collega van Mira"))
    (person,) = people.people(archive)
    assert person.id == changes.ids[0]
    assert {(r.label.label, r.label.scope, r.actor, r.reason) for r in person.labels} == {
        ("Joris Blankert", "Mira", archive.actor, "collega van Mira"),
        ("Joris Werk", "Joris", archive.actor, "collega van Mira"),
    }
    third = secured(archive, phones.write(tmp_path, "drie", phones.later_phone()), "Mira")
    known = {s.participant.name: s.person for s in people.seen_in(archive, third)}
    assert known["Joris Blankert"] is not None
    assert known["Joris Blankert"].naam == "Joris Blankert", "the next export knows him already"
    assert known["Samira Tolhuizen"] is None


def test_a_decided_person_goes_before_in_a_comparison(
    archive: Archive, pair: tuple[str, str]
) -> None:
    left, right = (labels_of(archive, i) for i in pair)
    labels = (left["Samira Tolhuizen"], right["+31 6 12345678"])
    people.link_person(archive, LinkPerson(labels, "Samira Tolhuizen", "haar nummer"))
    (found,) = compare_exports(lambda: archive, CompareExports(*pair), Silent())
    basis = {link.left: (link.right, link.basis) for link in found.comparison.people}
    assert basis["Samira Tolhuizen"] == ("+31 6 12345678", "person")
    assert basis["Joris Blankert"] == ("Joris Werk", "messages")


def test_a_label_moves_to_another_person_and_undo_brings_it_back(
    archive: Archive, pair: tuple[str, str]
) -> None:
    label = labels_of(archive, pair[0])["Joris Blankert"]
    people.link_person(archive, LinkPerson((label,), "Joris", "zo heet hij"))
    people.link_person(archive, LinkPerson((label,), "Jan", "nee, het is Jan"))
    assert [p.naam for p in people.people(archive)] == ["Jan"]
    assert undo.undo_label(archive) == "persoon"
    undo.undo(archive)
    assert [p.naam for p in people.people(archive)] == ["Joris"]
    undo.undo(archive)
    assert people.people(archive) == ()
    with pytest.raises(RuleRefused, match="niets_ongedaan"):
        undo.undo(archive)


def test_unlinking_has_a_reason_and_stays_in_the_trail(
    archive: Archive, pair: tuple[str, str]
) -> None:
    label = labels_of(archive, pair[0])["Joris Blankert"]
    with pytest.raises(RuleRefused, match="persoon_niet_gekoppeld"):
        people.unlink_person(archive, UnlinkPerson((label,), "x"))
    people.link_person(archive, LinkPerson((label,), "Joris", "zo heet hij"))
    people.unlink_person(archive, UnlinkPerson((label,), "het was zijn broer"))
    assert people.people(archive) == ()
    with archive.register.read() as tx:
        reasons = [e.event.reason for e in audit.entries(tx) if e.event.action == "persoon"]
    assert reasons == ["zo heet hij", "het was zijn broer"]
    undo.undo(archive)
    assert [p.naam for p in people.people(archive)] == ["Joris"]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (LinkPerson((), "Joris", "x"), "persoon_zonder_label"),
        (LinkPerson((Label("naam", "J"),), " ", "x"), "persoon_zonder_naam"),
        (LinkPerson((Label("naam", "J"),), "Joris", " "), "persoon_zonder_reden"),
        (LinkPerson((Label("naam", "J"),), "", "x", person="niemand"), "onbekend"),
    ],
)
def test_what_cannot_be_linked_is_refused(archive: Archive, command: LinkPerson, code: str) -> None:
    with pytest.raises(RuleRefused) as caught:
        people.link_person(archive, command)
    assert caught.value.code == code
    assert people.people(archive) == ()


def test_the_same_number_is_suggested_and_nothing_is_linked(
    archive: Archive, tmp_path: Path
) -> None:
    for place, name in (("een", "+31 6 12345678"), ("twee", "06-12345678")):
        talk = [("14:00", name, f"Dit is een bericht van {place} over de kade")]
        secured(archive, phones.write(tmp_path, place, phones.android("16-11-2026", talk)), place)
    (found,) = people.suggestions(archive)
    assert (found.basis, found.value) == ("nummer", "+31612345678")
    assert {label.label for label in found.labels} == {"+31612345678", "0612345678"}
    assert people.people(archive) == ()
    people.link_person(archive, LinkPerson(found.labels, "Samira", "haar nummer"))
    assert people.suggestions(archive) == ()


def test_the_command_lists_suggests_links_and_lets_go(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = work_folder(tmp_path / "w")
    item_id = secured(archive, phones.write(tmp_path, "een", phones.second_phone()), "Joris")
    archive.close()

    def call(*words: str) -> tuple[int, list[dict[str, Any]]]:
        code = run(["--werkmap", str(tmp_path / "w"), "--json", "personen", *words])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert call("lijst") == (0, [])
    code, seen = call("lijst", item_id)
    assert code == 0
    assert {s["name"]: s["person"] for s in seen} == {
        "Mira van Oosterhof": None,
        "Joris Werk": None,
        "+31 6 12345678": None,
    }
    code, _ = call("koppel", item_id, "Joris Werk", "--naam", "Joris", "--reden", "zijn telefoon")
    assert code == 0
    assert call("koppel", item_id, "Bestaat niet", "--naam", "J", "--reden", "x")[0] == 3
    code, (person,) = call("lijst")
    assert (person["name"], [x["label"] for x in person["labels"]]) == ("Joris", ["Joris Werk"])
    assert person["labels"][0]["reason"] == "zijn telefoon"
    assert call("voorstellen") == (0, [])
    assert call("los", item_id, "Joris Werk", "--reden", "toch niet")[0] == 0
    assert call("lijst") == (0, [])


def test_a_name_on_an_unknown_phone_says_nothing_about_another_phone(
    archive: Archive, tmp_path: Path
) -> None:
    ids = []
    for place in ("een", "twee"):
        talk = [("14:00", "Joris Blankert", f"Bericht op telefoon {place}")]
        path = phones.write(tmp_path, place, phones.android("16-11-2026", talk))
        ids.append(secured(archive, path))
    first, second = ids
    label = labels_of(archive, first)["Joris Blankert"]
    assert label.scope.startswith("#")
    people.link_person(archive, LinkPerson((label,), "Joris Blankert", "collega"))
    known = {s.participant.name: s.person for s in people.seen_in(archive, second)}
    assert known["Joris Blankert"] is None
