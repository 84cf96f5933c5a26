"""The text file beside the register with the ends of the audit chain: lines that are only added.

``voornemen 12 <hash>`` is written before the commit that makes entry 12 last, ``vast 12 <hash>``
after it. Cutting off the end of the chain, or making a new one, contradicts a line with ``vast``.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import DiskFull, StoreRefused

_INTENDED, _CONFIRMED = "voornemen", "vast"
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Ends:
    """What the file says: (size, hash) confirmed, in order; those intended; lines without sense."""

    confirmed: tuple[tuple[int, str], ...]
    intended: frozenset[tuple[int, str]]
    unreadable: tuple[int, ...]


class Trail:
    """The file of one register."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Tell whether anything was ever written."""
        try:
            return self.path.stat().st_size > 0
        except FileNotFoundError:
            return False

    def intend(self, size: int, digest: str) -> None:
        """Say durably which end the next commit will make. Raises `DiskFull` or `StoreRefused`."""
        self._append(f"{_INTENDED} {size} {digest}\n", durable=True)

    def confirm(self, size: int, digest: str) -> None:
        """Say that the commit was made; not flushed, for the intention covers a lost line.

        The commit stands whatever happens here, so a full disk is not an error any more.
        """
        try:
            self._append(f"{_CONFIRMED} {size} {digest}\n", durable=False)
        except (DiskFull, StoreRefused):
            return

    def read(self, tail: int | None = None) -> Ends:
        """Read the file, or its last `tail` bytes only. Raises `StoreRefused`.

        A last line without its end was cut off by a crash and is left out.
        """
        confirmed: list[tuple[int, str]] = []
        intended: set[tuple[int, str]] = set()
        unreadable: list[int] = []
        for number, raw in enumerate(self._lines(tail), 1):
            words = raw.decode("ascii", "replace").split(" ")
            sound = len(words) == 3 and words[1].isdecimal() and len(words[2]) == 64
            if not sound or words[0] not in (_INTENDED, _CONFIRMED):
                unreadable.append(number)
            elif words[0] == _CONFIRMED:
                confirmed.append((int(words[1]), words[2]))
            else:
                intended.add((int(words[1]), words[2]))
        return Ends(tuple(confirmed), frozenset(intended), tuple(unreadable))

    def _lines(self, tail: int | None) -> list[bytes]:
        try:
            with self.path.open("rb") as stream:
                start = max(stream.seek(0, os.SEEK_END) - tail, 0) if tail is not None else 0
                stream.seek(start)
                lines = stream.read().split(b"\n")[:-1]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreRefused("register_niet_te_openen") from error
        return lines[1:] if start else lines

    def _append(self, line: str, *, durable: bool) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        try:
            new = not self.path.exists()
            descriptor = os.open(self.path, flags | getattr(os, "O_BINARY", 0), 0o600)
            try:
                size = os.fstat(descriptor).st_size
                data = line.encode("ascii")
                if size:
                    os.lseek(descriptor, size - 1, os.SEEK_SET)
                    if os.read(descriptor, 1) != b"\n":
                        os.ftruncate(descriptor, self._whole(descriptor, size))
                while data:
                    data = data[os.write(descriptor, data) :]
                if durable:
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if new and os.name == "posix":
                folder = os.open(self.path.parent, os.O_RDONLY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
        except OSError as error:
            if error.errno in _FULL:
                raise DiskFull("schijf_vol", {"ruimte": "1 MB"}) from error
            raise StoreRefused("register_niet_te_openen") from error

    @staticmethod
    def _whole(descriptor: int, size: int) -> int:
        """Give the length up to the last whole line: a crash cut off what follows."""
        start = max(size - 200, 0)
        os.lseek(descriptor, start, os.SEEK_SET)
        return start + os.read(descriptor, size - start).rfind(b"\n") + 1
