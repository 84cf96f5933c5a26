"""Reader of the JSON download of Facebook (Messenger) and Instagram: ``message_N.json``.

Newest message first; times in milliseconds since 1970, UTC. Meta writes every byte of UTF-8 as if it
were a character ("Ã©" for "é"); this is turned back per text, where it can be nothing else, and said.
A long conversation is spread over several files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from archiver.findings import Finding, Severity
from archiver.intake.chat import exports, json_chats, media
from archiver.intake.chat.json_chats import Element
from archiver.intake.chat.json_places import Path as JsonPath
from archiver.intake.chat.json_places import cut
from archiver.intake.chat.values import items, label, number, table, text_of, utc, words
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Participant, Record

FORMAT = "meta"
_SHAPE = re.compile(
    rb'"messages"\s*:\s*\[\s*\{(?=.{0,3000}"sender_name"\s*:)(?=.{0,3000}"timestamp_ms"\s*:)', re.S
)
_FILES = ("photos", "videos", "audio_files", "gifs", "files")
_FOLDERS = ("photos", "videos", "audio", "gifs", "files", "stickers_used")
_WIDE = re.compile("[\x80-\xff]")
_SYSTEM = {"Subscribe": "member_added", "Unsubscribe": "left"}


def _wanted(name: str) -> bool:
    return re.fullmatch(r"message_\d+\.json", name.rpartition("/")[2]) is not None


def _score_text(data: bytes) -> int:
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return 95 if start == b"{" and _SHAPE.search(data) else 0


def score(head: Head) -> int:
    """Say how sure the bytes make it: messages with a sender_name and a timestamp_ms."""
    return _score_text(head.data)


def score_path(path: Path, head: Head) -> int:
    """As `score`, but looks into a zip for ``message_N.json``."""
    return exports.score(path, head, _wanted, _score_text)


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read a file: one `Conversation`, then its messages in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def member_bytes(path: Path, name: str, context: ParseContext | None = None) -> Iterator[bytes]:
    """Give the bytes of a medium by its `ChatAttachment.path`. InputRefused when absent."""
    return media.member_bytes(path, name, (context or ParseContext()).limits)


def companions(path: Path) -> Iterator[Path]:
    """Give the folders of media beside ``message_N.json``."""
    if _wanted(path.name):
        yield from (path.parent / name for name in _FOLDERS if (path.parent / name).is_dir())


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    first = 0
    for source in exports.texts(path, context, _wanted):
        document = cut(source.text.buffer, (("messages", None),))
        frame = table(document.frame)
        names = [_text(table(p).get("name")) for p in items(frame.get("participants"))]
        people = tuple(Participant(n, n) for n in names if n)

        def title(where: JsonPath, key: str, frame: Mapping[str, Any] = frame) -> str | None:
            return _text(frame.get("title"))

        def members(
            where: JsonPath, key: str, people: tuple[Participant, ...] = people
        ) -> tuple[Participant, ...]:
            return people

        shape = json_chats.Shape(_message, lambda data: "", title, members, forward=False)
        chats = json_chats.chats(source, document, shape)
        if chats:
            chats[0].findings += _said(source)
        yield from exports.conversations(source, FORMAT, chats, first)
        first += len(chats)


def _said(source: exports.Text) -> tuple[Finding, ...]:
    said: tuple[Finding, ...] = exports.beside(source, companions(source.path))
    page = re.search(r"message_(\d+)\.json", source.place)
    if page and int(page[1]) > 1:
        params: dict[str, str | int] = {"nummer": int(page[1])}
        said += (Finding("chat.vervolgpagina", params, source.place, Severity.INFO),)
    if _moved(source.text.buffer[:65_536]):
        said += (Finding("chat.tekens_omgezet", {}, source.place, Severity.INFO),)
    return said


def _moved(head: bytes) -> bool:
    return re.search(rb"\\u00[cCdDeEfF][0-9a-fA-F]\\u00[89abAB][0-9a-fA-F]", head) is not None


def _text(value: object) -> str | None:
    """Turn a text back into what was typed: its characters are the bytes of UTF-8."""
    text = text_of(value)
    if text is None or not _WIDE.search(text):
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def _message(element: Element) -> ChatMessage:
    data = element.data
    text = _text(data.get("content"))
    files = tuple(_files(element.source, data))
    kind_of = words(data.get("type"))
    kind, system = "text", None
    if "call_duration" in data or kind_of == "Call":
        kind = "call"
    elif kind_of in _SYSTEM:
        kind, system = "system", _SYSTEM[kind_of]
    elif files and not text:
        kind = "media"
    share = table(data.get("share"))
    if link := words(share.get("link")):
        text = "\n".join(t for t in (text, link) if t)
    sent = utc(number(data.get("timestamp_ms")))
    sender = _text(data.get("sender_name"))
    return ChatMessage(
        element.identity,
        element.index,
        element.span,
        sender=sender,
        sent=sent,
        sent_raw=label(data.get("timestamp_ms")),
        precision="millisecond" if sent else None,
        text=text,
        type=kind,
        system=system,
        attachments=files,
        deleted=True if data.get("is_unsent") is True else None,
        reactions=tuple(
            {
                "emoji": _text(table(r).get("reaction")) or "",
                "sender": _text(table(r).get("actor")) or "",
            }
            for r in items(data.get("reactions"))
        ),
        findings=element.findings,
        place=element.place,
    )


def _files(source: exports.Text, data: Mapping[str, Any]) -> Iterator[ChatAttachment]:
    found = [one for key in _FILES for one in items(data.get(key))]
    if "sticker" in data:
        found.append(data["sticker"])
    for one in (table(f) for f in found):
        uri = words(one.get("uri"))
        steps = [step for step in uri.split("/") if step]
        for depth in (2, 1, len(steps)):  # the path counts from the top of the whole download
            medium = source.shelf.find("/".join(steps[-depth:]))
            if medium.present:
                yield medium
                break
        else:
            yield ChatAttachment(steps[-1] if steps else "", False, absent_because="not_in_export")
