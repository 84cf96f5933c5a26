"""The wire format of Protocol Buffers, read without trust: numbers and bytes by field number."""

from __future__ import annotations

from collections.abc import Iterator

_LONGEST = 10  # bytes of a number


class Damaged(ValueError):
    """These bytes are no message."""


def fields(data: bytes | memoryview) -> Iterator[tuple[int, int | bytes]]:
    """Give every field in order: its number, and its value as a number or as bytes."""
    at, size = 0, len(data)
    while at < size:
        tag, at = number(data, at)
        kind, name = tag & 7, tag >> 3
        if name == 0:
            raise Damaged
        if kind == 0:
            value, at = number(data, at)
            yield name, value
            continue
        if kind == 2:
            length, at = number(data, at)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise Damaged
        if at + length > size:
            raise Damaged
        yield name, bytes(data[at : at + length])
        at += length


def number(data: bytes | memoryview, at: int) -> tuple[int, int]:
    """Read a varint: the number, and where it ends."""
    value = 0
    for shift in range(_LONGEST):
        if at >= len(data):
            raise Damaged
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
    raise Damaged
