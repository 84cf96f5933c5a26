"""Open a local backup of Signal (``main`` beside ``metadata``) with its recovery key of 64 characters.

``metadata`` holds the number of the backup, encrypted (AES-CTR) with a key from the recovery key. Both
together give the keys of ``main``: initialisation vector, AES-256-CBC over a gzip stream of frames, and
an HMAC-SHA-256 over all before it. Files lie beside, in the folder ``files`` above the backup, each
encrypted with a key of its own that stands in its frame. All derivation is HKDF-SHA-256.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from archiver.errors import InputRefused
from archiver.intake.chat.derived_zip import DerivedZip
from archiver.intake.chat.protobuf import Damaged, fields
from archiver.intake.chat.signal_frames import as_json, locators
from archiver.intake.protocol import Limits

METHOD = "Signal lokale back-up: AES-256-CBC, gzip"
_MAC = 32
_PIECE = 1 << 18
_LONGEST = 64 * 1024 * 1024  # bytes of a frame
_METADATA = 4_096  # bytes of the file beside it


def backup_id(metadata: bytes) -> tuple[bytes, bytes] | None:
    """Give the vector and the encrypted number of the backup; None when this is no such file."""
    try:
        inner = dict(fields(metadata)).get(2)
        found = dict(fields(inner)) if isinstance(inner, bytes) else {}
    except Damaged:
        return None
    iv, number = found.get(1), found.get(2)
    if isinstance(iv, bytes) and isinstance(number, bytes) and len(iv) == 12 and len(number) == 16:
        return iv, number
    return None


def unseal(path: Path, key: str, target: Path, limits: Limits) -> None:
    """Write the conversations as plaintext export, with their files, into a derived zip. InputRefused."""
    pool = re.sub(r"[\s-]", "", key).replace("#", "o").replace("=", "0").lower()
    if not re.fullmatch(r"[0-9a-z]{64}", pool):
        raise InputRefused("chat.sleutel_vorm_signal_map", {"naam": path.name}, path.name)
    known = backup_id(path.with_name("metadata").read_bytes()[:_METADATA])
    if known is None:
        raise _damaged(path)
    root = _hkdf(pool.encode("ascii"), b"20240801_SIGNAL_BACKUP_KEY", 32)
    secret = _hkdf(root, b"20241011_SIGNAL_LOCAL_BACKUP_METADATA_KEY", 32)
    counter = Cipher(algorithms.AES(secret), modes.CTR(known[0] + bytes(4))).decryptor()
    number = counter.update(known[1])
    keys = _hkdf(root, b"20241007_SIGNAL_BACKUP_ENCRYPT_MESSAGE_BACKUP:" + number, 64)
    _check(path, keys[:32])
    left_out = Counter[str]()
    with (
        tempfile.TemporaryFile(dir=target.parent) as spool,
        DerivedZip(target, path, METHOD, limits) as derived,
    ):
        try:
            _inflate(path, keys[32:], spool, limits)
            derived.add("main.jsonl", _lines(spool, left_out))
            _files(spool, path, derived)
        except (Damaged, zlib.error) as error:
            raise _damaged(path) from error
        for what, count in left_out.items():
            derived.leave_out(what, count)


def _hkdf(secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, None, info).derive(secret)


def _check(path: Path, key: bytes) -> None:
    """Hold the whole file against its HMAC. InputRefused: the key is wrong or the file is."""
    left = path.stat().st_size - _MAC
    mac = hmac.new(key, digestmod=hashlib.sha256)
    with path.open("rb") as stream:
        while left > 0 and (piece := stream.read(min(_PIECE, left))):
            left -= len(piece)
            mac.update(piece)
        if not hmac.compare_digest(mac.digest(), stream.read(_MAC)):
            # A changed byte and a wrong key look the same here.
            raise InputRefused("chat.sleutel_verkeerd", {"naam": path.name}, path.name)


def _inflate(path: Path, key: bytes, spool: IO[bytes], limits: Limits) -> None:
    left = path.stat().st_size - _MAC - 16
    given = 0
    with path.open("rb") as stream:
        cipher = Cipher(algorithms.AES(key), modes.CBC(stream.read(16))).decryptor()
        inflate = zlib.decompressobj(31)
        while left > 0 and not inflate.eof and (piece := stream.read(min(_PIECE, left))):
            left -= len(piece)
            rest = cipher.update(piece)
            while rest and not inflate.eof:
                plain = inflate.decompress(rest, _PIECE)
                rest = inflate.unconsumed_tail
                given += spool.write(plain)
                if given > limits.zip_bytes:
                    params: dict[str, str | int] = {"leden": 1, "bytes": given}
                    raise InputRefused("chat.zip_te_groot", params, path.name)
                if not plain:
                    break
        spool.write(inflate.flush())
        if not inflate.eof:
            raise Damaged  # what follows the stream is padding; that it ends is what counts


def _frames(spool: IO[bytes]) -> Iterator[bytes]:
    """Give every frame; each has its length before it."""
    spool.seek(0)
    while first := spool.read(1):
        length, shift = first[0] & 0x7F, 7
        while first[0] & 0x80:
            first = spool.read(1)
            if not first or shift > 35:
                raise Damaged
            length |= (first[0] & 0x7F) << shift
            shift += 7
        if length > _LONGEST:
            raise Damaged
        frame = spool.read(length)
        if len(frame) != length:
            raise Damaged
        yield frame


def _lines(spool: IO[bytes], left_out: Counter[str]) -> Iterator[bytes]:
    name = "BackupInfo"
    for frame in _frames(spool):
        found = as_json(frame, name, left_out)
        if found:
            yield (
                json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"
            )
        else:
            left_out["andere gegevens van de app"] += 1
        name = "Frame"


def _files(spool: IO[bytes], path: Path, derived: DerivedZip) -> None:
    """Add every file that lies beside the backup and opens with its own key."""
    shelves = (path.parent / "files", path.parent.parent / "files")
    done: set[str] = set()
    for number, frame in enumerate(_frames(spool)):
        for key, digest, size in locators(frame) if number else ():
            name = hashlib.sha256(digest + key).hexdigest()
            place = next(
                (s / name[:2] / name for s in shelves if (s / name[:2] / name).is_file()), None
            )
            if name in done or place is None:
                continue
            done.add(name)
            with tempfile.TemporaryFile(dir=derived.target.parent) as plain:
                if opened_file(place, key, digest, size, plain):
                    plain.seek(0)
                    derived.add(f"files/{digest.hex()}", iter(lambda f=plain: f.read(_PIECE), b""))  # type: ignore[misc]
                else:
                    derived.leave_out("beschadigde bestanden")


def opened_file(place: Path, key: bytes, digest: bytes | None, size: int, out: IO[bytes]) -> bool:
    """Decrypt one file of `size` bytes into `out`; True when its HMAC and, if known, its hash are right.

    `key` is 32 bytes of AES and 32 of HMAC. Raises OSError.
    """
    left = place.stat().st_size - _MAC - 16
    mac, content = hmac.new(key[32:], digestmod=hashlib.sha256), hashlib.sha256()
    with place.open("rb") as stream:
        iv = stream.read(16)
        if left < 0 or len(iv) != 16:
            return False
        mac.update(iv)
        cipher = Cipher(algorithms.AES(key[:32]), modes.CBC(iv)).decryptor()
        while left > 0 and (piece := stream.read(min(_PIECE, left))):
            left -= len(piece)
            mac.update(piece)
            plain = cipher.update(piece)[:size]
            size -= len(plain)
            content.update(plain)
            out.write(plain)
        whole = hmac.compare_digest(mac.digest(), stream.read(_MAC))
    known = digest is None or hmac.compare_digest(content.digest(), digest)
    return whole and size == 0 and known


def _damaged(path: Path) -> InputRefused:
    return InputRefused("chat.verzegeld_beschadigd", {"naam": path.name}, path.name)
