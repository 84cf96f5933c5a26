"""Readers of the WhatsApp databases: ``msgstore.db`` of Android and ``ChatStorage.sqlite`` of iPhones.

Android: milliseconds since 1970, UTC; tables `message`, `chat`, `jid` (since 2021) or the older
`messages`. iPhone: seconds since 2001; `ZWAMESSAGE`, `ZWACHATSESSION`, `ZWAGROUPMEMBER`,
`ZWAMEDIAITEM`. A database keeps what a text export loses: identities, replies, states.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archiver.findings import Finding
from archiver.intake.chat import database, exports
from archiver.intake.chat.database import Database, Row
from archiver.intake.chat.values import label, number, text_of, utc, utc_seconds, words
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Participant, Record, Span

FORMAT = "whatsapp-db"
PLATFORM = "whatsapp"
APPLE = 978_307_200
_IOS = (
    "Z_PK",
    "ZCHATSESSION",
    "ZISFROMME",
    "ZFROMJID",
    "ZTEXT",
    "ZMESSAGETYPE",
    "ZMESSAGEDATE",
    "ZSTANZAID",
    "ZGROUPMEMBER",
    "ZMEDIAITEM",
    "ZGROUPEVENTTYPE",
    "ZPARENTMESSAGE",
)
_IOS_MEDIA = (
    "Z_PK",
    "ZMEDIALOCALPATH",
    "ZFILESIZE",
    "ZVCARDSTRING",
    "ZLATITUDE",
    "ZLONGITUDE",
)
_IOS_TYPES = {0: "text", 1: "media", 2: "media", 3: "media", 4: "contact", 5: "location", 7: "text"}
_IOS_TYPES |= {
    6: "system",
    8: "media",
    10: "system",
    11: "media",
    14: "text",
    15: "media",
    59: "call",
}
_NEW = (
    "_id",
    "chat_row_id",
    "from_me",
    "key_id",
    "sender_jid_row_id",
    "timestamp",
    "text_data",
    "message_type",
)
_OLD = (
    "_id",
    "key_remote_jid",
    "key_from_me",
    "key_id",
    "data",
    "timestamp",
    "media_wa_type",
    "media_name",
    "media_mime_type",
    "media_size",
    "media_caption",
    "remote_resource",
    "status",
    "edit_version",
    "latitude",
    "longitude",
)
_ANDROID_TYPES = {0: "text", 1: "media", 2: "media", 3: "media", 4: "contact", 5: "location"}
_ANDROID_TYPES |= {7: "system", 8: "call", 9: "media", 10: "call", 13: "media", 14: "contact"}
_ANDROID_TYPES |= {15: "text", 16: "location", 20: "media", 42: "media", 43: "media", 66: "poll"}
_DELETED = {"ios": 14, "android": 15}


def score(head: Head) -> int:
    """The first bytes say SQLite only; `score_path` looks inside."""
    return 0


def score_path(path: Path, head: Head) -> int:
    """Look for the tables of WhatsApp, in a database or a zip of one."""
    return database.score(
        path,
        head,
        ("ZWAMESSAGE", "ZTEXT", "ZMESSAGEDATE"),
        ("messages", "key_remote_jid", "media_wa_type"),
        ("message", "chat_row_id", "text_data"),
    )


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read a database: per chat a `Conversation`, then its messages in the order of the rows."""
    return database.parse(path, context, _records)


def _records(found: Database) -> Iterator[Record]:
    ios = found.has("ZWAMESSAGE", "ZTEXT")
    chats = _Phone(found).chats() if ios else _Android(found).chats()
    if chats:
        said = list(database.said(found))
        if "owner" not in found.source.context.answers:
            said.append(Finding("chat.eigenaar_vragen", {}, found.source.place))
        chats[0].findings = tuple(said)
    yield from exports.conversations(found.source, PLATFORM, chats, format=FORMAT)


def _me(found: Database) -> Participant:
    return Participant("self", found.source.context.answers.get("owner") or "self")


