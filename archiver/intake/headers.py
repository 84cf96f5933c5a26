"""The header block of a message or part: where it ends, its fields, addresses, dates, ids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import getaddresses, parsedate_tz

from archiver.findings import Finding, Severity
from archiver.intake.encoded_words import header_text, unfold
from archiver.intake.protocol import Limits
from archiver.model import Address

_FIELD = re.compile(
    rb"([!-9;-~]{1,200})[ \t]*:[ \t]*([^\r\n]*(?:\r*\n[ \t][^\r\n]*)*)(?:\r*\n|\r?\Z)"
)
_BLANK = re.compile(rb"[ \t]*\r*\n|\Z")
_SIMPLE = re.compile(
    rb'\s*(?:"?([^"<>@,;:()\\\r\n]*?)"?\s*<([^<>\s,;]+@[^<>\s,;]+)>|([^<>\s,;"()]+@[^<>\s,;"()]+))\s*'
)
_ADDRESS = re.compile(r"[^<>\s,;:\"()]{1,64}@[^<>\s,;:\"()]{1,255}")
_IDS = re.compile(r"<[^<>\s]{1,900}>")
_GMT_OFFSET = re.compile(r"\b(?:GMT|UTC)([+-])(\d{1,2}):?(\d{2})?\b")
_ZONE = re.compile(r"[+-]\d{4}\b|\b(?:UT|UTC|GMT|Z|[ECMP][SD]T)\b")
# Fields by which a header is recognised.
KNOWN_FIELDS = frozenset(
    b"from to cc bcc subject date message-id received return-path mime-version content-type reply-to sender"
    b" delivered-to in-reply-to references content-transfer-encoding x-mailer dkim-signature"
    b" authentication-results x-received list-unsubscribe x-sender x-priority importance status".split()
)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one header block, in order, names in lower case, values as raw bytes.

    `end` is where the body starts.
    """

    pairs: tuple[tuple[bytes, bytes], ...]
    end: int
    findings: tuple[Finding, ...] = ()

    def first(self, name: bytes) -> bytes | None:
        """Give the first value of a field."""
        for key, value in self.pairs:
            if key == name:
                return value
        return None

    def every(self, name: bytes) -> list[bytes]:
        """Give every value of a field."""
        return [value for key, value in self.pairs if key == name]


def read_fields(raw: bytes, start: int, end: int, limits: Limits) -> Fields:
    """Read the header block at `start`. A line that is no field ends the block (RFC 5322 lenient)."""
    pairs: list[tuple[bytes, bytes]] = []
    findings: list[Finding] = []
    position = start
    stop = min(end, start + limits.header_bytes)
    while position < end:
        match = _FIELD.match(raw, position, stop)
        if match is None:
            blank = _BLANK.match(raw, position, end)
            if blank is not None:
                position = blank.end()
            elif stop < end and stop - position < 100_000 and position + 1 >= stop:
                findings.append(Finding("mail.kop_te_groot", severity=Severity.LET_OP))
            else:
                code = "mail.kop_te_groot" if stop < end and position >= stop else "mail.kop_stuk"
                findings.append(Finding(code))
            break
        if len(pairs) >= limits.header_fields:
            findings.append(Finding("mail.te_veel_kopregels", {"grens": limits.header_fields}))
            break
        pairs.append((match[1].lower(), match[2]))
        position = match.end()
    return Fields(tuple(pairs), position, tuple(findings))


def all_headers(raw: bytes) -> tuple[tuple[str, str], ...]:
    """Give every field of a message, decoded, in order; names as the message writes them."""
    found: list[tuple[str, str]] = []
    position = skip_envelope(raw)
    while match := _FIELD.match(raw, position):
        found.append((match[1].decode("ascii", "replace"), header_text(match[2])))
        position = match.end()
    return tuple(found)


def skip_envelope(raw: bytes) -> int:
    """Give where the header starts: after a BOM, empty lines and an mbox line ``From ``."""
    position = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    while raw[position : position + 1] in (b"\n", b"\r"):
        position += 1
    if raw.startswith((b"From ", b">From "), position):
        line = raw.find(b"\n", position)
        position = line + 1 if line >= 0 else position
    return position


def addresses(values: list[bytes]) -> tuple[Address, ...]:
    """Read address fields; groups are opened, comments and quotes understood."""
    found: list[Address] = []
    for raw in values:
        value = unfold(raw).strip()
        simple = _SIMPLE.fullmatch(value)
        if simple is not None:
            name = header_text(simple[1]) if simple[1] else None
            found.append(Address(name or None, header_text(simple[2] or simple[3])))
            continue
        # The library splits on characters; encoded words are decoded after it split.
        for name_text, address in _split_addresses(value.decode("latin-1")):
            name = header_text(name_text.encode("latin-1", "replace")).strip()
            decoded = header_text(address.encode("latin-1", "replace")).strip()
            if decoded and not name and "@" not in decoded:
                # A bare word (an alias, a name without address) is what people read as a name.
                name, decoded = decoded, ""
            if name or decoded:
                found.append(Address(name or None, decoded or None))
    return tuple(found)


def _split_addresses(text: str) -> list[tuple[str, str]]:
    try:
        return getaddresses([text])
    except (RecursionError, IndexError):
        # Hostile nesting of groups or comments: take whatever looks like an address.
        return [("", found) for found in _ADDRESS.findall(text)]


def message_id(raw: bytes | None) -> str | None:
    """Give a Message-ID as it stands, brackets included; None when it is absent or empty."""
    if raw is None:
        return None
    text = header_text(raw).strip()
    ids = _IDS.findall(text)
    return ids[0] if ids else text or None


def message_ids(values: list[bytes]) -> tuple[str, ...]:
    """Give all ids of References, in order, each once."""
    found: dict[str, None] = {}
    for raw in values:
        for one in _IDS.findall(header_text(raw)):
            found.setdefault(one)
    return tuple(found)


def date(raw: bytes | None) -> tuple[str | None, Finding | None]:
    """Give the date in ISO 8601 with the sender's offset, and a finding when it is not whole.

    Without a zone (or with -0000) the result has no offset; what cannot be read gives None.
    """
    if raw is None:
        return None, Finding("mail.datum_ontbreekt")
    text = _GMT_OFFSET.sub(_as_offset, header_text(raw)).replace(" at ", " ")
    try:
        parts = parsedate_tz(text)
        if parts is None:
            return None, Finding("mail.datum_onleesbaar")
        year, month, day, hour, minute, second = parts[:6]
        moment = datetime(year, month, day, hour, minute, min(second, 59))
        if parts[9] is None or "-0000" in text or not _ZONE.search(text.upper()):
            return moment.isoformat(), Finding("mail.tijdzone_ontbreekt")
        zone = timezone(timedelta(seconds=parts[9]))
        return moment.replace(tzinfo=zone).isoformat(), None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None, Finding("mail.datum_onleesbaar")


def _as_offset(match: re.Match[str]) -> str:
    """Write ``GMT+1``, as Apple's mail does, in the form of RFC 5322: ``+0100``."""
    return f"{match[1]}{int(match[2]):02}{match[3] or '00'}"


def received(fields: Fields) -> str | None:
    """Give the time of the topmost Received field: when the last server took the message."""
    raw = fields.first(b"received")
    if raw is None or b";" not in raw:
        return None
    return date(raw.rsplit(b";", 1)[1])[0]
