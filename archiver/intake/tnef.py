"""TNEF (winmail.dat): what Outlook packs into one part of a mail ([MS-OXTNEF]).

Alone a file, or the part of kind ``tnef`` of a mail. A part has a number: "1" is the first attachment. An
attached item is TNEF itself (its bytes start after the 16 bytes that say so), an OLE object is a compound
file: both come out with every byte. A count in the file is never believed; reading stops where the
bytes stop.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from struct import Struct

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake import mapi, mapi_message, rtf
from archiver.intake.attached import TNEF as MAGIC
from archiver.intake.attached import calendar_findings, kind_of, read_further
from archiver.intake.body_text import Readable, html_to_text
from archiver.intake.headers import all_headers
from archiver.intake.notices import name_notice
from archiver.intake.protocol import Head, Limits, ParseContext
from archiver.model import Attachment, EmailMessage, Record, Span, Unreadable

FORMAT = "tnef"
_DEFAULT = Limits()
_ATTRIBUTE = Struct("<BII")
_WORD = Struct("<I")
_SHORTS = Struct("<7H")
_MESSAGE_IID = bytes.fromhex("0703020000000000c000000000000046")
_ITEM_METHOD = 5
_OLE_METHOD = 6
# Attributes (low half of their number) and, for texts and times, the property that says the same.
_SUBJECT, _SENT, _RECEIVED, _CLASS, _BODY = 0x8004, 0x8005, 0x8006, 0x8008, 0x800C
_DATA, _TITLE, _START, _PROPERTIES, _PEOPLE, _ATTACHMENT, _CODEPAGE = (
    *(0x800F, 0x8010, 0x9002, 0x9003, 0x9004, 0x9005, 0x9007),
)
_SAME = {
    **{_SUBJECT: mapi.SUBJECT, _CLASS: mapi.CLASS, _BODY: mapi.PLAIN},
    **{_SENT: mapi.SUBMITTED, _RECEIVED: mapi.DELIVERED},
}
# Names of Microsoft Mail that stand in the attribute for the class; the property has the real one.
_OLD_CLASSES = {
    b"IPM.MICROSOFT MAIL.NOTE": b"IPM.Note",
    b"IPM.MICROSOFT MAIL.NON-DELIVERY": b"REPORT.IPM.Note.NDR",
    b"IPM.MICROSOFT MAIL.READ RECEIPT": b"REPORT.IPM.Note.IPNRN",
}
_FIXED = {
    **{mapi.INT16: 2, mapi.BOOL: 2, mapi.INT32: 4, 0x0004: 4, 0x000A: 4, 0x0001: 4},
    **{0x0005: 8, 0x0006: 8, 0x0007: 8, 0x0014: 8, mapi.TIME: 8, 0x0048: 16},
}
_VARIABLE = frozenset({mapi.STRING8, mapi.UNICODE, mapi.BINARY, mapi.OBJECT})
_MANY = 0x1000
_PEOPLE_MOST = 50_000

Values = dict[int, tuple[int, bytes]]


class _Cut(Exception):
    """The bytes ended before the value did."""


@dataclass(slots=True)
class _Part:
    """One attachment as it is collected from its attributes."""

    values: Values = field(default_factory=dict)
    title: bytes | None = None
    data: bytes | None = None


@dataclass(slots=True)
class _File:
    """Everything that one TNEF stream holds."""

    values: Values = field(default_factory=dict)
    names: dict[tuple[str, int], int] = field(default_factory=dict)
    people: list[Values] = field(default_factory=list)
    parts: list[_Part] = field(default_factory=list)
    codepage: int = 0
    damage: set[str] = field(default_factory=set)


def score(head: Head) -> int:
    """Score by the signature, which nothing else starts with."""
    return 95 if head.data.startswith(MAGIC) else 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read the one message of the file; its span is the whole file."""
    if path.stat().st_size > context.limits.message_bytes:
        grens = f"{context.limits.message_bytes // 1_000_000} MB"
        refused = InputRefused("te_groot", {"bestand": path.name, "grens": grens})
        yield Unreadable((refused.as_finding(),))
        return
    raw = path.read_bytes()
    if not raw.startswith(MAGIC):
        params = {"bestand": path.name}
        yield Unreadable((Finding("tnef.onleesbaar", params, severity=Severity.FOUT),))
        return
    yield _read(raw, context.limits, None)