@dataclass(slots=True)
class _Phone:
    """``ChatStorage.sqlite`` of an iPhone."""

    database: Database
    members: dict[int, Participant] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    files: dict[int, Row] = field(default_factory=dict)

    def chats(self) -> list[exports.Chat]:
        """Give every session that has messages, and one for messages without session."""
        base = self.database
        wanted = ("Z_PK", "ZCONTACTJID", "ZPARTNERNAME")
        sessions = {row["Z_PK"]: row for row in base.rows("ZWACHATSESSION", wanted)}
        for row in sessions.values():
            self.names[words(row["ZCONTACTJID"])] = words(row["ZPARTNERNAME"])
        for row in base.rows("ZWAPROFILEPUSHNAME", ("ZJID", "ZPUSHNAME")):
            if not self.names.get(words(row["ZJID"])):
                self.names[words(row["ZJID"])] = words(row["ZPUSHNAME"])
        for row in base.rows("ZWAGROUPMEMBER", ("Z_PK", "ZMEMBERJID", "ZCONTACTNAME")):
            jid = words(row["ZMEMBERJID"])
            name = words(row["ZCONTACTNAME"]) or self.names.get(jid) or jid
            self.members[row["Z_PK"]] = Participant(jid, name)
        self.files = {row["Z_PK"]: row for row in base.rows("ZWAMEDIAITEM", _IOS_MEDIA)}
        query = "SELECT ZCHATSESSION FROM ZWAMESSAGE GROUP BY 1 ORDER BY MIN(Z_PK)"
        keys = [key for (key,) in base.connection.execute(query).fetchall()]
        return [self._chat(key, sessions.get(key)) for key in keys]

    def _chat(self, key: int | None, session: Row | None) -> exports.Chat:
        where = "WHERE ZCHATSESSION IS ? ORDER BY Z_PK"

        def read(identity: str) -> Iterator[ChatMessage]:
            rows = self.database.rows("ZWAMESSAGE", _IOS, where, key)
            for index, row in enumerate(rows):
                yield self._message(identity, index, row, session or {})

        jid = words((session or {}).get("ZCONTACTJID"))
        columns = ("Z_PK", "ZCHATSESSION")
        group = self.database.rows("ZWAGROUPMEMBER", columns, "WHERE ZCHATSESSION IS ?", key)
        people = tuple(self.members[row["Z_PK"]] for row in group if row["Z_PK"] in self.members)
        if not people and jid and not jid.endswith("@g.us"):
            people = (self._person(jid),)
        title = self.names.get(jid) or jid or None
        return exports.Chat(title, read, people, forward=False)

    def _person(self, jid: str) -> Participant:
        return Participant(jid, self.names.get(jid) or jid)

    def _message(self, identity: str, index: int, row: Row, session: Row) -> ChatMessage:
        kind_of = number(row["ZMESSAGETYPE"]) or 0
        kind = _IOS_TYPES.get(kind_of, "unknown")
        person = self._sender(row, kind)
        seconds = row["ZMESSAGEDATE"]
        known = isinstance(seconds, int | float) and abs(seconds) < 1e11
        if known and seconds == int(seconds):
            sent = utc_seconds(int(seconds) + APPLE)
        else:
            sent = utc(round((seconds + APPLE) * 1000)) if known else None
        files = tuple(self._files(row, kind))
        if kind == "media" and not files:
            files = (ChatAttachment("", False, absent_because="not_in_export"),)
        system = None
        if kind == "system":
            system = f"group_event_{number(row['ZGROUPEVENTTYPE']) or 0}"
        parent = number(row["ZPARENTMESSAGE"])
        return ChatMessage(
            identity,
            index,
            Span(0, 0),
            id=text_of(row["ZSTANZAID"]) or str(row["Z_PK"]),
            sender=person.name if person else None,
            sent=sent,
            sent_raw=str(seconds) if seconds is not None else None,
            precision="second" if sent else None,
            text=text_of(row["ZTEXT"]) or (self._spot(row) if kind == "location" else None),
            type=kind,
            system=system,
            attachments=files,
            reply_to=str(parent) if parent else None,
            deleted=True if kind_of == _DELETED["ios"] else None,
            sender_id=person.id if person else None,
            place=f"ZWAMESSAGE:{row['Z_PK']}",
        )

    def _sender(self, row: Row, kind: str) -> Participant | None:
        if number(row["ZISFROMME"]):
            return _me(self.database)
        member = self.members.get(number(row["ZGROUPMEMBER"]) or -1)
        if member is not None:
            return member
        jid = words(row["ZFROMJID"])
        return None if kind == "system" or not jid or jid.endswith("@g.us") else self._person(jid)

    def _spot(self, row: Row) -> str | None:
        item = self.files.get(number(row["ZMEDIAITEM"]) or -1)
        return f"{item['ZLATITUDE']}, {item['ZLONGITUDE']}" if item else None

    def _files(self, row: Row, kind: str) -> Iterator[ChatAttachment]:
        item = self.files.get(number(row["ZMEDIAITEM"]) or -1)
        path = words(item["ZMEDIALOCALPATH"]) if item else ""
        if not item or not path:
            return
        for place in (f"Message/{path}", path):
            found = self.database.source.shelf.find(place)
            if found.present:
                yield found
                return
        name, size = path.rpartition("/")[2], number(item["ZFILESIZE"])
        media_type = text_of(item["ZVCARDSTRING"])
        yield ChatAttachment(
            name, False, None, None, media_type, size, absent_because="not_in_export"
        )


