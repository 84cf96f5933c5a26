"""Outlook items as files (.msg, .oft): properties, people, attachments and attached items ([MS-OXMSG]).

The streams are read by our own `compound`: extract-msg replaces smime.p7m by its inner parts and stops at an
OLE object (docs/besluiten/msg-lezen.md). `outlook_msg` asks it for what it knows best, the details of
contacts, tasks and meetings, when somebody reads one. The span of a record is the whole file.

A part has a number: "1" is the first attachment storage. An attached item has no bytes of its own in the
file: its part is a .msg made from its streams, always the same one, and said to be derived
(`msg.bijlage_afgeleid`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from struct import Struct

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake import mapi, mapi_message, rtf, teams_items
from archiver.intake.attached import calendar_findings, kind_of, read_further
from archiver.intake.body_text import Readable, html_to_text
from archiver.intake.compound import (
    MAGIC,
    Compound,
    Entry,
    NotCompound,
    open_compound,
    write_compound,
)
from archiver.intake.headers import all_headers
from archiver.intake.notices import name_notice
from archiver.intake.outlook_msg import details
from archiver.intake.protocol import Head, Limits, ParseContext
from archiver.model import Attachment, ChatPost, EmailMessage, Record, Span, Unreadable

FORMAT = "msg"
TEMPLATE_CLSID = bytes.fromhex("46f0060000000000c000000000000046")
MSG_CLSID = bytes.fromhex("0b0d020000000000c000000000000046")
_DEFAULT = Limits()
_PROPERTIES = "__properties_version1.0"
_NAMES = "__nameid_version1.0"
_ROW = Struct("<HHI8s")
_TOP, _INNER, _ROWS = 32, 24, 8  # bytes before the first property, by kind of storage
_ELSEWHERE, _BY_VALUE, _EMBEDDED, _OLE = 0, 1, 5, 6
_OBJECT = "__substg1.0_3701000d"
_TYPES = (mapi.UNICODE, mapi.STRING8, mapi.BINARY)
_FIXED = frozenset({mapi.INT16, mapi.INT32, mapi.BOOL, mapi.TIME})


@dataclass(slots=True)
class _Item:
    """One Outlook item in an open file: its storage, its properties and its attachment storages."""

    file: Compound
    entry: Entry
    names: Entry | None
    properties: mapi.Properties
    codepage: str | None  # the finding about the code page

    def storages(self, prefix: str) -> list[Entry]:
        """Give the storages with this prefix in the order of their numbers."""
        children = self.entry.children or {}
        named = [k for k, e in children.items() if k.startswith(prefix) and e.children is not None]
        return [children[k] for k in sorted(named)]


def score(head: Head) -> int:
    """Score by the compound file and the names of an Outlook item in its first directory sectors."""
    if not head.data.startswith(MAGIC):
        return 0
    marks = ("__properties_version1.0", "__substg1.0_", "__nameid_version1.0")
    return 90 if any(mark.encode("utf-16-le") in head.data for mark in marks) else 0


def score_path(path: Path, head: Head) -> int:
    """Score by the directory when it stands beyond the first 64 KiB, as in files with large attachments."""
    found = score(head)
    if found or not head.data.startswith(MAGIC) or head.size > _DEFAULT.message_bytes:
        return found
    try:
        root = open_compound(path.read_bytes()).root
    except (NotCompound, OSError):
        return 0
    return 90 if root.child(_PROPERTIES) is not None else 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read the one item of the file; `archiver.intake.codepages` reads it again as the user answered."""
    if path.stat().st_size > context.limits.message_bytes:
        grens = f"{context.limits.message_bytes // 1_000_000} MB"
        refused = InputRefused("te_groot", {"bestand": path.name, "grens": grens})
        yield Unreadable((refused.as_finding(),))
        return
    raw = path.read_bytes()
    try:
        message = _read(raw, context.limits, None)
    except NotCompound:
        params = {"bestand": path.name}
        yield Unreadable((Finding("msg.onleesbaar", params, severity=Severity.FOUT),))
        return
    yield message


def read_message(
    raw: bytes, *, limits: Limits = _DEFAULT, codepage: str | None = None
) -> EmailMessage:
    """Read an item that is attached as a file. Never raises: what cannot be read is a finding."""
    try:
        return _read(raw, limits, codepage)
    except NotCompound:
        digest = hashlib.sha256(raw).hexdigest()
        findings = (Finding("msg.bijlage_onleesbaar"),)
        return EmailMessage(FORMAT, 0, Span(0, len(raw)), len(raw), digest, findings=findings)


