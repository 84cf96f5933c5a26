"""The Signal readers on invented exports."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from archiver.intake.chat import signal
from archiver.intake.protocol import ParseContext
from archiver.model import Unreadable
from tests.archiver.intake.chat.reading import chats, codes, records

SANNE = uuid.UUID(int=0x1234)
MIRA = uuid.UUID(int=0x5678)


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def item(chat: int, author: int, at: int, **what: Any) -> dict[str, Any]:
    return {
        "chatItem": {
            "chatId": str(chat),
            "authorId": str(author),
            "dateSent": str(at),
            "incoming": {"dateReceived": str(at + 5)},
            **what,
        }
    }


PICTURE = b"\x89PNG picture"
AT = 1_763_370_000_000
FRAMES: list[dict[str, Any]] = [
    {"version": "1", "backupTimeMs": "1763373600000", "mediaRootBackupKey": b64(b"k" * 32)},
    {"account": {"profileKey": b64(b"p" * 32), "givenName": "Jan", "familyName": "Smit"}},
    {"recipient": {"id": "1", "self": {}}},
    {
        "recipient": {
            "id": "2",
            "contact": {
                "aci": b64(SANNE.bytes),
                "e164": "31612345678",
                "profileGivenName": "Sanne",
                "profileFamilyName": "Bakker",
            },
        }
    },
    {"recipient": {"id": "3", "contact": {"e164": "31687654321"}}},
    {
        "recipient": {
            "id": "4",
            "group": {
                "masterKey": b64(b"m" * 32),
                "snapshot": {
                    "title": {"title": "Kadebrug"},
                    "members": [{"userId": b64(SANNE.bytes)}, {"userId": b64(MIRA.bytes)}],
                },
            },
        }
    },
    {"chat": {"id": "10", "recipientId": "4", "expirationTimerMs": "86400000"}},
    {"chat": {"id": "11", "recipientId": "3"}},
    item(10, 2, AT, standardMessage={"text": {"body": "Akkoord met lot 2?"}}),
    item(11, 3, AT + 1000, standardMessage={"text": {"body": "Bel je me?"}}),
    item(
        10,
        1,
        AT + 2000,
        standardMessage={
            "quote": {"targetSentTimestamp": str(AT), "authorId": "2", "text": {"body": "Akk"}},
            "text": {"body": "Ja"},
            "reactions": [{"emoji": "👍", "authorId": "2", "sentTimestamp": str(AT + 3000)}],
            "attachments": [
                {
                    "pointer": {
                        "contentType": "image/png",
                        "fileName": "schets.png",
                        "locatorInfo": {"plaintextHash": b64(hashlib.sha256(PICTURE).digest())},
                    }
                },
                {"pointer": {"contentType": "application/pdf", "fileName": "nota.pdf"}},
            ],
        },
        revisions=[{"standardMessage": {"text": {"body": "Ja?"}}}, {"dateSent": str(AT + 1500)}],
    ),
    {"stickerPack": {"packId": "AAAA"}},
    item(10, 2, AT + 4000, remoteDeletedMessage={}),
    item(10, 2, AT + 5000, viewOnceMessage={}),
    item(10, 1, AT + 6000, updateMessage={"expirationTimerChange": {"expiresInMs": "604800000"}}),
    item(10, 1, AT + 7000, updateMessage={"groupCall": {"state": "MISSED"}}),
    item(10, 1, AT + 8000, nieuweSoort={"x": 1}),
    item(10, 2, AT + 9000, poll={"question": "Welke dag?", "options": [{"option": "ma"}, {}]}),
    item(10, 2, AT + 9500, contactMessage={"contact": {"name": {"givenName": "Karin"}}}),
    item(10, 99, 0, standardMessage={"text": {"body": "zonder tijd"}}),
]


def write(folder: Path, frames: list[dict[str, Any]], name: str = "main.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(f"{json.dumps(f)}\n" for f in frames), encoding="utf-8")
    return path


def test_a_plaintext_export_gives_every_chat(tmp_path: Path) -> None:
    path = write(tmp_path, FRAMES)
    folder = tmp_path / "files" / "ab"
    folder.mkdir(parents=True)
    (folder / "0a1b.png").write_bytes(PICTURE)
    (group, said), (single, private) = chats(path, "signal")
    assert group.title == "Kadebrug"
    assert single.title == "+31687654321"
    assert [p.name for p in group.participants][:2] == ["Sanne Bakker", "Jan Smit"]
    assert group.participants[0].id == str(SANNE)
    assert said[0].sent == "2025-11-17T09:00:00.000Z"
    assert said[0].sender == "Sanne Bakker"
    assert said[0].sender_id == str(SANNE)
    assert [m.type for m in said] == [
        "text",
        "text",
        "text",
        "media",
        "system",
        "call",
        "unknown",
        "poll",
        "contact",
        "text",
    ]
    answer = said[1]
    assert (answer.reply_to, answer.edited) == (said[0].id, True)
    assert answer.reactions == (
        {"emoji": "👍", "sender": "Sanne Bakker", "sent": "2025-11-17T09:00:03.000Z"},
    )
    assert [f.params for f in answer.findings] == [{"tekst": "Ja?"}]
    picture, nota = answer.attachments
    assert (picture.present, picture.match, picture.path) == (True, "hash", "files/ab/0a1b.png")
    assert b"".join(signal.member_bytes(path, picture.path or "")) == PICTURE
    assert (nota.present, nota.absent_because) == (False, "not_in_export")
    assert said[2].deleted
    assert said[3].attachments[0].absent_because == "view_once"
    assert said[4].system == "timer_on"
    assert said[7].text == "Welke dag?\n- ma (0)\n-  (0)"
    assert said[9].sent is None
    assert private[0].text == "Bel je me?"
    assert codes(group) >= {
        "chat.signal_zonder_timer",
        "chat.signal_sleutels",
        "chat.timer_aan",
        "chat.berichten_niet_geduid",
        "chat.tijd_onmogelijk",
    }


def test_no_key_material_reaches_a_record(tmp_path: Path) -> None:
    path = write(tmp_path, FRAMES)
    shown = repr(records(path, "signal"))
    for secret in (b"k" * 32, b"p" * 32, b"m" * 32):
        assert b64(secret) not in shown
        assert secret.hex() not in shown


def test_the_folder_of_files_belongs_to_it_and_is_counted(tmp_path: Path) -> None:
    path = write(tmp_path, FRAMES)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "x").write_bytes(b"x")
    assert [p.name for p in signal.companions(path)] == ["files"]
    assert "chat.bestanden_ernaast" in codes(chats(path, "signal")[0][0])


@pytest.mark.parametrize("cut", range(40, 1600, 103))
def test_a_cut_off_export_is_read_as_far_as_it_goes(tmp_path: Path, cut: int) -> None:
    path = write(tmp_path, FRAMES)
    path.write_bytes(path.read_bytes()[:-cut])
    assert not path.read_bytes().endswith(b"\n")
    found = chats(path, "signal")
    assert found
    assert "chat.regels_onleesbaar" in codes(found[0][0])


def test_an_account_without_chats_says_so(tmp_path: Path) -> None:
    (record,) = signal.parse(write(tmp_path, FRAMES[:4]), ParseContext())
    assert isinstance(record, Unreadable)
    assert [f.code for f in record.findings] == ["chat.geen_gesprekken"]


LINES = [
    {
        "date": "2026-02-03T09:01:00",
        "sender": "Sanne",
        "body": "Concept staat klaar  ",
        "quote": "",
        "sticker": "",
        "reactions": [["Jan", "👍"]],
        "attachments": [{"name": "nota.pdf", "path": "media/de%20nota.pdf"}],
    },
    {
        "date": "1970-01-01T00:00:00",
        "sender": "No-Sender",
        "body": "Missed voice call  ",
        "quote": "",
        "sticker": "",
        "reactions": [],
        "attachments": [],
        "call": True,
    },
]


def test_signal_export_json_takes_the_folder_as_title(tmp_path: Path) -> None:
    folder = tmp_path / "Kadebrug"
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "de nota.pdf").write_bytes(b"%PDF")
    path = write(folder, LINES, "data.json")
    ((conversation, said),) = chats(path, "signal-export")
    assert (conversation.title, conversation.platform) == ("Kadebrug", "signal")
    assert said[0].text == "Concept staat klaar"
    assert said[0].sent == "2026-02-03T09:01:00"
    assert said[0].attachments[0].path == "media/de nota.pdf"
    assert said[0].attachments[0].present
    assert said[0].reactions == ({"emoji": "👍", "sender": "Jan"},)
    assert (said[1].type, said[1].sender, said[1].sent) == ("call", None, None)


def test_signal_export_text_is_told_from_an_iphone_of_whatsapp(tmp_path: Path) -> None:
    path = tmp_path / "Sanne.txt"
    path.write_text(
        "[2026-02-03, 09:01] Sanne: Hoi\nJan!\n[2026-02-03, 09:02] Jan: Hoi", encoding="utf-8"
    )
    ((conversation, said),) = chats(path, "signal-export")
    assert conversation.title is None
    assert [(m.sender, m.sent, m.text) for m in said] == [
        ("Sanne", "2026-02-03T09:01:00", "Hoi\nJan!"),
        ("Jan", "2026-02-03T09:02:00", "Hoi"),
    ]
    iphone = tmp_path / "_chat.txt"
    iphone.write_text(
        "[2026-02-03, 09:01:00] Sanne: Hoi\n[2026-02-03, 09:02:00] Jan: Hoi\n", encoding="utf-8"
    )
    chats(iphone, "whatsapp")
