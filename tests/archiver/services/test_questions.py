"""Only what a chat export does not say is asked; answers are kept with who gave them, everywhere."""

from __future__ import annotations

import json
from pathlib import Path

from archiver.export import kopregels
from archiver.model import Answer, Conversation, Participant
from archiver.progress import Silent
from archiver.services import questions
from archiver.services.answers import is_zone
from archiver.services.archive import Archive
from archiver.services.intake import TakeIn, take_in
from archiver.services.preview import Look, Previewed, PreviewRow, preview
from archiver.store import audit, items
from tests.archiver.intake.chat.test_screenshot import png

CHAT = (
    "13-03-2026 09:00 - Anna de Wit: Is de nota klaar?\n13-03-2026 09:01 - Bram Vos: Ja, net af.\n"
)


def export(folder: Path, name: str = "Kade", text: str = CHAT) -> Path:
    path = folder / f"WhatsApp-chat met {name}.txt"
    path.write_text(text, encoding="utf-8")
    return path


def row(archive: Archive, path: Path, **answers: str) -> PreviewRow:
    look = Look((path,), archive.actor, owner_stated=False, answers=answers)
    return next(e.row for e in preview(archive, look, Silent()) if isinstance(e, Previewed))


def asked(found: PreviewRow) -> list[str]:
    return [question.name for question in found.questions]


def secured(archive: Archive, path: Path, **answers: str) -> tuple[str, Conversation]:
    command = TakeIn(
        (path,),
        owner=archive.actor,
        owner_stated=False,
        answers=answers,
        remembered=questions.remembered(archive),
    )
    (item_id,) = take_in(archive, command, Silent()).sources[0].item_ids
    with archive.register.read() as tx:
        record = items.get(tx, item_id).record
    assert isinstance(record, Conversation)
    return item_id, record


def test_owner_and_zone_are_asked_when_the_export_does_not_say_them(
    archive: Archive, tmp_path: Path
) -> None:
    found = row(archive, export(tmp_path))
    assert asked(found) == ["owner", "zone"]
    assert found.questions[0].options == (archive.actor, "Anna de Wit", "Bram Vos")
    assert asked(row(archive, export(tmp_path), owner="Bram Vos")) == ["zone"]
    assert asked(row(archive, export(tmp_path), owner="Bram Vos", zone="UTC")) == []


def test_who_works_here_and_takes_part_is_not_asked(archive: Archive, tmp_path: Path) -> None:
    text = CHAT.replace("Anna de Wit", archive.actor)
    found = row(archive, export(tmp_path, text=text))
    assert asked(found) == ["zone"]
    assert isinstance(found.record, Conversation)
    assert questions.owner_of(found.record, None) == archive.actor
    assert found.record.answers[0].basis == "export"


def test_an_answer_is_kept_in_register_audit_and_package_with_its_author(
    archive: Archive, tmp_path: Path
) -> None:
    item_id, record = secured(archive, export(tmp_path), owner="Bram Vos", zone="Europe/Amsterdam")
    with archive.register.read() as tx:
        item = items.get(tx, item_id)
        told = [e for e in audit.entries(tx, f"item:{item_id}") if e.event.action == "antwoord"]
    assert item.owner == "Bram Vos"
    assert {a.question: (a.value, a.actor, a.basis) for a in record.answers} == {
        "owner": ("Bram Vos", archive.actor, "gevraagd"),
        "zone": ("Europe/Amsterdam", archive.actor, "gevraagd"),
    }
    assert all(a.at for a in record.answers)
    assert record.zone_basis == "user"
    assert [(e.event.actor, (e.event.after or {})["vraag"]) for e in told] == [
        (archive.actor, "owner"),
        (archive.actor, "zone"),
    ]
    document = json.loads(b"".join(kopregels.gesprek(record, ())))
    assert document["antwoorden"][0]["value"] == "Bram Vos"
    assert document["antwoorden"][0]["actor"] == archive.actor


def test_an_answer_is_remembered_where_it_fits(archive: Archive, tmp_path: Path) -> None:
    secured(archive, export(tmp_path), owner="Bram Vos", zone="Europe/Amsterdam")
    again = row(archive, export(tmp_path, "Brug", CHAT + "14-03-2026 09:00 - Bram Vos: Dag\n"))
    assert asked(again) == []
    assert isinstance(again.record, Conversation)
    assert {a.basis for a in again.record.answers} == {"onthouden"}
    other = row(archive, export(tmp_path, "Sluis", CHAT.replace("Bram Vos", "Chris Ek")))
    assert asked(other) == ["owner"], "Bram takes no part: nobody guesses"
    assert other.questions[0].options[0] == "Bram Vos"


