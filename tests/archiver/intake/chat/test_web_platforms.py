"""Readers of downloads and rarer platforms on invented exports."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from archiver.intake import registry
from archiver.intake.chat import google_chat, meta, rsmf, sealed, threema
from archiver.intake.identify import head_of
from archiver.intake.protocol import ParseContext
from archiver.model import Conversation
from tests.archiver.intake.chat.reading import Chats, chats, codes, records

AT = 1_770_105_600_000


def moved(text: str) -> str:
    """Write a text as Meta does: every byte of UTF-8 as a character."""
    return text.encode().decode("latin-1")


META: dict[str, Any] = {
    "participants": [{"name": moved("Ömer")}, {"name": "Sanne"}],
    "messages": [
        {
            "sender_name": moved("Ömer"),
            "timestamp_ms": AT + 9000,
            "content": moved("Eén ❤"),
            "type": "Generic",
            "reactions": [{"reaction": moved("👍"), "actor": "Sanne"}],
            "photos": [{"uri": "messages/inbox/kade_1/photos/a.jpg"}],
        },
        {"sender_name": "Sanne", "timestamp_ms": AT + 8000, "is_unsent": True},
        {"sender_name": "Sanne", "timestamp_ms": AT, "type": "Call", "call_duration": 5},
        {"sender_name": "Sanne", "timestamp_ms": AT, "content": "é echt", "type": "Generic"},
    ],
    "title": moved("Köprü"),
}


def test_letters_of_meta_come_back(tmp_path: Path) -> None:
    path = tmp_path / "message_2.json"
    path.write_text(json.dumps(META), encoding="utf-8")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"jpg")
    ((conversation, said),) = chats(path, "meta")
    assert conversation.title == "Köprü"
    assert [p.name for p in conversation.participants] == ["Ömer", "Sanne"]
    assert said[0].text == "Eén ❤"
    assert said[0].reactions == ({"emoji": "👍", "sender": "Sanne"},)
    assert said[0].attachments[0].path == "photos/a.jpg"
    assert said[1].deleted
    assert said[2].type == "call"
    assert said[3].text == "é echt"  # was right already, so it is left alone
    assert codes(conversation) >= {"chat.vervolgpagina", "chat.tekens_omgezet"}
    assert [p.name for p in meta.companions(path)] == ["photos"]


def test_direct_messages_of_x(tmp_path: Path) -> None:
    events = [
        {
            "messageCreate": {
                "id": "9",
                "senderId": "2",
                "text": "zie https://t.co/x",
                "createdAt": "2026-02-03T08:00:00.000Z",
                "urls": [{"url": "https://t.co/x", "expanded": "https://kade.example"}],
                "mediaUrls": ["https://x.example/a.jpg"],
                "reactions": [{"senderId": "1", "reactionKey": "like"}],
            }
        },
        {"participantsJoin": {"userIds": ["3"], "createdAt": "2026-02-03T07:00:00.000Z"}},
    ]
    value = [
        {"dmConversation": {"conversationId": "1-2", "messages": events}},
        {"dmConversation": {"conversationId": "1-3", "messages": events[:1]}},
    ]
    path = tmp_path / "direct-messages.js"
    path.write_text(f"window.YTD.direct_messages.part0 = {json.dumps(value)}", encoding="utf-8")
    (first, said), (second, _) = chats(path, "x")
    assert (first.title, second.title) == ("1-2", "1-3")
    assert said[0].text == "zie https://t.co/x (https://kade.example)"
    assert said[0].attachments[0].absent_because == "link"
    assert (said[1].system, said[1].text) == ("member_added", "3")


LINKEDIN = (
    "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,RECIPIENT PROFILE URLS,DATE,"
    "SUBJECT,CONTENT,FOLDER\n"
    'c1,,Sanne,u,"Jan,Ömer",v,2026-02-03 08:00:00 UTC,Gunning,"a\n""b""",INBOX\n'
    "c2,Kade,Jan,u,Sanne,v,geen datum,,tekst,INBOX\n"
)


