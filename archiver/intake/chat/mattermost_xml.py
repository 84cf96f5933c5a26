"""Reader of the Actiance XML that the compliance export of Mattermost writes.

``FileDump`` holds a ``Conversation`` per room, with who entered and left, messages and files. Times
are milliseconds since 1970, UTC. Every event is kept, also entering and leaving.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from archiver.intake.chat import exports, media
from archiver.intake.chat.json_places import trouble
from archiver.intake.chat.values import number, utc
from archiver.intake.chat.xml_places import Cut, cut
from archiver.intake.chat.xml_places import parse as parse_xml
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Participant, Record, Span

FORMAT = "mattermost-actiance"
PLATFORM = "mattermost"
_EVENTS = (
    "ParticipantEntered",
    "ParticipantLeft",
    "Message",
    "FileTransferStarted",
    "FileTransferEnded",
    "History",
)
_SYSTEM = {"ParticipantEntered": "joined", "ParticipantLeft": "left", "History": "history"}


def score(head: Head) -> int:
    """Say how sure the bytes make it: a FileDump with conversations."""
    dump = b"<FileDump" in head.data[:2_000]
    return 96 if dump and b"<Conversation" in head.data and b"<RoomID>" in head.data else 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read a file: per room a `Conversation`, then its events in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def member_bytes(path: Path, name: str, context: ParseContext | None = None) -> Iterator[bytes]:
    """Give the bytes of a medium by its `ChatAttachment.path`. InputRefused when absent."""
    return media.member_bytes(path, name, (context or ParseContext()).limits)


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    for source in exports.texts(path, context, lambda name: name.endswith(".xml")):
        found = cut(source.text.buffer, _EVENTS, "Conversation")
        chats = [_chat(source, found, group) for group in found.groups]
        if chats:
            chats[0].skipped = found.around()
        yield from exports.conversations(source, PLATFORM, chats, format=FORMAT)


def _chat(source: exports.Text, found: Cut, group: int) -> exports.Chat:
    head, _ = parse_xml(found.heads.get(group, b"") + b"</Conversation>")
    title = head.get("Perspective") if head is not None else None

    def read(identity: str) -> Iterator[ChatMessage]:
        for index, span in enumerate(found.spans(group)):
            yield _message(source, identity, index, span, f"#/Conversation[{group}]")

    return exports.Chat(title, read, _people(source, found, group), forward=False)


def _people(source: exports.Text, found: Cut, group: int) -> tuple[Participant, ...]:
    seen: dict[str, Participant] = {}
    for span in found.spans(group):
        node, _ = parse_xml(source.text.buffer[span.start : span.end])
        who = (node.findtext("LoginName") if node is not None else None) or ""
        if who and len(seen) < exports.MAX_PEOPLE:
            seen.setdefault(who, Participant(who, who))
    return tuple(seen.values())


def _message(
    source: exports.Text, identity: str, index: int, span: Span, place: str
) -> ChatMessage:
    node, how = parse_xml(source.text.buffer[span.start : span.end])
    place = f"{place}/{index + 1}"
    if node is None:
        return ChatMessage(
            identity, index, span, type="unknown", findings=trouble(how), place=place
        )
    tag = str(node.tag)
    who = node.findtext("LoginName")
    raw = node.findtext("DateTimeUTC")
    sent = utc(number(raw))
    name = node.findtext("UserFileName")
    files: tuple[ChatAttachment, ...] = ()
    kind = "system" if tag in _SYSTEM else "text"
    if name and tag == "FileTransferStarted":
        kind, found = "media", source.shelf.find(node.findtext("FileName") or name)
        missing = ChatAttachment(name, False, absent_because="not_in_export")
        files = (found if found.present else missing,)
    elif tag == "FileTransferEnded":
        kind = "system"
    return ChatMessage(
        identity,
        index,
        span,
        sender=who,
        sent=sent,
        sent_raw=raw,
        precision="millisecond" if sent else None,
        text=node.findtext("Content") or (name if kind == "system" else None),
        type=kind,
        system=_SYSTEM.get(tag, "file_sent") if kind == "system" else None,
        attachments=files,
        findings=trouble(how),
        sender_id=who,
        place=place,
    )
