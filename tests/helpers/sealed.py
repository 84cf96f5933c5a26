"""Encrypted chat backups made in the test, from the formats as they are documented.

Written apart from the openers, so that both must agree on the format: WhatsApp crypt15, Signal on Android,
local backup of Signal, Signal Desktop, Threema.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import io
import json
import os
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlcipher3
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.padding import PKCS7

WHATSAPP_KEY = "5f3a" * 16
PASSPHRASE = "48213 90417 66520 13984 75026 31895"
RECOVERY = "k7vq2m9xw4ht8c3nz6bd1r5gj0fsylpae" + "4u7i9o2qk6wm3xv8t1zc5nb0hd2rgjf"
DESKTOP_KEY = "9be1" * 16
PASSWORD = "Zwaluwstaart-Paardenbloem-91"
PHOTO = b"\xff\xd8\xff\xe0" + b"brugfoto" * 30
SECRET_FIELD = b"GEHEIMEPROFIELSLEUTEL0123456789A"


def varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def proto(*fields: tuple[int, int | bytes | str]) -> bytes:
    """A protobuf message from its fields."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


# --- WhatsApp ------------------------------------------------------------------------------------


def whatsapp_database(path: Path, words: str = "De brug gaat dicht") -> bytes:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(
            "CREATE TABLE jid (_id INTEGER PRIMARY KEY, user TEXT, server TEXT, raw_string TEXT);"
            "CREATE TABLE chat (_id INTEGER PRIMARY KEY, jid_row_id INTEGER, subject TEXT);"
            "CREATE TABLE message (_id INTEGER PRIMARY KEY, chat_row_id INTEGER, from_me INTEGER,"
            " key_id TEXT, sender_jid_row_id INTEGER, timestamp INTEGER, text_data TEXT,"
            " message_type INTEGER);"
            "INSERT INTO jid VALUES (1, '31611111111', 's.whatsapp.net', '31611111111@s.whatsapp.net');"
            "INSERT INTO chat VALUES (1, 1, 'Team Brug');"
        )
        for number, text in enumerate((words, "Akkoord", "Dank")):
            row = (number + 2, 1, number % 2, f"K{number}", 1, 1_795_000_000_000 + number, text, 0)
            db.execute("INSERT INTO message VALUES (?,?,?,?,?,?,?,?)", row)
        db.commit()
    return path.read_bytes()


def crypt15(database: bytes, key: str = WHATSAPP_KEY) -> bytes:
    iv = os.urandom(16)
    header = proto((1, 1), (3, proto((1, iv))), (4, proto((1, "2.26.1.2"))))
    inner = hmac.new(bytes(32), bytes.fromhex(key), "sha256").digest()
    secret = hmac.new(inner, b"backup encryption\x01", "sha256").digest()
    body = AESGCM(secret).encrypt(iv, zlib.compress(database), None)  # ends in the tag
    whole = bytes([len(header)]) + b"\x01" + header + body
    return whole + hashlib.md5(whole).digest()


# --- Signal on Android ---------------------------------------------------------------------------

