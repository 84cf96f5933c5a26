"""Messages of Teams out of a .pst and loose .msg files: one conversation, every message its own original."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.errors import RuleRefused
from archiver.model import Item
from archiver.progress import Silent
from archiver.services import overview
from archiver.services.appraisal import Decide, decide
from archiver.services.archive import Archive
from archiver.services.describe import Edit, edit
from archiver.services.intake import TakeIn, take_in
from archiver.services.related import related
from archiver.services.teams_conversation import chat_with
from archiver.services.undo import undo
from archiver.services.verify import verify
from tests.helpers.teams_posts import loose, post, store

OTHER = "19:ander@thread.v2"


@pytest.fixture
def ids(archive: Archive, tmp_path: Path) -> dict[str, str]:
    """Secure a mailbox with two chats and a mail, and one message of the first chat as a loose file."""
    said = [
        post(1, "Wie belt de aannemer?"),
        post(2, "Ik", "Jan Smit", answers=1),
        post(3, "Iets anders", chat=OTHER, topic=None),
        post(5, "Zonder gesprek", chat=None),
    ]
    paths = (store(tmp_path / "x.pst", said), loose(tmp_path / "4.msg", 4, "Gedaan"))
    result = take_in(archive, TakeIn(paths, owner="Sanne"), Silent())
    for source in result.sources:
        assert not source.ledger.difference(source.ledger_stored)
    return {overview.reading(archive, i).text.strip(): i for i in result.changes.ids}


def item(archive: Archive, item_id: str) -> Item:
    return overview.item(archive, item_id)


def decided(archive: Archive, ids: dict[str, str]) -> dict[str, str]:
    found = {text: item(archive, i).decision for text, i in ids.items()}
    return {text: made.waardering for text, made in found.items() if made is not None}


def test_the_messages_of_a_chat_are_one_conversation_across_containers(
    archive: Archive, ids: dict[str, str]
) -> None:
    assert len(ids) == 6
    chat = chat_with(archive, item(archive, ids["Gedaan"]))
    assert chat is not None
    assert (chat.title, chat.copies) == ("Kade", 0)
    assert [p.id for p in chat.posts] == [
        ids[text] for text in ("Wie belt de aannemer?", "Ik", "Gedaan")
    ]
    sources = {overview.source(archive, p.source_id).path for p in chat.posts}
    assert sources == {"x.pst", "4.msg"}
    assert {p.title for p in chat.posts} == {"Kade"}, (
        "a message without a subject has the name of its chat"
    )
    assert chat_with(archive, item(archive, ids["Zie bijlage."])) is None
    assert chat_with(archive, item(archive, ids["Zonder gesprek"])) is None


def test_a_message_is_read_in_its_conversation(archive: Archive, ids: dict[str, str]) -> None:
    reading = overview.reading(archive, ids["Ik"])
    assert [(m.sender, (m.text or "").strip()) for m in reading.chat] == [
        ("Sanne Bakker", "Wie belt de aannemer?"),
        ("Jan Smit", "Ik"),
        ("Sanne Bakker", "Gedaan"),
    ]
    assert [m.place for m in reading.chat][1] == ids["Ik"], "every line knows the item it is"
    assert (reading.chat_at, reading.chat_total, reading.title) == (1, 3, "Kade")
    assert not overview.reading(archive, ids["Zie bijlage."]).chat
    assert not overview.reading(archive, ids["Zonder gesprek"]).chat


def test_what_a_message_answers_is_shown(archive: Archive, ids: dict[str, str]) -> None:
    found = related(archive, ids["Ik"])
    assert found is not None
    assert (found.self_.parent, found.self_.basis) == (ids["Wie belt de aannemer?"], "chat")
    assert {one.id for one in found.thread} == {ids["Wie belt de aannemer?"], ids["Gedaan"]}
    assert not found.gaps


def test_one_decision_is_about_the_whole_chat_and_is_undone_at_once(
    archive: Archive, ids: dict[str, str]
) -> None:
    changes = decide(archive, Decide((ids["Ik"],), "B", "zaak van belang"), Silent())
    assert set(changes.ids) == {ids["Wie belt de aannemer?"], ids["Ik"], ids["Gedaan"]}
    assert set(decided(archive, ids)) == {"Wie belt de aannemer?", "Ik", "Gedaan"}
    undo(archive)
    assert decided(archive, ids) == {}


def test_an_exception_stays_when_the_chat_is_decided_again(
    archive: Archive, ids: dict[str, str]
) -> None:
    decide(archive, Decide((ids["Gedaan"],), "N", "privé", alone=True), Silent())
    assert decided(archive, ids) == {"Gedaan": "N"}
    decide(archive, Decide((ids["Ik"],), "B", "zaak van belang"), Silent())
    assert decided(archive, ids) == {"Wie belt de aannemer?": "B", "Ik": "B", "Gedaan": "N"}
    only = item(archive, ids["Gedaan"]).decision
    assert only is not None
    assert only.alleen


def test_a_message_that_names_no_chat_is_decided_by_itself(
    archive: Archive, ids: dict[str, str]
) -> None:
    decide(archive, Decide((ids["Zonder gesprek"],), "B", "zaak", alone=True), Silent())
    made = item(archive, ids["Zonder gesprek"]).decision
    assert made is not None
    assert not made.alleen, "there is nothing that it is an exception to"
    assert decided(archive, ids) == {"Zonder gesprek": "B"}
    with pytest.raises(RuleRefused):
        decide(archive, Decide((ids["Ik"],), "B", ""), Silent())


def test_the_dossier_is_of_the_whole_chat(archive: Archive, ids: dict[str, str]) -> None:
    edit(archive, Edit((ids["Ik"],), dossier="Kade Zuid"), Silent())
    filed = {text for text, i in ids.items() if item(archive, i).dossier is not None}
    assert filed == {"Wie belt de aannemer?", "Ik", "Gedaan"}


def test_the_same_message_out_of_two_mailboxes_is_a_copy_and_read_once(
    archive: Archive, ids: dict[str, str], tmp_path: Path
) -> None:
    second = store(tmp_path / "jan.pst", [post(1, "Wie belt de aannemer?"), post(6, "Fijn")])
    (source,) = take_in(archive, TakeIn((second,), owner="Jan"), Silent()).sources
    chat = chat_with(archive, item(archive, ids["Ik"]))
    assert chat is not None
    assert (len(chat.posts), chat.copies) == (5, 1)
    assert len(overview.reading(archive, ids["Ik"]).chat) == 4
    found = related(archive, ids["Wie belt de aannemer?"])
    assert found is not None
    there = {i for i in source.item_ids if overview.item(archive, i).record.index == 0}
    assert {one.id for one in (*found.copies, *found.duplicates)} == there


def test_the_vault_still_has_every_message(archive: Archive, ids: dict[str, str]) -> None:
    assert not verify(archive, Silent()).findings
