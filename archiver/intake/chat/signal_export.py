"""Reader of what the tool signal-export writes per chat: ``data.json``, ``chat.md`` or older text.

``data.json`` has one JSON object per line (date, sender, body, quote, sticker, reactions,
attachments); the texts have ``[yyyy-mm-dd hh:mm:ss] Name: words``. Times are wall clock of the
computer that exported, without zone. The tool leaves messages with a timer out and keeps only the
last version of an edited message, which is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from archiver.findings import Finding
from archiver.intake.chat import exports, media
from archiver.intake.chat.export_text import as_utf8
from archiver.intake.chat.json_places import load, trouble
from archiver.intake.chat.signal import lines
from archiver.intake.chat.values import iso, items, table, text_of, words
from archiver.intake.chat.whatsapp_dates import clock, day, fields
from archiver.intake.chat.whatsapp_lines import lines as cut_lines
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Record, Span

FORMAT = "signal-export"
PLATFORM = "signal"
_KEYS = (b'"date"', b'"sender"', b'"body"', b'"quote"', b'"reactions"', b'"attachments"')
_HEADER = re.compile(rb"^\[\d{4}-\d\d-\d\d,? \d\d:\d\d(:\d\d)?\] [^:\n]+: ", re.MULTILINE)
_ANY = re.compile(rb"^\[\d", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\(\./(media/[^)\n]+)\)  ")
_NAMES = ("data.json", "chat.md", "index.md")
_GONE = "(This message was deleted)"


def _wanted(name: str) -> bool:
    return name.rpartition("/")[2] == "data.json"


def _score_text(data: bytes) -> int:
    first = data.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    if first.startswith(b"{"):
        return 96 if all(key in first for key in _KEYS) else 0
    return _score_lines(as_utf8(data))


def _score_lines(text: bytes) -> int:
    """Tell the text from WhatsApp, whose iPhone headers look alike, by what WhatsApp always has."""
    found = list(_HEADER.finditer(text))
    if not found or found[0].start() != 0 or b"\xe2\x80\x8e" in text or b"WhatsApp" in text:
        return 0
    if len(found) < sum(1 for _ in _ANY.finditer(text)):
        return 0
    if all(h[1] is None for h in found):
        return 96  # WhatsApp on an iPhone always writes seconds
    ends = text.count(b"  \n") + text.count(b"  \r\n")
    return 96 if ends >= len(found) - 1 > 0 else 30


def score(head: Head) -> int:
    """Say how sure the bytes make it."""
    return _score_text(head.data)


def score_path(path: Path, head: Head) -> int:
    """As `score`, but looks into a zip for ``data.json``."""
    return exports.score(path, head, _wanted, _score_text)


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read one chat (or every chat of a zip): a `Conversation`, then its messages."""
    return exports.guarded(path, lambda: _parse(path, context))


def member_bytes(path: Path, name: str, context: ParseContext | None = None) -> Iterator[bytes]:
    """Give the bytes of a medium by its `ChatAttachment.path`. InputRefused when absent."""
    return media.member_bytes(path, name, (context or ParseContext()).limits)


def companions(path: Path) -> Iterator[Path]:
    """Give what belongs to ``data.json``."""
    if path.name == "data.json":
        for name in ("chat.md", "index.md", "index.html", "media"):
            if (path.parent / name).exists():  # the same chat, made for people; and its media
                yield path.parent / name


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    known = {"format": FORMAT, "zone_basis": "unknown"}
    for index, source in enumerate(exports.texts(path, context, _wanted)):
        chat = _json_chat(source) if source.text.buffer[:1] == b"{" else _text_chat(source)
        yield from exports.conversations(source, PLATFORM, [chat], index, **known)


def _title(source: exports.Text) -> str | None:
    if source.member is not None:
        return source.member.rpartition("/")[0].rpartition("/")[2] or None
    return source.path.parent.name if source.path.name in _NAMES else None


def _said(source: exports.Text, title: str | None) -> tuple[Finding, ...]:
    said = [Finding("chat.signal_zonder_timer", {}, source.place)]
    if title:
        said.append(Finding("chat.titel_uit_bestandsnaam", {"titel": title}, source.place))
    return tuple(said)


def _json_chat(source: exports.Text) -> exports.Chat:
    def read(identity: str) -> Iterator[ChatMessage]:
        for index, (start, end, raw) in enumerate(lines(source.text.buffer)):
            value, how = load(raw) if raw.strip() else ({}, None)
            yield _message(source, identity, index, Span(start, end), table(value), trouble(how))

    title = _title(source)
    return exports.Chat(title, read, findings=_said(source, title))


def _message(
    source: exports.Text,
    identity: str,
    index: int,
    span: Span,
    data: Mapping[str, Any],
    findings: tuple[Finding, ...],
) -> ChatMessage:
    sent = iso(data.get("date"))
    files = tuple(_file(source, table(a)) for a in items(data.get("attachments")))
    body = text_of(data.get("body"))
    text = body.removesuffix("  ") if body is not None else None
    sender = text_of(data.get("sender"))
    if sender == "No-Sender":
        sender = None
    kind = "call" if data.get("call") is True else "media" if files and not text else "text"
    return ChatMessage(
        identity,
        index,
        span,
        sender=sender,
        sent=None if sent is not None and sent.startswith("1970-01-01") else sent,
        sent_raw=text_of(data.get("date")),
        precision="second" if sent else None,
        text=text,
        type=kind if data else "unknown",
        attachments=files,
        deleted=True if data.get("deleted") is True else None,
        reactions=tuple(_reaction(r) for r in items(data.get("reactions"))),
        findings=findings,
    )


def _file(source: exports.Text, data: Mapping[str, Any]) -> ChatAttachment:
    return source.shelf.find(unquote(words(data.get("path"))) or words(data.get("name")))


def _reaction(value: object) -> Mapping[str, str]:
    if isinstance(value, list) and len(value) == 2:
        return {"emoji": words(value[1]), "sender": words(value[0])}
    return {"emoji": words(table(value).get("emoji")), "sender": words(table(value).get("name"))}


def _text_chat(source: exports.Text) -> exports.Chat:
    buffer = source.text.buffer

    def read(identity: str) -> Iterator[ChatMessage]:
        for index, line in enumerate(cut_lines(buffer, "ios")):
            found, at = fields(line.date), clock(line.time)
            on = day(found, "ymd") if found else None
            text = buffer[line.body : line.end].decode("utf-8", "replace")
            files = tuple(source.shelf.find(unquote(m[2])) for m in _LINK.finditer(text))
            text = text.removesuffix("\n").removesuffix("  ")
            gone = text == _GONE
            yield ChatMessage(
                identity,
                index,
                Span(line.start, line.stop),
                sender=line.label.decode("utf-8", "replace") if line.label else None,
                sent=on + at[0] if on and at else None,
                sent_raw=b" ".join((line.date, line.time)).decode("utf-8", "replace"),
                precision=at[1] if at else None,
                text=None if gone else text,
                type="media" if files and not _LINK.sub("", text).strip() else "text",
                attachments=files,
                deleted=True if gone else None,
            )

    first = next(cut_lines(buffer, "ios"), None)
    start = first.start if first else len(buffer)
    skipped = (("before_first_message", Span(0, start)),) if start else ()
    title = _title(source)
    return exports.Chat(title, read, skipped=skipped, findings=_said(source, title))
