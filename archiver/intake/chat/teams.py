"""Reader of Microsoft Teams messages as Graph gives them: JSON of ``chatMessage`` resources.

An array, or an answer of Graph with ``value``; names in camelCase or, as some tools write them, in
PascalCase. Times are ISO 8601 in UTC. The order of the array is not the order in time and is kept.
Files are links into OneDrive or SharePoint and inline images need a token: both are said to be
absent. Earlier versions of edited messages are not in this form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from archiver.findings import Finding, Severity
from archiver.intake.body_text import MAX_HTML, html_to_text
from archiver.intake.chat import exports, json_chats
from archiver.intake.chat.json_chats import Element
from archiver.intake.chat.json_places import cut
from archiver.intake.chat.values import iso_utc, items, label, table, text_of, words
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Record

FORMAT = "teams"
_PATTERNS = ((None,), ("value", None), ("messages", None))
_MARKS = tuple(
    re.compile(rb'"' + name + rb'"\s*:', re.IGNORECASE)
    for name in (b"createdDateTime", b"messageType", b"body", b"contentType", b"from")
)
_PICTURE = re.compile(r"<(?:emoji|customemoji)\b[^>]*\balt=\"([^\"]*)\"[^>]*>(?:</\w+>)?", re.I)
_INLINE = re.compile(r"<img\b[^>]*\bsrc=\"[^\"]*hostedContents[^\"]*\"[^>]*>", re.I)
_ALT = re.compile(r"\balt=\"([^\"]*)\"", re.I)
_EVENTS = {
    "membersAdded": "member_added",
    "membersDeleted": "removed",
    "membersJoined": "joined",
    "membersLeft": "left",
    "chatRenamed": "subject",
    "channelRenamed": "subject",
    "channelAdded": "group_created",
}


def _wanted(name: str) -> bool:
    return name.endswith(".json")


def _score_text(data: bytes) -> int:
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"[", b"{"):
        return 0
    return 95 if all(mark.search(data) for mark in _MARKS) else 0


def score(head: Head) -> int:
    """Say how sure the bytes make it: the fields that every chatMessage has."""
    return _score_text(head.data)


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read a file: per chat or channel a `Conversation`, then its messages in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    first = 0
    for source in exports.texts(path, context, _wanted):
        shape = json_chats.Shape(_message, _chat_of, forward=False)
        chats = json_chats.chats(source, cut(source.text.buffer, _PATTERNS), shape)
        yield from exports.conversations(source, FORMAT, chats, first)
        first += len(chats)


def field(data: Mapping[str, Any], name: str) -> Any:
    """Give a field by its name in camelCase, whichever case the file uses."""
    found = data.get(name)
    return data.get(name[:1].upper() + name[1:]) if found is None else found


def _chat_of(data: Mapping[str, Any]) -> str | None:
    channel = label(field(table(field(data, "channelIdentity")), "channelId"))
    return channel or label(field(data, "chatId")) or ""


def _who(value: object) -> tuple[str | None, str | None]:
    """Give name and identity of a user, application or device."""
    for kind in ("user", "application", "device"):
        found = table(field(table(value), kind))
        if found:
            identity = label(field(found, "id"))
            return text_of(field(found, "displayName")) or identity, identity
    return None, None


def _message(element: Element) -> ChatMessage:
    data = element.data
    name, identity = _who(field(data, "from"))
    kind, system, text = _what(data)
    body = table(field(data, "body"))
    files, quoted = _attachments(data)
    files += _inline(words(field(body, "content")))
    subject = text_of(field(data, "subject"))
    findings = element.findings
    if subject and kind == "text":
        params: dict[str, str | int] = {"onderwerp": subject}
        findings += (Finding("chat.bericht_onderwerp", params, severity=Severity.INFO),)
    sent = iso_utc(field(data, "createdDateTime"))
    return ChatMessage(
        element.identity,
        element.index,
        element.span,
        id=label(field(data, "id")),
        sender=name,
        sent=sent,
        sent_raw=label(field(data, "createdDateTime")),
        precision="millisecond" if sent else None,
        text=text,
        type="media" if files and not text and kind == "text" else kind,
        system=system,
        attachments=files,
        reply_to=quoted or label(field(data, "replyToId")),
        edited=True if field(data, "lastEditedDateTime") else None,
        deleted=True if field(data, "deletedDateTime") else None,
        reactions=tuple(_reactions(data)),
        findings=findings,
        sender_id=identity,
        place=element.place,
    )


def _what(data: Mapping[str, Any]) -> tuple[str, str | None, str | None]:
    body = table(field(data, "body"))
    content = words(field(body, "content"))
    if words(field(body, "contentType")).lower() == "html":
        content = html_to_text(_PICTURE.sub(r"\1", content[:MAX_HTML]))
    kind = words(field(data, "messageType"))
    if kind == "message" or not kind:
        return "text", None, content
    detail = table(field(data, "eventDetail"))
    if kind not in ("systemEventMessage", "chatEvent") and not detail:
        return "unknown", None, content  # "unknownFutureValue" is what old clients get for events
    event = words(detail.get("@odata.type") or field(detail, "odataType"))
    event = event.rpartition(".")[2].removesuffix("EventMessageDetail") or _filled(detail)
    if event.startswith("call"):
        return "call", event, None
    people = [_event_name(member) for member in items(field(detail, "members"))]
    named = words(field(detail, "chatDisplayName")) or words(field(detail, "channelDisplayName"))
    shown = ", ".join(p for p in [*people, named] if p)
    return "system", _EVENTS.get(event, event) or None, shown or None


def _filled(detail: Mapping[str, Any]) -> str:
    """Give the event that some tools write as the one field that is not null."""
    for name, value in detail.items():
        if value and name not in ("Initiator", "initiator", "EventType", "eventType"):
            return name[:1].lower() + name[1:]
    return ""


def _event_name(member: object) -> str:
    return words(field(table(member), "displayName")) or words(field(table(member), "id"))


def _attachments(data: Mapping[str, Any]) -> tuple[tuple[ChatAttachment, ...], str | None]:
    """Give the files, which are links, and the message that is quoted."""
    files: list[ChatAttachment] = []
    quoted: str | None = None
    for one in (table(a) for a in items(field(data, "attachments"))):
        kind = words(field(one, "contentType"))
        if kind in ("messageReference", "forwardedMessageReference"):
            try:
                content = json.loads(words(field(one, "content")) or "{}")
            except (ValueError, RecursionError):
                content = {}
            reference = label(field(table(content), "messageId")) or label(field(one, "id"))
            quoted = quoted or reference
            continue
        name = words(field(one, "name")) or words(field(one, "contentUrl")) or kind
        files.append(ChatAttachment(name, False, absent_because="link"))
    return tuple(files), quoted


def _inline(html: str) -> tuple[ChatAttachment, ...]:
    found = []
    for tag in _INLINE.finditer(html[:MAX_HTML]):
        alt = _ALT.search(tag[0])
        found.append(ChatAttachment(alt[1] if alt else "", False, absent_because="needs_token"))
    return tuple(found[:100])


def _reactions(data: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    for one in (table(r) for r in items(field(data, "reactions"))):
        name, _ = _who(field(one, "user"))
        at = iso_utc(field(one, "createdDateTime"))
        found = {"emoji": words(field(one, "reactionType")), "sender": name or ""}
        yield found | ({"sent": at} if at else {})
