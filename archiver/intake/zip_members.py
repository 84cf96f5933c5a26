"""The members of a zip, read within limits and never written anywhere.

What a zip says of a member is not believed: reading stops at the limit, whatever the declared size.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import InputRefused
from archiver.intake.protocol import Limits
from archiver.intake.walk import display_name

MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED = 1
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the zip. `number` is its place in the directory: names may occur twice."""

    number: int
    name: str
    size: int  # as the zip says
    packed: int
    encrypted: bool


class Members:
    """An opened zip whose members can be read."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self._archive = archive
        self._limits = limits
        self.files = tuple(
            Member(n, i.filename, i.file_size, i.compress_size, bool(i.flag_bits & _ENCRYPTED))
            for n, i in enumerate(archive.infolist())
            if not i.filename.endswith("/")  # `is_dir` fails on a name of nothing
        )

    def head(self, member: Member, size: int) -> bytes:
        """Give the first bytes of a member. Raises `InputRefused` when it is locked or broken."""
        name = {"bestand": member.name[-200:]}
        if member.encrypted:
            raise InputRefused("zip.lid_wachtwoord", name)
        try:
            with self._archive.open(self._archive.infolist()[member.number]) as stream:
                return stream.read(size)
        except _TROUBLE as error:
            raise InputRefused("zip.lid_beschadigd", name) from error

    def read(self, member: Member, limit: int) -> bytes:
        """Give a member whole. Raises `InputRefused` when it is too large, locked or broken."""
        name = {"bestand": member.name[-200:]}
        if member.encrypted:
            raise InputRefused("zip.lid_wachtwoord", name)
        grens = {**name, "grens": f"{limit // 1_000_000} MB"}
        if member.size > limit:
            raise InputRefused("zip.lid_te_groot", grens)
        if member.size > _CHUNK and member.size > self._limits.zip_ratio * max(member.packed, 1):
            raise InputRefused("zip.bom", name)
        pieces: list[bytes] = []
        size = 0
        try:
            with self._archive.open(self._archive.infolist()[member.number]) as stream:
                while piece := stream.read(_CHUNK):
                    size += len(piece)
                    if size > limit:
                        raise InputRefused("zip.lid_te_groot", grens)
                    pieces.append(piece)
        except _TROUBLE as error:
            raise InputRefused("zip.lid_beschadigd", name) from error
        return b"".join(pieces)


_TROUBLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,  # encrypted, or a method that this Python does not have
    NotImplementedError,
    ValueError,
)


@contextmanager
def members_of(path: Path, limits: Limits, times: int = 1) -> Iterator[Members]:
    """Open a zip. Raises `InputRefused` when it is broken or has more than the limits allow.

    `times` widens the limits of the whole for a format that is one mailbox in a zip.
    """
    name = display_name(path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise InputRefused("bestand.beschadigd", {"bestand": name}, name) from error
    with archive:
        listed = archive.infolist()
        total = sum(member.file_size for member in listed)
        if len(listed) > limits.zip_members * times or total > limits.zip_bytes * times:
            params: dict[str, str | int] = {
                "bestand": name,
                "leden": len(listed),
                "megabyte": total // 1_000_000,
            }
            raise InputRefused("zip.te_groot", params, name)
        yield Members(archive, limits)
