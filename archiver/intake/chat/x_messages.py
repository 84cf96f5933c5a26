"""Reader of the direct messages in an archive of X (Twitter): ``direct-messages.js``.

A script that assigns a JSON array: ``window.YTD.direct_messages.part0 = [ … ]``. Times are ISO 8601,
UTC. People are known by number only; their names stand elsewhere in the archive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from archiver.findings import Finding, Severity
from archiver.intake.chat import exports, json_chats
from archiver.intake.chat.json_chats import Element
from archiver.intake.chat.json_places import Path as JsonPath
from archiver.intake.chat.json_places import cut
from archiver.intake.chat.values import iso_utc, items, label, table, text_of, words
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Record

FORMAT = "x"
_START = re.compile(rb"\s*window\.YTD\.direct_messages?(?:_group)?\.part\d+\s*=\s*(?=\[)")
_EVENTS = {
    "joinConversation": "joined",
    "participantsJoin": "member_added",
    "participantsLeave": "left",
    "conversationNameUpdate": "subject",
}


def _wanted(name: str) -> bool:
    last = name.rpartition("/")[2]
    return re.fullmatch(r"direct-messages?(-group)?(-part\d+)?\.js", last) is not None


def _score_text(data: bytes) -> int:
    return 97 if _START.match(data) else 0


def score(head: Head) -> int:
    """Say how sure the bytes make it: the assignment of direct messages."""
    return _score_text(head.data)


def score_path(path: Path, head: Head) -> int:
    """As `score`, but looks into a zip for the script."""
    return exports.score(path, head, _wanted, _score_text)


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read a script: per conversation a `Conversation`, then its messages in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    first = 0
    for source in exports.texts(path, context, _wanted):
        start = _START.match(source.text.buffer)
        pattern = (None, "dmConversation", "messages", None)
        document = cut(source.text.buffer, (pattern,), start.end() if start else 0)

        def title(where: JsonPath, key: str, frame: Any = document.frame) -> str | None:
            at = where[0] if where else 0
            one = items(frame)[at] if isinstance(at, int) and at < len(items(frame)) else None
            chat = table(table(one).get("dmConversation"))
            return label(chat.get("name")) or label(chat.get("conversationId"))

        shape = json_chats.Shape(_message, lambda data: "", title, forward=False)
        chats = json_chats.chats(source, document, shape)
        yield from exports.conversations(source, FORMAT, chats, first)
        first += len(chats)


def _message(element: Element) -> ChatMessage:
    name = next(iter(element.data), "")
    data = table(element.data[name])
    sent = iso_utc(data.get("createdAt"))
    sender = label(data.get("senderId")) or label(data.get("initiatingUserId"))
    kind, system, text = "text", None, text_of(data.get("text"))
    findings = element.findings
    if name in _EVENTS:
        kind, system = "system", _EVENTS[name]
        people = [label(u) or "" for u in items(data.get("userIds"))]
        text = text_of(data.get("name")) or ", ".join(people) or None
    elif name != "messageCreate":
        kind = "unknown"
    files = tuple(
        ChatAttachment(words(url).rpartition("/")[2], False, absent_because="link")
        for url in items(data.get("mediaUrls"))
    )
    if items(data.get("editHistory")):
        findings += tuple(_versions(data))
    return ChatMessage(
        element.identity,
        element.index,
        element.span,
        id=label(data.get("id")),
        sender=sender,
        sent=sent,
        sent_raw=label(data.get("createdAt")),
        precision="millisecond" if sent else None,
        text=_with_links(text, data),
        type="media" if files and not text and kind == "text" else kind,
        system=system,
        attachments=files,
        edited=True if items(data.get("editHistory")) else None,
        reactions=tuple(_reactions(data)),
        findings=findings,
        sender_id=sender,
        place=element.place,
    )


def _with_links(text: str | None, data: Mapping[str, Any]) -> str | None:
    """Put the address behind a shortened link, which would say nothing in a few years."""
    for one in (table(u) for u in items(data.get("urls"))):
        short, full = words(one.get("url")), words(one.get("expanded"))
        if text and short and full and short != full:
            text = text.replace(short, f"{short} ({full})", 1)
    return text


def _versions(data: Mapping[str, Any]) -> Iterator[Finding]:
    for one in items(data.get("editHistory"))[:50]:
        text = text_of(table(one).get("text")) or text_of(table(one).get("previousText"))
        if text:
            params: dict[str, str | int] = {"tekst": text[:2_000]}
            yield Finding("chat.bericht_eerder", params, severity=Severity.INFO)


def _reactions(data: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    for one in (table(r) for r in items(data.get("reactions"))):
        found = {"emoji": words(one.get("reactionKey")), "sender": label(one.get("senderId")) or ""}
        at = iso_utc(one.get("createdAt"))
        yield found | ({"sent": at} if at else {})
