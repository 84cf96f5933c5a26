"""Files hidden in the text of a message by uuencode (``begin 644 name`` ... ``end``)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

_BEGIN = re.compile(rb"(?m)^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n")


@dataclass(frozen=True, slots=True)
class Hidden:
    """One file found in a text."""

    name: str
    data: bytes
    broken: bool = False  # its own size or check sum says that bytes are missing


def uuencoded(text: bytes) -> Iterator[Hidden]:
    """Give every complete uuencoded file; text that only looks like one gives nothing."""
    if b"begin" not in text:
        return
    position = 0
    while match := _BEGIN.search(text, position):
        position = match.end()
        stop = re.compile(rb"(?m)^end[ \t]*\r?$").search(text, position)
        if stop is None:
            return
        data = bytearray()
        try:
            for line in text[position : stop.start()].splitlines():
                if line.strip() in (b"", b"`"):
                    continue
                data += binascii.a2b_uu(line)
        except binascii.Error:
            continue
        position = stop.end()
        if data:
            yield Hidden(match[1].decode("utf-8", "replace").strip(), bytes(data))