def test_nobody_answers_and_nothing_is_guessed(archive: Archive, tmp_path: Path) -> None:
    item_id, record = secured(archive, export(tmp_path))
    with archive.register.read() as tx:
        assert items.get(tx, item_id).owner is None
    assert record.answers == ()
    assert record.zone_basis == "unknown"


def test_i_do_not_know_is_an_answer_too(archive: Archive, tmp_path: Path) -> None:
    found = row(archive, export(tmp_path), zone="onbekend")
    assert asked(found) == ["owner"]
    assert isinstance(found.record, Conversation)
    assert found.record.zone_basis == "unknown"
    assert questions.value_of(found.record, "zone") == "onbekend"


def test_no_time_zone_is_a_text_of_any_kind(archive: Archive, tmp_path: Path) -> None:
    assert asked(row(archive, export(tmp_path), zone="<b>nu</b>")) == ["owner", "zone"]


def test_platforms_that_know_it_themselves_are_not_asked(archive: Archive) -> None:
    people = (Participant("self:1", "Mira van Oosterhof"), Participant("2", "Anna"))
    signal = Conversation(
        "c", "signal", "signal", 0, 1, "", participants=people, zone_basis="stated"
    )
    found = questions.answered(archive, signal, {}, {}, "2026-11-26T10:00:00+01:00")
    assert isinstance(found, Conversation)
    assert [a.value for a in found.answers] == ["Mira van Oosterhof"]
    slack = Conversation("c", "slack", "slack", 0, 1, "", message_count=3, zone_basis="stated")
    assert questions.open_questions(archive, slack, {}) == ()
    assert questions.owner_of(slack, "Mira") == "Mira"
    assert Answer("owner", "x", "y", "z").basis == "gevraagd"


def test_only_the_name_of_a_zone_is_one() -> None:
    assert all(is_zone(name) for name in ("Europe/Amsterdam", "UTC", "America/Argentina/Ushuaia"))
    assert not any(is_zone(name) for name in ("", "morgen", "../etc", "Europe/Amsterdam\n"))


def picture(folder: Path) -> Path:
    path = folder / "Schermafbeelding.png"
    path.write_bytes(png())
    return path


def test_of_a_sealed_original_people_and_period_are_typed_by_the_user(
    archive: Archive, tmp_path: Path
) -> None:
    path = picture(tmp_path)
    assert asked(row(archive, path)) == ["platform", "title", "participants", "period"]
    said = {
        "platform": "Discord",
        "participants": "Anna de Wit;  Bram Vos, Anna de Wit",
        "period": "1-3-2026 t/m 5-3-2026",
        "title": "Appgroep Kade",
    }
    assert asked(row(archive, path, **said)) == []
    item_id, record = secured(archive, path, **said)
    assert [p.name for p in record.participants] == ["Anna de Wit", "Bram Vos"]
    assert (record.first, record.last) == ("2026-03-01", "2026-03-05")
    assert {a.question: a.value for a in record.answers} == {
        "platform": "Discord",
        "title": "Appgroep Kade",
        "participants": "Anna de Wit; Bram Vos",
        "period": "2026-03-01/2026-03-05",
    }
    with archive.register.read() as tx:
        item = items.get(tx, item_id)
        told = [e for e in audit.entries(tx, f"item:{item_id}") if e.event.action == "antwoord"]
    assert item.title == "Appgroep Kade"
    assert item.date == "2026-03-05"
    assert len(told) == 4


def test_the_app_of_a_screenshot_decides_whether_its_owner_is_asked(
    archive: Archive, tmp_path: Path
) -> None:
    found = row(archive, picture(tmp_path), platform="WhatsApp")
    assert isinstance(found.record, Conversation)
    assert found.record.platform == "whatsapp"
    assert asked(found) == ["title", "owner", "participants", "period"]


def test_a_period_is_one_day_or_two_in_order() -> None:
    assert questions.period("2026-03-01/2026-03-05") == ("2026-03-01", "2026-03-05")
    assert questions.period("5-3-2026") == ("2026-03-05", "2026-03-05")
    for wrong in ("", "maart", "31-2-2026", "5-3-2026 t/m 1-3-2026", "1-1-2026 2-1-2026 3-1-2026"):
        assert questions.period(wrong) is None


def test_what_was_read_is_never_replaced_by_what_is_typed(archive: Archive, tmp_path: Path) -> None:
    found = row(archive, export(tmp_path), participants="Iemand", period="1-1-2020")
    assert isinstance(found.record, Conversation)
    assert [p.name for p in found.record.participants] == ["Anna de Wit", "Bram Vos"]