_ANDROID = (
    "CREATE TABLE recipient (_id INTEGER PRIMARY KEY, e164 TEXT, aci TEXT, group_id TEXT,"
    " system_joined_name TEXT, profile_joined_name TEXT, profile_key TEXT)",
    "CREATE TABLE groups (_id INTEGER PRIMARY KEY, group_id TEXT, title TEXT, master_key BLOB,"
    " decrypted_group BLOB)",
    "CREATE TABLE thread (_id INTEGER PRIMARY KEY, recipient_id INTEGER)",
    "CREATE TABLE message (_id INTEGER PRIMARY KEY AUTOINCREMENT, date_sent INTEGER NOT NULL,"
    " date_received INTEGER DEFAULT 0,"
    " thread_id INTEGER NOT NULL REFERENCES thread (_id) ON DELETE CASCADE,"
    " from_recipient_id INTEGER, type INTEGER, body TEXT, quote_id INTEGER,"
    " expires_in INTEGER, view_once INTEGER, remote_deleted INTEGER, original_message_id INTEGER,"
    " latest_revision_id INTEGER, UNIQUE(date_sent, from_recipient_id, thread_id))",
    "CREATE INDEX message_thread_index ON message (thread_id)",
    "CREATE VIRTUAL TABLE message_fts USING fts5(body)",
    "CREATE TABLE attachment (_id INTEGER PRIMARY KEY, message_id INTEGER, content_type TEXT,"
    " file_name TEXT, data_size INTEGER, remote_key TEXT)",
    "CREATE TABLE reaction (_id INTEGER PRIMARY KEY, message_id INTEGER, author_id INTEGER,"
    " emoji TEXT, date_sent INTEGER)",
    "CREATE TABLE identities (_id INTEGER PRIMARY KEY, identity_key TEXT)",
    "CREATE TRIGGER kwaad AFTER INSERT ON message BEGIN DELETE FROM message; END",
)
_T = 1_795_000_000_000
_ROWS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("recipient", (1, "+31611111111", "aci-mira", None, "Mira", None, SECRET_FIELD.decode())),
    ("recipient", (2, "+31622222222", "aci-joris", None, None, "Joris", SECRET_FIELD.decode())),
    ("recipient", (3, None, None, "groep-1", None, None, None)),
    ("groups", (1, "groep-1", "Team Brug", SECRET_FIELD, b"x" + SECRET_FIELD)),
    ("thread", (7, 3)),
    ("message", (1, _T, _T, 7, 1, 23, "De brug gaat dicht", None, 0, 0, 0, None, None)),
    ("message", (2, _T + 1, _T, 7, 2, 20, "Akkoord", _T, 0, 0, 0, None, None)),
    ("message", (3, _T + 2, _T, 7, 2, 20, "", None, 0, 0, 0, None, None)),
    ("message", (4, _T + 3, _T, 7, 2, 20, "Oude tekst", None, 0, 0, 0, None, 5)),
    ("message", (5, _T + 4, _T, 7, 2, 20, "Nieuwe tekst", None, 60_000, 0, 0, 4, None)),
    ("message", (6, _T + 5, _T, 7, 2, 3, None, None, 0, 0, 0, None, None)),
    ("attachment", (9, 3, "image/jpeg", "brug.jpg", len(PHOTO), SECRET_FIELD.decode())),
    ("reaction", (1, 1, 2, "👍", _T + 9)),
    ("identities", (1, SECRET_FIELD.decode())),
)


class _Android:
    def __init__(self, passphrase: str, version: int) -> None:
        digits = "".join(passphrase.split()).encode()
        salt, self.iv = os.urandom(32), os.urandom(16)
        digest = hashlib.sha512(salt)
        value = digits
        for _ in range(250_000):
            digest.update(value)
            digest.update(digits)
            value, digest = digest.digest(), hashlib.sha512()
        keys = HKDF(SHA256(), 64, bytes(32), b"Backup Export").derive(value[:32])
        self.key, self.mac = keys[:32], keys[32:]
        self.counter = int.from_bytes(self.iv[:4])
        self.version = version
        header = proto((1, proto((1, self.iv), (2, salt), (3, version))))
        self.out = bytearray(struct.pack(">I", len(header)) + header)

    def _cipher(self) -> tuple[Any, bytes]:
        iv = struct.pack(">I", self.counter & 0xFFFFFFFF) + self.iv[4:]
        self.counter += 1
        return Cipher(algorithms.AES(self.key), modes.CTR(iv)).encryptor(), iv

    def frame(self, data: bytes) -> None:
        cipher, _ = self._cipher()
        length = struct.pack(">I", len(data) + 10)
        if self.version:
            length = cipher.update(length)
        body = cipher.update(data)
        covered = length + body if self.version else body
        self.out += length + body + hmac.new(self.mac, covered, "sha256").digest()[:10]

    def file(self, data: bytes) -> None:
        cipher, iv = self._cipher()
        body = cipher.update(data)
        self.out += body + hmac.new(self.mac, iv + body, "sha256").digest()[:10]

    def statement(self, text: str, values: tuple[Any, ...] = ()) -> None:
        parts: list[tuple[int, int | bytes | str]] = [(1, text)]
        for value in values:
            if value is None:
                parts.append((2, proto((5, 1))))
            elif isinstance(value, int):
                parts.append((2, proto((2, value))))
            else:
                parts.append((2, proto((4 if isinstance(value, bytes) else 1, value))))
        self.frame(proto((2, proto(*parts))))


def signal_backup(passphrase: str = PASSPHRASE, version: int = 1, end: bool = True) -> bytes:
    made = _Android(passphrase, version)
    made.frame(proto((5, proto((1, 250)))))
    for text in _ANDROID:
        made.statement(text)
    for table, values in _ROWS:
        marks = ",".join("?" * len(values))
        made.statement(f"INSERT INTO {table} VALUES ({marks})", values)
    made.frame(proto((4, proto((1, 9), (2, 1234), (3, len(PHOTO))))))
    made.file(PHOTO)
    made.frame(proto((7, proto((1, "1"), (2, 5), (3, "1")))))
    made.file(b"avata")
    made.frame(proto((9, proto((1, "sleutelwaarde"), (2, SECRET_FIELD)))))
    if end:
        made.frame(proto((6, 1)))
    return bytes(made.out)


