"""A readable binary stream over pieces that are made while it is read."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import BinaryIO, cast

from archiver.export.model import Opener


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def pieces(make: Callable[[], Iterable[bytes]]) -> Opener:
    """Give an opener that makes the content anew each time; memory stays at one piece."""
    return lambda: cast(BinaryIO, io.BufferedReader(_Pieces(make()), 262_144))


def whole(make: Callable[[], bytes]) -> Opener:
    """Give an opener for small content that is made when it is opened."""
    return lambda: io.BytesIO(make())
