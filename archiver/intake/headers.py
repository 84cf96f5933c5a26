"""The header block of a message or part: where it ends, its fields, addresses, dates, ids."""

from __future__ import annotations

import base64
import binascii
import inspect
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import getaddresses, parsedate_tz
from functools import lru_cache

from archiver.findings import Finding, Severity
from archiver.intake.encoded_words import header_text, unfold
from archiver.intake.protocol import Limits
from archiver.model import Address

_FIELD = re.compile(
    rb"([!-9;-~]{1,200})[ \t]*:[ \t]*([^\r\n]*(?:\r*\n[ \t][^\r\n]*)*)(?:\r*\n|\r?\Z)"
)
_BLANK = re.compile(rb"[ \t]*\r*\n|\Z")
_SHORT = (
    2_000  # bytes of a field that `_SIMPLE` looks at: of a long one it would scan parts many times
)
_SIMPLE = re.compile(
    rb'\s*(?:"?([^"<>@,;:()\\\r\n]*?)"?\s*<([^<>\s,;]+@[^<>\s,;]+)>|([^<>\s,;"()]+@[^<>\s,;"()]+))\s*'
)
# One entry of a list as nearly all programs write it; anything else goes to the library. No part of
# it is scanned twice.
_ENTRY = re.compile(
    rb'[ \t]*+(?:(?:"([^"\\\r\n]*)"[ \t]*+|([^"<>@,:;()\[\]\\\x00-\x08\x0a-\x1f]*))'
    rb"<([\w!#$%&'*+/=^`{|}~.-]+@[A-Za-z0-9.-]+)>|([\w!#$%&'*+/=^`{|}~.-]+@[A-Za-z0-9.-]+))"
    rb"[ \t]*(?:,|\Z)"
)
# Newer Pythons drop a whole list when one entry is malformed, unless told not to.
_LENIENT = {"strict": False} if "strict" in inspect.signature(getaddresses).parameters else {}
_REMEMBERED = 200  # bytes of an address field that is kept to be recognised again
_ADDRESS = re.compile(r"[^<>\s,;:\"()]{1,64}@[^<>\s,;:\"()]{1,255}")
_IDS = re.compile(r"<[^<>\s]{1,900}>")
_GMT_OFFSET = re.compile(r"\b(?:GMT|UTC)([+-])(\d{1,2}):?(\d{2})?\b")
_MONTHS = dict(
    zip(re.findall("...", "JanFebMarAprMayJunJulAugSepOctNovDec"), range(1, 13), strict=True)
)
_USUAL_DATE = re.compile(
    r"(?:[A-Z][a-z]{2}, )?([0-3]?[0-9]) ("
    + "|".join(_MONTHS)
    + r") ([12][0-9]{3}) ((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])"
    r" (?!-0000)([+-](?:[01][0-9]|2[0-3])[0-5][0-9])(?: \([A-Z]{1,5}\))?"
)
_ZONE = re.compile(r"[+-]\d{4}\b|\b(?:UT|UTC|GMT|Z|[ECMP][SD]T)\b")
_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(
    r"(?:^|;)\s*(dkim|spf|dmarc|arc|auth|iprev|compauth)\s*=\s*([a-z]{1,20})", re.IGNORECASE
)
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
        if position >= stop:
            findings.append(Finding("mail.kop_te_groot"))
            break
        match = _FIELD.match(raw, position, stop)
        if match is None:
            blank = _BLANK.match(raw, position, end)
            if blank is not None:
                position = blank.end()
            else:
                findings.append(Finding("mail.kop_stuk"))
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
    if len(values) == 1:
        return _field(values[0])
    return tuple(address for raw in values for address in _field(raw))


def _field(raw: bytes) -> tuple[Address, ...]:
    # The same few correspondents fill a mailbox. What is remembered is bounded in number and size.
    return _remembered_field(raw) if len(raw) <= _REMEMBERED else _read_field(raw)


def _read_field(raw: bytes) -> tuple[Address, ...]:
    value = unfold(raw).strip()
    simple = _SIMPLE.fullmatch(value) if len(value) <= _SHORT else None
    if simple is not None:
        name = header_text(simple[1]) if simple[1] else None
        return (Address(name or None, header_text(simple[2] or simple[3])),)
    plain = _plain_list(value)
    if plain is not None:
        return plain
    found: list[Address] = []
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


_remembered_field = lru_cache(maxsize=2_048)(_read_field)


