"""Reader of the Mattermost bulk export: JSON Lines of teams, channels, users, posts and replies.

Times (``create_at``) are milliseconds since 1970, UTC. Replies stand inside the line of their post;
they follow it as messages of their own whose `place` says where. Files are paths in the export.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archiver.findings import Finding
from archiver.intake.chat import exports, media
from archiver.intake.chat.json_places import cut_lines, load, trouble
from archiver.intake.chat.values import items, label, number, table, text_of, utc, words
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Participant, Record, Span

FORMAT = "mattermost"
_FIRST = re.compile(rb'\s*\{\s*"type"\s*:\s*"version"\s*,\s*"version"\s*:\s*\d+')
_NEXT = re.compile(
    rb'\s*\{\s*"type"\s*:\s*"(?:role|emoji|scheme|team|channel|user|bot|post|direct_)'
)
_POSTS = ("post", "direct_post")


def _wanted(name: str) -> bool:
    return name.endswith(".jsonl")


def _score_text(data: bytes) -> int:
    first, _, rest = data.partition(b"\n")
    version = _FIRST.match(first[:200])
    return 96 if version and _NEXT.match(rest[:200]) else 0


def score(head: Head) -> int:
    """Say how sure the bytes make it: a version line followed by a line of a known type."""
    return _score_text(head.data)


def score_path(path: Path, head: Head) -> int:
    """As `score`, but looks into a zip for the lines."""
    return exports.score(path, head, _wanted, _score_text)


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read an export: per channel a `Conversation`, then its messages in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def member_bytes(path: Path, name: str, context: ParseContext | None = None) -> Iterator[bytes]:
    """Give the bytes of a medium by its `ChatAttachment.path`. InputRefused when absent."""
    return media.member_bytes(path, name, (context or ParseContext()).limits)


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    first = 0
    for source in exports.texts(path, context, _wanted):
        chats = _Export(source).chats()
        yield from exports.conversations(source, FORMAT, chats, first)
        first += len(chats)


@dataclass(slots=True)
class _Export:
    """What the lines say about people and channels, and where the posts of each channel stand."""

    source: exports.Text
    people: dict[str, Participant] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    places: dict[str, array[int]] = field(default_factory=dict)
    frame: list[tuple[str, Span]] = field(default_factory=list)

    def chats(self) -> list[exports.Chat]:
        """Read every line once and give the channels that hold posts."""
        buffer = self.source.text.buffer
        broken = 0
        for number_of, span in enumerate(cut_lines(buffer).spans(())):
            value, how = load(buffer[span.start : span.end])
            data = table(value)
            kind = words(data.get("type"))
            if kind in _POSTS:
                key = _channel(table(data.get(kind)))
                self.places.setdefault(key, array("Q")).extend((span.start, span.end, number_of))
                continue
            broken += how == "onleesbaar"
            name = "onleesbaar" if how == "onleesbaar" else exports.skip_name(kind or "leeg")
            self.frame.append((name, span))
            self._learn(kind, table(data.get(kind)))
        found = [self._chat(key) for key in self.places]
        if found:
            found[0].skipped = tuple(self.frame)
            if broken:
                place = self.source.place
                said = Finding("chat.regels_onleesbaar", {"aantal": broken}, place)
                found[0].findings = (said,)
        return found

    def _learn(self, kind: str, data: Mapping[str, Any]) -> None:
        if kind == "user":
            key = words(data.get("username"))
            parts = (words(data.get("first_name")), words(data.get("last_name")))
            name = " ".join(p for p in parts if p) or words(data.get("nickname")) or key
            self.people[key] = Participant(key, name)
        elif kind == "channel":
            title = words(data.get("display_name")) or words(data.get("name"))
            self.titles[_channel({"team": data.get("team"), "channel": data.get("name")})] = title

    def _chat(self, key: str) -> exports.Chat:
        members: tuple[Participant, ...] = ()
        title = self.titles.get(key)
        if key.startswith("direct:"):
            names = key.removeprefix("direct:").split(",")
            members = tuple(self.people.get(n, Participant(n, n)) for n in names if n)
            title = ", ".join(p.name for p in members)
        return exports.Chat(title, lambda identity: self._messages(identity, key), members)

    def _messages(self, identity: str, key: str) -> Iterator[ChatMessage]:
        places, buffer = self.places[key], self.source.text.buffer
        index = 0
        for at in range(0, len(places), 3):
            span = Span(places[at], places[at + 1])
            value, how = load(buffer[span.start : span.end])
            kind = words(table(value).get("type"))
            post = table(table(value).get(kind))
            place = f"{self.source.member or ''}#/{places[at + 2]}/{kind}"
            root = f"{words(post.get('user'))}-{number(post.get('create_at'))}"
            yield self._message(identity, index, span, post, trouble(how), place, None)
            index += 1
            inside = Span(span.end, span.end)  # the bytes of the line are those of its post
            for n, reply in enumerate(items(post.get("replies"))):
                where = f"{place}/replies/{n}"
                yield self._message(identity, index, inside, table(reply), (), where, root)
                index += 1

    def _message(
        self,
        identity: str,
        index: int,
        span: Span,
        post: Mapping[str, Any],
        findings: tuple[Finding, ...],
        place: str,
        root: str | None,
    ) -> ChatMessage:
        who = words(post.get("user"))
        known = self.people.get(who)
        created = number(post.get("create_at"))
        text = text_of(post.get("message"))
        files = tuple(self._file(table(a)) for a in items(post.get("attachments")))
        kind = words(post.get("type"))
        shown = (
            "system" if kind.startswith("system_") else "media" if files and not text else "text"
        )
        return ChatMessage(
            identity,
            index,
            span,
            id=f"{who}-{created}" if created else None,
            sender=(known.name if known else who) or None,
            sent=utc(created),
            sent_raw=label(post.get("create_at")),
            precision="millisecond" if utc(created) else None,
            text=text,
            type=shown,
            system=kind.removeprefix("system_") if shown == "system" else None,
            attachments=files,
            reply_to=root,
            edited=True if number(post.get("edit_at")) else None,
            reactions=tuple(self._reactions(post)),
            findings=findings,
            sender_id=who or None,
            place=place,
        )

    def _file(self, data: Mapping[str, Any]) -> ChatAttachment:
        path = words(data.get("path"))
        found = self.source.shelf.find(f"data/{path}")
        found = found if found.present else self.source.shelf.find(path)
        if found.present:
            return found
        return ChatAttachment(path.rpartition("/")[2], False, absent_because="not_in_export")

    def _reactions(self, post: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
        for one in (table(r) for r in items(post.get("reactions"))):
            who = words(one.get("user"))
            known = self.people.get(who)
            found = {"emoji": words(one.get("emoji_name")), "sender": known.name if known else who}
            at = utc(number(one.get("create_at")))
            yield found | ({"sent": at} if at else {})


def _channel(post: Mapping[str, Any]) -> str:
    members = items(post.get("channel_members"))
    if members:
        return "direct:" + ",".join(sorted(words(m) for m in members))
    return f"{words(post.get('team'))}/{words(post.get('channel'))}"
