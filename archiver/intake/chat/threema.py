"""Readers of Threema: ``messages.txt`` of "export chat", and the data backup of Android.

The text has ``[date time] Name: words`` to the minute, in the order of day and month of the phone,
as WhatsApp has; that order comes from evidence or is asked. The backup is a zip (in practice with a
password, then it is sealed) of CSV files: contacts, and per chat the messages with times in
milliseconds since 1970, UTC.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archiver.errors import InputRefused
from archiver.findings import Finding
from archiver.intake.chat import csv_places, exports, media
from archiver.intake.chat.values import number, utc
from archiver.intake.chat.whatsapp_dates import Evidence, clock, day, fields
from archiver.intake.chat.whatsapp_lines import lines
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Participant, Record, Span

FORMAT = "threema"
_HEADER = re.compile(
    rb"^\[\d{1,4}[./-]\d{1,2}[./-]\d{2,4},? \d{1,2}:\d\d(?: [AP]M)?\] [^:\n]+: ", re.M
)
_ANY = re.compile(rb"^\[\d", re.M)
_MEDIUM = re.compile(r"<([0-9a-f]{4,16}-[^<>\n]+)>")
_CHATS = re.compile(r"(group_)?message_([^/.]+)\.csv")
_KINDS = {
    "TEXT": "text",
    "LOCATION": "location",
    "CONTACT": "contact",
    "BALLOT": "poll",
    "VOIP_STATUS": "call",
    "GROUP_CALL_STATUS": "call",
    "STATUS": "system",
    "DATE_SEPARATOR": "system",
    "GROUP_STATUS": "system",
}
_MEDIA = ("IMAGE", "VIDEO", "VOICEMESSAGE", "FILE", "ANIMATED_IMAGE")


def _score_text(data: bytes, name: str) -> int:
    found = list(_HEADER.finditer(data))
    if not found or found[0].start() != 0 or b"\xe2\x80\x8e" in data or b"WhatsApp" in data:
        return 0
    if len(found) < sum(1 for _ in _ANY.finditer(data)):
        return 0
    # WhatsApp on an iPhone looks the same but always writes seconds.
    media_named = _MEDIUM.search(data.decode("utf-8", "replace")) is not None
    return 96 if media_named or name == "messages.txt" else 0


def score(head: Head) -> int:
    """Say how sure the bytes make it: lines to the minute, and media by Threema's names."""
    return _score_text(head.data, head.name.casefold())


def score_path(path: Path, head: Head) -> int:
    """As `score`, but looks into a zip for a text or a backup that is not encrypted."""
    if head.data[:4] != exports.ZIP:
        return score(head)
    try:
        with media.open_zip(path, ParseContext().limits) as archive:
            names = archive.namelist()
            if _backup(names):
                return 0 if any(m.flag_bits & 1 for m in archive.infolist()) else 96
            if "messages.txt" in names:
                first = next(media.chunks(archive, archive.getinfo("messages.txt")), b"")
                return _score_text(first[:65_536], "messages.txt")
    except InputRefused:
        return 0
    return 0


def _backup(names: list[str]) -> bool:
    return "contacts.csv" in names and any(_CHATS.fullmatch(name) for name in names)


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read an export: per chat a `Conversation`, then its messages in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def member_bytes(path: Path, name: str, context: ParseContext | None = None) -> Iterator[bytes]:
    """Give the bytes of a medium by its `ChatAttachment.path`. InputRefused when absent."""
    return media.member_bytes(path, name, (context or ParseContext()).limits)


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    if zipfile.is_zipfile(path):
        with media.open_export(path, context.limits) as archive:
            if _backup(archive.namelist()):
                yield from _Backup(path, archive, context).records()
                return
    for source in exports.texts(path, context, lambda name: name == "messages.txt"):
        chat, known = _text_chat(source)
        yield from exports.conversations(source, FORMAT, [chat], **known)


def _text_chat(source: exports.Text) -> tuple[exports.Chat, dict[str, Any]]:
    buffer = source.text.buffer
    evidence = Evidence()
    for line in lines(buffer, "ios"):
        evidence.see(line.date)
    decision = evidence.decide(None, source.context.answers.get("date_order"))
    order = decision.order
    findings: tuple[Finding, ...] = ()
    if order is None:
        pair = (decision.candidates[0], decision.candidates[1])
        example, raw = evidence.examples.get(pair, (None, ""))
        params: dict[str, str | int] = {"voorbeeld": raw}
        for count, one in enumerate(decision.candidates, 1):
            params[f"lezing_{count}"] = (day(example, one) if example else None) or ""
            params[f"volgorde_{count}"] = one
        findings = (Finding("chat.datumvolgorde_vragen", params, source.place),)

    def read(identity: str) -> Iterator[ChatMessage]:
        for index, line in enumerate(lines(buffer, "ios")):
            found, at = fields(line.date), clock(line.time)
            on = day(found, order) if found else None
            text = buffer[line.body : line.end].decode("utf-8", "replace")
            files = tuple(source.shelf.find(m[1]) for m in _MEDIUM.finditer(text))
            yield ChatMessage(
                identity,
                index,
                Span(line.start, line.stop),
                sender=line.label.decode("utf-8", "replace") if line.label else None,
                sent=on + at[0] if on and at else None,
                sent_raw=b" ".join((line.date, line.time)).decode("utf-8", "replace"),
                precision=at[1] if at else None,
                text=text,
                type="media" if files and not _MEDIUM.sub("", text).strip() else "text",
                attachments=files,
            )

    first = next(lines(buffer, "ios"), None)
    start = first.start if first else len(buffer)
    skipped = (("before_first_message", Span(0, start)),) if start else ()
    known: dict[str, Any] = {
        "date_order": order,
        "date_order_basis": decision.basis,
        "zone_basis": "unknown",
    }
    return exports.Chat(None, read, skipped=skipped, findings=findings), known


