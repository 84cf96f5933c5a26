"""What fuzzing found in the readers of chats: files that say other things of themselves than they are."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from archiver.intake.chat import (
    database,
    mattermost,
    signal,
    slack,
    telegram_html,
    threema,
    web_archive,
    whatsapp,
)
from archiver.intake.chat.exports import unaccounted
from archiver.intake.identify import head_of
from archiver.intake.protocol import ParseContext
from archiver.model import ChatMessage, Conversation, Unreadable
from tests.archiver.intake.chat import test_mattermost, test_signal, test_slack
from tests.archiver.intake.chat.test_whatsapp import CHAT


def test_a_member_with_less_than_the_list_says_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp-chat met Kade.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("WhatsApp-chat met Kade.txt", CHAT)
    size = len(CHAT.encode())
    raw = path.read_bytes()
    at = raw.rindex(b"PK\x01\x02") + 24  # the size in the list at the end of the zip
    assert raw[at : at + 4] == size.to_bytes(4, "little")
    path.write_bytes(raw[:at] + (size + 5_000).to_bytes(4, "little") + raw[at + 4 :])
    (record,) = whatsapp.parse(path, ParseContext())
    assert isinstance(record, Unreadable)
    assert [f.code for f in record.findings] == ["chat.zip_lid_beschadigd"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_list_of_messages_that_is_no_utf_8_is_refused(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "slack.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", json.dumps(test_slack.USERS))
        archive.writestr("channels.json", json.dumps(test_slack.CHANNELS))
        archive.writestr("kade/2026-02-03.json", json.dumps(test_slack.DAY1).encode(encoding))
    found = list(slack.parse(path, ParseContext()))
    assert [f.code for r in found for f in r.findings] == ["chat.codering_niet_gelezen"]


def test_a_key_with_the_mark_of_a_member_stays_accounted_for(tmp_path: Path) -> None:
    lines = [json.dumps(frame) for frame in test_signal.FRAMES]
    lines.insert(1, json.dumps({"a#count": {"givenName": "Joris"}}))
    path = tmp_path / "main.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    records = list(signal.parse(path, ParseContext()))
    known = [r for r in records if isinstance(r, Conversation | ChatMessage)]
    assert "a count" in {
        name for r in known if isinstance(r, Conversation) for name, _ in r.skipped
    }
    assert unaccounted(known, {"": path.stat().st_size}) == {}


def test_a_database_whose_complaint_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bericht_van_iemand (tekst)")
    connection.commit()
    connection.close()
    # SQLite quotes what it does not understand of its own description of the table.
    broken = path.read_bytes().replace(b"CREATE TABLE bericht", b"CREATE TA\x9bLE beri\x9bht")
    path.write_bytes(broken)
    assert database.score(path, head_of(path), ("bericht", "tekst")) == 0
    (record,) = database.parse(path, ParseContext(), lambda found: ())
    assert isinstance(record, Unreadable)
    assert [f.code for f in record.findings] == ["chat.database_beschadigd"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("twice", ["WhatsApp-chat met Kade.txt", "IMG-20260313-WA0001.jpg"])
def test_two_different_files_of_one_name_are_refused_by_name(tmp_path: Path, twice: str) -> None:
    path = tmp_path / "WhatsApp-chat met Kade.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("WhatsApp-chat met Kade.txt", CHAT)
        archive.writestr(twice, "het een")
        archive.writestr(twice, "het ander")
    found = list(whatsapp.parse(path, ParseContext()))
    assert [f.code for r in found for f in r.findings] == ["chat.zip_dubbele_naam"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_file_twice_is_no_doubt(tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp-chat met Kade.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("WhatsApp-chat met Kade.txt", CHAT)
        for _ in range(2):
            archive.writestr("IMG-20260313-WA0001.jpg", "een foto")
    found = list(whatsapp.parse(path, ParseContext()))
    assert isinstance(found[0], Conversation)
    assert "chat.zip_dubbele_naam" not in {f.code for f in found[0].findings}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_backup_with_two_conversations_of_one_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "threema.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("contacts.csv", "identity,nick_name\n")
        archive.writestr("message_c1.csv", "apiid,uid\n")
        archive.writestr("message_c1.csv", "apiid,uid\n1,2\n")
    found = list(threema.parse(path, ParseContext()))
    assert [f.code for r in found for f in r.findings] == ["chat.zip_dubbele_naam"]


def test_a_line_whose_type_has_the_mark_of_a_member_stays_accounted_for(tmp_path: Path) -> None:
    path = tmp_path / "import.jsonl"
    path.write_bytes(b'{"type": "versie#2"}\n' + test_mattermost.bulk())
    records = list(mattermost.parse(path, ParseContext()))
    known = [r for r in records if isinstance(r, Conversation | ChatMessage)]
    assert any(isinstance(r, ChatMessage) for r in known)
    assert unaccounted(known, {"": path.stat().st_size}) == {}


@pytest.mark.parametrize("pages", [b'\xff\xfe{\0"\0u\0r\0l\0"\0', None])
def test_an_archive_of_the_web_whose_list_cannot_be_read_is_sealed(
    tmp_path: Path, pages: bytes | None
) -> None:
    path = tmp_path / "site.wacz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("datapackage.json", "{}")
        archive.writestr("archive/data.warc", "WARC/1.1\r\n")
        if pages is not None:
            archive.writestr("pages/pages.jsonl", pages)
    (record,) = web_archive.parse(path, ParseContext())
    assert isinstance(record, Conversation)
    assert record.text_member == "datapackage.json"
    assert {"chat.niet_geduid", "chat.wacz_zonder_paginas"} <= {f.code for f in record.findings}


@pytest.mark.parametrize("broken", [b"", b' lass="x>', b'></body><body id="x">', b"\0<"])
def test_a_message_of_broken_html_costs_only_itself(tmp_path: Path, broken: bytes) -> None:
    start = b'\n<div class="message default" id="message%d"'
    rest = b'><div class="body"><div class="from_name">Anna</div><div class="text">Hoi %d</div></div></div>'
    page = b'<html><body><div class="page_body chat_page"><div class="history">'
    path = tmp_path / "messages.html"
    path.write_bytes(page + start % 1 + rest % 1 + start % 2 + broken + start % 3 + rest % 3)
    records = list(telegram_html.parse(path, ParseContext()))
    known = [r for r in records if isinstance(r, Conversation | ChatMessage)]
    said = [r for r in known if isinstance(r, ChatMessage)]
    assert len(said) == 3
    assert (said[0].text, said[2].text) == ("Hoi 1", "Hoi 3")
    assert unaccounted(known, {"": path.stat().st_size}) == {}