def test_messages_of_linkedin(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    path.write_text(LINKEDIN, encoding="utf-8", newline="")
    (first, said), (second, other) = chats(path, "linkedin")
    assert (first.title, second.title) == ("Sanne, Jan, Ömer", "Kade")
    assert (said[0].text, said[0].sent) == ('a\n"b"', "2026-02-03T08:00:00Z")
    assert said[0].findings[0].params == {"onderwerp": "Gunning"}
    assert (other[0].sent, other[0].sent_raw) == (None, "geen datum")


def event(kind: str, content: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "sender": "@sanne:kade.example",
        "content": content,
        "origin_server_ts": AT,
        "event_id": "$1",
        **more,
    }


def test_a_room_of_matrix(tmp_path: Path) -> None:
    room = {
        "room_name": "Kade",
        "messages": [
            event("m.room.message", {"msgtype": "m.text", "body": "dag"}),
            event("m.room.encrypted", {"algorithm": "x"}),
            event("m.room.member", {"membership": "join", "displayname": "Jan"}, state_key="@j"),
            event("m.room.message", {}),
            event(
                "m.room.message",
                {"msgtype": "m.image", "body": "a.png", "info": {"size": 3}},
            ),
            event("m.reaction", {"m.relates_to": {"event_id": "$1", "key": "👍"}}),
            event("nl.kade.nieuw", {"body": "?"}),
        ],
    }
    path = tmp_path / "export.json"
    path.write_text(json.dumps(room), encoding="utf-8")
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(b"png")
    ((conversation, said),) = chats(path, "matrix")
    assert [m.type for m in said] == [
        "text",
        "unknown",
        "system",
        "text",
        "media",
        "system",
        "unknown",
    ]
    assert said[2].system == "joined"
    assert said[3].deleted
    assert said[4].attachments[0].path == "images/a.png"
    assert (said[5].reply_to, said[5].text) == ("$1", "👍")
    assert "chat.berichten_versleuteld" in codes(conversation)


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        ("Wednesday, April 15, 2015 at 12:51:41\u202fAM UTC", "2015-04-15T00:51:41Z"),
        ("Tuesday, February 3, 2026 at 8:00:00 PM UTC", "2026-02-03T20:00:00Z"),
        ("dinsdag 3 februari 2026 om 08:00:00 UTC", "2026-02-03T08:00:00Z"),
        ("Dienstag, 3. Februar 2026 um 08:00:00 UTC", None),
        ("Tuesday, February 31, 2026 at 8:00:00 PM UTC", None),
        ("", None),
    ],
)
def test_times_of_google(raw: str, want: str | None) -> None:
    assert google_chat.when(raw) == want


def test_a_group_of_google_chat(tmp_path: Path) -> None:
    folder = tmp_path / "Space 1"
    folder.mkdir()
    creator = {"name": "Sanne", "email": "s@kade.example"}
    sent = "Tuesday, February 3, 2026 at 8:00:00 AM UTC"
    messages = [
        {"creator": creator, "created_date": sent, "text": "dag", "message_id": "g/t/t"},
        {
            "creator": creator,
            "created_date": "Dienstag",
            "attached_files": [{"export_name": "File-a.pdf"}],
            "message_id": "g/t/u",
            "reactions": [{"emoji": {"unicode": "👍"}, "reactor_emails": ["j@kade.example"]}],
        },
    ]
    info = {"name": "Kade", "members": [{"name": "Jan", "email": "j@kade.example"}]}
    (folder / "messages.json").write_text(json.dumps({"messages": messages}), encoding="utf-8")
    (folder / "group_info.json").write_text(json.dumps(info), encoding="utf-8")
    (folder / "File-a.pdf").write_bytes(b"%PDF")
    ((conversation, said),) = chats(folder / "messages.json", "google-chat")
    assert conversation.title == "Kade"
    assert [p.name for p in conversation.participants] == ["Jan", "Sanne"]
    assert said[1].reply_to == "g/t/t"
    assert said[1].attachments[0].present
    assert said[1].sent is None
    assert "chat.berichten_datum_taal" in codes(conversation)


def test_messages_of_webex(tmp_path: Path) -> None:
    common = {"roomType": "group", "personId": "p", "personEmail": "s@kade.example"}
    value = {
        "items": [
            {
                **common,
                "id": "2",
                "roomId": "r1",
                "parentId": "1",
                "html": "<b>Ja</b>",
                "created": "2026-02-03T08:05:00.000Z",
            },
            {
                **common,
                "id": "1",
                "roomId": "r2",
                "files": ["https://x.example/c/1"],
                "created": "2026-02-03T08:00:00.000Z",
            },
        ]
    }
    path = tmp_path / "webex.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    (_, said), (_, other) = chats(path, "webex")
    assert (said[0].text, said[0].reply_to) == ("Ja", "1")
    assert other[0].attachments[0].absent_because == "needs_token"


