"""Reader of the database of Messages on a Mac or iPhone: ``chat.db``, ``sms.db``.

Times are nanoseconds (before 2017 seconds) since 2001, UTC. The words stand in `text` or, when that
is empty, in `attributedBody`, an archive in Apple's "typedstream" form. Earlier versions of an
edited message stand in `message_summary_info`, a property list, and are kept as findings.
"""

from __future__ import annotations

import plistlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archiver.findings import Finding, Severity
from archiver.intake.chat import database, exports
from archiver.intake.chat.database import Database, Row
from archiver.intake.chat.values import items, label, number, table, text_of, utc, words
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Participant, Record, Span

FORMAT = "imessage-db"
PLATFORM = "imessage"
APPLE = 978_307_200_000  # milliseconds between 1970 and 2001
_COLUMNS = (
    "guid",
    "text",
    "attributedBody",
    "handle_id",
    "subject",
    "service",
    "date",
    "is_from_me",
    "item_type",
    "other_handle",
    "group_title",
    "group_action_type",
    "associated_message_guid",
    "associated_message_type",
    "associated_message_emoji",
    "message_summary_info",
    "thread_originator_guid",
    "date_retracted",
    "date_edited",
    "is_expirable",
    "cache_has_attachments",
    "error",
)
_STRING = re.compile(rb"NSString\x01.\x84\x01\+", re.DOTALL)
_TAPBACKS = {0: "❤️", 1: "👍", 2: "👎", 3: "😂", 4: "‼️", 5: "❓"}
_ITEMS = {2: "subject", 3: "left", 4: "location_sharing", 5: "kept_audio", 6: "facetime"}


def score(head: Head) -> int:
    """The first bytes say SQLite only; `score_path` looks inside."""
    return 0


