"""Reader of a Slack export: a zip with ``users.json``, ``channels.json`` and a folder per channel.

Each folder holds one JSON array per day. ``ts`` is a decimal text that is both the time (seconds
since 1970, UTC) and the identity of a message; it is never read as a floating number. Files are
links with a token that expires, so they are absent. A standard export holds public channels only.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake.chat import exports, media
from archiver.intake.chat.export_text import ExportText
from archiver.intake.chat.json_places import Document, cut, load, trouble
from archiver.intake.chat.values import items, label, number, table, text_of, utc_seconds, words
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Participant, Record, Span

FORMAT = "slack"
_DAY = re.compile(r"(?:(.*)/)?([^/]+)/(\d{4}-\d\d-\d\d)\.json")
_LISTS = ("channels.json", "groups.json", "dms.json", "mpims.json")
_SYSTEM = {
    "channel_join": "joined",
    "group_join": "joined",
    "channel_leave": "left",
    "group_leave": "left",
    "channel_name": "subject",
    "group_name": "subject",
    "channel_topic": "topic",
    "channel_purpose": "description",
    "group_topic": "topic",
    "group_purpose": "description",
    "channel_archive": "archived",
    "pinned_item": "pinned",
    "bot_add": "bot_added",
}
_MENTION = re.compile(r"<([@#!])([^>|]*)(?:\|([^>]*))?>")
_LINK = re.compile(r"<((?:https?|mailto|tel):[^>|]*)(?:\|([^>]*))?>")


def score(head: Head) -> int:
    """A Slack export is a zip; its first bytes alone do not tell."""
    return 0


def score_path(path: Path, head: Head) -> int:
    """Look into a zip for the list of users, a list of channels and a day of messages."""
    if head.data[:4] != exports.ZIP:
        return 0
    try:
        with media.open_zip(path, ParseContext().limits) as archive:
            names = [m.filename for m in archive.infolist()]
    except InputRefused:
        return 0
    last = {name.rpartition("/")[2] for name in names}
    days = any(_DAY.fullmatch(name) for name in names)
    return 95 if "users.json" in last and last & set(_LISTS) and days else 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read an export: per channel a `Conversation`, then its messages day by day."""
    return exports.guarded(path, lambda: _parse(path, context))


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    with media.open_export(path, context.limits) as archive:
        digest = exports.file_hash(path)
        export = _Export(archive, context)
        for index, (folder, days) in enumerate(export.folders().items()):
            shelf = media.Shelf({})
            first = exports.member_text(archive, archive.getinfo(days[0]))
            source = exports.Text(path, days[0], first, shelf, digest, context)
            chat = export.chat(folder, days, with_lists=index == 0)
            yield from exports.conversations(source, FORMAT, [chat], index)


