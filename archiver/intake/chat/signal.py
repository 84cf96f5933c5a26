"""Reader of the Signal plaintext export: ``main.jsonl`` with ``metadata.json`` and ``files/``.

One JSON object per line: BackupInfo, then frames (account, recipient, chat, chatItem, ...) in the
canonical protobuf-JSON of Signal's backup.proto (int64 as text, bytes as base64, times in
milliseconds since 1970, UTC). The file holds the whole account; each chat becomes a conversation.
Signal leaves messages with a timer out and drops the file of view-once messages, which is said. Key
material in the file is never shown.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from archiver.findings import Finding, Severity
from archiver.intake.chat import derived_zip, exports, media, signal_items
from archiver.intake.chat.json_places import Buffer, load, trouble
from archiver.intake.chat.signal_items import Item
from archiver.intake.chat.values import items, label, number, table, words
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Participant, Record, Span

FORMAT = "signal"
_FRAME = re.compile(rb'\s*\{"(?:account|recipient|chat|chatItem)"')
_SECRETS = ("mediaRootBackupKey", "profileKey", "masterKey", "identityKey")


def _wanted(name: str) -> bool:
    return name.rpartition("/")[2] == "main.jsonl"


def _score_text(data: bytes) -> int:
    first, _, rest = data.partition(b"\n")
    first = first.strip()
    info = first[:1] == b"{" and first[-1:] == b"}" and b'"backupTimeMs"' in first
    if not info or b'"version"' not in first:
        return 0
    return 97 if _FRAME.match(rest[:200]) else 60


def score(head: Head) -> int:
    """Say how sure the bytes make it: a BackupInfo line followed by frames."""
    return _score_text(head.data)


def score_path(path: Path, head: Head) -> int:
    """As `score`, but looks into a zip for ``main.jsonl``."""
    return exports.score(path, head, _wanted, _score_text)


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read an export: per chat one `Conversation`, then its messages in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def member_bytes(path: Path, name: str, context: ParseContext | None = None) -> Iterator[bytes]:
    """Give the bytes of a medium by its `ChatAttachment.path`. InputRefused when absent."""
    return media.member_bytes(path, name, (context or ParseContext()).limits)


def companions(path: Path) -> Iterator[Path]:
    """Give the folder that belongs to ``main.jsonl``: its files."""
    if path.name == "main.jsonl" and (path.parent / "files").is_dir():
        yield path.parent / "files"


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    first = 0
    for source in exports.texts(path, context, _wanted):
        export = _Export(source)
        chats = export.chats()
        yield from exports.conversations(source, FORMAT, chats, first)
        first += len(chats)


@dataclass(slots=True)
class _Export:
    """One ``main.jsonl``: who and which chats, and where the items of each chat stand."""

    source: exports.Text
    people: dict[str, Participant] = field(default_factory=dict)
    groups: dict[str, str | None] = field(default_factory=dict)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)  # ACI -> recipient
    chat_of: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    places: dict[str, array[int]] = field(default_factory=dict)
    frame: list[tuple[str, Span]] = field(default_factory=list)
    secrets: bool = False
    shelf: dict[str, ChatAttachment] = field(default_factory=dict)
    me: Mapping[str, Any] = field(default_factory=dict)

    def chats(self) -> list[exports.Chat]:
        """Read every line once and give the chats that hold messages."""
        for start, end, raw in lines(self.source.text.buffer):
            value, how = load(raw)
            frame = table(value)
            if "chatItem" in frame:
                key = label(table(frame["chatItem"]).get("chatId")) or ""
                self.places.setdefault(key, array("Q")).extend((start, end))
                continue
            self._skip(
                "onleesbaar" if how == "onleesbaar" else next(iter(frame), "leeg"), start, end
            )
            self._learn(frame, raw)
        self._shelve()
        found = [self._chat(key) for key in self.places]
        if found:
            found[0].skipped = tuple(self.frame)
            found[0].findings += self._said()
        return found

    def _skip(self, name: str, start: int, end: int) -> None:
        name = exports.skip_name(name)
        if self.frame and self.frame[-1][0] == name and self.frame[-1][1].end == start:
            self.frame[-1] = (name, Span(self.frame[-1][1].start, end))
        else:
            self.frame.append((name, Span(start, end)))

    def _learn(self, frame: Mapping[str, Any], raw: bytes) -> None:
        self.secrets = self.secrets or any(f'"{s}"'.encode() in raw for s in _SECRETS)
        if "account" in frame:
            self.me = table(frame["account"])
        elif "chat" in frame:
            chat = table(frame["chat"])
            self.chat_of[label(chat.get("id")) or ""] = chat
        elif "recipient" in frame:
            self._recipient(table(frame["recipient"]))

    def _recipient(self, recipient: Mapping[str, Any]) -> None:
        key = label(recipient.get("id")) or ""
        if "group" in recipient:
            snapshot = table(table(recipient["group"]).get("snapshot"))
            self.groups[key] = words(table(snapshot.get("title")).get("title")) or None
            users = (_account(table(m).get("userId")) for m in items(snapshot.get("members")))
            self.members[key] = tuple(user for user in users if user)
            return
        self.people[key] = person = _person(key, recipient, self.me)
        self.accounts[person.id] = key

    def _chat(self, key: str) -> exports.Chat:
        chat = self.chat_of.get(key, {})
        other = label(chat.get("recipientId")) or ""
        if other in self.groups:
            title, present = self.groups[other], self.members[other]
            people = [self.people[self.accounts[a]] for a in present if a in self.accounts]
        else:
            person = self.people.get(other)
            title = person.name if person else None
            people = [person] if person else []
        found: tuple[Finding, ...] = ()
        if number(chat.get("expirationTimerMs")):
            found = (Finding("chat.timer_aan", {"aantal": 1}, self.source.place),)
        return exports.Chat(
            title, lambda identity: self._messages(identity, key), tuple(people), (), found
        )

    def _messages(self, identity: str, key: str) -> Iterator[ChatMessage]:
        places, buffer = self.places[key], self.source.text.buffer
        for index in range(len(places) // 2):
            span = Span(places[2 * index], places[2 * index + 1])
            value, how = load(buffer[span.start : span.end])
            item = Item(table(table(value).get("chatItem")), self.name, self.medium)
            yield signal_items.message(identity, index, span, item, trouble(how))

    def name(self, recipient: object) -> Participant | None:
        """Give the person behind a recipient number."""
        key = label(recipient)
        if key is None:
            return None
        title = self.groups.get(key)
        return Participant(f"group:{key}", title) if title else self.people.get(key)

    def medium(self, pointer: Mapping[str, Any], fallback: str) -> ChatAttachment:
        """Find the file of an attachment by the hash of its content, else by its name."""
        name = words(pointer.get("fileName")) or fallback
        media_type = words(pointer.get("contentType")) or None
        digest = _bytes(table(pointer.get("locatorInfo")).get("plaintextHash"))
        found = self.shelf.get(digest.hex()) if digest else None
        if found is None:
            found = next((m for m in self.shelf.values() if m.name == name), None)
        if found is None:
            because = "not_in_export"
            return ChatAttachment(name, False, None, None, media_type, absent_because=because)
        match = "hash" if digest and found.sha256 == digest.hex() else "exact"
        return ChatAttachment(
            name, True, match, found.path, media_type or found.media_type, found.size, found.sha256
        )

    def _shelve(self) -> None:
        if self.source.member is not None:
            found = self.source.shelf.by_name.values()
            self.shelf = {m.sha256: m for m in found if m.sha256}
            return
        root = self.source.path.parent
        limit = self.source.context.limits.zip_members
        for entry in islice((root / "files").rglob("*"), limit):
            medium = self.source.shelf.find(entry.relative_to(root).as_posix())
            if medium.present and medium.sha256:
                self.shelf[medium.sha256] = medium

    def _said(self) -> tuple[Finding, ...]:
        place = self.source.place
        said = []
        if derived_zip.origin_of(self.source.path) is None:  # a backup has what its own rules keep
            said.append(Finding("chat.signal_zonder_timer", {}, place))
        if self.secrets:
            said.append(Finding("chat.signal_sleutels", {}, place))
        broken = sum(name == "onleesbaar" for name, _ in self.frame)
        if broken:
            said.append(
                Finding("chat.regels_onleesbaar", {"aantal": broken}, place, Severity.LET_OP)
            )
        return (*said, *exports.beside(self.source, companions(self.source.path)))


def lines(buffer: Buffer) -> Iterator[tuple[int, int, bytes]]:
    """Give every line of a text: start, end and the bytes with the line end."""
    at, size = 0, len(buffer)
    while at < size:
        end = buffer.find(b"\n", at) + 1 or size
        yield at, end, buffer[at:end]
        at = end


def _person(key: str, recipient: Mapping[str, Any], me: Mapping[str, Any]) -> Participant:
    contact = table(recipient.get("contact"))
    if "self" in recipient:
        name = _full(me, "givenName", "familyName") or words(me.get("username"))
        return Participant(f"self:{key}", name or "self")
    if "releaseNotes" in recipient:
        return Participant(f"release:{key}", "Signal")
    if "distributionList" in recipient:
        listed = table(table(recipient["distributionList"]).get("distributionList"))
        return Participant(f"list:{key}", words(listed.get("name")) or f"list {key}")
    if "callLink" in recipient:
        title = words(table(recipient["callLink"]).get("name"))
        return Participant(f"call:{key}", title or f"call {key}")
    phone = number(contact.get("e164"))
    identity = _account(contact.get("aci")) or _account(contact.get("pni"))
    names = (
        _full(table(contact.get("nickname")), "given", "family"),
        _full(contact, "systemGivenName", "systemFamilyName"),
        _full(contact, "profileGivenName", "profileFamilyName"),
        words(contact.get("username")),
        f"+{phone}" if phone else "",
        identity or "",
    )
    name = next((n for n in names if n), f"recipient {key}")
    return Participant(identity or (f"+{phone}" if phone else f"recipient:{key}"), name)


def _full(holder: Mapping[str, Any], given: str, family: str) -> str:
    return " ".join(n for n in (words(holder.get(given)), words(holder.get(family))) if n)


def _bytes(value: object) -> bytes | None:
    try:
        return base64.b64decode(words(value), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _account(value: object) -> str | None:
    raw = _bytes(value)
    return str(uuid.UUID(bytes=raw)) if raw is not None and len(raw) == 16 else None
