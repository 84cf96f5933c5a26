"""Reader of Microsoft Teams messages as Graph gives them: JSON of ``chatMessage`` resources.

An array, or an answer of Graph with ``value``; names in camelCase or, as some tools write them, in
PascalCase. Times are ISO 8601 in UTC. The order of the array is not the order in time and is kept.
Files are links into OneDrive or SharePoint and inline images need a token: both are said to be
absent. Earlier versions of edited messages are not in this form. Replies that were asked for with their
message (``$expand=replies``) stand inside it and come after it. Compared with the description of
``chatMessage`` in Microsoft Graph 1.0, its attachments, reactions, history and events.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from archiver.findings import Finding, Severity
from archiver.intake.body_text import MAX_HTML, html_to_text
from archiver.intake.chat import exports, json_chats, teams_attachments
from archiver.intake.chat.json_chats import Element
from archiver.intake.chat.json_places import cut
from archiver.intake.chat.teams_attachments import field, who
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
        shape = json_chats.Shape(_message, _chat_of, forward=False, inside=_replies)
        chats = json_chats.chats(source, cut(source.text.buffer, _PATTERNS), shape)
        yield from exports.conversations(source, FORMAT, chats, first)
        first += len(chats)


def _chat_of(data: Mapping[str, Any]) -> str | None:
    channel = label(field(table(field(data, "channelIdentity")), "channelId"))
    return channel or label(field(data, "chatId")) or ""


def _replies(data: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    name = "replies" if "replies" in data else "Replies"
    for number, reply in enumerate(items(data.get(name))):
        yield f"{name}/{number}", table(reply)


def _message(element: Element) -> ChatMessage:
    data = element.data
    name, identity = who(field(data, "from"))
    kind, system, text = _what(data)
    if kind in ("system", "call") and name is None:
        name, identity = who(field(table(field(data, "eventDetail")), "initiator"))
    body = table(field(data, "body"))
    held = teams_attachments.read(items(field(data, "attachments")))
    files = held.files + _inline(words(field(body, "content")))
    text = "\n\n".join(part for part in (text, *held.texts) if part) or text
    findings = element.findings + held.findings + tuple(_noticed(data, kind))
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
        reply_to=held.quoted or label(field(data, "replyToId")),
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


def _noticed(data: Mapping[str, Any], kind: str) -> Iterator[Finding]:
    """Say what a message has besides its text that a reader would not see."""

    def say(code: str, **params: str | int) -> Finding:
        return Finding(code, params, severity=Severity.INFO)

    subject = text_of(field(data, "subject"))
    if subject and kind == "text":
        yield say("chat.bericht_onderwerp", onderwerp=subject)
    if (weight := words(field(data, "importance"))) in ("high", "urgent"):
        yield say("teams.belang", belang=weight)
    if table(field(data, "policyViolation")):
        yield say("teams.beleid")
    history = [table(one) for one in items(field(data, "messageHistory"))]
    gone = sum("reactionRemoved" in words(field(one, "actions")) for one in history)
    if gone:
        yield say("teams.reactie_weg", n=gone)


def _inline(html: str) -> tuple[ChatAttachment, ...]:
    found = []
    for tag in _INLINE.finditer(html[:MAX_HTML]):
        alt = _ALT.search(tag[0])
        found.append(ChatAttachment(alt[1] if alt else "", False, absent_because="needs_token"))
    return tuple(found[:100])


def _reactions(data: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    for one in (table(r) for r in items(field(data, "reactions"))):
        name, _ = who(field(one, "user"))
        at = iso_utc(field(one, "createdDateTime"))
        kind = words(field(one, "reactionType"))
        shown = words(field(one, "displayName")) if kind == "custom" else kind
        found = {"emoji": shown or kind, "sender": name or ""}
        yield found | ({"sent": at} if at else {})