def read_message(
    raw: bytes, *, limits: Limits = _DEFAULT, codepage: str | None = None
) -> EmailMessage:
    """Read TNEF that is a part of a mail. Never raises on any bytes."""
    return _read(raw, limits, codepage)


def part_bytes(raw: bytes, part: str) -> bytes:
    """Give the bytes of an attachment. KeyError when there is no such part."""
    for number, found in enumerate(_open(raw).parts, 1):
        if str(number) == part:
            return _content(found)[1]
    raise KeyError(part)


def readable(raw: bytes, codepage: str | None = None) -> Readable:
    """Give the text: plain text, else made from the HTML, else from the RTF (5 s at most)."""
    properties = _properties(_open(raw), codepage)[0]
    plain = properties.text(mapi.PLAIN) or ""
    html = properties.html()
    packed = properties.binary(mapi.RTF)
    if packed is not None and html is None:
        body = rtf.convert(rtf.decompress(packed))
        html = body.html
        plain = plain if plain.strip() else body.text
    if not plain.strip() and html:
        plain = html_to_text(html)
    return Readable(plain, html)


def all_fields(raw: bytes, codepage: str | None = None) -> tuple[tuple[str, str], ...]:
    """Give the internet header when TNEF carries one; usually the mail around it has it."""
    found = mapi.transport_headers(_properties(_open(raw), codepage)[0])
    return all_headers(found) if found is not None else ()