def part_bytes(raw: bytes, part: str) -> bytes:
    """Give the bytes of an attachment. KeyError when there is no such part."""
    try:
        item = _open(raw, None)
    except NotCompound as error:
        raise KeyError(part) from error
    for number, storage in enumerate(item.storages("__attach_version1.0_"), 1):
        if str(number) == part:
            return _content(item, storage)[1]
    raise KeyError(part)


def readable(raw: bytes, codepage: str | None = None) -> Readable:
    """Give the text of an item: plain text, else made from its HTML, else from its RTF (5 s at most)."""
    try:
        item = _open(raw, codepage)
    except NotCompound:
        return Readable("", None)
    signed = _signed_content(item)
    if signed is not None:
        from archiver.intake import body_text

        return body_text.readable(signed)
    plain = item.properties.text(mapi.PLAIN)
    html = item.properties.html()
    if not is_mail(item.properties.text(mapi.CLASS)):
        old = item.properties.raw(mapi.CLASS)
        codec = item.properties.codec if old is not None and old[0] == mapi.STRING8 else ""
        facts = "\n".join(f"{name}: {value}" for name, value in details(raw, codec))
        plain = f"{facts}\n\n{plain or ''}".strip() if facts else plain
    packed = item.properties.binary(mapi.RTF)
    if packed is not None and html is None:
        body = rtf.convert(rtf.decompress(packed))
        html = body.html
        if not plain or not plain.strip():
            plain = body.text
    if (not plain or not plain.strip()) and html:
        plain = html_to_text(html)
    return Readable(plain or "", html)


def all_fields(raw: bytes, codepage: str | None = None) -> tuple[tuple[str, str], ...]:
    """Give the internet header as it came in, decoded; nothing when the item never was on the internet."""
    try:
        found = mapi.transport_headers(_open(raw, codepage).properties)
    except NotCompound:
        return ()
    return all_headers(found) if found is not None else ()


def is_mail(item_class: str | None) -> bool:
    """Tell whether an item is read as a mail: notes, reports and sticky notes have no other details."""
    kind = (item_class or "IPM.Note").upper()
    mails = ("IPM.NOTE", "IPM.STICKYNOTE", "IPM.POST", "REPORT.", "IPM.RECALL", teams_items.CLASS)
    return kind.startswith(mails)


def _open(raw: bytes, codepage: str | None) -> _Item:
    file = open_compound(raw)
    return _item(file, file.root, file.root.child(_NAMES), _TOP, codepage)


def _item(
    file: Compound, entry: Entry, names: Entry | None, skip: int, codepage: str | None
) -> _Item:
    properties = mapi.Properties(_finder(file, entry, skip))
    properties.codec, found = mapi.ansi_codec(properties, codepage)
    return _Item(file, entry, names, properties, found)


