"""What must hold for any bytes: no crash, nothing lost unsaid, every attachment comes back equal.

Each check raises AssertionError, or lets through what the reader raised. Refusing is allowed: a
`KnownError`, or an `Unreadable` with a finding.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from archiver.errors import InputRefused
from archiver.intake import body_text, containers, content, emlx, mbox, rtf
from archiver.intake.authenticity.examine import authenticity
from archiver.intake.authenticity.facts import Keys
from archiver.intake.chat import opening
from archiver.intake.chat.exports import unaccounted
from archiver.intake.identify import head_of
from archiver.intake.protocol import Limits, ParseContext, Parser
from archiver.ledger import all_attachments, count
from archiver.model import (
    ChatMessage,
    Conversation,
    EmailMessage,
    Ledger,
    Record,
    Unreadable,
)
from archiver.wire import from_wire, to_wire

LIMITS = Limits(message_bytes=20_000_000, zip_bytes=50_000_000, zip_members=500)
_CONTEXT = ParseContext(LIMITS)
# Rows of a database have no place in bytes; a sealed original or picture is one whole that nobody
# reads; an extract has lines for what was taken out, and a proof of its own.
_NO_SPANS = frozenset(
    {"imessage-db", "whatsapp-db", "signal-db", "sealed", "screenshot", "uittreksel", "niet_geduid"}
)
# Of these a part is fetched again by what the bytes are: what no longer looks so is never read as one.
_BY_CONTENT = frozenset({"msg", "tnef", "ics"})


def file(parser: Parser, path: Path) -> Ledger:
    """Read a file with one parser, whatever it holds, and check every record it gives."""
    head = head_of(path)
    if head.size == 0:
        return Ledger(refused=1)  # no parser is ever chosen for an empty file
    taken = parser.score(head) > 0 or parser.FORMAT not in _BY_CONTENT
    score_path = getattr(parser, "score_path", None)
    if score_path is not None:
        score_path(path, head)
    try:
        records = list(parser.parse(path, _CONTEXT))
        remarks = getattr(parser, "remarks", None)
        if remarks is not None:
            remarks(path, _CONTEXT)
        folders = getattr(parser, "folders", None)
        if folders is not None:
            list(folders(path, LIMITS) if parser.FORMAT in ("olm", "zip") else folders(path))
    except InputRefused:
        return Ledger(refused=1)
    ledger = Ledger()
    for record in records:
        assert from_wire(json.loads(json.dumps(to_wire(record)))) == record
        ledger += count(record)
        if isinstance(record, Unreadable):
            assert record.findings, "refused without a reason"
        elif isinstance(record, EmailMessage) and taken:
            email(path, record)
    conversations(path, records)
    return ledger


def email(path: Path, record: EmailMessage) -> None:
    """Check that the bytes of a message and of its attachments, all the way down, are there."""
    if record.place is not None:
        raw = containers.message_bytes(path, record.place)
    else:
        raw = path.read_bytes()[record.span.start : record.span.end]
    assert hashlib.sha256(raw).hexdigest() == record.sha256
    assert len(raw) == record.size
    assert "mail.lezer_mislukt" not in {f.code for f in record.findings}
    attachments(raw, record)
    found = content.readable(raw)
    if found.html is not None:
        body_text.safe_html(found.html)
    content.all_fields(raw)


def attachments(raw: bytes, record: EmailMessage) -> None:
    """Fetch every attachment again; also of attached messages, from the bytes of their own."""
    waiting = [(raw, record)]
    fetched = 0
    while waiting and fetched < 40:  # a bomb of parts is for the tests of bombs
        data, message = waiting.pop()
        for attachment in message.attachments[: 40 - fetched]:
            if attachment.part.startswith(emlx.BESIDE):
                continue
            fetched += 1
            inside = content.part_bytes(data, attachment.part)
            assert hashlib.sha256(inside).hexdigest() == attachment.sha256, attachment.part
            assert len(inside) == attachment.size
            if attachment.message is not None:
                waiting.append((inside, attachment.message))
    assert len(list(all_attachments(record))) == count(record).attachments


def conversations(path: Path, records: Iterable[Record]) -> None:
    """Check that every byte of every text of an export belongs to one message or named skip."""
    chats = [r for r in records if isinstance(r, Conversation)]
    if not chats:
        return
    messages = [r for r in records if isinstance(r, ChatMessage)]
    assert sum(c.message_count for c in chats) == len(messages)
    for chat in chats:
        own = [m for m in messages if m.conversation == chat.id]
        places = [m.index for m in own]
        if chat.extract is None:
            assert places == list(range(len(own)))
        assert places == sorted(set(places))
    if chats[0].format in _NO_SPANS or chats[0].text_sha256 is None:
        return
    if "chat.wacz_zonder_paginas" in {f.code for f in chats[0].findings}:
        return  # sealed: no text of it was read
    known = [r for r in records if isinstance(r, Conversation | ChatMessage)]
    mentioned = unaccounted(known, {})
    assert unaccounted(known, sizes(path, chats, mentioned)) == {}


def sizes(path: Path, chats: list[Conversation], names: Iterable[str]) -> dict[str, int]:
    """Give the length of every text that the records speak of: of the file, or of members."""
    found: dict[str, int] = {}
    members: dict[str, int] = {}
    # What is no zip after all may only end like one.
    with suppress(BadZipFile, ValueError, NotImplementedError), ZipFile(path) as archive:
        members = {m.filename: m.file_size for m in archive.infolist()}
    for name in {*names, *(c.text_member or "" for c in chats)}:
        if name and name in members:  # without a name it is the file itself
            found[name] = members[name]
        else:
            own = [c.text_size for c in chats if (c.text_member or "") == name]
            found[name] = own[0] if own and own[0] is not None else path.stat().st_size
    return found


def mailbox(data: bytes) -> None:
    """Check that separators, blank lines and messages are the whole of a mailbox."""
    position = 0
    for slot in mbox.slots(data):
        assert data[position : slot.separator].strip(b"\r\n") == b""
        assert slot.separator < slot.start <= slot.end
        position = slot.end
    assert data[position:].strip(b"\r\n") == b""


def rich_text(data: bytes) -> None:
    """Check that a rich text, packed or not, gives a text and no more of it than the limit."""
    plain = rtf.decompress(data, 1_000_000)
    assert len(plain) <= 1_000_000
    rtf.convert(plain)
    rtf.convert(data)


def unsealed(path: Path, key: str) -> None:
    """Check that a sealed backup is opened, or refused while nothing is left behind."""
    target = path.with_name("geopend.zip")
    try:
        if opening.can_open(path) is None:
            return
        opening.unseal(path, key, target, LIMITS)
    except InputRefused:
        assert not target.exists(), "half an opened backup is left"
    target.unlink(missing_ok=True)


def html(data: bytes) -> None:
    """Check that what is shown of any HTML runs nothing, sends nothing and fetches nothing."""
    text = data.decode("utf-8", "replace")
    body_text.html_to_text(text)
    _Shown().feed(body_text.safe_html(text))


class _Shown(HTMLParser):
    """Goes over sanitised HTML and fails at anything that could act."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "style", "iframe", "object", "embed", "form", "input", "link")
        assert tag not in ("meta", "base", "svg", "math", "img", "video", "audio", "template")
        for name, value in attrs:
            assert not name.startswith("on"), name
            assert name not in ("src", "srcset", "background", "action", "formaction", "poster")
            plain = "".join((value or "").split()).casefold()
            assert name != "style", value
            assert name != "href" or not plain.startswith(("javascript:", "data:", "file:")), value


def signatures(keys: Keys, data: bytes) -> None:
    """Check that every signature, seal and claim of any bytes is judged without an error."""
    sent = "2026-11-17T14:52:00+01:00"
    for fact in authenticity(data, sent, keys, limits=LIMITS):
        json.dumps(fact.as_json())
    authenticity(b"", sent, keys, attached=(("1", data),), limits=LIMITS)
