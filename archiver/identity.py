"""Identifications: UUID version 7 (RFC 9562), sorted by the moment they were made; and many of them."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """Give a UUIDv7 as text; within one process every next id is greater than the one before."""
    global _last
    with _lock:
        # 48 bits of milliseconds and 12 bits of sub-millisecond time in rand_a keep the order.
        now = time.time_ns()
        ticks = (now // 1_000_000 << 12) | (now % 1_000_000) * 4096 // 1_000_000
        ticks = max(ticks, _last + 1)
        _last = ticks
    random = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    value = (ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | random
    return str(uuid.UUID(int=value))


class Ids(Sequence[str]):
    """Many identifications in order, 16 bytes each: those of a large mailbox would fill memory as texts."""

    __slots__ = ("_raw",)

    def __init__(self, ids: Iterable[str] = ()) -> None:
        self._raw = bytearray()
        self.extend(ids)

    def extend(self, ids: Iterable[str]) -> None:
        """Add identifications as `new_id` makes them. ValueError for anything else."""
        if isinstance(ids, Ids):
            self._raw += ids._raw
        else:
            for one in ids:
                self._raw += uuid.UUID(one).bytes

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[str, ...]: ...
    def __getitem__(self, at: int | slice) -> str | tuple[str, ...]:
        places = range(len(self))[at]
        if isinstance(places, range):
            return tuple(self._text(place) for place in places)
        return self._text(places)

    def __iter__(self) -> Iterator[str]:
        return (self._text(place) for place in range(len(self)))

    def __len__(self) -> int:
        return len(self._raw) // 16

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Ids):
            return self._raw == other._raw
        if isinstance(other, list | tuple):
            return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        return f"Ids({list(self)})"

    def _text(self, place: int) -> str:
        return str(uuid.UUID(bytes=bytes(self._raw[16 * place : 16 * place + 16])))
