"""Readers of the databases of Signal after they were opened: of Android, and of Signal Desktop.

Android: tables `message` (before 2023 `sms` and `mms`), `thread`, `recipient`, `groups`, `attachment`
(before 2024 `part`), `reaction`; times in milliseconds since 1970, UTC. Desktop: `messages` and
`conversations`, each row with its details as JSON. A message with a timer or to be seen once is said.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archiver.findings import Finding, Severity
from archiver.intake.chat import database, exports
from archiver.intake.chat.database import Database, Row
from archiver.intake.chat.values import items, label, number, table, text_of, utc, words
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Participant, Record, Span

FORMAT = "signal-db"
PLATFORM = "signal"
_MESSAGE = (
    *("_id", "date_sent", "date_received", "from_recipient_id", "type", "body", "quote_id"),
    *("expires_in", "view_once", "remote_deleted", "original_message_id", "latest_revision_id"),
)
_OLD = ("_id", "thread_id", "date_sent", "date", "address", "type", "msg_box", "body", "quote_id")
_RECIPIENT = (
    *("_id", "e164", "phone", "aci", "uuid", "group_id", "system_joined_name"),
    *("system_display_name", "profile_joined_name", "signal_profile_name", "nickname_joined_name"),
)
_FILE = ("_id", "message_id", "mid", "content_type", "ct", "file_name", "data_size", "unique_id")
_CALLS = {
    1: "incoming",
    2: "outgoing",
    3: "missed",
    8: "missed",
    10: "incoming",
    11: "outgoing",
    12: "group",
}
_EVENTS = {4: "joined_signal", 7: "profile_change", 13: "bad_decrypt", 14: "change_number"}
_GROUP, _LEFT, _TIMER = 0x10000, 0x20000, 0x40000
_DESKTOP_SYSTEM = {
    "call-history": "call",
    "incoming": "text",
    "outgoing": "text",
    "story": "text",
}


def score(head: Head) -> int:
    """The first bytes say SQLite only; `score_path` looks inside."""
    return 0


def score_path(path: Path, head: Head) -> int:
    """Look for the tables of Signal, in a database or a zip of one."""
    return database.score(
        path,
        head,
        ("message", "date_sent", "from_recipient_id"),
        ("sms", "thread_id", "date_sent"),
        ("messages", "conversationId", "sent_at"),
    )


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read a database: per chat a `Conversation`, then its messages in the order of the rows."""
    return database.parse(path, context, _records)


def _records(found: Database) -> Iterator[Record]:
    desktop = found.has("messages", "conversationId")
    chats = _Desktop(found).chats() if desktop else _Android(found).chats()
    if chats:
        chats[0].findings = tuple(database.said(found))
    yield from exports.conversations(found.source, PLATFORM, chats, format=FORMAT)


