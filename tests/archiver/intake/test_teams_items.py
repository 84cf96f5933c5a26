"""Messages of Teams as items of a .pst and as .msg: which conversation they name, and nothing guessed."""

from __future__ import annotations

import random
from pathlib import Path

from archiver.intake import containers, msg, pst, teams_items
from archiver.intake.protocol import ParseContext
from archiver.model import EmailMessage
from tests.helpers import outlook
from tests.helpers.pst_maker import BINARY, Mail
from tests.helpers.teams_posts import CHAT, NAMED, SET, T0, loose, post, store

INDEX = "01d9" + "ab" * 20


def read(path: Path) -> list[EmailMessage]:
    parser = pst if path.suffix == ".pst" else msg
    return [r for r in parser.parse(path, ParseContext()) if isinstance(r, EmailMessage)]


def codes(mail: EmailMessage) -> set[str]:
    return {f.code for f in mail.findings if f.code.startswith("teams.")}


def test_an_item_of_a_store_says_its_conversation_and_what_it_answers(tmp_path: Path) -> None:
    first, answer, mail = read(
        store(tmp_path / "x.pst", [post(1, "dag"), post(2, "ja", answers=1)])
    )
    assert first.item_class == "IPM.SkypeTeams.Message"
    assert first.folder == "TeamsMessagesData"
    assert first.post is not None
    assert (first.post.thread, first.post.basis, first.post.kind) == (CHAT, "stated", "chat")
    assert (first.post.title, first.post.id, first.post.parent) == ("Kade", str(T0 + 60), None)
    assert first.post.created == first.date == "2026-02-03T08:01:00+00:00"
    assert answer.post is not None
    assert answer.post.parent == first.post.id
    assert codes(first) == {"teams.bericht"}
    assert mail.post is None
    assert not codes(mail)


def test_the_derived_mail_keeps_the_name_of_the_conversation(tmp_path: Path) -> None:
    path = store(tmp_path / "x.pst", [post(1, "dag")])
    first, mail = (containers.message_bytes(path, m.place or "") for m in read(path))
    assert b"\r\nX-Outlook-Teams-Thread: 19:kade@thread.v2\r\n" in first
    assert b"X-Outlook-Teams" not in mail


def test_a_loose_item_says_the_same(tmp_path: Path) -> None:
    (item,) = read(loose(tmp_path / "1.msg", 1, "dag"))
    assert item.post is not None
    assert (item.post.thread, item.post.id, item.post.title) == (CHAT, str(T0 + 60), "Kade")
    assert codes(item) == {"teams.bericht"}
    assert "msg.soort" not in {f.code for f in item.findings}, "said once what it is"


def test_another_class_that_names_its_conversation_is_a_message_of_it(tmp_path: Path) -> None:
    (item,) = read(loose(tmp_path / "1.msg", 1, "dag", item_class="IPM.Note"))
    assert item.post is not None
    (mail,) = read(loose(tmp_path / "2.msg", 1, "dag", chat=None, item_class="IPM.Note"))
    assert mail.post is None


def test_without_a_conversation_nothing_is_guessed(tmp_path: Path) -> None:
    index = {0x71: (BINARY, bytes.fromhex(INDEX))}
    known = post(1, "dag", chat=None, extra=index)
    inferred, unknown, _ = read(store(tmp_path / "x.pst", [known, post(2, "ja", chat=None)]))
    assert inferred.post is not None
    assert (inferred.post.thread, inferred.post.basis) == (None, "thread_index")
    assert codes(inferred) == {"teams.gesprek_afgeleid"}
    assert unknown.post is not None
    assert (unknown.post.thread, unknown.post.basis) == (None, None)
    assert codes(unknown) == {"teams.gesprek_onbekend"}


def test_what_was_held_back_after_an_edit_is_said(tmp_path: Path) -> None:
    item, _ = read(store(tmp_path / "x.pst", [post(1, "dag")], folder="SubstrateHolds"))
    assert codes(item) == {"teams.bericht", "teams.vastgehouden"}


def test_a_system_message_and_one_of_copilot_are_messages_too() -> None:
    assert teams_items.is_item("IPM.SkypeTeams.SystemMessage")
    assert teams_items.is_item("ipm.skypeteams.message.copilot.word")
    assert not teams_items.is_item("IPM.Note")
    assert not teams_items.is_item(None)


def test_a_broken_name_map_never_stops_reading() -> None:
    guids, entries, texts = outlook.name_map(NAMED)
    assert len(teams_items.fields(guids, entries, texts)) == 6
    assert teams_items.fields(guids[:16], entries, texts) == {}
    assert teams_items.fields(guids, entries, b"") == {}
    # The same texts under another set are names of something else.
    assert teams_items.fields(guids.replace(bytes.fromhex(SET), bytes(16)), entries, texts) == {}
    dice = random.Random(4)
    for _ in range(300):
        broken = [bytearray(part) for part in (guids, entries, texts)]
        for part in broken:
            part[dice.randrange(len(part))] = dice.randrange(256)
        teams_items.fields(*(bytes(part[: dice.randrange(len(part))]) for part in broken))


def test_a_value_has_a_limit(tmp_path: Path) -> None:
    long: Mail = post(1, "dag", topic="x" * 10_000)
    item, _ = read(store(tmp_path / "x.pst", [long]))
    assert item.post is not None
    assert item.post.title == "x" * 500