def test_a_text_of_threema(tmp_path: Path) -> None:
    path = tmp_path / "messages.txt"
    path.write_text(
        "[13-2-2026 09:00] Ik: Dag\nnog iets\n[13-2-2026 09:01] Ömer: foto <0a0b1c2d-foto.jpg>\n",
        encoding="utf-8",
    )
    ((conversation, said),) = chats(path, "threema")
    assert [m.sent for m in said] == ["2026-02-13T09:00:00", "2026-02-13T09:01:00"]
    assert said[1].attachments[0].name == "0a0b1c2d-foto.jpg"
    assert conversation.date_order_basis == "day_above_12"
    path.write_text("[3/2/26 09:00] Ik: Dag\n", encoding="utf-8")
    ((conversation, said),) = chats(path, "threema")
    assert said[0].sent is None
    assert "chat.datumvolgorde_vragen" in codes(conversation)


def test_a_backup_of_threema(tmp_path: Path) -> None:
    path = tmp_path / "backup.zip"
    messages = (
        '"apiid","uid","isoutbox","posted_at","type","body","isstatusmessage","caption",'
        '"quoted_message_apiid","edited_at","deleted_at"\n'
        f'"a","u1","0","{AT}","TEXT","dag","0","","","",""\n'
        f'"b","u2","1","{AT + 1}","FILE","[1]","0","de nota","a","","{AT + 2}"\n'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("settings", '"version","27"\n')
        archive.writestr(
            "contacts.csv",
            '"identity","firstname","lastname","identity_id"\n"ABCD1234","Ömer","Y","x1"\n',
        )
        archive.writestr("message_x1.csv", messages)
        archive.writestr("message_media_u2", b"%PDF")
    ((conversation, said),) = chats(path, "threema", {"message_x1.csv": len(messages.encode())})
    assert conversation.title == "Ömer Y"
    assert [m.sender for m in said] == ["Ömer Y", "self"]
    assert (said[1].text, said[1].reply_to, said[1].deleted) == ("de nota", "a", True)
    medium = said[1].attachments[0]
    assert b"".join(threema.member_bytes(path, medium.path or "")) == b"%PDF"


MANIFEST: dict[str, Any] = {
    "version": "2.0.0",
    "participants": [{"id": "1", "display": "Sanne"}, {"display": "zonder"}],
    "conversations": [{"id": "c", "display": "Kade", "participants": ["1"]}],
    "events": [
        {
            "id": "e1",
            "type": "message",
            "participant": "1",
            "conversation": "c",
            "timestamp": "2026-02-03T08:00:00Z",
            "body": "elf uur",
            "edits": [{"previous": "tien uur", "new": "elf uur"}],
            "attachments": [{"id": "a.pdf", "display": "a.pdf"}],
            "reactions": [{"value": "👍", "participants": ["1"]}],
        },
        {"id": "e2", "type": "join", "participant": "9", "conversation": "c"},
    ],
}


def rsmf_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("rsmf_manifest.json", json.dumps(MANIFEST))
        archive.writestr("a.pdf", b"%PDF")
    return out.getvalue()


def rsmf_file(path: Path) -> Path:
    body = base64.encodebytes(rsmf_zip()).decode()
    path.write_text(
        "X-RSMF-Version: 2.0.0\nFrom: a@kade.example\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\ntekst\n'
        "--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; "
        f'filename="rsmf.zip"\nContent-Transfer-Encoding: base64\n\n{body}\n--b--\n',
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize("form", ["mail", "zip", "manifest"])
def test_rsmf_in_its_three_forms(tmp_path: Path, form: str) -> None:
    path = rsmf_file(tmp_path / "kade.rsmf")
    member = "" if form == "manifest" else "rsmf_manifest.json"
    if form == "zip":
        path.write_bytes(rsmf_zip())
    elif form == "manifest":
        path.write_text(json.dumps(MANIFEST), encoding="utf-8")
    ((conversation, said),) = chats(path, "rsmf", {member: len(json.dumps(MANIFEST))})
    assert conversation.title == "Kade"
    assert (said[0].sender, said[0].text, said[0].edited) == ("Sanne", "elf uur", True)
    assert said[0].findings[0].params == {"tekst": "tien uur"}
    assert (said[1].type, said[1].system, said[1].sender) == ("system", "joined", "9")
    assert "chat.rsmf_zonder_id" in codes(conversation)
    medium = said[0].attachments[0]
    assert medium.present == (form != "manifest")
    if medium.present:
        assert b"".join(rsmf.member_bytes(path, medium.path or "")) == b"%PDF"


def warc(packed: bool) -> bytes:
    parts = []
    for kind, address in (("warcinfo", ""), ("request", "a"), ("response", "a"), ("response", "b")):
        body = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3_000
        head = (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:{kind}-{address}>\r\n"
            f"WARC-Target-URI: https://kade.example/{address}\r\n"
            f"WARC-Date: 2026-02-03T08:00:00Z\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        part = head.encode() + body + b"\r\n\r\n"
        parts.append(gzip.compress(part) if packed else part)
    return b"".join(parts)


@pytest.mark.parametrize("packed", [False, True])
def test_a_web_archive_lists_its_pages(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / ("site.warc.gz" if packed else "site.warc")
    path.write_bytes(warc(packed))
    ((conversation, pages),) = chats(path, "web-archive")
    assert [p.text for p in pages] == ["https://kade.example/a", "https://kade.example/b"]
    assert pages[0].sent == "2026-02-03T08:00:00Z"
    assert [name for name, _ in conversation.skipped] == ["warcinfo", "request"]
    piece = path.read_bytes()[pages[1].span.start : pages[1].span.end]
    assert (gzip.decompress(piece) if packed else piece).startswith(b"WARC/1.0\r\nWARC-Type: resp")
    path.write_bytes(path.read_bytes()[:-25])
    chats(path, "web-archive")


def sealed_chats(path: Path) -> Chats:
    (record,) = records(path, "sealed")
    assert isinstance(record, Conversation)
    return [(record, [])]


def test_what_cannot_be_read_is_sealed_and_says_what_is_needed(tmp_path: Path) -> None:
    crypt = b"\x81\x01\x08\x01\x1a\x12\x0a\x10" + b"\x07" * 16 + b'"i\x0a\x092.22.5.13\x1a\x0267'
    cases = {
        "main": (b"SBACKUP\x01d\x0aT" + b"\xcc" * 90, "signal_lokaal"),
        "signal-2026.backup": (b"\0\0\0\x36\x0a\x34" + b"\xcc" * 90, "signal_backup"),
        "msgstore.db.crypt15": (crypt + b"\xcc" * 90, "whatsapp_crypt"),
        "x.json": (b'{"@context": {"case-investigation": "https://x.example"}}', "ufed_case"),
    }
    for name, (data, kind) in cases.items():
        path = tmp_path / name
        path.write_bytes(data)
        ((conversation, _),) = sealed_chats(path)
        asked = {"chat.sleutel_vragen"} if kind in sealed.OPENABLE else set()
        assert codes(conversation) == {f"chat.verzegeld_{kind}", "chat.niet_geduid"} | asked
        assert conversation.platform == sealed.KINDS[kind]
    plain = tmp_path / "gewoon.json"
    plain.write_bytes(b'{"a": [1, 2]}')
    assert registry.choose(plain, head_of(plain)) is None
    assert not [r for r in sealed.parse(plain, ParseContext()) if isinstance(r, Conversation)]


def test_a_transcript_of_purview_is_kept_whole_and_nothing_is_guessed(tmp_path: Path) -> None:
    folder = tmp_path / "export" / "NativeFiles"
    folder.mkdir(parents=True)
    page = folder / "Team Brug 2026-11-17.html"
    page.write_bytes(b"<!DOCTYPE html><html><body><div>Mira: dag</div></body></html>")
    assert registry.choose(page, head_of(page)) is None  # any page is not a chat
    (tmp_path / "export" / "Export_Loadfile_001.csv").write_text("Id,Name\n")
    ((conversation, _),) = sealed_chats(page)
    assert codes(conversation) == {"chat.verzegeld_teams_transcript", "chat.niet_geduid"}
    assert conversation.platform == "teams"