@dataclass(slots=True)
class _Android:
    database: Database
    people: dict[int, Participant] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    group_of: dict[int, str] = field(default_factory=dict)

    def chats(self) -> list[exports.Chat]:
        """Give every thread that has messages."""
        base = self.database
        for row in base.rows("groups", ("group_id", "title")):
            self.groups[words(row["group_id"])] = words(row["title"])
        for row in base.rows("recipient", _RECIPIENT):
            self._person(row)
        threads = {}
        for row in base.rows(
            "thread", ("_id", "recipient_id", "thread_recipient_id", "recipient_ids")
        ):
            other = row["recipient_id"] or row["thread_recipient_id"] or row["recipient_ids"]
            threads[row["_id"]] = number(other)
        keys: dict[int, None] = {}
        for name in ("message", "sms", "mms"):
            if base.has(name, "thread_id"):
                query = f"SELECT thread_id FROM {name} GROUP BY 1 ORDER BY MIN(_id)"
                keys |= {k: None for (k,) in base.connection.execute(query) if k is not None}
        return [self._chat(key, threads.get(key)) for key in keys]

    def _person(self, row: Row) -> None:
        key = row["_id"]
        if row["group_id"]:
            self.group_of[key] = words(row["group_id"])
            return
        identity = (
            words(row["aci"]) or words(row["uuid"]) or words(row["e164"]) or words(row["phone"])
        )
        names = (
            *("nickname_joined_name", "system_joined_name", "system_display_name"),
            *("profile_joined_name", "signal_profile_name", "e164", "phone"),
        )
        shown = next((words(row[n]) for n in names if words(row[n])), "")
        identity = identity or f"recipient:{key}"
        self.people[key] = Participant(identity, shown or identity)

    def _chat(self, key: int, other: int | None) -> exports.Chat:
        person = self.people.get(other or -1)
        group = self.group_of.get(other or -1)
        title = (self.groups.get(group) or None) if group else person.name if person else None
        people = (person,) if person else ()
        return exports.Chat(title, lambda name: self._messages(name, key), people, forward=False)

    def _messages(self, identity: str, thread: int) -> Iterator[ChatMessage]:
        index = 0
        for name in ("message", "sms", "mms"):
            columns = _MESSAGE if name == "message" else _OLD
            rest = "WHERE thread_id IS ? ORDER BY _id"
            for row in self.database.rows(name, columns, rest, thread):
                if name == "message" and number(row["latest_revision_id"]):
                    continue  # an earlier wording: it belongs to the message that replaced it
                yield self._message(identity, index, name, row)
                index += 1

    def _message(self, identity: str, index: int, name: str, row: Row) -> ChatMessage:
        current = name == "message"
        author = row["from_recipient_id"] if current else row["address"]
        person = self.people.get(number(author) or -1)
        at = number(row["date_sent"]) or (number(row["date"]) if not current else None)
        bits = number(row["type"] if current or name == "sms" else row["msg_box"]) or 0
        kind, system = _kind(bits)
        files = tuple(self._files(row["_id"])) if name != "sms" else ()
        text = text_of(row["body"])
        findings: tuple[Finding, ...] = ()
        if current and number(row["expires_in"]):
            findings += (Finding("chat.bericht_verloopt"),)
        if current and number(row["original_message_id"]):
            findings += tuple(self._earlier(row["_id"]))
        if current and number(row["view_once"]) and not files:
            files = (ChatAttachment("", False, absent_because="view_once"),)
        quoted = number(row["quote_id"]) if name != "sms" else None
        return ChatMessage(
            identity,
            index,
            Span(0, 0),
            id=str(at) if at else None,
            sender=person.name if person else None,
            sent=utc(at),
            sent_raw=str(at) if at else None,
            precision="millisecond" if utc(at) else None,
            text=text if kind != "system" or not bits & _GROUP else None,
            type="media" if kind == "text" and files and not text else kind,
            system=system,
            attachments=files,
            reply_to=str(quoted) if quoted else None,
            edited=True if current and number(row["original_message_id"]) else None,
            deleted=True if current and number(row["remote_deleted"]) else None,
            reactions=tuple(self._reactions(row["_id"])) if current else (),
            findings=findings,
            sender_id=person.id if person else None,
            place=f"{name}:{row['_id']}",
        )

    def _earlier(self, message: int) -> Iterator[Finding]:
        """Give the earlier wordings of an edited message, oldest first."""
        rest = "WHERE latest_revision_id IS ? ORDER BY _id LIMIT 50"
        for row in self.database.rows("message", ("body",), rest, message):
            if text := text_of(row["body"]):
                params: dict[str, str | int] = {"tekst": text[:2_000]}
                yield Finding("chat.bericht_eerder", params, severity=Severity.INFO)

    def _files(self, message: int) -> Iterator[ChatAttachment]:
        for name, column in (("attachment", "message_id"), ("part", "mid")):
            if not self.database.has(name, column):
                continue
            for row in self.database.rows(
                name, _FILE, f"WHERE {column} IS ? ORDER BY _id", message
            ):
                media_type = text_of(row["content_type"]) or text_of(row["ct"])
                found = self.database.source.shelf.find(f"bijlagen/{row['_id']}")
                shown = words(row["file_name"]) or f"bijlage-{row['_id']}"
                if found.present:
                    yield ChatAttachment(
                        *(shown, True, "exact", found.path, media_type, found.size, found.sha256)
                    )
                else:
                    size = number(row["data_size"])
                    because = "not_in_export"
                    yield ChatAttachment(
                        shown, False, None, None, media_type, size, absent_because=because
                    )

    def _reactions(self, message: int) -> Iterator[Mapping[str, str]]:
        if not self.database.has("reaction", "message_id"):
            return
        columns = ("author_id", "emoji", "date_sent")
        for row in self.database.rows("reaction", columns, "WHERE message_id IS ?", message):
            who = self.people.get(number(row["author_id"]) or -1)
            found = {"emoji": words(row["emoji"]), "sender": who.name if who else ""}
            at = utc(number(row["date_sent"]))
            yield found | ({"sent": at} if at else {})


def _kind(bits: int) -> tuple[str, str | None]:
    """Tell what a row of Android is from the bits of its type."""
    base = bits & 0x1F
    if bits & _TIMER:
        return "system", "timer"
    if bits & (_GROUP | _LEFT):
        return "system", "left" if bits & _LEFT else "group_update"
    if bits & 0xFF00 and base not in range(20, 28):
        return "system", "key_exchange"
    if base in _CALLS:
        return "call", _CALLS[base]
    if base in _EVENTS:
        return "system", _EVENTS[base]
    return ("text", None) if base in range(20, 28) or bits == 0 else ("unknown", f"type_{base}")