@dataclass(slots=True)
class _Android:
    """``msgstore.db`` of Android, in its newer or older form; both are read when both hold rows."""

    database: Database
    jids: dict[int, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)

    def chats(self) -> list[exports.Chat]:
        """Give the chats of the newer table, then those of the older."""
        base = self.database
        for row in base.rows("jid", ("_id", "user", "server", "raw_string")):
            jid = words(row["raw_string"]) or f"{words(row['user'])}@{words(row['server'])}"
            self.jids[row["_id"]] = jid
        chats = {row["_id"]: row for row in base.rows("chat", ("_id", "jid_row_id", "subject"))}
        found: list[exports.Chat] = []
        for key in self._keys("message", "chat_row_id", "chat_row_id <> -1"):
            chat = chats.get(key, {})
            jid = self.jids.get(number(chat.get("jid_row_id")) or -1, "")
            title = words(chat.get("subject")) or jid or None
            found.append(self._chat("message", _NEW, "chat_row_id", key, title, jid))
        for row in base.rows("chat_list", ("key_remote_jid", "subject")):
            self.titles[words(row["key_remote_jid"])] = words(row["subject"])
        for key in self._keys("messages", "key_remote_jid", "key_remote_jid <> '-1'"):
            title = self.titles.get(words(key)) or words(key) or None
            found.append(self._chat("messages", _OLD, "key_remote_jid", key, title, words(key)))
        return found

    def _keys(self, table: str, column: str, where: str) -> list[Any]:
        if not self.database.has(table, column):
            return []
        # Row 1 of either table is a placeholder that WhatsApp makes itself (chat -1).
        query = f"SELECT {column} FROM {table} WHERE {where} GROUP BY 1 ORDER BY MIN(_id)"
        return [key for (key,) in self.database.connection.execute(query).fetchall()]

    def _chat(
        self, table: str, columns: tuple[str, ...], by: str, key: Any, title: str | None, jid: str
    ) -> exports.Chat:
        def read(identity: str) -> Iterator[ChatMessage]:
            rows = self.database.rows(table, columns, f"WHERE {by} IS ? ORDER BY _id", key)
            make = self._new if table == "message" else self._old
            for index, row in enumerate(rows):
                yield make(identity, index, row, jid)

        people = (Participant(jid, title or jid),) if jid.endswith("@s.whatsapp.net") else ()
        return exports.Chat(title, read, people, forward=False)

    def _new(self, identity: str, index: int, row: Row, jid: str) -> ChatMessage:
        sender = self.jids.get(number(row["sender_jid_row_id"]) or -1, "") or jid
        kind = number(row["message_type"]) or 0
        files: tuple[ChatAttachment, ...] = ()
        if self.database.has("message_media", "message_row_id"):
            columns = ("file_path", "mime_type", "file_size", "media_name")
            rest = "WHERE message_row_id = ?"
            found = self.database.rows("message_media", columns, rest, row["_id"])
            files = tuple(
                self._file(m["file_path"], m["media_name"], m["mime_type"], m["file_size"])
                for m in found
            )
        return self._message(
            identity, index, row, "message", row["from_me"], sender, kind, row["text_data"], files
        )

    def _old(self, identity: str, index: int, row: Row, jid: str) -> ChatMessage:
        sender = words(row["remote_resource"]) or jid
        kind = number(row["media_wa_type"]) or 0
        if number(row["status"]) == 6:
            kind = 7  # an event of the group
        text = text_of(row["data"]) or text_of(row["media_caption"])
        files: tuple[ChatAttachment, ...] = ()
        if _ANDROID_TYPES.get(kind) == "media":
            name, kind_of = row["media_name"], row["media_mime_type"]
            files = (self._file(None, name, kind_of, row["media_size"]),)
        return self._message(
            identity, index, row, "messages", row["key_from_me"], sender, kind, text, files
        )

    def _file(self, path: Any, name: Any, media_type: Any, size: Any) -> ChatAttachment:
        place = words(path)
        if place:
            found = self.database.source.shelf.find(place)
            if found.present:
                return found
        shown = words(name) or place.rpartition("/")[2]
        return ChatAttachment(
            shown,
            False,
            None,
            None,
            text_of(media_type),
            number(size),
            absent_because="not_in_export",
        )

    def _message(
        self,
        identity: str,
        index: int,
        row: Row,
        table: str,
        mine: Any,
        sender: str,
        kind_of: int,
        text: Any,
        files: tuple[ChatAttachment, ...],
    ) -> ChatMessage:
        kind = _ANDROID_TYPES.get(kind_of, "unknown")
        person = _me(self.database) if number(mine) else Participant(sender, sender)
        shown = person if person.id and not person.id.endswith("@g.us") else None
        sent = utc(number(row["timestamp"]))
        return ChatMessage(
            identity,
            index,
            Span(0, 0),
            id=text_of(row["key_id"]),
            sender=shown.name if shown else None,
            sent=sent,
            sent_raw=label(row["timestamp"]),
            precision="millisecond" if sent else None,
            text=text_of(text),
            type=kind,
            system=f"type_{kind_of}" if kind in ("system", "call") else None,
            attachments=files,
            deleted=True if kind_of == _DELETED["android"] else None,
            sender_id=shown.id if shown else None,
            place=f"{table}:{row['_id']}",
        )
