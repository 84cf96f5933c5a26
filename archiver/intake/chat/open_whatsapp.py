"""Open a WhatsApp backup ``msgstore.db.crypt15`` with its 64-digit key.

Layout: length of a header (protobuf), sometimes a byte 1, the header with the initialisation vector,
AES-256-GCM over a zlib stream of the SQLite database, its tag of 16 bytes, and the MD5 of all before
it. The key that encrypts comes from the 64 digits by HMAC-SHA-256 ("backup encryption").
"""

from __future__ import annotations

import hashlib
import hmac
import re
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from archiver.errors import InputRefused
from archiver.intake.chat.database import MAGIC
from archiver.intake.chat.derived_zip import DerivedZip
from archiver.intake.chat.protobuf import Damaged, fields
from archiver.intake.protocol import Limits

METHOD = "WhatsApp crypt15: AES-256-GCM, zlib"
_PIECE = 1 << 20
_TAIL = 32  # bytes: tag and MD5


def unseal(path: Path, key: str, target: Path, limits: Limits) -> None:
    """Write the database into a derived zip. InputRefused for a key or file that is not right."""
    digits = re.sub(r"[\s:-]", "", key)
    if not re.fullmatch(r"[0-9A-Fa-f]{64}", digits):
        raise InputRefused("chat.sleutel_vorm_whatsapp", {"naam": path.name}, path.name)
    size = path.stat().st_size
    with path.open("rb") as stream:
        start, iv = _header(stream, path)
        whole = _checksum_holds(path, size)
        if size < start + _TAIL:
            raise InputRefused("chat.verzegeld_beschadigd", {"naam": path.name}, path.name)
        stream.seek(size - _TAIL)
        tag = stream.read(16)
        cipher = Cipher(algorithms.AES(_derived(bytes.fromhex(digits))), modes.GCM(iv, tag))
        decryptor, inflate = cipher.decryptor(), zlib.decompressobj()
        stream.seek(start)
        left, given = size - _TAIL - start, 0
        with tempfile.TemporaryFile(dir=target.parent) as spool:
            try:
                while left > 0 and (piece := stream.read(min(_PIECE, left))):
                    left -= len(piece)
                    rest = decryptor.update(piece)
                    while rest:
                        plain = inflate.decompress(rest, _PIECE)
                        rest = inflate.unconsumed_tail
                        given += spool.write(plain)
                        if given > limits.zip_bytes:
                            params: dict[str, str | int] = {"leden": 1, "bytes": given}
                            raise InputRefused("chat.zip_te_groot", params, path.name)
                        if not plain:
                            break
                decryptor.finalize()
                given += spool.write(inflate.flush())
            except (InvalidTag, zlib.error) as error:
                code = "chat.sleutel_verkeerd" if whole else "chat.verzegeld_beschadigd"
                raise InputRefused(code, {"naam": path.name}, path.name) from error
            spool.seek(0)
            if spool.read(16) != MAGIC:
                raise InputRefused("chat.verzegeld_onbekend", {"naam": path.name}, path.name)
            with DerivedZip(target, path, METHOD, limits) as derived:
                derived.add("msgstore.db", _pieces(spool))


def _header(stream: IO[bytes], path: Path) -> tuple[int, bytes]:
    """Give where the encrypted bytes begin, and the initialisation vector."""
    length = stream.read(1)[:1]
    mark = stream.read(1)
    start = 2 if mark == b"\x01" else 1
    stream.seek(start)
    header = stream.read(length[0]) if length else b""
    try:
        inner = dict(fields(header)).get(3)
        if not isinstance(inner, bytes):
            raise InputRefused("chat.verzegeld_sleutelbestand", {"naam": path.name}, path.name)
        iv = dict(fields(inner))[1]
    except (Damaged, KeyError) as error:
        raise InputRefused("chat.verzegeld_beschadigd", {"naam": path.name}, path.name) from error
    if not isinstance(iv, bytes) or not 12 <= len(iv) <= 16:
        raise InputRefused("chat.verzegeld_beschadigd", {"naam": path.name}, path.name)
    return start + length[0], iv


def _derived(root: bytes) -> bytes:
    first = hmac.new(bytes(32), root, hashlib.sha256).digest()
    return hmac.new(first, b"backup encryption\x01", hashlib.sha256).digest()


def _checksum_holds(path: Path, size: int) -> bool:
    """Tell whether the file is whole, so that a failure can only be the key."""
    digest, left = hashlib.md5(usedforsecurity=False), size - 16
    with path.open("rb") as stream:
        while left > 0 and (piece := stream.read(min(_PIECE, left))):
            left -= len(piece)
            digest.update(piece)
        return stream.read(16) == digest.digest()


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    stream.seek(0)
    yield from iter(lambda: stream.read(_PIECE), b"")