@dataclass(slots=True)
class _Desktop:
    database: Database
    people: dict[str, Participant] = field(default_factory=dict)
    titles: dict[str, str | None] = field(default_factory=dict)
    single: set[str] = field(default_factory=set)

    def chats(self) -> list[exports.Chat]:
        """Give every conversation that has messages."""
        columns = (
            "id",
            "type",
            "name",
            "profileFullName",
            "profileName",
            "e164",
            "serviceId",
            "uuid",
            "json",
        )
        for row in self.database.rows("conversations", columns):
            more = _json(row["json"])
            identity = words(row["serviceId"]) or words(row["uuid"]) or words(row["e164"])
            shown = next(
                (
                    words(v)
                    for v in (
                        *(more.get("nicknameGivenName"), row["name"], row["profileFullName"]),
                        *(row["profileName"], row["e164"]),
                    )
                    if words(v)
                ),
                "",
            )
            key = words(row["id"])
            self.titles[key] = shown or None
            if row["type"] == "private":
                self.single.add(key)
                person = Participant(identity or key, shown or identity or key)
                for name in {key, identity, words(row["e164"])} - {""}:
                    self.people[name] = person
        query = "SELECT conversationId FROM messages GROUP BY 1 ORDER BY MIN(rowid)"
        keys = [words(key) for (key,) in self.database.connection.execute(query)]
        return [self._chat(key) for key in keys]

    def _chat(self, key: str) -> exports.Chat:
        person = self.people.get(key) if key in self.single else None
        people = (person,) if person else ()
        title = self.titles.get(key)
        return exports.Chat(title, lambda name: self._messages(name, key), people, forward=False)

    def _messages(self, identity: str, key: str) -> Iterator[ChatMessage]:
        columns = (
            *("id", "type", "body", "sent_at", "received_at", "source", "sourceServiceId"),
            *("sourceUuid", "expireTimer", "isErased", "isViewOnce", "json"),
        )
        rest = "WHERE conversationId IS ? ORDER BY rowid"
        for index, row in enumerate(self.database.rows("messages", columns, rest, key)):
            yield self._message(identity, index, row)

    def _message(self, identity: str, index: int, row: Row) -> ChatMessage:
        more = _json(row["json"])
        kind_of = words(row["type"])
        kind = _DESKTOP_SYSTEM.get(kind_of, "system")
        who = words(row["sourceServiceId"]) or words(row["sourceUuid"]) or words(row["source"])
        person = self.people.get(who)
        if kind_of == "outgoing":
            owner = self.database.source.context.answers.get("owner")
            person = Participant("self", owner or "self")
        at = number(row["sent_at"]) or number(more.get("sent_at"))
        files = tuple(self._files(row, more))
        text = text_of(row["body"]) or text_of(more.get("body"))
        findings: tuple[Finding, ...] = ()
        if number(row["expireTimer"]) or number(more.get("expireTimer")):
            findings = (Finding("chat.bericht_verloopt"),)
        quote = table(more.get("quote"))
        return ChatMessage(
            identity,
            index,
            Span(0, 0),
            id=str(at) if at else label(row["id"]),
            sender=person.name if person else who or None,
            sent=utc(at),
            sent_raw=str(at) if at else None,
            precision="millisecond" if utc(at) else None,
            text=text,
            type="media" if kind == "text" and files and not text else kind,
            system=kind_of or None if kind != "text" else None,
            attachments=files,
            reply_to=label(quote.get("id")),
            edited=True if items(more.get("editHistory")) else None,
            deleted=True if more.get("deletedForEveryone") is True else None,
            reactions=tuple(self._reactions(more)),
            findings=findings,
            sender_id=person.id if person else who or None,
            place=f"messages:{row['row']}",
        )

    def _files(self, row: Row, more: Mapping[str, Any]) -> Iterator[ChatAttachment]:
        found = items(more.get("attachments"))
        if not found and self.database.has("message_attachments", "messageId"):
            columns = ("fileName", "contentType", "size", "path")
            rest = "WHERE messageId IS ?"
            found = list(self.database.rows("message_attachments", columns, rest, row["id"]))
        for one in (table(f) for f in found):
            shown = words(one.get("fileName")) or words(one.get("contentType")) or "bijlage"
            size, media_type = number(one.get("size")), text_of(one.get("contentType"))
            place = words(one.get("path")).replace("\\", "/")
            there = self.database.source.shelf.find(f"attachments.noindex/{place}")
            if place and there.present:
                guessed = media_type or mimetypes.guess_type(shown)[0] or there.media_type
                given = (shown, True, "exact", there.path, guessed)
                yield ChatAttachment(*given, there.size, there.sha256)
                continue
            because = "not_in_export"
            yield ChatAttachment(shown, False, None, None, media_type, size, absent_because=because)
        if number(row["isViewOnce"]) and not found:
            yield ChatAttachment("", False, absent_because="view_once")

    def _reactions(self, more: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
        for one in (table(r) for r in items(more.get("reactions"))):
            who = self.people.get(words(one.get("fromId")))
            found = {"emoji": words(one.get("emoji")), "sender": who.name if who else ""}
            at = utc(number(one.get("timestamp")))
            yield found | ({"sent": at} if at else {})


def _json(value: object) -> Mapping[str, Any]:
    try:
        return table(json.loads(words(value) or "{}"))
    except (ValueError, RecursionError):
        return {}
