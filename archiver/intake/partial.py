"""Put the pieces of a message back together (message/partial, RFC 2046 section 5.2.2.1).

The pieces are the originals and stay as they are; the result is a derivative that can be made again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archiver.errors import InputRefused
from archiver.intake import headers
from archiver.intake.parts import structure
from archiver.intake.protocol import Limits

# Fields of the message inside; those of the piece itself describe only the piece.
_OF_THE_MESSAGE = (b"content-", b"subject", b"message-id", b"encrypted", b"mime-version")
_FIELD = re.compile(rb"(?m)^([!-9;-~]+)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*(?:\n|\Z)")


def body_of(raw: bytes, limits: Limits) -> bytes:
    """Give what a piece carries of the message. Raises `InputRefused` when it is no piece."""
    for leaf in structure(raw, limits).leaves:
        if leaf.media_type == "message/partial":
            return leaf.decoded(raw)[0]
    raise InputRefused("mail.geen_stuk")


def join(first: bytes, bodies: Sequence[bytes], limits: Limits) -> bytes:
    """Give the whole message from the first piece and what each piece carries, in order.

    The header is that of the first piece without what describes the piece, and from the header inside
    what describes the message.
    """
    outer = _fields(first, limits)
    inner = _fields(bodies[0], limits)
    kept = [field for name, field in outer if not name.startswith(_OF_THE_MESSAGE)]
    kept += [field for name, field in inner if name.startswith(_OF_THE_MESSAGE)]
    rest = bodies[0][headers.read_fields(bodies[0], 0, len(bodies[0]), limits).end :]
    end = b"\r\n" if b"\r\n" in first else b"\n"
    return b"".join((*kept, end, rest, *bodies[1:]))


def _fields(raw: bytes, limits: Limits) -> list[tuple[bytes, bytes]]:
    """Give the fields of a header as (name in lower case, the field with its line end)."""
    start = headers.skip_envelope(raw)
    head = raw[start : headers.read_fields(raw, start, len(raw), limits).end]
    end = b"\r\n" if b"\r\n" in head else b"\n"
    return [(m[1].lower(), m[0].rstrip(b"\r\n") + end) for m in _FIELD.finditer(head)]