# --- local backup of Signal ----------------------------------------------------------------------


def _padded(data: bytes) -> bytes:
    padder = PKCS7(128).padder()
    return padder.update(data) + padder.finalize()


def _cbc(key: bytes, data: bytes) -> bytes:
    iv = os.urandom(16)
    return iv + Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor().update(_padded(data))


def signal_local(folder: Path, recovery: str = RECOVERY) -> Path:
    """Write a backup folder; the path of its ``main``."""
    place = folder / "SignalBackups" / "signal-backup-2026-11-17-09-00-00"
    place.mkdir(parents=True)
    local_key, digest = os.urandom(64), hashlib.sha256(PHOTO).digest()
    name = hashlib.sha256(digest + local_key).hexdigest()
    shelf = folder / "SignalBackups" / "files" / name[:2]
    shelf.mkdir(parents=True)
    body = _cbc(local_key[:32], PHOTO + bytes(100))
    (shelf / name).write_bytes(body + hmac.new(local_key[32:], body, "sha256").digest())
    locator = proto((1, SECRET_FIELD), (3, len(PHOTO)), (9, local_key), (10, digest))
    pointer = proto((4, "image/jpeg"), (7, "brug.jpg"), (13, locator))
    mira = proto((1, b"m" * 16), (4, 31611111111), (9, SECRET_FIELD), (18, "Mira"))
    frames = [
        proto((1, 1), (2, _T), (3, SECRET_FIELD)),
        proto((1, proto((1, SECRET_FIELD), (4, "Joris"), (5, "Blankert")))),
        proto((2, proto((1, 1), (5, b"")))),
        proto((2, proto((1, 2), (2, mira)))),
        proto((3, proto((1, 7), (2, 2)))),
        _item(
            1,
            _T,
            proto((2, proto((1, "De brug gaat dicht"))), (6, proto((1, "👍"), (2, 2), (3, _T)))),
        ),
        _item(2, _T + 1, proto((1, proto((1, _T), (2, 1))), (2, proto((1, "Akkoord"))))),
        _item(2, _T + 2, proto((3, proto((1, pointer))))),
        proto((4, proto((1, 7), (2, 2), (3, _T + 3), (10, b""), (15, proto((7, proto((4, 3)))))))),
        proto((8, proto((1, b"map")))),
    ]
    stream = b"".join(varint(len(f)) + f for f in frames)

    def derived(secret: bytes, info: bytes, length: int) -> bytes:
        return HKDF(SHA256(), length, None, info).derive(secret)

    root = derived(recovery.encode(), b"20240801_SIGNAL_BACKUP_KEY", 32)
    number, iv = os.urandom(16), os.urandom(12)
    secret = derived(root, b"20241011_SIGNAL_LOCAL_BACKUP_METADATA_KEY", 32)
    counted = Cipher(algorithms.AES(secret), modes.CTR(iv + bytes(4))).encryptor().update(number)
    (place / "metadata").write_bytes(proto((1, 1), (2, proto((1, iv), (2, counted)))))
    (place / "files").write_bytes(proto((1, name)))
    keys = derived(root, b"20241007_SIGNAL_BACKUP_ENCRYPT_MESSAGE_BACKUP:" + number, 64)
    whole = _cbc(keys[32:], gzip.compress(stream) + bytes(55))
    (place / "main").write_bytes(whole + hmac.new(keys[:32], whole, "sha256").digest())
    return place / "main"


def _item(author: int, at: int, standard: bytes) -> bytes:
    return proto((4, proto((1, 7), (2, author), (3, at), (8, proto((1, at))), (11, standard))))


# --- Signal Desktop ------------------------------------------------------------------------------


