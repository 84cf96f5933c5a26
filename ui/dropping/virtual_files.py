"""Virtual files as Windows mail programs offer them: FILEGROUPDESCRIPTORW and its contents.

The layout follows the Win32 structures FILEGROUPDESCRIPTORW (a 32-bit count, then entries of 592
bytes) and FILEDESCRIPTORW. All bytes come from another program and are treated as hostile.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

ENTRY = 592
_NAME = slice(72, 592)
_SIZE_GIVEN = 0x40  # FD_FILESIZE
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Described:
    """One offered file: its name without folders, and its size in bytes when it is told."""

    name: str
    size: int | None


def parse_descriptor(data: bytes) -> tuple[Described, ...]:
    """Read a FILEGROUPDESCRIPTORW. ValueError when the bytes do not hold what they promise."""
    if len(data) < 4:
        raise ValueError("descriptor too short")
    (count,) = struct.unpack_from("<I", data)
    if count > _MOST or len(data) < 4 + count * ENTRY:
        raise ValueError("descriptor is cut off")
    return tuple(_entry(data[4 + n * ENTRY : 4 + (n + 1) * ENTRY]) for n in range(count))


def _entry(entry: bytes) -> Described:
    (flags,) = struct.unpack_from("<I", entry)
    high, low = struct.unpack_from("<II", entry, 64)
    name = entry[_NAME].decode("utf-16-le", errors="replace").split("\0", 1)[0]
    size = (high << 32) | low if flags & _SIZE_GIVEN else None
    return Described(safe_name(name), size)


def safe_name(name: str) -> str:
    """Give the last part of a name without control or separator characters; never a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join("_" if c in '<>:"|?*' or ord(c) < 32 else c for c in last).strip(" .")
    return kept[:150] or "bericht"
