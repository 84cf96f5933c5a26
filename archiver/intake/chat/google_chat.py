"""Reader of Google Chat in a Takeout: ``Groups/<id>/messages.json`` with ``group_info.json``.

`created_date` is a sentence in the language of the account ("Wednesday, April 15, 2015 at 12:51:41
AM UTC"); English and Dutch are read, in other languages the time stays empty and this is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.findings import Finding
from archiver.intake.chat import exports, json_chats, media
from archiver.intake.chat.json_chats import Element
from archiver.intake.chat.json_places import Path as JsonPath
from archiver.intake.chat.json_places import cut, load
from archiver.intake.chat.values import items, label, table, text_of, words
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Participant, Record

FORMAT = "google-chat"
_MARKS = (b'"messages"', b'"creator"', b'"created_date"', b'"message_id"')
_EN = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_NL = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
_ENGLISH = re.compile(
    r"\w+, (\w+) (\d{1,2}), (\d{4}) at (\d{1,2}):(\d\d):(\d\d) ?([AP]M) UTC", re.IGNORECASE
)
_DUTCH = re.compile(r"\w+ (\d{1,2}) (\w+) (\d{4}) om (\d{1,2}):(\d\d):(\d\d) UTC", re.IGNORECASE)


def _wanted(name: str) -> bool:
    return name.rpartition("/")[2] == "messages.json"


def _score_text(data: bytes) -> int:
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return 0
    return 95 if all(mark in data for mark in _MARKS) else 0


def score(head: Head) -> int:
    """Say how sure the bytes make it: the fields that every message has."""
    return _score_text(head.data)


def score_path(path: Path, head: Head) -> int:
    """As `score`, but looks into a zip for ``messages.json``."""
    return exports.score(path, head, _wanted, _score_text)


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read a file (or all of a zip): a `Conversation`, then its messages in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def member_bytes(path: Path, name: str, context: ParseContext | None = None) -> Iterator[bytes]:
    """Give the bytes of a medium by its `ChatAttachment.path`. InputRefused when absent."""
    return media.member_bytes(path, name, (context or ParseContext()).limits)


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    for index, source in enumerate(exports.texts(path, context, _wanted)):
        info = _info(source)
        people = tuple(_members(info))
        name = text_of(info.get("name")) or source.place.rpartition("/")[0].rpartition("/")[2]
        if source.member is None and not name:
            name = source.path.parent.name

        def title(where: JsonPath, key: str, name: str | None = name) -> str | None:
            return name or None

        def members(
            where: JsonPath, key: str, people: tuple[Participant, ...] = people
        ) -> tuple[Participant, ...]:
            return people

        shape = json_chats.Shape(_message, lambda data: "", title, members)
        chats = json_chats.chats(source, cut(source.text.buffer, (("messages", None),)), shape)
        yield from exports.conversations(source, FORMAT, chats, index)


def _info(source: exports.Text) -> Mapping[str, Any]:
    """Read what stands beside the messages about the group, when it is there."""
    medium = source.shelf.find("group_info.json")
    if not medium.present or medium.path is None or (medium.size or 0) > 4_000_000:
        return {}
    raw = b"".join(media.member_bytes(source.path, medium.path, source.context.limits))
    return table(load(raw)[0])


def _members(info: Mapping[str, Any]) -> Iterator[Participant]:
    for member in (table(m) for m in items(info.get("members"))):
        name, mail = words(member.get("name")), words(member.get("email"))
        if mail or name:
            yield Participant(mail or name, name or mail)


def when(raw: str | None) -> str | None:
    """Read the sentence that Google writes for a time, in English or Dutch."""
    plain = re.sub(r"\s+", " ", (raw or "").replace("\u202f", " ").replace("\u00a0", " ")).strip()
    if found := _ENGLISH.fullmatch(plain):
        month, day, year, hour, minute, second, half = found.groups()
        hours = int(hour) % 12 + (12 if half.upper() == "PM" else 0)
        names = _EN
    elif found := _DUTCH.fullmatch(plain):
        day, month, year, hour, minute, second = found.groups()
        hours, names = int(hour), _NL
    else:
        return None
    try:
        number = names.index(month.lower()) + 1
        at = datetime(int(year), number, int(day), hours, int(minute), int(second))
    except ValueError:
        return None
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _message(element: Element) -> ChatMessage:
    data = element.data
    creator = table(data.get("creator"))
    mail, name = label(creator.get("email")), text_of(creator.get("name"))
    raw = text_of(data.get("created_date"))
    sent = when(raw)
    text = text_of(data.get("text"))
    files = tuple(_files(element.source, data))
    findings = element.findings
    if raw and sent is None:
        findings += (Finding("chat.bericht_datum_taal"),)
    identity = label(data.get("message_id"))
    return ChatMessage(
        element.identity,
        element.index,
        element.span,
        id=identity,
        sender=name or mail,
        sent=sent,
        sent_raw=raw,
        precision="second" if sent else None,
        text=text,
        type="media" if files and not text else "text",
        attachments=files,
        reply_to=_reply(identity, data),
        edited=True if text_of(data.get("updated_date")) else None,
        deleted=True if words(data.get("message_state")) == "DELETED" else None,
        reactions=tuple(_reactions(data)),
        findings=findings,
        sender_id=mail or name,
        place=element.place,
    )


def _reply(identity: str | None, data: Mapping[str, Any]) -> str | None:
    quoted = label(table(data.get("quoted_message_metadata")).get("message_id"))
    steps = (identity or "").split("/")
    if quoted or len(steps) != 3 or steps[1] == steps[2]:
        return quoted
    return f"{steps[0]}/{steps[1]}/{steps[1]}"  # the message that began the topic


def _files(source: exports.Text, data: Mapping[str, Any]) -> Iterator[ChatAttachment]:
    for one in (table(f) for f in items(data.get("attached_files"))):
        name = words(one.get("export_name")) or words(one.get("original_name"))
        yield source.shelf.find(name)


def _reactions(data: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    for one in (table(r) for r in items(data.get("reactions"))):
        emoji = words(table(one.get("emoji")).get("unicode"))
        for who in items(one.get("reactor_emails")):
            yield {"emoji": emoji, "sender": words(who)}