def _finder(file: Compound, entry: Entry, skip: int) -> Callable[[int], tuple[int, bytes] | None]:
    """Make the look-up of one storage: a stream per text or binary, a row in a table for the rest."""
    children = entry.children or {}
    table = children.get(_PROPERTIES)
    rows: dict[int, tuple[int, bytes]] = {}
    if table is not None:
        data = file.read(table)[skip:]
        for kind, number, _, value in _ROW.iter_unpack(data[: len(data) // 16 * 16]):
            if kind in _FIXED:
                rows.setdefault(number, (kind, value))

    def find(number: int) -> tuple[int, bytes] | None:
        row = rows.get(number)
        if row is not None:
            return row
        for kind in _TYPES:
            stream = children.get(f"__substg1.0_{number:04x}{kind:04x}")
            if stream is not None and stream.children is None:
                return kind, file.read(stream)
        return None

    return find


def _read(raw: bytes, limits: Limits, codepage: str | None) -> EmailMessage:
    item = _open(raw, codepage)
    message = _message(item, limits, codepage)
    findings = message.findings
    if item.entry.clsid == TEMPLATE_CLSID:
        findings = (*findings, Finding("msg.sjabloon", severity=Severity.INFO))
    if item.file.damage:
        wat = ", ".join(sorted(item.file.damage))
        findings = (*findings, Finding("msg.beschadigd", {"wat": wat}))
    return replace(
        message,
        span=Span(0, len(raw)),
        size=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
        findings=findings,
    )


def _message(item: _Item, limits: Limits, codepage: str | None) -> EmailMessage:
    """Read one item with everything attached to it; size and hash are the caller's."""
    notes = _Notes(mapi_message.codepage_finding(item.codepage, item.properties.codec), set())
    storages = item.storages("__attach_version1.0_")
    if len(storages) > limits.parts:
        notes.findings.append(Finding("mail.te_veel_delen", {"grens": limits.parts}))
        storages = storages[: limits.parts]
    attachments = [
        _attachment(item, storage, str(number), limits, codepage, notes)
        for number, storage in enumerate(storages, 1)
    ]
    rows = item.storages("__recip_version1.0_")
    if len(rows) > limits.header_fields * 10:
        notes.findings.append(Finding("mail.te_veel_delen", {"grens": limits.header_fields * 10}))
        rows = rows[: limits.header_fields * 10]
    table = [mapi.Properties(_finder(item.file, row, _ROWS), item.properties.codec) for row in rows]
    message = mapi_message.build(
        item.properties,
        table,
        attachments,
        notes.findings,
        _named(item) if mapi_message.wants_names(item.properties) else {},
        cms=frozenset(notes.cms),
        format=FORMAT,
        limits=limits,
    )
    post = _post(item, message)
    if post is None:
        return message
    kept = (f for f in message.findings if f.code != "msg.soort")
    return replace(message, post=post, findings=(*kept, *teams_items.findings_of(post)))


def _post(item: _Item, message: EmailMessage) -> ChatPost | None:
    """Give what a message of Teams says of its conversation, by named properties (`teams_items`)."""
    streams = [item.names.child(f"__substg1.0_000{n}0102") if item.names else None for n in "234"]
    read = [item.file.read(s) if s is not None and s.children is None else b"" for s in streams]
    values = item.properties
    return teams_items.post_of(
        teams_items.fields(*read),
        lambda number: values.time(number) or values.text(number),
        message.item_class,
        message.thread_index,
    )


@dataclass(slots=True)
class _Notes:
    """What was noticed while the attachments of one item were read."""

    findings: list[Finding]
    cms: set[str]

    def add(self, code: str, part: str, severity: Severity, **params: str) -> None:
        self.findings.append(Finding(code, {"deel": part, **params}, part, severity))


def _attachment(
    item: _Item,
    storage: Entry,
    part: str,
    limits: Limits,
    codepage: str | None,
    notes: _Notes,
) -> Attachment:
    method, data, properties = _content(item, storage)
    name, media_type, content_id = mapi_message.attachment_names(properties)
    size, digest = len(data), hashlib.sha256(data).hexdigest()
    message: EmailMessage | None = None
    kind = "file"
    # What an attached item is called is its subject: no file, and a slash in it misleads nobody.
    if method != _EMBEDDED and name and (misleads := name_notice(name, part)) is not None:
        notes.findings.append(misleads)
    if method == _EMBEDDED:
        # Nested items contain each other: only one of them is in memory at a time.
        data = b""
        kind, media_type = "message", "application/vnd.ms-outlook"
        message = _embedded(item, storage, limits, codepage)
        if message is not None:
            message = replace(message, span=Span(0, size), size=size, sha256=digest)
            name = name or message.subject
        notes.add("msg.bijlage_afgeleid", part, Severity.INFO)
    elif method == _OLE:
        media_type = "application/x-ole-storage"
        notes.add("msg.ole_object", part, Severity.INFO)
    elif size or properties.raw(mapi.ATTACH_DATA) is not None:
        kind = kind_of(name, media_type, data)
        message = read_further(kind, media_type, data, limits)
        notes.findings.extend(calendar_findings(kind, data, part))
        if (cms := mapi_message.cms_kind(data)) is not None:
            notes.cms.add(cms)
    elif (link := properties.text(mapi.ATTACH_PATH)) or method != _BY_VALUE:
        notes.add("msg.bijlage_elders", part, Severity.LET_OP, plaats=link or "?")
    else:
        notes.add("msg.bijlage_leeg", part, Severity.LET_OP)
    if message is None and kind in ("message", "tnef") and limits.depth <= 1:
        notes.findings.append(Finding("mail.te_diep", {"grens": _DEFAULT.depth}, part))
    return Attachment(
        name=name,
        media_type=media_type,
        size=size,
        sha256=digest,
        part=part,
        inline=mapi_message.hidden(properties),
        kind=kind,
        content_id=content_id,
        message=message,
    )


def _embedded(
    item: _Item, storage: Entry, limits: Limits, codepage: str | None
) -> EmailMessage | None:
    embedded = storage.child(_OBJECT)
    if embedded is None or limits.depth <= 1:
        return None
    names = embedded.child(_NAMES) or item.names
    inner = _item(item.file, embedded, names, _INNER, codepage)
    return _message(inner, replace(limits, depth=limits.depth - 1), codepage)


def _content(item: _Item, storage: Entry) -> tuple[int, bytes, mapi.Properties]:
    """Give the method, the bytes and the properties of an attachment.

    An attached item and an OLE object are storages; they come out as compound files of their own.
    """
    properties = mapi.Properties(_finder(item.file, storage, _ROWS), item.properties.codec)
    method = properties.integer(mapi.ATTACH_METHOD)
    embedded = storage.child(_OBJECT)
    if embedded is None or embedded.children is None:
        found = properties.raw(mapi.ATTACH_DATA)
        if found is None and embedded is not None:
            found = mapi.OBJECT, item.file.read(embedded)
        # Whatever the method says: bytes are bytes, and a storage that is absent is nothing.
        kind = _BY_VALUE if method is None else method
        if found is None and kind in (_EMBEDDED, _OLE):
            kind = _ELSEWHERE
        return _BY_VALUE if found else kind, found[1] if found else b"", properties
    if method != _OLE and embedded.child(_PROPERTIES) is not None:
        return _EMBEDDED, _derived(item, embedded), properties
    return _OLE, write_compound(_loaded(item.file, embedded)), properties


def _derived(item: _Item, embedded: Entry) -> bytes:
    """Make a .msg of an attached item: its streams as they are, the table with the longer header of
    a file ([MS-OXMSG] 2.4.1.1), and the names of named properties, which the outer file keeps.
    """
    root = _loaded(item.file, embedded)
    root.clsid = MSG_CLSID
    assert root.children is not None
    table = root.children.get(_PROPERTIES)
    if table is not None and table.children is None:
        data = item.file.read(table)
        wider = data[:_INNER] + bytes(_TOP - _INNER) + data[_INNER:]
        root.children[_PROPERTIES] = Entry(table.name, data=wider, size=len(wider))
    if item.names is not None and _NAMES not in root.children:
        root.children[_NAMES] = _loaded(item.file, item.names)
    return write_compound(root)


def _loaded(file: Compound, storage: Entry) -> Entry:
    """Give a copy of a storage tree with the bytes of all its streams in it."""
    copy = Entry(storage.name, storage.clsid, {})
    waiting = [(storage, copy)]
    while waiting:
        source, target = waiting.pop()
        assert source.children is not None
        assert target.children is not None
        for key, entry in source.children.items():
            if entry.children is None:
                data = file.read(entry)
                target.children[key] = Entry(entry.name, entry.clsid, size=len(data), data=data)
            else:
                target.children[key] = Entry(entry.name, entry.clsid, {})
                waiting.append((entry, target.children[key]))
    return copy


def _signed_content(item: _Item) -> bytes | None:
    """Give the MIME text of an item whose content is wrapped in a clear signature, else None."""
    if not (item.properties.text(mapi.CLASS) or "").upper().endswith("SMIME.MULTIPARTSIGNED"):
        return None
    for storage in item.storages("__attach_version1.0_"):
        _, data, properties = _content(item, storage)
        if (properties.text(mapi.ATTACH_MIME) or "").lower() == "multipart/signed":
            return data
    return None


_GUID_SPLIT = re.compile(rb"(?s).{16}")


def _named(item: _Item) -> dict[tuple[str, int], int]:
    """Read which number in this file a named property has: (set of names, id) -> number.

    Only names that are numbers; the set is the GUID as hex, in the order of the bytes.
    """
    storage = item.names
    guids = storage.child("__substg1.0_00020102") if storage else None
    rows = storage.child("__substg1.0_00030102") if storage else None
    if guids is None or rows is None or guids.children or rows.children:
        return {}
    sets = [g.hex() for g in _GUID_SPLIT.findall(item.file.read(guids))]
    data = item.file.read(rows)
    found: dict[tuple[str, int], int] = {}
    for place in range(0, len(data) - 7, 8):
        identifier = int.from_bytes(data[place : place + 4], "little")
        which = int.from_bytes(data[place + 4 : place + 6], "little")
        index = int.from_bytes(data[place + 6 : place + 8], "little")
        if not which & 1 and 3 <= which >> 1 < len(sets) + 3:
            found[sets[(which >> 1) - 3], identifier] = 0x8000 + index
    return found