@dataclass(slots=True)
class _Export:
    """The zip, and what its lists say about people and channels."""

    archive: zipfile.ZipFile
    context: ParseContext
    people: dict[str, Participant] = field(default_factory=dict)
    channels: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    lists: list[zipfile.ZipInfo] = field(default_factory=list)

    def folders(self) -> dict[str, list[str]]:
        """Read the lists and give the days of every folder, in order."""
        found: dict[str, list[str]] = {}
        for member in self.archive.infolist():
            if not media.usable(member) or not member.filename.endswith(".json"):
                continue
            day = _DAY.fullmatch(member.filename)
            if day:
                found.setdefault(day[2], []).append(member.filename)
            else:
                self.lists.append(member)
                self._learn(member)
        return {folder: sorted(days) for folder, days in found.items()}

    def _learn(self, member: zipfile.ZipInfo) -> None:
        name = member.filename.rpartition("/")[2]
        if name != "users.json" and name not in _LISTS:
            return
        text = self._text(member.filename)
        for one in items(load(text.buffer[:])[0]):
            data = table(one)
            key = label(data.get("id")) or ""
            if name == "users.json":
                self.people[key] = Participant(key, _name(data) or key)
            else:
                self.channels[label(data.get("name")) or key] = data
                self.channels.setdefault(key, data)

    def _text(self, name: str) -> ExportText:
        return exports.member_text(self.archive, self.archive.getinfo(name))

    def chat(self, folder: str, days: list[str], with_lists: bool) -> exports.Chat:
        """Give one channel; the first one also takes the bytes of the lists."""
        channel = self.channels.get(folder, {})
        users = [label(m) or "" for m in items(channel.get("members"))]
        members = tuple(self.people[u] for u in users if u in self.people)
        skipped: list[tuple[str, Span]] = []
        findings: tuple[Finding, ...] = ()
        for day in days:
            document = cut(self._text(day).buffer, ((None,),))
            skipped += [(f"{day}#{name}", span) for name, span in document.around()]
            if not document.whole:
                findings += (Finding("chat.export_onvolledig", {}, day),)
        if with_lists:
            sizes = ((m.filename, m.file_size) for m in self.lists)
            skipped += [(f"{name}#list", Span(0, size)) for name, size in sizes]
        title = folder
        if "name" not in channel and members:
            title = ", ".join(p.name for p in members)
        return exports.Chat(
            title,
            lambda identity: self._messages(identity, days),
            members,
            tuple(skipped),
            findings[:100],
            member=days[0],
        )

    def _messages(self, identity: str, days: list[str]) -> Iterator[ChatMessage]:
        index = 0
        for day in days:
            document = cut(self._text(day).buffer, ((None,),))
            for where, span in _elements(document):
                value, how = load(document.buffer[span.start : span.end])
                place = f"{day}#/{where}"
                yield self._message(identity, index, span, table(value), trouble(how), place)
                index += 1

    def _message(
        self,
        identity: str,
        index: int,
        span: Span,
        data: Mapping[str, Any],
        findings: tuple[Finding, ...],
        place: str,
    ) -> ChatMessage:
        subtype = words(data.get("subtype"))
        who, name = self._who(data)
        raw = text_of(data.get("text"))
        files = tuple(_files(data))
        system = _SYSTEM.get(subtype)
        kind = "system" if system else "media" if files and not raw else "text"
        if data.get("type", "message") != "message":
            kind = "unknown"
        ts, thread = text_of(data.get("ts")), text_of(data.get("thread_ts"))
        text = self.plain(raw) if raw is not None else None
        if raw is not None and text != raw:
            params: dict[str, str | int] = {"tekst": raw[:2_000]}
            findings += (Finding("chat.bericht_opmaak", params, severity=Severity.INFO),)
        return ChatMessage(
            identity,
            index,
            span,
            id=ts,
            sender=name,
            sent=utc_seconds(number((ts or "").partition(".")[0])),
            sent_raw=ts,
            precision="second" if ts else None,
            text=text,
            type=kind,
            system=system,
            attachments=files,
            reply_to=thread if thread != ts else None,
            edited=True if table(data.get("edited")) else None,
            deleted=True if subtype == "tombstone" else None,
            reactions=tuple(self._reactions(data)),
            findings=findings,
            sender_id=who,
            place=place,
        )

    def _who(self, data: Mapping[str, Any]) -> tuple[str | None, str | None]:
        comment = table(data.get("comment"))
        who = label(data.get("user")) or label(comment.get("user")) or label(data.get("bot_id"))
        known = self.people.get(who or "")
        own = _name({"profile": data.get("user_profile")})
        name = words(data.get("username")) or (known.name if known else own)
        return who, name or who

    def plain(self, text: str) -> str:
        """Write mentions and links as people read them; ``<@U123>`` becomes ``@Name``."""

        def mention(found: re.Match[str]) -> str:
            known = self.people.get(found[2])
            mark = "@" if found[1] == "!" else found[1]
            return mark + (found[3] or (known.name if known else found[2]))

        text = _MENTION.sub(mention, text)
        text = _LINK.sub(lambda m: f"{m[2]} ({m[1]})" if m[2] else m[1], text)
        return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

    def _reactions(self, data: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
        for one in (table(r) for r in items(data.get("reactions"))):
            for user in items(one.get("users")):
                known = self.people.get(label(user) or "")
                yield {
                    "emoji": words(one.get("name")),
                    "sender": known.name if known else label(user) or "",
                }


def _elements(document: Document) -> Iterator[tuple[int, Span]]:
    return enumerate(document.spans(()))


def _name(data: Mapping[str, Any]) -> str:
    profile = table(data.get("profile"))
    for holder, key in ((profile, "display_name"), (profile, "real_name"), (data, "real_name")):
        if name := words(holder.get(key)):
            return name
    return words(data.get("name"))


def _files(data: Mapping[str, Any]) -> Iterator[ChatAttachment]:
    found = (
        items(data.get("files")) or [data["file"]] if "file" in data else items(data.get("files"))
    )
    for one in (table(f) for f in found):
        name = words(one.get("name")) or words(one.get("title")) or label(one.get("id")) or ""
        gone = words(one.get("mode")) in ("tombstone", "hidden_by_limit")
        yield ChatAttachment(
            name,
            False,
            media_type=text_of(one.get("mimetype")),
            size=number(one.get("size")),
            absent_because="deleted" if gone else "expired_link",
        )