@dataclass(slots=True)
class _Backup:
    """A data backup that is not encrypted."""

    path: Path
    archive: zipfile.ZipFile
    context: ParseContext
    people: dict[str, Participant] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    def records(self) -> Iterator[Record]:
        """Give every chat, in the order of the zip."""
        digest = exports.file_hash(self.path)
        members = [m for m in self.archive.infolist() if media.usable(m)]
        for name, identity in (("contacts.csv", "identity_id"), ("groups.csv", "group_uid")):
            for row in self._table(name):
                self._learn(name, row, identity)
        shelf = media.zip_shelf(
            self.archive,
            frozenset(m.filename for m in members if m.filename.endswith(".csv")),
            self.context.limits,
        )
        index = 0
        for member in members:
            named = _CHATS.fullmatch(member.filename)
            if named is None:
                continue
            text = exports.member_text(self.archive, member)
            source = exports.Text(self.path, member.filename, text, shelf, digest, self.context)
            chat = self._chat(source, bool(named[1]), named[2])
            if index == 0 and "owner" not in self.context.answers:
                chat.findings = (Finding("chat.eigenaar_vragen", {}, self.path.name),)
            yield from exports.conversations(source, FORMAT, [chat], index)
            index += 1

    def _table(self, name: str) -> Iterator[dict[str, str]]:
        if name not in self.archive.namelist():
            return
        text = exports.member_text(self.archive, self.archive.getinfo(name))
        found = csv_places.rows(text.buffer)
        _, names = next(found, (None, []))
        for _, cells in found:
            yield dict(zip(names, cells, strict=False))

    def _learn(self, name: str, row: dict[str, str], identity: str) -> None:
        key = row.get(identity, "")
        if name == "groups.csv":
            self.groups[key] = row.get("groupname", "")
            return
        full = " ".join(p for p in (row.get("firstname"), row.get("lastname")) if p)
        shown = full or row.get("nick_name") or row.get("identity") or key
        person = Participant(row.get("identity") or key, shown)
        self.people[key] = self.people[person.id] = person

    def _chat(self, source: exports.Text, group: bool, key: str) -> exports.Chat:
        person = self.people.get(key)
        title = self.groups.get(key) if group else person.name if person else key
        members = (person,) if person and not group else ()
        found = csv_places.rows(source.text.buffer)
        head, names = next(found, (Span(0, 0), []))
        skipped = (("header", head),)
        return exports.Chat(title or None, self._reader(source, names, person), members, skipped)

    def _reader(
        self, source: exports.Text, names: list[str], other: Participant | None
    ) -> Callable[[str], Iterator[ChatMessage]]:
        def read(identity: str) -> Iterator[ChatMessage]:
            rows = csv_places.rows(source.text.buffer)
            next(rows, None)
            for index, (span, cells) in enumerate(rows):
                row = dict(zip(names, cells, strict=False))
                place = f"{source.member}#row={index + 2}"
                yield self._message(source, identity, index, span, row, place, other)

        return read

    def _message(
        self,
        source: exports.Text,
        identity: str,
        index: int,
        span: Span,
        row: dict[str, str],
        place: str,
        other: Participant | None,
    ) -> ChatMessage:
        person = other
        if row.get("isoutbox") == "1":
            person = Participant("self", self.context.answers.get("owner") or "self")
        elif row.get("identity"):
            person = self.people.get(row["identity"], Participant(row["identity"], row["identity"]))
        kind_of = row.get("type", "")
        raw = row.get("posted_at") or row.get("created_at") or ""
        sent = utc(number(raw))
        kind = "media" if kind_of in _MEDIA else _KINDS.get(kind_of, "unknown")
        if row.get("isstatusmessage") == "1":
            kind = "system"
        deleted = bool(number(row.get("deleted_at")))
        text = row.get("caption") or row.get("body") or None
        return ChatMessage(
            identity,
            index,
            span,
            id=row.get("apiid") or None,
            sender=person.name if person else None,
            sent=sent,
            sent_raw=raw or None,
            precision="millisecond" if sent else None,
            text=(row.get("caption") or None) if kind == "media" else text,
            type=kind,
            attachments=tuple(self._files(source, row)) if kind == "media" else (),
            reply_to=row.get("quoted_message_apiid") or None,
            edited=True if number(row.get("edited_at")) else None,
            deleted=True if deleted else None,
            findings=() if row else (Finding("chat.bericht_onleesbaar"),),
            sender_id=person.id if person else None,
            place=place,
        )

    def _files(self, source: exports.Text, row: dict[str, str]) -> Iterator[ChatAttachment]:
        uid = row.get("uid", "")
        for name in (f"message_media_{uid}", f"group_message_media_{uid}"):
            found = source.shelf.find(name)
            if found.present:
                yield found
                return
        yield ChatAttachment(f"message_media_{uid}", False, absent_because="not_in_export")
