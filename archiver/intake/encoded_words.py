"""RFC 2047 encoded words and RFC 2231 parameters, decoded from the raw bytes of a header."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from archiver.intake.charsets import decode

_WORD = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(rb"[ \t\r\n]*")
# A continuation line of white space only adds nothing (RFC 5322 section 4.2 allows it, no more).
_FOLD = re.compile(rb"(?:\r?\n[ \t]+(?=\r?\n|\Z))|\r?\n(?=[ \t])")
_HEAD_END = re.compile(rb";|(?<=\S)\s+(?=[^=;\s]{1,100}=)")
# A forgotten semicolon is common: white space before ``name=`` separates too. No run is scanned twice.
_PARAMETER = re.compile(
    rb'(?:;\s*|(?<![\s;])\s+)([^=;\s]{1,100})\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL
)
# One quoted parameter, such as the boundary that is another one in every message.
_ONE_PARAMETER = re.compile(
    rb"([\w/.+-]+);[ \t]*(?:\r?\n[ \t]+)?([\w-]{1,100})=\"([\w=+/.:'-]{1,200})\""
)
_CONTINUED = re.compile(r"(.+?)\*(\d{1,4})?(\*)?")


def unfold(raw: bytes) -> bytes:
    """Join the lines of a folded header value; the white space that folded it stays."""
    return _FOLD.sub(b"", raw) if b"\n" in raw else raw


def header_text(raw: bytes) -> str:
    """Decode a header value: encoded words, raw UTF-8 or Windows-1252; folded lines joined."""
    if b"\n" in raw:
        raw = _FOLD.sub(b"", raw)
    raw = raw.lstrip(b" \t\r\n").rstrip(b"\r\n")
    if b"=?" not in raw:
        return raw.decode("ascii") if raw.isascii() else decode(raw, None)[0]
    pieces: list[str] = []
    pending: tuple[str, bytearray] | None = None
    end = 0
    for match in _WORD.finditer(raw):
        between = raw[end : match.start()]
        charset = match[1].split(b"*")[0].decode("ascii", "replace").casefold()
        data = _word_bytes(match[2], match[3])
        adjacent = pending is not None and _BETWEEN.fullmatch(between) is not None
        if adjacent and pending is not None and pending[0] == charset:
            # One character may be split over two words of the same charset.
            pending[1].extend(data)
        else:
            if pending is not None:
                pieces.append(decode(bytes(pending[1]), pending[0])[0])
            if not adjacent:
                pieces.append(_plain(between))
            pending = (charset, bytearray(data))
        end = match.end()
    if pending is not None:
        pieces.append(decode(bytes(pending[1]), pending[0])[0])
    pieces.append(_plain(raw[end:]))
    return "".join(pieces)


def parameters(raw: bytes) -> tuple[str, Mapping[str, str]]:
    """Split ``type/subtype; name=value``: the value in lower case and the decoded parameters.

    Continuations (``name*0*``) and charsets of RFC 2231 are put together; encoded words in quoted
    values are decoded too, because every mail program writes them.
    """
    # A mailbox says "text/plain; charset=utf-8" a hundred thousand times.
    return _remembered(raw) if len(raw) <= 100 else _parameters(raw)


def _parameters(raw: bytes) -> tuple[str, Mapping[str, str]]:
    if (one := _ONE_PARAMETER.fullmatch(raw)) is not None:
        value, name, text = (piece.decode("ascii") for piece in one.groups())
        return value.casefold(), {name.casefold(): text}
    raw = unfold(raw)
    head = raw[: match.start()] if (match := _HEAD_END.search(raw)) else raw
    plain: dict[str, str] = {}
    continued: dict[str, dict[int, tuple[bytes, bool]]] = {}
    for match in _PARAMETER.finditer(raw, len(head)):
        name = match[1].decode("ascii", "replace").casefold()
        value = _unquote(match[2].strip())
        split = _CONTINUED.fullmatch(name) if "*" in name else None
        if split is None:
            plain.setdefault(name, header_text(value))
            continue
        section = int(split[2] or 0)
        continued.setdefault(split[1], {}).setdefault(
            section, (value, split[3] is not None or (split[2] is None))
        )
    for name, sections in continued.items():
        plain[name] = _join(sections)
    return head.strip().decode("ascii", "replace").casefold(), plain


_remembered = lru_cache(maxsize=1_024)(_parameters)


def _join(sections: Mapping[int, tuple[bytes, bool]]) -> str:
    charset: str | None = None
    whole = bytearray()
    for position, number in enumerate(sorted(sections)):
        value, encoded = sections[number]
        if encoded:
            if position == 0 and value.count(b"'") >= 2:
                declared, _, value = value.split(b"'", 2)
                charset = declared.decode("ascii", "replace") or None
            value = unquote_to_bytes(value)
        whole += value
    return decode(bytes(whole), charset)[0]


def _word_bytes(encoding: bytes, data: bytes) -> bytes:
    if encoding in b"qQ":
        return binascii.a2b_qp(data.replace(b"_", b" "), header=False)
    try:
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return loose_base64(data)


def loose_base64(data: bytes) -> bytes:
    """Decode base64 that is broken: foreign characters dropped, a lonely last character dropped."""
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(clean) % 4 == 1:
        clean = clean[:-1]
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def _unquote(value: bytes) -> bytes:
    if value[:1] != b'"':
        return value
    inner = value[1:-1] if len(value) > 1 and value.endswith(b'"') else value[1:]
    return re.sub(rb"\\(.)", rb"\1", inner) if b"\\" in inner else inner


def _plain(raw: bytes) -> str:
    return raw.decode("ascii") if raw.isascii() else decode(raw, None)[0]
