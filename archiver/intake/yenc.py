"""Files hidden in the text of a message by yEnc (``=ybegin`` ... ``=yend``), with their own check sum.

yEnc draft 1.3: every byte plus 42, critical ones behind ``=`` and plus 64. A file in several messages gives
the piece of this message; pieces are not put together, because the others may never come.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from archiver.intake.uuencode import Hidden

_BEGIN = re.compile(
    rb"(?m)^=ybegin(?: [a-z]+=[^\s=]{1,40})* name=([^\r\n]{1,255})\r?\n(?:=ypart [^\r\n]{1,200}\r?\n)?"
)
_END = re.compile(rb"(?m)^=yend([^\r\n]{0,200})\r?$")
_SIZE = re.compile(rb"\bsize=(\d{1,12})\b")
_SUM = re.compile(rb"\bp?crc32=([0-9A-Fa-f]{1,8})\b")
_PLAIN = bytes((value - 42) % 256 for value in range(256))
_ESCAPED = bytes((value - 42 - 64) % 256 for value in range(256))


def yencoded(text: bytes) -> Iterator[Hidden]:
    """Give every file between a begin and an end line; `broken` when size or check sum differ."""
    if b"=ybegin" not in text:
        return
    position = 0
    while match := _BEGIN.search(text, position):
        end = _END.search(text, match.end())
        if end is None:
            return
        position = end.end()
        data = _decoded(text[match.end() : end.start()])
        size, checksum = _SIZE.search(end[1]), _SUM.search(end[1])
        broken = size is not None and int(size[1]) != len(data)
        if checksum is not None:
            broken = broken or int(checksum[1], 16) != zlib.crc32(data)
        yield Hidden(match[1].decode("utf-8", "replace").strip().strip('"'), data, broken)


def _decoded(lines: bytes) -> bytes:
    first, *rest = lines.replace(b"\r", b"").replace(b"\n", b"").split(b"=")
    pieces = [first.translate(_PLAIN)]
    for piece in rest:
        pieces += [piece[:1].translate(_ESCAPED), piece[1:].translate(_PLAIN)]
    return b"".join(pieces)
