"""The database readers on invented databases: Messages of Apple, WhatsApp of Android and iPhone."""

from __future__ import annotations

import plistlib
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archiver.intake.chat import imessage, whatsapp_db
from archiver.intake.chat.imessage import string_of
from archiver.intake.protocol import ParseContext
from archiver.model import Unreadable
from tests.archiver.intake.chat.reading import Chats, chats, codes

NS = 1_000_000_000
AT = 791_798_400  # 3 February 2026 08:00 UTC, in seconds since 2001


@contextmanager
def base(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()


def typedstream(text: str) -> bytes:
    raw = text.encode()
    size = bytes([len(raw)]) if len(raw) < 0x80 else b"\x81" + len(raw).to_bytes(2, "little")
    return (
        b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x08NSString\x01\x94\x84\x01+" + size + raw + b"\x86"
    )


def read(path: Path, format_word: str) -> Chats:
    return chats(path, format_word, {})


def test_typedstream_of_any_length() -> None:
    for text in ("a", "x" * 127, "é" * 200, "👍" * 9_000):
        assert string_of(typedstream(text)) == text
    for broken in (None, b"", typedstream("abc")[:-4], b"NSString\x01\x94\x84\x01+"):
        assert string_of(broken) in (None, "", "a", "ab")


def messages_of_apple(path: Path) -> Path:
    summary = plistlib.dumps(
        {"ec": {"0": [{"t": typedstream("tien uur")}, {"t": typedstream("elf uur")}]}},
        fmt=plistlib.FMT_BINARY,
    )
    with base(path) as db:
        db.executescript(
            "CREATE TABLE handle (ROWID INTEGER PRIMARY KEY, id TEXT);"
            "CREATE TABLE chat (ROWID INTEGER PRIMARY KEY, display_name TEXT, chat_identifier TEXT);"
            "CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER);"
            "CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER);"
            "CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY, filename TEXT, transfer_name TEXT,"
            " mime_type TEXT, total_bytes INTEGER);"
            "CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER);"
            "CREATE TABLE message (ROWID INTEGER PRIMARY KEY, guid TEXT, text TEXT,"
            " attributedBody BLOB, handle_id INTEGER, date INTEGER, is_from_me INTEGER DEFAULT 0,"
            " item_type INTEGER DEFAULT 0, group_action_type INTEGER DEFAULT 0,"
            " associated_message_guid TEXT, associated_message_type INTEGER DEFAULT 0,"
            " message_summary_info BLOB, date_edited INTEGER DEFAULT 0,"
            " thread_originator_guid TEXT, date_retracted INTEGER DEFAULT 0);"
        )
        db.execute("INSERT INTO handle VALUES (1, '+31612345678')")
        db.execute("INSERT INTO chat VALUES (7, 'Kade', 'chat7')")
        db.execute("INSERT INTO chat_handle_join VALUES (7, 1)")
        db.execute(
            "INSERT INTO attachment VALUES (1, '~/Library/Messages/Attachments/a/f.jpg', 'f.jpg',"
            " 'image/jpeg', 3)"
        )
        db.execute("INSERT INTO message_attachment_join VALUES (2, 1)")
        wanted = "ROWID,guid,text,attributedBody,handle_id,date,is_from_me"
        add = f"INSERT INTO message ({wanted}) VALUES (?,?,?,?,?,?,?)"
        db.execute(add, (1, "G1", None, typedstream("Kom je?"), 1, AT * NS, 0))
        db.execute(add, (2, "G2", "\ufffc", None, 0, (AT + 60) * NS, 1))
        db.execute(add, (3, "G3", "elf uur", None, 1, (AT + 120) * NS, 0))
        db.execute(add, (4, "G4", "Vond leuk", None, 0, (AT + 180) * NS, 1))
        db.execute(add, (5, "G5", None, None, 1, AT + 240, 0))
        db.execute(add, (6, "G6", "los", None, 1, 0, 0))
        db.execute(
            "UPDATE message SET message_summary_info=?, date_edited=1 WHERE ROWID=3", (summary,)
        )
        db.execute(
            "UPDATE message SET associated_message_guid='p:0/G1', associated_message_type=2001"
            " WHERE ROWID=4"
        )
        db.execute("UPDATE message SET item_type=1 WHERE ROWID=5")
        db.execute("UPDATE message SET thread_originator_guid='G1' WHERE ROWID=3")
        db.executemany("INSERT INTO chat_message_join VALUES (7, ?)", [(n,) for n in range(1, 6)])
    return path


def test_messages_of_apple(tmp_path: Path) -> None:
    (kade, said), (_, lonely) = read(messages_of_apple(tmp_path / "chat.db"), "imessage-db")
    assert (kade.title, kade.platform) == ("Kade", "imessage")
    assert [m.type for m in said] == ["text", "media", "text", "system", "system"]
    assert [m.text for m in said] == ["Kom je?", "", "elf uur", "Vond leuk", None]
    assert [m.sender for m in said] == [
        "+31612345678",
        "self",
        "+31612345678",
        "self",
        "+31612345678",
    ]
    assert said[0].sent == "2026-02-03T08:00:00.000Z"
    assert said[4].sent == "2026-02-03T08:04:00.000Z"
    assert said[0].reactions == ({"emoji": "👍", "sender": "self"},)
    assert (said[3].system, said[3].reply_to) == ("reaction", "G1")
    assert (said[2].reply_to, said[2].edited) == ("G1", True)
    assert said[2].findings[0].params == {"tekst": "tien uur"}
    assert said[1].attachments[0].absent_because == "not_in_export"
    assert said[4].system == "member_added"
    assert [m.place for m in said] == [f"message:{n}" for n in range(1, 6)]
    assert (lonely[0].text, lonely[0].sent) == ("los", None)
    assert "chat.eigenaar_vragen" in codes(kade)


def test_the_log_beside_a_database_is_read_and_said(tmp_path: Path) -> None:
    path = messages_of_apple(tmp_path / "chat.db")
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("INSERT INTO message (ROWID, guid, text) VALUES (9, 'G9', 'nieuw')")
        connection.execute("INSERT INTO chat_message_join VALUES (7, 9)")
        connection.commit()
        before = path.read_bytes()
        kade, said = read(path, "imessage-db")[0]
        assert said[-1].text == "nieuw"
        assert "chat.wal_ernaast" in codes(kade)
        assert path.read_bytes() == before
    finally:
        connection.close()


def test_a_damaged_database_is_unreadable_and_no_crash(tmp_path: Path) -> None:
    whole = messages_of_apple(tmp_path / "chat.db").read_bytes()
    for at in range(100, len(whole), 1_511):
        path = tmp_path / "stuk.db"
        path.write_bytes(whole[:at] + b"\xff" * 300 + whole[at + 300 :])
        for parser in (imessage, whatsapp_db):
            list(parser.parse(path, ParseContext()))
    path.write_bytes(whole[:1_000])
    (record,) = imessage.parse(path, ParseContext())
    assert isinstance(record, Unreadable)
    assert record.findings[0].code == "chat.database_beschadigd"


def test_whatsapp_on_an_iphone(tmp_path: Path) -> None:
    path = tmp_path / "ChatStorage.sqlite"
    with base(path) as db:
        db.executescript(
            "CREATE TABLE ZWACHATSESSION (Z_PK INTEGER PRIMARY KEY, ZCONTACTJID, ZPARTNERNAME);"
            "CREATE TABLE ZWAGROUPMEMBER (Z_PK INTEGER PRIMARY KEY, ZCHATSESSION, ZMEMBERJID,"
            " ZCONTACTNAME);"
            "CREATE TABLE ZWAMEDIAITEM (Z_PK INTEGER PRIMARY KEY, ZMEDIALOCALPATH, ZFILESIZE,"
            " ZLATITUDE, ZLONGITUDE);"
            "CREATE TABLE ZWAMESSAGE (Z_PK INTEGER PRIMARY KEY, ZCHATSESSION, ZISFROMME, ZFROMJID,"
            " ZTEXT, ZMESSAGETYPE, ZMESSAGEDATE, ZSTANZAID, ZGROUPMEMBER, ZMEDIAITEM);"
            "INSERT INTO ZWACHATSESSION VALUES (1, '123@g.us', 'Kade');"
            "INSERT INTO ZWAGROUPMEMBER VALUES (4, 1, '31612345678@s.whatsapp.net', 'Sanne');"
            "INSERT INTO ZWAMEDIAITEM VALUES (8, 'Media/x/foto.jpg', 3, 0, 0);"
            "INSERT INTO ZWAMEDIAITEM VALUES (9, NULL, 0, 52.1, 4.3);"
        )
        rows = [
            (1, 1, 0, "123@g.us", None, 10, AT, "A", None, None),
            (2, 1, 0, "123@g.us", "Kom je?", 0, AT + 0.5, "B", 4, None),
            (3, 1, 1, None, None, 1, AT + 60, "C", None, 8),
            (4, 1, 0, "123@g.us", None, 5, AT + 90, "D", 4, 9),
            (5, 1, 0, "123@g.us", None, 14, AT + 99, "E", 4, None),
            (6, None, 0, "9@s.whatsapp.net", "los", 99, None, None, None, None),
        ]
        db.executemany("INSERT INTO ZWAMESSAGE VALUES (?,?,?,?,?,?,?,?,?,?)", rows)
    (tmp_path / "Message" / "Media" / "x").mkdir(parents=True)
    (tmp_path / "Message" / "Media" / "x" / "foto.jpg").write_bytes(b"jpg")
    (kade, said), (_, other) = read(path, "whatsapp-db")
    assert [m.sender for m in said] == [None, "Sanne", "self", "Sanne", "Sanne"]
    assert [m.type for m in said] == ["system", "text", "media", "location", "text"]
    assert (said[0].sent, said[1].sent) == ("2026-02-03T08:00:00Z", "2026-02-03T08:00:00.500Z")
    assert said[2].attachments[0].path == "Message/Media/x/foto.jpg"
    assert said[3].text == "52.1, 4.3"
    assert said[4].deleted
    assert (other[0].type, other[0].sent) == ("unknown", None)
    assert kade.title == "Kade"


def test_whatsapp_on_android_in_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "msgstore.db"
    with base(path) as db:
        db.executescript(
            "CREATE TABLE jid (_id INTEGER PRIMARY KEY, user, server, raw_string);"
            "CREATE TABLE chat (_id INTEGER PRIMARY KEY, jid_row_id, subject);"
            "CREATE TABLE message (_id INTEGER PRIMARY KEY, chat_row_id, from_me, key_id,"
            " sender_jid_row_id, timestamp, text_data, message_type);"
            "CREATE TABLE message_media (message_row_id INTEGER PRIMARY KEY, file_path, mime_type,"
            " file_size, media_name);"
            "INSERT INTO jid VALUES (1, '31612345678', 's.whatsapp.net', NULL);"
            "INSERT INTO jid VALUES (2, '1-2', 'g.us', '1-2@g.us');"
            "INSERT INTO chat VALUES (5, 2, 'Kade'); INSERT INTO chat VALUES (6, 1, NULL);"
            "INSERT INTO message_media VALUES (3, 'Media/f.jpg', 'image/jpeg', 3, NULL);"
        )
        rows = [
            (1, -1, 0, "-1", 0, None, None, None),
            (2, 5, 0, "K2", 1, 1770105600123, "Kom je?", 0),
            (3, 5, 1, "K3", 0, 1770105660000, None, 1),
            (4, 6, 0, "K4", 0, 1770105700000, "Bel me", 0),
        ]
        db.executemany("INSERT INTO message VALUES (?,?,?,?,?,?,?,?)", rows)
    archive = tmp_path / "msgstore.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.write(path, "Databases/msgstore.db")
        out.writestr("Databases/Media/f.jpg", b"jpg")
    (kade, said), (_, private) = read(archive, "whatsapp-db")
    assert (kade.title, kade.text_member) == ("Kade", "Databases/msgstore.db")
    assert (said[0].sender, said[0].sent) == (
        "31612345678@s.whatsapp.net",
        "2026-02-03T08:00:00.123Z",
    )
    assert said[1].attachments[0].path == "Databases/Media/f.jpg"
    assert private[0].sender == "31612345678@s.whatsapp.net"


@pytest.mark.parametrize("name", ["chat.db", "leeg.db"])
def test_other_databases_are_nobodys(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with base(path) as db:
        db.execute("CREATE TABLE message (x)")
    for parser in (imessage, whatsapp_db):
        (record,) = parser.parse(path, ParseContext())
        assert isinstance(record, Unreadable)
