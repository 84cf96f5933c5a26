"""Reader of Webex messages as the API gives them: JSON with ``items``, newest first.

Times are ISO 8601, UTC. Files are addresses that need a token. Reactions are not in this form.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from archiver.intake.body_text import MAX_HTML, html_to_text
from archiver.intake.chat import exports, json_chats
from archiver.intake.chat.json_chats import Element
from archiver.intake.chat.json_places import cut
from archiver.intake.chat.values import iso_utc, items, label, text_of, words
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Record

FORMAT = "webex"
_MARKS = (b'"roomId"', b'"roomType"', b'"personId"', b'"personEmail"', b'"created"')


def _wanted(name: str) -> bool:
    return name.endswith(".json")


def score(head: Head) -> int:
    """Say how sure the bytes make it: the fields that every message has."""
    if head.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"[", b"{"):
        return 0
    return 95 if all(mark in head.data for mark in _MARKS) else 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read a file: per room a `Conversation`, then its messages in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    for source in exports.texts(path, context, _wanted):
        patterns = (("items", None), ("messages", None), (None,))
        document = cut(source.text.buffer, patterns)
        shape = json_chats.Shape(
            _message, lambda data: label(data.get("roomId")) or "", forward=False
        )
        yield from exports.conversations(source, FORMAT, json_chats.chats(source, document, shape))


def _message(element: Element) -> ChatMessage:
    data = element.data
    mail = label(data.get("personEmail"))
    text = text_of(data.get("text"))
    if text is None and (html := words(data.get("html"))):
        text = html_to_text(html[:MAX_HTML])
    sent = iso_utc(data.get("created"))
    files = tuple(
        ChatAttachment(words(url).rpartition("/")[2], False, absent_because="needs_token")
        for url in items(data.get("files"))
    )
    return ChatMessage(
        element.identity,
        element.index,
        element.span,
        id=label(data.get("id")),
        sender=text_of(data.get("personDisplayName")) or mail,
        sent=sent,
        sent_raw=label(data.get("created")),
        precision="millisecond" if sent else None,
        text=text if text is not None else text_of(data.get("markdown")),
        type="media" if files and not text else "text",
        attachments=files,
        reply_to=label(data.get("parentId")),
        edited=True if data.get("updated") else None,
        findings=element.findings,
        sender_id=label(data.get("personId")) or mail,
        place=element.place,
    )
