"""The parts of a message over its raw bytes: which there are, where they stand, what their headers say.

Iterative throughout: hostile nesting costs a limit, not the stack. Parts have an address: "1", "2.1" count
the children of multiparts; a message without multipart has the single part "1". Follows RFC 2045-2049, 2183,
2231, and what mail programs really write.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from archiver.findings import Finding, Severity
from archiver.intake import headers
from archiver.intake.encoded_words import header_text, loose_base64, parameters
from archiver.intake.protocol import Limits
from archiver.intake.uuencode import uuencoded

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")
_AFTER_MARKER = re.compile(rb"(?m)(--)?[ \t]*\r*$")
_LF = 0x0A
# "This is a multi-part message in MIME format." and its kin, for programs that know no MIME.
_CUSTOMARY = re.compile(rb"(?i)\bMIME\b|multi-?part|mime-?(?:aware|compliant|capable)|OpenPGP")
_DEFAULT = Limits()
Encoded = Mapping[tuple[int, int], bytes]  # start and end of base64 in a message -> its bytes
NOTHING: Encoded = MappingProxyType({})
# Other text (enriched, calendar, a script) is no text for a reader, so it is shown as an attachment.
_TEXT = frozenset({"text/plain", "text/html", "text"})
KINDS = {
    "message/rfc822": "message",
    "message/global": "message",
    "application/pkcs7-signature": "signature",
    "application/x-pkcs7-signature": "signature",
    "application/pgp-signature": "signature",
    "text/calendar": "calendar",
    "application/ms-tnef": "tnef",
    "application/vnd.ms-tnef": "tnef",
    "message/delivery-status": "report",
    "message/disposition-notification": "report",
    "message/feedback-report": "report",
}


@dataclass(slots=True)
class Part:
    """One leaf or attached message: where its encoded bytes stand and what its header says."""

    address: str
    start: int
    end: int
    media_type: str
    params: Mapping[str, str]
    disposition: str
    name: str | None
    encoding: str
    content_id: str | None
    in_related: bool

    @property
    def kind(self) -> str:
        """Say what the part is to a reader: file, message, signature, calendar, tnef or report."""
        return KINDS.get(self.media_type, "file")

    def decoded(self, raw: bytes, encoded: Encoded = NOTHING) -> tuple[bytes, bool]:
        """Give the decoded bytes, and whether the encoding was broken.

        `encoded` is what whoever wrote the message as base64 knows already.
        """
        known = encoded.get((self.start, self.end)) if self.encoding == "base64" else None
        if known is not None:
            return known, False
        return _decode_transfer(raw[self.start : self.end], self.encoding)


@dataclass(slots=True)
class Structure:
    """All leaves of one message, in order, with what was noticed on the way.

    `outside` are the byte ranges before the first and after the last part of a multipart: mail
    programs do not show them, so a text that hides there is said.
    """

    fields: headers.Fields
    leaves: list[Part]
    parts: int
    signed: str | None = None
    encrypted: str | None = None
    findings: list[Finding] = field(default_factory=list)
    outside: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Pieces:
    """The parts of a multipart; `before` is where the first delimiter starts, `after` where the last ends."""

    parts: list[tuple[int, int]]
    before: int
    after: int
    closed: bool


def structure(raw: bytes, limits: Limits = _DEFAULT) -> Structure:
    """Find every leaf of a message by walking its multiparts with a stack of our own."""
    start = headers.skip_envelope(raw)
    fields = headers.read_fields(raw, start, len(raw), limits)
    found = Structure(fields, [], 0, findings=list(fields.findings))
    # (fields, body start, body end, address, depth, default type, inside multipart/related)
    todo: list[tuple[headers.Fields, int, int, str, int, str, bool]] = [
        (fields, fields.end, len(raw), "", 0, "text/plain", False)
    ]
    while todo:
        block, start, end, address, depth, default, related = todo.pop()
        found.parts += 1
        if found.parts > limits.parts:
            found.findings.append(Finding("mail.te_veel_delen", {"grens": limits.parts}))
            break
        raw_type = block.first(b"content-type")
        media_type, params = parameters(raw_type) if raw_type else (default, {})
        if "/" not in media_type:
            media_type = default
        _note_protection(found, media_type, params)
        boundary = params.get("boundary")
        if media_type.startswith("multipart/") and boundary and depth < limits.depth:
            pieces = split(raw, start, end, boundary)
            if pieces.parts:
                if not pieces.closed:
                    found.findings.append(Finding("mail.grens_ontbreekt"))
                _note_outside(found, raw, start, end, pieces)
                inner = "message/rfc822" if media_type == "multipart/digest" else "text/plain"
                prefix = f"{address}." if address else ""
                inside = related or media_type == "multipart/related"
                children = []
                for number, (piece_start, piece_end) in enumerate(pieces.parts, 1):
                    own = headers.read_fields(raw, piece_start, piece_end, limits)
                    children.append(
                        (
                            own,
                            min(own.end, piece_end),
                            piece_end,
                            f"{prefix}{number}",
                            depth + 1,
                            inner,
                            inside,
                        )
                    )
                todo.extend(reversed(children))
                continue
            found.findings.append(Finding("mail.geen_delen"))
        elif media_type.startswith("multipart/") and depth >= limits.depth:
            found.findings.append(Finding("mail.te_diep", {"grens": limits.depth}))
        found.leaves.append(_leaf(block, start, end, address or "1", media_type, params, related))
    return found


def _leaf(
    block: headers.Fields,
    start: int,
    end: int,
    address: str,
    media_type: str,
    params: Mapping[str, str],
    related: bool,
) -> Part:
    raw_disposition = block.first(b"content-disposition")
    disposition, extra = parameters(raw_disposition) if raw_disposition else ("", {})
    name = extra.get("filename") or params.get("name") or None
    raw_encoding = block.first(b"content-transfer-encoding")
    encoding = ""
    if raw_encoding is not None:
        encoding = raw_encoding.decode("ascii", "replace").strip().split(";")[0].strip().casefold()
    content_id = block.first(b"content-id")
    if media_type.startswith("multipart/"):
        # A multipart without usable boundary: nothing may be lost, so it is kept as one text.
        media_type = "text/plain"
    return Part(
        address,
        start,
        end,
        media_type,
        params,
        disposition,
        name,
        encoding,
        header_text(content_id).strip().strip("<>") or None if content_id else None,
        related,
    )


def is_attachment(leaf: Part) -> bool:
    """Tell whether a leaf is an attachment (DESIGN section 5) and not the text of the message."""
    return bool(leaf.name or leaf.disposition == "attachment" or leaf.media_type not in _TEXT)


def _note_outside(found: Structure, raw: bytes, start: int, end: int, split: _Pieces) -> None:
    """Keep what stands outside the parts; say it unless it is the customary sentence about MIME."""
    for first, last, before in ((start, split.before, True), (split.after, end, False)):
        text = raw[first:last].strip()
        if not text:
            continue
        found.outside.append((first, last))
        if not (before and len(text) < 600 and _CUSTOMARY.search(text)):
            size = len(text)
            finding = Finding("mail.tekst_buiten_delen", {"n": size}, severity=Severity.INFO)
            found.findings.append(finding)


def _note_protection(found: Structure, media_type: str, params: Mapping[str, str]) -> None:
    protocol = params.get("protocol", "").casefold()
    if media_type == "multipart/signed":
        found.signed = found.signed or ("pgp" if "pgp" in protocol else "smime")
    elif media_type == "multipart/encrypted":
        found.encrypted = found.encrypted or "pgp"
    elif media_type in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        if params.get("smime-type", "").casefold() == "signed-data":
            found.signed = found.signed or "smime"
        elif params.get("smime-type", "").casefold() in ("enveloped-data", ""):
            found.encrypted = found.encrypted or "smime"


def split(raw: bytes, start: int, end: int, boundary: str) -> _Pieces:
    """Find the parts of a multipart: their byte ranges, and what stands before and after them."""
    marker = b"--" + boundary.rstrip(" ").encode("utf-8", "replace")
    if raw.find(marker, start, end) < 0:
        marker = b"--" + boundary.encode("latin-1", "replace")
    pieces: list[tuple[int, int]] = []
    opened: int | None = None
    position, before = start, end
    while (found := raw.find(marker, position, end)) >= 0:
        position = found + 1
        if found and raw[found - 1] != _LF:
            continue
        match = _AFTER_MARKER.match(raw, found + len(marker), end)
        if match is None:
            continue
        position = match.end()
        before = min(before, found)
        if opened is not None:
            pieces.append((opened, max(_before_line_end(raw, found), opened)))
            opened = None
        if match[1] is not None:
            return _Pieces(pieces, before, position, True)
        line = raw.find(b"\n", position, end)
        opened = line + 1 if line >= 0 else end
    if opened is not None:
        pieces.append((opened, end))
    return _Pieces(pieces, before, end, False)


def _before_line_end(raw: bytes, position: int) -> int:
    """The line end before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1)."""
    if raw[position - 1 : position] == b"\n":
        position -= 1
        if raw[position - 1 : position] == b"\r":
            position -= 1
    return position


def plain_line_ends(raw: bytes) -> bytes:
    """Let a message of bare CR lines be read like one of LF lines; every offset stays the same."""
    if b"\n" not in raw and b"\r" in raw:
        return raw.replace(b"\r", b"\n")
    return raw


def _decode_transfer(data: bytes, encoding: str) -> tuple[bytes, bool]:
    if encoding == "base64":
        try:
            decoded = binascii.a2b_base64(data)
        except binascii.Error:
            return loose_base64(data), True
        # When every character but line ends was needed for these bytes, none was foreign; counting
        # is many times faster than looking.
        needed = (len(decoded) + 2) // 3 * 4
        whole = len(data) - data.count(b"\n") - data.count(b"\r") == needed
        return decoded, not whole and _NOT_BASE64.search(data) is not None
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data), False
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        hidden = next(iter(uuencoded(data)), None)
        return (hidden.data, False) if hidden is not None else (data, True)
    return data, False
