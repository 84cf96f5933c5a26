"""Reader of the JSON export of Telegram Desktop: ``result.json`` of one chat or a whole account.

Schema: core.telegram.org/import-export. `date` is the wall clock of the computer that exported,
`date_unixtime` (since 3.7.6) seconds since 1970 in UTC; their difference is the offset, which is
put into `sent`. Known defects (``\\xNN`` escapes, words without quotes) are repaired and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from archiver.findings import Finding, Severity
from archiver.intake.chat import exports, media
from archiver.intake.chat.json_places import Document, cut, load, trouble
from archiver.intake.chat.json_places import Path as JsonPath
from archiver.intake.chat.values import (
    iso,
    items,
    label,
    number,
    table,
    text_of,
    utc_seconds,
    words,
)
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Record, Span

FORMAT = "telegram"
_PATTERNS = (
    ("messages", None),
    ("chats", "list", None, "messages", None),
    ("left_chats", "list", None, "messages", None),
)
_SHAPE = re.compile(
    rb'"messages"\s*:\s*\[\s*(?:\]|\{(?=[^{}]{0,400}"type"\s*:\s*"(?:message|service)")'
    rb'(?=[^{}]{0,400}"date(?:_unixtime)?"\s*:))'
)
_LEFT_OUT = re.compile(r"\((?:File|This file|Photo|Video) .{0,200}\)|\(File not included.*\)", re.S)
_FILES = ("photo", "file", "sticker", "contact_vcard")
_FOLDERS: tuple[str, ...] = (
    "photos",
    "video_files",
    "voice_messages",
    "files",
    "stickers",
    "contacts",
    "css",
    "js",
)
_FOLDERS += ("images", "lists", "chats", "round_video_messages", "profile_pictures", "stories")
_ACTIONS = {
    "create_group": "group_created",
    "create_channel": "group_created",
    "migrate_from_group": "group_created",
    "invite_members": "member_added",
    "remove_members": "removed",
    "join_group_by_link": "joined",
    "join_group_by_request": "joined",
    "edit_group_title": "subject",
    "edit_group_photo": "picture",
    "delete_group_photo": "picture",
    "pin_message": "pinned",
}
_CALLS = ("phone_call", "group_call", "conference_call", "invite_to_group_call")
_DETAILS = ("title", "new_title", "members", "discard_reason", "duration_seconds", "period")


def _wanted(name: str) -> bool:
    return name.rpartition("/")[2] == "result.json"


def _score_text(data: bytes) -> int:
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return 95 if start == b"{" and _SHAPE.search(data) else 0


def score(head: Head) -> int:
    """Say how sure the bytes make it: an array of messages with a type and a date."""
    return _score_text(head.data)


def score_path(path: Path, head: Head) -> int:
    """As `score`, but looks into a zip for ``result.json``."""
    return exports.score(path, head, _wanted, _score_text)


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read an export: per chat one `Conversation`, then its messages in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def member_bytes(path: Path, name: str, context: ParseContext | None = None) -> Iterator[bytes]:
    """Give the bytes of a medium by its `ChatAttachment.path`. InputRefused when absent."""
    return media.member_bytes(path, name, (context or ParseContext()).limits)


def companions(path: Path) -> Iterator[Path]:
    """Give what the export puts beside its text: folders of media and of the web page."""
    if path.name in ("result.json", "messages.html"):
        yield from (path.parent / name for name in _FOLDERS if (path.parent / name).is_dir())


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    first = 0
    for source in exports.texts(path, context, _wanted):
        document = cut(source.text.buffer, _PATTERNS)
        chats = [_chat(source, document, where) for where in document.groups]
        if chats:
            chats[0].skipped = document.around()
            chats[0].findings = exports.beside(source, companions(path))
            if not document.whole:
                finding = Finding("chat.export_onvolledig", {}, source.place)
                chats[0].findings = (*chats[0].findings, finding)
        yield from exports.conversations(source, FORMAT, chats, first)
        first += len(chats)


def _chat(source: exports.Text, document: Document, where: JsonPath) -> exports.Chat:
    frame: Any = document.frame
    for step in where[:-1]:
        frame = _step(frame, step)
    holder = table(frame)
    pointer = "".join(f"/{step}" for step in where)

    def read(identity: str) -> Iterator[ChatMessage]:
        for index, span in enumerate(document.spans(where)):
            value, how = load(document.buffer[span.start : span.end])
            place = f"{source.member or ''}#{pointer}/{index}"
            yield _message(source, identity, index, span, table(value), trouble(how), place)

    return exports.Chat(text_of(holder.get("name")), read)


def _step(frame: Any, step: str | int) -> Any:
    if isinstance(step, int):
        found = items(frame)
        return found[step] if step < len(found) else None
    return table(frame).get(step)


def _message(
    source: exports.Text,
    identity: str,
    index: int,
    span: Span,
    data: Mapping[str, Any],
    findings: tuple[Finding, ...],
    place: str,
) -> ChatMessage:
    service = data.get("type") == "service"
    action = words(data.get("action"))
    kind, system = ("unknown", None) if not data else ("text", None)
    text = _text(data.get("text"))
    files = tuple(_files(source, data))
    if service:
        kind, system = ("call" if action in _CALLS else "system"), _ACTIONS.get(action, action)
        if action == "set_messages_ttl":
            system = "timer_on" if number(data.get("period")) else "timer_off"
        text = text or _detail(data) or None
    elif "poll" in data:
        kind, text = "poll", text or _poll(table(data["poll"]))
    elif "location_information" in data:
        kind = "location"
        spot = table(data["location_information"])
        text = text or f"{spot.get('latitude')}, {spot.get('longitude')}"
    elif "contact_information" in data:
        kind, text = "contact", text or _card(table(data["contact_information"]))
    elif files and not text:
        kind = "media"
    sent, precision = _time(data)
    name = text_of(data.get("actor" if service else "from"))
    who = label(data.get("actor_id" if service else "from_id"))
    if forwarded := text_of(data.get("forwarded_from")):
        params: dict[str, str | int] = {"van": forwarded}
        findings += (Finding("chat.doorgestuurd", params, severity=Severity.INFO),)
    return ChatMessage(
        identity,
        index,
        span,
        id=label(data.get("id")),
        sender=name or who,
        sent=sent,
        sent_raw=label(data.get("date")) or label(data.get("date_unixtime")),
        precision=precision,
        text=text,
        type=kind,
        system=(system or None) if kind in ("system", "call") else None,
        attachments=files,
        reply_to=label(data.get("reply_to_message_id")),
        edited=_edited(data),
        reactions=tuple(_reactions(data)),
        findings=findings,
        sender_id=who,
        place=place,
    )


def _text(value: object) -> str | None:
    """Join the plain and the styled pieces of a text."""
    if isinstance(value, list):
        return "".join(
            words(p) if isinstance(p, str) else words(table(p).get("text")) for p in value
        )
    return text_of(value)


def _time(data: Mapping[str, Any]) -> tuple[str | None, str | None]:
    local, seconds = iso(data.get("date")), number(data.get("date_unixtime"))
    absolute = utc_seconds(seconds)
    if absolute is None or local is None:
        found = local or absolute
        return found, "second" if found else None
    wall = datetime.fromisoformat(local).replace(tzinfo=UTC)
    offset = wall - datetime.fromisoformat(absolute)
    if abs(offset) > timedelta(hours=15) or offset % timedelta(minutes=15):
        return absolute, "second"
    return wall.replace(tzinfo=timezone(offset)).isoformat(), "second"


def _edited(data: Mapping[str, Any]) -> bool | None:
    when = words(data.get("edited"))
    return True if when and not when.startswith("1970") else None


def _files(source: exports.Text, data: Mapping[str, Any]) -> Iterator[ChatAttachment]:
    for key in _FILES:
        name = text_of(data.get(key))
        if not name:
            continue
        if name.startswith("("):
            shown = words(data.get("file_name")) or key
            yield ChatAttachment(
                shown,
                False,
                media_type=text_of(data.get("mime_type")),
                absent_because="left_out" if _LEFT_OUT.match(name) else "not_in_export",
            )
        else:
            yield source.shelf.find(name)


def _reactions(data: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    for one in items(data.get("reactions")):
        emoji = words(table(one).get("emoji")) or words(table(one).get("document_id"))
        known = [words(table(r).get("from")) for r in items(table(one).get("recent"))]
        yield from ({"emoji": emoji, "sender": name} for name in known)
        rest = (number(table(one).get("count")) or 0) - len(known)
        if rest > 0:
            yield {"emoji": emoji, "count": str(rest)}


def _poll(poll: Mapping[str, Any]) -> str:
    answers = [
        f"- {_text(table(a).get('text')) or ''} ({number(table(a).get('voters')) or 0})"
        for a in items(poll.get("answers"))
    ]
    return "\n".join([_text(poll.get("question")) or "", *answers])


def _card(card: Mapping[str, Any]) -> str:
    parts = (words(card.get(k)) for k in ("first_name", "last_name", "phone_number"))
    return " ".join(part for part in parts if part)


def _detail(data: Mapping[str, Any]) -> str:
    found: list[str] = []
    for key in _DETAILS:
        value = data.get(key)
        found += [words(v) for v in value] if isinstance(value, list) else [label(value) or ""]
    return ", ".join(part for part in found if part)
