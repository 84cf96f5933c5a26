"""Write an .eml for a message that its container keeps as loose properties (.pst, .ost, .olm).

The same properties give the same bytes, always: no clock, no random boundary. Texts and files are base64,
so that they keep every byte. RFC 5322, 2045, 2047, 2231. The result is a derivative: the container is the
original.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from archiver.intake.attached import kind_of
from archiver.intake.compound import MAGIC as COMPOUND
from archiver.intake.parts import NOTHING, Encoded
from archiver.model import Address

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_PLAIN_WORD = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~. -]*")
_SAFE_NAME = re.compile(r"[A-Za-z0-9 ._()+-]{1,100}")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,80}/[A-Za-z0-9!#$&^_.+-]{1,80}")
_WIDTH = 76  # of a line of base64 (RFC 2045)
_LINES = struct.Struct(f"{_WIDTH}s" * 64 + "0s")  # the last one makes `join` end with a line end
_AT_ONCE = _LINES.size // 4 * 3  # bytes that make these lines
_FIELD = re.compile(r"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
_LINE_END = re.compile(r"\r\n|\n|\r")
_NOT_IN_ADDRESS = re.compile(r"[\s<>,;]")
_OURS = frozenset(("mime-version", "content-length"))
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True, slots=True)
class Piece:
    """An attachment: `data` are its bytes; `is_message` says that they are a message to be read further.

    `media_type` may be anything a container says; what is no media type becomes octet-stream.
    """

    data: bytes
    name: str | None = None
    media_type: str = "application/octet-stream"
    content_id: str | None = None
    inline: bool = False
    is_message: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """The message to write. `kept` is the header as it once travelled, `fields` are added to it when absent.

    `entity` is a complete MIME entity (a clear-signed body) that takes the place of texts and pieces.
    """

    fields: Sequence[tuple[str, str]]
    kept: str = ""
    plain: str | None = None
    html: tuple[bytes, str] | None = None  # bytes and charset
    pieces: Sequence[Piece] = ()
    entity: bytes | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """A message as written. `encoded` says where base64 stands in `raw`, and of which bytes it is.

    Who reads the message then need not decode what was encoded a moment ago.
    """

    raw: bytes
    encoded: Encoded


@dataclass(frozen=True, slots=True)
class _Base64:
    """Bytes that are to be written as base64."""

    data: bytes


_Text = list[bytes | _Base64]


def compose(draft: Draft) -> Derived:
    """Write the message; CRLF line ends."""
    lines, present = _kept_fields(draft.kept)
    for name, value in draft.fields:
        if name.lower() not in present and value:
            lines.append(f"{name}: {value}")
    head = "\r\n".join([*lines, "MIME-Version: 1.0"]).encode("utf-8", "replace") + b"\r\n"
    if draft.entity is not None:
        return Derived(head + draft.entity, NOTHING)
    out = BytesIO()  # holds a large attachment once, where a list to be joined would hold it twice
    out.write(head)
    encoded: dict[tuple[int, int], bytes] = {}
    for piece in _body(draft):
        if isinstance(piece, _Base64):
            start = out.tell()
            _write_base64(out, piece.data)
            encoded[start, out.tell()] = piece.data
        else:
            out.write(piece)
    return Derived(out.getvalue(), encoded)


def address_field(addresses: Sequence[Address]) -> str:
    """Write addresses for a header; one without e-mail address keeps its name and has ``<>``."""
    written = []
    for one in addresses:
        name = clean(one.name or "")
        address = _NOT_IN_ADDRESS.sub("", one.address or "")
        if not name:
            written.append(f"<{address}>")
        elif name.isascii() and _PLAIN_WORD.fullmatch(name) and "=?" not in name:
            written.append(f'"{name}" <{address}>')
        else:
            written.append(f"{encoded(name)} <{address}>")
    return ",\r\n ".join(written)


def text_field(value: str) -> str:
    """Write free text for a header; encoded where it must be."""
    value = clean(value)
    if value.isascii() and "=?" not in value and len(value) <= 900:
        return value
    return encoded(value)


def date_field(moment: datetime) -> str:
    """Write a date in UTC, as a container keeps it: the zone of the sender is not in it."""
    moment = moment.astimezone(UTC)
    return (
        f"{_DAYS[moment.weekday()]}, {moment.day:02d} {_MONTHS[moment.month - 1]} {moment.year:04d}"
        f" {moment.hour:02d}:{moment.minute:02d}:{moment.second:02d} +0000"
    )


def media_type_of(name: str | None, said: str | None, data: bytes) -> str:
    """Give the media type of an attachment: what the container says, or mail for what clearly is mail."""
    kind = kind_of(name, said or "", data)
    if kind == "message" and not data.startswith(COMPOUND):
        return "message/rfc822"
    return said or "application/octet-stream"


def clean(value: str) -> str:
    """Take out line ends and control characters: a property must not become a header of its own."""
    return _CONTROL.sub(" ", value).strip()


def encoded(value: str) -> str:
    """Write text as encoded words of RFC 2047, folded."""
    words, current = [], b""
    for character in value:
        one = character.encode("utf-8", "replace")
        if len(current) + len(one) > 45:
            words.append(current)
            current = b""
        current += one
    words.append(current)
    return "\r\n ".join(
        f"=?utf-8?B?{binascii.b2a_base64(w, newline=False).decode()}?=" for w in words
    )


def _kept_fields(kept: str) -> tuple[list[str], set[str]]:
    """Give the header lines that stay and the names that are present, lower case."""
    lines: list[str] = []
    present: set[str] = set()
    for raw in _LINE_END.split(kept.lstrip("\r\n")):
        if not raw.strip():
            if lines:
                break
            continue
        line = raw.replace("\0", "")
        if raw[0] in " \t":
            if lines:
                lines.append(line)
            continue
        match = _FIELD.fullmatch(line)
        if match is None:
            # Such as "Microsoft Mail Internet Headers Version 2.0" on top.
            lines.append(f"X-Original-Line: {line}")
            continue
        name = match[1].lower()
        if name in _OURS or name.startswith("content-"):
            lines.append(f"X-Original-{match[1]}:{match[2]}")
        else:
            present.add(name)
            lines.append(line)
    return lines, present


def _body(draft: Draft) -> _Text:
    """Give the body in pieces, so that large attachments are copied together once."""
    texts: list[_Text] = []
    if draft.plain is not None:
        texts.append(_leaf("text/plain; charset=utf-8", draft.plain.encode("utf-8", "replace")))
    if draft.html is not None:
        data, charset = draft.html
        texts.append(_leaf(f"text/html; charset={charset}", data))
    root = _root(draft)
    body = (
        _multipart("alternative", texts, f"{root}1")
        if len(texts) > 1
        else [p for t in texts for p in t]
    )
    shown = [p for p in draft.pieces if p.inline and p.content_id] if draft.html else []
    if shown:
        body = _multipart("related", [body, *map(_piece, shown)], f"{root}2")
    others = [p for p in draft.pieces if p not in shown] if shown else list(draft.pieces)
    parts = [body] if body else []
    parts += map(_piece, others)
    if not parts:
        return _leaf("text/plain; charset=utf-8", b"")
    return parts[0] if len(parts) == 1 and not others else _multipart("mixed", parts, f"{root}3")


def _root(draft: Draft) -> str:
    """Make a boundary that depends on the content only and stands nowhere inside it.

    What is base64 cannot hold a boundary, so of files the size will do; an attached message could, so all
    of it counts: its own boundaries are then different ones.
    """
    digest = hashlib.sha256((draft.plain or "").encode("utf-8", "replace"))
    for piece in draft.pieces:
        digest.update(len(piece.data).to_bytes(8, "little"))
        if piece.is_message:
            digest.update(piece.data)
    return f"=_{digest.hexdigest()[:40]}_"


def _multipart(kind: str, parts: Sequence[_Text], boundary: str) -> _Text:
    line = f"--{boundary}".encode()
    pieces: _Text = [f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode()]
    for part in parts:
        pieces += (line, b"\r\n", *part, b"\r\n")
    return [*pieces, line, b"--\r\n"]


def _piece(piece: Piece) -> _Text:
    name = _parameter("name", piece.name)
    disposition = "inline" if piece.inline else "attachment"
    extra = f"\r\nContent-Disposition: {disposition}{_parameter('filename', piece.name)}"
    if piece.content_id:
        extra += f"\r\nContent-ID: <{re.sub(r'[<> ]', '', clean(piece.content_id))}>"
    if piece.is_message:
        head = (
            f"Content-Type: message/rfc822{name}{extra}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        )
        return [head.encode("utf-8", "replace"), piece.data]
    media_type = piece.media_type if _MEDIA_TYPE.fullmatch(piece.media_type) else ""
    if not media_type or media_type.lower().startswith("multipart/"):
        media_type = "application/octet-stream"
    return _leaf(f"{media_type}{name}{extra}", piece.data)


def _parameter(key: str, value: str | None) -> str:
    if not value:
        return ""
    if _SAFE_NAME.fullmatch(value):
        return f';\r\n {key}="{value}"'
    escaped = "".join(
        chr(b) if 48 <= b <= 57 or 65 <= b <= 90 or 97 <= b <= 122 else f"%{b:02X}"
        for b in value.encode("utf-8", "replace")
    )
    return f";\r\n {key}*=utf-8''{escaped}"


def _leaf(content_type: str, data: bytes) -> _Text:
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return [head.encode("utf-8", "replace"), _Base64(data)]


def _write_base64(out: BytesIO, data: bytes) -> None:
    """Write base64 in lines, many lines at a time; no line end after the last."""
    view = memoryview(data)
    rest = max(len(data) - 1, 0) // _AT_ONCE * _AT_ONCE
    for start in range(0, rest, _AT_ONCE):
        text = binascii.b2a_base64(view[start : start + _AT_ONCE], newline=False)
        out.write(b"\r\n".join(_LINES.unpack(text)))
    text = binascii.b2a_base64(view[rest:], newline=False)
    out.write(b"\r\n".join([text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]))
