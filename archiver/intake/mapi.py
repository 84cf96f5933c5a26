"""MAPI properties, as .msg and TNEF both carry them: values, code pages, times, people ([MS-OXPROPS]).

A property has a number and a type; where it is stored is the business of the module that reads the container.
Text is UTF-16 (type 001F) or in a Windows code page (001E) that the message names badly or not at all:
`ansi_codec` says which one fits and whether that is a guess.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from struct import Struct

import chardet

from archiver.intake import headers
from archiver.intake.charsets import codec_for, decode
from archiver.model import Address

INT16, INT32, BOOL, OBJECT, STRING8, UNICODE, TIME, BINARY = (
    *(0x0002, 0x0003, 0x000B, 0x000D, 0x001E, 0x001F, 0x0040, 0x0102),
)
# Numbers of the properties that are read here.
CLASS, SUBJECT, SUBMITTED, CONVERSATION_INDEX, HEADERS = 0x001A, 0x0037, 0x0039, 0x0071, 0x007D
FROM_NAME, FROM_ADDRESS, FROM_SMTP = 0x0042, 0x0065, 0x5D02
SENDER_NAME, SENDER_ADDRESS, SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
DELIVERED, SUBJECT_PREFIX, SUBJECT_REST, FLAGS = 0x0E06, 0x003D, 0x0E1D, 0x0E07
DISPLAY_TO, DISPLAY_CC, DISPLAY_BCC = 0x0E04, 0x0E03, 0x0E02
PLAIN, RTF, HTML, NATIVE_BODY = 0x1000, 0x1009, 0x1013, 0x1016
MESSAGE_ID, REFERENCES, IN_REPLY_TO = 0x1035, 0x1039, 0x1042
START, END, RECIPIENT_TYPE = 0x0060, 0x0061, 0x0C15
DISPLAY_NAME, EMAIL_ADDRESS, SMTP_ADDRESS = 0x3001, 0x3003, 0x39FE
ATTACH_DATA, ATTACH_SHORT, ATTACH_METHOD, ATTACH_LONG = 0x3701, 0x3704, 0x3705, 0x3707
ATTACH_PATH, ATTACH_MIME, ATTACH_CID, ATTACH_FLAGS = 0x370D, 0x370E, 0x3712, 0x3714
TOPIC = 0x0070
MESSAGE_CODEPAGE, INTERNET_CODEPAGE, LOCALE, HIDDEN = 0x3FFD, 0x3FDE, 0x3FF1, 0x7FFE

_SAMPLE = 65_536  # bytes of a text that are looked at to find its code page
CHOSEN = "msg.codepagina_gekozen"  # its parameter tells with which page to read the text again
GUESSED = "msg.codepagina_geraden"

_INT = Struct("<i")
_LONG = Struct("<Q")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_META = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
# Where an item has an Exchange address and the SMTP address of the same person: on whose behalf, sender,
# maker, last one to change it.
_BOTH = ((0x0065, 0x5D02), (0x0C1F, 0x5D01), (0x4023, 0x5D0A), (0x4025, 0x5D0B))
_X500 = re.compile(r"/o=", re.IGNORECASE)
# Windows code page that goes with a code page of the internet.
_FAMILY = {
    **dict.fromkeys((20127, 28591, 28605, 1252), "cp1252"),
    **dict.fromkeys((28592, 1250), "cp1250"),
    **dict.fromkeys((28595, 20866, 21866, 1251), "cp1251"),
    **dict.fromkeys((28597, 1253), "cp1253"),
    **dict.fromkeys((28599, 28593, 1254), "cp1254"),
    **dict.fromkeys((28598, 38598, 1255), "cp1255"),
    **dict.fromkeys((28596, 1256), "cp1256"),
    **dict.fromkeys((28594, 1257), "cp1257"),
    **dict.fromkeys((50220, 50221, 50222, 51932, 932), "cp932"),
    **dict.fromkeys((50225, 51949, 949), "cp949"),
    **dict.fromkeys((50227, 52936, 54936, 936), "gb18030"),
    **{950: "cp950", 874: "cp874", 1258: "cp1258", 65001: "utf-8"},
}
_CHARSET = {
    **{20127: "us-ascii", 28591: "iso-8859-1", 28592: "iso-8859-2", 28595: "iso-8859-5"},
    **{28597: "iso-8859-7", 28599: "iso-8859-9", 28605: "iso-8859-15", 20866: "koi8-r"},
    **{21866: "koi8-u", 50220: "iso-2022-jp", 50221: "iso-2022-jp", 50222: "iso-2022-jp"},
    **{51932: "euc-jp", 50225: "iso-2022-kr", 51949: "euc-kr", 936: "gb18030"},
    **{52936: "hz", 54936: "gb18030", 65001: "utf-8"},
}
# Primary language of a locale (its low ten bits) -> Windows code page.
_LANGUAGE = {
    **{0x11: "cp932", 0x12: "cp949", 0x04: "gb18030", 0x08: "cp1253", 0x1F: "cp1254"},
    **dict.fromkeys((0x19, 0x22, 0x23, 0x02, 0x2F), "cp1251"),
    **dict.fromkeys((0x15, 0x05, 0x0E, 0x18, 0x1B, 0x24, 0x1C), "cp1250"),
    **dict.fromkeys((0x25, 0x26, 0x27), "cp1257"),
    **{0x0D: "cp1255", 0x01: "cp1256", 0x1E: "cp874", 0x2A: "cp1258"},
}
_TRADITIONAL_CHINESE = (0x0404, 0x0C04, 0x1404)


class Properties:
    """The properties of one message, recipient or attachment, read when they are asked for.

    `find` gives type and raw value of a property, or None. `undecodable` counts the characters that
    could not be decoded in what was read so far.
    """

    __slots__ = ("_find", "codec", "undecodable")

    def __init__(
        self, find: Callable[[int], tuple[int, bytes] | None], codec: str = "cp1252"
    ) -> None:
        self._find = find
        self.codec = codec
        self.undecodable = 0

    def raw(self, number: int) -> tuple[int, bytes] | None:
        """Give type and bytes as stored."""
        return self._find(number)

    def text(self, number: int) -> str | None:
        """Give a text without the NUL that old programs leave at its end; None when absent."""
        found = self._find(number)
        if found is None or found[0] not in (UNICODE, STRING8):
            return None
        kind, data = found
        text = data.decode("utf-16-le" if kind == UNICODE else self.codec, "replace")
        if "\ufffd" in text:
            self.undecodable += text.count("\ufffd")
        return text.rstrip("\0")

    def binary(self, number: int) -> bytes | None:
        """Give bytes; None when absent or of another type."""
        found = self._find(number)
        return found[1] if found is not None and found[0] in (BINARY, OBJECT) else None

    def integer(self, number: int) -> int | None:
        """Give a whole number (signed 32 bits) or a truth value as 0 or 1."""
        found = self._find(number)
        if found is None or found[0] not in (INT32, INT16, BOOL) or len(found[1]) < 2:
            return None
        if found[0] == INT32:
            return int(_INT.unpack(found[1][:4].ljust(4, b"\0"))[0])
        return int.from_bytes(found[1][:2], "little", signed=True)

    def time(self, number: int) -> str | None:
        """Give a time as ISO 8601 in UTC; None when absent, zero or beyond the year 4500 ("never")."""
        found = self._find(number)
        if found is None or found[0] != TIME or len(found[1]) < 8:
            return None
        (ticks,) = _LONG.unpack(found[1][:8])
        if ticks == 0 or ticks >= 0x0CB34557A3DD4000:
            return None
        moment = _EPOCH + timedelta(microseconds=ticks // 10)
        return moment.isoformat(timespec="seconds")

    def html(self) -> str | None:
        """Give the HTML body: the code page of the message first, then what the HTML says itself."""
        found = self._find(HTML)
        if found is None:
            return None
        if found[0] in (UNICODE, STRING8):
            return self.text(HTML)
        data = found[1].rstrip(b"\0")
        page = self.integer(INTERNET_CODEPAGE) or 0
        declared = _CHARSET.get(page, f"cp{page}" if page else None)
        codec = codec_for(declared)
        if codec is not None:
            try:
                return data.decode(codec)
            except (UnicodeDecodeError, ValueError):
                pass
        meta = _META.search(data[:4096])
        text, bad = decode(data, meta[1].decode("ascii") if meta else declared)
        self.undecodable += bad
        return text


def ansi_codec(properties: Properties, answer: str | None = None) -> tuple[str, str | None]:
    """Give the codec for the text of type 001E, and the finding that it is `CHOSEN` or `GUESSED`.

    `answer` is the user's choice ("cp932"). A message that says nothing that fits is guessed from the
    bytes of its own text.
    """
    pieces = [
        found[1][:_SAMPLE]
        for number in (SUBJECT, FROM_NAME, SENDER_NAME, DISPLAY_TO, DISPLAY_NAME, PLAIN)
        if (found := properties.raw(number)) is not None and found[0] == STRING8
    ]
    chosen = codec_for(answer)
    if chosen is not None:
        return chosen, CHOSEN if pieces else None
    locale = properties.integer(LOCALE) or 0
    language = "cp950" if locale in _TRADITIONAL_CHINESE else _LANGUAGE.get(locale & 0x3FF, "")
    named = [
        _FAMILY.get(properties.integer(MESSAGE_CODEPAGE) or 0),
        _FAMILY.get(properties.integer(INTERNET_CODEPAGE) or 0),
        language or ("cp1252" if locale else None),
    ]
    # In 1252 almost any bytes make text, so a page that refuses wrong bytes is asked before it.
    candidates = sorted({c: None for c in named if c}, key=lambda c: c.startswith("cp125"))
    for codec in candidates:
        if all(_fits(piece, codec) for piece in pieces):
            return codec, None
    sample = b"\n".join(piece[:4096] for piece in pieces)
    if sample.isascii():
        return "cp1252", None
    guess = codec_for(chardet.detect(sample)["encoding"])
    return (guess if guess and guess != "ascii" else "cp1252"), GUESSED


def _fits(data: bytes, codec: str) -> bool:
    """Tell whether bytes are text in a code page; a character that is cut at the end is no objection."""
    try:
        codecs.getincrementaldecoder(codec)().decode(data)
    except (UnicodeDecodeError, ValueError):
        return False
    return True


def smtp_by_exchange(properties: Properties, table: Iterable[Properties]) -> dict[str, str]:
    """Give which SMTP address goes with which Exchange address, as far as the item says it of anybody.

    Outlook often gives both for a recipient or the maker of the item, and only one for the sender.
    """
    pairs = [(properties.text(x), properties.text(smtp)) for x, smtp in _BOTH]
    pairs += [(row.text(EMAIL_ADDRESS), row.text(SMTP_ADDRESS)) for row in table]
    return {x.casefold(): smtp.strip() for x, smtp in pairs if x and smtp and "@" in smtp}


def sender(
    properties: Properties, fields: headers.Fields | None, known: dict[str, str]
) -> Address | None:
    """Give who the message is from: the From field, else on whose behalf it was sent, else the sender."""
    if fields is not None:
        named = [
            a for a in headers.addresses(fields.every(b"from")) if a.address and "@" in a.address
        ]
        if named:
            name = named[0].name or properties.text(FROM_NAME) or properties.text(SENDER_NAME)
            return Address(name or None, named[0].address)
    for name_id, smtp_id, address_id in (
        (FROM_NAME, FROM_SMTP, FROM_ADDRESS),
        (SENDER_NAME, SENDER_SMTP, SENDER_ADDRESS),
    ):
        name = properties.text(name_id)
        address = _address(properties, smtp_id, address_id, known)
        if name or address:
            return Address(name or None, address)
    return None


def recipients(
    table: Iterable[Properties], fields: headers.Fields | None, known: dict[str, str]
) -> dict[int, tuple[Address, ...]]:
    """Give the recipients by kind (1 to, 2 cc, 3 bcc), from the recipient table, else from the header.

    An Exchange address without SMTP address is looked up in the header by the name of the person.
    """
    in_header = {
        kind: headers.addresses(fields.every(name)) if fields is not None else ()
        for kind, name in ((1, b"to"), (2, b"cc"), (3, b"bcc"))
    }
    by_name = {a.name: a.address for group in in_header.values() for a in group if a.name}
    found: dict[int, list[Address]] = {1: [], 2: [], 3: []}
    for row in table:
        kind = (row.integer(RECIPIENT_TYPE) or 0) & 0xF
        if kind not in found:
            continue  # 0 is the sender in a table that lists him too
        name = row.text(DISPLAY_NAME)
        address = _address(row, SMTP_ADDRESS, EMAIL_ADDRESS, known)
        if (not address or is_x500(address)) and name:
            address = by_name.get(name) or address
        if name or address:
            found[kind].append(Address(name or None, address))
    return {kind: tuple(rows) or in_header[kind] for kind, rows in found.items()}


def is_x500(address: str | None) -> bool:
    """Tell whether this is an address of an Exchange directory that says nothing outside it."""
    return address is not None and _X500.match(address) is not None


def _address(
    properties: Properties, smtp_id: int, address_id: int, known: dict[str, str]
) -> str | None:
    smtp = (properties.text(smtp_id) or "").strip()
    if "@" in smtp:
        return smtp
    address = (properties.text(address_id) or "").strip()
    return known.get(address.casefold(), address) or None


def transport_headers(properties: Properties) -> bytes | None:
    """Give the internet header that the mail came in with, as bytes that the header reader takes."""
    text = properties.text(HEADERS)
    if not text or not text.strip():
        return None
    raw = text.lstrip().encode("utf-8", "replace")
    # Some programs put a line of their own before the first field.
    first = raw.split(b"\n", 1)
    if len(first) == 2 and b":" not in first[0]:
        raw = first[1]
    return raw