def score_path(path: Path, head: Head) -> int:
    """Look for the table of messages of Apple, in a database or a zip of one."""
    return database.score(
        path, head, ("message", "guid", "handle_id", "is_from_me", "attributedBody")
    )


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read a database: per chat a `Conversation`, then its messages in the order of the rows."""
    return database.parse(path, context, _records)


def _records(found: Database) -> Iterator[Record]:
    chats = _Store(found).chats()
    yield from exports.conversations(found.source, PLATFORM, chats, format=FORMAT)


def string_of(archive: object) -> str | None:
    """Read the words out of a typedstream archive: the first NSString, with its length before it."""
    if not isinstance(archive, bytes):
        return None
    found = _STRING.search(archive)
    if found is None or found.end() >= len(archive):
        return None
    at = found.end()
    size = archive[at]
    if size in (0x81, 0x82):
        width = 2 if size == 0x81 else 4
        size = int.from_bytes(archive[at + 1 : at + 1 + width], "little")
        at += width
    raw = archive[at + 1 : at + 1 + size]
    return raw.decode("utf-8", "replace").replace("\ufffc", "")


def milliseconds(date: object) -> int | None:
    """Turn a time of Apple into milliseconds since 1970; 0 is no time."""
    value = number(date)
    if not value:
        return None
    return value // 1_000_000 + APPLE if abs(value) > 10**12 else value * 1000 + APPLE


@dataclass(slots=True)
class _Store:
    """What the database says about people, and which messages each chat holds."""

    database: Database
    people: dict[int, Participant] = field(default_factory=dict)
    files: dict[int, list[ChatAttachment]] = field(default_factory=dict)

    def chats(self) -> list[exports.Chat]:
        """Give every chat that has messages, and one for messages without chat."""
        base = self.database
        for row in base.rows("handle", ("id",)):
            name = words(row["id"]) or str(row["row"])
            self.people[row["row"]] = Participant(name, name)
        self._attachments()
        known: dict[int, Row] = {}
        for row in base.rows("chat", ("display_name", "chat_identifier")):
            known[row["row"]] = row
        found: list[exports.Chat] = []
        joined = base.has("chat_message_join", "chat_id", "message_id")
        if joined:
            ids = base.connection.execute(
                "SELECT DISTINCT chat_id FROM chat_message_join ORDER BY 1"
            )
            for (chat,) in ids.fetchall():
                rest = (
                    "WHERE rowid IN (SELECT message_id FROM chat_message_join WHERE chat_id IS ?)"
                )
                found.append(self._chat(known.get(chat), rest, chat))
        lonely = "WHERE rowid NOT IN (SELECT message_id FROM chat_message_join)" if joined else ""
        if next(base.rows("message", ("guid",), lonely), None) is not None:
            found.append(self._chat(None, lonely))
        if found:
            found[0].findings = (*database.said(base), *self._said())
        return found

    def _said(self) -> tuple[Finding, ...]:
        if "owner" in self.database.source.context.answers:
            return ()
        return (Finding("chat.eigenaar_vragen", {}, self.database.source.place),)

    def _attachments(self) -> None:
        base = self.database
        columns = ("filename", "transfer_name", "mime_type", "total_bytes")
        files = {row["row"]: row for row in base.rows("attachment", columns)}
        for row in base.rows("message_attachment_join", ("message_id", "attachment_id")):
            one = files.get(row["attachment_id"], {})
            path = words(one.get("filename"))
            name = words(one.get("transfer_name")) or path.rpartition("/")[2]
            place = path.partition("Library/")[2] or path.lstrip("~/")
            medium = base.source.shelf.find(place) if place else None
            if medium is None or not medium.present:
                kind, size = text_of(one.get("mime_type")), number(one.get("total_bytes"))
                medium = ChatAttachment(
                    name, False, None, None, kind, size, absent_because="not_in_export"
                )
            self.files.setdefault(row["message_id"], []).append(medium)

    def _chat(self, row: Row | None, rest: str, *values: Any) -> exports.Chat:
        data = row or {}
        title = words(data.get("display_name")) or words(data.get("chat_identifier")) or None
        members: tuple[Participant, ...] = ()
        if row is not None and self.database.has("chat_handle_join", "chat_id", "handle_id"):
            where = "WHERE chat_id IS ?"
            joins = self.database.rows("chat_handle_join", ("handle_id",), where, row["row"])
            ids = [join["handle_id"] for join in joins]
            members = tuple(self.people[i] for i in ids if i in self.people)
        reactions = self._reactions(rest, *values)

        def read(identity: str) -> Iterator[ChatMessage]:
            found = self.database.rows("message", _COLUMNS, f"{rest} ORDER BY rowid", *values)
            for index, one in enumerate(found):
                yield self._message(identity, index, one, reactions)

        return exports.Chat(title, read, members, forward=False, member=self._member())

    def _member(self) -> str | None:
        return self.database.source.member

    def _reactions(self, rest: str, *values: Any) -> dict[str, list[dict[str, str]]]:
        """Collect the tapbacks of a chat by the message they are about."""
        found: dict[str, list[dict[str, str]]] = {}
        where = f"{rest} {'AND' if rest else 'WHERE'} associated_message_type >= 2000"
        if not self.database.has("message", "associated_message_type", "associated_message_guid"):
            return found
        for row in self.database.rows("message", _COLUMNS, f"{where} ORDER BY rowid", *values):
            kind = number(row["associated_message_type"]) or 0
            about = _target(row)
            person = self._sender(row)
            emoji, who = _emoji(row), person.name if person else ""
            held = found.setdefault(about, [])
            if kind < 3000:
                held.append({"emoji": emoji, "sender": who})
            else:  # taken back
                found[about] = [r for r in held if (r["emoji"], r["sender"]) != (emoji, who)]
        return found

    def _sender(self, row: Row) -> Participant | None:
        if row["is_from_me"]:
            owner = self.database.source.context.answers.get("owner")
            return Participant("self", owner or "self")
        return self.people.get(number(row["handle_id"]) or -1)

    def _message(
        self, identity: str, index: int, row: Row, reactions: dict[str, list[dict[str, str]]]
    ) -> ChatMessage:
        person = self._sender(row)
        guid = text_of(row["guid"])
        text = text_of(row["text"]) or string_of(row["attributedBody"])
        text = text.replace("\ufffc", "") if text else text
        files = tuple(self.files.get(row["row"], ()))
        kind, system, about = self._kind(row)
        summary = summary_of(row["message_summary_info"])
        earlier = tuple(versions(summary))
        retracted = bool(number(row["date_retracted"])) or bool(summary.get("rp"))
        sent = utc(milliseconds(row["date"]))
        if kind == "text" and files and not text:
            kind = "media"
        return ChatMessage(
            identity,
            index,
            Span(0, 0),
            id=guid,
            sender=person.name if person else None,
            sent=sent,
            sent_raw=label(row["date"]),
            precision="millisecond" if sent else None,
            text=text,
            type=kind,
            system=system,
            attachments=files,
            reply_to=about or text_of(row["thread_originator_guid"]),
            edited=True if number(row["date_edited"]) or earlier else None,
            deleted=True if retracted and not text else None,
            reactions=tuple(reactions.get(guid or "", ())),
            findings=earlier,
            sender_id=person.id if person else None,
            place=f"message:{row['row']}",
        )

    def _kind(self, row: Row) -> tuple[str, str | None, str | None]:
        kind = number(row["associated_message_type"]) or 0
        if 2000 <= kind < 4000:
            return "system", "reaction" if kind < 3000 else "reaction_removed", _target(row)
        item = number(row["item_type"]) or 0
        if item == 1:
            added = not number(row["group_action_type"])
            return "system", "member_added" if added else "removed", None
        if item:
            return "system", _ITEMS.get(item, f"item_{item}"), None
        return "text", None, None


def _target(row: Row) -> str:
    return words(row["associated_message_guid"]).rpartition("/")[2].removeprefix("bp:")


def _emoji(row: Row) -> str:
    own = words(row["associated_message_emoji"])
    return own or _TAPBACKS.get((number(row["associated_message_type"]) or 0) % 1000, "?")


def summary_of(raw: object) -> dict[str, Any]:
    """Read `message_summary_info`, a property list; empty when there is none or it is damaged."""
    if not isinstance(raw, bytes):
        return {}
    try:
        return dict(table(plistlib.loads(raw)))
    except (ValueError, TypeError, OverflowError, RecursionError, KeyError, IndexError):
        return {}
    except plistlib.InvalidFileException:
        return {}


def versions(summary: dict[str, Any]) -> Iterator[Finding]:
    """Give the earlier wordings of an edited message; the last one is the message itself."""
    for part in table(summary.get("ec")).values():
        for version in items(part)[:-1][:50]:
            text = string_of(table(version).get("t"))
            if text:
                params: dict[str, str | int] = {"tekst": text[:2_000]}
                yield Finding("chat.bericht_eerder", params, severity=Severity.INFO)
