"""Open a backup of Signal on Android (``signal-….backup``) with its 30-digit passphrase.

A stream of frames (protobuf): a header with salt and initialisation vector, then SQL statements that
build the database, attachments, preferences. AES-256 in counter mode, the counter one higher per frame
and per file; ten bytes of HMAC-SHA-256 each. Keys: 250,000 rounds of SHA-512 over the passphrase, then
HKDF ("Backup Export"). Since version 1 the length of a frame is encrypted as well.

Only the tables that hold messages are built, by statements of our own; columns with keys stay empty.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import sqlite3
import struct
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from archiver.errors import InputRefused
from archiver.intake.chat.derived_zip import DerivedZip
from archiver.intake.chat.protobuf import Damaged, fields
from archiver.intake.protocol import Limits

METHOD = "Signal Android-back-up: AES-256-CTR"
DATABASE = "signal-android.db"
FILES = "bijlagen"
ROUNDS = 250_000
TABLES = {
    *("message", "sms", "mms", "thread", "recipient", "groups", "group_membership"),
    *("attachment", "part", "reaction", "mention", "call", "poll", "poll_option", "poll_vote"),
}
SECRET = re.compile(
    r"(^|_)(key|keys|secret|token|credential|auth|random|iv|digest|storage|decrypted)(_|$)"
)
_MAC = 10
_LONGEST = 64 * 1024 * 1024  # bytes of a frame
_PIECE = 1 << 18
_CREATE = re.compile(r'CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)"?\s*\(', re.IGNORECASE)
_INSERT = re.compile(r'INSERT (?:OR REPLACE )?INTO "?(\w+)"? VALUES ?\(', re.IGNORECASE)


def unseal(path: Path, key: str, target: Path, limits: Limits) -> None:
    """Write database and attachments into a derived zip. InputRefused."""
    digits = re.sub(r"[\s-]", "", key)
    if not re.fullmatch(r"\d{30}", digits):
        raise InputRefused("chat.sleutel_vorm_signal_backup", {"naam": path.name}, path.name)
    with (
        path.open("rb") as stream,
        tempfile.TemporaryDirectory(dir=target.parent) as folder,
        DerivedZip(target, path, METHOD, limits) as derived,
    ):
        try:
            _frames(stream, digits, Path(folder) / DATABASE, derived, path)
        except (Damaged, sqlite3.Error, struct.error, UnicodeDecodeError) as error:
            raise _damaged(path) from error
        with (Path(folder) / DATABASE).open("rb") as made:
            derived.add(DATABASE, iter(lambda: made.read(_PIECE), b""))


def _frames(
    stream: IO[bytes], digits: str, database: Path, derived: DerivedZip, path: Path
) -> None:
    reader = _Reader(stream, digits, path)
    with closing(_Builder.opened(database, derived)) as connection:
        builder = _Builder(connection, derived)
        for frame in reader.frames():
            found = dict(fields(frame))
            if 2 in found:
                builder.run(_bytes(found[2]))
            elif 4 in found:
                about = dict(fields(_bytes(found[4])))
                pieces = reader.file(_number(about.get(3)))
                derived.add(f"{FILES}/{_number(about.get(1))}", pieces)
            elif 7 in found or 8 in found:
                about = dict(fields(_bytes(found.get(7, found.get(8, b"")))))
                for _ in reader.file(_number(about.get(2))):
                    pass
                derived.leave_out("avatars en stickers")
            elif 3 in found or 9 in found:
                derived.leave_out("instellingen")
            elif found.get(6):
                break
        else:
            raise Damaged  # the end is missing: the backup was cut off
        connection.commit()


class _Reader:
    """The encrypted stream: every frame and file checked before it is given."""

    def __init__(self, stream: IO[bytes], digits: str, path: Path) -> None:
        self._stream, self._path = stream, path
        (length,) = struct.unpack(">I", stream.read(4).rjust(4, b"\0"))
        if length > 4_096:
            raise Damaged
        header = dict(fields(_bytes(dict(fields(stream.read(length))).get(1))))
        iv, salt = _bytes(header.get(1)), header.get(2)
        self._version = _number(header.get(3, 0))
        if len(iv) != 16 or self._version > 1:
            raise InputRefused("chat.verzegeld_onbekend", {"naam": path.name}, path.name)
        keys = HKDF(SHA256(), 64, None, b"Backup Export").derive(_root(digits, _bytes(salt)))
        self._key, self._mac = keys[:32], keys[32:]
        self._counter, self._rest = struct.unpack(">I", iv[:4])[0], iv[4:]
        self._first = True

    def frames(self) -> Iterator[bytes]:
        """Give the frames. InputRefused when the first does not open: then the key is wrong."""
        while raw := self._stream.read(4):
            cipher, _ = self._next()
            mac = hmac.new(self._mac, digestmod=hashlib.sha256)
            if self._version >= 1:
                mac.update(raw)
                raw = cipher.update(raw)
            (length,) = struct.unpack(">I", raw)
            if not _MAC < length <= _LONGEST:
                raise self._wrong()
            data = self._stream.read(length - _MAC)
            mac.update(data)
            if not hmac.compare_digest(mac.digest()[:_MAC], self._stream.read(_MAC)):
                raise self._wrong()
            self._first = False
            yield cipher.update(data)

    def file(self, size: int) -> Iterator[bytes]:
        """Give the bytes of the file that follows a frame."""
        cipher, iv = self._next()
        mac = hmac.new(self._mac, iv, digestmod=hashlib.sha256)
        while size > 0:
            data = self._stream.read(min(_PIECE, size))
            if not data:
                raise Damaged
            size -= len(data)
            mac.update(data)
            yield cipher.update(data)
        if not hmac.compare_digest(mac.digest()[:_MAC], self._stream.read(_MAC)):
            raise Damaged

    def _next(self) -> tuple[CipherContext, bytes]:
        iv = struct.pack(">I", self._counter & 0xFFFF_FFFF) + self._rest
        self._counter += 1
        return Cipher(algorithms.AES(self._key), modes.CTR(iv)).decryptor(), iv

    def _wrong(self) -> Exception:
        name = self._path.name
        return (
            InputRefused("chat.sleutel_verkeerd", {"naam": name}, name)
            if self._first
            else Damaged()
        )


def _root(digits: str, salt: bytes) -> bytes:
    secret = digits.encode("ascii")
    found = hashlib.sha512(salt + secret + secret).digest()
    for _ in range(ROUNDS - 1):
        found = hashlib.sha512(found + secret).digest()
    return found[:32]


@dataclass(slots=True)
class _Builder:
    """Build the database; nothing of the statements is run but the making of a table we know."""

    connection: sqlite3.Connection
    derived: DerivedZip

    @staticmethod
    def opened(database: Path, derived: DerivedZip) -> sqlite3.Connection:
        """Open a new database that may make tables and write rows, and nothing else."""
        connection = sqlite3.connect(database)
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.set_authorizer(_allowed)
        return connection

    def run(self, statement: bytes) -> None:
        """Take one statement of the backup."""
        text, values = "", []
        for name, value in fields(statement):
            if name == 1:
                text = _bytes(value).decode("utf-8")
            elif name == 2:
                values.append(_value(_bytes(value)))
        if (create := _CREATE.match(text)) and create[1].lower() in TABLES:
            self.connection.execute(text)
        elif (insert := _INSERT.match(text)) and insert[1].lower() in TABLES:
            self._insert(insert[1], values)
        else:
            self.derived.leave_out("andere gegevens van de app")

    def _insert(self, table: str, values: Sequence[Any]) -> None:
        info = self.connection.execute(f'PRAGMA table_info("{table}")').fetchall()
        if len(info) != len(values):
            raise Damaged
        kept = [
            None if SECRET.search(str(c[1]).lower()) else v
            for c, v in zip(info, values, strict=True)
        ]
        self.derived.leave_out(
            "sleutelvelden",
            sum(k is None and v is not None for k, v in zip(kept, values, strict=True)),
        )
        marks = ", ".join("?" * len(kept))
        self.connection.execute(f'INSERT OR REPLACE INTO "{table}" VALUES ({marks})', kept)


_ALLOWED = {
    *(sqlite3.SQLITE_CREATE_TABLE, sqlite3.SQLITE_INSERT, sqlite3.SQLITE_READ),
    *(sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_CREATE_INDEX),
    *(sqlite3.SQLITE_REINDEX, sqlite3.SQLITE_DELETE, sqlite3.SQLITE_FUNCTION),
}


def _allowed(action: int, first: str | None, *_: str | None) -> int:
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if first == "table_info" else sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _value(parameter: bytes) -> Any:
    for name, value in fields(parameter):
        if name == 1:
            return _bytes(value).decode("utf-8", "replace")
        if name == 2:
            number = _number(value)
            return number - (1 << 64) if number >= 1 << 63 else number
        if name == 3:
            return struct.unpack("<d", _bytes(value))[0]
        if name == 4:
            return _bytes(value)
    return None


def _bytes(value: int | bytes | None) -> bytes:
    if not isinstance(value, bytes):
        raise Damaged
    return value


def _number(value: int | bytes | None) -> int:
    if not isinstance(value, int):
        raise Damaged
    return value


def _damaged(path: Path) -> InputRefused:
    return InputRefused("chat.verzegeld_beschadigd", {"naam": path.name}, path.name)