def _read(raw: bytes, limits: Limits, codepage: str | None) -> EmailMessage:
    file = _open(raw)
    properties, code = _properties(file, codepage)
    findings = mapi_message.codepage_finding(code, properties.codec)
    if len(file.parts) > limits.parts:
        findings.append(Finding("mail.te_veel_delen", {"grens": limits.parts}))
        file.parts = file.parts[: limits.parts]
    attachments = [
        _attachment(found, str(number), properties.codec, limits, findings)
        for number, found in enumerate(file.parts, 1)
    ]
    if file.damage:
        findings.append(Finding("tnef.beschadigd", {"wat": ", ".join(sorted(file.damage))}))
    table = [mapi.Properties(row.get, properties.codec) for row in file.people]
    message = mapi_message.build(
        properties, table, attachments, findings, file.names, format=FORMAT, limits=limits
    )
    return replace(
        message,
        span=Span(0, len(raw)),
        size=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def _attachment(
    found: _Part, part: str, codec: str, limits: Limits, findings: list[Finding]
) -> Attachment:
    properties = mapi.Properties(found.values.get, codec)
    name, media_type, content_id = mapi_message.attachment_names(properties)
    if found.title is not None and not properties.text(mapi.ATTACH_LONG):
        name = found.title.decode(codec, "replace").rstrip("\0") or name
    nested, data = _content(found)
    kind = "file"
    message: EmailMessage | None = None
    if nested:
        kind, media_type = "message", "application/ms-tnef"
        # The title says "Untitled Attachment" for every item.
        name = properties.text(mapi.DISPLAY_NAME) or name
        if limits.depth > 1:
            message = _read(data, replace(limits, depth=limits.depth - 1), None)
    else:
        if name and (misleads := name_notice(name, part)) is not None:
            findings.append(misleads)
        kind = kind_of(name, media_type, data)
        message = read_further(kind, media_type, data, limits)
        findings.extend(calendar_findings(kind, data, part))
    if message is None and kind in ("message", "tnef"):
        findings.append(Finding("mail.te_diep", {"grens": _DEFAULT.depth}, part))
    return Attachment(
        name=name,
        media_type=media_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        part=part,
        inline=mapi_message.hidden(properties),
        kind=kind,
        content_id=content_id,
        message=message,
    )


def _content(found: _Part) -> tuple[bool, bytes]:
    """Give whether an attachment is an item itself, and its bytes."""
    kind, value = found.values.get(mapi.ATTACH_DATA, (0, b""))
    if kind == mapi.OBJECT:
        # An object starts with the 16 bytes that say of what kind it is.
        return value.startswith(_MESSAGE_IID) and value.startswith(MAGIC, 16), value[16:]
    if found.data is None or (not found.data and value):
        return False, value
    return False, found.data


def _properties(file: _File, codepage: str | None) -> tuple[mapi.Properties, str | None]:
    properties = mapi.Properties(file.values.get)
    if file.codepage and mapi.MESSAGE_CODEPAGE not in file.values:
        value = (file.codepage & 0xFFFFFFFF).to_bytes(4, "little")
        file.values[mapi.MESSAGE_CODEPAGE] = (mapi.INT32, value)
    properties.codec, code = mapi.ansi_codec(properties, codepage)
    return properties, code


def _open(raw: bytes) -> _File:
    """Collect the attributes, as far as they go."""
    file = _File()
    position = 6  # after the signature and a key that means nothing
    while position + _ATTRIBUTE.size <= len(raw):
        level, tag, length = _ATTRIBUTE.unpack_from(raw, position)
        start = position + _ATTRIBUTE.size
        position = start + length + 2
        if level not in (1, 2):
            file.damage.add("resten aan het eind")
            break
        if start + length > len(raw):
            file.damage.add("afgekapt")
        data = raw[start : start + length]
        if position <= len(raw) and sum(data) & 0xFFFF != int.from_bytes(
            raw[position - 2 : position], "little"
        ):
            file.damage.add("controlegetal")
        try:
            _take(file, level, tag & 0xFFFF, data)
        except _Cut:
            file.damage.add("afgekapt")
    return file


def _take(file: _File, level: int, attribute: int, data: bytes) -> None:
    if level == 2:
        if attribute == _START or not file.parts:
            if len(file.parts) > _DEFAULT.parts:
                raise _Cut
            file.parts.append(_Part())
        part = file.parts[-1]
        if attribute == _DATA:
            part.data = data
        elif attribute == _TITLE:
            part.title = data
        elif attribute == _ATTACHMENT:
            _list(data, 0, part.values, {})
    elif attribute == _PROPERTIES:
        _list(data, 0, file.values, file.names)
    elif attribute == _PEOPLE:
        (count,) = _WORD.unpack(_bytes(data, 0, 4))
        position = 4
        for _ in range(min(count, _PEOPLE_MOST)):
            row: Values = {}
            position = _list(data, position, row, {})
            file.people.append(row)
    elif attribute == _CODEPAGE:
        file.codepage = int.from_bytes(data[:4], "little")
    elif attribute in (_SENT, _RECEIVED):
        moment = _filetime(data)
        if moment is not None:
            file.values.setdefault(_SAME[attribute], (mapi.TIME, moment))
    elif attribute in _SAME:
        # The property, where there is one, is newer and may be Unicode: it wins when it comes.
        if attribute == _CLASS:
            data = _OLD_CLASSES.get(data.rstrip(b"\0").upper(), data)
        file.values.setdefault(_SAME[attribute], (mapi.STRING8, data))


def _list(data: bytes, position: int, into: Values, names: dict[tuple[str, int], int]) -> int:
    """Read a list of properties at `position` and give where it ends. Raises `_Cut`."""
    (count,) = _WORD.unpack(_bytes(data, position, 4))
    position += 4
    for _ in range(count):
        kind = int.from_bytes(_bytes(data, position, 2), "little")
        number = int.from_bytes(_bytes(data, position + 2, 2), "little")
        position += 4
        if number >= 0x8000:
            which = _bytes(data, position, 16).hex()
            sort, identifier = (
                int.from_bytes(_bytes(data, position + n, 4), "little") for n in (16, 20)
            )
            position += 24
            if sort == 0:
                names[which, identifier] = number
            else:
                _bytes(data, position, identifier)
                position += identifier + -identifier % 4
        position = _value(data, position, kind, number, into)
    return position


def _value(data: bytes, position: int, kind: int, number: int, into: Values) -> int:
    single = kind & ~_MANY
    variable = single in _VARIABLE
    if not variable and single not in _FIXED:
        raise _Cut
    count = 1
    if kind & _MANY or variable:
        (count,) = _WORD.unpack(_bytes(data, position, 4))
        position += 4
    for turn in range(count):
        if variable:
            (length,) = _WORD.unpack(_bytes(data, position, 4))
            position += 4
        else:
            length = _FIXED[single]
        value = _bytes(data, position, length)
        position += length + -length % 4
        if turn == 0:
            into[number] = (single, value)
    return position


def _bytes(data: bytes, position: int, length: int) -> bytes:
    if position + length > len(data):
        raise _Cut
    return data[position : position + length]


def _filetime(data: bytes) -> bytes | None:
    """Turn the old form of a time (seven numbers) into that of a property."""
    if len(data) < _SHORTS.size:
        return None
    year, month, day, hour, minute, second, _ = _SHORTS.unpack_from(data)
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    ticks = int((moment - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
    return ticks.to_bytes(8, "little") if ticks > 0 else None
