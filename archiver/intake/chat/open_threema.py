"""Open a Threema data backup with its password: a zip whose members are AES-256 encrypted (WinZip AE-2).

Per member: salt, two bytes to check the password, AES in counter mode (little-endian from 1), and ten
bytes of HMAC-SHA-1. The keys come from the password by PBKDF2-HMAC-SHA-1, 1,000 rounds. The member
``identity`` is the backup of the private key of the account: it is not taken over.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from archiver.errors import InputRefused
from archiver.intake.chat import media
from archiver.intake.chat.derived_zip import DerivedZip
from archiver.intake.protocol import Limits

METHOD = "Threema-back-up: zip met AES-256 (WinZip AE-2)"
_KEYS = {"identity"}
_AES = 0x9901
_SALT = {1: 8, 2: 12, 3: 16}
_KEY = {1: 16, 2: 24, 3: 32}
_PIECE = 1 << 18
_MAC = 10


def unseal(path: Path, key: str, target: Path, limits: Limits) -> None:
    """Write every member but the key of the account into a derived zip. InputRefused."""
    with (
        media.open_zip(path, limits) as archive,
        path.open("rb") as stream,
        DerivedZip(target, path, METHOD, limits) as derived,
    ):
        for member in archive.infolist():
            if not media.usable(member):
                continue
            if member.filename in _KEYS:
                derived.leave_out("sleutels van het account")
                continue
            if member.flag_bits & 1:
                derived.add(member.filename, _opened(stream, member, key, path))
            else:
                derived.add(member.filename, media.chunks(archive, member))


def _opened(stream: IO[bytes], member: zipfile.ZipInfo, key: str, path: Path) -> Iterator[bytes]:
    strength, method = _extra(member, path)
    if member.header_offset < 0:  # a directory that lies about where it stands
        raise _damaged(path)
    stream.seek(member.header_offset)
    head = stream.read(30)
    if len(head) < 30 or head[:4] != b"PK\x03\x04":
        raise _damaged(path)
    stream.seek(sum(struct.unpack("<HH", head[26:30])), 1)
    left = member.compress_size - _SALT[strength] - 2 - _MAC
    salt, check = stream.read(_SALT[strength]), stream.read(2)
    size = _KEY[strength]
    derived = hashlib.pbkdf2_hmac("sha1", key.encode("utf-8"), salt, 1_000, 2 * size + 2)
    if not hmac.compare_digest(derived[2 * size :], check):
        raise InputRefused("chat.sleutel_verkeerd", {"naam": path.name}, path.name)
    inflate = zlib.decompressobj(-15) if method == 8 else None
    if left < 0 or method not in (0, 8):
        raise _damaged(path)
    given = 0
    mac = hmac.new(derived[size : 2 * size], digestmod=hashlib.sha1)
    cipher = _Counter(derived[:size])
    try:
        while left > 0 and (piece := stream.read(min(_PIECE, left))):
            left -= len(piece)
            mac.update(piece)
            plain = cipher.decrypt(piece)
            rest = plain
            while inflate is not None and rest:
                plain, rest = inflate.decompress(rest, _PIECE), inflate.unconsumed_tail
                given += len(plain)
                if given > member.file_size:
                    raise _damaged(path)
                yield plain
                if not plain:
                    break
            if inflate is None:
                given += len(plain)
                yield plain
        if inflate is not None:
            yield inflate.flush()
    except zlib.error as error:
        raise _damaged(path) from error
    if not hmac.compare_digest(mac.digest()[:_MAC], stream.read(_MAC)):
        # The two bytes for the password are right by chance once in 65,536 times.
        raise _damaged(path)


class _Counter:
    """AES in counter mode with the little-endian counter of WinZip, which no library offers."""

    def __init__(self, key: bytes) -> None:
        self._cipher = Cipher(
            algorithms.AES(key), modes.ECB()
        ).encryptor()  # only to make the stream
        self._block = 1

    def decrypt(self, data: bytes) -> bytes:
        """Decrypt a piece; all pieces but the last are whole blocks."""
        blocks = -(-len(data) // 16)
        counters = b"".join(
            number.to_bytes(16, "little") for number in range(self._block, self._block + blocks)
        )
        self._block += blocks
        stream = self._cipher.update(counters)[: len(data)]
        mixed = int.from_bytes(data, "little") ^ int.from_bytes(stream, "little")
        return mixed.to_bytes(len(data), "little")


def _extra(member: zipfile.ZipInfo, path: Path) -> tuple[int, int]:
    """Give the strength (1 to 3) and the real method of compression of an encrypted member."""
    extra, at = member.extra, 0
    while at + 4 <= len(extra):
        name, length = struct.unpack_from("<HH", extra, at)
        if name == _AES and length >= 7 and at + 11 <= len(extra):
            strength, method = extra[at + 8], struct.unpack_from("<H", extra, at + 9)[0]
            if strength in _SALT:
                return strength, method
        at += 4 + length
    raise InputRefused("chat.verzegeld_onbekend", {"naam": path.name}, path.name)


def _damaged(path: Path) -> InputRefused:
    return InputRefused("chat.verzegeld_beschadigd", {"naam": path.name}, path.name)