def signal_desktop(folder: Path, key: str = DESKTOP_KEY) -> Path:
    """Write ``sql/db.sqlite``; its path."""
    place = folder / "Signal" / "sql"
    place.mkdir(parents=True)
    path = place / "db.sqlite"
    db = sqlcipher3.connect(str(path))
    db.execute(f"PRAGMA key = \"x'{key}'\"")
    db.executescript(
        "CREATE TABLE items (id TEXT PRIMARY KEY, json TEXT);"
        "CREATE TABLE conversations (id TEXT PRIMARY KEY, json TEXT, type TEXT, name TEXT,"
        " profileFullName TEXT, e164 TEXT, serviceId TEXT);"
        "CREATE TABLE messages (rowid INTEGER PRIMARY KEY, id TEXT, json TEXT, conversationId TEXT,"
        " type TEXT, body TEXT, sent_at INTEGER, received_at INTEGER, sourceServiceId TEXT,"
        " expireTimer INTEGER, isErased INTEGER, isViewOnce INTEGER);"
    )
    hidden = SECRET_FIELD.decode()
    db.execute("INSERT INTO items VALUES ('identityKeyMap', ?)", (json.dumps({"k": hidden}),))
    more = json.dumps({"profileKey": hidden, "sharedGroupNames": []})
    db.execute(
        "INSERT INTO conversations VALUES ('c1', ?, 'private', 'Mira', NULL, '+31611111111', 'aci-mira')",
        (more,),
    )
    details: tuple[Mapping[str, Any], ...] = (
        {"reactions": [{"emoji": "👍", "fromId": "c1", "timestamp": _T + 9}]},
        {"quote": {"id": _T}},
        {
            "attachments": [
                _desktop_file(folder / "Signal"),
                {"fileName": "weg.pdf", "path": "../x"},
            ]
        },
    )
    rows = (("incoming", "De brug gaat dicht"), ("outgoing", "Akkoord"), ("incoming", None))
    for number, ((kind, body), more_) in enumerate(zip(rows, details, strict=True)):
        row = (
            f"m{number}",
            json.dumps(more_),
            "c1",
            kind,
            body,
            _T + number,
            _T,
            "aci-mira",
            0,
            0,
            0,
        )
        db.execute("INSERT INTO messages VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?)", row)
    db.commit()
    db.close()
    return path


def _desktop_file(folder: Path) -> Mapping[str, Any]:
    key = os.urandom(64)
    body = _cbc(key[:32], PHOTO + bytes(77))
    place = folder / "attachments.noindex" / "ab"
    place.mkdir(parents=True)
    (place / "abcd").write_bytes(body + hmac.new(key[32:], body, "sha256").digest())
    local = base64.b64encode(key).decode()
    size = len(PHOTO)
    return {
        "fileName": "brug.jpg",
        "path": "ab/abcd",
        "size": size,
        "localKey": local,
        "version": 2,
    }


# --- Threema -------------------------------------------------------------------------------------

_HEADER = "identity,nick_name,firstname,lastname,identity_id"
_COLUMNS = "apiid,uid,isoutbox,isread,posted_at,created_at,type,body,isstatusmessage,caption"
THREEMA: Mapping[str, bytes] = {
    "settings": b"27",
    "identity": b"BACKUP" + SECRET_FIELD,
    "contacts.csv": f'{_HEADER}\n"ECHOECHO","","Mira","","c1"\n'.encode(),
    "message_c1.csv": (
        f"{_COLUMNS}\n"
        f'"a1","u1","0","1","{_T}","{_T}","TEXT","De brug gaat dicht","0",""\n'
        f'"a2","u2","1","1","{_T + 1}","{_T + 1}","TEXT","Akkoord","0",""\n'
        f'"a3","u3","0","1","{_T + 2}","{_T + 2}","FILE","","0",""\n'
    ).encode(),
    "message_media_u3": PHOTO,
}


def threema(password: str = PASSWORD, members: Mapping[str, bytes] = THREEMA) -> bytes:
    """A zip with AES-256 members (WinZip AE-2), deflated, as the app writes it."""
    out, entries = io.BytesIO(), []
    for name, content in members.items():
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush()
        salt = os.urandom(16)
        keys = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, 1_000, 66)
        cipher = Cipher(algorithms.AES(keys[:32]), modes.ECB()).encryptor()
        body = bytearray()
        for number in range(0, len(packed), 16):
            block = cipher.update((number // 16 + 1).to_bytes(16, "little"))
            body += bytes(a ^ b for a, b in zip(packed[number : number + 16], block, strict=False))
        data = salt + keys[64:] + bytes(body) + hmac.new(keys[32:64], body, "sha1").digest()[:10]
        extra = struct.pack("<HHHccBH", 0x9901, 7, 2, b"A", b"E", 3, 8)
        size = (len(data), len(content), len(name), len(extra))
        start = out.tell()
        out.write(struct.pack("<IHHHHHIIIHH", 0x04034B50, 51, 1, 99, 0, 0x5A21, 0, *size))
        out.write(name.encode() + extra + data)
        head = struct.pack(
            "<IHHHHHHIIIHHHHHII", 0x02014B50, 51, 51, 1, 99, 0, 0x5A21, 0, *size, 0, 0, 0, 0, start
        )
        entries.append(head + name.encode() + extra)
    begin = out.tell()
    out.write(b"".join(entries))
    count = len(entries)
    out.write(
        struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, out.tell() - begin, begin, 0)
    )
    zipfile.ZipFile(out).namelist()  # it must be a zip
    return out.getvalue()