def _plain_list(value: bytes) -> tuple[Address, ...] | None:
    """Read a list without groups, comments and escapes as the library would, else give None."""
    found: list[Address] = []
    position = 0
    while position < len(value):
        match = _ENTRY.match(value, position)
        if match is None:
            return None
        quoted, words, in_brackets, bare = match.groups()
        label = b" ".join(words.split()) if words else quoted or b""
        found.append(_entry(label, in_brackets or bare))
        position = match.end()
    return tuple(found)


def _entry(label: bytes, address: bytes) -> Address:
    if len(label) + len(address) <= _REMEMBERED:
        return _remembered_entry(label, address)
    return _read_entry(label, address)


def _read_entry(label: bytes, address: bytes) -> Address:
    return Address(header_text(label).strip() or None, address.decode("ascii"))


_remembered_entry = lru_cache(maxsize=4_096)(_read_entry)


def _split_addresses(text: str) -> list[tuple[str, str]]:
    try:
        return getaddresses([text], **_LENIENT)
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


def thread_index(raw: bytes | None) -> str | None:
    """Give the value of a Thread-Index field as hex; None when it is absent or no base64."""
    if raw is None:
        return None
    try:
        return base64.b64decode(b"".join(raw.split()), validate=True).hex() or None
    except (binascii.Error, ValueError):
        return None


def date(raw: bytes | None) -> tuple[str | None, Finding | None]:
    """Give the date in ISO 8601 with the sender's offset, and a finding when it is not whole.

    Without a zone the result has no offset; what cannot be read gives None. -0000 is UTC, with the
    zone of the sender unknown (RFC 5322 section 3.3).
    """
    if raw is None:
        return None, Finding("mail.datum_ontbreekt")
    text = header_text(raw)
    usual = _USUAL_DATE.fullmatch(text)
    if usual is not None and (found := _usual_date(usual)) is not None:
        return found, None
    text = _GMT_OFFSET.sub(_as_offset, text).replace(" at ", " ")
    try:
        parts = parsedate_tz(text)
        if parts is None:
            return None, Finding("mail.datum_onleesbaar")
        year, month, day, hour, minute, second = parts[:6]
        moment = datetime(year, month, day, hour, minute, min(second, 59))
        if 2050 <= year < 2069 and str(year) not in text:
            # Of two digits the library makes 1969-2068, RFC 5322 section 4.3 1950-2049.
            moment = moment.replace(year=year - 100)
        if "-0000" in text:
            utc = moment.replace(tzinfo=UTC).isoformat()
            return utc, Finding("mail.tijdzone_utc", severity=Severity.INFO)
        if parts[9] is None or not _ZONE.search(text.upper()):
            return moment.isoformat(), Finding("mail.tijdzone_ontbreekt")
        zone = timezone(timedelta(seconds=parts[9]))
        return moment.replace(tzinfo=zone).isoformat(), None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None, Finding("mail.datum_onleesbaar")


def _as_offset(match: re.Match[str]) -> str:
    """Write ``GMT+1``, as Apple's mail does, in the form of RFC 5322: ``+0100``."""
    return f"{match[1]}{int(match[2]):02}{match[3] or '00'}"


def _usual_date(match: re.Match[str]) -> str | None:
    """Give the date that nearly all mail has, without the library; None when it does not exist."""
    day, month, year, clock, zone = match.groups()
    number = _MONTHS[month]
    if (int(day) > 28 and int(day) > monthrange(int(year), number)[1]) or day in ("0", "00"):
        return None
    return f"{year}-{number:02}-{day:0>2}T{clock}{zone[:3]}:{zone[3:]}"


def received(fields: Fields) -> str | None:
    """Give the time of the topmost Received field: when the last server took the message."""
    raw = fields.first(b"received")
    if raw is None or b";" not in raw:
        return None
    return date(raw.rsplit(b";", 1)[1])[0]


def authentication(raw: bytes | None) -> str | None:
    """Give what the receiving server claims of DKIM, SPF and the like: "mx.example: dkim=pass".

    Of Authentication-Results (RFC 8601), the topmost field. It is a claim: nothing is checked, and a sender
    can write such a field too.
    """
    if raw is None:
        return None
    text = _COMMENT.sub("", header_text(raw))
    server, _, rest = text.partition(";")
    if "=" in server:  # Microsoft leaves the name of the server out
        server, rest = "", text
    results = " ".join(f"{m[1].lower()}={m[2].lower()}" for m in _RESULT.finditer(rest[:4_096]))
    words = server.split()
    return f"{words[0][:80]}: {results}" if words and results else results or None
