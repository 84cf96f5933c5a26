"""Reader of the JSON export of Element (Matrix): a room with its raw events.

Times (`origin_server_ts`) are milliseconds since 1970, UTC. Element leaves reactions out, writes the
last version of an edited message, and keeps messages that it could not decrypt as a notice; that is
said, because a person would take the notice for the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from archiver.findings import Finding
from archiver.intake.chat import exports, json_chats, media
from archiver.intake.chat.json_chats import Element
from archiver.intake.chat.json_places import Path as JsonPath
from archiver.intake.chat.json_places import cut
from archiver.intake.chat.values import items, label, number, table, text_of, utc, words
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Record

FORMAT = "matrix"
_SHAPE = re.compile(rb'"origin_server_ts"\s*:\s*\d+')
_FILES = ("m.image", "m.file", "m.audio", "m.video")
_SYSTEM = {
    "m.room.create": "group_created",
    "m.room.name": "subject",
    "m.room.topic": "topic",
    "m.room.avatar": "picture",
    "m.room.encryption": "e2e",
    "m.room.power_levels": "admin",
    "m.room.pinned_events": "pinned",
    "m.reaction": "reaction",
}
_MEMBER = {"join": "joined", "invite": "member_added", "leave": "left", "ban": "removed"}


def _wanted(name: str) -> bool:
    return name.rpartition("/")[2] == "export.json"


def _score_text(data: bytes) -> int:
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return 0
    return 95 if b'"room_name"' in data and b'"messages"' in data and _SHAPE.search(data) else 0


def score(head: Head) -> int:
    """Say how sure the bytes make it: a room and events of Matrix."""
    return _score_text(head.data)


def score_path(path: Path, head: Head) -> int:
    """As `score`, but looks into a zip for ``export.json``."""
    return exports.score(path, head, _wanted, _score_text)


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read an export: one `Conversation`, then its events in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def member_bytes(path: Path, name: str, context: ParseContext | None = None) -> Iterator[bytes]:
    """Give the bytes of a medium by its `ChatAttachment.path`. InputRefused when absent."""
    return media.member_bytes(path, name, (context or ParseContext()).limits)


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    for index, source in enumerate(exports.texts(path, context, _wanted)):
        document = cut(source.text.buffer, (("messages", None),))
        frame = table(document.frame)

        def title(where: JsonPath, key: str, frame: Mapping[str, Any] = frame) -> str | None:
            return text_of(frame.get("room_name"))

        shape = json_chats.Shape(_message, lambda data: "", title)
        chats = json_chats.chats(source, document, shape)
        yield from exports.conversations(source, FORMAT, chats, index)


def _message(element: Element) -> ChatMessage:
    data = element.data
    content = table(data.get("content"))
    kind_of = words(data.get("type"))
    sent = utc(number(data.get("origin_server_ts")))
    sender = label(data.get("sender"))
    kind, system, text, findings = _what(kind_of, data, content)
    redacted = "redacted_because" in table(data.get("unsigned")) or (
        kind_of == "m.room.message" and not content
    )
    files = tuple(_files(element.source, kind_of, content))
    relation = table(content.get("m.relates_to"))
    about = label(table(relation.get("m.in_reply_to")).get("event_id"))
    return ChatMessage(
        element.identity,
        element.index,
        element.span,
        id=label(data.get("event_id")),
        sender=sender,
        sent=sent,
        sent_raw=label(data.get("origin_server_ts")),
        precision="millisecond" if sent else None,
        text=text,
        type="media" if files else kind,
        system=system,
        attachments=files,
        reply_to=about or label(relation.get("event_id")),
        edited=True if words(relation.get("rel_type")) == "m.replace" else None,
        deleted=True if redacted else None,
        findings=element.findings + findings,
        sender_id=sender,
        place=element.place,
    )


def _what(
    kind_of: str, data: Mapping[str, Any], content: Mapping[str, Any]
) -> tuple[str, str | None, str | None, tuple[Finding, ...]]:
    body = text_of(content.get("body"))
    if kind_of == "m.room.encrypted" or content.get("msgtype") == "m.bad.encrypted":
        return "unknown", "encrypted", body, (Finding("chat.bericht_versleuteld"),)
    if kind_of == "m.room.member":
        state = words(content.get("membership"))
        name = text_of(content.get("displayname")) or label(data.get("state_key"))
        return "system", _MEMBER.get(state, state or "member"), name, ()
    if kind_of in _SYSTEM:
        shown = text_of(content.get("name")) or text_of(content.get("topic"))
        emoji = text_of(table(content.get("m.relates_to")).get("key"))
        return "system", _SYSTEM[kind_of], shown or emoji, ()
    if kind_of.startswith("m.call."):
        return "call", kind_of.removeprefix("m.call."), None, ()
    if "poll.start" in kind_of:
        return "poll", None, _poll(content), ()
    if kind_of in ("m.room.message", "m.sticker"):
        place = content.get("msgtype") == "m.location"
        return "location" if place else "text", None, body, ()
    if "state_key" in data:
        return "system", kind_of[:60] or None, None, ()
    return "unknown", None, body, ()


def _poll(content: Mapping[str, Any]) -> str | None:
    poll = next((table(v) for k, v in content.items() if "poll" in k), {})
    question = table(poll.get("question"))
    asked = text_of(question.get("body")) or text_of(question.get("org.matrix.msc1767.text"))
    answers = [
        f"- {words(table(a).get('org.matrix.msc1767.text')) or words(table(a).get('body'))}"
        for a in items(poll.get("answers"))
    ]
    return "\n".join([asked or "", *answers]) or None


def _files(
    source: exports.Text, kind_of: str, content: Mapping[str, Any]
) -> Iterator[ChatAttachment]:
    if content.get("msgtype") not in _FILES and kind_of != "m.sticker":
        return
    name = words(content.get("filename")) or words(content.get("body"))
    info = table(content.get("info"))
    for place in (name, f"images/{name}", f"files/{name}"):
        found = source.shelf.find(place) if name else None
        if found is not None and found.present:
            yield found
            return
    kind, size = text_of(info.get("mimetype")), number(info.get("size"))
    yield ChatAttachment(name, False, None, None, kind, size, absent_because="needs_token")
